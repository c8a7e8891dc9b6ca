use proptest::prelude::*;

use super::*;

const AT: Instant = Instant::from_micros(1_790_000_000_000_000);

fn of(number: &str) -> Behaviour {
    Behaviour::of(&number.replace(' ', ""))
}

/// What the first charges do, a letter each.
fn story(number: &str, charges: u32) -> String {
    let letter = |n| match of(number).charge(n, AT).outcome {
        Outcome::Approved => 'a',
        Outcome::Declined { hard: false, .. } => 's',
        Outcome::Declined { hard: true, .. } => 'h',
        Outcome::NeedsAuthentication => 'n',
        Outcome::Lost { approved: true } => 'L',
        Outcome::Lost { approved: false } => 'l',
        Outcome::Pending { .. } => 'p',
    };
    (0..charges).map(letter).collect()
}

#[test]
fn every_row_of_the_table() {
    use DeclineCode::*;
    for (number, refused, charges) in [
        ("4000 0000 0000 0002", Some(Generic), "sss"),
        ("4000 0000 0000 9995", Some(InsufficientFunds), "sss"),
        ("4000 0000 0000 0119", Some(ProcessingError), "sss"),
        ("4000 0000 0000 0069", Some(ExpiredCard), "hhh"),
        ("4000 0000 0000 9987", Some(LostCard), "hhh"),
        ("4000 0000 0000 9979", Some(StolenCard), "hhh"),
        ("4000 0000 0000 0127", Some(IncorrectPassword), "hhh"),
        ("4000 0000 0000 0341", None, "sss"),
        ("4000 0000 0000 3220", None, "nnn"),
        ("4000 0000 0003 0000", None, "LLL"),
        ("4000 0000 0003 0001", None, "lll"),
        ("4000 0000 0003 0002", None, "ppp"),
        ("4000 0000 0003 0003", None, "aaa"),
        ("4000 0000 0003 0004", None, "aaa"),
        ("4000 0000 0001 0002", None, "aas"),
        ("4000 0000 0002 0001", None, "asa"),
        ("4000 0000 0004 0001", None, "ahh"),
        // Everything else is approved, its neighbours too.
        ("4000 0000 0000 0000", None, "aaa"),
        ("4000 0000 0000 0003", None, "aaa"),
        ("4000 0000 0003 0005", None, "aaa"),
        ("4000 0000 0001 0100", None, "aaa"),
        ("4000 0000 0005 0000", None, "aaa"),
        ("4242 4242 4242 4242", None, "aaa"),
        ("9876 5412 3456 7890", None, "aaa"),
    ] {
        assert_eq!(of(number).refuses_registration(), refused, "{number}");
        assert_eq!(story(number, 3), charges, "{number}");
    }
}

#[test]
fn counted_cards_count_to_their_number() {
    for count in 0..100_usize {
        let story = |kind: u32| story(&format!("4000 0000 000{kind} 00{count:02}"), 102);
        let approved = "a".repeat(count);
        assert_eq!(story(1), format!("{approved}{}", "s".repeat(102 - count)));
        assert_eq!(story(2), format!("{approved}s{}", "a".repeat(101 - count)));
        assert_eq!(story(4), format!("{approved}{}", "h".repeat(102 - count)));
    }
    let code = |number: &str| match of(number).charge(99, AT).outcome {
        Outcome::Declined { code, .. } => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code("4000 0000 0001 0099"), DeclineCode::InsufficientFunds);
    assert_eq!(code("4000 0000 0002 0099"), DeclineCode::Generic);
    assert_eq!(code("4000 0000 0004 0099"), DeclineCode::LostCard);
}

#[test]
fn what_comes_later() {
    let later = |number: &str| -> Vec<(i64, &str)> {
        let charge = of(number).charge(0, AT);
        let hours = |at: Instant| (at.micros() - AT.micros()) / HOUR;
        charge
            .later
            .iter()
            .map(|(at, kind)| (hours(*at), kind.name()))
            .collect()
    };
    assert_eq!(later("4000 0000 0003 0002"), [(1, "settled")]);
    assert_eq!(later("4000 0000 0003 0003"), [(72, "disputed")]);
    assert_eq!(later("4000 0000 0003 0004"), [(72, "disputed"), (312, "dispute_won")]);
    assert_eq!(later("4242 4242 4242 4242"), []);
    assert_eq!(later("4000 0000 0003 0000"), []);
    let settles_at = Instant::from_micros(AT.micros() + HOUR);
    assert_eq!(
        of("4000 0000 0003 0002").charge(7, AT).outcome,
        Outcome::Pending { settles_at }
    );
    for kind in GatewayEventKind::ALL {
        assert_eq!(GatewayEventKind::from_name(kind.name()), Some(kind));
    }
}

#[test]
fn issuers() {
    for (number, name) in [
        ("9876541234567890", "신한카드"),
        ("1234561234567890", "KB국민카드"),
        ("9876551234567890", "BC카드"),
        ("1234571234567890", "Sandbox"),
        ("4242424242424242", "Visa"),
        ("5555555555554444", "Mastercard"),
        ("3566002020360505", "JCB"),
        ("6200000000000005", "UnionPay"),
    ] {
        assert_eq!(issuer(number), name, "{number}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn a_behaviour_comes_back_from_its_word(special in "[0-9]{5}", n in any::<u32>()) {
        let behaviour = Behaviour::of(&format!("40000000000{special}"));
        let back = Behaviour::from_word(&behaviour.word());
        prop_assert_eq!(back, Some(behaviour));
        prop_assert_eq!(behaviour.charge(n, AT), behaviour.charge(n, AT));
        prop_assert!(behaviour.charge(n, AT).later.is_sorted_by_key(|(at, _)| *at));
    }

    #[test]
    fn no_text_breaks_it(word in ".{0,40}", number in ".{0,20}") {
        let _ = (Behaviour::from_word(&word), Behaviour::of(&number), issuer(&number));
    }
}
