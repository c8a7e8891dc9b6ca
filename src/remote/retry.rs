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
