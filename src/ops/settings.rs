//! `commerce.settings`: what a store decides for itself.

use super::{
    answer::{Answer, word_answer},
    catalog::{Decimal, Timezone, Version},
    customer::{Address, AddressInput},
    param::{Items, Text, Whole, checked, string, text_param, words},
    read::{Param, Path, answer, input},
    shape::Type,
};
use crate::{
    domain::{
        Problem,
        calendar::Basis,
        country::Country,
        currency::Currency,
        customer::Patch,
        decimal::Percent,
        email::Email,
        id::{ProductId, SettingsId},
        instant::Instant,
        pricing::tax::MAX_RATES,
        settings::{
            self, BILLING_DAY, CancelDefault, ChangeWhen, DORMANCY_MONTHS, END_DAY, EVENT_RETENTION_DAYS, FirstPeriod,
            GiveBack, INCOMPLETE_HOURS, IntervalSwitch, MAX_DAYS, MAX_NAME_CHARACTERS, MAX_NUMBER_CHARACTERS,
            MAX_ORIGINS, NOTICE_BEFORE_PAYMENT_DAYS, PAST_DUE_GRACE_DAYS, PausePolicy, RETRY_DAY, RecoveredPeriod,
            RecoveryEnd, RetryEnd, STOCK_HOLD_MINUTES, TerminationDay, TimeOfDay, TrialEnd,
        },
        url,
        words::Locale,
    },
    error::Result,
};

type BillingDay = Whole<{ BILLING_DAY.0 }, { BILLING_DAY.1 }>;
type StockHold = Whole<{ STOCK_HOLD_MINUTES.0 }, { STOCK_HOLD_MINUTES.1 }>;
type EventRetention = Whole<{ EVENT_RETENTION_DAYS.0 }, { EVENT_RETENTION_DAYS.1 }>;
type RetryDays = Items<Whole<{ RETRY_DAY.0 }, { RETRY_DAY.1 }>, MAX_DAYS>;
type PastDueGrace = Whole<{ PAST_DUE_GRACE_DAYS.0 }, { PAST_DUE_GRACE_DAYS.1 }>;
type Incomplete = Whole<{ INCOMPLETE_HOURS.0 }, { INCOMPLETE_HOURS.1 }>;
type Notice = Whole<{ NOTICE_BEFORE_PAYMENT_DAYS.0 }, { NOTICE_BEFORE_PAYMENT_DAYS.1 }>;
type Dormancy = Whole<{ DORMANCY_MONTHS.0 }, { DORMANCY_MONTHS.1 }>;
type Stages = Items<Whole<0, { END_DAY.1 }>, MAX_DAYS>;
type EndDay = Whole<{ END_DAY.0 }, { END_DAY.1 }>;
type Name = Text<MAX_NAME_CHARACTERS>;
type Number = Text<MAX_NUMBER_CHARACTERS>;

/// The address of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageUrl(pub String);

/// An origin as browsers write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(pub String);

/// A colour in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Color(pub String);

impl PageUrl {
    fn parse(given: &str) -> std::result::Result<Self, Problem> {
        url::checked(given).map(Self)
    }
}

impl Origin {
    fn parse(given: &str) -> std::result::Result<Self, Problem> {
        url::origin(given).map(Self)
    }
}

impl Color {
    fn parse(given: &str) -> std::result::Result<Self, Problem> {
        settings::color(given).map(Self)
    }
}

text_param! {
    PageUrl => Type::Text(url::MAX_CHARACTERS), PageUrl::parse;
    Origin => Type::Text(url::MAX_CHARACTERS), Origin::parse;
    Color => Type::Text(7), Color::parse;
    TimeOfDay => Type::Text(5), TimeOfDay::parse;
}

words! {
    Basis { "day" => Basis::Day, "second" => Basis::Second, "none" => Basis::None }
}

/// Policies as members of inputs and answers, by the words that the domain has.
macro_rules! policies {
    ($($type:ty)*) => {$(
        impl Param for $type {
            const TYPE: Type = Type::Enum(<$type>::WORDS);
            fn read(value: serde_json::Value, at: &Path<'_>) -> Result<Self> {
                let given = string(value, at)?.to_ascii_lowercase();
                let refused = || Problem::new(format!("must be one of: {}", <$type>::WORDS.join(" ")));
                checked(at, <$type>::from_name(&given).ok_or_else(refused))
            }
        }

        impl Answer for $type {
            const TYPE: Type = Type::Enum(<$type>::WORDS);
        }
    )*};
}

policies! {
    ChangeWhen IntervalSwitch FirstPeriod TerminationDay CancelDefault GiveBack RecoveredPeriod TrialEnd RetryEnd
    PausePolicy RecoveryEnd
}

word_answer! {
    /// `'settings'`.
    SettingsWord => "settings";
    /// A language.
    LocaleWord => "en" "ko";
    /// How parts of a period are paid.
    ProrationWord => "day" "second" "none";
}

input! {
    /// Nothing.
    pub struct SettingsGetParams {}
}

input! {
    /// A tax rate, and what it is for.
    pub struct TaxRateInput {
        /// What people read, such as `VAT`.
        "name" name: Text<100>,
        /// Above 0 and at most 100.
        "percent" percent: Percent,
        /// Only customers in this country; all, when left out.
        "country" country: Option<Country>,
        /// Only this product; all, when left out.
        "productId" product_id: Option<ProductId>,
    }
}

input! {
    /// How a store taxes. Replaced as a whole: what is left out has its default.
    pub struct TaxInput {
        /// Whether prices contain their taxes; otherwise, and by default, these come on top.
        "inclusive" inclusive: Option<bool>,
        /// The rates; those that apply to a line apply to its net, not to each other.
        "rates" rates: Option<Items<TaxRateInput, MAX_RATES>>,
    }
}

input! {
    /// A part of the day on the clocks of the store's zone; over midnight where `from` is later than `to`.
    pub struct QuietHoursInput {
        /// From then on: `HH:MM`.
        "from" from: TimeOfDay,
        /// Until then: `HH:MM`.
        "to" to: TimeOfDay,
    }
}

input! {
    /// Messages after a failed payment. Replaced as a whole: what is left out has its default.
    pub struct RecoveryInput {
        /// Whether failed renewals start one; off by default.
        "enabled" enabled: Option<bool>,
        /// Days of the messages after the failure, which is day 0: ascending, before `endDay`, at most 20; by default 0, 3,
        /// 5 and 7.
        "stages" stages: Option<Stages>,
        /// The day on which it ends: 1 to 365; 11 by default.
        "endDay" end_day: Option<EndDay>,
        /// What happens then; `'pause'` by default.
        "end" end: Option<RecoveryEnd>,
        /// Your own page, which messages lead to; ours by default.
        "pageUrl" page_url: Option<PageUrl>,
        /// When no message goes out; by default they go out at any hour.
        "quietHours" quiet_hours: Option<QuietHoursInput>,
    }
}

input! {
    /// Who sells, for mails, invoices and pages. Replaced as a whole.
    pub struct BusinessInput {
        /// The name in trade.
        "name" name: Option<Name>,
        /// Whoever stands for it.
        "representative" representative: Option<Name>,
        /// Number of the business registration, at most 40 characters.
        "businessNumber" business_number: Option<Number>,
        /// Number of the mail-order registration, at most 40 characters.
        "mailOrderNumber" mail_order_number: Option<Number>,
        /// Where customers ask.
        "email" email: Option<Email>,
        /// Where customers call: any text of at most 40 characters.
        "phone" phone: Option<Number>,
        /// Postal address.
        "address" address: Option<AddressInput>,
        /// The site.
        "url" url: Option<PageUrl>,
        /// The terms of service.
        "termsUrl" terms_url: Option<PageUrl>,
        /// The privacy policy.
        "privacyUrl" privacy_url: Option<PageUrl>,
    }
}

input! {
    /// How pages and mails look. Replaced as a whole.
    pub struct BrandingInput {
        /// A picture of the name.
        "logoUrl" logo_url: Option<PageUrl>,
        /// A small square picture.
        "iconUrl" icon_url: Option<PageUrl>,
        /// Colour of buttons and links, such as `#1a73e8`.
        "color" color: Option<Color>,
    }
}

input! {
    /// What to change about the settings; `null` gives a setting its default again.
    pub struct SettingsUpdateParams {
        /// IANA time zone of billing days; `'UTC'` by default. A subscription keeps the zone that it was born with.
        "timezone" timezone: Patch<Timezone>,
        /// ISO 4217 code used where a request names none; `'KRW'` by default.
        "currency" currency: Patch<Currency>,
        /// Language of texts that nobody asked for in another; `'en'` by default.
        "locale" locale: Patch<Locale>,
        /// How parts of a period are paid: by whole days (`'day'`, the default), by time (`'second'`), or not at all
        /// (`'none'`).
        "proration" proration: Patch<Basis>,
        /// When a change to a dearer plan happens; `'immediate'` by default.
        "upgrade" upgrade: Patch<ChangeWhen>,
        /// When a change to a cheaper plan happens; `'period_end'` by default.
        "downgrade" downgrade: Patch<ChangeWhen>,
        /// What a change between monthly and yearly does to the cycle; `'restart'` by default.
        "intervalSwitch" interval_switch: Patch<IntervalSwitch>,
        /// When first periods end: after a whole interval (`'anniversary'`, the default), or on `billingDay`
        /// (`'aligned'`), paid in part.
        "firstPeriod" first_period: Patch<FirstPeriod>,
        /// The day of the month to which `'aligned'` aligns: 1 to 31.
        "billingDay" billing_day: Patch<BillingDay>,
        /// Whether the day on which something ends is still paid for; `'unused'` by default.
        "terminationDay" termination_day: Patch<TerminationDay>,
        /// When a cancellation happens that does not say so itself; `'period_end'` by default.
        "cancelDefault" cancel_default: Patch<CancelDefault>,
        /// What a cancellation gives back for unused days; `'none'` by default.
        "cancelCredit" cancel_credit: Patch<GiveBack>,
        /// What an immediate change to a cheaper plan gives back; `'credit'` by default.
        "downgradeCredit" downgrade_credit: Patch<GiveBack>,
        /// What a smaller quantity gives back; `'none'` by default.
        "decreaseCredit" decrease_credit: Patch<GiveBack>,
        /// Which period a late payment pays for; `'keep_anchor'` by default.
        "recoveredPeriod" recovered_period: Patch<RecoveredPeriod>,
        /// What happens when a trial ends and nothing can be charged; `'cancel'` by default.
        "trialEndWithoutMethod" trial_end_without_method: Patch<TrialEnd>,
        /// For how many minutes the pay form holds stock: 1 to 1440, and no longer than `incompleteHours`; 15 by default.
        "stockHoldMinutes" stock_hold_minutes: Patch<StockHold>,
        /// For how many days events are kept: 1 to 3650; 400 by default.
        "eventRetentionDays" event_retention_days: Patch<EventRetention>,
        /// Days after the first failure on which a charge is tried again: ascending, 1 to 60, at most 20; by default 1, 3, 5,
        /// 10 and 14.
        "retryDays" retry_days: Patch<RetryDays>,
        /// Where a subscription ends up when every retry failed; `'expired'` by default.
        "retryEnd" retry_end: Patch<RetryEnd>,
        /// For how many days of being past due there is service: 0 to 365; 0 by default.
        "pastDueGraceDays" past_due_grace_days: Patch<PastDueGrace>,
        /// What the days of a pause become: time (`'extend'`, the default), a credit, or nothing.
        "pause" pause: Patch<PausePolicy>,
        /// After how many hours a checkout that nobody finished expires: 1 to 720; 24 by default.
        "incompleteHours" incomplete_hours: Patch<Incomplete>,
        /// How many days before a payment it is announced: 0 (never) to 60; 7 by default.
        "noticeBeforePaymentDays" notice_before_payment_days: Patch<Notice>,
        /// After how many quiet months a customer is told of becoming dormant: 0 (never) to 120, less than
        /// `dormancyMonths`; 11 by default.
        "dormancyNoticeMonths" dormancy_notice_months: Patch<Dormancy>,
        /// After how many quiet months a customer becomes dormant: 0 (never) to 120; 12 by default.
        "dormancyMonths" dormancy_months: Patch<Dormancy>,
        /// Taxes; none by default.
        "tax" tax: Patch<TaxInput>,
        /// Messages after a failed payment; off by default.
        "recovery" recovery: Patch<RecoveryInput>,
        /// Who sells.
        "business" business: Patch<BusinessInput>,
        /// Sites that may embed pages and get their messages, such as `https://shop.example.com`; at most 50.
        "origins" origins: Patch<Items<Origin, MAX_ORIGINS>>,
        /// How pages and mails look.
        "branding" branding: Patch<BrandingInput>,
        /// Only if the settings still have this version.
        "ifVersion" if_version: Version,
    }
}

answer! {
    /// A tax rate, and what it is for.
    pub struct TaxRate {
        /// What people read.
        "name" name: String,
        /// Percent; a text where it is no whole number.
        "percent" percent: Decimal,
        /// Only customers in this country.
        "country" country: Option<String>,
        /// Only this product.
        "productId" product_id: Option<ProductId>,
    }
}

answer! {
    /// How a store taxes.
    pub struct Tax {
        /// Whether prices contain their taxes; otherwise these come on top.
        "inclusive" inclusive: bool,
        /// The rates.
        "rates" rates: Vec<TaxRate>,
    }
}

answer! {
    /// A part of the day on the clocks of the store's zone.
    pub struct QuietHours {
        /// From then on: `HH:MM`.
        "from" from: String,
        /// Until then: `HH:MM`.
        "to" to: String,
    }
}

answer! {
    /// Messages after a failed payment.
    pub struct Recovery {
        /// Whether failed renewals start one.
        "enabled" enabled: bool,
        /// Days of the messages after the failure, which is day 0.
        "stages" stages: Vec<i64>,
        /// The day on which it ends.
        "endDay" end_day: i64,
        /// What happens then.
        "end" end: RecoveryEnd,
        /// Your own page; `null` for ours.
        "pageUrl" page_url: Option<String>,
        /// When no message goes out.
        "quietHours" quiet_hours: Option<QuietHours>,
    }
}

answer! {
    /// Who sells.
    pub struct Business {
        /// The name in trade.
        "name" name: Option<String>,
        /// Whoever stands for it.
        "representative" representative: Option<String>,
        /// Number of the business registration.
        "businessNumber" business_number: Option<String>,
        /// Number of the mail-order registration.
        "mailOrderNumber" mail_order_number: Option<String>,
        /// Where customers ask.
        "email" email: Option<String>,
        /// Where customers call.
        "phone" phone: Option<String>,
        /// Postal address.
        "address" address: Option<Address>,
        /// The site.
        "url" url: Option<String>,
        /// The terms of service.
        "termsUrl" terms_url: Option<String>,
        /// The privacy policy.
        "privacyUrl" privacy_url: Option<String>,
    }
}

answer! {
    /// How pages and mails look.
    pub struct Branding {
        /// A picture of the name.
        "logoUrl" logo_url: Option<String>,
        /// A small square picture.
        "iconUrl" icon_url: Option<String>,
        /// Colour of buttons and links.
        "color" color: Option<String>,
    }
}

answer! {
    /// A store's settings.
    pub struct Settings {
        /// `set_…`
        "id" id: SettingsId,
        /// Always `'settings'`.
        "object" object: SettingsWord,
        /// IANA time zone of billing days.
        "timezone" timezone: String,
        /// ISO 4217 code used where a request names none.
        "currency" currency: Currency,
        /// Language of texts that nobody asked for in another.
        "locale" locale: LocaleWord,
        /// How parts of a period are paid.
        "proration" proration: ProrationWord,
        /// When a change to a dearer plan happens.
        "upgrade" upgrade: ChangeWhen,
        /// When a change to a cheaper plan happens.
        "downgrade" downgrade: ChangeWhen,
        /// What a change between monthly and yearly does to the cycle.
        "intervalSwitch" interval_switch: IntervalSwitch,
        /// When first periods end.
        "firstPeriod" first_period: FirstPeriod,
        /// The day of the month to which `'aligned'` aligns.
        "billingDay" billing_day: Option<i64>,
        /// Whether the day on which something ends is still paid for.
        "terminationDay" termination_day: TerminationDay,
        /// When a cancellation happens that does not say so itself.
        "cancelDefault" cancel_default: CancelDefault,
        /// What a cancellation gives back for unused days.
        "cancelCredit" cancel_credit: GiveBack,
        /// What an immediate change to a cheaper plan gives back.
        "downgradeCredit" downgrade_credit: GiveBack,
        /// What a smaller quantity gives back.
        "decreaseCredit" decrease_credit: GiveBack,
        /// Which period a late payment pays for.
        "recoveredPeriod" recovered_period: RecoveredPeriod,
        /// What happens when a trial ends and nothing can be charged.
        "trialEndWithoutMethod" trial_end_without_method: TrialEnd,
        /// For how many minutes the pay form holds stock.
        "stockHoldMinutes" stock_hold_minutes: i64,
        /// For how many days events are kept.
        "eventRetentionDays" event_retention_days: i64,
        /// Days after the first failure on which a charge is tried again.
        "retryDays" retry_days: Vec<i64>,
        /// Where a subscription ends up when every retry failed.
        "retryEnd" retry_end: RetryEnd,
        /// For how many days of being past due there is service.
        "pastDueGraceDays" past_due_grace_days: i64,
        /// What the days of a pause become.
        "pause" pause: PausePolicy,
        /// After how many hours a checkout that nobody finished expires.
        "incompleteHours" incomplete_hours: i64,
        /// How many days before a payment it is announced; 0 for never.
        "noticeBeforePaymentDays" notice_before_payment_days: i64,
        /// After how many quiet months a customer is told of becoming dormant; 0 for never.
        "dormancyNoticeMonths" dormancy_notice_months: i64,
        /// After how many quiet months a customer becomes dormant; 0 for never.
        "dormancyMonths" dormancy_months: i64,
        /// Taxes.
        "tax" tax: Tax,
        /// Messages after a failed payment.
        "recovery" recovery: Recovery,
        /// Who sells.
        "business" business: Business,
        /// Sites that may embed pages and get their messages.
        "origins" origins: Vec<String>,
        /// How pages and mails look.
        "branding" branding: Branding,
        /// Counts the changes, from 1.
        "version" version: i64,
        /// When the store came to be.
        "createdAt" created_at: Instant,
        /// When they last changed.
        "updatedAt" updated_at: Instant,
    }
}
