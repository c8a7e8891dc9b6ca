//! What falls due where one period ends and another begins, and its bill.

use super::{
    state::{Accrued, Cycle, Item, Open, PaidPart, Promotion, Purpose, Subscription},
    world::{Charge, NewId, Paid, Priced, World},
};
use crate::domain::{
    Problem,
    calendar::{Basis, Fraction},
    catalog::price::PriceType,
    decimal::Quantity,
    exact::Exact,
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
    /// What of it is for time that is over.
    pub(super) owed: Vec<Accrued>,
    /// Whether there is something else.
    pub(super) begins: bool,
    pub(super) promotions: Vec<Promotion>,
}

impl Subscription {
    /// An item as pricing knows it, with what its bundle holds.
    pub(super) fn priceable<'a>(
        &'a self,
        item: &'a Item,
        world: &'a World<'_>,
        units: &dyn Fn(&SubscriptionItemId) -> Option<Exact>,
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

    /// What is owed for time that is over: what was written down before, and
    /// what every item comes to at the end of a span.
    pub(super) fn owed(&self, ending: Option<Cycle>, world: &World<'_>) -> Result<Vec<Draft>, Problem> {
        let mut drafts: Vec<Draft> = self.accrued.iter().map(Draft::from).collect();
        if let Some(cycle) = ending {
            for item in self.top_items() {
                drafts.append(&mut self.arrears(item, cycle, world)?);
            }
        }
        Ok(drafts)
    }

    /// What every item pays where a period begins.
    pub(super) fn beginning(&self, cycle: Cycle, world: &World<'_>) -> Result<Vec<Draft>, Problem> {
        let mut drafts = Vec::new();
        for item in self.top_items() {
            let paid = cycle.paid(self.zone, world.settings.proration, item.begun == 0)?;
            drafts.append(&mut self.advance(item, paid, world)?);
        }
        Ok(drafts)
    }

    /// Puts lines in the order of the items, as a preview has them; those of
    /// items that are gone come first.
    pub(super) fn in_order(&self, drafts: &mut [Draft]) {
        let place = |draft: &Draft| {
            let item = draft.line.item.as_ref().and_then(|id| self.item(id));
            let top = item.and_then(|item| item.parent.as_ref()).or(draft.line.item.as_ref());
            self.items
                .iter()
                .position(|item| Some(&item.id) == top)
                .map_or(0, |place| place + 1)
        };
        drafts.sort_by_key(place);
    }

    /// What an item owes at the end of a span, or of what it was part of.
    pub(super) fn arrears(&self, item: &Item, cycle: Cycle, world: &World<'_>) -> Result<Vec<Draft>, Problem> {
        let seats = self.seat_share(world)?;
        let mut scaled = Vec::new();
        for (id, units) in world.units {
            let item = self.item(id).map(|item| priced(world, item)).transpose()?;
            let is_seat = item.is_some_and(|priced| priced.terms.kind == PriceType::Seat);
            scaled.push((id, if is_seat { units.times(seats)? } else { *units }));
        }
        let units = |id: &SubscriptionItemId| {
            let known = scaled.iter().find(|(known, _)| *known == id);
            known.map(|(_, units)| *units)
        };
        let mut whole = self.priceable(item, world, &units)?;
        // Units in a bundle may have gone on when the bundle changed.
        let (together, apart): (Vec<_>, Vec<_>) = self
            .items
            .iter()
            .filter(|child| child.parent.as_ref() == Some(&item.id))
            .zip(std::mem::take(&mut whole.children))
            .partition(|(child, known)| child.since == item.since || !known.terms.kind.is_metered());
        whole.children = together.into_iter().map(|(_, child)| child).collect();
        let mut drafts = match self.part_of(item, cycle, world)? {
            Some(paid) => charge::arrears(&whole, paid)?,
            None => Vec::new(),
        };
        for (child, known) in apart {
            if let Some(paid) = self.part_of(child, cycle, world)? {
                drafts.append(&mut charge::arrears(&known, paid)?);
            }
        }
        Ok(drafts)
    }

    /// How many whole periods it is from where units are not billed yet to the
    /// end of what runs.
    fn seat_share(&self, world: &World<'_>) -> Result<Exact, Problem> {
        let mut sum = Exact::ZERO;
        for cycle in self.running(self.metered_from) {
            let paid = cycle
                .from(self.metered_from)
                .paid(self.zone, world.settings.proration, false)?;
            sum = sum.plus(match paid.share {
                Some(share) => Exact::ratio(share.part().into(), share.whole().into())?,
                None => Exact::whole(1),
            })?;
        }
        Ok(sum)
    }

    /// The part of a span in which an item was what it is; `None` for none.
    fn part_of(&self, item: &Item, cycle: Cycle, world: &World<'_>) -> Result<Option<PaidPeriod>, Problem> {
        if item.since.is_some_and(|since| since >= cycle.period.end()) {
            return Ok(None);
        }
        let since = item.since.filter(|since| *since > cycle.period.start());
        let span = since.map_or(cycle, |since| cycle.from(since));
        let mut paid = span.paid(self.zone, world.settings.proration, item.begun <= 1)?;
        if since.is_some() && paid.basis == Basis::None {
            // What was there before it has paid for the whole period.
            paid.share = Some(Fraction::new(0, 1)?);
        }
        Ok(Some(paid))
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
            paid: paid_parts(&of_drafts, &bill.nets, at),
            promotions: going_on(&promotions),
            owed: Vec::new(),
            begins: true,
            bill,
        })
    }

    /// The bill of a boundary: what is owed, and what begins, item by item.
    pub(super) fn bill_boundary(
        &self,
        at: Instant,
        owed: Vec<Draft>,
        beginning: Vec<Draft>,
        world: &World<'_>,
    ) -> Result<Billed, Problem> {
        let past = owed.iter().map(Accrued::from).collect();
        let begins = !beginning.is_empty();
        let mut drafts = owed;
        drafts.extend(beginning);
        self.in_order(&mut drafts);
        Ok(Billed {
            owed: past,
            begins,
            ..self.bill(at, drafts, world)?
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
            owed,
            begins,
            promotions,
        } = billed;
        let balance = settle_with_balance(&mut bill, world.balance)?;
        let order = OrderId::from_bits(ids());
        self.open = Some(Open {
            order: order.clone(),
            purpose,
            paid,
            owed,
            begins,
            promotions,
        });
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

/// What each item pays in advance, net of discounts, and for which spans; what
/// is paid for time before `from` is no part of it.
pub(super) fn paid_parts(lines: &[Line], nets: &[i64], from: Instant) -> Paid {
    let mut parts: Paid = Vec::new();
    for (line, net) in lines.iter().zip(nets) {
        let counts = matches!(
            line.kind,
            LineType::Price | LineType::Usage | LineType::Adjustment | LineType::ProrationCharge
        );
        let extra = matches!(line.reason, Reason::FirstPaymentExtra { .. });
        let (true, false, Some(item), Some(span)) = (counts, extra, &line.item, line.period) else {
            continue;
        };
        if span.end() <= from {
            continue;
        }
        match parts
            .iter_mut()
            .find(|(known, part)| known == item && part.span == span)
        {
            Some((_, part)) => part.amount = part.amount.saturating_add(*net),
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

impl From<&Accrued> for Draft {
    fn from(accrued: &Accrued) -> Self {
        Self::of(accrued.line.clone(), &accrued.product)
    }
}

impl From<&Draft> for Accrued {
    fn from(draft: &Draft) -> Self {
        Self {
            line: draft.line.clone(),
            product: draft.product.clone(),
        }
    }
}
