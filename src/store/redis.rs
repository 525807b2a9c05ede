//! Redis: one server, the server that Sentinels name, or a Cluster.
//!
//! One task owns the connections while a feed runs. It turns on client tracking in broadcast mode
//! (RESP3) for our prefixes, so a key written by anyone, also by hand, is heard of at once; it asks
//! for a sign of life every second, and connects again by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use bytes::Bytes;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::sentinel::{Sentinel, SentinelNodeConnectionInfo};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionInfo, IntoConnectionInfo, ProtocolVersion,
    PushInfo, PushKind, RedisError, RedisResult, Value, cluster::ClusterClient,
    cluster_async::ClusterConnection,
};
use tokio::sync::{Mutex, mpsc};

use super::{Event, Feed, KeyValue, Nodes, StoreError, Write};
use crate::conf::StoreUrl;

/// Between two signs of life.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// Between two attempts to connect: short at first, so that a restarted server is found at once.
const RETRY_FIRST: Duration = Duration::from_millis(50);
const RETRY_LONGEST: Duration = Duration::from_secs(1);
const FEED_CAPACITY: usize = 1_024;
/// So many times as long as any other question may one for a large value take.
const LARGE_PATIENCE: u32 = 10;
/// Keys that a server is asked to look through at a time.
const SCAN_COUNT: usize = 1_000;

/// A store in Redis.
pub struct Redis {
    endpoint: Endpoint,
    timeout: Duration,
    connection: ArcSwapOption<Connection>,
    /// For large values, so that no sign of life and no record waits behind one; made when it is needed.
    large: ArcSwapOption<Connection>,
    /// For what nodes tell each other, which nothing waits behind either.
    telling: ArcSwapOption<Connection>,
    /// Keeps callers without a feed from connecting side by side.
    connecting: Mutex<()>,
    /// Whether a feed's task owns the connection: then nobody else connects.
    is_watched: AtomicBool,
}

enum Endpoint {
    Server(ConnectionInfo),
    Sentinel {
        sentinels: Vec<ConnectionInfo>,
        service: String,
        server: Box<SentinelNodeConnectionInfo>,
    },
    Cluster {
        nodes: Vec<ConnectionInfo>,
    },
}

#[derive(Clone)]
enum Connection {
    Server(MultiplexedConnection),
    Cluster(ClusterConnection),
}

impl Redis {
    /// Reads the URL; connects later.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the URL is none that the client knows.
    pub fn open(url: &StoreUrl, timeout: Duration) -> Result<Self, StoreError> {
        let endpoint = match url {
            StoreUrl::Redis(url) => Endpoint::Server(connection_info(url)?),
            StoreUrl::Sentinel {
                sentinels,
                service,
                server,
            } => Endpoint::Sentinel {
                sentinels: sentinels
                    .iter()
                    .map(|url| connection_info(url))
                    .collect::<Result<_, _>>()?,
                service: service.clone(),
                server: Box::new(
                    SentinelNodeConnectionInfo::default().set_redis_connection_info(
                        connection_info(server)?.redis_settings().clone(),
                    ),
                ),
            },
            StoreUrl::Cluster(nodes) => Endpoint::Cluster {
                nodes: nodes
                    .iter()
                    .map(|url| connection_info(url))
                    .collect::<Result<_, _>>()?,
            },
            StoreUrl::Embedded(path) => {
                return Err(StoreError::Refused(format!(
                    "{} is a file, not a Redis server",
                    path.display()
                )));
            }
        };
        Ok(Self {
            endpoint,
            timeout,
            connection: ArcSwapOption::empty(),
            large: ArcSwapOption::empty(),
            telling: ArcSwapOption::empty(),
            connecting: Mutex::new(()),
            is_watched: AtomicBool::new(false),
        })
    }

    /// The connection that is there; without a feed, one made now.
    async fn connection(&self) -> Result<Connection, StoreError> {
        if let Some(connection) = self.connection.load_full() {
            return Ok(Connection::clone(&connection));
        }
        if self.is_watched.load(Ordering::Acquire) {
            return Err(StoreError::Unreachable(String::new()));
        }
        let _turn = self.connecting.lock().await;
        if let Some(connection) = self.connection.load_full() {
            return Ok(Connection::clone(&connection));
        }
        let connecting = self.connect(None, self.timeout);
        let (connection, _) = connecting.await.map_err(unreachable_error)?;
        self.connection.store(Some(Arc::new(connection.clone())));
        Ok(connection)
    }

    /// A command that moves much: over a connection of its own, and in more time.
    pub(super) async fn ask_large<T: redis::FromRedisValue>(
        &self,
        command: &Cmd,
    ) -> Result<T, StoreError> {
        self.ask_over(&self.large, command, self.timeout * LARGE_PATIENCE)
            .await
    }

    /// A command that other nodes hear of.
    pub(super) async fn tell_over(&self, command: &Cmd) -> Result<(), StoreError> {
        self.ask_over(&self.telling, command, self.timeout).await
    }

    /// A command over a connection that is kept for its like.
    async fn ask_over<T: redis::FromRedisValue>(
        &self,
        kept: &ArcSwapOption<Connection>,
        command: &Cmd,
        patience: Duration,
    ) -> Result<T, StoreError> {
        // Nobody waits for a server that is known to be away.
        self.connection().await?;
        let mut connection = match kept.load_full() {
            Some(connection) => Connection::clone(&connection),
            None => {
                let connecting = self.connect(None, patience);
                let (connection, _) = connecting.await.map_err(unreachable_error)?;
                kept.store(Some(Arc::new(connection.clone())));
                connection
            }
        };
        let answer = tokio::time::timeout(patience, connection.query(command)).await;
        let answer = answer
            .map_err(|_| StoreError::Timeout(patience))
            .and_then(|answer| answer.map_err(store_error));
        let value = answer.inspect_err(|error| {
            if !matches!(error, StoreError::Refused(_)) {
                kept.store(None);
            }
        })?;
        redis::from_redis_value(value).map_err(|e| StoreError::Refused(e.to_string()))
    }

    pub(super) async fn ask<T: redis::FromRedisValue>(
        &self,
        command: &Cmd,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection().await?;
        let answer = tokio::time::timeout(self.timeout, connection.query(command)).await;
        let value = answer
            .map_err(|_| StoreError::Timeout(self.timeout))?
            .map_err(store_error)?;
        redis::from_redis_value(value).map_err(|e| StoreError::Refused(e.to_string()))
    }

    /// A connection of its own to one server, which hands every message of a channel to `heard`.
    pub(super) async fn connect_to_hear(
        &self,
        heard: impl Fn(&[u8], &[u8]) + Send + Sync + 'static,
    ) -> Result<MultiplexedConnection, StoreError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout))
            .set_response_timeout(Some(self.timeout))
            .set_push_sender(move |push: PushInfo| {
                if let (
                    PushKind::Message,
                    [Value::BulkString(channel), Value::BulkString(message)],
                ) = (&push.kind, &push.data[..])
                {
                    heard(channel, message);
                }
                Ok::<_, std::convert::Infallible>(())
            });
        self.connect_one(&config).await.map_err(unreachable_error)
    }

    /// A connection to one server: the one there is, the one that the Sentinels name, or the first of a cluster that answers.
    async fn connect_one(
        &self,
        config: &AsyncConnectionConfig,
    ) -> RedisResult<MultiplexedConnection> {
        match &self.endpoint {
            Endpoint::Server(info) => connect_server(info.clone(), config).await,
            Endpoint::Sentinel {
                sentinels,
                service,
                server,
            } => {
                let mut sentinel = Sentinel::build(sentinels.clone())?;
                let client = sentinel.async_master_for(service, Some(server)).await?;
                client
                    .get_multiplexed_async_connection_with_config(config)
                    .await
            }
            Endpoint::Cluster { nodes } => {
                let mut answer = Err((redis::ErrorKind::InvalidClientConfig, "no nodes").into());
                for info in nodes {
                    answer = connect_server(info.clone(), config).await;
                    if answer.is_ok() {
                        break;
                    }
                }
                answer
            }
        }
    }

    /// Connects; with a sender, also turns on tracking, on every server that holds keys.
    async fn connect(
        &self,
        pushes: Option<&Pushes>,
        patience: Duration,
    ) -> RedisResult<(Connection, Vec<MultiplexedConnection>)> {
        let mut config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeout))
            .set_response_timeout(Some(patience));
        if let Some(pushes) = pushes {
            let pushes = pushes.clone();
            config = config.set_push_sender(move |push| pushes.receive(push));
        }
        let (connection, tracked) = match &self.endpoint {
            Endpoint::Server(_) | Endpoint::Sentinel { .. } => {
                let connection = self.connect_one(&config).await?;
                (Connection::Server(connection.clone()), vec![connection])
            }
            Endpoint::Cluster { nodes } => {
                let cluster = ClusterClient::builder(nodes.clone())
                    .use_protocol(ProtocolVersion::RESP3)
                    .connection_timeout(self.timeout)
                    .response_timeout(patience)
                    .build()?;
                let mut connection = cluster.get_async_connection().await?;
                let mut tracked = Vec::new();
                if pushes.is_some() {
                    for (host, port) in masters(&mut connection).await? {
                        let first = nodes
                            .first()
                            .ok_or((redis::ErrorKind::InvalidClientConfig, "no nodes"))?;
                        let settings = first.redis_settings().clone();
                        let info = (host, port)
                            .into_connection_info()?
                            .set_redis_settings(settings);
                        tracked.push(connect_server(info, &config).await?);
                    }
                }
                (Connection::Cluster(connection), tracked)
            }
        };
        if let Some(pushes) = pushes {
            let mut tracking = redis::cmd("CLIENT");
            tracking.arg("TRACKING").arg("ON").arg("BCAST");
            for prefix in pushes.prefixes {
                tracking.arg("PREFIX").arg(prefix);
            }
            for mut server in tracked.iter().cloned() {
                tracking.query_async::<()>(&mut server).await?;
            }
        }
        Ok((connection, tracked))
    }

    /// Keeps the connection and tells of changes, until the feed is dropped.
    async fn follow(&self, prefixes: &'static [&'static str], events: mpsc::Sender<Event>) {
        let mut retry = RETRY_FIRST;
        let mut is_first = true;
        loop {
            let (pushes, mut inbox) = Pushes::new(prefixes);
            let lost = match tokio::time::timeout(
                self.timeout * 2,
                self.connect(Some(&pushes), self.timeout),
            )
            .await
            {
                Ok(Ok((connection, servers))) => {
                    self.connection.store(Some(Arc::new(connection)));
                    retry = RETRY_FIRST;
                    if events.send(Event::Up).await.is_err() {
                        return;
                    }
                    let lost = self.relay(&pushes, &mut inbox, servers, &events).await;
                    self.connection.store(None);
                    self.large.store(None);
                    self.telling.store(None);
                    lost
                }
                Ok(Err(error)) => error.to_string(),
                Err(_) => format!("no connection within {} ms", (self.timeout * 2).as_millis()),
            };
            if events.is_closed() {
                return;
            }
            // The first failure is told; the next attempts would only repeat it.
            if retry == RETRY_FIRST || is_first {
                tracing::warn!(reason = lost, "the store is away; serving what is known");
            }
            is_first = false;
            if events.send(Event::Down).await.is_err() {
                return;
            }
            tokio::time::sleep(retry).await;
            retry = (retry * 2).min(RETRY_LONGEST);
        }
    }

    /// Passes pushes on until a connection is lost; returns why it was.
    async fn relay(
        &self,
        pushes: &Pushes,
        inbox: &mut mpsc::Receiver<Event>,
        servers: Vec<MultiplexedConnection>,
        events: &mpsc::Sender<Event>,
    ) -> String {
        let mut heartbeat = tokio::time::interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let event = tokio::select! {
                event = inbox.recv() => event,
                _ = heartbeat.tick() => {
                    match self.check(&servers).await {
                        Ok(()) => continue,
                        Err(reason) => return reason,
                    }
                }
            };
            let event = match event {
                Some(Event::Down) | None => return "the connection was closed".into(),
                Some(event) if pushes.overflowed.swap(false, Ordering::AcqRel) => {
                    tracing::warn!(
                        ?event,
                        "changes came faster than they could be read; reading everything again"
                    );
                    Event::ChangedAll
                }
                Some(event) => event,
            };
            if events.send(event).await.is_err() {
                return "nobody listens".into();
            }
        }
    }

    /// Whether every server still answers, and is still the one to ask.
    async fn check(&self, servers: &[MultiplexedConnection]) -> Result<(), String> {
        for mut server in servers.iter().cloned() {
            let command = match self.endpoint {
                Endpoint::Server(_) => redis::cmd("PING"),
                // A server that a failover has demoted answers pings, but hears of no writes.
                Endpoint::Sentinel { .. } | Endpoint::Cluster { .. } => redis::cmd("ROLE"),
            };
            let answer =
                tokio::time::timeout(self.timeout, server.req_packed_command(&command)).await;
            let value = answer
                .map_err(|_| format!("no sign of life within {} ms", self.timeout.as_millis()))?;
            let value = value.map_err(|e| e.to_string())?;
            if let (Value::Array(parts), false) =
                (&value, matches!(self.endpoint, Endpoint::Server(_)))
            {
                let is_master =
                    matches!(parts.first(), Some(Value::BulkString(role)) if role == b"master");
                if !is_master {
                    return Err("the server is no longer the master".into());
                }
            }
        }
        if let Endpoint::Cluster { .. } = self.endpoint {
            let Some(connection) = self.connection.load_full() else {
                return Ok(());
            };
            let Connection::Cluster(mut connection) = Connection::clone(&connection) else {
                return Ok(());
            };
            let now = masters(&mut connection).await.map_err(|e| e.to_string())?;
            if now.len() != servers.len() {
                return Err("the cluster's servers have changed".into());
            }
        }
        Ok(())
    }
}

#[async_trait]
impl KeyValue for Redis {
    async fn get(&self, keys: &[String]) -> Result<Vec<Option<Bytes>>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let values: Vec<Value> = self.ask(redis::cmd("MGET").arg(keys)).await?;
        let read = keys
            .iter()
            .zip(values)
            .map(async |(key, value)| match value {
                Value::BulkString(bytes) => Ok(Some(Bytes::from(bytes))),
                // MGET calls a key of another type than a string absent. It is there, but no record: it reads as
                // an empty one, which nobody can parse.
                _ => match self.ask::<bool>(redis::cmd("EXISTS").arg(key)).await? {
                    true => Ok(Some(Bytes::new())),
                    false => Ok(None),
                },
            });
        futures::future::try_join_all(read).await
    }

    async fn list(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let mut keys = Vec::new();
        self.scan(prefix, |found| {
            keys.extend(found.into_iter().filter(|key| key.as_str() > after));
            true
        })
        .await?;
        keys.sort_unstable();
        keys.dedup();
        keys.truncate(limit);
        Ok(keys)
    }

    async fn write(&self, changes: &[Write]) -> Result<(), StoreError> {
        let mut pipeline = redis::pipe();
        if !matches!(self.endpoint, Endpoint::Cluster { .. }) {
            pipeline.atomic();
        }
        for change in changes {
            pipeline.add_command(command(change)).ignore();
        }
        let work = async {
            match self.connection().await? {
                Connection::Server(mut server) => {
                    pipeline.exec_async(&mut server).await.map_err(store_error)
                }
                Connection::Cluster(mut cluster) => {
                    // Keys of several slots: one after the other, in order, so that a record is never there
                    // before what it names.
                    for command in pipeline.cmd_iter() {
                        command
                            .query_async::<()>(&mut cluster)
                            .await
                            .map_err(store_error)?;
                    }
                    Ok(())
                }
            }
        };
        tokio::time::timeout(self.timeout * 10, work)
            .await
            .map_err(|_| StoreError::Timeout(self.timeout * 10))?
    }

    async fn write_if(
        &self,
        expected: &[(String, Option<Bytes>)],
        changes: &[Write],
    ) -> Result<bool, StoreError> {
        let mut eval = redis::cmd("EVAL");
        eval.arg(WRITE_IF).arg(expected.len() + changes.len());
        for (key, _) in expected {
            eval.arg(key);
        }
        for change in changes {
            eval.arg(change.key());
        }
        eval.arg(expected.len());
        for (_, value) in expected {
            match value {
                Some(value) => eval.arg("1").arg(value.as_ref()),
                None => eval.arg("0").arg(""),
            };
        }
        for change in changes {
            match change {
                Write::Put(_, value) => eval.arg("put").arg(value.as_ref()),
                Write::Delete(_) => eval.arg("delete").arg(""),
                Write::Add(_, member) => eval.arg("add").arg(member),
                Write::Remove(_, member) => eval.arg("remove").arg(member),
                Write::Trim(_, keep) => eval.arg("trim").arg(*keep),
            };
        }
        self.ask(&eval).await
    }

    async fn members(
        &self,
        set: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let from = match after {
            "" => "-".to_owned(),
            after => format!("({after}"),
        };
        let mut range = redis::cmd("ZRANGE");
        range.arg(set).arg(from).arg("+").arg("BYLEX");
        range.arg("LIMIT").arg(0).arg(limit);
        self.ask(&range).await
    }

    async fn counts(&self, sets: &[String]) -> Result<Vec<u64>, StoreError> {
        let count = async |set: &String| self.ask(redis::cmd("ZCARD").arg(set)).await;
        futures::future::try_join_all(sets.iter().map(count)).await
    }

    async fn is_empty(&self, prefixes: &[&str]) -> Result<bool, StoreError> {
        if let Endpoint::Server(_) | Endpoint::Sentinel { .. } = self.endpoint
            && self.ask::<u64>(&redis::cmd("DBSIZE")).await? == 0
        {
            return Ok(true);
        }
        for prefix in prefixes {
            let mut is_empty = true;
            self.scan(prefix, |found| {
                is_empty &= found.is_empty();
                is_empty
            })
            .await?;
            if !is_empty {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn watch(self: Arc<Self>, prefixes: &'static [&'static str]) -> Feed {
        self.is_watched.store(true, Ordering::Release);
        let (sender, events) = mpsc::channel(FEED_CAPACITY);
        let task = tokio::spawn(async move { self.follow(prefixes, sender).await });
        Feed { events, task }
    }

    fn nodes(self: Arc<Self>) -> Option<Arc<dyn Nodes>> {
        Some(self)
    }
}

/// Compares, then changes; Redis runs a script as a whole.
const WRITE_IF: &str = "
local expected = tonumber(ARGV[1])
for i = 1, expected do
  local found = redis.call('GET', KEYS[i])
  if ARGV[2 * i] == '0' then
    if found then return 0 end
  elseif found ~= ARGV[2 * i + 1] then
    return 0
  end
end
for i = expected + 1, #KEYS do
  local key, action, value = KEYS[i], ARGV[2 * i], ARGV[2 * i + 1]
  if action == 'put' then redis.call('SET', key, value)
  elseif action == 'delete' then redis.call('DEL', key)
  elseif action == 'add' then redis.call('ZADD', key, 0, value)
  elseif action == 'remove' then redis.call('ZREM', key, value)
  else redis.call('ZREMRANGEBYRANK', key, value, -1) end
end
return 1";

fn command(change: &Write) -> Cmd {
    let mut command = Cmd::new();
    match change {
        Write::Put(key, value) => command.arg("SET").arg(key).arg(value.as_ref()),
        Write::Delete(key) => command.arg("DEL").arg(key),
        // One score for all: the set is in the order of its members' bytes.
        Write::Add(set, member) => command.arg("ZADD").arg(set).arg(0).arg(member),
        Write::Remove(set, member) => command.arg("ZREM").arg(set).arg(member),
        Write::Trim(set, keep) => command.arg("ZREMRANGEBYRANK").arg(set).arg(*keep).arg(-1),
    };
    command
}

impl Redis {
    /// Looks through all keys with a prefix, until `more` says no.
    async fn scan(
        &self,
        prefix: &str,
        mut more: impl FnMut(Vec<String>) -> bool,
    ) -> Result<(), StoreError> {
        let servers = match self.connection().await? {
            Connection::Server(server) => vec![server],
            Connection::Cluster(mut cluster) => {
                let mut servers = Vec::new();
                for (host, port) in masters(&mut cluster).await.map_err(store_error)? {
                    let Endpoint::Cluster { nodes } = &self.endpoint else {
                        continue;
                    };
                    let Some(first) = nodes.first() else { continue };
                    let info = (host, port).into_connection_info().map_err(store_error)?;
                    let client =
                        Client::open(info.set_redis_settings(first.redis_settings().clone()))
                            .map_err(store_error)?;
                    servers.push(
                        client
                            .get_multiplexed_async_connection()
                            .await
                            .map_err(unreachable_error)?,
                    );
                }
                servers
            }
        };
        let pattern = format!("{}*", escape_glob(prefix));
        for mut server in servers {
            let mut cursor = 0u64;
            loop {
                let mut command = redis::cmd("SCAN");
                command
                    .arg(cursor)
                    .arg("MATCH")
                    .arg(&pattern)
                    .arg("COUNT")
                    .arg(SCAN_COUNT);
                let page = tokio::time::timeout(
                    self.timeout,
                    command.query_async::<(u64, Vec<String>)>(&mut server),
                );
                let (next, keys) = page
                    .await
                    .map_err(|_| StoreError::Timeout(self.timeout))?
                    .map_err(store_error)?;
                if !more(keys) {
                    return Ok(());
                }
                if next == 0 {
                    break;
                }
                cursor = next;
            }
        }
        Ok(())
    }
}

impl Connection {
    async fn query(&mut self, command: &Cmd) -> RedisResult<Value> {
        match self {
            Self::Server(server) => command.query_async(server).await,
            Self::Cluster(cluster) => command.query_async(cluster).await,
        }
    }
}

/// Turns the client's pushes into events, without ever waiting.
#[derive(Clone)]
struct Pushes {
    prefixes: &'static [&'static str],
    sender: mpsc::Sender<Event>,
    overflowed: Arc<AtomicBool>,
}

impl Pushes {
    fn new(prefixes: &'static [&'static str]) -> (Self, mpsc::Receiver<Event>) {
        let (sender, inbox) = mpsc::channel(FEED_CAPACITY);
        (
            Self {
                prefixes,
                sender,
                overflowed: Arc::default(),
            },
            inbox,
        )
    }

    fn receive(&self, push: PushInfo) -> Result<(), mpsc::error::TrySendError<Event>> {
        let event = match push.kind {
            PushKind::Invalidate => invalidated(push.data),
            PushKind::Disconnection => Event::Down,
            _ => return Ok(()),
        };
        self.sender.try_send(event).inspect_err(|error| {
            if let mpsc::error::TrySendError::Full(_) = error {
                self.overflowed.store(true, Ordering::Release);
            }
        })
    }
}

/// The keys of an invalidation; a null in their place (`FLUSHALL`) stands for all.
fn invalidated(data: Vec<Value>) -> Event {
    let Some(Value::Array(keys)) = data.into_iter().next() else {
        return Event::ChangedAll;
    };
    let text = |value| match value {
        Value::BulkString(bytes) => String::from_utf8(bytes).ok(),
        _ => None,
    };
    Event::Changed(keys.into_iter().filter_map(text).collect())
}

/// Host and port of every server of a cluster that holds slots.
async fn masters(cluster: &mut ClusterConnection) -> RedisResult<Vec<(String, u16)>> {
    let slots: Vec<Vec<Value>> = redis::cmd("CLUSTER")
        .arg("SLOTS")
        .query_async(cluster)
        .await?;
    let mut found: Vec<(String, u16)> = slots
        .into_iter()
        .filter_map(|range| {
            // [first slot, last slot, [host, port, id, …] of the master, replicas …]
            let Value::Array(master) = range.into_iter().nth(2)? else {
                return None;
            };
            let (host, port) = (master.first()?.clone(), master.get(1)?.clone());
            Some((
                redis::from_redis_value(host).ok()?,
                redis::from_redis_value(port).ok()?,
            ))
        })
        .collect();
    found.sort();
    found.dedup();
    Ok(found)
}

async fn connect_server(
    info: ConnectionInfo,
    config: &AsyncConnectionConfig,
) -> RedisResult<MultiplexedConnection> {
    Client::open(info)?
        .get_multiplexed_async_connection_with_config(config)
        .await
}

fn connection_info(url: &str) -> Result<ConnectionInfo, StoreError> {
    let info = url
        .into_connection_info()
        .map_err(|e| StoreError::Refused(format!("`store.url`: {e}")))?;
    let settings = info
        .redis_settings()
        .clone()
        .set_protocol(ProtocolVersion::RESP3);
    Ok(info.set_redis_settings(settings))
}

/// Redis' `MATCH` reads `*?[]\` as a pattern.
fn escape_glob(text: &str) -> String {
    let special = |c| matches!(c, '*' | '?' | '[' | ']' | '\\');
    text.chars()
        .flat_map(|c| special(c).then_some('\\').into_iter().chain([c]))
        .collect()
}

pub(super) fn store_error(error: RedisError) -> StoreError {
    if error.is_io_error()
        || error.is_connection_dropped()
        || error.is_connection_refusal()
        || error.is_timeout()
    {
        return unreachable_error(error);
    }
    StoreError::Refused(error.to_string())
}

fn unreachable_error(error: RedisError) -> StoreError {
    StoreError::Unreachable(error.to_string())
}
