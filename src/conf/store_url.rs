//! `store.url`: which store, and where.

use std::path::PathBuf;

/// Redis' own port.
const REDIS: u16 = 6379;

/// `store.url`, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreUrl {
    /// A file on this node.
    Embedded(PathBuf),
    /// One Redis server, `redis://` or `rediss://`.
    Redis(String),
    /// Sentinels that know the server: their addresses as `redis://`, and the name they know it under.
    Sentinel {
        /// Addresses of sentinels, `redis://host:port`.
        sentinels: Vec<String>,
        /// The name of the watched server.
        service: String,
        /// User, password and database of the server itself, as a `redis://` URL without host.
        server: String,
    },
    /// Nodes of a cluster to start from, `redis://host:port`.
    Cluster(Vec<String>),
}

impl StoreUrl {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("file:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return (!path.is_empty()).then(|| Self::Embedded(path.into()));
        }
        let (scheme, rest) = text.split_once("://")?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (credentials, hosts) = authority
            .rsplit_once('@')
            .map_or(("", authority), |(c, h)| (c, h));
        let hosts: Vec<&str> = hosts.split(',').collect();
        if hosts.iter().any(|h| h.is_empty()) {
            return None;
        }
        let at = if credentials.is_empty() {
            String::new()
        } else {
            format!("{credentials}@")
        };
        match scheme {
            "redis" | "rediss" => (hosts.len() == 1).then(|| Self::Redis(text.to_owned())),
            "redis+cluster" => Some(Self::Cluster(
                hosts
                    .iter()
                    .map(|host| format!("redis://{at}{host}/"))
                    .collect(),
            )),
            "redis+sentinel" => {
                // redis+sentinel://[user:password@]host:port[,host:port]/service[/database]
                let (service, database) = path.split_once('/').unwrap_or((path, "0"));
                (!service.is_empty()).then(|| Self::Sentinel {
                    sentinels: hosts
                        .iter()
                        .map(|host| format!("redis://{host}/"))
                        .collect(),
                    service: service.to_owned(),
                    server: format!("redis://{at}server/{database}"),
                })
            }
            _ => None,
        }
    }

    /// Hosts and ports of the servers it names; none for a file.
    pub fn servers(&self) -> Vec<(String, u16)> {
        let urls = match self {
            Self::Embedded(_) => &[],
            Self::Redis(url) => std::slice::from_ref(url),
            Self::Sentinel { sentinels, .. } => sentinels.as_slice(),
            Self::Cluster(nodes) => nodes.as_slice(),
        };
        let server = |url: &String| {
            let url = url::Url::parse(url).ok()?;
            Some((url.host_str()?.to_owned(), url.port().unwrap_or(REDIS)))
        };
        urls.iter().filter_map(server).collect()
    }
}
