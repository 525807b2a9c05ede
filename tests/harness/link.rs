//! A line between the edge and another server, which a test may cut or clog.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::client;

/// A forwarding port; it ends with its test.
pub(crate) struct Link {
    pub(crate) port: u16,
    state: watch::Sender<State>,
    task: JoinHandle<()>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// Bytes pass.
    Open,
    /// Connections end, and new ones with them.
    Cut,
    /// Connections stay, and nothing passes: a half-open connection, or a peer that hangs.
    Clogged,
}

impl Link {
    /// A line to a port of this machine.
    pub(crate) async fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (state, watched) = watch::channel(State::Open);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if *watched.borrow() != State::Cut {
                    tokio::spawn(forward(stream, target, watched.clone()));
                }
            }
        });
        Self { port, state, task }
    }

    /// Ends all connections, and each new one at once.
    pub(crate) fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    /// Keeps connections and lets nothing pass.
    pub(crate) fn clog(&self) {
        self.state.send_replace(State::Clogged);
    }

    /// Lets everything pass again.
    pub(crate) fn open(&self) {
        self.state.send_replace(State::Open);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(visitor: TcpStream, target: u16, state: watch::Receiver<State>) {
    let Ok(server) = client::try_dial(target).await else {
        return;
    };
    let (from_visitor, to_visitor) = visitor.into_split();
    let (from_server, to_server) = server.into_split();
    // The end of one direction is the end of both.
    tokio::select! {
        () = pump(from_visitor, to_server, state.clone()) => {}
        () = pump(from_server, to_visitor, state) => {}
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: watch::Receiver<State>) {
    let mut chunk = vec![0; 16 << 10];
    loop {
        let now = *state.borrow_and_update();
        let read = match now {
            State::Cut => return,
            State::Clogged => {
                if state.changed().await.is_err() {
                    return;
                }
                continue;
            }
            State::Open => tokio::select! {
                read = from.read(&mut chunk) => read,
                _ = state.changed() => continue,
            },
        };
        match read {
            Ok(0) | Err(_) => return,
            Ok(n) if to.write_all(&chunk[..n]).await.is_err() => return,
            Ok(_) => {}
        }
    }
}
