//! Origins: one that answers with what it was asked, and ones that do whatever a test says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::wire::Wire;

/// A plain HTTP/1.1 origin; it ends with its test.
pub(crate) struct Origin {
    pub(crate) port: u16,
    accepted: Arc<AtomicUsize>,
    answered: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Origin {
    /// An origin that answers each request with the request itself.
    pub(crate) async fn echo() -> Self {
        Self::answering(|request| {
            let length = request.len();
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nx-origin: echo\r\n\r\n");
            [head.as_bytes(), request].concat()
        })
        .await
    }

    /// An origin whose answer is made of the request: its header, an empty line, and its body.
    pub(crate) async fn answering(
        answer: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let answer = Arc::new(answer);
        let answered = Arc::<AtomicUsize>::default();
        let count = answered.clone();
        let mut origin = Self::handling(move |mut wire| {
            let (answer, count) = (answer.clone(), count.clone());
            async move {
                while let Some(request) = wire.request().await {
                    count.fetch_add(1, Ordering::Relaxed);
                    if wire.try_send(answer(&request)).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await;
        origin.answered = answered;
        origin
    }

    /// An origin that does this with each connection.
    pub(crate) async fn handling<F>(handle: impl Fn(Wire) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::handling_streams(move |stream| handle(Wire::over(stream))).await
    }

    /// An origin that does this with each connection as it is accepted.
    pub(crate) async fn handling_streams<F>(
        handle: impl Fn(TcpStream) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let accepted = Arc::<AtomicUsize>::default();
        let count = accepted.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(handle(stream));
            }
        });
        Self {
            port,
            accepted,
            answered: Arc::default(),
            task,
        }
    }

    /// The origin's URL.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Requests that an origin which answers each has had so far.
    pub(crate) fn requests(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    /// Connections made to it so far.
    pub(crate) fn connections(&self) -> usize {
        self.accepted.load(Ordering::Relaxed)
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.task.abort();
    }
}
