//! `usages.record`: an entry is checked against what was recorded before; a
//! quota that costs something is charged first, and counts when it is paid.

use std::sync::Arc;

use super::{of_feature, of_item};
use crate::{
    domain::{
        calendar::{Basis, Period, remaining},
        catalog::price::{Claim, PriceType},
        decimal::Quantity,
        id::{PaymentId, SubscriptionItemId, UsageId},
        instant::Instant,
        pricing::usage::{Change, Counting, Effect, Meter},
        subscription::{Item, Phase, Purpose, Refusal, Subscription, Topup},
    },
    engine::{
        Context, Session,
        billing::{self, Desk, How, NUMBERS, Said, Scene, Work, carry_out, meter_of, refused},
        billing_answers::{Accumulated, recorded_usage},
        catalog::answered,
        customers::Outcome,
        errand::{Begun, Ended, Errand},
        gateway::Later,
        numbers::Numbering,
        port::{SubscriptionRecord, Tx, UsageEntry},
        subscriptions,
    },
    error::{Code, Error, Result},
    ops::usage::UsageRecordParams,
};

/// How far back a quota may be reckoned, in microseconds.
const BACK: i64 = 3_600_000_000;

/// `usages.record`.
pub(in crate::engine) struct Record {
    session: Arc<Session>,
    params: UsageRecordParams,
}

/// What is going to be answered once it is paid.
pub(in crate::engine) struct Waiting {
    record: SubscriptionRecord,
    entry: UsageEntry,
    accumulated: Accumulated,
    payment: PaymentId,
    work: Vec<Work>,
}

/// What an entry is made of, checked.
struct Asked {
    topup: Topup,
    effect: Option<Effect>,
    accumulated: Accumulated,
}

impl Record {
    /// Checks what needs no transaction.
    pub(in crate::engine) fn new(session: &Arc<Session>, params: UsageRecordParams) -> Result<Self> {
        if params.record.is_none() && params.quota.is_none() {
            return Err(Error::new(Code::ParameterMissing, "record is required (or quota)").with_param("record"));
        }
        let nothing = [params.record, params.quota]
            .into_iter()
            .flatten()
            .all(|given| given.0 == Quantity::ZERO);
        if nothing {
            let param = if params.record.is_some() { "record" } else { "quota" };
            return Err(Error::invalid(param, "must not be 0: it would change nothing"));
        }
        if let (Some(at), Some(effective)) = (params.at, params.effective_at)
            && at != effective
        {
            return Err(Error::invalid(
                "effectiveAt",
                "differs from at: a quota costs what it does from when it counts",
            ));
        }
        Ok(Self {
            session: Arc::clone(session),
            params,
        })
    }

    /// What the call is about, for the order in which transactions lock rows.
    pub(in crate::engine) fn object(&self) -> &str {
        let item = self
            .params
            .subscription_item_id
            .as_ref()
            .map(SubscriptionItemId::as_str);
        let customer = self.params.customer_id.as_ref();
        item.or(customer.map(|id| id.as_str())).unwrap_or("")
    }

    /// Whether nothing can come of it that is charged.
    pub(in crate::engine) fn is_free(&self) -> bool {
        self.params.quota.is_none()
    }

    /// The whole of it, where nothing is charged.
    pub(in crate::engine) fn at_once(
        &mut self,
        cx: &Context<'_>,
        tx: &mut dyn Tx,
        numbers: &Numbering,
    ) -> Result<Outcome> {
        match self.begin(cx, tx, numbers)? {
            Begun::Answered(outcome) => Ok(outcome),
            Begun::Work(_) => Err(Error::internal("an entry without a quota is charged")),
        }
    }

    /// The item that is meant, with its subscription, which is locked.
    fn find(&self, cx: &Context<'_>, tx: &mut dyn Tx) -> Result<(SubscriptionRecord, Item)> {
        let params = &self.params;
        let missing =
            |param: &str| Error::new(Code::ParameterMissing, format!("{param} is required")).with_param(param);
        let (id, item) = match (&params.subscription_item_id, &params.customer_id, &params.feature_id) {
            (Some(item), None, None) => (of_item(cx, tx, item)?, item.clone()),
            (None, Some(customer), Some(feature)) => of_feature(cx, tx, customer, feature)?,
            (None, Some(_), None) => return Err(missing("featureId")),
            (None, None, Some(_)) => return Err(missing("customerId")),
            (None, None, None) => return Err(missing("subscriptionItemId")),
            (Some(_), Some(_), _) => {
                return Err(Error::invalid("customerId", "must be left out with subscriptionItemId"));
            }
            (Some(_), None, Some(_)) => {
                return Err(Error::invalid("featureId", "must be left out with subscriptionItemId"));
            }
        };
        let record = subscriptions::live(cx, tx, &id, true)?;
        let found = record.state.item(&item).cloned();
        let found = found.ok_or_else(|| {
            let message = format!("item {} was removed from subscription {}", item.as_str(), id.as_str());
            Error::new(Code::ItemNotFound, message).with_param("subscriptionItemId")
        })?;
        Ok((record, found))
    }

    /// Checks the entry against everything that was recorded before.
    fn check(&self, desk: &mut Desk<'_>, tx: &mut dyn Tx, record: &SubscriptionRecord, item: &Item) -> Result<Asked> {
        let state = &record.state;
        check_phase(record)?;
        desk.shelf.sold(&desk.cx, tx, &item.price)?;
        let terms = &desk.shelf.known(&item.price)?.price.terms;
        let (Some(_), Some(metering)) = (Counting::of(terms.kind), &terms.metering) else {
            let message = format!("item {} is paid neither by use nor by seats", item.id.as_str());
            return Err(Error::new(Code::UsageNotMetered, message).with_param("subscriptionItemId"));
        };
        let (seat, claim) = (terms.kind == PriceType::Seat, metering.claim);
        let metering = metering.clone();
        let used = self.params.record.map_or(Quantity::ZERO, |given| given.0);
        let quota = self.params.quota.map_or(Quantity::ZERO, |given| given.0);
        let costs = claim == Claim::Advance && quota != Quantity::ZERO;
        let mut at = self.at(desk)?;
        let period = window(state, at, desk.now()).map_err(|refusal| refused(record, refusal))?;
        if costs && seat && quota > Quantity::ZERO && desk.store.settings.proration == Basis::Day && period.contains(at)
        {
            // The day of a change is paid for.
            let day = state.zone.start_of_day(state.zone.day(at)).map_err(problem)?;
            at = day.max(period.start());
        }
        if let Some(since) = item.since.filter(|since| at < *since && !seat) {
            let message =
                format!("must not lie before {since}, when the item changed: what was used before is settled");
            return Err(Error::invalid("at", message));
        }
        let mut meter =
            meter_of(desk, tx, item, period)?.ok_or_else(|| Error::internal("a metered item has no meter"))?;
        let effect = match quota {
            Quantity::ZERO => None,
            amount => Some(meter.quota(Change { at, amount }).map_err(problem)?),
        };
        if used != Quantity::ZERO {
            check_room(&meter, at, used)?;
            meter.record(Change { at, amount: used }).map_err(problem)?;
        }
        let seats = match (seat, claim) {
            (true, Claim::Advance) => whole("quota", quota)?,
            (true, Claim::Arrears) => whole("record", used)?,
            (false, _) => 0,
        };
        if seats != 0 && at > desk.now() {
            return Err(Error::invalid("at", "must not lie in the future for seats"));
        }
        let effect = effect.filter(|_| costs);
        let rest_days = remaining(meter.cycle(), at, state.zone, Basis::Day).part();
        let mut accumulated = Accumulated {
            record: meter.records().sum(),
            quota: meter.room(at).map(|_| meter.quotas().sum()),
            amount_for_quota: 0,
            currency: state.currency,
            order: None,
            rest_days: i64::try_from(rest_days).unwrap_or(i64::MAX),
            clock: record.clock.clone(),
        };
        if let Some(effect) = effect.filter(|_| state.phase != Phase::Trialing) {
            let scene = Scene::of(desk, tx, record)?;
            let effect = state
                .paid_units(&item.id, &effect, &scene.world(desk, &[]))
                .map_err(problem)?;
            let settlement = effect.settle(&metering).map_err(problem)?;
            accumulated.amount_for_quota = settlement.charge - settlement.expected_refund;
        }
        Ok(Asked {
            topup: Topup {
                usage: UsageId::from_bits(desk.cx.uuid()),
                item: item.id.clone(),
                quota,
                record: used,
                seats,
                at,
                via: "api".to_owned(),
                payload: self.params.payload.clone().map(|text| text.0),
            },
            // What is lowered gives nothing back.
            effect: effect.filter(|_| quota > Quantity::ZERO),
            accumulated,
        })
    }

    /// From when the entry counts.
    fn at(&self, desk: &Desk<'_>) -> Result<Instant> {
        let now = desk.now();
        if let Some(effective) = self.params.effective_at {
            if effective > now {
                return Err(Error::invalid("effectiveAt", "must not lie in the future"));
            }
            if effective.micros() < now.micros().saturating_sub(BACK) {
                return Err(Error::invalid("effectiveAt", "must lie at most one hour back"));
            }
        }
        Ok(self.params.at.or(self.params.effective_at).unwrap_or(now))
    }

    fn expect(&self, total: i64) -> Result<()> {
        match self.params.expect_total {
            Some(expected) if expected.0 != total => {
                let message = format!("expectTotal is {}, and {total} is to pay", expected.0);
                Err(Error::new(Code::TotalDiffers, message)
                    .with_param("expectTotal")
                    .with_detail("total", total))
            }
            _ => Ok(()),
        }
    }
}

fn problem(problem: crate::domain::Problem) -> Error {
    Error::problem("", problem)
}

/// Refuses what gives no service, and what has none to give yet.
fn check_phase(record: &SubscriptionRecord) -> Result<()> {
    let refusal = match record.state.phase {
        Phase::Trialing | Phase::Active | Phase::PastDue => return Ok(()),
        phase if phase.is_final() => Refusal::Ended,
        Phase::Paused => Refusal::State("nothing is used of it: resume it first"),
        Phase::Unpaid => Refusal::State("nothing is used of it: pay its open order first"),
        _ => Refusal::State("its first period has not begun: complete it first"),
    };
    Err(refused(record, refusal))
}

fn check_room(meter: &Meter, at: Instant, used: Quantity) -> Result<()> {
    // Where the instant lies outside, the meter says so.
    let room = meter.room(at).filter(|_| meter.cycle().contains(at));
    match room {
        Some(room) if used > room => Err(Error::new(
            Code::QuotaExceeded,
            format!("record must be at most {room}, which is what the quota leaves: raise the quota first"),
        )
        .with_param("record")
        .with_detail("left", room.to_string())),
        _ => Ok(()),
    }
}

/// Seats are counted in wholes.
fn whole(param: &str, given: Quantity) -> Result<i64> {
    let one = Quantity::ONE.scaled();
    if given.scaled() % one != 0 {
        return Err(Error::invalid(param, "must be a whole number of seats"));
    }
    Ok(given.scaled() / one)
}

/// The period in which an instant counts: the running one, or the next where
/// its bill is written already, or it is over.
fn window(state: &Subscription, at: Instant, now: Instant) -> std::result::Result<Period, Refusal> {
    let Some(cycle) = state.cycle else {
        return Err(Refusal::State("its first period has not begun: complete it first"));
    };
    let start = match state.phase {
        Phase::Trialing => cycle.period.start(),
        _ => state.metered_from,
    };
    let after = |instant: Instant| Instant::from_micros(instant.micros().saturating_add(1));
    let running = Period::new(start, cycle.period.end().max(after(start)))?;
    let billed = state.open.as_ref().and_then(|open| match &open.purpose {
        Purpose::Begin(next) | Purpose::Renew(next) => Some(*next),
        _ => None,
    });
    let over = at >= running.end() && now >= running.end();
    let next = match billed {
        Some(next) => Some(next),
        None if over => state.next_cycle()?,
        None => None,
    };
    Ok(match next {
        // One that nobody has paid for may itself be over.
        Some(next) => Period::new(next.period.start(), next.period.end().max(after(now)))?,
        None => running,
    })
}

impl Errand for Record {
    type Work = Waiting;
    type Found = (Waiting, Result<Vec<Said>>);

    const NUMBERS: &'static [&'static str] = NUMBERS;

    fn begin(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering) -> Result<Begun<Waiting>> {
        let mut desk = Desk::open(cx, tx, numbers)?;
        let (record, item) = self.find(&desk.cx, tx)?;
        desk.by_clock(tx, record.clock.as_ref())?;
        let Asked {
            topup,
            effect,
            mut accumulated,
        } = self.check(&mut desk, tx, &record, &item)?;
        let entry = UsageEntry {
            id: topup.usage.clone(),
            item: topup.item.clone(),
            subscription: record.state.id.clone(),
            record: topup.record,
            quota: topup.quota,
            at: topup.at,
            via: topup.via.clone(),
            payload: topup.payload.clone(),
            created_at: desk.now(),
        };
        if effect.is_none() && topup.seats == 0 {
            // Nothing of the subscription changes.
            self.expect(0)?;
            desk.count_usage(tx, &record, topup)?;
            return answer(&record, entry, accumulated).map(Begun::Answered);
        }
        let scene = Scene::of(&mut desk, tx, &record)?;
        let context = desk.cx.clone();
        let mut ids = || context.uuid();
        let state = record.state.clone();
        let decided = state.meter(topup, effect.as_ref(), &scene.world(&desk, &[]), &mut ids);
        let decision = decided.map_err(|refusal| refused(&record, refusal))?;
        self.expect(decision.charge.as_ref().map_or(0, |charge| charge.bill.total))?;
        if decision.charge.as_ref().is_some_and(|charge| charge.due > 0) && record.state.method.is_none() {
            let message = format!(
                "subscription {} has no payment method to charge the quota to: give it one with subscriptions.updatePaymentMethod()",
                record.state.id.as_str()
            );
            return Err(Error::new(Code::NoPaymentMethod, message));
        }
        let carried = carry_out(&desk, tx, &record, decision)?;
        accumulated.order = carried.order.map(|order| order.id);
        let charged = carried.work.iter().find_map(|work| match work {
            Work::Charge(attempt) => Some(attempt.payment.clone()),
            _ => None,
        });
        match charged {
            None => answer(&carried.record, entry, accumulated).map(Begun::Answered),
            Some(payment) => Ok(Begun::Work(Waiting {
                record: carried.record,
                entry,
                accumulated,
                payment,
                work: carried.work,
            })),
        }
    }

    fn call(&mut self, mut waiting: Waiting) -> Later<Self::Found> {
        let session = Arc::clone(&self.session);
        Box::pin(async move {
            let mut said = Vec::new();
            for work in std::mem::take(&mut waiting.work) {
                match billing::run(Arc::clone(&session.engine), session.store.clone(), work).await {
                    Ok(one) => said.push(one),
                    Err(error) => return (waiting, Err(error)),
                }
            }
            (waiting, Ok(said))
        })
    }

    fn end(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering, found: &Self::Found) -> Result<Ended> {
        let (waiting, said) = found;
        let mut desk = Desk::open(cx, tx, numbers)?;
        let unsent = [Said::Nothing(waiting.payment.clone())];
        for one in said.as_ref().map_or(unsent.as_slice(), Vec::as_slice) {
            // What follows besides is done by its job.
            billing::record(&mut desk, tx, one, How::Asked)?;
        }
        let Waiting {
            record,
            entry,
            accumulated,
            payment,
            ..
        } = waiting;
        let waits = tx.payment(cx.store.no, payment, false)?;
        let waits = waits.is_none_or(|payment| !payment.facts.is_decided());
        let error = match (said, subscriptions::declined(cx, tx, payment)?) {
            _ if waits => Error::new(
                Code::PaymentInProgress,
                "nobody knows yet whether the quota is paid: it counts as soon as it is, so do not ask for it again",
            )
            .with_detail("paymentId", payment.as_str()),
            (Err(error), Some(_)) => error.clone(),
            (Ok(_), Some(declined)) => declined,
            (_, None) => {
                let mut entry = entry.clone();
                entry.created_at = written_at(&desk, tx, &entry)?;
                return answer(record, entry, accumulated.clone()).map(Ended::Answered);
            }
        };
        Ok(Ended::Refused {
            error,
            subject: record.customer.as_str().to_owned(),
        })
    }
}

/// The answer; what is kept of it goes with the customer.
fn answer(record: &SubscriptionRecord, entry: UsageEntry, accumulated: Accumulated) -> Result<Outcome> {
    answered(record.customer.as_str(), &recorded_usage(entry, accumulated))
}

/// When an entry was written that waited for its payment.
fn written_at(desk: &Desk<'_>, tx: &mut dyn Tx, entry: &UsageEntry) -> Result<Instant> {
    let until = Instant::from_micros(entry.at.micros().saturating_add(1));
    let written = tx.usage_of(desk.cx.store.no, &entry.item, entry.at, until)?;
    let found = written.into_iter().find(|one| one.id == entry.id);
    found
        .map(|one| one.created_at)
        .ok_or_else(|| Error::internal("a quota was paid and does not count"))
}
