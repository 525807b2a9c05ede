//! When what was missing is looked for again.

/// How often a proof is looked for before it is given up.
///
/// Source: Cloudflare docs, "Hostname validation: backoff schedule": 75 attempts within about 7 days.
pub(super) const ATTEMPTS: u32 = 75;
/// The longest wait between two attempts.
const WAIT_MAX_S: f64 = 4.0 * 3_600.0;
/// Attempts that follow each other closely.
const CLOSE: u32 = 10;

/// Seconds until the next attempt, after so many.
pub(super) fn after(attempts: u32) -> i64 {
    let n = attempts.saturating_sub(1);
    let factor: f64 = if n < CLOSE { 1.05 } else { 1.15 };
    let wait = 60.0 * factor.powf(n.into());
    wait.floor().min(WAIT_MAX_S) as i64
}

/// When an active hostname is looked at again; 0 for never. Not all at once.
pub(super) fn recheck(now: i64, every_s: u64) -> i64 {
    match every_s {
        0 => 0,
        every => {
            let every = every.min(u64::from(u32::MAX));
            now + i64::try_from(every - every / 10).unwrap_or(0) + spread(every / 5)
        }
    }
}

/// When an order is tried again for which there was no place.
pub(super) fn queued(now: i64) -> i64 {
    now + 5 + spread(10)
}

/// A number from 0 to below this bound, at random.
fn spread(bound: u64) -> i64 {
    use std::hash::{BuildHasher, RandomState};
    match bound {
        0 => 0,
        bound => i64::try_from(RandomState::new().hash_one(bound) % bound).unwrap_or(0),
    }
}

/// When a certificate is renewed that is valid from and to these times: at two thirds of its life, not all at once.
pub(super) fn renewal(from: i64, to: i64) -> i64 {
    let life = to.saturating_sub(from).max(0);
    let third = u64::try_from(life / 3).unwrap_or(0);
    // From 19/30 to 21/30 of it.
    let early = spread(third / 5) - i64::try_from(third / 10).unwrap_or(0);
    from + life / 3 * 2 + early
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedule_is_the_documented_one() {
        let waits: Vec<i64> = (1..=ATTEMPTS).map(after).collect();
        assert_eq!(waits[..3], [60, 63, 66]);
        assert_eq!(waits[9], 93);
        assert_eq!(waits[10], 242);
        assert_eq!(waits[74], 14_400);
        assert!(waits.is_sorted());
        let days = waits.iter().sum::<i64>() as f64 / 86_400.0;
        assert!((5.0..9.0).contains(&days), "{days}");
    }

    #[test]
    fn a_certificate_is_renewed_at_about_two_thirds_of_its_life() {
        let day = 86_400;
        for _ in 0..100 {
            let at = renewal(0, 90 * day);
            assert!((57 * day..=63 * day).contains(&at), "{at}");
        }
        assert_eq!(renewal(5, 5), 5);
    }
}
