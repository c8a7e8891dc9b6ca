//! What is going to be charged: of one subscription, and of a whole store.

use std::collections::{BTreeMap, HashMap};

use super::{
    Context,
    billing::{Desk, Scene, refused},
    lines,
    numbers::Numbering,
    page::Page,
    port::{Paging, Position, SubscriptionFilter, SubscriptionRecord, Tx},
    subscriptions, to_json,
};
use crate::{
    domain::{
        calendar::{Interval, Unit, add},
        currency::Currency,
        id::CustomerId,
        instant::Instant,
        line::LineType,
        money,
        pricing::bill::Bill,
        subscription::Phase,
    },
    error::{Error, Result},
    ops::{
        answer::ForecastWord,
        forecast::{Forecast, ForecastDay, ForecastParams},
        subscription::SubscriptionUpcomingParams,
    },
};

/// How far a forecast may look, in years.
const MOST_YEARS: u32 = 5;
/// How many subscriptions are held at once.
const PAGE: usize = 200;
/// In which phases anything is going to be charged by time alone.
const CHARGED: [Phase; 5] = [
    Phase::Trialing,
    Phase::Active,
    Phase::PastDue,
    Phase::Unpaid,
    Phase::Paused,
];

/// `subscriptions.upcoming`.
pub fn upcoming(cx: &Context<'_>, tx: &mut dyn Tx, params: &SubscriptionUpcomingParams) -> Result<String> {
    let record = subscriptions::live(cx, tx, &params.subscription_id, false)?;
    let numbers = Numbering::none();
    let mut desk = Desk::open(cx, tx, &numbers)?;
    desk.by_clock(tx, record.clock.as_ref())?;
    let most = params
        .periods
        .and_then(|periods| usize::try_from(periods.0).ok())
        .unwrap_or(1);
    let scene = Scene::seen(&mut desk, tx, &record)?;
    let bills = coming(&desk, &scene, &record, most, Instant::from_micros(i64::MAX))?;
    let (currency, locale) = (record.state.currency, desk.store.settings.locale);
    let rows: Vec<_> = bills
        .iter()
        .map(|bill| lines::upcoming(bill, currency, locale))
        .collect::<Result<_>>()?;
    let count = rows.len();
    to_json(&Page::new(rows, count, None, |_| Ok(String::new()), |row| row)?)
}

fn coming(
    desk: &Desk<'_>,
    scene: &Scene,
    record: &SubscriptionRecord,
    most: usize,
    until: Instant,
) -> Result<Vec<Bill>> {
    let bills = record.state.upcoming(most, until, &scene.world(desk, &[]));
    bills.map_err(|refusal| refused(record, refusal))
}

/// What one day is going to bring in one currency.
#[derive(Default)]
struct Sum {
    amount: i64,
    count: i64,
}

/// `forecast`. Subscriptions are looked at a page at a time, and of each only
/// sums are kept.
pub fn forecast(cx: &Context<'_>, tx: &mut dyn Tx, params: &ForecastParams) -> Result<String> {
    let numbers = Numbering::none();
    let mut desk = Desk::open(cx, tx, &numbers)?;
    check_until(&desk, params.until)?;
    let filter = SubscriptionFilter {
        customer: None,
        phases: CHARGED.to_vec(),
    };
    let mut sums: BTreeMap<(String, &'static str), (Currency, Sum)> = BTreeMap::new();
    // What a customer has to spend, several subscriptions spend once.
    let mut spent: HashMap<(CustomerId, &'static str), i64> = HashMap::new();
    let mut after = None;
    loop {
        let paging = Paging { after, limit: PAGE };
        let records = tx.list_subscriptions(cx.store.no, &filter, &paging)?;
        for record in &records {
            desk.by_clock(tx, record.clock.as_ref())?;
            let currency = record.state.currency;
            let account = (record.customer.clone(), currency.code());
            let taken = spent.get(&account).copied().unwrap_or(0);
            let scene = Scene::seen(&mut desk, tx, record)?.less(taken);
            let bills = coming(&desk, &scene, record, usize::MAX, params.until)?;
            let credits = bills.iter().flat_map(|bill| &bill.lines);
            let takes: i64 = credits
                .filter(|line| line.kind == LineType::Credit)
                .map(|line| line.amount.saturating_neg())
                .fold(0, i64::saturating_add);
            if takes > 0 {
                spent.insert(account, taken.saturating_add(takes));
            }
            for bill in bills.iter().filter(|bill| bill.total > 0) {
                // What is late is charged as soon as somebody works.
                let day = desk.store.zone.day(bill.at.max(desk.now())).to_string();
                let (_, sum) = sums
                    .entry((day, currency.code()))
                    .or_insert_with(|| (currency, Sum::default()));
                sum.amount = money::add(sum.amount, bill.total).map_err(|problem| Error::problem("until", problem))?;
                sum.count += 1;
            }
        }
        let Some(last) = records.last().filter(|_| records.len() == PAGE) else {
            break;
        };
        after = Some(Position::Time(
            last.created_at.micros(),
            last.state.id.as_str().to_owned(),
        ));
    }
    let days = sums.into_iter().map(|((date, _), (currency, sum))| ForecastDay {
        date,
        currency,
        amount: sum.amount,
        count: sum.count,
    });
    to_json(&Forecast {
        object: ForecastWord("forecast"),
        data: days.collect(),
        until: params.until,
    })
}

fn check_until(desk: &Desk<'_>, until: Instant) -> Result<()> {
    if until < desk.now() {
        return Err(Error::invalid("until", "must not lie in the past"));
    }
    let years = Interval::new(Unit::Year, MOST_YEARS).and_then(|years| add(desk.now(), years, desk.store.zone));
    match years {
        Ok(most) if until > most => Err(Error::invalid(
            "until",
            format!("must lie at most {MOST_YEARS} years ahead"),
        )),
        // So near the end of the calendar every date is near.
        _ => Ok(()),
    }
}
