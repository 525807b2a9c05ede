//! The store of a single node: SQLite in write-ahead mode, shared by the edge and the command line.
//!
//! Each write leaves its keys in a table of changes; a running edge looks at SQLite's own counter of
//! foreign commits (`PRAGMA data_version`, a read of shared memory) twenty times a second.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};
use tokio::sync::mpsc;

use super::{Event, Feed, KeyValue, StoreError, Write};

/// How often another process's commits are looked for: well under the second that is promised, and
/// a few microseconds of work each time.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);
/// Changes kept for a feed that has not read them yet; one that is further behind re-reads everything.
const CHANGES_KEPT: i64 = 100_000;
/// How long a writer waits for another one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const FEED_CAPACITY: usize = 256;

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS members (name TEXT NOT NULL, member TEXT NOT NULL, PRIMARY KEY (name, member)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS changes (sequence INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL);
";

/// A store in a file.
pub struct Embedded {
    path: PathBuf,
    connection: Lane,
    /// For values of workers.
    reader: Lane,
    writer: Lane,
}

type Lane = Arc<Mutex<Connection>>;

impl Embedded {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// [`StoreError::File`] when it cannot be made or is no database.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let lane = || {
            let connection = connect(path).map_err(|message| file_error(path, message))?;
            Ok::<_, StoreError>(Arc::new(Mutex::new(connection)))
        };
        Ok(Self {
            path: path.to_owned(),
            connection: lane()?,
            reader: lane()?,
            writer: lane()?,
        })
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.on(&self.connection, work).await
    }

    /// Reads values of workers.
    pub(super) async fn read_values<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.on(&self.reader, work).await
    }

    /// Writes values of workers.
    pub(super) async fn write_values<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.on(&self.writer, work).await
    }

    async fn on<T: Send + 'static>(
        &self,
        lane: &Lane,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = lane.clone();
        let done = tokio::task::spawn_blocking(move || {
            work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        let result = done
            .await
            .map_err(|e| file_error(&self.path, e.to_string()))?;
        result.map_err(|e| file_error(&self.path, e.to_string()))
    }
}

#[async_trait]
impl KeyValue for Embedded {
    async fn get(&self, keys: &[String]) -> Result<Vec<Option<Bytes>>, StoreError> {
        let keys = keys.to_owned();
        self.with(move |db| {
            let mut statement = db.prepare_cached("SELECT value FROM records WHERE key = ?1")?;
            let value = |key: &String| {
                statement
                    .query_row([key], |row| row.get::<_, Vec<u8>>(0))
                    .optional()
            };
            keys.iter()
                .map(value)
                .map(|found| Ok(found?.map(Bytes::from)))
                .collect()
        })
        .await
    }

    async fn list(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let (prefix, after) = (prefix.to_owned(), after.to_owned());
        self.with(move |db| {
            let sql = "SELECT key FROM records WHERE key >= ?1 AND key > ?2 ORDER BY key LIMIT ?3";
            let mut statement = db.prepare_cached(sql)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut rows = statement.query(params![prefix, after, limit])?;
            let mut keys = Vec::new();
            while let Some(row) = rows.next()? {
                let key: String = row.get(0)?;
                if !key.starts_with(&prefix) {
                    break;
                }
                keys.push(key);
            }
            Ok(keys)
        })
        .await
    }

    async fn write(&self, changes: &[Write]) -> Result<(), StoreError> {
        self.write_if(&[], changes).await.map(|_| ())
    }

    async fn write_if(
        &self,
        expected: &[(String, Option<Bytes>)],
        changes: &[Write],
    ) -> Result<bool, StoreError> {
        let (expected, changes) = (expected.to_owned(), changes.to_owned());
        self.with(move |db| {
            let transaction =
                db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            for (key, value) in &expected {
                let found = transaction
                    .prepare_cached("SELECT value FROM records WHERE key = ?1")?
                    .query_row([key], |row| row.get::<_, Vec<u8>>(0))
                    .optional()?;
                if found.as_deref() != value.as_deref() {
                    return Ok(false);
                }
            }
            for change in &changes {
                apply(&transaction, change)?;
            }
            trim(&transaction)?;
            transaction.commit()?;
            Ok(true)
        })
        .await
    }

    async fn members(
        &self,
        set: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let (set, after) = (set.to_owned(), after.to_owned());
        self.with(move |db| {
            let sql = "SELECT member FROM members WHERE name = ?1 AND member > ?2 ORDER BY member LIMIT ?3";
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            db.prepare_cached(sql)?
                .query_map(params![set, after, limit], |row| row.get(0))?
                .collect()
        })
        .await
    }

    async fn counts(&self, sets: &[String]) -> Result<Vec<u64>, StoreError> {
        let sets = sets.to_owned();
        self.with(move |db| {
            let mut statement =
                db.prepare_cached("SELECT COUNT(*) FROM members WHERE name = ?1")?;
            let count = |set| statement.query_row([set], |row| row.get::<_, i64>(0));
            let counts = sets.iter().map(count);
            counts.map(|n| Ok(n?.unsigned_abs())).collect()
        })
        .await
    }

    async fn is_empty(&self, prefixes: &[&str]) -> Result<bool, StoreError> {
        for prefix in prefixes {
            if !self.list(prefix, "", 1).await?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn watch(self: Arc<Self>, prefixes: &'static [&'static str]) -> Feed {
        let (sender, events) = mpsc::channel(FEED_CAPACITY);
        let task = tokio::spawn(async move {
            // A connection of its own: SQLite's counter does not move for the writes of one's own connection, and those of
            // this process count too.
            let mut reader = None;
            let mut position = None;
            let mut is_up = false;
            let mut look = tokio::time::interval(LOOK_INTERVAL);
            look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                look.tick().await;
                let from = position;
                let found = match &reader {
                    Some(reader) => Self::with(reader, move |db| changes_since(db, from)).await,
                    None => match Self::open(&self.path) {
                        Ok(store) => {
                            reader = Some(store);
                            continue;
                        }
                        Err(error) => Err(error),
                    },
                };
                let events = match found {
                    Ok((to, changed)) => {
                        position = Some(to);
                        let relevant =
                            |key: &String| prefixes.iter().any(|prefix| key.starts_with(prefix));
                        let event = match changed {
                            Some(keys) => {
                                Event::Changed(keys.into_iter().filter(relevant).collect())
                            }
                            None => Event::ChangedAll,
                        };
                        let is_news = event != Event::Changed(Vec::new());
                        let up = (!std::mem::replace(&mut is_up, true)).then_some(Event::Up);
                        [up, is_news.then_some(event)]
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the embedded store cannot be read; serving what is known");
                        [
                            std::mem::replace(&mut is_up, false).then_some(Event::Down),
                            None,
                        ]
                    }
                };
                for event in events.into_iter().flatten() {
                    if sender.send(event).await.is_err() {
                        return;
                    }
                }
            }
        });
        Feed { events, task }
    }
}

/// Drops the oldest changes, which every feed has read.
pub(super) fn trim(transaction: &rusqlite::Transaction<'_>) -> rusqlite::Result<()> {
    let sql = "DELETE FROM changes WHERE sequence <= (SELECT MAX(sequence) FROM changes) - ?1";
    transaction.prepare_cached(sql)?.execute([CHANGES_KEPT])?;
    Ok(())
}

fn apply(transaction: &rusqlite::Transaction<'_>, change: &Write) -> rusqlite::Result<()> {
    let run = |sql: &str, parameters: &[&dyn rusqlite::ToSql]| {
        transaction.prepare_cached(sql)?.execute(parameters)
    };
    let changed = match change {
        Write::Put(key, value) => {
            let sql = "INSERT INTO records (key, value) VALUES (?1, ?2)
                       ON CONFLICT (key) DO UPDATE SET value = excluded.value";
            run(sql, params![key, value.as_ref()])?;
            key
        }
        Write::Delete(key) => {
            run("DELETE FROM records WHERE key = ?1", params![key])?;
            key
        }
        Write::Add(set, member) => {
            let sql = "INSERT OR IGNORE INTO members (name, member) VALUES (?1, ?2)";
            run(sql, params![set, member])?;
            return Ok(());
        }
        Write::Remove(set, member) => {
            let sql = "DELETE FROM members WHERE name = ?1 AND member = ?2";
            run(sql, params![set, member])?;
            return Ok(());
        }
        Write::Trim(set, keep) => {
            let sql = "DELETE FROM members WHERE name = ?1 AND member IN
                       (SELECT member FROM members WHERE name = ?1 ORDER BY member LIMIT -1 OFFSET ?2)";
            run(sql, params![set, i64::try_from(*keep).unwrap_or(i64::MAX)])?;
            return Ok(());
        }
    };
    run("INSERT INTO changes (key) VALUES (?1)", params![changed])?;
    Ok(())
}

/// Where a feed has read to: SQLite's counter of foreign commits, and the last change.
#[derive(Clone, Copy)]
struct Position {
    version: i64,
    sequence: i64,
}

/// The keys changed since then; `None` for "any", when the feed has fallen behind.
fn changes_since(
    db: &mut Connection,
    from: Option<Position>,
) -> rusqlite::Result<(Position, Option<Vec<String>>)> {
    let version = db.query_row("PRAGMA data_version", [], |row| row.get(0))?;
    if let Some(position) = from.filter(|position| position.version == version) {
        return Ok((position, Some(Vec::new())));
    }
    let (first, last) = db.query_row(
        "SELECT IFNULL(MIN(sequence), 0), IFNULL(MAX(sequence), 0) FROM changes",
        [],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
    )?;
    let to = Position {
        version,
        sequence: last,
    };
    let Some(from) = from else {
        return Ok((to, Some(Vec::new())));
    };
    // The file was replaced by an older one, or the changes in between are gone.
    if last < from.sequence || first > from.sequence + 1 {
        return Ok((to, None));
    }
    let mut statement =
        db.prepare_cached("SELECT DISTINCT key FROM changes WHERE sequence > ?1")?;
    let keys = statement
        .query_map([from.sequence], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok((to, Some(keys)))
}

fn connect(path: &Path) -> Result<Connection, String> {
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent).map_err(|e| e.to_string())?;
    }
    let open = || {
        let db = Connection::open(path)?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.execute_batch(SCHEMA)?;
        db.execute_batch(super::embedded_values::SCHEMA)?;
        Ok::<_, rusqlite::Error>(db)
    };
    open().map_err(|e| e.to_string())
}

fn file_error(path: &Path, message: String) -> StoreError {
    StoreError::File {
        path: path.display().to_string(),
        message,
    }
}
