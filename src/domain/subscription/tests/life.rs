//! A subscriber's life: a fake till whose answers are known beforehand, a
//! clock, and the checks that hold after every step.

use super::{
    super::{At, Change, Charge, Decision, Edit, News, Phase, Refusal, Subscription, Until, When, World},
    shop::Shop,
};
use crate::domain::{
    calendar::Period,
    catalog::price::PriceType,
    exact::Exact,
    id::{OrderId, PaymentMethodId, SubscriptionItemId},
    instant::Instant,
    pricing::{
        bill::Bill,
        discount::{Given, Uses},
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
pub(super) struct Ordered {
    pub(super) id: OrderId,
    /// Before the balance paid a part of it.
    pub(super) total: i64,
    pub(super) due: i64,
    pub(super) balance: i64,
    pub(super) refunded: i64,
    pub(super) paid: bool,
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
    pub(super) orders: Vec<Ordered>,
    used: Vec<Used>,
    pub(super) made: u128,
    /// What the purchase cost.
    pub(super) bought: i64,
    /// Where periods ran: what began last, for each subscription.
    pub(super) ran: Vec<(Period, bool)>,
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
    pub(super) fn with<T>(
        &self,
        sub: usize,
        shop: &Shop,
        call: impl Fn(&World<'_>, &mut dyn FnMut() -> u128) -> T,
    ) -> (T, u128) {
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

    pub(super) fn use_units(&mut self, item: usize, amount: i64) {
        let id = self.subs[0].items[item].id.clone();
        self.used.push(Used {
            item: id,
            at: self.now,
            amount,
            seats: false,
        });
    }

    pub(super) fn note_seats(&mut self, sub: usize) {
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

    pub(super) fn upcoming(&self, shop: &Shop, place: usize, most: usize, until: Instant) -> Vec<Bill> {
        let look = |world: &World<'_>, _: &mut dyn FnMut() -> u128| self.subs[place].upcoming(most, until, world);
        self.with(place, shop, look).0.expect("a look ahead")
    }
}

pub(super) fn given<'a>(shop: &'a Shop, code: &'a str) -> Given<'a> {
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
