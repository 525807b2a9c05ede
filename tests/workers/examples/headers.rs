//! Answers with the headers of each `x-set: name: value`, the status `x-status` and the body
//! `x-body`; what the host refuses is left out and said in the body, a line "refused: ..." each.

use worker::{
    Fields, Guest, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam, header,
    header_values, write,
};

struct Headers;
wasip2::http::proxy::export!(Headers);

impl Guest for Headers {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let mut text = String::new();
        let fields = Fields::new();
        for line in header_values(&request, "x-set") {
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            if let Err(error) = fields.append(name.trim(), value.trim().as_bytes()) {
                text.push_str(&format!("refused: {name}: {error:?}\n"));
            }
        }
        let response = OutgoingResponse::new(fields);
        if let Some(status) = header(&request, "x-status") {
            let set = status
                .parse()
                .map_err(drop)
                .and_then(|code| response.set_status_code(code));
            if set.is_err() {
                text.push_str(&format!("refused: status {status}\n"));
            }
        }
        text.push_str(&header(&request, "x-body").unwrap_or_default());
        let body = response.body().expect("the body is taken once");
        ResponseOutparam::set(out, Ok(response));
        let stream = body.write().expect("the stream is taken once");
        let _ = write(&stream, text.as_bytes());
        drop(stream);
        let _ = OutgoingBody::finish(body, None);
    }
}
