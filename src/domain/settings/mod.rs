//! What a store decides for itself: its policies with their defaults, and what
//! pages and mails say about it (architecture, section 8).

mod business;
mod policy;
mod recovery;

use serde::{Deserialize, Serialize};

pub use self::{
    business::{Branding, Business, MAX_NAME_CHARACTERS, MAX_NUMBER_CHARACTERS, color},
    policy::{
        CancelDefault, ChangeWhen, FirstPeriod, GiveBack, IntervalSwitch, PausePolicy, RecoveredPeriod, RecoveryEnd,
        RetryEnd, TerminationDay, TrialEnd,
    },
    recovery::{END_DAY, QuietHours, Recovery, TimeOfDay},
};
use super::{
    Problem,
    calendar::Basis,
    pricing::{policies::Policies, tax::Tax},
    url,
    words::Locale,
    zone::Zone,
};

/// Most days of `retryDays` and of a recovery's `stages`.
pub const MAX_DAYS: usize = 20;
/// Most origins.
pub const MAX_ORIGINS: usize = 50;
/// Bounds of `billingDay`, both included, as all bounds here.
pub const BILLING_DAY: (i64, i64) = (1, 31);
/// Bounds of `stockHoldMinutes`.
pub const STOCK_HOLD_MINUTES: (i64, i64) = (1, 1440);
/// Bounds of `eventRetentionDays`.
pub const EVENT_RETENTION_DAYS: (i64, i64) = (1, 3650);
/// Bounds of each of `retryDays`.
pub const RETRY_DAY: (i64, i64) = (1, 60);
/// Bounds of `pastDueGraceDays`.
pub const PAST_DUE_GRACE_DAYS: (i64, i64) = (0, 365);
/// Bounds of `incompleteHours`.
pub const INCOMPLETE_HOURS: (i64, i64) = (1, 720);
/// Bounds of `noticeBeforePaymentDays`.
pub const NOTICE_BEFORE_PAYMENT_DAYS: (i64, i64) = (0, 60);
/// Bounds of `dormancyNoticeMonths` and `dormancyMonths`.
pub const DORMANCY_MONTHS: (i64, i64) = (0, 120);

/// A store's settings but for its zone and its currency, which are the store's
/// own. Stored as JSON, so members are only ever added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Settings {
    /// Language of texts that nobody asked for in another.
    pub locale: Locale,
    /// How parts of a period are paid.
    pub proration: Basis,
    /// When a change to a dearer plan happens.
    pub upgrade: ChangeWhen,
    /// When a change to a cheaper plan happens.
    pub downgrade: ChangeWhen,
    /// What a change between monthly and yearly does to the cycle.
    pub interval_switch: IntervalSwitch,
    /// When first periods end.
    pub first_period: FirstPeriod,
    /// The day of the month that first periods are aligned to.
    pub billing_day: Option<u8>,
    /// Whether the day on which something ends is still paid for.
    pub termination_day: TerminationDay,
    /// When a cancellation happens.
    pub cancel_default: CancelDefault,
    /// What a cancellation gives back for unused days.
    pub cancel_credit: GiveBack,
    /// What an immediate change to a cheaper plan gives back.
    pub downgrade_credit: GiveBack,
    /// What a smaller quantity gives back.
    pub decrease_credit: GiveBack,
    /// Which period a late payment pays for.
    pub recovered_period: RecoveredPeriod,
    /// What happens when a trial ends and nothing can be charged.
    pub trial_end_without_method: TrialEnd,
    /// For how long the pay form holds stock.
    pub stock_hold_minutes: u32,
    /// For how long events are kept.
    pub event_retention_days: u32,
    /// The days after the first failure on which a charge is tried again,
    /// ascending.
    pub retry_days: Vec<u32>,
    /// Where a subscription ends up when every retry failed.
    pub retry_end: RetryEnd,
    /// For how many days of being past due there is service.
    pub past_due_grace_days: u32,
    /// What the days of a pause become.
    pub pause: PausePolicy,
    /// After how many hours a checkout that nobody finished expires.
    pub incomplete_hours: u32,
    /// How many days before a payment it is announced; 0 for never.
    pub notice_before_payment_days: u32,
    /// After how many quiet months a customer is told of becoming dormant; 0
    /// for never.
    pub dormancy_notice_months: u32,
    /// After how many quiet months a customer becomes dormant; 0 for never.
    pub dormancy_months: u32,
    /// Taxes.
    pub tax: Tax,
    /// Messages after a failed payment.
    pub recovery: Recovery,
    /// Who sells.
    pub business: Business,
    /// Sites that may embed pages and get their messages, as browsers write
    /// them.
    pub origins: Vec<String>,
    /// How pages and mails look.
    pub branding: Branding,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            locale: Locale::En,
            proration: Basis::Day,
            upgrade: ChangeWhen::Immediate,
            downgrade: ChangeWhen::PeriodEnd,
            interval_switch: IntervalSwitch::Restart,
            first_period: FirstPeriod::Anniversary,
            billing_day: None,
            termination_day: TerminationDay::Unused,
            cancel_default: CancelDefault::PeriodEnd,
            cancel_credit: GiveBack::None,
            downgrade_credit: GiveBack::Credit,
            decrease_credit: GiveBack::None,
            recovered_period: RecoveredPeriod::KeepAnchor,
            trial_end_without_method: TrialEnd::Cancel,
            stock_hold_minutes: 15,
            event_retention_days: 400,
            retry_days: vec![1, 3, 5, 10, 14],
            retry_end: RetryEnd::Expired,
            past_due_grace_days: 0,
            pause: PausePolicy::Extend,
            incomplete_hours: 24,
            notice_before_payment_days: 7,
            dormancy_notice_months: 11,
            dormancy_months: 12,
            tax: Tax::default(),
            recovery: Recovery::default(),
            business: Business::default(),
            origins: Vec::new(),
            branding: Branding::default(),
        }
    }
}

impl Settings {
    /// What they say about amounts and periods.
    pub fn policies(&self, zone: Zone) -> Policies {
        Policies {
            zone,
            proration: self.proration,
            aligned_to: self.billing_day.filter(|_| self.first_period == FirstPeriod::Aligned),
            tax: self.tax.clone(),
        }
    }

    /// Checks each setting, and all of them together.
    ///
    /// # Errors
    ///
    /// A problem at the setting that is wrong, such as `retryDays[2]`.
    pub fn check(&self) -> Result<(), Problem> {
        self.check_numbers()?;
        ascending("retryDays", &self.retry_days, RETRY_DAY, MAX_DAYS)?;
        inside("tax", self.tax.check())?;
        inside("recovery", self.recovery.check())?;
        inside("business", self.business.check())?;
        inside("branding", self.branding.check())?;
        self.check_origins()?;
        self.check_together()
    }

    fn check_numbers(&self) -> Result<(), Problem> {
        if let Some(day) = self.billing_day {
            within("billingDay", day.into(), BILLING_DAY)?;
        }
        for (member, number, bounds) in [
            ("stockHoldMinutes", self.stock_hold_minutes, STOCK_HOLD_MINUTES),
            ("eventRetentionDays", self.event_retention_days, EVENT_RETENTION_DAYS),
            ("pastDueGraceDays", self.past_due_grace_days, PAST_DUE_GRACE_DAYS),
            ("incompleteHours", self.incomplete_hours, INCOMPLETE_HOURS),
            (
                "noticeBeforePaymentDays",
                self.notice_before_payment_days,
                NOTICE_BEFORE_PAYMENT_DAYS,
            ),
            ("dormancyNoticeMonths", self.dormancy_notice_months, DORMANCY_MONTHS),
            ("dormancyMonths", self.dormancy_months, DORMANCY_MONTHS),
        ] {
            within(member, number, bounds)?;
        }
        Ok(())
    }

    fn check_origins(&self) -> Result<(), Problem> {
        if self.origins.len() > MAX_ORIGINS {
            return Err(Problem::at(
                "origins",
                format!("must have at most {MAX_ORIGINS} elements"),
            ));
        }
        for (index, given) in self.origins.iter().enumerate() {
            let at = |message: &str| Problem::at(format!("origins[{index}]"), message);
            let written = url::origin(given).map_err(|problem| at(&problem.message))?;
            if written != *given {
                return Err(at(
                    "must be as browsers write it: lower case, without a slash at the end",
                ));
            }
            if self.origins.iter().take(index).any(|other| other == given) {
                return Err(at("is there twice"));
            }
        }
        Ok(())
    }

    fn check_together(&self) -> Result<(), Problem> {
        if self.first_period == FirstPeriod::Aligned && self.billing_day.is_none() {
            return Err(Problem::at(
                "billingDay",
                "is required with firstPeriod aligned: the day of the month, 1 to 31",
            ));
        }
        let Self {
            dormancy_notice_months: notice,
            dormancy_months: dormant,
            ..
        } = *self;
        if notice > 0 && dormant > 0 && notice >= dormant {
            return Err(Problem::at(
                "dormancyNoticeMonths",
                format!("must be less than dormancyMonths, which is {dormant}, or 0 for no notice"),
            ));
        }
        let open = self.incomplete_hours.saturating_mul(60);
        if self.stock_hold_minutes > open {
            return Err(Problem::at(
                "stockHoldMinutes",
                format!(
                    "must be at most {open}, the minutes of incompleteHours: nothing is held for a checkout that expired"
                ),
            ));
        }
        Ok(())
    }
}

/// Puts the setting in front of a problem inside it.
fn inside(setting: &str, outcome: Result<(), Problem>) -> Result<(), Problem> {
    outcome.map_err(|problem| Problem::at(format!("{setting}.{}", problem.at), problem.message))
}

fn within(member: &str, number: u32, (min, max): (i64, i64)) -> Result<(), Problem> {
    if (min..=max).contains(&number.into()) {
        return Ok(());
    }
    Err(Problem::at(
        member,
        format!("must be a whole number from {min} to {max}"),
    ))
}

/// Checks a list of days: at most `most`, each inside its bounds and later than
/// the one before.
fn ascending(member: &str, days: &[u32], bounds: (i64, i64), most: usize) -> Result<(), Problem> {
    if days.len() > most {
        return Err(Problem::at(member, format!("must have at most {most} elements")));
    }
    let mut before = None;
    for (index, day) in days.iter().enumerate() {
        let at = format!("{member}[{index}]");
        within(&at, *day, bounds)?;
        if before.is_some_and(|before| before >= day) {
            return Err(Problem::at(
                at,
                "must be later than the day before it: each day once, ascending",
            ));
        }
        before = Some(day);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
