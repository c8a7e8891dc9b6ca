//! The stories, and what they are about.

use super::{
    life::Life,
    shop::Shop,
    story::{differs, read, tell},
    table,
};
use crate::domain::{instant::Instant, zone::Zone};

const STORIES: &[(&str, &str)] = &[
    ("months", include_str!("stories/months.txt")),
    ("clocks", include_str!("stories/clocks.txt")),
    ("states", include_str!("stories/states.txt")),
    ("recovery", include_str!("stories/recovery.txt")),
    ("ends", include_str!("stories/ends.txt")),
    ("pauses", include_str!("stories/pauses.txt")),
    ("changes", include_str!("stories/changes.txt")),
    ("metered", include_str!("stories/metered.txt")),
    ("dates", include_str!("stories/dates.txt")),
    ("money", include_str!("stories/money.txt")),
];

/// A story that differs is shown as it really is, to be read and then pasted.
#[test]
fn every_story_is_true() {
    let shop = Shop::open();
    let mut wrong = String::new();
    for (file, text) in STORIES {
        for story in read(text) {
            let Ok((told, _)) = std::panic::catch_unwind(|| tell(&story, &shop)) else {
                wrong.push_str(&format!("@ {file}\n# {}\nbreaks a law, see above\n\n", story.title));
                continue;
            };
            if let Some(really) = differs(&story, &told) {
                wrong.push_str(&format!("@ {file}\n{really}\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "these stories differ from what happens:\n\n{wrong}");
}

#[test]
fn every_transition_is_told() {
    let shop = Shop::open();
    let mut seen = Vec::new();
    for (_, text) in STORIES {
        for story in read(text) {
            seen.extend(tell(&story, &shop).1);
        }
    }
    let missing = table::missing(&seen);
    assert!(missing.is_empty(), "no story tells of these:\n{}", missing.join("\n"));
}

/// StepPay's `recurringCount` begins at one in advance and at nothing in
/// arrears, and a trial is no payment.
#[test]
fn payments_are_counted_when_they_are_due() {
    let shop = Shop::open();
    let at = |date: &str| Instant::parse(date).expect("a date");
    for (name, trial_end, counts) in [
        ("basic", None, [1, 2, 3]),
        ("post", None, [0, 1, 2]),
        ("basic", Some(at("2026-01-24")), [0, 1, 2]),
        ("post", Some(at("2026-01-24")), [0, 0, 1]),
    ] {
        let mut life = Life::new(at("2026-01-10"), Zone::default());
        life.buy(&shop, &[(name.to_owned(), 1)], trial_end, true);
        let mut counted = vec![life.subs[0].payments];
        for date in ["2026-02-11", "2026-03-11"] {
            life.run_to(&shop, at(date));
            counted.push(life.subs[0].payments);
        }
        assert_eq!(counted, counts, "{name}, trial until {trial_end:?}");
    }
}
