//! What a page shows: looked at, never changed.

use super::Payer;
use crate::{
    domain::{
        api_key::Mode,
        calendar::Interval,
        checkout::{CheckoutSession, SessionStatus},
        id::{CheckoutSessionId, CustomerId, OrderId, PriceId},
        instant::Instant,
        line::Reason,
        order::{CartItem, Order, OrderStatus},
        payment::PaymentStatus,
        settings::{Branding, Business},
        words::Locale,
        zone::Zone,
    },
    engine::{
        billing::{Buyer, Cart, Desk},
        checkout, lines, orders, pay,
        port::{Found, Tx},
        preview::unborn,
    },
    error::{Error, Kind, Result},
    ops::preview::Preview,
};

/// How many coming payments a page shows.
const PERIODS: usize = 1;

/// Everything that a checkout page shows.
#[derive(Debug, Clone)]
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
    /// How pages look.
    pub branding: Branding,
    /// Sites that may show the page inside their own.
    pub origins: Vec<String>,
    /// The language: what was asked for when the session was made, else that
    /// of the browser, else the store's.
    pub locale: Locale,
    /// Where the store's days begin and end.
    pub zone: Zone,
    /// The address of whoever pays.
    pub email: Option<String>,
    /// Where to go after paying; the page itself says so when `None`.
    pub success_url: Option<String>,
    /// Where to go without having paid.
    pub cancel_url: Option<String>,
    /// Where to go when paying failed; the page itself says so when `None`.
    pub error_url: Option<String>,
    /// Whether its time is over, though nobody has written that down yet.
    pub over: bool,
    /// Until when its pieces are kept.
    pub held_until: Option<Instant>,
    /// What was chosen; empty for a further charge of a subscription.
    pub items: Vec<PageItem>,
    /// What it comes to, with the codes that count and those that do not.
    pub preview: Preview,
    /// When the free time of something ends.
    pub trial_end: Option<Instant>,
    /// Whether something recurs or is tried: a card is kept for it, also where
    /// nothing is to pay now.
    pub recurring: bool,
    /// Why it cannot be bought as it stands, such as `out_of_stock`; the
    /// amounts are the last known then.
    pub problem: Option<Error>,
    /// Why the latest attempt to pay failed.
    pub declined: Option<Error>,
}

/// A thing in the cart of a page.
#[derive(Debug, Clone)]
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

/// What a cart comes to, and when what is free about it ends.
struct Reckoned {
    preview: Preview,
    trial_end: Option<Instant>,
}

impl Payer {
    /// Everything that the page shows; `tried` are codes to be told of, though
    /// the order does not have them.
    pub(super) fn view(
        &self,
        desk: &mut Desk<'_>,
        tx: &mut dyn Tx,
        tried: &[String],
        locale: Option<Locale>,
    ) -> Result<PageView> {
        let session = checkout::found(&desk.cx, tx, &self.id, false)?;
        let order = orders::found(&desk.cx, tx, &session.order, false)?;
        desk.by_clock(tx, order.clock.as_ref())?;
        let locale = session.locale.or(locale).unwrap_or(desk.store.settings.locale);
        let payable = session.status == SessionStatus::Open && order.status == OrderStatus::Open && !order.charging;
        let mut problem = None;
        let mut reckoned = None;
        if payable && !order.cart.is_empty() {
            match reckon(desk, tx, &order, tried, locale) {
                Ok(found) => reckoned = Some(found),
                Err(error) if is_told(&error) => problem = Some(error),
                Err(error) => return Err(error),
            }
        }
        let Reckoned { preview, trial_end } = match reckoned {
            Some(reckoned) => reckoned,
            None => Reckoned {
                preview: lines::of_order(&order, desk.store.settings.tax.inclusive, locale)?,
                trial_end: None,
            },
        };
        let items = page_items(desk, tx, &order)?;
        let failed = match &order.payment {
            Some(id) if payable => tx.payment(desk.cx.store.no, id, false)?,
            _ => None,
        };
        let gateway = self.session.engine.gateway(&self.session.store).ok();
        let settings = &desk.store.settings;
        let recurring = order.subscription.is_some() || items.iter().any(|item| item.interval.is_some());
        let CheckoutSession {
            id,
            status,
            success_url,
            cancel_url,
            error_url,
            expires_at,
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
            business: settings.business.clone(),
            branding: settings.branding.clone(),
            origins: settings.origins.clone(),
            locale,
            zone: desk.store.zone,
            email: email_of(desk, tx, &order.customer)?,
            success_url: Some(success_url).filter(|url| !url.is_empty()),
            cancel_url,
            error_url,
            over: payable && (expires_at <= desk.now() || order.deadline.is_some_and(|end| end <= desk.now())),
            held_until: order.held_until,
            recurring,
            items,
            preview,
            trial_end,
            problem,
            declined: failed
                .filter(|payment| payment.status() == PaymentStatus::Failed)
                .map(|payment| pay::declined(&payment)),
            order_id: order.id,
        })
    }
}

fn email_of(desk: &Desk<'_>, tx: &mut dyn Tx, customer: &CustomerId) -> Result<Option<String>> {
    Ok(match tx.customer(desk.cx.store.no, customer, false)? {
        Some(Found::Live(customer)) => customer.profile.email.map(|email| email.as_given().to_owned()),
        _ => None,
    })
}

/// What a cart comes to now, looked at only.
fn reckon(desk: &mut Desk<'_>, tx: &mut dyn Tx, order: &Order, tried: &[String], locale: Locale) -> Result<Reckoned> {
    let codes: Vec<String> = order.codes.iter().chain(tried).cloned().collect();
    let buyer = Buyer {
        customer: Some(&order.customer),
        order: Some(&order.id),
        lock: false,
    };
    let cart = Cart::open(desk, tx, &order.cart, &codes, order.trial, &buyer, "lineItems")?;
    let mut quote = cart.quote(desk, PERIODS, None)?.quote;
    unborn(&mut quote);
    let trials = quote.now.lines.iter().filter_map(|line| match &line.reason {
        Reason::Trial { until, .. } => Some(*until),
        _ => None,
    });
    Ok(Reckoned {
        trial_end: trials.min(),
        preview: lines::preview(&quote, cart.tax_inclusive(), locale)?,
    })
}

/// Whether an error is about what is bought, and no accident.
fn is_told(error: &Error) -> bool {
    matches!(
        error.code().kind(),
        Kind::InvalidRequest | Kind::NotFound | Kind::Conflict
    )
}

fn page_items(desk: &mut Desk<'_>, tx: &mut dyn Tx, order: &Order) -> Result<Vec<PageItem>> {
    let mut items = Vec::with_capacity(order.cart.len());
    for item in &order.cart {
        match desk.shelf.named(&desk.cx.clone(), tx, &item.price, "lineItems") {
            Ok(()) => items.push(page_item(desk, item)?),
            // Deleted meanwhile: the problem says so.
            Err(error) if is_told(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(items)
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
