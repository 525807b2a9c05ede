//! Components: what they are linked to, and the host's side of one invocation.

use std::sync::{Arc, LazyLock};

use wasmtime::component::{Component, HasData, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::cli::WasiCliView;
use wasmtime_wasi::clocks::WasiClocksView;
use wasmtime_wasi::filesystem::WasiFilesystemView;
use wasmtime_wasi::p2::bindings as wasi;
use wasmtime_wasi::sockets::WasiSocketsView;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_config::WasiConfig;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::checks::Refusal;
use super::meter::{self, MemoryLimit, Meter};
use super::outbound::Outbound;
use super::tenant_log::TenantLog;
use crate::bindings::Bindings;

/// The resources of a guest, together: handles in its tables, and entries in the host's.
const HANDLES_MAX: usize = 1_000;
/// Bytes that one host call may copy out of a guest.
const HOST_CALL_BYTES: usize = 8 << 20;
/// Random bytes that one call may ask for.
const RANDOM_BYTES_MAX: u64 = 1 << 20;

/// The host's side of one invocation.
pub(super) struct Host {
    table: ResourceTable,
    http: WasiHttpCtx,
    /// Made when the guest first asks for a clock, a variable or a random number: many never do.
    wasi: Option<WasiCtx>,
    bindings: Bindings,
    log: TenantLog,
    /// The guest's way out.
    pub(super) outbound: Outbound,
    /// Its memory.
    pub memory: MemoryLimit,
}

impl Host {
    /// The host's side of a new invocation.
    pub(super) fn new(
        bindings: Bindings,
        log: TenantLog,
        outbound: Outbound,
        memory: MemoryLimit,
    ) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(HANDLES_MAX);
        Self {
            table,
            http: WasiHttpCtx::new(),
            wasi: None,
            bindings,
            log,
            outbound,
            memory,
        }
    }
}

/// Lends the table alone.
struct Table;

impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

impl Host {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let Self {
            wasi,
            table,
            bindings,
            log,
            ..
        } = self;
        let ctx = wasi.get_or_insert_with(|| {
            WasiCtxBuilder::new()
                .envs(&bindings.environment)
                .stdout(log.stream("stdout"))
                .stderr(log.stream("stderr"))
                .max_random_size(RANDOM_BYTES_MAX)
                .allow_tcp(false)
                .allow_udp(false)
                .allow_ip_name_lookup(false)
                .build()
        });
        WasiCtxView { ctx, table }
    }
}

impl WasiHttpView for Host {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.outbound,
        }
    }
}

/// A store for one invocation, all its limits set.
pub(super) fn store(engine: &Engine, host: Host, meter: Arc<Meter>) -> Store<Host> {
    let mut store = Store::new(engine, host);
    store.limiter(|host| &mut host.memory);
    store.set_hostcall_fuel(HOST_CALL_BYTES);
    store.set_max_component_handles(HANDLES_MAX);
    meter::bound(&mut store, meter);
    store
}

/// Links a component once, for all its invocations.
///
/// # Errors
/// [`Refusal`] when a function it imports is not there, or it exports no handler.
pub(super) fn link(engine: &Engine, component: &Component) -> Result<ProxyPre<Host>, Refusal> {
    let invalid = |e: wasmtime::Error| Refusal::Invalid(format!("{e:#}"));
    let linker = linker(engine).map_err(invalid)?;
    let linked = linker.instantiate_pre(component).map_err(invalid)?;
    ProxyPre::new(linked).map_err(|_| Refusal::NoHandler(exports(engine, component)))
}

fn exports(engine: &Engine, component: &Component) -> String {
    let ty = component.component_type();
    let names: Vec<String> = ty
        .exports(engine)
        .map(|(name, _)| format!("`{name}`"))
        .take(10)
        .collect();
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

fn linker(engine: &Engine) -> wasmtime::Result<Linker<Host>> {
    use wasmtime_wasi::cli::WasiCli;
    use wasmtime_wasi::clocks::WasiClocks;
    use wasmtime_wasi::filesystem::WasiFilesystem;
    use wasmtime_wasi::random::WasiRandom;
    use wasmtime_wasi::sockets::WasiSockets;

    let mut linker = Linker::new(engine);
    let l = &mut linker;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(l)?;
    // These need the table only, so that a guest which reads no clock and no variable has no context made.
    wasmtime_wasi_io::bindings::wasi::io::error::add_to_linker::<Host, Table>(l, Host::table)?;
    wasmtime_wasi_io::bindings::wasi::io::poll::add_to_linker::<Host, Table>(l, Host::table)?;
    wasmtime_wasi_io::bindings::wasi::io::streams::add_to_linker::<Host, Table>(l, Host::table)?;
    wasi::clocks::wall_clock::add_to_linker::<Host, WasiClocks>(l, Host::clocks)?;
    wasi::clocks::monotonic_clock::add_to_linker::<Host, WasiClocks>(l, Host::clocks)?;
    wasi::random::random::add_to_linker::<Host, WasiRandom>(l, |host| host.ctx().ctx.random())?;
    wasi::cli::stdin::add_to_linker::<Host, WasiCli>(l, Host::cli)?;
    wasi::cli::stdout::add_to_linker::<Host, WasiCli>(l, Host::cli)?;
    wasi::cli::stderr::add_to_linker::<Host, WasiCli>(l, Host::cli)?;
    wasi::random::insecure::add_to_linker::<Host, WasiRandom>(l, |host| host.ctx().ctx.random())?;
    wasi::random::insecure_seed::add_to_linker::<Host, WasiRandom>(l, |host| {
        host.ctx().ctx.random()
    })?;
    wasi::cli::environment::add_to_linker::<Host, WasiCli>(l, Host::cli)?;
    wasi::cli::exit::add_to_linker::<Host, WasiCli>(l, Host::cli)?;
    wasi::cli::terminal_input::add_to_linker::<Host, WasiCli>(l, Host::cli)?;
    wasi::cli::terminal_output::add_to_linker::<Host, WasiCli>(l, Host::cli)?;
    wasi::cli::terminal_stdin::add_to_linker::<Host, WasiCli>(l, Host::cli)?;
    wasi::cli::terminal_stdout::add_to_linker::<Host, WasiCli>(l, Host::cli)?;
    wasi::cli::terminal_stderr::add_to_linker::<Host, WasiCli>(l, Host::cli)?;
    // No directory is ever opened, so no function below can be given a file to work on.
    wasi::filesystem::preopens::add_to_linker::<Host, WasiFilesystem>(l, Host::filesystem)?;
    wasi::filesystem::types::add_to_linker::<Host, WasiFilesystem>(l, Host::filesystem)?;
    // Only components whose toolchain cannot do without get past the checks with these, and all of it is denied.
    wasi::sockets::network::add_to_linker::<Host, WasiSockets>(
        l,
        &Default::default(),
        Host::sockets,
    )?;
    wasi::sockets::instance_network::add_to_linker::<Host, WasiSockets>(l, Host::sockets)?;
    wasi::sockets::ip_name_lookup::add_to_linker::<Host, WasiSockets>(l, Host::sockets)?;
    wasi::sockets::tcp::add_to_linker::<Host, WasiSockets>(l, Host::sockets)?;
    wasi::sockets::tcp_create_socket::add_to_linker::<Host, WasiSockets>(l, Host::sockets)?;
    wasi::sockets::udp::add_to_linker::<Host, WasiSockets>(l, Host::sockets)?;
    wasi::sockets::udp_create_socket::add_to_linker::<Host, WasiSockets>(l, Host::sockets)?;
    wasmtime_wasi_config::add_to_linker(l, |host: &mut Host| {
        WasiConfig::from(&*host.bindings.config)
    })?;
    super::workers::add_to_linker(l)?;
    super::component_cache::add_to_linker(l)?;
    super::keyvalue::add_to_linker(l)?;
    Ok(linker)
}

/// Headers that only the host writes; a guest's own are dropped.
pub(super) static FORBIDDEN_HEADERS: LazyLock<wasmtime_wasi_http::ForbiddenHeaderFilter> =
    LazyLock::new(|| {
        Arc::new(|name: &http::HeaderName| {
            wasmtime_wasi_http::DEFAULT_FORBIDDEN_HEADERS.contains(name)
                || name == http::header::TE
                || name.as_str().starts_with("x-cirque-")
        })
    });
