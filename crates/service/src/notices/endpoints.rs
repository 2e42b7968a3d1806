//! Endpoints are registered, get new secrets and are switched off, by administrators.

use super::endpoint_input::{EndpointInput, checked};
use super::seal::{Seal, SealError};
use crate::caller::{Authorised, PersonCaller};
use crate::command::{Effect, EventDraft, finish};
use crate::{Service, ServiceError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use domain::event::EventKind;
use domain::id::EndpointId;
use domain::notice::{DisabledWhy, EndpointKind};
use domain::role::Permission;
use domain::window::Instant;
use std::collections::BTreeSet;
use store::endpoints::Endpoint;

/// For how many hours a secret signs besides its successor.
pub const PREVIOUS_SECRET_HOURS: i64 = 24;
/// An endpoint in a list.
#[derive(Debug, Clone)]
pub struct EndpointSummary {
    /// Its id.
    pub id: EndpointId,
    /// What is there.
    pub kind: EndpointKind,
    /// What it is called.
    pub name: String,
    /// Only news of tiers with this channel.
    pub channel: Option<String>,
    /// The host of its address.
    pub host: String,
    /// Until when the secret before the present one signs too.
    pub previous_until: Option<Instant>,
    /// When it was registered.
    pub created_at: Instant,
    /// Since when it is used no more, and why.
    pub disabled: Option<(Instant, DisabledWhy)>,
}

/// An endpoint on its page.
#[derive(Debug, Clone)]
pub struct EndpointDetail {
    /// What lists show too.
    pub summary: EndpointSummary,
    /// The secret, where it was asked for.
    pub secret: Option<String>,
    /// When this was read.
    pub now: Instant,
}

impl Service {
    /// All endpoints.
    pub async fn endpoints(&self, caller: &PersonCaller) -> Result<Vec<EndpointSummary>, ServiceError> {
        caller.authorise(Permission::Administer)?;
        let found = store::endpoints::list(self.store().pool()).await?;
        Ok(found.iter().map(summary).collect())
    }

    /// One endpoint; with its secret only where `reveal` says so.
    pub async fn endpoint(
        &self,
        caller: &PersonCaller,
        id: EndpointId,
        reveal: bool,
    ) -> Result<EndpointDetail, ServiceError> {
        caller.authorise(Permission::Administer)?;
        let endpoint = store::endpoints::find(self.store().pool(), id)
            .await?
            .ok_or(ServiceError::NotFound { what: "endpoint" })?;
        let secret = match &endpoint.sealed_secret {
            Some(sealed) if reveal => Some(
                self.sealed()?
                    .open(&place(id, SECRET), sealed)
                    .map_err(unreadable)?,
            ),
            Some(_) | None => None,
        };
        Ok(EndpointDetail {
            summary: summary(&endpoint),
            secret,
            now: self.now(),
        })
    }

    /// Registers an endpoint. From then on it is told of everything that its channel lets through.
    pub async fn register_endpoint(
        &self,
        caller: &PersonCaller,
        input: &EndpointInput,
    ) -> Result<EndpointId, ServiceError> {
        let authorised = caller.authorise(Permission::Administer)?;
        let (name, channel, url) = checked(input).map_err(ServiceError::Invalid)?;
        let now = self.now();
        let id = EndpointId::from_uuid(self.ids().next(now));
        let secret = match input.kind {
            EndpointKind::Webhook => Some(self.seal(id, SECRET, &self.new_secret())?),
            EndpointKind::Slack | EndpointKind::Teams => None,
        };
        let endpoint = Endpoint {
            id,
            version: 1,
            kind: input.kind,
            name,
            channel,
            host: url.host_str().unwrap_or_default().to_owned(),
            sealed_address: self.seal(id, ADDRESS, url.as_str())?,
            sealed_secret: secret,
            previous: None,
            registered_by: caller.person.clone(),
            created_at: now,
            disabled: None,
        };
        let mut tx = self.begin().await?;
        store::endpoints::insert(&mut tx, &endpoint)
            .await
            .map_err(|error| {
                if error.is_constraint("notice_endpoints_name_unique") {
                    ServiceError::field("name", "taken", "There is an endpoint of this name.")
                } else {
                    error.into()
                }
            })?;
        let registered = event(EventKind::EndpointRegistered, &endpoint);
        finish(self, tx, authorised, vec![registered], Effect::None, now).await?;
        Ok(id)
    }

    /// Gives a webhook a new secret. The one before it signs too for [`PREVIOUS_SECRET_HOURS`].
    pub async fn rotate_endpoint_secret(
        &self,
        caller: &PersonCaller,
        id: EndpointId,
    ) -> Result<(), ServiceError> {
        let authorised = caller.authorise(Permission::Administer)?;
        let now = self.now();
        let mut endpoint = self.endpoint_in_use(id).await?;
        let Some(before) = endpoint.sealed_secret.take() else {
            return Err(ServiceError::Conflict {
                code: "no_secret",
                why: "Only a webhook has a secret.".to_owned(),
            });
        };
        // Sealed for its new place, since a sealed text opens only where it was meant to stand.
        let opened = self
            .sealed()?
            .open(&place(id, SECRET), &before)
            .map_err(unreadable)?;
        let until = now + TimeDelta::hours(PREVIOUS_SECRET_HOURS);
        endpoint.previous = Some((self.seal(id, PREVIOUS, &opened)?, until));
        endpoint.sealed_secret = Some(self.seal(id, SECRET, &self.new_secret())?);
        self.change(authorised, EventKind::EndpointSecretRotated, &endpoint, now)
            .await
    }

    /// Switches an endpoint off. What is on its way to it is given up.
    pub async fn disable_endpoint(&self, caller: &PersonCaller, id: EndpointId) -> Result<(), ServiceError> {
        let authorised = caller.authorise(Permission::Administer)?;
        let now = self.now();
        let mut endpoint = self.endpoint_in_use(id).await?;
        endpoint.disabled = Some((now, DisabledWhy::Administrator));
        self.change(authorised, EventKind::EndpointDisabled, &endpoint, now)
            .await
    }

    /// Takes an endpoint into use again: it is told of what comes, and what was given up can be sent again.
    pub async fn enable_endpoint(&self, caller: &PersonCaller, id: EndpointId) -> Result<(), ServiceError> {
        let authorised = caller.authorise(Permission::Administer)?;
        let now = self.now();
        let mut endpoint = store::endpoints::find(self.store().pool(), id)
            .await?
            .ok_or(ServiceError::NotFound { what: "endpoint" })?;
        if endpoint.disabled.take().is_none() {
            return Err(ServiceError::Conflict {
                code: "settled",
                why: "This endpoint is in use already.".to_owned(),
            });
        }
        self.change(authorised, EventKind::EndpointEnabled, &endpoint, now)
            .await
    }

    async fn endpoint_in_use(&self, id: EndpointId) -> Result<Endpoint, ServiceError> {
        let endpoint = store::endpoints::find(self.store().pool(), id)
            .await?
            .ok_or(ServiceError::NotFound { what: "endpoint" })?;
        if endpoint.disabled.is_some() {
            return Err(ServiceError::Conflict {
                code: "settled",
                why: "This endpoint is disabled already.".to_owned(),
            });
        }
        Ok(endpoint)
    }

    /// The version that was read must still be there, so a second administrator at the same moment is told to look again.
    pub(super) async fn change(
        &self,
        authorised: Authorised,
        kind: EventKind,
        endpoint: &Endpoint,
        now: Instant,
    ) -> Result<(), ServiceError> {
        let mut tx = self.begin().await?;
        store::endpoints::update(&mut tx, endpoint)
            .await
            .map_err(|error| {
                if error.is_constraint("notice_endpoints_name_unique") {
                    ServiceError::Conflict {
                        code: "name_taken",
                        why: "Another endpoint has its name by now: disable that one first.".to_owned(),
                    }
                } else {
                    error.into()
                }
            })?;
        finish(
            self,
            tx,
            authorised,
            vec![event(kind, endpoint)],
            Effect::None,
            now,
        )
        .await
    }

    /// `whsec_` and 32 random bytes in base 64 (Standard Webhooks 1.0: 24 to 64 bytes).
    fn new_secret(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.ids().secret()))
    }

    pub(super) fn sealed(&self) -> Result<&Seal, ServiceError> {
        self.reach().seal.as_ref().ok_or_else(|| ServiceError::Conflict {
            code: "no_wrapping_key",
            why: "This server has no key to keep addresses and secrets with.".to_owned(),
        })
    }

    fn seal(&self, id: EndpointId, column: &str, text: &str) -> Result<Vec<u8>, ServiceError> {
        self.sealed()?
            .seal(self.ids(), &place(id, column), text)
            .map_err(ServiceError::internal)
    }
}

pub(super) const ADDRESS: &str = "address";
pub(super) const SECRET: &str = "secret";
pub(super) const PREVIOUS: &str = "previous";

/// What a sealed text is tied to.
pub(super) fn place(id: EndpointId, column: &str) -> String {
    format!("{id}/{column}")
}

fn unreadable(error: SealError) -> ServiceError {
    ServiceError::internal(error)
}

fn summary(endpoint: &Endpoint) -> EndpointSummary {
    EndpointSummary {
        id: endpoint.id,
        kind: endpoint.kind,
        name: endpoint.name.clone(),
        channel: endpoint.channel.clone(),
        host: endpoint.host.clone(),
        previous_until: endpoint.previous.as_ref().map(|(_, until)| *until),
        created_at: endpoint.created_at,
        disabled: endpoint.disabled,
    }
}

/// An event about an endpoint: neither its address nor its secret is in it.
pub(super) fn event(kind: EventKind, endpoint: &Endpoint) -> EventDraft {
    EventDraft {
        kind,
        object_kind: "endpoint",
        object_id: endpoint.id.to_string(),
        refs: BTreeSet::from([endpoint.id.to_string()]),
        policy_digest: None,
        body: serde_json::json!({
            "name": endpoint.name,
            "kind": endpoint.kind,
            "channel": endpoint.channel,
            "host": endpoint.host,
            "disabled": endpoint.disabled.map(|(_, why)| why),
        }),
    }
}
