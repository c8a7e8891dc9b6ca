//! Two worlds with the same seed in which the same comes to pass by another
//! way: they are the same in the end.

use proyecta::{domain::instant::Instant, ops::Op};
use serde_json::json;

use super::{
    dice::Dice,
    dump::{difference, dump},
    gateway::Verdict,
    world::{DAY, HOUR, Law, World},
};

type Played = Result<Vec<String>, (String, Vec<String>)>;

/// One jump of a test clock is the same as many steps.
pub fn jumps(seed: u64) -> Played {
    let jumped = by_test_clock(seed, false)?;
    let stepped = by_test_clock(seed, true)?;
    match difference(&dump(&jumped.database), &dump(&stepped.database)) {
        None => Ok(jumped.steps),
        Some(difference) => Err((format!("a jump is not its steps: {difference}"), stepped.steps)),
    }
}

fn by_test_clock(seed: u64, in_steps: bool) -> Result<World, (String, Vec<String>)> {
    let mut world = World::new(seed, false).map_err(|broken| (broken, Vec::new()))?;
    match clocked(&mut world, in_steps) {
        Ok(()) => Ok(world),
        Err(broken) => Err((broken, world.steps)),
    }
}

fn clocked(world: &mut World, in_steps: bool) -> Law {
    let now = world.now();
    let shows = Instant::from_micros(now).to_string();
    let clock = world.must(Op::TestClocksCreate, json!({ "now": shows, "scope": "store" }))?;
    let clock = clock["id"].as_str().unwrap_or_default().to_owned();
    world.shown = Some(now);
    world.furnish(4, &json!({}))?;
    let mut steps = Dice::of_parts(world.dice.clone().roll(), &[9]);
    let end = now + 2 * 365 * DAY;
    while world.now() < end {
        if world.dice.percent(40) {
            world.subscribe_by_app()?;
        }
        for _ in 0..world.dice.weighted(&[3, 4, 2]) {
            world.command()?;
        }
        let to = world.now() + world.dice.between(1, 60) * DAY + world.dice.between(0, 23) * HOUR;
        let mut stops = vec![to];
        if in_steps {
            for _ in 0..steps.between(1, 4) {
                stops.push(steps.between(world.now(), to));
            }
            stops.sort_unstable();
        }
        for stop in stops {
            let shows = Instant::from_micros(stop).to_string();
            world.must(Op::TestClocksAdvance, json!({ "testClockId": clock, "to": shows }))?;
        }
        world.shown = Some(to);
    }
    Ok(())
}

/// What a gateway says by itself comes to the same in any order, and twice.
pub fn orders(seed: u64) -> Played {
    let mut world = World::new(seed, false).map_err(|broken| (broken, Vec::new()))?;
    match shuffled(&mut world) {
        Ok(()) => Ok(world.steps),
        Err(broken) => Err((broken, world.steps)),
    }
}

fn shuffled(world: &mut World) -> Law {
    world.furnish(5, &json!({}))?;
    for _ in 0..world.dice.between(3, 14) {
        world.subscribe_by_app()?;
        world.command()?;
        let by = world.dice.between(1, 25 * 24) * HOUR;
        world.jump(by);
        world.drain()?;
    }
    let mut said = truths(world);
    let mut other = world.fork();
    let mut twin = world.fork();
    let dice = &mut Dice::of_parts(world.seed, &[31]);
    for (key, event) in &said {
        tell(&mut other, key, event)?;
    }
    let again: Vec<_> = said.iter().filter(|_| dice.percent(40)).cloned().collect();
    said.extend(again);
    for place in (1..said.len()).rev() {
        said.swap(place, dice.below(place as u64 + 1) as usize);
    }
    for (key, event) in &said {
        tell(&mut twin, key, event)?;
    }
    other.drain()?;
    twin.drain()?;
    let known: Vec<String> = standing(world).iter().map(|line| id_of(line).to_owned()).collect();
    let of = |world: &World| -> Vec<String> {
        let mut lines = standing(world);
        // What follows is made in another order, and has other ids.
        lines.retain(|line| known.iter().any(|id| id == id_of(line)));
        lines
    };
    match difference(&of(&other), &of(&twin)) {
        None => Ok(()),
        Some(difference) => Err(format!(
            "in another order {said:?} come to something else: {difference}"
        )),
    }
}

fn tell(world: &mut World, payment: &str, event: &str) -> Law {
    let input = json!({ "paymentId": payment, "event": event });
    let now = world.now();
    world.call(0, Op::SandboxEmit, &input, None)?;
    // All of it is said at one instant.
    world.clock.set(now);
    Ok(())
}

/// What the gateway has to say of the newest charges, in the order in which it
/// came to pass.
fn truths(world: &mut World) -> Vec<(String, &'static str)> {
    let now = world.now();
    let keys: Vec<String> = world.till.keys().into_iter().rev().take(6).collect();
    let mut said = Vec::new();
    for key in keys {
        let luck = world.dice.below(5);
        let of_key = world.till.entry(&key, |entry| {
            let mut all = match entry.verdict.clone() {
                Verdict::Pending { until, approved } if until > now => {
                    entry.verdict = Verdict::Pending { until: now, approved };
                    vec![if approved { "settled" } else { "failed" }]
                }
                Verdict::Approved | Verdict::Pending { approved: true, .. } => vec!["settled"],
                _ => vec!["failed"],
            };
            if all == ["settled"] {
                match luck {
                    0 => all.push("disputed"),
                    1 => all.extend(["disputed", "dispute_won"]),
                    2 if entry.refunds.is_empty() => {
                        entry.refunds.insert("outside".to_owned(), entry.amount);
                        entry.outside = true;
                        all.push("refunded");
                    }
                    _ => {}
                }
            }
            all
        });
        said.extend(of_key.unwrap_or_default().into_iter().map(|event| (key.clone(), event)));
    }
    said
}

fn id_of(line: &str) -> &str {
    line.split(" | ").nth(1).unwrap_or_default()
}

/// Where everything stands that an event of a gateway moves.
fn standing(world: &World) -> Vec<String> {
    let sql = [
        "select 'payment', id, status, json_extract(body, '$.facts') from payments order by id",
        "select 'order', id, status, json_extract(body, '$.refunded'), json_extract(body, '$.charging') from orders order by id",
        "select 'subscription', id, status, json_extract(body, '$.charging') from subscriptions order by id",
        "select 'balance', customer, balance from credit_balances order by customer",
    ];
    let rows = sql.iter().flat_map(|sql| world.database.rows(sql).expect("rows"));
    rows.map(|row| row.join(" | ")).collect()
}
