//! Notices as mail: text and HTML that say the same.

use domain::id::DeliveryId;
use domain::notice::Notice;
use domain::window::Instant;
use lettre::address::AddressError;
pub use lettre::message::Mailbox;
use lettre::message::MultiPart;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::{Address, Message};
use url::{Host, Url};

use crate::text::{html, one_line, unlinked};
use crate::webhook::link;

/// Who writes, and where its links lead.
#[derive(Debug, Clone)]
pub struct Sender {
    /// `From`.
    pub from: Mailbox,
    /// The address of Spillway's pages.
    pub base: Url,
}

/// What cannot be made a mail.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Where it was to go is no address.
    #[error("the mail address is none")]
    Address(#[source] AddressError),
    /// The parts do not make a whole.
    #[error("the mail could not be put together")]
    Message(#[from] lettre::error::Error),
}

/// RFC 3834: nobody's holiday reply comes back to us.
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Sender {
    /// One notice.
    pub fn one(&self, id: DeliveryId, to: &str, notice: &Notice) -> Result<Message, MailError> {
        let subject = notice.headline(unlinked);
        let text = format!(
            "{subject}\n\n{}\n{}\n{}",
            details(notice).join("\n"),
            link(notice, &self.base),
            self.footer()
        );
        let body = format!("{}{}", self.html_of(notice), self.html_footer());
        self.message(id, to, &subject, notice.at, text, &body)
    }

    /// The daily mail; `more` is how many pieces of news do not stand in it.
    pub fn digest(
        &self,
        id: DeliveryId,
        to: &str,
        notices: &[Notice],
        more: u64,
        at: Instant,
    ) -> Result<Message, MailError> {
        let all = u64::try_from(notices.len())
            .unwrap_or(u64::MAX)
            .saturating_add(more);
        let subject = match all {
            1 => "One piece of news".to_owned(),
            count => format!("{count} pieces of news"),
        };
        let mut text = format!("{subject}\n\n");
        let mut body = String::new();
        for notice in notices {
            text.push_str(&format!(
                "- {}\n  {}\n",
                notice.headline(unlinked),
                link(notice, &self.base)
            ));
            body.push_str(&self.html_of(notice));
        }
        if more > 0 {
            let mut page = self.base.clone();
            page.set_path("/notices");
            text.push_str(&format!("\nAnd {more} more: {page}\n"));
            body.push_str(&format!(
                "<p>And {more} more: <a href=\"{}\">all of them</a></p>",
                html(page.as_str())
            ));
        }
        text.push_str(&self.footer());
        body.push_str(&self.html_footer());
        self.message(id, to, &subject, at, text, &body)
    }

    fn message(
        &self,
        id: DeliveryId,
        to: &str,
        subject: &str,
        at: Instant,
        text: String,
        body: &str,
    ) -> Result<Message, MailError> {
        let to = with_ascii_domain(to.parse().map_err(MailError::Address)?)?;
        let from = with_ascii_domain(self.from.email.clone())?;
        let host = self.base.host_str().unwrap_or("localhost");
        let page = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
             <body style=\"font-family:sans-serif;font-size:15px;line-height:1.5\">{body}</body></html>",
            title = html(subject)
        );
        Ok(Message::builder()
            .from(Mailbox::new(self.from.name.clone(), from))
            .to(Mailbox::new(None, to))
            // What looks encoded already would be decoded by its reader.
            .subject(format!("[Spillway] {}", one_line(subject).replace("=?", "= ?")))
            // The same with every attempt, so that a mailbox that looks at it keeps one.
            .message_id(Some(format!("<{id}@{host}>")))
            .date(at.into())
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(text, page))?)
    }

    fn html_of(&self, notice: &Notice) -> String {
        let headline = html(&notice.headline(unlinked));
        let details: String = details(notice)
            .iter()
            .map(|detail| format!("<br>{}", html(detail)))
            .collect();
        format!(
            "<p><strong>{headline}</strong>{details}<br><a href=\"{}\">Open in Spillway</a></p>",
            html(&link(notice, &self.base))
        )
    }

    fn settings(&self) -> String {
        let mut url = self.base.clone();
        url.set_path("/settings/notices");
        url.into()
    }

    fn footer(&self) -> String {
        format!("\n-- \nHow you are told: {}\n", self.settings())
    }

    fn html_footer(&self) -> String {
        format!(
            "<p style=\"color:#666\"><a href=\"{}\">How you are told</a></p>",
            html(&self.settings())
        )
    }
}

/// The address with its domain as DNS has it, in ASCII (RFC 5891). Every mail server takes that, in the envelope and in the
/// header; the domain in other letters only those with SMTPUTF8 do.
fn with_ascii_domain(address: Address) -> Result<Address, MailError> {
    if address.domain().is_ascii() {
        return Ok(address);
    }
    match Host::parse(address.domain()) {
        Ok(Host::Domain(domain)) => Address::new(address.user(), domain).map_err(MailError::Address),
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) | Err(_) => Err(MailError::Address(AddressError::InvalidDomain)),
    }
}

/// What helps to judge it, a line each.
fn details(notice: &Notice) -> Vec<String> {
    let said = |text: &Option<String>| text.as_deref().map(unlinked).filter(|text| !text.is_empty());
    [
        said(&notice.why).map(|why| format!("Why: {why}")),
        said(&notice.summary),
        said(&notice.stage).map(|stage| format!("Stage: {stage}")),
        Some(format!("Tier: {}", unlinked(notice.tier.as_str()))),
        notice
            .until
            .map(|until| format!("Until: {}", until.format("%Y-%m-%d %H:%M UTC"))),
    ]
    .into_iter()
    .flatten()
    .collect()
}
