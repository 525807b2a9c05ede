//! Secrets of scripts: sealed before they are written, and sealed anew when the key changes.

use super::scripts::tenant;
use super::{ATTEMPTS, Control, ControlError};
use crate::bindings;
use crate::model::binding::Secret;
use crate::model::{Binding, REGULAR, Script, TenantId};
use crate::store::keys;

/// Scripts looked at in one round trip.
const BATCH: usize = 500;

/// What is to become of one secret.
#[derive(Clone, Debug)]
pub enum SecretChange {
    /// It gets a value.
    Put(Binding),
    /// It goes.
    Delete(String),
}

impl Control {
    /// Changes secrets of a script, all of them or none.
    ///
    /// # Errors
    /// [`ControlError::NoSecret`] when one to be deleted is not there, [`ControlError`] of the bindings.
    pub async fn change_secrets(
        &self,
        tenant: &TenantId,
        changes: &[SecretChange],
        by: &str,
    ) -> Result<Script, ControlError> {
        let mut sealed = Vec::with_capacity(changes.len());
        for change in changes {
            sealed.push(match change {
                SecretChange::Put(binding) => {
                    SecretChange::Put(self.seal_binding(tenant, binding.clone())?)
                }
                SecretChange::Delete(name) => SecretChange::Delete(name.clone()),
            });
        }
        self.change_script(tenant, by, |script| {
            for change in &sealed {
                match change {
                    SecretChange::Put(binding) => {
                        script.bindings.retain(|b| b.name() != binding.name());
                        script.bindings.push(binding.clone());
                    }
                    SecretChange::Delete(name) => {
                        let is_it = |b: &Binding| b.secret().is_some() && b.name() == name;
                        if !script.bindings.iter().any(is_it) {
                            return Err(ControlError::NoSecret(name.clone()));
                        }
                        script.bindings.retain(|b| !is_it(b));
                    }
                }
            }
            Ok(bindings::check(&script.bindings)?)
        })
        .await
    }

    /// A binding as it is kept: with its secret sealed for this script and name.
    pub(super) fn seal_binding(
        &self,
        tenant: &TenantId,
        mut binding: Binding,
    ) -> Result<Binding, ControlError> {
        let place = bindings::place(tenant, binding.name());
        bindings::check_length(&binding)?;
        if let Some(secret) = binding.secret_mut() {
            // A text that looks sealed and came from outside is opened first, so that nobody plants another's secret.
            let text = self.keyring.reveal(&place, secret)?;
            *secret = Secret::Sealed(self.keyring.seal(&place, &text)?);
        }
        Ok(binding)
    }

    /// A binding with its secret in the open.
    pub(super) fn reveal_binding(
        &self,
        tenant: &TenantId,
        mut binding: Binding,
    ) -> Result<Binding, ControlError> {
        let place = bindings::place(tenant, binding.name());
        if let Some(secret) = binding.secret_mut() {
            *secret = Secret::Plain(self.keyring.reveal(&place, secret)?);
        }
        Ok(binding)
    }

    /// Seals secrets for another place, or with the key that seals now.
    pub(super) fn reseal(
        &self,
        from: &TenantId,
        to: &TenantId,
        all: &mut [Binding],
    ) -> Result<(), ControlError> {
        for binding in all {
            let old = bindings::place(from, binding.name());
            let new = bindings::place(to, binding.name());
            if let Some(secret) = binding.secret_mut() {
                let text = self.keyring.reveal(&old, secret)?;
                *secret = Secret::Sealed(self.keyring.seal(&new, &text)?);
            }
        }
        Ok(())
    }

    /// Seals every secret in the store with the key that seals now, also those written by hand in the open, and the keys of
    /// certificates; says how many scripts were changed. Afterwards the other keys can go.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked, or a secret does not open; those before it are done.
    pub async fn rotate_secrets(&self) -> Result<u64, ControlError> {
        let mut changed = 0;
        let records = self.store.list(keys::SCRIPT, "", usize::MAX >> 1).await?;
        let current = format!(".{}.", self.keyring.sealing_key());
        let is_current = |binding: &Binding| match binding.secret() {
            Some(Secret::Sealed(text)) => text.contains(&current),
            Some(Secret::Plain(_)) => false,
            None => true,
        };
        for key in records.chunks(BATCH).flatten() {
            let Some(tenant) = keys::script_tenant(key) else {
                continue;
            };
            for attempt in 0..=ATTEMPTS {
                if attempt == ATTEMPTS {
                    return Err(ControlError::Busy);
                }
                let found = self.read::<Script>(key).await?;
                let Some((mut script, bytes)) = found else {
                    break;
                };
                if script.bindings.iter().all(is_current) {
                    break;
                }
                self.reseal(&tenant, &tenant, &mut script.bindings)?;
                let expected = [(key.clone(), Some(bytes))];
                let put = crate::store::Write::Put(key.clone(), super::json(&script));
                if self.store.write_if(&expected, &[put]).await? {
                    changed += 1;
                    break;
                }
            }
        }
        self.reseal_versions().await?;
        self.reseal_certificates().await?;
        let sealing = self.keyring.sealing_key();
        self.change_account(|account| account.secrets_key = Some(sealing.clone()))
            .await?;
        Ok(changed)
    }

    async fn reseal_versions(&self) -> Result<(), ControlError> {
        for name in self
            .store
            .members(&keys::scripts(REGULAR), "", usize::MAX >> 1)
            .await?
        {
            let tenant = tenant(REGULAR, &name)?;
            self.change_versions(&tenant, |script| {
                self.reseal(&tenant, &tenant, &mut script.bindings)
            })
            .await?;
        }
        Ok(())
    }
}
