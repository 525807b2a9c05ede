//! Seals the keys of certificates, signing requests and accounts at authorities with the key that seals now.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::csrs::Csr;
use super::{ATTEMPTS, Control, ControlError, json};
use crate::model::custom_hostname::{CertificateRecord, Certificates};
use crate::model::{CustomHostname, HostnamePattern};
use crate::store::{Write, keys};
use crate::tls;

impl Control {
    /// Seals them all; afterwards the other keys are not needed for them.
    pub(super) async fn reseal_certificates(&self) -> Result<(), ControlError> {
        for key in self
            .store
            .list(keys::CERTIFICATE, "", usize::MAX >> 1)
            .await?
        {
            let name = key.strip_prefix(keys::CERTIFICATE).unwrap_or("");
            let Ok(pattern) = HostnamePattern::parse(name) else {
                continue;
            };
            self.reseal_record(&key, |record: &mut CertificateRecord| {
                self.reseal_chains(&pattern, record)
            })
            .await?;
        }
        for key in self
            .store
            .list(keys::KEPT_CERTIFICATES, "", usize::MAX >> 1)
            .await?
        {
            let id = key.strip_prefix(keys::KEPT_CERTIFICATES).unwrap_or("");
            let found = self
                .read::<CustomHostname>(&keys::custom_hostname(id))
                .await?;
            let Some(pattern) = found.and_then(|(hostname, _)| hostname.pattern().ok()) else {
                continue;
            };
            self.reseal_record(&key, |kept: &mut Certificates| {
                self.reseal_chains(&pattern, &mut kept.own)?;
                if let (HostnamePattern::Exact(name), Some(below)) = (&pattern, &mut kept.below) {
                    self.reseal_chains(&HostnamePattern::Below(name.clone()), below)?;
                }
                Ok(())
            })
            .await?;
        }
        for key in self.store.list(keys::CSR, "", usize::MAX >> 1).await? {
            self.reseal_record(&key, |csr: &mut Csr| {
                csr.key = self.resealed(&super::csrs::place(&csr.id), &csr.key)?;
                Ok(())
            })
            .await?;
        }
        for key in self
            .store
            .list(keys::ACME_ACCOUNT, "", usize::MAX >> 1)
            .await?
        {
            let name = key.strip_prefix(keys::ACME_ACCOUNT).unwrap_or("");
            let found = self.store.get(std::slice::from_ref(&key)).await?;
            let Some(before) = found.into_iter().next().flatten() else {
                continue;
            };
            let sealed = String::from_utf8_lossy(&before);
            let after = Bytes::from(self.resealed(&format!("acme account {name}"), &sealed)?);
            // An account that was made anew meanwhile is sealed with the new key.
            let put = Write::Put(key.clone(), after);
            self.store.write_if(&[(key, Some(before))], &[put]).await?;
        }
        Ok(())
    }

    async fn reseal_record<R: DeserializeOwned + Serialize>(
        &self,
        key: &str,
        reseal: impl Fn(&mut R) -> Result<(), ControlError>,
    ) -> Result<(), ControlError> {
        for _ in 0..ATTEMPTS {
            let Some((mut record, before)) = self.read::<R>(key).await? else {
                return Ok(());
            };
            reseal(&mut record)?;
            let after = json(&record);
            let put = Write::Put(key.to_owned(), after.clone());
            if after == before
                || self
                    .store
                    .write_if(&[(key.to_owned(), Some(before))], &[put])
                    .await?
            {
                return Ok(());
            }
        }
        Err(ControlError::Busy)
    }

    fn reseal_chains(
        &self,
        pattern: &HostnamePattern,
        record: &mut CertificateRecord,
    ) -> Result<(), ControlError> {
        for chain in &mut record.chains {
            // An operator may have put one there in the open.
            if !chain.key.contains("-----BEGIN") {
                chain.key = self.resealed(&tls::place(pattern), &chain.key)?;
            }
        }
        Ok(())
    }

    /// A secret under the key that seals now; as it is, when that has sealed it.
    fn resealed(&self, place: &str, sealed: &str) -> Result<String, ControlError> {
        let current = format!(".{}.", self.keyring.sealing_key());
        if sealed.contains(&current) {
            return Ok(sealed.to_owned());
        }
        let text = Zeroizing::new(self.keyring.open_sealed(place, sealed)?);
        Ok(self.keyring.seal(place, &text)?)
    }
}
