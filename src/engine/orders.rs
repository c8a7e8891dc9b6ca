//! Use cases about orders, but for paying them and giving money back.

use super::{
    Context, attributes,
    billing::{Buyer, Cart, Desk},
    billing_answers, check_version, checkout,
    customers::{self, Outcome},
    line_items::{LineItems, codes_of, refuse_invalid},
    newest::Newest,
    numbers::Numbering,
    pay::in_progress,
    port::{OrderFilter, SubscriptionRecord, Tx},
    preview::unborn,
    settings, to_json,
};
use crate::{
    domain::{
        checkout::SessionStatus,
        id::OrderId,
        order::{Order, OrderStatus},
        order_item::ItemState,
    },
    error::{Code, Error, Result},
    ops::{
        answer::PayLinkWord,
        order::{
            OrderCancelParams, OrderCreateParams, OrderGetParams, OrderListParams, OrderPayLinkParams,
            OrderUpdateItemParams, PayLink,
        },
    },
};

/// An order that must be there. `lock` holds it until the end of the transaction.
pub(super) fn found(cx: &Context<'_>, tx: &mut dyn Tx, id: &OrderId, lock: bool) -> Result<Order> {
    tx.order(cx.store.no, id, lock)?
        .ok_or_else(|| not_found(&format!("id {}", id.as_str()), "orderId"))
}

fn not_found(what: &str, param: &str) -> Error {
    Error::new(
        Code::OrderNotFound,
        format!("no order of this store has {what}: check it, and that the API key is of the store that made it; orders.list() shows what there is"),
    )
    .with_param(param)
}

/// The answer about an order.
pub(super) fn answered(desk: &Desk<'_>, order: Order) -> Result<Outcome> {
    let subject = order.id.as_str().to_owned();
    Ok(Outcome {
        json: desk.order_json(order)?,
        subject,
        created: false,
    })
}

/// An order does not allow something where it stands.
pub(super) fn refused(order: &Order, why: &str) -> Error {
    Error::new(
        Code::OrderState,
        format!("order {} is {}: {why}", order.id.as_str(), order.status.name()),
    )
    .with_param("orderId")
    .with_detail("status", order.status.name())
}

/// The desk at the clock that a customer goes by.
pub(super) fn desk_of<'a>(
    cx: &Context<'a>,
    tx: &mut dyn Tx,
    numbers: &'a Numbering,
    customer: &crate::domain::customer::Customer,
) -> Result<Desk<'a>> {
    let mut desk = Desk::open(cx, tx, numbers)?;
    if customer.clock.is_some() {
        desk.by_clock(tx, customer.clock.as_ref())?;
    }
    Ok(desk)
}

/// A new order of what is in a cart, not saved yet.
///
/// # Errors
///
/// Whatever cannot be bought, and `discount_code_invalid`.
pub(super) fn drawn_up(
    desk: &mut Desk<'_>,
    tx: &mut dyn Tx,
    customer: &crate::domain::id::CustomerId,
    items: LineItems,
    codes: Vec<String>,
    trial: Option<crate::domain::order::Trial>,
) -> Result<Order> {
    let buyer = Buyer {
        customer: Some(customer),
        order: None,
        lock: false,
    };
    let cart =
        Cart::open(desk, tx, &items.cart, &codes, trial, &buyer, "lineItems").map_err(|error| items.told(error))?;
    let mut quoted = cart.quote(desk, 0, None).map_err(|error| items.told(error))?;
    unborn(&mut quoted.quote);
    refuse_invalid(&quoted.quote.invalid)?;
    let kind = desk.order_type(&items.cart)?;
    let currency = items.currency(desk)?;
    let id = OrderId::from_bits(desk.cx.uuid());
    let mut order = desk.new_order(tx, id, kind, customer, currency)?;
    order.cart = items.cart;
    order.codes = codes;
    order.trial = trial;
    desk.write_bill(&mut order, quoted.quote.now);
    Ok(order)
}

/// `orders.create`.
pub fn create(cx: &Context<'_>, tx: &mut dyn Tx, params: &OrderCreateParams, numbers: &Numbering) -> Result<Outcome> {
    let customer = customers::live(cx, tx, &params.customer_id, false)?;
    let mut desk = desk_of(cx, tx, numbers, &customer)?;
    let items = LineItems::of_order(&mut desk, tx, &params.items.0)?;
    let codes = codes_of(None, params.discount_codes.as_ref())?.unwrap_or_default();
    let mut order = drawn_up(&mut desk, tx, &customer.id, items, codes, None)?;
    if params.purchase_deadline.is_some_and(|end| end <= desk.now()) {
        return Err(Error::invalid("purchaseDeadline", "must lie in the future"));
    }
    order.deadline = params.purchase_deadline;
    order.gateway = params.gateway.as_ref().map(|gateway| gateway.0.clone());
    order.metadata = attributes::merged("metadata", &Default::default(), &params.metadata.0)?;
    desk.insert_order(tx, &order, &[])?;
    desk.schedule_order(tx, &order)?;
    answered(&desk, order).map(Outcome::of_new_object)
}

/// `orders.get`, by id or by number.
pub fn get(cx: &Context<'_>, tx: &mut dyn Tx, params: &OrderGetParams) -> Result<String> {
    let order = match (&params.order_id, params.number) {
        (Some(id), None) => found(cx, tx, id, false)?,
        (None, Some(number)) => tx
            .order_by_number(cx.store.no, number.0)?
            .ok_or_else(|| not_found(&format!("number {}", number.0), "number"))?,
        (Some(_), Some(_)) => {
            return Err(Error::invalid(
                "number",
                "and orderId are given together: give one of them",
            ));
        }
        (None, None) => {
            return Err(Error::new(Code::ParameterMissing, "orderId is required (or number)").with_param("orderId"));
        }
    };
    let locale = settings::of(cx, tx)?.settings.locale;
    to_json(&billing_answers::order(order, locale)?)
}

/// `orders.list`.
pub fn list(cx: &Context<'_>, tx: &mut dyn Tx, params: &OrderListParams) -> Result<String> {
    let filter = OrderFilter {
        customer: params.customer_id.clone(),
        subscription: params.subscription_id.clone(),
        kind: params.kind,
        status: params.status,
    };
    let query = format!("orders.list {filter:?}");
    let newest = Newest::open(cx, query, params.cursor.as_ref(), params.limit.0)?;
    let rows = tx.list_orders(cx.store.no, &filter, &newest.paging)?;
    let locale = settings::of(cx, tx)?.settings.locale;
    newest.page(
        cx,
        rows,
        |order| (order.created_at, order.id.as_str()),
        |order| billing_answers::order(order, locale),
    )
}

/// Locks an order for a change that is no payment, at its clock: its session
/// and its subscription first.
pub(super) fn locked(
    desk: &mut Desk<'_>,
    tx: &mut dyn Tx,
    id: &OrderId,
    version: Option<i64>,
) -> Result<(Order, Option<SubscriptionRecord>)> {
    let store = desk.cx.store.no;
    let seen = found(&desk.cx, tx, id, false)?;
    if let Some(session) = &seen.session {
        tx.session(store, session, true)?;
    }
    let subscription = match &seen.subscription {
        Some(subscription) => tx.subscription(store, subscription, true)?,
        None => None,
    };
    desk.by_clock(tx, seen.clock.as_ref())?;
    let order = found(&desk.cx, tx, id, true)?;
    check_version(version, order.version)?;
    Ok((order, subscription))
}

/// `orders.cancel`: nobody is to pay it any more.
pub fn cancel(cx: &Context<'_>, tx: &mut dyn Tx, params: &OrderCancelParams, numbers: &Numbering) -> Result<Outcome> {
    let mut desk = Desk::open(cx, tx, numbers)?;
    let version = params.if_version.map(|version| version.0);
    let (before, subscription) = locked(&mut desk, tx, &params.order_id, version)?;
    match before.status {
        OrderStatus::Open => {}
        OrderStatus::Canceled => return answered(&desk, before),
        OrderStatus::Paid | OrderStatus::PartiallyRefunded => {
            return Err(refused(&before, "give its money back with orders.refund"));
        }
        _ => return Err(refused(&before, "there is nothing to cancel")),
    }
    if before.charging {
        return Err(in_progress(&before));
    }
    if let Some(record) = subscription.filter(|record| record.state.waits_for(&before.id)) {
        let why = format!(
            "subscription {} waits for it: cancel that one, or pay the order",
            record.state.id.as_str()
        );
        return Err(refused(&before, &why));
    }
    let reason = params.reason.as_ref().map(|reason| reason.0.clone());
    desk.close_order(tx, &before.id, OrderStatus::Canceled, "order.canceled", reason)?;
    if let Some(session) = &before.session {
        desk.complete_session(tx, session, SessionStatus::Expired)?;
    }
    // One that was paid once, and disputed, has made what is over now.
    desk.undo_made(tx, &before)?;
    let order = found(&desk.cx, tx, &before.id, false)?;
    answered(&desk, order)
}

/// States that follow from money alone.
const ABOUT_MONEY: [ItemState; 10] = [
    ItemState::DepositWaiting,
    ItemState::Cancelled,
    ItemState::Paid,
    ItemState::PaymentFailure,
    ItemState::CancellationRefunding,
    ItemState::CancellationRefunded,
    ItemState::CancellationRefundedPartially,
    ItemState::ReturnRefunding,
    ItemState::ReturnRefunded,
    ItemState::ReturnRefundedPartially,
];

/// `orders.updateItem`: delivery, exchange, return. What becomes of the money
/// is no business of it.
pub fn update_item(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    params: &OrderUpdateItemParams,
    numbers: &Numbering,
) -> Result<Outcome> {
    let mut desk = Desk::open(cx, tx, numbers)?;
    let version = params.if_version.map(|version| version.0);
    let (before, _) = locked(&mut desk, tx, &params.order_id, version)?;
    let mut after = before.clone();
    let item = after
        .items
        .iter_mut()
        .find(|item| item.id == params.item_id)
        .ok_or_else(|| item_not_found(&before, params.item_id.as_str()))?;
    let note = params.reason.as_ref().map(|reason| reason.0.clone());
    if item.state == params.state {
        return answered(&desk, before);
    }
    if ABOUT_MONEY.contains(&params.state) {
        return Err(Error::new(
            Code::ItemState,
            format!(
                "state {} follows from what is paid and given back: use orders.pay, orders.cancel or orders.refund",
                params.state.name()
            ),
        )
        .with_param("state"));
    }
    item.state = item
        .state
        .to(params.state)
        .map_err(|problem| Error::new(Code::ItemState, format!("state {}", problem.message)).with_param("state"))?;
    item.note = note;
    let order = desk.save_order(tx, &before, after, &["order.updated"])?;
    answered(&desk, order)
}

/// An order has no such item.
pub(super) fn item_not_found(order: &Order, item: &str) -> Error {
    Error::new(
        Code::ItemNotFound,
        format!(
            "order {} has no item {item}: its items are in orders.get",
            order.id.as_str()
        ),
    )
    .with_param("itemId")
}

/// `orders.payLink`: the page of the order's checkout session; one is made
/// where there is none that can be paid.
pub fn pay_link(
    cx: &Context<'_>,
    tx: &mut dyn Tx,
    params: &OrderPayLinkParams,
    numbers: &Numbering,
) -> Result<Outcome> {
    let mut desk = Desk::open(cx, tx, numbers)?;
    let (before, _) = locked(&mut desk, tx, &params.order_id, None)?;
    if before.status != OrderStatus::Open {
        return Err(refused(&before, "only an open one can be paid"));
    }
    let session = match &before.session {
        Some(id) => checkout::reopened(&mut desk, tx, id, params)?,
        None => None,
    };
    let session = match session {
        Some(session) => session,
        None => {
            let session = checkout::link_to(&mut desk, tx, &before, params)?;
            let mut after = before.clone();
            after.session = Some(session.id.clone());
            desk.save_order(tx, &before, after, &["order.updated"])?;
            session
        }
    };
    let link = PayLink {
        object: PayLinkWord("pay_link"),
        url: desk.cx.pages.url(&session.token),
    };
    super::catalog::answered(before.id.as_str(), &link)
}
