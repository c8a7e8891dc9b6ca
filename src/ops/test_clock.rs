//! `commerce.testClocks`: time that tests move.

use super::{
    answer::{MetadataJson, TestClockWord, True, word_answer},
    catalog::Version,
    param::{Limit, Loose, Text, words},
    read::{answer, input},
};
use crate::domain::{id::ClockId, instant::Instant};

/// What goes by a test clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockScope {
    /// Customers that name it.
    Customers,
    /// The whole store.
    Store,
}

words! {
    ClockScope { "customers" => ClockScope::Customers, "store" => ClockScope::Store }
}

word_answer! {
    /// What goes by a test clock.
    ClockScopeWord => "customers" "store";
    /// Whether a test clock stands still.
    ClockStatusWord => "ready" "advancing";
}

input! {
    /// A test clock to be.
    pub struct TestClockCreateParams {
        /// What it shows at first.
        "now" now: Instant,
        /// What people call it.
        "name" name: Option<Text<255>>,
        /// What goes by it: customers that were created with it (`'customers'`, the default), or the whole store.
        "scope" scope: Option<ClockScope>,
    }
}

input! {
    /// Which test clock.
    pub struct TestClockGetParams {
        /// `clk_…`
        "testClockId" test_clock_id: ClockId,
    }
}

input! {
    /// Which test clocks to list; newest first.
    pub struct TestClockListParams {
        /// Clocks a page: 1 to 100, as number or numeric text.
        "limit" limit: Limit,
        /// `nextCursor` of the page before.
        "cursor" cursor: Option<Loose<2000>>,
    }
}

input! {
    /// Where to move a test clock.
    pub struct TestClockAdvanceParams {
        /// `clk_…`
        "testClockId" test_clock_id: ClockId,
        /// What it shows afterwards; not before what it shows now. The same instant does what is due.
        "to" to: Instant,
    }
}

input! {
    /// Which test clock to delete.
    pub struct TestClockDeleteParams {
        /// `clk_…`
        "testClockId" test_clock_id: ClockId,
        /// Only if the clock still has this version.
        "ifVersion" if_version: Version,
    }
}

answer! {
    /// A test clock: everything that goes by it happens when it is moved there, in order.
    pub struct TestClock {
        /// `clk_…`
        "id" id: ClockId,
        /// Always `'test_clock'`.
        "object" object: TestClockWord,
        /// What people call it.
        "name" name: Option<String>,
        /// What goes by it.
        "scope" scope: ClockScopeWord,
        /// Whether it stands still, or is being moved.
        "status" status: ClockStatusWord,
        /// What it shows.
        "now" now: Instant,
        /// Where it is being moved to; `null` at rest.
        "advancingTo" advancing_to: Option<Instant>,
        /// Your own notes.
        "metadata" metadata: MetadataJson,
        /// Counts the changes, from 1.
        "version" version: i64,
        /// When it came to be, by the system's clock.
        "createdAt" created_at: Instant,
        /// When it last changed, by the system's clock.
        "updatedAt" updated_at: Instant,
    }
}

answer! {
    /// What is left of a deleted test clock.
    pub struct DeletedTestClock {
        /// `clk_…`
        "id" id: ClockId,
        /// Always `'test_clock'`.
        "object" object: TestClockWord,
        /// Always `true`.
        "deleted" deleted: True,
    }
}
