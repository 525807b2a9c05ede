//! Tails: opened, found, listed and closed, on whichever node; each reads them for itself.

use super::{Control, ControlError, hex, json, stable_id};
use crate::model::tenant::InvalidName;
use crate::model::{REGULAR, TenantId, tag};
use crate::store::{Write, keys};
use crate::tail::{Filters, OPEN_MAX, Opened, SCOPE_TAILS_MAX, Scope, now_s};

/// A tail that nobody reads so long after it was opened makes room for another.
const UNREAD_S: u64 = 60;
/// Hex digits of a tail's secret.
const KEY_DIGITS: usize = 64;

impl Control {
    /// Opens a tail; gives it with the secret that opens it to a reader. `is_read` says whether a client of this node
    /// reads a tail.
    ///
    /// # Errors
    /// [`ControlError::NoScript`] or [`ControlError::NoNamespace`] when there is nothing to watch, and
    /// [`ControlError::TooManyTails`].
    pub async fn open_tail(
        &self,
        scope: Scope,
        filters: Filters,
        is_read: impl Fn(&str) -> bool,
    ) -> Result<(Opened, String), ControlError> {
        self.watched(&scope).await?;
        if let Some(tag) = &scope.tag {
            tag::check(vec![tag.clone()])?;
        }
        let mut key = [0; KEY_DIGITS / 2];
        aws_lc_rs::rand::fill(&mut key).map_err(|_| ControlError::Random)?;
        let key = hex(&key);
        let opened = Opened {
            id: tail_id(&key),
            scope,
            opened_s: now_s(),
            filters,
        };
        for _ in 0..super::ATTEMPTS {
            let (mut list, before) = self.open_tails().await?;
            let mut gone: Vec<String> = Vec::new();
            list.retain(|tail| match tail.left().is_zero() {
                true => {
                    gone.push(tail.id.clone());
                    false
                }
                false => true,
            });
            for within in [Some(&opened.scope), None] {
                self.make_room(&mut list, &mut gone, within, &is_read)
                    .await?;
            }
            list.push(Opened {
                filters: Filters::default(),
                ..opened.clone()
            });
            let mut changes = vec![
                Write::Put(keys::tail(&opened.id), json(&opened)),
                Write::Put(keys::TAILS.to_owned(), json(&list)),
            ];
            changes.extend(gone.iter().map(|id| Write::Delete(keys::tail(id))));
            let expected = [(keys::TAILS.to_owned(), before)];
            if self.store.write_if(&expected, &changes).await? {
                return Ok((opened, key));
            }
        }
        Err(ControlError::Busy)
    }

    /// Takes the tails out that nobody reads, if there are as many as there may be; `within` for one scope's alone.
    async fn make_room(
        &self,
        list: &mut Vec<Opened>,
        gone: &mut Vec<String>,
        within: Option<&Scope>,
        is_read: &impl Fn(&str) -> bool,
    ) -> Result<(), ControlError> {
        let (max, error) = match within {
            Some(scope) => (
                SCOPE_TAILS_MAX,
                format!("{SCOPE_TAILS_MAX} tails watch {scope} already"),
            ),
            None => (OPEN_MAX, format!("{OPEN_MAX} tails are open already")),
        };
        let is_within = |tail: &Opened| within.is_none_or(|scope| tail.scope.counts_with(scope));
        if list.iter().filter(|tail| is_within(tail)).count() < max {
            return Ok(());
        }
        let now = now_s();
        let is_old = |tail: &&Opened| is_within(tail) && tail.opened_s + UNREAD_S < now;
        let old: Vec<&Opened> = list.iter().filter(is_old).collect();
        let keys: Vec<String> = old.iter().map(|tail| keys::tail_read(&tail.id)).collect();
        let read_elsewhere = self.store.get(&keys).await?;
        let unread = old.iter().zip(read_elsewhere);
        let unread = unread.filter(|(tail, elsewhere)| elsewhere.is_none() && !is_read(&tail.id));
        let unread: Vec<String> = unread.map(|(tail, _)| tail.id.clone()).collect();
        if unread.is_empty() {
            return Err(ControlError::TooManyTails(error));
        }
        list.retain(|tail| !unread.contains(&tail.id));
        gone.extend(unread);
        Ok(())
    }

    /// The tail that a secret opens; `None` when there is none, or it has ended.
    ///
    /// # Errors
    /// [`ControlError`] when the store cannot be asked.
    pub async fn tail(&self, key: &str) -> Result<Option<Opened>, ControlError> {
        if key.len() != KEY_DIGITS || !key.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let found = self.read::<Opened>(&keys::tail(&tail_id(key))).await?;
        let found = found.map(|(tail, _)| tail);
        Ok(found.filter(|tail| !tail.left().is_zero()))
    }

    /// The open tails of a scope; with a namespace as a whole also those of its tags.
    ///
    /// # Errors
    /// As [`Control::open_tail`] when there is nothing to watch.
    pub async fn tails(&self, scope: &Scope) -> Result<Vec<Opened>, ControlError> {
        self.watched(scope).await?;
        let (mut list, _) = self.open_tails().await?;
        list.retain(|tail| tail.scope.counts_with(scope) && !tail.left().is_zero());
        Ok(list)
    }

    /// Closes a tail of a scope, on whichever node it is read; `false` when there is none.
    ///
    /// # Errors
    /// As [`Control::open_tail`] when there is nothing to watch.
    pub async fn close_tail(&self, scope: &Scope, id: &str) -> Result<bool, ControlError> {
        for _ in 0..super::ATTEMPTS {
            let (mut list, before) = self.open_tails().await?;
            let is_it = |tail: &Opened| tail.id == id && tail.scope.counts_with(scope);
            let count = list.len();
            list.retain(|tail| !is_it(tail));
            if list.len() == count {
                // Unknown workers are told apart from unknown tails.
                self.watched(scope).await?;
                return Ok(false);
            }
            let changes = [
                Write::Put(keys::TAILS.to_owned(), json(&list)),
                Write::Delete(keys::tail(id)),
            ];
            let expected = [(keys::TAILS.to_owned(), before)];
            if self.store.write_if(&expected, &changes).await? {
                return Ok(true);
            }
        }
        Err(ControlError::Busy)
    }

    /// That there is what a scope names.
    async fn watched(&self, scope: &Scope) -> Result<(), ControlError> {
        match &scope.worker {
            Some(worker) => {
                let tenant = scoped(&scope.namespace, worker)?;
                self.script(&tenant).await.map(drop)
            }
            None => self.namespace(&scope.namespace).await.map(drop),
        }
    }

    async fn open_tails(&self) -> Result<(Vec<Opened>, Option<bytes::Bytes>), ControlError> {
        Ok(match self.read::<Vec<Opened>>(keys::TAILS).await? {
            Some((list, bytes)) => (list, Some(bytes)),
            None => (Vec::new(), None),
        })
    }
}

/// The id of the tail that a secret opens; it tells nothing of the secret.
pub fn tail_id(key: &str) -> String {
    stable_id(key)
}

fn scoped(namespace: &str, worker: &str) -> Result<TenantId, InvalidName> {
    match namespace {
        REGULAR => TenantId::regular(worker),
        namespace => TenantId::new(namespace, worker),
    }
}
