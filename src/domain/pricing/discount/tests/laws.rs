//! What holds for all orders and codes.

use proptest::prelude::*;

use super::*;

type Order = Vec<(Line, Option<ProductId>)>;

fn orders() -> impl Strategy<Value = Order> {
    let kinds = prop::sample::select(vec![
        LineType::Price,
        LineType::Usage,
        LineType::SetupFee,
        LineType::ProrationCharge,
        LineType::Shipping,
    ]);
    let products = prop::sample::select(vec!["a", "b", "c"]);
    let amounts = prop_oneof![0..20_i64, 0..1_000_000_000_000_i64];
    let lines = (kinds, products, amounts).prop_map(|(kind, of, amount)| line(kind, of, amount));
    prop::collection::vec(lines, 0..8)
}

fn coupons() -> impl Strategy<Value = Vec<Coupon>> {
    let off = prop_oneof![
        (1..=Percent::HUNDRED.scaled()).prop_map(|scaled| Off::Percent(Percent::from_scaled(scaled))),
        (1..=100_i64).prop_map(|whole| Off::Percent(Percent::whole(whole).unwrap())),
        (1..1_000_i64).prop_map(won),
        (1..1_000_000_000_000_i64).prop_map(won),
    ];
    let products = prop::sample::subsequence(vec!["a", "b", "c"], 0..=3);
    let one = (off, products, any::<bool>()).prop_map(|(off, products, once)| {
        let mut coupon = coupon("C", off);
        coupon.products = products.into_iter().map(product).collect();
        coupon.duration = if once { Duration::Once } else { Duration::Forever };
        coupon
    });
    prop::collection::vec(one, 0..6).prop_map(|mut coupons| {
        for (index, coupon) in coupons.iter_mut().enumerate() {
            coupon.code = format!("CODE{index}");
        }
        coupons
    })
}

fn sum(amounts: impl IntoIterator<Item = i64>) -> i64 {
    amounts.into_iter().sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn nothing_is_lost_and_nothing_falls_below_zero(order in orders(), coupons in coupons()) {
        let discounts = run(&order, &coupons);
        let before = sum(order.iter().map(|(line, _)| line.amount));
        let off = sum(discounts.applied.iter().map(|applied| applied.amount));
        prop_assert_eq!(sum(discounts.nets.iter().copied()), before - off);
        prop_assert_eq!(sum(discounts.lines.iter().map(|line| line.amount)), -off);
        for ((line, _), net) in order.iter().zip(&discounts.nets) {
            prop_assert!((0..=line.amount).contains(net));
            prop_assert!(line.kind != LineType::Shipping || *net == line.amount);
        }
        prop_assert!(discounts.applied.iter().all(|applied| (0..=applied.before).contains(&applied.amount)));
        prop_assert_eq!(discounts.applied.len() + discounts.invalid.len(), coupons.len());
        prop_assert_eq!(discounts.applied.len(), discounts.lines.len());
    }

    #[test]
    fn without_codes_nothing_changes(order in orders()) {
        let discounts = run(&order, &[]);
        prop_assert_eq!(discounts.nets, order.iter().map(|(line, _)| line.amount).collect::<Vec<_>>());
        prop_assert!(discounts.lines.is_empty());
    }

    #[test]
    fn everything_off_leaves_nothing_of_any_goods(order in orders(), coupons in coupons()) {
        let mut coupons = coupons;
        coupons.push(coupon("ALL", percent("100")));
        let discounts = run(&order, &coupons);
        for ((line, _), net) in order.iter().zip(&discounts.nets) {
            prop_assert!(line.kind == LineType::Shipping || *net == 0);
        }
    }

    #[test]
    fn each_code_starts_where_the_one_before_ended(order in orders(), coupons in coupons()) {
        let mut coupons = coupons;
        coupons.iter_mut().for_each(|coupon| coupon.products.clear());
        let discounts = run(&order, &coupons);
        let goods = |line: &&(Line, Option<ProductId>)| line.0.kind != LineType::Shipping;
        let mut left = sum(order.iter().filter(goods).map(|(line, _)| line.amount));
        for applied in &discounts.applied {
            prop_assert_eq!(applied.before, left);
            left -= applied.amount;
        }
    }

    #[test]
    fn a_code_for_products_touches_no_other(order in orders(), coupons in coupons()) {
        for coupon in coupons.iter().filter(|coupon| !coupon.products.is_empty()) {
            let discounts = run(&order, std::slice::from_ref(coupon));
            for ((line, product), net) in order.iter().zip(&discounts.nets) {
                let named = product.as_ref().is_some_and(|product| coupon.products.contains(product));
                prop_assert!(named || *net == line.amount);
            }
        }
    }
}
