//! `proyecta.store`: which store the key belongs to.

use super::{
    answer::{ModeWord, StoreWord},
    read::{answer, input},
};
use crate::domain::{id::StoreId, instant::Instant};

input! {
    /// Nothing.
    pub struct StoreGetParams {}
}

answer! {
    /// A store: the tenant whose customers these are. Test and live are two stores that share nothing.
    pub struct Store {
        /// `store_…`
        "id" id: StoreId,
        /// Always `'store'`.
        "object" object: StoreWord,
        /// Whether money is real.
        "mode" mode: ModeWord,
        /// IANA time zone of billing days.
        "timezone" timezone: String,
        /// ISO 4217 code used where a request names none.
        "currency" currency: String,
        /// Counts the changes, from 1.
        "version" version: i64,
        /// When it came to be.
        "createdAt" created_at: Instant,
        /// When it last changed.
        "updatedAt" updated_at: Instant,
    }
}
