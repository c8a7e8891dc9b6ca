//! Test clocks: time that tests move, for a whole test store or for the
//! customers that name them. Everything that falls due on the way happens in
//! order, each thing at its own instant: a jump is the same as many steps.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Context, Session,
    billing::{self, Desk, How, Said, Work},
    catalog::answered,
    customers::Outcome,
    dormancy,
    errand::{Begun, Ended, Errand},
    gateway::Later,
    numbers::Numbering,
    page::{self, Page},
    port::{ClockRecord, Paging, SubscriptionFilter, Tx},
    to_json,
    transact::transact,
};
use crate::{
    domain::{api_key::Mode, id::ClockId, instant::Instant},
    error::{Code, Error, Result},
    ops::{
        answer::{TestClockWord, True},
        test_clock::{
            ClockScope, DeletedTestClock, TestClock, TestClockAdvanceParams, TestClockCreateParams,
            TestClockDeleteParams, TestClockGetParams, TestClockListParams,
        },
    },
};

/// Most jobs of one transaction.
const BATCH: usize = 256;
/// After so long without a sign whoever moved a clock is gone, in microseconds.
const GONE: i64 = 60_000_000;

/// Refuses what only test stores have.
pub(super) fn refuse_live(cx: &Context<'_>) -> Result<()> {
    match cx.store.mode {
        Mode::Test => Ok(()),
        Mode::Live => Err(Error::new(
            Code::TestModeOnly,
            "only test stores have test clocks and a sandbox: use a test store's API key",
        )),
    }
}

/// A clock that must be there.
pub(super) fn live(cx: &Context<'_>, tx: &mut dyn Tx, id: &ClockId, lock: bool) -> Result<ClockRecord> {
    tx.clock(cx.store.no, id, lock)?.ok_or_else(|| {
        let message = format!(
            "no test clock of this store has id {}: testClocks.list() shows what there is",
            id.as_str()
        );
        Error::new(Code::TestClockNotFound, message).with_param("testClockId")
    })
}

/// `testClocks.create`.
pub fn create(cx: &Context<'_>, tx: &mut dyn Tx, params: &TestClockCreateParams) -> Result<Outcome> {
    refuse_live(cx)?;
    let whole_store = params.scope == Some(ClockScope::Store);
    if whole_store {
        if let Some(other) = tx.store_clock(cx.store.no)? {
            let message = format!(
                "the store goes by test clock {} already: move that one, or delete it",
                other.id.as_str()
            );
            return Err(Error::new(Code::TestClockTaken, message).with_detail("testClockId", other.id.as_str()));
        }
        let paging = Paging { after: None, limit: 1 };
        if !tx
            .list_subscriptions(cx.store.no, &SubscriptionFilter::default(), &paging)?
            .is_empty()
        {
            let message = "the store has subscriptions that go by another clock: make a clock for the whole store before the first of them";
            return Err(Error::new(Code::TestClockTaken, message).with_param("scope"));
        }
    }
    let clock = ClockRecord {
        id: ClockId::from_bits(cx.uuid()),
        version: 1,
        name: params.name.clone().map(|name| name.0),
        whole_store,
        now: params.now,
        advancing_to: None,
        created_at: cx.wall,
        updated_at: cx.wall,
    };
    tx.insert_clock(cx.store.no, &clock)?;
    let id = clock.id.as_str().to_owned();
    Ok(answered(&id, &TestClock::from(clock))?.of_new_object())
}

/// `testClocks.get`.
pub fn get(cx: &Context<'_>, tx: &mut dyn Tx, params: &TestClockGetParams) -> Result<String> {
    to_json(&TestClock::from(live(cx, tx, &params.test_clock_id, false)?))
}

/// `testClocks.list`: all, newest first.
pub fn list(cx: &Context<'_>, tx: &mut dyn Tx, params: &TestClockListParams) -> Result<String> {
    const QUERY: &str = "testClocks.list";
    let mut clocks = tx.clocks(cx.store.no)?;
    if let Some(cursor) = &params.cursor {
        let last: String = page::open(cx.store, QUERY, &cursor.0)?;
        let behind = clocks.iter().position(|clock| clock.id.as_str() == last);
        clocks.drain(..behind.map_or(0, |place| place + 1));
    }
    clocks.truncate(params.limit.0 + 1);
    let cursor = |last: &ClockRecord| page::seal(cx.store, QUERY, &last.id.as_str());
    to_json(&Page::new(clocks, params.limit.0, None, cursor, TestClock::from)?)
}

/// `testClocks.delete`: what goes by it stands still from then on.
pub fn delete(cx: &Context<'_>, tx: &mut dyn Tx, params: &TestClockDeleteParams) -> Result<Outcome> {
    let clock = live(cx, tx, &params.test_clock_id, true)?;
    refuse_busy(cx, &clock)?;
    tx.delete_clock(cx.store.no, &clock.id)?;
    let answer = DeletedTestClock {
        id: clock.id.clone(),
        object: TestClockWord("test_clock"),
        deleted: True(true),
    };
    answered(clock.id.as_str(), &answer)
}

/// Refuses a clock that somebody moves at this moment.
fn refuse_busy(cx: &Context<'_>, clock: &ClockRecord) -> Result<()> {
    let moved = clock.advancing_to.is_some() && cx.wall.micros().saturating_sub(clock.updated_at.micros()) < GONE;
    if !moved {
        return Ok(());
    }
    let message = format!(
        "test clock {} is being moved: wait until its status is ready",
        clock.id.as_str()
    );
    Err(Error::new(Code::TestClockBusy, message).with_param("testClockId"))
}

/// `testClocks.advance`.
pub(super) struct AdvanceErrand {
    session: Arc<Session>,
    params: TestClockAdvanceParams,
}

impl AdvanceErrand {
    pub(super) fn new(session: &Arc<Session>, params: TestClockAdvanceParams) -> Self {
        Self {
            session: Arc::clone(session),
            params,
        }
    }
}

impl Errand for AdvanceErrand {
    type Work = ();
    type Found = Result<()>;

    fn begin(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, _: &Numbering) -> Result<Begun<()>> {
        refuse_live(cx)?;
        let mut clock = live(cx, tx, &self.params.test_clock_id, true)?;
        refuse_busy(cx, &clock)?;
        let to = self.params.to;
        if to < clock.now {
            return Err(Error::new(
                Code::ClockBackwards,
                format!(
                    "to must not lie before {}, which the clock shows: for an earlier time make a new clock",
                    clock.now
                ),
            )
            .with_param("to"));
        }
        clock.advancing_to = Some(to);
        clock.updated_at = cx.wall;
        tx.update_clock(cx.store.no, &clock)?;
        Ok(Begun::Work(()))
    }

    fn call(&mut self, (): ()) -> Later<Result<()>> {
        let (session, clock, to) = (
            Arc::clone(&self.session),
            self.params.test_clock_id.clone(),
            self.params.to,
        );
        Box::pin(async move { advance(&session, &clock, to).await })
    }

    fn end(&mut self, cx: &Context<'_>, tx: &mut dyn Tx, _: &Numbering, found: &Result<()>) -> Result<Ended> {
        let mut clock = live(cx, tx, &self.params.test_clock_id, true)?;
        clock.advancing_to = None;
        clock.updated_at = cx.wall;
        clock.version += 1;
        if found.is_ok() {
            clock.now = self.params.to.max(clock.now);
        }
        tx.update_clock(cx.store.no, &clock)?;
        let id = clock.id.as_str().to_owned();
        match found {
            Ok(()) => answered(&id, &TestClock::from(clock)).map(Ended::Answered),
            Err(error) => Ok(Ended::Refused {
                error: error.clone(),
                subject: id,
            }),
        }
    }
}

/// Does everything that falls due until an instant, in order. What was said of
/// one instant is recorded in the transaction that does the next ones, as long
/// as they ask nothing of a gateway.
async fn advance(session: &Arc<Session>, clock: &ClockId, to: Instant) -> Result<()> {
    let mut said = Vec::new();
    loop {
        let heard = Arc::new(std::mem::take(&mut said));
        let work = match go_on(session, clock, to, &heard, BATCH).await {
            // What was said counts, whatever goes wrong after it.
            Err(error) if !heard.is_empty() => match go_on(session, clock, to, &heard, 0).await {
                Ok(work) => work,
                Err(_) => return Err(error),
            },
            gone => gone?,
        };
        match work {
            Some(work) => said = ask_in_order(session, work).await,
            None => return Ok(()),
        }
    }
}

/// Records what was said, and does what is due next, about `jobs` of them, until
/// a gateway has to be asked; `None` when nothing is due any more.
async fn go_on(
    session: &Arc<Session>,
    clock: &ClockId,
    to: Instant,
    heard: &Arc<Vec<Result<Said>>>,
    jobs: usize,
) -> Result<Option<Vec<Work>>> {
    let (id, heard) = (clock.clone(), Arc::clone(heard));
    transact(session, billing::NUMBERS, move |cx, tx, numbers| {
        let mut work = Vec::new();
        let mut desk = Desk::open(cx, tx, numbers)?;
        for said in heard.iter() {
            let said = said.as_ref().map_err(Clone::clone)?;
            work.append(&mut billing::record(&mut desk, tx, said, How::Alone)?);
        }
        let mut done = 0;
        while work.is_empty() && done < jobs {
            match step(cx, tx, numbers, &id, to)? {
                Some(stepped) => {
                    work = stepped.work;
                    done += stepped.done;
                }
                None => return Ok(None),
            }
        }
        Ok(Some(work))
    })
    .await
}

/// What was done of one instant.
struct Stepped {
    /// Jobs, and customers that were looked at.
    done: usize,
    /// What has to be asked of the gateway.
    work: Vec<Work>,
}

/// Does what is due at the earliest instant until `to`; `None` when nothing is.
fn step(cx: &Context<'_>, tx: &mut dyn Tx, numbers: &Numbering, id: &ClockId, to: Instant) -> Result<Option<Stepped>> {
    let store = cx.store.no;
    let mut clock = live(cx, tx, id, true)?;
    let due = [tx.next_job_of_clock(store, id)?, tx.next_dormant_of_clock(store, id)?];
    let Some(at) = due.into_iter().flatten().min().filter(|at| *at <= to) else {
        return Ok(None);
    };
    clock.now = clock.now.max(at);
    clock.updated_at = cx.wall;
    tx.update_clock(store, &clock)?;
    let by_clock = cx.on_clock(tx, Some(id))?;
    let mut desk = Desk::open(cx, tx, numbers)?;
    desk.cx = by_clock;
    let mut work = Vec::new();
    let jobs = tx.due_jobs_of_clock(store, id, at, BATCH)?;
    for job in &jobs {
        work.append(&mut billing::run_job(&mut desk, tx, job)?);
    }
    let dormant = tx.due_dormant_of_clock(store, id, at, BATCH)?;
    for (_, customer) in &dormant {
        dormancy::run(&mut desk, tx, customer)?;
    }
    let done = jobs.len() + dormant.len();
    Ok(Some(Stepped {
        // Something was due, even where somebody else has seen to it since.
        done: done.max(1),
        work,
    }))
}

/// Asks the gateway: charges of one card one after another, for what comes of
/// them depends on their order, and those of different cards at once.
async fn ask_in_order(session: &Arc<Session>, work: Vec<Work>) -> Vec<Result<Said>> {
    let mut lanes: BTreeMap<String, Vec<(usize, Work)>> = BTreeMap::new();
    for (place, work) in work.into_iter().enumerate() {
        lanes.entry(work.lane()).or_default().push((place, work));
    }
    let running: Vec<_> = lanes
        .into_values()
        .map(|lane| {
            let session = Arc::clone(session);
            tokio::spawn(async move {
                let mut said = Vec::with_capacity(lane.len());
                for (place, work) in lane {
                    let engine = Arc::clone(session.engine());
                    said.push((place, billing::run(engine, session.store().clone(), work).await));
                }
                said
            })
        })
        .collect();
    let mut said = Vec::new();
    for lane in running {
        match lane.await {
            Ok(mut lane) => said.append(&mut lane),
            Err(_) => said.push((usize::MAX, Err(Error::internal("a charge was never answered")))),
        }
    }
    said.sort_by_key(|(place, _)| *place);
    said.into_iter().map(|(_, said)| said).collect()
}
