//! Incidents, as a tool tells of them. Bypasses that are bound to one end with it; those whose premise is that it is open are
//! suspended. Both in the transaction that says it is over.

use crate::caller::ClientCaller;
use crate::command::{Effect, EventDraft, finish};
use crate::opt_outs::event;
use crate::{FieldError, Service, ServiceError};
use domain::event::EventKind;
use domain::id::ClientId;
use domain::incident::{Incident, IncidentError, IncidentState, LONGEST_INCIDENT_ID};
use domain::name::{IncidentId, is_one_line};
use domain::opt_out::{Left, OptOutEvent, Reading, SuspensionCause};
use domain::window::Instant;
use std::collections::BTreeSet;
use store::Tx;

/// The most characters of a title.
const LONGEST_TITLE: usize = 200;

/// What is told of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentInput {
    /// Its id at the tool.
    pub id: String,
    /// Whether it burns.
    pub state: IncidentState,
    /// What it is about; of one that is known, it stays what it was.
    pub title: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The incident as it stands now.
    pub incident: Incident,
    /// Whether it was not known before.
    pub new: bool,
}

impl Service {
    /// Notes what a client tells of an incident. The same again changes nothing. That one is over bites at the commit, on
    /// every node.
    pub async fn tell_of_incident(
        &self,
        caller: &ClientCaller,
        input: &IncidentInput,
    ) -> Result<Told, ServiceError> {
        let loaded = self.snapshots().current_for_commands().await?;
        let authorised = caller.authorise(&loaded)?;
        // As it is registered now: this node's memory of the caller may be older.
        let prefix_of = |client: ClientId| loaded.client_by_id(client)?.incidents.as_ref();
        let prefix = prefix_of(caller.client.id).ok_or_else(|| refused(IncidentError::NoRight))?;
        let (id, title) = check(input)?;
        if !prefix.covers(&id) {
            return Err(refused(IncidentError::NotCovered));
        }
        let mut tx = self.begin().await?;
        store::incidents::tell(&mut tx).await?;
        let now = self.now();
        let client = caller.client.id;
        let mut events = Vec::new();
        let (incident, new) = match store::incidents::find(tx.conn(), &id).await? {
            None => {
                let heard_of = Incident::heard_of(id, title, client, now);
                events.push(told_of(EventKind::IncidentOpened, &heard_of));
                let incident = heard_of
                    .told(client, false, input.state, now)
                    .map_err(refused)?
                    .unwrap_or(heard_of);
                store::incidents::insert(&mut tx, &incident).await?;
                if incident.state == IncidentState::Resolved {
                    events.push(told_of(EventKind::IncidentResolved, &incident));
                }
                (incident, true)
            }
            Some((known, version)) => match known
                .told(
                    client,
                    !prefix_of(known.client).is_some_and(|prefix| prefix.covers(&known.id)),
                    input.state,
                    now,
                )
                .map_err(refused)?
            {
                None => {
                    return Ok(Told {
                        incident: known,
                        new: false,
                    });
                }
                Some(incident) => {
                    store::incidents::update(&mut tx, &incident, version).await?;
                    events.push(told_of(
                        match incident.state {
                            IncidentState::Open => EventKind::IncidentOpened,
                            IncidentState::Resolved => EventKind::IncidentResolved,
                        },
                        &incident,
                    ));
                    (incident, false)
                }
            },
        };
        if let Some(resolved_at) = incident.is_resolved() {
            events.extend(self.end_with(&mut tx, &incident.id, resolved_at, now).await?);
        }
        let effect = match store::opt_outs::depend_on_incident(tx.conn(), incident.id.as_str()).await? {
            true => Effect::OnDecisions,
            false => Effect::None,
        };
        finish(self, tx, authorised, events, effect, now).await?;
        Ok(Told { incident, new })
    }

    /// What stands on an incident that is over: shortened, ended before it began, or suspended.
    async fn end_with(
        &self,
        tx: &mut Tx,
        incident: &IncidentId,
        resolved_at: Instant,
        now: Instant,
    ) -> Result<Vec<EventDraft>, ServiceError> {
        let mut events = Vec::new();
        for mut stored in store::opt_outs::on_incident(tx, incident.as_str(), now).await? {
            let state = stored.opt_out.state_at(now, stored.uses);
            if state.is_terminal() {
                continue;
            }
            match stored.opt_out.clone().incident_resolved(resolved_at) {
                Left::All => {}
                Left::Shorter(shorter) => {
                    stored.opt_out = *shorter;
                    store::opt_outs::update(tx, &stored, true, now).await?;
                    stored.version += 1;
                    let body = serde_json::json!({
                        "incident": incident, "ends_at": stored.opt_out.window.ends_at(),
                    });
                    events.push(event(EventKind::OptOutCutShort, &stored, body));
                }
                Left::Nothing => {
                    stored.opt_out.state = state.on(OptOutEvent::Revoked).map_err(ServiceError::internal)?;
                    stored.opt_out.revision = stored.opt_out.revision.saturating_add(1);
                    store::opt_outs::update(tx, &stored, true, now).await?;
                    let reason = format!("Incident {incident} is resolved.");
                    let body = serde_json::json!({ "incident": incident, "reason": reason });
                    events.push(event(EventKind::OptOutRevoked, &stored, body));
                    continue;
                }
            }
            let fell = stored
                .opt_out
                .conditions
                .premise
                .as_ref()
                .is_some_and(|premise| premise.incident() == Some(incident));
            if fell {
                let cause = SuspensionCause::PremiseFell {
                    reading: Reading::Incident { open: Some(false) },
                };
                events.extend(crate::premises::suspend(tx, stored, cause, now).await?);
            }
        }
        Ok(events)
    }
}

fn check(input: &IncidentInput) -> Result<(IncidentId, String), ServiceError> {
    let mut errors = Vec::new();
    let id = IncidentId::new(input.id.clone())
        .ok()
        .filter(|id| id.as_str().chars().count() <= LONGEST_INCIDENT_ID);
    if id.is_none() {
        errors.push(FieldError::new(
            "id",
            "unreadable",
            format!("An id stands on one line and has 1 to {LONGEST_INCIDENT_ID} characters."),
        ));
    }
    let title = input.title.trim();
    if !is_one_line(title) || title.chars().count() > LONGEST_TITLE {
        errors.push(FieldError::new(
            "title",
            "unreadable",
            format!("A title stands on one line and has at most {LONGEST_TITLE} characters."),
        ));
    }
    match id {
        Some(id) if errors.is_empty() => Ok((id, title.to_owned())),
        Some(_) | None => Err(ServiceError::Invalid(errors)),
    }
}

fn told_of(kind: EventKind, incident: &Incident) -> EventDraft {
    EventDraft {
        kind,
        object_kind: "incident",
        object_id: incident.id.to_string(),
        // Its id is somebody's text: it stands in the body alone.
        refs: BTreeSet::from([incident.client.to_string()]),
        policy_digest: None,
        body: serde_json::json!({ "incident": incident }),
    }
}

fn refused(error: IncidentError) -> ServiceError {
    ServiceError::Forbidden {
        code: match error {
            IncidentError::NoRight => "may_not_tell",
            IncidentError::NotCovered => "not_covered",
            IncidentError::Another => "another_client",
        },
        why: format!("{error}."),
    }
}
