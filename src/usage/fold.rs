//! Writes what this process has counted to the store: absolute amounts, so that a repeated or late write changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::sums::{self, UsageError, json};
use crate::conf::UsageConf;
use crate::ledger::Counters;
use crate::metrics::Metrics;
use crate::model::TenantId;
use crate::model::usage::{Amounts, Day};
use crate::store::{KeyValue, StoreError, Write, keys};

/// Reports written in one step; those of a namespace share a hash tag.
const BATCH: usize = 200;
/// Names added to lists in one step.
const NAMES: usize = 500;
/// Reports of a day are put together when it has been over for so long: by then every clock agrees, and every node has written.
const GRACE: Duration = Duration::from_secs(3_600);
/// How long the last fold may take.
const LAST: Duration = Duration::from_secs(5);
const HOUR_S: i64 = 3_600;

/// Writes what this process has counted.
pub struct Folder {
    store: Arc<dyn KeyValue>,
    metrics: Arc<Metrics>,
    interval: Duration,
    keep_days: u64,
    /// This process, among all there ever were.
    boot: String,
    /// The day that is counted for; held while a fold runs.
    day: Mutex<Day>,
    has_failed: AtomicBool,
}

/// What is to be written of one tenant and day.
struct Report {
    tenant: TenantId,
    counters: Arc<Counters>,
    day: Day,
    boot: String,
    key: String,
    amounts: Amounts,
    written: Option<Amounts>,
    is_unsure: bool,
    is_listed: bool,
    is_summed: bool,
}

impl Folder {
    /// Writes the ledger of these metrics into this store, under a name that no other process has.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn new(
        conf: &UsageConf,
        store: Arc<dyn KeyValue>,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<Self> {
        let mut bytes = [0; 8];
        aws_lc_rs::rand::fill(&mut bytes)
            .map_err(|_| std::io::Error::other("no random numbers"))?;
        Ok(Self {
            store,
            metrics,
            interval: Duration::from_secs(conf.interval_s),
            keep_days: conf.keep_days,
            boot: format!("{:016x}", u64::from_be_bytes(bytes)),
            day: Mutex::new(Day::today()),
            has_failed: AtomicBool::new(false),
        })
    }

    /// Writes now and then, and looks after days that are over, for as long as the process runs.
    pub async fn run(self: Arc<Self>) {
        let mut swept = 0;
        loop {
            let hour = OffsetDateTime::now_utc().unix_timestamp() / HOUR_S;
            if swept != hour {
                swept = hour;
                match self.sweep(hour).await {
                    Ok(()) => {}
                    // A store that is away is told of by whatever is to be written.
                    Err(UsageError::Store(StoreError::Unreachable(_) | StoreError::Timeout(_))) => {
                        swept = 0;
                    }
                    Err(error) => {
                        tracing::warn!(%error, "usage of earlier days could not be put together; trying again in an hour");
                    }
                }
            }
            // A look at midnight parts the days.
            let left = Day::today().end() - OffsetDateTime::now_utc();
            let left = Duration::try_from(left).unwrap_or_default();
            tokio::time::sleep(self.interval.min(left)).await;
            self.fold().await;
        }
    }

    /// Writes what has changed.
    pub async fn fold(&self) {
        match self.try_fold().await {
            Ok(()) => {
                if self.has_failed.swap(false, Ordering::Relaxed) {
                    tracing::info!("usage is written again");
                }
            }
            Err(error) => {
                self.metrics.usage_folds_failed.inc();
                // The first failure is told; the next ones would only repeat it.
                if !self.has_failed.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "usage could not be written; it is kept, and written when the store is back");
                }
            }
        }
    }

    /// Writes what has changed, once more, before the process ends.
    pub async fn last(&self) {
        if tokio::time::timeout(LAST, self.fold()).await.is_err() {
            tracing::warn!("the last usage could not be written in time");
        }
    }

    async fn try_fold(&self) -> Result<(), UsageError> {
        let mut day = self.day.lock().await;
        let all = self.metrics.ledger.all();
        self.metrics
            .usage_tenants
            .set(i64::try_from(all.len()).unwrap_or(i64::MAX));
        all.iter()
            .for_each(|(_, counters)| counters.take_down(*day));
        // A clock that is set back does not bring an earlier day back.
        *day = Day::today().max(*day);
        let mut reports = Vec::new();
        for (tenant, counters) in all {
            self.gather(&tenant, &counters, *day, &mut reports);
        }
        self.list(&mut reports).await?;
        // By namespace: one hash tag each.
        let mut by_namespace: BTreeMap<(String, bool), Vec<Report>> = BTreeMap::new();
        for report in reports {
            let namespace = report.tenant.namespace().to_owned();
            let is_sure = !report.is_unsure && !report.is_summed;
            let those = by_namespace.entry((namespace, is_sure)).or_default();
            those.push(report);
        }
        for ((_, is_sure), mut reports) in by_namespace {
            while !reports.is_empty() {
                let batch = reports.split_off(reports.len().saturating_sub(BATCH));
                match is_sure {
                    true => self.write(batch).await?,
                    false => self.settle(batch).await?,
                }
            }
        }
        self.metrics.ledger.forget_resting();
        Ok(())
    }

    /// What is to be written of a tenant; days that are over and written are closed.
    fn gather(
        &self,
        tenant: &TenantId,
        counters: &Arc<Counters>,
        today: Day,
        reports: &mut Vec<Report>,
    ) {
        let mut book = counters.book();
        book.days
            .retain(|entry| entry.day >= today || !entry.is_written());
        let boot = match counters.life() {
            0 => self.boot.clone(),
            life => format!("{}-{life}", self.boot),
        };
        let due = book.days.iter().filter(|entry| !entry.is_written());
        reports.extend(due.map(|entry| Report {
            tenant: tenant.clone(),
            counters: counters.clone(),
            day: entry.day,
            key: keys::usage(tenant, entry.day, &boot),
            boot: boot.clone(),
            amounts: entry.amounts(),
            written: entry.written,
            is_unsure: entry.is_unsure,
            is_listed: entry.is_listed,
            is_summed: entry.is_summed,
        }));
    }

    /// Names reports in the lists of their days, before they are there.
    async fn list(&self, reports: &mut [Report]) -> Result<(), StoreError> {
        let unlisted: Vec<&mut Report> = reports
            .iter_mut()
            .filter(|report| !report.is_listed && !report.is_summed)
            .collect();
        let mut unlisted = unlisted.into_iter().peekable();
        while unlisted.peek().is_some() {
            let batch: Vec<&mut Report> = unlisted.by_ref().take(NAMES).collect();
            let mut names: Vec<Write> = Vec::new();
            for report in &batch {
                let day = report.day.to_string();
                let is_new = !names.iter().any(|name| {
                    matches!(name, Write::Add(set, named) if set == keys::USAGE_DAYS && *named == day)
                });
                if is_new {
                    names.push(Write::Add(keys::USAGE_DAYS.to_owned(), day));
                }
                let member = sums::member(&report.tenant, &report.boot);
                names.push(Write::Add(keys::usage_day(report.day), member));
            }
            self.store.write(&names).await?;
            for report in batch {
                report.is_listed = true;
                report.note(|entry| entry.is_listed = true);
            }
        }
        Ok(())
    }

    /// Writes reports of one namespace whose keys hold what was written last.
    async fn write(&self, batch: Vec<Report>) -> Result<(), UsageError> {
        let expected = batch.iter().map(|report| {
            (
                report.key.clone(),
                report.written.map(|amounts| json(&amounts)),
            )
        });
        match self.swap(&batch, expected.collect()).await? {
            true => Ok(()),
            false => self.settle(batch).await,
        }
    }

    /// Writes reports whose keys may hold something else than what was written last.
    async fn settle(&self, batch: Vec<Report>) -> Result<(), UsageError> {
        let keys: Vec<String> = batch.iter().map(|report| report.key.clone()).collect();
        let found = self.store.get(&keys).await?;
        let (mut plain, mut expected, mut summed) = (Vec::new(), Vec::new(), Vec::new());
        for (report, found) in batch.into_iter().zip(found) {
            // What is gone was taken into the day's sum, or never was there: the sum is right for both. A key that is written anew
            // could be one that the list is just losing.
            if report.is_summed || found.is_none() {
                summed.push(report);
            } else {
                expected.push((report.key.clone(), found));
                plain.push(report);
            }
        }
        let add = summed.into_iter().map(|report| self.add(report));
        futures::future::try_join_all(add).await?;
        // What changes meanwhile stays in doubt, and is looked at the next time.
        self.swap(&plain, expected).await.map(|_| ())
    }

    async fn add(&self, report: Report) -> Result<(), UsageError> {
        let (store, day, tenant) = (&*self.store, report.day, &report.tenant);
        sums::add(store, day, tenant, &report.boot, report.amounts).await?;
        report.written(true);
        Ok(())
    }

    async fn swap(
        &self,
        batch: &[Report],
        expected: Vec<(String, Option<Bytes>)>,
    ) -> Result<bool, UsageError> {
        if batch.is_empty() {
            return Ok(true);
        }
        let put = |report: &Report| Write::Put(report.key.clone(), json(&report.amounts));
        let changes: Vec<Write> = batch.iter().map(put).collect();
        // Whatever ends this before an answer comes leaves it open whether they were written.
        batch.iter().for_each(Report::doubt);
        let is_written = self.store.write_if(&expected, &changes).await?;
        if is_written {
            batch.iter().for_each(|report| report.written(false));
        }
        Ok(is_written)
    }

    /// Puts together what is over, on the first node that comes to it in this hour.
    async fn sweep(&self, hour: i64) -> Result<(), UsageError> {
        // Nobody was served yet: there is nothing to put together, and nothing to write.
        if self
            .store
            .members(keys::USAGE_DAYS, "", 1)
            .await?
            .is_empty()
        {
            return Ok(());
        }
        let key = [keys::USAGE_PASS.to_owned()];
        let before = self.store.get(&key).await?.pop().flatten();
        let now = Bytes::from(hour.to_string());
        if before.as_ref() == Some(&now) {
            return Ok(());
        }
        let [key] = key;
        let claim = Write::Put(key.clone(), now);
        if !self.store.write_if(&[(key, before)], &[claim]).await? {
            return Ok(());
        }
        let today = Day::today();
        let settled = (OffsetDateTime::now_utc() - GRACE).date();
        let settled = Day::of(settled);
        sums::sweep(&*self.store, settled, today.before(self.keep_days)).await
    }
}

impl Report {
    /// Changes what is known of it, if it is still there.
    fn note(&self, change: impl FnOnce(&mut crate::ledger::DayBook)) {
        let mut book = self.counters.book();
        if let Some(entry) = book.days.iter_mut().find(|entry| entry.day == self.day) {
            change(entry);
        }
    }

    fn doubt(&self) {
        self.note(|entry| entry.is_unsure = true);
    }

    fn written(&self, is_summed: bool) {
        self.note(|entry| {
            entry.written = Some(self.amounts);
            entry.is_unsure = false;
            entry.is_summed |= is_summed;
        });
    }
}
