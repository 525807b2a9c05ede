//! Does the bad thing that `?do=` names, with the origin in `x-origin` where it needs one. What only a component can
//! do to its host: handles, streams and futures in every wrong order, options at their extremes.

use wasip2::cli::exit;
use wasip2::clocks::monotonic_clock;
use wasip2::http::outgoing_handler;
use wasip2::http::types::RequestOptions;
use wasip2::io::poll;
use wasip2::random::random;
use worker::{
    Answer, ErrorCode, Fields, Guest, IncomingRequest, Method, OutgoingBody, OutgoingRequest,
    OutgoingResponse, ResponseOutparam, Scheme, answer, fetch, header,
};

struct Hostile;
wasip2::http::proxy::export!(Hostile);

impl Guest for Hostile {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let act = target.split_once("do=").map_or("", |(_, act)| act);
        let origin = header(&request, "x-origin").unwrap_or_else(|| "http://10.0.0.1".to_owned());
        match act {
            "set-twice" => set_twice(out),
            "drop-in-wrong-order" => drop_in_wrong_order(out),
            "length-too-short" => length(out, "5", 1 << 20),
            "length-too-long" => length(out, "1000000", 5),
            "body-endless" => body_endless(out),
            "write-unpermitted" => write_unpermitted(out),
            "trailers-flood" => trailers_flood(out),
            "answer-endless-error" => {
                let text = Some("x".repeat(4 << 20));
                ResponseOutparam::set(out, Err(ErrorCode::InternalError(text)));
            }
            "fields-flood" => fields_flood(out),
            "field-huge" => field_huge(out),
            "timeouts-zero" => timeouts(out, &origin, 0),
            "timeouts-endless" => timeouts(out, "http://10.0.0.1", u64::MAX),
            "url-huge" => url_huge(out, &origin),
            "futures-dropped" => futures_dropped(out, &origin),
            "futures-kept" => futures_kept(out, &origin),
            "upload-abandoned" => upload_abandoned(out, &origin),
            "upload-unfinished" => upload_unfinished(out, &origin),
            "pollables-flood" => loop {
                std::mem::forget(monotonic_clock::subscribe_duration(u64::MAX));
            },
            "poll-flood" => poll_flood(out),
            "sleep-endless" => monotonic_clock::subscribe_duration(u64::MAX).block(),
            "requests-flood" => loop {
                std::mem::forget(OutgoingRequest::new(Fields::new()));
            },
            "random-flood" => loop {
                std::hint::black_box(random::get_random_bytes(1 << 20));
            },
            "random-huge" => {
                std::hint::black_box(random::get_random_bytes(u64::MAX));
            }
            "clock-flood" => loop {
                std::hint::black_box(monotonic_clock::now());
            },
            "exit" => exit::exit(Err(())),
            "print-flood" => loop {
                println!("{}", "x".repeat(1000));
            },
            "body-twice" => body_twice(request, out),
            "stream-after-request" => stream_after_request(request, out),
            _ => answer(out, 200, "nothing done\n"),
        }
    }
}

/// Uses a handle that it has given away.
fn set_twice(out: ResponseOutparam) {
    let handle = out.take_handle();
    for _ in 0..2 {
        // SAFETY: none. That is what the host has to stand.
        let again = unsafe { ResponseOutparam::from_handle(handle) };
        ResponseOutparam::set(again, Ok(OutgoingResponse::new(Fields::new())));
    }
}

/// Drops a body before the stream that belongs to it.
fn drop_in_wrong_order(out: ResponseOutparam) {
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body().expect("the body is taken once");
    let stream = body.write().expect("the stream is taken once");
    ResponseOutparam::set(out, Ok(response));
    drop(body);
    let _ = stream.blocking_write_and_flush(b"late");
}

/// Says one length and writes another.
fn length(out: ResponseOutparam, said: &str, written: usize) {
    let fields = Fields::new();
    let _ = fields.set("content-length", &[said.as_bytes().to_vec()]);
    let answer = Answer::start(out, 200, fields);
    let _ = worker::write(&answer.stream, &vec![b'x'; written]);
    answer.finish(None);
}

fn body_endless(out: ResponseOutparam) {
    let answer = Answer::start(out, 200, Fields::new());
    while worker::write(&answer.stream, &[b'x'; 4096]).is_ok() {}
}

/// Writes more than the host has said it would take.
fn write_unpermitted(out: ResponseOutparam) {
    let answer = Answer::start(out, 200, Fields::new());
    let bytes = vec![b'x'; 1 << 20];
    loop {
        if answer.stream.write(&bytes).is_err() {
            return;
        }
    }
}

fn trailers_flood(out: ResponseOutparam) {
    let answer = Answer::start(out, 200, Fields::new());
    let trailers = Fields::new();
    for n in 0..1_000 {
        let _ = trailers.append(&format!("x-trailer-{n}"), &[b'x'; 100]);
    }
    answer.finish(Some(trailers));
}

fn fields_flood(out: ResponseOutparam) {
    let fields = Fields::new();
    for n in 0.. {
        if fields
            .append(&format!("x-field-{n}"), &[b'x'; 100])
            .is_err()
        {
            return answer(out, 200, "refused\n");
        }
    }
}

fn field_huge(out: ResponseOutparam) {
    let fields = Fields::new();
    let refused = fields.append("x-huge", &vec![b'x'; 8 << 20]).is_err();
    match refused {
        true => answer(out, 200, "refused\n"),
        false => Answer::start(out, 200, fields).finish(None),
    }
}

/// A request to a place, ready to be sent.
fn request_to(origin: &str, path: &str) -> Option<OutgoingRequest> {
    let request = OutgoingRequest::new(Fields::new());
    let authority = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    request.set_scheme(Some(&Scheme::Http)).ok()?;
    request.set_authority(Some(authority)).ok()?;
    request.set_path_with_query(Some(path)).ok()?;
    Some(request)
}

fn timeouts(out: ResponseOutparam, origin: &str, nanoseconds: u64) {
    let options = RequestOptions::new();
    let _ = options.set_connect_timeout(Some(nanoseconds));
    let _ = options.set_first_byte_timeout(Some(nanoseconds));
    let _ = options.set_between_bytes_timeout(Some(nanoseconds));
    let request = request_to(origin, "/hang").expect("a request");
    if let Ok(future) = outgoing_handler::handle(request, Some(options)) {
        future.subscribe().block();
        std::mem::drop(future.get());
    }
    answer(out, 200, "done\n");
}

fn url_huge(out: ResponseOutparam, origin: &str) {
    let long = "x".repeat(4 << 20);
    let _ = fetch(
        &Method::Get,
        &format!("{origin}/{long}"),
        Fields::new(),
        None,
    );
    let _ = fetch(
        &Method::Get,
        &format!("http://{long}/"),
        Fields::new(),
        None,
    );
    let _ = fetch(&Method::Other(long), origin, Fields::new(), None);
    answer(out, 200, "done\n");
}

/// Sends and looks away.
fn futures_dropped(out: ResponseOutparam, origin: &str) {
    for _ in 0..200 {
        let request = request_to(origin, "/hang").expect("a request");
        drop(outgoing_handler::handle(request, None));
    }
    answer(out, 200, "done\n");
}

/// Sends without waiting, until the host has had enough.
fn futures_kept(out: ResponseOutparam, origin: &str) {
    let mut kept = Vec::new();
    for _ in 0..200 {
        let request = request_to(origin, "/hang").expect("a request");
        kept.push(outgoing_handler::handle(request, None));
    }
    answer(out, 200, "done\n");
}

/// Begins a request's body and drops it.
fn upload_abandoned(out: ResponseOutparam, origin: &str) {
    let request = request_to(origin, "/echo").expect("a request");
    let _ = request.set_method(&Method::Post);
    let body = request.body().expect("the body is taken once");
    let future = outgoing_handler::handle(request, None);
    let stream = body.write().expect("the stream is taken once");
    let _ = worker::write(&stream, &vec![b'x'; 100_000]);
    drop(stream);
    drop(body);
    if let Ok(future) = future {
        future.subscribe().block();
        std::mem::drop(future.get());
    }
    answer(out, 200, "done\n");
}

/// Begins a request's body and waits for an answer before it goes on, which never comes.
fn upload_unfinished(out: ResponseOutparam, origin: &str) {
    let request = request_to(origin, "/echo").expect("a request");
    let _ = request.set_method(&Method::Post);
    let body: OutgoingBody = request.body().expect("the body is taken once");
    if let Ok(future) = outgoing_handler::handle(request, None) {
        future.subscribe().block();
        std::mem::drop(future.get());
    }
    drop(body);
    answer(out, 200, "done\n");
}

/// Waits for very much at once, again and again.
fn poll_flood(out: ResponseOutparam) {
    let all: Vec<_> = (0..500)
        .map(|n| monotonic_clock::subscribe_duration(n * 1_000_000_000_000))
        .collect();
    let all: Vec<_> = all.iter().collect();
    for _ in 0..100_000 {
        std::hint::black_box(poll::poll(&all));
    }
    answer(out, 200, "done\n");
}

fn body_twice(request: IncomingRequest, out: ResponseOutparam) {
    let first = request.consume();
    let again = request.consume().is_err();
    let stream = first.as_ref().map(|body| body.stream());
    let stream_again = first.as_ref().map(|body| body.stream().is_err());
    let is_refused = again && stream_again == Ok(true);
    drop(stream);
    match is_refused {
        true => answer(out, 200, "refused\n"),
        false => answer(out, 500, "taken twice\n"),
    }
}

/// Reads from a request that it has dropped.
fn stream_after_request(request: IncomingRequest, out: ResponseOutparam) {
    let body = request.consume().expect("the body is taken once");
    drop(request);
    let stream = body.stream().expect("the stream is taken once");
    let _ = stream.read(1 << 20);
    drop(body);
    let _ = stream.read(1 << 20);
    answer(out, 200, "done\n");
}
