//! Questions that a client may not ask. They are no decisions: nothing is evaluated. So that probing leaves a trace, a worker
//! records for each client how many there were, and the first of them.

use super::{Answered, Asked, Decider};
use crate::ServiceError;
use crate::caller::{ClientCaller, system};
use crate::command::{Effect, EventDraft, finish};
use domain::event::EventKind;
use domain::id::{ClientId, CorrelationId};
use domain::window::Instant;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What was asked out of scope since it was recorded last, by client.
#[derive(Debug, Clone, Default)]
pub(super) struct OutOfScope(Arc<Mutex<BTreeMap<ClientId, Noted>>>);

/// The questions of one client.
#[derive(Debug, Clone)]
struct Noted {
    count: u64,
    first_at: Instant,
    first_request: CorrelationId,
    /// Subject, resource, action, and what of them is out of scope.
    first: serde_json::Value,
}

impl OutOfScope {
    fn held(&self) -> MutexGuard<'_, BTreeMap<ClientId, Noted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes those of the questions that were answered as out of scope.
    pub(super) fn note(&self, caller: &ClientCaller, asked: &[Asked], answered: &[Answered], now: Instant) {
        for (asked, answered) in asked.iter().zip(answered) {
            let Answered::OutOfScope(why) = answered else {
                continue;
            };
            let mut held = self.held();
            let noted = held.entry(caller.client.id).or_insert_with(|| Noted {
                count: 0,
                first_at: now,
                first_request: caller.correlation,
                first: serde_json::json!({
                    "subject": asked.principal, "resource": asked.resource, "action": asked.capability, "why": why,
                }),
            });
            noted.count = noted.count.saturating_add(1);
        }
    }

    /// What could not be recorded counts towards the next time.
    fn put_back(&self, client: ClientId, noted: Noted) {
        let mut held = self.held();
        let count = held.get(&client).map_or(0, |later| later.count);
        let count = noted.count.saturating_add(count);
        held.insert(client, Noted { count, ..noted });
    }
}

impl Decider {
    /// Records what clients have asked out of their scope since the last time: one event for each client. Returns how many.
    pub async fn report_out_of_scope(&self) -> Result<usize, ServiceError> {
        let noted = std::mem::take(&mut *self.out_of_scope.held());
        let mut first_error = None;
        let mut count = 0;
        for (client, noted) in noted {
            match self.report_one(client, &noted).await {
                Ok(()) => count += 1,
                Err(error) => {
                    self.out_of_scope.put_back(client, noted);
                    first_error.get_or_insert(error);
                }
            }
        }
        first_error.map_or(Ok(count), Err)
    }

    async fn report_one(&self, client: ClientId, noted: &Noted) -> Result<(), ServiceError> {
        let now = self.now()?;
        let draft = EventDraft {
            kind: EventKind::OutOfScopeAsked,
            object_kind: "client",
            object_id: client.to_string(),
            refs: BTreeSet::from([client.to_string()]),
            policy_digest: None,
            body: serde_json::json!({
                "count": noted.count, "first": noted.first, "first_at": noted.first_at,
                "first_request": noted.first_request.to_string(),
            }),
        };
        let correlation = CorrelationId::from_uuid(self.service.ids().next(now));
        let tx = self.service.begin().await?;
        finish(
            &self.service,
            tx,
            system("decisions", correlation),
            vec![draft],
            Effect::None,
            now,
        )
        .await
    }
}
