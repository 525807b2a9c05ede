//! Counts its calls in a static number and in a static list and answers the count: "1" always, when
//! every request has an instance of its own.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use worker::{Guest, IncomingRequest, ResponseOutparam, answer};

struct Count;
wasip2::http::proxy::export!(Count);

static COUNT: AtomicU64 = AtomicU64::new(0);
static CALLS: Mutex<Vec<u64>> = Mutex::new(Vec::new());

impl Guest for Count {
    fn handle(_request: IncomingRequest, out: ResponseOutparam) {
        let count = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
        let mut calls = CALLS.lock().expect("one thread");
        calls.push(count);
        assert_eq!(
            calls.len() as u64,
            count,
            "the data segment and the heap are of one instance"
        );
        answer(out, 200, &format!("{count}\n"));
    }
}
