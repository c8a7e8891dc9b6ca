//! The machine's own clock and source of randomness.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use super::port::{Clock, Ids};
use crate::domain::instant::Instant;

/// The system's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        let micros = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_micros());
        Instant::from_micros(i64::try_from(micros).unwrap_or(0))
    }
}

/// UUIDv7 whose first 60 bits of time never go back within a process: ids made
/// one after the other are in order, and so are those of processes that share
/// a clock, down to a quarter of a microsecond (RFC 9562, section 6.2,
/// method 3).
#[derive(Debug, Default)]
pub struct SystemIds {
    last: AtomicU64,
}

impl Ids for SystemIds {
    fn uuid(&self, at: Instant) -> u128 {
        let micros = u64::try_from(at.micros()).unwrap_or(0);
        let time = ((micros / 1000) << 12) | ((micros % 1000) * 4096 / 1000);
        let previous = self
            .last
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| Some(time.max(last + 1)))
            .unwrap_or(time);
        let time = time.max(previous + 1);
        let mut random = [0; 8];
        self.fill(&mut random);
        let random = u128::from(u64::from_le_bytes(random) >> 2);
        let (millis, fraction) = (u128::from(time >> 12), u128::from(time & 0xfff));
        (millis << 80) | (7 << 76) | (fraction << 64) | (2 << 62) | random
    }

    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness there are no safe ids and keys: better to stop
        // here, and to answer `internal`, than to go on with guessable ones.
        assert!(
            getrandom::fill(bytes).is_ok(),
            "the operating system gives no random bytes"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_instant_are_in_order_and_are_version_7() {
        let ids = SystemIds::default();
        let at = Instant::from_micros(1_770_000_000_123_456);
        let made: Vec<u128> = (0..10_000).map(|_| ids.uuid(at)).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(made.iter().all(|bits| bits >> 76 & 0xf == 7 && bits >> 62 & 3 == 2));
        assert_eq!(made[0] >> 80, 1_770_000_000_123);
    }
}
