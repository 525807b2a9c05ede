//! Calls the user worker in `x-worker` through the binding DISPATCHER, with the CPU limit in `x-cpu-ms` and the outbound parameter
//! `customer`, or the regular worker behind the binding in `x-service`, and streams its answer back; 404 for a worker that does not
//! exist, 500 with the message of any other error.

use worker::{
    Answer, ErrorCode, Fields, Guest, IncomingRequest, IncomingResponse, OutgoingBody, OutgoingRequest,
    ResponseOutparam, Scheme, answer, copy, header,
};

wit_bindgen::generate!({
    path: "wit",
    world: "cirque:workers/workers",
    with: {
        "wasi:http/types@0.2.12": wasip2::http::types,
        "wasi:io/error@0.2.12": wasip2::io::error,
        "wasi:io/poll@0.2.12": wasip2::io::poll,
        "wasi:io/streams@0.2.12": wasip2::io::streams,
        "wasi:clocks/monotonic-clock@0.2.12": wasip2::clocks::monotonic_clock,
    },
});

use cirque::workers::{dispatch, service};

struct Dispatcher;
wasip2::http::proxy::export!(Dispatcher);

impl Guest for Dispatcher {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        match call(&request) {
            Ok(response) => {
                let fields = Fields::new();
                let answer = Answer::start(out, response.status(), fields);
                let body = response.consume().expect("the body is taken once");
                if copy(&body, &answer.stream).is_ok() {
                    answer.finish(None);
                }
            }
            Err(ErrorCode::InternalError(Some(message))) if message == "Worker not found" => {
                answer(out, 404, "no such worker\n");
            }
            Err(ErrorCode::InternalError(Some(message))) => answer(out, 500, &message),
            Err(error) => answer(out, 500, &format!("{error:?}")),
        }
    }
}

fn call(request: &IncomingRequest) -> Result<IncomingResponse, ErrorCode> {
    let copied = OutgoingRequest::new(Fields::new());
    let _ = copied.set_method(&request.method());
    let _ = copied.set_scheme(Some(&Scheme::Http));
    let _ = copied.set_authority(request.authority().as_deref());
    let _ = copied.set_path_with_query(request.path_with_query().as_deref());
    let sent = copied.body().expect("the body is taken once");
    let future = match header(request, "x-service") {
        Some(binding) => service::fetch(&binding, copied)?,
        None => {
            let worker = header(request, "x-worker").unwrap_or_default();
            let cpu = header(request, "x-cpu-ms").and_then(|ms| ms.parse().ok());
            let options = dispatch::Options {
                limits: cpu.map(dispatch::Limit::CpuMs).into_iter().collect(),
                outbound: vec![("customer".to_owned(), format!("{worker:?}"))],
            };
            dispatch::fetch("DISPATCHER", &worker, copied, &options)?
        }
    };
    let stream = sent.write().expect("the stream is taken once");
    let body = request.consume().expect("the body is taken once");
    let copied = copy(&body, &stream);
    drop(stream);
    if copied.is_ok() {
        OutgoingBody::finish(sent, None)?;
    }
    future.subscribe().block();
    future
        .get()
        .expect("ready after the wait")
        .expect("taken once")
}
