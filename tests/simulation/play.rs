//! Three years of a store.

use proyecta::ops::Op;
use serde_json::{Value, json};

use super::{
    books,
    faults::Fault,
    gateway::{Moment, Verdict},
    world::{DAY, HOUR, Law, World},
};

const YEARS: i64 = 3 * 365 * DAY;
/// How many subscriptions there are at a time.
const LIVE: usize = 8;
/// How many there are in all.
const ALL: usize = 14;

/// Plays a seed; what was broken, and all that was done until then.
pub fn play(seed: u64) -> Result<World, (String, Vec<String>)> {
    let rough = !seed.is_multiple_of(5);
    let mut world = World::new(seed, rough).map_err(|broken| (broken, Vec::new()))?;
    match years(&mut world) {
        Ok(()) => Ok(world),
        Err(broken) => Err((broken, world.steps)),
    }
}

fn years(world: &mut World) -> Law {
    let customers = world.dice.between(4, 7) as usize;
    world.furnish(customers, &json!({}))?;
    if world.rough {
        let faults = world.dice.of(&[0, 5, 20]);
        world.till.weather(|weather| weather.faults = faults);
    }
    let end = world.now() + YEARS;
    while world.now() < end {
        let (live, all) = counts(world)?;
        if live < LIVE && all < ALL {
            world.subscribe()?;
        }
        for _ in 0..world.dice.weighted(&[4, 4, 2]) {
            if world.rough {
                trouble(world);
            }
            world.command()?;
            if world.rough && world.dice.percent(20) {
                hear(world)?;
            }
        }
        settle(world)?;
        move_on(world)?;
    }
    world.say("everything is settled");
    world.heal()?;
    tell(world)?;
    world.heal()?;
    world.check()?;
    books::check(world)
}

fn counts(world: &World) -> Law<(usize, usize)> {
    let rows = world
        .database
        .rows("select coalesce(sum(live), 0), count(*) from subscriptions")
        .map_err(|error| error.message().to_owned())?;
    let number = |place: usize| rows[0][place].parse().unwrap_or(0);
    Ok((number(0), number(1)))
}

/// Does what is due, and looks at everything.
fn settle(world: &mut World) -> Law {
    if world.is_under_way() && world.dice.percent(60) {
        world.release()?;
    }
    world.drain()?;
    world.check()
}

/// The clock moves on, by little or much, and now and then back.
fn move_on(world: &mut World) -> Law {
    let dice = &mut world.dice;
    let by = match dice.weighted(&[10, 30, 35, 14, 4, 8]) {
        0 => dice.between(1, 240) * HOUR / 60,
        1 => dice.between(1, 48) * HOUR,
        2 => dice.between(2, 20) * DAY + dice.between(0, 86_399) * 1_000_000,
        3 => dice.between(21, 62) * DAY,
        4 => dice.between(63, 130) * DAY,
        _ => return foresee(world),
    };
    let back = world.rough && world.dice.percent(3);
    let by = if back { -(by / 10) } else { by };
    world.jump(by);
    world.say("is now");
    settle(world)
}

/// Something goes wrong at one of the next writes, or with the gateway.
fn trouble(world: &mut World) {
    let process = world.dice.below(2) as usize;
    match world.dice.weighted(&[78, 8, 3, 6, 2]) {
        1 => {
            // What is told to a caller who goes on costs real time; crashes do not.
            let place = world.dice.weighted(&[10, 10, 1, 1]);
            let after = world.dice.below(9) as u32;
            world.arm(process, after, Fault::ALL[place]);
        }
        2 => {
            let until = world.now() + world.dice.between(1, 36) * HOUR;
            world.till.weather(|weather| weather.down_until = until);
            world.say("the gateway is down");
        }
        3 => {
            let moment = world.dice.of(&[Moment::Before, Moment::After]);
            world.till.weather(|weather| weather.hold = Some(moment));
        }
        4 => {
            world.say(format!("[{process}] is killed"));
            world.bury(process);
        }
        _ => {}
    }
}

/// The gateway says something by itself: always true, and as often and in
/// whatever order it likes.
fn hear(world: &mut World) -> Law {
    let entries = world.till.keys();
    if entries.is_empty() {
        return Ok(());
    }
    let newest = entries.len().saturating_sub(12);
    let key = world.dice.of(&entries[newest..]);
    let now = world.now();
    let luck = world.dice.below(100);
    let said = world.till.entry(&key, |entry| match entry.verdict.clone() {
        Verdict::Pending { until, approved } if until > now => {
            entry.verdict = Verdict::Pending { until: now, approved };
            if approved { "settled" } else { "failed" }
        }
        Verdict::Approved | Verdict::Pending { approved: true, .. } => match luck {
            0..=15 if !entry.disputed && entry.refunds.is_empty() => {
                entry.disputed = true;
                "disputed"
            }
            16..=25 if entry.disputed => {
                entry.disputed = false;
                "dispute_won"
            }
            26..=32 if !entry.disputed => {
                let left = entry.amount - entry.refunded();
                if left > 0 {
                    entry.refunds.insert("outside".to_owned(), left);
                    entry.outside = true;
                }
                "refunded"
            }
            _ => "settled",
        },
        Verdict::Pending { .. } | Verdict::Declined { .. } | Verdict::NeedsAuthentication => "failed",
    });
    let Some(said) = said else { return Ok(()) };
    for _ in 0..=world.dice.weighted(&[3, 1]) {
        world.unheard.push((key.clone(), said));
    }
    tell(world)
}

/// Says again what nobody has taken, as gateways do.
fn tell(world: &mut World) -> Law {
    for (payment, event) in std::mem::take(&mut world.unheard) {
        let process = world.dice.below(2) as usize;
        let input = json!({ "paymentId": payment, "event": event });
        match world.call(process, Op::SandboxEmit, &input, None)? {
            Some(Ok(_)) => {}
            _ => world.unheard.push((payment, event)),
        }
    }
    Ok(())
}

/// What is shown as the next charge is charged then.
fn foresee(world: &mut World) -> Law {
    let sql = "select id from subscriptions where live and status in ('active', 'trialing') order by id";
    let rows = world.database.rows(sql).map_err(|error| error.message().to_owned())?;
    // Before a clock was set back something may have been used later than now.
    if rows.is_empty() || world.is_under_way() || world.now() <= world.furthest {
        return Ok(());
    }
    let id = world.dice.of(&rows)[0].clone();
    let input = json!({ "subscriptionId": id, "periods": 1 });
    let Some(Ok(shown)) = world.call(0, Op::SubscriptionsUpcoming, &input, None)? else {
        return Ok(());
    };
    let next = shown["data"][0].clone();
    let Some(at) = next["at"]
        .as_str()
        .and_then(|at| proyecta::domain::instant::Instant::parse(at).ok())
    else {
        return Ok(());
    };
    if at.micros() <= world.now() {
        return Ok(());
    }
    // What falls due before is done before, in time.
    let ahead = at.micros() - world.now();
    for part in [ahead - 1_000_000, 1_000_000] {
        if part > 0 {
            world.jump(part);
            if part > 1_000_000 {
                world.drain()?;
            }
        }
    }
    world.say(format!("{id} is charged as foreseen"));
    world.drain()?;
    let sql = format!(
        "select body from orders where subscription = '{id}' and created_at = {} order by id limit 1",
        world.now()
    );
    let rows = world.database.rows(&sql).map_err(|error| error.message().to_owned())?;
    let Some(order) = rows.first().and_then(|row| serde_json::from_str::<Value>(&row[0]).ok()) else {
        // Something on the way, such as a declined charge, came before it.
        return world.check();
    };
    let sum = |lines: &Value, kind: &dyn Fn(&Value) -> (i64, bool)| -> i64 {
        let all = lines.as_array().into_iter().flatten().map(kind);
        all.filter(|(_, counts)| *counts).map(|(amount, _)| amount).sum()
    };
    // What the balance gives depends on what else was paid on the way.
    let foreseen = sum(&next["lines"], &|line| {
        (line["amount"].as_i64().unwrap_or(0), line["type"] != "credit")
    });
    let ordered = sum(&order["items"], &|item| {
        let line = &item["line"];
        (line["amount"].as_i64().unwrap_or(0), line["kind"] != "credit")
    });
    if foreseen != ordered {
        return Err(format!(
            "{id} was to be charged {foreseen} at {at}, and was {ordered}: {next}"
        ));
    }
    world.check()
}
