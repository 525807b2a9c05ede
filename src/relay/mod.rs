//! Tails across the nodes that share a store: says which tails are read here, and takes what other nodes send for them.
//!
//! A tail that a client of this node reads has a key that ends by itself, and is renewed while it is read. Every node hears
//! of that by the feed of changes, and sends what passes the tail's filters over its channel (`mirror`). A node that comes
//! back hears of all tails when they are next renewed. Nothing here is on a request's path.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::metrics::Metrics;
use crate::store::nodes::{Heard, Listener};
use crate::store::{KeyValue, Nodes, StoreError, keys};
use crate::tail::{Opened, Tails};

mod mirror;
mod pace;

use mirror::Mirrors;

/// How often other nodes are told that a tail is read.
const RENEWAL: Duration = Duration::from_secs(4);
/// How long they believe it.
const BELIEVED: Duration = Duration::from_secs(15);
/// Between two attempts while the store is away.
const RETRY: Duration = Duration::from_secs(1);

/// Says which tails are read here, and follows which are read elsewhere.
pub struct Relay {
    store: Arc<dyn KeyValue>,
    nodes: Arc<dyn Nodes>,
    tails: Arc<Tails>,
    /// This process.
    node: String,
    mirrors: Mirrors,
    /// The tails that other nodes were told of, with the turn of their reader; changed by one task.
    told: Mutex<HashMap<String, u64>>,
}

/// What a node says of a tail that is read there.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct ReadAt {
    tail: Opened,
    /// The process.
    node: String,
    /// A later reader of the same tail, on whichever node, has a higher one, and has it.
    turn: u64,
}

/// What one node sends another: how many events it dropped, and an event, if there is one.
struct Message<'a> {
    dropped: u64,
    event: &'a str,
}

#[derive(Debug, Error)]
#[error("a message of another node begins with no number")]
struct InvalidMessage;

impl<'a> Message<'a> {
    fn to_bytes(&self) -> Vec<u8> {
        format!("{}\n{}", self.dropped, self.event).into_bytes()
    }

    fn parse(bytes: &'a [u8]) -> Result<Self, InvalidMessage> {
        let text = std::str::from_utf8(bytes).map_err(|_| InvalidMessage)?;
        let (dropped, event) = text.split_once('\n').ok_or(InvalidMessage)?;
        let dropped = dropped.parse().map_err(|_| InvalidMessage)?;
        Ok(Self { dropped, event })
    }
}

impl Relay {
    /// A relay for this process; `None` when the store is its alone.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn new(
        store: Arc<dyn KeyValue>,
        tails: Arc<Tails>,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<Option<Self>> {
        let Some(nodes) = store.clone().nodes() else {
            return Ok(None);
        };
        let mut bytes = [0; 8];
        aws_lc_rs::rand::fill(&mut bytes)
            .map_err(|_| std::io::Error::other("no random numbers"))?;
        Ok(Some(Self {
            mirrors: Mirrors::new(nodes.clone(), tails.clone(), metrics),
            store,
            nodes,
            tails,
            node: format!("{:016x}", u64::from_be_bytes(bytes)),
            told: Mutex::default(),
        }))
    }

    /// Tells other nodes what is read here, for as long as the process runs.
    pub async fn run(self: Arc<Self>) {
        let mut changes = self.tails.changes();
        let mut listener = None;
        let mut is_away = false;
        loop {
            let renewal = tokio::time::sleep(if is_away { RETRY } else { RENEWAL });
            let is_renewal = tokio::select! {
                changed = changes.changed() => match changed {
                    Ok(()) => false,
                    Err(_) => return,
                },
                () = renewal, if is_away || !self.told().is_empty() => true,
            };
            match self.tell(&mut listener, is_renewal).await {
                Ok(()) => is_away = false,
                Err(error) => {
                    // A connection that is lost hears nothing; the next one listens to all of them again.
                    listener = None;
                    self.told().clear();
                    if !is_away {
                        tracing::warn!(%error, "tails show this node alone until the store can be asked");
                    }
                    is_away = true;
                }
            }
        }
    }

    async fn tell(
        &self,
        listener: &mut Option<Box<dyn Listener>>,
        is_renewal: bool,
    ) -> Result<(), StoreError> {
        let own = self.tails.all_own();
        let told = self.told().clone();
        let is_read = |id: &str| own.iter().any(|opened| opened.id == id);
        for id in told.keys().filter(|id| !is_read(id)) {
            if let Some(listener) = listener {
                listener.end(&keys::tail_events(id)).await?;
            }
            self.take_back(id).await?;
            self.told().remove(id);
        }
        if own.is_empty() {
            *listener = None;
            return Ok(());
        }
        let listener = match listener {
            Some(listener) => listener,
            None => listener.insert(self.nodes.listen(self.heard()).await?),
        };
        if is_renewal {
            listener.check().await?;
        }
        for tail in own {
            let turn = match told.get(&tail.id) {
                Some(_) if !is_renewal => continue,
                Some(turn) => *turn,
                None => {
                    listener.begin(&keys::tail_events(&tail.id)).await?;
                    let before = self.read_at(&tail.id).await?;
                    let turn = before.map_or(1, |before| before.turn + 1);
                    self.told().insert(tail.id.clone(), turn);
                    turn
                }
            };
            let key = keys::tail_read(&tail.id);
            let node = self.node.clone();
            let said = serde_json::to_vec(&ReadAt { tail, node, turn });
            let said = said.expect("it has text keys and plain values");
            self.nodes
                .put_for(&key, Bytes::from(said), BELIEVED)
                .await?;
        }
        Ok(())
    }

    fn told(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that a tail is read here no more, unless a reader elsewhere has taken it.
    async fn take_back(&self, id: &str) -> Result<(), StoreError> {
        let key = keys::tail_read(id);
        let found = self.store.get(std::slice::from_ref(&key)).await?.pop();
        let Some(bytes) = found.flatten() else {
            return Ok(());
        };
        let is_own = read(&bytes).is_some_and(|said| said.node == self.node);
        if is_own {
            let delete = crate::store::Write::Delete(key.clone());
            self.store
                .write_if(&[(key, Some(bytes))], &[delete])
                .await?;
        }
        Ok(())
    }

    async fn read_at(&self, id: &str) -> Result<Option<ReadAt>, StoreError> {
        let found = self.store.get(&[keys::tail_read(id)]).await?;
        Ok(found.into_iter().flatten().find_map(|bytes| read(&bytes)))
    }

    /// Takes what other nodes send.
    fn heard(&self) -> Heard {
        let tails = self.tails.clone();
        Arc::new(move |channel, message| {
            let Some(id) = channel.strip_prefix(keys::TAIL_EVENTS) else {
                return;
            };
            match Message::parse(message) {
                Ok(Message { dropped, event }) => {
                    let event = (!event.is_empty()).then_some(event);
                    tails.arrive(id, dropped, event);
                }
                Err(error) => tracing::warn!(%error, "an event of another node is passed over"),
            }
        })
    }
}

fn read(bytes: &[u8]) -> Option<ReadAt> {
    serde_json::from_slice(bytes)
        .inspect_err(|error| tracing::warn!(%error, "who reads a tail cannot be read"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_as_they_are_written() {
        for (dropped, event) in [(0, "{\"a\":\"\\n\"}"), (7, ""), (u64::MAX, "{}")] {
            let bytes = Message { dropped, event }.to_bytes();
            let read = Message::parse(&bytes).expect("one of ours");
            assert_eq!((read.dropped, read.event), (dropped, event));
        }
        for bytes in [&b""[..], b"1", b"\n{}", b"-1\n{}", b"x\n{}", b"1\n\xff"] {
            assert!(Message::parse(bytes).is_err(), "{bytes:?}");
        }
    }
}
