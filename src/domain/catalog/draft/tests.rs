//! What a price may say: each mistake has an error of its own, with the path
//! of the member.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    calendar::Unit,
    catalog::price::{FeeWhen, MAX_AMOUNT, MAX_TIERS},
    id::PriceId,
};

fn month() -> Interval {
    Interval::new(Unit::Month, 1).unwrap()
}

fn krw(amount: i64) -> Option<UnitAmount> {
    Some(UnitAmount::whole(amount).unwrap())
}

fn tier(up_to: Option<i64>, unit_amount: &str, flat_amount: i64) -> Tier {
    Tier {
        up_to: up_to.map(|units| Quantity::whole(units).unwrap()),
        unit_amount: UnitAmount::parse(unit_amount).unwrap(),
        flat_amount,
    }
}

fn flat() -> Draft {
    Draft {
        currency: Some(Currency::KRW),
        unit_amount: krw(9900),
        recurring: Some(month()),
        ..Draft::default()
    }
}

fn usage() -> Draft {
    Draft {
        kind: Some(PriceType::Usage),
        currency: Some(Currency::KRW),
        recurring: Some(month()),
        tiers: Some(vec![tier(Some(1000), "0", 0), tier(None, "0.5", 0)]),
        ..Draft::default()
    }
}

fn bundle(ids: &[&str]) -> Draft {
    Draft {
        kind: Some(PriceType::Bundle),
        bundle: Some(Bundle {
            price_ids: ids.iter().map(|id| PriceId::trusted(*id)).collect(),
            first_payment_extra: 0,
        }),
        ..flat()
    }
}

/// The draft is refused, at this path.
fn check_refused(draft: Draft, at: &str, because: &str) {
    let problem = draft.terms().expect_err(at);
    assert_eq!(problem.at, at, "{problem:?}");
    assert!(problem.message.contains(because), "{problem:?}");
}

#[test]
fn the_type_follows_from_recurring() {
    assert_eq!(flat().terms().unwrap().kind, PriceType::Flat);
    let once = Draft {
        recurring: None,
        ..flat()
    };
    assert_eq!(once.terms().unwrap().kind, PriceType::OneTime);
    let flat_once = Draft {
        kind: Some(PriceType::Flat),
        recurring: None,
        ..flat()
    };
    check_refused(flat_once, "recurring", "is required for a flat price");
    let recurring_once = Draft {
        kind: Some(PriceType::OneTime),
        ..flat()
    };
    check_refused(recurring_once, "recurring", "must be left out");
}

#[test]
fn what_nobody_said_has_a_default_or_is_asked_for() {
    let terms = usage().terms().unwrap();
    assert_eq!((terms.unit_amount, terms.claim), (UnitAmount::ZERO, Claim::Advance));
    let metering = terms.metering.unwrap();
    assert_eq!((metering.mode, metering.claim), (TierMode::Graduated, Claim::Arrears));
    assert_eq!(metering.included, Quantity::ZERO);
    for kind in [PriceType::OneTime, PriceType::Flat, PriceType::Bundle] {
        let draft = Draft {
            kind: Some(kind),
            unit_amount: None,
            ..flat()
        };
        check_refused(draft, "unitAmount", "is required");
    }
    let no_currency = Draft {
        currency: None,
        ..flat()
    };
    check_refused(no_currency, "currency", "is required");
    check_refused(
        Draft { tiers: None, ..usage() },
        "tiers",
        "is required for a usage price",
    );
}

#[test]
fn bands_ascend_and_the_last_has_no_end() {
    let with = |tiers: Vec<Tier>| Draft {
        tiers: Some(tiers),
        ..usage()
    };
    check_refused(with(vec![]), "tiers", "1 to 100");
    check_refused(with(vec![tier(Some(10), "1", 0)]), "tiers[0].upTo", "must be null");
    let unsorted = vec![tier(Some(10), "1", 0), tier(Some(5), "1", 0), tier(None, "1", 0)];
    check_refused(with(unsorted), "tiers[1].upTo", "must be above the tier before");
    let overlapping = vec![tier(Some(10), "1", 0), tier(Some(10), "1", 0), tier(None, "1", 0)];
    check_refused(with(overlapping), "tiers[1].upTo", "must be above the tier before");
    let endless = vec![tier(None, "1", 0), tier(None, "1", 0)];
    check_refused(with(endless), "tiers[0].upTo", "must be a number");
    check_refused(
        with(vec![tier(Some(0), "1", 0), tier(None, "1", 0)]),
        "tiers[0].upTo",
        "above",
    );
    check_refused(
        with(vec![tier(None, "-1", 0)]),
        "tiers[0].unitAmount",
        "must not be negative",
    );
    check_refused(
        with(vec![tier(None, "1", -1)]),
        "tiers[0].flatAmount",
        "must not be negative",
    );
    let many = (1..=MAX_TIERS as i64).map(|end| tier(Some(end), "1", 0));
    let many = many.chain([tier(None, "1", 0)]).collect();
    check_refused(with(many), "tiers", "1 to 100");
}

#[test]
fn each_mode_has_what_it_needs_and_nothing_else() {
    let with = |mode| Draft {
        tier_mode: Some(mode),
        ..usage()
    };
    check_refused(with(TierModeName::Package), "packageSize", "is required");
    check_refused(with(TierModeName::Percentage), "percent", "is required");
    let size = Some(Quantity::whole(100).unwrap());
    check_refused(
        Draft {
            package_size: size,
            ..with(TierModeName::Volume)
        },
        "packageSize",
        "belongs to tierMode package",
    );
    let percent = Some(Percent::parse("1.3").unwrap());
    check_refused(
        Draft {
            percent,
            ..with(TierModeName::Graduated)
        },
        "percent",
        "belongs to tierMode percentage",
    );
    check_refused(
        Draft {
            percent,
            ..with(TierModeName::Percentage)
        },
        "tiers",
        "must be left out",
    );
    check_refused(
        Draft {
            package_size: size,
            ..with(TierModeName::Package)
        },
        "tiers",
        "must be one tier",
    );
    check_refused(
        Draft {
            package_size: Some(Quantity::ZERO),
            tiers: Some(vec![tier(None, "1", 0)]),
            ..with(TierModeName::Package)
        },
        "packageSize",
        "must be above 0",
    );
    check_refused(with(TierModeName::Band), "tiers[1].unitAmount", "must be left out");
    for (percent, fits) in [
        ("0", false),
        ("0.000001", true),
        ("100", true),
        ("100.000001", false),
        ("101", false),
    ] {
        let draft = Draft {
            percent: Some(Percent::parse(percent).unwrap()),
            tiers: None,
            ..with(TierModeName::Percentage)
        };
        match draft.terms() {
            Ok(_) => assert!(fits, "{percent}"),
            Err(problem) => assert_eq!((problem.at.as_str(), fits), ("percent", false), "{percent}"),
        }
    }
}

/// A member, and how it is filled in.
type Filled = (&'static str, fn(&mut Draft));

#[test]
fn what_belongs_to_usage_is_refused_elsewhere() {
    let filled: [Filled; 8] = [
        ("tiers", |draft| draft.tiers = Some(vec![tier(None, "1", 0)])),
        ("tierMode", |draft| draft.tier_mode = Some(TierModeName::Volume)),
        ("packageSize", |draft| draft.package_size = Some(Quantity::ONE)),
        ("percent", |draft| draft.percent = Some(Percent::ONE)),
        ("minimumAmount", |draft| draft.minimum = Some(1)),
        ("maximumAmount", |draft| draft.maximum = Some(1)),
        ("includedUnits", |draft| draft.included = Some(Quantity::ONE)),
        ("usageClaim", |draft| draft.usage_claim = Some(Claim::Advance)),
    ];
    for (member, fill) in filled {
        let mut draft = flat();
        fill(&mut draft);
        check_refused(draft, member, "belongs to usage and seat prices, not to a flat price");
    }
    let least_above_most = Draft {
        minimum: Some(2),
        maximum: Some(1),
        ..usage()
    };
    check_refused(least_above_most, "maximumAmount", "must not be below minimumAmount");
}

#[test]
fn amounts_are_neither_negative_nor_beyond_what_can_be_counted() {
    let with = |amount: &str| Draft {
        unit_amount: Some(UnitAmount::parse(amount).unwrap()),
        ..flat()
    };
    check_refused(with("-0.000000000001"), "unitAmount", "must not be negative");
    assert!(with(&MAX_AMOUNT.to_string()).terms().is_ok());
    check_refused(
        with("9007199254740991.5"),
        "unitAmount",
        "must be at most 9007199254740991",
    );
    let intro = |intro| Draft {
        intro: Some(intro),
        ..flat()
    };
    check_refused(intro(Intro::Price(-1)), "introDiscount.price", "must not be negative");
    check_refused(
        intro(Intro::AmountOff(0)),
        "introDiscount.amountOff",
        "must be at least 1",
    );
    let hundred_and_one = Percent::parse("101").unwrap();
    check_refused(
        intro(Intro::PercentOff(hundred_and_one)),
        "introDiscount.percentOff",
        "at most 100",
    );
    check_refused(
        Draft {
            maximum_quantity: Some(0),
            ..flat()
        },
        "maximumQuantity",
        "must be at least 1",
    );
}

#[test]
fn what_needs_a_period_has_one() {
    let fee = |when| {
        Some(SetupFee {
            name: "Setup".to_owned(),
            amount: 5000,
            when,
            claim: None,
        })
    };
    let once = || Draft {
        recurring: None,
        ..flat()
    };
    assert!(
        Draft {
            setup_fee: fee(FeeWhen::Initially),
            ..once()
        }
        .terms()
        .is_ok()
    );
    let cases: [(&str, Draft); 6] = [
        (
            "setupFee.when",
            Draft {
                setup_fee: fee(FeeWhen::Periodic),
                ..once()
            },
        ),
        (
            "expiry",
            Draft {
                expiry: Some(Expiry::Payments(3)),
                ..once()
            },
        ),
        (
            "claim",
            Draft {
                claim: Some(Claim::Arrears),
                ..once()
            },
        ),
        (
            "billingDay",
            Draft {
                billing_day: Some(25),
                ..once()
            },
        ),
        (
            "serviceStartDay",
            Draft {
                service_start_day: Some(2),
                ..once()
            },
        ),
        (
            "billingDay",
            Draft {
                billing_day: Some(25),
                recurring: Some(Interval::new(Unit::Week, 1).unwrap()),
                ..flat()
            },
        ),
    ];
    for (at, draft) in cases {
        check_refused(draft, at, "");
    }
    check_refused(
        Draft {
            expiry: Some(Expiry::Payments(0)),
            ..flat()
        },
        "expiry.payments",
        "must be at least 1",
    );
    check_refused(
        Draft {
            billing_day: Some(32),
            ..flat()
        },
        "billingDay",
        "from 1 to 31",
    );
}

#[test]
fn a_bundle_holds_prices_that_fit_and_not_itself() {
    let own = PriceId::trusted("var_own");
    let child = |id: &str, draft: Draft| (PriceId::trusted(id), draft.terms().unwrap());
    let refused = |children: &[(PriceId, Terms)], because: &str| {
        let terms = bundle(&["var_a"]).terms().unwrap();
        let children: Vec<_> = children.iter().map(|(id, terms)| (id.clone(), terms)).collect();
        let problem = terms.check_bundled(&own, &children).expect_err(because);
        assert_eq!(problem.at, format!("bundle.priceIds[{}]", children.len() - 1));
        assert!(problem.message.contains(because), "{problem:?}");
    };
    let good = child("var_a", flat());
    refused(&[child("var_own", flat())], "must not be the bundle itself");
    refused(
        &[good.clone(), child("var_b", bundle(&["var_a"]))],
        "must not be a bundle",
    );
    let dollars = Draft {
        currency: Some(Currency::parse("USD").unwrap()),
        ..flat()
    };
    refused(&[good.clone(), child("var_b", dollars)], "currency");
    let yearly = Draft {
        recurring: Some(Interval::new(Unit::Year, 1).unwrap()),
        ..usage()
    };
    refused(&[good, child("var_b", yearly)], "the bundle's recurring");
    check_refused(bundle(&[]), "bundle.priceIds", "1 to 50");
    check_refused(
        bundle(&["var_a", "var_b", "var_a"]),
        "bundle.priceIds[2]",
        "is there twice",
    );
    let no_bundle = Draft {
        bundle: None,
        ..bundle(&[])
    };
    check_refused(no_bundle, "bundle", "is required for a bundle price");
    let flat_bundle = Draft {
        kind: Some(PriceType::Flat),
        ..bundle(&["var_a"])
    };
    check_refused(flat_bundle, "bundle", "belongs to bundle prices");
}

#[test]
fn stored_terms_of_a_newer_version_are_not_read_as_something_less() {
    let mut stored = serde_json::to_value(usage().terms().unwrap()).unwrap();
    assert!(serde_json::from_value::<Terms>(stored.clone()).is_ok());
    stored["metering"]["tiers"][0]["surcharge"] = 5.into();
    assert!(serde_json::from_value::<Terms>(stored).is_err());
}

fn amounts() -> impl Strategy<Value = UnitAmount> {
    (0..=MAX_AMOUNT).prop_map(|amount| UnitAmount::whole(amount).unwrap())
}

fn drafts() -> impl Strategy<Value = Draft> {
    let modes = prop_oneof![
        Just(None),
        Just(Some(TierModeName::Graduated)),
        Just(Some(TierModeName::Volume)),
        Just(Some(TierModeName::Package)),
        Just(Some(TierModeName::Percentage)),
    ];
    let kinds = prop_oneof![
        Just(None),
        Just(Some(PriceType::OneTime)),
        Just(Some(PriceType::Flat)),
        Just(Some(PriceType::Usage)),
        Just(Some(PriceType::Seat)),
    ];
    let tiers = proptest::option::of(proptest::collection::vec((1_i64..50, 0_i64..9), 0..4));
    let rest = (
        any::<bool>(),
        any::<bool>(),
        proptest::option::of(1_u8..31),
        any::<bool>(),
    );
    (kinds, modes, amounts(), tiers, rest).prop_map(|(kind, tier_mode, amount, steps, rest)| {
        let (recurring, numbers, billing_day, priced) = rest;
        let metered = kind.is_some_and(PriceType::is_metered);
        let tiers = steps.filter(|_| metered).map(|steps| {
            let mut end = 0;
            let mut tiers: Vec<Tier> = Vec::new();
            for (width, flat_amount) in steps {
                end += width;
                tiers.push(tier(Some(end), "0.5", flat_amount));
            }
            tiers.push(tier(None, "1", 0));
            tiers
        });
        Draft {
            kind,
            currency: Some(Currency::KRW),
            unit_amount: Some(amount).filter(|_| priced),
            recurring: Some(month()).filter(|_| recurring),
            tiers,
            tier_mode: tier_mode.filter(|_| metered),
            package_size: Some(Quantity::ONE)
                .filter(|_| metered && numbers && tier_mode == Some(TierModeName::Package)),
            percent: Some(Percent::ONE).filter(|_| metered && numbers && tier_mode == Some(TierModeName::Percentage)),
            minimum: Some(5).filter(|_| metered),
            included: Some(Quantity::ONE).filter(|_| metered && numbers),
            usage_claim: Some(Claim::Advance).filter(|_| metered && numbers),
            billing_day,
            ..Draft::default()
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// An update that changes nothing gives the same terms, and what is stored
    /// is read as the same.
    #[test]
    fn terms_survive_being_said_again_and_being_stored(draft in drafts()) {
        let mode = draft.tier_mode;
        if let Ok(terms) = draft.terms() {
            prop_assert_eq!(terms.metering.is_some(), terms.kind.is_metered(), "{:?}", mode);
            let again = Draft::of(&terms).terms();
            prop_assert_eq!(again.as_ref(), Ok(&terms));
            let stored = serde_json::to_string(&terms).unwrap();
            prop_assert_eq!(serde_json::from_str::<Terms>(&stored).unwrap(), terms);
        }
    }
}
