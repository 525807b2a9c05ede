//! A certificate's way: an order, its proofs, the certificate, and its renewal (RFC 8555, RFC 9773).

use std::time::Duration;

use instant_acme::{
    Account, AuthorizationStatus, CertificateIdentifier, Error, Identifier, NewOrder, OrderStatus,
    RetryPolicy,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

use super::authorities::{Authority, is_refusal};
use super::challenges::{chosen, denied, tasks, validation};
use super::outcome::{Exchange, Ordering, Stop, is_same_wish, wait};
use super::{Keeper, budget, now, schedule};
use crate::model::custom_hostname::{
    CertificateRecord, Certificates, Chain, HostnameStatus, Order, Ssl, SslStatus,
};
use crate::model::{CustomHostname, HostnamePattern};
use crate::pki;
use crate::store::custom_hostnames::{self as records, RecordError};
use crate::tls;

/// How long an authority's decision is waited for before something else is done.
const DECISION: RetryPolicy = RetryPolicy::new()
    .initial_delay(Duration::from_millis(250))
    .backoff(1.5)
    .timeout(Duration::from_secs(30));
/// How soon an order is looked at again whose authority has not decided.
const AGAIN_S: i64 = 15;
/// An order that is older is begun anew; authorities forget theirs after a week.
const ORDER_MAX_S: i64 = 6 * 86_400;
/// How often an authority is asked when it would like a certificate renewed.
const RENEWAL_CHECK_S: i64 = 86_400;

impl Keeper {
    /// Takes the next step towards a hostname's certificate, or a new one.
    pub(super) async fn certify(
        &self,
        hostname: &CustomHostname,
        began: i64,
    ) -> Result<(), RecordError> {
        let Some(ssl) = &hostname.ssl else {
            return Ok(());
        };
        let is_served = matches!(
            hostname.status,
            HostnameStatus::Active | HostnameStatus::Pending
        );
        // Whoever wants another's hostname gets no certificate for it before it is his.
        let waits = hostname.ownership.is_contested && !hostname.status.is_active();
        if ssl.is_custom {
            return self.expire(hostname, ssl, began).await;
        }
        if !is_served || waits {
            return self.ssl(hostname, |ssl| ssl.next_at = 0).await;
        }
        if self.authorities.is_empty() {
            return self
                .ssl(hostname, |ssl| {
                    ssl.next_at = 0;
                    ssl.errors = vec![
                        "No certificate authority is set up here: the operator sets `acme.directory`, or uploads a certificate."
                            .into(),
                    ];
                })
                .await;
        }
        if ssl.order.is_none()
            && ssl.status == SslStatus::Active
            && let Some(at) = self.renewal(ssl, began).await
        {
            return self.ssl(hostname, |ssl| ssl.next_at = at).await;
        }
        if ssl.order.is_none()
            && let Err(stop) = self.begin(hostname, ssl, began).await
        {
            return self.stop(hostname, stop).await;
        }
        let Some((placed, _)) = records::read(&*self.store, &hostname.id).await? else {
            return Ok(());
        };
        let Some(ssl) = &placed.ssl else {
            return Ok(());
        };
        let Some(order) = &ssl.order else {
            return Ok(());
        };
        match self.advance(&placed, ssl, order).await {
            Ok(()) => Ok(()),
            Err(stop) => self.stop(&placed, stop).await,
        }
    }

    /// Says of an uploaded certificate that its time is over.
    async fn expire(
        &self,
        hostname: &CustomHostname,
        ssl: &Ssl,
        now: i64,
    ) -> Result<(), RecordError> {
        let ends = ssl.certificates.iter().filter_map(|c| ends(&c.expires_on));
        let Some(end) = ends.min() else {
            return self.ssl(hostname, |ssl| ssl.next_at = 0).await;
        };
        self.ssl(hostname, |ssl| match end <= now {
            true => {
                ssl.status = SslStatus::Expired;
                ssl.next_at = 0;
            }
            false => ssl.next_at = end,
        })
        .await
    }

    /// When a certificate is to be looked at again, if it is not to be renewed now.
    async fn renewal(&self, ssl: &Ssl, now: i64) -> Option<i64> {
        let served = ssl.certificates.first()?;
        let (from, to) = (ends(&served.uploaded_on)?, ends(&served.expires_on)?);
        let own = match ssl.renew_at {
            0 => schedule::renewal(from, to),
            at => at,
        };
        let wished = self.wished_renewal(ssl).await.unwrap_or(own);
        (wished > now).then(|| wished.min(now + RENEWAL_CHECK_S))
    }

    /// When the authority would like it renewed (ARI).
    async fn wished_renewal(&self, ssl: &Ssl) -> Option<i64> {
        let authority = self.authorities.named(ssl.issued_by.as_deref()?)?;
        if authority.rests().is_some() {
            return None;
        }
        let (aki, serial) = ssl.ari.as_deref()?.split_once('.')?;
        let id = CertificateIdentifier {
            authority_key_identifier: aki.into(),
            serial: serial.into(),
        };
        let account = self.authorities.account(authority).await.ok()?;
        let (info, _) = account.renewal_info(&id).await.ok()?;
        let window = info.suggested_window;
        let (start, end) = (window.start.unix_timestamp(), window.end.unix_timestamp());
        // The same place within the window each time it is asked, and another for each certificate.
        let part = serial
            .bytes()
            .fold(0i64, |sum, b| (sum * 31 + i64::from(b)) % 1_000);
        Some(start + (end - start).max(0) / 1_000 * part)
    }

    /// Orders a certificate, and puts what the authority will look for in place.
    async fn begin(&self, hostname: &CustomHostname, ssl: &Ssl, now: i64) -> Result<(), Stop> {
        let names = names(hostname, ssl).ok_or_else(|| {
            Stop::Refused("No certificate can be ordered for this wildcard.".into())
        })?;
        let base = names[0].trim_start_matches("*.").to_owned();
        let domain = psl::domain_str(&base).unwrap_or(&base).to_owned();
        let conf = &self.conf.acme;
        let order = self
            .authorities
            .in_order(&ssl.certificate_authority, ssl.refusals);
        // Nothing is begun while nobody can be asked, and it does not count.
        if let Some(rest) = order
            .iter()
            .map(|authority| authority.rests())
            .min()
            .flatten()
        {
            let names: Vec<&str> = order.iter().map(|a| a.name.as_str()).collect();
            return Err(Stop::Resting(
                format!(
                    "{}: asked again in {} s, after it failed",
                    names.join(", "),
                    rest.as_secs() + 1
                ),
                now + i64::try_from(rest.as_secs()).unwrap_or(0) + 1,
            ));
        }
        let taken = budget::take(
            &*self.store,
            &domain,
            &hostname.id,
            now,
            conf.orders_per_hour,
            conf.orders_per_domain_per_week,
        );
        if let Err(wait) = taken.await? {
            let text = format!(
                "The certificate is ordered in {} minutes: `acme.orders_per_hour` and `acme.orders_per_domain_per_week` allow no more orders until then.",
                wait / 60 + 1
            );
            self.ssl(hostname, |ssl| {
                ssl.errors = vec![text.clone()];
                ssl.next_at = now + wait;
            })
            .await?;
            return Ok(());
        }
        let mut failures = Vec::new();
        for authority in order {
            if let Some(rest) = authority.rests() {
                failures.push(format!(
                    "{}: it failed before, and is asked again in {} s",
                    authority.name,
                    rest.as_secs() + 1
                ));
                continue;
            }
            match self.order(hostname, ssl, authority, &names).await {
                Ok(()) => {
                    authority.answered();
                    return Ok(());
                }
                Err(Ordering::Store(error)) => return Err(Stop::Store(error)),
                Err(Ordering::Authority(error)) => {
                    if !is_refusal(&error) {
                        authority.failed();
                    }
                    failures.push(format!("{}: {error}", authority.name));
                }
            }
        }
        Err(Stop::Authority(failures.join("; ")))
    }

    async fn order(
        &self,
        hostname: &CustomHostname,
        ssl: &Ssl,
        authority: &Authority,
        names: &[String],
    ) -> Result<(), Ordering> {
        let account = self.authorities.account(authority).await?;
        let identifiers: Vec<Identifier> = names.iter().cloned().map(Identifier::Dns).collect();
        let wanted = NewOrder::new(&identifiers);
        let replaced = ssl
            .ari
            .as_deref()
            .filter(|_| ssl.issued_by.as_deref() == Some(authority.name.as_str()))
            .and_then(|ari| ari.split_once('.'));
        let made = match replaced {
            Some((aki, serial)) => {
                let again = NewOrder::new(&identifiers).replaces(CertificateIdentifier {
                    authority_key_identifier: aki.into(),
                    serial: serial.into(),
                });
                match account.new_order(&again).await {
                    // An authority may not know the certificate any more, or have it replaced already.
                    Err(_) => account.new_order(&wanted).await,
                    made => made,
                }
            }
            None => account.new_order(&wanted).await,
        };
        let mut made = made?;
        let tasks = tasks(&mut made, &account, &self.challenges(ssl.method)).await?;
        let records = validation(names, &tasks, ssl.method);
        self.answer(hostname, names, &tasks).await?;
        let order = Order {
            authority: authority.name.clone(),
            url: made.url().to_owned(),
            made_at: now(),
            key: None,
        };
        self.ssl(hostname, |ssl| {
            ssl.order = Some(order.clone());
            ssl.records.clone_from(&records);
            ssl.errors.clear();
            // An interrupted step is taken again from here.
            ssl.next_at = now();
            wait(ssl, SslStatus::PendingValidation);
        })
        .await?;
        Ok(())
    }

    /// Goes on with an order.
    async fn advance(
        &self,
        hostname: &CustomHostname,
        ssl: &Ssl,
        placed: &Order,
    ) -> Result<(), Stop> {
        let Some(authority) = self.authorities.named(&placed.authority) else {
            return Err(Stop::Refused(format!(
                "The authority {} is not among the settings any more.",
                placed.authority
            )));
        };
        if let Some(rest) = authority.rests() {
            let at = now() + i64::try_from(rest.as_secs()).unwrap_or(0) + 1;
            return Err(Stop::Later(SslStatus::PendingValidation, at));
        }
        if now() - placed.made_at > ORDER_MAX_S {
            return Err(Stop::Refused(
                "The order was too old, and is made anew.".into(),
            ));
        }
        match self.exchange(hostname, ssl, authority, placed).await {
            Ok(()) => {
                authority.answered();
                Ok(())
            }
            Err(Exchange::Stop(stop)) => Err(stop),
            Err(Exchange::Authority(error)) if is_refusal(&error) => {
                Err(Stop::Refused(format!("{}: {error}", authority.name)))
            }
            Err(Exchange::Authority(Error::Timeout(_))) => {
                Err(Stop::Later(SslStatus::PendingIssuance, now() + AGAIN_S))
            }
            Err(Exchange::Authority(error)) => {
                authority.failed();
                Err(Stop::Authority(format!("{}: {error}", authority.name)))
            }
        }
    }

    async fn exchange(
        &self,
        hostname: &CustomHostname,
        ssl: &Ssl,
        authority: &Authority,
        placed: &Order,
    ) -> Result<(), Exchange> {
        let account: Account = self.authorities.account(authority).await?;
        let mut order = account.order(placed.url.clone()).await?;
        if order.state().status == OrderStatus::Pending {
            self.meet(hostname, ssl, &account, &mut order).await?;
            match order.poll_ready(&DECISION).await {
                Ok(OrderStatus::Invalid) => {
                    let why = denied(&mut order).await;
                    return Err(Exchange::Stop(Stop::Refused(format!(
                        "{}: {why}",
                        authority.name
                    ))));
                }
                Ok(_) => {}
                Err(Error::Timeout(_)) => {
                    return Err(Exchange::Stop(Stop::Later(
                        SslStatus::PendingValidation,
                        now() + AGAIN_S,
                    )));
                }
                Err(error) => return Err(error.into()),
            }
        }
        let place = format!("order {}", placed.url);
        let key = match (order.state().status, &placed.key) {
            (OrderStatus::Ready, _) => {
                let names = names(hostname, ssl).unwrap_or_default();
                let refused =
                    |error: rcgen::Error| Exchange::Stop(Stop::Refused(error.to_string()));
                let mut params = CertificateParams::new(names).map_err(refused)?;
                params.distinguished_name = DistinguishedName::new();
                let pair = KeyPair::generate().map_err(refused)?;
                let request = params.serialize_request(&pair).map_err(refused)?;
                let key = Zeroizing::new(pair.serialize_pem());
                let sealed = self.keyring.seal(&place, &key);
                let sealed =
                    sealed.map_err(|error| Exchange::Stop(Stop::Refused(error.to_string())))?;
                // Kept before it is used: a slow authority's certificate may come to another process.
                let kept = self.ssl(hostname, |ssl| {
                    if let Some(order) = &mut ssl.order {
                        order.key = Some(sealed.clone());
                    }
                });
                kept.await.map_err(|error| Exchange::Stop(error.into()))?;
                order.finalize_csr(request.der()).await?;
                key
            }
            (OrderStatus::Processing | OrderStatus::Valid, Some(sealed)) => {
                let opened = self.keyring.open_sealed(&place, sealed);
                let opened =
                    opened.map_err(|error| Exchange::Stop(Stop::Refused(error.to_string())))?;
                Zeroizing::new(opened)
            }
            (OrderStatus::Invalid, _) => {
                let why = denied(&mut order).await;
                return Err(Exchange::Stop(Stop::Refused(format!(
                    "{}: {why}",
                    authority.name
                ))));
            }
            // Its key was lost with the process that made it.
            _ => {
                return Err(Exchange::Stop(Stop::Refused(
                    "The order was interrupted, and is made anew.".into(),
                )));
            }
        };
        let chain = order.poll_certificate(&DECISION).await?;
        let served = self.deploy(hostname, ssl, authority, &chain, &key).await;
        served.map_err(Exchange::Stop)
    }

    /// Tells the authority to look, once everything it looks for is in place.
    async fn meet(
        &self,
        hostname: &CustomHostname,
        ssl: &Ssl,
        account: &Account,
        order: &mut instant_acme::Order,
    ) -> Result<(), Exchange> {
        // A store that lost them has them again.
        if let Some(names) = names(hostname, ssl) {
            let wanted = tasks(order, account, &self.challenges(ssl.method)).await?;
            let answered = self.answer(hostname, &names, &wanted).await;
            answered.map_err(|error| Exchange::Stop(error.into()))?;
        }
        let mut missing = Vec::new();
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            if authorization.status != AuthorizationStatus::Pending {
                continue;
            }
            // The first that the edge itself can see is taken.
            let mut seen = None;
            let mut reasons = Vec::new();
            for task in chosen(&authorization, account, &self.challenges(ssl.method)) {
                match self.sees(hostname, &task).await {
                    Ok(()) => {
                        seen = Some(task.kind);
                        break;
                    }
                    Err(reason) => reasons.push(reason),
                }
            }
            match seen {
                Some(kind) => {
                    if let Some(mut challenge) = authorization.challenge(kind) {
                        challenge.set_ready().await?;
                    }
                }
                None => missing.extend(reasons),
            }
        }
        match missing.is_empty() {
            true => Ok(()),
            false => Err(Exchange::Stop(Stop::Missing(missing))),
        }
    }

    /// Serves a certificate that an authority has made.
    async fn deploy(
        &self,
        hostname: &CustomHostname,
        ssl: &Ssl,
        authority: &Authority,
        chain: &str,
        key: &str,
    ) -> Result<(), Stop> {
        let refused =
            |error: &dyn std::fmt::Display| Stop::Refused(format!("{}: {error}", authority.name));
        let checked = pki::check(chain, key).map_err(|e| refused(&e))?;
        let pattern = hostname.pattern().map_err(|e| refused(&e))?;
        if !pki::covers(&checked.summary.hosts, &pattern) {
            return Err(refused(&"the certificate does not cover the hostname"));
        }
        let seal = |pattern: &HostnamePattern| {
            let sealed = self.keyring.seal(&tls::place(pattern), &checked.key);
            sealed.map(|key| CertificateRecord {
                chains: vec![Chain {
                    certificate: checked.certificate.clone(),
                    key,
                }],
                settings: ssl.settings.clone(),
                custom: Some(hostname.id.clone()),
            })
        };
        let below = hostname.below();
        let certificates = Certificates {
            own: seal(&pattern).map_err(|e| refused(&e))?,
            below: below
                .as_ref()
                .map(seal)
                .transpose()
                .map_err(|e| refused(&e))?,
        };
        let there = records::read(&*self.store, &hostname.id).await?;
        if !there.is_some_and(|(there, _)| is_same_wish(hostname, &there)) {
            // Another certificate is wanted by now, or none.
            self.ssl(hostname, |_| {}).await?;
            return Ok(());
        }
        records::put_certificates(&*self.store, hostname, &certificates).await?;
        self.forget_answers(hostname).await?;
        let ari = CertificateDer::from_pem_slice(chain.as_bytes())
            .ok()
            .and_then(|leaf| CertificateIdentifier::try_from(&leaf).ok())
            .map(|id| id.to_string());
        let summary = checked.summary.clone();
        let now = now();
        let renew_at = schedule::renewal(now, checked.not_after);
        self.ssl(hostname, |ssl| {
            ssl.status = SslStatus::Active;
            ssl.certificates = vec![summary.clone()];
            ssl.order = None;
            ssl.records.clear();
            ssl.errors.clear();
            (ssl.attempts, ssl.refusals) = (0, 0);
            ssl.issued_by = Some(authority.name.clone());
            ssl.ari.clone_from(&ari);
            ssl.renew_at = renew_at;
            ssl.next_at = renew_at.min(now + RENEWAL_CHECK_S);
        })
        .await?;
        self.metrics
            .certificate_steps
            .with_label_values(&["issued"])
            .inc();
        tracing::info!(
            hostname = hostname.hostname,
            authority = authority.name,
            expires_on = summary.expires_on,
            "a certificate is served"
        );
        Ok(())
    }
}

/// A time of a certificate's summary, in seconds since 1970.
pub(super) fn ends(text: &str) -> Option<i64> {
    let format = &time::format_description::well_known::Rfc3339;
    let time = time::OffsetDateTime::parse(text, format).ok()?;
    Some(time.unix_timestamp())
}

/// The names that a certificate is ordered for.
fn names(hostname: &CustomHostname, ssl: &Ssl) -> Option<Vec<String>> {
    match hostname.pattern().ok()? {
        HostnamePattern::Exact(name) if ssl.wildcard => {
            Some(vec![name.to_string(), format!("*.{name}")])
        }
        HostnamePattern::Exact(name) => Some(vec![name.to_string()]),
        HostnamePattern::Below(name) => Some(vec![format!("*.{name}")]),
        HostnamePattern::Any => None,
    }
}
