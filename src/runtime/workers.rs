//! `cirque:workers`, the interface by which components call other workers (wit/workers.wit).

use serde_json::{Map, Value};
use wasmtime::component::{ComponentType, Lift, Linker, Resource};
use wasmtime_wasi_http::WasiHttpView;
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler::Host as _;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostOutgoingRequest};

use super::calls::{CallError, Options};
use super::component::Host;
use crate::model::ScriptLimits;

#[derive(ComponentType, Lift)]
#[component(variant)]
enum Limit {
    #[component(name = "cpu-ms")]
    CpuMs(u64),
    #[component(name = "memory-mb")]
    MemoryMb(u64),
    #[component(name = "wall-ms")]
    WallMs(u64),
    #[component(name = "subrequests")]
    Subrequests(u64),
    #[component(name = "concurrency")]
    Concurrency(u64),
    #[component(name = "requests-per-second")]
    RequestsPerSecond(u64),
    #[component(name = "request-bytes")]
    RequestBytes(u64),
    #[component(name = "response-bytes")]
    ResponseBytes(u64),
    #[component(name = "log-bytes")]
    LogBytes(u64),
    #[component(name = "outgoing-connections")]
    OutgoingConnections(u64),
    #[component(name = "wait-until-ms")]
    WaitUntilMs(u64),
    #[component(name = "body-idle-ms")]
    BodyIdleMs(u64),
}

#[derive(ComponentType, Lift)]
#[component(record)]
struct CallOptions {
    limits: Vec<Limit>,
    outbound: Vec<(String, String)>,
}

type Dispatched = (String, String, Resource<HostOutgoingRequest>, CallOptions);
type Served = (String, Resource<HostOutgoingRequest>);
type Sent = Result<Resource<HostFutureIncomingResponse>, ErrorCode>;

/// Adds the interface's functions.
pub(super) fn add_to_linker(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    let mut dispatch = linker.instance("cirque:workers/dispatch@0.1.0")?;
    dispatch.func_wrap(
        "fetch",
        |mut store, (binding, worker, request, options): Dispatched| {
            let sent = options
                .read()
                .map(|options| store.data_mut().send(&binding, &worker, request, options));
            Ok((sent.unwrap_or_else(|error| Ok(Err(refused(&error))))?,))
        },
    )?;
    let mut service = linker.instance("cirque:workers/service@0.1.0")?;
    service.func_wrap("fetch", |mut store, (binding, request): Served| {
        let sent = store
            .data_mut()
            .send(&binding, "", request, Options::default());
        Ok((sent?,))
    })
}

impl CallOptions {
    /// # Errors
    /// When a parameter is no JSON.
    fn read(self) -> Result<Options, CallError> {
        let mut limits = ScriptLimits::default();
        for limit in self.limits {
            let (limit, amount) = match limit {
                Limit::CpuMs(ms) => (&mut limits.cpu_ms, ms),
                Limit::MemoryMb(mb) => (&mut limits.memory_mb, mb),
                Limit::WallMs(ms) => (&mut limits.wall_ms, ms),
                Limit::Subrequests(count) => (&mut limits.subrequests, count),
                Limit::Concurrency(count) => (&mut limits.concurrency, count),
                Limit::RequestsPerSecond(rate) => (&mut limits.requests_per_second, rate),
                Limit::RequestBytes(bytes) => (&mut limits.request_bytes, bytes),
                Limit::ResponseBytes(bytes) => (&mut limits.response_bytes, bytes),
                Limit::LogBytes(bytes) => (&mut limits.log_bytes, bytes),
                Limit::OutgoingConnections(count) => (&mut limits.outgoing_connections, count),
                Limit::WaitUntilMs(ms) => (&mut limits.wait_until_ms, ms),
                Limit::BodyIdleMs(ms) => (&mut limits.body_idle_ms, ms),
            };
            *limit = Some(amount);
        }
        let mut outbound = Map::new();
        for (name, json) in self.outbound {
            let value: Value = serde_json::from_str(&json).map_err(|error| {
                CallError::Binding(format!("the outbound parameter {name} is no JSON: {error}"))
            })?;
            outbound.insert(name, value);
        }
        Ok(Options {
            limits,
            outbound,
            props: None,
        })
    }
}

impl Host {
    fn send(
        &mut self,
        binding: &str,
        worker: &str,
        request: Resource<HostOutgoingRequest>,
        options: Options,
    ) -> wasmtime::Result<Sent> {
        match self.outbound.target(binding, worker, options) {
            Ok(target) => {
                // wasi:http's own handler makes a request of the resource, and hands it to where it is told here.
                self.outbound.set_next(Some(target));
                let sent = self.http().handle(request, None);
                self.outbound.set_next(None);
                match sent {
                    Ok(response) => Ok(Ok(response)),
                    Err(error) => error.downcast().map(Err),
                }
            }
            Err(error) => Ok(Err(refused(&error))),
        }
    }
}

fn refused(error: &CallError) -> ErrorCode {
    ErrorCode::InternalError(Some(error.to_string()))
}
