//! The connections of a load: a bounded number of them, kept and taken up again.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsConnector;

use super::mix::Visit;

/// Requests on one connection of HTTP/2 at a time; servers commonly take 100.
const STREAMS: usize = 100;
/// Connections that a visit may find closed before it has no answer.
const CLOSED_MAX: u32 = 3;
/// Whoever has no answer by then has none.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a visitor had no answer. What the connection says itself is left out: it would make each failure one of its own.
#[derive(Clone, Copy, Debug, Eq, Error, Ord, PartialEq, PartialOrd)]
pub(super) enum Failure {
    /// Nobody listens, or takes no more connections.
    #[error("no connection")]
    Connect,
    /// TLS, or the beginning of HTTP/2.
    #[error("no handshake")]
    Handshake,
    /// The connection ended before the answer began.
    #[error("closed without an answer")]
    Unanswered,
    /// It ended before the answer was complete.
    #[error("answer broken off")]
    Broken,
    /// After half a minute.
    #[error("no answer in time")]
    Late,
    /// The name is none that TLS knows.
    #[error("no name for TLS")]
    Name,
}

/// A visit that is over.
#[derive(Debug)]
pub(super) struct Visited {
    /// From when the request was due to its last byte.
    pub(super) wait: Duration,
    /// Its status, or why there was none.
    pub(super) answer: Result<StatusCode, Failure>,
    /// Of the answer's body.
    pub(super) bytes: u64,
    /// Connections that it had to open.
    pub(super) opened: u64,
}

/// Where visitors go, and how.
pub(super) struct Clients {
    address: SocketAddr,
    tls: Option<TlsConnector>,
    is_http2: bool,
    /// Requests that may be under way.
    under_way: Semaphore,
    /// Connections that may be open.
    room: Arc<Semaphore>,
    /// HTTP/1.1: connections without a request. HTTP/2: all of them.
    open: Mutex<Vec<Open>>,
    /// Told when one is there that was not.
    opened: Notify,
}

/// A connection.
struct Open {
    /// Over TLS a connection is for one name only.
    hostname: Option<String>,
    sender: Sender,
    /// Its room is free again when nobody has it any more.
    room: Arc<OwnedSemaphorePermit>,
}

/// How a visit comes to a connection.
enum Way {
    Kept(Open),
    New(OwnedSemaphorePermit),
}

enum Sender {
    One(http1::SendRequest<Empty<Bytes>>),
    Many(http2::SendRequest<Empty<Bytes>>),
}

impl Clients {
    /// At most so many connections to an address; with TLS where a configuration is given, and HTTP/2 when that is wanted.
    pub(super) fn new(
        address: SocketAddr,
        tls: Option<ClientConfig>,
        is_http2: bool,
        connections: usize,
    ) -> Self {
        let each = if is_http2 { STREAMS } else { 1 };
        Self {
            address,
            tls: tls.map(|config| TlsConnector::from(Arc::new(config))),
            is_http2,
            under_way: Semaphore::new(connections * each),
            room: Arc::new(Semaphore::new(connections)),
            open: Mutex::new(Vec::new()),
            opened: Notify::new(),
        }
    }

    /// Makes a visit that is due.
    pub(super) async fn visit(&self, visit: &Visit, due: Instant) -> Visited {
        let mut opened = 0;
        let answer = tokio::time::timeout(PATIENCE, self.ask(visit, &mut opened)).await;
        let (answer, bytes) = match answer {
            Ok(Ok((status, bytes))) => (Ok(status), bytes),
            Ok(Err(failure)) => (Err(failure), 0),
            Err(_) => (Err(Failure::Late), 0),
        };
        Visited {
            wait: due.elapsed(),
            answer,
            bytes,
            opened,
        }
    }

    async fn ask(&self, visit: &Visit, opened: &mut u64) -> Result<(StatusCode, u64), Failure> {
        // The semaphores are never closed.
        let asked = self.under_way.acquire().await;
        let _asked = asked.map_err(|_| Failure::Connect)?;
        let mut closed = 0;
        loop {
            match self.way(visit).await? {
                Way::Kept(mut kept) => match self.send(&mut kept, visit).await {
                    // A server may close what was idle, also just now: who visits for a page asks again.
                    Err(Failure::Unanswered) if closed < CLOSED_MAX => closed += 1,
                    Err(failure) => return Err(failure),
                    Ok(done) => {
                        self.keep(kept);
                        return Ok(done);
                    }
                },
                Way::New(room) => {
                    *opened += 1;
                    let mut fresh = self.connect(visit, room).await?;
                    let done = self.send(&mut fresh, visit).await?;
                    self.keep(fresh);
                    return Ok(done);
                }
            }
        }
    }

    /// How to come to a connection for a visit. Waits while all are for other names and have requests.
    async fn way(&self, visit: &Visit) -> Result<Way, Failure> {
        loop {
            let opened = self.opened.notified();
            if let Some(way) = self.take(visit) {
                return Ok(way);
            }
            tokio::select! {
                room = self.room.clone().acquire_owned() => {
                    return room.map(Way::New).map_err(|_| Failure::Connect);
                }
                () = opened => {}
            }
        }
    }

    /// A connection that is kept, or room for a new one. Where there is neither, one is given up, whose room is free as soon as
    /// nobody needs it.
    fn take(&self, visit: &Visit) -> Option<Way> {
        let mut open = self.open();
        open.retain(|it| !it.sender.is_closed());
        let fits = |it: &Open| match &it.hostname {
            None => true,
            Some(hostname) => *hostname == visit.hostname,
        };
        let room = || self.room.clone().try_acquire_owned().ok().map(Way::New);
        let kept = if self.is_http2 {
            // In turn, and all are opened before any takes a second request.
            if let Some(room) = room() {
                return Some(room);
            }
            let at = open.iter().position(fits);
            at.map(|at| {
                let found = open.remove(at);
                open.extend(found.shared());
                found
            })
        } else {
            // The one used last, so that those that are not needed grow old.
            let at = open.iter().rposition(fits);
            at.map(|at| open.remove(at))
        };
        if kept.is_some() {
            return kept.map(Way::Kept);
        }
        if let Some(room) = room() {
            return Some(room);
        }
        if !open.is_empty() {
            open.remove(0);
        }
        None
    }

    /// HTTP/1.1: it is free again. HTTP/2: it has been there for all since it was opened.
    fn keep(&self, it: Open) {
        if matches!(it.sender, Sender::One(_)) && !it.sender.is_closed() {
            self.open().push(it);
            self.opened.notify_waiters();
        }
    }

    fn open(&self) -> MutexGuard<'_, Vec<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn connect(&self, visit: &Visit, room: OwnedSemaphorePermit) -> Result<Open, Failure> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the operator names the target; no guest is involved"
        )]
        let stream = TcpStream::connect(self.address).await;
        let stream = stream.map_err(|_| Failure::Connect)?;
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else {
            return Ok(Open {
                hostname: None,
                sender: self.begin(stream).await?,
                room: Arc::new(room),
            });
        };
        // TLS writes an address of IPv6 without its brackets.
        let name = visit.hostname.trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(name).map_err(|_| Failure::Name)?;
        let stream = tls.connect(name, stream).await;
        let fresh = Open {
            hostname: Some(visit.hostname.clone()),
            sender: self.begin(stream.map_err(|_| Failure::Handshake)?).await?,
            room: Arc::new(room),
        };
        self.open().extend(fresh.shared());
        self.opened.notify_waiters();
        Ok(fresh)
    }

    /// Speaks HTTP over a stream from now on; its task ends with its last sender.
    async fn begin(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    ) -> Result<Sender, Failure> {
        let stream = TokioIo::new(stream);
        if self.is_http2 {
            let begun = http2::handshake(TokioExecutor::new(), stream).await;
            let (sender, connection) = begun.map_err(|_| Failure::Handshake)?;
            tokio::spawn(connection);
            Ok(Sender::Many(sender))
        } else {
            let begun = http1::handshake(stream).await;
            let (sender, connection) = begun.map_err(|_| Failure::Handshake)?;
            tokio::spawn(connection);
            Ok(Sender::One(sender))
        }
    }

    async fn send(&self, open: &mut Open, visit: &Visit) -> Result<(StatusCode, u64), Failure> {
        let request = Request::get(self.target(visit)).header("user-agent", "cirque-bench");
        // HTTP/2 has it in the target.
        let request = match &open.sender {
            Sender::One(_) => request.header("host", &visit.hostname),
            Sender::Many(_) => request,
        };
        // The name has been read as a hostname, the path as a path.
        let request = request.body(Empty::new()).map_err(|_| Failure::Name)?;
        let answer = match &mut open.sender {
            Sender::One(sender) => sender.send_request(request).await,
            Sender::Many(sender) => sender.send_request(request).await,
        };
        let answer = answer.map_err(|_| Failure::Unanswered)?;
        let (status, mut body, mut bytes) = (answer.status(), answer.into_body(), 0);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Failure::Broken)?;
            bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        if let Sender::One(sender) = &mut open.sender {
            // Where the server closes, it does not come back.
            let _ = sender.ready().await;
        }
        Ok((status, bytes))
    }

    fn target(&self, visit: &Visit) -> Uri {
        let mut parts = http::uri::Parts::default();
        parts.path_and_query = Some(visit.path.clone());
        if self.is_http2 {
            parts.scheme = Some(http::uri::Scheme::HTTPS);
            parts.authority = visit.hostname.parse().ok();
        }
        Uri::from_parts(parts).unwrap_or_default()
    }
}

impl Open {
    /// The same for somebody else, where it takes many requests at a time.
    fn shared(&self) -> Option<Self> {
        match &self.sender {
            Sender::One(_) => None,
            Sender::Many(sender) => Some(Self {
                hostname: self.hostname.clone(),
                sender: Sender::Many(sender.clone()),
                room: self.room.clone(),
            }),
        }
    }
}

impl Sender {
    fn is_closed(&self) -> bool {
        match self {
            Self::One(sender) => sender.is_closed(),
            Self::Many(sender) => sender.is_closed(),
        }
    }
}
