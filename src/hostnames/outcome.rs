//! How a step towards a certificate ended: why it could not be taken, and when it is taken again.

use instant_acme::Error;

use super::acme::ends;
use super::{Keeper, now, schedule};
use crate::model::CustomHostname;
use crate::model::custom_hostname::{Ssl, SslStatus};
use crate::store::custom_hostnames::RecordError;

/// Why a step could not be taken.
pub(super) enum Stop {
    /// The store failed: the step is taken again.
    Store(RecordError),
    /// The authority failed, or could not be reached.
    Authority(String),
    /// The authority will not have this order.
    Refused(String),
    /// Nobody sees yet what the authority would look for.
    Missing(Vec<String>),
    /// It takes longer.
    Later(SslStatus, i64),
    /// Every authority is left alone for a while; why, and until when.
    Resting(String, i64),
}

impl From<RecordError> for Stop {
    fn from(error: RecordError) -> Self {
        Self::Store(error)
    }
}

impl From<crate::store::StoreError> for Stop {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl Keeper {
    /// Counts a step that was not taken, and writes it down.
    pub(super) async fn stop(
        &self,
        hostname: &CustomHostname,
        stop: Stop,
    ) -> Result<(), RecordError> {
        let label = match &stop {
            Stop::Store(_) | Stop::Later(..) | Stop::Resting(..) => None,
            Stop::Authority(_) => Some("authority_failed"),
            Stop::Refused(_) => Some("refused"),
            Stop::Missing(_) => Some("proof_missing"),
        };
        if let Some(label) = label {
            self.metrics
                .certificate_steps
                .with_label_values(&[label])
                .inc();
        }
        self.note(hostname, stop).await
    }

    /// Writes down why a step was not taken, and when it is tried again.
    async fn note(&self, hostname: &CustomHostname, stop: Stop) -> Result<(), RecordError> {
        let now = now();
        match stop {
            Stop::Store(error) => Err(error),
            Stop::Later(status, at) => {
                self.ssl(hostname, |ssl| {
                    ssl.next_at = at;
                    wait(ssl, status);
                })
                .await
            }
            Stop::Resting(reason, at) => {
                self.ssl(hostname, |ssl| {
                    ssl.errors = vec![reason.clone()];
                    ssl.next_at = at;
                })
                .await
            }
            Stop::Authority(reason) => {
                self.ssl(hostname, |ssl| {
                    ssl.attempts = ssl.attempts.saturating_add(1);
                    ssl.errors = vec![reason.clone()];
                    ssl.next_at = now + schedule::after(ssl.attempts);
                })
                .await
            }
            Stop::Refused(reason) => {
                tracing::info!(
                    hostname = hostname.hostname,
                    reason,
                    "no certificate was made"
                );
                self.forget_answers(hostname).await?;
                self.ssl(hostname, |ssl| {
                    ssl.order = None;
                    ssl.refusals = ssl.refusals.saturating_add(1);
                    ssl.attempts = ssl.attempts.saturating_add(1);
                    ssl.errors = vec![reason.clone()];
                    ssl.next_at = now + schedule::after(ssl.attempts);
                    give_up(ssl, SslStatus::IssuanceTimedOut);
                })
                .await
            }
            Stop::Missing(errors) => {
                self.ssl(hostname, |ssl| {
                    ssl.attempts = ssl.attempts.saturating_add(1);
                    ssl.errors.clone_from(&errors);
                    ssl.next_at = now + schedule::after(ssl.attempts);
                    wait(ssl, SslStatus::PendingValidation);
                    give_up(ssl, SslStatus::ValidationTimedOut);
                })
                .await
            }
        }
    }

    /// Changes what is known of a hostname's certificate, if what is wanted is still what the step was taken for.
    pub(super) async fn ssl(
        &self,
        hostname: &CustomHostname,
        mut change: impl FnMut(&mut Ssl),
    ) -> Result<(), RecordError> {
        self.change(hostname, |now| {
            let is_same = is_same_wish(hostname, now);
            if let Some(ssl) = &mut now.ssl {
                match is_same {
                    true => change(ssl),
                    // Somebody has changed it meanwhile: it is looked at anew.
                    false if !ssl.is_custom => ssl.next_at = self::now(),
                    false => {}
                }
            }
        })
        .await
    }
}

/// Whether what is wanted of a certificate, and the order it is waited for with, are the same.
pub(super) fn is_same_wish(one: &CustomHostname, other: &CustomHostname) -> bool {
    let wish = |hostname: &CustomHostname| {
        let ssl = hostname.ssl.as_ref()?;
        Some((
            ssl.id.clone(),
            ssl.method,
            ssl.wildcard,
            ssl.is_custom,
            ssl.order.as_ref().map(|order| order.url.clone()),
        ))
    };
    wish(one) == wish(other)
}

/// Why an order was not made.
pub(super) enum Ordering {
    Store(RecordError),
    Authority(Error),
}

impl From<Error> for Ordering {
    fn from(error: Error) -> Self {
        Self::Authority(error)
    }
}

impl From<RecordError> for Ordering {
    fn from(error: RecordError) -> Self {
        Self::Store(error)
    }
}

impl From<crate::store::StoreError> for Ordering {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Store(error.into())
    }
}

/// Why an exchange ended early.
pub(super) enum Exchange {
    Stop(Stop),
    Authority(Error),
}

impl From<Error> for Exchange {
    fn from(error: Error) -> Self {
        Self::Authority(error)
    }
}

/// What is served stays what is said, while a new certificate is on its way.
pub(super) fn wait(ssl: &mut Ssl, status: SslStatus) {
    let is_served = !ssl.certificates.is_empty() && ssl.status == SslStatus::Active;
    if !is_served {
        ssl.status = status;
    }
}

/// Ends the attempts at a first certificate; a renewal is never given up, only the certificate ends.
fn give_up(ssl: &mut Ssl, status: SslStatus) {
    if let Some(end) = ssl
        .certificates
        .iter()
        .filter_map(|c| ends(&c.expires_on))
        .min()
    {
        if end <= now() {
            ssl.status = SslStatus::Expired;
        }
        return;
    }
    if ssl.attempts >= schedule::ATTEMPTS {
        ssl.status = status;
        ssl.next_at = 0;
    }
}
