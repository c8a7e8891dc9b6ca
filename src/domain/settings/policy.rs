//! The policies that are one word out of a few (architecture, section 8).

use serde::{Deserialize, Serialize};

macro_rules! policies {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $variant_doc:literal])+ $variant:ident = $word:literal,)+ })*) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[doc = $variant_doc])+ #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every word of the setting.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word of the setting.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// From the word of the setting.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    )*};
}

policies! {
    /// When a change of plan happens that does not say so itself (settings
    /// `upgrade`, `downgrade`).
    ChangeWhen {
        /// At once, for the rest of the period.
        Immediate = "immediate",
        /// When the period ends.
        PeriodEnd = "period_end",
    }

    /// What becomes of money that was paid for what is not used any more
    /// (settings `cancelCredit`, `downgradeCredit`, `decreaseCredit`).
    GiveBack {
        /// Nothing: it is gone.
        None = "none",
        /// It goes to the customer's balance.
        Credit = "credit",
        /// It goes back to the customer.
        Refund = "refund",
    }

    /// What a change between monthly and yearly does to the cycle.
    IntervalSwitch {
        /// The cycle begins anew now; the rest of the old period is credited.
        Restart = "restart",
        /// Periods go on from the subscription's anchor.
        KeepAnchor = "keep_anchor",
        /// The change waits for the period's end.
        PeriodEnd = "period_end",
    }

    /// When first periods end.
    FirstPeriod {
        /// A whole interval after they began.
        Anniversary = "anniversary",
        /// On the store's billing day, paid in part.
        Aligned = "aligned",
    }

    /// Whether the day on which something ends is still paid for.
    TerminationDay {
        /// It is not.
        Unused = "unused",
        /// It is.
        Used = "used",
    }

    /// When a cancellation happens that does not say so itself.
    CancelDefault {
        /// When the period ends.
        PeriodEnd = "period_end",
        /// At once.
        Now = "now",
    }

    /// Which period a late payment pays for.
    RecoveredPeriod {
        /// The one that was due: the anchor stays.
        KeepAnchor = "keep_anchor",
        /// One that begins with the payment.
        RestartAtPayment = "restart_at_payment",
    }

    /// What happens when a trial ends and nothing can be charged.
    TrialEnd {
        /// The subscription is cancelled.
        Cancel = "cancel",
        /// It is paused.
        Pause = "pause",
        /// It is past due, and retried.
        PastDue = "past_due",
    }

    /// Where a subscription ends up when every retry failed.
    RetryEnd {
        /// Over.
        Expired = "expired",
        /// Goes on without service, its orders open.
        Unpaid = "unpaid",
        /// Paused.
        Paused = "paused",
        /// Cancelled.
        Canceled = "canceled",
    }

    /// What the days of a pause become.
    PausePolicy {
        /// The period is longer by them.
        Extend = "extend",
        /// A credit.
        Credit = "credit",
        /// Nothing.
        None = "none",
    }

    /// How a recovery ends that did not succeed.
    RecoveryEnd {
        /// The subscription is paused.
        Pause = "pause",
        /// It is cancelled.
        Cancel = "cancel",
    }
}
