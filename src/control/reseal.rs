//! Keys of certificates, signing requests and authorities' accounts, sealed anew when the key they are sealed with changes.

use serde_json::Value;

use super::{ATTEMPTS, Control, ControlError};
use crate::model::custom_hostname::Certificates;
use crate::model::{CertificateRecord, HostnamePattern};
use crate::store::{Write, custom_hostnames as records, keys};
use crate::tls;

/// What becomes of a sealed text, in its place.
type Change<'a> = &'a dyn Fn(&str, &mut String) -> Result<(), ControlError>;

impl Control {
    /// Seals what has a certificate's key in it with the first key that is there.
    ///
    /// # Errors
    /// [`ControlError`], each variant its own case; what was not reached is sealed as before.
    pub(super) async fn reseal_keys_of_certificates(&self) -> Result<(), ControlError> {
        self.each(keys::CERTIFICATE, |pattern, bytes, change| {
            let mut record: CertificateRecord = serde_json::from_slice(bytes)?;
            let pattern = HostnamePattern::parse(pattern);
            if let Ok(pattern) = pattern {
                chains(&pattern, &mut record, change)?;
            }
            Ok(serde_json::to_vec(&record)?)
        })
        .await?;
        for key in self.keys(keys::KEPT_CERTIFICATES).await? {
            let id = key.strip_prefix(keys::KEPT_CERTIFICATES).unwrap_or(&key);
            let Some((hostname, _)) = records::read(&*self.store, id).await? else {
                continue;
            };
            let Ok(pattern) = hostname.pattern() else {
                continue;
            };
            self.one(&key, |bytes, change| {
                let mut kept: Certificates = serde_json::from_slice(bytes)?;
                chains(&pattern, &mut kept.own, change)?;
                if let (Some(below), HostnamePattern::Exact(name)) = (&mut kept.below, &pattern) {
                    chains(&HostnamePattern::Below(name.clone()), below, change)?;
                }
                Ok(serde_json::to_vec(&kept)?)
            })
            .await?;
        }
        self.each(keys::CSR, |id, bytes, change| {
            let mut record: Value = serde_json::from_slice(bytes)?;
            if let Value::String(key) = &mut record["key"] {
                change(&super::csrs::place(id), key)?;
            }
            Ok(serde_json::to_vec(&record)?)
        })
        .await?;
        self.each(keys::ACME_ACCOUNT, |authority, bytes, change| {
            let mut text = String::from_utf8_lossy(bytes).into_owned();
            change(&format!("acme account {authority}"), &mut text)?;
            Ok(text.into_bytes())
        })
        .await
    }

    async fn keys(&self, prefix: &str) -> Result<Vec<String>, ControlError> {
        Ok(self.store.list(prefix, "", usize::MAX >> 1).await?)
    }

    /// Has every record below a prefix written anew.
    async fn each(
        &self,
        prefix: &str,
        read: impl Fn(&str, &[u8], Change<'_>) -> Result<Vec<u8>, Unread>,
    ) -> Result<(), ControlError> {
        for key in self.keys(prefix).await? {
            let name = key.strip_prefix(prefix).unwrap_or(&key).to_owned();
            self.one(&key, |bytes, change| read(&name, bytes, change))
                .await?;
        }
        Ok(())
    }

    async fn one(
        &self,
        key: &str,
        read: impl Fn(&[u8], Change<'_>) -> Result<Vec<u8>, Unread>,
    ) -> Result<(), ControlError> {
        let change = |place: &str, sealed: &mut String| {
            let text = zeroize::Zeroizing::new(self.keyring.open_sealed(place, sealed)?);
            *sealed = self.keyring.seal(place, &text)?;
            Ok(())
        };
        let current = format!(".{}.", self.keyring.sealing_key());
        for _ in 0..ATTEMPTS {
            let name = [key.to_owned()];
            let Some(bytes) = self.store.get(&name).await?.pop().flatten() else {
                return Ok(());
            };
            let holds = |text: &str| memchr::memmem::find(&bytes, text.as_bytes()).is_some();
            if holds(&current) && !self.has_another(&bytes) {
                return Ok(());
            }
            let written = match read(&bytes, &change) {
                Ok(written) => written,
                Err(Unread::Control(error)) => return Err(error),
                Err(Unread::Json(error)) => {
                    tracing::warn!(key, %error, "a record cannot be read, and is left as it is");
                    return Ok(());
                }
            };
            let put = Write::Put(key.to_owned(), written.into());
            let expected = [(key.to_owned(), Some(bytes))];
            if self.store.write_if(&expected, &[put]).await? {
                return Ok(());
            }
        }
        Err(ControlError::Busy)
    }

    /// Whether something in a record is sealed with another key than the first.
    fn has_another(&self, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes);
        let current = self.keyring.sealing_key();
        text.match_indices("v1.").any(|(at, _)| {
            let id = text[at + 3..].split('.').next().unwrap_or_default();
            id.len() == 8 && id != current && id.bytes().all(|b| b.is_ascii_hexdigit())
        })
    }
}

/// Why a record was not sealed anew.
enum Unread {
    Json(serde_json::Error),
    Control(ControlError),
}

impl From<serde_json::Error> for Unread {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl From<ControlError> for Unread {
    fn from(error: ControlError) -> Self {
        Self::Control(error)
    }
}

fn chains(
    pattern: &HostnamePattern,
    record: &mut CertificateRecord,
    change: Change<'_>,
) -> Result<(), ControlError> {
    let place = tls::place(pattern);
    record
        .chains
        .iter_mut()
        .try_for_each(|chain| change(&place, &mut chain.key))
}
