//! What a checkout page shows and does. Whoever has the token of a session may
//! see its page and pay it; no API key is asked for, so nothing else is told.

use std::sync::Arc;

use serde::Serialize;

use super::{
    Actor, Engine, Session,
    billing::{Buyer, Cart, Desk},
    checkout,
    command::Header,
    errand, lines,
    numbers::Numbering,
    orders,
    pay::{self, Choice, Conditions, Locked, Matter, Pay, Target, With},
    port::Tx,
    preview::unborn,
    reply::Reply,
    task::FnTask,
};
use crate::{
    domain::{
        api_key::{Mode, Scope},
        calendar::Interval,
        card::Card,
        checkout::{CheckoutSession, SessionStatus},
        id::{CheckoutSessionId, OrderId, PriceId},
        instant::Instant,
        order::{CartItem, Order, OrderStatus},
        payment::PaymentStatus,
        settings::Business,
        words::Locale,
    },
    error::{Code, Error, Kind, Result},
    ops::{payment_method::CardParam, preview::Preview},
};

/// No token of ours is longer.
const MAX_TOKEN: usize = 64;
/// How many coming payments a page shows.
const PERIODS: usize = 1;

/// Everything that a checkout page shows.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageView {
    /// The session.
    pub session_id: CheckoutSessionId,
    /// Where the session stands.
    pub status: SessionStatus,
    /// What is paid.
    pub order_id: OrderId,
    /// The order's running number in the store.
    pub order_number: i64,
    /// Where the order stands.
    pub order_status: OrderStatus,
    /// A payment is being made, or its outcome looked up: nothing can be done
    /// but to wait.
    pub charging: bool,
    /// Whether it is play money.
    pub test_mode: bool,
    /// The store's gateway; `None` where nothing can be paid.
    pub gateway: Option<&'static str>,
    /// Who sells.
    pub business: Business,
    /// The language that was asked for when the session was made; that of the
    /// browser when `None`.
    pub locale: Option<Locale>,
    /// Where to go after paying; the page itself says so when `None`.
    pub success_url: Option<String>,
    /// Where to go without having paid.
    pub cancel_url: Option<String>,
    /// Where to go when paying failed; the page itself says so when `None`.
    pub error_url: Option<String>,
    /// Until when it can be paid.
    pub expires_at: Instant,
    /// Until when its pieces are kept.
    pub held_until: Option<Instant>,
    /// What was chosen; empty for a further charge of a subscription.
    pub items: Vec<PageItem>,
    /// What it comes to, with the codes that count and those that do not.
    pub preview: Preview,
    /// Whether something recurs or is tried: a card is kept for it, also where
    /// nothing is to pay now.
    pub recurring: bool,
    /// Why it cannot be bought as it stands, such as `out_of_stock`; the
    /// amounts are the last known then.
    #[serde(skip)]
    pub problem: Option<Error>,
    /// Why the latest attempt to pay failed.
    #[serde(skip)]
    pub declined: Option<Error>,
}

/// A thing in the cart of a page.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageItem {
    /// The price.
    pub price_id: PriceId,
    /// What people read.
    pub name: String,
    /// The product's own name.
    pub product: String,
    /// The product's picture.
    pub image: Option<String>,
    /// The chosen option values, each with its option.
    pub options: Vec<(String, String)>,
    /// How often it is paid; once when `None`.
    pub interval: Option<Interval>,
    /// Pieces or seats.
    pub quantity: i64,
    /// Fewest that may be chosen.
    pub minimum: i64,
    /// Most that may be chosen; `None` without a limit.
    pub maximum: Option<i64>,
}

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

    fn view(&self, desk: &mut Desk<'_>, tx: &mut dyn Tx, tried: &[String], locale: Option<Locale>) -> Result<PageView> {
        let session = checkout::found(&desk.cx, tx, &self.id, false)?;
        let order = orders::found(&desk.cx, tx, &session.order, false)?;
        desk.by_clock(tx, order.clock.as_ref())?;
        let locale = session.locale.or(locale).unwrap_or(desk.store.settings.locale);
        let payable = session.status == SessionStatus::Open && order.status == OrderStatus::Open && !order.charging;
        let mut problem = None;
        let mut preview = None;
        if payable && !order.cart.is_empty() {
            match reckon(desk, tx, &order, tried, locale) {
                Ok(found) => preview = Some(found),
                Err(error) if is_told(&error) => problem = Some(error),
                Err(error) => return Err(error),
            }
        }
        let preview = match preview {
            Some(preview) => preview,
            None => lines::of_order(&order, desk.store.settings.tax.inclusive, locale)?,
        };
        let mut items = Vec::with_capacity(order.cart.len());
        for item in &order.cart {
            match desk.shelf.named(&desk.cx.clone(), tx, &item.price, "lineItems") {
                Ok(()) => items.push(page_item(desk, item)?),
                // Deleted meanwhile: the problem says so.
                Err(error) if is_told(&error) => {}
                Err(error) => return Err(error),
            }
        }
        let failed = match &order.payment {
            Some(id) if payable => tx.payment(desk.cx.store.no, id, false)?,
            _ => None,
        };
        let gateway = self.session.engine.gateway(&self.session.store).ok();
        let CheckoutSession {
            id,
            status,
            success_url,
            cancel_url,
            error_url,
            expires_at,
            locale: asked,
            ..
        } = session;
        Ok(PageView {
            session_id: id,
            status,
            order_number: order.number,
            order_status: order.status,
            charging: order.charging,
            test_mode: self.session.store.mode == Mode::Test,
            gateway: gateway.map(|gateway| gateway.name()),
            business: desk.store.settings.business.clone(),
            locale: asked,
            success_url: Some(success_url).filter(|url| !url.is_empty()),
            cancel_url,
            error_url,
            expires_at,
            held_until: order.held_until,
            recurring: order.subscription.is_some() || items.iter().any(|item| item.interval.is_some()),
            items,
            preview,
            problem,
            declined: failed
                .filter(|payment| payment.status() == PaymentStatus::Failed)
                .map(|payment| pay::declined(&payment)),
            order_id: order.id,
        })
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

/// What a cart comes to now, looked at only.
fn reckon(desk: &mut Desk<'_>, tx: &mut dyn Tx, order: &Order, tried: &[String], locale: Locale) -> Result<Preview> {
    let codes: Vec<String> = order.codes.iter().chain(tried).cloned().collect();
    let buyer = Buyer {
        customer: Some(&order.customer),
        order: Some(&order.id),
        lock: false,
    };
    let cart = Cart::open(desk, tx, &order.cart, &codes, order.trial, &buyer, "lineItems")?;
    let mut quote = cart.quote(desk, PERIODS, None)?.quote;
    unborn(&mut quote);
    lines::preview(&quote, cart.tax_inclusive(), locale)
}

/// Whether an error is about what is bought, and no accident.
fn is_told(error: &Error) -> bool {
    matches!(
        error.code().kind(),
        Kind::InvalidRequest | Kind::NotFound | Kind::Conflict
    )
}

fn page_item(desk: &Desk<'_>, item: &CartItem) -> Result<PageItem> {
    let shelved = desk.shelf.known(&item.price)?;
    let product = &shelved.product;
    let groups = product.details.options.groups.iter();
    let options = groups.filter_map(|group| {
        let chosen = group.values.iter().find(|value| item.options.contains(&value.id))?;
        Some((group.name.clone(), chosen.name.clone()))
    });
    let most = [item.maximum, shelved.price.terms.maximum_quantity];
    Ok(PageItem {
        price_id: item.price.clone(),
        name: shelved.name().to_owned(),
        product: product.name.clone(),
        image: product.details.featured_image_url.clone(),
        options: options.collect(),
        interval: shelved.price.terms.recurring,
        quantity: item.quantity,
        minimum: item.minimum,
        maximum: most.into_iter().flatten().min(),
    })
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
