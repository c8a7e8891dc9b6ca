//! The glossary's table of transitions as data.

use super::super::Phase::{self, *};

/// From, to, and the numbers of the transitions that go there (glossary,
/// section 2). What stays where it is has a row too.
const TABLE: &[(Phase, Phase, &str)] = &[
    (Incomplete, Incomplete, "a decline, another card"),
    (Incomplete, Active, "3"),
    (Incomplete, IncompleteExpired, "4"),
    (Incomplete, Canceled, "22, 24"),
    (Trialing, Trialing, "18, 20, 25, 26, 31, 33"),
    (Trialing, Active, "5"),
    (Trialing, PastDue, "6, 29"),
    (Trialing, Paused, "25, 29"),
    (Trialing, Canceled, "17, 19, 22, 29"),
    (Trialing, Expired, "21"),
    (Active, Active, "7, 8, 14, 18, 20, 26, 31, 32, 33"),
    (Active, PastDue, "9"),
    (Active, Paused, "13, 15"),
    (Active, Canceled, "17, 19, 22"),
    (Active, Expired, "21"),
    (PastDue, PastDue, "a retry, 18, 20, 31, 33"),
    (PastDue, Active, "10"),
    (PastDue, Unpaid, "11"),
    (PastDue, Paused, "11"),
    (PastDue, Canceled, "11, 17, 19, 22"),
    (PastDue, Expired, "11, 27"),
    (Unpaid, Unpaid, "a retry, 28, 31"),
    (Unpaid, Active, "12"),
    (Unpaid, Canceled, "17, 19, 22"),
    (Unpaid, Expired, "27"),
    (Paused, Paused, "18, 20, 31"),
    (Paused, Active, "16"),
    (Paused, Trialing, "16, 25: the rest of the trial"),
    (Paused, PastDue, "16 and 9: nothing to charge with"),
    (Paused, Canceled, "17, 19, 22"),
    (Paused, Expired, "21"),
    (Canceled, Canceled, "30: the last bill"),
    (Expired, Expired, "30: the last bill"),
];

pub(super) fn check(from: Phase, to: Phase) {
    let known = TABLE.iter().any(|(known, then, _)| *known == from && *then == to);
    assert!(known, "no transition leads from {} to {}", from.name(), to.name());
}

/// Every transition of the table is told by a story; see [`super::stories`].
pub(super) fn missing(seen: &[(Phase, Phase)]) -> Vec<String> {
    let told = |row: &&(Phase, Phase, &str)| !seen.contains(&(row.0, row.1));
    let rows = TABLE.iter().filter(told);
    rows.map(|(from, to, numbers)| format!("{} to {} ({numbers})", from.name(), to.name()))
        .collect()
}

#[test]
fn the_table_knows_every_phase() {
    for (phase, _) in Phase::ALL {
        assert!(
            TABLE.iter().any(|(_, to, _)| *to == phase) || phase == Trialing,
            "{phase:?}"
        );
        let leaves = TABLE.iter().any(|(from, to, _)| *from == phase && to != from);
        assert_eq!(leaves, !phase.is_final(), "{phase:?}");
    }
}
