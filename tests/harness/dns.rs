//! A DNS server that answers what a test says, and keeps nothing for a moment.

use std::net::IpAddr;

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// Length of a message's header (RFC 1035 §4.1.1).
const HEADER: usize = 12;
/// The types of records that are asked for (RFC 1035 §3.2.2, RFC 3596 §2.1).
const A: u16 = 1;
const AAAA: u16 = 28;

/// A server on this machine; it ends with its test.
pub(crate) struct Dns {
    port: u16,
    task: JoinHandle<()>,
}

impl Dns {
    /// A server that answers each question with what these addresses of the name have of the family asked for. The
    /// number is how often that very question was asked before.
    pub(crate) async fn answering(
        addresses: impl Fn(&str, usize) -> Vec<IpAddr> + Send + 'static,
    ) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let port = socket.local_addr().expect("an address").port();
        let task = tokio::spawn(async move {
            let mut asked = std::collections::HashMap::<(String, u16), usize>::new();
            let mut buffer = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let Some((name, kind, end)) = question(&buffer[..length]) else {
                    continue;
                };
                let times = asked.entry((name.clone(), kind)).or_default();
                let found = addresses(&name, *times);
                *times += 1;
                let _ = socket
                    .send_to(&answer(&buffer[..end], kind, &found), from)
                    .await;
            }
        });
        Self { port, task }
    }

    /// The setting that has an edge ask this server.
    pub(crate) fn setting(&self) -> String {
        format!("egress.dns_servers=127.0.0.1:{}", self.port)
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A query's name and type, and where its question ends.
fn question(query: &[u8]) -> Option<(String, u16, usize)> {
    let (mut at, mut name) = (HEADER, String::new());
    loop {
        let length = usize::from(*query.get(at)?);
        let label = query.get(at + 1..at + 1 + length)?;
        at += 1 + length;
        if length == 0 {
            break;
        }
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(&String::from_utf8_lossy(label).to_lowercase());
    }
    let kind = u16::from_be_bytes([*query.get(at)?, *query.get(at + 1)?]);
    Some((name, kind, at + 4))
}

fn answer(query: &[u8], kind: u16, addresses: &[IpAddr]) -> Vec<u8> {
    let records: Vec<Vec<u8>> = addresses
        .iter()
        .filter_map(|address| match (kind, address) {
            (A, IpAddr::V4(v4)) => Some(v4.octets().to_vec()),
            (AAAA, IpAddr::V6(v6)) => Some(v6.octets().to_vec()),
            _ => None,
        })
        .collect();
    let mut message = query.to_vec();
    // A response, recursion desired and available, no error; one question, so many answers, nothing else.
    message[2..4].copy_from_slice(&[0x81, 0x80]);
    message[4..HEADER].copy_from_slice(&[0, 1, 0, records.len() as u8, 0, 0, 0, 0]);
    for record in records {
        // The question's name, class IN, to be kept for no time.
        message.extend([0xc0, HEADER as u8]);
        message.extend(kind.to_be_bytes());
        message.extend([0, 1, 0, 0, 0, 0, 0, record.len() as u8]);
        message.extend(record);
    }
    message
}
