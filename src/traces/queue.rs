//! What waits to be sent: bounded in bytes, filled by requests, which never wait, and emptied by one task.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus::IntCounterVec;
use tokio::sync::Notify;

use super::message::Signal;

/// Bytes in memory that are sent with one request. As protobuf they are fewer; collectors take at least 4 MiB.
const BATCH_BYTES: usize = 1 << 20;

/// Items that wait.
pub(super) struct Queue<T> {
    waiting: Mutex<Waiting<T>>,
    changed: Notify,
    bytes_max: usize,
    /// Records by what became of them.
    records: IntCounterVec,
}

struct Waiting<T> {
    items: VecDeque<T>,
    bytes: usize,
    is_closed: bool,
}

impl<T: Signal> Queue<T> {
    /// A queue of `bytes_max` bytes.
    pub(super) fn new(bytes_max: usize, records: IntCounterVec) -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                items: VecDeque::new(),
                bytes: 0,
                is_closed: false,
            }),
            changed: Notify::new(),
            bytes_max,
            records,
        }
    }

    /// Puts an item behind the others, or loses it when there is no room.
    pub(super) fn offer(&self, item: T) {
        let bytes = item.bytes();
        let mut waiting = self.lock();
        if waiting.is_closed || waiting.bytes + bytes > self.bytes_max {
            drop(waiting);
            self.count("queue_full", item.records());
            return;
        }
        let before = waiting.bytes;
        waiting.bytes += bytes;
        waiting.items.push_back(item);
        let is_enough = before < BATCH_BYTES && waiting.bytes >= BATCH_BYTES;
        if before == 0 || is_enough {
            self.changed.notify_one();
        }
    }

    /// What is sent next, once there is something and others had `interval` to come; nothing when all is over.
    pub(super) async fn next(&self, interval: Duration) -> Option<Vec<T>> {
        let is_there = |waiting: &Waiting<T>| waiting.bytes > 0;
        if !self.wait_for(is_there).await {
            return self.take();
        }
        let is_enough = |waiting: &Waiting<T>| waiting.bytes >= BATCH_BYTES;
        // Whether or not there is enough by then.
        let _ = tokio::time::timeout(interval, self.wait_for(is_enough)).await;
        self.take()
    }

    /// Waits for a state; `false` when the queue is closed.
    async fn wait_for(&self, is_so: impl Fn(&Waiting<T>) -> bool) -> bool {
        loop {
            {
                let waiting = self.lock();
                if waiting.is_closed || is_so(&waiting) {
                    return !waiting.is_closed;
                }
            }
            self.changed.notified().await;
        }
    }

    fn take(&self) -> Option<Vec<T>> {
        let mut waiting = self.lock();
        let mut bytes = 0;
        let within = |item: &T| {
            bytes += item.bytes();
            bytes <= BATCH_BYTES
        };
        let count = waiting.items.iter().map(within).take_while(|fits| *fits);
        let count = count.count().max(1).min(waiting.items.len());
        let taken: Vec<T> = waiting.items.drain(..count).collect();
        waiting.bytes -= taken.iter().map(T::bytes).sum::<usize>();
        (!taken.is_empty()).then_some(taken)
    }

    /// Waits until the queue is closed.
    pub(super) async fn closed(&self) {
        while self.wait_for(|_| false).await {}
    }

    /// Takes nothing more.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_one();
    }

    /// Whether nothing more comes.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    /// Counts what became of records.
    pub(super) fn count(&self, result: &str, records: u64) {
        self.records.with_label_values(&[result]).inc_by(records);
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
