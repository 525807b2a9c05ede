//! What an invocation uses up: CPU time around each poll, memory at each growth.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::model::{Limit, Limits};

/// Shared by the guest's store, the future that polls it and whoever waits for the answer.
pub(super) struct Meter {
    cpu_limit_ns: u64,
    /// CPU time of finished polls.
    used_ns: AtomicU64,
    /// The thread's CPU clock when the running poll began.
    poll_began_ns: AtomicU64,
    /// The guest has used up a whole slice: it goes on elsewhere.
    is_heavy: AtomicBool,
    /// The limit it ran into, as its number plus one.
    exceeded: AtomicU8,
    /// The guest did not end well.
    has_failed: AtomicBool,
}

impl Meter {
    /// Nothing used yet.
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            cpu_limit_ns: nanos(limits.cpu),
            used_ns: AtomicU64::new(0),
            poll_began_ns: AtomicU64::new(0),
            is_heavy: AtomicBool::new(false),
            exceeded: AtomicU8::new(0),
            has_failed: AtomicBool::new(false),
        }
    }

    /// A poll of the guest begins on this thread.
    pub(super) fn begin(&self) {
        self.poll_began_ns.store(thread_cpu_ns(), Ordering::Relaxed);
    }

    /// The poll is over.
    pub(super) fn end(&self) {
        let slice = thread_cpu_ns().saturating_sub(self.poll_began_ns.load(Ordering::Relaxed));
        self.used_ns.fetch_add(slice, Ordering::Relaxed);
    }

    /// The guest has used a slice, within a poll; `false` when it may not go on.
    pub(super) fn slice_used(&self) -> bool {
        let running = thread_cpu_ns().saturating_sub(self.poll_began_ns.load(Ordering::Relaxed));
        if self.used_ns.load(Ordering::Relaxed) + running >= self.cpu_limit_ns {
            self.exceed(Limit::Cpu);
            return false;
        }
        self.is_heavy.store(true, Ordering::Relaxed);
        true
    }

    /// CPU time used so far, without the running poll.
    pub(super) fn used(&self) -> Duration {
        Duration::from_nanos(self.used_ns.load(Ordering::Relaxed))
    }

    /// Whether the guest has used up a whole slice.
    pub(super) fn is_heavy(&self) -> bool {
        self.is_heavy.load(Ordering::Relaxed)
    }

    /// Notes that the guest did not end well; before what it holds is dropped.
    pub(super) fn fail(&self) {
        self.has_failed.store(true, Ordering::Release);
    }

    /// Whether the guest did not end well.
    pub(super) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Acquire)
    }

    /// Notes the limit that ends the invocation; the first one stands.
    pub(super) fn exceed(&self, limit: Limit) {
        let number = limit as u8 + 1;
        let _ = self
            .exceeded
            .compare_exchange(0, number, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The limit that was noted.
    pub(super) fn exceeded(&self) -> Option<Limit> {
        let number = self.exceeded.load(Ordering::Relaxed);
        number
            .checked_sub(1)
            .and_then(|index| Limit::ALL.get(usize::from(index)).copied())
    }
}

fn thread_cpu_ns() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    // Neither part of a CPU clock is ever negative.
    u64::try_from(now.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The memory of one invocation: all its linear memories and tables together.
pub(super) struct MemoryLimit {
    limit_bytes: usize,
    used_bytes: usize,
    /// A growth was refused; a trap after it is the limit's doing.
    pub was_refused: bool,
}

impl MemoryLimit {
    /// Nothing used yet.
    pub(super) fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            used_bytes: 0,
            was_refused: false,
        }
    }
}

/// A table element is a pointer.
const ELEMENT_BYTES: usize = size_of::<usize>();

impl wasmtime::ResourceLimiter for MemoryLimit {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow(current, desired))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.grow(
            current.saturating_mul(ELEMENT_BYTES),
            desired.saturating_mul(ELEMENT_BYTES),
        ))
    }
}

impl MemoryLimit {
    fn grow(&mut self, current: usize, desired: usize) -> bool {
        let used = self
            .used_bytes
            .saturating_add(desired.saturating_sub(current));
        if used > self.limit_bytes {
            self.was_refused = true;
            return false;
        }
        self.used_bytes = used;
        true
    }
}
