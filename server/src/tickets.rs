//! Looks tickets up that opt-outs stand on: at the address that the operator has configured, through the guarded client. What
//! is no answer (no connection, a redirect, an error, an unknown form) leaves the last one where it is, until its grace is over.

use std::collections::BTreeSet;
use std::time::Duration;

use http::StatusCode;
use notify::outgoing::{Allow, ClientError, Limits, Outgoing, OutgoingError};
use secrecy::ExposeSecret as _;
use service::Service;
use service::premises::TicketLookUp;
use url::Url;

use crate::config::TicketSettings;
use crate::node::{Node, stopped_within};

/// How often it is looked whether a look-up is due.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// The most of an answer that is read, in bytes: a ticket with all its comments.
const LARGEST: usize = 1 << 20;

/// Where tickets are looked up.
#[derive(Debug, Clone)]
pub struct TicketSource {
    outgoing: Outgoing,
    settings: TicketSettings,
}

impl TicketSource {
    /// By configuration; inside of a network only where `allow` names it.
    pub fn new(settings: TicketSettings, allow: Allow) -> Result<Self, ClientError> {
        let limits = Limits {
            largest_bytes: LARGEST,
            ..Limits::default()
        };
        Self::with_limits(settings, allow, limits)
    }

    /// The same with other limits.
    pub fn with_limits(settings: TicketSettings, allow: Allow, limits: Limits) -> Result<Self, ClientError> {
        Ok(Self {
            outgoing: Outgoing::new(allow, limits)?,
            settings,
        })
    }

    /// Looks one up.
    pub async fn look_up(&self, ticket: &str) -> TicketLookUp {
        match self.ask(ticket).await {
            Ok(open) => TicketLookUp::Answered { open },
            Err(why) => TicketLookUp::Failed { why },
        }
    }

    async fn ask(&self, ticket: &str) -> Result<bool, String> {
        let url = self
            .settings
            .url_of(ticket)
            .ok_or_else(|| "the address of this ticket is none".to_owned())?;
        let mut headers = vec![("accept", "application/json".to_owned())];
        if let Some(secret) = &self.settings.authorization {
            headers.push(("authorization", secret.expose_secret().to_owned()));
        }
        let answer = self
            .outgoing
            .get(&url, &headers)
            .await
            .map_err(|error| match error {
                OutgoingError::Address(why) => why.to_string(),
                OutgoingError::Header(_) => "a header will not do".to_owned(),
                OutgoingError::Http(_) => "no answer".to_owned(),
            })?;
        if answer.status != StatusCode::OK {
            return Err(format!("the answer was {}", answer.status.as_u16()));
        }
        let body: serde_json::Value =
            serde_json::from_slice(&answer.body).map_err(|_| "the answer is no JSON".to_owned())?;
        let said = match body.pointer(&self.settings.pointer) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(value @ (serde_json::Value::Bool(_) | serde_json::Value::Number(_))) => value.to_string(),
            Some(_) | None => return Err("the answer does not say how the ticket stands".to_owned()),
        };
        Ok(self.settings.open.contains(&said))
    }
}

/// Looks up what is due until the node stops.
pub fn start(node: &Node, service: &Service, source: TicketSource) {
    let (node, service) = (node.clone(), service.clone());
    let worker = node.clone();
    worker.work("tickets", async move {
        while !stopped_within(&node.stop, LOOK_EVERY).await {
            if let Err(error) = look(&service, &source).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "tickets could not be looked up"
                );
            }
        }
    });
}

/// Looks up what is due now; returns how many.
pub async fn look(service: &Service, source: &TicketSource) -> Result<usize, service::ServiceError> {
    let due = service.claim_ticket_look_ups().await?;
    for ticket in &due {
        let found = source.look_up(ticket).await;
        service.settle_ticket_look_up(ticket, &found).await?;
    }
    Ok(due.len())
}

/// Words that mean open, as configured.
pub(crate) type OpenWords = BTreeSet<String>;

/// The address of a ticket: the template with its id in place, as one part of the path or the query.
pub(crate) fn address(template: &str, ticket: &str) -> Option<Url> {
    // As a query's value, all that means something in an address is encoded; a path has no plus for a space.
    let encoded: String = url::form_urlencoded::byte_serialize(ticket.as_bytes()).collect();
    template
        .replace("{ticket}", &encoded.replace('+', "%20"))
        .parse()
        .ok()
}
