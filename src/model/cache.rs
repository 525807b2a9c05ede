//! Whose cached responses they are, and what is to be forgotten of them, in the order it was asked for.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Origin, REGULAR, TenantId};

/// Purges that a log holds; a node that missed more forgets all.
const KEPT: usize = 500;

/// Whose responses they are: nobody else finds them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CacheOwner {
    /// One user worker, or one of the platform's own.
    Worker(TenantId),
    /// All workers of a namespace that trusts them.
    Namespace(String),
    /// An origin, whichever hostnames lead to it.
    Origin(Origin),
}

/// One name for each owner, by which purges are kept.
impl fmt::Display for CacheOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Worker(tenant) => {
                write!(f, "worker:{{{}}}:{}", tenant.namespace(), tenant.worker())
            }
            Self::Namespace(name) => write!(f, "namespace:{{{name}}}"),
            Self::Origin(origin) => write!(f, "origin:{origin}"),
        }
    }
}

impl CacheOwner {
    /// The owner of this name; `None` when nobody can have it.
    pub fn parse(name: &str) -> Option<Self> {
        let (kind, rest) = name.split_once(':')?;
        match kind {
            "worker" => {
                let (namespace, worker) = rest.strip_prefix('{')?.rsplit_once("}:")?;
                let tenant = match namespace {
                    REGULAR => TenantId::regular(worker),
                    namespace => TenantId::new(namespace, worker),
                };
                Some(Self::Worker(tenant.ok()?))
            }
            "namespace" => {
                let name = rest.strip_prefix('{')?.strip_suffix('}')?;
                Some(Self::Namespace(name.to_owned()))
            }
            "origin" => Some(Self::Origin(Origin::parse(rest).ok()?)),
            _ => None,
        }
    }
}

/// One thing to forget.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purge {
    /// All there is.
    Everything,
    /// The response of this URL, whatever it varies by.
    Url(String),
    /// All whose URL, without its scheme, begins with this.
    Prefix(String),
    /// All with this tag, in lower case.
    Tag(String),
    /// All of this host, or of all below `*.` it.
    Host(String),
}

/// The purges of one cache, numbered without a gap.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgeLog {
    /// The number of the newest.
    pub last: u64,
    /// The newest, in the order of their numbers.
    #[serde(default)]
    pub purges: Vec<Purge>,
}

impl PurgeLog {
    /// Adds purges, and drops what is older than a log keeps.
    pub fn add(&mut self, purges: impl IntoIterator<Item = Purge>) {
        for purge in purges {
            self.last += 1;
            // What came before is forgotten with all the rest.
            if purge == Purge::Everything {
                self.purges.clear();
            }
            self.purges.push(purge);
        }
        let surplus = self.purges.len().saturating_sub(KEPT);
        self.purges.drain(..surplus);
    }

    /// The purges after number `seen`; `None` when some of them are no longer known, so that all must go.
    pub fn after(&self, seen: u64) -> Option<&[Purge]> {
        let missed = usize::try_from(self.last.saturating_sub(seen)).unwrap_or(usize::MAX);
        let first = self.purges.len().checked_sub(missed);
        match first {
            Some(first) => Some(&self.purges[first..]),
            // A purge of everything makes up for those before it.
            None if self.purges.first() == Some(&Purge::Everything) => Some(&self.purges),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_read_as_it_is_written() {
        for name in [
            "worker:{production}:shop",
            "worker:{_}:dispatcher",
            "namespace:{production}",
            "origin:http://10.0.0.7:8000",
            "origin:https://example.com:443",
        ] {
            let owner = CacheOwner::parse(name).expect(name);
            assert_eq!(owner.to_string(), name);
        }
        for name in ["", "worker:shop", "worker:{a}", "origin:", "other:{a}:b"] {
            assert_eq!(CacheOwner::parse(name), None, "{name}");
        }
    }

    fn tag(n: usize) -> Purge {
        Purge::Tag(n.to_string())
    }

    #[test]
    fn a_node_gets_what_it_missed_and_no_more() {
        let mut log = PurgeLog::default();
        assert_eq!(log.after(0), Some(&[][..]));
        log.add([tag(1), tag(2), tag(3)]);
        assert_eq!(log.after(0), Some(&[tag(1), tag(2), tag(3)][..]));
        assert_eq!(log.after(2), Some(&[tag(3)][..]));
        assert_eq!(log.after(3), Some(&[][..]));
        // A log that began anew, because the store was emptied.
        assert_eq!(log.after(7), Some(&[][..]));
    }

    #[test]
    fn who_missed_too_much_forgets_all() {
        let mut log = PurgeLog::default();
        log.add((0..KEPT + 10).map(tag));
        assert_eq!(log.purges.len(), KEPT);
        assert_eq!(log.after(9), None);
        assert_eq!(log.after(10).map(<[Purge]>::len), Some(KEPT));
        log.add([Purge::Everything, tag(1)]);
        assert_eq!(log.after(3), Some(&[Purge::Everything, tag(1)][..]));
    }
}
