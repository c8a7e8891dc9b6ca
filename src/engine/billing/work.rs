//! What has to be asked of a gateway, and asking it.

use std::sync::Arc;

use crate::{
    domain::{
        id::{OrderId, PaymentId, PaymentMethodId},
        instant::Instant,
        money::Money,
    },
    engine::{
        Engine,
        gateway::{ChargeOutcome, ChargeRequest, ChargeResult, Found, Gateway, RefundOutcome, RefundRequest},
        port::StoreRecord,
    },
    error::Result,
};

/// Something to ask of a store's gateway between two transactions. What it is
/// for is written down already.
#[derive(Debug, Clone)]
pub(in crate::engine) enum Work {
    /// Charge a payment method.
    Charge(Attempt),
    /// Ask what became of a charge; charge, if the gateway never saw it.
    LookUp(Attempt),
    /// Give money back.
    Refund(GiveBack),
}

/// A charge that was written down as a payment.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Attempt {
    /// The payment.
    pub(in crate::engine) payment: PaymentId,
    /// Its key at the gateway.
    pub(in crate::engine) key: String,
    /// What pays.
    pub(in crate::engine) method: PaymentMethodId,
    /// Its sealed billing key.
    pub(in crate::engine) sealed: Vec<u8>,
    /// How much.
    pub(in crate::engine) amount: Money,
    /// What the payer reads on their statement.
    pub(in crate::engine) order_name: String,
    /// Whose it is.
    pub(in crate::engine) customer: String,
    /// When, by the clock that counts.
    pub(in crate::engine) at: Instant,
}

/// A refund that was written down with its order.
#[derive(Debug, Clone)]
pub(in crate::engine) struct GiveBack {
    /// The order.
    pub(in crate::engine) order: OrderId,
    /// The refund's key at the gateway.
    pub(in crate::engine) key: String,
    /// The payment at the gateway.
    pub(in crate::engine) reference: String,
    /// How much.
    pub(in crate::engine) amount: Money,
    /// When, by the clock that counts.
    pub(in crate::engine) at: Instant,
}

impl Work {
    /// What it depends on: two of one lane are asked one after the other.
    pub(in crate::engine) fn lane(&self) -> String {
        match self {
            Self::Charge(attempt) | Self::LookUp(attempt) => attempt.method.as_str().to_owned(),
            Self::Refund(back) => back.order.as_str().to_owned(),
        }
    }
}

/// What a gateway said.
#[derive(Debug, Clone)]
pub(in crate::engine) enum Said {
    /// Of a charge.
    Charge(PaymentId, ChargeOutcome),
    /// Nothing new of a charge: it could not be asked.
    Nothing(PaymentId),
    /// Of a refund: the order, its key, and what came of it.
    Refund(OrderId, String, RefundOutcome),
}

/// Asks a store's gateway.
///
/// # Errors
///
/// Where the store has no gateway, or the key to its secrets is missing;
/// nothing was asked then.
pub(in crate::engine) async fn run(engine: Arc<Engine>, store: StoreRecord, work: Work) -> Result<Said> {
    let gateway = engine.gateway(&store)?;
    Ok(match work {
        Work::Charge(attempt) => charge(&engine, &store, &*gateway, attempt).await?,
        Work::LookUp(attempt) => match gateway.look_up(&attempt.key, attempt.at).await {
            Found::Seen(outcome) => Said::Charge(attempt.payment, outcome),
            Found::NeverSeen => charge(&engine, &store, &*gateway, attempt).await?,
            Found::Unavailable => Said::Nothing(attempt.payment),
        },
        Work::Refund(back) => {
            let request = RefundRequest {
                key: back.key.clone(),
                reference: back.reference,
                amount: back.amount,
                at: back.at,
            };
            Said::Refund(back.order, back.key, gateway.refund(request).await)
        }
    })
}

async fn charge(engine: &Engine, store: &StoreRecord, gateway: &dyn Gateway, attempt: Attempt) -> Result<Said> {
    let billing_key = engine.vault().open(store, &attempt.method, &attempt.sealed)?;
    let request = ChargeRequest {
        key: attempt.key,
        billing_key,
        amount: attempt.amount,
        order_name: attempt.order_name,
        customer: attempt.customer,
        at: attempt.at,
    };
    let outcome = gateway.charge(request).await;
    Ok(match outcome.result {
        ChargeResult::Unavailable => Said::Nothing(attempt.payment),
        _ => Said::Charge(attempt.payment, outcome),
    })
}
