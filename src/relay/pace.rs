//! How fast events go to other nodes: so many, and so many bytes of them, a second.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Lets through what a second holds, at once or spread.
pub(super) struct Pace {
    events: f64,
    bytes: f64,
    left: Mutex<Left>,
}

struct Left {
    events: f64,
    bytes: f64,
    since: Instant,
}

impl Pace {
    /// So many events, and bytes of events, a second.
    pub(super) fn new(events: u32, bytes: u32) -> Self {
        let (events, bytes) = (f64::from(events), f64::from(bytes));
        Self {
            events,
            bytes,
            left: Mutex::new(Left {
                events,
                bytes,
                since: Instant::now(),
            }),
        }
    }

    /// Takes room for an event of so many bytes, and says how long to wait before it may go. What is larger than a second
    /// holds goes too, and the next one waits for longer.
    pub(super) fn take(&self, bytes: usize) -> Duration {
        self.take_at(bytes, Instant::now())
    }

    fn take_at(&self, bytes: usize, now: Instant) -> Duration {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(left.since).as_secs_f64();
        left.since = now;
        left.events = self.events.min(left.events + passed * self.events) - 1.0;
        left.bytes = self.bytes.min(left.bytes + passed * self.bytes) - bytes as f64;
        let wait = (-left.events / self.events).max(-left.bytes / self.bytes);
        Duration::from_secs_f64(wait.max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_goes_than_a_second_holds() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        for (bytes, in_a_second) in [(1, 10), (100, 10), (200, 5), (1_000, 1), (5_000, 0)] {
            let pace = Pace::new(10, 1_000);
            // What was left from before goes at once.
            let mut now = start;
            let first = (0..in_a_second).all(|_| pace.take_at(bytes, start).is_zero());
            assert!(first, "{bytes}");
            let mut sent = 0;
            loop {
                now += pace.take_at(bytes, now);
                if now >= start + 10 * second {
                    break;
                }
                sent += 1;
            }
            let most = (10_000 / bytes).min(100);
            assert!(
                sent <= most && sent + 2 >= most,
                "{bytes}: {sent} of {most}"
            );
        }
    }
}
