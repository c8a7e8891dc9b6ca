//! What falls due where one period ends and another begins, and its bill.

use super::{
    state::{Accrued, Cycle, Item, Open, PaidPart, Promotion, Purpose, Subscription},
    world::{Charge, NewId, Paid, Priced, World},
};
use crate::domain::{
    Problem,
    catalog::price::Claim,
    decimal::Quantity,
    id::{OrderId, SubscriptionItemId},
    instant::Instant,
    line::{Line, LineType, Reason},
    money,
    order::OrderType,
    pricing::{
        bill::{self, Bill, Draft},
        charge,
        item::Item as Priceable,
        promotion::{Promotions, Running},
        rhythm::PaidPeriod,
    },
};

/// A bill with what is known once it is paid.
pub(super) struct Billed {
    pub(super) bill: Bill,
    /// What each item has paid for the rest of the period.
    pub(super) paid: Paid,
    pub(super) promotions: Vec<Promotion>,
}

impl Subscription {
    /// An item as pricing knows it, with what its bundle holds.
    pub(super) fn priceable<'a>(
        &'a self,
        item: &'a Item,
        world: &'a World<'_>,
        units: &dyn Fn(&SubscriptionItemId) -> Option<crate::domain::exact::Exact>,
    ) -> Result<Priceable<'a>, Problem> {
        let Priced {
            price,
            product,
            name,
            unit,
            terms,
        } = priced(world, item)?;
        let children = self
            .items
            .iter()
            .filter(|child| child.parent.as_ref() == Some(&item.id));
        Ok(Priceable {
            price,
            product,
            name,
            unit,
            terms,
            quantity: item.quantity,
            option_amount: item.option_amount,
            trial_end: None,
            id: Some(&item.id),
            units: units(&item.id),
            is_first_purchase: item.first_purchase,
            children: children
                .map(|child| self.priceable(child, world, units))
                .collect::<Result<_, _>>()?,
        })
    }

    /// What falls due where `ending` ends and `beginning` begins; either may
    /// be missing. What accrued before comes first.
    pub(super) fn due(
        &self,
        ending: Option<Cycle>,
        beginning: Option<Cycle>,
        world: &World<'_>,
    ) -> Result<Vec<Draft>, Problem> {
        let mut drafts = Vec::new();
        if let Some(cycle) = ending {
            drafts.extend(self.accrued.iter().map(|Accrued { line, product }| Draft {
                line: line.clone(),
                product: product.clone(),
            }));
            for item in self.top_items() {
                drafts.append(&mut self.arrears(item, cycle, world)?);
            }
        }
        if let Some(cycle) = beginning {
            for item in self.top_items() {
                let paid = cycle.paid(self.zone, world.settings.proration, item.begun == 0)?;
                drafts.append(&mut charge::advance(&self.priceable(item, world, &|_| None)?, paid)?);
            }
        }
        Ok(drafts)
    }

    /// What an item owes at the end of a period, or of what it was part of.
    pub(super) fn arrears(&self, item: &Item, cycle: Cycle, world: &World<'_>) -> Result<Vec<Draft>, Problem> {
        let span = match item.since {
            Some(since) => cycle.from(since),
            None => cycle,
        };
        let paid = span.paid(self.zone, world.settings.proration, item.begun <= 1)?;
        let units = |id: &SubscriptionItemId| {
            let known = world.units.iter().find(|(known, _)| known == id);
            known.map(|(_, units)| *units)
        };
        charge::arrears(&self.priceable(item, world, &units)?, paid)
    }

    /// What an item pays in advance for a share of a whole period.
    pub(super) fn advance(&self, item: &Item, paid: PaidPeriod, world: &World<'_>) -> Result<Vec<Draft>, Problem> {
        charge::advance(&self.priceable(item, world, &|_| None)?, paid)
    }

    /// Takes discounts off, puts taxes on and sums up.
    pub(super) fn bill(&self, at: Instant, drafts: Vec<Draft>, world: &World<'_>) -> Result<Billed, Problem> {
        let running: Vec<Running<'_>> = self
            .promotions
            .iter()
            .filter_map(|held| {
                let coupon = world.coupons.iter().find(|coupon| coupon.id == held.coupon)?;
                Some(Running {
                    code: &held.code,
                    coupon,
                    redeemed_at: held.redeemed_at,
                    used: held.used,
                })
            })
            .collect();
        let mut promotions = Promotions::running(&running, world.given, self.currency, at, self.zone)?;
        let of_drafts: Vec<Line> = drafts.iter().map(|draft| draft.line.clone()).collect();
        let (bill, _) = bill::total(at, drafts, &mut promotions, world.tax, world.country)?;
        Ok(Billed {
            paid: paid_parts(&of_drafts, &bill.nets),
            promotions: going_on(&promotions),
            bill,
        })
    }

    /// Opens an order for a bill: what the balance pays is taken off first.
    /// What it is for follows once it is paid.
    pub(super) fn open_order(
        &mut self,
        kind: OrderType,
        billed: Billed,
        purpose: Purpose,
        world: &World<'_>,
        ids: NewId<'_>,
    ) -> Result<Charge, Problem> {
        let Billed {
            mut bill,
            paid,
            promotions,
        } = billed;
        let balance = settle_with_balance(&mut bill, world.balance)?;
        let used = promotions
            .iter()
            .filter(|held| held.used)
            .map(|held| held.coupon.clone());
        let order = OrderId::from_bits(ids());
        self.open = Some(Open {
            order: order.clone(),
            purpose,
            paid,
            used: used.collect(),
        });
        // Codes that are new go on from now, whether or not this is paid at once.
        for held in promotions {
            if !self.promotions.iter().any(|known| known.coupon == held.coupon) {
                self.promotions.push(Promotion { used: false, ..held });
            }
        }
        let due = bill.total.max(0);
        Ok(Charge {
            order,
            kind,
            bill,
            balance,
            due,
        })
    }
}

/// The price of an item.
pub(super) fn priced<'a>(world: &'a World<'_>, item: &Item) -> Result<Priced<'a>, Problem> {
    world
        .prices
        .priced(&item.price)
        .ok_or_else(|| Problem::new(format!("names price {}, which is not there", item.price.as_str())))
}

/// Spends what the balance has on a bill, as a line of its own; a bill below
/// zero goes to it. Gives what the balance changes by.
pub fn settle_with_balance(bill: &mut Bill, balance: i64) -> Result<i64, Problem> {
    if bill.total < 0 {
        return money::add(0, -bill.total);
    }
    let spent = balance.clamp(0, bill.total);
    if spent == 0 {
        return Ok(0);
    }
    bill.lines.push(Line {
        kind: LineType::Credit,
        price: None,
        item: None,
        quantity: Quantity::ONE,
        amount: -spent,
        period: None,
        reason: Reason::CreditBalance,
    });
    bill.total -= spent;
    Ok(-spent)
}

/// What each item pays in advance, net of discounts, and for which span.
pub(super) fn paid_parts(lines: &[Line], nets: &[i64]) -> Paid {
    let mut parts: Paid = Vec::new();
    for (line, net) in lines.iter().zip(nets) {
        let counts = matches!(
            line.kind,
            LineType::Price | LineType::Usage | LineType::Adjustment | LineType::ProrationCharge
        );
        let (true, Some(item), Some(span)) = (counts, &line.item, line.period) else {
            continue;
        };
        let extra = matches!(line.reason, Reason::FirstPaymentExtra { .. });
        match parts.iter_mut().find(|(known, _)| known == item) {
            _ if extra => {}
            // Lines of the period that ends come first: the later one is the
            // one that is paid in advance.
            Some((_, part)) if part.span == span => part.amount = part.amount.saturating_add(*net),
            Some((_, part)) if part.span.start() < span.start() => *part = PaidPart { amount: *net, span },
            Some(_) => {}
            None => parts.push((item.clone(), PaidPart { amount: *net, span })),
        }
    }
    parts
}

fn going_on(promotions: &Promotions<'_>) -> Vec<Promotion> {
    let held = promotions
        .going_on()
        .map(|(coupon, code, redeemed_at, used)| Promotion {
            coupon: coupon.clone(),
            code: code.to_owned(),
            redeemed_at,
            used,
        });
    held.collect()
}

/// Whether anything of a price is paid in advance.
pub(super) fn pays_in_advance(priced: &Priced<'_>) -> bool {
    let metering = priced.terms.metering.as_ref();
    priced.terms.claim == Claim::Advance || metering.is_some_and(|metering| metering.claim == Claim::Advance)
}

/// Whether anything of a price is paid in arrears.
pub(super) fn pays_in_arrears(priced: &Priced<'_>) -> bool {
    let metering = priced.terms.metering.as_ref();
    priced.terms.claim == Claim::Arrears || metering.is_some_and(|metering| metering.claim == Claim::Arrears)
}
