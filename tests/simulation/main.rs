//! The proof that nobody is charged twice and no payment is lost: stores live
//! through simulated years in which everything goes wrong that can, and after
//! each step the laws hold. A seed decides everything; see `report` for how a
//! seed that fails is played again.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod books;
mod commands;
mod dice;
mod dump;
mod faults;
mod gateway;
mod laws;
mod play;
mod process;
mod promises;
mod report;
mod shop;
mod twins;
mod world;

/// How many seeds there are, where nobody says.
const SEEDS: u64 = 2_000;
/// How many pairs of worlds there are.
const TWINS: u64 = 100;

#[test]
fn the_laws_hold_whatever_happens() {
    report::run("the_laws_hold_whatever_happens", SEEDS, |seed| {
        play::play(seed).map(|world| world.steps)
    });
}

#[test]
fn a_jump_of_a_test_clock_is_the_same_as_its_steps() {
    report::run("a_jump_of_a_test_clock_is_the_same_as_its_steps", TWINS, twins::jumps);
}

#[test]
fn what_a_gateway_says_comes_to_the_same_in_any_order() {
    report::run(
        "what_a_gateway_says_comes_to_the_same_in_any_order",
        TWINS,
        twins::orders,
    );
}
