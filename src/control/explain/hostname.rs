//! A hostname: its records, who must act for it, its certificate, and the plain origin behind it.

use time::OffsetDateTime;

use super::{Answer, Control, ControlError, Facts, Question};
use crate::model::custom_hostname::{CertificateRecord, delegation_uuid};
use crate::model::hostname_steps::{Who, steps};
use crate::model::route::RouteRecord;
use crate::model::{CustomHostname, Hostname, HostnamePattern, HostnameStatus, Origin, Route};
use crate::pki;
use crate::router::RouteError;
use crate::store::custom_hostnames as records;
use crate::store::keys;

/// A certificate that ends so soon is said to.
const SOON_S: i64 = 14 * 86_400;

/// The records that cover a hostname, the nearest first.
pub(super) struct Records(Vec<(String, Option<Route>)>);

impl Records {
    /// The record that leads to a place, and what it says.
    pub(super) fn way(&self, place: &Route) -> Option<(String, String)> {
        let leads_there = |route: &Route| match (route.plain(), place.plain()) {
            // What is said of the hostname itself stands elsewhere.
            (Route::Worker(one, _), Route::Worker(other, _)) => one == other,
            (one, other) => one == other,
        };
        let found = self.0.iter().find_map(|(key, route)| {
            let route = route.as_ref()?;
            leads_there(route).then(|| (key.clone(), said(route)))
        });
        found.map(|(key, said)| (key, format!("the request goes to {said}")))
    }
}

impl Control {
    /// The records that cover a hostname, and the custom hostnames behind them.
    pub(super) async fn look_up(
        &self,
        hostname: &Hostname,
        facts: &mut Facts,
    ) -> Result<Records, ControlError> {
        let exact = hostname.as_str().to_owned();
        let wildcards = hostname.wildcards().map(|below| format!("*.{below}"));
        let names = std::iter::once(exact).chain(wildcards);
        let names: Vec<String> = names.chain(["*".to_owned()]).collect();
        let keys: Vec<String> = names
            .iter()
            .map(|name| format!("{}{name}", keys::HOSTNAME))
            .collect();
        let found = self.store.get(&keys).await?;
        let mut there = Vec::new();
        for ((key, name), bytes) in keys.iter().zip(&names).zip(found) {
            let Some(bytes) = bytes else { continue };
            let what = match name.as_str() {
                "*" => "the record of all hostnames",
                name if name.starts_with("*.") => "a wildcard's record",
                _ => "the hostname's own record",
            };
            let record = serde_json::from_slice::<RouteRecord>(&bytes);
            let record = record.map_err(|error| error.to_string());
            let id = record
                .as_ref()
                .ok()
                .and_then(|record| record.custom.clone());
            let route = record
                .and_then(|record| Route::try_from(record).map_err(|error| error.to_string()));
            match &route {
                Ok(route) => {
                    facts.say("hostname", format!("{what} leads to {}", said(route)), key);
                }
                Err(error) => {
                    let text = format!("{what} cannot be read: {error}");
                    facts.warn("hostname", text, key);
                }
            }
            there.push((key.clone(), route.ok()));
            if let Some(id) = id {
                let custom = records::read(&*self.store, &id).await?;
                match custom {
                    Some((custom, _)) => self.explain_custom(&custom, facts),
                    None => {
                        let text = "the custom hostname that the record was written for is gone";
                        let from = keys::custom_hostname(&id);
                        facts.warn("custom hostname", text, from);
                    }
                }
            }
        }
        if there.is_empty() {
            let looked = format!("looked for {}", keys.join(", "));
            facts.warn("hostname", "no record covers this hostname", looked);
        }
        self.explain_claims(hostname, &there, facts).await?;
        Ok(Records(there))
    }

    /// Claims to a hostname that have no record: nobody has proven them.
    async fn explain_claims(
        &self,
        hostname: &Hostname,
        there: &[(String, Option<Route>)],
        facts: &mut Facts,
    ) -> Result<(), ControlError> {
        let exact = format!("{}{hostname}", keys::HOSTNAME);
        if there.iter().any(|(key, _)| *key == exact) {
            return Ok(());
        }
        let pattern = HostnamePattern::Exact(hostname.clone());
        for claim in records::claims(&*self.store, &pattern).await? {
            self.explain_custom(&claim, facts);
        }
        Ok(())
    }

    fn explain_custom(&self, custom: &CustomHostname, facts: &mut Facts) {
        let about = "custom hostname";
        let key = keys::custom_hostname(&custom.id);
        let status = format!(
            "{} is {} in the zone {}",
            custom.hostname,
            custom.status.name(),
            custom.zone
        );
        match custom.status {
            HostnameStatus::Active => facts.say(about, status, &*key),
            _ => facts.warn(about, status, &*key),
        }
        let target = &self.conf.hostnames.target;
        let target = Some(target.as_str()).filter(|target| !target.is_empty());
        let base = custom.hostname.trim_start_matches("*.");
        let alias = format!("_acme-challenge.{base}");
        let uuid = delegation_uuid(&custom.zone);
        let place = format!("{base}.{uuid}.{}", self.conf.dns.zone);
        let delegation = (!self.conf.dns.zone.is_empty()).then_some((&*alias, &*place));
        for step in steps(custom, target, delegation) {
            let Some(who) = step.who else { continue };
            let who = match who {
                Who::Customer => "the customer must act",
                Who::Operator => "the operator must act",
                Who::Authority => "the certificate authority must act",
                Who::Platform => "the edge does this by itself",
            };
            let mut text = format!("{}: {who}: {}", step.title.to_lowercase(), step.text);
            for piece in &step.one_of {
                text += &format!("\n{} {} {}", piece.kind, piece.name, piece.value);
            }
            for found in &step.found {
                text += &format!("\nfound: {found}");
            }
            if let Some(next) = step.next_at {
                text += &format!("\nlooked at again at {}", pki::time(next));
            }
            facts.warn(about, text, &*key);
        }
    }

    /// The certificate that a visitor is shown.
    pub(super) async fn explain_certificate(
        &self,
        question: &Question,
        is_tls: bool,
        facts: &mut Facts,
    ) -> Result<(), ControlError> {
        let about = "certificate";
        if self.conf.listen.https.is_empty() {
            if is_tls {
                let text = "no TLS is spoken by an edge with these settings";
                facts.warn(about, text, "listen.https");
            }
            return Ok(());
        }
        let above = question.hostname.as_str().split_once('.');
        let names = [
            Some(question.hostname.to_string()),
            above.map(|(_, above)| format!("*.{above}")),
        ];
        let patterns = names
            .iter()
            .flatten()
            .filter_map(|name| HostnamePattern::parse(name).ok());
        let keys: Vec<String> = patterns
            .map(|pattern| keys::certificate(&pattern))
            .collect();
        for (key, bytes) in keys.iter().zip(self.store.get(&keys).await?) {
            let Some(bytes) = bytes else { continue };
            let record = serde_json::from_slice::<CertificateRecord>(&bytes);
            let chains = match record {
                Ok(record) if !record.chains.is_empty() => record.chains,
                Ok(_) => {
                    facts.warn(about, "the record has no chain", key);
                    continue;
                }
                Err(error) => {
                    facts.warn(about, format!("the record cannot be read: {error}"), key);
                    continue;
                }
            };
            for chain in chains {
                say_chain(&chain.certificate, key, facts);
            }
            return Ok(());
        }
        let file = &self.conf.tls.certificate_file;
        match (file.is_empty(), std::fs::read_to_string(file)) {
            (true, _) => {
                let text = "there is none for this hostname, and the edge has none of its own: handshakes are refused";
                let from = format!("looked for {}; tls.certificate_file", keys.join(", "));
                match is_tls {
                    true => facts.warn(about, text, from),
                    false => facts.say(about, text, from),
                }
            }
            (false, Ok(pem)) => say_chain(&pem, &format!("tls.certificate_file {file}"), facts),
            (false, Err(error)) => {
                // The command line may run elsewhere than the edge does.
                let text = format!("the edge's own, which cannot be read here: {error}");
                facts.say(about, text, format!("tls.certificate_file {file}"));
            }
        }
        Ok(())
    }

    /// What is said to a visitor without TLS before anything else.
    pub(super) fn explain_redirect(
        &self,
        question: &Question,
        facts: &mut Facts,
    ) -> Option<Answer> {
        let is_looked_for = question.target.path().starts_with("/.well-known/");
        if !self.conf.tls.redirect || is_looked_for {
            return None;
        }
        let text = "whoever comes without TLS is sent to https";
        facts.say("redirect", text, "tls.redirect");
        Some(Answer::refused(308, "the visitor is sent to https"))
    }

    /// A hostname that leads nowhere.
    pub(super) fn explain_nowhere(
        &self,
        error: RouteError,
        hostname: &Hostname,
        facts: &mut Facts,
    ) -> Answer {
        let status = match error {
            RouteError::UnknownHost => 404,
            RouteError::StoreAway => 503,
            RouteError::Unreadable => 500,
            RouteError::Inactive(_) | RouteError::NoOrigin => 530,
        };
        if error == RouteError::NoOrigin {
            let text = "a custom hostname names no origin, and neither does its zone";
            facts.warn("route", text, format!("{}…", keys::ZONE));
        }
        Answer::refused(status, format!("nobody answers for {hostname}: {error}"))
    }

    pub(super) fn explain_origin(
        &self,
        origin: &Origin,
        cache: Option<bool>,
        facts: &mut Facts,
    ) -> Answer {
        let about = "origin";
        if origin.is_customers {
            let text =
                "who named it is not the operator: it must not lead into the operator's network";
            facts.say(about, text, "egress.allow_addresses");
        }
        let (is_kept, from) = match cache {
            Some(is_kept) => (is_kept, "the hostname's record"),
            None => (self.conf.cache.origins, "cache.origins"),
        };
        let text = match is_kept && self.conf.cache.memory_mb > 0 {
            true => "responses are kept where they allow it",
            false => "responses are not kept",
        };
        facts.say("cache", text, from);
        Answer::of(format!("the origin {origin} answers"))
    }
}

fn say_chain(pem: &str, from: &str, facts: &mut Facts) {
    let about = "certificate";
    let summary = match pki::summarise(pem) {
        Ok(summary) => summary,
        Err(error) => return facts.warn(about, format!("it cannot be read: {error}"), from),
    };
    let text = format!(
        "{} by {}, until {}",
        summary.hosts.join(", "),
        summary.issuer,
        summary.expires_on
    );
    let now = OffsetDateTime::now_utc().unix_timestamp();
    match pki::not_after(pem) {
        Ok(end) if end <= now => facts.warn(about, format!("{text}: it has expired"), from),
        Ok(end) if end <= now + SOON_S => facts.warn(about, format!("{text}: it ends soon"), from),
        _ => facts.say(about, text, from),
    }
}

/// A place in words.
fn said(route: &Route) -> String {
    match route.plain() {
        Route::Worker(tenant, _) => format!("the worker {tenant}"),
        Route::Origin(origin, _) => format!("the origin {origin}"),
        Route::Zone(zone, _) => format!("where its zone {zone} leads"),
        Route::Inactive(status) => format!("nowhere: it is {}", status.name()),
        Route::Custom(..) => "a custom hostname".to_owned(),
    }
}
