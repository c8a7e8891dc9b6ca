//! What a checkout page shows and does. Whoever has the token of a session may
//! see its page and pay it; no API key is asked for, so nothing else is told.

use std::sync::Arc;

use super::{
    Actor, Engine, Session,
    billing::{Buyer, Cart, Desk},
    command::Header,
    errand,
    numbers::Numbering,
    pay::{self, Choice, Conditions, Locked, Matter, Pay, Target, With},
    port::Tx,
    preview::unborn,
    reply::Reply,
    task::FnTask,
};
use crate::{
    domain::{
        api_key::Scope,
        card::Card,
        id::{CheckoutSessionId, PriceId},
        order::Order,
        words::Locale,
    },
    error::{Code, Error, Result},
    ops::payment_method::CardParam,
};

mod view;

pub use view::{PageItem, PageView};

/// No token of ours is longer.
const MAX_TOKEN: usize = 64;

/// What a payer changes on a page.
#[derive(Debug, Clone, Default)]
pub struct PageChange {
    /// So many of each price.
    pub quantities: Vec<(PriceId, i64)>,
    /// Codes in the place of those there are; those that do not apply are told
    /// with the reason, and not kept.
    pub codes: Option<Vec<String>>,
}

/// How a payer pays on a page.
#[derive(Debug)]
pub struct PagePayment {
    /// The card; `None` where nothing is to pay.
    pub card: Option<Card>,
    /// So many of each price, if anything changed since the page was shown.
    pub quantities: Vec<(PriceId, i64)>,
    /// The total that the payer saw: another one is a conflict.
    pub total: i64,
    /// The request, for events.
    pub request_id: Option<String>,
}

/// A payer: the store, on behalf of whoever has the token of a session.
struct Payer {
    session: Arc<Session>,
    id: CheckoutSessionId,
}

impl Payer {
    /// Finds the session that a token opens.
    fn find(engine: &Arc<Engine>, token: &str, done: impl FnOnce(Result<Self>) + Send + 'static) {
        let unknown = || {
            Error::new(
                Code::CheckoutSessionNotFound,
                "no checkout session has this address: check that it was copied as a whole",
            )
        };
        if token.is_empty() || token.len() > MAX_TOKEN {
            return done(Err(unknown()));
        }
        let (token, shared) = (token.to_owned(), Arc::clone(engine));
        let find = move |tx: &mut dyn Tx| {
            let (no, id) = tx.session_by_token(&token)?.ok_or_else(unknown)?;
            let store = tx.store(no)?.ok_or_else(unknown)?;
            Ok((store, id))
        };
        engine.database.read(FnTask::boxed(None, find, move |found: Result<_>| {
            done(found.map(|(store, id): (_, CheckoutSessionId)| Self {
                session: Arc::new(Session {
                    engine: shared,
                    store,
                    actor: Actor {
                        kind: "payer",
                        id: Some(id.as_str().to_owned()),
                    },
                    scope: Scope::Full,
                    key: None,
                }),
                id,
            }));
        }));
    }

    /// Shows the page.
    fn show(self, locale: Option<Locale>, done: impl FnOnce(Result<PageView>) + Send + 'static) {
        let database = Arc::clone(&self.session.engine.database);
        let look = move |tx: &mut dyn Tx| {
            let cx = self.session.context(None);
            let numbers = Numbering::none();
            let mut desk = Desk::open(&cx, tx, &numbers)?;
            self.view(&mut desk, tx, &[], locale)
        };
        database.read(FnTask::boxed(None, look, done));
    }

    /// Changes something, and shows the page as it is then. `run` gives codes
    /// to be told of, though they are not kept.
    fn change(
        self,
        locale: Option<Locale>,
        mut run: impl FnMut(&Self, &mut Desk<'_>, &mut dyn Tx) -> Result<Vec<String>> + Send + 'static,
        done: impl FnOnce(Result<PageView>) + Send + 'static,
    ) {
        let database = Arc::clone(&self.session.engine.database);
        let change = move |tx: &mut dyn Tx| {
            let cx = self.session.context(None);
            let numbers = Numbering::none();
            let mut desk = Desk::open(&cx, tx, &numbers)?;
            let tried = run(&self, &mut desk, tx)?;
            self.view(&mut desk, tx, &tried, locale)
        };
        database.write(FnTask::boxed(None, change, done));
    }

    fn target(&self) -> Target {
        Target::Session(self.id.clone())
    }

    /// The order that is to be changed, locked; `None` when there is nothing
    /// to choose, or it is paid.
    fn chooseable(&self, desk: &mut Desk<'_>, tx: &mut dyn Tx) -> Result<Option<Order>> {
        Ok(match pay::locked(desk, tx, &self.target(), None)? {
            Locked::Paid(_) => None,
            Locked::Payable(matter) => {
                let Matter { order, .. } = *matter;
                Some(order).filter(|order| !order.cart.is_empty() && order.made.is_empty())
            }
        })
    }

    /// The pay form opens: pieces and redemptions are kept from now on, and
    /// once more when it is opened again.
    fn open_form(&self, desk: &mut Desk<'_>, tx: &mut dyn Tx) -> Result<()> {
        let Some(before) = self.chooseable(desk, tx)? else {
            return Ok(());
        };
        let running = before.held_until.is_some_and(|end| end > desk.now());
        if before.hold_renewed {
            // Its time is used up: what is left of it stays, and paying itself takes what is there.
            return Ok(());
        }
        let mut order = before.clone();
        let Some(quoted) = pay::reckoned(desk, tx, &mut order)? else {
            return Ok(());
        };
        order.hold_renewed = running;
        desk.hold(tx, &mut order, pay::hold_until(desk), &quoted)?;
        let order = desk.save_order(tx, &before, order, &[])?;
        desk.schedule_order(tx, &order)
    }

    fn choose(&self, desk: &mut Desk<'_>, tx: &mut dyn Tx, change: &PageChange) -> Result<Vec<String>> {
        let Some(before) = self.chooseable(desk, tx)? else {
            return Ok(Vec::new());
        };
        let mut order = before.clone();
        let choice = Choice {
            quantity: None,
            quantities: change.quantities.clone(),
            codes: change.codes.clone(),
        };
        choice.apply(&mut order)?;
        let customer = order.customer.clone();
        let buyer = Buyer {
            customer: Some(&customer),
            order: Some(&before.id),
            lock: true,
        };
        let cart = Cart::open(desk, tx, &order.cart, &order.codes, order.trial, &buyer, "lineItems")?;
        let mut quoted = cart.quote(desk, 0, None)?;
        unborn(&mut quoted.quote);
        let tried = quoted.quote.invalid.iter().map(|one| one.code.clone()).collect();
        order.codes = quoted.quote.applied.iter().map(|one| one.code.clone()).collect();
        desk.write_bill(&mut order, quoted.quote.now.clone());
        if let Some(until) = before.held_until {
            desk.hold(tx, &mut order, until, &quoted)?;
        }
        if order != before {
            let order = desk.save_order(tx, &before, order, &["order.updated"])?;
            desk.schedule_order(tx, &order)?;
        }
        Ok(tried)
    }
}

impl Engine {
    /// Everything that the page of a token shows; changes nothing. `locale` is
    /// the browser's.
    ///
    /// # Errors
    ///
    /// `checkout_session_not_found`.
    pub fn page_view(
        self: &Arc<Self>,
        token: &str,
        locale: Option<Locale>,
        done: impl FnOnce(Result<PageView>) + Send + 'static,
    ) {
        Payer::find(self, token, move |payer| match payer {
            Ok(payer) => payer.show(locale, done),
            Err(error) => done(Err(error)),
        });
    }

    /// The pay form of a page opens: pieces and redemptions are kept for the
    /// payer from now on, as long as the setting `stockHoldMinutes` says, once
    /// renewable. Later there is no promise, but whatever is there can be paid.
    ///
    /// # Errors
    ///
    /// `out_of_stock`, `checkout_session_closed`, `payment_in_progress`, …
    pub fn open_pay_form(
        self: &Arc<Self>,
        token: &str,
        locale: Option<Locale>,
        done: impl FnOnce(Result<PageView>) + Send + 'static,
    ) {
        Payer::find(self, token, move |payer| match payer {
            Ok(payer) => {
                let open = |payer: &Payer, desk: &mut Desk<'_>, tx: &mut dyn Tx| {
                    payer.open_form(desk, tx).map(|()| Vec::new())
                };
                payer.change(locale, open, done);
            }
            Err(error) => done(Err(error)),
        });
    }

    /// The payer changes quantities or codes. Codes that do not apply fail
    /// nothing: they are among the `invalidDiscounts` of what is shown.
    ///
    /// # Errors
    ///
    /// `parameter_invalid` for a number that cannot be chosen, and as
    /// [`Engine::open_pay_form`].
    pub fn page_update(
        self: &Arc<Self>,
        token: &str,
        change: PageChange,
        locale: Option<Locale>,
        done: impl FnOnce(Result<PageView>) + Send + 'static,
    ) {
        Payer::find(self, token, move |payer| match payer {
            Ok(payer) => {
                let choose = move |payer: &Payer, desk: &mut Desk<'_>, tx: &mut dyn Tx| payer.choose(desk, tx, &change);
                payer.change(locale, choose, done);
            }
            Err(error) => done(Err(error)),
        });
    }

    /// The payer pays. A page that is paid already is shown as it is, and
    /// nothing is charged; while a payment is under way it is refused.
    ///
    /// # Errors
    ///
    /// `card_declined`, `total_differs` when the total is another than the
    /// payer saw, `payment_in_progress`, and as [`Engine::open_pay_form`].
    pub fn page_pay(
        self: &Arc<Self>,
        token: &str,
        payment: PagePayment,
        locale: Option<Locale>,
        done: impl FnOnce(Result<PageView>) + Send + 'static,
    ) {
        Payer::find(self, token, move |payer| match payer {
            Ok(payer) => pay_as(payer, payment, locale, done),
            Err(error) => done(Err(error)),
        });
    }
}

fn pay_as(
    payer: Payer,
    payment: PagePayment,
    locale: Option<Locale>,
    done: impl FnOnce(Result<PageView>) + Send + 'static,
) {
    let with = match payment.card {
        Some(card) => With::Card(CardParam(card)),
        None => With::Nothing,
    };
    let choice = Choice {
        quantity: None,
        quantities: payment.quantities,
        codes: None,
    };
    let conditions = Conditions {
        total: Some(payment.total),
        version: None,
    };
    let request_id = payment.request_id;
    let made = Pay::new(
        &payer.session,
        request_id.clone(),
        payer.target(),
        choice,
        with,
        conditions,
    );
    let pay = match made {
        Ok(pay) => pay,
        Err(error) => return done(Err(error)),
    };
    let header = Header {
        session: Arc::clone(&payer.session),
        operation: "checkoutPage.pay",
        request_id,
        key: None,
        watch: Arc::default(),
        order: payer.id.as_str().to_owned(),
    };
    let reply = Reply::new(move |outcome| match outcome {
        Ok(_) => payer.show(locale, done),
        Err(error) => done(Err(error)),
    });
    errand::run(header, reply, pay);
}
