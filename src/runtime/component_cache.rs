//! `cirque:workers/cache`, by which components keep responses themselves (wit/workers.wit).

use bytes::Bytes;
use futures::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use url::Url;
use wasmtime::component::{ComponentType, Lift, Linker, Lower};

use super::caches::Opened;
use super::component::Host;
use crate::cache;

type Field = (String, Vec<u8>);

#[derive(ComponentType, Lift, Lower)]
#[component(record)]
struct Response {
    status: u16,
    fields: Vec<Field>,
    body: Vec<u8>,
}

type Found = Result<Option<Response>, String>;
type Done = Result<bool, String>;

/// Adds the interface's functions.
pub(super) fn add_to_linker(linker: &mut Linker<Host>) -> wasmtime::Result<()> {
    let mut interface = linker.instance("cirque:workers/cache@0.1.0")?;
    interface.func_wrap(
        "match",
        |mut store, (name, url, fields): (String, String, Vec<Field>)| {
            Ok((store.data_mut().cached(&name, &url, fields),))
        },
    )?;
    interface.func_wrap_async(
        "put",
        |mut store, (name, url, fields, response): (String, String, Vec<Field>, Response)| {
            Box::new(async move {
                let asked = store.data_mut().asked(&name, &url, fields);
                Ok((match asked {
                    Ok(asked) => put(asked, response).await,
                    Err(error) => Err(error),
                },))
            })
        },
    )?;
    interface.func_wrap("delete", |mut store, (name, url): (String, String)| {
        let asked = store.data_mut().asked(&name, &url, Vec::new());
        let gone = asked.map(|asked| {
            asked
                .opened
                .cache
                .forget(&asked.opened.place, &asked.address)
        });
        Ok((gone,))
    })
}

/// A cache, and what is asked of it.
struct Asked {
    opened: Opened,
    request: Request<()>,
    address: String,
}

impl Host {
    fn asked(&mut self, name: &str, url: &str, fields: Vec<Field>) -> Result<Asked, String> {
        let opened = self.outbound.open_cache(Some(name))?;
        let parsed = Url::parse(url).ok();
        let parsed = parsed.filter(|url| matches!(url.scheme(), "http" | "https"));
        let parsed = parsed.ok_or_else(|| format!("{url:?} is no URL with http or https"))?;
        let mut request = Request::new(());
        *request.headers_mut() = headers(fields)?;
        Ok(Asked {
            opened,
            request,
            address: cache::address(&parsed),
        })
    }

    fn cached(&mut self, name: &str, url: &str, fields: Vec<Field>) -> Found {
        let asked = self.asked(name, url, fields)?;
        let Opened {
            cache,
            place,
            usage,
            span: _,
        } = &asked.opened;
        let Some(response) = cache.look_up(place, &asked.request, &asked.address) else {
            return Ok(None);
        };
        let (parts, body) = response.into_parts();
        // What is kept is all there.
        let body = body.collect().now_or_never();
        let body = body
            .and_then(Result::ok)
            .ok_or("the response is not there yet")?;
        let body = body.to_bytes();
        usage.from_cache(body.len() as u64);
        let fields = parts.headers.iter();
        Ok(Some(Response {
            status: parts.status.as_u16(),
            fields: fields
                .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
                .collect(),
            body: body.into(),
        }))
    }
}

async fn put(asked: Asked, response: Response) -> Done {
    let status = StatusCode::from_u16(response.status);
    let status = status.map_err(|_| format!("{} is no status", response.status))?;
    let body = Full::new(Bytes::from(response.body));
    let body = body.map_err(|never| match never {}).boxed_unsync();
    let mut kept = http::Response::new(body);
    *kept.status_mut() = status;
    *kept.headers_mut() = headers(response.fields)?;
    let Opened { cache, place, .. } = &asked.opened;
    let kept = cache
        .keep(place, &asked.request, &asked.address, kept)
        .await;
    kept.map_err(|error| error.to_string())
}

fn headers(fields: Vec<Field>) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        let field = HeaderName::from_bytes(name.as_bytes()).ok();
        let field = field.zip(HeaderValue::from_maybe_shared(Bytes::from(value)).ok());
        let (field, value) = field.ok_or_else(|| format!("{name:?} is no header field"))?;
        headers
            .try_append(field, value)
            .map_err(|_| "there are too many header fields")?;
    }
    Ok(headers)
}
