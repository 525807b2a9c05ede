//! The account: one of them, whose id clients put into every path.

use serde::{Deserialize, Serialize};

use super::{Control, ControlError, json, random_id};
use crate::store::{Write, keys};

/// What all nodes on one store have in common.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    /// 32 hex digits.
    pub id: String,
    /// The key that secrets are sealed with; a node with another one would make secrets nobody else opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets_key: Option<String>,
    /// Whether a first token was ever made.
    #[serde(default)]
    pub has_tokens: bool,
}

impl Control {
    /// The account, made when there is none yet; the setting `api.account_id` wins.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked, or its secrets were sealed with a key that is not here.
    pub async fn account(&self) -> Result<Account, ControlError> {
        let key = keys::ACCOUNT.to_owned();
        loop {
            let found = self.read::<Account>(&key).await?;
            let (mut account, before) = match found {
                Some((account, bytes)) => (account, Some(bytes)),
                None => (
                    Account {
                        id: random_id()?,
                        secrets_key: None,
                        has_tokens: false,
                    },
                    None,
                ),
            };
            if !self.conf.api.account_id.is_empty() {
                account.id.clone_from(&self.conf.api.account_id);
            }
            let theirs = account
                .secrets_key
                .get_or_insert_with(|| self.keyring.sealing_key())
                .clone();
            if !self.keyring.has(&theirs) {
                return Err(ControlError::OtherKey {
                    theirs,
                    source_: self.keyring.source().to_owned(),
                });
            }
            let bytes = json(&account);
            if before.as_ref() == Some(&bytes)
                || self
                    .store
                    .write_if(&[(key.clone(), before)], &[Write::Put(key.clone(), bytes)])
                    .await?
            {
                return Ok(account);
            }
        }
    }

    /// Changes the account's record.
    pub(super) async fn change_account(
        &self,
        change: impl Fn(&mut Account),
    ) -> Result<bool, ControlError> {
        let key = keys::ACCOUNT.to_owned();
        let Some((mut account, before)) = self.read::<Account>(&key).await? else {
            return Ok(false);
        };
        change(&mut account);
        let put = Write::Put(key.clone(), json(&account));
        Ok(self.store.write_if(&[(key, Some(before))], &[put]).await?)
    }
}
