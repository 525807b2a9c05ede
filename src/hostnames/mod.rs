//! Custom hostnames on their way: control over them is proven, certificates are obtained and renewed.
//!
//! All nodes could do this; the one that holds the lease does. What is to be done when stands in a set in the order of
//! time, so that neither a start nor a second costs more where there are more hostnames. Every step ends in the store, and
//! can be taken again.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::{Notify, Semaphore};

use crate::conf::{Conf, HostnameRules};
use crate::egress::{Egress, EgressSetupError, ResolverError};
use crate::metrics::Metrics;
use crate::model::custom_hostname::{HostnameEvent, HostnameStatus};
use crate::model::{CustomHostname, HostnamePattern};
use crate::secrets::Keyring;
use crate::store::custom_hostnames::{self as records, RecordError};
use crate::store::{KeyValue, Write, keys};

mod acme;
mod authorities;
mod budget;
pub mod byhand;
mod challenges;
mod handshake;
mod lease;
mod outcome;
mod proof;
pub mod responder;
mod schedule;

use authorities::Authorities;
use lease::Lease;
use proof::{Proofs, Verdict};

/// How often it is looked at what is due.
const TICK: Duration = Duration::from_millis(500);
/// How long after a failure of the store.
const RETRY: Duration = Duration::from_secs(2);
/// How soon a hostname is looked at again when the node that looked at it is gone, or the store failed meanwhile.
const HELD_S: i64 = 10;
/// How long a record is left alone that cannot be read.
const UNREADABLE_S: i64 = 3_600;
/// Due hostnames read at a time.
const BATCH: usize = 1_000;
/// Hostnames looked at at the same time.
const AT_A_TIME: usize = 64;

/// Looks after custom hostnames.
pub struct Keeper {
    store: Arc<dyn KeyValue>,
    keyring: Arc<Keyring>,
    conf: Conf,
    rules: HostnameRules,
    proofs: Proofs,
    authorities: Authorities,
    /// Orders that may be under way.
    orders: Semaphore,
    under_way: Mutex<HashSet<String>>,
    seats: Arc<Semaphore>,
    by_hand: Arc<byhand::Written>,
    /// Records written by hand are being looked at.
    takes_in: AtomicBool,
    metrics: Arc<Metrics>,
    woken: Notify,
}

/// Why custom hostnames cannot be looked after.
#[derive(Debug, thiserror::Error)]
pub enum KeeperError {
    /// Names cannot be resolved.
    #[error(transparent)]
    Resolver(#[from] ResolverError),
    /// The network cannot be reached.
    #[error(transparent)]
    Egress(#[from] EgressSetupError),
}

impl Keeper {
    /// A keeper with these settings; `own` are the places of this edge that proofs must not be fetched from.
    ///
    /// # Errors
    /// [`KeeperError`], which says what to do.
    pub fn new(
        conf: &Conf,
        rules: &crate::conf::Parsed,
        own: Vec<crate::egress::Own>,
        store: Arc<dyn KeyValue>,
        keyring: Arc<Keyring>,
        by_hand: Arc<byhand::Written>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, KeeperError> {
        let resolver = proof::resolver(conf, &rules.hostnames)?;
        let names = crate::egress::resolver(&conf.egress, &rules.egress)?;
        let http = Egress::to_anywhere(&conf.acme.ca_file, &conf.egress, names, &metrics)?;
        Ok(Self {
            proofs: Proofs::new(conf, rules, own, resolver, &metrics)?,
            authorities: Authorities::new(&conf.acme, http, store.clone(), keyring.clone()),
            rules: rules.hostnames.clone(),
            orders: Semaphore::new(conf.acme.orders),
            under_way: Mutex::default(),
            seats: Arc::new(Semaphore::new(AT_A_TIME)),
            conf: conf.clone(),
            store,
            keyring,
            by_hand,
            takes_in: AtomicBool::new(false),
            metrics,
            woken: Notify::new(),
        })
    }

    /// Looks after custom hostnames, for as long as the process runs, whenever this node is the one that does.
    pub async fn run(self: Arc<Self>) {
        let mut lease = Lease::new(self.store.clone());
        loop {
            let wait = match self.turn(&mut lease).await {
                Ok(()) => TICK,
                Err(error) => {
                    tracing::warn!(%error, "custom hostnames cannot be looked after; trying again");
                    RETRY
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.woken.notified() => {}
            }
        }
    }

    async fn turn(self: &Arc<Self>, lease: &mut Lease) -> Result<(), RecordError> {
        let due = self
            .store
            .members(keys::CUSTOM_HOSTNAMES_DUE, "", BATCH)
            .await?;
        // An edge without custom hostnames writes nothing.
        if due.is_empty() && !self.is_wanted_by_hand().await? {
            self.metrics.hostnames_due.set(0);
            return Ok(());
        }
        let held_before = lease.is_held();
        if !lease.hold().await? {
            self.metrics.hostnames_due.set(0);
            // Whoever takes the lease next looks at all of them.
            self.by_hand.forget();
            return Ok(());
        }
        if !held_before {
            self.by_hand.look_at_all();
        }
        self.take_in_beside();
        let now = now();
        let is_due = |member: &&String| {
            let at = member.split_once(' ').and_then(|(at, _)| at.parse().ok());
            at.is_some_and(|at: i64| at <= now)
        };
        // Those that are being looked after are still among them.
        let waiting = due.iter().filter(is_due).count();
        self.metrics.hostnames_due.set(waiting as i64);
        for member in due {
            let Some((at, id)) = member.split_once(' ') else {
                self.forget(&member).await?;
                continue;
            };
            if at.parse().unwrap_or(0) > now || !lease.is_held() {
                break;
            }
            let Ok(seat) = self.seats.clone().try_acquire_owned() else {
                break;
            };
            if !self.lock().insert(id.to_owned()) {
                continue;
            }
            let (keeper, id) = (self.clone(), id.to_owned());
            tokio::spawn(async move {
                let _seat = seat;
                let held = records::due(&id, now + HELD_S);
                let result = match keeper.reschedule(&member, &held).await {
                    Ok(()) => keeper.look_after(&id, &held).await,
                    Err(error) => Err(error),
                };
                if let Err(error) = &result {
                    tracing::warn!(id, %error, "a custom hostname cannot be looked after");
                }
                // What no attempt will mend is left alone for a while, and keeps nobody else waiting.
                if matches!(result, Err(RecordError::Unreadable { .. })) {
                    let later = records::due(&id, now + UNREADABLE_S);
                    if let Err(error) = keeper.reschedule(&held, &later).await {
                        tracing::warn!(id, %error, "a custom hostname cannot be put off");
                    }
                }
                keeper.lock().remove(&id);
                if result.is_ok() {
                    keeper.woken.notify_one();
                }
            });
        }
        Ok(())
    }

    /// Takes in what was written by hand, beside what is due: there may be much of it.
    fn take_in_beside(self: &Arc<Self>) {
        if self.takes_in.swap(true, Ordering::AcqRel) {
            return;
        }
        let keeper = self.clone();
        tokio::spawn(async move {
            if let Err(error) = keeper.take_in().await {
                tracing::warn!(%error, "records written by hand could not be taken in; trying again");
            }
            keeper.takes_in.store(false, Ordering::Release);
        });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts one due member in the place of another.
    async fn reschedule(&self, member: &str, other: &str) -> Result<(), RecordError> {
        if member == other {
            return Ok(());
        }
        let due = || keys::CUSTOM_HOSTNAMES_DUE.to_owned();
        let add = Write::Add(due(), other.to_owned());
        let remove = Write::Remove(due(), member.to_owned());
        Ok(self.store.write(&[add, remove]).await?)
    }

    async fn forget(&self, member: &str) -> Result<(), RecordError> {
        let remove = Write::Remove(keys::CUSTOM_HOSTNAMES_DUE.to_owned(), member.to_owned());
        Ok(self.store.write(&[remove]).await?)
    }

    /// Does what is due for one custom hostname, and notes when something is due again. `member` stands for it meanwhile:
    /// no other name, so that whoever changes the hostname and wakes it while it is looked at is heard afterwards.
    async fn look_after(&self, id: &str, member: &str) -> Result<(), RecordError> {
        let Some((hostname, _)) = records::read(&*self.store, id).await? else {
            return self.forget(member).await;
        };
        let now = now();
        if hostname.status == HostnameStatus::Deleted {
            // Somebody has begun to remove it, and was interrupted.
            let release = i64::try_from(self.conf.hostnames.release_s).unwrap_or(i64::MAX);
            let until = now.saturating_add(release);
            records::finish_removal(&*self.store, &hostname, until).await?;
            return self.forget(member).await;
        }
        let is_due = |at: i64| at != 0 && at <= now;
        let proven = async {
            match is_due(hostname.ownership.next_at) {
                true => self.prove(&hostname, now).await,
                false => Ok(()),
            }
        };
        let certified = async {
            match hostname.ssl.as_ref().is_some_and(|ssl| is_due(ssl.next_at)) {
                true => match self.orders.try_acquire() {
                    Ok(_order) => self.certify(&hostname, now).await.map(|()| None),
                    // Authorities are slow: nobody's proof waits in this line.
                    Err(_) => Ok(Some(schedule::queued(now))),
                },
                false => Ok(None),
            }
        };
        let (proven, certified) = tokio::join!(proven, certified);
        proven?;
        let queued = certified?;
        let Some((after, _)) = records::read(&*self.store, id).await? else {
            return self.forget(member).await;
        };
        if self.is_taken_out(&after, now).await? {
            let release = i64::try_from(self.conf.hostnames.release_s).unwrap_or(i64::MAX);
            records::remove(&*self.store, &after, now.saturating_add(release)).await?;
            return self.forget(member).await;
        }
        // An interrupted change is mended here, too.
        records::publish(&*self.store, &after).await?;
        let times = [
            Some(after.ownership.next_at),
            queued.or_else(|| after.ssl.as_ref().map(|ssl| ssl.next_at)),
        ];
        let next = times.into_iter().flatten().filter(|at| *at != 0).min();
        match next {
            Some(at) => self.reschedule(member, &records::due(id, at)).await,
            None => self.forget(member).await,
        }
    }

    /// Looks for a proof that a hostname is its customer's.
    async fn prove(&self, hostname: &CustomHostname, now: i64) -> Result<(), RecordError> {
        let conf = &self.conf.hostnames;
        let Ok(pattern) = hostname.pattern() else {
            return self
                .change(hostname, |hostname| hostname.ownership.next_at = 0)
                .await;
        };
        if self.rules.is_denied(&pattern) {
            return self
                .change(hostname, |hostname| {
                    hostname.pass(HostnameEvent::Denied, now);
                    hostname.ownership.errors =
                        vec!["The operator of this platform does not serve this hostname.".into()];
                    hostname.ownership.next_at = 0;
                })
                .await;
        }
        match hostname.status {
            HostnameStatus::Blocked | HostnameStatus::Deleted => {
                return self
                    .change(hostname, |hostname| hostname.ownership.next_at = 0)
                    .await;
            }
            HostnameStatus::Moved => return self.keep_moved(hostname, now).await,
            HostnameStatus::Active | HostnameStatus::Pending => {}
        }
        let verdict = self.proofs.look(hostname, &pattern).await;
        let found = match &verdict {
            Verdict::Proven(_) => "proven",
            Verdict::Missing(_) => "missing",
            Verdict::Unknown(_) => "unknown",
        };
        self.metrics
            .hostname_checks
            .with_label_values(&[found])
            .inc();
        let was_active = hostname.status.is_active();
        let (revision, was_contested) = (hostname.revision, hostname.ownership.is_contested);
        let checked = |hostname: &mut CustomHostname| {
            // What was found is about what was asked for: with another revision it is asked for again.
            let is_other =
                hostname.revision != revision || hostname.ownership.is_contested != was_contested;
            if is_other {
                hostname.ownership.next_at = now;
                return;
            }
            let ownership = &mut hostname.ownership;
            ownership.checked_at = now;
            ownership.attempts = ownership.attempts.saturating_add(1);
            ownership.errors = match &verdict {
                Verdict::Proven(_) => Vec::new(),
                Verdict::Missing(errors) | Verdict::Unknown(errors) => errors.clone(),
            };
            ownership.next_at = now + schedule::after(ownership.attempts);
            match &verdict {
                Verdict::Proven(how) => {
                    ownership.proof = Some((*how).to_owned());
                    ownership.away_since = None;
                    ownership.is_contested = false;
                    ownership.attempts = 0;
                    ownership.next_at = schedule::recheck(now, conf.recheck_s);
                    hostname.pass(HostnameEvent::Proven, now);
                    if !was_active && let Some(ssl) = &mut hostname.ssl {
                        // The authority sees now what was seen here.
                        ssl.next_at = now.max(1);
                    }
                }
                Verdict::Missing(_) if hostname.status.is_active() => {
                    ownership.attempts = 0;
                    ownership.next_at = schedule::recheck(now, conf.recheck_s);
                    let since = *ownership.away_since.get_or_insert(now);
                    let patience = i64::try_from(conf.moved_after_s).unwrap_or(i64::MAX);
                    if patience > 0 && now - since >= patience {
                        ownership.next_at = now;
                        hostname.pass(HostnameEvent::Left, now);
                    }
                }
                // A server of names that does not answer says nothing.
                Verdict::Unknown(_) if hostname.status.is_active() => {
                    ownership.attempts = 0;
                    ownership.next_at = schedule::recheck(now, conf.recheck_s);
                }
                Verdict::Missing(_) | Verdict::Unknown(_) => {
                    if ownership.attempts >= schedule::ATTEMPTS {
                        hostname.pass(HostnameEvent::GivenUp, now);
                    }
                }
            }
        };
        let Some(after) = records::change(&*self.store, &hostname.id, checked).await? else {
            return Ok(());
        };
        if after.status.is_active() && !was_active {
            tracing::info!(
                hostname = after.hostname,
                proof = after.ownership.proof,
                "a custom hostname is active"
            );
            records::take_over(&*self.store, &after, now).await?;
        } else if after.status != hostname.status {
            tracing::info!(
                hostname = after.hostname,
                status = after.status.name(),
                "a custom hostname has changed"
            );
        }
        Ok(())
    }

    /// Removes a moved hostname when its time has come.
    async fn keep_moved(&self, hostname: &CustomHostname, now: i64) -> Result<(), RecordError> {
        let kept = i64::try_from(self.conf.hostnames.delete_moved_after_s).unwrap_or(i64::MAX);
        let end = hostname.changed_at.saturating_add(kept);
        if kept == 0 || now < end {
            let next = if kept == 0 { 0 } else { end };
            return self
                .change(hostname, |hostname| hostname.ownership.next_at = next)
                .await;
        }
        tracing::info!(
            hostname = hostname.hostname,
            "a moved custom hostname is removed"
        );
        let release = i64::try_from(self.conf.hostnames.release_s).unwrap_or(i64::MAX);
        records::remove(&*self.store, hostname, now.saturating_add(release)).await
    }

    async fn change(
        &self,
        hostname: &CustomHostname,
        change: impl FnMut(&mut CustomHostname),
    ) -> Result<(), RecordError> {
        records::change(&*self.store, &hostname.id, change)
            .await
            .map(|_| ())
    }
}

/// The hostname that proofs are looked for at: a wildcard's is the name below its star.
fn base(pattern: &HostnamePattern) -> Option<&str> {
    match pattern {
        HostnamePattern::Exact(name) | HostnamePattern::Below(name) => Some(name.as_str()),
        HostnamePattern::Any => None,
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
