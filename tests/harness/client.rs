//! Clients: one that speaks proper HTTP/1.1, and one that sends any bytes at all.

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::PATIENCE;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The body broke off.
    pub(crate) is_broken: bool,
}

impl Response {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }
}

/// A plain connection, if there is someone to take it.
#[expect(
    clippy::disallowed_methods,
    reason = "the rule is for guests on their way out; this is a visitor on the way in"
)]
pub(crate) async fn try_dial(port: u16) -> std::io::Result<TcpStream> {
    TcpStream::connect(("127.0.0.1", port)).await
}

/// A plain connection.
pub(crate) async fn dial(port: u16) -> TcpStream {
    try_dial(port).await.expect("someone listens")
}

/// A connection that speaks HTTP/1.1.
pub(crate) async fn connect(port: u16) -> hyper::client::conn::http1::SendRequest<Full<Bytes>> {
    let stream = dial(port).await;
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .expect("a connection");
    tokio::spawn(connection);
    sender
}

/// One request on a connection of its own.
pub(crate) async fn request(
    port: u16,
    method: &str,
    hostname: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Response {
    let answer = try_request(port, method, hostname, path, headers, body).await;
    answer.expect("an answer")
}

/// The same, where the edge may close the connection without an answer.
pub(crate) async fn try_request(
    port: u16,
    method: &str,
    hostname: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> hyper::Result<Response> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", hostname);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request
        .body(Full::new(Bytes::from(body)))
        .expect("a request");
    let exchange = async {
        let mut sender = connect(port).await;
        let response = sender.send_request(request).await?;
        let (parts, mut body) = response.into_parts();
        let (mut bytes, mut is_broken) = (Vec::new(), false);
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data)),
                Err(_) => {
                    is_broken = true;
                    break;
                }
            }
        }
        Ok(Response {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: bytes.into(),
            is_broken,
        })
    };
    tokio::time::timeout(PATIENCE, exchange)
        .await
        .expect("an answer in time")
}
