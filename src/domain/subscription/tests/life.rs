//! A subscriber's life: a fake till whose answers are known beforehand, a
//! clock, and the checks that hold after every step.

use super::{
    super::{
        At, Bought, Change, Charge, Decision, Edit, News, Phase, Purpose, Receipt, Refusal, Subscription, Until, When,
        World, born,
    },
    shop::Shop,
    table,
};
use crate::domain::{
    calendar::Period,
    catalog::price::PriceType,
    currency::Currency,
    exact::Exact,
    id::{OrderId, PaymentMethodId, SubscriptionItemId},
    instant::Instant,
    pricing::{
        bill::Bill,
        discount::{Given, Uses},
        item::Item as Priceable,
        purchase::{Purchase, Quote},
    },
    settings::{GiveBack, Settings},
    zone::Zone,
};

/// What the till answers to a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Paid,
    Declined,
    Hard,
    /// None, until somebody looks it up.
    Silent,
}

/// What happened, in order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Happened {
    Bought(Bill),
    Says(&'static str),
    Bill { at: Instant, charge: Charge, refund: i64 },
    Answer { amount: i64, answer: Answer },
    Closed(i64),
    News(News),
}

#[derive(Debug, Clone, PartialEq)]
struct Ordered {
    id: OrderId,
    /// Before the balance paid a part of it.
    total: i64,
    due: i64,
    balance: i64,
    refunded: i64,
    paid: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Command {
    Cancel(Option<At>, Option<GiveBack>),
    Uncancel,
    Pause(At, Option<Until>),
    Resume,
    Change(Change),
    Forget,
    Move(Instant, bool),
    Renew,
    Card(bool),
    Pay,
}

/// Units of an item at an instant.
#[derive(Debug, Clone)]
struct Used {
    item: SubscriptionItemId,
    at: Instant,
    amount: i64,
    /// Seats are how many there are from now on, the rest what was used now.
    seats: bool,
}

#[derive(Clone)]
pub(super) struct Life {
    pub(super) now: Instant,
    pub(super) zone: Zone,
    pub(super) settings: Settings,
    pub(super) subs: Vec<Subscription>,
    /// What the till answers; the last goes on for ever.
    pub(super) answers: Vec<Answer>,
    pub(super) attempts: usize,
    pub(super) balance: i64,
    /// Whether what is due is done only when somebody looks.
    pub(super) late: bool,
    pub(super) log: Vec<Happened>,
    pub(super) codes: Vec<String>,
    /// The phases that it went through.
    pub(super) seen: Vec<(Phase, Phase)>,
    orders: Vec<Ordered>,
    used: Vec<Used>,
    made: u128,
    /// What the purchase cost.
    bought: i64,
    /// Where periods ran: what began last, for each subscription.
    ran: Vec<(Period, bool)>,
}

impl Life {
    pub(super) fn new(now: Instant, zone: Zone) -> Self {
        Self {
            now,
            zone,
            settings: Settings {
                notice_before_payment_days: 0,
                ..Settings::default()
            },
            subs: Vec::new(),
            answers: vec![Answer::Paid],
            attempts: 0,
            balance: 0,
            late: false,
            log: Vec::new(),
            codes: Vec::new(),
            seen: Vec::new(),
            orders: Vec::new(),
            used: Vec::new(),
            made: 0,
            bought: 0,
            ran: Vec::new(),
        }
    }

    /// Calls with a world, and with ids that are the same when it is called again.
    fn with<T>(&self, sub: usize, shop: &Shop, call: impl Fn(&World<'_>, &mut dyn FnMut() -> u128) -> T) -> (T, u128) {
        let given: Vec<Given<'_>> = self.codes.iter().map(|code| given(shop, code)).collect();
        let units = self.subs.get(sub).map(|sub| self.units(sub, shop)).unwrap_or_default();
        let world = World {
            now: self.now,
            settings: &self.settings,
            tax: &self.settings.tax,
            prices: shop,
            coupons: &shop.coupons,
            given: &given,
            country: None,
            units: &units,
            balance: self.balance,
        };
        let mut made = self.made;
        let result = call(&world, &mut || {
            made += 1;
            made
        });
        (result, made)
    }

    /// What the engine's meters would say.
    fn units(&self, sub: &Subscription, shop: &Shop) -> Vec<(SubscriptionItemId, Exact)> {
        use super::super::Prices as _;
        let Some(cycle) = sub.cycle else {
            return Vec::new();
        };
        let end = self.now.min(cycle.period.end());
        let kind = |item: &super::super::Item| shop.priced(&item.price).expect("a price").terms.kind;
        let metered = sub.items.iter().filter(|item| kind(item).is_metered());
        metered
            .map(|item| {
                let start = item.since.unwrap_or(sub.metered_from);
                let of_item = self.used.iter().filter(|used| used.item == item.id);
                if kind(item) == PriceType::Usage {
                    let used = of_item.filter(|used| !used.seats && start <= used.at && used.at < end);
                    return (item.id.clone(), Exact::whole(used.map(|used| used.amount).sum()));
                }
                let steps: Vec<&Used> = of_item.filter(|used| used.seats).collect();
                let mut area = 0_i128;
                for (place, step) in steps.iter().enumerate() {
                    let from = step.at.max(start);
                    let to = steps.get(place + 1).map_or(end, |next| next.at.min(end));
                    area += i128::from(step.amount) * i128::from((to.micros() - from.micros()).max(0));
                }
                let whole = (cycle.period.end().micros() - sub.metered_from.micros()).max(1);
                (item.id.clone(), Exact::ratio(area, whole.into()).expect("a ratio"))
            })
            .collect()
    }

    pub(super) fn quote(
        &self,
        shop: &Shop,
        items: &[(String, i64)],
        trial_end: Option<Instant>,
        periods: usize,
    ) -> (Vec<Bought>, Quote) {
        use super::super::Prices as _;
        let mut made = self.made;
        let mut id = || {
            made += 1;
            SubscriptionItemId::from_bits(made)
        };
        let bought: Vec<Bought> = items
            .iter()
            .map(|(name, quantity)| {
                let item = shop.new_item(name, *quantity);
                let bundle = shop.priced(&item.price).expect("a price").terms.bundle.as_ref();
                Bought {
                    id: id(),
                    children: bundle
                        .iter()
                        .flat_map(|bundle| &bundle.price_ids)
                        .map(|_| id())
                        .collect(),
                    trial_end: trial_end.filter(|_| name != "once"),
                    item,
                }
            })
            .collect();
        let ids: Vec<SubscriptionItemId> = bought.iter().flat_map(|one| one.children.clone()).collect();
        let mut ids = ids.iter();
        let priceables: Vec<Priceable<'_>> = bought
            .iter()
            .map(|one| {
                let of = |price, id, quantity, first| {
                    let priced = shop.priced(price).expect("a price");
                    Priceable {
                        price: priced.price,
                        product: priced.product,
                        name: priced.name,
                        unit: priced.unit,
                        terms: priced.terms,
                        quantity,
                        option_amount: 0,
                        trial_end: one.trial_end,
                        id: Some(id),
                        units: None,
                        is_first_purchase: first,
                        children: Vec::new(),
                    }
                };
                let mut top = of(&one.item.price, &one.id, one.item.quantity, one.item.first_purchase);
                for price in top.terms.bundle.iter().flat_map(|bundle| &bundle.price_ids) {
                    let child = of(price, ids.next().expect("an id"), one.item.quantity, false);
                    top.children.push(child);
                }
                top
            })
            .collect();
        let given: Vec<Given<'_>> = self.codes.iter().map(|code| given(shop, code)).collect();
        let purchase = Purchase {
            items: &priceables,
            codes: &given,
            policies: &self.settings.policies(self.zone),
            country: None,
            now: self.now,
        };
        let quote = purchase.quote(periods).expect("a quote");
        (bought, quote)
    }

    /// Buys, pays, and is born.
    pub(super) fn buy(
        &mut self,
        shop: &Shop,
        items: &[(String, i64)],
        trial_end: Option<Instant>,
        card: bool,
    ) -> Quote {
        let (bought, quote) = self.quote(shop, items, trial_end, 12);
        self.made += 100;
        self.bought = quote.now.total;
        let receipt = Receipt {
            lines: &quote.now.lines[..quote.now.nets.len()],
            nets: &quote.now.nets,
            applied: &quote.applied,
        };
        let method = card.then(|| PaymentMethodId::trusted("pm_1"));
        let (subs, made) = self.with(0, shop, |world, ids| {
            born(&bought, receipt, Currency::KRW, self.zone, method.as_ref(), world, ids).expect("subscriptions")
        });
        self.made = made;
        for sub in &subs {
            self.ran.push((sub.cycle.expect("a period").period, true));
            self.check_state(sub);
        }
        self.subs = subs;
        self.note_seats(0);
        self.codes.clear();
        quote
    }

    /// Makes what was bought wait for its first payment.
    pub(super) fn wait_for_card(&mut self, until: Instant) {
        for place in 0..self.subs.len() {
            self.made += 1;
            let order = OrderId::from_bits(self.made);
            let waiting = self.subs[place]
                .clone()
                .incomplete(order.clone(), until)
                .expect("a period");
            self.orders.push(Ordered {
                id: order,
                total: 10_000,
                due: 10_000,
                balance: 0,
                refunded: 0,
                paid: false,
            });
            self.check_state(&waiting);
            self.subs[place] = waiting;
        }
    }

    pub(super) fn use_units(&mut self, item: usize, amount: i64) {
        let id = self.subs[0].items[item].id.clone();
        self.used.push(Used {
            item: id,
            at: self.now,
            amount,
            seats: false,
        });
    }

    fn note_seats(&mut self, sub: usize) {
        for item in &self.subs[sub].items {
            let last = self.used.iter().rev().find(|used| used.item == item.id && used.seats);
            if last.is_none_or(|used| used.amount != item.quantity) {
                self.used.push(Used {
                    item: item.id.clone(),
                    at: self.now,
                    amount: item.quantity,
                    seats: true,
                });
            }
        }
    }

    /// When something falls due next, of any subscription.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let due = self
            .subs
            .iter()
            .filter_map(|sub| sub.next_due(&self.settings).expect("a date"));
        due.map(|(at, _)| at).min()
    }

    /// Does everything that is due by an instant, each at its time.
    pub(super) fn run_to(&mut self, shop: &Shop, to: Instant) {
        for _ in 0..20_000 {
            let Some(at) = self.next_due().filter(|at| *at <= to) else {
                self.now = self.now.max(to);
                self.check_idle(shop);
                return;
            };
            self.now = if self.late { self.now.max(to) } else { self.now.max(at) };
            for place in 0..self.subs.len() {
                let due = self.subs[place].next_due(&self.settings).expect("a date");
                if due.is_some_and(|(at, _)| at <= self.now) {
                    self.tick(shop, place);
                }
            }
        }
        panic!("it never ends: {:#?}", self.subs);
    }

    fn tick(&mut self, shop: &Shop, place: usize) {
        let tick =
            |world: &World<'_>, ids: &mut dyn FnMut() -> u128| self.subs[place].tick(world, ids).expect("a decision");
        let (decision, made) = self.with(place, shop, tick);
        // What is decided twice is decided alike: a preview is the charge.
        assert_eq!(decision, self.with(place, shop, tick).0);
        self.made = made;
        self.apply(place, decision.expect("something that is due"));
    }

    /// A second look at one instant finds nothing to do.
    fn check_idle(&self, shop: &Shop) {
        for place in 0..self.subs.len() {
            let (again, _) = self.with(place, shop, |world, ids| self.subs[place].tick(world, ids));
            assert_eq!(again, Ok(None));
        }
    }

    pub(super) fn command(&mut self, shop: &Shop, place: usize, command: &Command) -> Result<(), Refusal> {
        let decide = |world: &World<'_>, ids: &mut dyn FnMut() -> u128| {
            let sub = self.subs[place].clone();
            match command {
                Command::Cancel(when, credit) => sub.cancel(*when, *credit, world, ids),
                Command::Uncancel => sub.uncancel(),
                Command::Pause(at, until) => sub.pause(*at, *until, world, ids),
                Command::Resume => sub.resume(world, ids),
                Command::Change(change) => sub.change(change, world, ids),
                Command::Forget => sub.cancel_pending_change(),
                Command::Move(at, charge) => sub.change_payment_date(*at, *charge, world, ids),
                Command::Renew => sub.renew_now(world, ids),
                Command::Card(retry) => {
                    sub.set_method(PaymentMethodId::trusted("pm_2"), *retry, world.now, world.settings)
                }
                Command::Pay => sub.charge_open().map(|after| Decision {
                    retry: after.open.as_ref().map(|open| open.order.clone()),
                    news: Vec::new(),
                    charge: None,
                    close: None,
                    refund: 0,
                    usage: None,
                    after,
                }),
            }
        };
        let (decision, made) = self.with(place, shop, decide);
        assert_eq!(decision, self.with(place, shop, decide).0, "decided twice");
        self.codes.clear();
        self.made = made;
        self.apply(place, decision?);
        Ok(())
    }

    fn apply(&mut self, place: usize, decision: Decision) {
        let before = self.subs[place].clone();
        let Decision {
            after,
            charge,
            retry,
            close,
            refund,
            usage: _,
            news,
        } = decision;
        self.check_step(place, &before, &after);
        if let Some(closed) = close {
            let order = self.order(&closed);
            assert!(!order.paid, "a paid order is never closed");
            let back = order.balance;
            self.balance -= back;
            self.log.push(Happened::Closed(self.order(&closed).due));
        }
        if let Some(charge) = charge {
            let total = charge.bill.total + (-charge.balance).max(0);
            assert_eq!(
                charge.bill.lines.iter().map(|line| line.amount).sum::<i64>(),
                charge.bill.total
            );
            assert_eq!(charge.due, charge.bill.total.max(0));
            assert!(charge.balance + self.balance >= 0, "more was spent than there is");
            self.balance += charge.balance;
            self.orders.push(Ordered {
                id: charge.order.clone(),
                total,
                due: charge.due,
                balance: charge.balance,
                refunded: refund,
                paid: charge.due == 0,
            });
            self.log.push(Happened::Bill {
                at: self.now,
                charge,
                refund,
            });
        }
        self.log.extend(news.into_iter().map(Happened::News));
        let charging = after.charging && !before.charging;
        assert_eq!(
            after.charging && retry.is_none() && before.charging,
            after.charging && !charging
        );
        self.subs[place] = after;
        self.note_seats(place);
        self.check_money();
        if charging {
            let answer = self.answers[self.attempts.min(self.answers.len() - 1)];
            self.attempts += 1;
            self.answer(place, answer);
        }
    }

    /// What the till says about the open order.
    pub(super) fn answer(&mut self, place: usize, answer: Answer) {
        let sub = self.subs[place].clone();
        let open = sub.open.clone().expect("an open order").order;
        let amount = self.order(&open).due;
        self.log.push(Happened::Answer { amount, answer });
        let decision = match answer {
            Answer::Silent => return,
            Answer::Paid => {
                let now = self.now;
                let order = self.orders.iter_mut().find(|order| order.id == open).expect("an order");
                assert!(!order.paid, "paid twice");
                order.paid = true;
                assert!(sub.waits_for(&open));
                sub.paid(now, &self.settings)
            }
            Answer::Declined => sub.declined(self.now, false, &self.settings),
            Answer::Hard => sub.declined(self.now, true, &self.settings),
        };
        self.apply(place, decision.expect("a decision"));
    }

    fn order(&self, id: &OrderId) -> &Ordered {
        self.orders.iter().find(|order| order.id == *id).expect("an order")
    }

    /// What was given back is never more than what was paid.
    fn check_money(&self) {
        let mut sum = 0;
        for order in self.orders.iter().filter(|order| order.paid) {
            sum += order.total;
        }
        assert!(
            sum + self.bought >= 0,
            "more was given back than paid: {:#?}",
            self.orders
        );
    }

    fn check_step(&mut self, place: usize, before: &Subscription, after: &Subscription) {
        table::check(before.phase, after.phase);
        self.seen.push((before.phase, after.phase));
        if before.phase.is_final() {
            assert_eq!(before.phase, after.phase, "nothing revives what has ended");
            assert_eq!(before.ended_at, after.ended_at);
        }
        self.check_state(after);
        self.check_periods(place, before, after);
    }

    /// Periods neither overlap nor leave a gap, unless it was paused or not paid.
    fn check_periods(&mut self, place: usize, before: &Subscription, after: &Subscription) {
        let stopped = matches!(
            before.phase,
            Phase::PastDue | Phase::Unpaid | Phase::Paused | Phase::Incomplete
        );
        let (ran, unbroken) = &mut self.ran[place];
        *unbroken &= !stopped;
        let Some(cycle) = after.cycle.filter(|cycle| Some(*cycle) != before.cycle) else {
            return;
        };
        let new = cycle.period;
        let gone_on = *unbroken && after.phase != Phase::Paused;
        if new.start() == ran.start() || !gone_on {
            // Longer, shorter, or after a time in which nothing ran.
        } else if new.start() < ran.end() {
            // What was asked for begins then, however late the money comes.
            let asked = matches!(
                before.open.as_ref().map(|open| &open.purpose),
                Some(Purpose::Change(_) | Purpose::Ahead(_))
            );
            let fits = if asked {
                new.start() <= self.now
            } else {
                new.start() == self.now
            };
            assert!(fits, "periods overlap: {ran:?} and {new:?}");
        } else {
            assert_eq!(new.start(), ran.end(), "a gap between periods: {ran:?} and {new:?}");
        }
        *ran = new;
        *unbroken = true;
    }

    fn check_state(&self, sub: &Subscription) {
        let text = serde_json::to_string(sub).expect("JSON");
        let back: Subscription = serde_json::from_str(&text).expect("what was written");
        assert_eq!(back, *sub, "what is stored comes back");
        let next = sub.next_due(&self.settings).expect("a date");
        let waits = sub.charging || matches!(sub.phase, Phase::Paused | Phase::Unpaid) || sub.phase.is_final();
        assert!(waits || next.is_some(), "forgotten: {sub:#?}");
        assert!(!sub.items.is_empty(), "nothing is subscribed to");
        assert!(
            sub.items
                .iter()
                .flat_map(|item| &item.paid)
                .all(|part| part.amount >= 0)
        );
        assert_eq!(sub.pause.is_some(), sub.phase == Phase::Paused);
        assert!(
            sub.cancel.is_none() || sub.pause_later.is_none(),
            "one schedule at a time"
        );
        assert!(!sub.charging || sub.open.is_some(), "a charge of nothing");
        match sub.phase {
            Phase::PastDue => assert!(sub.recovery.is_some() && sub.open.is_some()),
            Phase::Unpaid => assert!(sub.recovery.is_none() && sub.open.is_some()),
            Phase::Active => assert!(sub.cycle.is_some() && sub.recovery.is_none()),
            Phase::Trialing => assert_eq!(sub.trial, sub.cycle.map(|cycle| cycle.period)),
            _ => {}
        }
    }

    pub(super) fn upcoming(&self, shop: &Shop, place: usize, most: usize, until: Instant) -> Vec<Bill> {
        let look = |world: &World<'_>, _: &mut dyn FnMut() -> u128| self.subs[place].upcoming(most, until, world);
        self.with(place, shop, look).0.expect("a look ahead")
    }
}

fn given<'a>(shop: &'a Shop, code: &'a str) -> Given<'a> {
    Given {
        code,
        coupon: shop.coupons.iter().find(|coupon| coupon.code == code),
        uses: Uses::NONE,
    }
}

/// One edit at a time.
pub(super) fn change(edit: Edit, when: When) -> Command {
    Command::Change(Change {
        edits: vec![edit],
        when,
        give_back: None,
    })
}
