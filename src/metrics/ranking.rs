//! Which tenants have series of their own: most places go by recent requests, some by recent trouble.

use std::cmp::Ordering;
use std::time::Duration;

/// What happened so long ago counts half.
const HALF_LIFE: Duration = Duration::from_secs(300);
/// Of so many places one goes by trouble.
const TROUBLE_PLACES: usize = 4;
/// Whoever has a place keeps it against others that have up to so many times as much: two tenants alike would take turns.
const STAY: f64 = 1.5;

/// What happened of late, faded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Score {
    pub requests: f64,
    pub trouble: f64,
}

impl Score {
    /// The score after some time, with what came meanwhile.
    pub(super) fn after(self, passed: Duration, requests: u64, trouble: u64) -> Self {
        let rest = 0.5_f64.powf(passed.as_secs_f64() / HALF_LIFE.as_secs_f64());
        Self {
            requests: self.requests.mul_add(rest, requests as f64),
            trouble: self.trouble.mul_add(rest, trouble as f64),
        }
    }

    /// For places that neither kind has a claim to.
    pub(super) fn any(self) -> f64 {
        self.requests + self.trouble
    }
}

/// A tenant that may have a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// Whose it is, for the caller.
    pub number: usize,
    pub has_place: bool,
    pub score: Score,
}

impl Candidate {
    fn weight(&self, of: fn(Score) -> f64) -> f64 {
        match self.has_place {
            true => of(self.score) * STAY,
            false => of(self.score),
        }
    }

    /// The larger first; of two alike the one that has a place.
    fn before(&self, other: &Self, of: fn(Score) -> f64) -> Ordering {
        let weights = other.weight(of).total_cmp(&self.weight(of));
        weights.then(other.has_place.cmp(&self.has_place))
    }
}

/// Puts those that shall have places first, and says how many they are.
pub(super) fn choose(candidates: &mut [Candidate], places: usize) -> usize {
    let places = places.min(candidates.len());
    let by_trouble = places / TROUBLE_PLACES;
    let busy = take(candidates, places - by_trouble, |score| score.requests);
    let troubled = take(&mut candidates[busy..], by_trouble, |score| score.trouble);
    let rest = busy + troubled;
    // What is left over goes to anybody.
    let (open, mut others) = (places - rest, &mut candidates[rest..]);
    if open > 0 && open < others.len() {
        others.select_nth_unstable_by(open - 1, |a, b| a.before(b, Score::any));
        others = &mut others[..open];
    }
    others[..open].sort_unstable_by(|a, b| a.before(b, Score::any));
    places
}

/// Puts the `most` with the highest weights above 0 first, in order, and says how many they are.
fn take(candidates: &mut [Candidate], most: usize, of: fn(Score) -> f64) -> usize {
    // What has faded to next to nothing is nothing.
    const LEAST: f64 = 0.01;
    if most == 0 || candidates.is_empty() {
        return 0;
    }
    let most = most.min(candidates.len());
    candidates.select_nth_unstable_by(most - 1, |a, b| a.before(b, of));
    let first = &mut candidates[..most];
    first.sort_unstable_by(|a, b| a.before(b, of));
    first.partition_point(|candidate| candidate.weight(of) >= LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of those that are chosen from these (has a place, requests, trouble).
    fn chosen(candidates: &[(bool, f64, f64)], places: usize) -> Vec<usize> {
        let mut candidates: Vec<_> = candidates
            .iter()
            .enumerate()
            .map(|(number, &(has_place, requests, trouble))| Candidate {
                number,
                has_place,
                score: Score { requests, trouble },
            })
            .collect();
        let count = choose(&mut candidates, places);
        let mut chosen: Vec<_> = candidates[..count].iter().map(|c| c.number).collect();
        chosen.sort_unstable();
        chosen
    }

    #[test]
    fn most_places_go_by_requests_and_some_by_trouble() {
        let busy = (true, 100.0, 0.0);
        let failing = (false, 1.0, 3.0);
        let quiet = (false, 2.0, 0.0);
        let (old, idle) = ((true, 0.0, 0.0), (false, 0.0, 0.0));
        for (candidates, places, expected) in [
            (vec![busy; 4], 4, vec![0, 1, 2, 3]),
            (vec![busy, busy, busy, busy, failing], 4, vec![0, 1, 2, 4]),
            // Whoever has both kinds leaves its place by trouble to others.
            (
                vec![(true, 100.0, 9.0), busy, busy, busy, failing],
                4,
                vec![0, 1, 2, 4],
            ),
            (vec![busy, failing], 1, vec![0]),
            (vec![old, quiet, idle], 1, vec![1]),
            // Nobody loses a place to nobody.
            (vec![idle, old, idle, old], 2, vec![1, 3]),
            (vec![idle, old], 5, vec![0, 1]),
            (vec![busy], 0, vec![]),
            (vec![], 3, vec![]),
        ] {
            let found = chosen(&candidates, places);
            // Which of equals it is does not matter.
            match candidates.iter().filter(|c| **c == busy).count() {
                4 => assert_eq!(found.len(), expected.len()),
                _ => assert_eq!(found, expected, "{candidates:?}"),
            }
            assert_eq!(
                found.contains(&4),
                expected.contains(&4),
                "{candidates:?}: {found:?}"
            );
        }
    }

    #[test]
    fn a_place_is_kept_against_those_alike() {
        assert_eq!(chosen(&[(true, 10.0, 0.0), (false, 14.0, 0.0)], 1), [0]);
        assert_eq!(chosen(&[(true, 10.0, 0.0), (false, 16.0, 0.0)], 1), [1]);
    }

    #[test]
    fn what_was_long_ago_fades() {
        let score = Score::default().after(HALF_LIFE, 800, 80);
        let later = score.after(3 * HALF_LIFE, 1, 0);
        assert_eq!((later.requests, later.trouble), (101.0, 10.0));
    }
}
