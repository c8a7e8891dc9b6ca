//! The sandbox gateway: no network, no money. A card's number decides what
//! becomes of its charges (`domain::sandbox`, docs/sandbox.md).
//!
//! It keeps its books in the same database as the engine does, in tables of
//! its own, as a gateway elsewhere would in its own. The functions over a `Tx`
//! are the gateway; [`Sandbox`] puts them behind the engine's port, a
//! transaction each.

use std::{sync::Arc, time::Duration};

use tokio::{sync::oneshot, time};

use crate::{
    domain::{
        decline::DeclineCode,
        id,
        instant::Instant,
        sandbox::{Behaviour, Outcome, issuer},
        secret::Secret,
    },
    engine::{
        gateway::{
            ChargeOutcome, ChargeRequest, ChargeResult, Credential, Decline, Forgotten, Found, Gateway, Later,
            RefundOutcome, RefundRequest, Registered, Registration,
        },
        port::{Ids, SandboxCard, SandboxCharge, SandboxOutcome, SandboxRefund, Store, StoreNo, Task, Tx},
    },
    error::{Error, Result},
};

/// What its billing keys begin with.
const BILLING_KEY: &str = "sbx_";
/// What payments at the sandbox begin with, before the charge's key.
const REFERENCE: &str = "sbx_pay_";
/// What refunds at the sandbox begin with, before the refund's key.
const REFUND: &str = "sbx_ref_";

/// Why it takes no authorisation key.
const NO_PAGE: &str = "is what a gateway's own page gives, and the sandbox gateway has none: give card";

/// Registers a card under a new billing key, made of 128 bits.
pub fn register(tx: &mut dyn Tx, store: StoreNo, credential: &Credential, bits: u128) -> Result<Registration> {
    let Credential::Card(card) = credential else {
        return Ok(Registration::Unsupported(NO_PAGE));
    };
    let behaviour = Behaviour::of(card.number());
    if let Some(code) = behaviour.refuses_registration() {
        return Ok(Registration::Declined(Decline::new(code, code.name())));
    }
    let kept = card.kept();
    let billing_key = format!("{BILLING_KEY}{}", id::encode(bits));
    tx.insert_sandbox_card(
        store,
        &SandboxCard {
            billing_key: billing_key.clone(),
            behaviour,
            charges: 0,
            last4: kept.last4.clone(),
            forgotten: false,
        },
    )?;
    Ok(Registration::Registered(Registered {
        billing_key: Secret::new(billing_key),
        issuer: Some(issuer(card.number()).to_owned()),
        kept,
    }))
}

/// Charges a card. A key that was seen before charges nothing: it gets what
/// was decided then, as a look-up does.
pub fn charge(tx: &mut dyn Tx, store: StoreNo, request: &ChargeRequest) -> Result<ChargeOutcome> {
    let card = tx.sandbox_card(store, request.billing_key.expose())?;
    // Looked for under the card's lock, so that two of the same key cannot
    // both miss it.
    if let Some(charge) = tx.sandbox_charge(store, &request.key, false)? {
        return Ok(told(card.map(|card| card.behaviour), &charge, request.at));
    }
    let Some(mut card) = card.filter(|card| !card.forgotten) else {
        let decline = Decline::new(DeclineCode::InvalidCard, "unknown_billing_key");
        return Ok(ChargeResult::Declined(decline).into());
    };
    let n = card.charges;
    let charge = card.behaviour.charge(n, request.at);
    card.charges = n.saturating_add(1);
    tx.update_sandbox_card(store, &card)?;
    let entry = SandboxCharge {
        key: request.key.clone(),
        card: card.billing_key,
        n,
        amount: request.amount,
        outcome: match charge.outcome {
            Outcome::Approved | Outcome::Lost { approved: true } => SandboxOutcome::Approved,
            Outcome::Declined { code, .. } => SandboxOutcome::declined(code),
            Outcome::Lost { approved: false } => SandboxOutcome::declined(DeclineCode::Generic),
            Outcome::NeedsAuthentication => SandboxOutcome::NeedsAuthentication,
            Outcome::Pending { settles_at } => SandboxOutcome::Pending(settles_at.micros()),
        },
        at: request.at,
        refunds: Vec::new(),
    };
    tx.insert_sandbox_charge(store, &entry)?;
    let result = match charge.outcome {
        Outcome::Lost { .. } => ChargeResult::Unknown,
        _ => decided(&entry, request.at).result,
    };
    Ok(ChargeOutcome {
        result,
        later: charge.later,
    })
}

/// What became of the charge with a key, as it stands at a given time.
pub fn look_up(tx: &mut dyn Tx, store: StoreNo, key: &str, at: Instant) -> Result<Found> {
    let Some(charge) = tx.sandbox_charge(store, key, false)? else {
        return Ok(Found::NeverSeen);
    };
    let card = tx.sandbox_card(store, &charge.card)?;
    Ok(Found::Seen(told(card.map(|card| card.behaviour), &charge, at)))
}

/// What became of a charge, with everything that is told of it afterwards, the
/// past as well: whoever asks may have heard nothing yet.
fn told(behaviour: Option<Behaviour>, charge: &SandboxCharge, now: Instant) -> ChargeOutcome {
    let accepted = matches!(charge.outcome, SandboxOutcome::Approved | SandboxOutcome::Pending(_));
    let behaviour = behaviour.filter(|_| accepted);
    ChargeOutcome {
        later: behaviour.map_or_else(Vec::new, |behaviour| behaviour.charge(charge.n, charge.at).later),
        ..decided(charge, now)
    }
}

fn decided(charge: &SandboxCharge, now: Instant) -> ChargeOutcome {
    let reference = format!("{REFERENCE}{}", charge.key);
    match &charge.outcome {
        SandboxOutcome::Approved => ChargeResult::Approved {
            reference,
            at: charge.at,
        }
        .into(),
        SandboxOutcome::Declined(word) => {
            let code = DeclineCode::from_name(word).unwrap_or(DeclineCode::Generic);
            ChargeResult::Declined(Decline::new(code, word)).into()
        }
        SandboxOutcome::NeedsAuthentication => ChargeResult::NeedsAuthentication.into(),
        SandboxOutcome::Pending(settles_at) => {
            let settles_at = Instant::from_micros(*settles_at);
            if settles_at <= now {
                let at = settles_at;
                return ChargeResult::Approved { reference, at }.into();
            }
            ChargeResult::Pending { reference }.into()
        }
    }
}

/// Gives money of an approved charge back: at most what is left of it, in its
/// currency. A key that was seen before gives nothing back.
pub fn refund(tx: &mut dyn Tx, store: StoreNo, request: &RefundRequest) -> Result<RefundOutcome> {
    let refused = |why: &str| {
        Ok(RefundOutcome::Refused {
            gateway_code: why.to_owned(),
        })
    };
    let refunded = |key: &str, at| {
        Ok(RefundOutcome::Refunded {
            reference: format!("{REFUND}{key}"),
            at,
        })
    };
    let Some(key) = request.reference.strip_prefix(REFERENCE) else {
        return refused("unknown_payment");
    };
    let Some(mut charge) = tx.sandbox_charge(store, key, true)? else {
        return refused("unknown_payment");
    };
    if let Some(first) = charge.refunds.iter().find(|refund| refund.key == request.key) {
        return refunded(&first.key, Instant::from_micros(first.at));
    }
    if !matches!(decided(&charge, request.at).result, ChargeResult::Approved { .. }) {
        return refused("not_charged");
    }
    let given: i64 = charge.refunds.iter().map(|refund| refund.amount).sum();
    let amount = request.amount;
    if amount.currency != charge.amount.currency || amount.amount <= 0 || amount.amount > charge.amount.amount - given {
        return refused("amount_not_left");
    }
    charge.refunds.push(SandboxRefund {
        key: request.key.clone(),
        amount: amount.amount,
        at: request.at.micros(),
    });
    tx.update_sandbox_refunds(store, &charge)?;
    refunded(&request.key, request.at)
}

/// Forgets a card; its charges stay in the books.
pub fn forget(tx: &mut dyn Tx, store: StoreNo, billing_key: &str) -> Result<()> {
    match tx.sandbox_card(store, billing_key)? {
        Some(mut card) if !card.forgotten => {
            card.forgotten = true;
            tx.update_sandbox_card(store, &card)
        }
        _ => Ok(()),
    }
}

/// The sandbox as a store's gateway.
pub struct Sandbox {
    pub(super) database: Arc<dyn Store>,
    pub(super) ids: Arc<dyn Ids>,
    pub(super) store: StoreNo,
    /// How long it takes over an answer.
    pub(super) latency: Duration,
}

impl Sandbox {
    /// Runs a function of the gateway in a transaction; `None` when the
    /// database could not.
    fn ask<T: Send + 'static>(
        &self,
        run: impl FnMut(&mut dyn Tx, StoreNo) -> Result<T> + Send + 'static,
    ) -> Later<Option<T>> {
        let (send, receive) = oneshot::channel();
        let ask = Ask {
            store: self.store,
            run,
            value: None,
            send,
        };
        let (database, latency) = (Arc::clone(&self.database), self.latency);
        let ask: Box<dyn Task> = Box::new(ask);
        Box::pin(async move {
            if !latency.is_zero() {
                time::sleep(latency).await;
            }
            database.write(ask);
            receive.await.ok().and_then(Result::ok)
        })
    }
}

impl Gateway for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn register(&self, credential: Credential, at: Instant) -> Later<Registration> {
        let bits = self.ids.uuid(at);
        let asked = self.ask(move |tx, store| register(tx, store, &credential, bits));
        Box::pin(async move { asked.await.unwrap_or(Registration::Unavailable) })
    }

    fn charge(&self, request: ChargeRequest) -> Later<ChargeOutcome> {
        let asked = self.ask(move |tx, store| charge(tx, store, &request));
        // Whether it was written down is not known when the commit's answer was lost.
        Box::pin(async move { asked.await.unwrap_or(ChargeResult::Unknown.into()) })
    }

    fn look_up(&self, key: &str, at: Instant) -> Later<Found> {
        let key = key.to_owned();
        let asked = self.ask(move |tx, store| look_up(tx, store, &key, at));
        Box::pin(async move { asked.await.unwrap_or(Found::Unavailable) })
    }

    fn refund(&self, request: RefundRequest) -> Later<RefundOutcome> {
        let asked = self.ask(move |tx, store| refund(tx, store, &request));
        Box::pin(async move { asked.await.unwrap_or(RefundOutcome::Unknown) })
    }

    fn forget(&self, billing_key: Secret) -> Later<Forgotten> {
        let asked = self.ask(move |tx, store| forget(tx, store, billing_key.expose()));
        Box::pin(async move { asked.await.map_or(Forgotten::Unavailable, |()| Forgotten::Done) })
    }
}

/// A function of the gateway on its way through a transaction.
struct Ask<T, R> {
    store: StoreNo,
    run: R,
    value: Option<T>,
    send: oneshot::Sender<Result<T>>,
}

impl<T, R> Task for Ask<T, R>
where
    T: Send,
    R: FnMut(&mut dyn Tx, StoreNo) -> Result<T> + Send,
{
    fn run(&mut self, tx: &mut dyn Tx) -> Result<()> {
        self.value = None;
        self.value = Some((self.run)(tx, self.store)?);
        Ok(())
    }

    fn done(self: Box<Self>, outcome: Result<()>) {
        let Self { value, send, .. } = *self;
        let ended = || Error::internal("the sandbox gateway ended well without an answer");
        // Nobody waits any longer when the runtime is going away.
        let _ = send.send(outcome.and_then(|()| value.ok_or_else(ended)));
    }
}
