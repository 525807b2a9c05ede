//! A visitor's connection over TLS, as Pingora sees it; and who the visitor is where a load balancer says so.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;
use pingora::http::ResponseHeader;
use pingora::protocols::l4::socket::SocketAddr as AnyAddr;
use pingora::protocols::raw_connect::ProxyDigest;
use pingora::protocols::tls::SslDigest;
use pingora::protocols::{
    ALPN, GetProxyDigest, GetSocketDigest, GetTimingDigest, Peek, Shutdown, SocketDigest, Ssl,
    Stream, TimingDigest, UniqueID, UniqueIDType,
};
use pingora::proxy::Session;
use ppp::v2::{Addresses, Command, Header};
use rustls::{HandshakeKind, ProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_rustls::server::TlsStream;

use crate::model::Hostname;
use crate::router::{RouteError, Router};
use crate::tls::{Door, Facts, Refused};

/// The fixed part of a header of PROXY protocol, version 2.
const PROXY_FIXED_BYTES: usize = 16;
/// The longest rest of such a header: addresses, and what else a load balancer has to say.
const PROXY_REST_BYTES_MAX: usize = 1 << 10;

/// Takes a visitor's TLS in.
pub(super) async fn accept(
    door: &Arc<Door>,
    router: &Router,
    stream: Stream,
    socket: Option<Arc<SocketDigest>>,
) -> Option<Stream> {
    let timing = stream.get_timing_digest();
    let id = stream.id();
    let is_known =
        async |name: &Hostname| !matches!(router.route(name).await, Err(RouteError::UnknownHost));
    match door.accept(stream, is_known).await {
        Ok((inner, facts)) => {
            let (_, session) = inner.get_ref();
            let is_resumed = session.handshake_kind() == Some(HandshakeKind::Resumed);
            door.count(Ok(&facts), is_resumed);
            let digest = digest(session);
            let alpn = session.alpn_protocol().map(|protocol| match protocol {
                b"h2" => ALPN::H2,
                _ => ALPN::H1,
            });
            Some(Box::new(Connection {
                inner,
                id,
                digest: Arc::new(digest),
                facts: carried(door.clone(), facts)?,
                alpn,
                socket,
                timing,
            }))
        }
        Err(refused) => {
            door.count(Err(refused), false);
            None
        }
    }
}

/// Counts a handshake that took too long.
pub(super) fn timed_out(door: &Door) {
    door.count(Err(Refused::Failed), false);
}

/// Pingora's connections have one place for what belongs to none of its own layers.
fn carried(door: Arc<Door>, facts: Facts) -> Option<Arc<ProxyDigest>> {
    let nothing = ResponseHeader::build_no_case(200, Some(0)).ok()?;
    let digest = ProxyDigest::new(Box::new(nothing), Some(Box::new((door, facts))));
    Some(Arc::new(digest))
}

/// What was agreed on with the visitor of this request, and by whom, if he came over TLS.
pub(super) fn facts(session: &Session) -> Option<&(Arc<Door>, Facts)> {
    let carried = session.digest()?.proxy_digest.as_ref()?;
    carried.user_data.as_ref()?.downcast_ref()
}

fn digest(session: &rustls::ServerConnection) -> SslDigest {
    let version = match session.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
        _ => "",
    };
    let suite = session.negotiated_cipher_suite();
    let cipher = suite.and_then(|suite| suite.suite().as_str()).unwrap_or("");
    SslDigest::new(cipher, version, None, None, Vec::new())
}

/// Reads who the visitor is from the load balancer's header (PROXY protocol, version 2, section 2.2); not a byte more.
///
/// `None` for anything else: then it was no load balancer.
pub(super) async fn proxied(stream: &mut Stream) -> Option<Arc<SocketDigest>> {
    let mut bytes = vec![0; PROXY_FIXED_BYTES];
    stream.read_exact(&mut bytes).await.ok()?;
    if !bytes.starts_with(ppp::v2::PROTOCOL_PREFIX) {
        return None;
    }
    let rest = usize::from(u16::from_be_bytes([bytes[14], bytes[15]]));
    if rest > PROXY_REST_BYTES_MAX {
        return None;
    }
    bytes.resize(PROXY_FIXED_BYTES + rest, 0);
    stream
        .read_exact(&mut bytes[PROXY_FIXED_BYTES..])
        .await
        .ok()?;
    let header = Header::try_from(bytes.as_slice()).ok()?;
    let before = stream.get_socket_digest();
    if header.command == Command::Local {
        // The load balancer speaks for itself, to see whether we are well.
        return before;
    }
    let visitor = match header.addresses {
        Addresses::IPv4(a) => SocketAddr::new(IpAddr::V4(a.source_address), a.source_port),
        Addresses::IPv6(a) => SocketAddr::new(IpAddr::V6(a.source_address), a.source_port),
        Addresses::Unspecified | Addresses::Unix(_) => return before,
    };
    let digest = SocketDigest::from_raw_fd(stream.id());
    // Nobody else has it yet.
    let _ = digest.peer_addr.set(Some(AnyAddr::Inet(visitor)));
    Some(Arc::new(digest))
}

/// A connection whose visitor is somebody else than who connected.
pub(super) struct Introduced {
    pub(super) inner: Stream,
    pub(super) socket: Option<Arc<SocketDigest>>,
}

/// A connection over TLS.
struct Connection {
    inner: TlsStream<Stream>,
    id: UniqueIDType,
    digest: Arc<SslDigest>,
    facts: Arc<ProxyDigest>,
    alpn: Option<ALPN>,
    socket: Option<Arc<SocketDigest>>,
    timing: Vec<Option<TimingDigest>>,
}

/// Reading and writing are the inner stream's own.
macro_rules! passes_on {
    ($outer:ty) => {
        impl AsyncRead for $outer {
            fn poll_read(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffer: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                Pin::new(&mut self.inner).poll_read(cx, buffer)
            }
        }

        impl AsyncWrite for $outer {
            fn poll_write(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut self.inner).poll_write(cx, bytes)
            }

            fn poll_write_vectored(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                parts: &[io::IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                Pin::new(&mut self.inner).poll_write_vectored(cx, parts)
            }

            fn is_write_vectored(&self) -> bool {
                self.inner.is_write_vectored()
            }

            fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Pin::new(&mut self.inner).poll_flush(cx)
            }

            fn poll_shutdown(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
            ) -> Poll<io::Result<()>> {
                Pin::new(&mut self.inner).poll_shutdown(cx)
            }
        }

        #[async_trait]
        impl Shutdown for $outer {
            async fn shutdown(&mut self) {
                // The visitor may have left before.
                let _ = AsyncWriteExt::shutdown(&mut self.inner).await;
            }
        }

        impl GetSocketDigest for $outer {
            fn get_socket_digest(&self) -> Option<Arc<SocketDigest>> {
                self.socket.clone()
            }
        }
    };
}

passes_on!(Connection);
passes_on!(Introduced);

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a connection over {}", self.digest.version)
    }
}

impl UniqueID for Connection {
    fn id(&self) -> UniqueIDType {
        self.id
    }
}

impl Ssl for Connection {
    fn get_ssl_digest(&self) -> Option<Arc<SslDigest>> {
        Some(self.digest.clone())
    }

    fn selected_alpn_proto(&self) -> Option<ALPN> {
        self.alpn.clone()
    }
}

impl GetTimingDigest for Connection {
    fn get_timing_digest(&self) -> Vec<Option<TimingDigest>> {
        self.timing.clone()
    }
}

impl GetProxyDigest for Connection {
    fn get_proxy_digest(&self) -> Option<Arc<ProxyDigest>> {
        Some(self.facts.clone())
    }
}

impl Peek for Connection {}

impl fmt::Debug for Introduced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl UniqueID for Introduced {
    fn id(&self) -> UniqueIDType {
        self.inner.id()
    }
}

impl Ssl for Introduced {}

impl GetTimingDigest for Introduced {
    fn get_timing_digest(&self) -> Vec<Option<TimingDigest>> {
        self.inner.get_timing_digest()
    }
}

impl GetProxyDigest for Introduced {
    fn get_proxy_digest(&self) -> Option<Arc<ProxyDigest>> {
        None
    }
}

#[async_trait]
impl Peek for Introduced {
    async fn try_peek(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        self.inner.try_peek(buffer).await
    }
}
