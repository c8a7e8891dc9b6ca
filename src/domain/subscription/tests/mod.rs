//! Stories that a merchant can read, and laws that hold in all of them.

mod buying;
mod checks;
mod laws;
mod life;
mod shop;
mod stories;
mod story;
mod table;
