//! Puts the edge together, and takes it down.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use pingora::apps::HttpServerOptions;
use pingora::apps::http_app::HttpServer;
use pingora::listeners::ListenerConfig;
use pingora::protocols::l4::stream::L4BufferSettings;
use pingora::proxy::http_proxy;
use pingora::server::configuration::{Opt, ServerConf};
use pingora::server::{RunArgs, Server, ShutdownSignal, ShutdownSignalWatch};
use pingora::services::listening::Service;
use rustix::process::{Pid, Resource, Signal, getrlimit, kill_process, setrlimit};
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};

use crate::api;
use crate::assets::Assets;
use crate::cache::{Cache, PurgeFollower};
use crate::conf::{Conf, ConfError, Parsed, StoreUrl};
use crate::control::Control;
use crate::control::index::Index;
use crate::egress::{self, ClientCertificate, Egress, Reach};
use crate::hostnames::{self, Keeper, KeeperError};
use crate::kv::Kv;
use crate::limiter::Limiter;
use crate::logs::{AccessLog, AnalyticsLog};
use crate::metrics::Metrics;
use crate::proxy::connection::{Entrances, Seats, Visitors};
use crate::proxy::ops::Ops;
use crate::proxy::{self, Bare, CONNECT_ATTEMPTS, CachedOrigins, Edge, Origins};
use crate::relay::Relay;
use crate::router::Router;
use crate::runtime::artifacts::Artifacts;
use crate::runtime::{self, Runtime, engine};
use crate::schedules::Schedules;
use crate::secrets::{KeyError, Keyring};
use crate::store::known::{Follow, Follower, Known, Trust};
use crate::store::snapshot::Snapshot;
use crate::store::{self, KeyValue, StoreError};
use crate::tail::Tails;
use crate::tls::{Door, TlsSetupError};
use crate::traces::{ExportSetupError, Exporters};
use crate::usage::Folder;

/// Read buffers of idle connections are most of what they cost.
const READ_BUFFER_BYTES: usize = 16 << 10;
/// How often the end of the last request is looked for while draining.
const DRAIN_INTERVAL: Duration = Duration::from_millis(10);
/// Threads of the control API.
const API_THREADS: usize = 2;
/// How long a new process waits for its upgrade socket to appear before it signals the old one.
const UPGRADE_WAIT: Duration = Duration::from_secs(5);

/// Why the edge cannot start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The settings cannot be used.
    #[error(transparent)]
    Conf(#[from] ConfError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys of the secrets cannot be used.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// A directory or file of the node cannot be used.
    #[error(
        "{what} {path}: {source}; set `store.data_dir` to a directory that this user may write"
    )]
    Directory {
        /// What it is for.
        what: &'static str,
        /// Where it is.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A log's file cannot be written.
    #[error("{path} cannot be written: {source}; set `{key}` to a file that this user may write")]
    LogFile {
        /// The setting.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The sandboxes cannot be made.
    #[error(
        "the sandboxes cannot be made: {0}; each reserves 4 GiB of address space, so lower `runtime.instances` \
         or raise the limit on address space (`ulimit -v`)"
    )]
    Engine(String),
    /// What guests reach the network with cannot be made.
    #[error(transparent)]
    Egress(#[from] egress::EgressSetupError),
    /// Custom hostnames cannot be looked after.
    #[error(transparent)]
    Keeper(#[from] KeeperError),
    /// Names cannot be resolved.
    #[error(transparent)]
    Resolver(#[from] egress::ResolverError),
    /// Nothing can be sent to the collector.
    #[error(transparent)]
    Export(#[from] ExportSetupError),
    /// Visitors cannot be spoken to over TLS.
    #[error(transparent)]
    Tls(#[from] TlsSetupError),
    /// An address cannot be listened on.
    #[error("{key} {address}: {source}")]
    Listen {
        /// The setting.
        key: &'static str,
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// There is no randomness.
    #[error("{0}")]
    Random(io::Error),
    /// Threads cannot be had.
    #[error("threads cannot be started: {0}")]
    Threads(io::Error),
    /// There is nothing to upgrade.
    #[error("there is no running edge to upgrade: {0}; start without --upgrade")]
    Upgrade(String),
}

/// How the edge is started.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Take over the sockets of the edge that runs with the same data directory.
    pub is_upgrade: bool,
    /// Answer every request with a fixed page from Pingora alone, to compare with in benches.
    pub is_bare: bool,
}

/// Runs the edge until a signal ends it.
///
/// # Errors
/// [`StartError`], which says what to do.
pub fn run(conf: &Conf, options: Options) -> Result<(), StartError> {
    let parsed = conf.parsed()?;
    raise_file_limit();
    leave_no_core();
    let directory = private_directory(&conf.store.data_dir)?;
    let metrics = Metrics::new(conf.log.tenants_max);
    let metrics = Arc::new(match conf.usage.interval_s {
        0 => metrics,
        _ => metrics.with_ledger(),
    });
    let log_failed = |key, path: &Path, source| StartError::LogFile {
        key,
        path: path.to_owned(),
        source,
    };
    let access = AccessLog::start(&conf.log, &metrics)
        .map_err(|source| log_failed("log.access_file", &conf.log.access_file, source))?;
    let access = access.map(Arc::new);
    let analytics = AnalyticsLog::start(&conf.log, &metrics)
        .map_err(|source| log_failed("log.analytics_file", &conf.log.analytics_file, source))?;
    let analytics = Arc::new(analytics);
    let control = control_runtime().map_err(StartError::Threads)?;
    let heavy = runtime::heavy_threads(conf).map_err(StartError::Threads)?;
    let _in_control = control.enter();
    control.spawn(reopen_logs(access.clone(), analytics.clone()));

    let interval = Duration::from_secs(conf.log.tenants_interval_s);
    control.spawn(metrics.clone().follow_tenants(interval));
    let store = store::open(conf, &parsed.store)?;
    let keyring = Arc::new(Keyring::open(conf)?);
    let snapshot = snapshot(conf, &parsed.store)?;
    let trust = Arc::new(Trust::new(metrics.clone()));
    let known = |snapshot: &Option<Arc<Snapshot>>| {
        (
            store.clone(),
            snapshot.clone(),
            trust.clone(),
            metrics.clone(),
        )
    };
    let (s, n, t, m) = known(&snapshot);
    let routes = Arc::new(Known::new(&conf.store, s, n, t, m));
    let (s, n, t, m) = known(&snapshot);
    let zones = Arc::new(Known::new(&conf.store, s, n, t, m));
    let (s, n, t, m) = known(&snapshot);
    let mut held = conf.store.clone();
    held.records_max = held.records_max.min(conf.tls.certificates_max);
    let certificates = Arc::new(Known::new(&held, s, n, t, m));
    let (s, _, t, m) = known(&snapshot);
    let challenges = Arc::new(Known::new(&held, s, None, t, m));
    let (s, n, t, m) = known(&snapshot);
    let scripts = Arc::new(Known::new(&conf.store, s, n, t, m));
    let (s, n, t, m) = known(&snapshot);
    let namespaces = Arc::new(Known::new(&conf.store, s, n, t, m));
    let cache = Arc::new(Cache::new(&conf.cache, metrics.clone()));
    let purges = Arc::new(PurgeFollower::new(store.clone(), cache.clone()));
    let kv = Kv::new(&conf.kv, store.clone(), trust.clone(), metrics.clone());
    let kv = Arc::new(kv);
    let tails = Arc::new(Tails::new(metrics.clone()));
    let relay = Relay::new(store.clone(), tails.clone(), metrics.clone());
    let relay = relay.map_err(StartError::Random)?;
    let by_hand = Arc::new(hostnames::byhand::Written::default());
    let mut follow: Vec<Arc<dyn Follow>> = vec![
        routes.clone(),
        zones.clone(),
        certificates.clone(),
        challenges.clone(),
        by_hand.clone(),
        scripts.clone(),
        namespaces.clone(),
        purges,
        kv.clone(),
    ];
    if let Some(relay) = relay.map(Arc::new) {
        follow.push(relay.clone());
        control.spawn(relay.run());
    }
    if parsed.api.is_some() {
        follow.push(Arc::new(Index::start(store.clone())));
    }
    let (follower, ready) = Follower::new(&conf.store, store.clone(), follow, trust.clone());
    let feed = store.clone().watch(store::keys::FOLLOWED);
    control.spawn(follower.run(feed));

    let engine = engine::serving(conf).map_err(|e| StartError::Engine(format!("{e:#}")))?;
    if !engine::has_pagemap_scan() {
        tracing::warn!(
            "this kernel is older than Linux 6.7: each request to a worker costs more than twice the CPU time"
        );
    }
    let artifacts_failed = |source| StartError::Directory {
        what: "compiled code in",
        path: conf.store.data_dir.join("artifacts"),
        source,
    };
    let artifacts_bytes = conf.runtime.artifacts_mb << 20;
    let artifacts = Artifacts::open(&conf.store.data_dir, &engine, artifacts_bytes)
        .map_err(artifacts_failed)?;
    let limiter = Arc::new(Limiter::new(conf.runtime.instances, metrics.clone()));
    engine::tick(&engine, limiter.clone()).map_err(StartError::Threads)?;
    let resolver = egress::resolver(&conf.egress, &parsed.egress)?;
    let egress = Egress::new(
        &conf.egress,
        parsed.egress.clone(),
        resolver.clone(),
        egress::Own::of(&parsed),
        &metrics,
    )?;
    let assets_failed = |source| StartError::Directory {
        what: "static assets in",
        path: conf.store.data_dir.join("assets"),
        source,
    };
    let assets = Assets::open(conf, &parsed.store, store.clone(), metrics.clone());
    let assets = assets.map_err(assets_failed)?;
    let exporters = exporters(conf, &parsed, &resolver, &metrics)?;
    let tracer = exporters.as_ref().and_then(|exporters| exporters.tracer());
    let records = exporters.as_ref().and_then(|exporters| exporters.records());
    let runtime = Runtime::new(
        conf,
        runtime::Parts {
            engine,
            artifacts,
            store: store.clone(),
            scripts: scripts.clone(),
            namespaces,
            keyring: keyring.clone(),
            limiter: limiter.clone(),
            egress: Arc::new(egress),
            cache: cache.clone(),
            assets: Arc::new(assets),
            kv,
            tails: tails.clone(),
            analytics: analytics.clone(),
            tracer: tracer.clone(),
            records: records.clone(),
            metrics: metrics.clone(),
            heavy: heavy.handle().clone(),
        },
    );
    let runtime = Arc::new(runtime);
    runtime.follow_suspensions();
    let schedules = Schedules {
        store: store.clone(),
        scripts: scripts.clone(),
        runtime: runtime.clone(),
    };
    control.spawn(schedules.run());
    let usage = Folder::new(&conf.usage, store.clone(), metrics.clone());
    let usage = Arc::new(usage.map_err(StartError::Random)?);
    let usage = (conf.usage.interval_s > 0).then(|| {
        control.spawn(usage.clone().run());
        (usage, control.handle().clone())
    });
    if conf.runtime.javascript {
        let runtime = runtime.clone();
        control.spawn(async move { runtime.warm().await });
    }
    let keeper = Keeper::new(
        conf,
        &parsed,
        egress::Own::of(&parsed),
        store.clone(),
        keyring.clone(),
        by_hand,
        metrics.clone(),
    )?;
    control.spawn(Arc::new(keeper).run());
    let mut dns = None;
    if let (Some(address), Some(zone)) = (parsed.hostnames.dns, &parsed.hostnames.dns_zone) {
        let thread = dns.insert(dns_runtime().map_err(StartError::Threads)?);
        let responder = hostnames::responder::Responder::listen(address, zone, challenges.clone());
        let responder = thread.block_on(responder);
        let responder = responder.map_err(|source| StartError::Listen {
            key: "dns.listen",
            address,
            source,
        })?;
        thread.spawn(responder.run());
    }
    let shown = ClientCertificate::of_origins(&conf.origins)?;
    let reach = Reach::new(&parsed);
    let to_origins = |reach| {
        Egress::for_origins(
            &conf.origins,
            &conf.egress,
            resolver.clone(),
            shown.as_ref(),
            reach,
            &metrics,
        )
    };
    let (to_operators, to_customers) = (to_origins(None)?, to_origins(Some(&reach))?);
    let router = Arc::new(Router::new(routes, zones));
    let https = match parsed.https {
        Some(address) => {
            let door = Door::new(
                &conf.tls,
                certificates,
                challenges.clone(),
                keyring.clone(),
                metrics.clone(),
            )?;
            let door = Arc::new(door);
            control.spawn(door.clone().follow_files(conf.tls.clone()));
            Some((address, door))
        }
        None => None,
    };
    let is_proxied = |listener| conf.listen.proxy_protocol.iter().any(|l| l == listener);
    let entrances = Entrances {
        https,
        router: router.clone(),
        http_is_proxied: is_proxied("http"),
        https_is_proxied: is_proxied("https"),
        handshake_timeout: Duration::from_millis(conf.tls.handshake_timeout_ms),
    };
    let edge = Edge::new(
        conf,
        proxy::Parts {
            router,
            runtime,
            cached: CachedOrigins::new(cache, to_operators, to_customers, conf.cache.origins),
            origins: Origins::new(&conf.origins, resolver, reach, shown.as_ref()),
            challenges,
            metrics: metrics.clone(),
            access: access.clone(),
            tracer,
            records,
        },
    );

    let seats = Arc::new(Seats::new(&conf.limits, metrics.clone()));
    let mut server = server(conf, &directory, options);
    check_addresses(&parsed, options)?;
    if options.is_upgrade {
        signal_predecessor(&directory)?;
    }
    server.bootstrap();
    let configuration = server.configuration.clone();
    match options.is_bare {
        true => {
            server.add_service(visitors_service(
                http_proxy(&configuration, Bare),
                parsed.http,
                None,
            ));
        }
        false => {
            let mut proxy = http_proxy(&configuration, edge);
            // HTTP/1 connections have a pace of their own; of HTTP/2 ones Pingora can end those that idle.
            let mut http = HttpServerOptions::default();
            http.h2_idle_timeout = Some(Duration::from_millis(conf.limits.keepalive_timeout_ms));
            proxy.server_options = Some(http);
            server.add_service(visitors_service(
                Visitors::new(proxy, &conf.limits, seats.clone(), entrances),
                parsed.http,
                parsed.https,
            ));
        }
    }
    if let Some(address) = parsed.ops {
        let mut ops = Service::new(
            "ops".into(),
            HttpServer::new_app(Ops::new(metrics.clone(), trust, ready)),
        );
        ops.threads = Some(1);
        ops.add_tcp(&address.to_string());
        server.add_service(ops);
    }

    let api = match parsed.api {
        Some(address) => Some(start_api(conf, address, store, keyring, metrics, tails)?),
        None => None,
    };
    write_pid(&directory)?;
    tracing::info!(
        http = conf.listen.http, https = conf.listen.https, ops = conf.listen.ops, api = conf.listen.api,
        data_dir = %conf.store.data_dir.display(), "the edge starts"
    );
    let last_words = LastWords {
        access,
        analytics,
        snapshot,
        usage,
        exporters: exporters.map(|exporters| (exporters, control.handle().clone())),
    };
    let drained = DrainWatch {
        seats,
        limiter,
        phases: server.watch_execution_phase(),
    };
    let words = last_words.clone();
    std::thread::Builder::new()
        .name("drain".into())
        .spawn(move || drained.run(&words))
        .map_err(StartError::Threads)?;
    server.run(RunArgs {
        shutdown_signal: Box::new(Signals),
    });
    last_words.say();
    // Guests that still run belong to nobody now.
    heavy.shutdown_background();
    for threads in api.into_iter().chain(dns) {
        threads.shutdown_background();
    }
    Ok(())
}

/// Serves the control API, on threads of its own: whatever it does, visitors do not wait for it.
fn start_api(
    conf: &Conf,
    address: SocketAddr,
    store: Arc<dyn KeyValue>,
    keyring: Arc<Keyring>,
    metrics: Arc<Metrics>,
    tails: Arc<Tails>,
) -> Result<tokio::runtime::Runtime, StartError> {
    let threads = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(API_THREADS)
        .thread_name("api")
        .enable_all()
        .build()
        .map_err(StartError::Threads)?;
    let control = Arc::new(Control::new(conf, store, keyring, metrics.clone()));
    threads.spawn(api::serve(conf.clone(), address, control, metrics, tails));
    Ok(threads)
}

/// What is written before the process ends.
#[derive(Clone)]
struct LastWords {
    access: Option<Arc<AccessLog>>,
    analytics: Arc<AnalyticsLog>,
    snapshot: Option<Arc<Snapshot>>,
    usage: Option<(Arc<Folder>, Handle)>,
    exporters: Option<(Arc<Exporters>, Handle)>,
}

impl LastWords {
    /// What is known already when a drain begins: it may take long, and not end well.
    fn begin(&self) {
        if let Some((usage, threads)) = &self.usage {
            let usage = usage.clone();
            threads.spawn(async move { usage.fold().await });
        }
    }

    fn say(&self) {
        if let Some((usage, threads)) = &self.usage {
            threads.block_on(usage.last());
        }
        if let Some(access) = &self.access {
            access.close();
        }
        self.analytics.close();
        if let Some((exporters, threads)) = &self.exporters {
            threads.block_on(exporters.last());
        }
        if let Some(snapshot) = &self.snapshot {
            snapshot.close();
        }
    }
}

/// What sends spans and log records, where there is a collector that any of them is for.
fn exporters(
    conf: &Conf,
    parsed: &Parsed,
    resolver: &Arc<hickory_resolver::TokioResolver>,
    metrics: &Arc<Metrics>,
) -> Result<Option<Arc<Exporters>>, StartError> {
    let Some(collector) = &parsed.collector else {
        return Ok(None);
    };
    if !conf.traces.enabled && !conf.log.otlp {
        return Ok(None);
    }
    // What becomes of its requests is counted as spans and records, not among those of workers.
    let uncounted = Metrics::new(0);
    let (ca_file, names) = (&conf.otlp.ca_file, resolver.clone());
    let http = Egress::to_anywhere(ca_file, &conf.egress, names, &uncounted)?;
    let exporters = Exporters::start(conf, collector, http, metrics)?;
    Ok(Some(Arc::new(exporters)))
}

/// Ends the process as soon as nothing runs any more; Pingora itself would sit out its whole grace period.
struct DrainWatch {
    seats: Arc<Seats>,
    limiter: Arc<Limiter>,
    phases: tokio::sync::broadcast::Receiver<pingora::server::ExecutionPhase>,
}

impl DrainWatch {
    fn run(mut self, words: &LastWords) {
        use pingora::server::ExecutionPhase::ShutdownGracePeriod;
        loop {
            match self.phases.blocking_recv() {
                Ok(ShutdownGracePeriod) => break,
                Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
            }
        }
        words.begin();
        let began = Instant::now();
        while self.seats.taken() > 0 || self.limiter.running() > 0 {
            #[expect(
                clippy::disallowed_methods,
                reason = "this thread does nothing but wait for the end"
            )]
            std::thread::sleep(DRAIN_INTERVAL);
        }
        tracing::info!(
            duration_ms = began.elapsed().as_millis() as u64,
            "drained; the edge ends"
        );
        words.say();
        std::process::exit(0);
    }
}

/// Has the logs go on in new files at each SIGHUP, for whoever has renamed the old ones.
async fn reopen_logs(access: Option<Arc<AccessLog>>, analytics: Arc<AnalyticsLog>) {
    let mut hangup =
        signal(SignalKind::hangup()).expect("this signal can be watched on every Unix");
    while hangup.recv().await.is_some() {
        if let Some(access) = &access {
            access.reopen();
        }
        analytics.reopen();
        tracing::info!("logs that go to files were opened anew");
    }
}

/// SIGTERM drains, SIGINT ends at once, SIGQUIT hands the sockets to a successor and drains.
struct Signals;

#[async_trait]
impl ShutdownSignalWatch for Signals {
    async fn recv(&self) -> ShutdownSignal {
        let watch = |kind| signal(kind).expect("these signals can be watched on every Unix");
        let (mut term, mut int, mut quit) = (
            watch(SignalKind::terminate()),
            watch(SignalKind::interrupt()),
            watch(SignalKind::quit()),
        );
        tokio::select! {
            _ = term.recv() => ShutdownSignal::GracefulTerminate,
            _ = int.recv() => ShutdownSignal::FastShutdown,
            _ = quit.recv() => ShutdownSignal::GracefulUpgrade,
        }
    }
}

fn server(conf: &Conf, directory: &Path, options: Options) -> Server {
    let threads = conf.runtime.threads();
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let server = ServerConf {
        threads,
        work_stealing: conf.runtime.work_stealing,
        grace_period_seconds: Some(conf.runtime.drain_timeout_s),
        graceful_shutdown_timeout_seconds: Some(1),
        upgrade_sock: text(directory.join("upgrade.sock")),
        pid_file: text(directory.join("cirque.pid")),
        upstream_keepalive_pool_size: conf.origins.idle_connections.div_ceil(threads),
        max_retries: CONNECT_ATTEMPTS,
        ca_file: (!conf.origins.ca_file.is_empty()).then(|| conf.origins.ca_file.clone()),
        ..ServerConf::default()
    };
    let opt = Opt {
        upgrade: options.is_upgrade,
        ..Opt::default()
    };
    Server::new_with_opt_and_conf(opt, server)
}

/// Pingora listens; TLS is our own (`crate::tls`), since its own neither waits for a store nor differs by hostname.
fn visitors_service<A>(app: A, http: Option<SocketAddr>, https: Option<SocketAddr>) -> Service<A> {
    let mut service = Service::new("visitors".into(), app);
    let buffers = L4BufferSettings {
        read: Some(READ_BUFFER_BYTES),
        write: None,
    };
    for address in http.into_iter().chain(https) {
        service.add_listener(ListenerConfig::tcp(address.to_string()).l4_buffer(buffers));
    }
    service
}

/// Pingora panics where an address cannot be bound; this finds out before, with the setting's name.
fn check_addresses(parsed: &Parsed, options: Options) -> Result<(), StartError> {
    if options.is_upgrade {
        return Ok(());
    }
    for (key, address) in [
        ("listen.http", parsed.http),
        ("listen.https", parsed.https),
        ("listen.ops", parsed.ops),
        ("listen.api", parsed.api),
    ] {
        let Some(address) = address else { continue };
        std::net::TcpListener::bind(address).map_err(|source| StartError::Listen {
            key,
            address,
            source,
        })?;
    }
    Ok(())
}

fn snapshot(conf: &Conf, url: &StoreUrl) -> Result<Option<Arc<Snapshot>>, StartError> {
    let source = match url {
        // The embedded store is on this node already.
        StoreUrl::Embedded(_) => return Ok(None),
        // Without its password.
        StoreUrl::Redis(url) => url
            .rsplit_once('@')
            .map_or(url.as_str(), |(_, host)| host)
            .to_owned(),
        StoreUrl::Sentinel {
            sentinels, service, ..
        } => format!("{service} by {sentinels:?}"),
        StoreUrl::Cluster(nodes) => {
            let host = |node: &String| {
                node.rsplit_once('@')
                    .map_or(node.clone(), |(_, host)| host.to_owned())
            };
            format!("cluster {:?}", nodes.iter().map(host).collect::<Vec<_>>())
        }
    };
    let path = conf.store.data_dir.join("snapshot.db");
    Ok(Some(Arc::new(Snapshot::open(
        &path,
        &source,
        conf.store.unknown_max,
    )?)))
}

/// Follows the store and does what belongs to no request.
fn control_runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("control")
        .enable_all()
        .build()
}

/// Answers questions of the DNS, which anybody may ask: whatever comes, the store is followed meanwhile.
fn dns_runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("dns")
        .enable_all()
        .build()
}

/// Where the upgrade socket and the process id lie: nobody else may take the sockets over.
fn private_directory(data_dir: &Path) -> Result<PathBuf, StartError> {
    let directory = data_dir.join("run");
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&directory);
    let path = made.and_then(|()| fs::canonicalize(&directory));
    path.map_err(|source| StartError::Directory {
        what: "the run directory",
        path: directory,
        source,
    })
}

fn write_pid(directory: &Path) -> Result<(), StartError> {
    let path = directory.join("cirque.pid");
    fs::write(&path, format!("{}\n", std::process::id())).map_err(|source| StartError::Directory {
        what: "the process id in",
        path,
        source,
    })
}

/// Tells the running edge to hand its sockets over, once there is somewhere to hand them to.
fn signal_predecessor(directory: &Path) -> Result<(), StartError> {
    let path = directory.join("cirque.pid");
    let text = fs::read_to_string(&path)
        .map_err(|e| StartError::Upgrade(format!("{}: {e}", path.display())))?;
    let pid = text.trim().parse().ok().and_then(Pid::from_raw);
    let pid =
        pid.ok_or_else(|| StartError::Upgrade(format!("{} holds no process id", path.display())))?;
    rustix::process::test_kill_process(pid)
        .map_err(|e| StartError::Upgrade(format!("process {text}: {e}")))?;
    let socket = directory.join("upgrade.sock");
    // A socket left by an earlier upgrade would be taken for this one's.
    let _ = fs::remove_file(&socket);
    std::thread::spawn(move || {
        let began = Instant::now();
        while !socket.exists() && began.elapsed() < UPGRADE_WAIT {
            #[expect(
                clippy::disallowed_methods,
                reason = "this thread does nothing but wait for the socket"
            )]
            std::thread::sleep(DRAIN_INTERVAL);
        }
        if let Err(error) = kill_process(pid, Signal::QUIT) {
            tracing::error!(%error, "the running edge could not be told to hand over its sockets");
        }
    });
    Ok(())
}

/// What lies in memory, keys and tenants' data, stays there whatever happens.
fn leave_no_core() {
    let none = rustix::process::Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // Lowering one's own limit is always allowed.
    let _ = setrlimit(Resource::Core, none);
}

/// Connections and artifacts are files; the soft limit is often only 1,024.
fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Refused, the edge serves what the old limit allows.
    let _ = setrlimit(Resource::Nofile, limit);
}
