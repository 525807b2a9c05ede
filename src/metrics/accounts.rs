//! Under whose name each amount is shown: its tenant's, or `other`.
//!
//! Each tenant has what was `shown` under its own name and what was `folded` into `other`. What came since the last look goes to
//! exactly one of the two, so that the sum over all names is what was counted, at every look, and no series ever falls.
//!
//! A tenant enters and leaves with a whole interval between: while it `Enters` its series stand where they stood (at 0, if it
//! never had any) and its amounts still go to `other`; while it `Leaves` they stand where they ended. So whoever reads at least
//! once in an interval sees the first and the last amount of each, and increments add up over names as well.

use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
use std::time::Duration;

use super::ranking::{self, Candidate, Score};
use super::series::{self, CELLS, Cells, Gauges};
use super::tenant::TenantMetrics;
use crate::model::TenantId;

/// A tenant that nobody refers to gives up its place after so many rankings without a request.
const REST_RANKINGS: u32 = 20;
/// Of so many places one may change hands at a ranking: each change is new series for whoever keeps them.
const MOVES: usize = 16;

/// The accounts of all tenants.
pub(super) struct Accounts {
    places: usize,
    all: Vec<Account>,
    /// What was counted for tenants without a place.
    other: Box<Cells>,
}

struct Account {
    id: TenantId,
    metrics: Arc<TenantMetrics>,
    place: Place,
    /// `None`: nothing.
    shown: Option<Box<Cells>>,
    folded: Option<Box<Cells>>,
    /// Something came since the last ranking.
    has_moved: bool,
    score: Score,
    /// As the last ranking saw them.
    requests: u64,
    troubles: u64,
    memory_peak: u64,
    /// Rankings without anything new.
    rest: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    None,
    /// Has series from now on; what comes counts for them from the next ranking on.
    Enters,
    Has,
    /// Its series go at the next ranking; what comes does not count for them any more.
    Leaves,
}

/// A tenant that has no account yet.
pub(super) type Newcomer = (TenantId, Arc<TenantMetrics>);

/// What one name shows.
pub(super) struct Line {
    pub metrics: Arc<TenantMetrics>,
    pub cells: Box<Cells>,
    pub gauges: Gauges,
}

impl Accounts {
    /// Accounts of which at most `places` show under their own names.
    pub(super) fn new(places: usize) -> Self {
        Self {
            places,
            all: Vec::new(),
            other: Box::new([0; CELLS]),
        }
    }

    /// How many there are, and how many of them have series.
    pub(super) fn count(&self) -> (usize, usize) {
        (self.all.len(), self.taken())
    }

    fn taken(&self) -> usize {
        let shown = self.all.iter().filter(|one| one.place != Place::None);
        shown.count()
    }

    /// Takes tenants in that were not there before; each has a place at once, while there are any.
    pub(super) fn open(&mut self, newcomers: impl Iterator<Item = Newcomer>) {
        let mut taken = self.taken();
        self.all.extend(newcomers.map(|(id, metrics)| {
            let place = match taken < self.places {
                true => Place::Has,
                false => Place::None,
            };
            taken += usize::from(place == Place::Has);
            Account {
                id,
                metrics,
                place,
                shown: None,
                folded: None,
                has_moved: false,
                score: Score::default(),
                requests: 0,
                troubles: 0,
                memory_peak: 0,
                rest: 0,
            }
        }));
    }

    /// Takes down what came since the last look, and says what each name shows now; that of `other` comes with no tenant.
    pub(super) fn look(&mut self) -> (Vec<Line>, Box<Cells>, Gauges) {
        let mut lines = Vec::with_capacity(self.places.min(self.all.len()));
        let mut gauges = Gauges::default();
        for account in &mut self.all {
            account.look(&mut self.other);
            let own = account.gauges();
            match account.place {
                Place::None => gauges = gauges.with(own),
                Place::Enters | Place::Has | Place::Leaves => lines.push(Line {
                    metrics: account.metrics.clone(),
                    cells: account.shown.clone().unwrap_or(Box::new([0; CELLS])),
                    gauges: own,
                }),
            }
        }
        (lines, self.other.clone(), gauges)
    }

    /// Decides anew who has a place; `passed` is the time since that was done last. Tenants that `forget` agrees to forget are
    /// gone afterwards: it is asked for those at rest.
    pub(super) fn rank(
        &mut self,
        passed: Duration,
        forget: impl Fn(&TenantId, &Arc<TenantMetrics>) -> bool,
    ) {
        for account in &mut self.all {
            account.look(&mut self.other);
            account.judge(passed);
        }
        let mut candidates: Vec<Candidate> = self
            .all
            .iter()
            .enumerate()
            .filter(|(_, account)| !account.is_forsaken())
            .map(|(number, account)| Candidate {
                number,
                has_place: matches!(account.place, Place::Enters | Place::Has),
                score: account.score,
            })
            .collect();
        let chosen = ranking::choose(&mut candidates, self.places);
        let (chosen, others) = candidates.split_at(chosen);
        self.go_on(chosen);
        self.enter_and_leave(chosen, others);
        self.forget(forget);
    }

    /// Ends what began at the last ranking.
    fn go_on(&mut self, chosen: &[Candidate]) {
        for candidate in chosen {
            let place = &mut self.all[candidate.number].place;
            // Its series were there all the time.
            if *place == Place::Leaves {
                *place = Place::Has;
            }
        }
        for account in &mut self.all {
            account.place = match account.place {
                Place::Enters => Place::Has,
                Place::Leaves => Place::None,
                Place::Has if account.is_forsaken() => Place::Leaves,
                place => place,
            };
        }
    }

    fn enter_and_leave(&mut self, chosen: &[Candidate], others: &[Candidate]) {
        let free = self.places - self.taken();
        let mut wanting: Vec<&Candidate> = chosen
            .iter()
            .filter(|one| self.all[one.number].place == Place::None)
            .collect();
        // Whoever fails is looked for first.
        let trouble = |one: &&Candidate| one.score.trouble;
        wanting.sort_by(|a, b| trouble(b).total_cmp(&trouble(a)));
        let entering = free.min(wanting.len());
        for one in wanting.drain(..entering) {
            self.all[one.number].place = Place::Enters;
        }
        // The rest enters at the next ranking, when others have left.
        let mut leaving: Vec<&Candidate> = others
            .iter()
            .filter(|one| self.all[one.number].place == Place::Has)
            .collect();
        leaving.sort_by(|a, b| a.score.any().total_cmp(&b.score.any()));
        leaving.truncate(wanting.len().min(self.places / MOVES + 1));
        for one in leaving {
            self.all[one.number].place = Place::Leaves;
        }
    }

    fn forget(&mut self, forget: impl Fn(&TenantId, &Arc<TenantMetrics>) -> bool) {
        let other = &mut self.other;
        self.all.retain_mut(|account| {
            let rests = account.place == Place::None && account.rest > 0;
            if !rests || !forget(&account.id, &account.metrics) {
                return true;
            }
            // What came after the look above, before the last who counted let go.
            account.look(other);
            false
        });
    }
}

impl Account {
    /// Takes down what came since the last look.
    fn look(&mut self, other: &mut Cells) {
        let now = self.metrics.cells();
        let is_own = self.place == Place::Has;
        let (grows, stands) = match is_own {
            true => (&mut self.shown, &self.folded),
            false => (&mut self.folded, &self.shown),
        };
        if grows.is_none() && now.iter().all(|amount| *amount == 0) {
            return;
        }
        let grows = grows.get_or_insert_with(|| Box::new([0; CELLS]));
        let mut moved = 0;
        for (cell, all) in now.into_iter().enumerate() {
            let stands = stands.as_ref().map_or(0, |stands| stands[cell]);
            let more = all - stands - grows[cell];
            grows[cell] += more;
            if !is_own {
                other[cell] += more;
            }
            moved |= more;
        }
        self.has_moved |= moved != 0;
    }

    /// Brings its score up to date.
    fn judge(&mut self, passed: Duration) {
        let of = |cells: fn(&Cells) -> u64| {
            let parts = [&self.shown, &self.folded];
            let parts = parts.into_iter().flatten();
            parts.map(|part| cells(part)).sum::<u64>()
        };
        let (requests, troubles) = (of(series::requests), of(series::troubles));
        self.score = self.score.after(
            passed,
            requests - self.requests,
            // Parts of a tenth of a second of CPU time round down, each for itself.
            troubles.saturating_sub(self.troubles),
        );
        (self.requests, self.troubles) = (requests, troubles);
        self.memory_peak = self.metrics.take_memory_peak();
        self.rest = match std::mem::take(&mut self.has_moved) {
            true => 0,
            false => self.rest.saturating_add(1),
        };
    }

    /// Whether nobody will ever look at it again: it rests, and only this account and the list of names know it.
    fn is_forsaken(&self) -> bool {
        self.rest >= REST_RANKINGS && is_known_here_alone(&self.metrics)
    }

    fn gauges(&self) -> Gauges {
        let now = self.metrics.gauges();
        Gauges {
            memory_peak: now.memory_peak.max(self.memory_peak),
            ..now
        }
    }
}

/// Whether only its account and the list of names have these metrics. Final while the list is locked.
pub(super) fn is_known_here_alone(metrics: &Arc<TenantMetrics>) -> bool {
    let is_alone = Arc::strong_count(metrics) == 2;
    // Whatever the last who let go has counted is seen from here on.
    fence(Ordering::Acquire);
    is_alone
}
