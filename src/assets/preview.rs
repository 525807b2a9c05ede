//! What assets would answer, for whoever explains it: nothing is read but their list.

use http::StatusCode;

use super::site::Site;
use super::{Head, Otherwise, asked, decide};
use crate::model::AssetsConfig;

/// The status of a visitor's answer by a list of files, as it lies in the store; `None` within when the request is for the
/// worker, and `None` for what is no list.
pub fn status(
    site: &[u8],
    config: &AssetsConfig,
    request: Head<'_>,
    otherwise: Otherwise,
) -> Option<Option<StatusCode>> {
    let site = serde_json::from_slice(site).ok()?;
    let site = Site::new(site).ok()?;
    let Some((otherwise, falls_back)) = asked(config, request, otherwise) else {
        return Some(None);
    };
    let answer = decide(&site, config, request, otherwise, falls_back);
    Some(answer.map(|answer| answer.status))
}
