//! Every reason, as people read it.

use super::*;
use crate::domain::{
    calendar::Basis,
    decimal::{Percent, Quantity, UnitAmount},
    instant::Instant,
    line::{LineType, Part, Reason},
};

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

fn unit_amount(text: &str) -> UnitAmount {
    UnitAmount::parse(text).unwrap()
}

fn percent(text: &str) -> Percent {
    Percent::parse(text).unwrap()
}

/// Parts as `units × unit amount + flat`.
fn parts(rows: &[(&str, &str, i64)]) -> Vec<Part> {
    let part = |(units, each, flat_amount): &(&str, &str, i64)| Part {
        units: quantity(units),
        unit_amount: unit_amount(each),
        flat_amount: *flat_amount,
    };
    rows.iter().map(part).collect()
}

fn line(pieces: &str, amount: i64, reason: Reason) -> Line {
    Line {
        // Words depend on the reason alone.
        kind: LineType::Price,
        price: None,
        item: None,
        quantity: quantity(pieces),
        amount,
        period: None,
        reason,
    }
}

#[track_caller]
fn check(line: Line, currency: &str, english: &str, korean: &str) {
    let currency = Currency::parse(currency).unwrap();
    assert_eq!(say(&line, currency, Locale::En), english);
    assert_eq!(say(&line, currency, Locale::Ko), korean);
}

/// What a reason says of one piece, and of an amount of -5000.
#[track_caller]
fn golden(reason: Reason, currency: &str, english: &str, korean: &str) {
    check(line("1", -5000, reason), currency, english, korean);
}

#[test]
fn prices() {
    let price = |name: &str, each: &str| Reason::Price {
        name: name.into(),
        unit_amount: unit_amount(each),
    };
    check(
        line("3", 29_700, price("프로", "9900")),
        "KRW",
        "프로: 3 × 9,900",
        "프로 3개 × 9,900원",
    );
    golden(price("Pro", "2900"), "USD", "Pro: 29.00", "Pro: 29.00");
    check(
        line("1200", 600, price("Sticker", "0.5")),
        "USD",
        "Sticker: 1,200 × 0.005",
        "Sticker 1,200개 × 0.005",
    );
    let partial = |basis, part, whole| Reason::PartialPeriod {
        name: "프로".into(),
        unit_amount: unit_amount("9900"),
        part,
        whole,
        basis,
    };
    check(
        line("3", 11_880, partial(Basis::Day, 12, 30)),
        "KRW",
        "프로: 3 × 9,900, 12 of 30 days",
        "프로 3개 × 9,900원, 30일 중 12일",
    );
    golden(
        Reason::FirstPaymentExtra {
            name: "스타터".into()
        },
        "KRW",
        "스타터: added to the first payment",
        "스타터: 첫 결제 추가 금액",
    );
    golden(
        Reason::InBundle { name: "메일".into() },
        "KRW",
        "메일: included in the bundle",
        "메일: 묶음 상품에 포함",
    );
    let trial = Reason::Trial {
        name: "프로".into(),
        until: Instant::parse("2026-03-01T00:00:00+09:00").unwrap(),
    };
    check(
        line("2", 0, trial),
        "KRW",
        "2 × 프로: free trial until 2026-02-28 15:00 UTC",
        "프로 2개: 무료 체험(2026-02-28 15:00 UTC까지)",
    );
    golden(
        Reason::SetupFee {
            name: "설치비".into()
        },
        "KRW",
        "설치비",
        "설치비",
    );
    golden(
        Reason::Shipping { name: "택배".into() },
        "KRW",
        "Delivery: 택배",
        "배송: 택배",
    );
}

#[test]
fn usage_by_tiers() {
    let graduated = |unit: &str, units: &str, included: &str, rows: &[(&str, &str, i64)]| Reason::UsageGraduated {
        unit: unit.into(),
        units: quantity(units),
        included: quantity(included),
        parts: parts(rows),
    };
    // The worked example of the StepPay V1 reference, section 7.5.
    let example = [("1000", "0", 0), ("9000", "10", 0), ("2000", "5", 0)];
    golden(
        graduated("calls", "12000", "0", &example),
        "KRW",
        "12,000 calls: 1,000 × 0 + 9,000 × 10 + 2,000 × 5",
        "12,000 calls: 1,000 × 0원 + 9,000 × 10원 + 2,000 × 5원",
    );
    golden(
        graduated("건", "12000", "1000", &[("9000", "10", 300), ("2000", "5", 0)]),
        "KRW",
        "12,000 건, 1,000 included: (9,000 × 10 + 300) + 2,000 × 5",
        "12,000건(기본 제공 1,000건): (9,000 × 10원 + 300원) + 2,000 × 5원",
    );
    golden(
        graduated("호출", "500", "1000", &[]),
        "KRW",
        "500 호출, 1,000 included",
        "500 호출(기본 제공 1,000 호출)",
    );
    let volume = Reason::UsageVolume {
        unit: "GB".into(),
        units: quantity("1250.5"),
        included: Quantity::ZERO,
        parts: parts(&[("1250.5", "0.5", 0)]),
    };
    golden(
        volume,
        "USD",
        "1,250.5 GB: 1,250.5 × 0.005",
        "1,250.5 GB: 1,250.5 × 0.005",
    );
}

#[test]
fn usage_by_bands_packages_and_percentages() {
    let band = |included: &str, up_to: Option<&str>, flat_amount| Reason::UsageBand {
        unit: "건".into(),
        units: quantity("12000"),
        included: quantity(included),
        up_to: up_to.map(quantity),
        flat_amount,
    };
    golden(
        band("0", Some("50000"), 40_000),
        "KRW",
        "12,000 건: 40,000 for up to 50,000",
        "12,000건: 50,000건까지 40,000원",
    );
    golden(
        band("1000", Some("50000"), 40_000),
        "KRW",
        "12,000 건, 1,000 included: 40,000 for up to 50,000 beyond those",
        "12,000건(기본 제공 1,000건): 초과분 50,000건까지 40,000원",
    );
    golden(
        band("0", None, 80_000),
        "KRW",
        "12,000 건: 80,000",
        "12,000건: 80,000원",
    );
    let package = |packages, flat_amount| Reason::UsagePackage {
        unit: "calls".into(),
        units: quantity("2500"),
        included: quantity("0"),
        size: quantity("1000"),
        packages,
        unit_amount: unit_amount("500"),
        flat_amount,
    };
    golden(
        package(2, 150),
        "USD",
        "2,500 calls: 2 packages of 1,000 at 5.00 + 1.50",
        "2,500 calls: 1,000 calls 묶음 2개 × 5.00 + 1.50",
    );
    golden(
        package(3, 0),
        "USD",
        "2,500 calls: 3 packages of 1,000 at 5.00",
        "2,500 calls: 1,000 calls 묶음 3개 × 5.00",
    );
    golden(
        package(1, 0),
        "KRW",
        "2,500 calls: 1 package of 1,000 at 500",
        "2,500 calls: 1,000 calls 묶음 1개 × 500원",
    );
    let percentage = |unit: &str, included: &str| Reason::UsagePercentage {
        unit: unit.into(),
        units: quantity("100000"),
        included: quantity(included),
        percent: percent("1.3"),
    };
    golden(
        percentage("sales", "0"),
        "USD",
        "1,000.00 of sales: 1,000.00 × 1.3%",
        "sales 1,000.00: 1,000.00 × 1.3%",
    );
    golden(
        percentage("매출", "10000"),
        "KRW",
        "100,000 of 매출, 10,000 included: 90,000 × 1.3%",
        "매출 100,000원(기본 제공 10,000원): 90,000원 × 1.3%",
    );
    golden(
        Reason::Minimum { minimum: 5000 },
        "KRW",
        "Raised to the minimum of 5,000 KRW",
        "최소 요금 5,000원 적용",
    );
    golden(
        Reason::Maximum { maximum: 8_000_000 },
        "USD",
        "Lowered to the maximum of 80,000.00 USD",
        "최대 요금 80,000.00 USD 적용",
    );
}

#[test]
fn discounts_taxes_and_credits() {
    golden(
        Reason::IntroDiscount { name: "프로".into() },
        "KRW",
        "프로: discount on the first purchase",
        "프로: 첫 구매 할인",
    );
    let code = |name: Option<&str>, percent| Reason::Discount {
        code: "SPRING10".into(),
        name: name.map(Into::into),
        percent,
    };
    golden(
        code(Some("봄 할인"), Some(percent("12.5"))),
        "KRW",
        "Code SPRING10 (봄 할인): 12.5% off",
        "할인 코드 SPRING10(봄 할인): 12.5% 할인",
    );
    golden(
        code(None, None),
        "KRW",
        "Code SPRING10: 5,000 KRW off",
        "할인 코드 SPRING10: 5,000원 할인",
    );
    golden(
        code(None, None),
        "USD",
        "Code SPRING10: 50.00 USD off",
        "할인 코드 SPRING10: 50.00 USD 할인",
    );
    let vat = Reason::Tax {
        name: "부가세".into(),
        percent: percent("10"),
    };
    golden(vat, "KRW", "부가세 10%", "부가세 10%");
    let added = Reason::QuotaAdded {
        unit: "calls".into(),
        before: Quantity::parse("1000").unwrap(),
        after: Quantity::parse("1500.5").unwrap(),
    };
    golden(
        added,
        "KRW",
        "1,500.5 calls instead of 1,000",
        "1,000 calls → 1,500.5 calls",
    );
    golden(
        Reason::CreditBalance,
        "KRW",
        "Paid from the credit balance",
        "크레딧 잔액 사용",
    );
}

#[test]
fn rests_of_a_period() {
    let unused = |part, whole, basis| Reason::Unused {
        name: "프로".into(),
        part,
        whole,
        basis,
    };
    let remaining = |part, whole, basis| Reason::Remaining {
        name: "프로".into(),
        part,
        whole,
        basis,
    };
    golden(
        unused(12, 30, Basis::Day),
        "KRW",
        "프로: unused 12 of 30 days",
        "프로: 30일 중 미사용 12일",
    );
    check(
        line("5", 0, remaining(12, 30, Basis::Day)),
        "KRW",
        "5 × 프로: remaining 12 of 30 days",
        "프로 5개: 30일 중 남은 12일",
    );
    // 12 days, 3 hours and half a second of a month that lost an hour.
    let (part, month) = (1_047_600_500_000, 2_674_800_000_000);
    golden(
        remaining(part, month, Basis::Second),
        "KRW",
        "프로: remaining 12 days 3 hours of 30 days 23 hours",
        "프로: 30일 23시간 중 남은 12일 3시간",
    );
    golden(
        unused(1, 61_000_000, Basis::Second),
        "KRW",
        "프로: unused less than a second of 1 minute 1 second",
        "프로: 1분 1초 중 미사용 1초 미만",
    );
}
