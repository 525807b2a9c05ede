//! Events that wait for a worker which consumes them. Nobody waits for it: what it is too slow for is lost, and counted.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::trace::Ended;
use crate::metrics::Metrics;

/// Events that wait for one worker, and bytes of them.
const WAITING_MAX: usize = 1_000;
const WAITING_BYTES_MAX: usize = 4 << 20;
/// Bytes of the events that wait for all workers of this node.
const NODE_BYTES_MAX: usize = 64 << 20;
/// Events of one batch, and bytes of them: each is in the worker's memory twice, as text and as objects.
const BATCH_MAX: usize = 100;
const BATCH_BYTES_MAX: usize = 1 << 20;

/// What waits for one worker.
pub struct Batches {
    state: Mutex<State>,
    /// Bytes that wait for all workers.
    held: Arc<AtomicUsize>,
    /// Begins to take batches until there are none.
    begin: Box<dyn Fn(Arc<Self>) + Send + Sync>,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(Arc<str>, u8)>,
    bytes: usize,
    is_taken: bool,
}

/// Events that are handed over together.
pub struct Batch {
    /// Each as JSON.
    pub events: Vec<Arc<str>>,
    /// How deep in their trees of invocations the deepest of them was.
    pub depth: u8,
}

impl Batches {
    /// Nothing yet; `begin` is called when there is something and nobody takes it.
    pub fn new(
        held: Arc<AtomicUsize>,
        metrics: Arc<Metrics>,
        begin: impl Fn(Arc<Self>) + Send + Sync + 'static,
    ) -> Self {
        Self {
            state: Mutex::default(),
            held,
            begin: Box::new(begin),
            metrics,
        }
    }

    pub(super) fn offer(self: &Arc<Self>, event: &Ended<'_>, depth: u8) {
        let text = event.consumed();
        {
            let mut state = self.lock();
            let bytes = state.bytes + text.len();
            let held = self.held.load(Ordering::Relaxed) + text.len();
            if state.waiting.len() >= WAITING_MAX
                || bytes > WAITING_BYTES_MAX
                || held > NODE_BYTES_MAX
            {
                drop(state);
                self.lost(1);
                return;
            }
            self.held.fetch_add(text.len(), Ordering::Relaxed);
            state.bytes = bytes;
            state.waiting.push_back((text, depth));
            if std::mem::replace(&mut state.is_taken, true) {
                return;
            }
        }
        (self.begin)(self.clone());
    }

    /// The next events; `None` when there are none, and whoever took them is done.
    pub fn take(&self) -> Option<Batch> {
        let mut state = self.lock();
        let mut batch = Batch {
            events: Vec::new(),
            depth: 0,
        };
        let mut bytes = 0;
        while let Some((event, depth)) = state.waiting.front() {
            let is_full = batch.events.len() >= BATCH_MAX
                || (bytes > 0 && bytes + event.len() > BATCH_BYTES_MAX);
            if is_full {
                break;
            }
            bytes += event.len();
            batch.depth = batch.depth.max(*depth);
            batch
                .events
                .extend(state.waiting.pop_front().map(|(event, _)| event));
        }
        state.bytes -= bytes;
        self.held.fetch_sub(bytes, Ordering::Relaxed);
        if batch.events.is_empty() {
            state.is_taken = false;
            return None;
        }
        Some(batch)
    }

    /// Counts events that reached nobody.
    pub fn lost(&self, count: usize) {
        self.count("dropped", count);
    }

    /// Counts events that were handed over.
    pub fn consumed(&self, count: usize) {
        self.count("consumed", count);
    }

    fn count(&self, result: &str, count: usize) {
        let events = &self.metrics.tail_events;
        events.with_label_values(&[result]).inc_by(count as u64);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Batches {
    fn drop(&mut self) {
        let bytes = self.lock().bytes;
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }
}
