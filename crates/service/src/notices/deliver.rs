//! What the server's worker asks for: deliveries that are due, and somewhere to say how they went.

use super::endpoints::{ADDRESS, PREVIOUS, SECRET, event, place};
use super::times::after_quiet_hours;
use crate::caller::system;
use crate::command::{Effect, finish};
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::event::EventKind;
use domain::id::{CorrelationId, DeliveryId, EndpointId};
use domain::name::PersonId;
use domain::notice::{ATTEMPTS, DisabledWhy, EndpointKind, Notice, NoticePreferences, next_attempt};
use domain::principal::PrincipalRef;
use domain::window::Instant;
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};
pub use store::deliveries::Room;
use store::deliveries::{Carries, Channels, Delivery, Lane, Settled, To};

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
    Digest {
        /// What stands in it.
        notices: Vec<Notice>,
        /// How many pieces of news more there are.
        more: u64,
    },
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

/// Why a delivery cannot be sent by this node.
enum Unsendable {
    /// Nor by any other: it is given up.
    Ever(&'static str),
    /// Another one may: it is tried again.
    Here(&'static str),
}

impl Service {
    /// Takes deliveries that are due, what is urgent first, for this node alone for [`LEASE_SECS`]. What this node has no
    /// means to send it leaves to others, and what nobody can send is given up at once.
    pub async fn claim_deliveries(&self, room: Room) -> Result<Vec<Claimed>, ServiceError> {
        let now = self.checked_now()?;
        let pool = self.store().pool();
        self.give_up_spent(now).await?;
        let channels = Channels {
            mail: self.reach().mail,
            endpoints: self.reach().seal.is_some(),
        };
        let leased_until = now + TimeDelta::seconds(LEASE_SECS);
        let mut claimed = Vec::new();
        for delivery in store::deliveries::claim(pool, room, channels, now, leased_until).await? {
            // What errs is attempted again once its lease is over; the others go out all the same.
            match self.prepared(&delivery, now).await {
                Ok(ready) => claimed.extend(ready),
                Err(error) => tracing::error!(
                    error = &error as &dyn std::error::Error,
                    delivery = %delivery.id,
                    "a delivery cannot be prepared"
                ),
            }
        }
        Ok(claimed)
    }

    /// What is to be sent; none where this node cannot, which is settled by that.
    async fn prepared(&self, delivery: &Delivery, now: Instant) -> Result<Option<Claimed>, ServiceError> {
        let (id, attempt) = (delivery.id, delivery.attempts);
        match self.addressed(delivery, now).await? {
            Ok((to, content)) => Ok(Some(Claimed {
                id,
                attempt,
                to,
                content,
            })),
            Err(Unsendable::Ever(why)) => {
                let error = why.to_owned();
                store::deliveries::settle(self.store().pool(), id, attempt, &Settled::Dead { error }, now)
                    .await?;
                Ok(None)
            }
            Err(Unsendable::Here(why)) => {
                let how = Attempted::Failed {
                    why: why.to_owned(),
                    wait_secs: None,
                };
                self.settle_delivery(id, attempt, how).await?;
                Ok(None)
            }
        }
    }

    /// What was begun as often as anything may be, and of which no node ever said what came of it.
    async fn give_up_spent(&self, now: Instant) -> Result<(), ServiceError> {
        const WHY: &str = "Every attempt was begun, and none came to an end.";
        let most = i32::try_from(ATTEMPTS).unwrap_or(i32::MAX);
        let spent = store::deliveries::give_up_spent(self.store().pool(), most, WHY, now).await?;
        let lanes: BTreeSet<Lane> = spent
            .into_iter()
            .map(|endpoint| endpoint.map_or(Lane::Mail, Lane::Endpoint))
            .collect();
        for lane in lanes {
            self.tell_undelivered(lane, now).await?;
        }
        Ok(())
    }

    /// Where a delivery goes and what it says, by what stands now; else why it cannot go.
    async fn addressed(
        &self,
        delivery: &Delivery,
        now: Instant,
    ) -> Result<Result<(Destination, Content), Unsendable>, ServiceError> {
        use Unsendable::Ever;
        let to = match &delivery.to {
            To::Mail(person) if self.has_left(person) => {
                return Ok(Err(Ever("This person is in the directory no more.")));
            }
            To::Mail(person) => match self.mail_address(person).await? {
                Some(address) => Destination::Mail(address),
                None => return Ok(Err(Ever("No mail address is known."))),
            },
            To::Endpoint(id, kind) => match self.opened(*id, *kind, now).await? {
                Ok(destination) => destination,
                Err(why) => return Ok(Err(why)),
            },
        };
        let content = match (&delivery.carries, &delivery.to) {
            (Carries::One(notice), _) => Content::One(notice.clone()),
            (Carries::Digest(at), To::Mail(person)) => {
                let (notices, more) = store::notices::in_digest(self.store().pool(), person, *at).await?;
                Content::Digest { notices, more }
            }
            (Carries::Digest(_), To::Endpoint(..)) => {
                return Ok(Err(Ever("A daily mail goes to people alone.")));
            }
        };
        Ok(Ok((to, content)))
    }

    fn has_left(&self, person: &PersonId) -> bool {
        let loaded = self.snapshots().current();
        let person = PrincipalRef::from(person.clone());
        !loaded.directory().principals.contains_key(&person)
    }

    async fn opened(
        &self,
        id: EndpointId,
        kind: EndpointKind,
        now: Instant,
    ) -> Result<Result<Destination, Unsendable>, ServiceError> {
        let Some(endpoint) = store::endpoints::find(self.store().pool(), id).await? else {
            return Ok(Err(Unsendable::Ever("The endpoint is not there.")));
        };
        if endpoint.disabled.is_some() {
            return Ok(Err(Unsendable::Ever("The endpoint is disabled.")));
        }
        let Some(seal) = &self.reach().seal else {
            return Ok(Err(Unsendable::Here(
                "This server has no key to open the address with.",
            )));
        };
        let open = |column, sealed: &[u8]| seal.open(&place(id, column), sealed).map(SecretString::from);
        let Ok(address) = open(ADDRESS, &endpoint.sealed_address) else {
            return Ok(Err(Unsendable::Here("The address was sealed with another key.")));
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
                    Err(_) => return Ok(Err(Unsendable::Here("The secret was sealed with another key."))),
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
        let gone = how == Attempted::Gone;
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
                        let due = next.max(now + wish);
                        let pool = self.store().pool();
                        let found = store::deliveries::find(pool, id).await?;
                        let at = match found.as_ref().and_then(kept_from_quiet_hours) {
                            Some(person) => {
                                let set = store::notices::preferences_of(pool, &[person.to_string()]).await?;
                                not_in_quiet_hours(&set, person, due)
                            }
                            None => due,
                        };
                        Settled::Again { at, error: why }
                    }
                    None => Settled::Dead { error: why },
                }
            }
        };
        let pool = self.store().pool();
        let dead = matches!(settled, Settled::Dead { .. });
        if !store::deliveries::settle(pool, id, attempt, &settled, now).await? {
            tracing::info!(delivery = %id, attempt, "another attempt has begun meanwhile");
        } else if dead
            && !gone
            && let Some(delivery) = store::deliveries::find(pool, id).await?
        {
            // That an endpoint is gone is told of the endpoint.
            self.tell_undelivered(lane(&delivery), now).await?;
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
        let to = store::deliveries::find(pool, delivery)
            .await?
            .map(|found| found.to);
        let Some(To::Endpoint(id, _)) = to else {
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
        let mut tx = self.begin().await?;
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

/// What goes the same way as this one.
pub(super) fn lane(delivery: &Delivery) -> Lane {
    match &delivery.to {
        To::Mail(_) => Lane::Mail,
        To::Endpoint(id, _) => Lane::Endpoint(*id),
    }
}

/// Whose quiet hours a delivery waits for, with every attempt; nobody's where it is urgent or goes to an endpoint.
pub(super) fn kept_from_quiet_hours(delivery: &Delivery) -> Option<&PersonId> {
    match &delivery.to {
        To::Mail(person) if !delivery.carries.is_urgent() => Some(person),
        To::Mail(_) | To::Endpoint(..) => None,
    }
}

/// When what is due then is really due for somebody with these preferences.
pub(super) fn not_in_quiet_hours(
    set: &BTreeMap<PersonId, NoticePreferences>,
    person: &PersonId,
    due: Instant,
) -> Instant {
    set.get(person).map_or(due, |set| after_quiet_hours(set, due))
}
