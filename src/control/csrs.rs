//! Certificate signing requests: a key is made here and never leaves; the certificate for it is uploaded later.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::hostname_rules::{HostnameError, is_uuid};
use super::{Control, ControlError, json, now, random_uuid};
use crate::pki::{self, KeyType, Subject};
use crate::store::{Write, keys};

/// Signing requests of one zone or account.
const CSRS_MAX: u64 = 1_000;

/// A signing request as it lies in the store.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Csr {
    /// A UUID.
    pub id: String,
    /// Whose it is: `zone <id>` or `account <id>`.
    pub owner: String,
    /// What is asked for, as it was given.
    #[serde(flatten)]
    pub asked: Asked,
    /// The request, PEM.
    pub csr: String,
    /// Its private key, PEM, sealed for `csr <id>`.
    pub key: String,
    /// RFC 3339.
    pub created_at: String,
}

/// What a signing request asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// `rsa2048` or `p256v1`.
    pub key_type: String,
    /// Two letters.
    pub country: String,
    /// State or province.
    pub state: String,
    /// City.
    pub locality: String,
    /// Who.
    pub organization: String,
    /// Which part of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub organizational_unit: String,
    /// The first name.
    pub common_name: String,
    /// All names.
    pub sans: Vec<String>,
    /// What people call it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What people say of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
}

impl Control {
    /// Makes a key and a signing request.
    ///
    /// # Errors
    /// [`HostnameError::Csr`], which says what cannot be asked for.
    pub async fn create_csr(&self, owner: &str, asked: Asked) -> Result<Csr, ControlError> {
        let refuse = |why: String| ControlError::from(HostnameError::Csr(why));
        let mut asked = asked;
        if asked.key_type.is_empty() {
            asked.key_type = "rsa2048".into();
        }
        let kind = match asked.key_type.as_str() {
            "rsa2048" => KeyType::Rsa2048,
            "p256v1" => KeyType::P256v1,
            _ => return Err(refuse("`key_type` is `rsa2048` or `p256v1`".into())),
        };
        check(&asked).map_err(refuse)?;
        let set = keys::csrs(owner);
        let counts = self.store.counts(std::slice::from_ref(&set)).await?;
        if counts.first().is_some_and(|count| *count >= CSRS_MAX) {
            return Err(refuse(format!(
                "there are {CSRS_MAX} signing requests, as many as there may be"
            )));
        }
        let subject = Subject {
            country: asked.country.clone(),
            state: asked.state.clone(),
            locality: asked.locality.clone(),
            organization: asked.organization.clone(),
            organizational_unit: asked.organizational_unit.clone(),
            common_name: asked.common_name.clone(),
            sans: asked.sans.clone(),
        };
        // An RSA key takes a good part of a second to make.
        let made = tokio::task::spawn_blocking(move || pki::signing_request(&subject, kind)).await;
        let made = made.map_err(|_| ControlError::Random)?;
        let (csr, key) = made.map_err(|error| refuse(error.to_string()))?;
        let id = random_uuid()?;
        let csr = Csr {
            key: self.keyring.seal(&place(&id), &key)?,
            owner: owner.to_owned(),
            asked,
            csr,
            created_at: now(),
            id: id.clone(),
        };
        let changes = [Write::Put(keys::csr(&id), json(&csr)), Write::Add(set, id)];
        self.store.write(&changes).await?;
        Ok(csr)
    }

    /// The signing requests of an owner, the oldest first.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn csrs(&self, owner: &str) -> Result<Vec<Csr>, ControlError> {
        let ids = self
            .store
            .members(&keys::csrs(owner), "", 2 * CSRS_MAX as usize)
            .await?;
        let keys: Vec<String> = ids.iter().map(|id| keys::csr(id)).collect();
        let found = self.store.get(&keys).await?.into_iter().flatten();
        let mut csrs: Vec<Csr> = found
            .filter_map(|bytes| serde_json::from_slice(&bytes).ok())
            .collect();
        csrs.sort_by(|a, b| (&a.created_at, &a.id).cmp(&(&b.created_at, &b.id)));
        Ok(csrs)
    }

    /// A signing request.
    ///
    /// # Errors
    /// [`HostnameError::NoCsr`] when the owner has none of this id, [`HostnameError::CsrId`] for what is no id.
    pub async fn csr(&self, owner: &str, id: &str) -> Result<Csr, ControlError> {
        let csr = self.any_csr(id).await?;
        match csr.owner == owner {
            true => Ok(csr),
            false => Err(HostnameError::NoCsr.into()),
        }
    }

    /// Removes a signing request with its key; a certificate that was uploaded for it stays in use.
    ///
    /// # Errors
    /// As [`Control::csr`].
    pub async fn delete_csr(&self, owner: &str, id: &str) -> Result<(), ControlError> {
        let csr = self.csr(owner, id).await?;
        let changes = [
            Write::Delete(keys::csr(&csr.id)),
            Write::Remove(keys::csrs(owner), csr.id),
        ];
        Ok(self.store.write(&changes).await?)
    }

    /// The key of a signing request, for a certificate in this zone: of the zone's own requests, or the account's.
    pub(super) async fn csr_key(
        &self,
        zone: &str,
        id: &str,
    ) -> Result<Zeroizing<String>, ControlError> {
        let csr = self.any_csr(id).await?;
        if csr.owner != owner_zone(zone) && !csr.owner.starts_with("account ") {
            return Err(HostnameError::NoCsr.into());
        }
        let key = self.keyring.open_sealed(&place(&csr.id), &csr.key)?;
        Ok(Zeroizing::new(key))
    }

    async fn any_csr(&self, id: &str) -> Result<Csr, ControlError> {
        if !is_uuid(id) {
            return Err(HostnameError::CsrId.into());
        }
        let key = keys::csr(&id.to_ascii_lowercase());
        let found = self.read::<Csr>(&key).await?;
        Ok(found.ok_or(HostnameError::NoCsr)?.0)
    }
}

/// The owner of a zone's signing requests.
pub fn owner_zone(zone: &str) -> String {
    format!("zone {zone}")
}

/// The owner of an account's signing requests.
pub fn owner_account(account: &str) -> String {
    format!("account {account}")
}

pub(super) fn place(id: &str) -> String {
    format!("csr {id}")
}

fn check(asked: &Asked) -> Result<(), String> {
    // Source: RFC 5280, Appendix A.1, the upper bounds of names.
    for (field, text, max) in [
        ("country", &asked.country, 2),
        ("state", &asked.state, 128),
        ("locality", &asked.locality, 128),
        ("organization", &asked.organization, 64),
        ("organizational_unit", &asked.organizational_unit, 64),
        ("common_name", &asked.common_name, 64),
        ("name", &asked.name, 128),
        ("description", &asked.description, 512),
    ] {
        let is_needed = !matches!(field, "organizational_unit" | "name" | "description");
        let length = text.chars().count();
        if (is_needed && length == 0) || length > max || text.chars().any(char::is_control) {
            return Err(format!(
                "`{field}` has at most {max} characters, and is needed"
            ));
        }
    }
    if asked.country.len() != 2 || !asked.country.bytes().all(|b| b.is_ascii_alphabetic()) {
        return Err("`country` is two letters".into());
    }
    let names = std::iter::once(&asked.common_name).chain(&asked.sans);
    for name in names {
        if let Err(error) = crate::model::HostnamePattern::parse(name) {
            let shown: String = name.chars().take(64).collect();
            return Err(format!("{shown:?} in `common_name` or `sans`: {error}"));
        }
    }
    match asked.sans.len() {
        1..=100 => Ok(()),
        _ => Err("`sans` has 1 to 100 names".into()),
    }
}
