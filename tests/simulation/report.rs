//! Many seeds on several threads, and what is told of one that fails.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

/// One seed to be played, with all its steps.
const SEED: &str = "PROYECTA_SIM_SEED";
/// How many are played.
const SEEDS: &str = "PROYECTA_SIM_SEEDS";
/// The first one.
const FIRST: &str = "PROYECTA_SIM_FIRST";
/// After so many failures it stops.
const MOST: usize = 20;
/// Of a failed seed that was not asked for, so many of its last steps.
const SHOWN: usize = 40;

type Played = Result<Vec<String>, (String, Vec<String>)>;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Plays the seeds that are asked for, and panics with the first that fails.
pub fn run(test: &str, seeds: u64, play: impl Fn(u64) -> Played + Sync) {
    let (first, last) = match number(SEED) {
        Some(seed) => (seed, seed + 1),
        None => {
            let first = number(FIRST).unwrap_or(0);
            (first, first + number(SEEDS).unwrap_or(seeds))
        }
    };
    let alone = last - first == 1;
    let started = Instant::now();
    let next = AtomicU64::new(first);
    let failed: Mutex<Vec<(u64, String, Vec<String>)>> = Mutex::default();
    // A process that waits for its disk costs time and no work, so there are
    // more threads than cores.
    let threads = std::thread::available_parallelism().map_or(8, |cores| cores.get() * 4);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= last || failed.lock().unwrap().len() >= MOST {
                        break;
                    }
                    let outcome = catch_unwind(AssertUnwindSafe(|| play(seed)));
                    match outcome.unwrap_or_else(|_| Err(("it panicked".to_owned(), Vec::new()))) {
                        Ok(steps) if alone => println!("{}", steps.join("\n")),
                        Ok(_) => {}
                        Err((broken, steps)) => failed.lock().unwrap().push((seed, broken, steps)),
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort_by_key(|(seed, ..)| *seed);
    println!("{} seeds in {:.1} s", last - first, started.elapsed().as_secs_f64());
    let Some((seed, broken, steps)) = failed.first() else {
        return;
    };
    let skipped = if alone { 0 } else { steps.len().saturating_sub(SHOWN) };
    for (seed, broken, _) in &failed {
        println!("seed {seed}: {broken}");
    }
    panic!(
        "seed {seed}: {broken}\n\n{}{}\n\nseed {seed}: {broken}\nagain, with every step:\n\n    {SEED}={seed} cargo nextest run --features testing --no-capture -E 'binary(simulation) and test({test})'\n",
        if skipped == 0 {
            String::new()
        } else {
            format!("… {skipped} steps before\n")
        },
        steps[skipped..].join("\n"),
    );
}
