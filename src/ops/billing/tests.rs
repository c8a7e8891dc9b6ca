use serde_json::json;

use super::*;

fn read<P: Param>(value: Value) -> std::result::Result<P, String> {
    P::read(value, &Path::ROOT.member("it")).map_err(|error| error.message().to_owned())
}

#[test]
fn every_word_of_the_domain_is_read_and_shown() {
    for (phase, word) in Phase::ALL {
        assert_eq!(read::<Phase>(json!(word)), Ok(phase));
        assert_eq!(serde_json::to_value(phase).unwrap(), word);
    }
    for (state, word) in ItemState::ALL {
        assert_eq!(read::<ItemState>(json!(word)), Ok(*state));
        assert_eq!(serde_json::to_value(state).unwrap(), *word);
    }
    assert_eq!(read::<OrderType>(json!("RENEWAL")), Ok(OrderType::Renewal));
    let refused = read::<OrderStatus>(json!("gone")).unwrap_err();
    assert!(refused.starts_with("it must be one of: open paid"), "{refused}");
    assert!(read::<PaymentStatus>(json!(5)).is_err());
    let of_many = read::<ItemState>(json!("gone")).unwrap_err();
    assert!(
        of_many.ends_with("or one of the 34 others that the types list"),
        "{of_many}"
    );
    assert!(of_many.len() < 500);
}

#[test]
fn a_cancellation_is_for_now_the_period_or_a_date() {
    let date = Instant::parse("2026-03-01T09:00:00Z").unwrap();
    for (given, meant) in [
        (json!("now"), CancelWhen(At::Now)),
        (json!("period_end"), CancelWhen(At::PeriodEnd)),
        (json!("at_billing_period_end"), CancelWhen(At::PeriodEnd)),
        (json!("2026-03-01T09:00:00Z"), CancelWhen(At::Date(date))),
        (json!(1_772_355_600_000_i64), CancelWhen(At::Date(date))),
    ] {
        assert_eq!(read::<CancelWhen>(given), Ok(meant));
    }
    for bad in [json!("later"), json!("2026-99-01"), json!(true), json!({}), json!(-1)] {
        assert!(read::<CancelWhen>(bad.clone()).is_err(), "{bad}");
    }
}

#[test]
fn money_back_is_a_word_or_yes_or_no() {
    assert_eq!(read(json!(true)), Ok(GiveBackChoice(GiveBack::Credit)));
    assert_eq!(read(json!(false)), Ok(GiveBackChoice(GiveBack::None)));
    assert_eq!(read(json!("refund")), Ok(GiveBackChoice(GiveBack::Refund)));
    assert!(read::<GiveBackChoice>(json!("half")).is_err());
    assert!(read::<GiveBackChoice>(json!(1)).is_err());
}

#[test]
fn a_trial_is_a_span_an_end_or_none() {
    let end = Instant::parse("2026-03-01").unwrap();
    let two_weeks = Interval::new(Unit::Week, 2).unwrap();
    assert_eq!(
        read(json!({ "interval": "week", "count": 2 })),
        Ok(TrialChoice::For(two_weeks))
    );
    assert_eq!(read(json!({ "end": "2026-03-01" })), Ok(TrialChoice::Until(end)));
    for (given, meant) in [
        (json!(null), TrialChoice::None),
        (json!(false), TrialChoice::None),
        (json!(true), TrialChoice::Own),
    ] {
        assert_eq!(read(given), Ok(meant));
    }
    for bad in [
        json!({}),
        json!({ "interval": "week" }),
        json!({ "count": 2 }),
        json!({ "interval": "week", "count": 2, "end": "2026-03-01" }),
        json!({ "interval": "year", "count": 100 }),
        json!({ "days": 2 }),
        json!("none"),
        json!(7),
    ] {
        assert!(read::<TrialChoice>(bad.clone()).is_err(), "{bad}");
    }
}

#[test]
fn a_pause_ends_at_a_time_or_after_a_span() {
    let month = Interval::new(Unit::Month, 1).unwrap();
    assert_eq!(
        read(json!({ "interval": "month", "count": 1 })),
        Ok(PauseUntil(Until::After(month)))
    );
    let at = Instant::parse("2026-03-01").unwrap();
    assert_eq!(read(json!("2026-03-01")), Ok(PauseUntil(Until::At(at))));
    assert!(read::<PauseUntil>(json!({ "interval": "month", "count": 0 })).is_err());
    assert!(read::<PauseUntil>(json!("forever")).is_err());
}

#[test]
fn quantities_with_a_sign_go_in_and_out() {
    for (given, shown) in [
        (json!(-3), json!(-3)),
        (json!("-0.5"), json!("-0.5")),
        (json!(2.25), json!("2.25")),
        (json!("7"), json!(7)),
        (json!(0), json!(0)),
    ] {
        let quantity: SignedQuantity = read(given).unwrap();
        assert_eq!(serde_json::to_value(quantity).unwrap(), shown);
    }
    assert!(read::<SignedQuantity>(json!("--1")).is_err());
    assert!(read::<SignedQuantity>(json!(true)).is_err());
    assert!(
        read::<Quantity>(json!(-1)).is_err(),
        "the others are still not negative"
    );
}

#[test]
fn one_or_many() {
    type Phases = OneOrMany<Phase, 2>;
    assert_eq!(read::<Phases>(json!("active")), Ok(OneOrMany(vec![Phase::Active])));
    assert_eq!(
        read::<Phases>(json!(["active", "paused"])),
        Ok(OneOrMany(vec![Phase::Active, Phase::Paused]))
    );
    assert!(read::<Phases>(json!(["active", "paused", "unpaid"])).is_err());
    assert!(read::<Phases>(json!([["active"]])).is_err());
    assert!(read::<Phases>(json!("gone")).is_err());
}

#[test]
fn a_change_that_names_no_time_leaves_it_to_the_settings() {
    assert_eq!(ChangeWhen::absent(), Some(ChangeWhen(When::Policy)));
    assert_eq!(read(json!(null)), Ok(ChangeWhen(When::Policy)));
    assert_eq!(read(json!("now")), Ok(ChangeWhen(When::Now)));
    assert_eq!(read(json!("period_end")), Ok(ChangeWhen(When::PeriodEnd)));
    assert!(read::<ChangeWhen>(json!("policy")).is_err());
    assert_eq!(read(json!("next_billing")), Ok(EffectiveDate(When::PeriodEnd)));
    assert_eq!(At::from(PauseWhen::PeriodEnd), At::PeriodEnd);
}

#[test]
fn browsers_are_sent_to_pages_only() {
    let good = "https://example.com/thanks?a=b#c";
    assert_eq!(read(json!(format!(" {good} "))), Ok(PageUrl(good.to_owned())));
    for bad in ["", "/thanks", "javascript:alert(1)", "https://", "http://example.com"] {
        assert!(read::<PageUrl>(json!(bad)).is_err(), "{bad}");
    }
}
