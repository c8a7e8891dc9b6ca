//! `commerce.forecast`: what a store is going to charge.

use super::{
    answer::ForecastWord,
    read::{answer, input},
};
use crate::domain::{currency::Currency, instant::Instant};

input! {
    /// How far to look ahead.
    pub struct ForecastParams {
        /// Until when.
        "until" until: Instant,
    }
}

answer! {
    /// What one day is going to bring in one currency.
    pub struct ForecastDay {
        /// The day in the store's time zone, `YYYY-MM-DD`.
        "date" date: String,
        /// ISO 4217 code.
        "currency" currency: Currency,
        /// What is going to be charged, in the smallest unit.
        "amount" amount: i64,
        /// In how many charges.
        "count" count: i64,
    }
}

answer! {
    /// Charges to come, as far as they are known today.
    pub struct Forecast {
        /// Always `'forecast'`.
        "object" object: ForecastWord,
        /// By day and currency, in order; days without charges are left out.
        "data" data: Vec<ForecastDay>,
        /// Until when it looks.
        "until" until: Instant,
    }
}
