//! The reports of a day: found, read, put together, and removed in the end.

use std::collections::BTreeMap;

use bytes::Bytes;
use thiserror::Error;

use crate::model::TenantId;
use crate::model::usage::{Amounts, Day, Sum};
use crate::store::{KeyValue, StoreError, Write, keys};

/// Stands in the place of a boot id where all processes are put together.
pub const SUM: &str = "sum";
/// Members of a day's list read at a time.
const PAGE: usize = 1_000;
/// How often is tried again what somebody else changes at the same time.
const ATTEMPTS: usize = 10;

/// Why usage could not be read or put together. Nothing is lost then.
#[derive(Debug, Error)]
pub enum UsageError {
    /// The store could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A report cannot be read: a bill that leaves something out is worse than none.
    #[error("the report {key} cannot be read: {reason}")]
    Unreadable {
        /// Its key.
        key: String,
        /// Why.
        reason: String,
    },
    /// Others changed the same sum all the time.
    #[error("the sum {0} is changed by others all the time")]
    Busy(String),
}

/// A tenant's reports of a day: who has made them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reports {
    /// Whose usage they are of.
    pub tenant: TenantId,
    /// The boot ids, and `sum`.
    pub boots: Vec<String>,
}

/// What a day's list says of a report.
pub fn member(tenant: &TenantId, boot: &str) -> String {
    format!("{}/{} {boot}", tenant.namespace(), tenant.worker())
}

fn parse(member: &str) -> Option<(TenantId, &str)> {
    let (tenant, boot) = member.split_once(' ')?;
    Some((TenantId::parse(tenant).ok()?, boot))
}

/// What the list goes on after when all of a tenant is to be passed over: a space stands behind its name, and no name has
/// one of the characters up to the next.
pub fn behind(tenant: &TenantId) -> String {
    format!("{}/{}!", tenant.namespace(), tenant.worker())
}

/// The tenants of a day after a place in its list, as long as they begin with `prefix`; at most `limit` of them. Whether there
/// are more stands beside.
///
/// # Errors
/// [`StoreError`] when the store cannot be asked.
pub async fn tenants(
    store: &dyn KeyValue,
    day: Day,
    prefix: &str,
    after: &str,
    limit: usize,
) -> Result<(Vec<Reports>, bool), StoreError> {
    let list = keys::usage_day(day);
    let mut found: Vec<Reports> = Vec::new();
    // No name ends before its prefix does.
    let mut after = after.max(prefix).to_owned();
    loop {
        let members = store.members(&list, &after, PAGE).await?;
        for member in &members {
            if !member.starts_with(prefix) {
                return Ok((found, false));
            }
            // What somebody wrote by hand is nobody's.
            let Some((tenant, boot)) = parse(member) else {
                continue;
            };
            let boot = boot.to_owned();
            let is_full = found.len() == limit;
            match found.last_mut().filter(|last| last.tenant == tenant) {
                Some(last) => last.boots.push(boot),
                None if is_full => return Ok((found, true)),
                None => found.push(Reports {
                    tenant,
                    boots: vec![boot],
                }),
            }
        }
        match members.last() {
            Some(last) if members.len() == PAGE => after.clone_from(last),
            _ => return Ok((found, false)),
        }
    }
}

/// What a tenant used up on a day, all processes together.
///
/// # Errors
/// [`UsageError`].
pub async fn read(
    store: &dyn KeyValue,
    day: Day,
    reports: &Reports,
) -> Result<Amounts, UsageError> {
    let found = Found::read(store, day, reports).await?;
    Ok(found.merged()?.total())
}

/// Reports as they lie in the store.
struct Found {
    sum_key: String,
    sum: Option<Bytes>,
    /// Boot id, key and what lies there.
    reports: Vec<(String, String, Option<Bytes>)>,
}

impl Found {
    async fn read(store: &dyn KeyValue, day: Day, reports: &Reports) -> Result<Self, StoreError> {
        let tenant = &reports.tenant;
        let boots = reports.boots.iter().filter(|boot| *boot != SUM);
        let each: Vec<(String, String)> = boots
            .map(|boot| (boot.clone(), keys::usage(tenant, day, boot)))
            .collect();
        let sum_key = keys::usage(tenant, day, SUM);
        let mut asked: Vec<String> = each.iter().map(|(_, key)| key.clone()).collect();
        // Last, and always: what is put together while this is read is found in one of both.
        asked.push(sum_key.clone());
        let mut found = store.get(&asked).await?;
        let sum = found.pop().flatten();
        let reports = each.into_iter().zip(found);
        Ok(Self {
            sum_key,
            sum,
            reports: reports
                .map(|((boot, key), bytes)| (boot, key, bytes))
                .collect(),
        })
    }

    fn merged(&self) -> Result<Sum, UsageError> {
        let mut sum = sum_of(&self.sum_key, self.sum.as_deref())?;
        for (boot, key, bytes) in &self.reports {
            if let Some(bytes) = bytes {
                sum.take_in(boot, parsed(key, bytes)?);
            }
        }
        Ok(sum)
    }
}

fn sum_of(key: &str, bytes: Option<&[u8]>) -> Result<Sum, UsageError> {
    bytes.map_or_else(|| Ok(Sum::default()), |bytes| parsed(key, bytes))
}

fn parsed<T: serde::de::DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<T, UsageError> {
    serde_json::from_slice(bytes).map_err(|error| UsageError::Unreadable {
        key: key.to_owned(),
        reason: error.to_string(),
    })
}

/// Plain data as JSON.
pub(super) fn json(value: &impl serde::Serialize) -> Bytes {
    serde_json::to_vec(value)
        .expect("amounts have text keys and plain values")
        .into()
}

/// Adds what one process has counted to the sum of a day.
///
/// # Errors
/// [`UsageError`]; it may be repeated.
pub async fn add(
    store: &dyn KeyValue,
    day: Day,
    tenant: &TenantId,
    boot: &str,
    amounts: Amounts,
) -> Result<(), UsageError> {
    let key = keys::usage(tenant, day, SUM);
    let listed = [
        Write::Add(keys::USAGE_DAYS.to_owned(), day.to_string()),
        Write::Add(keys::usage_day(day), member(tenant, SUM)),
    ];
    store.write(&listed).await?;
    for _ in 0..ATTEMPTS {
        let bytes = store.get(std::slice::from_ref(&key)).await?.pop().flatten();
        let mut sum = sum_of(&key, bytes.as_deref())?;
        if !sum.take_in(boot, amounts) {
            return Ok(());
        }
        let put = Write::Put(key.clone(), json(&sum));
        if store.write_if(&[(key.clone(), bytes)], &[put]).await? {
            return Ok(());
        }
    }
    Err(UsageError::Busy(key))
}

/// Puts a tenant's reports of a day together: one sum, and the reports are gone.
///
/// The reports and their sum share a hash tag, so that both happen in one step, also in a Redis Cluster. Whatever interrupts
/// it before leaves all as it was, and afterwards only names in the day's list that lead nowhere.
///
/// # Errors
/// [`UsageError`]; it may be repeated.
pub async fn compact(store: &dyn KeyValue, day: Day, reports: &Reports) -> Result<(), UsageError> {
    let list = keys::usage_day(day);
    if reports.boots.iter().all(|boot| boot == SUM) {
        return Ok(());
    }
    let named = Write::Add(list.clone(), member(&reports.tenant, SUM));
    for _ in 0..ATTEMPTS {
        let found = Found::read(store, day, reports).await?;
        let sum = found.merged()?;
        let mut expected = vec![(found.sum_key.clone(), found.sum.clone())];
        let mut changes = vec![Write::Put(found.sum_key.clone(), json(&sum))];
        let mut gone = Vec::new();
        for (boot, key, bytes) in found.reports {
            if bytes.is_some() {
                changes.push(Write::Delete(key.clone()));
                expected.push((key, bytes));
            } else if !sum.by_boot.contains_key(&boot) {
                // Listed first, and on its way.
                continue;
            }
            gone.push(Write::Remove(list.clone(), member(&reports.tenant, &boot)));
        }
        if gone.is_empty() {
            return Ok(());
        }
        store.write(std::slice::from_ref(&named)).await?;
        if changes.len() == 1 || store.write_if(&expected, &changes).await? {
            store.write(&gone).await?;
            return Ok(());
        }
    }
    Err(UsageError::Busy(keys::usage(&reports.tenant, day, SUM)))
}

/// Puts together the reports of all days before `day`, and removes those of days before `kept_from`.
///
/// # Errors
/// [`UsageError`]; what was done stays done.
pub async fn sweep(store: &dyn KeyValue, day: Day, kept_from: Day) -> Result<(), UsageError> {
    let named = store.members(keys::USAGE_DAYS, "", usize::MAX >> 1).await?;
    let mut days: BTreeMap<Day, Vec<String>> = BTreeMap::new();
    for name in named {
        let text = name.split(' ').next().unwrap_or_default();
        if let Ok(parsed) = text.parse::<Day>() {
            days.entry(parsed).or_default().push(name);
        }
    }
    for (at, names) in days {
        let open = at.to_string();
        let forget = |name: &String| Write::Remove(keys::USAGE_DAYS.to_owned(), name.clone());
        if at < kept_from {
            remove(store, at).await?;
            let forget: Vec<Write> = names.iter().map(forget).collect();
            store.write(&forget).await?;
        } else if at < day && names.contains(&open) {
            let mut walk = Walk::of(at);
            while let Some(page) = walk.next(store).await? {
                for reports in &page {
                    compact(store, at, reports).await?;
                }
            }
            // Named closed before it is no longer named open: a report that comes late names it open again.
            let close = [
                Write::Add(keys::USAGE_DAYS.to_owned(), format!("{at} {SUM}")),
                forget(&open),
            ];
            store.write(&close).await?;
        }
    }
    Ok(())
}

async fn remove(store: &dyn KeyValue, day: Day) -> Result<(), UsageError> {
    let list = keys::usage_day(day);
    let mut walk = Walk::of(day);
    while let Some(page) = walk.next(store).await? {
        for Reports { tenant, boots } in &page {
            let mut gone = vec![Write::Delete(keys::usage(tenant, day, SUM))];
            for boot in boots {
                gone.push(Write::Delete(keys::usage(tenant, day, boot)));
                gone.push(Write::Remove(list.clone(), member(tenant, boot)));
            }
            store.write(&gone).await?;
        }
    }
    Ok(())
}

/// The tenants of a day, page after page.
struct Walk {
    day: Day,
    /// What the next page goes on after.
    after: Option<String>,
}

impl Walk {
    fn of(day: Day) -> Self {
        Self {
            day,
            after: Some(String::new()),
        }
    }

    async fn next(&mut self, store: &dyn KeyValue) -> Result<Option<Vec<Reports>>, StoreError> {
        let Some(after) = self.after.take() else {
            return Ok(None);
        };
        let (page, has_more) = tenants(store, self.day, "", &after, PAGE).await?;
        let last = page.last().filter(|_| has_more);
        self.after = last.map(|last| behind(&last.tenant));
        Ok(Some(page))
    }
}
