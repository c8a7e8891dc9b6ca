//! Use cases about payments that change nothing.

use super::{
    Context,
    newest::Newest,
    port::{PaymentFilter, Tx},
    to_json,
};
use crate::{
    domain::{id::PaymentId, payment::Payment},
    error::{Code, Error, Result},
    ops::payment::{self as ops, PaymentGetParams, PaymentListParams, PaymentReceiptParams},
};

/// A payment that must be there.
pub(super) fn found(cx: &Context<'_>, tx: &mut dyn Tx, id: &PaymentId) -> Result<Payment> {
    tx.payment(cx.store.no, id, false)?
        .ok_or_else(|| not_found(&format!("id {}", id.as_str()), "paymentId"))
}

fn not_found(what: &str, param: &str) -> Error {
    Error::new(
        Code::PaymentNotFound,
        format!("no payment of this store has {what}: check it, and that the API key is of the store that made it; payments.list() shows what there is"),
    )
    .with_param(param)
}

/// `payments.get`.
pub fn get(cx: &Context<'_>, tx: &mut dyn Tx, params: &PaymentGetParams) -> Result<String> {
    to_json(&ops::Payment::from(found(cx, tx, &params.payment_id)?))
}

/// `payments.list`.
pub fn list(cx: &Context<'_>, tx: &mut dyn Tx, params: &PaymentListParams) -> Result<String> {
    let filter = PaymentFilter {
        customer: params.customer_id.clone(),
        order: params.order_id.clone(),
        subscription: params.subscription_id.clone(),
        status: params.status,
    };
    let query = format!("payments.list {filter:?}");
    let newest = Newest::open(cx, query, params.cursor.as_ref(), params.limit.0)?;
    let rows = tx.list_payments(cx.store.no, &filter, &newest.paging)?;
    newest.page(
        cx,
        rows,
        |payment| (payment.created_at, payment.id.as_str()),
        |payment| Ok(ops::Payment::from(payment)),
    )
}

/// `payments.receipt`, by the payment's key.
pub fn receipt(cx: &Context<'_>, tx: &mut dyn Tx, params: &PaymentReceiptParams) -> Result<String> {
    let id = tx.payment_by_key(cx.store.no, &params.key.0)?;
    let id = id.ok_or_else(|| not_found("that key", "key"))?;
    to_json(&ops::Receipt::from(found(cx, tx, &id)?))
}
