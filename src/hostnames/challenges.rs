//! What certificate authorities look for (RFC 8555 §8, RFC 8737): put in place, looked at, taken back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use instant_acme::{Account, AuthorizationStatus, ChallengeType, Error};
use sha2::{Digest, Sha256};

use super::{Keeper, base};
use crate::conf::TLS_ALPN;
use crate::model::CustomHostname;
use crate::model::custom_hostname::{SslMethod, ValidationRecord};
use crate::store::custom_hostnames::{self as records, RecordError};
use crate::store::{Write, keys};

/// A challenge that is to be met.
pub(super) struct Task {
    pub kind: ChallengeType,
    token: String,
    answer: String,
    dns_value: String,
}

impl Keeper {
    /// What this edge answers by itself, the preferred one first.
    pub(super) fn challenges(&self, method: SslMethod) -> Vec<ChallengeType> {
        let wanted: &[String] = match method {
            SslMethod::Http => &self.conf.acme.challenges,
            SslMethod::Txt => &[],
        };
        let kinds = wanted.iter().map(|kind| match kind.as_str() {
            TLS_ALPN => ChallengeType::TlsAlpn01,
            _ => ChallengeType::Http01,
        });
        kinds.collect()
    }

    /// Has this edge answer an authority.
    pub(super) async fn answer(
        &self,
        hostname: &CustomHostname,
        names: &[String],
        tasks: &[Task],
    ) -> Result<(), RecordError> {
        let base = names[0].trim_start_matches("*.");
        let mut writes = Vec::new();
        let mut texts = Vec::new();
        for task in tasks {
            let answer = task.answer.clone().into();
            match task.kind {
                ChallengeType::Http01 => {
                    writes.push(Write::Put(keys::http_challenge(&task.token), answer));
                }
                ChallengeType::TlsAlpn01 => {
                    writes.push(Write::Put(keys::alpn_challenge(base), answer));
                }
                ChallengeType::Dns01 => texts.push(task.dns_value.clone()),
                _ => {}
            }
        }
        self.store.write(&writes).await?;
        if !texts.is_empty() {
            records::put_texts(&*self.store, hostname, &texts).await?;
        }
        Ok(())
    }

    /// Takes back what [`Keeper::answer`] has put in place.
    pub(super) async fn forget_answers(
        &self,
        hostname: &CustomHostname,
    ) -> Result<(), RecordError> {
        records::put_texts(&*self.store, hostname, &[]).await?;
        Ok(self.store.write(&records::answers(hostname)).await?)
    }

    /// Whether an authority would find what it looks for, as far as this node can tell: it is told to look only then,
    /// since failures count against everybody here.
    pub(super) async fn sees(&self, hostname: &CustomHostname, task: &Task) -> Result<(), String> {
        let Task {
            kind,
            token,
            answer,
            dns_value,
        } = task;
        let Ok(pattern) = hostname.pattern() else {
            return Err("The hostname cannot be read.".into());
        };
        let name = base(&pattern).unwrap_or_default();
        match kind {
            ChallengeType::Dns01 => {
                let record = format!("_acme-challenge.{name}");
                match self.proofs.values(&record).await {
                    Ok(values) if values.iter().any(|value| value.trim() == *dns_value) => Ok(()),
                    Ok(_) => Err(format!(
                        "The TXT record {record} does not have the value {dns_value} yet."
                    )),
                    Err(reason) => Err(reason),
                }
            }
            ChallengeType::Http01 => {
                let path = format!("/.well-known/acme-challenge/{token}");
                match self.proofs.fetch(name, &path).await {
                    Ok(body) if body.trim() == answer => Ok(()),
                    Ok(_) => Err(format!(
                        "http://{name}{path} does not answer with its token: the hostname does not lead here yet."
                    )),
                    Err(reason) => Err(format!("http://{name}{path} cannot be fetched: {reason}.")),
                }
            }
            ChallengeType::TlsAlpn01 => {
                let digest = Sha256::digest(answer.as_bytes());
                let shown = self.proofs.shown(name).await.map_err(|reason| {
                    format!("https://{name} does not answer tls-alpn-01: {reason}.")
                })?;
                match shown.as_deref() == Some(digest.as_slice()) {
                    true => Ok(()),
                    false => Err(format!(
                        "https://{name} answers tls-alpn-01 with another token: the hostname does not lead here yet."
                    )),
                }
            }
            _ => Err("The authority offers nothing that this edge answers.".into()),
        }
    }
}

/// What an authority may look for: of what this edge would answer by itself, or dns-01 if that is none of it.
pub(super) fn chosen(
    authorization: &instant_acme::AuthorizationState,
    account: &Account,
    preferred: &[ChallengeType],
) -> Vec<Task> {
    let of = |kind: &ChallengeType| {
        let mut challenges = authorization.challenges.iter();
        let challenge = challenges.find(|challenge| challenge.r#type == *kind)?;
        let token = challenge.token.clone();
        // RFC 8555 §8.1 and §8.4.
        let answer = format!("{token}.{}", account.key_thumbprint());
        let dns_value = URL_SAFE_NO_PAD.encode(Sha256::digest(answer.as_bytes()));
        Some(Task {
            kind: kind.clone(),
            token,
            answer,
            dns_value,
        })
    };
    let tasks: Vec<Task> = preferred.iter().filter_map(of).collect();
    match tasks.is_empty() {
        // A wildcard has nothing else, whatever the method.
        true => of(&ChallengeType::Dns01).into_iter().collect(),
        false => tasks,
    }
}

/// What an order's authority will look for.
pub(super) async fn tasks(
    order: &mut instant_acme::Order,
    account: &Account,
    preferred: &[ChallengeType],
) -> Result<Vec<Task>, Error> {
    let mut tasks = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let authorization = authorization?;
        if authorization.status == AuthorizationStatus::Pending {
            tasks.extend(chosen(&authorization, account, preferred));
        }
    }
    Ok(tasks)
}

/// What the customer sees of it.
pub(super) fn validation(
    names: &[String],
    tasks: &[Task],
    method: SslMethod,
) -> Vec<ValidationRecord> {
    let base = names[0].trim_start_matches("*.");
    let shown = tasks.iter().filter_map(|task| {
        let mut record = ValidationRecord {
            status: "pending".into(),
            ..ValidationRecord::default()
        };
        match task.kind {
            ChallengeType::Http01 if method == SslMethod::Http => {
                record.http_url = Some(format!(
                    "http://{base}/.well-known/acme-challenge/{}",
                    task.token
                ));
                record.http_body = Some(task.answer.clone());
            }
            ChallengeType::Dns01 => {
                record.txt_name = Some(format!("_acme-challenge.{base}"));
                record.txt_value = Some(task.dns_value.clone());
            }
            _ => return None,
        }
        Some(record)
    });
    shown.collect()
}

/// Why an authority did not accept its proofs.
pub(super) async fn denied(order: &mut instant_acme::Order) -> String {
    let mut reasons = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        // What is known of it is from before it was decided.
        let Ok(state) = authorization.refresh().await else {
            continue;
        };
        let errors = state.challenges.iter().filter_map(|c| c.error.as_ref());
        reasons.extend(errors.map(|problem| {
            problem
                .detail
                .clone()
                .unwrap_or_else(|| problem.to_string())
        }));
    }
    match reasons.is_empty() {
        true => "the order was refused without a reason".into(),
        false => reasons.join("; "),
    }
}
