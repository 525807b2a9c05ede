//! Zones: what custom hostnames have in common.

use super::hostname_rules::{self, HostnameError};
use super::{Control, ControlError, json, now};
use crate::model::Zone;
use crate::model::custom_hostname::FallbackOrigin;
use crate::store::{Write, keys};

pub use crate::model::custom_hostname::default_zone;

impl Control {
    /// Where custom hostnames of a zone lead that name no origin, if no worker answers.
    ///
    /// # Errors
    /// [`HostnameError::NoFallback`] when nothing is set.
    pub async fn fallback_origin(&self, zone: &str) -> Result<FallbackOrigin, ControlError> {
        let found = self.zone(zone).await?.0.fallback_origin;
        Ok(found.ok_or(HostnameError::NoFallback)?)
    }

    /// Leads custom hostnames that name no origin to one.
    ///
    /// # Errors
    /// [`ControlError::Hostname`] for what is no origin.
    pub async fn put_fallback_origin(
        &self,
        zone: &str,
        origin: &str,
    ) -> Result<FallbackOrigin, ControlError> {
        let origin = hostname_rules::origin(origin)?;
        hostname_rules::within_reach(&origin, &self.reach)?;
        let changed = self
            .change_zone(zone, |zone| {
                let made = zone.fallback_origin.take().map(|before| before.created_at);
                zone.fallback_origin = Some(FallbackOrigin {
                    origin: origin.clone(),
                    created_at: made.unwrap_or_else(now),
                    updated_at: now(),
                });
            })
            .await?;
        Ok(changed.fallback_origin.ok_or(HostnameError::NoFallback)?)
    }

    /// Takes a zone's fallback origin away; gives what it was.
    ///
    /// # Errors
    /// [`HostnameError::NoFallback`] when nothing is set.
    pub async fn delete_fallback_origin(&self, zone: &str) -> Result<FallbackOrigin, ControlError> {
        let before = self.fallback_origin(zone).await?;
        self.change_zone(zone, |zone| zone.fallback_origin = None)
            .await?;
        Ok(before)
    }

    /// Whether anything is known of a zone: custom hostnames, or a fallback origin.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn has_zone(&self, zone: &str) -> Result<bool, ControlError> {
        if hostname_rules::zone(zone).is_err() {
            return Ok(false);
        }
        Ok(self.hostname_quota(zone).await?.used > 0 || self.zone(zone).await?.1.is_some())
    }

    async fn zone(&self, zone: &str) -> Result<(Zone, Option<bytes::Bytes>), ControlError> {
        let key = keys::zone(hostname_rules::zone(zone)?);
        Ok(match self.read::<Zone>(&key).await? {
            Some((zone, bytes)) => (zone, Some(bytes)),
            None => (Zone::default(), None),
        })
    }

    async fn change_zone(
        &self,
        id: &str,
        change: impl Fn(&mut Zone),
    ) -> Result<Zone, ControlError> {
        let key = keys::zone(hostname_rules::zone(id)?);
        for _ in 0..super::ATTEMPTS {
            let (mut zone, before) = self.zone(id).await?;
            change(&mut zone);
            let write = match zone == Zone::default() {
                true => Write::Delete(key.clone()),
                false => Write::Put(key.clone(), json(&zone)),
            };
            if self
                .store
                .write_if(&[(key.clone(), before)], &[write])
                .await?
            {
                return Ok(zone);
            }
        }
        Err(ControlError::Busy)
    }
}
