//! The lists of `[egress]`, read.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;

use ipnet::IpNet;

use super::{ConfError, EgressConf};
use crate::model::HostnamePattern;

/// The smallest buffer that hyper reads responses with.
const HEADER_BYTES_MIN: usize = 8 << 10;
/// A port of DNS.
const DNS: u16 = 53;

/// Where workers may go, and whom they ask for the way.
#[derive(Clone, Debug, Default)]
pub struct EgressRules {
    /// `egress.allow_hosts`.
    pub allow_hosts: Vec<HostnamePattern>,
    /// `egress.deny_hosts`.
    pub deny_hosts: Vec<HostnamePattern>,
    /// `egress.allow_ports`.
    pub allow_ports: Vec<RangeInclusive<u16>>,
    /// `egress.allow_addresses`.
    pub allow_addresses: Vec<IpNet>,
    /// `egress.deny_addresses`.
    pub deny_addresses: Vec<IpNet>,
    /// `egress.dns_servers`.
    pub dns_servers: Vec<SocketAddr>,
}

impl EgressConf {
    pub(super) fn rules(
        &self,
        fail: &impl Fn(&str, String) -> ConfError,
    ) -> Result<EgressRules, ConfError> {
        if self.header_bytes < HEADER_BYTES_MIN {
            return Err(fail(
                "egress.header_bytes",
                format!(
                    "is below {HEADER_BYTES_MIN}, less than the parser needs; write at least {HEADER_BYTES_MIN}"
                ),
            ));
        }
        let network = "which is no address or network; write \"10.0.0.0/8\" or \"127.0.0.1\"";
        let host = "which is no host; write \"example.com\", \"*.example.com\" or an address";
        let port = "which is no port; write \"443\" or \"1024-65535\"";
        let server = "which is no address; write \"9.9.9.9\" or \"127.0.0.1:5353\"";
        Ok(EgressRules {
            allow_hosts: each("egress.allow_hosts", &self.allow_hosts, host, fail, pattern)?,
            deny_hosts: each("egress.deny_hosts", &self.deny_hosts, host, fail, pattern)?,
            allow_ports: each("egress.allow_ports", &self.allow_ports, port, fail, ports)?,
            allow_addresses: each(
                "egress.allow_addresses",
                &self.allow_addresses,
                network,
                fail,
                net,
            )?,
            deny_addresses: each(
                "egress.deny_addresses",
                &self.deny_addresses,
                network,
                fail,
                net,
            )?,
            dns_servers: each("egress.dns_servers", &self.dns_servers, server, fail, dns)?,
        })
    }
}

/// Reads every text of a list.
fn each<T>(
    key: &str,
    texts: &[String],
    advice: impl Display,
    fail: &impl Fn(&str, String) -> ConfError,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, ConfError> {
    let read =
        |text: &String| read(text).ok_or_else(|| fail(key, format!("has {text:?}, {advice}")));
    texts.iter().map(read).collect()
}

fn pattern(text: &str) -> Option<HostnamePattern> {
    // An IPv6 address is written as anywhere else, and held against URLs, which put it into brackets.
    let address: Result<std::net::Ipv6Addr, _> = text.parse();
    let text = address.map_or(text.to_owned(), |v6| format!("[{v6}]"));
    HostnamePattern::parse(&text).ok()
}

fn ports(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let range = first.trim().parse().ok()?..=last.trim().parse().ok()?;
    (*range.start() > 0 && !range.is_empty()).then_some(range)
}

fn net(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address)
}

fn dns(text: &str) -> Option<SocketAddr> {
    let address = || Some(SocketAddr::new(text.parse().ok()?, DNS));
    text.parse().ok().or_else(address)
}
