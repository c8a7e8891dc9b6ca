//! Changes inside a period by hand, and what holds for all of them.

use proptest::prelude::*;

use super::*;
use crate::domain::{instant::Instant, line::LineType};

fn rest(part: u64, whole: u64) -> Rest {
    Rest {
        span: Period::new(Instant::from_micros(10), Instant::from_micros(20)).unwrap(),
        part,
        whole,
        basis: Basis::Day,
    }
}

fn side(price: &PriceId, quantity: i64, amount: i64) -> Side<'_> {
    Side {
        name: price.as_str(),
        price,
        item: None,
        quantity: Quantity::whole(quantity).unwrap(),
        amount,
    }
}

fn prices() -> (PriceId, PriceId) {
    (PriceId::trusted("var_basic"), PriceId::trusted("var_pro"))
}

fn told(lines: &[Line]) -> Vec<(&'static str, String, i64)> {
    let told = |line: &Line| (line.kind.name(), line.quantity.to_string(), line.amount);
    lines.iter().map(told).collect()
}

#[test]
fn an_upgrade_credits_the_old_price_and_charges_the_new() {
    let (basic, pro) = prices();
    let lines = change(&[side(&basic, 1, 10_000)], &[side(&pro, 1, 30_000)], &rest(10, 30)).unwrap();
    assert_eq!(
        told(&lines),
        [
            ("proration_credit", "1".to_owned(), -3_333),
            ("proration_charge", "1".to_owned(), 10_000),
        ]
    );
    assert_eq!(net(&lines), Ok(6_667));
    assert_eq!(lines[0].price, Some(basic));
    assert_eq!(lines[1].price, Some(pro));
    assert!(lines.iter().all(|line| line.period == Some(rest(10, 30).span)));
    let unused = Reason::Unused {
        name: "var_basic".to_owned(),
        part: 10,
        whole: 30,
        basis: Basis::Day,
    };
    let remaining = Reason::Remaining {
        name: "var_pro".to_owned(),
        part: 10,
        whole: 30,
        basis: Basis::Day,
    };
    assert_eq!((&lines[0].reason, &lines[1].reason), (&unused, &remaining));
}

#[test]
fn a_changed_quantity_is_the_old_given_back_and_the_new_charged() {
    let (basic, _) = prices();
    let lines = change(&[side(&basic, 3, 3_000)], &[side(&basic, 5, 5_000)], &rest(15, 30)).unwrap();
    assert_eq!(
        told(&lines),
        [
            ("proration_credit", "3".to_owned(), -1_500),
            ("proration_charge", "5".to_owned(), 2_500),
        ]
    );
}

#[test]
fn nobody_gets_back_more_than_was_paid() {
    let (basic, pro) = prices();
    // 10,000 with half off: 5,000 were paid.
    let lines = change(&[side(&basic, 1, 5_000)], &[side(&pro, 1, 30_000)], &rest(30, 30)).unwrap();
    assert_eq!(net(&lines), Ok(25_000));
}

#[test]
fn items_that_come_or_go_have_one_side() {
    let (basic, _) = prices();
    let added = change(&[], &[side(&basic, 1, 3_000)], &rest(1, 3)).unwrap();
    assert_eq!(told(&added), [("proration_charge", "1".to_owned(), 1_000)]);
    let removed = change(&[side(&basic, 1, 3_000)], &[], &rest(1, 3)).unwrap();
    assert_eq!(told(&removed), [("proration_credit", "1".to_owned(), -1_000)]);
}

#[test]
fn a_restart_credits_the_rest_and_charges_a_whole_period() {
    let (basic, pro) = prices();
    let year = change(&[], &[side(&pro, 1, 100_000)], &rest(30, 30)).unwrap();
    let lines = restart(&[side(&basic, 1, 9_000)], &rest(10, 30), year.clone()).unwrap();
    assert_eq!(net(&lines), Ok(97_000));
    assert_eq!(lines[1..], year);
    let none = Rest {
        basis: Basis::None,
        ..rest(10, 30)
    };
    assert_eq!(restart(&[side(&basic, 1, 9_000)], &none, year.clone()), Ok(year));
}

#[test]
fn without_proration_and_at_the_end_there_are_no_lines() {
    let (basic, pro) = prices();
    let (old, new) = ([side(&basic, 1, 1_000)], [side(&pro, 1, 2_000)]);
    let none = Rest {
        basis: Basis::None,
        ..rest(10, 30)
    };
    assert_eq!(change(&old, &new, &none), Ok(Vec::new()));
    assert_eq!(change(&old, &new, &rest(0, 30)), Ok(Vec::new()));
}

#[test]
fn what_is_no_part_of_a_period_is_refused() {
    let (basic, _) = prices();
    for (part, whole) in [(1, 0), (31, 30)] {
        assert!(change(&[side(&basic, 1, 1_000)], &[], &rest(part, whole)).is_err());
    }
    assert!(change(&[side(&basic, 1, -1)], &[], &rest(1, 2)).is_err());
}

fn parts() -> impl Strategy<Value = (u64, u64)> {
    let whole = prop_oneof![1..=366_u64, 1..=40_000_000_000_000_u64, 1..=u64::MAX];
    whole.prop_flat_map(|whole| (0..=whole, Just(whole)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn used_and_unused_sum_up_to_what_was_paid(paid in any::<i64>(), (part, whole) in parts()) {
        let Split { used, unused } = split(paid, part, whole).unwrap();
        prop_assert_eq!(i128::from(used) + i128::from(unused), i128::from(paid));
        prop_assert!(used.signum() * paid.signum() >= 0 && unused.signum() * paid.signum() >= 0);
    }

    #[test]
    fn a_credit_mirrors_its_charge((amount, quantity) in (0..=i64::MAX, 1..1_000_i64), (part, whole) in parts()) {
        let (basic, _) = prices();
        let same = [side(&basic, quantity, amount)];
        let lines = change(&same, &same, &rest(part, whole)).unwrap();
        prop_assert_eq!(net(&lines), Ok(0));
        if let [credit, charge] = &lines[..] {
            prop_assert_eq!((credit.kind, charge.kind), (LineType::ProrationCredit, LineType::ProrationCharge));
            prop_assert!(credit.amount <= 0 && charge.amount == -credit.amount && charge.amount <= amount);
        }
    }

    #[test]
    fn a_change_there_and_back_costs_nothing(old in 0..1_000_000_000_i64, new in 0..1_000_000_000_i64, (part, whole) in parts()) {
        let (basic, pro) = prices();
        let (old, new) = ([side(&basic, 1, old)], [side(&pro, 1, new)]);
        let rest = rest(part, whole);
        let there = net(&change(&old, &new, &rest).unwrap()).unwrap();
        let back = net(&change(&new, &old, &rest).unwrap()).unwrap();
        prop_assert_eq!(there + back, 0);
    }

    #[test]
    fn the_later_the_change_the_less_comes_back(paid in 0..=i64::MAX, (part, whole) in parts(), later in 0..=u64::MAX) {
        let later = later.min(part);
        prop_assert!(split(paid, later, whole).unwrap().unused <= split(paid, part, whole).unwrap().unused);
    }
}
