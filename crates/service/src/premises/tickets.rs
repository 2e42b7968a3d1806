//! Tickets are looked up: which, and what came of it. The look-up itself is the server's, through the guarded client.

use crate::caller::system;
use crate::command::{Effect, EventDraft, finish};
use crate::{Service, ServiceError};
use chrono::TimeDelta;
use domain::event::EventKind;
use domain::id::CorrelationId;
use domain::opt_out::TicketAnswer;
use domain::opt_out::premise::LOOKED_UP_EVERY_SECS;
use std::collections::BTreeSet;

/// How long a node that takes look-ups has for them; then another takes them.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// When a look-up without an answer is tried again: well within the grace.
const AGAIN: TimeDelta = TimeDelta::minutes(10);

const WHO: &str = "ticket-lookup";

/// What came of a look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketLookUp {
    /// The ticket's system said whether it is open.
    Answered {
        /// Whether.
        open: bool,
    },
    /// It said nothing that can be read. The last answer stands until its grace is over.
    Failed {
        /// Why, in our own words.
        why: String,
    },
}

impl Service {
    /// Takes tickets whose look-up is due.
    pub async fn claim_ticket_look_ups(&self) -> Result<Vec<String>, ServiceError> {
        let now = self.checked_now()?;
        Ok(store::tickets::claim_due(self.store().pool(), now, now + LEASE).await?)
    }

    /// Stores what came of a look-up, with its time. An answer bites at its commit, on every node.
    pub async fn settle_ticket_look_up(
        &self,
        ticket: &str,
        found: &TicketLookUp,
    ) -> Result<(), ServiceError> {
        let now = self.checked_now()?;
        let open = match found {
            TicketLookUp::Failed { why } => {
                tracing::warn!(ticket, why, "a ticket could not be looked up");
                return Ok(store::tickets::failed(self.store().pool(), ticket, why, now + AGAIN).await?);
            }
            TicketLookUp::Answered { open } => *open,
        };
        let loaded = self.snapshots().current_for_commands().await?;
        let mut tx = self.begin().await?;
        let due_at = now + TimeDelta::seconds(LOOKED_UP_EVERY_SECS);
        store::tickets::answered(&mut tx, ticket, TicketAnswer { open, at: now }, due_at).await?;
        let mut events = vec![EventDraft {
            kind: EventKind::TicketLookedUp,
            object_kind: "ticket",
            object_id: ticket.to_owned(),
            refs: BTreeSet::new(),
            policy_digest: None,
            body: serde_json::json!({ "ticket": ticket, "open": open }),
        }];
        if !open {
            events.extend(super::suspend_fallen(&mut tx, loaded.directory(), now).await?);
        }
        let correlation = CorrelationId::from_uuid(self.ids().next(now));
        finish(
            self,
            tx,
            system(WHO, correlation),
            events,
            Effect::OnDecisions,
            now,
        )
        .await
    }
}
