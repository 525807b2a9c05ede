//! A token: what a client of the control API may do. The token itself is nowhere kept, only what it may do.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A token record as it lies in the store, under a keyed hash of the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// 32 hex digits; tells it apart in lists and in the audit.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub access: Access,
    /// The dispatch namespace it is bound to; without one the whole account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The address that `X-Auth-Email` has to name, if the token has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When it was made, RFC 3339.
    pub created_on: String,
    /// When it ends, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<String>,
}

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Look.
    Read,
    /// Look and change.
    Write,
}

impl Token {
    /// Whether its time is over; an end that cannot be read counts as over.
    pub fn is_expired(&self, now: OffsetDateTime) -> bool {
        let end = |text: &String| OffsetDateTime::parse(text, &Rfc3339);
        self.expires_on
            .as_ref()
            .is_some_and(|text| end(text).map_or(true, |end| end <= now))
    }
}
