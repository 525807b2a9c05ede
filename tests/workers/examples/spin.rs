//! Uses the CPU for about ?ms= of the monotonic clock, for ever without it, and then answers
//! "spun".

use std::hint::black_box;

use wasip2::clocks::monotonic_clock;
use worker::{Guest, IncomingRequest, ResponseOutparam, answer, parameter};

struct Spin;
wasip2::http::proxy::export!(Spin);

impl Guest for Spin {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let end = parameter(&request, "ms").map(|ms| monotonic_clock::now() + ms * 1_000_000);
        let mut number: u64 = 1;
        // Between two looks at the clock lie some microseconds: calls to the host must not be
        // what is measured.
        while end.is_none_or(|end| monotonic_clock::now() < end) {
            for _ in 0..5_000 {
                number = black_box(
                    number
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1),
                );
            }
        }
        answer(out, 200, "spun\n");
    }
}
