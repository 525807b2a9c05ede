//! Lists of a zone's custom hostnames, filtered and page by page.

use super::hostname_rules::{self, HostnameError};
use super::{Control, ControlError};
use crate::model::{CustomHostname, Hostname};
use crate::store::custom_hostnames as records;
use crate::store::keys;

/// Members of a zone's set that are looked at at a time.
const BATCH: usize = 1_000;

/// Which custom hostnames are wanted; all of what is there has to hold.
#[derive(Clone, Debug, Default)]
pub struct HostnameFilter {
    /// This id.
    pub id: Option<String>,
    /// This hostname.
    pub exact: Option<String>,
    /// A hostname with this in it.
    pub contain: Option<String>,
    /// A hostname that begins with this.
    pub starts_with: Option<String>,
    /// This status, by its documented name.
    pub status: Option<String>,
    /// A certificate of this status.
    pub ssl_status: Option<String>,
    /// Whether a certificate is wanted for it.
    pub has_ssl: Option<bool>,
    /// Whether its certificate covers the names below it.
    pub wildcard: Option<bool>,
    /// The authority that is asked.
    pub certificate_authority: Option<String>,
    /// This origin.
    pub origin: Option<String>,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostnameOrder {
    /// By hostname.
    #[default]
    Hostname,
    /// Those without a certificate first.
    Ssl,
    /// By the certificate's status.
    SslStatus,
}

/// One page.
#[derive(Debug)]
pub struct HostnamePage {
    /// What is on it.
    pub items: Vec<CustomHostname>,
    /// How many there are on all pages.
    pub total: usize,
}

impl HostnameFilter {
    /// Whether a hostname may be wanted, as far as its name says.
    fn takes_name(&self, name: &str) -> bool {
        self.exact.as_ref().is_none_or(|exact| name == exact)
            && self.contain.as_ref().is_none_or(|part| name.contains(part))
            && self
                .starts_with
                .as_ref()
                .is_none_or(|start| name.starts_with(start))
    }

    fn takes(&self, hostname: &CustomHostname) -> bool {
        let ssl = hostname.ssl.as_ref();
        let ssl_status = ssl.map(|ssl| status_name(&ssl.status));
        let authority = ssl.map(|ssl| ssl.certificate_authority.as_str());
        self.status
            .as_deref()
            .is_none_or(|wanted| wanted == hostname.status.name())
            && (self.ssl_status.is_none() || self.ssl_status == ssl_status)
            && self.has_ssl.is_none_or(|wanted| wanted == ssl.is_some())
            && self
                .wildcard
                .is_none_or(|wanted| wanted == ssl.is_some_and(|ssl| ssl.wildcard))
            && (self.certificate_authority.is_none()
                || self.certificate_authority.as_deref() == authority)
            && (self.origin.is_none() || self.origin == hostname.wanted.origin)
    }

    /// Whether names alone decide, so that no object has to be read to know.
    fn is_by_name(&self) -> bool {
        self.status.is_none()
            && self.ssl_status.is_none()
            && self.has_ssl.is_none()
            && self.wildcard.is_none()
            && self.certificate_authority.is_none()
            && self.origin.is_none()
    }
}

impl Control {
    /// A page of a zone's custom hostnames; page numbers begin with 1, and pages beyond the last are empty.
    ///
    /// # Errors
    /// [`HostnameError::Zone`] for what is no zone; [`ControlError::Store`] when the store cannot be asked.
    pub async fn custom_hostnames(
        &self,
        zone: &str,
        filter: &HostnameFilter,
        (order, is_descending): (HostnameOrder, bool),
        page: usize,
        per_page: usize,
    ) -> Result<HostnamePage, ControlError> {
        hostname_rules::zone(zone)?;
        if let Some(id) = &filter.id {
            let found = match self.custom_hostname(zone, id).await {
                Ok(found) => vec![found],
                Err(ControlError::Hostname(HostnameError::Missing)) => Vec::new(),
                Err(error) => return Err(error),
            };
            let total = found.len();
            let items = if page == 1 { found } else { Vec::new() };
            return Ok(HostnamePage { items, total });
        }
        let mut ids = self.ids(zone, filter).await?;
        if !filter.is_by_name() || order != HostnameOrder::Hostname {
            ids = self.ids_that_fit(ids, filter, order).await?;
        }
        if is_descending {
            ids.reverse();
        }
        let total = ids.len();
        let skipped = (page - 1).saturating_mul(per_page);
        let wanted: Vec<&str> = ids
            .iter()
            .skip(skipped)
            .take(per_page)
            .map(String::as_str)
            .collect();
        let items = records::read_all(&*self.store, &wanted).await?;
        Ok(HostnamePage { items, total })
    }

    /// The ids of those whose names fit, in the order of their names.
    async fn ids(&self, zone: &str, filter: &HostnameFilter) -> Result<Vec<String>, ControlError> {
        let set = keys::custom_hostnames(zone);
        // The names are in order, so a beginning says where to begin, and where to stop.
        let start = match (&filter.exact, &filter.starts_with) {
            (Some(exact), _) => format!("{exact} "),
            (None, Some(start)) => start.clone(),
            (None, None) => String::new(),
        };
        let mut after = start.clone();
        let mut found = Vec::new();
        loop {
            let members = self.store.members(&set, &after, BATCH).await?;
            let Some(last) = members.last() else { break };
            after.clone_from(last);
            let is_over = !last.starts_with(&start);
            let fitting = members.iter().filter_map(|member| {
                let (name, id) = member.split_once(' ')?;
                (member.starts_with(&start) && filter.takes_name(name)).then(|| id.to_owned())
            });
            found.extend(fitting);
            if is_over || members.len() < BATCH {
                break;
            }
        }
        Ok(found)
    }

    async fn ids_that_fit(
        &self,
        ids: Vec<String>,
        filter: &HostnameFilter,
        order: HostnameOrder,
    ) -> Result<Vec<String>, ControlError> {
        let mut found = Vec::new();
        for batch in ids.chunks(BATCH) {
            let batch: Vec<&str> = batch.iter().map(String::as_str).collect();
            for hostname in records::read_all(&*self.store, &batch).await? {
                if filter.takes(&hostname) {
                    let ssl = hostname.ssl.as_ref();
                    let rank = match order {
                        HostnameOrder::Hostname => String::new(),
                        HostnameOrder::Ssl => u8::from(ssl.is_some()).to_string(),
                        HostnameOrder::SslStatus => {
                            ssl.map(|ssl| status_name(&ssl.status)).unwrap_or_default()
                        }
                    };
                    found.push((rank, hostname.id));
                }
            }
        }
        // A stable sort: within a rank they stay in the order of their names.
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }
}

/// A hostname as a filter names it: in its canonical spelling, if it has one.
pub fn name_to_find(text: &str) -> String {
    let (star, name) = match text.strip_prefix("*.") {
        Some(name) => ("*.", name),
        None => ("", text),
    };
    match Hostname::parse(name) {
        Ok(name) => format!("{star}{name}"),
        Err(_) => text.to_ascii_lowercase(),
    }
}

/// A documented status, as text.
fn status_name(status: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(status).ok();
    let text = value.and_then(|value| value.as_str().map(str::to_owned));
    text.unwrap_or_default()
}
