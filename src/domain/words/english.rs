//! Reasons in English.

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
    let each = |each: &UnitAmount| number::unit_amount(*each, currency);
    match &line.reason {
        Reason::Price { name, unit_amount } => priced(name, unit_amount),
        Reason::PartialPeriod { name, unit_amount, part, whole, basis } => {
            format!("{}, {}", priced(name, unit_amount), span::english(*part, *whole, *basis))
        }
        Reason::FirstPaymentExtra { name } => format!("{name}: added to the first payment"),
        Reason::InBundle { name } => format!("{}: included in the bundle", pieces(name)),
        Reason::Trial { name, until } => format!("{}: free trial until {}", pieces(name), span::minute(*until)),
        Reason::UsageGraduated { unit, units, included, parts }
        | Reason::UsageVolume { unit, units, included, parts } => {
            let parts: Vec<String> = parts.iter().map(|part| formula(part, currency)).collect();
            explained(counted(unit, *units, *included), parts.join(" + "))
        }
        Reason::UsageBand { unit, units, included, up_to, flat_amount } => {
            let beyond = if *included > Quantity::ZERO { " beyond those" } else { "" };
            let up_to = up_to.map(|last| format!(" for up to {}{beyond}", number::quantity(last)));
            let band = number::amount(*flat_amount, currency) + &up_to.unwrap_or_default();
            explained(counted(unit, *units, *included), band)
        }
        Reason::UsagePackage { unit, units, included, size, packages, unit_amount, flat_amount } => {
            let flat = if *flat_amount == 0 { String::new() } else { format!(" + {}", number::amount(*flat_amount, currency)) };
            let plural = if *packages == 1 { "" } else { "s" };
            let (number, size) = (number::whole(*packages), number::quantity(*size));
            let formula = format!("{number} package{plural} of {size} at {}{flat}", each(unit_amount));
            explained(counted(unit, *units, *included), formula)
        }
        Reason::UsagePercentage { unit, units, included, percent } => {
            let value = |units| number::value(units, currency);
            let formula = format!("{} × {}", value(units.beyond(*included)), number::percent(*percent));
            explained(format!("{} of {unit}", value(*units)) + &free(*included, value), formula)
        }
        Reason::QuotaAdded { unit, before, after } => {
            format!("{} {unit} instead of {}", number::quantity(*after), number::quantity(*before))
        }
        Reason::Minimum { minimum } => format!("Raised to the minimum of {}", sum(*minimum, currency)),
        Reason::Maximum { maximum } => format!("Lowered to the maximum of {}", sum(*maximum, currency)),
        Reason::SetupFee { name } => name.clone(),
        Reason::IntroDiscount { name } => format!("{}: discount on the first purchase", pieces(name)),
        Reason::Discount { code, name, percent } => {
            let name = name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
            let off = percent.map_or_else(|| sum(line.amount.saturating_neg(), currency), number::percent);
            format!("Code {code}{name}: {off} off")
        }
        Reason::Tax { name, percent } => format!("{name} {}", number::percent(*percent)),
        Reason::Unused { name, part, whole, basis } => {
            format!("{}: unused {}", pieces(name), span::english(*part, *whole, *basis))
        }
        Reason::Remaining { name, part, whole, basis } => {
            format!("{}: remaining {}", pieces(name), span::english(*part, *whole, *basis))
        }
        Reason::CreditBalance => "Paid from the credit balance".to_owned(),
        Reason::Shipping { name } => format!("Delivery: {name}"),
    }
}

/// `Pro`, or `3 × Pro`.
fn pieces(quantity: Quantity, name: &str) -> String {
    if quantity == Quantity::ONE {
        return name.to_owned();
    }
    format!("{} × {name}", number::quantity(quantity))
}

/// `Pro: 29.00`, or `Pro: 3 × 29.00`.
fn priced(quantity: Quantity, name: &str, each: UnitAmount, currency: Currency) -> String {
    let each = number::unit_amount(each, currency);
    format!("{name}: {}", pieces(quantity, &each))
}

/// `12,000 calls, 1,000 included`.
fn counted(unit: &str, units: Quantity, included: Quantity) -> String {
    format!("{} {unit}", number::quantity(units)) + &free(included, number::quantity)
}

fn free(included: Quantity, shown: impl Fn(Quantity) -> String) -> String {
    if included > Quantity::ZERO {
        return format!(", {} included", shown(included));
    }
    String::new()
}

/// `9,000 × 10`, or `(9,000 × 10 + 500)` with a flat amount.
fn formula(part: &Part, currency: Currency) -> String {
    let each = number::unit_amount(part.unit_amount, currency);
    let units = format!("{} × {each}", number::quantity(part.units));
    if part.flat_amount == 0 {
        return units;
    }
    format!("({units} + {})", number::amount(part.flat_amount, currency))
}

/// An amount in a sentence, with its currency.
fn sum(amount: i64, currency: Currency) -> String {
    format!("{} {}", number::amount(amount, currency), currency.code())
}
