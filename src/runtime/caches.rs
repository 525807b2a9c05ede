//! What workers keep: the responses that they fetch, and those that they put into caches by name.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, Request, Response};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::outbound::{Held, SendError, Way};
use super::via;
use crate::cache::{self, Cache, Failure, Kind, Mode, Upstream, Wishes};
use crate::egress::OwnFields;
use crate::ledger::Counters;
use crate::metrics::Outgoing;
use crate::model::{CacheOwner, Limit, Namespace, Script, TenantId};
use crate::traces::{Scope, Span};

/// A worker's caches.
pub(super) struct WorkerCaches {
    cache: Arc<Cache>,
    owner: CacheOwner,
    epoch: String,
    is_trusted: bool,
    /// Of what it fetches.
    pub http: cache::Place,
}

impl WorkerCaches {
    /// The caches of a worker, or those that it shares with its namespace; none where nothing is kept.
    pub(super) fn of(
        cache: &Arc<Cache>,
        id: &TenantId,
        script: &Script,
        namespace: Option<&Namespace>,
        is_regular: bool,
    ) -> Option<Self> {
        if !cache.is_on() {
            return None;
        }
        let trusting = namespace.filter(|namespace| namespace.trusted_workers);
        let owner = match trusting {
            Some(_) => CacheOwner::Namespace(id.namespace().to_owned()),
            None => CacheOwner::Worker(id.clone()),
        };
        // Workers that share a cache are not deployed together.
        let epoch = match cache.is_fresh_on_deploy() && trusting.is_none() {
            true => script.code.to_string(),
            false => String::new(),
        };
        Some(Self {
            http: cache.place(&owner, Kind::Http, &epoch),
            is_trusted: is_regular || trusting.is_some(),
            cache: cache.clone(),
            owner,
            epoch,
        })
    }

    /// The cache of this name, or the one that needs none.
    ///
    /// # Errors
    /// What the worker is told that may not have it.
    pub(super) fn open(&self, name: Option<&str>) -> Result<cache::Place, String> {
        let kind = match name {
            Some(name) => Kind::Named(name),
            None if self.is_trusted => Kind::Default,
            None => {
                return Err(
                    "caches.default is shared by all workers of an account, so user workers of an untrusted namespace cannot use it; \
                     open a cache of your own with caches.open(name)"
                        .to_owned(),
                );
            }
        };
        Ok(self.cache.place(&self.owner, kind, &self.epoch))
    }

    /// The cache of what an outbound worker fetches on this worker's behalf.
    pub(super) fn of_outbound(&self, outbound: &TenantId) -> cache::Place {
        let kind = Kind::Outbound(outbound);
        self.cache.place(&self.owner, kind, &self.epoch)
    }
}

/// A cache that a worker may use.
pub(super) struct Opened {
    pub cache: Arc<Cache>,
    pub place: cache::Place,
    /// Who uses it.
    pub usage: Arc<Counters>,
    /// Ends when it has been used.
    pub span: Option<Span>,
}

/// A body, counted for who is given it if it comes from a cache.
pub(super) struct FromCache {
    pub body: cache::Body,
    pub usage: Option<Arc<Counters>>,
}

impl Body for FromCache {
    type Data = Bytes;
    type Error = cache::BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, cache::BodyError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let (Some(usage), Some(Ok(frame))) = (&self.usage, &frame) {
            usage.from_cache(frame.data_ref().map_or(0, Bytes::len) as u64);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The network, for one request of a worker, or for several that are the same.
pub(super) struct Network {
    pub way: Arc<Way>,
    pub first_byte: Option<Duration>,
    /// The place in a trace that requests are sent from.
    pub scope: Option<Scope>,
}

#[async_trait]
impl Upstream for Network {
    async fn send(&self, request: Request<cache::Body>) -> Result<Response<cache::Body>, Failure> {
        let sent = self.exchange(request).await;
        sent.map_err(|error| Arc::new(error) as Failure)
    }
}

impl Network {
    async fn exchange(
        &self,
        mut request: Request<cache::Body>,
    ) -> Result<Response<cache::Body>, SendError> {
        let way = &*self.way;
        // Waiting for a turn is a part of it.
        let span = self.scope.as_ref();
        let span = span.map(|scope| scope.exchange(&mut request));
        let permit = way.connection().await?;
        let own = span.as_ref().map(|span| span.scope().context());
        let via = way.runtime.trees.leave(&way.budget, &way.place, own);
        let via = via.sign(&way.runtime.keyring);
        let via = via.map(|via| (HeaderName::from_static(via::HEADER), via));
        request
            .extensions_mut()
            .insert(OwnFields(via.into_iter().collect()));
        let egress = &way.runtime.egress;
        let sent = egress.fetch(&way.worker.tenant.id, request, self.first_byte);
        let sent = sent.await;
        way.worker.tenant.metrics.sent(match &sent {
            Ok(_) => Outgoing::Ok,
            Err(error) if error.is_refusal() => Outgoing::Refused,
            Err(_) => Outgoing::Failed,
        });
        let sent = sent.inspect_err(|error| {
            if let Some(span) = &span {
                span.fail(error.reason());
            }
        })?;
        if let Some(span) = &span {
            span.answer_to_us(sent.status().as_u16());
        }
        Ok(sent.map(|body| {
            let body = body.map_err(|error| Box::new(error) as cache::BodyError);
            Held::new(body.boxed_unsync(), permit, span).boxed_unsync()
        }))
    }
}

impl Way {
    /// Waits for one of the connections that an invocation may have. As on Cloudflare, a request beyond the bound waits
    /// for one that is under way.
    pub(super) async fn connection(&self) -> Result<OwnedSemaphorePermit, SendError> {
        let connections: &Arc<Semaphore> = &self.connections;
        if let Ok(permit) = connections.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let metrics = &self.worker.tenant.metrics;
        metrics.limit_exceeded(Limit::Connections);
        let permit = connections.clone().acquire_owned().await;
        permit.map_err(|_| SendError::Over)
    }
}

/// What a `fetch` says of caches, as the engine writes it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Told {
    cache_ttl: Option<f64>,
    cache_everything: Option<bool>,
    cache_key: Option<String>,
    cache_tags: Option<Vec<String>>,
    cache_ttl_by_status: Option<std::collections::BTreeMap<String, f64>>,
    cache: Option<String>,
}

/// What a `fetch` wants of caches, from what the engine wrote of it.
///
/// Source: Cloudflare docs, "Request: the `cf` property", "Request: `cache`".
///
/// # Errors
/// What is wrong with it.
pub(super) fn wishes(json: &str) -> Result<Wishes, String> {
    if json.is_empty() {
        return Ok(Wishes::default());
    }
    let told: Told = serde_json::from_str(json).map_err(|error| format!("cf: {error}"))?;
    let mut by_status = Vec::new();
    for (statuses, seconds) in told.cache_ttl_by_status.unwrap_or_default() {
        let (from, to) = statuses.split_once('-').unwrap_or((&statuses, &statuses));
        let range = from.trim().parse().ok().zip(to.trim().parse().ok());
        let (from, to) = range.ok_or_else(|| {
            format!("cf.cacheTtlByStatus: {statuses:?} is no status; write \"404\" or \"200-299\"")
        })?;
        by_status.push((from, to, seconds as i64));
    }
    Ok(Wishes {
        ttl: told.cache_ttl.map(|seconds| seconds as i64),
        ttl_by_status: by_status,
        everything: told.cache_everything.unwrap_or_default(),
        key: told.cache_key,
        tags: told.cache_tags.unwrap_or_default(),
        mode: match told.cache.as_deref() {
            Some("no-store") => Mode::NoStore,
            Some("no-cache" | "reload") => Mode::NoCache,
            _ => Mode::Default,
        },
    })
}
