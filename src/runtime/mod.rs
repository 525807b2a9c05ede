//! Runs workers: a fresh sandbox for each request, within its limits.
//!
//! It knows nothing of the proxy, and never compiles: finished artifacts come from [`modules`], which has
//! them made by a child process.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use arc_swap::ArcSwap;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use moka::sync::Cache;
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use wasmtime::Engine;

use crate::assets::{Assets, Share};
use crate::bindings::{self, Bindings};
use crate::cache::{self, Cache as HttpCache};
use crate::conf::Conf;
use crate::egress::Egress;
use crate::kv::{self, Kv};
use crate::ledger::Counters;
use crate::limiter::{Limiter, Permit, Tenant};
use crate::logs::AnalyticsLog;
use crate::metrics::Metrics;
use crate::model::namespace::State;
use crate::model::tenant::InvalidName;
use crate::model::{Limit, Limits, Namespace, REGULAR, Script, ScriptLimits, TenantId};
use crate::rates::Rates;
use crate::secrets::{Keyring, SealError};
use crate::store::known::{Found, Known, Record, Unavailable};
use crate::store::{KeyValue, keys};
use crate::tail::{Batches, Tails, Trace, Watchers};
use crate::traces::{Kind, LogRecords, Span, Tracer};

pub mod artifacts;
mod assets;
mod caches;
mod calls;
pub mod checks;
pub mod compiler;
mod component;
mod component_cache;
mod consumers;
pub mod engine;
mod guest;
mod invocation;
pub mod javascript;
mod keyvalue;
mod meter;
mod modules;
mod outbound;
mod prepare;
mod request_body;
mod tenant_log;
mod traced;
mod tree;
mod via;
mod watched;
mod workers;

pub use invocation::Body;
pub use modules::LoadError;
pub use prepare::{Prepared, prepare};
pub use request_body::{RequestBody, RequestBodySender};
pub use tree::Visit;
pub use via::{HEADER as VIA, Via};

use caches::WorkerCaches;
use calls::Policy;
use consumers::Consumers;
use invocation::{Guest, Head, Invocation, Others, Times};
use meter::{MemoryLimit, Meter};
use modules::{Loaded, Module, ModuleCache};
use outbound::Outbound;
use tenant_log::{TenantLog, Told};
use tree::{DEPTH_MAX, Place, Trees};

/// Workers whose bindings and limits are kept ready.
const WORKERS_MAX: u64 = 100_000;

/// Runs workers.
pub struct Runtime {
    engine: Engine,
    modules: ModuleCache,
    scripts: Arc<Known<Script>>,
    namespaces: Arc<Known<Namespace>>,
    keyring: Arc<Keyring>,
    workers: Cache<TenantId, Arc<Worker>>,
    limiter: Arc<Limiter>,
    egress: Arc<Egress>,
    cache: Arc<HttpCache>,
    assets: Arc<Assets>,
    kv: Arc<Kv>,
    rates: Rates,
    consumers: Consumers,
    shared: Arc<Shared>,
    trees: Trees,
    defaults: Limits,
    ceilings: Limits,
}

/// What every invocation needs to know of the process.
struct Shared {
    metrics: Arc<Metrics>,
    /// Where guests go that have used up a slice.
    heavy: Handle,
    /// Where the host does what takes long for them.
    slow: Arc<javascript::Slow>,
    source_maps: Arc<javascript::SourceMaps>,
    tails: Arc<Tails>,
    analytics: Arc<AnalyticsLog>,
    tracer: Option<Arc<Tracer>>,
    records: Option<Arc<LogRecords>>,
}

/// A worker, ready for requests.
struct Worker {
    /// The keys of its record and of its namespace's.
    key: String,
    namespace_key: String,
    script: Arc<Script>,
    /// Its namespace; regular workers have none, and a namespace needs no record.
    namespace: Option<Arc<Namespace>>,
    tenant: Arc<Tenant>,
    limits: Limits,
    bindings: Bindings,
    /// Its namespace's outbound worker.
    policy: Option<Arc<Policy>>,
    /// What waits for the workers that are told of its ends.
    consumers: Arc<[Arc<Batches>]>,
    /// What it keeps, where anything is kept.
    caches: Option<WorkerCaches>,
    /// Its code, while the cache holds it.
    module: ArcSwap<Weak<Module>>,
    /// What its static assets hold in memory.
    share: Share,
    /// What its large values hold in memory.
    kv_share: kv::Share,
    invocations: AtomicU32,
}

/// Of this many invocations one asks the cache for its module, so that the cache knows what is in use.
const MODULE_TOUCH: u32 = 64;

impl Worker {
    /// Whether it is outside any dispatch namespace: the operator's own.
    fn is_regular(&self) -> bool {
        self.tenant.id.namespace() == REGULAR
    }

    /// Whether the operator trusts it with what the edge knows of visitors.
    fn is_trusted(&self) -> bool {
        let is_trusted = |namespace: &Arc<Namespace>| namespace.trusted_workers;
        self.is_regular() || self.namespace.as_ref().is_some_and(is_trusted)
    }

    /// Its code, by way of the cache only as often as the cache needs to see that it is in use.
    async fn module(
        &self,
        modules: &ModuleCache,
        span: Option<&Span>,
    ) -> Result<Arc<Module>, LoadError> {
        let turn = self.invocations.fetch_add(1, Ordering::Relaxed);
        if !turn.is_multiple_of(MODULE_TOUCH)
            && let Some(module) = self.module.load().upgrade()
        {
            modules.count_hit();
            return Ok(module);
        }
        let module = match modules.find(&self.script.code).await {
            Some(module) => module,
            None => {
                self.tenant.metrics.code_loaded();
                let _loading = span.map(|span| span.scope().child(Kind::Internal, "load module"));
                modules.load(self.script.code, self.script.kind).await?
            }
        };
        self.module.store(Arc::new(Arc::downgrade(&module)));
        Ok(module)
    }
}

/// Why a worker did not answer.
#[derive(Debug, Error)]
pub enum WorkerError {
    /// No script has this name.
    #[error("there is no worker {0}")]
    NotFound(TenantId),
    /// There may be one, but the store is away.
    #[error("the store is away, and this node has not run the worker before")]
    StoreAway,
    /// Its record cannot be read.
    #[error("the worker's record cannot be read")]
    Unreadable,
    /// One of its secrets does not open on this node.
    #[error(transparent)]
    Secret(#[from] SealError),
    /// Its code could not be loaded.
    #[error("the worker's code could not be loaded: {0}")]
    Load(#[from] LoadError),
    /// Its namespace's outbound worker is none.
    #[error("the namespace's outbound worker: {0}")]
    Outbound(#[from] InvalidName),
    /// It, or its namespace, is suspended.
    #[error("the worker is suspended")]
    Suspended,
    /// It ran into a limit.
    #[error("the worker exceeded its {} limit", .0.label())]
    Limit(Limit),
    /// It did not catch that a worker which it called ran into a limit.
    #[error("a worker that it called exceeded its {} limit", .0.label())]
    Callee(Limit),
    /// Its JavaScript threw.
    #[error("the worker threw: {0}")]
    Exception(String),
    /// Its JavaScript waits for what cannot come.
    #[error("the worker will never answer: its promise waits for nothing that can still happen")]
    NeverSettled,
    /// It trapped.
    #[error("the worker trapped: {0}")]
    Trap(String),
    /// It ended without a response.
    #[error("the worker ended without a response")]
    NoResponse,
    /// It answered with an error.
    #[error("the worker answered with {0}")]
    Refused(String),
    /// Its body broke off.
    #[error("the worker's body broke off: {0}")]
    Body(String),
    /// The host failed.
    #[error("the sandbox failed: {0}")]
    Host(String),
}

impl WorkerError {
    /// Counts a request that ended so.
    fn count(&self, usage: &Counters) {
        match self {
            Self::Limit(limit) => usage.limited(*limit),
            Self::Exception(_)
            | Self::NeverSettled
            | Self::Callee(_)
            | Self::Trap(_)
            | Self::NoResponse
            | Self::Refused(_)
            | Self::Body(_) => usage.exception(),
            // Nothing that the worker's code did.
            Self::NotFound(_)
            | Self::StoreAway
            | Self::Unreadable
            | Self::Secret(_)
            | Self::Load(_)
            | Self::Outbound(_)
            | Self::Suspended
            | Self::Host(_) => {}
        }
    }
}

/// How a worker is called.
struct Called<'a> {
    place: Place,
    is_tls: bool,
    /// These only lower what the worker has.
    limits: ScriptLimits,
    /// The outbound worker that its caller names.
    policy: Option<Arc<Policy>>,
    /// The outbound worker of its caller, for a worker that has none.
    inherited: Option<Arc<Policy>>,
    /// It is an outbound worker, with these parameters.
    params: Option<Arc<Policy>>,
    /// Where what it fetches is kept, when that is for another.
    cache: Option<cache::Place>,
    entrypoint: &'a str,
    props: &'a str,
    /// What is no request, as JSON; empty for one that is.
    event: &'a str,
    /// Its span, once it has one.
    span: Option<Arc<Span>>,
    /// The event tells of what became of other workers.
    is_told: bool,
}

impl Called<'_> {
    /// By a visitor.
    fn by(visit: Visit, trees: &Trees) -> Self {
        Self {
            is_tls: visit.is_tls,
            place: Place::of(Arc::new(visit), trees),
            limits: ScriptLimits::default(),
            policy: None,
            inherited: None,
            params: None,
            cache: None,
            entrypoint: "",
            props: "",
            event: "",
            span: None,
            is_told: false,
        }
    }
}

/// What the runtime is made of.
pub struct Parts {
    /// The engine that serves.
    pub engine: Engine,
    /// Compiled code on disk.
    pub artifacts: artifacts::Artifacts,
    /// The records.
    pub store: Arc<dyn KeyValue>,
    /// Scripts among them.
    pub scripts: Arc<Known<Script>>,
    /// Dispatch namespaces among them.
    pub namespaces: Arc<Known<Namespace>>,
    /// What opens secrets.
    pub keyring: Arc<Keyring>,
    /// Admission.
    pub limiter: Arc<Limiter>,
    /// The way out.
    pub egress: Arc<Egress>,
    /// What is kept of responses.
    pub cache: Arc<HttpCache>,
    /// Static assets.
    pub assets: Arc<Assets>,
    /// Key-value namespaces.
    pub kv: Arc<Kv>,
    /// Who watches.
    pub tails: Arc<Tails>,
    /// Where data points go.
    pub analytics: Arc<AnalyticsLog>,
    /// What begins traces, where they are wanted.
    pub tracer: Option<Arc<Tracer>>,
    /// Where log records go, where they are wanted.
    pub records: Option<Arc<LogRecords>>,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// The threads for guests that compute.
    pub heavy: Handle,
}

impl Runtime {
    /// Puts the runtime together.
    pub fn new(conf: &Conf, parts: Parts) -> Self {
        let Parts {
            engine,
            artifacts,
            store,
            scripts,
            namespaces,
            keyring,
            limiter,
            egress,
            cache,
            assets,
            kv,
            tails,
            analytics,
            tracer,
            records,
            metrics,
            heavy,
        } = parts;
        let compiler = compiler::Compiler::new(
            compiler::Bounds::new(conf),
            conf.runtime.compilers,
            metrics.clone(),
        );
        let workers: Cache<TenantId, Arc<Worker>> = Cache::new(WORKERS_MAX);
        let known = workers.clone();
        metrics.workers.ask(move || {
            // What was put in of late is not counted before this.
            known.run_pending_tasks();
            known.entry_count()
        });
        let threads = heavy.clone();
        let tasks = move || threads.metrics().num_alive_tasks() as u64;
        metrics.heavy_tasks.ask(tasks);
        let threads = heavy.clone();
        let queue = move || threads.metrics().global_queue_depth() as u64;
        metrics.heavy_queue.ask(queue);
        let bytes_max = conf.runtime.modules_mb << 20;
        let source_maps = Arc::new(javascript::SourceMaps::new(store.clone()));
        Self {
            modules: ModuleCache::new(
                bytes_max,
                engine.clone(),
                artifacts,
                compiler,
                store,
                metrics.clone(),
            ),
            engine,
            scripts,
            namespaces,
            keyring,
            workers,
            limiter,
            egress,
            cache,
            assets,
            kv,
            rates: Rates::default(),
            consumers: Consumers::default(),
            shared: Arc::new(Shared {
                metrics,
                slow: Arc::new(javascript::Slow::new(heavy.clone())),
                heavy,
                source_maps,
                tails,
                analytics,
                tracer,
                records,
            }),
            defaults: conf.limits.defaults(),
            trees: Trees::new(conf.limits.ceilings().wall()),
            ceilings: conf.limits.ceilings(),
        }
    }

    /// Ends what runs of a worker as soon as its record, or its namespace's, says that it is suspended.
    pub fn follow_suspensions(self: &Arc<Self>) {
        let of_scripts = Arc::downgrade(self);
        self.scripts.on_change(move |key| {
            let runtime = of_scripts.upgrade();
            if let Some((runtime, id)) = runtime.zip(keys::script_tenant(key)) {
                runtime
                    .workers
                    .get(&id)
                    .inspect(|worker| runtime.judge_status(worker));
            }
        });
        let of_namespaces = Arc::downgrade(self);
        self.namespaces.on_change(move |key| {
            let Some(runtime) = of_namespaces.upgrade() else {
                return;
            };
            let workers = runtime.workers.iter();
            workers
                .filter(|(_, worker)| worker.namespace_key == key)
                .for_each(|(_, worker)| runtime.judge_status(&worker));
        });
    }

    /// Suspends a worker whose records say so. That it runs again is for its next request to find.
    fn judge_status(&self, worker: &Worker) {
        let namespace = match self.namespaces.peek(&worker.namespace_key) {
            Found::Present(namespace) => Some(namespace),
            Found::Absent | Found::Unknown => None,
        };
        if let Found::Present(script) = self.scripts.peek(&worker.key)
            && is_suspended(&script, namespace.as_deref())
        {
            worker.tenant.suspend(true);
        }
    }

    /// Makes the JavaScript engine ready, so that no visitor waits for that.
    pub async fn warm(&self) {
        if let Err(error) = self.modules.warm().await {
            tracing::warn!(%error, "the JavaScript engine could not be made ready; the first worker that needs it tries again");
        }
    }

    /// Has a tenant's worker answer a visitor's request.
    ///
    /// The request's URI is its path and query; its `Host` header is the authority that the worker sees.
    ///
    /// # Errors
    /// [`WorkerError`], each variant its own answer.
    pub async fn fetch(
        self: &Arc<Self>,
        tenant: &TenantId,
        request: Request<RequestBody>,
        visit: Visit,
    ) -> Result<Response<Body>, WorkerError> {
        let called = Called::by(visit, &self.trees);
        self.answer(tenant, request, called).await
    }

    /// Runs a worker at one of its times, in milliseconds since 1970.
    ///
    /// # Errors
    /// [`WorkerError`], each variant its own case.
    pub async fn schedule(
        self: &Arc<Self>,
        tenant: &TenantId,
        cron: &str,
        time_ms: u64,
    ) -> Result<(), WorkerError> {
        let event = serde_json::json!({ "cron": cron, "scheduledTime": time_ms }).to_string();
        let span = self.shared.tracer.as_ref();
        let span = span.map(|tracer| tracer.begin("scheduled"));
        let visit = Visit {
            scope: span.as_ref().map(|span| span.scope().clone()),
            ..Visit::new(&format!("cron-{time_ms}"))
        };
        let called = Called {
            event: &event,
            ..Called::by(visit, &self.trees)
        };
        let request = Request::new(RequestBody::Empty);
        let body = self.answer(tenant, request, called).await?.into_body();
        // It has answered when its handler was done; what it asked to be waited for goes on.
        body.let_go();
        Ok(())
    }

    /// Where a request comes from that a worker has sent; `None` for one that a visitor has written.
    pub fn via(&self, header: &HeaderValue) -> Option<Via> {
        Via::verify(header, &self.keyring)
    }

    async fn answer(
        self: &Arc<Self>,
        tenant: &TenantId,
        mut request: Request<RequestBody>,
        mut called: Called<'_>,
    ) -> Result<Response<Body>, WorkerError> {
        traced::begin(tenant, &mut request, &mut called);
        let span = called.span.clone();
        let answer = match self.worker(tenant).await {
            Ok(worker) => {
                let answer = self.answer_as(&worker, request, called).await;
                if let Err(error) = &answer {
                    error.count(&worker.tenant.usage);
                }
                answer
            }
            Err(error) => Err(error),
        };
        if let Some(span) = &span {
            traced::note(span, &answer);
        }
        answer
    }

    async fn answer_as(
        self: &Arc<Self>,
        worker: &Arc<Worker>,
        request: Request<RequestBody>,
        called: Called<'_>,
    ) -> Result<Response<Body>, WorkerError> {
        let limits = called.limits.lower(&worker.limits);
        let limit = |limit| {
            worker.tenant.metrics.limit_exceeded(limit);
            WorkerError::Limit(limit)
        };
        if worker.tenant.is_suspended() {
            return Err(WorkerError::Suspended);
        }
        worker.tenant.usage.request();
        if called.place.depth > DEPTH_MAX {
            return Err(limit(Limit::Depth));
        }
        // Neither an entrypoint nor an outbound worker stands for the worker's own paths.
        if called.entrypoint.is_empty()
            && called.event.is_empty()
            && called.params.is_none()
            && let Some(response) = self.asset(worker, assets::head(&request)).await?
        {
            if let Some(span) = &called.span {
                span.rename("static asset");
            }
            return Ok(response);
        }
        let trace = self.trace(worker, &request, &called);
        let answering = async {
            if content_length(request.headers()).is_some_and(|bytes| bytes > limits.request_bytes) {
                return Err(limit(Limit::RequestBytes));
            }
            let permit = self.limiter.admit(&worker.tenant, &limits).map_err(limit)?;
            let module = worker.module(&self.modules, called.span.as_deref()).await?;
            self.invoke(
                worker,
                module,
                permit,
                request,
                called,
                limits,
                trace.clone(),
            )
            .response()
            .await
        };
        let answer = answering.await;
        if let Some(trace) = &trace {
            watched::note(trace, &answer);
        }
        answer
    }

    /// Gathers what becomes of an invocation, if anybody is to be told.
    fn trace<B>(
        &self,
        worker: &Worker,
        request: &Request<B>,
        called: &Called<'_>,
    ) -> Option<Arc<Trace>> {
        let (tenant, script) = (&worker.tenant.id, &worker.script);
        let tails = self.shared.tails.watchers(tenant, &script.tags);
        // Who is told of the end of being told would never be done.
        let consumers = match called.is_told {
            true => &[],
            false => &*worker.consumers,
        };
        if tails.is_none() && consumers.is_empty() {
            return None;
        }
        let watchers = Watchers {
            tails: tails.unwrap_or_default(),
            consumers: consumers.to_vec(),
            depth: called.place.depth,
        };
        let event = watched::event(worker, request, called, !consumers.is_empty());
        Some(Trace::begin(
            watchers,
            tenant.clone(),
            script.clone(),
            event,
        ))
    }

    /// The worker as its record describes it now.
    async fn worker(self: &Arc<Self>, id: &TenantId) -> Result<Arc<Worker>, WorkerError> {
        let known = self.workers.get(id);
        let (key, namespace_key) = match &known {
            Some(worker) => {
                // The hot path: neither record has changed since.
                if let Found::Present(script) = self.scripts.peek(&worker.key)
                    && Arc::ptr_eq(&worker.script, &script)
                    && self.has_same_namespace(worker)
                {
                    return Ok(worker.clone());
                }
                (worker.key.clone(), worker.namespace_key.clone())
            }
            None => (keys::script(id), keys::namespace(id.namespace())),
        };
        let namespace = self.namespace(id, &namespace_key).await?;
        let script = read(&self.scripts, &key).await?;
        let script = script.ok_or_else(|| WorkerError::NotFound(id.clone()))?;
        // A new version keeps the tenant's counters: invocations of the old one still run.
        let share = known.as_ref().map(|worker| worker.share.clone());
        let kv_share = known.as_ref().map(|worker| worker.kv_share.clone());
        let tenant = known.map(|worker| worker.tenant.clone());
        let limits = match &namespace {
            Some(namespace) => script.limits.or(&namespace.limits),
            None => script.limits,
        };
        let tenant =
            tenant.unwrap_or_else(|| Arc::new(Tenant::new(id.clone(), &self.shared.metrics)));
        tenant.suspend(is_suspended(&script, namespace.as_deref()));
        let is_regular = id.namespace() == REGULAR;
        let worker = Arc::new(Worker {
            caches: WorkerCaches::of(&self.cache, id, &script, namespace.as_deref(), is_regular),
            key,
            namespace_key,
            tenant,
            limits: limits.resolve(&self.defaults, &self.ceilings),
            bindings: bindings::open(id, &script, &self.keyring)?,
            consumers: self.consumers(id, &script),
            policy: match namespace
                .as_ref()
                .and_then(|namespace| namespace.outbound.as_ref())
            {
                Some(outbound) => Some(Arc::new(Policy::of(outbound)?)),
                None => None,
            },
            module: ArcSwap::from_pointee(Weak::new()),
            share: share.unwrap_or_default(),
            kv_share: kv_share.unwrap_or_default(),
            invocations: AtomicU32::new(0),
            script,
            namespace,
        });
        self.workers.insert(id.clone(), worker.clone());
        // Should a record have changed since it was read.
        self.judge_status(&worker);
        Ok(worker)
    }

    /// Whether nothing has happened to a worker's namespace.
    fn has_same_namespace(&self, worker: &Worker) -> bool {
        if worker.is_regular() {
            return true;
        }
        match (
            self.namespaces.peek(&worker.namespace_key),
            &worker.namespace,
        ) {
            (Found::Present(now), Some(then)) => Arc::ptr_eq(&now, then),
            (Found::Absent, None) => true,
            _ => false,
        }
    }

    /// The worker's namespace, if it has a record; a deleted one has no workers.
    async fn namespace(
        &self,
        id: &TenantId,
        key: &str,
    ) -> Result<Option<Arc<Namespace>>, WorkerError> {
        if id.namespace() == REGULAR {
            return Ok(None);
        }
        let found = match self.namespaces.peek(key) {
            Found::Present(namespace) => Some(namespace),
            // Also while the store is away: what is known serves.
            Found::Absent => None,
            Found::Unknown => read(&self.namespaces, key).await?,
        };
        match found {
            Some(namespace) if namespace.state == State::Deleted => {
                Err(WorkerError::NotFound(id.clone()))
            }
            None => {
                self.namespaces.keep_absent(key);
                Ok(None)
            }
            found => Ok(found),
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "an invocation is made of this, here alone"
    )]
    fn invoke(
        self: &Arc<Self>,
        worker: &Arc<Worker>,
        module: Arc<Module>,
        permit: Permit,
        request: Request<RequestBody>,
        called: Called<'_>,
        limits: Limits,
        trace: Option<Arc<Trace>>,
    ) -> Invocation {
        let tenant = worker.tenant.clone();
        let mut place = called.place;
        let wall = place.begin(limits.wall());
        let meter = Arc::new(Meter::new(&limits));
        let request = request.map(|body| {
            body.counted(&tenant.usage)
                .bounded(limits.request_bytes, &meter)
        });
        let log = TenantLog::new(
            tenant.clone(),
            place.visit.clone(),
            limits.log_bytes,
            Told {
                trace: trace.clone(),
                scope: place.scope.clone(),
                records: self.shared.records.clone(),
            },
        );
        // What stands before the network: for the operator's own workers nothing.
        let policy = match worker.is_regular() {
            true => None,
            false => called
                .policy
                .or_else(|| worker.policy.clone())
                .or(called.inherited),
        };
        let params = called.params.as_ref().map(|policy| &policy.params);
        let visit = place.visit.clone();
        let outbound = Outbound::new(
            self.clone(),
            worker.clone(),
            place,
            policy,
            limits,
            called.cache,
        );
        let memory = MemoryLimit::new(limits.memory_bytes(), meter.clone());
        let engine = self.engine.clone();
        let (guest, head, visitor) = match &module.code {
            Loaded::Component(_) => {
                let bindings = match params {
                    Some(params) => worker.bindings.with(params),
                    None => worker.bindings.clone(),
                };
                let host = component::Host::new(bindings, log, outbound, memory);
                let (sender, head) = oneshot::channel();
                let guest = guest::component(
                    engine,
                    module,
                    host,
                    meter.clone(),
                    request,
                    called.is_tls,
                    sender,
                );
                (guest, Head::Component(head), None)
            }
            Loaded::JavaScript(_) => {
                let (sender, head) = oneshot::channel();
                let visitor = Arc::new(javascript::Visitor::default());
                let (parts, body) = request.into_parts();
                let body = javascript::body(body);
                let environment =
                    params.map(|params| calls::with_params(&worker.bindings.json, params));
                let cf = match worker.is_trusted() {
                    true => visit.cf(),
                    false => String::new(),
                };
                let message = javascript::Head {
                    is_tls: called.is_tls,
                    has_body: body.is_some(),
                    environment: environment.as_deref().unwrap_or(&worker.bindings.json),
                    callees: &worker.bindings.callees_json,
                    cf: &cf,
                    entrypoint: called.entrypoint,
                    props: called.props,
                    event: called.event,
                    request: &Request::from_parts(parts, ()),
                }
                .message();
                let maps = self.shared.source_maps.clone();
                let parts = javascript::Parts {
                    log: javascript::Log::new(log, maps, worker.script.code),
                    slow: self.shared.slow.of(tenant.clone(), meter.clone()),
                    outbound,
                    meter: meter.clone(),
                    limit: memory,
                    visitor: visitor.clone(),
                };
                let host = javascript::Host::new(parts, sender, body);
                let guest = guest::script(engine, module, host, meter.clone(), message);
                (guest, Head::Script(head), Some(visitor))
            }
        };
        Invocation {
            guest: Guest::new(
                self.shared.clone(),
                tenant.clone(),
                meter,
                permit,
                Times {
                    wall,
                    wait_until: Duration::from_millis(limits.wait_until_ms),
                },
                Others {
                    visitor,
                    trace,
                    span: called.span,
                },
                guest,
            ),
            tenant,
            head,
            response_bytes: limits.response_bytes,
            body_idle: Duration::from_millis(limits.body_idle_ms),
        }
    }
}

fn is_suspended(script: &Script, namespace: Option<&Namespace>) -> bool {
    !script.status.is_active() || namespace.is_some_and(|namespace| !namespace.status.is_active())
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// A record, from memory or the store; `None` when there is none.
async fn read<R: Record>(known: &Known<R>, key: &str) -> Result<Option<Arc<R>>, WorkerError> {
    match known.peek(key) {
        Found::Present(record) => return Ok(Some(record)),
        Found::Absent if known.is_live() => return Ok(None),
        Found::Absent => return Err(WorkerError::StoreAway),
        Found::Unknown => {}
    }
    let found = known.load(&[key.to_owned()]).await.pop();
    match found.unwrap_or(Err(Unavailable::StoreAway)) {
        Ok(record) => Ok(record),
        Err(Unavailable::StoreAway) => Err(WorkerError::StoreAway),
        Err(Unavailable::Unreadable) => Err(WorkerError::Unreadable),
    }
}

/// The threads for guests that compute: they give way to those that serve.
///
/// # Errors
/// When the system gives no threads.
pub fn heavy_threads(conf: &Conf) -> std::io::Result<tokio::runtime::Runtime> {
    let nice = conf.runtime.heavy_nice;
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(conf.runtime.heavy_threads())
        .thread_name("heavy")
        // Guests that yield keep the queue full; without this, I/O would be looked at every 61st poll.
        .event_interval(8)
        .on_thread_start(move || {
            // On Linux niceness belongs to a thread. Refused, all threads are equal, which is slower, not wrong.
            let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), nice);
        })
        .enable_all()
        .build()
}
