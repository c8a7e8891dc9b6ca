//! Reasons in Korean, in the short noun style of a bill. No particle follows a
//! name or a unit, because it would depend on how the name ends.

use super::{explained, number, span};
use crate::domain::{
    currency::Currency,
    decimal::{Quantity, UnitAmount},
    line::{Line, Part, Reason},
};

/// Why a line's amount is what it is.
// One short arm for each reason reads as a table.
#[rustfmt::skip]
pub fn say(line: &Line, currency: Currency) -> String {
    let pieces = |name: &str| pieces(line.quantity, name);
    let priced = |name: &str, each: &UnitAmount| priced(line.quantity, name, *each, currency);
    let each = |each: &UnitAmount| won(number::unit_amount(*each, currency), currency);
    match &line.reason {
        Reason::Price { name, unit_amount } => priced(name, unit_amount),
        Reason::PartialPeriod { name, unit_amount, part, whole, basis } => {
            format!("{}, {}", priced(name, unit_amount), span::korean(*part, *whole, *basis, ""))
        }
        Reason::FirstPaymentExtra { name } => format!("{name}: 첫 결제 추가 금액"),
        Reason::InBundle { name } => format!("{}: 묶음 상품에 포함", pieces(name)),
        Reason::Trial { name, until } => format!("{}: 무료 체험({}까지)", pieces(name), span::minute(*until)),
        Reason::UsageGraduated { unit, units, included, parts }
        | Reason::UsageVolume { unit, units, included, parts } => {
            let parts: Vec<String> = parts.iter().map(|part| formula(part, currency)).collect();
            explained(counted(unit, *units, *included), parts.join(" + "))
        }
        Reason::UsageBand { unit, units, included, up_to, flat_amount } => {
            let beyond = if *included > Quantity::ZERO { "초과분 " } else { "" };
            let up_to = up_to.map(|last| format!("{beyond}{}까지 ", united(unit, last)));
            let price = won(number::amount(*flat_amount, currency), currency);
            explained(counted(unit, *units, *included), up_to.unwrap_or_default() + &price)
        }
        Reason::UsagePackage { unit, units, included, size, packages, unit_amount, flat_amount } => {
            let flat = if *flat_amount == 0 { String::new() } else { format!(" + {}", won(number::amount(*flat_amount, currency), currency)) };
            let (number, size) = (number::whole(*packages), united(unit, *size));
            let formula = format!("{size} 묶음 {number}개 × {}{flat}", each(unit_amount));
            explained(counted(unit, *units, *included), formula)
        }
        Reason::UsagePercentage { unit, units, included, percent } => {
            let value = |units| won(number::value(units, currency), currency);
            let formula = format!("{} × {}", value(units.beyond(*included)), number::percent(*percent));
            explained(format!("{unit} {}", value(*units)) + &free(*included, value), formula)
        }
        Reason::QuotaAdded { unit, before, after } => format!("{} → {}", united(unit, *before), united(unit, *after)),
        Reason::Minimum { minimum } => format!("최소 요금 {} 적용", sum(*minimum, currency)),
        Reason::Maximum { maximum } => format!("최대 요금 {} 적용", sum(*maximum, currency)),
        Reason::SetupFee { name } => name.clone(),
        Reason::IntroDiscount { name } => format!("{}: 첫 구매 할인", pieces(name)),
        Reason::Discount { code, name, percent } => {
            let name = name.as_ref().map(|name| format!("({name})")).unwrap_or_default();
            let off = percent.map_or_else(|| sum(line.amount.saturating_neg(), currency), number::percent);
            format!("할인 코드 {code}{name}: {off} 할인")
        }
        Reason::Tax { name, percent } => format!("{name} {}", number::percent(*percent)),
        Reason::Unused { name, part, whole, basis } => {
            format!("{}: {}", pieces(name), span::korean(*part, *whole, *basis, "미사용 "))
        }
        Reason::Remaining { name, part, whole, basis } => {
            format!("{}: {}", pieces(name), span::korean(*part, *whole, *basis, "남은 "))
        }
        Reason::CreditBalance => "크레딧 잔액 사용".to_owned(),
        Reason::Shipping { name } => format!("배송: {name}"),
    }
}

/// `프로`, or `프로 3개`.
fn pieces(quantity: Quantity, name: &str) -> String {
    if quantity == Quantity::ONE {
        return name.to_owned();
    }
    format!("{name} {}개", number::quantity(quantity))
}

/// `프로: 9,900원`, or `프로 3개 × 9,900원`.
fn priced(quantity: Quantity, name: &str, each: UnitAmount, currency: Currency) -> String {
    let each = won(number::unit_amount(each, currency), currency);
    let between = if quantity == Quantity::ONE { ":" } else { " ×" };
    format!("{}{between} {each}", pieces(quantity, name))
}

/// `12,000건`, but `12,000 호출` and `12,000 GB`: a counter of one syllable
/// follows its number without a space, a noun does not.
fn united(unit: &str, units: Quantity) -> String {
    let mut characters = unit.chars();
    let counter = matches!((characters.next(), characters.next()), (Some('가'..='힣'), None));
    let space = if counter { "" } else { " " };
    format!("{}{space}{unit}", number::quantity(units))
}

/// `12,000건(기본 제공 1,000건)`.
fn counted(unit: &str, units: Quantity, included: Quantity) -> String {
    united(unit, units) + &free(included, |units| united(unit, units))
}

fn free(included: Quantity, shown: impl Fn(Quantity) -> String) -> String {
    if included > Quantity::ZERO {
        return format!("(기본 제공 {})", shown(included));
    }
    String::new()
}

/// `9,000 × 10원`, or `(9,000 × 10원 + 500원)` with a flat amount.
fn formula(part: &Part, currency: Currency) -> String {
    let each = won(number::unit_amount(part.unit_amount, currency), currency);
    let units = format!("{} × {each}", number::quantity(part.units));
    if part.flat_amount == 0 {
        return units;
    }
    let flat = won(number::amount(part.flat_amount, currency), currency);
    format!("({units} + {flat})")
}

/// An amount in a formula: won have their word, other currencies none.
fn won(amount: String, currency: Currency) -> String {
    if currency == Currency::KRW {
        amount + "원"
    } else {
        amount
    }
}

/// An amount in a sentence, with its currency.
fn sum(amount: i64, currency: Currency) -> String {
    let shown = number::amount(amount, currency);
    if currency == Currency::KRW {
        return shown + "원";
    }
    format!("{shown} {}", currency.code())
}
