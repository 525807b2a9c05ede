//! Who asks, and what he may.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, Method, StatusCode};
use moka::sync::Cache;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::Api;
use super::errors::{ApiError, codes};
use crate::control::Actor;
use crate::control::assets::Session;
use crate::control::upload::Entry;
use crate::model::token::Access;
use crate::model::{Binding, Token};

/// Addresses whose failures are counted at a time.
const ADDRESSES_MAX: u64 = 100_000;
/// Failures are counted for so long.
const WINDOW: Duration = Duration::from_secs(60);

/// Counts wrong credentials by address: one IPv4 address, or one IPv6 /64.
pub(super) struct Failures {
    counts: Cache<IpAddr, Arc<AtomicU32>>,
    max: u32,
}

impl Failures {
    pub(super) fn new(max: u32) -> Self {
        Self {
            counts: Cache::builder()
                .max_capacity(ADDRESSES_MAX)
                .time_to_live(WINDOW)
                .build(),
            max,
        }
    }

    fn is_blocked(&self, address: IpAddr) -> bool {
        let count = self.counts.get(&network(address));
        count.is_some_and(|count| count.load(Ordering::Relaxed) >= self.max)
    }

    fn count(&self, address: IpAddr) {
        self.counts
            .get_with(network(address), Arc::default)
            .fetch_add(1, Ordering::Relaxed);
    }
}

/// What one customer of a network provider has.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX)).into(),
        four => four,
    }
}

/// A client whose token is good.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// Its token.
    pub token: Arc<Token>,
    /// For the audit.
    pub actor: Actor,
}

impl Caller {
    /// The name that stands in records it writes.
    pub(super) fn name(&self) -> &str {
        &self.token.name
    }

    /// Whether everything of a namespace is hidden from it.
    pub(super) fn sees_namespace(&self, namespace: &str) -> bool {
        self.token
            .namespace
            .as_deref()
            .is_none_or(|own| own == namespace)
    }

    /// Whether it may say this of a worker: one that is bound to a namespace gives its workers no way out of it, and
    /// starts none that the operator has stopped.
    pub(super) fn may_say(
        &self,
        bindings: Option<&[Entry]>,
        has_status: bool,
    ) -> Result<(), ApiError> {
        let Some(own) = &self.token.namespace else {
            return Ok(());
        };
        if has_status {
            return Err(forbidden());
        }
        for entry in bindings.unwrap_or_default() {
            let Entry::New(Binding::Kept { kind, name, fields }) = entry else {
                continue;
            };
            let leads_out = match *kind {
                "service" | "tail_consumer" => true,
                "dispatch_namespace" => {
                    fields.get("namespace").and_then(|name| name.as_str()) != Some(own)
                        || fields.contains_key("outbound")
                }
                // They belong to the account: whoever knows an id would read what others keep there.
                "kv_namespace" => true,
                _ => false,
            };
            if leads_out {
                let message = format!(
                    "the token is bound to the namespace {own}, and the binding {name:?} leads out of it; bind it with a token \
                     of the account, uploads of this one can keep it (`keep_bindings`)"
                );
                return Err(ApiError::new(
                    StatusCode::FORBIDDEN,
                    codes::UNAUTHORIZED,
                    message,
                ));
            }
        }
        Ok(())
    }
}

impl Caller {
    /// Whether it may have a worker's events told to these consumers: one that is bound to a namespace tells none outside.
    pub(super) fn may_tell(&self, settings: &Map<String, Value>) -> Result<(), ApiError> {
        let Some(own) = &self.token.namespace else {
            return Ok(());
        };
        let consumers = settings.get("tail_consumers").and_then(Value::as_array);
        let mut consumers = consumers.into_iter().flatten();
        let is_hers = |consumer: &Value| consumer["namespace"] == **own;
        match consumers.all(is_hers) {
            true => Ok(()),
            false => Err(ApiError::new(
                StatusCode::FORBIDDEN,
                codes::UNAUTHORIZED,
                format!(
                    "the token is bound to the namespace {own}, and a tail consumer is outside of it; set that with a token \
                     of the account"
                ),
            )),
        }
    }
}

impl Api {
    /// Finds out who asks.
    ///
    /// # Errors
    /// [`ApiError`] with Cloudflare's codes when the credentials are missing, wrong, or over.
    pub(super) async fn authenticate(
        &self,
        headers: &HeaderMap,
        address: IpAddr,
        request_id: &str,
    ) -> Result<Caller, ApiError> {
        let (text, email) = credentials(headers)?;
        if self.failures.is_blocked(address) {
            return Err(ApiError::new(
                StatusCode::TOO_MANY_REQUESTS,
                codes::THROTTLED,
                "too many requests with wrong credentials came from this address; wait a minute",
            ));
        }
        let found = self.control.token(text).await?;
        let now = OffsetDateTime::now_utc();
        let is_good = |token: &Token| {
            let is_hers = match (email, &token.email) {
                (Some(given), Some(hers)) => given.eq_ignore_ascii_case(hers),
                _ => true,
            };
            is_hers && !token.is_expired(now)
        };
        let Some(token) = found.filter(is_good) else {
            self.failures.count(address);
            self.metrics.api_credentials_refused.inc();
            return Err(ApiError::new(
                StatusCode::UNAUTHORIZED,
                codes::AUTHENTICATION,
                "Authentication error",
            ));
        };
        let actor = Actor {
            id: token.id.clone(),
            name: token.name.clone(),
            ip: address.to_canonical().to_string(),
            request_id: request_id.to_owned(),
        };
        let token = Arc::new(token);
        Ok(Caller { token, actor })
    }

    /// Finds out whose upload of assets this is: not a token of the API opens it, but that of its session. Nobody can guess
    /// one, so wrong ones do not count against their address.
    ///
    /// # Errors
    /// [`ApiError`] when the token is none, or over.
    pub(super) fn authenticate_session(
        &self,
        headers: &HeaderMap,
        address: IpAddr,
        request_id: &str,
    ) -> Result<(Caller, Session), ApiError> {
        let (text, _) = credentials(headers)?;
        let session = self.control.session(&self.account, text).map_err(|error| {
            self.metrics.api_credentials_refused.inc();
            ApiError::new(
                StatusCode::UNAUTHORIZED,
                codes::AUTHENTICATION,
                format!("Authentication error: {error}"),
            )
        })?;
        let (id, name) = session.token();
        let actor = Actor {
            id: id.to_owned(),
            name: name.to_owned(),
            ip: address.to_canonical().to_string(),
            request_id: request_id.to_owned(),
        };
        let token = Arc::new(Token {
            id: actor.id.clone(),
            name: actor.name.clone(),
            access: Access::Write,
            namespace: None,
            email: None,
            created_on: String::new(),
            expires_on: None,
        });
        Ok((Caller { token, actor }, session))
    }

    /// Whether a client may do this: `path` is without the base, and begins with `/`.
    ///
    /// # Errors
    /// [`ApiError`]: what it may not know of does not exist.
    pub(super) fn authorize(
        &self,
        caller: &Caller,
        method: &Method,
        path: &str,
    ) -> Result<(), ApiError> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        if let ["accounts", account, ..] = segments[..]
            && account != self.account
        {
            return Err(ApiError::no_route(path));
        }
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        if let Some(own) = &caller.token.namespace {
            match segments[..] {
                ["user", ..] | ["memberships"] | ["accounts"] | ["accounts", _] if is_read => {}
                ["accounts", _, "tokens", "verify"] if is_read => {}
                // Lists show this one alone.
                ["accounts", _, "workers", "dispatch", "namespaces"] if is_read => {}
                ["accounts", _, "workers", "usage"] if is_read => {}
                [
                    "accounts",
                    _,
                    "workers",
                    "dispatch",
                    "namespaces",
                    namespace,
                ] => {
                    if decoded(namespace) != *own {
                        return Err(ApiError::no_namespace(&decoded(namespace)));
                    }
                    // It may work in its namespace, not rename or delete it.
                    if !is_read {
                        return Err(forbidden());
                    }
                }
                [
                    "accounts",
                    _,
                    "workers",
                    "dispatch",
                    "namespaces",
                    namespace,
                    ..,
                ] => {
                    if decoded(namespace) != *own {
                        return Err(ApiError::no_namespace(&decoded(namespace)));
                    }
                }
                // wrangler asks for these before it deploys into a namespace; they are not there.
                ["accounts", _, "workers", "scripts", name, ..] if is_read => {
                    let missing = crate::control::ControlError::NoScript(decoded(name));
                    return Err(missing.into());
                }
                _ => return Err(forbidden()),
            }
        }
        match caller.token.access {
            Access::Write => Ok(()),
            Access::Read if is_read => Ok(()),
            Access::Read => Err(forbidden()),
        }
    }
}

fn forbidden() -> ApiError {
    ApiError::new(
        StatusCode::FORBIDDEN,
        codes::UNAUTHORIZED,
        "Unauthorized to access requested resource",
    )
}

fn decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment)
        .decode_utf8_lossy()
        .into_owned()
}

/// The token a request shows, and the address beside it when it comes as Cloudflare's older API key.
fn credentials(headers: &HeaderMap) -> Result<(&str, Option<&str>), ApiError> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str());
    let malformed = |_| {
        ApiError::new(
            StatusCode::BAD_REQUEST,
            codes::AUTHENTICATION,
            "Invalid request headers: the credentials are not plain text",
        )
    };
    if let Some(value) = text("authorization") {
        let value = value.map_err(malformed)?;
        let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
        if !scheme.eq_ignore_ascii_case("bearer") || token.trim().is_empty() {
            return Err(ApiError::new(
                StatusCode::BAD_REQUEST,
                codes::AUTHENTICATION,
                "Invalid format for Authorization header: write `Bearer <token>`",
            ));
        }
        return Ok((token.trim(), None));
    }
    if let Some(key) = text("x-auth-key") {
        let email = text("x-auth-email").transpose().map_err(malformed)?;
        let Some(email) = email.filter(|email| !email.is_empty()) else {
            return Err(ApiError::new(
                StatusCode::BAD_REQUEST,
                codes::AUTHENTICATION,
                "X-Auth-Key needs X-Auth-Email beside it",
            ));
        };
        return Ok((key.map_err(malformed)?, Some(email)));
    }
    if let Some(key) = text("x-auth-user-service-key") {
        return Ok((key.map_err(malformed)?, None));
    }
    Err(ApiError::new(
        StatusCode::UNAUTHORIZED,
        codes::AUTHENTICATION,
        "Authentication error: the request has no Authorization header; `cirque token create` makes a token",
    ))
}
