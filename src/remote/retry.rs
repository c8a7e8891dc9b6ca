//! Whether a failed request is sent again, and when. Pure.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::Code;

/// The first pause, before luck shortens it.
const FIRST: Duration = Duration::from_millis(250);
/// The longest pause of our own making.
const LONGEST: Duration = Duration::from_secs(8);
/// Who asks for a longer pause than this is told on to the caller instead.
const ASKED_LONGEST: Duration = Duration::from_secs(60);

/// Codes of the status 503 that do not pass by themselves.
const LASTING: [Code; 6] = [
    Code::DatabaseReadOnly,
    Code::DatabaseFull,
    Code::DatabaseCorrupt,
    Code::DatabaseNotFound,
    Code::DatabaseNewer,
    Code::DatabaseError,
];

/// What went wrong with one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The server cannot have got the request.
    NotSent,
    /// The connection broke: the server may have got the request, and may have
    /// carried it out.
    Broken,
    /// The server answered, with this status.
    Refused {
        /// HTTP status.
        status: u16,
        /// The code in its error, if it is one of ours.
        code: Option<String>,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// What no repeat would change, such as a certificate that is not trusted.
    Lasting,
}

/// How often a request may be sent again, and whether also after it may have
/// been carried out.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// Tries after the first.
    pub max_retries: u32,
    /// Sent twice it is carried out once.
    pub repeatable: bool,
    /// What is left of the call's time.
    pub time_left: Option<Duration>,
}

impl Policy {
    /// How long to wait before the next try, after `tries` of them; `None` when
    /// there is none. `luck` is any number, the same for no two clients: those
    /// that failed together shall not come back together.
    pub fn pause(&self, tries: u32, trouble: &Trouble, luck: u32) -> Option<Duration> {
        if tries > self.max_retries || !self.may_pass(trouble) {
            return None;
        }
        let asked = match trouble {
            Trouble::Refused { retry_after, .. } => retry_after.unwrap_or_default(),
            _ => Duration::ZERO,
        };
        let pause = asked + back_off(tries, luck);
        // Better the server's answer now than a timeout instead of it later.
        let in_time = self.time_left.is_none_or(|left| pause < left);
        (asked <= ASKED_LONGEST && in_time).then_some(pause)
    }

    fn may_pass(&self, trouble: &Trouble) -> bool {
        match trouble {
            Trouble::NotSent => true,
            Trouble::Broken => self.repeatable,
            Trouble::Refused { status, code, .. } => match status {
                429 | 503 => !code.as_deref().is_some_and(is_lasting),
                408 | 502 | 504 => self.repeatable,
                _ => false,
            },
            Trouble::Lasting => false,
        }
    }
}

fn is_lasting(code: &str) -> bool {
    LASTING.iter().any(|lasting| lasting.name() == code)
}

/// Twice as long each time, and of that the half at least.
fn back_off(tries: u32, luck: u32) -> Duration {
    let doubled = FIRST.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(LONGEST);
    doubled / 2 + doubled.mul_f64(f64::from(luck) / f64::from(u32::MAX) / 2.0)
}

/// The header `Retry-After`: seconds, or a date.
pub fn retry_after(header: &str, now: DateTime<Utc>) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = DateTime::parse_from_rfc2822(header).ok()?;
    // A date that is over asks for nothing.
    Some((date.with_timezone(&Utc) - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy = Policy {
        max_retries: 2,
        repeatable: true,
        time_left: None,
    };

    fn refused(status: u16, code: Option<&str>, seconds: Option<u64>) -> Trouble {
        Trouble::Refused {
            status,
            code: code.map(str::to_owned),
            retry_after: seconds.map(Duration::from_secs),
        }
    }

    #[test]
    fn pauses_grow_and_luck_spreads_them() {
        let millis = |tries, luck| {
            let policy = Policy {
                max_retries: 100,
                ..POLICY
            };
            policy.pause(tries, &Trouble::NotSent, luck).unwrap().as_millis()
        };
        assert_eq!([1, 2, 3, 4].map(|tries| millis(tries, 0)), [125, 250, 500, 1000]);
        assert_eq!(
            [1, 2, 3, 4].map(|tries| millis(tries, u32::MAX)),
            [250, 500, 1000, 2000]
        );
        assert_eq!([10, 100].map(|tries| millis(tries, u32::MAX)), [8000, 8000]);
    }

    #[test]
    fn there_are_as_many_tries_as_were_asked_for() {
        for max_retries in 0..4 {
            let policy = Policy { max_retries, ..POLICY };
            let made = (1..).take_while(|tries| policy.pause(*tries, &Trouble::NotSent, 0).is_some());
            assert_eq!(made.count(), max_retries as usize);
        }
    }

    #[test]
    fn what_was_begun_is_repeated_only_where_that_is_safe() {
        let once = Policy {
            repeatable: false,
            ..POLICY
        };
        let begun = [Trouble::Broken, refused(502, None, None), refused(504, None, None)];
        let not_begun = [
            Trouble::NotSent,
            refused(429, None, None),
            refused(503, Some("server_busy"), None),
        ];
        for trouble in begun.iter().chain(&not_begun) {
            assert!(POLICY.pause(1, trouble, 0).is_some(), "{trouble:?}");
        }
        assert!(begun.iter().all(|trouble| once.pause(1, trouble, 0).is_none()));
        assert!(not_begun.iter().all(|trouble| once.pause(1, trouble, 0).is_some()));
    }

    #[test]
    fn what_lasts_is_not_repeated() {
        let lasting = [
            Trouble::Lasting,
            refused(200, None, None),
            refused(400, None, Some(1)),
            refused(404, None, None),
            refused(409, None, None),
            refused(500, Some("internal"), None),
            refused(503, Some("database_corrupt"), Some(1)),
        ];
        for trouble in lasting {
            assert_eq!(POLICY.pause(1, &trouble, 0), None, "{trouble:?}");
        }
    }

    #[test]
    fn a_server_is_given_the_time_it_asks_for_within_reason() {
        let pause = |seconds, time_left| {
            let policy = Policy { time_left, ..POLICY };
            policy.pause(1, &refused(503, None, Some(seconds)), 0)
        };
        assert_eq!(pause(3, None), Some(Duration::from_millis(3125)));
        assert_eq!(pause(61, None), None);
        assert_eq!(pause(3, Some(Duration::from_secs(3))), None);
        assert!(pause(3, Some(Duration::from_secs(4))).is_some());
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = DateTime::parse_from_rfc2822("Sun, 06 Nov 1994 08:49:37 GMT")
            .unwrap()
            .into();
        let read = |text| retry_after(text, now);
        assert_eq!(read("120"), Some(Duration::from_secs(120)));
        assert_eq!(read(" 0.5 "), Some(Duration::from_millis(500)));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:47 GMT"), Some(Duration::from_secs(10)));
        assert_eq!(read("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        for senseless in ["", "soon", "-5", "nan", "1e99"] {
            assert_eq!(read(senseless), None, "{senseless}");
        }
    }
}
