//! `commerce.preview`: what a purchase costs, without changing anything.

use super::{
    Context,
    billing::{Buyer, Cart, Desk},
    customers,
    line_items::LineItems,
    lines,
    numbers::Numbering,
    port::Tx,
    to_json,
};
use crate::{domain::pricing::purchase::Quote, error::Result, ops::preview::PreviewParams};

/// How many coming payments are shown when nobody says.
const PERIODS: i64 = 1;

/// `commerce.preview`: the same cart that a checkout opens, looked at only.
pub fn preview(cx: &Context<'_>, tx: &mut dyn Tx, params: &PreviewParams) -> Result<String> {
    let numbers = Numbering::none();
    let mut desk = Desk::open(cx, tx, &numbers)?;
    if let Some(id) = &params.customer_id {
        let customer = customers::live(cx, tx, id, false)?;
        if customer.clock.is_some() {
            desk.by_clock(tx, customer.clock.as_ref())?;
        }
    }
    let items = LineItems::of_purchase(&mut desk, tx, &params.line_items.0)?;
    let codes = params.discount_codes.iter().flat_map(|codes| &codes.0);
    let codes: Vec<String> = codes.map(|code| code.0.clone()).collect();
    let buyer = Buyer {
        customer: params.customer_id.as_ref(),
        order: None,
        lock: false,
    };
    let cart =
        Cart::open(&mut desk, tx, &items.cart, &codes, None, &buyer, "lineItems").map_err(|error| items.told(error))?;
    let periods = params.periods.map_or(PERIODS, |periods| periods.0);
    let quoted = cart.quote(&desk, usize::try_from(periods).unwrap_or(0), None);
    let mut quote = quoted.map_err(|error| items.told(error))?.quote;
    unborn(&mut quote);
    let locale = params.locale.unwrap_or(desk.store.settings.locale);
    to_json(&lines::preview(&quote, cart.tax_inclusive(), locale)?)
}

/// Nothing was bought: there are no subscription items that lines could be for.
pub(super) fn unborn(quote: &mut Quote) {
    let bills = std::iter::once(&mut quote.now).chain(&mut quote.upcoming);
    for line in bills.flat_map(|bill| &mut bill.lines) {
        line.item = None;
    }
}
