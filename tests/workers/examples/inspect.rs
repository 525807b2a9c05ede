//! Answers JSON with everything that the guest can see of the request and of its surroundings:
//! method, scheme, authority, path_with_query, headers, environment, arguments.

use wasip2::cli::environment;
use worker::{Guest, IncomingRequest, Method, ResponseOutparam, Scheme, answer, json, json_pairs};

struct Inspect;
wasip2::http::proxy::export!(Inspect);

impl Guest for Inspect {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let headers: Vec<_> = request
            .headers()
            .entries()
            .into_iter()
            .map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned()))
            .collect();
        let arguments: Vec<_> = environment::get_arguments()
            .iter()
            .map(|argument| json(argument))
            .collect();
        let text = format!(
            "{{\"method\":{},\"scheme\":{},\"authority\":{},\"path_with_query\":{},\
             \"headers\":{},\"environment\":{},\"arguments\":[{}]}}\n",
            json(&method(request.method())),
            optional(request.scheme().map(scheme)),
            optional(request.authority()),
            optional(request.path_with_query()),
            json_pairs(&headers),
            json_pairs(&environment::get_environment()),
            arguments.join(","),
        );
        answer(out, 200, &text);
    }
}

fn optional(text: Option<String>) -> String {
    text.map_or("null".to_owned(), |text| json(&text))
}

fn scheme(scheme: Scheme) -> String {
    match scheme {
        Scheme::Http => "http".to_owned(),
        Scheme::Https => "https".to_owned(),
        Scheme::Other(name) => name,
    }
}

fn method(method: Method) -> String {
    let name = match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(name) => return name,
    };
    name.to_owned()
}
