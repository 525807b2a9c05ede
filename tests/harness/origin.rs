//! An origin that answers with what it was asked.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A plain HTTP/1.1 origin; it ends with its test.
pub struct Origin {
    pub port: u16,
    task: JoinHandle<()>,
}

impl Origin {
    /// An origin that answers each request with the request itself.
    pub async fn echo() -> Self {
        Self::answering(|request| {
            let body = String::from_utf8_lossy(request).into_owned();
            format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nx-origin: echo\r\n\r\n{body}",
                body.len()
            )
            .into_bytes()
        })
        .await
    }

    /// An origin whose answer is made of the request's header and the body that came with it.
    pub async fn answering(answer: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let answer = std::sync::Arc::new(answer);
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let answer = answer.clone();
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    let mut chunk = vec![0; 64 << 10];
                    loop {
                        match stream.read(&mut chunk).await {
                            Ok(0) | Err(_) => return,
                            Ok(n) => request.extend_from_slice(&chunk[..n]),
                        }
                        if request.windows(4).any(|end| end == b"\r\n\r\n") {
                            if stream.write_all(&answer(&request)).await.is_err() {
                                return;
                            }
                            request.clear();
                        }
                    }
                });
            }
        });
        Self { port, task }
    }

    /// The origin's URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.task.abort();
    }
}
