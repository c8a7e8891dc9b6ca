//! How a caller gives up.

use std::sync::{
    OnceLock,
    atomic::{AtomicU8, Ordering, fence},
};

use crate::error::{Code, Error};

/// Lets a caller give up on work that another thread holds.
#[derive(Default)]
pub struct Watch {
    reason: AtomicU8,
    /// Whom to tell at once; most work looks at `reason` by itself instead.
    listener: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

/// Why a caller gave up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GiveUp {
    /// It was told to.
    Aborted = 1,
    /// Its time ran out.
    TimedOut = 2,
}

impl Watch {
    /// Gives up; the first reason stays.
    pub fn give_up(&self, reason: GiveUp) {
        let _ = self
            .reason
            .compare_exchange(0, reason as u8, Ordering::AcqRel, Ordering::Acquire);
        // Of a listener that registers at this moment and this thread, one at
        // least must see what the other wrote.
        fence(Ordering::SeqCst);
        if let Some(listener) = self.listener.get() {
            listener();
        }
    }

    /// Calls `listener` when the caller gives up, at once when it has already.
    /// It may be called twice. A watch has one listener; further ones are
    /// dropped.
    pub fn on_give_up(&self, listener: impl Fn() + Send + Sync + 'static) {
        let _ = self.listener.set(Box::new(listener));
        fence(Ordering::SeqCst);
        if self.given_up().is_some()
            && let Some(listener) = self.listener.get()
        {
            listener();
        }
    }

    /// Why the caller gave up.
    pub fn given_up(&self) -> Option<GiveUp> {
        match self.reason.load(Ordering::Acquire) {
            0 => None,
            1 => Some(GiveUp::Aborted),
            _ => Some(GiveUp::TimedOut),
        }
    }

    /// The error for a caller who gave up.
    pub fn reason(&self) -> Option<Error> {
        self.given_up().map(|reason| match reason {
            GiveUp::Aborted => Error::new(Code::Aborted, "the call was aborted; nothing was changed"),
            GiveUp::TimedOut => Error::new(
                Code::Timeout,
                "the call took longer than its timeout; nothing was changed",
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, atomic::AtomicUsize};

    use super::*;

    #[test]
    fn a_watch_tells_its_listener_before_and_after() {
        for register_first in [true, false] {
            let watch = Watch::default();
            let told = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&told);
            let listener = move || {
                count.fetch_add(1, Ordering::Relaxed);
            };
            if register_first {
                watch.on_give_up(listener);
                assert_eq!(told.load(Ordering::Relaxed), 0);
                watch.give_up(GiveUp::TimedOut);
            } else {
                watch.give_up(GiveUp::TimedOut);
                watch.on_give_up(listener);
            }
            assert_eq!(told.load(Ordering::Relaxed), 1);
            watch.give_up(GiveUp::Aborted);
            assert_eq!(watch.given_up(), Some(GiveUp::TimedOut));
        }
    }
}
