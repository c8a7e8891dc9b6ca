use proptest::prelude::*;

use super::*;
use crate::domain::catalog::price::{Tier, TierMode};

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn units(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

fn change(day: &str, amount: &str) -> Change {
    Change {
        at: at(day),
        amount: units(amount),
    }
}

/// 1 to 30 April, the cycle of StepPay V1 reference, section 7.2.
fn april() -> Period {
    Period::new(at("2026-04-01"), at("2026-05-01")).unwrap()
}

fn may() -> Period {
    Period::new(at("2026-05-01"), at("2026-06-01")).unwrap()
}

fn meter(counting: Counting, claim: Claim, quota: Option<&str>) -> Meter {
    Meter::open(april(), counting, claim, Quantity::ZERO, quota.map(units)).unwrap()
}

/// Each unit costs the same.
fn each(price: i64) -> Metering {
    table(&[(None, price)])
}

fn table(tiers: &[(Option<i64>, i64)]) -> Metering {
    let tier = |(up_to, price): &(Option<i64>, i64)| Tier {
        up_to: up_to.map(|end| Quantity::whole(end).unwrap()),
        unit_amount: crate::domain::decimal::UnitAmount::whole(*price).unwrap(),
        flat_amount: 0,
    };
    Metering {
        tiers: tiers.iter().map(tier).collect(),
        mode: TierMode::Graduated,
        included: Quantity::ZERO,
        minimum: None,
        maximum: None,
        claim: Claim::Advance,
    }
}

fn equal(one: Exact, other: Exact) -> bool {
    one.compare(other).unwrap().is_eq()
}

/// A share of whole units.
fn share(part: i128, whole: i128) -> Exact {
    Exact::ratio(part, whole).unwrap()
}

#[test]
fn the_guides_table_of_sums() {
    let (t0, t1, t3) = ("2026-04-01", "2026-04-02", "2026-04-04");
    let mut meter = meter(Counting::Sum, Claim::Arrears, None);
    let mut seen = Vec::new();
    for (day, quota, record) in [(t0, "5", "0"), (t1, "0", "2"), (t3, "-2", "1")] {
        meter.quota(change(day, quota)).unwrap();
        meter.record(change(day, record)).unwrap();
        seen.push((meter.quotas().sum_at(at(day)), meter.records().sum_at(at(day))));
    }
    let sums = [("5", "0"), ("5", "2"), ("3", "3")].map(|(quota, record)| (units(quota), units(record)));
    assert_eq!(seen, sums);
    assert!(equal(meter.units().unwrap(), Exact::whole(3)));
    // Full: one more is refused until the quota is raised.
    assert_eq!(meter.room(at(t3)), Some(Quantity::ZERO));
    let refused = meter.record(change(t3, "1")).unwrap_err();
    assert_eq!(refused.at, "record");
    assert!(refused.message.contains("raise the quota first"), "{refused:?}");
    meter.quota(change(t3, "1")).unwrap();
    meter.record(change(t3, "1")).unwrap();
}

#[test]
fn seats_added_on_the_10th_and_removed_on_the_15th() {
    let mut meter = meter(Counting::Seats, Claim::Advance, Some("5"));
    let seats = each(10_000);
    let first = tiers::due(&seats, meter.units().unwrap()).unwrap();
    assert_eq!(first, 50_000);
    // 21 of 30 days are left.
    let added = meter.quota(change("2026-04-10", "3")).unwrap();
    assert!(equal(added.added().unwrap(), share(3 * 21, 30)));
    assert_eq!(added.rest, 21 * 86_400_000_000);
    assert_eq!(
        added.settle(&seats),
        Ok(Settlement {
            charge: 21_000,
            expected_refund: 0
        })
    );
    // 16 of 30 days are left.
    let removed = meter.quota(change("2026-04-15", "-3")).unwrap();
    assert!(equal(removed.added().unwrap(), share(-3 * 16, 30)));
    assert_eq!(
        removed.settle(&seats),
        Ok(Settlement {
            charge: 0,
            expected_refund: 16_000
        })
    );
    // What remains is three seats for five days.
    assert_eq!(tiers::due(&seats, meter.units().unwrap()), Ok(50_000 + 21_000 - 16_000));
}

#[test]
fn a_raise_reaches_the_tier_that_the_whole_reaches() {
    let metering = table(&[(Some(10), 100), (None, 10)]);
    let mut meter = meter(Counting::Sum, Claim::Advance, Some("8"));
    let mut paid = tiers::due(&metering, meter.units().unwrap()).unwrap();
    assert_eq!(paid, 800);
    for (day, amount, charge) in [
        ("2026-04-02", "1", 100),
        ("2026-04-03", "4", 130),
        ("2026-04-04", "5", 50),
    ] {
        let settled = meter.quota(change(day, amount)).unwrap().settle(&metering).unwrap();
        assert_eq!(settled.charge, charge);
        paid += charge;
    }
    assert_eq!(tiers::due(&metering, units("18")), Ok(paid));
}

#[test]
fn a_full_seat_is_one_unit_and_half_a_cycle_half_of_it() {
    let empty = || meter(Counting::Seats, Claim::Arrears, None);
    let full = empty().with([change("2026-04-01", "1")], []).unwrap();
    assert!(equal(full.units().unwrap(), Exact::whole(1)));
    let half = empty().with([change("2026-04-16", "1")], []).unwrap();
    assert!(equal(half.units().unwrap(), share(1, 2)));
    let third = empty().with([change("2026-04-21", "1")], []).unwrap();
    assert!(equal(third.units().unwrap(), share(1, 3)));
}

#[test]
fn usage_starts_from_zero_and_seats_go_on() {
    let records = [change("2026-04-05", "7")];
    let quotas = [change("2026-04-02", "10")];
    for (counting, claim, recorded, room) in [
        (Counting::Seats, Claim::Advance, "7", Some("3")),
        (Counting::Seats, Claim::Arrears, "7", Some("3")),
        // A quota that was bought is gone with its cycle; a limit holds on.
        (Counting::Sum, Claim::Advance, "0", Some("0")),
        (Counting::Sum, Claim::Arrears, "0", Some("10")),
    ] {
        let april = meter(counting, claim, None).with(records, quotas).unwrap();
        let next = april.next(may()).unwrap();
        assert_eq!(next.records().sum(), units(recorded), "{counting:?} {claim:?}");
        assert_eq!(next.room(may().start()), room.map(units), "{counting:?} {claim:?}");
        assert!(april.next(self::april()).is_err());
    }
    let seats = meter(Counting::Seats, Claim::Arrears, None).with(records, []).unwrap();
    assert!(equal(seats.next(may()).unwrap().units().unwrap(), Exact::whole(7)));
}

#[test]
fn without_a_quota_advance_allows_nothing_and_arrears_everything() {
    let record = change("2026-04-05", "9000000000000");
    let mut prepaid = meter(Counting::Sum, Claim::Advance, None);
    assert_eq!(prepaid.room(record.at), Some(Quantity::ZERO));
    assert!(prepaid.record(record).is_err());
    let mut postpaid = meter(Counting::Sum, Claim::Arrears, None);
    assert_eq!(postpaid.room(record.at), None);
    assert!(postpaid.record(record).is_ok());
    // No quota is not a quota of nothing, and stays none in the next cycle.
    postpaid.quota(change("2026-04-06", "0")).unwrap();
    assert_eq!(postpaid.room(record.at), None);
    assert_eq!(postpaid.next(may()).unwrap().room(may().start()), None);
    // A quota that was given and taken back is one of nothing, then too.
    let mut taken = meter(Counting::Sum, Claim::Arrears, None);
    taken.quota(change("2026-04-06", "4")).unwrap();
    taken.quota(change("2026-04-07", "-4")).unwrap();
    assert_eq!(taken.next(may()).unwrap().room(may().start()), Some(Quantity::ZERO));
}

#[test]
fn a_refused_change_leaves_the_meter_as_it_was() {
    let mut meter = meter(Counting::Seats, Claim::Advance, Some("5"))
        .with([change("2026-04-10", "4")], [])
        .unwrap();
    let before = meter.clone();
    for (refused, parameter) in [
        // Also where an earlier record takes the room of a later one.
        (meter.record(change("2026-04-02", "2")), "record"),
        (meter.record(change("2026-04-11", "2")), "record"),
        (meter.record(change("2026-04-09", "-1")), "record"),
        (meter.record(change("2026-04-11", "-5")), "record"),
        (meter.record(change("2026-05-01", "1")), "at"),
        (meter.record(change("2026-03-31", "1")), "at"),
        (meter.quota(change("2026-04-01", "-2")).map(|_| ()), "quota"),
        (meter.quota(change("2026-04-11", "-2")).map(|_| ()), "quota"),
        (meter.quota(change("2026-04-11", "9223372036854")).map(|_| ()), "quota"),
        (meter.quota(change("2026-05-01", "1")).map(|_| ()), "at"),
    ] {
        assert_eq!(refused.unwrap_err().at, parameter);
        assert_eq!(meter, before);
    }
    assert!(meter.record(change("2026-04-02", "1")).is_ok());
}

#[test]
fn records_above_the_quota_are_refused() {
    let open = |cycle, records, quota: Option<&str>| {
        Meter::open(cycle, Counting::Sum, Claim::Arrears, units(records), quota.map(units))
    };
    assert!(open(april(), "6", Some("5")).is_err());
    assert!(open(april(), "-1", None).is_err());
    assert!(open(april(), "0", Some("-1")).is_err());
    assert!(
        open(april(), "0", None)
            .unwrap()
            .with([change("2026-05-01", "1")], [])
            .is_err()
    );
    let raised_at_once = ([change("2026-04-03", "6")], [change("2026-04-03", "6")]);
    assert!(
        meter(Counting::Sum, Claim::Advance, None)
            .with(raised_at_once.0, raised_at_once.1)
            .is_ok()
    );
}

#[test]
fn huge_numbers_are_a_problem() {
    let most = Quantity::from_scaled(i64::MAX);
    let long = Period::new(Instant::from_micros(i64::MIN), Instant::from_micros(i64::MAX)).unwrap();
    assert!(series::length(long).is_err());
    assert!(Series::carrying(most).area(long, april()).is_ok());
    let twice = [
        change("2026-04-02", "9000000000000"),
        change("2026-04-02", "9000000000000"),
    ];
    assert!(Series::of(Quantity::ZERO, twice).is_err());
    let back = [twice[0], twice[1], change("2026-04-02", "-9000000000000")];
    assert_eq!(Series::of(Quantity::ZERO, back).unwrap().sum(), units("9000000000000"));
    let mut series = Series::of(Quantity::ZERO, [twice[0]]).unwrap();
    assert!(series.add(change("2026-04-01", "9000000000000")).is_err());
    assert_eq!(series, Series::of(Quantity::ZERO, [twice[0]]).unwrap());
}

/// Changes in April, some at the same instant and at its borders, some by
/// fractions; whatever their order, their sum from `carried` stays above zero.
fn any_changes() -> impl Strategy<Value = Vec<Change>> {
    let length = april().end().micros() - april().start().micros();
    let moment = prop_oneof![0..length, (0..30_i64).prop_map(|day| day * 86_400_000_000)];
    let amount = prop_oneof![
        -9_000_000..9_000_000_i64,
        (-9..9_i64).prop_map(|whole| whole * 1_000_000)
    ];
    let any_change = (moment, amount).prop_map(|(micros, amount)| Change {
        at: Instant::from_micros(april().start().micros() + micros),
        amount: Quantity::from_scaled(amount),
    });
    prop::collection::vec(any_change, 0..12)
}

const CARRIED: Quantity = Quantity::from_scaled(120_000_000);

fn any_counting() -> impl Strategy<Value = Counting> {
    prop_oneof![Just(Counting::Sum), Just(Counting::Seats)]
}

/// Parts that make up April.
fn any_parts() -> impl Strategy<Value = Vec<Period>> {
    let length = april().end().micros() - april().start().micros();
    prop::collection::vec(0..=length, 0..6).prop_map(move |mut cuts| {
        cuts.extend([0, length]);
        cuts.sort_unstable();
        let instant = |cut: i64| Instant::from_micros(april().start().micros() + cut);
        cuts.dedup();
        let part = |pair: &[i64]| Period::new(instant(pair[0]), instant(pair[1])).unwrap();
        cuts.windows(2).map(part).collect()
    })
}

fn loaded(counting: Counting, records: &[Change]) -> Meter {
    Meter::open(april(), counting, Claim::Arrears, CARRIED, None)
        .unwrap()
        .with(records.iter().copied(), [])
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn the_area_is_each_change_for_the_time_that_is_left(changes in any_changes()) {
        let end = i128::from(april().end().micros());
        let whole = end - i128::from(april().start().micros());
        let mut sum = i128::from(CARRIED.scaled()) * whole;
        for change in &changes {
            sum += i128::from(change.amount.scaled()) * (end - i128::from(change.at.micros()));
        }
        let area = loaded(Counting::Seats, &changes).units().unwrap();
        prop_assert!(equal(area, share(sum, whole * 1_000_000)));
    }

    #[test]
    fn parts_of_a_cycle_sum_up_to_it(counting in any_counting(), changes in any_changes(), parts in any_parts()) {
        let meter = loaded(counting, &changes);
        let metering = table(&[(Some(50), 7), (Some(120), 5), (None, 3)]);
        let (mut units, mut cost) = (Exact::ZERO, Exact::ZERO);
        for part in parts.into_iter().filter(|part| part.start() < part.end()) {
            // What comes in a part can be below zero, where more is given back than used.
            let more = units.plus(meter.units_in(part).unwrap()).unwrap();
            let step = tiers::amount(&metering, more).unwrap().minus(tiers::amount(&metering, units).unwrap()).unwrap();
            (units, cost) = (more, cost.plus(step).unwrap());
        }
        prop_assert!(equal(units, meter.units().unwrap()));
        prop_assert!(equal(cost, tiers::amount(&metering, meter.units().unwrap()).unwrap()));
    }

    #[test]
    fn order_leaves_no_trace(
        (changes, shuffled) in any_changes().prop_flat_map(|changes| (Just(changes.clone()), Just(changes).prop_shuffle())),
    ) {
        let series = Series::of(CARRIED, changes.iter().copied()).unwrap();
        prop_assert_eq!(&series, &Series::of(CARRIED, shuffled.iter().copied()).unwrap());
        let mut one_by_one = Series::carrying(CARRIED);
        for change in shuffled {
            one_by_one.add(change).unwrap();
        }
        prop_assert_eq!(&series, &one_by_one);
        // And each sum is what adding up by hand gives.
        for step in series.steps() {
            let until = changes.iter().filter(|change| change.at <= step.at);
            let sum: i64 = until.map(|change| change.amount.scaled()).sum();
            prop_assert_eq!(step.sum.scaled(), CARRIED.scaled() + sum);
        }
    }

    #[test]
    fn the_quota_holds_whatever_is_tried(
        counting in any_counting(),
        advance in any::<bool>(),
        limited in any::<bool>(),
        tried in prop::collection::vec((any::<bool>(), any_changes()), 1..5),
    ) {
        let claim = if advance { Claim::Advance } else { Claim::Arrears };
        let quota = limited.then(|| units("4"));
        let mut meter = Meter::open(april(), counting, claim, Quantity::ZERO, quota).unwrap();
        for (of_quota, changes) in tried {
            for change in changes {
                let _ = if of_quota { meter.quota(change).map(|_| ()) } else { meter.record(change) };
            }
        }
        let mut instants: Vec<_> = meter.records().steps().iter().chain(meter.quotas().steps()).map(|step| step.at).collect();
        instants.push(april().start());
        for at in instants {
            let (record, allowed) = (meter.records().sum_at(at), meter.quotas().sum_at(at));
            prop_assert!(record >= Quantity::ZERO);
            let unlimited = !limited && !advance && meter.quotas().steps().iter().all(|step| step.at > at);
            prop_assert!(unlimited || record <= allowed, "{record} of {allowed} at {at}");
        }
        prop_assert!(!meter.units().unwrap().sign().is_lt());
        prop_assert!(meter.next(may()).is_ok());
    }

    #[test]
    fn settlements_come_to_the_price_of_the_whole(
        counting in any_counting(),
        changes in any_changes(),
        prices in prop::collection::vec(0..500_i64, 3),
        included in 0..90_000_000_i64,
        minimum in prop::option::of(0..9_000_i64),
    ) {
        let mut metering = table(&[(Some(50), prices[0]), (Some(120), prices[1]), (None, prices[2])]);
        (metering.included, metering.minimum) = (Quantity::from_scaled(included), minimum);
        let mut meter = Meter::open(april(), counting, Claim::Advance, Quantity::ZERO, Some(CARRIED)).unwrap();
        let mut paid = tiers::due(&metering, meter.units().unwrap()).unwrap();
        for change in changes {
            let settled = meter.quota(change).unwrap().settle(&metering).unwrap();
            prop_assert!(settled.charge == 0 || settled.expected_refund == 0);
            prop_assert!(change.amount < Quantity::ZERO || settled.expected_refund == 0);
            paid += settled.charge - settled.expected_refund;
        }
        prop_assert_eq!(tiers::due(&metering, meter.units().unwrap()), Ok(paid));
    }
}
