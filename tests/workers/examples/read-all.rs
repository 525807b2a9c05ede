//! Reads the whole request body and answers its length and its FNV-1a hash of 64 bits: "5
//! a430d84680aabd0b".

use worker::{Guest, IncomingRequest, ResponseOutparam, answer, read};

struct ReadAll;
wasip2::http::proxy::export!(ReadAll);

impl Guest for ReadAll {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let body = request.consume().expect("the body is taken once");
        let stream = body.stream().expect("the stream is taken once");
        let mut length: u64 = 0;
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        let whole = read(&stream, |chunk| {
            length += chunk.len() as u64;
            for byte in chunk {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
            }
            Ok(())
        });
        match whole {
            Ok(()) => answer(out, 200, &format!("{length} {hash:016x}\n")),
            Err(error) => answer(out, 400, &format!("broken after {length}: {error:?}\n")),
        }
    }
}
