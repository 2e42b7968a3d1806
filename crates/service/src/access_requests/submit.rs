//! A client files an access request on a requestable denial.

use super::event;
use crate::approvals::{Asked, concerned, join, named_owners, next_to_join, resolved};
use crate::caller::ClientCaller;
use crate::command::{Effect, finish};
use crate::snapshot::Loaded;
use crate::{FieldError, Service, ServiceError};
use domain::access_request::{AccessRequest, AccessRequestEvent, AccessRequestState, LONGEST_REASON, Wish};
use domain::approval::{Exclusion, Exclusions};
use domain::decision::{Decision, Input, Purpose};
use domain::digest::Digest;
use domain::directory::Directory;
use domain::event::EventKind;
use domain::id::{AccessRequestId, DecisionId};
use domain::name::{Capability, PersonId, visible_chars};
use domain::outcome::Outcome;
use domain::principal::{PrincipalKind, PrincipalRef};
use domain::resource::ResourceRef;
use domain::rule::Question;
use domain::tier::Tier;
use domain::window::Instant;
use std::collections::BTreeMap;
use store::votes::Item;

/// How long a denial can be turned into a request, in seconds (DESIGN.md: 15 minutes).
const REQUESTABLE_SECS: i64 = 15 * 60;

/// The shortest reason, in characters. Less than a tier asks of an opt-out: a pipeline names its change and its ticket,
/// and approvers see the rest.
const SHORTEST_REASON: usize = 10;

/// A start so little in the past is somebody's clock.
const A_LITTLE_AGO: chrono::TimeDelta = chrono::TimeDelta::minutes(5);

/// How far ahead access can be asked for.
const FARTHEST_START: chrono::TimeDelta = chrono::TimeDelta::days(30);

/// The longest ticket, in characters.
const LONGEST_TICKET: usize = 64;

/// What a client submits.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Who wants.
    pub principal: PrincipalRef,
    /// On what.
    pub resource: ResourceRef,
    /// To do what.
    pub capability: Capability,
    /// The context of the denied evaluation, where it was sent again.
    pub context: Option<BTreeMap<String, serde_json::Value>>,
    /// Why.
    pub reason: String,
    /// Where it is tracked.
    pub ticket: Option<String>,
    /// From when access is wanted; none: from the approval.
    pub from: Option<Instant>,
    /// Until when access is wanted.
    pub until: Option<Instant>,
    /// The denied evaluation.
    pub denial: DecisionId,
    /// What the client says of whoever acted.
    pub client_says: BTreeMap<String, serde_json::Value>,
    /// The `Idempotency-Key`, and the digest of the whole body.
    pub idempotency: Option<(String, Digest)>,
}

/// Why a submission is refused; each is a problem type of the profile.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The denial is not this client's, not for this, or too old.
    #[error("{0}")]
    DenialBinding(String),
    /// The denial can no longer be turned into a request.
    #[error("this denial is older than 15 minutes: evaluate again")]
    DenialExpired,
    /// The idempotency key came with another body before.
    #[error("this idempotency key was used for another request")]
    Duplicate,
    /// Policy does not let anybody approve this now.
    #[error("{0}")]
    NotRequestable(String),
    /// Too many requests of this client or for this requester wait for a decision.
    #[error("{0}")]
    TooManyOpen(String),
    /// Anything else.
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl From<store::StoreError> for SubmitError {
    fn from(error: store::StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl Service {
    /// Files an access request. The same idempotency key with the same body, or the same denial again, gives the request
    /// that was made the first time; `true` says that it is new.
    pub async fn submit_access_request(
        &self,
        caller: &ClientCaller,
        submission: Submission,
    ) -> Result<(AccessRequest, bool), SubmitError> {
        let loaded = self.snapshots().current_for_commands().await?;
        let authorised = caller.authorise(&loaded)?;
        let wanted = (
            &submission.principal,
            &submission.resource,
            &submission.capability,
        );
        let before = self
            .submitted_before(caller, submission.idempotency.as_ref(), submission.denial, wanted)
            .await?;
        if let Some(found) = before {
            return Ok((found, false));
        }
        let now = self.now();
        let denial = self.bound_denial(caller, &submission, now).await?;
        let input = Input {
            purpose: Purpose::Preview,
            approval: None,
            ..denial.input.clone()
        };
        let evaluation = policy::evaluate(loaded.snapshot()?, &input, now, &policy::Without::nothing());
        match evaluation.effective {
            Outcome::Review => {}
            Outcome::Automate => {
                return Err(SubmitError::NotRequestable(
                    "Policy grants this without a person now: evaluate again.".to_owned(),
                ));
            }
            Outcome::Deny => {
                return Err(SubmitError::NotRequestable(
                    "Policy refuses this now, so nobody can approve it.".to_owned(),
                ));
            }
        }
        let tier = loaded
            .policy()?
            .tier(&evaluation.tier)
            .ok_or_else(|| ServiceError::internal(format!("no tier {}", evaluation.tier)))?;
        let grant_secs = length(&submission, tier, now)?;
        let directory = loaded.directory();
        let initiator = initiator(directory, &denial.input);
        let excluded = exclusions(&loaded, &submission.principal, initiator.as_ref());
        let team = directory
            .resources
            .get(&submission.resource)
            .map(|found| &found.team);
        let who_asks = submission.principal.person().or_else(|| initiator.clone());
        let concerned = concerned(directory, team, who_asks.as_ref());
        let mut plan = resolved(&tier.access_stages, &concerned);
        let asked = Asked {
            excluded: &excluded,
            votes: &[],
            requested_at: now,
            fallback: &concerned.named(&tier.fallback),
        };
        let joined = join(loaded.electors(), &mut plan, asked, now);
        loaded
            .electors()
            .feasible(&plan, &[], &excluded)
            // A client is told that nobody can, and not who they are.
            .map_err(|nobody| SubmitError::NotRequestable(nobody.error.to_string()))?;
        let expires_at = chrono::TimeDelta::try_seconds(tier.access_lapse_secs)
            .and_then(|lapse| now.checked_add_signed(lapse))
            .ok_or_else(|| ServiceError::internal("the tier's lapse is out of range"))?;
        // Nobody can approve it after the end that was asked for.
        let expires_at = submission.until.map_or(expires_at, |until| expires_at.min(until));
        let rules = evaluation
            .matches
            .get(&Question::Automate)
            .map(|matches| matches.forbids.clone())
            .unwrap_or_default();
        let context = denial.input.asserted.iter().chain(&denial.input.evidence);
        let mut request = AccessRequest {
            id: AccessRequestId::from_uuid(self.ids().next(now)),
            version: 1,
            state: AccessRequestState::Submitted,
            client: caller.client.id,
            decision: denial.id,
            principal: submission.principal,
            resource: submission.resource,
            capability: submission.capability,
            tuple_digest: evaluation.tuple_digest,
            wish: Wish {
                reason: submission.reason.trim().to_owned(),
                ticket: submission.ticket,
                initiator,
                client_says: submission.client_says,
                context: context.map(|(key, value)| (key.clone(), value.clone())).collect(),
                rules,
            },
            tier: tier.name.clone(),
            tier_rank: tier.rank,
            policy_digest: loaded.policy()?.digest(),
            plan,
            excluded,
            grant_secs,
            wanted_from: submission.from.filter(|from| *from > now),
            wanted_until: submission.until,
            requested_at: now,
            expires_at,
            decided_at: None,
            break_glass: None,
        };
        let submitted = event(EventKind::AccessRequestSubmitted, &request, body(&request));
        request.state = request
            .state
            .on(AccessRequestEvent::StageReached(0))
            .map_err(ServiceError::internal)?;
        let reached = event(
            EventKind::AccessRequestStageReached,
            &request,
            serde_json::json!({ "stage": 0, "name": request.plan.stages.first().map(|stage| &stage.name) }),
        );
        let mut tx = self.begin().await?;
        super::open_items::refuse_too_many(&mut tx, &request, now).await?;
        match insert(&mut tx, &request, submission.idempotency.as_ref(), now).await {
            Ok(()) => {
                let waits = next_to_join(&request.plan, now, &[]).map(|(_, at)| at);
                store::escalations::set(&mut tx, Item::AccessRequest(request.id.uuid()), waits).await?;
            }
            Err(error)
                if error.is_constraint("idempotency_keys_pk")
                    || error.is_constraint("access_requests_one_per_denial") =>
            {
                // The same at the same moment: whoever was first has made the request.
                drop(tx);
                let wanted = (&request.principal, &request.resource, &request.capability);
                let first = self
                    .submitted_before(caller, submission.idempotency.as_ref(), request.decision, wanted)
                    .await?;
                return first.map(|found| (found, false)).ok_or_else(|| {
                    SubmitError::Service(ServiceError::Conflict {
                        code: "changed_meanwhile",
                        why: "This is being submitted right now: try again.".to_owned(),
                    })
                });
            }
            Err(error) => return Err(error.into()),
        }
        let mut events = vec![submitted];
        events.extend(joined.iter().map(|joined| super::joined_event(&request, joined)));
        events.push(reached);
        finish(self, tx, authorised, events, Effect::None, now).await?;
        Ok((request, true))
    }

    async fn submitted_before(
        &self,
        caller: &ClientCaller,
        key: Option<&(String, Digest)>,
        denial: DecisionId,
        wanted: (&PrincipalRef, &ResourceRef, &Capability),
    ) -> Result<Option<AccessRequest>, SubmitError> {
        if let Some((key, digest)) = key
            && let Some(found) = self.same_key(caller, key, digest).await?
        {
            return Ok(Some(found));
        }
        // Without a key, the denial itself is one: a client that sends again after a lost answer makes no second task.
        let Some(id) = store::access_requests::by_decision(self.store().pool(), denial).await? else {
            return Ok(None);
        };
        let found = store::access_requests::find(self.store().pool(), id).await?;
        Ok(found.filter(|request| {
            request.client == caller.client.id
                && wanted == (&request.principal, &request.resource, &request.capability)
        }))
    }

    async fn same_key(
        &self,
        caller: &ClientCaller,
        key: &str,
        body: &Digest,
    ) -> Result<Option<AccessRequest>, SubmitError> {
        let Some((first, id)) =
            store::access_requests::idempotent(self.store().pool(), caller.client.id, key).await?
        else {
            return Ok(None);
        };
        if first != *body {
            return Err(SubmitError::Duplicate);
        }
        Ok(store::access_requests::find(self.store().pool(), id).await?)
    }

    /// The denial that a submission names, if it covers the submission and is young enough.
    async fn bound_denial(
        &self,
        caller: &ClientCaller,
        submission: &Submission,
        now: Instant,
    ) -> Result<Decision, SubmitError> {
        let refuse = |why: &str| SubmitError::DenialBinding(why.to_owned());
        let denial = self
            .client_decision(caller, submission.denial)
            .await?
            .ok_or_else(|| refuse("No such evaluation of this client."))?;
        if now - denial.at >= chrono::TimeDelta::seconds(REQUESTABLE_SECS) {
            return Err(SubmitError::DenialExpired);
        }
        if denial.evaluation.effective != Outcome::Review || denial.evaluation.answer {
            return Err(refuse("This evaluation was no requestable denial."));
        }
        let same = denial.input.principal == submission.principal
            && denial.input.resource == submission.resource
            && denial.input.capability == submission.capability;
        if !same {
            return Err(refuse(
                "Subject, resource or action differ from those of the denied evaluation.",
            ));
        }
        if let Some(context) = &submission.context {
            let changed = denial
                .input
                .asserted
                .iter()
                .chain(&denial.input.evidence)
                .any(|(key, value)| context.get(key).is_some_and(|sent| sent != value));
            if changed {
                return Err(refuse("The context differs from that of the denied evaluation."));
            }
        }
        Ok(denial)
    }
}

async fn insert(
    tx: &mut store::Tx,
    request: &AccessRequest,
    key: Option<&(String, Digest)>,
    now: Instant,
) -> Result<(), store::StoreError> {
    store::access_requests::insert(tx, request).await?;
    if let Some((key, digest)) = key {
        store::access_requests::remember_key(tx, request.client, key, digest, request.id, now).await?;
    }
    Ok(())
}

/// The person who started a workload or on whose behalf it is asked: only where a client that is trusted for it says so,
/// and only somebody whom the directory knows. A name that nobody has would keep the workload's owners from being excluded
/// and exclude nobody in their place.
pub(crate) fn initiator(directory: &Directory, input: &Input) -> Option<PersonId> {
    input
        .asserted
        .get("initiator")
        .and_then(serde_json::Value::as_str)
        .and_then(|name| PersonId::new(name).ok())
        .filter(|person| {
            directory
                .principals
                .contains_key(&PrincipalRef::from(person.clone()))
        })
}

/// Who may not decide a request of this principal.
pub(crate) fn exclusions(
    loaded: &Loaded,
    principal: &PrincipalRef,
    initiator: Option<&PersonId>,
) -> Exclusions {
    let mut excluded = Exclusions::default();
    match principal.kind {
        PrincipalKind::Person => {
            if let Some(person) = principal.person() {
                excluded.add(person, Exclusion::Subject);
            }
            // Somebody who asks on behalf of another.
            if let Some(person) = initiator {
                excluded.add(person.clone(), Exclusion::Initiator);
            }
        }
        PrincipalKind::Workload | PrincipalKind::Agent => {
            if let Some(person) = initiator {
                excluded.add(person.clone(), Exclusion::Initiator);
            }
            for person in named_owners(loaded.directory(), principal) {
                excluded.add(person, Exclusion::WorkloadOwner);
            }
        }
    }
    excluded
}

/// How long the grant lasts, in seconds; errors point at what to mend.
fn length(submission: &Submission, tier: &Tier, now: Instant) -> Result<i64, ServiceError> {
    let mut errors = Vec::new();
    let reason = submission.reason.trim();
    if visible_chars(reason) < SHORTEST_REASON {
        errors.push(FieldError::new(
            "context/business_justification",
            "reason_too_short",
            format!("Say why, in at least {SHORTEST_REASON} characters."),
        ));
    }
    if reason.chars().count() > LONGEST_REASON {
        errors.push(FieldError::new(
            "context/business_justification",
            "reason_too_long",
            format!("A reason has at most {LONGEST_REASON} characters."),
        ));
    }
    let ticket = submission.ticket.as_deref().unwrap_or_default();
    if ticket.chars().count() > LONGEST_TICKET {
        errors.push(FieldError::new(
            "context/ticket",
            "ticket_too_long",
            format!("A ticket has at most {LONGEST_TICKET} characters."),
        ));
    }
    if submission.from.is_some_and(|from| from < now - A_LITTLE_AGO) {
        errors.push(FieldError::new(
            "requested_access/requested_from",
            "in_the_past",
            "This is in the past.",
        ));
    }
    if submission.from.is_some_and(|from| from > now + FARTHEST_START) {
        errors.push(FieldError::new(
            "requested_access/requested_from",
            "too_far",
            format!(
                "At most {} ahead.",
                domain::opt_out::length_in_words(FARTHEST_START.num_seconds())
            ),
        ));
    }
    let starts_at = submission.from.map_or(now, |from| from.max(now));
    let secs = match submission.until {
        None => tier.grant.default_secs,
        Some(until) if until <= starts_at => {
            let message = if until <= now {
                "This is in the past."
            } else {
                "The end must be after the start."
            };
            errors.push(FieldError::new(
                "requested_access/requested_until",
                "end_before_start",
                message,
            ));
            tier.grant.default_secs
        }
        Some(until) => {
            let secs = (until - starts_at).num_seconds().max(1);
            if secs > tier.grant.longest_secs {
                errors.push(FieldError::new(
                    "requested_access/requested_until",
                    "too_long",
                    format!(
                        "At most {} at tier {}.",
                        domain::opt_out::length_in_words(tier.grant.longest_secs),
                        tier.name
                    ),
                ));
            }
            secs
        }
    };
    if errors.is_empty() {
        Ok(secs)
    } else {
        Err(ServiceError::Invalid(errors))
    }
}

/// What a request says to the ledger.
pub(crate) fn body(request: &AccessRequest) -> serde_json::Value {
    let mut body = serde_json::json!({
        "client": request.client,
        "evaluation": request.decision,
        "subject": request.principal,
        "resource": request.resource,
        "action": request.capability,
        "reason": request.wish.reason,
        "ticket": request.wish.ticket,
        "initiator": request.wish.initiator,
        "tier": request.tier,
        "plan": request.plan,
        "excluded": request.excluded,
        "grant_secs": request.grant_secs,
        "wanted_from": request.wanted_from,
        "wanted_until": request.wanted_until,
        "expires_at": request.expires_at,
    });
    if let (Some(broken), Some(members)) = (&request.break_glass, body.as_object_mut()) {
        members.insert("break_glass".to_owned(), serde_json::json!(broken));
    }
    body
}
