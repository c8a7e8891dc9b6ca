//! Messages that bring a failed payment back (setting `recovery`).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{MAX_DAYS, RecoveryEnd, ascending};
use crate::domain::{Problem, url};

/// The last day of a recovery, at most.
pub const END_DAY: (i64, i64) = (1, 365);

/// Which messages go out after a failed payment, and how it ends. Days count
/// from the day of the failure, which is day 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Recovery {
    /// Whether failed renewals start one.
    pub enabled: bool,
    /// The days of the messages, ascending, all before `end_day`.
    pub stages: Vec<u32>,
    /// The day on which it ends.
    pub end_day: u32,
    /// What happens then.
    pub end: RecoveryEnd,
    /// The merchant's own page; `None` for ours.
    pub page_url: Option<String>,
    /// Hours of the store's days in which no message goes out.
    pub quiet_hours: Option<QuietHours>,
}

impl Default for Recovery {
    fn default() -> Self {
        Self {
            enabled: false,
            stages: vec![0, 3, 5, 7],
            end_day: 11,
            end: RecoveryEnd::Pause,
            page_url: None,
            quiet_hours: None,
        }
    }
}

impl Recovery {
    /// Checks what the setting says.
    ///
    /// # Errors
    ///
    /// A problem at the member, such as `stages[1]`.
    pub fn check(&self) -> Result<(), Problem> {
        super::within("endDay", self.end_day, END_DAY)?;
        ascending("stages", &self.stages, (0, END_DAY.1), MAX_DAYS)?;
        if let Some(late) = self.stages.iter().position(|day| *day >= self.end_day) {
            return Err(Problem::at(
                format!("stages[{late}]"),
                format!("must be before endDay, which is {}", self.end_day),
            ));
        }
        if let Some(page) = &self.page_url {
            url::checked(page).map_err(|problem| Problem::at("pageUrl", problem.message))?;
        }
        match self.quiet_hours {
            Some(QuietHours { from, to }) if from == to => {
                Err(Problem::at("quietHours.to", "must be another time than from"))
            }
            _ => Ok(()),
        }
    }
}

/// A part of the day on the clocks of the store's zone; over midnight where
/// `from` is later than `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// From then on.
    pub from: TimeOfDay,
    /// Until then, which is not part of it.
    pub to: TimeOfDay,
}

impl QuietHours {
    /// Whether a time lies inside.
    pub fn contain(self, time: TimeOfDay) -> bool {
        if self.from <= self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
    }
}

/// A time on the clock, to the minute: `HH:MM`, from `00:00` to `23:59`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// From the minutes since midnight; `None` from 1440 on.
    pub fn from_minutes(minutes: u16) -> Option<Self> {
        (minutes < 24 * 60).then_some(Self(minutes))
    }

    /// Minutes since midnight.
    pub fn minutes(self) -> u16 {
        self.0
    }

    /// From text such as `09:30`.
    ///
    /// # Errors
    ///
    /// A problem when it is no such text.
    pub fn parse(given: &str) -> Result<Self, Problem> {
        let refused = || Problem::new("must be a time of day such as 09:30, from 00:00 to 23:59");
        let two = |digits: &str, below: u16| -> Option<u16> {
            let is_pair = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|number| is_pair && *number < below)
        };
        let (hours, minutes) = given.trim().split_once(':').ok_or_else(refused)?;
        match (two(hours, 24), two(minutes, 60)) {
            (Some(hours), Some(minutes)) => Ok(Self(hours * 60 + minutes)),
            _ => Err(refused()),
        }
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|problem| D::Error::custom(problem.message))
    }
}
