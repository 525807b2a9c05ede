//! A guest's run, from its instantiation to its end, and what its end means.

use std::sync::Arc;

use http::{Request, Response};
use tokio::sync::oneshot;
use wasmtime::Engine;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};
use wasmtime_wasi_http::{WasiBody, WasiHttpView};

use super::invocation::{Ended, GuestFuture};
use super::meter::{self, Meter};
use super::modules::{Loaded, Module};
use super::{RequestBody, WorkerError, component, javascript};
use crate::model::Limit;

/// A component's invocation, from its instantiation to its end.
pub(super) fn component(
    engine: Engine,
    module: Arc<Module>,
    host: component::Host,
    meter: Arc<Meter>,
    request: Request<RequestBody>,
    is_tls: bool,
    sender: oneshot::Sender<Result<Response<WasiBody>, ErrorCode>>,
) -> GuestFuture {
    Box::pin(async move {
        let Loaded::Component(pre) = &module.code else {
            return Err(WorkerError::Host("the module is of another kind".into()));
        };
        let mut store = component::store(&engine, host, meter.clone());
        // Dropped before the store: whoever sees the body end sees why, also when a host call panics.
        let mut unless_well = FailUnlessWell {
            meter: &meter,
            is_well: false,
        };
        let run = async {
            let scheme = if is_tls { Scheme::Https } else { Scheme::Http };
            let request = store
                .data_mut()
                .http()
                .new_incoming_request(scheme, request)?;
            let outparam = store.data_mut().http().new_response_outparam(sender)?;
            let proxy = pre.instantiate_async(&mut store).await?;
            proxy
                .wasi_http_incoming_handler()
                .call_handle(&mut store, request, outparam)
                .await
        };
        let result = run.await;
        let ended = judge(result, &meter, store.data().memory.was_refused);
        unless_well.is_well = ended.is_ok();
        ended
    })
}

/// A JavaScript worker's invocation.
pub(super) fn script(
    engine: Engine,
    module: Arc<Module>,
    host: javascript::Host,
    meter: Arc<Meter>,
    message: Vec<u8>,
) -> GuestFuture {
    Box::pin(async move {
        let Loaded::JavaScript(worker) = &module.code else {
            return Err(WorkerError::Host("the module is of another kind".into()));
        };
        let mut store = wasmtime::Store::new(&engine, host);
        store.limiter(|host| &mut host.limit);
        meter::bound(&mut store, meter.clone());
        let mut unless_well = FailUnlessWell {
            meter: &meter,
            is_well: false,
        };
        let result = worker.run(&mut store, &message).await;
        let ended = judge(result, &meter, store.data().limit.was_refused);
        unless_well.is_well = ended.is_ok();
        ended
    })
}

/// Notes a guest's failure before its store is dropped.
struct FailUnlessWell<'a> {
    meter: &'a Meter,
    is_well: bool,
}

impl Drop for FailUnlessWell<'_> {
    fn drop(&mut self) {
        if !self.is_well {
            self.meter.fail();
        }
    }
}

/// What the guest's end means.
fn judge(result: wasmtime::Result<()>, meter: &Meter, memory_was_refused: bool) -> Ended {
    let Err(error) = result else { return Ok(()) };
    if let Some(limit) = meter.exceeded() {
        return Err(WorkerError::Limit(limit));
    }
    let limit = match error.is::<wasmtime::PoolConcurrencyLimitError>() {
        true => Some(Limit::Instances),
        false => memory_was_refused.then_some(Limit::Memory),
    };
    if let Some(limit) = limit {
        meter.exceed(limit);
        return Err(WorkerError::Limit(limit));
    }
    if let Some(exit) = error.downcast_ref::<wasmtime_wasi::I32Exit>() {
        return match exit.0 {
            0 => Ok(()),
            code => Err(WorkerError::Trap(format!("it called exit with {code}"))),
        };
    }
    Err(WorkerError::Trap(error.root_cause().to_string()))
}
