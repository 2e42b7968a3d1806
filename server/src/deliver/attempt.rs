//! One attempt at one delivery, and what it means.

use domain::window::Instant;
use http::StatusCode;
use notify::mailer::MailerError;
use notify::outgoing::{AddressError, Answer, OutgoingError};
use notify::{slack, teams, webhook};
use secrecy::{ExposeSecret as _, SecretString};
use service::notices::{Attempted, Claimed, Content, Destination};
use url::Url;

use super::Courier;

impl Courier {
    /// Sends it, or gives this attempt up after a time: a receiver that says nothing must not keep its place for ever.
    /// Whatever goes wrong is an answer: a sentence for administrators, without address, secret or text.
    pub async fn attempt(&self, delivery: Claimed, now: Instant) -> Attempted {
        match tokio::time::timeout(self.patience, self.send(delivery, now)).await {
            Ok(how) => how,
            Err(_) => failed("It did not answer in time.".to_owned(), None),
        }
    }

    async fn send(&self, delivery: Claimed, now: Instant) -> Attempted {
        let id = delivery.id;
        let notice = match (delivery.to, delivery.content) {
            (Destination::Mail(address), content) => return self.mail(id, &address, &content, now).await,
            (_, Content::Digest { .. }) => return refused("A daily mail goes to people alone."),
            (to, Content::One(notice)) => (to, notice),
        };
        match notice {
            (Destination::Webhook { address, secrets }, notice) => {
                let body = webhook::body(&notice, &self.base);
                match webhook::headers(id, now, &body, &secrets) {
                    Ok(headers) => self.post(&address, &headers, body).await,
                    Err(_) => refused("Its secret is none: rotate it."),
                }
            }
            (Destination::Slack(address), notice) => {
                self.post(&address, &[], slack::body(&notice, &self.base)).await
            }
            (Destination::Teams(address), notice) => {
                self.post(&address, &[], teams::body(&notice, &self.base)).await
            }
            // Returned above.
            (Destination::Mail(_), _) => refused("Mail is sent as mail."),
        }
    }

    async fn mail(
        &self,
        id: domain::id::DeliveryId,
        address: &str,
        content: &Content,
        now: Instant,
    ) -> Attempted {
        let Some((sender, mailer)) = &self.mail else {
            // Another node may have one.
            return failed("This server has no mail server to send it with.".to_owned(), None);
        };
        let message = match content {
            Content::One(notice) => sender.one(id, address, notice),
            Content::Digest { notices, .. } if notices.is_empty() => return Attempted::Delivered,
            Content::Digest { notices, more } => sender.digest(id, address, notices, *more, now),
        };
        let Ok(message) = message else {
            return refused("The mail address is none.");
        };
        match mailer.send(message).await {
            Ok(()) => Attempted::Delivered,
            Err(MailerError::Refused(error)) => Attempted::Refused {
                why: match error.status() {
                    Some(status) => format!("The mail server refused it for good ({status})."),
                    None => "The mail server refused it for good.".to_owned(),
                },
            },
            Err(MailerError::NoSuchLetters) => refused(
                "The mail server takes no address with letters beyond ASCII before the @. Use another address.",
            ),
            Err(MailerError::NotNow(error)) => failed(
                match error.status() {
                    Some(status) => format!("The mail server did not take it ({status})."),
                    None if error.is_timeout() => "The mail server did not answer in time.".to_owned(),
                    None => "The mail server could not be reached.".to_owned(),
                },
                None,
            ),
        }
    }

    async fn post(
        &self,
        address: &SecretString,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Attempted {
        let Ok(url) = Url::parse(address.expose_secret()) else {
            return refused("Its address is none.");
        };
        match self.outgoing.post(&url, headers, body).await {
            Ok(answer) => of_answer(&answer),
            Err(error) => failed(words(&error), None),
        }
    }
}

/// What an answer's status means (Standard Webhooks 1.0, "Delivery success and failure").
fn of_answer(answer: &Answer) -> Attempted {
    match answer.status {
        status if status.is_success() => Attempted::Delivered,
        StatusCode::GONE => Attempted::Gone,
        status if status.is_redirection() => failed(
            format!("It answered {}, and redirects are not followed.", status.as_u16()),
            None,
        ),
        status => failed(
            format!("It answered {}.", status.as_u16()),
            answer.retry_after_secs,
        ),
    }
}

fn words(error: &OutgoingError) -> String {
    match error {
        OutgoingError::Address(error) => sentence(&error.to_string()),
        OutgoingError::Header(_) => "A header could not be written.".to_owned(),
        OutgoingError::Http(error) if error.is_timeout() => "It did not answer in time.".to_owned(),
        OutgoingError::Http(error) => match refused_address(error) {
            Some(why) => sentence(&why.to_string()),
            None if error.is_connect() => "It could not be reached.".to_owned(),
            None => "It broke off before it had answered.".to_owned(),
        },
    }
}

/// The guard's refusal, where the name led to an address that may not be called.
fn refused_address(error: &reqwest::Error) -> Option<&AddressError> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<AddressError>() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

fn failed(why: String, wait_secs: Option<u32>) -> Attempted {
    Attempted::Failed { why, wait_secs }
}

fn refused(why: &str) -> Attempted {
    Attempted::Refused { why: why.to_owned() }
}
