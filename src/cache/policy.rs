//! What may be kept, how long it is fresh, and what a stale response is still good for (RFC 9111 §3, §4; RFC 5861).

use std::time::{Duration, Instant, SystemTime};

use http::{HeaderMap, HeaderName, Method, StatusCode, header};

use super::fields::{self, Directives, TARGETED};
use crate::model::message::items;

/// How long a response that says nothing is taken to be fresh: this part of the time since its last change.
const HEURISTIC_PART: u32 = 10;
/// The most that heuristics give.
const HEURISTIC_MAX: Duration = Duration::from_secs(24 * 3600);
/// A response may vary by so many request fields.
const VARY_MAX: usize = 16;

/// What whoever asks wants of the cache (Cloudflare: `cf` of `fetch`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Seconds to keep the response for, whatever it says; below zero it is not kept.
    pub ttl: Option<i64>,
    /// The same by status: the first range that holds the response's counts.
    pub ttl_by_status: Vec<(u16, u16, i64)>,
    /// Keep it also when it does not say for how long.
    pub everything: bool,
    /// What stands for the URL in the key.
    pub key: Option<String>,
    /// Tags for it, beside its own.
    pub tags: Vec<String>,
    /// What of the cache may be used (Fetch standard, "cache mode").
    pub mode: Mode,
}

/// What of a cache a request may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// What is fresh.
    #[default]
    Default,
    /// What was just confirmed.
    NoCache,
    /// Nothing, and nothing is kept.
    NoStore,
}

impl Wishes {
    fn ttl_of(&self, status: StatusCode) -> Option<i64> {
        let code = status.as_u16();
        let by_status = self.ttl_by_status.iter();
        let mut by_status = by_status.filter(|(from, to, _)| (*from..=*to).contains(&code));
        let found = by_status.next().map(|(_, _, seconds)| *seconds);
        found.or_else(|| self.ttl.filter(|_| status.is_success() || status == 304))
    }

    /// How long Cloudflare keeps a response of this status that does not say so itself, when all are to be kept.
    ///
    /// Source: Cloudflare, "Default cache behavior", edge TTL.
    fn default_ttl(&self, status: StatusCode) -> Option<Duration> {
        let minutes = match status.as_u16() {
            200 | 206 | 301 => 120,
            302 | 303 => 20,
            404 | 410 => 3,
            403 => 1,
            _ => return None,
        };
        self.everything.then(|| Duration::from_secs(minutes * 60))
    }
}

/// How old a kept response is, and how old it may be.
#[derive(Clone, Debug)]
pub(super) struct Freshness {
    /// Its age when it came.
    age: Duration,
    came: Instant,
    lifetime: Duration,
    /// How much longer it may be used while a newer one is fetched.
    while_revalidate: Duration,
    /// How much longer it may be used when no newer one can be had.
    if_error: Duration,
    /// It is never used without asking.
    is_checked_always: bool,
    /// It is never used stale, whoever asks.
    must_be_fresh: bool,
}

impl Freshness {
    /// Its age at this moment.
    pub(super) fn age(&self, now: Instant) -> Duration {
        self.age + now.saturating_duration_since(self.came)
    }

    /// Whether it may be used without asking.
    pub(super) fn is_fresh(&self, now: Instant) -> bool {
        !self.is_checked_always && self.age(now) < self.lifetime
    }

    /// How long it will be fresh; zero when it is not.
    fn left(&self, now: Instant) -> Duration {
        match self.is_checked_always {
            true => Duration::ZERO,
            false => self.lifetime.saturating_sub(self.age(now)),
        }
    }

    fn is_within(&self, beyond: Duration, now: Instant) -> bool {
        !beyond.is_zero() && !self.is_checked_always && self.age(now) < self.lifetime + beyond
    }

    /// Whether it may be used while a newer one is fetched.
    pub(super) fn is_usable_meanwhile(&self, now: Instant) -> bool {
        self.is_within(self.while_revalidate, now)
    }

    /// Whether it may be used when no newer one can be had.
    pub(super) fn is_usable_on_error(&self, now: Instant) -> bool {
        self.is_within(self.if_error, now)
    }

    /// Whether these directives of a request leave it usable without asking.
    pub(super) fn satisfies(&self, asked: &Directives, now: Instant) -> bool {
        if asked.no_cache {
            return false;
        }
        let seconds = Duration::from_secs;
        if asked
            .max_age
            .is_some_and(|most| self.age(now) > seconds(most))
        {
            return false;
        }
        if asked
            .min_fresh
            .is_some_and(|least| self.left(now) < seconds(least))
        {
            return false;
        }
        self.is_fresh(now)
            || asked
                .max_stale
                .is_some_and(|most| !self.must_be_fresh && self.is_within(seconds(most), now))
    }
}

/// What is known of an exchange.
pub(super) struct Exchange<'a> {
    pub method: &'a Method,
    pub request: &'a HeaderMap,
    pub status: StatusCode,
    pub response: &'a HeaderMap,
    pub sent: Instant,
    pub came: Instant,
    pub now: SystemTime,
}

/// How long a response may be kept for; `None` when it may not be at all.
pub(super) fn freshness(exchange: &Exchange<'_>, wishes: &Wishes) -> Option<Freshness> {
    let Exchange {
        method,
        request,
        status,
        response,
        ..
    } = *exchange;
    if method != Method::GET || is_partial(status) || varies_always(response) {
        return None;
    }
    let told = directives(response);
    let wished = wishes.ttl_of(status);
    if let Some(seconds) = wished {
        let lifetime = Duration::from_secs(u64::try_from(seconds).ok()?);
        return Some(Freshness {
            age: Duration::ZERO,
            came: exchange.came,
            lifetime,
            while_revalidate: Duration::ZERO,
            if_error: stale_if_error(&told),
            is_checked_always: false,
            must_be_fresh: false,
        });
    }
    let is_understood = is_understood(status);
    let is_forbidden = match told.must_understand {
        // It stands beside `no-store` for those who do not know it.
        true => !is_understood,
        false => told.no_store,
    };
    let is_shared = told.public || told.s_maxage.is_some() || told.must_revalidate;
    if is_forbidden
        || told.private
        || request.contains_key(header::AUTHORIZATION) && !is_shared
        || response.contains_key(header::SET_COOKIE) && !told.private_cookies
    {
        return None;
    }
    let explicit = explicit(&told, exchange);
    let lifetime = explicit
        .or_else(|| wishes.default_ttl(status))
        .or_else(|| heuristic(&told, exchange))?;
    let must_ask = told.must_revalidate || told.proxy_revalidate || told.s_maxage.is_some();
    let beyond = |seconds: Option<u64>| match must_ask {
        true => Duration::ZERO,
        false => Duration::from_secs(seconds.unwrap_or(0)),
    };
    let freshness = Freshness {
        age: initial_age(exchange),
        came: exchange.came,
        lifetime,
        while_revalidate: beyond(told.stale_while_revalidate),
        if_error: beyond(told.stale_if_error),
        is_checked_always: told.no_cache,
        must_be_fresh: must_ask,
    };
    let is_of_use = freshness.is_fresh(exchange.came)
        || freshness.is_usable_meanwhile(exchange.came)
        || freshness.is_usable_on_error(exchange.came)
        || has_validator(response);
    is_of_use.then_some(freshness)
}

/// What a response tells caches like this one.
fn directives(response: &HeaderMap) -> Directives {
    let targeted = TARGETED.iter();
    let mut targeted = targeted.filter_map(|name| Directives::of(response, name));
    targeted
        .next()
        .or_else(|| Directives::of(response, &header::CACHE_CONTROL))
        .unwrap_or_default()
}

fn stale_if_error(told: &Directives) -> Duration {
    Duration::from_secs(told.stale_if_error.unwrap_or(0))
}

/// RFC 9111 §4.2.1; of a response that is not to be used unasked, any time will do.
fn explicit(told: &Directives, exchange: &Exchange<'_>) -> Option<Duration> {
    if let Some(seconds) = told.s_maxage.or(told.max_age) {
        return Some(Duration::from_secs(seconds));
    }
    if let Some(expires) = exchange.response.get(header::EXPIRES) {
        let date = fields::date(exchange.response, header::DATE).unwrap_or(exchange.now);
        let expires = expires.to_str().ok();
        let expires = expires.and_then(|text| httpdate::parse_http_date(text).ok());
        return Some(expires.map_or(Duration::ZERO, |expires| fields::since(date, expires)));
    }
    told.no_cache.then_some(Duration::ZERO)
}

/// RFC 9111 §4.2.2.
fn heuristic(told: &Directives, exchange: &Exchange<'_>) -> Option<Duration> {
    let is_allowed = told.public || is_heuristic(exchange.status);
    let changed = fields::date(exchange.response, header::LAST_MODIFIED);
    let Some(changed) = changed.filter(|_| is_allowed) else {
        // It may be asked for again with its tag.
        return (is_allowed && exchange.response.contains_key(header::ETAG))
            .then_some(Duration::ZERO);
    };
    let date = fields::date(exchange.response, header::DATE).unwrap_or(exchange.now);
    Some((fields::since(changed, date) / HEURISTIC_PART).min(HEURISTIC_MAX))
}

/// RFC 9111 §4.2.3.
fn initial_age(exchange: &Exchange<'_>) -> Duration {
    let delay = exchange.came.saturating_duration_since(exchange.sent);
    let told = fields::age(exchange.response).map(Duration::from_secs);
    let date = fields::date(exchange.response, header::DATE);
    // Dates have whole seconds: less than one is no age.
    let apparent = date.map_or(Duration::ZERO, |date| fields::since(date, exchange.now));
    let apparent = Duration::from_secs(apparent.as_secs());
    apparent.max(told.map_or(Duration::ZERO, |told| told + delay))
}

/// Parts are not kept, and neither is what says nothing by itself.
fn is_partial(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::PARTIAL_CONTENT | StatusCode::NOT_MODIFIED | StatusCode::RANGE_NOT_SATISFIABLE
    ) || status.is_informational()
}

/// Statuses of RFC 9110 §15 whose caching this one knows.
fn is_understood(status: StatusCode) -> bool {
    is_heuristic(status)
        || matches!(
            status.as_u16(),
            201 | 202 | 302 | 303 | 307 | 400..=403 | 500 | 502..=504
        )
}

/// Statuses that may be kept without being told so (RFC 9110 §15.1).
fn is_heuristic(status: StatusCode) -> bool {
    matches!(
        status.as_u16(),
        200 | 203 | 204 | 300 | 301 | 308 | 404 | 405 | 410 | 414 | 501
    )
}

/// Whether it can be asked for with a condition.
pub(super) fn has_validator(response: &HeaderMap) -> bool {
    response.contains_key(header::ETAG) || response.contains_key(header::LAST_MODIFIED)
}

/// Whether no other request can get it.
fn varies_always(response: &HeaderMap) -> bool {
    vary(response).any(|name| name == b"*") || vary(response).count() > VARY_MAX
}

fn vary(response: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let lists = response.get_all(header::VARY).iter();
    lists
        .flat_map(|list| list.as_bytes().split(|b| *b == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|name| !name.is_empty())
}

/// What of a request a response depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Variance(Box<[(HeaderName, Box<[u8]>)]>);

impl Variance {
    /// What a response to this request depends on.
    pub(super) fn new(request: &HeaderMap, response: &HeaderMap) -> Self {
        let names = vary(response).filter_map(|name| HeaderName::from_bytes(name).ok());
        Self(
            names
                .map(|name| {
                    let value = normalized(request, &name);
                    (name, value)
                })
                .collect(),
        )
    }

    /// Whether a request is answered by the same response.
    pub(super) fn matches(&self, request: &HeaderMap) -> bool {
        let mut each = self.0.iter();
        each.all(|(name, value)| normalized(request, name) == *value)
    }

    /// Its size in memory, about.
    pub(super) fn bytes(&self) -> usize {
        self.0
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 64)
            .sum()
    }
}

/// A request's field, in one way of writing it (RFC 9111 §4.1); nothing when it is not there.
fn normalized(request: &HeaderMap, name: &HeaderName) -> Box<[u8]> {
    let values = request.get_all(name).iter();
    let mut items: Vec<Vec<u8>> = values
        .flat_map(|value| items(value.as_bytes()))
        .map(<[u8]>::to_vec)
        .collect();
    // What a visitor accepts has neither order nor case.
    if matches!(
        *name,
        header::ACCEPT | header::ACCEPT_ENCODING | header::ACCEPT_LANGUAGE | header::ACCEPT_CHARSET
    ) {
        for item in &mut items {
            item.retain(|byte| *byte != b' ');
            item.make_ascii_lowercase();
        }
        items.sort_unstable();
    }
    items.join(&b","[..]).into()
}

/// Takes a 304's fields over into what it confirms (RFC 9111 §3.2).
pub(super) fn update(stored: &mut HeaderMap, confirmed: &HeaderMap) {
    let describes_content = |name: &HeaderName| {
        [
            header::CONTENT_ENCODING,
            header::CONTENT_LENGTH,
            header::CONTENT_RANGE,
            header::ETAG,
        ]
        .contains(name)
            || name == "content-md5"
    };
    for name in confirmed.keys().filter(|name| !describes_content(name)) {
        stored.remove(name);
        for value in confirmed.get_all(name) {
            stored.append(name.clone(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn map(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut fields = HeaderMap::new();
        for (name, value) in lines {
            fields.append(*name, HeaderValue::from_static(value));
        }
        fields
    }

    fn judge(
        status: u16,
        request: &[(&'static str, &'static str)],
        response: &[(&'static str, &'static str)],
        wishes: &Wishes,
    ) -> Option<Freshness> {
        let now = Instant::now();
        freshness(
            &Exchange {
                method: &Method::GET,
                request: &map(request),
                status: StatusCode::from_u16(status).expect("a status"),
                response: &map(response),
                sent: now,
                came: now,
                now: SystemTime::now(),
            },
            wishes,
        )
    }

    #[test]
    fn what_is_anothers_or_says_no_is_not_kept() {
        let none = Wishes::default();
        let auth = &[("authorization", "x")][..];
        for (status, request, response) in [
            (
                200,
                &[][..],
                &[("cache-control", "no-store, max-age=9")][..],
            ),
            (200, &[], &[("cache-control", "private, max-age=9")]),
            (200, &[], &[("cache-control", "private=\"a\", max-age=9")]),
            (
                200,
                &[],
                &[("cache-control", "max-age=9"), ("set-cookie", "a=b")],
            ),
            (200, &[], &[("cache-control", "max-age=9"), ("vary", "*")]),
            (
                200,
                &[],
                &[("cache-control", "max-age=9"), ("vary", "a, *")],
            ),
            (200, auth, &[("cache-control", "max-age=9")]),
            (206, &[], &[("cache-control", "max-age=9")]),
            (304, &[], &[("cache-control", "max-age=9")]),
            (299, &[], &[("cache-control", "must-understand, max-age=9")]),
            (200, &[], &[("cache-control", "max-age=0")]),
            (200, &[], &[]),
            (
                503,
                &[],
                &[("last-modified", "Mon, 01 Jan 2024 00:00:00 GMT")],
            ),
            (
                200,
                &[],
                &[
                    ("cdn-cache-control", "no-store"),
                    ("cache-control", "max-age=9"),
                ],
            ),
        ] {
            let kept = judge(status, request, response, &none);
            assert!(
                kept.is_none(),
                "{status} {request:?} {response:?}: {kept:?}"
            );
        }
    }

    #[test]
    fn what_may_be_shared_is_kept_as_long_as_it_says() {
        let none = Wishes::default();
        let auth = &[("authorization", "x")][..];
        for (status, request, response, seconds) in [
            (200, &[][..], &[("cache-control", "max-age=9")][..], 9),
            (200, &[], &[("cache-control", "max-age=9, s-maxage=20")], 20),
            (
                200,
                &[],
                &[("cache-control", "max-age=9"), ("expires", "0")],
                9,
            ),
            (200, auth, &[("cache-control", "public, max-age=9")], 9),
            (
                200,
                auth,
                &[("cache-control", "must-revalidate, max-age=9")],
                9,
            ),
            (
                200,
                &[],
                &[("cache-control", "no-store, must-understand, max-age=9")],
                9,
            ),
            (500, &[], &[("cache-control", "max-age=9")], 9),
            (299, &[], &[("cache-control", "max-age=9")], 9),
            (
                200,
                &[],
                &[
                    ("cdn-cache-control", "max-age=7"),
                    ("cache-control", "no-store"),
                ],
                7,
            ),
            (
                200,
                &[],
                &[("cache-control", "max-age=0"), ("etag", "\"a\"")],
                0,
            ),
        ] {
            let kept = judge(status, request, response, &none).map(|kept| kept.lifetime);
            assert_eq!(kept, Some(Duration::from_secs(seconds)), "{response:?}");
        }
    }

    #[test]
    fn wishes_are_stronger_than_what_a_response_says() {
        let wishes = |ttl| Wishes {
            ttl: Some(ttl),
            ..Wishes::default()
        };
        let secret = &[("cache-control", "private"), ("set-cookie", "a=b")][..];
        let kept = judge(200, &[], secret, &wishes(30)).expect("kept");
        assert_eq!(kept.lifetime, Duration::from_secs(30));
        assert!(judge(500, &[], &[], &wishes(30)).is_none(), "an error");
        assert!(judge(200, &[], &[("cache-control", "max-age=9")], &wishes(-1)).is_none());
        let by_status = Wishes {
            ttl_by_status: vec![(200, 299, 60), (404, 404, 1), (500, 599, -1)],
            ..Wishes::default()
        };
        let lifetime = |status| judge(status, &[], &[], &by_status).map(|kept| kept.lifetime);
        assert_eq!(lifetime(204), Some(Duration::from_secs(60)));
        assert_eq!(lifetime(404), Some(Duration::from_secs(1)));
        assert_eq!(lifetime(503), None);
        let everything = Wishes {
            everything: true,
            ..Wishes::default()
        };
        let lifetime = |status| judge(status, &[], &[], &everything).map(|kept| kept.lifetime);
        assert_eq!(lifetime(200), Some(Duration::from_secs(7200)));
        assert_eq!(lifetime(500), None);
    }

    #[test]
    fn a_stale_response_serves_as_long_as_it_says_and_no_longer() {
        let none = Wishes::default();
        let told = "max-age=10, stale-while-revalidate=20, stale-if-error=30";
        let kept = judge(200, &[], &[("cache-control", told)], &none).expect("kept");
        let at = |seconds| kept.came + Duration::from_secs(seconds);
        assert!(kept.is_fresh(at(9)) && !kept.is_fresh(at(10)));
        assert!(kept.is_usable_meanwhile(at(29)) && !kept.is_usable_meanwhile(at(30)));
        assert!(kept.is_usable_on_error(at(39)) && !kept.is_usable_on_error(at(40)));
        for never in [
            "must-revalidate",
            "proxy-revalidate",
            "s-maxage=10",
            "no-cache",
        ] {
            let told = format!("{told}, {never}");
            let told = HeaderValue::from_str(&told).expect("a value");
            let mut response = map(&[("etag", "\"a\"")]);
            response.insert("cache-control", told);
            let now = Instant::now();
            let exchange = Exchange {
                method: &Method::GET,
                request: &HeaderMap::new(),
                status: StatusCode::OK,
                response: &response,
                sent: now,
                came: now,
                now: SystemTime::now(),
            };
            let kept = freshness(&exchange, &none).expect("kept");
            let later = now + Duration::from_secs(11);
            assert!(!kept.is_usable_meanwhile(later) && !kept.is_usable_on_error(later));
        }
    }

    #[test]
    fn an_age_counts_and_a_lie_about_it_is_the_origins_loss() {
        let none = Wishes::default();
        let told = ("cache-control", "max-age=10, stale-if-error=1");
        for (age, is_fresh) in [("9", true), ("10", false), ("x", false), ("-1", false)] {
            let kept = judge(200, &[], &[told, ("age", age)], &none);
            let is = kept.is_some_and(|kept| kept.is_fresh(kept.came));
            assert_eq!(is, is_fresh, "{age}");
        }
        let future = &[told, ("date", "Fri, 01 Jan 2100 00:00:00 GMT")];
        assert!(judge(200, &[], future, &none).is_some_and(|kept| kept.is_fresh(kept.came)));
        let long_ago = &[told, ("date", "Mon, 01 Jan 2024 00:00:00 GMT")];
        assert!(judge(200, &[], long_ago, &none).is_none());
    }

    #[test]
    fn requests_that_mean_the_same_get_the_same() {
        let response = map(&[("vary", "Accept-Language, X-Kind")]);
        let first = map(&[("accept-language", "en, de;q=0.5"), ("x-kind", "a, b")]);
        let variance = Variance::new(&first, &response);
        for (request, is_same) in [
            (
                &[("accept-language", "DE; q=0.5,EN"), ("x-kind", "a,b")][..],
                true,
            ),
            (
                &[
                    ("accept-language", "en, de;q=0.5"),
                    ("x-kind", "a"),
                    ("x-kind", "b"),
                ],
                true,
            ),
            (&[("accept-language", "en"), ("x-kind", "a,b")], false),
            (
                &[("accept-language", "en, de;q=0.5"), ("x-kind", "b,a")],
                false,
            ),
            (&[("x-kind", "a,b")], false),
        ] {
            assert_eq!(variance.matches(&map(request)), is_same, "{request:?}");
        }
    }
}
