//! What has not arrived, for administrators: dead letters, and what is still tried.

use super::deliver::lane;
use super::resend::Way;
use crate::caller::PersonCaller;
use crate::{Service, ServiceError};
use domain::id::DeliveryId;
use domain::role::Permission;
use domain::window::Instant;
use std::collections::BTreeMap;
use store::deliveries::{Carries, To};

/// How many of each a page shows.
const SHOWN: i64 = 50;

/// A delivery that has not arrived.
#[derive(Debug, Clone)]
pub struct Undelivered {
    /// Its id, which the receiver knows it by.
    pub id: DeliveryId,
    /// Which way it goes: the same for all mail, and for all that goes to one endpoint.
    pub way: Way,
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
    /// Given up, newest first; a page of them.
    pub dead: Vec<Undelivered>,
    /// Where the next page begins, if there is one.
    pub next: Option<DeliveryId>,
    /// Failed and tried again, newest first.
    pub retried: Vec<Undelivered>,
    /// When this was read.
    pub now: Instant,
}

impl Service {
    /// What has not arrived; of what was given up, the page after this one.
    pub async fn undelivered(
        &self,
        caller: &PersonCaller,
        before: Option<DeliveryId>,
    ) -> Result<UndeliveredList, ServiceError> {
        caller.authorise(Permission::Administer)?;
        let pool = self.store().pool();
        let names: BTreeMap<_, _> = store::endpoints::list(pool)
            .await?
            .into_iter()
            .map(|endpoint| (endpoint.id, endpoint.name))
            .collect();
        let mut lists = Vec::new();
        let mut next = None;
        for dead in [true, false] {
            let before = before.filter(|_| dead);
            let (found, more) = store::deliveries::undelivered(pool, dead, before, SHOWN).await?;
            if dead {
                next = more;
            }
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
                    way: Way(lane(&delivery)),
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
            next,
            retried,
            now: self.now(),
        })
    }
}
