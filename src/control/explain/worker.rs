//! A worker: its record and its namespace's, who answers for it, its limits, and what it passes on to.

use serde_json::{Map, Value};

use super::{Answer, Control, ControlError, Facts, Question};
use crate::assets::{self, Head, Otherwise};
use crate::bindings::Callee;
use crate::model::namespace::State;
use crate::model::script::Kind;
use crate::model::{Binding, CacheOwner, Namespace, PurgeLog, REGULAR, Script, TenantId};
use crate::store::{keys, records};

impl Control {
    pub(super) async fn explain_worker(
        &self,
        tenant: &TenantId,
        question: &Question,
        facts: &mut Facts,
    ) -> Result<Answer, ControlError> {
        let (key, namespace_key) = (keys::script(tenant), keys::namespace(tenant.namespace()));
        let nobody = |why: String| Answer::refused(404, why);
        let namespace = match tenant.namespace() {
            REGULAR => None,
            _ => self.record::<Namespace>(&namespace_key, facts).await?,
        };
        if let Some(namespace) = &namespace {
            match &namespace.state {
                State::Active => {}
                State::Deleted => {
                    facts.warn("namespace", "it is deleted", &*namespace_key);
                    let why = format!("nobody answers: the namespace of {tenant} is deleted");
                    return Ok(nobody(why));
                }
                State::Moving(to) => {
                    let text = format!("it is being renamed to {to}");
                    facts.say("namespace", text, &*namespace_key);
                }
            }
            if namespace.trusted_workers {
                let text = "its workers are trusted: they see request.cf, and share a cache";
                facts.say("namespace", text, &*namespace_key);
            }
        }
        let Some(script) = self.record::<Script>(&key, facts).await? else {
            facts.warn("worker", format!("there is no worker {tenant}"), &*key);
            return Ok(nobody(format!(
                "nobody answers: there is no worker {tenant}"
            )));
        };
        say_script(&script, &key, facts);
        let mut suspended = None;
        if let Some(namespace) = &namespace
            && !namespace.status.is_active()
        {
            facts.warn("namespace", "it is suspended", &*namespace_key);
            suspended = Some(format!("the namespace {} is suspended", tenant.namespace()));
        }
        if !script.status.is_active() {
            facts.warn("worker", "it is suspended", &*key);
            suspended = Some(format!("the worker {tenant} is suspended"));
        }
        let by_assets = self.explain_assets(&script, question, facts).await?;
        if script.kind.has_code() {
            self.say_limits(&script, namespace.as_ref(), tenant, facts);
            say_callees(&script, &key, facts);
            if let Some(outbound) = namespace.as_ref().and_then(|it| it.outbound.as_ref()) {
                let text = format!(
                    "its requests pass the worker {}, unless whoever calls it says otherwise",
                    outbound.service
                );
                facts.say("outbound", text, &*namespace_key);
                match TenantId::regular(&outbound.service) {
                    Ok(worker) => self.say_there(&worker, "outbound", facts).await?,
                    Err(error) => facts.warn("outbound", error.to_string(), &*namespace_key),
                }
            }
            for consumer in script.tail_consumers() {
                let text = format!("what becomes of it is told to the worker {consumer}");
                facts.say("tail", text, &*key);
                self.say_there(&consumer, "tail", facts).await?;
            }
            self.say_cache(&script, namespace.as_ref(), tenant, facts)
                .await?;
        }
        self.say_seen(tenant, facts);
        Ok(match (suspended, by_assets) {
            (Some(why), _) => Answer::refused(403, format!("nobody answers: {why}")),
            (None, Some(status)) => {
                Answer::refused(status, format!("the static assets of {tenant} answer"))
            }
            (None, None) => Answer::of(format!("the worker {tenant} answers")),
        })
    }

    /// A record; what cannot be read is said, and is none.
    async fn record<R: serde::de::DeserializeOwned>(
        &self,
        key: &str,
        facts: &mut Facts,
    ) -> Result<Option<R>, ControlError> {
        match self.read::<R>(key).await {
            Ok(found) => Ok(found.map(|(record, _)| record)),
            Err(ControlError::Record { key, reason }) => {
                facts.warn("record", format!("it cannot be read: {reason}"), key);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The status that the worker's static assets answer with, if the request is for them.
    async fn explain_assets(
        &self,
        script: &Script,
        question: &Question,
        facts: &mut Facts,
    ) -> Result<Option<u16>, ControlError> {
        let Some(assets) = &script.assets else {
            return Ok(None);
        };
        let key = keys::asset(&assets.site);
        let site = match records::asset(&*self.store, &assets.site).await {
            Ok(site) => site,
            Err(records::CodeError::Store(error)) => return Err(error.into()),
            Err(error) => {
                facts.warn("assets", format!("their list cannot be had: {error}"), key);
                return Ok(Some(500));
            }
        };
        let otherwise = match script.kind.has_code() {
            true => Otherwise::Worker {
                navigates: script.navigation_prefers_assets(),
            },
            false => Otherwise::Nobody,
        };
        let request = Head {
            method: &question.method,
            uri: &question.target,
            headers: &question.headers,
        };
        let Some(said) = assets::status(&site, &assets.config, request, otherwise) else {
            facts.warn("assets", "their list cannot be read", key);
            return Ok(Some(500));
        };
        match said {
            Some(status) => {
                let text = format!("they answer {} with {status}", question.target.path());
                facts.say("assets", text, key);
            }
            None => facts.say("assets", "the request is not for them", key),
        }
        Ok(said.map(|status| status.as_u16()))
    }

    /// The limits in force, each with who set it.
    fn say_limits(
        &self,
        script: &Script,
        namespace: Option<&Namespace>,
        tenant: &TenantId,
        facts: &mut Facts,
    ) {
        let by_namespace = namespace
            .map(|namespace| namespace.limits)
            .unwrap_or_default();
        let (defaults, ceilings) = (self.conf.limits.defaults(), self.conf.limits.ceilings());
        let limits = script
            .limits
            .or(&by_namespace)
            .resolve(&defaults, &ceilings);
        let named = |limits| match serde_json::to_value(limits) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let (of_script, of_namespace) = (named(script.limits), named(by_namespace));
        for (name, amount) in limits.each() {
            let asked = of_script
                .get(name)
                .map(|asked| (asked, keys::script(tenant)));
            let asked = asked.or_else(|| {
                let asked = of_namespace.get(name)?;
                Some((asked, keys::namespace(tenant.namespace())))
            });
            let mut text = match amount {
                u64::MAX => format!("{name}: no bound"),
                amount => format!("{name}: {amount}"),
            };
            let mut from = format!("limits.{name}");
            if let Some((asked, key)) = asked {
                from = key;
                if asked.as_u64().is_some_and(|asked| asked > amount) {
                    text += &format!(", lowered from {asked}");
                    from += &format!("; limits.{name}_max");
                }
            }
            facts.say("limit", text, from);
        }
    }

    async fn say_cache(
        &self,
        script: &Script,
        namespace: Option<&Namespace>,
        tenant: &TenantId,
        facts: &mut Facts,
    ) -> Result<(), ControlError> {
        let cache = &self.conf.cache;
        if cache.memory_mb == 0 {
            facts.say("cache", "nothing is kept", "cache.memory_mb");
            return Ok(());
        }
        let owner = match namespace {
            Some(namespace) if namespace.trusted_workers => {
                CacheOwner::Namespace(tenant.namespace().to_owned())
            }
            _ => CacheOwner::Worker(tenant.clone()),
        };
        let text = format!(
            "what it fetches is kept where that is allowed, at most {} MiB",
            cache.owner_mb
        );
        facts.say("cache", text, "cache.owner_mb");
        if cache.fresh_on_deploy && matches!(owner, CacheOwner::Worker(_)) {
            let text = format!(
                "this deployment has a cache of its own ({})",
                script.version
            );
            facts.say("cache", text, "cache.fresh_on_deploy");
        }
        let key = keys::purge(&owner);
        if self.record::<PurgeLog>(&key, facts).await?.is_some() {
            facts.say("cache", "some of it was purged lately", key);
        }
        Ok(())
    }

    /// A worker that another one needs.
    async fn say_there(
        &self,
        tenant: &TenantId,
        about: &'static str,
        facts: &mut Facts,
    ) -> Result<(), ControlError> {
        let key = keys::script(tenant);
        if self.record::<Script>(&key, facts).await?.is_none() {
            let text = format!("there is no worker {tenant}: what needs it fails");
            facts.warn(about, text, key);
        }
        Ok(())
    }

    /// What this node has seen of the worker since it started; nothing where no node is asked.
    fn say_seen(&self, tenant: &TenantId, facts: &mut Facts) {
        let text = self.metrics.render();
        let text = String::from_utf8_lossy(&text);
        let label = format!("tenant=\"{tenant}\"");
        let each = |metric: &'static str, by: &'static str| {
            let lines = text
                .lines()
                .filter_map(move |line| line.strip_prefix(metric));
            let label = label.clone();
            lines.filter_map(move |line| {
                let (labels, count) = line.strip_prefix('{')?.split_once("} ")?;
                let mut labels = labels.split(',');
                let is_hers = labels.clone().any(|it| it == label);
                let value = labels.find_map(|it| it.strip_prefix(by)?.strip_prefix("=\""))?;
                let value = value.trim_end_matches('"').to_owned();
                (is_hers && count != "0").then(|| format!("{count} {value}"))
            })
        };
        for (metric, by, what) in [
            (
                "cirque_requests_total",
                "status",
                "requests since this node started",
            ),
            (
                "cirque_limits_exceeded_total",
                "limit",
                "times that it ran into a limit",
            ),
        ] {
            let seen: Vec<String> = each(metric, by).collect();
            if !seen.is_empty() {
                facts.say("node", format!("{what}: {}", seen.join(", ")), metric);
            }
        }
    }
}

fn say_script(script: &Script, key: &str, facts: &mut Facts) {
    let kind = match script.kind {
        Kind::Component => "a component",
        Kind::JavaScript => "JavaScript",
        Kind::Assets => "static assets alone",
    };
    let version = match script.version.as_str() {
        "" => String::new(),
        version => format!(", version {version}"),
    };
    let modified = match (script.modified_on.as_str(), script.modified_by.as_str()) {
        ("", _) => String::new(),
        (on, "") => format!(", written on {on}"),
        (on, by) => format!(", written on {on} by {by}"),
    };
    facts.say("worker", format!("{kind}{version}{modified}"), key);
    if !script.tags.is_empty() {
        facts.say("worker", format!("tags: {}", script.tags.join(", ")), key);
    }
}

/// The workers that it may pass a request on to.
fn say_callees(script: &Script, key: &str, facts: &mut Facts) {
    for binding in &script.bindings {
        let Binding::Kept { kind, name, fields } = binding else {
            continue;
        };
        match Callee::of(kind, fields) {
            Ok(Callee::Dispatch {
                namespace,
                outbound,
            }) => {
                let text = format!(
                    "{name} passes requests on to workers of the namespace {namespace}, whose limits it may lower for each call"
                );
                facts.say("dispatch", text, key);
                if let Some(outbound) = outbound {
                    let text = format!("what they fetch passes the worker {}", outbound.worker);
                    facts.say("outbound", text, key);
                }
            }
            Ok(Callee::Service { worker, .. }) => {
                facts.say("dispatch", format!("{name} is the worker {worker}"), key);
            }
            Ok(_) => {}
            Err(error) => facts.warn("worker", format!("its binding {name}: {error}"), key),
        }
    }
}
