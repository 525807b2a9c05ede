//! What an invocation uses up: CPU time around each poll, memory at each growth.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use wasmtime::UpdateDeadline;

use crate::model::{Limit, Limits};

/// Shared by the guest's store, the future that polls it and whoever waits for the answer.
///
/// A poll that ends before the engine's next tick is measured by the monotonic clock, which costs no system call; one
/// that meets a tick by the thread's own CPU clock from there on. The error is at most one preemption of a poll
/// that is shorter than a tick.
pub(super) struct Meter {
    cpu_limit_ns: u64,
    /// CPU time of finished polls.
    used_ns: AtomicU64,
    /// The monotonic clock when the running poll began.
    poll_began_ns: AtomicU64,
    /// What the thread's CPU clock showed, or would have, when the running poll began; 0 before its first tick.
    poll_began_cpu_ns: AtomicU64,
    /// [`MEASURED_NS`] when the running poll began, or met its first tick.
    measured_before_ns: AtomicU64,
    /// The guest has used up a whole slice: it goes on elsewhere.
    is_heavy: AtomicBool,
    /// The limit it ran into, as its number plus one.
    exceeded: AtomicU8,
    /// The guest did not end well.
    has_failed: AtomicBool,
    /// It runs on without anybody who waits for it.
    is_let_go: AtomicBool,
    /// The most memory it had, in bytes.
    memory_bytes: AtomicU64,
}

thread_local! {
    /// CPU time of all finished polls on this thread. A guest that calls another polls it within its own poll, and
    /// does not pay for it.
    static MEASURED_NS: Cell<u64> = const { Cell::new(0) };
}

/// Has the meter look at a store's guest at each tick of the engine.
pub(super) fn bound<T: 'static>(store: &mut wasmtime::Store<T>, meter: Arc<Meter>) {
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |_| match meter.tick() {
        Tick::GoOn => Ok(UpdateDeadline::Continue(1)),
        // A yield that wakes itself would be polled again before any I/O is looked at.
        Tick::Yield => Ok(UpdateDeadline::YieldCustom(
            1,
            Box::pin(tokio::task::yield_now()),
        )),
        Tick::Stop => Ok(UpdateDeadline::Interrupt),
    });
}

/// What becomes of a guest at a tick of the engine.
enum Tick {
    /// It has only just begun.
    GoOn,
    /// It has used a slice: others first.
    Yield,
    /// It may not go on.
    Stop,
}

/// A tick comes at any time after a guest has begun; one that has used less than this by then is not heavy, only
/// unlucky. Without it 1 in 100 quick answers would move to the heavy threads.
const SLICE_MIN_NS: u64 = 500_000;

/// The most CPU time that a poll may have used before its first tick: two of them.
const UNTICKED_MAX_NS: u64 = 2_000_000;

impl Meter {
    /// Nothing used yet.
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            cpu_limit_ns: nanos(limits.cpu()),
            used_ns: AtomicU64::new(0),
            poll_began_ns: AtomicU64::new(0),
            poll_began_cpu_ns: AtomicU64::new(0),
            measured_before_ns: AtomicU64::new(0),
            is_heavy: AtomicBool::new(false),
            exceeded: AtomicU8::new(0),
            has_failed: AtomicBool::new(false),
            is_let_go: AtomicBool::new(false),
            memory_bytes: AtomicU64::new(0),
        }
    }

    /// A poll of the guest begins on this thread.
    pub(super) fn begin(&self) {
        self.poll_began_ns
            .store(clock_ns(ClockId::Monotonic), Ordering::Relaxed);
        self.poll_began_cpu_ns.store(0, Ordering::Relaxed);
        self.measured_before_ns
            .store(MEASURED_NS.get(), Ordering::Relaxed);
    }

    /// The poll is over.
    pub(super) fn end(&self) {
        let used = self.running();
        self.used_ns.fetch_add(used, Ordering::Relaxed);
        MEASURED_NS.set(MEASURED_NS.get() + used);
    }

    /// CPU time that another thread used for the guest.
    pub(super) fn charge(&self, ns: u64) {
        self.used_ns.fetch_add(ns, Ordering::Relaxed);
    }

    /// Whether finished polls and what was charged have used the limit up.
    pub(super) fn is_used_up(&self) -> bool {
        self.used_ns.load(Ordering::Relaxed) >= self.cpu_limit_ns
    }

    /// A tick, within a poll.
    fn tick(&self) -> Tick {
        if self.poll_began_cpu_ns.load(Ordering::Relaxed) == 0 {
            let elapsed = self.running();
            let began = clock_ns(ClockId::ThreadCPUTime).saturating_sub(elapsed);
            self.measured_before_ns
                .store(MEASURED_NS.get(), Ordering::Relaxed);
            self.poll_began_cpu_ns
                .store(began.max(1), Ordering::Relaxed);
        }
        let running = self.running();
        if self.used_ns.load(Ordering::Relaxed) + running >= self.cpu_limit_ns {
            self.exceed(Limit::Cpu);
            return Tick::Stop;
        }
        if running < SLICE_MIN_NS && !self.is_heavy() {
            return Tick::GoOn;
        }
        self.is_heavy.store(true, Ordering::Relaxed);
        Tick::Yield
    }

    /// CPU time of the running poll, without the polls of other guests within it.
    fn running(&self) -> u64 {
        let within = MEASURED_NS.get() - self.measured_before_ns.load(Ordering::Relaxed);
        match self.poll_began_cpu_ns.load(Ordering::Relaxed) {
            // More than this without a tick can only be a preemption, which is not the guest's to pay.
            0 => clock_ns(ClockId::Monotonic)
                .saturating_sub(self.poll_began_ns.load(Ordering::Relaxed))
                .saturating_sub(within)
                .min(UNTICKED_MAX_NS),
            began => clock_ns(ClockId::ThreadCPUTime)
                .saturating_sub(began)
                .saturating_sub(within),
        }
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

    /// Notes that nobody waits for the guest any more.
    pub(super) fn let_go(&self) {
        self.is_let_go.store(true, Ordering::Relaxed);
    }

    /// Whether nobody waits for the guest any more.
    pub(super) fn is_let_go(&self) -> bool {
        self.is_let_go.load(Ordering::Relaxed)
    }

    /// The most memory that the guest had, in bytes: its linear memories and tables, which only grow.
    pub(super) fn memory_bytes(&self) -> u64 {
        self.memory_bytes.load(Ordering::Relaxed)
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

fn clock_ns(clock: ClockId) -> u64 {
    let now = clock_gettime(clock);
    // Neither part of these clocks is ever negative.
    u64::try_from(now.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The memory of one invocation: all its linear memories and tables together.
pub(super) struct MemoryLimit {
    limit_bytes: usize,
    used_bytes: usize,
    meter: Arc<Meter>,
    /// A growth was refused; a trap after it is the limit's doing.
    pub was_refused: bool,
}

impl MemoryLimit {
    /// Nothing used yet.
    pub(super) fn new(limit_bytes: usize, meter: Arc<Meter>) -> Self {
        Self {
            limit_bytes,
            used_bytes: 0,
            meter,
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
        self.meter
            .memory_bytes
            .store(used as u64, Ordering::Relaxed);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use wasmtime::ResourceLimiter;

    use super::*;
    use crate::conf::Conf;

    const PAGE: usize = 64 << 10;

    #[test]
    fn memory_is_granted_to_the_last_page_and_not_one_more() {
        let meter = Arc::new(Meter::new(&Conf::default().limits.defaults()));
        let mut memory = MemoryLimit::new(4 * PAGE, meter.clone());
        assert!(memory.memory_growing(0, 3 * PAGE, None).expect("an answer"));
        assert!(memory.memory_growing(0, PAGE, None).expect("an answer"));
        assert!(!memory.was_refused);
        assert!(
            !memory
                .memory_growing(PAGE, 2 * PAGE, None)
                .expect("an answer")
        );
        assert!(memory.was_refused);
        assert_eq!(meter.memory_bytes(), 4 * PAGE as u64);
    }

    #[test]
    fn a_poll_within_a_poll_is_counted_once() {
        let meter = || Meter::new(&Conf::default().limits.defaults());
        let (outer, inner) = (meter(), meter());
        let spin = |ms: u64| {
            let end = Instant::now() + Duration::from_millis(ms);
            while Instant::now() < end {}
        };
        // Past its first tick a poll is measured by the thread's own clock.
        outer.begin();
        outer.tick();
        inner.begin();
        inner.tick();
        spin(30);
        inner.end();
        outer.end();
        assert!(inner.used() > Duration::ZERO);
        assert!(
            outer.used() < inner.used(),
            "{:?} {:?}",
            outer.used(),
            inner.used()
        );
    }
}
