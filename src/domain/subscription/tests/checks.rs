//! What holds after every step of a life.

use super::{
    super::{Phase, Purpose, Subscription},
    life::Life,
    shop::Shop,
    table,
};

impl Life {
    /// A second look at one instant finds nothing to do.
    pub(super) fn check_idle(&self, shop: &Shop) {
        for place in 0..self.subs.len() {
            let (again, _) = self.with(place, shop, |world, ids| self.subs[place].tick(world, ids));
            assert_eq!(again, Ok(None));
        }
    }

    /// What was given back is never more than what was paid.
    pub(super) fn check_money(&self) {
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

    pub(super) fn check_step(&mut self, place: usize, before: &Subscription, after: &Subscription) {
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
    pub(super) fn check_periods(&mut self, place: usize, before: &Subscription, after: &Subscription) {
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

    pub(super) fn check_state(&self, sub: &Subscription) {
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
}
