//! Admission: who may run now. Exact counters, one a tenant and one for all.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;

use tokio::sync::Semaphore;

use crate::metrics::{Metrics, TenantMetrics};
use crate::model::{Limit, Limits, TenantId};

/// Lets invocations in, up to what the sandboxes hold.
pub struct Limiter {
    running: AtomicU32,
    running_max: u32,
    metrics: Arc<Metrics>,
    /// A thread that rests while nothing runs.
    pulse: OnceLock<Thread>,
}

/// A tenant as the running process knows it.
pub struct Tenant {
    /// Which one.
    pub id: TenantId,
    /// Its name in logs and metrics.
    pub label: Box<str>,
    /// Its counters.
    pub metrics: Arc<TenantMetrics>,
    /// Slow operations of its workers' host that may run at a time: one, so that none stands in another tenant's way.
    pub slow_operations: Arc<Semaphore>,
    running: AtomicU32,
}

impl Tenant {
    /// A tenant that runs nothing yet.
    pub fn new(id: TenantId, metrics: &Metrics) -> Self {
        Self {
            label: id.to_string().into(),
            metrics: metrics.tenant(&id),
            id,
            slow_operations: Arc::new(Semaphore::new(1)),
            running: AtomicU32::new(0),
        }
    }
}

/// The right to run one invocation, given back when it is dropped.
pub struct Permit {
    limiter: Arc<Limiter>,
    tenant: Arc<Tenant>,
}

impl Limiter {
    /// Lets at most `running_max` invocations run at a time.
    pub fn new(running_max: u32, metrics: Arc<Metrics>) -> Self {
        Self {
            running: AtomicU32::new(0),
            running_max,
            metrics,
            pulse: OnceLock::new(),
        }
    }

    /// Admits an invocation.
    ///
    /// # Errors
    /// [`Limit::Concurrency`] when the tenant runs as many as it may, [`Limit::Instances`] when all together do.
    pub fn admit(self: &Arc<Self>, tenant: &Arc<Tenant>, limits: &Limits) -> Result<Permit, Limit> {
        enter(&tenant.running, limits.concurrency).ok_or(Limit::Concurrency)?;
        let Some(before) = enter(&self.running, self.running_max) else {
            tenant.running.fetch_sub(1, Ordering::Relaxed);
            return Err(Limit::Instances);
        };
        if before == 0
            && let Some(pulse) = self.pulse.get()
        {
            pulse.unpark();
        }
        self.metrics.invocations.inc();
        Ok(Permit {
            limiter: self.clone(),
            tenant: tenant.clone(),
        })
    }

    /// Has this thread woken (`unpark`) whenever the first invocation begins.
    pub fn wake(&self, thread: Thread) {
        // The process has one such thread.
        let _ = self.pulse.set(thread);
    }

    /// Invocations under way.
    pub fn running(&self) -> u32 {
        self.running.load(Ordering::Acquire)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.tenant.running.fetch_sub(1, Ordering::Relaxed);
        self.limiter.running.fetch_sub(1, Ordering::Release);
        self.limiter.metrics.invocations.dec();
    }
}

/// Counts one in, unless `max` are in already; how many were in before.
fn enter(count: &AtomicU32, max: u32) -> Option<u32> {
    let one_more = |now: u32| (now < max).then_some(now + 1);
    count
        .fetch_update(Ordering::AcqRel, Ordering::Relaxed, one_more)
        .ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_permit_is_given_back_however_it_ends() {
        let metrics = Arc::new(Metrics::new(10));
        let limiter = Arc::new(Limiter::new(3, metrics.clone()));
        let tenant = |name| {
            Arc::new(Tenant::new(
                TenantId::regular(name).expect("valid"),
                &metrics,
            ))
        };
        let (a, b) = (tenant("a"), tenant("b"));
        let limits = Limits {
            cpu: Duration::ZERO,
            memory_bytes: 0,
            wall: Duration::ZERO,
            subrequests: 0,
            concurrency: 2,
            log_bytes: 0,
        };
        let held: Vec<_> = (0..2)
            .map(|_| limiter.admit(&a, &limits).map_err(drop).expect("free"))
            .collect();
        assert_eq!(limiter.admit(&a, &limits).err(), Some(Limit::Concurrency));
        let other = limiter.admit(&b, &limits).map_err(drop).expect("free");
        assert_eq!(limiter.admit(&b, &limits).err(), Some(Limit::Instances));
        drop(held);
        assert!(limiter.admit(&b, &limits).is_ok());
        drop(other);
        assert_eq!((limiter.running(), metrics.invocations.get()), (0, 0));
    }
}
