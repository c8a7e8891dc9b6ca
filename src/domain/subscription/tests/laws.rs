//! What holds whatever happens. [`Life`] itself checks after every step that
//! states move along the table, that nothing due is forgotten, that what ended
//! stays ended, that periods neither overlap nor leave gaps, that decisions
//! made twice are equal, that nobody gets back more than was paid, and that
//! every state survives being stored.

use proptest::{prelude::*, sample::select};

use super::{
    super::{At, Edit, Phase, Until, When},
    life::{Answer, Command, Happened, Life, change},
    shop::{Shop, every},
};
use crate::domain::{
    calendar::{Basis, Period, Unit},
    instant::Instant,
    line::LineType,
    pricing::bill::Bill,
    settings::{
        CancelDefault, ChangeWhen, FirstPeriod, GiveBack, IntervalSwitch, PausePolicy, RecoveredPeriod, RetryEnd,
        Settings, TerminationDay, TrialEnd,
    },
    zone::Zone,
};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

const ADVANCE: [&str; 17] = [
    "basic", "pro", "max", "yearly", "weekly", "free", "calls", "calls20", "seats", "kit", "bigkit", "intro",
    "feeonce", "feeeach", "first", "three", "season",
];
const ARREARS: [&str; 8] = [
    "post",
    "postpro",
    "postyear",
    "postfee",
    "postcalls",
    "postseats",
    "postfirst",
    "postthree",
];

/// Something that is done, as numbers that fit whatever there is.
#[derive(Debug, Clone)]
enum Step {
    Cancel(u8, u8),
    Uncancel,
    Pause(u8, u8),
    Resume,
    Change(&'static str, i64, u8, u8),
    Quantity(i64, u8),
    Add(&'static str, u8),
    Remove(u8),
    Forget,
    Move(i64, bool),
    Renew,
    Card(bool),
    Pay,
    Answer(Answer),
    Use(i64),
    Code(&'static str),
}

#[derive(Debug, Clone)]
struct Purchase {
    items: Vec<(&'static str, i64)>,
    trial_days: Option<i64>,
    card: bool,
    start_hours: i64,
    zone: &'static str,
    code: Option<&'static str>,
}

fn plans() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => select(&ADVANCE[..]), 1 => select(&ARREARS[..])]
}

fn purchases() -> impl Strategy<Value = Purchase> {
    let zones = select(
        &[
            "Asia/Seoul",
            "America/New_York",
            "Europe/Paris",
            "Australia/Lord_Howe",
            "UTC",
        ][..],
    );
    (
        prop::collection::vec((plans(), 1..4_i64), 1..3),
        prop::option::weighted(0.3, 1..40_i64),
        prop::bool::weighted(0.85),
        0..30_000_i64,
        zones,
        prop::option::weighted(0.3, codes()),
    )
        .prop_map(|(items, trial_days, card, start_hours, zone, code)| Purchase {
            items,
            trial_days,
            card,
            start_hours,
            zone,
            code,
        })
}

fn codes() -> impl Strategy<Value = &'static str> {
    select(&["TENONCE", "TEN", "TENTWO", "FIXED"][..])
}

fn settings() -> impl Strategy<Value = Settings> {
    let give_back = || select(&[GiveBack::None, GiveBack::Credit, GiveBack::Refund][..]);
    let when = || select(&[ChangeWhen::Immediate, ChangeWhen::PeriodEnd][..]);
    let first = (
        select(&[Basis::Day, Basis::Day, Basis::Second, Basis::None][..]),
        select(&[PausePolicy::Extend, PausePolicy::Credit, PausePolicy::None][..]),
        (give_back(), give_back(), give_back()),
        (when(), when()),
        select(
            &[
                IntervalSwitch::Restart,
                IntervalSwitch::KeepAnchor,
                IntervalSwitch::PeriodEnd,
            ][..],
        ),
        prop::option::weighted(0.2, 1..=31_u8),
        any::<(bool, bool, bool)>(),
    );
    let second = (
        select(
            &[
                RetryEnd::Expired,
                RetryEnd::Unpaid,
                RetryEnd::Paused,
                RetryEnd::Canceled,
            ][..],
        ),
        select(&[TrialEnd::Cancel, TrialEnd::Pause, TrialEnd::PastDue][..]),
        select(vec![vec![1, 3, 5, 10, 14], vec![], vec![2], vec![1, 40]]),
        prop::option::weighted(0.2, 8..20_u32),
        select(&[0_u32, 7][..]),
    );
    (first, second).prop_map(|(first, second)| {
        let (proration, pause, gives, (upgrade, downgrade), interval_switch, billing_day, flags) = first;
        let (retry_end, trial_end_without_method, retry_days, end_day, notice) = second;
        let mut settings = Settings {
            proration,
            pause,
            cancel_credit: gives.0,
            downgrade_credit: gives.1,
            decrease_credit: gives.2,
            upgrade,
            downgrade,
            interval_switch,
            first_period: billing_day.map_or(FirstPeriod::Anniversary, |_| FirstPeriod::Aligned),
            billing_day,
            termination_day: if flags.0 {
                TerminationDay::Used
            } else {
                TerminationDay::Unused
            },
            cancel_default: if flags.1 {
                CancelDefault::Now
            } else {
                CancelDefault::PeriodEnd
            },
            recovered_period: match flags.2 {
                true => RecoveredPeriod::RestartAtPayment,
                false => RecoveredPeriod::KeepAnchor,
            },
            retry_end,
            trial_end_without_method,
            retry_days,
            notice_before_payment_days: notice,
            ..Settings::default()
        };
        if let Some(day) = end_day {
            settings.recovery.enabled = true;
            settings.recovery.end_day = day;
        }
        settings.check().expect("settings that fit");
        settings
    })
}

fn steps(most: usize) -> impl Strategy<Value = Vec<(i64, Step)>> {
    let answers = || select(&[Answer::Paid, Answer::Declined, Answer::Hard][..]);
    let step = prop_oneof![
        2 => (0..3_u8, 0..4_u8).prop_map(|(when, credit)| Step::Cancel(when, credit)),
        1 => Just(Step::Uncancel),
        2 => (0..3_u8, 0..4_u8).prop_map(|(when, until)| Step::Pause(when, until)),
        3 => Just(Step::Resume),
        4 => (plans(), 1..4_i64, 0..3_u8, 0..4_u8).prop_map(|(to, n, when, back)| Step::Change(to, n, when, back)),
        3 => (1..6_i64, 0..3_u8).prop_map(|(n, when)| Step::Quantity(n, when)),
        1 => (plans(), 0..3_u8).prop_map(|(to, when)| Step::Add(to, when)),
        1 => (0..3_u8).prop_map(Step::Remove),
        1 => Just(Step::Forget),
        2 => (-20..50_i64, any::<bool>()).prop_map(|(days, charged)| Step::Move(days, charged)),
        2 => Just(Step::Renew),
        2 => any::<bool>().prop_map(Step::Card),
        2 => Just(Step::Pay),
        3 => answers().prop_map(Step::Answer),
        3 => (1..300_i64).prop_map(Step::Use),
        1 => codes().prop_map(Step::Code),
    ];
    // Hours on, and sometimes the very instant of something that is due.
    prop::collection::vec((prop_oneof![4 => 0..1_200_i64, 1 => Just(-1)], step), 0..most)
}

fn answers() -> impl Strategy<Value = Vec<Answer>> {
    let one = prop_oneof![
        5 => Just(Answer::Paid),
        2 => Just(Answer::Declined),
        1 => Just(Answer::Hard),
        1 => Just(Answer::Silent),
    ];
    prop::collection::vec(one, 1..12)
}

fn start(shop: &Shop, purchase: &Purchase, settings: &Settings, answers: &[Answer]) -> Life {
    let zone = Zone::parse(purchase.zone).expect("a zone");
    let now = Instant::parse("2026-01-01").expect("a date").micros() + purchase.start_hours * HOUR;
    let mut life = Life::new(Instant::from_micros(now), zone);
    life.settings = settings.clone();
    life.answers = answers.to_vec();
    life.codes = purchase.code.map(ToOwned::to_owned).into_iter().collect();
    let trial = purchase.trial_days.map(|days| Instant::from_micros(now + days * DAY));
    let items: Vec<(String, i64)> = purchase
        .items
        .iter()
        .map(|(name, quantity)| ((*name).to_owned(), (*quantity).min(3)))
        .collect();
    life.buy(shop, &items, trial, purchase.card);
    life
}

fn timing(number: u8) -> When {
    [When::Policy, When::Now, When::PeriodEnd][usize::from(number % 3)]
}

fn gives(number: u8) -> Option<GiveBack> {
    [
        None,
        Some(GiveBack::None),
        Some(GiveBack::Credit),
        Some(GiveBack::Refund),
    ][usize::from(number % 4)]
}

fn take(life: &mut Life, shop: &Shop, step: &Step) {
    let item = life.subs[0].top_items().next().expect("an item").clone();
    let name = item.price.as_str().trim_start_matches("var_").to_owned();
    let days = |days: i64| Instant::from_micros(life.now.micros() + days * DAY);
    let at = |when: &u8| match when {
        0 => At::Now,
        1 => At::PeriodEnd,
        _ => At::Date(days(17)),
    };
    let replace = |name: &str, quantity: i64, when: u8| {
        let by = shop.new_item(name, quantity);
        change(
            Edit::Replace {
                item: item.id.clone(),
                by,
            },
            timing(when),
        )
    };
    let command = match step {
        Step::Cancel(when, credit) => Command::Cancel(Some(at(when)), gives(*credit)),
        Step::Uncancel => Command::Uncancel,
        Step::Pause(when, until) => Command::Pause(
            at(when),
            [
                None,
                Some(Until::At(days(30))),
                Some(Until::After(every(Unit::Day, 9))),
                None,
            ][usize::from(*until)],
        ),
        Step::Resume => Command::Resume,
        Step::Change(to, quantity, when, back) => match replace(to, *quantity, *when) {
            Command::Change(mut change) => {
                change.give_back = gives(*back);
                Command::Change(change)
            }
            other => other,
        },
        Step::Quantity(quantity, when) => replace(&name, *quantity, *when),
        Step::Add(to, when) => change(Edit::Add(shop.new_item(to, 1)), timing(*when)),
        Step::Remove(when) => change(Edit::Remove(item.id), timing(*when)),
        Step::Forget => Command::Forget,
        Step::Move(days, charged) => {
            let end = life.subs[0].cycle.map_or(life.now, |cycle| cycle.period.end());
            Command::Move(Instant::from_micros(end.micros() + days * DAY), *charged)
        }
        Step::Renew => Command::Renew,
        Step::Card(retry) => Command::Card(*retry),
        Step::Pay => Command::Pay,
        Step::Answer(answer) => {
            if life.subs[0].charging {
                life.answer(0, *answer);
            }
            return;
        }
        Step::Use(units) => {
            life.use_units(0, *units);
            return;
        }
        Step::Code(code) => {
            life.codes = vec![(*code).to_owned()];
            return;
        }
    };
    let before = life.clone();
    if life.command(shop, 0, &command).is_err() {
        assert_eq!(before.subs, life.subs, "what is refused changes nothing");
    }
}

/// Lives a life: in jumps from step to step, or in steps of so many hours.
fn live(mut life: Life, shop: &Shop, steps: &[(i64, Step)], by_hours: Option<i64>, days_after: i64) -> Life {
    let run = |life: &mut Life, to: Instant| {
        if let Some(hours) = by_hours {
            while life.now.micros() + hours * HOUR < to.micros() {
                life.run_to(shop, Instant::from_micros(life.now.micros() + hours * HOUR));
            }
        }
        life.run_to(shop, to);
    };
    for (hours, step) in steps {
        let to = match hours {
            -1 => life.next_due().unwrap_or(life.now),
            hours => Instant::from_micros(life.now.micros() + hours * HOUR),
        };
        let to = to.max(life.now);
        run(&mut life, to);
        take(&mut life, shop, step);
    }
    let end = Instant::from_micros(life.now.micros() + days_after * DAY);
    run(&mut life, end);
    life
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_shrink_iters: 4_000, ..ProptestConfig::default() })]

    /// The laws of every step, and: one jump is many steps.
    #[test]
    fn a_jump_is_many_steps(
        purchase in purchases(),
        settings in settings(),
        steps in steps(12),
        answers in answers(),
        hours in select(&[7_i64, 24, 24 * 9][..]),
    ) {
        let shop = Shop::open();
        let life = start(&shop, &purchase, &settings, &answers);
        let jumped = live(life.clone(), &shop, &steps, None, 400);
        let walked = live(life, &shop, &steps, Some(hours), 400);
        prop_assert_eq!(&jumped.subs, &walked.subs);
        prop_assert_eq!(&jumped.log, &walked.log);
        prop_assert_eq!(jumped.balance, walked.balance);
    }

    /// The laws of every step hold for a worker that comes late, too.
    #[test]
    fn a_late_worker_keeps_the_laws(
        purchase in purchases(),
        settings in settings(),
        steps in steps(12),
        answers in answers(),
    ) {
        let shop = Shop::open();
        let mut life = start(&shop, &purchase, &settings, &answers);
        life.late = true;
        let life = live(life, &shop, &steps, None, 400);
        prop_assert!(life.next_due().is_none_or(|at| at > life.now));
    }

    /// What is shown for a newborn is what was shown before it was bought.
    #[test]
    fn a_newborn_will_pay_what_was_quoted(purchase in purchases(), settings in settings()) {
        let shop = Shop::open();
        let zone = Zone::parse(purchase.zone).expect("a zone");
        let now = Instant::parse("2026-01-01").expect("a date").micros() + purchase.start_hours * HOUR;
        let mut life = Life::new(Instant::from_micros(now), zone);
        life.settings = Settings { notice_before_payment_days: 0, ..settings };
        life.codes = purchase.code.map(ToOwned::to_owned).into_iter().collect();
        let trial = purchase.trial_days.map(|days| Instant::from_micros(now + days * DAY));
        let items = [(purchase.items[0].0.to_owned(), purchase.items[0].1.min(3))];
        let quote = life.buy(&shop, &items, trial, true);
        let until = Instant::parse("2099-01-01").expect("a date");
        let shown = life.upcoming(&shop, 0, quote.upcoming.len(), until);
        prop_assert_eq!(shown, quote.upcoming);
    }

    /// What is shown as coming is what is then charged.
    #[test]
    fn what_is_coming_comes(purchase in purchases(), settings in settings(), steps in steps(8)) {
        let shop = Shop::open();
        let life = start(&shop, &purchase, &settings, &[Answer::Paid]);
        let steps: Vec<_> = steps.into_iter().filter(|(_, step)| !matches!(step, Step::Use(_))).collect();
        let mut life = live(life, &shop, &steps, None, 3);
        prop_assume!(life.subs[0].method.is_some());
        life.subs.truncate(1);
        life.log.clear();
        let before = life.subs[0].clone();
        let until = Instant::from_micros(life.now.micros() + 300 * DAY);
        let shown = life.upcoming(&shop, 0, 100, until);
        life.run_to(&shop, until);
        let charged: Vec<_> = life.log.into_iter().filter_map(|happened| match happened {
            Happened::Bill { charge, .. } => Some(charge.bill),
            _ => None,
        }).collect();
        // What is added later has no id before.
        let named = |mut bills: Vec<Bill>| {
            for line in bills.iter_mut().flat_map(|bill| &mut bill.lines) {
                line.item = line.item.take().filter(|id| before.item(id).is_some());
            }
            bills
        };
        prop_assert_eq!(named(shown), named(charged));
    }

    /// Every day is paid once: the spans on the lines of an item neither
    /// overlap nor leave a gap in which it was running.
    #[test]
    fn every_day_is_paid_once(
        name in plans(),
        mut purchase in purchases(),
        settings in settings(),
        steps in steps(12),
        answers in answers(),
    ) {
        let shop = Shop::open();
        purchase.items = vec![(name, 1)];
        let settings = Settings { pause: PausePolicy::Extend, recovered_period: RecoveredPeriod::KeepAnchor, ..settings };
        let steps: Vec<_> = steps.into_iter().filter(|(_, step)| match step {
            Step::Change(..) | Step::Quantity(..) | Step::Add(..) | Step::Remove(_) => false,
            Step::Move(days, charged) => *days > 0 && *charged && !name.starts_with("post"),
            _ => true,
        }).collect();
        let mut life = start(&shop, &purchase, &settings, &answers);
        let mut spans: Vec<Period> = Vec::new();
        let id = life.subs[0].items[0].id.clone();
        let paid = life.subs[0].items[0].paid.first().map(|part| part.span);
        spans.extend(paid.filter(|_| life.subs[0].phase == Phase::Active));
        life = live(life, &shop, &steps, None, 200);
        let mut last = None;
        for happened in &life.log {
            match happened {
                Happened::Bill { charge, .. } => {
                    let of_item = charge.bill.lines.iter().filter(|line| line.item.as_ref() == Some(&id));
                    let price = of_item.filter(|line| line.kind == LineType::Price);
                    let mut new: Vec<Period> = price.filter_map(|line| line.period).collect();
                    // A line for what a first payment costs on top is for the same span.
                    new.dedup();
                    last = Some((spans.len(), charge.due));
                    spans.extend(new);
                }
                Happened::Closed(due) => {
                    if let Some((length, _)) = last.filter(|(_, of)| of == due) {
                        spans.truncate(length);
                    }
                }
                _ => {}
            }
        }
        for two in spans.windows(2) {
            prop_assert!(two[0].end() <= two[1].start(), "{:?} and {:?} overlap in {:#?}", two[0], two[1], life.log);
        }
    }
}
