//! Which mail server, and how to get in.

use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error as SmtpError, SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

/// When TLS begins.
#[derive(Clone)]
enum Tls {
    Never,
    /// After STARTTLS, where the server offers it.
    Offered(TlsParameters),
    /// After STARTTLS, or not at all.
    Required(TlsParameters),
    /// From the first byte on.
    Whole(TlsParameters),
}

/// The server of a `mail.url`.
#[derive(Clone)]
pub(super) struct Server {
    host: String,
    port: u16,
    tls: Tls,
    hello: ClientId,
    credentials: Option<Credentials>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

impl Server {
    /// Reads the addresses that lettre's `from_url` reads, which makes no single connection.
    pub(super) fn read(url: &SecretString) -> Result<Self, Fault> {
        let url = Url::parse(url.expose_secret())?;
        let host = url.host_str().ok_or("it names no host")?.to_owned();
        let parameters = || tls(host.clone());
        let wish = url
            .query_pairs()
            .find(|(name, _)| name == "tls")
            .map(|(_, value)| value);
        let (port, tls) = match (url.scheme(), wish.as_deref()) {
            ("smtp", None) => (SMTP_PORT, Tls::Never),
            ("smtp", Some("opportunistic")) => (SUBMISSION_PORT, Tls::Offered(parameters()?)),
            ("smtp", Some("required")) => (SUBMISSION_PORT, Tls::Required(parameters()?)),
            ("smtps", _) => (SUBMISSIONS_PORT, Tls::Whole(parameters()?)),
            _ => {
                return Err(
                    "it begins with smtp:// or smtps://, and tls is opportunistic or required".into(),
                );
            }
        };
        let name = url.path().trim_matches('/');
        let hello = match name {
            "" => ClientId::default(),
            name => ClientId::Domain(name.to_owned()),
        };
        let decoded = |text: &str| {
            percent_decode_str(text)
                .decode_utf8()
                .map(|text| text.into_owned())
        };
        let credentials = match url.password() {
            Some(password) => Some(Credentials::new(decoded(url.username())?, decoded(password)?)),
            None => None,
        };
        Ok(Self {
            port: url.port().unwrap_or(port),
            host,
            tls,
            hello,
            credentials,
        })
    }

    /// A connection that has been let in.
    pub(super) async fn connect(&self) -> Result<AsyncSmtpConnection, SmtpError> {
        let whole = match &self.tls {
            Tls::Whole(parameters) => Some(parameters.clone()),
            Tls::Never | Tls::Offered(_) | Tls::Required(_) => None,
        };
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(CONNECT), &self.hello, whole, None).await?;
        match &self.tls {
            Tls::Never | Tls::Whole(_) => {}
            Tls::Offered(_) if !connection.can_starttls() => {}
            Tls::Offered(parameters) | Tls::Required(parameters) => {
                connection.starttls(parameters.clone(), &self.hello).await?;
            }
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

/// TLS that believes Mozilla's roots and the machine's.
fn tls(host: String) -> Result<TlsParameters, SmtpError> {
    let roots = crate::trust::machine_roots();
    let roots = roots
        .iter()
        .filter_map(|root| Certificate::from_der(root.to_vec()).ok());
    roots
        .fold(TlsParameters::builder(host), |tls, root| {
            tls.add_root_certificate(root)
        })
        .build()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_name_a_server_and_those_that_do_not() {
        let read = |text: &str| Server::read(&SecretString::from(text));
        let whole = read("smtps://a%40b:p%2Fq@mail.example.com").unwrap();
        assert_eq!((whole.host.as_str(), whole.port), ("mail.example.com", 465));
        assert_eq!(
            whole.credentials,
            Some(Credentials::new("a@b".into(), "p/q".into()))
        );
        assert_eq!(read("smtp://localhost").unwrap().port, 25);
        assert_eq!(read("smtp://localhost?tls=required").unwrap().port, 587);
        assert_eq!(
            read("smtp://localhost:2525/me?tls=opportunistic").unwrap().port,
            2525
        );
        for wrong in [
            "mail.example.com",
            "http://mail.example.com",
            "smtp://x?tls=maybe",
            "smtps:///",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
