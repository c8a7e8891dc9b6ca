//! Customers who neither order nor log in: a notice first, then they are
//! dormant (StepPay V1 reference, section 4.5; settings `dormancyNoticeMonths`
//! and `dormancyMonths`).
//!
//! A silence begins with the latest of creation, paid order and login. Months
//! are those of the store's calendar. Whoever subscribes is not spoken to; what
//! came due meanwhile is made up for afterwards, a notice still well before
//! what it announces.

use super::{
    calendar::{Interval, Unit, add},
    instant::Instant,
    settings::Settings,
    zone::Zone,
};

/// How long before a first look no rule can have come due, in microseconds:
/// less than any month.
pub const FIRST_LOOK: i64 = 27 * 86_400_000_000;

/// After how many months what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// The notice; 0 for none.
    pub notice_months: u32,
    /// The customer is dormant; 0 for never.
    pub dormant_months: u32,
    /// Whose calendar counts.
    pub zone: Zone,
}

/// What is known of a customer's silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// Since when: the latest of creation, paid order and login.
    pub since: Instant,
    /// When the last notice was given, in whichever silence.
    pub noticed_at: Option<Instant>,
    /// Whether the customer is dormant.
    pub dormant: bool,
    /// Whether a subscription keeps the customer from it.
    pub subscribed: bool,
}

/// What comes due in a silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The customer is told.
    Notice,
    /// The customer is dormant.
    Dormant,
}

/// What a look at a customer comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// What is due now.
    pub step: Option<Step>,
    /// When to look again; `None` once nothing more can follow by time alone.
    pub again: Option<Instant>,
}

impl Rules {
    /// Those of a store.
    pub fn of(settings: &Settings, zone: Zone) -> Self {
        Self {
            notice_months: settings.dormancy_notice_months,
            dormant_months: settings.dormancy_months,
            zone,
        }
    }

    /// When something first comes due in a silence that begins now.
    pub fn first(&self, since: Instant) -> Option<Instant> {
        let first = [self.notice_months, self.dormant_months]
            .into_iter()
            .filter(|months| *months > 0);
        after(since, first.min()?, self.zone)
    }

    /// Looks at a customer. What is due is done once: whoever does it looks
    /// again with what has become of it.
    pub fn look(&self, silence: &Silence, now: Instant) -> Look {
        let nothing = Look {
            step: None,
            again: None,
        };
        if silence.dormant {
            return nothing;
        }
        if self.notice_months == 0 && self.dormant_months == 0 {
            // They may be switched on.
            return Look {
                again: after(now, 1, self.zone),
                ..nothing
            };
        }
        let Some((at, step)) = self.next(silence) else {
            return nothing;
        };
        match (at <= now, silence.subscribed) {
            (false, _) => Look {
                again: Some(at),
                ..nothing
            },
            (true, true) => Look {
                again: after(now, 1, self.zone),
                ..nothing
            },
            (true, false) => Look {
                step: Some(step),
                ..nothing
            },
        }
    }

    /// What comes next in a silence, and when.
    fn next(&self, silence: &Silence) -> Option<(Instant, Step)> {
        let in_months = |from, months| {
            if months > 0 {
                after(from, months, self.zone)
            } else {
                None
            }
        };
        // One that was given before somebody was heard of is of another silence.
        let noticed = silence.noticed_at.filter(|at| *at > silence.since);
        match (noticed, in_months(silence.since, self.notice_months)) {
            (None, Some(notice)) => Some((notice, Step::Notice)),
            _ => {
                let dormant = in_months(silence.since, self.dormant_months)?;
                let warned = noticed.filter(|_| self.notice_months > 0);
                let left = self.dormant_months.saturating_sub(self.notice_months);
                let earliest = warned.and_then(|at| in_months(at, left));
                Some((
                    earliest.map_or(dormant, |earliest| dormant.max(earliest)),
                    Step::Dormant,
                ))
            }
        }
    }
}

/// So many months later; `None` where the calendar ends before.
fn after(at: Instant, months: u32, zone: Zone) -> Option<Instant> {
    let months = Interval::new(Unit::Month, months).ok()?;
    add(at, months, zone).ok()
}

#[cfg(test)]
mod tests;
