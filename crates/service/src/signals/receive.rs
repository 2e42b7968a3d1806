//! A source says HIGH or LOW.

use crate::approvals::{concerned, resolved};
use crate::caller::{Authorised, ClientCaller};
use crate::command::{Effect, EventDraft, finish};
use crate::opt_outs::{event, teams};
use crate::post_reviews::{owed, review_at_end};
use crate::snapshot::Loaded;
use crate::{FieldError, Service, ServiceError};
use chrono::TimeDelta;
use domain::approval::Exclusions;
use domain::event::EventKind;
use domain::id::{ClientId, OptOutId};
use domain::name::{ScenarioId, is_one_line, visible_chars};
use domain::opt_out::{Conditions, Details, Direction, Need, OptOut, OptOutEvent, OptOutState};
use domain::principal::PrincipalRef;
use domain::scope::{Coverage, PrincipalSelector, Scope};
use domain::signal::{
    LONGEST_REASON, LONGEST_SOURCE_ID, Requester, Risk, SignalError, SignalRef, SignalRight, SoFar,
};
use domain::text::cleaned;
use domain::window::{Instant, Window, to_micros};
use std::collections::BTreeSet;
use store::Tx;
use store::opt_outs::Stored;

/// What every signal names as its case: no catalogue entry, since nobody chooses it.
const SCENARIO: &str = "signal";

/// The reason of a signal whose own one has not a single readable character.
const UNREADABLE: &str = "The source sent a reason that cannot be read.";

/// What a source says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalInput {
    /// HIGH or LOW.
    pub risk: Risk,
    /// About whom.
    pub principal: PrincipalRef,
    /// The source's own id of what it saw.
    pub source_id: String,
    /// What it saw.
    pub reason: String,
    /// Until when at most; HIGH needs it.
    pub expires_at: Option<Instant>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// The principal is out of the automation now.
    Opened(Box<OptOut>),
    /// That was said before.
    Again(Box<OptOut>),
    /// The principal is back, as far as this source goes.
    Closed(Vec<OptOutId>),
}

impl Service {
    /// Receives a signal. HIGH opens a `to_manual` at once; the same id again is answered by the first. LOW closes what the
    /// same source has open about that principal. Beyond the source's limits there is one alarm an hour and nothing more.
    pub async fn signal(&self, caller: &ClientCaller, input: &SignalInput) -> Result<Received, ServiceError> {
        let input = &readable(input);
        let loaded = self.snapshots().current_for_commands().await?;
        let authorised = caller.authorise(&loaded)?;
        // As it is registered now: this node's memory of the caller may be older.
        let right = loaded
            .client_by_id(caller.client.id)
            .and_then(|client| client.signals.clone())
            .ok_or_else(|| refused(SignalError::NoRight))?;
        check(&loaded, &right, input)?;
        let mut tx = self.begin().await?;
        store::signals::count_alone(&mut tx, caller.client.id).await?;
        let now = self.now();
        match input.risk {
            Risk::High => {
                self.open(tx, authorised, &loaded, caller, &right, input, now)
                    .await
            }
            Risk::Low => {
                self.close(tx, authorised, &loaded, caller.client.id, input, now)
                    .await
            }
        }
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "all of it is one command, cut in two for its length"
    )]
    async fn open(
        &self,
        mut tx: Tx,
        authorised: Authorised,
        loaded: &Loaded,
        caller: &ClientCaller,
        right: &SignalRight,
        input: &SignalInput,
        now: Instant,
    ) -> Result<Received, ServiceError> {
        let client = caller.client.id;
        if let Some(id) = store::signals::find_by_source(tx.conn(), client, &input.source_id).await? {
            let stored = store::opt_outs::find(tx.conn(), id)
                .await?
                .ok_or_else(|| ServiceError::internal(format!("no opt-out {id}")))?;
            return again(stored, input, now);
        }
        let count = |found: i64| usize::try_from(found).unwrap_or(usize::MAX);
        let so_far = SoFar {
            in_the_hour: count(
                store::signals::opened_since(&mut tx, client, now - TimeDelta::hours(1)).await?,
            ),
            in_force: count(store::signals::in_force(&mut tx, client, now).await?),
            principals: loaded.directory().principals.len(),
        };
        let expires_at = input.expires_at.map_or(now, to_micros);
        let ends_at = match right.open(&input.principal, expires_at, so_far, now) {
            Ok(ends_at) => ends_at,
            Err(limit) if limit.is_limit() => {
                return self.alarm(tx, authorised, client, limit, now).await;
            }
            Err(other) => return Err(refused(other)),
        };
        let mut stored = self.signalled(loaded, caller, right, input, ends_at, now)?;
        stored.opt_out.state = stored
            .opt_out
            .state
            .on(OptOutEvent::Signalled)
            .map_err(ServiceError::internal)?;
        store::opt_outs::insert(&mut tx, &stored).await?;
        if let Some(signal) = stored.opt_out.requested_by.signal() {
            store::signals::insert(&mut tx, stored.opt_out.id, signal, &input.principal, now).await?;
        }
        let body = serde_json::json!({
            "opt_out": stored.opt_out, "source": caller.client.name, "source_id": input.source_id,
            "asked_until": input.expires_at,
        });
        let opened = event(EventKind::OptOutSignalled, &stored, body);
        finish(self, tx, authorised, vec![opened], Effect::OnDecisions, now).await?;
        Ok(Received::Opened(Box::new(stored.opt_out)))
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "all of it is one command, cut in two for its length"
    )]
    fn signalled(
        &self,
        loaded: &Loaded,
        caller: &ClientCaller,
        right: &SignalRight,
        input: &SignalInput,
        ends_at: Instant,
        now: Instant,
    ) -> Result<Stored, ServiceError> {
        let view = loaded.view()?;
        let directory = loaded.directory();
        let scope = Scope {
            principals: Some(BTreeSet::from([PrincipalSelector::Id(input.principal.clone())])),
            ..Scope::default()
        };
        let coverage = Coverage::of(&scope, view.all_principal_facts(), view.all_resource_facts());
        let tier = policy::evaluate::scope_tier(loaded.snapshot()?, &scope, now);
        let teams = teams(directory, &coverage);
        Ok(Stored {
            plan: resolved(&tier.opt_out_stages, &concerned(directory, &teams, None)),
            opt_out: OptOut {
                id: OptOutId::from_uuid(self.ids().next(now)),
                revision: 1,
                direction: Direction::ToManual,
                scenario: ScenarioId::new(SCENARIO).map_err(ServiceError::internal)?,
                title: format!("Signal of {}", caller.client.name)
                    .chars()
                    .take(120)
                    .collect(),
                reason: input.reason.trim().to_owned(),
                ticket: None,
                details: Details::default(),
                requested_by: Requester::Signal(SignalRef {
                    client: caller.client.id,
                    source_id: input.source_id.clone(),
                }),
                break_glass: None,
                scope,
                coverage,
                tier: tier.name.clone(),
                tier_rank: tier.rank,
                teams,
                pinned: Vec::new(),
                window: Window::new(now, ends_at).map_err(ServiceError::internal)?,
                recurrence: None,
                zone: None,
                state: OptOutState::Requested,
                max_uses: None,
                requested_at: now,
                lapses_at: ends_at,
                approved_at: None,
                lineage: None,
                causes: Vec::new(),
                need: Need::default(),
                conditions: Conditions::default(),
            },
            version: 1,
            excluded: Exclusions::default(),
            policy_digest: loaded.policy()?.digest(),
            longest_secs: right.longest_secs,
            scheduled: false,
            uses: 0,
        })
    }

    async fn close(
        &self,
        mut tx: Tx,
        authorised: Authorised,
        loaded: &Loaded,
        client: ClientId,
        input: &SignalInput,
        now: Instant,
    ) -> Result<Received, ServiceError> {
        let open = store::signals::open_about(&mut tx, client, &input.principal, now).await?;
        let mut events = Vec::new();
        let mut closed = Vec::new();
        for id in open {
            let Some(mut stored) = store::opt_outs::for_update(&mut tx, id).await? else {
                continue;
            };
            // Somebody may have ended it between the two looks.
            let Ok(state) = stored.opt_out.state_at(now, stored.uses).on(OptOutEvent::Revoked) else {
                continue;
            };
            stored.opt_out.state = state;
            stored.opt_out.revision = stored.opt_out.revision.saturating_add(1);
            store::opt_outs::update(&mut tx, &stored, true, now).await?;
            let body = serde_json::json!({ "source_id": input.source_id, "reason": input.reason.trim() });
            events.push(event(EventKind::OptOutCleared, &stored, body));
            if let Some(review) = review_at_end(self, loaded, &stored, now)? {
                store::post_reviews::insert(&mut tx, &review).await?;
                events.push(owed(&review));
            }
            closed.push(id);
        }
        if !events.is_empty() {
            finish(self, tx, authorised, events, Effect::OnDecisions, now).await?;
        }
        Ok(Received::Closed(closed))
    }

    async fn alarm(
        &self,
        mut tx: Tx,
        authorised: Authorised,
        client: ClientId,
        limit: SignalError,
        now: Instant,
    ) -> Result<Received, ServiceError> {
        if store::signals::alarm(&mut tx, client, now - TimeDelta::hours(1), now).await? {
            let draft = EventDraft {
                kind: EventKind::SignalsExceeded,
                object_kind: "client",
                object_id: client.to_string(),
                refs: BTreeSet::from([client.to_string()]),
                policy_digest: None,
                body: serde_json::json!({ "limit": limit.to_string() }),
            };
            finish(self, tx, authorised, vec![draft], Effect::None, now).await?;
            tracing::error!(%client, limit = %limit, "a source of signals went beyond its limits");
        }
        Err(refused(limit))
    }
}

/// The signal with a reason that can be stored and shown. No characters in it may cost the signal: the principal would stay
/// in the automation.
fn readable(input: &SignalInput) -> SignalInput {
    let cleaned = cleaned(&input.reason);
    let reason = match visible_chars(&cleaned) {
        0 if !input.reason.trim().is_empty() => UNREADABLE.to_owned(),
        _ => cleaned.into_owned(),
    };
    SignalInput {
        reason,
        ..input.clone()
    }
}

fn check(loaded: &Loaded, right: &SignalRight, input: &SignalInput) -> Result<(), ServiceError> {
    let mut errors = Vec::new();
    let id = input.source_id.as_str();
    if id.trim().is_empty() || !is_one_line(id) || id.chars().count() > LONGEST_SOURCE_ID {
        errors.push(FieldError::new(
            "id",
            "unreadable",
            format!("An id stands on one line and has 1 to {LONGEST_SOURCE_ID} characters."),
        ));
    }
    let reason = input.reason.trim();
    if input.risk == Risk::High && visible_chars(reason) == 0 {
        errors.push(FieldError::new("reason", "missing", "Say what was seen."));
    }
    if reason.chars().count() > LONGEST_REASON {
        errors.push(FieldError::new(
            "reason",
            "too_long",
            format!("At most {LONGEST_REASON} characters."),
        ));
    }
    if input.risk == Risk::High && input.expires_at.is_none() {
        errors.push(FieldError::new(
            "expires_at",
            "missing",
            "Say until when it holds at most: nothing is without an end.",
        ));
    }
    if !errors.is_empty() {
        return Err(ServiceError::Invalid(errors));
    }
    // About whom it may not speak, it learns nothing of, not even whether they exist.
    if !right.is_about(&input.principal) {
        return Err(refused(SignalError::NotAbout));
    }
    if !loaded.directory().principals.contains_key(&input.principal) {
        return Err(ServiceError::field(
            "subject",
            "unknown",
            format!("There is no {}.", input.principal),
        ));
    }
    Ok(())
}

/// The same id names the same observation: it cannot be said of somebody else, nor once more when it is over.
fn again(stored: Stored, input: &SignalInput, now: Instant) -> Result<Received, ServiceError> {
    let about = PrincipalSelector::Id(input.principal.clone());
    let same = stored
        .opt_out
        .scope
        .principals
        .as_ref()
        .is_some_and(|named| named.contains(&about));
    if !same {
        return Err(ServiceError::Conflict {
            code: "id_used",
            why: "This id was used of another principal.".to_owned(),
        });
    }
    let state = stored.opt_out.state_at(now, stored.uses);
    if state != OptOutState::Active {
        return Err(ServiceError::Conflict {
            code: "settled",
            why: format!(
                "What this id opened is {}. Something new has an id of its own.",
                state.words()
            ),
        });
    }
    Ok(Received::Again(Box::new(stored.opt_out)))
}

fn refused(error: SignalError) -> ServiceError {
    let why = error.to_string();
    match error {
        SignalError::NoRight => ServiceError::Forbidden {
            code: "may_not_signal",
            why,
        },
        SignalError::NotAbout => ServiceError::Forbidden {
            code: "not_about",
            why,
        },
        SignalError::TooMany => ServiceError::Conflict {
            code: "too_many",
            why,
        },
        SignalError::TooWide => ServiceError::Conflict {
            code: "too_wide",
            why,
        },
        SignalError::Over => ServiceError::field("expires_at", "over", "It must end later than now."),
    }
}
