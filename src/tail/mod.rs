//! Tails: who watches the invocations of which worker, and what waits for them to read.
//!
//! A tail is opened through the control API and read over a WebSocket. It lives in this process alone, and nobody waits
//! for it: a reader that is slow misses events, and is told how many.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use thiserror::Error;
use time::OffsetDateTime;
use tokio::sync::Notify;

use crate::model::TenantId;

mod filter;
mod redact;
mod trace;

pub use filter::{Filters, InvalidFilter};
pub use trace::{Event, Level, Outcome, Trace};

/// How long a tail lives; Cloudflare's live as long.
const LIFETIME: Duration = Duration::from_secs(60 * 60);
/// A tail that nobody reads for so long makes room for another.
const UNREAD: Duration = Duration::from_secs(60);
/// Tails of one worker; Cloudflare's bound is the same.
pub const WORKER_TAILS_MAX: usize = 10;
/// Tails of this node: each takes a connection to the control API, and what waits for its reader.
pub const TAILS_MAX: usize = 100;
/// Events that wait for one reader.
const WAITING_MAX: usize = 256;
/// Bytes of the events that wait for one reader.
const WAITING_BYTES_MAX: usize = 1 << 20;

/// The tails of this node.
#[derive(Default)]
pub struct Tails {
    /// Tails that have a reader: all that an invocation looks at while there are none.
    read: AtomicUsize,
    all: RwLock<HashMap<TenantId, Vec<Arc<Tail>>>>,
}

/// One tail.
pub struct Tail {
    /// What names it.
    pub id: String,
    /// What opens it to a reader.
    pub key: String,
    /// When it ends.
    pub expires_at: OffsetDateTime,
    /// The worker that it watches.
    pub tenant: TenantId,
    expires: Instant,
    filters: Filters,
    /// Events that passed the filters, of which a sample is sent.
    passed: AtomicU64,
    state: Mutex<State>,
    changed: Notify,
}

struct State {
    waiting: VecDeque<Arc<str>>,
    waiting_bytes: usize,
    /// Events lost since the reader was last told.
    dropped: u64,
    /// Who reads it, by number; a later reader takes its place.
    reader: Option<u64>,
    readers: u64,
    unread_since: Instant,
    is_over: bool,
}

/// Why a tail is not opened.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TooManyTails {
    /// The worker has as many as it may.
    #[error(
        "{WORKER_TAILS_MAX} tails watch this worker already, and it may have no more; end one of them"
    )]
    Worker,
    /// The node has as many as it may.
    #[error("{TAILS_MAX} tails are open on this node already, and it may have no more")]
    Node,
}

/// What a reader reads.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// What became of an invocation, as JSON.
    Event(Arc<str>),
    /// So many events were lost because they were not read in time.
    Dropped(u64),
}

impl Tails {
    /// Opens a tail; `id` names it, and `key` is what nobody can guess.
    ///
    /// # Errors
    /// [`TooManyTails`] when there are as many as there may be.
    pub fn open(
        &self,
        tenant: &TenantId,
        filters: Filters,
        id: String,
        key: String,
    ) -> Result<Arc<Tail>, TooManyTails> {
        let now = Instant::now();
        let mut all = self.change();
        for tails in all.values_mut() {
            tails.retain(|tail| now < tail.expires);
        }
        all.retain(|_, tails| !tails.is_empty());
        if all.get(tenant).map_or(0, Vec::len) >= WORKER_TAILS_MAX {
            let hers = all.get_mut(tenant).map(|tails| forget_unread(tails, now));
            if hers != Some(true) {
                return Err(TooManyTails::Worker);
            }
        }
        if all.values().map(Vec::len).sum::<usize>() >= TAILS_MAX {
            let mut room = false;
            for tails in all.values_mut() {
                room |= forget_unread(tails, now);
            }
            if !room {
                return Err(TooManyTails::Node);
            }
        }
        let tail = Arc::new(Tail {
            id,
            key,
            expires_at: OffsetDateTime::now_utc() + LIFETIME,
            tenant: tenant.clone(),
            expires: now + LIFETIME,
            filters,
            passed: AtomicU64::new(0),
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                waiting_bytes: 0,
                dropped: 0,
                reader: None,
                readers: 0,
                unread_since: now,
                is_over: false,
            }),
            changed: Notify::new(),
        });
        all.entry(tenant.clone()).or_default().push(tail.clone());
        Ok(tail)
    }

    /// The tails of a worker.
    pub fn list(&self, tenant: &TenantId) -> Vec<Arc<Tail>> {
        let now = Instant::now();
        let mut tails = self.look().get(tenant).cloned().unwrap_or_default();
        tails.retain(|tail| now < tail.expires);
        tails
    }

    /// Ends a tail, and its reader's connection; `false` when there is none.
    pub fn close(&self, tenant: &TenantId, id: &str) -> bool {
        let mut all = self.change();
        let Some(tails) = all.get_mut(tenant) else {
            return false;
        };
        let Some(at) = tails.iter().position(|tail| tail.id == id) else {
            return false;
        };
        tails.remove(at).end();
        if tails.is_empty() {
            all.remove(tenant);
        }
        true
    }

    /// Begins to read the tail that this key opens; whoever read it before is let go.
    pub fn read(self: &Arc<Self>, key: &str) -> Option<Reader> {
        let now = Instant::now();
        let found = {
            let all = self.look();
            let mut tails = all.values().flatten();
            tails.find(|tail| tail.key == key).cloned()?
        };
        let number = {
            let mut state = found.lock();
            if state.is_over || now >= found.expires {
                return None;
            }
            if state.reader.is_none() {
                self.read.fetch_add(1, Ordering::Relaxed);
            }
            state.readers += 1;
            state.reader = Some(state.readers);
            state.readers
        };
        found.changed.notify_waiters();
        Some(Reader {
            tails: self.clone(),
            tail: found,
            number,
        })
    }

    /// The tails of a worker that somebody reads. While nobody reads any, this looks at one number.
    pub fn watchers(&self, tenant: &TenantId) -> Option<Vec<Arc<Tail>>> {
        if self.read.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let all = self.look();
        let is_read = |tail: &&Arc<Tail>| tail.lock().reader.is_some();
        let tails: Vec<_> = all.get(tenant)?.iter().filter(is_read).cloned().collect();
        (!tails.is_empty()).then_some(tails)
    }

    fn look(&self) -> RwLockReadGuard<'_, HashMap<TenantId, Vec<Arc<Tail>>>> {
        self.all.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> RwLockWriteGuard<'_, HashMap<TenantId, Vec<Arc<Tail>>>> {
        self.all.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets the tails that nobody has read for a while; whether there were any.
fn forget_unread(tails: &mut Vec<Arc<Tail>>, now: Instant) -> bool {
    let before = tails.len();
    tails.retain(|tail| {
        let mut state = tail.lock();
        let is_kept = state.reader.is_some() || now < state.unread_since + UNREAD;
        state.is_over |= !is_kept;
        is_kept
    });
    tails.len() < before
}

impl Tail {
    /// Takes an event that passes the filters, unless too many wait already.
    fn offer(&self, event: &trace::Ended<'_>) {
        if !self.filters.pass(event) || !self.is_sampled() {
            return;
        }
        {
            let mut state = self.lock();
            if state.reader.is_none() || state.is_over {
                return;
            }
            let text = event.text();
            let bytes = state.waiting_bytes + text.len();
            if state.waiting.len() >= WAITING_MAX || bytes > WAITING_BYTES_MAX {
                state.dropped += 1;
            } else {
                state.waiting_bytes = bytes;
                state.waiting.push_back(text);
            }
        }
        self.changed.notify_waiters();
    }

    /// Whether the next event belongs to the sample: of each run of events the share that was asked for, evenly spread.
    fn is_sampled(&self) -> bool {
        let Some(rate) = self.filters.sampling_rate() else {
            return true;
        };
        let before = self.passed.fetch_add(1, Ordering::Relaxed) as f64;
        ((before + 1.0) * rate).floor() > (before * rate).floor()
    }

    fn end(&self) {
        self.lock().is_over = true;
        self.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a tail; dropped, nobody does.
pub struct Reader {
    tails: Arc<Tails>,
    tail: Arc<Tail>,
    number: u64,
}

impl Reader {
    /// The next event; `None` when the tail is over or another reader has taken it. Nothing is lost when the wait is given up.
    pub async fn next(&self) -> Option<Read> {
        loop {
            let changed = self.tail.changed.notified();
            {
                let mut state = self.tail.lock();
                if self.is_done(&state) {
                    return None;
                }
                if let Some(event) = state.waiting.pop_front() {
                    state.waiting_bytes -= event.len();
                    return Some(Read::Event(event));
                }
                if state.dropped > 0 {
                    return Some(Read::Dropped(std::mem::take(&mut state.dropped)));
                }
            }
            changed.await;
        }
    }

    /// Waits until the tail is over, its hour has passed, or another reader has taken it.
    pub async fn done(&self) {
        let over = async {
            loop {
                let changed = self.tail.changed.notified();
                if self.is_done(&self.tail.lock()) {
                    return;
                }
                changed.await;
            }
        };
        let _ = tokio::time::timeout_at(self.tail.expires.into(), over).await;
    }

    fn is_done(&self, state: &State) -> bool {
        state.is_over || state.reader != Some(self.number)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut state = self.tail.lock();
        if state.reader == Some(self.number) {
            state.reader = None;
            state.unread_since = Instant::now();
            // What waits is of a connection that is gone.
            (state.waiting, state.waiting_bytes, state.dropped) = (VecDeque::new(), 0, 0);
            self.tails.read.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
