//! Servers whose certificate is of an authority that only the machine's trust store knows.
//!
//! `authority` holds that authority's certificate and a server's for `localhost` and 127.0.0.1, valid until 2126. The
//! authority's key was thrown away.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;

use notify::mail::Sender;
use notify::mailer::{Mailer, MailerError};
use notify::outgoing::{Allow, Limits, Outgoing};
use notify::trust::with_machine_roots;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::SecretString;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::support::{base, id, notice};

const AUTHORITY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/notify/authority/ca.pem");

/// Answers every connection with these bytes; before or after it has read something.
async fn serve(answer: &'static str, speaks_first: bool) -> SocketAddr {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("authority/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("authority/server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    #[expect(clippy::disallowed_methods, reason = "it ends with its test")]
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            if !speaks_first {
                let _ = stream.read(&mut [0; 4096]).await;
            }
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    address
}

/// Whether each of the three ways out believes the server.
async fn believed() -> [bool; 3] {
    let web = serve("HTTP/1.1 204 No Content\r\n\r\n", false).await;
    let url: Url = format!("https://{web}/").parse().unwrap();
    let guarded = Outgoing::new(Allow::new(["127.0.0.1"]).unwrap(), Limits::default()).unwrap();
    #[expect(clippy::disallowed_methods, reason = "as the client of sign-in is made")]
    let provider = with_machine_roots(reqwest::Client::builder()).build().unwrap();

    let post = serve("554 nobody is let in\r\n", true).await;
    let mailer = Mailer::new(&SecretString::from(format!("smtps://{post}"))).unwrap();
    let sender = Sender {
        from: "Spillway <spillway@example.com>".parse().unwrap(),
        base: base(),
    };
    let mail = sender.one(id(), "alice@example.com", &notice()).unwrap();
    // Its refusal was read through TLS.
    let refused = match mailer.send(mail).await {
        Err(MailerError::NotNow(error)) => error.status().is_some(),
        _ => false,
    };
    [
        guarded.get(&url, &[]).await.is_ok(),
        provider.get(url).send().await.is_ok(),
        refused,
    ]
}

/// The trust store is the process's, so the test runs itself once more with another one.
#[tokio::test]
async fn a_private_authority_is_believed_where_the_machine_believes_it() {
    if std::env::var_os("SSL_CERT_FILE").is_some_and(|file| file == AUTHORITY) {
        assert_eq!(believed().await, [true; 3]);
        return;
    }
    assert_eq!(believed().await, [false; 3], "it is in nobody's list");
    let again = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "trust::a_private_authority_is_believed_where_the_machine_believes_it",
        ])
        .env("SSL_CERT_FILE", AUTHORITY)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success() && said.contains("1 passed"), "{said}");
}

/// One certificate that cannot be read, or a store that is not there, does not cut all connections.
#[tokio::test]
async fn a_store_that_cannot_be_read_stops_nothing() {
    let run = |file: &str| {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "trust::mozillas_roots_make_a_client"])
            .env("SSL_CERT_FILE", file)
            .output()
            .unwrap()
    };
    for file in ["/nonexistent", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
        assert!(run(file).status.success(), "{file}");
    }
}

#[test]
fn mozillas_roots_make_a_client() {
    assert!(Outgoing::new(Allow::new([]).unwrap(), Limits::default()).is_ok());
    assert!(Mailer::new(&SecretString::from("smtps://mail.example.com")).is_ok());
}
