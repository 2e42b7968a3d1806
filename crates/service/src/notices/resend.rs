//! What was given up is sent again, one or all that goes the same way.

use super::deliver::{kept_from_quiet_hours, not_in_quiet_hours};
use crate::caller::PersonCaller;
use crate::command::{Effect, EventDraft, finish};
use crate::{Service, ServiceError};
use domain::event::EventKind;
use domain::id::{DeliveryId, EndpointId};
use domain::role::Permission;
use domain::window::Instant;
use std::collections::BTreeSet;
use store::Tx;
use store::deliveries::{Delivery, Lane, To};

/// How many are sent again in one go, the oldest first.
pub const AT_ONCE: i64 = 500;

/// Which way deliveries go. Its outer form is `mail`, or the endpoint's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way(pub(super) Lane);

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Lane::Mail => f.write_str("mail"),
            Lane::Endpoint(id) => id.fmt(f),
        }
    }
}

impl std::str::FromStr for Way {
    type Err = domain::id::IdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "mail" => Ok(Self(Lane::Mail)),
            id => id.parse::<EndpointId>().map(|id| Self(Lane::Endpoint(id))),
        }
    }
}

impl Service {
    /// Has a delivery that was given up sent once more, with all its attempts and under the same id.
    pub async fn resend_delivery(&self, caller: &PersonCaller, id: DeliveryId) -> Result<(), ServiceError> {
        let authorised = caller.authorise(Permission::Administer)?;
        let now = self.now();
        let mut tx = self.begin().await?;
        let delivery = store::deliveries::dead_for_update(&mut tx, id)
            .await?
            .ok_or(ServiceError::NotFound { what: "delivery" })?;
        if let To::Endpoint(endpoint, _) = delivery.to {
            in_use(&mut tx, endpoint).await?;
        }
        send_again(&mut tx, &delivery, now).await?;
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

    /// The same with all that goes the same way, up to [`AT_ONCE`]; how many there were.
    pub async fn resend_all(&self, caller: &PersonCaller, way: Way) -> Result<usize, ServiceError> {
        let authorised = caller.authorise(Permission::Administer)?;
        let now = self.now();
        let mut tx = self.begin().await?;
        if let Lane::Endpoint(id) = way.0 {
            in_use(&mut tx, id).await?;
        }
        let dead = store::deliveries::dead_of(&mut tx, way.0, AT_ONCE).await?;
        if dead.is_empty() {
            return Err(ServiceError::Conflict {
                code: "settled",
                why: "Nothing is given up there any more.".to_owned(),
            });
        }
        for delivery in &dead {
            send_again(&mut tx, delivery, now).await?;
        }
        let object_kind = match way.0 {
            Lane::Mail => "delivery",
            Lane::Endpoint(_) => "endpoint",
        };
        let refs = match way.0 {
            Lane::Mail => BTreeSet::new(),
            Lane::Endpoint(id) => BTreeSet::from([id.to_string()]),
        };
        let resent = EventDraft {
            kind: EventKind::DeliveryResent,
            object_kind,
            object_id: way.to_string(),
            refs,
            policy_digest: None,
            body: serde_json::json!({ "count": dead.len() }),
        };
        finish(self, tx, authorised, vec![resent], Effect::None, now).await?;
        Ok(dead.len())
    }
}

/// At once, or after its reader's quiet hours.
async fn send_again(tx: &mut Tx, delivery: &Delivery, now: Instant) -> Result<(), ServiceError> {
    let due = match kept_from_quiet_hours(delivery) {
        Some(person) => {
            let set = store::notices::preferences_of(tx.conn(), &[person.to_string()]).await?;
            not_in_quiet_hours(&set, person, now)
        }
        None => now,
    };
    Ok(store::deliveries::resend(tx, delivery.id, due).await?)
}

async fn in_use(tx: &mut Tx, id: EndpointId) -> Result<(), ServiceError> {
    match store::endpoints::find(tx.conn(), id).await? {
        Some(endpoint) if endpoint.disabled.is_none() => Ok(()),
        Some(_) => Err(ServiceError::Conflict {
            code: "endpoint_disabled",
            why: "Its endpoint is disabled: take it into use again first.".to_owned(),
        }),
        None => Err(ServiceError::NotFound { what: "endpoint" }),
    }
}
