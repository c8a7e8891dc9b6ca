//! Numbers as they stand on a bill.

use crate::domain::{
    currency::Currency,
    decimal::{Percent, Quantity, UnitAmount},
};

/// Writes a count of the `decimals`-th decimal with thousands separators and
/// at least `least` decimals; no digit is rounded away.
fn grouped(scaled: i128, decimals: u32, least: u32) -> String {
    let digits = format!("{:0width$}", scaled.unsigned_abs(), width = decimals as usize + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals as usize);
    let kept = fraction.trim_end_matches('0').len().max(least as usize);
    let mut text = String::new();
    if scaled < 0 {
        text.push('-');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if kept > 0 {
        text.push('.');
        text.push_str(&fraction[..kept]);
    }
    text
}

/// `12,000` or `0.5`.
pub fn quantity(quantity: Quantity) -> String {
    grouped(quantity.scaled().into(), Quantity::DECIMALS, 0)
}

/// `12,000`.
pub fn whole(number: i64) -> String {
    grouped(number.into(), 0, 0)
}

/// `29.00` for 2900 cents, `9,900` for 9900 won.
pub fn amount(amount: i64, currency: Currency) -> String {
    grouped(amount.into(), currency.exponent(), currency.exponent())
}

/// `0.005` for half a cent, `0.01` for a whole one.
pub fn unit_amount(amount: UnitAmount, currency: Currency) -> String {
    let decimals = UnitAmount::DECIMALS + currency.exponent();
    grouped(amount.scaled(), decimals, currency.exponent())
}

/// An amount that was recorded as a quantity of the smallest unit.
pub fn value(value: Quantity, currency: Currency) -> String {
    let decimals = Quantity::DECIMALS + currency.exponent();
    grouped(value.scaled().into(), decimals, currency.exponent())
}

/// `12.5%`.
pub fn percent(percent: Percent) -> String {
    format!("{}%", grouped(percent.scaled().into(), Percent::DECIMALS, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_that_counts_is_shown_and_no_other() {
        let usd = Currency::parse("USD").unwrap();
        let kwd = Currency::parse("KWD").unwrap();
        for (text, shown) in [
            (amount(0, usd), "0.00"),
            (amount(5, usd), "0.05"),
            (amount(-2900, usd), "-29.00"),
            (amount(123_456_789, usd), "1,234,567.89"),
            (amount(1_000, kwd), "1.000"),
            (amount(999, Currency::KRW), "999"),
            (amount(1_000_000, Currency::KRW), "1,000,000"),
            (amount(i64::MIN, Currency::KRW), "-9,223,372,036,854,775,808"),
            (unit_amount(UnitAmount::parse("0.5").unwrap(), usd), "0.005"),
            (unit_amount(UnitAmount::parse("1").unwrap(), usd), "0.01"),
            (unit_amount(UnitAmount::parse("100.25").unwrap(), usd), "1.0025"),
            (
                unit_amount(UnitAmount::parse("0.000000000001").unwrap(), Currency::KRW),
                "0.000000000001",
            ),
            (quantity(Quantity::parse("12000.5").unwrap()), "12,000.5"),
            (value(Quantity::parse("123456").unwrap(), usd), "1,234.56"),
            (percent(Percent::parse("1.30").unwrap()), "1.3%"),
        ] {
            assert_eq!(text, shown);
        }
    }
}
