//! Sends mail to the configured server.

use std::time::Duration;

use lettre::transport::smtp::{AsyncSmtpTransportBuilder, Error as SmtpError};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};

/// How long the server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// A connection pool to one SMTP server.
#[derive(Clone)]
pub struct Mailer(AsyncSmtpTransport<Tokio1Executor>);

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").finish_non_exhaustive()
    }
}

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The server says that it never will take it (5xx).
    #[error("the mail server refused it for good")]
    Refused(#[source] SmtpError),
    /// Not now.
    #[error("the mail server did not take it")]
    NotNow(#[source] SmtpError),
}

/// The address of the server will not do.
#[derive(Debug, thiserror::Error)]
#[error("not the address of a mail server")]
pub struct MailerUrlError(#[source] SmtpError);

impl Mailer {
    /// Whether [`Mailer::new`] would take this address. It needs no runtime.
    pub fn check(url: &SecretString) -> Result<(), MailerUrlError> {
        builder(url).map(|_| ())
    }

    /// From `smtps://user:password@host`, or `smtp://host:587?tls=required`. Nothing is connected yet, but the pool of
    /// connections is kept by a task: call it inside the runtime.
    pub fn new(url: &SecretString) -> Result<Self, MailerUrlError> {
        Ok(Self(builder(url)?.timeout(Some(PATIENCE)).build()))
    }

    /// Sends one mail.
    pub async fn send(&self, message: Message) -> Result<(), MailerError> {
        match self.0.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailerError::Refused(error)),
            Err(error) => Err(MailerError::NotNow(error)),
        }
    }
}

fn builder(url: &SecretString) -> Result<AsyncSmtpTransportBuilder, MailerUrlError> {
    AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret()).map_err(MailerUrlError)
}
