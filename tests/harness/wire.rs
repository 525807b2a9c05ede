//! A connection on which a test says exactly what it wants, and reads exactly what comes.

use http::HeaderMap;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{PATIENCE, Response, client};

/// A connection to the edge or from it, byte by byte.
pub(crate) struct Wire {
    reader: Reader,
    writer: Writer,
}

/// The half that comes from the edge.
pub(crate) struct Reader {
    stream: Box<dyn AsyncRead + Send + Unpin>,
    /// Read and not yet understood.
    pending: Vec<u8>,
}

/// The half that goes to the edge.
pub(crate) struct Writer(Box<dyn AsyncWrite + Send + Unpin>);

impl Wire {
    /// A new connection.
    pub(crate) async fn open(port: u16) -> Self {
        Self::over(client::dial(port).await)
    }

    /// A connection that is there already.
    pub(crate) fn over(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self {
            reader: Reader {
                stream: Box::new(reader),
                pending: Vec::new(),
            },
            writer: Writer(Box::new(writer)),
        }
    }

    /// Both halves, for two tasks.
    pub(crate) fn split(self) -> (Reader, Writer) {
        (self.reader, self.writer)
    }

    /// Sends bytes.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.writer.send(bytes).await;
    }

    /// Sends bytes to an edge that may have closed already.
    pub(crate) async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.writer.try_send(bytes).await
    }
}

impl std::ops::Deref for Wire {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}

impl std::ops::DerefMut for Wire {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }
}

impl Writer {
    /// Sends bytes.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).await.expect("the other side reads");
    }

    async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.0.write_all(bytes.as_ref()).await?;
        self.0.flush().await
    }
}

/// The fields of a header section, its first line aside.
fn fields(head: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in head.trim_end().split("\r\n").skip(1) {
        let (name, value) = line.split_once(':').expect("a field");
        let name: http::HeaderName = name.parse().expect("a name");
        headers.append(name, value.trim().parse().expect("a value"));
    }
    headers
}

impl Reader {
    /// More bytes, as they come; empty when the edge has closed.
    pub(crate) async fn read(&mut self) -> Vec<u8> {
        if !self.pending.is_empty() {
            return std::mem::take(&mut self.pending);
        }
        let mut chunk = vec![0; 64 << 10];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut chunk));
        // A reset is an end too.
        let n = read.await.expect("bytes or an end in time").unwrap_or(0);
        chunk.truncate(n);
        chunk
    }

    /// Everything up to the end of the connection.
    pub(crate) async fn read_to_end(&mut self) -> String {
        let mut all = Vec::new();
        loop {
            let chunk = self.read().await;
            if chunk.is_empty() {
                return String::from_utf8_lossy(&all).into_owned();
            }
            all.extend_from_slice(&chunk);
        }
    }

    /// Reads and forgets everything up to the end of the connection.
    pub(crate) async fn until_closed(&mut self) {
        while !self.read().await.is_empty() {}
    }

    /// Whether the other side closes the connection without another byte; waits for either.
    pub(crate) async fn is_closed(&mut self) -> bool {
        let chunk = self.read().await;
        let is_closed = chunk.is_empty();
        self.pending = chunk;
        is_closed
    }

    /// The next bytes up to and with `end`.
    pub(crate) async fn read_until(&mut self, end: &str) -> String {
        let at = self.position(end.as_bytes()).await;
        let all = self.pending.drain(..at + end.len()).collect();
        String::from_utf8(all).expect("text")
    }

    /// The next response, with its body as its header frames it.
    pub(crate) async fn response(&mut self) -> Response {
        let head = self.read_until("\r\n\r\n").await;
        let status = head.split(' ').nth(1).expect("a status");
        let headers = fields(&head);
        Response {
            status: status.parse().expect("a number"),
            body: self.body(&headers).await.into(),
            headers,
            is_broken: false,
        }
    }

    /// The next request: its header, an empty line, and its body without framing; `None` at the end.
    pub(crate) async fn request(&mut self) -> Option<Vec<u8>> {
        if self.is_closed().await {
            return None;
        }
        let head = self.read_until("\r\n\r\n").await;
        let body = self.body(&fields(&head)).await;
        Some([head.as_bytes(), &body].concat())
    }

    async fn body(&mut self, headers: &HeaderMap) -> Vec<u8> {
        match headers.get("content-length") {
            Some(length) => {
                let length = length.to_str().expect("text").parse();
                self.take(length.expect("a number")).await
            }
            None if headers.contains_key("transfer-encoding") => self.chunks().await,
            None => Vec::new(),
        }
    }

    async fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let line = self.read_until("\r\n").await;
            let length = usize::from_str_radix(line.trim_end(), 16).expect("a chunk's size");
            body.extend(self.take(length).await);
            assert_eq!(self.read_until("\r\n").await, "\r\n", "a chunk's end");
            if length == 0 {
                return body;
            }
        }
    }

    async fn take(&mut self, length: usize) -> Vec<u8> {
        while self.pending.len() < length {
            self.more().await;
        }
        self.pending.drain(..length).collect()
    }

    async fn position(&mut self, wanted: &[u8]) -> usize {
        loop {
            let found = self
                .pending
                .windows(wanted.len())
                .position(|window| window == wanted);
            if let Some(at) = found {
                return at;
            }
            self.more().await;
        }
    }

    async fn more(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        let chunk = self.read().await;
        assert!(
            !chunk.is_empty(),
            "the connection ended after {:?}",
            String::from_utf8_lossy(&pending)
        );
        pending.extend_from_slice(&chunk);
        self.pending = pending;
    }
}
