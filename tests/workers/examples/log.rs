//! Prints ?lines= lines (1 without it) to stdout and as many to stderr, "stdout line 1" and on, and
//! then answers "logged".

use worker::{Guest, IncomingRequest, ResponseOutparam, answer, parameter};

struct Log;
wasip2::http::proxy::export!(Log);

impl Guest for Log {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        for i in 1..=parameter(&request, "lines").unwrap_or(1) {
            println!("stdout line {i}");
            eprintln!("stderr line {i}");
        }
        answer(out, 200, "logged\n");
    }
}
