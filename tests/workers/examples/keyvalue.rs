//! Does with `wasi:keyvalue` what the path says, `/operation/bucket/argument/…`, and answers what came of it.

use worker::{Guest, IncomingRequest, ResponseOutparam, answer};

wit_bindgen::generate!({
    inline: r#"
        package cirque:keyvalue-worker;

        world keyvalue {
            import wasi:keyvalue/store@0.2.0-draft2;
            import wasi:keyvalue/atomics@0.2.0-draft2;
            import wasi:keyvalue/batch@0.2.0-draft2;
        }

        package wasi:keyvalue@0.2.0-draft2 {
            interface store {
                variant error { no-such-store, access-denied, other(string) }
                record key-response { keys: list<string>, cursor: option<string> }
                open: func(identifier: string) -> result<bucket, error>;
                resource bucket {
                    get: func(key: string) -> result<option<list<u8>>, error>;
                    set: func(key: string, value: list<u8>) -> result<_, error>;
                    delete: func(key: string) -> result<_, error>;
                    exists: func(key: string) -> result<bool, error>;
                    list-keys: func(cursor: option<string>) -> result<key-response, error>;
                }
            }

            interface atomics {
                use store.{bucket, error};
                variant cas-error { store-error(error), cas-failed(cas) }
                resource cas {
                    new: static func(bucket: borrow<bucket>, key: string) -> result<cas, error>;
                    current: func() -> result<option<list<u8>>, error>;
                }
                increment: func(bucket: borrow<bucket>, key: string, delta: s64) -> result<s64, error>;
                swap: func(cas: cas, value: list<u8>) -> result<_, cas-error>;
            }

            interface batch {
                use store.{bucket, error};
                get-many: func(bucket: borrow<bucket>, keys: list<string>) -> result<list<tuple<string, option<list<u8>>>>, error>;
                set-many: func(bucket: borrow<bucket>, key-values: list<tuple<string, list<u8>>>) -> result<_, error>;
                delete-many: func(bucket: borrow<bucket>, keys: list<string>) -> result<_, error>;
            }
        }
    "#,
    generate_all,
});

use wasi::keyvalue::{atomics, batch, store};

struct KeyValue;
wasip2::http::proxy::export!(KeyValue);

impl Guest for KeyValue {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match run(&parts) {
            Ok(text) => answer(out, 200, &text),
            Err(store::Error::NoSuchStore) => answer(out, 404, "no such store"),
            Err(store::Error::AccessDenied) => answer(out, 403, "access denied"),
            Err(store::Error::Other(text)) => answer(out, 500, &text),
        }
    }
}

fn run(parts: &[&str]) -> Result<String, store::Error> {
    let [operation, bucket, rest @ ..] = parts else {
        return Ok("ready".to_owned());
    };
    let bucket = store::open(bucket)?;
    let keys = |list: &str| list.split(',').map(str::to_owned).collect::<Vec<_>>();
    Ok(match (*operation, rest) {
        ("get", [key]) => shown(bucket.get(key)?),
        ("set", [key, value]) => format!("{:?}", bucket.set(key, value.as_bytes())?),
        ("zeros", [key, count]) => {
            let zeros = vec![0; count.parse().unwrap_or(0)];
            bucket.set(key, &zeros)?;
            let found = bucket.get(key)?;
            format!("{}", found == Some(zeros))
        }
        ("delete", [key]) => format!("{:?}", bucket.delete(key)?),
        ("exists", [key]) => bucket.exists(key)?.to_string(),
        ("list", _) => {
            let mut pages = Vec::new();
            let mut cursor = None;
            loop {
                let page = bucket.list_keys(cursor.as_deref())?;
                pages.push((page.keys.len(), page.keys.first().cloned()));
                cursor = page.cursor;
                if cursor.is_none() {
                    break format!("{pages:?}");
                }
            }
        }
        ("fill", [count]) => {
            let count = count.parse().unwrap_or(0);
            let values: Vec<_> = (0..count).map(|i| (format!("k{i:04}"), b"v".to_vec())).collect();
            format!("{:?}", batch::set_many(&bucket, &values)?)
        }
        ("get-many", [list]) => {
            let found = batch::get_many(&bucket, &keys(list))?.into_iter();
            let found: Vec<_> = found.map(|(key, value)| format!("{key}={}", shown(value))).collect();
            found.join(" ")
        }
        ("delete-many", [list]) => format!("{:?}", batch::delete_many(&bucket, &keys(list))?),
        ("increment", [key, delta]) => {
            atomics::increment(&bucket, key, delta.parse().unwrap_or(0))?.to_string()
        }
        ("swap", [key, value]) => {
            let cas = atomics::Cas::new(&bucket, key)?;
            swapped(atomics::swap(cas, value.as_bytes()))?
        }
        // Somebody else is faster; the handle that comes back has seen it.
        ("race", [key, value]) => {
            let cas = atomics::Cas::new(&bucket, key)?;
            let before = shown(cas.current()?);
            bucket.set(key, b"faster")?;
            let mut told = vec![before];
            match atomics::swap(cas, value.as_bytes()) {
                Err(atomics::CasError::CasFailed(cas)) => {
                    told.push(shown(cas.current()?));
                    told.push(swapped(atomics::swap(cas, value.as_bytes()))?);
                }
                other => told.push(swapped(other)?),
            }
            told.push(shown(bucket.get(key)?));
            told.join(" ")
        }
        _ => "no such operation".to_owned(),
    })
}

fn shown(value: Option<Vec<u8>>) -> String {
    value.map_or("nothing".to_owned(), |value| String::from_utf8_lossy(&value).into_owned())
}

fn swapped(result: Result<(), atomics::CasError>) -> Result<String, store::Error> {
    match result {
        Ok(()) => Ok("swapped".to_owned()),
        Err(atomics::CasError::CasFailed(_)) => Ok("differs".to_owned()),
        Err(atomics::CasError::StoreError(error)) => Err(error),
    }
}
