//! Carrying out what is asked of a subscription: decided and written down in
//! one transaction, charged, and recorded in another.

use std::sync::Arc;

use super::{ask::Ask, declined, live};
use crate::{
    domain::{id::SubscriptionId, instant::Instant, pricing::bill::Bill, subscription::Decision},
    engine::{
        Context, Session,
        billing::{self, Desk, How, Said, Scene, Work, carry_out},
        catalog::answered,
        check_version,
        errand::{Begun, Ended, Errand},
        gateway::Later,
        numbers::Numbering,
        port::{SubscriptionRecord, Tx},
        subscription_answers,
    },
    error::{Code, Error, Result},
    ops::{subscription::Subscription, subscription_change::Conditions},
};

/// How far back a change may be reckoned, in microseconds: as long as somebody
/// looks at a preview.
const BACK: i64 = 3_600_000_000;

/// Anything that is asked of a subscription.
pub(in crate::engine) struct ChangeErrand {
    session: Arc<Session>,
    id: SubscriptionId,
    conditions: Conditions,
    ask: Ask,
    unchecked: bool,
    /// What is asked of the gateway is what was due before.
    catching_up: bool,
}

impl ChangeErrand {
    pub(in crate::engine) fn new(
        session: &Arc<Session>,
        id: &SubscriptionId,
        conditions: Conditions,
        ask: Ask,
    ) -> Self {
        Self {
            session: Arc::clone(session),
            id: id.clone(),
            conditions,
            ask,
            unchecked: false,
            catching_up: false,
        }
    }

    /// Begins without looking whether a payment method is the customer's: for
    /// previews of one that is not there yet.
    pub(super) fn begin_unchecked(
        &mut self,
        cx: &Context<'_>,
        tx: &mut dyn Tx,
        numbers: &Numbering,
    ) -> Result<Begun<Vec<Work>>> {
        self.unchecked = true;
        self.begin(cx, tx, numbers)
    }

    /// Decides; shows what follows, or carries it out.
    fn decide(&mut self, desk: &mut Desk<'_>, tx: &mut dyn Tx) -> Result<Begun<Vec<Work>>> {
        let mut record = live(&desk.cx, tx, &self.id, !self.conditions.preview)?;
        desk.by_clock(tx, record.clock.as_ref())?;
        check_version(self.conditions.if_version, record.version)?;
        self.catching_up = false;
        if !self.conditions.preview && self.is_late(desk, &record)? {
            let (caught_up, work) = billing::catch_up(desk, tx, record)?;
            if !work.is_empty() {
                self.catching_up = true;
                return Ok(Begun::Work(work));
            }
            record = caught_up;
        }
        self.reckon(desk, &record)?;
        if self.conditions.preview && self.is_late(desk, &record)? {
            record = foreseen(desk, tx, record)?;
        }
        if let (Ask::SetMethod(method, _), false) = (&self.ask, self.unchecked) {
            desk.method(tx, &record.customer, method)?;
        }
        let decision = self.ask.decide(desk, tx, &record)?;
        expect(self.conditions.expect_total, &decision)?;
        let id = self.id.as_str();
        if self.conditions.preview {
            let shown = preview(desk, tx, &record, decision)?;
            return answered(id, &shown).map(Begun::Answered);
        }
        let carried = carry_out(desk, tx, &record, decision)?;
        if carried.work.is_empty() {
            return answered(id, &Subscription::from(carried.record)).map(Begun::Answered);
        }
        Ok(Begun::Work(carried.work))
    }

    /// Whether something is due that comes before the change: its worker is
    /// late, or there is none. A new payment method comes before what is
    /// charged to it.
    fn is_late(&self, desk: &Desk<'_>, record: &SubscriptionRecord) -> Result<bool> {
        if matches!(self.ask, Ask::SetMethod(..)) {
            return Ok(false);
        }
        let due = record.state.next_due(&desk.store.settings);
        let due = due.map_err(|problem| Error::problem("", problem))?;
        Ok(due.is_some_and(|(at, _)| at <= desk.now()))
    }

    /// Sets the instant to reckon with.
    fn reckon(&self, desk: &mut Desk<'_>, record: &SubscriptionRecord) -> Result<()> {
        let Some(at) = self.conditions.effective_at else {
            return Ok(());
        };
        let now = desk.now();
        if at.micros() < now.micros().saturating_sub(BACK) {
            return Err(Error::invalid(
                "effectiveAt",
                "must lie at most one hour back: show a new preview",
            ));
        }
        if !self.conditions.preview && at > now {
            return Err(Error::invalid(
                "effectiveAt",
                "must not lie in the future: a change is made when it is asked for",
            ));
        }
        if !self.conditions.preview && at < record.updated_at {
            return Err(Error::new(
                Code::VersionConflict,
                "effectiveAt lies before the subscription's last change: show a new preview",
            )
            .with_param("effectiveAt"));
        }
        desk.cx.now = at;
        Ok(())
    }
}

/// A subscription as it is once all that is due was done and paid.
fn foreseen(desk: &mut Desk<'_>, tx: &mut dyn Tx, mut record: SubscriptionRecord) -> Result<SubscriptionRecord> {
    for _ in 0..billing::MOST_STEPS {
        let scene = Scene::of(desk, tx, &record)?;
        let cx = desk.cx.clone();
        let decided = record.state.clone().tick(&scene.world(desk, &[]), &mut || cx.uuid());
        let Ok(Some(decision)) = decided else { break };
        record.state = decision.after;
        if record.state.charging {
            let paid = record.state.paid(desk.now(), &desk.store.settings);
            record.state = paid.map_err(|problem| Error::problem("", problem))?.after;
        }
    }
    Ok(record)
}

/// Refuses another total than the caller expects.
pub(super) fn expect(expected: Option<i64>, decision: &Decision) -> Result<()> {
    let total = decision.charge.as_ref().map_or(0, |charge| charge.bill.total);
    expect_total(expected, total)
}

pub(super) fn expect_total(expected: Option<i64>, total: i64) -> Result<()> {
    match expected {
        Some(expected) if expected != total => Err(Error::new(
            Code::TotalDiffers,
            format!("the total is {total}, not {expected}: show it, and call again with it"),
        )
        .with_param("expectTotal")
        .with_detail("total", total)),
        _ => Ok(()),
    }
}

/// What a decision would cost, and what would be charged next.
fn preview(
    desk: &mut Desk<'_>,
    tx: &mut dyn Tx,
    record: &SubscriptionRecord,
    decision: Decision,
) -> Result<impl serde::Serialize> {
    let now = desk.now();
    let settings = desk.store.settings.clone();
    let mut after = SubscriptionRecord {
        state: decision.after,
        ..record.clone()
    };
    if after.state.charging {
        // It shows what follows once this is paid.
        let paid = after.state.clone().paid(now, &settings);
        after.state = paid.map_err(|problem| Error::problem("", problem))?.after;
    }
    let scene = Scene::of(desk, tx, &after)?;
    let upcoming = after
        .state
        .upcoming(1, far(), &scene.world(desk, &[]))
        .map_err(|refusal| billing::refused(&after, refusal))?;
    let bill: Option<&Bill> = decision.charge.as_ref().map(|charge| &charge.bill);
    subscription_answers::subscription_preview(bill, record.state.currency, now, upcoming.first(), settings.locale)
}

/// The end of all calendars.
pub(super) fn far() -> Instant {
    Instant::from_micros(i64::MAX)
}

/// Asks the gateway for all that is to be asked, one after another.
pub(in crate::engine) fn ask_all(session: &Arc<Session>, work: Vec<Work>) -> Later<Vec<Result<Said>>> {
    let engine = Arc::clone(session.engine());
    let store = session.store().clone();
    Box::pin(async move {
        let mut said = Vec::with_capacity(work.len());
        for one in work {
            said.push(billing::run(Arc::clone(&engine), store.clone(), one).await);
        }
        said
    })
}

/// Records what was said, and tells of the payment that failed, if one did.
pub(in crate::engine) fn record_all(
    desk: &mut Desk<'_>,
    tx: &mut dyn Tx,
    said: &[Result<Said>],
) -> Result<Option<Error>> {
    let mut failed = None;
    for one in said {
        let one = one.as_ref().map_err(Clone::clone)?;
        billing::record(desk, tx, one, How::Asked)?;
        if let Said::Charge(id, _) | Said::Nothing(id) = one {
            failed = failed.or(declined(&desk.cx, tx, id)?);
        }
    }
    Ok(failed)
}

impl Errand for ChangeErrand {
    type Work = Vec<Work>;
    type Found = Vec<Result<Said>>;

    const NUMBERS: &'static [&'static str] = billing::NUMBERS;

    fn begin(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering) -> Result<Begun<Vec<Work>>> {
        let mut desk = Desk::open(cx, tx, numbers)?;
        self.decide(&mut desk, tx)
    }

    fn call(&mut self, work: Vec<Work>) -> Later<Self::Found> {
        ask_all(&self.session, work)
    }

    fn end(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering, said: &Self::Found) -> Result<Ended> {
        let mut desk = Desk::open(cx, tx, numbers)?;
        let failed = record_all(&mut desk, tx, said)?;
        if self.catching_up {
            return Ok(Ended::Again);
        }
        let outcome = super::shown(cx, tx, &self.id)?;
        Ok(match failed {
            // The new method is kept whatever came of the retry.
            Some(error) if !matches!(self.ask, Ask::SetMethod(..)) => Ended::Refused {
                error,
                subject: outcome.subject,
            },
            _ => Ended::Answered(outcome),
        })
    }
}
