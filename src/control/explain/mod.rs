//! What would happen to a request, and why: each fact with the record or setting that it comes from.
//!
//! It is made of the store and the settings alone, and changes nothing. Where a request leads is asked of the router itself,
//! so that no explanation says something else than an edge does.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use serde::Serialize;
use url::Url;

use super::{Control, ControlError};
use crate::metrics::Metrics;
use crate::model::{Hostname, Route};
use crate::router::{RouteError, Router};
use crate::store::known::{Known, Trust};

mod hostname;
mod worker;

/// The longest address that is explained.
const URL_BYTES_MAX: usize = 8 << 10;
/// Header fields of a request that is explained.
const HEADERS_MAX: usize = 100;

/// A request that is asked about.
#[derive(Clone, Debug)]
pub struct Question {
    hostname: Hostname,
    /// Whether the visitor speaks TLS; nobody may have said.
    is_tls: Option<bool>,
    /// Path and query.
    target: Uri,
    method: Method,
    headers: HeaderMap,
}

/// What would happen to a request.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// The method.
    pub method: String,
    /// The address.
    pub url: String,
    /// Who answers, or why nobody does.
    pub answer: String,
    /// The status of what the edge answers itself; none where a worker or an origin decides.
    pub status: Option<u16>,
    /// Why, in the order in which it is decided.
    pub facts: Vec<Fact>,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is about.
    pub about: &'static str,
    /// The fact.
    pub text: String,
    /// The record or setting that says so.
    pub from: String,
    /// Whether it keeps the request from being answered, or soon will.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_problem: bool,
}

impl Question {
    /// Reads a hostname or a URL, a method, and header fields as in `name: value`.
    ///
    /// # Errors
    /// [`ControlError::Invalid`] for what is none.
    pub fn new(
        target: &str,
        method: Option<&str>,
        headers: &[String],
    ) -> Result<Self, ControlError> {
        let invalid = |what: String| ControlError::Invalid(what);
        if target.len() > URL_BYTES_MAX {
            let message = format!("an address has at most {URL_BYTES_MAX} bytes");
            return Err(invalid(message));
        }
        let not = |why: &dyn std::fmt::Display| {
            invalid(format!("{target:?} is neither a hostname nor a URL: {why}"))
        };
        let (is_tls, url) = match target.contains("://") {
            true => (None, Url::parse(target)),
            false => (Some(None), Url::parse(&format!("http://{target}"))),
        };
        let url = url.map_err(|error| not(&error))?;
        let is_tls = match (is_tls, url.scheme()) {
            (Some(unsaid), _) => unsaid,
            (None, "https") => Some(true),
            (None, "http") => Some(false),
            (None, scheme) => return Err(not(&format!("{scheme} is not spoken here"))),
        };
        let host = url.host_str().unwrap_or_default();
        let hostname = Hostname::from_host(host.as_bytes()).map_err(|error| not(&error))?;
        let path = url.query().map_or(url.path().to_owned(), |query| {
            format!("{}?{query}", url.path())
        });
        let method = method.unwrap_or("GET");
        if headers.len() > HEADERS_MAX {
            let message = format!("a request has at most {HEADERS_MAX} header fields");
            return Err(invalid(message));
        }
        let mut fields = HeaderMap::new();
        for text in headers {
            let field = text.split_once(':').and_then(|(name, value)| {
                let name: HeaderName = name.trim().parse().ok()?;
                Some((name, HeaderValue::from_str(value.trim()).ok()?))
            });
            let (name, value) = field.ok_or_else(|| {
                invalid(format!(
                    "{text:?} is no header field, as in accept: text/html"
                ))
            })?;
            fields.append(name, value);
        }
        if let Ok(host) = HeaderValue::from_str(hostname.as_str()) {
            fields.insert(http::header::HOST, host);
        }
        Ok(Self {
            hostname,
            is_tls,
            target: path
                .parse()
                .map_err(|error: http::uri::InvalidUri| not(&error))?,
            method: method
                .parse()
                .map_err(|_| invalid(format!("{method:?} is no method")))?,
            headers: fields,
        })
    }
}

/// What is gathered.
#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    fn say(&mut self, about: &'static str, text: impl Into<String>, from: impl Into<String>) {
        self.0.push(Fact {
            about,
            text: text.into(),
            from: from.into(),
            is_problem: false,
        });
    }

    fn warn(&mut self, about: &'static str, text: impl Into<String>, from: impl Into<String>) {
        self.say(about, text, from);
        if let Some(fact) = self.0.last_mut() {
            fact.is_problem = true;
        }
    }
}

/// Who answers, and with what status where that is known.
struct Answer {
    text: String,
    status: Option<u16>,
}

impl Answer {
    fn of(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            status: None,
        }
    }

    fn refused(status: u16, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            status: Some(status),
        }
    }
}

impl Control {
    /// Says what would happen to a request, and why.
    ///
    /// # Errors
    /// [`ControlError::Store`] when the store cannot be asked.
    pub async fn explain(&self, question: &Question) -> Result<Explanation, ControlError> {
        let mut facts = Facts::default();
        let speaks_tls = !self.conf.listen.https.is_empty();
        let is_tls = question.is_tls.unwrap_or(speaks_tls);
        let records = self.look_up(&question.hostname, &mut facts).await?;
        self.explain_certificate(question, is_tls, &mut facts)
            .await?;
        let redirect = match is_tls {
            true => None,
            false => self.explain_redirect(question, &mut facts),
        };
        let led = self.routed(&question.hostname).await;
        let answer = match led {
            Err(error) => self.explain_nowhere(error, &question.hostname, &mut facts),
            Ok(route) => {
                let way = records.way(&route);
                let (text, from) = match way {
                    Some((key, text)) => (text, key),
                    None => ("it leads where its zone does".to_owned(), String::new()),
                };
                facts.say("route", text, from);
                match route.plain() {
                    Route::Worker(tenant, _) => {
                        self.explain_worker(tenant, question, &mut facts).await?
                    }
                    Route::Origin(origin, cache) => self.explain_origin(origin, *cache, &mut facts),
                    // The router gives places alone.
                    Route::Zone(..) | Route::Inactive(_) | Route::Custom(..) => {
                        Answer::of("it leads nowhere")
                    }
                }
            }
        };
        let answer = redirect.unwrap_or(answer);
        let scheme = if is_tls { "https" } else { "http" };
        Ok(Explanation {
            method: question.method.to_string(),
            url: format!("{scheme}://{}{}", question.hostname, question.target),
            answer: answer.text,
            status: answer.status,
            facts: facts.0,
        })
    }

    /// Where the router leads a hostname, by what lies in the store now.
    async fn routed(&self, hostname: &Hostname) -> Result<Arc<Route>, RouteError> {
        // What is asked here is no visitor's, and not counted as such.
        let metrics = Arc::new(Metrics::new(0));
        let trust = Arc::new(Trust::without_feed(metrics.clone()));
        let (conf, store) = (&self.conf.store, &self.store);
        let routes = Known::new(conf, store.clone(), None, trust.clone(), metrics.clone());
        let zones = Known::new(conf, store.clone(), None, trust, metrics);
        let router = Router::new(Arc::new(routes), Arc::new(zones));
        router.route(hostname).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_a_browser_reads_it() {
        for (target, hostname, is_tls, path) in [
            ("shop.test", "shop.test", None, "/"),
            ("SHOP.test:8443/a?b=c#d", "shop.test", None, "/a?b=c"),
            ("https://shop.test", "shop.test", Some(true), "/"),
            ("http://shop.test/x y", "shop.test", Some(false), "/x%20y"),
            ("bücher.example", "xn--bcher-kva.example", None, "/"),
            ("http://127.0.0.1/", "127.0.0.1", Some(false), "/"),
        ] {
            let read = Question::new(target, None, &[]).expect(target);
            assert_eq!(read.hostname.as_str(), hostname);
            assert_eq!((read.is_tls, &*read.target.to_string()), (is_tls, path));
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let field = |text: &str| vec![text.to_owned()];
        for (target, method, headers) in [
            ("", "GET", vec![]),
            ("a b", "GET", vec![]),
            ("-a.test", "GET", vec![]),
            ("ftp://a.test", "GET", vec![]),
            ("https://", "GET", vec![]),
            ("a.test", "G T", vec![]),
            ("a.test", "", vec![]),
            ("a.test", "GET", field("accept")),
            ("a.test", "GET", field("a b: c")),
            ("a.test", "GET", field("a: b\nc")),
        ] {
            let read = Question::new(target, Some(method), &headers);
            let error = read.map(|_| ()).expect_err(target);
            assert!(matches!(error, ControlError::Invalid(_)), "{target}");
        }
    }
}
