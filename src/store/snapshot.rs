//! What this node has served, on its own disk: the records it answers from while the store is away. Keys that an operator
//! wrote in the clear may be among them, so the file is its owner's alone.
//!
//! Writes are gathered and written by a thread; nothing on a request's path waits for the disk. Reads
//! happen only while the store is away, for names that are not in memory.

use std::collections::HashMap;
use std::fs::{self, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};

use super::StoreError;

/// How long changes are gathered before they are written.
const FLUSH_INTERVAL: Duration = Duration::from_millis(200);
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS records (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value BLOB);
    CREATE TABLE IF NOT EXISTS source (url TEXT NOT NULL);
";

/// Records on disk; a value of `None` is a name known not to exist.
pub struct Snapshot {
    shared: Arc<Shared>,
    reader: Mutex<Connection>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    pending: Mutex<Pending>,
    wake: Condvar,
}

#[derive(Default)]
struct Pending {
    changes: HashMap<String, Change>,
    is_closed: bool,
}

#[derive(Clone)]
enum Change {
    Put(Option<Bytes>),
    Forget,
}

impl Snapshot {
    /// Opens the file, or makes it; what it holds of another store than `source` is thrown away.
    ///
    /// # Errors
    /// [`StoreError::File`] when it cannot be made or is no database.
    pub fn open(path: &Path, source: &str, absent_max: u64) -> Result<Self, StoreError> {
        let fail = |message: String| StoreError::File {
            path: path.display().to_string(),
            message,
        };
        let open = || {
            let db = Connection::open(path)?;
            db.busy_timeout(Duration::from_secs(5))?;
            db.pragma_update(None, "journal_mode", "WAL")?;
            // A crash of the machine may lose the last moments; the store has them.
            db.pragma_update(None, "synchronous", "NORMAL")?;
            db.execute_batch(SCHEMA)?;
            Ok::<_, rusqlite::Error>(db)
        };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| fail(e.to_string()))?;
        }
        make_private(path).map_err(|e| fail(e.to_string()))?;
        let writer = open().map_err(|e| fail(e.to_string()))?;
        let reader = open().map_err(|e| fail(e.to_string()))?;
        adopt(&writer, source).map_err(|e| fail(e.to_string()))?;
        let shared = Arc::new(Shared {
            pending: Mutex::default(),
            wake: Condvar::new(),
        });
        let job = shared.clone();
        let writer = std::thread::Builder::new()
            .name("snapshot".into())
            .spawn(move || job.run(writer, absent_max))
            .map_err(|e| fail(e.to_string()))?;
        Ok(Self {
            shared,
            reader: Mutex::new(reader),
            writer: Mutex::new(Some(writer)),
        })
    }

    /// What is known of a key: nothing, that it does not exist, or its last good value.
    pub fn get(&self, key: &str) -> Option<Option<Bytes>> {
        match self.shared.pending().changes.get(key) {
            Some(Change::Put(value)) => return Some(value.clone()),
            Some(Change::Forget) => return None,
            None => {}
        }
        let db = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let found = db
            .prepare_cached("SELECT value FROM records WHERE key = ?1")
            .and_then(|mut statement| {
                statement
                    .query_row([key], |row| row.get::<_, Option<Vec<u8>>>(0))
                    .optional()
            });
        found
            .unwrap_or_else(|error| {
                tracing::warn!(%error, "the snapshot cannot be read");
                None
            })
            .map(|value| value.map(Bytes::from))
    }

    /// Keeps a record's last good value.
    pub fn put(&self, key: &str, value: &Bytes) {
        self.change(key, Change::Put(Some(value.clone())));
    }

    /// Keeps that a name does not exist, for names that a wildcard answers.
    pub fn put_absent(&self, key: &str) {
        self.change(key, Change::Put(None));
    }

    /// Forgets a key.
    pub fn forget(&self, key: &str) {
        self.change(key, Change::Forget);
    }

    /// Keys in order after `after`, at most `limit`, of those that begin with `prefix`.
    pub fn keys(&self, prefix: &str, after: &str, limit: u32) -> Vec<String> {
        let db = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let list = || {
            let sql = "SELECT key FROM records WHERE key >= ?1 AND key > ?2 ORDER BY key LIMIT ?3";
            let mut statement = db.prepare_cached(sql)?;
            let rows = statement
                .query_map(params![prefix, after, limit], |row| row.get::<_, String>(0))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let mut keys = list().unwrap_or_else(|error| {
            tracing::warn!(%error, "the snapshot cannot be read");
            Vec::new()
        });
        keys.retain(|key| key.starts_with(prefix));
        keys
    }

    /// Whether it holds any record.
    pub fn is_empty(&self) -> bool {
        let has_pending = self
            .shared
            .pending()
            .changes
            .values()
            .any(|change| matches!(change, Change::Put(Some(_))));
        let db = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let sql = "SELECT 1 FROM records WHERE value IS NOT NULL LIMIT 1";
        !has_pending
            && db
                .query_row(sql, [], |_| Ok(()))
                .optional()
                .ok()
                .flatten()
                .is_none()
    }

    fn change(&self, key: &str, change: Change) {
        self.shared.pending().changes.insert(key.to_owned(), change);
    }
}

impl Snapshot {
    /// Writes out what is pending, and ends the writer; for the end of the process.
    pub fn close(&self) {
        self.shared.pending().is_closed = true;
        self.shared.wake.notify_one();
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(writer) = writer {
            // Its panic has been reported by its own thread.
            let _ = writer.join();
        }
    }
}

impl Shared {
    fn pending(&self) -> std::sync::MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, mut db: Connection, absent_max: u64) {
        loop {
            let waited = self
                .wake
                .wait_timeout_while(self.pending(), FLUSH_INTERVAL, |pending| !pending.is_closed);
            let (pending, _) = waited.unwrap_or_else(PoisonError::into_inner);
            // Kept in place until they are on disk, so that a reader always finds them in one of both.
            let batch = pending.changes.clone();
            let is_closed = pending.is_closed;
            drop(pending);
            if !batch.is_empty() {
                if let Err(error) = write(&mut db, &batch, absent_max) {
                    tracing::warn!(%error, "the snapshot cannot be written; it is tried again");
                } else {
                    self.pending().changes.retain(|key, now| {
                        batch.get(key).is_none_or(|written| !same(written, now))
                    });
                }
            }
            if is_closed {
                return;
            }
        }
    }
}

fn same(a: &Change, b: &Change) -> bool {
    match (a, b) {
        (Change::Put(a), Change::Put(b)) => a == b,
        (Change::Forget, Change::Forget) => true,
        _ => false,
    }
}

fn write(
    db: &mut Connection,
    batch: &HashMap<String, Change>,
    absent_max: u64,
) -> rusqlite::Result<()> {
    let transaction = db.transaction()?;
    for (key, change) in batch {
        match change {
            Change::Put(value) => {
                let sql = "INSERT INTO records (key, value) VALUES (?1, ?2)
                           ON CONFLICT (key) DO UPDATE SET value = excluded.value";
                transaction.execute(sql, params![key, value.as_deref()])?
            }
            Change::Forget => transaction.execute("DELETE FROM records WHERE key = ?1", [key])?,
        };
    }
    // Visitors choose the names below a wildcard, so what is kept of them is bounded: the latest.
    if batch
        .values()
        .any(|change| matches!(change, Change::Put(None)))
    {
        let sql = "DELETE FROM records WHERE value IS NULL AND id <=
                   (SELECT id FROM records WHERE value IS NULL ORDER BY id DESC LIMIT 1 OFFSET ?1)";
        transaction.execute(sql, [i64::try_from(absent_max).unwrap_or(i64::MAX)])?;
    }
    transaction.commit()
}

/// Lets nobody but the owner at the file, whatever the umask, and whoever made it. SQLite gives the files beside it the
/// same rights when it makes them.
fn make_private(path: &Path) -> io::Result<()> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)?;
    for beside in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(beside);
        match fs::set_permissions(&file, Permissions::from_mode(0o600)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Empties the snapshot when it was taken of another store.
fn adopt(db: &Connection, source: &str) -> rusqlite::Result<()> {
    let known: Option<String> = db
        .query_row("SELECT url FROM source", [], |row| row.get(0))
        .optional()?;
    if known.as_deref() == Some(source) {
        return Ok(());
    }
    db.execute_batch("DELETE FROM records; DELETE FROM source;")?;
    db.execute("INSERT INTO source (url) VALUES (?1)", [source])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_reads_the_file_whoever_made_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("snapshot.db");
        let mode = |name: &str| {
            let file = fs::metadata(directory.path().join(name)).expect(name);
            file.permissions().mode() & 0o777
        };
        for _ in 0..2 {
            let snapshot = Snapshot::open(&path, "a", 10).expect("it opens");
            snapshot.put("a", &Bytes::from_static(b"b"));
            for name in ["snapshot.db", "snapshot.db-wal", "snapshot.db-shm"] {
                assert_eq!(mode(name), 0o600, "{name}");
            }
            snapshot.close();
            drop(snapshot);
            // As an earlier version left it.
            fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("it is ours");
        }
    }
}
