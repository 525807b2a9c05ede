//! Operations that may take longer than a moment (making RSA keys, deriving bits from passwords, whole megabytes): on threads of
//! their own, so that no visitor waits for another's.
//!
//! A tenant has one of them at a time, and all tenants together as many as there are heavy threads: who asks for hundreds
//! stands in his own line. What they use up is the guest's CPU time; at its limit, or when the guest is gone, an
//! operation that can be stopped is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limiter::Tenant;
use crate::model::Limit;
use crate::runtime::meter::Meter;

/// Where slow operations run.
pub(in crate::runtime) struct Slow {
    runtime: Handle,
    turns: Arc<Semaphore>,
}

impl Slow {
    /// As many at a time as the runtime has workers; its threads give way to those that serve.
    pub(in crate::runtime) fn new(runtime: Handle) -> Self {
        let turns = runtime.metrics().num_workers().max(1);
        Self {
            runtime,
            turns: Arc::new(Semaphore::new(turns)),
        }
    }

    /// The same for one invocation.
    pub(in crate::runtime) fn of(
        self: &Arc<Self>,
        tenant: Arc<Tenant>,
        meter: Arc<Meter>,
    ) -> SlowOperations {
        SlowOperations {
            slow: self.clone(),
            tenant,
            meter,
        }
    }
}

/// The slow operations of one invocation.
#[derive(Clone)]
pub(in crate::runtime) struct SlowOperations {
    slow: Arc<Slow>,
    tenant: Arc<Tenant>,
    meter: Arc<Meter>,
}

/// The right to run one.
pub(super) struct Turn {
    _own: OwnedSemaphorePermit,
    _common: OwnedSemaphorePermit,
}

impl SlowOperations {
    /// Waits for a turn; in the order of asking.
    pub(super) async fn turn(&self) -> wasmtime::Result<Turn> {
        Ok(Turn {
            _own: self.tenant.slow_operations.clone().acquire_owned().await?,
            _common: self.slow.turns.clone().acquire_owned().await?,
        })
    }

    /// Runs one. It is asked now and then whether it may go on.
    ///
    /// # Errors
    /// When the guest has used its CPU time up, or the operation panicked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        turn: Turn,
        work: impl FnOnce(&mut dyn FnMut() -> bool) -> T + Send + 'static,
    ) -> wasmtime::Result<T> {
        let is_wanted = Arc::new(AtomicBool::new(true));
        let _unless_gone = Unwanted(is_wanted.clone());
        let meter = self.meter.clone();
        let done = self.slow.runtime.spawn_blocking(move || {
            // Held here: what goes on after its guest is gone still is one of those that run.
            let _turn = turn;
            let mut counted = thread_cpu_ns();
            let mut charge = || {
                let now = thread_cpu_ns();
                meter.charge(now.saturating_sub(counted));
                counted = now;
                !meter.is_used_up() && is_wanted.load(Ordering::Relaxed)
            };
            let done = work(&mut charge);
            charge();
            done
        });
        let done = done.await?;
        if self.meter.is_used_up() {
            self.meter.exceed(Limit::Cpu);
            return Err(wasmtime::Error::msg("the CPU time is used up"));
        }
        Ok(done)
    }
}

/// Says so when it is dropped.
struct Unwanted(Arc<AtomicBool>);

impl Drop for Unwanted {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

fn thread_cpu_ns() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    // Neither part of this clock is ever negative.
    u64::try_from(now.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}
