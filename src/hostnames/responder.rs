//! A small name server for challenges that customers delegate to the platform (RFC 8555 §8.4): it knows TXT records of one
//! zone, and nothing else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::proto::op::{Header, HeaderCounts, Metadata, OpCode, ResponseCode};
use hickory_server::proto::rr::rdata::{NS, SOA, TXT};
use hickory_server::proto::rr::{LowerName, Name, RData, Record, RecordType};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::Semaphore;

use crate::model::Hostname;
use crate::store::keys;
use crate::store::known::Known;
use crate::tls::Challenge;

/// How long what is answered may be kept; the values are good for one order.
const TTL_S: u32 = 5;
/// How long an idle TCP connection is kept.
const TCP_IDLE: Duration = Duration::from_secs(5);
/// Bytes of answers that wait on one TCP connection.
const TCP_BUFFER: usize = 32;
/// Questions that are looked at at a time. Anybody may ask, in anybody's name, and each new name is a question to the
/// store; an answer takes a few milliseconds, so these are tens of thousands in a second.
const AT_A_TIME: usize = 256;

/// The name server, once it listens.
pub struct Responder(Server<Answers>);

impl Responder {
    /// Listens for questions about the zone.
    ///
    /// # Errors
    /// What the system says when the address cannot be listened on.
    pub async fn listen(
        address: SocketAddr,
        zone: &Hostname,
        challenges: Arc<Known<Challenge>>,
    ) -> std::io::Result<Self> {
        let udp = UdpSocket::bind(address).await?;
        let tcp = TcpListener::bind(address).await?;
        let zone = Name::from_ascii(format!("{zone}.")).map_err(std::io::Error::other)?;
        let mut server = Server::new(Answers {
            first: zone.clone(),
            zone: LowerName::new(&zone),
            challenges,
            seats: Semaphore::new(AT_A_TIME),
        });
        server.register_socket(udp);
        server.register_listener(tcp, TCP_IDLE, TCP_BUFFER);
        Ok(Self(server))
    }

    /// Answers, for as long as the process runs.
    pub async fn run(mut self) {
        if let Err(error) = self.0.block_until_done().await {
            tracing::error!(%error, "the responder for delegated challenges has ended");
        }
    }
}

struct Answers {
    first: Name,
    zone: LowerName,
    challenges: Arc<Known<Challenge>>,
    seats: Semaphore,
}

impl Answers {
    /// What is looked up for a name of the zone, `<hostname>.<uuid>.<zone>`: all before the zone, if it is of that shape.
    fn label(&self, asked: &LowerName) -> Option<String> {
        let text = asked.to_string();
        let zone = self.zone.to_string();
        let below = text.strip_suffix(zone.as_str())?.strip_suffix('.')?;
        is_delegation(below).then(|| below.to_owned())
    }

    async fn values(&self, asked: &LowerName) -> Vec<String> {
        let Some(label) = self.label(asked) else {
            return Vec::new();
        };
        match self.challenges.get(&keys::dns_challenge(&label)).await {
            // Each line begins with the custom hostname that it is for.
            Ok(Some(challenge)) => {
                let texts = challenge.0.lines().filter_map(|line| line.split_once(' '));
                texts.map(|(_, text)| text.to_owned()).collect()
            }
            _ => Vec::new(),
        }
    }

    fn soa(&self) -> Record {
        let soa = SOA::new(
            self.first.clone(),
            self.first.clone(),
            1,
            3_600,
            600,
            86_400,
            5,
        );
        Record::from_rdata(self.first.clone(), TTL_S, RData::SOA(soa))
    }
}

/// Whether a text is `<hostname>.<uuid>`, so that a challenge may lie there.
fn is_delegation(text: &str) -> bool {
    let Some((hostname, uuid)) = text.rsplit_once('.') else {
        return false;
    };
    let is_canonical = |name: Hostname| name.as_str() == hostname;
    is_delegation_uuid(uuid) && Hostname::parse(hostname).is_ok_and(is_canonical)
}

/// Whether a text may be what `delegation_uuid` makes, which stands in customers' DNS for years: hex digits, as few as
/// they are now or as many as a UUID has, with or without its dashes.
fn is_delegation_uuid(text: &str) -> bool {
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    matches!(parts[..], [16] | [32] | [8, 4, 4, 4, 12])
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[async_trait::async_trait]
impl RequestHandler for Answers {
    async fn handle_request<R: ResponseHandler, T: Time>(
        &self,
        request: &Request,
        mut response: R,
    ) -> ResponseInfo {
        let builder = MessageResponseBuilder::from_message_request(request);
        let failed = |code| {
            let mut metadata = Metadata::response_from_request(&request.metadata);
            metadata.response_code = code;
            ResponseInfo::from(Header {
                metadata,
                counts: HeaderCounts::default(),
            })
        };
        let Ok(_seat) = self.seats.try_acquire() else {
            // No answer: whoever is real asks again, and whoever was only named is not bothered.
            return failed(ResponseCode::ServFail);
        };
        let info = request.request_info();
        let (asked, kind) = match info {
            Ok(info) if request.metadata.op_code == OpCode::Query => {
                (info.query.name().clone(), info.query.query_type())
            }
            _ => {
                let message = builder.error_msg(&request.metadata, ResponseCode::NotImp);
                return response
                    .send_response(message)
                    .await
                    .unwrap_or_else(|_| failed(ResponseCode::NotImp));
            }
        };
        if !self.zone.zone_of(&asked) {
            let message = builder.error_msg(&request.metadata, ResponseCode::Refused);
            return response
                .send_response(message)
                .await
                .unwrap_or_else(|_| failed(ResponseCode::Refused));
        }
        let name = Name::from(asked.clone());
        let answers: Vec<Record> = match kind {
            RecordType::TXT => {
                let values = self.values(&asked).await.into_iter();
                let record = |text| {
                    Record::from_rdata(name.clone(), TTL_S, RData::TXT(TXT::new(vec![text])))
                };
                values.map(record).collect()
            }
            RecordType::SOA if asked == self.zone => vec![self.soa()],
            RecordType::NS if asked == self.zone => vec![Record::from_rdata(
                self.first.clone(),
                TTL_S,
                RData::NS(NS(self.first.clone())),
            )],
            _ => Vec::new(),
        };
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.authoritative = true;
        let soa = match answers.is_empty() {
            true => vec![self.soa()],
            false => Vec::new(),
        };
        let message = builder.build(metadata, answers.iter(), [], soa.iter(), []);
        response
            .send_response(message)
            .await
            .unwrap_or_else(|_| failed(ResponseCode::ServFail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_are_delegated_to_are_looked_up() {
        for (text, expected) in [
            ("app.customer.com.0123456789abcdef", true),
            ("app.customer.com.0123456789abcdef0123456789abcdef", true),
            (
                "app.customer.com.0d89c70d-ad9f-4843-b99f-6cc0252067e9",
                true,
            ),
            ("0123456789abcdef", false),
            (".0123456789abcdef", false),
            ("app.customer.com", false),
            ("app.customer.com.0123456789abcde", false),
            ("app.customer.com.0123456789abcdeg", false),
            ("app.customer.com.0123-4567", false),
            ("app..customer.com.0123456789abcdef", false),
            ("a\\032b.customer.com.0123456789abcdef", false),
            ("App.customer.com.0123456789abcdef", false),
        ] {
            assert_eq!(is_delegation(text), expected, "{text}");
        }
        let ours = crate::model::custom_hostname::delegation_uuid("zone");
        assert!(is_delegation(&format!("app.customer.com.{ours}")), "{ours}");
    }
}
