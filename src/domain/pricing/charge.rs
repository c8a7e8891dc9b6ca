//! The lines of one period of one item.

use super::{
    bill::Draft,
    item::{Item, fee_claim, is_paid_apart},
    rhythm::PaidPeriod,
    tiers::{Metered, usage_lines},
};
use crate::domain::{
    Problem,
    calendar::{Basis, Fraction},
    catalog::price::{Claim, FeeWhen, Intro, PriceType},
    decimal::{Quantity, UnitAmount},
    exact::Exact,
    line::{Line, LineType, Reason},
    money,
};

/// What is paid at the start of a period, or at once for what is paid once.
///
/// # Errors
///
/// A problem when an amount cannot be counted.
pub fn advance(item: &Item<'_>, paid: PaidPeriod) -> Result<Vec<Draft>, Problem> {
    of_claim(item, paid, Claim::Advance)
}

/// What is paid at the end of a period. Usage that nobody knows yet counts as
/// none; seats are those there are now.
///
/// # Errors
///
/// A problem when an amount cannot be counted.
pub fn arrears(item: &Item<'_>, paid: PaidPeriod) -> Result<Vec<Draft>, Problem> {
    of_claim(item, paid, Claim::Arrears)
}

fn of_claim(item: &Item<'_>, paid: PaidPeriod, claim: Claim) -> Result<Vec<Draft>, Problem> {
    let mut drafts = Vec::new();
    if item.terms.claim == claim {
        base(item, paid, &mut drafts)?;
    }
    if let Some(metering) = item.terms.metering.as_ref().filter(|metering| metering.claim == claim) {
        let units = units(item, paid)?;
        let of = Metered {
            unit: item.unit,
            price: Some(item.price),
            item: item.id,
            period: paid.period,
        };
        let lines = usage_lines(metering, units, &of)?;
        drafts.extend(lines.into_iter().map(|line| Draft::of(line, item.product)));
    }
    fee(item, paid, claim, &mut drafts)?;
    for child in &item.children {
        if is_paid_apart(child) {
            drafts.append(&mut of_claim(child, paid, claim)?);
        } else if claim == item.terms.claim {
            drafts.push(in_bundle(child, paid)?);
        }
    }
    Ok(drafts)
}

/// How many units a period has, where that is known, or else is expected to
/// have: none of what is counted as it is used; the seats there are, for as much of the period as is paid.
fn units(item: &Item<'_>, paid: PaidPeriod) -> Result<Exact, Problem> {
    if let Some(known) = item.units {
        return Ok(known);
    }
    if item.terms.kind == PriceType::Usage {
        return Ok(Exact::ZERO);
    }
    share_of(Exact::from(item.pieces()?), paid.share)
}

fn share_of(exact: Exact, share: Option<Fraction>) -> Result<Exact, Problem> {
    match share {
        Some(share) => exact.times(Exact::ratio(share.part().into(), share.whole().into())?),
        None => Ok(exact),
    }
}

/// The base price of the pieces, and what a first purchase or a bundle's first
/// payment does to it.
fn base(item: &Item<'_>, paid: PaidPeriod, drafts: &mut Vec<Draft>) -> Result<(), Problem> {
    let metered = item.terms.kind.is_metered();
    // The base price of a metered plan is the plan's, whatever the seats.
    let pieces = if metered { Quantity::ONE } else { item.pieces()? };
    let unit_amount = with_options(item)?;
    if metered && unit_amount == UnitAmount::ZERO {
        return Ok(());
    }
    let full = share_of(Exact::from(unit_amount).times(Exact::from(pieces))?, paid.share)?;
    let amount = full.round()?;
    let draft = Draft::of(
        Line {
            kind: LineType::Price,
            price: Some(item.price.clone()),
            item: item.id.cloned(),
            quantity: pieces,
            amount,
            period: paid.period,
            reason: base_reason(item, unit_amount, paid),
        },
        item.product,
    );
    let intro = item.terms.intro.filter(|_| paid.is_first && item.is_first_purchase);
    let lowered = match intro {
        Some(intro) => share_of(Exact::from(pieces).times(reduced(unit_amount, intro)?)?, paid.share)?.round()?,
        None => amount,
    };
    if lowered < amount {
        let off = money::add(lowered, -amount)?;
        let reason = Reason::IntroDiscount {
            name: item.name.to_owned(),
        };
        let line = Line {
            kind: LineType::Discount,
            amount: off,
            reason,
            ..draft.line.clone()
        };
        drafts.push(draft);
        drafts.push(Draft::of(line, item.product));
    } else {
        drafts.push(draft);
    }
    first_payment_extra(item, paid, drafts)
}

/// The price of a piece with its options; never below zero.
fn with_options(item: &Item<'_>) -> Result<UnitAmount, Problem> {
    let options = UnitAmount::whole(item.option_amount)?;
    let sum = item.terms.unit_amount.scaled().saturating_add(options.scaled());
    Ok(UnitAmount::from_scaled(sum.max(0)))
}

/// What a piece costs at a first purchase; it is never raised.
fn reduced(unit_amount: UnitAmount, intro: Intro) -> Result<Exact, Problem> {
    let full = Exact::from(unit_amount);
    match intro {
        Intro::Price(price) => Exact::whole(price).least(full),
        Intro::AmountOff(off) => {
            let left = full.minus(Exact::whole(off))?;
            Ok(if left.sign().is_lt() { Exact::ZERO } else { left })
        }
        Intro::PercentOff(percent) => full.minus(full.times(Exact::from(percent))?),
    }
}

fn base_reason(item: &Item<'_>, unit_amount: UnitAmount, paid: PaidPeriod) -> Reason {
    let name = item.name.to_owned();
    match paid.share.filter(|_| paid.basis != Basis::None) {
        Some(share) => Reason::PartialPeriod {
            name,
            unit_amount,
            part: share.part(),
            whole: share.whole(),
            basis: paid.basis,
        },
        None => Reason::Price { name, unit_amount },
    }
}

fn first_payment_extra(item: &Item<'_>, paid: PaidPeriod, drafts: &mut Vec<Draft>) -> Result<(), Problem> {
    let extra = item
        .terms
        .bundle
        .as_ref()
        .map_or(0, |bundle| bundle.first_payment_extra);
    if extra == 0 || !paid.is_first {
        return Ok(());
    }
    let pieces = item.pieces()?;
    let line = Line {
        kind: LineType::Price,
        price: Some(item.price.clone()),
        item: item.id.cloned(),
        quantity: pieces,
        amount: Exact::whole(extra).times(Exact::from(pieces))?.round()?,
        period: paid.period,
        reason: Reason::FirstPaymentExtra {
            name: item.name.to_owned(),
        },
    };
    drafts.push(Draft::of(line, item.product));
    Ok(())
}

/// A fee is due once, whatever the quantity and however short the period.
fn fee(item: &Item<'_>, paid: PaidPeriod, claim: Claim, drafts: &mut Vec<Draft>) -> Result<(), Problem> {
    let (Some((when, at)), Some(fee)) = (fee_claim(item.terms), &item.terms.setup_fee) else {
        return Ok(());
    };
    if at != claim || (when == FeeWhen::Initially && !paid.is_first) {
        return Ok(());
    }
    let line = Line {
        kind: LineType::SetupFee,
        price: Some(item.price.clone()),
        item: item.id.cloned(),
        quantity: Quantity::ONE,
        amount: fee.amount,
        period: paid.period.filter(|_| when == FeeWhen::Periodic),
        reason: Reason::SetupFee { name: fee.name.clone() },
    };
    drafts.push(Draft::of(line, item.product));
    Ok(())
}

/// A child whose price the bundle's replaces.
fn in_bundle(child: &Item<'_>, paid: PaidPeriod) -> Result<Draft, Problem> {
    let line = Line {
        kind: LineType::Price,
        price: Some(child.price.clone()),
        item: child.id.cloned(),
        quantity: child.pieces()?,
        amount: 0,
        period: paid.period,
        reason: Reason::InBundle {
            name: child.name.to_owned(),
        },
    };
    Ok(Draft::of(line, child.product))
}
