//! What has not arrived, for administrators: dead letters, and what is still tried.

use crate::caller::PersonCaller;
use crate::command::{Effect, EventDraft, finish};
use crate::{Service, ServiceError};
use domain::event::EventKind;
use domain::id::DeliveryId;
use domain::role::Permission;
use domain::window::Instant;
use std::collections::{BTreeMap, BTreeSet};
use store::deliveries::{Carries, To};

/// How many of each are shown.
const SHOWN: i64 = 100;

/// A delivery that has not arrived.
#[derive(Debug, Clone)]
pub struct Undelivered {
    /// Its id, which the receiver knows it by.
    pub id: DeliveryId,
    /// `mail`, or the kind of endpoint.
    pub channel: &'static str,
    /// The person's id, or the endpoint's name.
    pub to: String,
    /// What it tells of; none for a daily mail.
    pub tells: Option<String>,
    /// When it was made.
    pub at: Instant,
    /// How many attempts were begun.
    pub attempts: i32,
    /// What the last one failed of.
    pub last_error: String,
    /// When it is tried again; none: given up.
    pub next_at: Option<Instant>,
}

/// All of them that are shown.
#[derive(Debug, Clone)]
pub struct UndeliveredList {
    /// Given up, newest first.
    pub dead: Vec<Undelivered>,
    /// Failed and tried again, newest first.
    pub retried: Vec<Undelivered>,
    /// When this was read.
    pub now: Instant,
}

impl Service {
    /// What has not arrived.
    pub async fn undelivered(&self, caller: &PersonCaller) -> Result<UndeliveredList, ServiceError> {
        caller.authorise(Permission::Administer)?;
        let pool = self.store().pool();
        let names: BTreeMap<_, _> = store::endpoints::list(pool)
            .await?
            .into_iter()
            .map(|endpoint| (endpoint.id, endpoint.name))
            .collect();
        let mut lists = Vec::new();
        for dead in [true, false] {
            let found = store::deliveries::undelivered(pool, dead, None, SHOWN).await?;
            let list = found.into_iter().map(|delivery| {
                let (channel, to) = match &delivery.to {
                    To::Mail(person) => ("mail", person.to_string()),
                    To::Endpoint(id, kind) => (
                        kind.as_str(),
                        names.get(id).cloned().unwrap_or_else(|| id.to_string()),
                    ),
                };
                Undelivered {
                    id: delivery.id,
                    channel,
                    to,
                    tells: match &delivery.carries {
                        Carries::One(notice) => Some(notice.headline(str::to_owned)),
                        Carries::Digest(_) => None,
                    },
                    at: delivery.at,
                    attempts: delivery.attempts,
                    last_error: delivery.last_error.unwrap_or_default(),
                    next_at: (!dead).then_some(delivery.next_at),
                }
            });
            lists.push(list.collect());
        }
        let retried = lists.pop().unwrap_or_default();
        Ok(UndeliveredList {
            dead: lists.pop().unwrap_or_default(),
            retried,
            now: self.now(),
        })
    }

    /// Has a delivery that was given up sent once more, with all its attempts and under the same id.
    pub async fn resend_delivery(&self, caller: &PersonCaller, id: DeliveryId) -> Result<(), ServiceError> {
        let authorised = caller.authorise(Permission::Administer)?;
        let now = self.now();
        let mut tx = self.store().begin().await?;
        let delivery = store::deliveries::dead_for_update(&mut tx, id)
            .await?
            .ok_or(ServiceError::NotFound { what: "delivery" })?;
        if let To::Endpoint(endpoint, _) = delivery.to {
            let endpoint = store::endpoints::find(tx.conn(), endpoint).await?;
            if endpoint.is_none_or(|endpoint| endpoint.disabled.is_some()) {
                return Err(ServiceError::Conflict {
                    code: "endpoint_disabled",
                    why: "Its endpoint is disabled: register it anew, and it is told of what comes."
                        .to_owned(),
                });
            }
        }
        store::deliveries::resend(&mut tx, id, now).await?;
        let resent = EventDraft {
            kind: EventKind::DeliveryResent,
            object_kind: "delivery",
            object_id: id.to_string(),
            refs: BTreeSet::from([id.to_string()]),
            policy_digest: None,
            body: serde_json::json!({}),
        };
        finish(self, tx, authorised, vec![resent], Effect::None, now).await
    }
}
