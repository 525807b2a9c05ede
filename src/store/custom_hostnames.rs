//! Custom hostnames in the store: the objects, the sets that find them, and what the edges serve by.
//!
//! An object decides; the hostname's record and its certificates are made of it afterwards, because a Redis Cluster
//! compares and writes within one slot only. [`publish`] makes them anew from whatever the object says by then, so it may
//! be called at any time, by anybody, as often as they like.

use bytes::Bytes;
use thiserror::Error;
use time::OffsetDateTime;

use super::{KeyValue, StoreError, Write, keys};
use crate::model::custom_hostname::{
    CertificateRecord, Certificates, HostnameEvent, Released, TlsSettings, delegation_uuid,
};
use crate::model::route::RouteRecord;
use crate::model::{CustomHostname, Hostname, HostnamePattern, HostnameStatus};

/// How often a change is tried again when somebody else changes the same record at the same time.
const ATTEMPTS: usize = 20;
/// Claims to one hostname that are looked at.
const CLAIMS_MAX: usize = 1_000;
/// How long after a removal began somebody looks whether it has ended, in seconds: longer than one takes, and short,
/// since the hostname may be served until then.
const REMOVAL_RETRY_S: i64 = 5;

/// Why a custom hostname could not be read or changed.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The store could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is there cannot be read.
    #[error("the record {key} cannot be read: {reason}")]
    Unreadable {
        /// Its key.
        key: String,
        /// Why.
        reason: String,
    },
    /// Somebody else changes the same thing all the time.
    #[error("it is being changed by somebody else at the same time; try again")]
    Busy,
}

/// Whom a hostname is served for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Nobody.
    Nobody,
    /// The operator, who wrote its record himself.
    Operator,
    /// The custom hostname of this id.
    Custom(String),
}

/// What came of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is there.
    Made,
    /// Its zone has the hostname already, as the custom hostname of this id.
    Twice(String),
}

/// The custom hostname of this id, with the bytes it was read from.
///
/// # Errors
/// [`RecordError`] when the store cannot be asked, or the record cannot be read.
pub async fn read(
    store: &dyn KeyValue,
    id: &str,
) -> Result<Option<(CustomHostname, Bytes)>, RecordError> {
    object(store, keys::custom_hostname(id)).await
}

/// The custom hostnames of these ids, in their order; those that are gone, or being removed, or cannot be read are left
/// out.
///
/// # Errors
/// [`StoreError`] when the store cannot be asked.
pub async fn read_all(
    store: &dyn KeyValue,
    ids: &[&str],
) -> Result<Vec<CustomHostname>, StoreError> {
    let keys: Vec<String> = ids.iter().map(|id| keys::custom_hostname(id)).collect();
    let found = store.get(&keys).await?.into_iter().flatten();
    Ok(found
        .filter_map(|bytes| serde_json::from_slice(&bytes).ok())
        .filter(is_there)
        .collect())
}

/// Whether a custom hostname is not being removed: what is counts as gone for everybody but who removes it.
pub fn is_there(hostname: &CustomHostname) -> bool {
    hostname.status != HostnameStatus::Deleted
}

/// Writes a custom hostname if it still is what was read; whether it was. What the edges serve by follows with
/// [`publish`].
///
/// # Errors
/// [`StoreError`] when the store cannot be written.
pub async fn replace(
    store: &dyn KeyValue,
    before: &Bytes,
    hostname: &CustomHostname,
) -> Result<bool, StoreError> {
    let key = keys::custom_hostname(&hostname.id);
    let put = Write::Put(key.clone(), json(hostname));
    store.write_if(&[(key, Some(before.clone()))], &[put]).await
}

/// Changes a custom hostname, as often as it takes; gives it as it is then, `None` when it is gone. What the edges serve
/// by follows with [`publish`].
///
/// # Errors
/// [`RecordError`], each variant its own case.
pub async fn change(
    store: &dyn KeyValue,
    id: &str,
    mut change: impl FnMut(&mut CustomHostname),
) -> Result<Option<CustomHostname>, RecordError> {
    for _ in 0..ATTEMPTS {
        let Some((mut hostname, before)) = read(store, id).await? else {
            return Ok(None);
        };
        let was = hostname.clone();
        change(&mut hostname);
        if hostname == was || replace(store, &before, &hostname).await? {
            return Ok(Some(hostname));
        }
    }
    Err(RecordError::Busy)
}

/// Adds a custom hostname, which its zone must not have yet, and has it looked at as soon as possible. One that is being
/// removed is removed first.
///
/// # Errors
/// [`RecordError`], each variant its own case. What was written before is not found by anybody then, or by whoever
/// claims the hostname again.
pub async fn claim(
    store: &dyn KeyValue,
    hostname: &CustomHostname,
    now: i64,
) -> Result<Claim, RecordError> {
    let pattern = pattern_of(hostname)?;
    let object = keys::custom_hostname(&hostname.id);
    store
        .write(&[Write::Put(object.clone(), json(hostname))])
        .await?;
    // This one key decides which of two claims at a time its zone has.
    let place = keys::custom_hostname_in(&hostname.zone, &pattern);
    let mut is_made = false;
    for _ in 0..ATTEMPTS {
        let before = one(store, &place).await?;
        if let Some(id) = before.as_ref().and_then(|id| std::str::from_utf8(id).ok())
            && let Some((there, _)) = read(store, id).await?
        {
            if !is_there(&there) {
                // Who had it before was noted when its removal began.
                finish_removal(store, &there, now).await?;
                continue;
            }
            store.write(&[Write::Delete(object)]).await?;
            if !is_indexed(store, &there).await? {
                // Its claim was interrupted; without this nobody would ever find it.
                index(store, &there, now).await?;
            }
            return Ok(Claim::Twice(id.to_owned()));
        }
        let put = Write::Put(place.clone(), Bytes::from(hostname.id.clone()));
        if store.write_if(&[(place.clone(), before)], &[put]).await? {
            is_made = true;
            break;
        }
    }
    if !is_made {
        store.write(&[Write::Delete(object)]).await?;
        return Err(RecordError::Busy);
    }
    index(store, hostname, now).await?;
    Ok(Claim::Made)
}

/// Puts a custom hostname into the sets that find it, and has it looked at.
///
/// # Errors
/// [`RecordError`], each variant its own case.
pub async fn index(
    store: &dyn KeyValue,
    hostname: &CustomHostname,
    now: i64,
) -> Result<(), RecordError> {
    let id = hostname.id.clone();
    let changes = [
        Write::Add(keys::claims(&pattern_of(hostname)?), id.clone()),
        wake(&id, now),
        // Last: what is in it is in the others too.
        Write::Add(keys::custom_hostnames(&hostname.zone), member(hostname)),
    ];
    Ok(store.write(&changes).await?)
}

/// Whether it is in the sets that find it.
async fn is_indexed(store: &dyn KeyValue, hostname: &CustomHostname) -> Result<bool, StoreError> {
    let member = member(hostname);
    let mut before = member.clone();
    before.pop();
    let zone = keys::custom_hostnames(&hostname.zone);
    Ok(store.members(&zone, &before, 1).await?.first() == Some(&member))
}

/// The member of its zone's set.
pub fn member(hostname: &CustomHostname) -> String {
    format!("{} {}", hostname.hostname, hostname.id)
}

/// Has a custom hostname looked at at this time, in seconds since 1970.
pub fn wake(id: &str, at: i64) -> Write {
    Write::Add(keys::CUSTOM_HOSTNAMES_DUE.to_owned(), due(id, at))
}

/// The member of the set of those that are to be looked at.
pub fn due(id: &str, at: i64) -> String {
    format!("{:010} {id}", at.max(0))
}

/// Whom a hostname or wildcard is served for.
///
/// # Errors
/// [`StoreError`] when the store cannot be asked.
pub async fn holder(store: &dyn KeyValue, pattern: &HostnamePattern) -> Result<Holder, StoreError> {
    Ok(holder_of(
        one(store, &keys::hostname(pattern)).await?.as_ref(),
    ))
}

/// Every custom hostname that claims a hostname or wildcard, but for those that are being removed.
///
/// # Errors
/// [`StoreError`] when the store cannot be asked.
pub async fn claims(
    store: &dyn KeyValue,
    pattern: &HostnamePattern,
) -> Result<Vec<CustomHostname>, StoreError> {
    let ids = store
        .members(&keys::claims(pattern), "", CLAIMS_MAX)
        .await?;
    read_all(store, &ids.iter().map(String::as_str).collect::<Vec<_>>()).await
}

/// The zone that had a hostname a while ago, if that still counts.
///
/// # Errors
/// [`StoreError`] when the store cannot be asked.
pub async fn released(
    store: &dyn KeyValue,
    pattern: &HostnamePattern,
    now: i64,
) -> Result<Option<Released>, StoreError> {
    let found = one(store, &keys::released(pattern)).await?;
    let released = found.and_then(|bytes| serde_json::from_slice::<Released>(&bytes).ok());
    Ok(released.filter(|released| released.until > now))
}

/// Has the edges serve a custom hostname as it lies in the store by now, if it may have its hostname; whether it may. Of
/// one that is gone, or being removed, everything that edges serve is taken away.
///
/// A record that the operator wrote stays. One of another custom hostname stays while that is active, or as long as
/// neither is and the other is newer.
///
/// # Errors
/// [`RecordError`], each variant its own case.
pub async fn publish(store: &dyn KeyValue, hostname: &CustomHostname) -> Result<bool, RecordError> {
    let pattern = pattern_of(hostname)?;
    let key = keys::hostname(&pattern);
    for _ in 0..ATTEMPTS {
        // The record is read before the object: whoever changes the object meanwhile publishes it too, and this is
        // written only if nobody has.
        let before = one(store, &key).await?;
        let held_by = holder_of(before.as_ref());
        let there = read(store, &hostname.id).await?;
        let Some((ours, bytes)) = there.filter(|(there, _)| is_there(there)) else {
            if held_by != Holder::Custom(hostname.id.clone())
                || store
                    .write_if(&[(key.clone(), before)], &[Write::Delete(key.clone())])
                    .await?
            {
                take_back(store, &pattern, &hostname.id).await?;
                return Ok(false);
            }
            continue;
        };
        let displaced = match held_by {
            Holder::Nobody => None,
            Holder::Operator => return Ok(false),
            Holder::Custom(id) if id == ours.id => None,
            Holder::Custom(id) => match read(store, &id).await? {
                Some((other, _)) if !yields(&other, &ours) => return Ok(false),
                other => Some(other.map_or(id, |(other, _)| other.id)),
            },
        };
        let record = json(&ours.record());
        if before.as_ref() != Some(&record)
            && !store
                .write_if(&[(key.clone(), before)], &[Write::Put(key.clone(), record)])
                .await?
        {
            continue;
        }
        if let Some(id) = displaced {
            keep_certificates(store, &pattern, &id).await?;
        }
        serve_kept_certificates(store, &ours, &pattern).await?;
        // Whoever changed or removed it just now may have been done before the record was written.
        if one(store, &keys::custom_hostname(&ours.id)).await? == Some(bytes) {
            return Ok(true);
        }
    }
    Err(RecordError::Busy)
}

/// Whether the custom hostname that has a hostname lets another have it.
fn yields(other: &CustomHostname, ours: &CustomHostname) -> bool {
    let age = |hostname: &CustomHostname| (hostname.created_at.clone(), hostname.id.clone());
    if !is_there(other) {
        return true;
    }
    match (other.status.is_active(), ours.status.is_active()) {
        (true, _) => false,
        (false, true) => true,
        (false, false) => age(other) < age(ours),
    }
}

/// Whether another custom hostname is wanted, or had, by another zone.
pub fn rivals(hostname: &CustomHostname, other: &CustomHostname) -> bool {
    let is_alive = match other.status {
        HostnameStatus::Active | HostnameStatus::Pending => true,
        // Its customer may not have noticed, and his name may still point here.
        HostnameStatus::Moved => other.ownership.proof.is_some(),
        HostnameStatus::Blocked | HostnameStatus::Deleted => false,
    };
    is_alive && other.id != hostname.id && other.zone != hostname.zone
}

/// Whether another zone has a hostname, or a wildcard above it, wants it too, or had it until a while ago. All zones are
/// pointed at by the same name, so that a hostname points here says nothing of which of them it is meant for.
///
/// # Errors
/// [`RecordError`], each variant its own case.
pub async fn is_contested(
    store: &dyn KeyValue,
    hostname: &CustomHostname,
    now: i64,
) -> Result<bool, RecordError> {
    let pattern = pattern_of(hostname)?;
    let mut around = vec![pattern.clone()];
    if let HostnamePattern::Exact(name) | HostnamePattern::Below(name) = &pattern {
        let above = name
            .wildcards()
            .filter_map(|above| Hostname::parse(above).ok());
        around.extend(above.map(HostnamePattern::Below));
    }
    for pattern in around {
        let before = released(store, &pattern, now).await?;
        if before.is_some_and(|before| before.zone != hostname.zone) {
            return Ok(true);
        }
        let claims = claims(store, &pattern).await?;
        if claims.iter().any(|other| rivals(hostname, other)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Marks the claims of other zones to the hostname of this one, so that pointing here proves none of them; those that are
/// active stay as they are. Gives the ids of all of them.
///
/// # Errors
/// [`RecordError`], each variant its own case.
pub async fn contest(
    store: &dyn KeyValue,
    hostname: &CustomHostname,
) -> Result<Vec<String>, RecordError> {
    let mut found = Vec::new();
    for other in claims(store, &pattern_of(hostname)?).await? {
        if !rivals(hostname, &other) {
            continue;
        }
        if !other.status.is_active() && !other.ownership.is_contested {
            let contested = |other: &mut CustomHostname| {
                other.ownership.is_contested |= !other.status.is_active();
            };
            change(store, &other.id, contested).await?;
        }
        found.push(other.id);
    }
    Ok(found)
}

/// Has a custom hostname that was just proven win over all other claims to its hostname: those that were active are
/// `moved`. Gives their ids.
///
/// # Errors
/// [`RecordError`], each variant its own case.
pub async fn take_over(
    store: &dyn KeyValue,
    hostname: &CustomHostname,
    now: i64,
) -> Result<Vec<String>, RecordError> {
    let pattern = pattern_of(hostname)?;
    let mut moved = Vec::new();
    for other in claims(store, &pattern).await? {
        if other.id == hostname.id || !other.status.is_active() {
            continue;
        }
        let left = change(store, &other.id, |other| {
            if other.status.is_active() {
                other.pass(HostnameEvent::TakenOver, now);
                // It has to prove more than that it points here from now on.
                other.ownership.is_contested = true;
                other.ownership.errors =
                    vec!["Another zone has proven control over this hostname since.".into()];
            }
        });
        if left.await?.is_some() {
            moved.push(other.id);
        }
    }
    contest(store, hostname).await?;
    publish(store, hostname).await?;
    Ok(moved)
}

/// Has name servers of this edge answer with these TXT records where a hostname's zone has its challenges delegated to;
/// each custom hostname has records of its own there.
///
/// # Errors
/// [`RecordError`], each variant its own case.
pub async fn put_texts(
    store: &dyn KeyValue,
    hostname: &CustomHostname,
    texts: &[String],
) -> Result<(), RecordError> {
    let name = hostname.hostname.trim_start_matches("*.");
    let key = keys::dns_challenge(&format!("{name}.{}", delegation_uuid(&hostname.zone)));
    for _ in 0..ATTEMPTS {
        let before = one(store, &key).await?;
        let there = before.as_ref().map(|bytes| String::from_utf8_lossy(bytes));
        let others = there.iter().flat_map(|text| text.lines());
        let others = others.filter(|line| !line.starts_with(&hostname.id));
        let ours = texts.iter().map(|text| format!("{} {text}", hostname.id));
        let lines: Vec<String> = others.map(str::to_owned).chain(ours).collect();
        let after = lines.join("\n");
        if there.as_deref().unwrap_or_default() == after {
            return Ok(());
        }
        let change = match after.is_empty() {
            true => Write::Delete(key.clone()),
            false => Write::Put(key.clone(), after.into()),
        };
        if store.write_if(&[(key.clone(), before)], &[change]).await? {
            return Ok(());
        }
    }
    Err(RecordError::Busy)
}

/// Takes back what was put in place for a certificate authority to find, but for texts.
pub fn answers(hostname: &CustomHostname) -> Vec<Write> {
    let name = hostname.hostname.trim_start_matches("*.");
    let mut changes = vec![Write::Delete(keys::alpn_challenge(name))];
    let shown = hostname.ssl.iter().flat_map(|ssl| &ssl.records);
    let urls = shown.filter_map(|record| record.http_url.as_deref());
    let tokens = urls.filter_map(|url| url.rsplit_once('/'));
    changes.extend(tokens.map(|(_, token)| Write::Delete(keys::http_challenge(token))));
    changes
}

/// Removes a custom hostname with everything that was made of it. Who had proven control over it is remembered until
/// `until`, in seconds since 1970.
///
/// # Errors
/// [`RecordError`], each variant its own case; it can be removed again then, and once it is `deleted` the keeper does.
pub async fn remove(
    store: &dyn KeyValue,
    hostname: &CustomHostname,
    until: i64,
) -> Result<(), RecordError> {
    let is_proven = hostname.status.is_active() || hostname.ownership.proof.is_some();
    note_release(store, hostname, is_proven, until).await?;
    // Before anything is taken away, or a removal that is interrupted would never be ended.
    let check_at = OffsetDateTime::now_utc().unix_timestamp() + REMOVAL_RETRY_S;
    store.write(&[wake(&hostname.id, check_at)]).await?;
    let removed = change(store, &hostname.id, |hostname| {
        hostname.status = hostname.status.after(HostnameEvent::Removed);
    });
    let hostname = removed.await?.unwrap_or_else(|| hostname.clone());
    finish_removal(store, &hostname, until).await?;
    let due = due(&hostname.id, check_at);
    let looked_at = Write::Remove(keys::CUSTOM_HOSTNAMES_DUE.to_owned(), due);
    Ok(store.write(&[looked_at]).await?)
}

/// Takes away what is left of a custom hostname that is `deleted`, itself last; it can be done again at any time. Who had
/// proven control over it is remembered until `until`, in seconds since 1970, if that is not noted yet.
///
/// # Errors
/// [`RecordError`], each variant its own case; it can be done again then.
pub async fn finish_removal(
    store: &dyn KeyValue,
    hostname: &CustomHostname,
    until: i64,
) -> Result<(), RecordError> {
    let pattern = pattern_of(hostname)?;
    let id = &hostname.id;
    // Its record says whether it had the hostname, so this comes before the record goes.
    note_release(store, hostname, hostname.ownership.proof.is_some(), until).await?;
    let mut changes = vec![
        Write::Remove(keys::custom_hostnames(&hostname.zone), member(hostname)),
        Write::Remove(keys::claims(&pattern), id.clone()),
    ];
    changes.extend(answers(hostname));
    store.write(&changes).await?;
    // Takes the record away, if it is its own, and the certificates.
    publish(store, hostname).await?;
    let place = keys::custom_hostname_in(&hostname.zone, &pattern);
    let ours = Some(Bytes::from(id.clone()));
    store
        .write_if(&[(place.clone(), ours)], &[Write::Delete(place)])
        .await?;
    // Another claim may have waited for it.
    for other in claims(store, &pattern).await? {
        publish(store, &other).await?;
    }
    let object = keys::custom_hostname(id);
    store.write(&[Write::Delete(object)]).await?;
    let times = [
        Some(hostname.ownership.next_at),
        hostname.ssl.as_ref().map(|ssl| ssl.next_at),
    ];
    let no_longer_due = |at| Write::Remove(keys::CUSTOM_HOSTNAMES_DUE.to_owned(), due(id, at));
    let times: Vec<Write> = times.into_iter().flatten().map(no_longer_due).collect();
    Ok(store.write(&times).await?)
}

/// Notes who had a hostname, if control over it was proven and nothing is noted that counts for longer.
async fn note_release(
    store: &dyn KeyValue,
    hostname: &CustomHostname,
    is_proven: bool,
    until: i64,
) -> Result<(), RecordError> {
    let pattern = pattern_of(hostname)?;
    // A claim that nobody proved says nothing, or anybody could make another's claim a contested one; nor does one that
    // has lost its hostname.
    if !is_proven || holder(store, &pattern).await? != Holder::Custom(hostname.id.clone()) {
        return Ok(());
    }
    let noted = released(store, &pattern, until.saturating_sub(1)).await?;
    if noted.is_some_and(|noted| noted.zone == hostname.zone) {
        return Ok(());
    }
    let released = Released {
        zone: hostname.zone.clone(),
        until,
    };
    let put = Write::Put(keys::released(&pattern), json(&released));
    Ok(store.write(&[put]).await?)
}

/// Serves these certificates for a custom hostname, or keeps them until it may have its hostname; whether they are
/// served.
///
/// # Errors
/// [`RecordError`], each variant its own case.
pub async fn put_certificates(
    store: &dyn KeyValue,
    hostname: &CustomHostname,
    certificates: &Certificates,
) -> Result<bool, RecordError> {
    let pattern = pattern_of(hostname)?;
    // Kept first: whatever happens next, `publish` finds them there.
    let kept = keys::kept_certificates(&hostname.id);
    store.write(&[Write::Put(kept, json(certificates))]).await?;
    let is_ours = holder(store, &pattern).await? == Holder::Custom(hostname.id.clone());
    if is_ours {
        serve_kept_certificates(store, hostname, &pattern).await?;
    }
    // Whoever removed it meanwhile did not see them.
    let there = read(store, &hostname.id).await?;
    if there.is_none_or(|(there, _)| !is_there(&there)) {
        take_back(store, &pattern, &hostname.id).await?;
        return Ok(false);
    }
    Ok(is_ours)
}

/// The certificates of a custom hostname, wherever they are.
///
/// # Errors
/// [`RecordError`] when the store cannot be asked, or a record cannot be read.
pub async fn certificates(
    store: &dyn KeyValue,
    hostname: &CustomHostname,
) -> Result<Option<Certificates>, RecordError> {
    let kept = keys::kept_certificates(&hostname.id);
    if let Some((kept, _)) = object::<Certificates>(store, kept).await? {
        return Ok(Some(kept));
    }
    served_certificates(store, &pattern_of(hostname)?, &hostname.id).await
}

/// Takes a custom hostname's certificates away.
///
/// # Errors
/// [`RecordError`], each variant its own case.
pub async fn remove_certificates(
    store: &dyn KeyValue,
    hostname: &CustomHostname,
) -> Result<(), RecordError> {
    take_back(store, &pattern_of(hostname)?, &hostname.id).await
}

/// Takes away the certificates of the custom hostname of this id: those that are served, and those that are kept.
async fn take_back(
    store: &dyn KeyValue,
    pattern: &HostnamePattern,
    id: &str,
) -> Result<(), RecordError> {
    // Kept ones first: a `publish` at the same time would serve them.
    let kept = keys::kept_certificates(id);
    store.write(&[Write::Delete(kept)]).await?;
    forget_certificates(store, pattern, id).await
}

/// Gives the certificates of a custom hostname other settings of the listener; those for the names below it go if they
/// are not wanted any more.
///
/// # Errors
/// [`RecordError`], each variant its own case.
pub async fn put_settings(
    store: &dyn KeyValue,
    hostname: &CustomHostname,
    settings: &TlsSettings,
) -> Result<(), RecordError> {
    let Some(mut certificates) = certificates(store, hostname).await? else {
        return Ok(());
    };
    let before = certificates.clone();
    certificates.own.settings = settings.clone();
    certificates.below = certificates.below.filter(|_| hostname.below().is_some());
    if let Some(below) = &mut certificates.below {
        below.settings = settings.clone();
    }
    if certificates != before {
        put_certificates(store, hostname, &certificates).await?;
    }
    Ok(())
}

/// Serves what is kept for a custom hostname, which has its hostname.
async fn serve_kept_certificates(
    store: &dyn KeyValue,
    hostname: &CustomHostname,
    pattern: &HostnamePattern,
) -> Result<(), RecordError> {
    let key = keys::kept_certificates(&hostname.id);
    let Some((kept, bytes)) = object::<Certificates>(store, key.clone()).await? else {
        return Ok(());
    };
    serve(store, pattern, &kept.own, true).await?;
    match (below(pattern), &kept.below) {
        (Some(below), Some(record)) => serve(store, &below, record, false).await?,
        // It covered the names below until now, perhaps.
        (Some(below), None) => forget_certificate(store, &below, &hostname.id).await?,
        (None, _) => {}
    }
    store
        .write_if(&[(key.clone(), Some(bytes))], &[Write::Delete(key)])
        .await?;
    Ok(())
}

/// Serves one certificate. One that the operator put there stays; so does another custom hostname's, unless this one has
/// the hostname.
async fn serve(
    store: &dyn KeyValue,
    pattern: &HostnamePattern,
    record: &CertificateRecord,
    has_hostname: bool,
) -> Result<(), RecordError> {
    let key = keys::certificate(pattern);
    for _ in 0..ATTEMPTS {
        let before = one(store, &key).await?;
        let there = before
            .as_ref()
            .map(|bytes| serde_json::from_slice::<CertificateRecord>(bytes));
        match there {
            Some(Ok(there)) if there.custom.is_none() => return Ok(()),
            Some(Ok(there)) if !has_hostname && there.custom != record.custom => {
                let other = there.custom.map(Holder::Custom);
                if other == Some(holder(store, pattern).await?) {
                    return Ok(());
                }
            }
            _ => {}
        }
        let put = Write::Put(key.clone(), json(record));
        if store.write_if(&[(key.clone(), before)], &[put]).await? {
            return Ok(());
        }
    }
    Err(RecordError::Busy)
}

/// Keeps the certificates of a custom hostname that has lost its hostname for when it has it again.
async fn keep_certificates(
    store: &dyn KeyValue,
    pattern: &HostnamePattern,
    id: &str,
) -> Result<(), RecordError> {
    let Some(served) = served_certificates(store, pattern, id).await? else {
        return Ok(());
    };
    let owner = read(store, id).await?;
    if owner.is_some_and(|(owner, _)| is_there(&owner)) {
        let key = keys::kept_certificates(id);
        let put = Write::Put(key.clone(), json(&served));
        // What is kept already is newer than what is served.
        store.write_if(&[(key, None)], &[put]).await?;
    }
    forget_certificates(store, pattern, id).await
}

async fn served_certificates(
    store: &dyn KeyValue,
    pattern: &HostnamePattern,
    id: &str,
) -> Result<Option<Certificates>, RecordError> {
    let of = async |pattern: &HostnamePattern| {
        let found = object::<CertificateRecord>(store, keys::certificate(pattern)).await?;
        let record = found.map(|(record, _)| record);
        Ok::<_, RecordError>(record.filter(|record| record.custom.as_deref() == Some(id)))
    };
    let Some(own) = of(pattern).await? else {
        return Ok(None);
    };
    let below = match below(pattern) {
        Some(below) => of(&below).await?,
        None => None,
    };
    Ok(Some(Certificates { own, below }))
}

async fn forget_certificates(
    store: &dyn KeyValue,
    pattern: &HostnamePattern,
    id: &str,
) -> Result<(), RecordError> {
    for certified in [Some(pattern.clone()), below(pattern)]
        .into_iter()
        .flatten()
    {
        forget_certificate(store, &certified, id).await?;
    }
    Ok(())
}

/// Takes one certificate away, if it is this custom hostname's.
async fn forget_certificate(
    store: &dyn KeyValue,
    certified: &HostnamePattern,
    id: &str,
) -> Result<(), RecordError> {
    let key = keys::certificate(certified);
    for _ in 0..ATTEMPTS {
        let found = object::<CertificateRecord>(store, key.clone()).await?;
        let Some((_, before)) = found.filter(|(record, _)| record.custom.as_deref() == Some(id))
        else {
            return Ok(());
        };
        if store
            .write_if(
                &[(key.clone(), Some(before))],
                &[Write::Delete(key.clone())],
            )
            .await?
        {
            return Ok(());
        }
    }
    Err(RecordError::Busy)
}

/// The wildcard right below a hostname.
fn below(pattern: &HostnamePattern) -> Option<HostnamePattern> {
    match pattern {
        HostnamePattern::Exact(name) => Some(HostnamePattern::Below(name.clone())),
        HostnamePattern::Below(_) | HostnamePattern::Any => None,
    }
}

fn holder_of(record: Option<&Bytes>) -> Holder {
    let Some(bytes) = record else {
        return Holder::Nobody;
    };
    // What cannot be read is somebody's all the same.
    let record = serde_json::from_slice::<RouteRecord>(bytes).ok();
    match record.and_then(|record| record.custom) {
        Some(id) => Holder::Custom(id),
        None => Holder::Operator,
    }
}

fn pattern_of(hostname: &CustomHostname) -> Result<HostnamePattern, RecordError> {
    hostname.pattern().map_err(|error| RecordError::Unreadable {
        key: keys::custom_hostname(&hostname.id),
        reason: error.to_string(),
    })
}

async fn one(store: &dyn KeyValue, key: &str) -> Result<Option<Bytes>, StoreError> {
    Ok(store.get(&[key.to_owned()]).await?.pop().flatten())
}

async fn object<R: serde::de::DeserializeOwned>(
    store: &dyn KeyValue,
    key: String,
) -> Result<Option<(R, Bytes)>, RecordError> {
    let Some(bytes) = one(store, &key).await? else {
        return Ok(None);
    };
    match serde_json::from_slice(&bytes) {
        Ok(record) => Ok(Some((record, bytes))),
        Err(error) => Err(RecordError::Unreadable {
            key,
            reason: error.to_string(),
        }),
    }
}

fn json(record: &impl serde::Serialize) -> Bytes {
    serde_json::to_vec(record)
        .expect("records have text keys and plain values")
        .into()
}
