//! How much at once, how often, and how many wrong keys.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    num::NonZeroU32,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::DashMapStateStore,
};

use super::{
    keys::KeyHash,
    refused::{Refused, Step},
};
use crate::error::Code;

/// So many addresses or keys are counted one by one at most.
const MOST: usize = 10_000;

/// Requests that are being worked on.
#[derive(Clone)]
pub(super) struct InHand {
    count: Arc<AtomicUsize>,
    most: usize,
}

/// One of them, until it is dropped.
pub(super) struct Taken(Arc<AtomicUsize>);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl InHand {
    pub(super) fn new(most: usize) -> Self {
        Self {
            count: Arc::default(),
            most,
        }
    }

    /// The event streams, which are counted for the whole process: it may have
    /// an API under several paths.
    pub(super) fn event_streams(most: usize) -> Self {
        static OPEN: OnceLock<Arc<AtomicUsize>> = OnceLock::new();
        Self {
            count: Arc::clone(OPEN.get_or_init(Arc::default)),
            most,
        }
    }

    /// Takes one more, or says that there are enough.
    pub(super) fn take(&self) -> Step<Taken> {
        // Counted first, so that two who come together do not both see room.
        let before = self.count.fetch_add(1, Ordering::Relaxed);
        let taken = Taken(Arc::clone(&self.count));
        if before < self.most {
            return Ok(taken);
        }
        Err(Refused::new(
            Code::ServerBusy,
            "the server has as many requests in hand as it takes: try again",
        ))
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock>;

struct Counted<K: Hash + Eq + Clone> {
    limiter: Limiter<K>,
    clock: DefaultClock,
}

impl<K: Hash + Eq + Clone> Counted<K> {
    fn new(quota: Quota) -> Self {
        let clock = DefaultClock::default();
        Self {
            limiter: RateLimiter::new(quota, DashMapStateStore::default(), clock.clone()),
            clock,
        }
    }

    /// Counts one, or gives the seconds until the next one may come.
    /// `shared` is counted instead when too many are being counted.
    fn count(&self, key: K, shared: K) -> Result<(), u64> {
        let mut key = key;
        if self.limiter.len() >= MOST {
            self.limiter.retain_recent();
            if self.limiter.len() >= MOST {
                key = shared;
            }
        }
        self.limiter.check_key(&key).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        })
    }
}

/// Wrong keys by the address that they come from. A right key is never
/// counted, and so never refused, whatever else comes from its address.
pub(super) struct WrongKeys(Counted<IpAddr>);

impl WrongKeys {
    pub(super) fn new(per_minute: NonZeroU32) -> Self {
        Self(Counted::new(Quota::per_minute(per_minute)))
    }

    /// Counts a wrong key; too many are told to wait.
    pub(super) fn count(&self, from: Option<IpAddr>) -> Step<()> {
        let nobody = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let from = from.map_or(nobody, network);
        self.0.count(from, nobody).map_err(|seconds| {
            Refused::new(
                Code::RateLimited,
                "too many wrong API keys came from your address: wait as long as Retry-After says",
            )
            .retry_after(seconds)
        })
    }
}

/// Requests by key.
pub(super) struct Requests(Counted<KeyHash>);

impl Requests {
    pub(super) fn new(per_second: NonZeroU32) -> Self {
        Self(Counted::new(Quota::per_second(per_second)))
    }

    /// Counts a request; too many are told to wait.
    pub(super) fn count(&self, key: KeyHash) -> Step<()> {
        self.0.count(key, key).map_err(|seconds| {
            Refused::new(
                Code::RateLimited,
                "this API key makes more requests than the server allows: wait as long as Retry-After says",
            )
            .retry_after(seconds)
        })
    }
}

/// Whoever has an IPv6 address has a network of them.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => IpAddr::V4(v4),
            None => IpAddr::V6(Ipv6Addr::from(u128::from(v6) >> 64 << 64)),
        },
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_limit_is_refused_until_one_ends() {
        let hand = InHand::new(2);
        let (first, second) = (hand.take().unwrap(), hand.take().unwrap());
        assert_eq!(hand.take().err().unwrap().error().code(), Code::ServerBusy);
        drop(first);
        let third = hand.take().unwrap();
        assert_eq!(hand.count(), 2);
        drop((second, third));
        assert_eq!(hand.count(), 0);
    }

    #[test]
    fn wrong_keys_are_counted_by_address_and_network() {
        let wrong = WrongKeys::new(NonZeroU32::new(3).unwrap());
        let count = |text: &str| wrong.count(Some(text.parse().unwrap())).map_err(|r| r.error().code());
        for _ in 0..3 {
            assert_eq!(count("10.0.0.1"), Ok(()));
        }
        assert_eq!(count("10.0.0.1"), Err(Code::RateLimited));
        assert_eq!(count("::ffff:10.0.0.1"), Err(Code::RateLimited));
        assert_eq!(count("10.0.0.2"), Ok(()));
        for n in 0..3 {
            assert_eq!(count(&format!("2001:db8::{n}")), Ok(()));
        }
        assert_eq!(count("2001:db8::ffff"), Err(Code::RateLimited));
        assert_eq!(count("2001:db8:0:1::"), Ok(()));
    }

    #[test]
    fn counting_takes_a_bounded_amount_of_memory() {
        let wrong = WrongKeys::new(NonZeroU32::MAX);
        for n in 0..(MOST as u32 + 500) {
            wrong.count(Some(IpAddr::V4(Ipv4Addr::from(n)))).unwrap();
        }
        assert!(wrong.0.limiter.len() <= MOST + 1);
    }
}
