//! The handshake that a certificate authority makes for tls-alpn-01 (RFC 8737), to see what it would see.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::pki;
use crate::tls::ACME_ALPN;

/// Time for it.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Makes the handshake with an address that may be dialled; gives the digest that the certificate shown has in it, if any.
///
/// # Errors
/// Why there was no handshake, for people.
#[expect(
    clippy::disallowed_methods,
    reason = "no guest's way: the address was held against `egress::Reach`"
)]
pub(super) async fn make(name: &str, address: SocketAddr) -> Result<Option<Vec<u8>>, String> {
    let server = ServerName::try_from(name.to_owned()).map_err(|e| e.to_string())?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone());
    let mut config = builder
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Any(provider)))
        .with_no_client_auth();
    config.alpn_protocols = vec![ACME_ALPN.to_vec()];
    config.resumption = Resumption::disabled();
    let exchange = async {
        let stream = TcpStream::connect(address).await?;
        TlsConnector::from(Arc::new(config))
            .connect(server, stream)
            .await
    };
    let stream = match tokio::time::timeout(HANDSHAKE, exchange).await {
        Ok(stream) => stream.map_err(|e| e.to_string())?,
        Err(_) => return Err("it did not answer in time".into()),
    };
    let (_, session) = stream.get_ref();
    if session.alpn_protocol() != Some(ACME_ALPN) {
        return Err("it does not speak the protocol `acme-tls/1`".into());
    }
    let shown = session.peer_certificates().and_then(<[_]>::first);
    Ok(shown.and_then(|leaf| pki::acme_identifier(leaf)))
}

/// Takes any certificate: the one that is looked for is signed by nobody, and has a critical extension that checks refuse.
/// What is learnt is only whether an authority is told to look, which checks for itself.
#[derive(Debug)]
struct Any(Arc<CryptoProvider>);

impl ServerCertVerifier for Any {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
