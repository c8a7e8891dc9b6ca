//! From what was bought to subscriptions: one for each group of things that
//! agree in their rhythm and their end (StepPay V1 reference, section 10.1).

use super::{
    due::paid_parts,
    state::{Cadence, Cycle, Item, NewItem, Open, Phase, Promotion, Purpose, Subscription},
    world::{NewId, Priced, World},
};
use crate::domain::{
    Problem,
    calendar::{Interval, Period, Schedule, add},
    catalog::{
        coupon::{Coupon, Duration},
        price::{Claim, Expiry, Terms},
    },
    currency::Currency,
    id::{OrderId, PaymentMethodId, SubscriptionId, SubscriptionItemId},
    instant::Instant,
    line::Line,
    pricing::discount::Applied,
    zone::Zone,
};

/// Something that was bought, with the ids that the order's lines name.
#[derive(Debug, Clone)]
pub struct Bought {
    /// The subscription's item that it becomes.
    pub id: SubscriptionItemId,
    /// What.
    pub item: NewItem,
    /// The items of its bundle, in the bundle's order.
    pub children: Vec<SubscriptionItemId>,
    /// When its free time ends.
    pub trial_end: Option<Instant>,
}

/// What was paid for it.
#[derive(Debug, Clone, Copy)]
pub struct Receipt<'a> {
    /// The order's lines before discounts and taxes.
    pub lines: &'a [Line],
    /// What each of them came to after discounts.
    pub nets: &'a [i64],
    /// The codes that counted.
    pub applied: &'a [Applied],
}

/// What members of a group agree in.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Group {
    first_end: Instant,
    interval: Interval,
    expiry: Option<Expiry>,
    service_start_day: Option<u8>,
    billing_day: Option<u8>,
    trial_end: Option<Instant>,
    claim: Claim,
}

/// The subscriptions that a paid order makes, in the order of their first
/// items; what is paid once makes none.
///
/// # Errors
///
/// A problem when a date would lie after 2099.
pub fn born(
    bought: &[Bought],
    receipt: Receipt<'_>,
    currency: Currency,
    zone: Zone,
    method: Option<&PaymentMethodId>,
    world: &World<'_>,
    ids: NewId<'_>,
) -> Result<Vec<Subscription>, Problem> {
    let mut groups: Vec<(Group, Vec<&Bought>)> = Vec::new();
    for one in bought {
        let Some(priced) = world.prices.priced(&one.item.price) else {
            continue;
        };
        let Some(group) = group_of(one, priced.terms, zone, world)? else {
            continue;
        };
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, members)) => members.push(one),
            None => groups.push((group, vec![one])),
        }
    }
    let paid = paid_parts(receipt.lines, receipt.nets, world.now);
    groups
        .into_iter()
        .map(|(group, members)| {
            let mut born = of_group(group, &members, currency, zone, world, ids)?;
            born.method = method.cloned();
            born.promotions = promotions(receipt.applied, &born, world);
            born.set_paid(&paid);
            Ok(born)
        })
        .collect()
}

/// The rhythm of a price that is bought: on its own billing day, the store's,
/// or that of the purchase.
fn cadence(terms: &Terms, interval: Interval, start: Instant, zone: Zone, world: &World<'_>) -> Cadence {
    let aligned = world.settings.policies(zone).aligned_to;
    Cadence::starting(start, interval, terms.billing_day.or(aligned))
}

fn group_of(one: &Bought, terms: &Terms, zone: Zone, world: &World<'_>) -> Result<Option<Group>, Problem> {
    let Some(interval) = terms.recurring else {
        return Ok(None);
    };
    let trial_end = one.trial_end.filter(|end| *end > world.now);
    let cadence = cadence(terms, interval, trial_end.unwrap_or(world.now), zone, world);
    let schedule: Schedule = cadence.schedule(zone)?;
    Ok(Some(Group {
        first_end: schedule.boundary(1)?,
        interval,
        expiry: terms.expiry,
        service_start_day: terms.service_start_day,
        billing_day: cadence.billing_day,
        trial_end,
        claim: terms.claim,
    }))
}

impl Subscription {
    /// The same before its first charge or its card is there (glossary,
    /// transition 2): nothing runs yet, and its first period begins with the
    /// payment of an order that is open.
    ///
    /// # Errors
    ///
    /// A problem when a date would lie after 2099.
    pub fn incomplete(mut self, order: OrderId, until: Instant) -> Result<Self, Problem> {
        let first = self.cadence.cycle(self.zone, 0)?;
        let first = self.cut(first).unwrap_or(first);
        let mut paid = Vec::new();
        for item in &mut self.items {
            item.begun = 0;
            paid.extend(item.paid.drain(..).map(|part| (item.id.clone(), part)));
        }
        self.open = Some(Open {
            order,
            purpose: Purpose::Begin(first),
            paid,
            owed: Vec::new(),
            begins: true,
            promotions: Vec::new(),
        });
        self.phase = Phase::Incomplete;
        self.incomplete_until = Some(until);
        self.cycle = None;
        self.trial = None;
        self.cadence.next = 0;
        self.periods = 0;
        self.payments = 0;
        self.paid_at = None;
        Ok(self)
    }
}

fn of_group(
    group: Group,
    members: &[&Bought],
    currency: Currency,
    zone: Zone,
    world: &World<'_>,
    ids: NewId<'_>,
) -> Result<Subscription, Problem> {
    let now = world.now;
    let start = group.trial_end.unwrap_or(now);
    let trial = group.trial_end.map(|end| Period::new(now, end)).transpose()?;
    let begun = u32::from(trial.is_none());
    let items = members.iter().flat_map(|one| items_of(one, begun, world)).collect();
    let arrears = group.claim == Claim::Arrears;
    let mut born = Subscription {
        id: SubscriptionId::from_bits(ids()),
        currency,
        zone,
        phase: if trial.is_some() {
            Phase::Trialing
        } else {
            Phase::Active
        },
        items,
        started_at: now,
        cadence: Cadence::starting(start, group.interval, group.billing_day),
        cycle: trial.map(|period| Cycle { period, whole: period }),
        early: None,
        trial,
        incomplete_until: None,
        expires_at: match group.expiry {
            Some(Expiry::At(micros)) => Some(Instant::from_micros(micros)),
            Some(Expiry::After(length)) => Some(add(now, length, zone)?),
            Some(Expiry::Payments(_)) | None => None,
        },
        most_periods: match group.expiry {
            Some(Expiry::Payments(most)) => Some(most),
            _ => None,
        },
        periods: begun,
        payments: u32::from(trial.is_none() && !arrears),
        arrears,
        service_start_day: group.service_start_day,
        method: None,
        cancel: None,
        pause_later: None,
        pause: None,
        pending: None,
        metered_from: start,
        accrued: Vec::new(),
        open: None,
        charging: false,
        recovery: None,
        promotions: Vec::new(),
        moved_from: None,
        noticed: None,
        trial_noticed: false,
        paid_at: None,
        ended_at: None,
    };
    if trial.is_none() {
        let first = born.cadence.cycle(zone, 0)?;
        born.cycle = Some(born.cut(first).unwrap_or(first));
        born.cadence.next = 1;
        born.paid_at = (!arrears).then_some(now);
    }
    Ok(born)
}

fn items_of(one: &Bought, begun: u32, world: &World<'_>) -> Vec<Item> {
    let Some(Priced { product, terms, .. }) = world.prices.priced(&one.item.price) else {
        return Vec::new();
    };
    let top = Item {
        id: one.id.clone(),
        price: one.item.price.clone(),
        product: product.clone(),
        quantity: one.item.quantity,
        options: one.item.options.clone(),
        option_amount: one.item.option_amount,
        parent: None,
        first_purchase: one.item.first_purchase,
        begun,
        since: None,
        paid: Vec::new(),
    };
    let bundled = terms.bundle.iter().flat_map(|bundle| &bundle.price_ids);
    let children = bundled.zip(&one.children).filter_map(|(price, id)| {
        Some(Item {
            id: id.clone(),
            price: price.clone(),
            product: world.prices.priced(price)?.product.clone(),
            options: Vec::new(),
            option_amount: 0,
            parent: Some(one.id.clone()),
            ..top.clone()
        })
    });
    let mut items: Vec<Item> = children.collect();
    items.insert(0, top);
    items
}

/// The codes that go on with a subscription: those of several payments, and
/// one for a single payment that had nothing to take off yet.
fn promotions(applied: &[Applied], born: &Subscription, world: &World<'_>) -> Vec<Promotion> {
    let goes_on = |coupon: &Coupon, used: bool| {
        let here = coupon.products.is_empty() || born.items.iter().any(|item| coupon.products.contains(&item.product));
        here && (coupon.duration != Duration::Once || !used)
    };
    applied
        .iter()
        .filter_map(|one| {
            let coupon = world.coupons.iter().find(|coupon| coupon.id == one.coupon)?;
            let used = one.amount > 0;
            goes_on(coupon, used).then(|| Promotion {
                coupon: coupon.id.clone(),
                code: one.code.clone(),
                redeemed_at: world.now,
                used,
            })
        })
        .collect()
}
