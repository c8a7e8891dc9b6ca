//! What the use of a running period comes to so far.

use crate::{
    domain::{
        calendar::Period,
        catalog::price::PriceType,
        decimal::Quantity,
        exact::Exact,
        line::{Line, LineType},
        money,
        pricing::{
            tiers::{Metered, usage_lines},
            usage::Effect,
        },
        subscription::{Item, Phase, Refusal, Subscription},
    },
    engine::{
        Context,
        billing::{Desk, Scene, meter, meter_of, refused},
        lines,
        numbers::Numbering,
        port::Tx,
        subscriptions, to_json,
    },
    error::{Code, Error, Result},
    ops::{
        answer::UsageCalculationWord,
        catalog::Decimal,
        usage::{UsageCalculateParams, UsageCalculation, UsageCalculationItem},
    },
};

/// `usages.calculate`. Seats count to the end of the period as they are now;
/// in a trial nothing costs anything.
pub fn calculate(cx: &Context<'_>, tx: &mut dyn Tx, params: &UsageCalculateParams) -> Result<String> {
    let record = subscriptions::live(cx, tx, &params.subscription_id, false)?;
    let state = &record.state;
    if state.phase.is_final() {
        return Err(refused(&record, Refusal::Ended));
    }
    let Some(cycle) = state.cycle else {
        return Err(refused(&record, Refusal::State("its first period has not begun")));
    };
    let numbers = Numbering::none();
    let mut desk = Desk::open(cx, tx, &numbers)?;
    desk.by_clock(tx, record.clock.as_ref())?;
    let scene = Scene::seen(&mut desk, tx, &record)?;
    let mut items = Vec::new();
    let mut amount = 0;
    for item in &state.items {
        let Some((count, found)) = of_item(&desk, tx, &scene, state, item)? else {
            continue;
        };
        let shelved = desk.shelf.known(&item.price)?;
        let sum = money::sum(found.iter().map(|line| line.amount)).map_err(uncountable)?;
        amount = money::add(amount, sum).map_err(uncountable)?;
        items.push(UsageCalculationItem {
            subscription_item_id: item.id.clone(),
            price_id: item.price.clone(),
            product_id: item.product.clone(),
            name: shelved.name().to_owned(),
            unit: shelved.price.unit.clone(),
            count: Decimal::of(count),
            amount: sum,
            lines: lines::lines(&found, state.currency, desk.store.settings.locale)?,
        });
    }
    if items.is_empty() {
        let message = format!(
            "subscription {} has no item that is paid by use or by seats",
            state.id.as_str()
        );
        return Err(Error::new(Code::UsageNotMetered, message).with_param("subscriptionId"));
    }
    to_json(&UsageCalculation {
        object: UsageCalculationWord("usage_calculation"),
        subscription_id: state.id.clone(),
        amount,
        currency: state.currency,
        items,
        period_start: cycle.period.start(),
        period_end: cycle.period.end(),
    })
}

/// Units of an item and what they cost; `None` for one that is not counted.
fn of_item(
    desk: &Desk<'_>,
    tx: &mut dyn Tx,
    scene: &Scene,
    state: &Subscription,
    item: &Item,
) -> Result<Option<(Quantity, Vec<Line>)>> {
    let Some(cycle) = state.cycle else { return Ok(None) };
    let trial = state.phase == Phase::Trialing;
    let found = match trial {
        true => meter_of(desk, tx, item, cycle.period)?,
        false => meter(desk, tx, state, item)?,
    };
    let shelved = desk.shelf.known(&item.price)?;
    let (Some(meter), Some(metering)) = (found, &shelved.price.terms.metering) else {
        return Ok(None);
    };
    // What it was before it changed is accrued already.
    let whole = meter.cycle();
    let from = item.since.unwrap_or(whole.start()).clamp(whole.start(), whole.end());
    let part = Period::new(from, whole.end()).unwrap_or(whole);
    let units = meter.units_in(part).map_err(uncountable)?;
    if trial {
        return Ok(Some((Quantity::nearest(units).map_err(uncountable)?, Vec::new())));
    }
    let units = match (shelved.price.terms.kind, metering.claim) {
        (PriceType::Seat, crate::domain::catalog::price::Claim::Advance) => {
            let effect = Effect {
                before: units,
                after: Exact::ZERO,
                rest: 0,
            };
            let world = scene.world(desk, &[]);
            state.paid_units(&item.id, &effect, &world).map_err(uncountable)?.before
        }
        _ => units,
    };
    let accrued = state.accrued.iter().map(|accrued| &accrued.line);
    let mut lines: Vec<Line> = accrued
        .filter(|line| line.item.as_ref() == Some(&item.id))
        .filter(|line| matches!(line.kind, LineType::Usage | LineType::Adjustment))
        .cloned()
        .collect();
    let of = Metered {
        unit: shelved.unit(),
        price: Some(&item.price),
        item: Some(&item.id),
        period: Some(part),
    };
    lines.append(&mut usage_lines(metering, units, &of).map_err(uncountable)?);
    Ok(Some((Quantity::nearest(units).map_err(uncountable)?, lines)))
}

fn uncountable(problem: crate::domain::Problem) -> Error {
    Error::problem("subscriptionId", problem)
}
