//! Admission: who may run now. Exact counters, one a tenant and one for all.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::{Notify, Semaphore};

use crate::ledger::Counters;
use crate::metrics::{Metrics, TenantMetrics};
use crate::model::{Limit, Limits, REGULAR, TenantId};

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
    /// What it uses up.
    pub usage: Arc<Counters>,
    /// Slow operations of its workers' host that may run at a time: one, so that none stands in another tenant's way.
    pub slow_operations: Arc<Semaphore>,
    rate: Rate,
    is_suspended: AtomicBool,
    suspended: Notify,
}

impl Tenant {
    /// A tenant that runs nothing yet.
    pub fn new(id: TenantId, metrics: &Metrics) -> Self {
        let own = metrics.tenant(&id);
        Self {
            label: id.to_string().into(),
            usage: own.usage(|| metrics.ledger.open(&id)).clone(),
            metrics: own,
            id,
            slow_operations: Arc::new(Semaphore::new(1)),
            rate: Rate::default(),
            is_suspended: AtomicBool::new(false),
            suspended: Notify::new(),
        }
    }

    /// Suspends it, which ends all that runs for it, or has it run again.
    pub fn suspend(&self, is_suspended: bool) {
        self.is_suspended.store(is_suspended, Ordering::Release);
        if is_suspended {
            self.suspended.notify_waiters();
        }
    }

    /// Whether it is suspended.
    pub fn is_suspended(&self) -> bool {
        self.is_suspended.load(Ordering::Acquire)
    }

    /// Waits until it is suspended.
    pub async fn suspended(&self) {
        loop {
            let notified = self.suspended.notified();
            if self.is_suspended() {
                return;
            }
            notified.await;
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
        metrics.instances_max.set(running_max.into());
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
    /// [`Limit::Concurrency`] when the tenant runs as many as it may, [`Limit::Rate`] when it began as many within a second,
    /// [`Limit::Instances`] when all together run as many as can.
    pub fn admit(self: &Arc<Self>, tenant: &Arc<Tenant>, limits: &Limits) -> Result<Permit, Limit> {
        let concurrency = u32::try_from(limits.concurrency).unwrap_or(u32::MAX);
        let others = enter(&tenant.metrics.running, concurrency).ok_or(Limit::Concurrency)?;
        let leave = |limit| {
            tenant.metrics.running.fetch_sub(1, Ordering::Relaxed);
            limit
        };
        if !tenant.rate.admit(limits.requests_per_second) {
            return Err(leave(Limit::Rate));
        }
        // The operator's own workers run for all tenants: a share of theirs would be one of everybody's.
        let free = self
            .running_max
            .saturating_sub(self.running.load(Ordering::Relaxed));
        if tenant.id.namespace() != REGULAR && others >= free.saturating_mul(SHARE) {
            return Err(leave(Limit::Instances));
        }
        let before =
            enter(&self.running, self.running_max).ok_or_else(|| leave(Limit::Instances))?;
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
        let own = &self.tenant.metrics.running;
        own.fetch_sub(1, Ordering::Relaxed);
        self.limiter.running.fetch_sub(1, Ordering::Release);
        self.limiter.metrics.invocations.dec();
    }
}

/// A user worker runs at most as many as this times what is free. So the one that runs most is refused first when the machine
/// fills up, and there is always room for others; alone it gets half.
///
/// Source: Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches" (1998).
const SHARE: u32 = 1;

/// A token bucket that holds what a second brings, as the time at which it will be full again.
///
/// Source: ITU-T I.371, the generic cell rate algorithm.
#[derive(Default)]
struct Rate {
    full_at_ns: AtomicU64,
}

const SECOND_NS: u64 = 1_000_000_000;

impl Rate {
    fn admit(&self, per_second: u64) -> bool {
        if per_second == u64::MAX {
            return true;
        }
        let now = clock_gettime(ClockId::Monotonic);
        let now = u64::try_from(now.tv_sec).unwrap_or(0) * SECOND_NS
            + u64::try_from(now.tv_nsec).unwrap_or(0);
        self.admit_at(per_second, now)
    }

    fn admit_at(&self, per_second: u64, now_ns: u64) -> bool {
        let Some(step_ns) = SECOND_NS.checked_div(per_second) else {
            return false;
        };
        let take = |full_at: u64| {
            let full_at = full_at.max(now_ns) + step_ns;
            (full_at <= now_ns + SECOND_NS).then_some(full_at)
        };
        let taken = self
            .full_at_ns
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        taken.is_ok()
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
    use super::*;
    use crate::conf::Conf;

    fn limits(concurrency: u64) -> Limits {
        Limits {
            concurrency,
            ..Conf::default().limits.defaults()
        }
    }

    #[test]
    fn a_rate_is_met_exactly() {
        for per_second in [1, 3, 100, 5_000] {
            let rate = Rate::default();
            let admitted = |from_ms: u64, to_ms: u64| {
                let times = from_ms * 50..to_ms * 50;
                let asked = times.filter(|n| rate.admit_at(per_second, n * 20_000 + SECOND_NS));
                asked.count() as u64
            };
            // What has gathered, and what a second brings; afterwards only the latter.
            let first = admitted(0, 1_000);
            assert!(first.abs_diff(2 * per_second) <= 1, "{per_second}: {first}");
            let later = admitted(1_000, 11_000);
            assert!(
                later.abs_diff(10 * per_second) <= 1,
                "{per_second}: {later}"
            );
        }
        assert!(!Rate::default().admit_at(0, 5));
    }

    #[test]
    fn whoever_runs_most_is_refused_first() {
        let metrics = Arc::new(Metrics::new(10));
        let limiter = Arc::new(Limiter::new(8, metrics.clone()));
        let tenant = |name| {
            let id = TenantId::new("production", name).expect("valid");
            Arc::new(Tenant::new(id, &metrics))
        };
        let (greedy, modest) = (tenant("greedy"), tenant("modest"));
        let admit = |tenant| limiter.admit(tenant, &limits(1_000));
        let held: Vec<_> = std::iter::from_fn(|| admit(&greedy).ok()).collect();
        assert_eq!(held.len(), 4);
        assert_eq!(admit(&greedy).err(), Some(Limit::Instances));
        let others: Vec<_> = std::iter::from_fn(|| admit(&modest).ok()).collect();
        assert_eq!(others.len(), 2, "half of what the other has left");
        assert!(admit(&tenant("third")).is_ok());
    }

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
        let limits = limits(2);
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
