use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Instant {
    Instant::parse(text).expect(text)
}

fn rules(notice_months: u32, dormant_months: u32, zone: &str) -> Rules {
    Rules {
        notice_months,
        dormant_months,
        zone: Zone::parse(zone).expect(zone),
    }
}

/// A customer, as the engine keeps one.
#[derive(Debug, Clone, PartialEq)]
struct Kept {
    since: Instant,
    noticed_at: Option<Instant>,
    dormant: bool,
    look_at: Option<Instant>,
    heard: Vec<(Instant, Step)>,
}

impl Kept {
    fn new(since: Instant) -> Self {
        Self {
            since,
            noticed_at: None,
            dormant: false,
            look_at: Some(Instant::from_micros(since.micros() + FIRST_LOOK)),
            heard: Vec::new(),
        }
    }

    /// Somebody was heard of: an order or a login.
    fn active(&mut self, rules: &Rules, now: Instant) {
        self.since = now;
        self.dormant = false;
        let first = rules.first(now);
        if self.look_at.is_none_or(|at| first.is_some_and(|first| first < at)) {
            self.look_at = first;
        }
    }

    /// Everything that is due by an instant, each at its own.
    fn run(&mut self, rules: &Rules, until: Instant, subscribed: impl Fn(Instant) -> bool) {
        while let Some(now) = self.look_at.filter(|at| *at <= until) {
            let silence = Silence {
                since: self.since,
                noticed_at: self.noticed_at,
                dormant: self.dormant,
                subscribed: subscribed(now),
            };
            let look = rules.look(&silence, now);
            match look.step {
                None => {
                    assert!(look.again.is_none_or(|again| again > now), "a look that leads nowhere");
                    self.look_at = look.again;
                    continue;
                }
                Some(Step::Notice) => self.noticed_at = Some(now),
                Some(Step::Dormant) => self.dormant = true,
            }
            self.heard.extend(look.step.map(|step| (now, step)));
        }
    }
}

fn heard(kept: &Kept) -> Vec<(String, Step)> {
    kept.heard.iter().map(|(at, step)| (at.to_string(), *step)).collect()
}

#[test]
fn a_notice_after_eleven_months_and_dormant_after_twelve() {
    let rules = rules(11, 12, "Asia/Seoul");
    // 00:30 on 1 April in Seoul.
    let mut kept = Kept::new(at("2025-03-31T15:30:00Z"));
    kept.run(&rules, at("2040-01-01"), |_| false);
    let expected = [
        ("2026-02-28T15:30:00.000Z".to_owned(), Step::Notice),
        ("2026-03-31T15:30:00.000Z".to_owned(), Step::Dormant),
    ];
    assert_eq!(heard(&kept), expected);
    assert_eq!(kept.look_at, None, "nothing more follows by itself");
}

#[test]
fn months_that_are_too_short() {
    for (since, notice, dormant) in [
        (
            "2025-03-31T10:00:00Z",
            "2026-02-28T10:00:00.000Z",
            "2026-03-31T10:00:00.000Z",
        ),
        (
            "2023-03-30T10:00:00Z",
            "2024-02-29T10:00:00.000Z",
            "2024-03-30T10:00:00.000Z",
        ),
        (
            "2024-02-29T10:00:00Z",
            "2025-01-29T10:00:00.000Z",
            "2025-02-28T10:00:00.000Z",
        ),
    ] {
        let mut kept = Kept::new(at(since));
        kept.run(&rules(11, 12, "UTC"), at("2030-01-01"), |_| false);
        let expected = [(notice.to_owned(), Step::Notice), (dormant.to_owned(), Step::Dormant)];
        assert_eq!(heard(&kept), expected, "{since}");
    }
}

#[test]
fn whoever_is_heard_of_begins_anew() {
    let rules = rules(11, 12, "UTC");
    let mut kept = Kept::new(at("2025-01-01"));
    for (now, told) in [
        ("2025-11-30T23:59:59Z", 0),
        ("2025-12-01T00:00:00Z", 1),
        // Told, and heard of before anything came of it.
        ("2025-12-15T00:00:00Z", 1),
    ] {
        kept.run(&rules, at(now), |_| false);
        assert_eq!(kept.heard.len(), told, "{now}");
    }
    kept.active(&rules, at("2025-12-15"));
    kept.run(&rules, at("2026-11-14T23:59:59Z"), |_| false);
    assert_eq!(kept.heard.len(), 1, "dormant eleven months too early");
    kept.run(&rules, at("2027-01-01"), |_| false);
    assert_eq!(
        heard(&kept)[1..],
        [
            ("2026-11-15T00:00:00.000Z".to_owned(), Step::Notice),
            ("2026-12-15T00:00:00.000Z".to_owned(), Step::Dormant)
        ]
    );
    kept.active(&rules, at("2027-01-01"));
    kept.run(&rules, at("2030-01-01"), |_| false);
    assert_eq!(kept.heard.len(), 5, "a second silence has its own");
}

#[test]
fn whoever_subscribes_is_told_afterwards_and_in_time() {
    let rules = rules(11, 12, "UTC");
    let end = at("2028-05-10");
    let mut kept = Kept::new(at("2025-01-01"));
    kept.run(&rules, at("2030-01-01"), |now| now < end);
    let [(notice, Step::Notice), (dormant, Step::Dormant)] = kept.heard[..] else {
        panic!("{:?}", kept.heard);
    };
    assert!(notice >= end && Some(notice) <= after(end, 1, rules.zone), "{notice}");
    assert_eq!(Some(dormant), after(notice, 1, rules.zone));
}

#[test]
fn switched_off() {
    for (notice, dormant, expected) in [
        (0, 0, vec![]),
        (11, 0, vec![("2025-12-01T00:00:00.000Z", Step::Notice)]),
        (0, 12, vec![("2026-01-01T00:00:00.000Z", Step::Dormant)]),
    ] {
        let mut kept = Kept::new(at("2025-01-01"));
        kept.run(&rules(notice, dormant, "UTC"), at("2035-01-01"), |_| false);
        let expected: Vec<_> = expected.into_iter().map(|(at, step)| (at.to_owned(), step)).collect();
        assert_eq!(heard(&kept), expected);
        let looks_on = notice == 0 && dormant == 0;
        assert_eq!(kept.look_at.is_some(), looks_on, "they may be switched on");
    }
}

#[test]
fn the_calendar_ends() {
    let rules = rules(11, 12, "UTC");
    let mut kept = Kept::new(at("2099-01-31"));
    kept.run(&rules, at("2099-12-31T23:59:59Z"), |_| false);
    assert_eq!(heard(&kept), [("2099-12-31T00:00:00.000Z".to_owned(), Step::Notice)]);
    assert_eq!(kept.look_at, None);
}

const DAY: i64 = 86_400_000_000;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// One jump is many steps; each thing happens once in a silence, in order,
    /// never before its time and never to whoever subscribes.
    #[test]
    fn the_law(
        start in 0_i64..30_000,
        notice in 0_u32..14,
        dormant in 0_u32..14,
        zone in 0_usize..4,
        active in prop::collection::vec(1_i64..500, 0..6),
        spans in prop::collection::vec((0_i64..3000, 1_i64..900), 0..3),
        steps in prop::collection::vec(1_i64..400, 1..40),
    ) {
        // The notice comes first, as the settings demand.
        let notice = if dormant == 0 { notice } else { notice % dormant };
        let zone = ["UTC", "Asia/Seoul", "America/New_York", "Australia/Lord_Howe"][zone];
        let rules = rules(notice, dormant, zone);
        let day = |days: i64| Instant::from_micros((start + days) * DAY);
        let subscribed = |now: Instant| spans.iter().any(|(from, length)| {
            (day(*from)..day(from + length)).contains(&now)
        });
        let mut instants = Vec::new();
        for gap in &active {
            instants.push(instants.last().copied().unwrap_or(0) + gap);
        }
        let end = 4000;
        // Once with nothing but what happens, once in small steps besides.
        let mut jump = Kept::new(day(0));
        for one in &instants {
            jump.run(&rules, day(*one), subscribed);
            jump.active(&rules, day(*one));
        }
        jump.run(&rules, day(end), subscribed);
        let mut walk = Kept::new(day(0));
        let (mut now, mut left) = (0, instants.as_slice());
        for step in steps.iter().cycle() {
            let to = (now + step).min(end);
            while let Some((first, rest)) = left.split_first().filter(|(first, _)| **first <= to) {
                walk.run(&rules, day(*first), subscribed);
                walk.active(&rules, day(*first));
                left = rest;
            }
            walk.run(&rules, day(to), subscribed);
            now = to;
            if now == end {
                break;
            }
        }
        prop_assert_eq!(&jump, &walk);
        let mut silences: Vec<Instant> = vec![day(0)];
        silences.extend(instants.iter().map(|one| day(*one)));
        for (index, since) in silences.iter().enumerate() {
            let until = silences.get(index + 1).copied().unwrap_or(day(end));
            // What is due in the instant in which somebody is heard of happens before it.
            let here: Vec<_> = jump.heard.iter().filter(|(at, _)| *at > *since && *at <= until).collect();
            let of = |wanted: Step| here.iter().filter(|(_, step)| *step == wanted).map(|(at, _)| *at).collect::<Vec<_>>();
            let (told, gone) = (of(Step::Notice), of(Step::Dormant));
            prop_assert!(told.len() <= 1 && gone.len() <= 1, "twice in a silence: {:?}", here);
            for (at, months) in told.iter().map(|at| (at, notice)).chain(gone.iter().map(|at| (at, dormant))) {
                prop_assert!(months > 0);
                prop_assert!(Some(*at) >= after(*since, months, rules.zone), "too early: {}", at);
                prop_assert!(!subscribed(*at), "somebody who subscribes: {}", at);
            }
            if let (Some(told), Some(gone)) = (told.first(), gone.first()) {
                prop_assert!(told < gone);
            }
            // Nothing due is forgotten: at most a month late once nothing stands in the way.
            let free = (0..end).all(|d| !subscribed(day(d)));
            if free && notice > 0 {
                let due = after(*since, notice, rules.zone);
                prop_assert_eq!(told.first().copied(), due.filter(|due| *due <= until));
            }
            if free && dormant > 0 {
                let due = after(*since, dormant, rules.zone);
                let due = due.map(|due| told.first().map_or(due, |told| {
                    due.max(after(*told, dormant - notice, rules.zone).unwrap_or(due))
                }));
                prop_assert_eq!(gone.first().copied(), due.filter(|due| *due <= until));
            }
        }
    }
}
