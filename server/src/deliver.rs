//! The worker that sends what waits in the outbox: mail, Slack, Teams, webhooks. Any number of nodes can run it: each takes
//! deliveries for itself, and what a node that died had taken is taken by another.

mod attempt;

use std::sync::Arc;
use std::time::Duration;

use notify::mail::Sender;
use notify::mailer::{Mailer, MailerUrlError};
use notify::outgoing::{Allow, ClientError, Limits, Outgoing};
use service::Service;
use service::notices::{LEASE_SECS, Room};
use tokio::sync::{Notify, Semaphore};
use url::Url;

use crate::config::{MailSettings, OutgoingSettings};
use crate::node::{Node, stopped_within};

/// How often the outbox is looked at while nothing is in it.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How many deliveries a node makes at once.
const AT_ONCE: usize = 64;
/// How many of them may go to one endpoint, or as mail: who is slow has the others wait for nothing.
const PER_LANE: i64 = 8;
/// How long one attempt may take, whatever its receiver does. Longer than the guarded client's own time, and well below the
/// lease: an attempt that outlived it would be made twice at once.
pub const PATIENCE: Duration = Duration::from_secs(30);
const _: () = assert!(PATIENCE.as_secs() * 2 <= LEASE_SECS.unsigned_abs());

/// What deliveries are made with.
#[derive(Debug, Clone)]
pub struct Courier {
    outgoing: Outgoing,
    mail: Option<(Sender, Mailer)>,
    /// Where the links in messages lead.
    base: Url,
    /// How long one attempt may take.
    patience: Duration,
}

/// Why there is nothing to deliver with.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    /// TLS.
    #[error("no client for webhooks and chats")]
    Client(#[from] ClientError),
    /// The mail server's address.
    #[error("`mail.url` will not do")]
    Mail(#[from] MailerUrlError),
}

impl Courier {
    /// By configuration; `base` is Spillway's own address.
    pub fn new(
        mail: Option<&MailSettings>,
        outgoing: &OutgoingSettings,
        base: &Url,
    ) -> Result<Self, CourierError> {
        Self::with_limits(mail, outgoing.allow.clone(), base, Limits::default(), PATIENCE)
    }

    /// The same with other limits.
    pub fn with_limits(
        mail: Option<&MailSettings>,
        allow: Allow,
        base: &Url,
        limits: Limits,
        patience: Duration,
    ) -> Result<Self, CourierError> {
        let mail = match mail {
            Some(settings) => {
                let sender = Sender {
                    from: settings.from.clone(),
                    base: base.clone(),
                };
                Some((sender, Mailer::new(&settings.url)?))
            }
            None => None,
        };
        Ok(Self {
            outgoing: Outgoing::new(allow, limits)?,
            mail,
            base: base.clone(),
            patience,
        })
    }
}

/// Delivers until the node stops.
pub fn start(node: &Node, service: &Service, courier: Courier) {
    let (node, service) = (node.clone(), service.clone());
    let worker = node.clone();
    worker.work("deliveries", async move {
        let work = Work {
            room: Arc::new(Semaphore::new(AT_ONCE)),
            settled: Arc::new(Notify::new()),
        };
        loop {
            let begun = deliver(&node, &service, &courier, &work).await;
            let wait = if begun { Duration::ZERO } else { LOOK_EVERY };
            // A delivery that is over makes room for the next one to the same receiver.
            tokio::select! {
                stopped = stopped_within(&node.stop, wait) => {
                    if stopped {
                        return;
                    }
                }
                () = work.settled.notified() => {}
            }
        }
    });
}

/// What is under way.
struct Work {
    room: Arc<Semaphore>,
    settled: Arc<Notify>,
}

/// Begins what is due, as far as there is room; whether there was any.
async fn deliver(node: &Node, service: &Service, courier: &Courier, work: &Work) -> bool {
    let most = i64::try_from(work.room.available_permits()).unwrap_or_default();
    if most == 0 {
        return false;
    }
    let room = Room {
        most,
        per_lane: PER_LANE,
    };
    let claimed = match service.claim_deliveries(room).await {
        Ok(claimed) => claimed,
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the outbox could not be read"
            );
            return false;
        }
    };
    let some = !claimed.is_empty();
    for delivery in claimed {
        // There is room for all: nobody else takes any.
        let Ok(permit) = Arc::clone(&work.room).acquire_owned().await else {
            return false;
        };
        let (service, courier, settled) = (service.clone(), courier.clone(), Arc::clone(&work.settled));
        node.tasks.spawn(async move {
            let (id, number) = (delivery.id, delivery.attempt);
            let how = courier.attempt(delivery, service.now()).await;
            tracing::info!(delivery = %id, attempt = number, ?how, "delivery attempted");
            // Not noted, it is attempted again once its lease is over, under the same id.
            if let Err(error) = service.settle_delivery(id, number, how).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    delivery = %id,
                    "what came of a delivery could not be noted"
                );
            }
            drop(permit);
            settled.notify_one();
        });
    }
    some
}
