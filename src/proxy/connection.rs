//! Visitors' connections: how many there may be, and how slow they may be.
//!
//! Pingora's own timeouts are for each read alone, so a visitor who sends a byte a minute keeps a connection for
//! days. Each HTTP/1 connection is therefore wrapped in a stream that knows what the visitor owes: a header within its
//! deadline, a body and the reading of a response at a minimum rate. Only time in which the edge waits for the visitor
//! counts.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use pingora::apps::{HttpServerApp, ServerApp};
use pingora::protocols::http::ServerSession;
use pingora::protocols::raw_connect::ProxyDigest;
use pingora::protocols::tls::SslDigest;
use pingora::protocols::{
    ALPN, GetProxyDigest, GetSocketDigest, GetTimingDigest, Peek, Shutdown, SocketDigest, Ssl,
    Stream, TimingDigest, UniqueID, UniqueIDType,
};
use pingora::server::ShutdownWatch;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::tls;
use crate::conf::LimitsConf;
use crate::metrics::Metrics;
use crate::router::Router;
use crate::tls::Door;

/// What Pingora may read beyond the bound before the guard can answer with 431 instead of a closed connection.
const HEADER_SLACK_BYTES: u64 = 16 << 10;

/// How long connections that were accepted last have to send their request when the edge drains.
const FIRST_REQUEST_PATIENCE: Duration = Duration::from_millis(500);

/// Pingora's proxy behind the connections' own rules.
pub struct Visitors<A> {
    proxy: Arc<A>,
    seats: Arc<Seats>,
    rules: Arc<Rules>,
    keepalive_requests: u32,
    entrances: Entrances,
}

/// The listeners, and what is spoken there.
pub struct Entrances {
    /// Where TLS is spoken, and with what.
    pub https: Option<(SocketAddr, Arc<Door>)>,
    /// Which hostnames there are.
    pub router: Arc<Router>,
    /// Whether a load balancer introduces the visitors of plain HTTP.
    pub http_is_proxied: bool,
    /// Whether a load balancer introduces the visitors of TLS.
    pub https_is_proxied: bool,
    /// Time for introduction and handshake.
    pub handshake_timeout: Duration,
}

impl Entrances {
    /// What is spoken where a connection came in: TLS with a door, and whether a load balancer introduces its visitors.
    fn of(&self, stream: &Stream) -> (Option<&Arc<Door>>, bool) {
        let door = self.https.as_ref().and_then(|(address, door)| {
            let digest = stream.get_socket_digest()?;
            let local = digest.local_addr()?.as_inet()?;
            // An address that stands for all of them is where any of them is.
            let is_there = local.port() == address.port()
                && (address.ip().is_unspecified() || local.ip() == address.ip());
            is_there.then_some(door)
        });
        match door {
            Some(door) => (Some(door), self.https_is_proxied),
            None => (None, self.http_is_proxied),
        }
    }

    /// Takes a seat for the visitor, once it is known who that is, and speaks TLS with him where it is spoken.
    async fn enter(&self, mut stream: Stream, seats: &Arc<Seats>) -> Option<(Stream, Seat)> {
        let (door, is_proxied) = self.of(&stream);
        let mut socket = stream.get_socket_digest();
        if is_proxied {
            // Only load balancers come in here; what they have to say first is short.
            let introduced =
                tokio::time::timeout(self.handshake_timeout, tls::proxied(&mut stream));
            socket = Some(introduced.await.ok()??);
        }
        let address = socket
            .as_ref()
            .and_then(|digest| Some(digest.peer_addr()?.as_inet()?.ip()));
        // Dropping the stream closes it: answering costs more than whoever opened too many deserves.
        let seat = seats.take(address)?;
        let Some(door) = door else {
            let stream = match is_proxied {
                true => Box::new(tls::Introduced {
                    inner: stream,
                    socket,
                }),
                false => stream,
            };
            return Some((stream, seat));
        };
        let accepting = tls::accept(door, &self.router, stream, socket);
        match tokio::time::timeout(self.handshake_timeout, accepting).await {
            Ok(accepted) => Some((accepted?, seat)),
            Err(_) => {
                tls::timed_out(door);
                None
            }
        }
    }
}

/// What visitors owe, in time.
struct Rules {
    header: Duration,
    header_bytes: u64,
    keepalive: Duration,
    body: Duration,
    grace: Duration,
    bytes_per_second: u64,
    /// What has to move within the time of grace, again and again.
    window_bytes: u64,
}

impl<A> Visitors<A> {
    /// Puts the rules before a proxy.
    pub fn new(proxy: A, conf: &LimitsConf, seats: Arc<Seats>, entrances: Entrances) -> Self {
        let rules = Rules {
            header: Duration::from_millis(conf.header_timeout_ms),
            header_bytes: conf.header_bytes as u64 + HEADER_SLACK_BYTES,
            keepalive: Duration::from_millis(conf.keepalive_timeout_ms),
            body: Duration::from_millis(conf.body_timeout_ms),
            grace: Duration::from_millis(conf.rate_grace_ms),
            bytes_per_second: conf.rate_bytes_per_second.max(1),
            window_bytes: (conf.rate_bytes_per_second * conf.rate_grace_ms / 1000).max(1),
        };
        Self {
            proxy: Arc::new(proxy),
            seats,
            rules: Arc::new(rules),
            keepalive_requests: conf.keepalive_requests,
            entrances,
        }
    }
}

#[async_trait]
impl<A: HttpServerApp + Send + Sync + 'static> ServerApp for Visitors<A> {
    async fn process_new(
        self: &Arc<Self>,
        stream: Stream,
        shutdown: &ShutdownWatch,
    ) -> Option<Stream> {
        let (stream, seat) = self.entrances.enter(stream, &self.seats).await?;
        if matches!(stream.selected_alpn_proto(), Some(ALPN::H2)) {
            let _seat = seat;
            return self.proxy.process_new(stream, shutdown).await;
        }
        let pace = Arc::new(Pace::default());
        let mut stream: Stream =
            Box::new(Paced::new(stream, seat, pace.clone(), self.rules.clone()));
        let mut settings = None;
        loop {
            let mut session = ServerSession::new_http1(stream);
            match settings.take() {
                Some(settings) => {
                    pingora::apps::HttpPersistentSettings::apply_to_session(settings, &mut session)
                }
                None => session.set_keepalive_reuses_remaining(Some(self.keepalive_requests - 1)),
            }
            // No timeout of Pingora's for each read: the pace has them for the whole.
            session.set_keepalive(Some(0));
            session.set_connection_user_context(Some(Box::new(pace.clone())));
            let reused = self.proxy.process_new_http(session, shutdown).await?;
            (stream, settings) = reused.consume();
        }
    }

    async fn cleanup(&self) {
        // The listeners are closed. From here Pingora drops connections that have not begun a request, and one that was
        // accepted a moment ago has its request still on the way.
        let patience = Instant::now() + FIRST_REQUEST_PATIENCE;
        while self.seats.taken() > 0 && Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.proxy.cleanup().await;
    }
}

/// How many connections there may be: in all, and for each visitor.
pub struct Seats {
    taken: AtomicUsize,
    max: usize,
    per_address_max: usize,
    addresses: Mutex<HashMap<IpAddr, usize>>,
    metrics: Arc<Metrics>,
}

impl Seats {
    /// As many as the settings say.
    pub fn new(conf: &LimitsConf, metrics: Arc<Metrics>) -> Self {
        Self {
            taken: AtomicUsize::new(0),
            max: conf.connections,
            per_address_max: conf.connections_per_address,
            addresses: Mutex::default(),
            metrics,
        }
    }

    /// Connections that are open.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Acquire)
    }

    fn take(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Seat> {
        let address = address.map(group);
        let one_more = |now: usize| (now < self.max).then_some(now + 1);
        let is_free = self
            .taken
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, one_more)
            .is_ok();
        if !is_free {
            self.metrics.connections_refused.inc();
            return None;
        }
        self.metrics.connections.inc();
        let mut seat = Seat {
            seats: self.clone(),
            address: None,
        };
        if let Some(address) = address {
            let mut addresses = self
                .addresses
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let taken = addresses.entry(address).or_default();
            if *taken >= self.per_address_max {
                drop(addresses);
                self.metrics.connections_refused.inc();
                return None;
            }
            *taken += 1;
            seat.address = Some(address);
        }
        Some(seat)
    }
}

/// One visitor of IPv6 has a whole /64 to choose addresses from.
fn group(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// One connection's place, given back when it is dropped.
struct Seat {
    seats: Arc<Seats>,
    address: Option<IpAddr>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(address) = self.address {
            let mut addresses = self
                .seats
                .addresses
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if let Entry::Occupied(mut taken) = addresses.entry(address) {
                *taken.get_mut() -= 1;
                if *taken.get() == 0 {
                    taken.remove();
                }
            }
        }
        self.seats.metrics.connections.dec();
        self.seats.taken.fetch_sub(1, Ordering::AcqRel);
    }
}

/// What the visitor owes at the moment; set by the request's phases, read by the connection.
#[derive(Default)]
pub struct Pace {
    phase: AtomicU8,
    /// Counts phases, so that the connection sees when one begins anew.
    round: AtomicU64,
    /// The connection ended because the visitor was too slow.
    was_slow: AtomicBool,
}

/// A request's header: from accept, or from its first byte on a kept connection.
const HEADER: u8 = 0;
/// A request's body.
const BODY: u8 = 1;
/// Nothing: the edge works.
const RESPONSE: u8 = 2;
/// The next request, within the keep-alive time.
const IDLE: u8 = 3;

impl Pace {
    /// The visitor owes a body.
    pub fn begin_body(&self) {
        self.begin(BODY);
    }

    /// The edge owes a response.
    pub fn begin_response(&self) {
        self.begin(RESPONSE);
    }

    /// The connection waits for its next request.
    pub fn begin_idle(&self) {
        self.begin(IDLE);
    }

    /// Whether the connection ended because the visitor was too slow.
    pub fn was_slow(&self) -> bool {
        self.was_slow.load(Ordering::Relaxed)
    }

    fn begin(&self, phase: u8) {
        self.phase.store(phase, Ordering::Relaxed);
        self.round.fetch_add(1, Ordering::Release);
    }
}

/// A connection that ends when its visitor is too slow.
struct Paced {
    inner: Stream,
    _seat: Seat,
    pace: Arc<Pace>,
    rules: Arc<Rules>,
    round: u64,
    read: Clock,
    write: Clock,
    /// Bytes received since the phase began.
    received: u64,
    /// One timer for both directions. It is left to fire early rather than moved at each request.
    timer: Option<Pin<Box<Sleep>>>,
}

/// One direction, within a phase.
struct Clock {
    began: Instant,
    bytes: u64,
    /// Time that was spent waiting for the visitor before the wait under way.
    waited: Duration,
    waiting_since: Option<Instant>,
}

impl Clock {
    fn new(now: Instant) -> Self {
        Self {
            began: now,
            bytes: 0,
            waited: Duration::ZERO,
            waiting_since: None,
        }
    }

    fn moved(&mut self, bytes: usize, window_bytes: u64) {
        self.bytes += bytes as u64;
        if let Some(since) = self.waiting_since.take() {
            self.waited += since.elapsed();
        }
        // A window that is full earns nothing beyond itself: what went fast, or into the kernel's buffers, is no
        // credit for an hour of silence.
        if self.bytes >= window_bytes {
            (self.bytes, self.waited) = (0, Duration::ZERO);
        }
    }
}

impl Paced {
    fn new(inner: Stream, seat: Seat, pace: Arc<Pace>, rules: Arc<Rules>) -> Self {
        let now = Instant::now();
        let clock = || Clock::new(now);
        Self {
            inner,
            _seat: seat,
            pace,
            rules,
            round: 0,
            read: clock(),
            write: clock(),
            received: 0,
            timer: None,
        }
    }

    /// Begins the clocks anew when the request has moved to another phase.
    fn follow(&mut self) {
        let round = self.pace.round.load(Ordering::Acquire);
        if round != self.round {
            self.round = round;
            let now = Instant::now();
            (self.read, self.write) = (Clock::new(now), Clock::new(now));
            self.received = 0;
        }
    }

    /// When the wait for the visitor's bytes has lasted too long.
    fn read_deadline(&self, now: Instant) -> Option<Instant> {
        let rules = &self.rules;
        match self.pace.phase.load(Ordering::Relaxed) {
            HEADER => Some(self.read.began + rules.header),
            IDLE => Some(self.read.began + rules.keepalive),
            BODY => Some(
                self.rate_deadline(&self.read, now)
                    .min(self.read.began + rules.body),
            ),
            _ => None,
        }
    }

    /// When a visitor who reads so slowly has had enough time.
    fn rate_deadline(&self, clock: &Clock, now: Instant) -> Instant {
        let earned =
            Duration::from_secs_f64(clock.bytes as f64 / self.rules.bytes_per_second as f64);
        let allowed = self.rules.grace + earned;
        clock.waiting_since.unwrap_or(now) + allowed.saturating_sub(clock.waited)
    }

    /// Waits for `deadline`; an error when it has passed.
    fn poll_deadline(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<io::Error> {
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        while timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                self.pace.was_slow.store(true, Ordering::Relaxed);
                return Poll::Ready(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "the visitor was too slow",
                ));
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

use std::future::Future;

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.follow();
        let before = buffer.filled().len();
        if let Poll::Ready(result) = Pin::new(&mut this.inner).poll_read(cx, buffer) {
            let bytes = buffer.filled().len() - before;
            this.received += bytes as u64;
            this.read.moved(bytes, this.rules.window_bytes);
            let phase = this.pace.phase.load(Ordering::Relaxed);
            if bytes > 0 && phase == IDLE {
                // The next request has begun; it owes its header from here.
                this.pace.begin(HEADER);
                this.follow();
                this.received = bytes as u64;
            } else if phase == HEADER && this.received > this.rules.header_bytes {
                return Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the header is too large",
                )));
            }
            return Poll::Ready(result);
        }
        let now = Instant::now();
        this.read.waiting_since.get_or_insert(now);
        match this.read_deadline(now) {
            Some(deadline) => this.poll_deadline(deadline, cx).map(Err),
            None => Poll::Pending,
        }
    }
}

impl Paced {
    /// What every way of writing has in common.
    fn poll_written(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut Stream>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        self.follow();
        if let Poll::Ready(result) = write(Pin::new(&mut self.inner), cx) {
            if let Ok(bytes) = result {
                self.write.moved(bytes, self.rules.window_bytes);
            }
            return Poll::Ready(result);
        }
        let now = Instant::now();
        self.write.waiting_since.get_or_insert(now);
        let deadline = self.rate_deadline(&self.write, now);
        self.poll_deadline(deadline, cx).map(Err)
    }
}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_written(cx, |inner, cx| inner.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_written(cx, |inner, cx| inner.poll_write_vectored(cx, parts))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Small writes wait in a buffer below, so this is where a slow reader is met.
        let flushed = self.poll_written(cx, |inner, cx| inner.poll_flush(cx).map_ok(|()| 0));
        flushed.map_ok(|_| ())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

impl fmt::Debug for Paced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

#[async_trait]
impl Shutdown for Paced {
    async fn shutdown(&mut self) {
        self.inner.shutdown().await;
    }
}

impl UniqueID for Paced {
    fn id(&self) -> UniqueIDType {
        self.inner.id()
    }
}

impl Ssl for Paced {
    fn get_ssl_digest(&self) -> Option<Arc<SslDigest>> {
        self.inner.get_ssl_digest()
    }

    fn selected_alpn_proto(&self) -> Option<ALPN> {
        self.inner.selected_alpn_proto()
    }
}

impl GetTimingDigest for Paced {
    fn get_timing_digest(&self) -> Vec<Option<TimingDigest>> {
        self.inner.get_timing_digest()
    }
}

impl GetProxyDigest for Paced {
    fn get_proxy_digest(&self) -> Option<Arc<ProxyDigest>> {
        self.inner.get_proxy_digest()
    }
}

impl GetSocketDigest for Paced {
    fn get_socket_digest(&self) -> Option<Arc<SocketDigest>> {
        self.inner.get_socket_digest()
    }
}

#[async_trait]
impl Peek for Paced {
    async fn try_peek(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        self.inner.try_peek(buffer).await
    }
}
