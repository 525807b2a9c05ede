//! The one identity of the data plane: a tenant is one user worker.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

/// The namespace that regular workers (dispatchers, outbound workers) live in.
pub const REGULAR: &str = "_";

/// The longest name a namespace or worker may have, in bytes; Cloudflare's own bound for scripts.
const NAME_BYTES_MAX: usize = 255;

/// A dispatch namespace and a worker's name in it; cheap to clone.
///
/// Everything kept or counted for a tenant derives its key from this value.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TenantId(Arc<Names>);

#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Names {
    namespace: Box<str>,
    worker: Box<str>,
}

/// A namespace or worker name that cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "{what} name {name:?} cannot be used: names are 1 to {NAME_BYTES_MAX} characters of a-z, A-Z, 0-9, `_` and `-`, \
     and do not begin with `-`"
)]
pub struct InvalidName {
    what: &'static str,
    name: String,
}

impl TenantId {
    /// A user worker of a dispatch namespace.
    ///
    /// # Errors
    /// [`InvalidName`] when either name has other characters than names may have, or the namespace is `_`.
    pub fn new(namespace: &str, worker: &str) -> Result<Self, InvalidName> {
        if namespace == REGULAR {
            return Err(invalid("namespace", namespace));
        }
        check("namespace", namespace)?;
        check("worker", worker)?;
        Ok(Self::from_checked(namespace, worker))
    }

    /// A regular worker: one outside any dispatch namespace.
    ///
    /// # Errors
    /// [`InvalidName`] when the name has other characters than names may have.
    pub fn regular(worker: &str) -> Result<Self, InvalidName> {
        check("worker", worker)?;
        Ok(Self::from_checked(REGULAR, worker))
    }

    /// Reads `namespace/worker`, or `worker` alone for a regular worker.
    ///
    /// # Errors
    /// [`InvalidName`] as for [`TenantId::new`].
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        match text.split_once('/') {
            Some((REGULAR, worker)) => Self::regular(worker),
            Some((namespace, worker)) => Self::new(namespace, worker),
            None => Self::regular(text),
        }
    }

    fn from_checked(namespace: &str, worker: &str) -> Self {
        Self(Arc::new(Names {
            namespace: namespace.into(),
            worker: worker.into(),
        }))
    }

    /// The dispatch namespace, or [`REGULAR`].
    pub fn namespace(&self) -> &str {
        &self.0.namespace
    }

    /// The worker's name within its namespace.
    pub fn worker(&self) -> &str {
        &self.0.worker
    }
}

/// Written the way it is parsed: `namespace/worker`, or `worker` for a regular one.
impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace() == REGULAR {
            f.write_str(self.worker())
        } else {
            write!(f, "{}/{}", self.namespace(), self.worker())
        }
    }
}

impl fmt::Debug for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn check(what: &'static str, name: &str) -> Result<(), InvalidName> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if name.is_empty()
        || name.len() > NAME_BYTES_MAX
        || name.starts_with('-')
        || !name.bytes().all(allowed)
    {
        return Err(invalid(what, name));
    }
    Ok(())
}

fn invalid(what: &'static str, name: &str) -> InvalidName {
    InvalidName {
        what,
        name: name.chars().take(64).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_written_as_it_is_read() {
        for text in ["shop", "production/shop", "a_b/c-d"] {
            assert_eq!(
                TenantId::parse(text).map(|t| t.to_string()),
                Ok(text.to_owned())
            );
        }
        assert_eq!(TenantId::parse("_/shop"), TenantId::regular("shop"));
    }

    #[test]
    fn names_that_could_reach_into_other_keys_are_refused() {
        for text in [
            "", "/", "a/", "/b", "a/b/c", "a:b", "a/{b}", "a/*", "a/b\n", "-a", "a/-b", "ä",
        ] {
            assert!(TenantId::parse(text).is_err(), "{text:?}");
        }
        assert!(TenantId::new(REGULAR, "a").is_err());
        assert!(TenantId::regular(&"a".repeat(256)).is_err());
    }
}
