//! Values of key-value namespaces in the embedded store: a table of its own, over connections of its own, so that no record
//! waits for a large value.

use async_trait::async_trait;
use bytes::Bytes;
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

use super::embedded::{Embedded, trim};
use super::values::{Change, Found, Listed, SMALL_BYTES, Stored, Swapped, Values};
use super::{StoreError, keys};
use crate::model::kv;

pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS kv (namespace TEXT NOT NULL, key TEXT NOT NULL, expiration INTEGER NOT NULL,
        metadata TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (namespace, key));
    CREATE INDEX IF NOT EXISTS kv_ends ON kv (expiration) WHERE expiration > 0;
";
/// Values that have ended and are removed by one write; values of a deleted namespace removed at a time.
const ENDED: usize = 20;
const SWEPT: usize = 500;

#[async_trait]
impl Values for Embedded {
    async fn find(
        &self,
        namespace: &str,
        keys: &[String],
    ) -> Result<Option<Vec<Option<Found>>>, StoreError> {
        let (namespace, keys, now) = (namespace.to_owned(), keys.to_owned(), signed(kv::now()));
        self.read_values(move |db| {
            if !has(db, &namespace)? {
                return Ok(None);
            }
            let sql = "SELECT expiration, metadata, length(value), CASE WHEN length(value) <= ?4 THEN value END FROM kv
                       WHERE namespace = ?1 AND key = ?2 AND (expiration = 0 OR expiration > ?3)";
            let mut statement = db.prepare_cached(sql)?;
            let small = i64::try_from(SMALL_BYTES).unwrap_or(i64::MAX);
            let found = keys.iter().map(|key| {
                let row = statement.query_row(params![namespace, key, now, small], |row| {
                    let value: Option<Vec<u8>> = row.get(3)?;
                    Ok(match value {
                        Some(value) => Found::Small(Stored {
                            bytes: value.into(),
                            metadata: row.get::<_, String>(1)?.into(),
                            expiration: row.get::<_, i64>(0)?.unsigned_abs(),
                        }),
                        None => Found::Large(usize::try_from(row.get::<_, i64>(2)?).unwrap_or(0)),
                    })
                });
                row.optional()
            });
            Ok(Some(found.collect::<rusqlite::Result<_>>()?))
        })
        .await
    }

    async fn fetch(&self, namespace: &str, key: &str) -> Result<Option<Stored>, StoreError> {
        let (namespace, key) = (namespace.to_owned(), key.to_owned());
        self.read_values(move |db| stored(db, &namespace, &key))
            .await
    }

    async fn change(&self, namespace: &str, changes: &[Change]) -> Result<bool, StoreError> {
        let (namespace, changes) = (namespace.to_owned(), changes.to_owned());
        self.write_values(move |db| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if !has(&transaction, &namespace)? {
                return Ok(false);
            }
            for change in &changes {
                apply(&transaction, &namespace, change)?;
            }
            let ended = "DELETE FROM kv WHERE rowid IN
                         (SELECT rowid FROM kv WHERE expiration > 0 AND expiration <= ?1 LIMIT ?2)";
            transaction
                .prepare_cached(ended)?
                .execute(params![signed(kv::now()), ENDED as i64])?;
            trim(&transaction)?;
            transaction.commit()?;
            Ok(true)
        })
        .await
    }

    async fn swap(
        &self,
        namespace: &str,
        key: &str,
        before: Option<&Stored>,
        value: Stored,
    ) -> Result<Swapped, StoreError> {
        let (namespace, before) = (namespace.to_owned(), before.cloned());
        let change = Change::Put(key.to_owned(), value);
        self.write_values(move |db| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if !has(&transaction, &namespace)? {
                return Ok(Swapped::NoNamespace);
            }
            if stored(&transaction, &namespace, change.key())? != before {
                return Ok(Swapped::Differs);
            }
            apply(&transaction, &namespace, &change)?;
            trim(&transaction)?;
            transaction.commit()?;
            Ok(Swapped::Done)
        })
        .await
    }

    async fn keys(
        &self,
        namespace: &str,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Option<Vec<Listed>>, StoreError> {
        let (namespace, prefix, after) =
            (namespace.to_owned(), prefix.to_owned(), after.to_owned());
        self.read_values(move |db| {
            if !has(db, &namespace)? {
                return Ok(None);
            }
            let sql = "SELECT key, metadata, expiration FROM kv WHERE namespace = ?1 AND key >= ?2 AND key > ?3
                       AND (expiration = 0 OR expiration > ?4) ORDER BY key";
            let mut statement = db.prepare_cached(sql)?;
            let mut rows = statement.query(params![namespace, prefix, after, signed(kv::now())])?;
            let mut listed = Vec::new();
            while listed.len() < limit
                && let Some(row) = rows.next()?
            {
                let key: String = row.get(0)?;
                if !key.starts_with(&prefix) {
                    break;
                }
                listed.push(Listed {
                    key,
                    metadata: row.get::<_, String>(1)?.into(),
                    expiration: row.get::<_, i64>(2)?.unsigned_abs(),
                });
            }
            Ok(Some(listed))
        })
        .await
    }

    async fn sweep(&self, namespace: &str) -> Result<bool, StoreError> {
        let namespace = namespace.to_owned();
        self.write_values(move |db| {
            let sql = "DELETE FROM kv WHERE rowid IN (SELECT rowid FROM kv WHERE namespace = ?1 LIMIT ?2)";
            let gone = db.prepare_cached(sql)?.execute(params![namespace, SWEPT as i64])?;
            Ok(gone > 0)
        })
        .await
    }
}

fn signed(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

fn has(db: &rusqlite::Connection, namespace: &str) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM records WHERE key = ?1")?
        .exists([keys::kv_namespace(namespace)])
}

/// What lies under a key, unless it has ended.
fn stored(
    db: &rusqlite::Connection,
    namespace: &str,
    key: &str,
) -> rusqlite::Result<Option<Stored>> {
    let sql = "SELECT value, metadata, expiration FROM kv
               WHERE namespace = ?1 AND key = ?2 AND (expiration = 0 OR expiration > ?3)";
    let mut statement = db.prepare_cached(sql)?;
    let row = statement.query_row(params![namespace, key, signed(kv::now())], |row| {
        Ok(Stored {
            bytes: Bytes::from(row.get::<_, Vec<u8>>(0)?),
            metadata: row.get::<_, String>(1)?.into(),
            expiration: row.get::<_, i64>(2)?.unsigned_abs(),
        })
    });
    row.optional()
}

fn apply(transaction: &Transaction<'_>, namespace: &str, change: &Change) -> rusqlite::Result<()> {
    match change {
        Change::Put(key, stored) => {
            let sql = "INSERT INTO kv (namespace, key, expiration, metadata, value) VALUES (?1, ?2, ?3, ?4, ?5)
                       ON CONFLICT (namespace, key) DO UPDATE
                       SET expiration = excluded.expiration, metadata = excluded.metadata, value = excluded.value";
            let expiration = signed(stored.expiration);
            let values = params![
                namespace,
                key,
                expiration,
                &*stored.metadata,
                &stored.bytes[..]
            ];
            transaction.prepare_cached(sql)?.execute(values)?;
        }
        Change::Delete(key) => {
            let sql = "DELETE FROM kv WHERE namespace = ?1 AND key = ?2";
            transaction.prepare_cached(sql)?.execute([namespace, key])?;
        }
    }
    let told = keys::kv_value(namespace, change.key());
    transaction
        .prepare_cached("INSERT INTO changes (key) VALUES (?1)")?
        .execute([told])?;
    Ok(())
}
