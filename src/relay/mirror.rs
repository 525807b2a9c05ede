//! Tails that clients of other nodes read: what passes their filters here is sent there, so much a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::pace::Pace;
use super::{BELIEVED, Message, ReadAt, Relay, read};
use crate::metrics::Metrics;
use crate::store::known::Follow;
use crate::store::{Nodes, StoreError, keys};
use crate::tail::{Opened, Read, Reader, Tails};

/// Tails of other nodes that this one serves; an account has no more open.
const MIRRORS_MAX: usize = crate::tail::OPEN_MAX;
/// Events, and bytes of them, that one tail may have of this node a second: more than anybody reads, and little beside
/// what a node serves.
const TAIL_EVENTS: u32 = 200;
const TAIL_BYTES: u32 = 1 << 20;
/// The same for all tails together.
const NODE_EVENTS: u32 = 2_000;
const NODE_BYTES: u32 = 8 << 20;
/// After an event could not be sent.
const RETRY: Duration = Duration::from_secs(1);

/// The tails of other nodes that are served here.
pub(super) struct Mirrors {
    running: Mutex<HashMap<String, Mirror>>,
    sender: Arc<Sender>,
}

/// One of them; it ends when it is dropped.
struct Mirror {
    task: JoinHandle<()>,
    /// Until when the other node is believed to read.
    believed: watch::Sender<Instant>,
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Sender {
    nodes: Arc<dyn Nodes>,
    tails: Arc<Tails>,
    metrics: Arc<Metrics>,
    pace: Pace,
}

impl Mirrors {
    pub(super) fn new(nodes: Arc<dyn Nodes>, tails: Arc<Tails>, metrics: Arc<Metrics>) -> Self {
        Self {
            running: Mutex::default(),
            sender: Arc::new(Sender {
                nodes,
                tails,
                metrics,
                pace: Pace::new(NODE_EVENTS, NODE_BYTES),
            }),
        }
    }

    /// A tail is read elsewhere.
    fn serve(&self, tail: Opened) {
        let mut running = self.lock();
        running.retain(|_, mirror| !mirror.task.is_finished());
        let until = Instant::now() + BELIEVED;
        if let Some(mirror) = running.get(&tail.id) {
            mirror.believed.send_replace(until);
            return;
        }
        if running.len() >= MIRRORS_MAX {
            tracing::warn!(tail = tail.id, "too many tails are read on other nodes");
            return;
        }
        let (believed, is_believed) = watch::channel(until);
        let id = tail.id.clone();
        let task = tokio::spawn(self.sender.clone().send(tail, is_believed));
        running.insert(id, Mirror { task, believed });
    }

    /// It is read no more.
    fn end(&self, id: &str) {
        self.lock().remove(id);
    }

    fn ids(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Mirror>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sender {
    /// Sends a tail's events for as long as somebody is believed to read them.
    async fn send(self: Arc<Self>, tail: Opened, believed: watch::Receiver<Instant>) {
        let channel = keys::tail_events(&tail.id);
        let reader = self.tails.mirror(tail);
        let pace = Pace::new(TAIL_EVENTS, TAIL_BYTES);
        let events = &self.metrics.tail_events;
        while let Some(read) = next(&reader, &believed).await {
            let (dropped, event) = match &read {
                Read::Event(event) => (0, &**event),
                Read::Dropped(count) => (*count, ""),
            };
            let count = u64::from(!event.is_empty());
            let message = Message { dropped, event }.to_bytes();
            let (own, all) = (pace.take(message.len()), self.pace.take(message.len()));
            tokio::time::sleep(own.max(all)).await;
            match self.nodes.tell(&channel, &message).await {
                Ok(()) => events.with_label_values(&["relayed"]).inc_by(count),
                Err(error) => {
                    tracing::debug!(%error, "an event could not be sent to the node that reads its tail");
                    events.with_label_values(&["dropped"]).inc_by(count);
                    self.tell_dropped(&channel, dropped + count, &believed)
                        .await;
                }
            }
        }
    }

    /// Tells the reader of lost events as soon as the store can be asked again.
    async fn tell_dropped(&self, channel: &str, dropped: u64, believed: &watch::Receiver<Instant>) {
        let message = Message { dropped, event: "" }.to_bytes();
        while *believed.borrow() > Instant::now() {
            tokio::time::sleep(RETRY).await;
            if self.nodes.tell(channel, &message).await.is_ok() {
                return;
            }
        }
    }
}

/// The next event; `None` when the tail is over, or nobody is believed to read it.
async fn next(reader: &Reader, believed: &watch::Receiver<Instant>) -> Option<Read> {
    loop {
        let until = *believed.borrow();
        match tokio::time::timeout_at(until, reader.next()).await {
            Ok(read) => return read,
            Err(_) if *believed.borrow() > until => {}
            Err(_) => return None,
        }
    }
}

impl Relay {
    /// Takes in who reads these tails.
    async fn look_at(&self, ids: &[String]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let keys: Vec<String> = ids.iter().map(|id| keys::tail_read(id)).collect();
        for (id, said) in ids.iter().zip(self.store.get(&keys).await?) {
            let Some(said) = said else {
                self.mirrors.end(id);
                continue;
            };
            if let Some(said) = read(&said).filter(|said| said.node != self.node) {
                self.read_elsewhere(said);
            }
        }
        Ok(())
    }

    fn read_elsewhere(&self, said: ReadAt) {
        let ReadAt { tail, turn, .. } = said;
        if self.tails.own(&tail.id).is_some() {
            // Who reads it here knows of the other, or is told of him when his turn is known.
            let own = self.told().get(&tail.id).copied();
            match own {
                Some(own) if own < turn => self.tails.end(&tail.id),
                _ => return,
            }
        }
        self.mirrors.serve(tail);
    }

    /// Ends the tails that are read here and closed elsewhere. A list that is gone closes nothing: that is a loss.
    async fn look_at_open(&self) -> Result<(), StoreError> {
        let own = self.tails.all_own();
        if own.is_empty() {
            return Ok(());
        }
        let list = self.store.get(&[keys::TAILS.to_owned()]).await?.pop();
        let Some(list) = list.flatten() else {
            return Ok(());
        };
        match serde_json::from_slice::<Vec<Opened>>(&list) {
            Ok(open) => own
                .iter()
                .filter(|own| !open.iter().any(|open| open.id == own.id))
                .for_each(|closed| self.tails.end(&closed.id)),
            Err(error) => tracing::warn!(%error, "the list of tails cannot be read"),
        }
        Ok(())
    }
}

#[async_trait]
impl Follow for Relay {
    async fn change(&self, keys: &[String]) -> Result<(), StoreError> {
        let ids = keys
            .iter()
            .filter_map(|key| key.strip_prefix(keys::TAIL_READ));
        let ids: Vec<String> = ids.map(str::to_owned).collect();
        self.look_at(&ids).await?;
        match keys.iter().any(|key| key == keys::TAILS) {
            true => self.look_at_open().await,
            false => Ok(()),
        }
    }

    async fn verify(&self) -> Result<(), StoreError> {
        self.look_at(&self.mirrors.ids()).await?;
        self.look_at_open().await
    }

    fn knows_any(&self) -> bool {
        false
    }
}
