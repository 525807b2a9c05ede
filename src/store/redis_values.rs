//! Values of key-value namespaces in Redis: each a string that tells of itself in its first bytes, and beside them a set of
//! the namespace's keys in order, written in one step with them.
//!
//! Redis ends values by itself. The set of keys hears of that later: whoever writes removes some of those that have ended,
//! whoever lists removes those it met.

use async_trait::async_trait;
use bytes::Bytes;
use futures::future::try_join_all;

use super::redis::Redis;
use super::values::{
    Change, Found, HEAD_BYTES, Head, Listed, SMALL_BYTES, Stored, Swapped, Values, has_ended,
};
use super::{StoreError, keys};
use crate::model::kv;

/// Changes, and bytes of them, that are made in one step: Redis does nothing else meanwhile.
const STEP_CHANGES: usize = 250;
const STEP_BYTES: usize = 1 << 20;
/// Keys looked at in one round trip.
const PAGE: usize = 500;

#[async_trait]
impl Values for Redis {
    async fn find(
        &self,
        namespace: &str,
        keys: &[String],
    ) -> Result<Option<Vec<Option<Found>>>, StoreError> {
        let now = kv::now();
        let read = keys.iter().map(async |key| {
            let bytes = self
                .beginning(namespace, key, HEAD_BYTES + SMALL_BYTES)
                .await?;
            let head = Head::decode(&bytes).filter(|head| !has_ended(head.expiration, now));
            Ok::<_, StoreError>(head.map(|head| head.value(&bytes)))
        });
        let (exists, found) = futures::try_join!(self.has(namespace), try_join_all(read))?;
        Ok(exists.then_some(found))
    }

    async fn fetch(&self, namespace: &str, key: &str) -> Result<Option<Stored>, StoreError> {
        let mut get = redis::cmd("GET");
        get.arg(keys::kv_value(namespace, key));
        let found: Option<Vec<u8>> = self.ask_large(&get).await?;
        let Some(bytes) = found.map(Bytes::from) else {
            return Ok(None);
        };
        let stored = Head::decode(&bytes).and_then(|head| match head.value(&bytes) {
            Found::Small(stored) => Some(stored),
            Found::Large(_) => None,
        });
        Ok(stored.filter(|stored| !stored.has_ended(kv::now())))
    }

    async fn change(&self, namespace: &str, changes: &[Change]) -> Result<bool, StoreError> {
        let mut rest = changes;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = |change: &&Change| {
                bytes += change.bytes();
                bytes <= STEP_BYTES
            };
            // One that is larger than a step is a step of its own.
            let count = rest
                .iter()
                .take(STEP_CHANGES)
                .take_while(fits)
                .count()
                .max(1);
            let (step, others) = rest.split_at(count);
            if !self.step(namespace, step).await? {
                return Ok(false);
            }
            rest = others;
        }
        Ok(true)
    }

    async fn swap(
        &self,
        namespace: &str,
        key: &str,
        before: Option<&Stored>,
        value: Stored,
    ) -> Result<Swapped, StoreError> {
        let bytes = value.bytes.len() + before.map_or(0, |before| before.bytes.len());
        let change = [Change::Put(key.to_owned(), value)];
        let mut swap = redis::cmd("EVAL");
        swap.arg(format!("{UNLESS_CHANGED}{CHANGE}"));
        arguments(&mut swap, namespace, &change);
        swap.arg(before.map(|before| before.encode().to_vec()));
        let done: u8 = match bytes > SMALL_BYTES {
            true => self.ask_large(&swap).await?,
            false => self.ask(&swap).await?,
        };
        Ok(match done {
            0 => Swapped::NoNamespace,
            1 => Swapped::Done,
            _ => Swapped::Differs,
        })
    }

    async fn keys(
        &self,
        namespace: &str,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Option<Vec<Listed>>, StoreError> {
        if !self.has(namespace).await? {
            return Ok(None);
        }
        let set = keys::kv_keys(namespace);
        // Keys are UTF-8, in which the byte 255 never stands.
        let end = [b"(", prefix.as_bytes(), b"\xff"].concat();
        let mut from = match after < prefix {
            true => format!("[{prefix}"),
            false => format!("({after}"),
        };
        let mut listed = Vec::new();
        while listed.len() < limit {
            let mut range = redis::cmd("ZRANGE");
            range
                .arg(&set)
                .arg(from.as_bytes())
                .arg(&end[..])
                .arg("BYLEX");
            range.arg("LIMIT").arg(0).arg(PAGE.min(limit));
            let members: Vec<String> = self.ask(&range).await?;
            let Some(last) = members.last() else { break };
            from = format!("({last}");
            let gone = self.look(namespace, members, limit, &mut listed).await?;
            self.forget(namespace, &gone).await?;
        }
        Ok(Some(listed))
    }

    async fn sweep(&self, namespace: &str) -> Result<bool, StoreError> {
        let mut sweep = redis::cmd("EVAL");
        sweep.arg(SWEEP).arg(2);
        sweep
            .arg(keys::kv_keys(namespace))
            .arg(keys::kv_ends(namespace));
        sweep.arg(keys::kv_values(namespace)).arg(PAGE);
        self.ask::<bool>(&sweep).await
    }
}

impl Redis {
    async fn has(&self, namespace: &str) -> Result<bool, StoreError> {
        self.ask(redis::cmd("EXISTS").arg(keys::kv_namespace(namespace)))
            .await
    }

    /// The first bytes of what lies under a key; none when nothing does.
    async fn beginning(
        &self,
        namespace: &str,
        key: &str,
        bytes: usize,
    ) -> Result<Bytes, StoreError> {
        let mut range = redis::cmd("GETRANGE");
        range
            .arg(keys::kv_value(namespace, key))
            .arg(0)
            .arg(bytes - 1);
        Ok(self.ask::<Vec<u8>>(&range).await?.into())
    }

    /// Some changes in one step.
    async fn step(&self, namespace: &str, changes: &[Change]) -> Result<bool, StoreError> {
        let mut change = redis::cmd("EVAL");
        change.arg(CHANGE);
        arguments(&mut change, namespace, changes);
        match changes.iter().map(Change::bytes).sum::<usize>() > SMALL_BYTES {
            true => self.ask_large(&change).await,
            false => self.ask(&change).await,
        }
    }

    /// Takes keys with what is said of their values, up to a limit; returns those that have no value any more.
    async fn look(
        &self,
        namespace: &str,
        members: Vec<String>,
        limit: usize,
        listed: &mut Vec<Listed>,
    ) -> Result<Vec<String>, StoreError> {
        let read = members
            .iter()
            .map(|key| self.beginning(namespace, key, HEAD_BYTES));
        let heads = try_join_all(read).await?;
        let now = kv::now();
        let mut gone = Vec::new();
        for (key, bytes) in members.into_iter().zip(heads) {
            match Head::decode(&bytes) {
                Some(head) if !has_ended(head.expiration, now) => {
                    if listed.len() < limit {
                        let Head {
                            metadata,
                            expiration,
                            ..
                        } = head;
                        listed.push(Listed {
                            key,
                            metadata,
                            expiration,
                        });
                    }
                }
                _ => gone.push(key),
            }
        }
        Ok(gone)
    }

    /// Takes keys out of the set that have no value any more.
    async fn forget(&self, namespace: &str, gone: &[String]) -> Result<(), StoreError> {
        if gone.is_empty() {
            return Ok(());
        }
        let mut forget = redis::cmd("EVAL");
        forget.arg(FORGET).arg(2);
        forget
            .arg(keys::kv_keys(namespace))
            .arg(keys::kv_ends(namespace));
        forget.arg(keys::kv_values(namespace)).arg(gone);
        self.ask(&forget).await
    }
}

/// What [`CHANGE`] is called with.
fn arguments(change: &mut redis::Cmd, namespace: &str, changes: &[Change]) {
    change.arg(3 + changes.len());
    change.arg(keys::kv_namespace(namespace));
    change
        .arg(keys::kv_keys(namespace))
        .arg(keys::kv_ends(namespace));
    for one in changes {
        change.arg(keys::kv_value(namespace, one.key()));
    }
    change.arg(keys::kv_values(namespace)).arg(kv::now());
    for one in changes {
        match one {
            Change::Put(key, stored) => change
                .arg(key)
                .arg(stored.expiration)
                .arg(&stored.encode()[..]),
            Change::Delete(key) => change.arg(key).arg(-1).arg(""),
        };
    }
}

/// Before [`CHANGE`], for one change: what has to lie there comes after its arguments; without it nothing has to.
const UNLESS_CHANGED: &str = "
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if (redis.call('GET', KEYS[4]) or nil) ~= ARGV[6] then return 2 end";

/// Keys: the namespace, its keys, their ends, then a value for each change. Arguments: what values begin with, the time,
/// then key, end (-1: delete) and content of each change.
const CHANGE: &str = "
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local prefix, now = ARGV[1], ARGV[2]
for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, 20)) do
  if redis.call('EXISTS', prefix .. key) == 0 then
    redis.call('ZREM', KEYS[2], key)
    redis.call('ZREM', KEYS[3], key)
  end
end
for i = 4, #KEYS do
  local at = 3 * (i - 3)
  local key, ends = ARGV[at], tonumber(ARGV[at + 1])
  if ends < 0 then
    redis.call('UNLINK', KEYS[i])
    redis.call('ZREM', KEYS[2], key)
    redis.call('ZREM', KEYS[3], key)
  else
    if ends == 0 then
      redis.call('SET', KEYS[i], ARGV[at + 2])
      redis.call('ZREM', KEYS[3], key)
    else
      redis.call('SET', KEYS[i], ARGV[at + 2], 'EXAT', ARGV[at + 1])
      redis.call('ZADD', KEYS[3], ARGV[at + 1], key)
    end
    redis.call('ZADD', KEYS[2], 0, key)
  end
end
return 1";

/// Keys: the namespace's keys, their ends. Arguments: what values begin with, then keys.
const FORGET: &str = "
for i = 2, #ARGV do
  if redis.call('EXISTS', ARGV[1] .. ARGV[i]) == 0 then
    redis.call('ZREM', KEYS[1], ARGV[i])
    redis.call('ZREM', KEYS[2], ARGV[i])
  end
end";

/// Keys: the namespace's keys, their ends. Arguments: what values begin with, how many.
const SWEEP: &str = "
local found = redis.call('ZRANGE', KEYS[1], 0, ARGV[2] - 1)
for _, key in ipairs(found) do redis.call('UNLINK', ARGV[1] .. key) end
if #found == 0 then
  redis.call('UNLINK', KEYS[2])
  return 0
end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, #found - 1)
return 1";
