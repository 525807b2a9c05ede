//! Tails: who watches the invocations of which workers, and what waits for them to read.
//!
//! A tail is opened through the control API, which keeps a record of it, and read over a WebSocket. Here is what of that is
//! in memory: tails that a client of this node reads, and those that a client of another node reads while workers run
//! here. Nobody waits for a tail: a reader that is slow misses events, and is told how many.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use thiserror::Error;
use tokio::sync::{Notify, watch};

use crate::metrics::Metrics;
use crate::model::TenantId;

mod batches;
mod filter;
mod opened;
mod redact;
mod trace;

pub use batches::{Batch, Batches};
pub use filter::{Filters, InvalidFilter};
pub use opened::{LIFETIME, OPEN_MAX, Opened, SCOPE_TAILS_MAX, Scope, now_s};
pub use trace::{Event, Level, Outcome, Trace, Watchers};

/// Tails that clients of this node read: each takes a connection to the control API, and what waits for its reader.
pub const READERS_MAX: usize = 100;
/// Events that wait for one reader.
const WAITING_MAX: usize = 256;
/// Bytes of the events that wait for one reader.
const WAITING_BYTES_MAX: usize = 1 << 20;
/// A reader for whom events wait all the time is told so often of those that it missed.
const TOLD: Duration = Duration::from_secs(1);

/// The tails that are read.
pub struct Tails {
    /// How many there are: all that an invocation looks at while there are none.
    count: AtomicUsize,
    /// By namespace.
    all: RwLock<HashMap<String, Vec<Arc<Tail>>>>,
    /// Says when the tails change that clients of this node read.
    own: watch::Sender<()>,
    metrics: Arc<Metrics>,
}

/// One tail that is read.
pub struct Tail {
    /// What it is.
    pub opened: Opened,
    /// Whether a client of this node reads it.
    is_own: bool,
    expires: Instant,
    /// Events that passed the filters, of which a sample is sent.
    passed: AtomicU64,
    state: Mutex<State>,
    changed: Notify,
    metrics: Arc<Metrics>,
}

struct State {
    waiting: VecDeque<Arc<str>>,
    waiting_bytes: usize,
    /// Events lost since the reader was last told.
    dropped: u64,
    told: Instant,
    /// Who reads it, by number; a later reader takes its place.
    reader: u64,
    is_over: bool,
}

/// As many tails are read on this node as may be.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{READERS_MAX} tails are read on this node already, and it may have no more")]
pub struct TooManyReaders;

/// What a reader reads.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// What became of an invocation, as JSON.
    Event(Arc<str>),
    /// So many events were lost.
    Dropped(u64),
}

impl Tails {
    /// No tails yet.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            count: AtomicUsize::new(0),
            all: RwLock::default(),
            own: watch::Sender::new(()),
            metrics,
        }
    }

    /// Begins to read a tail for a client of this node; whoever read it here before is let go.
    ///
    /// # Errors
    /// [`TooManyReaders`].
    pub fn read(self: &Arc<Self>, opened: Opened) -> Result<Reader, TooManyReaders> {
        let reader = {
            let mut all = self.change();
            let own = all.values().flatten().filter(|tail| tail.is_own);
            let (mut found, mut count) = (None, 0);
            for tail in own {
                count += 1;
                if tail.opened.id == opened.id && !tail.lock().is_over {
                    found = Some(tail.clone());
                }
            }
            match found {
                Some(tail) => self.take_over(tail),
                None if count >= READERS_MAX => return Err(TooManyReaders),
                None => self.begin(&mut all, opened, true),
            }
        };
        reader.tail.changed.notify_waiters();
        self.own.send_replace(());
        Ok(reader)
    }

    /// Begins to read a tail here for a client of another node.
    pub fn mirror(self: &Arc<Self>, opened: Opened) -> Reader {
        self.begin(&mut self.change(), opened, false)
    }

    fn begin(
        self: &Arc<Self>,
        all: &mut HashMap<String, Vec<Arc<Tail>>>,
        opened: Opened,
        is_own: bool,
    ) -> Reader {
        let now = Instant::now();
        let namespace = opened.scope.namespace.clone();
        let tail = Arc::new(Tail {
            expires: now + opened.left(),
            opened,
            is_own,
            passed: AtomicU64::new(0),
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                waiting_bytes: 0,
                dropped: 0,
                told: now,
                reader: 0,
                is_over: false,
            }),
            changed: Notify::new(),
            metrics: self.metrics.clone(),
        });
        all.entry(namespace).or_default().push(tail.clone());
        self.count.fetch_add(1, Ordering::Relaxed);
        self.take_over(tail)
    }

    fn take_over(self: &Arc<Self>, tail: Arc<Tail>) -> Reader {
        let number = {
            let mut state = tail.lock();
            // What waits is of a connection that is gone.
            (state.waiting, state.waiting_bytes, state.dropped) = (VecDeque::new(), 0, 0);
            state.reader += 1;
            state.reader
        };
        Reader {
            tails: self.clone(),
            tail,
            number,
        }
    }

    /// The tail of this id that a client of this node reads.
    pub fn own(&self, id: &str) -> Option<Arc<Tail>> {
        let all = self.look();
        let mut tails = all.values().flatten();
        tails
            .find(|tail| tail.is_own && tail.opened.id == id)
            .cloned()
    }

    /// All that clients of this node read.
    pub fn all_own(&self) -> Vec<Opened> {
        let all = self.look();
        let own = all.values().flatten().filter(|tail| tail.is_own);
        own.map(|tail| tail.opened.clone()).collect()
    }

    /// Turns whenever those change.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.own.subscribe()
    }

    /// Ends a tail that a client of this node reads, and its connection.
    pub fn end(&self, id: &str) {
        if let Some(tail) = self.own(id) {
            tail.lock().is_over = true;
            tail.changed.notify_waiters();
        }
    }

    /// Takes what another node has sent for a tail that is read here: an event, if there is one, and how many it dropped.
    pub fn arrive(&self, id: &str, dropped: u64, event: Option<&str>) {
        let Some(tail) = self.own(id) else { return };
        {
            let mut state = tail.lock();
            state.dropped += dropped;
            if let Some(event) = event {
                tail.keep(&mut state, event.len(), || event.into());
            }
        }
        tail.changed.notify_waiters();
    }

    /// The tails that watch a worker with these tags. While nobody reads any, this looks at one number.
    pub fn watchers(&self, tenant: &TenantId, tags: &[String]) -> Option<Vec<Arc<Tail>>> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let all = self.look();
        let tails = all.get(tenant.namespace())?.iter();
        let tails = tails.filter(|tail| tail.opened.scope.has(tenant, tags));
        let tails: Vec<_> = tails.cloned().collect();
        (!tails.is_empty()).then_some(tails)
    }

    fn forget(&self, gone: &Arc<Tail>) {
        let mut all = self.change();
        let namespace = &gone.opened.scope.namespace;
        let Some(tails) = all.get_mut(namespace) else {
            return;
        };
        let before = tails.len();
        tails.retain(|tail| !Arc::ptr_eq(tail, gone));
        self.count
            .fetch_sub(before - tails.len(), Ordering::Relaxed);
        if tails.is_empty() {
            all.remove(namespace);
        }
    }

    fn look(&self) -> RwLockReadGuard<'_, HashMap<String, Vec<Arc<Tail>>>> {
        self.all.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> RwLockWriteGuard<'_, HashMap<String, Vec<Arc<Tail>>>> {
        self.all.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tail {
    /// Takes an event that passes the filters, unless too many wait already.
    fn offer(&self, event: &trace::Ended<'_>) {
        if !self.opened.filters.pass(event) || !self.is_sampled() {
            return;
        }
        {
            let mut state = self.lock();
            if state.is_over {
                return;
            }
            let text = event.text();
            self.keep(&mut state, text.len(), || text);
        }
        self.changed.notify_waiters();
    }

    fn keep(&self, state: &mut State, bytes: usize, event: impl FnOnce() -> Arc<str>) {
        let waiting_bytes = state.waiting_bytes + bytes;
        if state.waiting.len() >= WAITING_MAX || waiting_bytes > WAITING_BYTES_MAX {
            state.dropped += 1;
            self.metrics
                .tail_events
                .with_label_values(&["dropped"])
                .inc();
        } else {
            state.waiting_bytes = waiting_bytes;
            state.waiting.push_back(event());
        }
    }

    /// Whether the next event belongs to the sample: of each run of events the share that was asked for, evenly spread.
    fn is_sampled(&self) -> bool {
        let Some(rate) = self.opened.filters.sampling_rate() else {
            return true;
        };
        let before = self.passed.fetch_add(1, Ordering::Relaxed) as f64;
        ((before + 1.0) * rate).floor() > (before * rate).floor()
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
                let is_due = state.waiting.is_empty() || state.told.elapsed() >= TOLD;
                if state.dropped > 0 && is_due {
                    state.told = Instant::now();
                    return Some(Read::Dropped(std::mem::take(&mut state.dropped)));
                }
                if let Some(event) = state.waiting.pop_front() {
                    state.waiting_bytes -= event.len();
                    if self.tail.is_own {
                        let events = &self.tail.metrics.tail_events;
                        events.with_label_values(&["shown"]).inc();
                    }
                    return Some(Read::Event(event));
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
        state.is_over || state.reader != self.number
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        {
            let mut state = self.tail.lock();
            if state.reader != self.number {
                return;
            }
            // An invocation under way may still hold the tail.
            state.is_over = true;
        }
        self.tails.forget(&self.tail);
        if self.tail.is_own {
            self.tails.own.send_replace(());
        }
    }
}
