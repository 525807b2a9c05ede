//! Whose cache, which of his caches, and which response in it: nothing of two owners ever has one key.

use std::borrow::Borrow;
use std::sync::Arc;

use url::Url;

use crate::model::{CacheOwner, TenantId};

/// Which of an owner's caches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// Of HTTP responses.
    Http,
    /// Of HTTP responses that another worker, by this name, fetched on the owner's behalf: with rights of its own, perhaps.
    Outbound(&'a TenantId),
    /// One that a worker opened by name (`caches.open`).
    Named(&'a str),
    /// The one that needs no name (`caches.default`).
    Default,
}

/// What every key of one cache begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prefix(Arc<[u8]>);

impl Prefix {
    /// The cache of this kind; one of another `epoch`, a deployment for instance, is another.
    pub(super) fn new(owner: &CacheOwner, kind: Kind<'_>, epoch: &str) -> Self {
        let mut bytes = Vec::with_capacity(96);
        frame(&mut bytes, owner.to_string().as_bytes());
        frame(&mut bytes, epoch.as_bytes());
        match kind {
            Kind::Http => bytes.push(0),
            Kind::Outbound(worker) => {
                bytes.push(3);
                frame(&mut bytes, worker.to_string().as_bytes());
            }
            Kind::Default => bytes.push(1),
            Kind::Named(name) => {
                bytes.push(2);
                frame(&mut bytes, name.as_bytes());
            }
        }
        Self(bytes.into())
    }

    /// The key of a response.
    pub(super) fn key(&self, name: &str) -> Key {
        let mut bytes = Vec::with_capacity(self.0.len() + name.len());
        bytes.extend_from_slice(&self.0);
        bytes.extend_from_slice(name.as_bytes());
        Key(bytes.into())
    }
}

/// Every part but the last says first how long it is.
fn frame(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
    bytes.extend_from_slice(part);
}

/// The key of a response.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key(Arc<[u8]>);

impl Key {
    /// Its size in memory.
    pub(super) fn bytes(&self) -> usize {
        self.0.len()
    }
}

impl Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

/// A URL as it stands in keys and purges: without what no server is sent.
pub fn address(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    // A URL that cannot have them has none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn owner() -> impl Strategy<Value = CacheOwner> {
        let name = "[a-z0-9][a-z0-9_-]{0,6}";
        prop_oneof![
            (name, name).prop_map(|(namespace, worker)| {
                CacheOwner::Worker(TenantId::new(&namespace, &worker).expect("names"))
            }),
            "[a-z:{}/ ]{1,12}".prop_map(CacheOwner::Namespace),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn no_two_caches_share_a_key(
            a in owner(), b in owner(),
            kinds in (0..3, 0..3),
            names in ("[a-z\\x00]{0,4}", "[a-z\\x00]{0,4}"),
            epochs in ("[a-z\\x00]{0,3}", "[a-z\\x00]{0,3}"),
            urls in ("[a-z\\x00:{}]{0,40}", "[a-z\\x00:{}]{0,40}"),
        ) {
            let kind = |kind, name| match kind {
                0 => Kind::Http,
                1 => Kind::Default,
                _ => Kind::Named(name),
            };
            let (first, second) = (kind(kinds.0, &names.0), kind(kinds.1, &names.1));
            let is_same = a == b && first == second && epochs.0 == epochs.1 && urls.0 == urls.1;
            let left = Prefix::new(&a, first, &epochs.0).key(&urls.0);
            let right = Prefix::new(&b, second, &epochs.1).key(&urls.1);
            prop_assert_eq!(left == right, is_same);
        }
    }

    #[test]
    fn a_url_has_one_way_to_be_written() {
        for (url, expected) in [
            ("HTTP://Example.COM:80/a?b#c", "http://example.com/a?b"),
            ("https://u:p@example.com", "https://example.com/"),
            ("http://example.com/a%2Fb", "http://example.com/a%2Fb"),
        ] {
            assert_eq!(address(&Url::parse(url).expect("a URL")), expected);
        }
    }
}
