//! What the server's worker asks for: deliveries that are due, and somewhere to say how they went.

use super::endpoints::{ADDRESS, PREVIOUS, SECRET, event, place};
use crate::caller::system;
use crate::command::{Effect, finish};
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::event::EventKind;
use domain::id::{CorrelationId, DeliveryId, EndpointId};
use domain::notice::{DisabledWhy, EndpointKind, Notice, next_attempt};
use domain::window::Instant;
use secrecy::SecretString;
use store::deliveries::{Carries, Delivery, Settled, To};

const WHO: &str = "deliverer";

/// For how long a delivery belongs to the node that took it: well over what one attempt may take.
pub const LEASE_SECS: i64 = 60;

/// A delivery to make now.
#[derive(Debug)]
pub struct Claimed {
    /// What the receiver knows it by, with every attempt.
    pub id: DeliveryId,
    /// Which attempt this is; to be handed back with what came of it.
    pub attempt: i32,
    /// Where to.
    pub to: Destination,
    /// What.
    pub content: Content,
}

/// Where a delivery goes.
#[derive(Debug)]
pub enum Destination {
    /// A person's mail address.
    Mail(String),
    /// A program.
    Webhook {
        /// Where.
        address: SecretString,
        /// What signs: the present secret first.
        secrets: Vec<SecretString>,
    },
    /// Slack.
    Slack(SecretString),
    /// Teams.
    Teams(SecretString),
}

/// What a delivery carries.
#[derive(Debug)]
pub enum Content {
    /// One notice.
    One(Box<Notice>),
    /// A daily mail.
    Digest(Vec<Notice>),
}

/// How an attempt went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempted {
    /// It has arrived.
    Delivered,
    /// It may arrive later.
    Failed {
        /// A sentence for administrators.
        why: String,
        /// The receiver's wish not to be asked again before so many seconds.
        wait_secs: Option<u32>,
    },
    /// It never will.
    Refused {
        /// A sentence for administrators.
        why: String,
    },
    /// The endpoint says that it is gone: it is used no more.
    Gone,
}

impl Service {
    /// Takes up to `most` deliveries that are due, for this node alone for [`LEASE_SECS`]. What cannot be sent at all is given
    /// up at once.
    pub async fn claim_deliveries(&self, most: i64) -> Result<Vec<Claimed>, ServiceError> {
        let now = self.now();
        let pool = self.store().pool();
        let leased_until = now + TimeDelta::seconds(LEASE_SECS);
        let mut claimed = Vec::new();
        for delivery in store::deliveries::claim(pool, most, now, leased_until).await? {
            match self.addressed(&delivery, now).await? {
                Ok((to, content)) => claimed.push(Claimed {
                    id: delivery.id,
                    attempt: delivery.attempts,
                    to,
                    content,
                }),
                Err(why) => {
                    let dead = Settled::Dead {
                        error: why.to_owned(),
                    };
                    store::deliveries::settle(pool, delivery.id, delivery.attempts, &dead, now).await?;
                }
            }
        }
        Ok(claimed)
    }

    /// Where a delivery goes and what it says, by what stands now; else why it cannot go.
    async fn addressed(
        &self,
        delivery: &Delivery,
        now: Instant,
    ) -> Result<Result<(Destination, Content), &'static str>, ServiceError> {
        let to = match &delivery.to {
            To::Mail(person) => match self.mail_address(person).await? {
                Some(address) if self.reach().mail => Destination::Mail(address),
                Some(_) => return Ok(Err("No mail server is configured.")),
                None => return Ok(Err("No mail address is known.")),
            },
            To::Endpoint(id, kind) => match self.opened(*id, *kind, now).await? {
                Ok(destination) => destination,
                Err(why) => return Ok(Err(why)),
            },
        };
        let content = match (&delivery.carries, &delivery.to) {
            (Carries::One(notice), _) => Content::One(notice.clone()),
            (Carries::Digest(at), To::Mail(person)) => {
                Content::Digest(store::notices::in_digest(self.store().pool(), person, *at).await?)
            }
            (Carries::Digest(_), To::Endpoint(..)) => return Ok(Err("A daily mail goes to people alone.")),
        };
        Ok(Ok((to, content)))
    }

    async fn opened(
        &self,
        id: EndpointId,
        kind: EndpointKind,
        now: Instant,
    ) -> Result<Result<Destination, &'static str>, ServiceError> {
        let Some(endpoint) = store::endpoints::find(self.store().pool(), id).await? else {
            return Ok(Err("The endpoint is not there."));
        };
        if endpoint.disabled.is_some() {
            return Ok(Err("The endpoint is disabled."));
        }
        let Some(seal) = &self.reach().seal else {
            return Ok(Err("This server has no key to open the address with."));
        };
        let open = |column, sealed: &[u8]| seal.open(&place(id, column), sealed).map(SecretString::from);
        let Ok(address) = open(ADDRESS, &endpoint.sealed_address) else {
            return Ok(Err("The address was sealed with another key."));
        };
        let to = match kind {
            EndpointKind::Slack => Destination::Slack(address),
            EndpointKind::Teams => Destination::Teams(address),
            EndpointKind::Webhook => {
                let previous = endpoint.previous.as_ref().filter(|(_, until)| now < *until);
                let secrets = endpoint
                    .sealed_secret
                    .iter()
                    .map(|sealed| open(SECRET, sealed))
                    .chain(previous.map(|(sealed, _)| open(PREVIOUS, sealed)))
                    .collect::<Result<Vec<_>, _>>();
                match secrets {
                    Ok(secrets) => Destination::Webhook { address, secrets },
                    Err(_) => return Ok(Err("The secret was sealed with another key.")),
                }
            }
        };
        Ok(Ok(to))
    }

    /// Says how an attempt went. What failed is tried again by the schedule of Standard Webhooks, until it is given up.
    pub async fn settle_delivery(
        &self,
        id: DeliveryId,
        attempt: i32,
        how: Attempted,
    ) -> Result<(), ServiceError> {
        let now = self.now();
        let settled = match how {
            Attempted::Delivered => Settled::Delivered,
            Attempted::Refused { why } => Settled::Dead { error: why },
            Attempted::Gone => {
                self.endpoint_is_gone(id, now).await?;
                Settled::Dead {
                    error: "The endpoint answered that it is gone (410).".to_owned(),
                }
            }
            Attempted::Failed { why, wait_secs } => {
                let failed = usize::try_from(attempt).unwrap_or_default();
                match next_attempt(failed, now, self.jitter()) {
                    Some(next) => {
                        // A receiver may ask for patience, but not for more than a day of it.
                        let wish = TimeDelta::seconds(i64::from(wait_secs.unwrap_or_default()).min(86_400));
                        Settled::Again {
                            at: next.max(now + wish),
                            error: why,
                        }
                    }
                    None => Settled::Dead { error: why },
                }
            }
        };
        let current = store::deliveries::settle(self.store().pool(), id, attempt, &settled, now).await?;
        if !current {
            tracing::info!(delivery = %id, attempt, "another attempt has begun meanwhile");
        }
        Ok(())
    }

    /// Thousandths, at random.
    fn jitter(&self) -> u16 {
        let [high, low, ..] = self.ids().secret();
        u16::from_be_bytes([high, low]) % 1_001
    }

    async fn endpoint_is_gone(&self, delivery: DeliveryId, now: Instant) -> Result<(), ServiceError> {
        let pool = self.store().pool();
        let Some(id) = store::deliveries::endpoint_of(pool, delivery).await? else {
            return Ok(());
        };
        let Some(mut endpoint) = store::endpoints::find(pool, id).await? else {
            return Ok(());
        };
        if endpoint.disabled.is_some() {
            return Ok(());
        }
        endpoint.disabled = Some((now, DisabledWhy::Gone));
        let correlation = CorrelationId::from_uuid(self.ids().next(now));
        let mut tx = self.store().begin().await?;
        match store::endpoints::update(&mut tx, &endpoint).await {
            Ok(()) => {}
            // Somebody changed it meanwhile: the next delivery finds it gone again, if it is.
            Err(store::StoreError::Stale { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        let disabled = event(EventKind::EndpointDisabled, &endpoint);
        finish(
            self,
            tx,
            system(WHO, correlation),
            vec![disabled],
            Effect::None,
            now,
        )
        .await
    }
}
