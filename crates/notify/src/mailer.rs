//! Sends mail to the configured server: one connection for one mail.
//!
//! Connections are not kept: an attempt that is given up in the middle would leave one behind whose next answer belongs to
//! the mail before, and what is said of the next mail would be read off by one from there on.

mod server;

use std::time::Duration;

use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::{Address, Message};
use secrecy::SecretString;

use server::Server;

/// How long goodbye may take: the mail is sent by then.
const GOODBYE: Duration = Duration::from_secs(2);

/// Codes that say that we are not let in, whichever command they answer (RFC 4954 section 6, RFC 3207): the
/// configuration's fault, never the mail's.
const NOT_LET_IN: [u16; 4] = [530, 534, 535, 538];

/// One SMTP server.
#[derive(Debug, Clone)]
pub struct Mailer(Server);

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The server says that it never will take it for this receiver (5xx).
    #[error("the mail server refused it for good")]
    Refused(#[source] SmtpError),
    /// The receiver's name has letters beyond ASCII, which a server without SMTPUTF8 has no way to take (RFC 6531).
    #[error("the mail server takes no address with such letters")]
    NoSuchLetters,
    /// Not now. What goes wrong before the receiver is named is no fault of the mail: a greeting with 554 or a password that
    /// has changed would else give up everything that waits.
    #[error("the mail server did not take it")]
    NotNow(#[source] SmtpError),
}

/// The address of the server will not do.
#[derive(Debug, thiserror::Error)]
#[error("not the address of a mail server")]
pub struct MailerUrlError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Mailer {
    /// Whether [`Mailer::new`] would take this address.
    pub fn check(url: &SecretString) -> Result<(), MailerUrlError> {
        Self::new(url).map(|_| ())
    }

    /// From `smtps://user:password@host`, or `smtp://host:587?tls=required`. Nothing is connected yet.
    pub fn new(url: &SecretString) -> Result<Self, MailerUrlError> {
        Server::read(url).map(Self).map_err(MailerUrlError)
    }

    /// Sends one mail. It waits for the server as long as it takes: give it a time.
    pub async fn send(&self, message: Message) -> Result<(), MailerError> {
        let mut connection = self.0.connect().await.map_err(MailerError::NotNow)?;
        let sent = hand_over(&mut connection, &message).await;
        // Whatever it says to that: the mail is taken or not.
        let _ = tokio::time::timeout(GOODBYE, connection.abort()).await;
        sent
    }
}

/// The transaction (RFC 5321 section 3.3).
async fn hand_over(connection: &mut AsyncSmtpConnection, message: &Message) -> Result<(), MailerError> {
    let envelope = message.envelope();
    let bytes = message.formatted();
    let mut parameters = Vec::new();
    let ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    if !envelope.to().iter().all(ascii) && !connection.server_info().supports_feature(Extension::SmtpUtfEight)
    {
        return Err(MailerError::NoSuchLetters);
    }
    let mut addresses = envelope.from().into_iter().chain(envelope.to());
    if addresses.any(|address| !ascii(address)) {
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !bytes.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    connection
        .command(Mail::new(envelope.from().cloned(), parameters))
        .await
        .map_err(MailerError::NotNow)?;
    for to in envelope.to() {
        connection
            .command(Rcpt::new(to.clone(), Vec::new()))
            .await
            .map_err(judged)?;
    }
    connection.command(Data).await.map_err(judged)?;
    connection.message(&bytes).await.map_err(judged)?;
    Ok(())
}

/// What is said of this receiver and this mail.
fn judged(error: SmtpError) -> MailerError {
    let let_in = error
        .status()
        .is_none_or(|status| !NOT_LET_IN.contains(&u16::from(status)));
    if error.is_permanent() && let_in {
        MailerError::Refused(error)
    } else {
        MailerError::NotNow(error)
    }
}
