//! What an outgoing request says of where it comes from, in a header that nobody else can write: so that a worker
//! which fetches its own hostname through the front door goes on where it was, and does not begin anew.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::HeaderValue;

use crate::secrets::Keyring;
use crate::traces::SpanContext;

/// The header's name. Guests can neither set nor see headers that begin like it.
pub const HEADER: &str = "x-cirque-via";
/// What the keyed hash is for.
const PURPOSE: &str = "cirque 2026 loops";
/// Of the keyed hash, as many hex digits.
const MAC_DIGITS: usize = 32;

/// Where an outgoing request stands in the tree of invocations that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// The tree's number.
    pub tree: u64,
    /// Invocations above the request.
    pub depth: u8,
    /// Requests that may still be sent.
    pub requests_left: u64,
    /// How long the tree may still take.
    pub left: Duration,
    /// The span that the request is sent by, where it is traced.
    pub span: Option<SpanContext>,
}

impl Via {
    /// The header's value.
    pub fn sign(&self, keyring: &Keyring) -> Option<HeaderValue> {
        let mut facts = format!(
            "{:016x}.{}.{}.{}",
            self.tree,
            self.depth,
            self.requests_left,
            self.left.as_millis()
        );
        // Nodes that know nothing of it read no further.
        if let Some(span) = &self.span {
            facts = format!("{facts}.{span}");
        }
        let hashes = keyring.hashes(PURPOSE, &facts);
        let mac = hashes.first()?.get(..MAC_DIGITS)?;
        HeaderValue::from_str(&format!("{facts}.{mac}")).ok()
    }

    /// Reads a header's value, unless somebody else has written it.
    pub fn verify(value: &HeaderValue, keyring: &Keyring) -> Option<Self> {
        let (facts, mac) = value.to_str().ok()?.rsplit_once('.')?;
        let is_ours = |hash: &String| {
            hash.get(..MAC_DIGITS).is_some_and(|ours| {
                verify_slices_are_equal(ours.as_bytes(), mac.as_bytes()).is_ok()
            })
        };
        if !keyring.hashes(PURPOSE, facts).iter().any(is_ours) {
            return None;
        }
        let mut parts = facts.split('.');
        let mut next = || parts.next();
        Some(Self {
            tree: u64::from_str_radix(next()?, 16).ok()?,
            depth: next()?.parse().ok()?,
            requests_left: next()?.parse().ok()?,
            left: Duration::from_millis(next()?.parse().ok()?),
            span: next().and_then(|span| SpanContext::parse(span.as_bytes())),
        })
    }
}
