//! Counters of `ratelimit` bindings: how often each key was let through within its period, on this node alone.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use moka::sync::Cache;

use crate::model::rate::Rate;

/// Keys that are counted at a time, some 200 bytes each. Of more, those that are asked for least are forgotten, and begin anew.
const KEYS_MAX: u64 = 100_000;
/// A key that nobody asks for is forgotten when the longest period there is has passed.
const IDLE: Duration = Duration::from_secs(60);

/// The counters of this node.
pub struct Rates {
    began: Instant,
    /// By the hash of whose they are and what is counted: a key is as long as its worker likes.
    windows: Cache<[u8; 32], Arc<Mutex<Window>>>,
}

impl Default for Rates {
    /// Nothing has been counted.
    fn default() -> Self {
        let windows = Cache::builder().max_capacity(KEYS_MAX).time_to_idle(IDLE);
        Self {
            began: Instant::now(),
            windows: windows.build(),
        }
    }
}

impl Rates {
    /// Counts a key once more, unless it was let through as often as it may be.
    ///
    /// Owners share nothing, whatever their namespaces and keys are called.
    pub fn admit(&self, owner: &str, rate: &Rate, key: &str) -> bool {
        let mut hash = blake3::Hasher::new();
        for part in [owner, &rate.namespace_id] {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(&rate.period_s.to_le_bytes());
        hash.update(key.as_bytes());
        let window = self.windows.get_with(hash.finalize().into(), Arc::default);
        let now = self.began.elapsed();
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        window.admit(rate, now)
    }
}

/// A period that begins with its first request.
#[derive(Default)]
struct Window {
    began: Duration,
    count: u32,
}

impl Window {
    fn admit(&mut self, rate: &Rate, now: Duration) -> bool {
        let is_over = now.saturating_sub(self.began) >= Duration::from_secs(rate.period_s);
        if self.count == 0 || is_over {
            *self = Self {
                began: now,
                count: 0,
            };
        }
        let is_within = self.count < rate.limit;
        self.count += u32::from(is_within);
        is_within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(namespace_id: &str, period_s: u64) -> Rate {
        Rate {
            namespace_id: namespace_id.into(),
            limit: 2,
            period_s,
        }
    }

    #[test]
    fn a_key_is_let_through_so_often_in_each_period() {
        let mut window = Window::default();
        let at = |seconds| Duration::from_secs(seconds);
        for (second, expected) in [
            (5, true),
            (14, true),
            (14, false),
            (15, true),
            (24, true),
            (24, false),
            (90, true),
        ] {
            let is_in = window.admit(&rate("1", 10), at(second));
            assert_eq!(is_in, expected, "at {second}");
        }
    }

    #[test]
    fn counters_are_shared_by_those_who_name_the_same() {
        let rates = Rates::default();
        let mut all = Vec::new();
        for (owner, namespace, period, key) in [
            ("a", "1", 60, "k"),
            ("b", "1", 60, "k"),
            ("a", "2", 60, "k"),
            ("a", "1", 10, "k"),
            ("a", "1", 60, "j"),
            ("a1", "", 60, "k"),
            ("a", "1", 60, ""),
        ] {
            let rate = rate(namespace, period);
            all.extend((0..3).map(|_| rates.admit(owner, &rate, key)));
        }
        assert_eq!(all, [true, true, false].repeat(7));
    }
}
