//! How long visitors waited: counted in buckets, so that a long run takes no more memory than a short one.

use std::time::Duration;

/// Each power of two is divided into so many buckets: what is read from them is at most 1/128 too long.
const STEPS: u64 = 1 << STEP_BITS;
const STEP_BITS: u32 = 7;

/// Waits in microseconds.
#[derive(Debug, Default)]
pub(super) struct Waits {
    counts: Vec<u64>,
    total: u64,
    longest_us: u64,
}

impl Waits {
    /// Counts one more.
    pub(super) fn add(&mut self, wait: Duration) {
        let us = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
        let at = bucket(us);
        if self.counts.len() <= at {
            self.counts.resize(at + 1, 0);
        }
        self.counts[at] += 1;
        self.total += 1;
        self.longest_us = self.longest_us.max(us);
    }

    /// The wait that this share of visitors (0 to 1) did not pass; zero where nobody waited.
    pub(super) fn share(&self, share: f64) -> Duration {
        let rank = ((self.total as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        for (at, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Duration::from_micros(longest(at).min(self.longest_us));
            }
        }
        Duration::from_micros(self.longest_us)
    }
}

fn bucket(us: u64) -> usize {
    if us < STEPS {
        return us as usize;
    }
    let shift = us.ilog2() - STEP_BITS;
    (u64::from(shift) * STEPS + (us >> shift)) as usize
}

/// The longest wait that a bucket holds.
fn longest(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < STEPS {
        return bucket;
    }
    let shift = bucket / STEPS - 1;
    let first = (bucket - shift * STEPS) << shift;
    first + ((1 << shift) - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_bucket_holds_what_is_counted_in_it_and_little_else(us in any::<u64>()) {
            let longest = longest(bucket(us));
            prop_assert!(longest >= us);
            prop_assert!(longest - us <= us / STEPS);
        }

        #[test]
        fn a_longer_wait_is_in_no_earlier_bucket(us in 0..u64::MAX) {
            prop_assert!(bucket(us) <= bucket(us + 1));
        }
    }

    #[test]
    fn shares_are_those_of_the_waits_in_order() {
        let mut waits = Waits::default();
        for us in (1..=100).rev() {
            waits.add(Duration::from_micros(us));
        }
        for (share, us) in [(0.0, 1), (0.5, 50), (0.99, 99), (1.0, 100)] {
            assert_eq!(waits.share(share), Duration::from_micros(us), "{share}");
        }
        assert_eq!(Waits::default().share(0.5), Duration::ZERO);
    }
}
