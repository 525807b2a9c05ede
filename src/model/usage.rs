//! What tenants used up, for whoever bills them: amounts by UTC day.
//!
//! Every process counts for itself and writes absolute amounts, so the amounts of one process only grow. Two reports of one
//! process are therefore merged by the larger of each amount, whatever came first, was repeated, or was lost.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use time::{Date, Duration, Month, OffsetDateTime};

/// What one tenant used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Amounts {
    /// Requests that reached the worker: of visitors, of other workers, of its times.
    #[serde(skip_serializing_if = "is_zero")]
    pub requests: u64,
    /// CPU time of its code, in microseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub cpu_us: u64,
    /// The most memory that each invocation had, times how long it ran: KiB × milliseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub memory_kib_ms: u64,
    /// Bytes of request bodies.
    #[serde(skip_serializing_if = "is_zero")]
    pub bytes_in: u64,
    /// Bytes of response bodies.
    #[serde(skip_serializing_if = "is_zero")]
    pub bytes_out: u64,
    /// What it asked of others: the network, workers, caches and key-value namespaces.
    #[serde(skip_serializing_if = "is_zero")]
    pub subrequests: u64,
    /// Bytes that caches gave it.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_bytes: u64,
    /// Requests that its code failed.
    #[serde(skip_serializing_if = "is_zero")]
    pub exceptions: u64,
    /// Requests that a limit refused or ended.
    #[serde(skip_serializing_if = "is_zero")]
    pub limited: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_zero(amount: &u64) -> bool {
    *amount == 0
}

impl Amounts {
    /// Each amount with that of another, put together by `with`.
    fn zip(self, other: Self, with: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            requests: with(self.requests, other.requests),
            cpu_us: with(self.cpu_us, other.cpu_us),
            memory_kib_ms: with(self.memory_kib_ms, other.memory_kib_ms),
            bytes_in: with(self.bytes_in, other.bytes_in),
            bytes_out: with(self.bytes_out, other.bytes_out),
            subrequests: with(self.subrequests, other.subrequests),
            cache_bytes: with(self.cache_bytes, other.cache_bytes),
            exceptions: with(self.exceptions, other.exceptions),
            limited: with(self.limited, other.limited),
        }
    }

    /// What two processes, or two days, have together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        self.zip(other, u64::saturating_add)
    }

    /// What two reports of the same process say together.
    #[must_use]
    pub fn latest(self, other: Self) -> Self {
        self.zip(other, u64::max)
    }

    /// What was added since an earlier moment.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        self.zip(earlier, u64::wrapping_sub)
    }

    /// The memory in GB-s: 10⁹ bytes for a second.
    pub fn gb_s(&self) -> f64 {
        (self.memory_kib_ms as f64) * 1_024.0 / 1e12
    }

    /// The CPU time in milliseconds.
    pub fn cpu_ms(&self) -> f64 {
        (self.cpu_us as f64) / 1_000.0
    }
}

/// What processes have reported for one tenant and day, each its own: a sum that nothing enters twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// By the process's boot id.
    pub by_boot: BTreeMap<String, Amounts>,
}

impl Sum {
    /// Takes a report in; false when it says nothing new.
    pub fn take_in(&mut self, boot: &str, report: Amounts) -> bool {
        let known = self.by_boot.get(boot).copied();
        let latest = known.unwrap_or_default().latest(report);
        if known == Some(latest) {
            return false;
        }
        self.by_boot.insert(boot.to_owned(), latest);
        true
    }

    /// All together.
    pub fn total(&self) -> Amounts {
        let all = self.by_boot.values().copied();
        all.fold(Amounts::default(), Amounts::plus)
    }
}

/// A day in UTC, written `2026-11-22`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(Date);

/// A text that is no day.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0:?} is no date; write it as 2026-11-22")]
pub struct InvalidDay(String);

impl Day {
    /// The day that it is now.
    pub fn today() -> Self {
        Self::of(OffsetDateTime::now_utc().date())
    }

    /// A date.
    pub fn of(date: Date) -> Self {
        Self(date)
    }

    /// So many days later; the last day there is at most.
    #[must_use]
    pub fn after(self, days: u64) -> Self {
        let days = Duration::days(i64::try_from(days).unwrap_or(i64::MAX >> 24));
        Self(self.0.saturating_add(days))
    }

    /// So many days earlier.
    #[must_use]
    pub fn before(self, days: u64) -> Self {
        let days = Duration::days(i64::try_from(days).unwrap_or(i64::MAX >> 24));
        Self(self.0.saturating_sub(days))
    }

    /// The first day of its month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self(self.0.replace_day(1).unwrap_or(self.0))
    }

    /// Days from this one to another; negative when the other is earlier.
    pub fn until(self, other: Self) -> i64 {
        (other.0 - self.0).whole_days()
    }

    /// When it is over.
    pub fn end(self) -> OffsetDateTime {
        self.after(1).0.midnight().assume_utc()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = (self.0.year(), u8::from(self.0.month()), self.0.day());
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, InvalidDay> {
        let invalid = || InvalidDay(text.chars().take(32).collect());
        let number = |range: std::ops::Range<usize>| {
            let digits = text.get(range)?;
            let are_digits = digits.bytes().all(|b| b.is_ascii_digit());
            are_digits.then(|| digits.parse::<u16>().ok()).flatten()
        };
        let is_shaped =
            text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
        let parts = is_shaped.then(|| Some((number(0..4)?, number(5..7)?, number(8..10)?)));
        let (year, month, day) = parts.flatten().ok_or_else(invalid)?;
        let month = u8::try_from(month)
            .ok()
            .and_then(|m| Month::try_from(m).ok());
        let day = u8::try_from(day).map_err(|_| invalid())?;
        let month = month.ok_or_else(invalid)?;
        let date = Date::from_calendar_date(year.into(), month, day);
        date.map(Self).map_err(|_| invalid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_it_is_read() {
        for text in ["2026-11-22", "2024-02-29", "1999-12-31"] {
            assert_eq!(
                text.parse::<Day>().map(|day| day.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in [
            "",
            "today",
            "2026-11",
            "2026-11-31",
            "2026-02-29",
            "2026-13-01",
            "26-11-22",
            "2026/11/22",
            "2026-11-22T00:00:00Z",
            "+026-11-22",
            "2026-1 -22",
            "２０26-11-22",
        ] {
            assert!(text.parse::<Day>().is_err(), "{text:?}");
        }
        let day: Day = "2026-11-30".parse().expect("a day");
        assert_eq!(day.after(1).to_string(), "2026-12-01");
        assert_eq!(day.first_of_month().to_string(), "2026-11-01");
        assert_eq!(day.until(day.after(3)), 3);
        assert_eq!(day.end().unix_timestamp() % 86_400, 0);
    }

    #[test]
    fn a_report_counts_once_whatever_comes_first() {
        let report = |requests| Amounts {
            requests,
            ..Amounts::default()
        };
        let mut sum = Sum::default();
        assert!(sum.take_in("a", report(5)));
        assert!(!sum.take_in("a", report(3)));
        assert!(!sum.take_in("a", report(5)));
        assert!(sum.take_in("b", report(2)));
        assert!(sum.take_in("a", report(7)));
        assert_eq!(sum.total(), report(9));
    }
}
