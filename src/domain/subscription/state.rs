//! What a subscription is at one moment: everything that decides what happens
//! to it next (glossary, section 2).

use serde::{Deserialize, Serialize};

use crate::domain::{
    calendar::{Interval, Period, Unit, add},
    currency::Currency,
    decimal::Quantity,
    id::{
        CouponId, OptionId, OrderId, PaymentMethodId, PriceId, ProductId, SubscriptionId, SubscriptionItemId, UsageId,
    },
    instant::{Instant, micros},
    line::Line,
    settings::{GiveBack, PausePolicy},
    zone::Zone,
};

/// Where a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Made; its first charge or card is not done.
    Incomplete,
    /// Never completed in time.
    IncompleteExpired,
    /// In its trial, with or without a payment method.
    Trialing,
    /// Paid up.
    Active,
    /// A renewal was declined; recovery runs.
    PastDue,
    /// Recovery is used up; kept open.
    Unpaid,
    /// Stopped on request, or by a policy.
    Paused,
    /// Ended by decision.
    Canceled,
    /// Ended by date, by count, or by a failed recovery.
    Expired,
}

impl Phase {
    /// All, with their words.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Incomplete, "incomplete"),
        (Self::IncompleteExpired, "incomplete_expired"),
        (Self::Trialing, "trialing"),
        (Self::Active, "active"),
        (Self::PastDue, "past_due"),
        (Self::Unpaid, "unpaid"),
        (Self::Paused, "paused"),
        (Self::Canceled, "canceled"),
        (Self::Expired, "expired"),
    ];

    /// Its word.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Whether nothing ever follows (glossary, transition 23).
    pub const fn is_final(self) -> bool {
        matches!(self, Self::IncompleteExpired | Self::Canceled | Self::Expired)
    }
}

/// One thing that is subscribed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// `si_…`
    pub id: SubscriptionItemId,
    /// What it costs; the terms of a sold price never change.
    pub price: PriceId,
    /// Whose price it is.
    pub product: ProductId,
    /// Pieces, or seats.
    pub quantity: i64,
    /// The chosen option values.
    pub options: Vec<OptionId>,
    /// What the options cost on top of each piece, in the smallest unit.
    pub option_amount: i64,
    /// The bundle that it belongs to.
    pub parent: Option<SubscriptionItemId>,
    /// Whether the customer bought the product for the first time with it.
    pub first_purchase: bool,
    /// How many of its periods have begun: the first has fees and prices of its
    /// own.
    pub begun: u32,
    /// Since when it is what it is, if that changed in the running period.
    #[serde(with = "micros::option", default)]
    pub since: Option<Instant>,
    /// What was paid in advance for what runs, in order of time: given back in
    /// part when it changes.
    #[serde(default)]
    pub paid: Vec<PaidPart>,
}

/// An amount that pays for a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaidPart {
    /// After discounts and before taxes, in the smallest unit.
    pub amount: i64,
    /// From when to when.
    pub span: Period,
}

/// The rhythm of periods: what [`crate::domain::calendar::Schedule`] needs, and
/// how far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cadence {
    /// Where period 0 begins.
    #[serde(with = "micros")]
    pub anchor: Instant,
    /// How long a whole period is.
    pub interval: Interval,
    /// The day of the month on which periods begin, 1 to 31; `None` for that of
    /// the anchor.
    pub billing_day: Option<u8>,
    /// The number of the period that begins next.
    pub next: i64,
}

/// A period with what it is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cycle {
    /// From when to when service is paid.
    pub period: Period,
    /// The period of full length that it is a share of; the same for a whole one.
    pub whole: Period,
}

/// Something that is going to end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancellation {
    /// When.
    #[serde(with = "micros")]
    pub at: Instant,
    /// What becomes of days that are paid and not used.
    pub credit: GiveBack,
}

/// A pause that is going to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseLater {
    /// When.
    #[serde(with = "micros")]
    pub at: Instant,
    /// How long, or until when; `None` until somebody resumes it.
    pub until: Option<Until>,
}

/// How a pause ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// At an instant.
    At(#[serde(with = "micros")] Instant),
    /// So long after it began.
    After(Interval),
}

/// A pause that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// Since when.
    #[serde(with = "micros")]
    pub since: Instant,
    /// Until when; `None` until somebody resumes it.
    #[serde(with = "micros::option", default)]
    pub until: Option<Instant>,
    /// What the paused days become.
    pub days: PausePolicy,
    /// Whether it was in its trial.
    pub from_trial: bool,
}

/// A change that is going to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingChange {
    /// When: the end of the running period.
    #[serde(with = "micros")]
    pub at: Instant,
    /// What.
    pub edits: Vec<Edit>,
    /// Another length of periods.
    pub interval: Option<Interval>,
}

/// A change of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Edit {
    /// Another price, quantity or options in an item's place.
    Replace {
        /// The item.
        item: SubscriptionItemId,
        /// What it becomes; it keeps its id.
        by: NewItem,
    },
    /// One more.
    Add(NewItem),
    /// One less.
    Remove(SubscriptionItemId),
}

/// An item as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewItem {
    /// The price.
    pub price: PriceId,
    /// Pieces, or seats.
    pub quantity: i64,
    /// The chosen option values.
    pub options: Vec<OptionId>,
    /// What they cost on top of each piece.
    pub option_amount: i64,
    /// Whether the customer buys the product for the first time with it.
    pub first_purchase: bool,
}

/// Something that falls due at the end of the running period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accrued {
    /// What it comes to, before discounts and taxes.
    pub line: Line,
    /// The product that it is for.
    pub product: ProductId,
}

/// What runs after a declined renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// The first decline.
    #[serde(with = "micros")]
    pub since: Instant,
    /// Retries that were made.
    pub retries: u32,
    /// Whether trying again is of no use: only another card helps.
    pub hard: bool,
}

/// What follows when an order is paid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Purpose {
    /// The first period, or the first after a trial.
    Begin(Cycle),
    /// The next period.
    Renew(Cycle),
    /// The next period before its time.
    Ahead(Box<Ahead>),
    /// A change that is made once it is paid.
    Change(Box<Making>),
    /// The days up to a payment date that is moved.
    Extend(Box<Ahead>),
    /// More that may be used, once it is paid.
    Quota(Box<Topup>),
    /// The last bill of something that ended.
    Last,
}

/// A period that is paid before the running one is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ahead {
    /// When it was asked for: what is paid in arrears is billed up to here.
    #[serde(with = "micros")]
    pub at: Instant,
    /// The period.
    pub cycle: Cycle,
    /// The rhythm from then on.
    pub cadence: Cadence,
}

/// What a change makes of a subscription.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Making {
    /// What is asked for.
    pub edits: Vec<Edit>,
    /// The items that it makes, with the ids that its lines name.
    pub made: Vec<Item>,
    /// What falls due at the period's end for what was there before.
    pub accrued: Vec<Accrued>,
    /// What is left of a change that waited for the period's end.
    pub pending: Option<PendingChange>,
    /// A new rhythm, with its first period.
    pub restart: Option<(Cadence, Cycle)>,
}

/// An entry of what was used, or may be used, before it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topup {
    /// `use_…`
    pub usage: UsageId,
    /// The item that it is for.
    pub item: SubscriptionItemId,
    /// What may be used on top.
    pub quota: Quantity,
    /// What was used on top.
    pub record: Quantity,
    /// Seats that come with it, or go; none where units are summed up.
    pub seats: i64,
    /// From when it counts.
    #[serde(with = "micros")]
    pub at: Instant,
    /// Who wrote it.
    pub via: String,
    /// Free text.
    pub payload: Option<String>,
}

/// An order that waits for its money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// `ord_…`
    pub order: OrderId,
    /// What follows.
    pub purpose: Purpose,
    /// What each item will have paid: set when the money is there.
    pub paid: Vec<(SubscriptionItemId, PaidPart)>,
    /// What of it is for time that is over: owed whatever becomes of the rest.
    #[serde(default)]
    pub owed: Vec<Accrued>,
    /// Whether there is a rest, for time to come.
    #[serde(default)]
    pub begins: bool,
    /// Codes that go on once it is paid, with what they have done by then.
    #[serde(default)]
    pub promotions: Vec<Promotion>,
}

/// A discount code that goes on with the subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    /// The coupon.
    pub coupon: CouponId,
    /// The code as it was given.
    pub code: String,
    /// When it was redeemed.
    #[serde(with = "micros")]
    pub redeemed_at: Instant,
    /// Whether it has taken something off.
    pub used: bool,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// `sub_…`
    pub id: SubscriptionId,
    /// What it is paid in.
    pub currency: Currency,
    /// The zone it was born with: its calendar.
    pub zone: Zone,
    /// Where it stands.
    pub phase: Phase,
    /// What is subscribed to; never empty.
    pub items: Vec<Item>,
    /// When it began.
    #[serde(with = "micros")]
    pub started_at: Instant,
    /// The rhythm of its periods.
    pub cadence: Cadence,
    /// The running period; in a trial the trial's. `None` before the first.
    pub cycle: Option<Cycle>,
    /// The period that still runs, where the one after it is paid already.
    #[serde(default)]
    pub early: Option<Cycle>,
    /// The trial, once there was one.
    pub trial: Option<Period>,
    /// When an incomplete one is given up.
    #[serde(with = "micros::option", default)]
    pub incomplete_until: Option<Instant>,
    /// When it ends by itself.
    #[serde(with = "micros::option", default)]
    pub expires_at: Option<Instant>,
    /// After how many paid periods it ends by itself.
    pub most_periods: Option<u32>,
    /// Periods that have begun.
    pub periods: u32,
    /// Payments of periods so far (StepPay's `recurringCount`).
    pub payments: u32,
    /// Whether periods are paid at their end.
    pub arrears: bool,
    /// The day of the first period from which there is service, from 1.
    #[serde(default)]
    pub service_start_day: Option<u8>,
    /// What pays.
    pub method: Option<PaymentMethodId>,
    /// When it is going to be cancelled.
    pub cancel: Option<Cancellation>,
    /// When it is going to be paused.
    pub pause_later: Option<PauseLater>,
    /// The pause that goes on.
    pub pause: Option<Pause>,
    /// The change that is going to be made.
    pub pending: Option<PendingChange>,
    /// From when on units of use are not billed yet.
    #[serde(with = "micros")]
    pub metered_from: Instant,
    /// What fell due before the running period ends, and is paid at its end.
    pub accrued: Vec<Accrued>,
    /// An order that waits for its money.
    pub open: Option<Open>,
    /// Whether a payment of it is being made: guards against doing two things
    /// at once.
    pub charging: bool,
    /// What runs after a decline.
    pub recovery: Option<Recovery>,
    /// Discount codes that go on.
    pub promotions: Vec<Promotion>,
    /// The payment date before it was moved.
    #[serde(with = "micros::option", default)]
    pub moved_from: Option<Instant>,
    /// The period's end for which a notice was given.
    #[serde(with = "micros::option", default)]
    pub noticed: Option<Instant>,
    /// Whether the end of the trial was announced.
    pub trial_noticed: bool,
    /// The last payment of a period.
    #[serde(with = "micros::option", default)]
    pub paid_at: Option<Instant>,
    /// When it ended.
    #[serde(with = "micros::option", default)]
    pub ended_at: Option<Instant>,
}

impl Subscription {
    /// The item with this id.
    pub fn item(&self, id: &SubscriptionItemId) -> Option<&Item> {
        self.items.iter().find(|item| item.id == *id)
    }

    /// Those that are in no bundle.
    pub fn top_items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.parent.is_none())
    }

    /// The periods that run at an instant or are paid already, in order.
    pub fn running(&self, at: Instant) -> impl Iterator<Item = Cycle> + use<> {
        let cycles = [self.early, self.cycle];
        cycles
            .into_iter()
            .flatten()
            .filter(move |cycle| cycle.period.end() > at)
    }

    /// Whether it gives what its products give, where a declined renewal leaves
    /// so many days of grace (setting `pastDueGraceDays`).
    pub fn gives_service(&self, now: Instant, grace_days: u32) -> bool {
        match self.phase {
            Phase::Trialing => true,
            Phase::Active => self.service_from().is_none_or(|from| now >= from),
            Phase::PastDue => self.recovery.is_some_and(|recovery| {
                let grace = i64::from(grace_days) * 86_400_000_000;
                now.micros() < recovery.since.micros().saturating_add(grace)
            }),
            _ => false,
        }
    }

    /// When service begins in the first period; `None` once it has.
    fn service_from(&self) -> Option<Instant> {
        let start = self.cycle.filter(|_| self.periods == 1)?.period.start();
        let days = u32::from(self.service_start_day?).checked_sub(1)?;
        add(start, Interval::new(Unit::Day, days).ok()?, self.zone).ok()
    }
}
