//! Sets an error where the response belongs: `internal-error("by choice")`.

use worker::{ErrorCode, Guest, IncomingRequest, ResponseOutparam};

struct ErrorResponse;
wasip2::http::proxy::export!(ErrorResponse);

impl Guest for ErrorResponse {
    fn handle(_request: IncomingRequest, out: ResponseOutparam) {
        ResponseOutparam::set(
            out,
            Err(ErrorCode::InternalError(Some("by choice".to_owned()))),
        );
    }
}
