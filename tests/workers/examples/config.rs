//! Answers a JSON object with every value of `wasi:config/store`, in order of the names.

use worker::{Guest, IncomingRequest, ResponseOutparam, answer, json};

wit_bindgen::generate!({
    inline: r#"
        package cirque:config-worker;

        world config {
            import wasi:config/store@0.2.0-rc.1;
        }

        package wasi:config@0.2.0-rc.1 {
            interface store {
                variant error { upstream(string), io(string) }
                get: func(key: string) -> result<option<string>, error>;
                get-all: func() -> result<list<tuple<string, string>>, error>;
            }
        }
    "#,
    generate_all,
});

use wasi::config::store;

struct Config;
wasip2::http::proxy::export!(Config);

impl Guest for Config {
    fn handle(_request: IncomingRequest, out: ResponseOutparam) {
        match store::get_all() {
            Ok(mut pairs) => {
                pairs.sort();
                let members: Vec<_> = pairs
                    .iter()
                    .map(|(key, value)| format!("{}:{}", json(key), json(value)))
                    .collect();
                answer(out, 200, &format!("{{{}}}\n", members.join(",")));
            }
            Err(error) => answer(out, 500, &format!("{error:?}\n")),
        }
    }
}
