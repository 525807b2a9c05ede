//! Custom hostnames: claimed, changed, removed. What proves control over one, and asks for its certificate, comes later
//! and goes by the same records.

use serde_json::Value;
use time::OffsetDateTime;

use super::certificates::{SslChange, WantedCertificates};
use super::hostname_rules::{self, HostnameError};
use super::{Control, ControlError, now, random_uuid};
use crate::model::custom_hostname::{HostnameEvent, Ownership, Wanted};
use crate::model::{CustomHostname, HostnamePattern, HostnameStatus, TenantId};
use crate::store::custom_hostnames::{self as records, Claim, Holder};
use crate::store::keys;

/// What `verification_errors` say of a hostname on the operator's list.
const DENIED: &str = "The operator of this platform does not serve this hostname.";
/// What the record of an active hostname says proved it when an operator did.
const PROVEN_BY_OPERATOR: &str = "operator";

/// A custom hostname to make.
#[derive(Debug, Default)]
pub struct NewHostname {
    /// The zone's id.
    pub zone: String,
    /// The hostname or wildcard, as somebody wrote it.
    pub hostname: String,
    /// The worker that answers; without one, the zone says who does.
    pub worker: Option<TenantId>,
    /// What is said of it.
    pub said: HostnameChange,
    /// The operator says that control over it is proven.
    pub is_trusted: bool,
}

/// What is said of a custom hostname: what is absent stays, what is there and `None` is removed.
#[derive(Debug, Default)]
pub struct HostnameChange {
    /// `custom_metadata`.
    pub metadata: Option<Option<Value>>,
    /// `custom_origin_server`.
    pub origin: Option<Option<String>>,
    /// The operator says it, who may name any origin.
    pub is_operators: bool,
    /// `custom_origin_sni`.
    pub origin_sni: Option<Option<String>>,
    /// `ssl`.
    pub ssl: Option<Option<SslChange>>,
}

/// How many custom hostnames a zone has, and may have.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// What it may have.
    pub allocated: u64,
    /// What it has.
    pub used: u64,
}

impl Control {
    /// Claims a hostname for a zone.
    ///
    /// # Errors
    /// [`ControlError::Hostname`], which says why it cannot be.
    pub async fn create_custom_hostname(
        &self,
        new: NewHostname,
    ) -> Result<CustomHostname, ControlError> {
        let zone = hostname_rules::zone(&new.zone)?.to_owned();
        let pattern = hostname_rules::hostname(&new.hostname, &self.hostnames)?;
        let now_s = now_s();
        let mut hostname = CustomHostname {
            id: random_uuid()?,
            zone,
            hostname: pattern.to_string(),
            status: HostnameStatus::Pending,
            created_at: now(),
            changed_at: now_s,
            revision: 1,
            is_by_hand: false,
            wanted: Wanted::default(),
            ownership: Ownership {
                token: random_uuid()?,
                next_at: now_s,
                ..Ownership::default()
            },
            ssl: None,
        };
        if let Some(worker) = &new.worker {
            hostname.wanted.worker = Some(worker.worker().to_owned());
            hostname.wanted.namespace = (worker.namespace() != crate::model::REGULAR)
                .then(|| worker.namespace().to_owned());
        }
        let wanted = self
            .apply(&mut hostname, &pattern, &new.said, now_s)
            .await?;
        if new.is_trusted {
            hostname.ownership.proof = Some(PROVEN_BY_OPERATOR.to_owned());
            // Whoever vouches for it is not contradicted by its DNS.
            hostname.ownership.next_at = 0;
            hostname.pass(HostnameEvent::Proven, now_s);
        }
        self.deny(&mut hostname, &pattern, now_s);
        let store = &*self.store;
        if records::holder(store, &pattern).await? == Holder::Operator {
            let why = " The operator leads it somewhere without a custom hostname.";
            return Err(HostnameError::Duplicate(why).into());
        }
        hostname.ownership.is_contested =
            !new.is_trusted && records::is_contested(store, &hostname, now_s).await?;
        self.claim_within_quota(&hostname, now_s).await?;
        if !records::contest(store, &hostname).await?.is_empty() && !new.is_trusted {
            // Another claim came at the same time.
            let contested = |hostname: &mut CustomHostname| hostname.ownership.is_contested = true;
            if let Some(contested) = records::change(store, &hostname.id, contested).await? {
                hostname = contested;
            }
        }
        self.certify(&hostname, wanted).await?;
        match hostname.status.is_active() {
            true => {
                records::take_over(store, &hostname, now_s).await?;
            }
            false => {
                records::publish(store, &hostname).await?;
            }
        }
        Ok(hostname)
    }

    /// The custom hostname of this id in this zone.
    ///
    /// # Errors
    /// [`HostnameError::Missing`] when the zone has none, [`HostnameError::Id`] for what is no id.
    pub async fn custom_hostname(
        &self,
        zone: &str,
        id: &str,
    ) -> Result<CustomHostname, ControlError> {
        Ok(self.stored_custom_hostname(zone, id).await?.0)
    }

    /// The same, with the bytes it was read from.
    pub(super) async fn stored_custom_hostname(
        &self,
        zone: &str,
        id: &str,
    ) -> Result<(CustomHostname, bytes::Bytes), ControlError> {
        let found = self.stored_or_being_removed(zone, id).await?;
        let is_there = records::is_there(&found.0);
        Ok(is_there.then_some(found).ok_or(HostnameError::Missing)?)
    }

    async fn stored_or_being_removed(
        &self,
        zone: &str,
        id: &str,
    ) -> Result<(CustomHostname, bytes::Bytes), ControlError> {
        hostname_rules::zone(zone)?;
        if !hostname_rules::is_uuid(id) {
            return Err(HostnameError::Id.into());
        }
        let found = records::read(&*self.store, &id.to_ascii_lowercase()).await?;
        let found = found.filter(|(hostname, _)| hostname.zone == zone);
        Ok(found.ok_or(HostnameError::Missing)?)
    }

    /// The custom hostname that a zone has for a hostname or wildcard.
    ///
    /// # Errors
    /// [`HostnameError::Missing`] when it has none.
    pub async fn custom_hostname_named(
        &self,
        zone: &str,
        name: &str,
    ) -> Result<CustomHostname, ControlError> {
        hostname_rules::zone(zone)?;
        let pattern = HostnamePattern::parse(name);
        let pattern = pattern.map_err(|error| HostnameError::Invalid(error.to_string()))?;
        let place = keys::custom_hostname_in(zone, &pattern);
        let id = self.store.get(&[place]).await?.pop().flatten();
        let id = id.and_then(|id| String::from_utf8(id.to_vec()).ok());
        let id = id.ok_or(HostnameError::Missing)?;
        self.custom_hostname(zone, &id).await
    }

    /// Changes a custom hostname. A change that says nothing new has it checked again from the beginning.
    ///
    /// # Errors
    /// [`ControlError::Hostname`], which says why it cannot be.
    pub async fn change_custom_hostname(
        &self,
        zone: &str,
        id: &str,
        change: &HostnameChange,
    ) -> Result<CustomHostname, ControlError> {
        for _ in 0..super::ATTEMPTS {
            let (mut hostname, before) = self.stored_custom_hostname(zone, id).await?;
            let pattern = pattern_of(&hostname)?;
            let was = hostname.clone();
            let now_s = now_s();
            let wanted = self.apply(&mut hostname, &pattern, change, now_s).await?;
            match hostname == was {
                true => self.refresh(&mut hostname, &pattern, now_s).await?,
                false => hostname.revision += 1,
            }
            if !records::replace(&*self.store, &before, &hostname).await? {
                continue;
            }
            let is_shown = |hostname: &CustomHostname| {
                hostname
                    .ssl
                    .as_ref()
                    .is_some_and(|ssl| !ssl.records.is_empty())
            };
            if is_shown(&was) && !is_shown(&hostname) {
                // Nobody looks for it any more.
                self.store.write(&records::answers(&was)).await?;
            }
            self.certify(&hostname, wanted).await?;
            records::publish(&*self.store, &hostname).await?;
            let wake = records::wake(&hostname.id, now_s);
            self.store.write(&[wake]).await?;
            return Ok(hostname);
        }
        Err(ControlError::Busy)
    }

    /// Removes a custom hostname, its certificates included; one whose removal was interrupted, to the end.
    ///
    /// # Errors
    /// [`HostnameError::Missing`] when the zone has none of this id.
    pub async fn delete_custom_hostname(
        &self,
        zone: &str,
        id: &str,
    ) -> Result<CustomHostname, ControlError> {
        let (hostname, _) = self.stored_or_being_removed(zone, id).await?;
        let release_s = i64::try_from(self.conf.hostnames.release_s).unwrap_or(i64::MAX);
        let until = now_s().saturating_add(release_s);
        records::remove(&*self.store, &hostname, until).await?;
        Ok(hostname)
    }

    /// How many custom hostnames a zone has, and may have.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn hostname_quota(&self, zone: &str) -> Result<Quota, ControlError> {
        hostname_rules::zone(zone)?;
        let counts = self.store.counts(&[keys::custom_hostnames(zone)]).await?;
        Ok(Quota {
            allocated: self.conf.hostnames.zone_max,
            used: counts.first().copied().unwrap_or(0),
        })
    }

    /// Puts what is said into a custom hostname; gives what is to be done about its certificates once it is written.
    async fn apply(
        &self,
        hostname: &mut CustomHostname,
        pattern: &HostnamePattern,
        said: &HostnameChange,
        now_s: i64,
    ) -> Result<WantedCertificates, ControlError> {
        let wanted = &mut hostname.wanted;
        if let Some(metadata) = &said.metadata {
            wanted.metadata = match metadata {
                Some(metadata) => hostname_rules::metadata(metadata)?,
                None => None,
            };
        }
        if let Some(origin) = &said.origin {
            let origin = origin.as_deref().filter(|origin| !origin.is_empty());
            let origin = origin.map(hostname_rules::origin).transpose()?;
            // Whoever sends back what he was shown names nothing.
            let is_new = wanted.origin != origin;
            if let Some(origin) = &origin
                && is_new
                && !said.is_operators
            {
                hostname_rules::within_reach(origin, &self.reach)?;
            }
            if is_new || said.is_operators {
                // A name is held against its addresses whenever it is dialled.
                wanted.origin_public_only = !said.is_operators;
            }
            wanted.origin = origin;
            if wanted.origin.is_some() {
                // It leads to one place: what was said last.
                (wanted.namespace, wanted.worker) = (None, None);
            }
        }
        if let Some(sni) = &said.origin_sni {
            let sni = sni.as_deref().filter(|sni| !sni.is_empty());
            wanted.origin_sni = sni.map(hostname_rules::origin_sni).transpose()?;
        }
        match &said.ssl {
            None => Ok(WantedCertificates::AsTheyAre),
            Some(None) if hostname.ssl.is_none() => Ok(WantedCertificates::AsTheyAre),
            Some(None) => {
                hostname.ssl = None;
                Ok(WantedCertificates::None)
            }
            Some(Some(ssl)) => self.apply_ssl(hostname, pattern, ssl, now_s).await,
        }
    }

    /// Has it checked again from the beginning.
    async fn refresh(
        &self,
        hostname: &mut CustomHostname,
        pattern: &HostnamePattern,
        now_s: i64,
    ) -> Result<(), ControlError> {
        hostname.pass(HostnameEvent::Refreshed, now_s);
        let is_active = hostname.status.is_active();
        let is_contested =
            !is_active && records::is_contested(&*self.store, hostname, now_s).await?;
        let ownership = &mut hostname.ownership;
        ownership.is_contested |= is_contested;
        if !is_active || ownership.proof.as_deref() != Some(PROVEN_BY_OPERATOR) {
            (ownership.attempts, ownership.next_at) = (0, now_s);
        }
        if !is_active {
            ownership.errors.clear();
        }
        super::certificates::refresh(hostname, now_s);
        self.deny(hostname, pattern, now_s);
        Ok(())
    }

    /// Blocks it if the operator does not serve it.
    fn deny(&self, hostname: &mut CustomHostname, pattern: &HostnamePattern, now_s: i64) {
        if self.hostnames.is_denied(pattern) {
            hostname.pass(HostnameEvent::Denied, now_s);
            hostname.ownership.errors = vec![DENIED.to_owned()];
        }
    }

    /// Claims it, unless its zone has as many as it may. One node counts for one claim at a time; several nodes may each
    /// refuse a claim at the edge of the quota, but never make one too many.
    async fn claim_within_quota(
        &self,
        hostname: &CustomHostname,
        now_s: i64,
    ) -> Result<(), ControlError> {
        let Ok(_turn) = self.claims.acquire().await else {
            return Err(ControlError::Busy);
        };
        let max = self.conf.hostnames.zone_max;
        if self.hostname_quota(&hostname.zone).await?.used >= max {
            // Whoever sends a claim again is told that it is there.
            if self
                .custom_hostname_named(&hostname.zone, &hostname.hostname)
                .await
                .is_ok()
            {
                return Err(HostnameError::Duplicate("").into());
            }
            return Err(HostnameError::Quota(max).into());
        }
        match records::claim(&*self.store, hostname, now_s).await? {
            Claim::Made => {}
            Claim::Twice(_) => return Err(HostnameError::Duplicate("").into()),
        }
        if self.hostname_quota(&hostname.zone).await?.used > max {
            records::remove(&*self.store, hostname, 0).await?;
            return Err(HostnameError::Quota(max).into());
        }
        Ok(())
    }
}

/// The hostname or wildcard of a record.
pub(super) fn pattern_of(hostname: &CustomHostname) -> Result<HostnamePattern, ControlError> {
    hostname.pattern().map_err(|error| ControlError::Record {
        key: keys::custom_hostname(&hostname.id),
        reason: error.to_string(),
    })
}

/// The time now, in seconds since 1970.
pub(super) fn now_s() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}
