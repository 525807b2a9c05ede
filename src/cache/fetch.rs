//! A request to something that may be in the cache: answered from there, or asked for once for all who want it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime};

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body as _;
use tokio::sync::{oneshot, watch};
use url::Url;

use super::answer::{CONDITIONS, empty, missing, told};
use super::body::{Filled, Filling, Stored};
use super::fields::{self, Directives};
use super::flight::{Landed, Seat};
use super::key::{Key, address};
use super::policy::{self, Exchange, Mode, Variance, Wishes};
use super::storage::Object;
use super::{Body, Cache, CacheStatus, Failure, Place, Upstream};
use crate::model::message;

/// A part of the cache's memory that may be coming in at a time; what is beyond it is passed on and not kept.
const COMING_IN_PART: u64 = 4;

/// What the one who asked gets.
enum Reply {
    /// What all get, and its first reader, so that nothing of it is given up before it is read.
    Object(Arc<Object>, CacheStatus, Option<Body>),
    /// What nobody else gets.
    Passed(Response<Body>, CacheStatus),
}

/// A request on its way to where responses come from.
struct Trip {
    place: Place,
    key: Key,
    url: Url,
    request: Request<Body>,
    wishes: Wishes,
    upstream: Arc<dyn Upstream>,
    /// What is there and has to be confirmed.
    stale: Option<Arc<Object>>,
    /// Whether the response to it says anything of those to others: nobody's own rights, conditions or parts are in it.
    is_plain: bool,
}

impl Cache {
    /// Answers a request from the cache, or from where responses come from. `address` is its URL as [`address`] writes it.
    ///
    /// # Errors
    /// What the upstream fails with.
    pub async fn fetch(
        self: &Arc<Self>,
        place: &Place,
        address: &str,
        request: Request<Body>,
        wishes: Wishes,
        upstream: Arc<dyn Upstream>,
    ) -> Result<Response<Body>, Failure> {
        let (response, status) = self
            .answer(place, address, request, wishes, upstream)
            .await?;
        place.share.metrics.cache_answered(status as usize);
        Ok(told(response, status))
    }

    async fn answer(
        self: &Arc<Self>,
        place: &Place,
        address: &str,
        request: Request<Body>,
        wishes: Wishes,
        upstream: Arc<dyn Upstream>,
    ) -> Result<(Response<Body>, CacheStatus), Failure> {
        let mut asked = place.directives(request.headers());
        match wishes.mode {
            Mode::Default => {}
            Mode::NoCache => asked.no_cache = true,
            Mode::NoStore => asked.no_store = true,
        }
        let method = request.method().clone();
        let is_read = method == Method::GET || method == Method::HEAD;
        if !is_read {
            return self.change(place, address, request, upstream).await;
        }
        if asked.no_store || !request.body().is_end_stream() || wishes.ttl.is_some_and(|s| s < 0) {
            return Ok((upstream.send(request).await?, CacheStatus::Bypass));
        }
        let key = place.prefix.key(wishes.key.as_deref().unwrap_or(address));
        let now = Instant::now();
        let entry = self.storage.get(&key);
        let found = entry.and_then(|entry| entry.select(request.headers()));
        if let Some(object) = &found
            && object.freshness.satisfies(&asked, now)
            && let Some(response) = object.response(&method, request.headers(), Some(now))
        {
            return Ok((response, CacheStatus::Hit));
        }
        if asked.only_if_cached {
            return Ok((missing(), CacheStatus::Miss));
        }
        // A response to HEAD says nothing that could be kept.
        let Ok(url) = Url::parse(address) else {
            return Ok((upstream.send(request).await?, CacheStatus::Dynamic));
        };
        if method == Method::HEAD {
            return Ok((upstream.send(request).await?, CacheStatus::Dynamic));
        }
        let has_conditions = CONDITIONS
            .iter()
            .chain([&header::RANGE])
            .any(|name| request.headers().contains_key(name));
        let is_plain = !(has_conditions && found.is_none()
            || request.headers().contains_key(header::AUTHORIZATION));
        // Whoever wants to be sure is not answered with what was asked for before.
        let is_solo =
            !is_plain || asked.no_cache || asked.max_age.is_some() || self.flights.is_solo(&key);
        let (original, body) = request.into_parts();
        let mut request = Request::from_parts(original.clone(), body);
        if let Some(stale) = &found {
            stale.ask(request.headers_mut());
        }
        let trip = Trip {
            place: place.clone(),
            key,
            url,
            request,
            wishes,
            upstream: upstream.clone(),
            is_plain,
            stale: found.clone(),
        };
        if let Some(object) = found
            && !asked.no_cache
            && asked.max_age.is_none()
            && object.freshness.is_usable_meanwhile(now)
            && let Some(response) = object.response(&method, &original.headers, Some(now))
        {
            if let Seat::First(seat) = self.flights.join(&trip.key) {
                match self.landed_before(&trip.key, &original.headers, &asked) {
                    Some(object) => self.end_flight(&trip.key, &seat, object),
                    None => drop(self.depart(trip, Some(seat))),
                }
            }
            return Ok((response, CacheStatus::Updating));
        }
        let once_more = Request::from_parts(original.clone(), empty());
        let again = async move { upstream.send(once_more).await };
        if !is_solo {
            match self.flights.join(&trip.key) {
                Seat::First(seat) => {
                    if let Some(object) = self.landed_before(&trip.key, &original.headers, &asked)
                        && let Some(response) =
                            object.response(&method, &original.headers, Some(Instant::now()))
                    {
                        self.end_flight(&trip.key, &seat, object);
                        return Ok((response, CacheStatus::Hit));
                    }
                    let reply = self.depart(trip, Some(seat));
                    return self.land(reply.await, &original, again).await;
                }
                Seat::Waiting(mut flight) => {
                    let landed = flight.wait_for(Option::is_some).await;
                    let landed = landed.map(|landed| landed.clone());
                    match landed {
                        Ok(Some(Landed::Failed(failure))) => return Err(failure),
                        Ok(Some(Landed::Object(object, status)))
                            if object.variance.matches(&original.headers) =>
                        {
                            let now = Some(Instant::now());
                            let response = object.response(&method, &original.headers, now);
                            if let Some(response) = response {
                                let status = match status {
                                    CacheStatus::Miss | CacheStatus::Expired => CacheStatus::Hit,
                                    other => other,
                                };
                                return Ok((response, status));
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        let reply = self.depart(trip, None);
        self.land(reply.await, &original, again).await
    }

    /// What another flight has brought since the storage was asked: it ended before this one began.
    fn landed_before(
        &self,
        key: &Key,
        fields: &HeaderMap,
        asked: &Directives,
    ) -> Option<Arc<Object>> {
        let object = self.storage.get(key)?.select(fields)?;
        let is_fresh = object.freshness.satisfies(asked, Instant::now());
        is_fresh.then_some(object)
    }

    /// Ends a flight that needs not begin, for those who joined it already.
    fn end_flight(&self, key: &Key, seat: &watch::Sender<Option<Landed>>, object: Arc<Object>) {
        seat.send_replace(Some(Landed::Object(object, CacheStatus::Hit)));
        self.flights.end(key);
    }

    /// Passes a request on that changes something.
    async fn change(
        &self,
        place: &Place,
        address: &str,
        request: Request<Body>,
        upstream: Arc<dyn Upstream>,
    ) -> Result<(Response<Body>, CacheStatus), Failure> {
        let method = request.method().clone();
        let response = upstream.send(request).await?;
        self.note_change(
            place,
            address,
            &method,
            response.status(),
            response.headers(),
        );
        Ok((response, CacheStatus::Dynamic))
    }

    /// Forgets what a request has changed that was answered so (RFC 9111 §4.4).
    pub fn note_change(
        &self,
        place: &Place,
        address: &str,
        method: &Method,
        status: StatusCode,
        fields: &HeaderMap,
    ) {
        if method.is_safe() || !(status.is_success() || status.is_redirection()) {
            return;
        }
        self.forget(place, address);
        let Ok(url) = Url::parse(address) else { return };
        for name in [header::LOCATION, header::CONTENT_LOCATION] {
            let other = fields.get(name).and_then(|value| value.to_str().ok());
            let other = other.and_then(|other| url.join(other).ok());
            if let Some(other) = other.filter(|other| other.origin() == url.origin()) {
                self.forget(place, &self::address(&other));
            }
        }
    }

    /// Forgets the responses of a URL.
    pub fn forget(&self, place: &Place, address: &str) -> bool {
        let key = place.prefix.key(address);
        let was_there = self.storage.get(&key).is_some();
        self.storage.remove(&place.share, &key);
        was_there
    }

    /// Sends a request that goes on whoever waits for it.
    fn depart(
        self: &Arc<Self>,
        trip: Trip,
        seat: Option<watch::Sender<Option<Landed>>>,
    ) -> oneshot::Receiver<Result<Reply, Failure>> {
        let (reply, replied) = oneshot::channel();
        let cache = self.clone();
        tokio::spawn(async move { cache.travel(trip, seat, reply).await });
        replied
    }

    /// What the one who asked answers with.
    async fn land(
        self: &Arc<Self>,
        reply: Result<Result<Reply, Failure>, oneshot::error::RecvError>,
        original: &http::request::Parts,
        again: impl Future<Output = Result<Response<Body>, Failure>>,
    ) -> Result<(Response<Body>, CacheStatus), Failure> {
        match reply {
            Ok(Ok(Reply::Passed(response, status))) => Ok((response, status)),
            Ok(Ok(Reply::Object(object, status, first))) => {
                let is_new = matches!(status, CacheStatus::Miss | CacheStatus::Expired);
                let now = (!is_new).then(Instant::now);
                let response = object.response(&original.method, &original.headers, now);
                drop(first);
                match response {
                    Some(response) => Ok((response, status)),
                    None => Ok((again.await?, CacheStatus::Bypass)),
                }
            }
            Ok(Err(failure)) => Err(failure),
            // The task that asked is gone: the process ends.
            Err(_) => Ok((again.await?, CacheStatus::Bypass)),
        }
    }

    async fn travel(
        self: &Arc<Self>,
        trip: Trip,
        seat: Option<watch::Sender<Option<Landed>>>,
        reply: oneshot::Sender<Result<Reply, Failure>>,
    ) {
        let _flight = seat.is_some().then(|| EndOfFlight {
            cache: self,
            key: trip.key.clone(),
        });
        let land = |landed| {
            if let Some(seat) = &seat {
                seat.send_replace(Some(landed));
            }
        };
        let ticket = trip.place.share.ticket(&trip.key);
        let Trip {
            place: _,
            key,
            url,
            request,
            wishes,
            upstream,
            stale,
            is_plain,
        } = trip;
        let (method, asked) = (request.method().clone(), request.headers().clone());
        let sent = Instant::now();
        let result = upstream.send(request).await;
        let came = Instant::now();
        let is_failure = match &result {
            Ok(response) => matches!(response.status().as_u16(), 500 | 502..=504),
            Err(_) => true,
        };
        if let Some(stale) = &stale
            && is_failure
            && stale.freshness.is_usable_on_error(came)
        {
            land(Landed::Object(stale.clone(), CacheStatus::Stale));
            let _ = reply.send(Ok(Reply::Object(stale.clone(), CacheStatus::Stale, None)));
            return;
        }
        let response = match result {
            Ok(response) => response,
            Err(failure) => {
                land(Landed::Failed(failure.clone()));
                let _ = reply.send(Err(failure));
                return;
            }
        };
        let exchange = |status, fields| {
            let exchange = Exchange {
                method: &method,
                request: &asked,
                status,
                response: fields,
                sent,
                came,
                now: SystemTime::now(),
            };
            policy::freshness(&exchange, &wishes)
        };
        if let Some(stale) = &stale
            && response.status() == StatusCode::NOT_MODIFIED
        {
            let mut fields = stale.fields.clone();
            policy::update(&mut fields, response.headers());
            let freshness = exchange(stale.status, &fields);
            let is_kept = freshness.is_some();
            let object = Arc::new(Object {
                status: stale.status,
                variance: Variance::new(&asked, &fields),
                freshness: freshness.unwrap_or_else(|| stale.freshness.clone()),
                tags: stale.tags.clone(),
                body: stale.body.clone(),
                fields,
            });
            match is_kept {
                true => self.storage.put(&ticket, &key, &url, object.clone()),
                false => self.storage.remove(ticket.share(), &key),
            }
            land(Landed::Object(object.clone(), CacheStatus::Revalidated));
            let _ = reply.send(Ok(Reply::Object(object, CacheStatus::Revalidated, None)));
            return;
        }
        let (mut parts, body) = response.into_parts();
        let length = body.size_hint().exact();
        let is_short = length.is_none_or(|length| length <= self.conf.object_bytes_max);
        let freshness = exchange(parts.status, &parts.headers).filter(|_| is_short);
        if is_plain {
            self.flights.set_solo(&key, freshness.is_none());
        }
        let Some(freshness) = freshness else {
            land(Landed::Own);
            // What was there is no longer what the origin says.
            if stale.is_some() && !is_failure {
                self.storage.remove(ticket.share(), &key);
            }
            let is_told = [header::CACHE_CONTROL, header::SET_COOKIE]
                .iter()
                .any(|name| parts.headers.contains_key(name));
            let status = match is_told {
                true => CacheStatus::Bypass,
                false => CacheStatus::Dynamic,
            };
            let response = Response::from_parts(parts, body);
            let _ = reply.send(Ok(Reply::Passed(response, status)));
            return;
        };
        let status = match stale {
            Some(_) => CacheStatus::Expired,
            None => CacheStatus::Miss,
        };
        let mut tags = fields::tags(&parts.headers);
        tags.extend(
            wishes
                .tags
                .iter()
                .map(|tag| tag.to_ascii_lowercase().into()),
        );
        // What is kept although it sets a cookie, because somebody wished so, sets none.
        parts.headers.remove(header::SET_COOKIE);
        if !parts.headers.contains_key(header::DATE) {
            let date = httpdate::fmt_http_date(SystemTime::now());
            let date = HeaderValue::from_str(&date).ok();
            parts.headers.extend(date.map(|date| (header::DATE, date)));
        }
        let object = |body| {
            Arc::new(Object {
                status: parts.status,
                variance: Variance::new(&asked, &parts.headers),
                freshness: freshness.clone(),
                tags: tags.clone(),
                fields: parts.headers.clone(),
                body,
            })
        };
        let filling = Filling::new(length);
        let coming = object(Stored::Filling(filling.clone()));
        let first = coming.body.read_all();
        land(Landed::Object(coming.clone(), status));
        let _ = reply.send(Ok(Reply::Object(coming, status, first)));
        let counted = Counted(&self.coming_in, 0);
        if let Filled::Whole(whole) = self.fill(&filling, body, counted).await {
            self.storage
                .put(&ticket, &key, &url, object(Stored::Whole(whole)));
        }
    }

    pub(super) async fn fill(
        &self,
        filling: &Filling,
        body: Body,
        mut counted: Counted<'_>,
    ) -> Filled {
        let most = self.conf.object_bytes_max;
        let all = (self.conf.memory_mb << 20) / COMING_IN_PART;
        filling
            .fill(body, |received| {
                counted.set(received);
                received <= most && counted.0.load(Ordering::Relaxed) <= all
            })
            .await
    }
}

/// Bytes of one response among those that come in.
pub(super) struct Counted<'a>(pub &'a AtomicU64, pub u64);

impl Counted<'_> {
    fn set(&mut self, bytes: u64) {
        self.0.fetch_add(bytes - self.1, Ordering::Relaxed);
        self.1 = bytes;
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(self.1, Ordering::Relaxed);
    }
}

/// Ends a flight however its task ends.
struct EndOfFlight<'a> {
    cache: &'a Cache,
    key: Key,
}

impl Drop for EndOfFlight<'_> {
    fn drop(&mut self) {
        self.cache.flights.end(&self.key);
    }
}

impl Place {
    /// What a request says of what may answer it, if that counts here.
    fn directives(&self, fields: &HeaderMap) -> Directives {
        if !self.obeys_requests {
            return Directives::default();
        }
        Directives::of(fields, &header::CACHE_CONTROL).unwrap_or_else(|| Directives {
            no_cache: fields
                .get_all(header::PRAGMA)
                .iter()
                .flat_map(|value| message::items(value.as_bytes()))
                .any(|item| item.eq_ignore_ascii_case(b"no-cache")),
            ..Directives::default()
        })
    }
}
