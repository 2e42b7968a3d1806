//! A person votes on an access request.

use super::judge::{joined, judge, nobody_left};
use super::{event, grant_of};
use crate::approvals::{ActsAs, Asks, Tally, VoteInput, asks_step_up, bind, next_to_join, said};
use crate::break_glass::{cut_access, grant_in_force, reachable};
use crate::caller::PersonCaller;
use crate::command::{Effect, EventDraft, finish_as_judged, judged};
use crate::{Service, ServiceError};
use domain::access_request::{AccessRequest, AccessRequestEvent};
use domain::approval::{Ballot, Standing, Verdict, cast};
use domain::break_glass::SignInStrength;
use domain::event::EventKind;
use domain::id::{AccessRequestId, VoteId};
use domain::outcome::Outcome;
use domain::role::Permission;
use domain::shown::Shown;
use domain::step_up::VotedOn;
use std::collections::BTreeMap;
use store::votes::Item;

impl Service {
    /// Votes. A narrowing makes the grant shorter than asked; longer is refused. Returns where the request stands.
    ///
    /// Policy is asked again under the published version: `deny` voids the request, a stricter tier adds its stages, a
    /// laxer one changes nothing. Everybody is judged as of the moment of their vote: the row is locked first, then clock
    /// and snapshot are read, and it commits only while that snapshot is the present one.
    pub async fn vote_on_access_request(
        &self,
        caller: &PersonCaller,
        id: AccessRequestId,
        input: VoteInput,
    ) -> Result<AccessRequest, ServiceError> {
        judged(|| self.vote_on_access_request_now(caller, id, &input)).await
    }

    async fn vote_on_access_request_now(
        &self,
        caller: &PersonCaller,
        id: AccessRequestId,
        input: &VoteInput,
    ) -> Result<AccessRequest, ServiceError> {
        let verdict = input.verdict;
        let shorten_to_secs = input.narrow.length_secs;
        // Read before the transaction: everybody who votes at once waits for the request's lock with a connection in hand,
        // and whoever has the lock would wait for a second one that nobody gives back.
        let original = match store::access_requests::find(self.store().pool(), id).await? {
            Some(request) => self.decision_record(request.decision).await?,
            None => return Err(ServiceError::NotFound { what: "request" }),
        };
        let mut tx = self.begin().await?;
        let mut request = store::access_requests::for_update(&mut tx, id)
            .await?
            .ok_or(ServiceError::NotFound { what: "request" })?;
        let now = self.now();
        let loaded = self.snapshots().current_within(&mut tx).await?;
        if !self.sees(caller, &loaded, &request) {
            return Err(ServiceError::NotFound { what: "request" });
        }
        let authorised = caller.authorise(Permission::Vote)?;
        let state = request.state_at(now);
        if state.is_terminal() {
            return Err(settled(state.as_str()));
        }
        let original =
            original.ok_or_else(|| ServiceError::internal(format!("no decision {}", request.decision)))?;
        let (evaluation, asks_more) = judge(&loaded, &mut request, original.input, now)?;
        if evaluation.effective == Outcome::Deny {
            request.state = request.state.on(AccessRequestEvent::Voided).map_err(conflict)?;
            request.decided_at = Some(now);
            store::access_requests::update(&mut tx, &request).await?;
            let voided = event(
                EventKind::AccessRequestVoided,
                &request,
                serde_json::json!({ "reason": evaluation.reason, "policy": loaded.policy()?.digest() }),
            );
            finish_as_judged(self, tx, authorised, vec![voided], Effect::None, &loaded, now).await?;
            return Ok(request);
        }
        if verdict == Verdict::Approve && request.break_glass.is_some() {
            // What an emergency did not reach by itself it does not reach with a second person's hand either.
            reachable(&loaded, (&request.resource, &request.capability), &evaluation)?;
        }
        let item = Item::AccessRequest(id.uuid());
        let tally = Tally::take(&mut tx, loaded.directory(), item, &request.excluded, now).await?;
        let voided = tally.events(|body| event(EventKind::AccessRequestVoteVoided, &request, body));
        let votes = &tally.counted;
        let joined = joined(&loaded, &mut request, votes, now);
        if asks_more && verdict == Verdict::Approve {
            loaded
                .electors()
                .feasible(&request.plan, votes, &request.excluded)
                .map_err(|nobody| nobody.conflict("More is asked by now"))?;
        }
        let delegations = store::delegations::held_to(&mut tx, &caller.person, now).await?;
        let voter = ActsAs::new(loaded.electors(), &caller.person, delegations, now).voter(&request.tier);
        let Ballot { mut vote, standing } = cast(
            &request.plan,
            tally.votes(),
            &request.excluded,
            voter,
            verdict,
            &input.reason,
            now,
        )
        .map_err(refused)?;
        if let Some(secs) = shorten_to_secs.filter(|_| verdict == Verdict::Approve)
            && (secs <= 0 || secs > request.grant_secs)
        {
            return Err(ServiceError::field(
                "shorten_to",
                "not_narrower",
                "You can shorten it, not lengthen it.",
            ));
        }
        let judged_under = loaded.policy()?.digest();
        let by_session = bind(
            &mut tx,
            &mut vote,
            VotedOn::AccessRequest(id),
            Shown::of_access_request(&request, judged_under),
            input,
            Asks {
                step_up: asks_step_up(&loaded, &request.tier)?,
                emergency: request.break_glass.is_some(),
                old_groups: caller.has_old_groups(&loaded, &request.tier, now)?,
            },
            now,
        )
        .await?;
        if by_session && let Some(broken) = &mut request.break_glass {
            // No surer than the weaker of the two, and looked at as soon.
            broken.sign_in = SignInStrength::Session;
        }
        let asked_secs = request.grant_secs;
        if let (Some(secs), Verdict::Approve) = (shorten_to_secs, verdict) {
            request.grant_secs = secs;
        }
        let mut vote_body = serde_json::json!({
            "person": vote.person, "stage": vote.stage, "verdict": vote.verdict, "reason": vote.reason,
            "capacities": vote.capacities, "behalf": vote.behalf, "asked_secs": asked_secs,
            "grant_secs": request.grant_secs, "bound": said(&vote),
        });
        if by_session && let Some(members) = vote_body.as_object_mut() {
            members.insert("by_session".to_owned(), serde_json::json!(true));
        }
        let voted = event(EventKind::AccessRequestVoted, &request, vote_body);
        let mut events = voided;
        events.extend(joined);
        events.push(voted);
        let mut effect = Effect::None;
        let mut given = None;
        match standing {
            Standing::Open { stage } => {
                let (reached, drafted) = reach(&mut request, stage)?;
                if reached {
                    events.push(drafted);
                }
            }
            Standing::Denied => {
                request.state = request.state.on(AccessRequestEvent::Denied).map_err(conflict)?;
                request.decided_at = Some(now);
                events.push(event(
                    EventKind::AccessRequestDenied,
                    &request,
                    serde_json::json!({ "person": vote.person, "reason": vote.reason }),
                ));
            }
            Standing::Approved => {
                request.state = request.state.on(AccessRequestEvent::Approved).map_err(conflict)?;
                request.decided_at = Some(now);
                cut_access(&mut tx, &mut request, now).await?;
                let grant = grant_of(self, &request, &evaluation.tuple_digest, now)?;
                store::grants::insert(&mut tx, &grant).await?;
                let mut approved = event(
                    EventKind::AccessRequestApproved,
                    &request,
                    serde_json::json!({
                        "grant": grant.id, "starts_at": grant.window.starts_at(), "ends_at": grant.window.ends_at(),
                        "tier": grant.tier,
                    }),
                );
                approved.refs.insert(grant.id.to_string());
                events.push(approved);
                effect = Effect::OnDecisions;
                given = Some(grant);
            }
        }
        if !request.state.is_terminal() {
            // This vote may have taken somebody whom a later seat needs, or a no has left too few.
            let votes: Vec<_> = votes.iter().chain([&vote]).cloned().collect();
            events.extend(super::judge::joined(&loaded, &mut request, &votes, now));
            events.extend(nobody_left(&mut tx, &loaded, &request, &votes, now).await?);
        }
        let waits = match request.state.is_terminal() {
            true => None,
            false => {
                let votes: Vec<_> = votes.iter().cloned().chain([vote.clone()]).collect();
                next_to_join(&request.plan, request.requested_at, &votes).map(|(_, at)| at)
            }
        };
        store::escalations::set(&mut tx, Item::AccessRequest(id.uuid()), waits).await?;
        let vote_id = VoteId::from_uuid(self.ids().next(now));
        store::votes::insert(&mut tx, vote_id, Item::AccessRequest(id.uuid()), &vote)
            .await
            .map_err(|error| {
                if error.is_constraint("votes_once_per_person") || error.is_constraint("votes_once_per_giver")
                {
                    refused(domain::approval::VoteError::AlreadyVoted)
                } else {
                    error.into()
                }
            })?;
        store::access_requests::update(&mut tx, &request).await?;
        if let Some(grant) = &given {
            // A second person's vote on a break-glass: its hours count from here, and its review is owed.
            let made = (&request, grant);
            events.extend(grant_in_force(self, &mut tx, &loaded, made, &request.plan, now).await?);
        }
        for event in &mut events {
            event.policy_digest = Some(judged_under);
        }
        finish_as_judged(self, tx, authorised, events, effect, &loaded, now).await?;
        Ok(request)
    }
}

/// Moves to the stage that waits, where it is another one.
fn reach(request: &mut AccessRequest, stage: u32) -> Result<(bool, EventDraft), ServiceError> {
    use domain::access_request::AccessRequestState as State;
    let moves = request.state != State::InReview { stage };
    if moves {
        request.state = request
            .state
            .on(AccessRequestEvent::StageReached(stage))
            .map_err(conflict)?;
    }
    let name = usize::try_from(stage)
        .ok()
        .and_then(|place| request.plan.stages.get(place))
        .map(|stage| &stage.name);
    let body = BTreeMap::from([
        ("stage", serde_json::json!(stage)),
        ("name", serde_json::json!(name)),
    ]);
    Ok((
        moves,
        event(
            EventKind::AccessRequestStageReached,
            request,
            serde_json::json!(body),
        ),
    ))
}

fn conflict(error: domain::access_request::AccessRequestError) -> ServiceError {
    settled(error.state.as_str())
}

fn settled(state: &str) -> ServiceError {
    ServiceError::Conflict {
        code: "settled",
        why: format!("This request is {}.", state.replace('_', " ")),
    }
}

/// A refused vote, as the page shows it: beside the field where it is one, else as what stands against it.
pub(crate) fn refused(error: domain::approval::VoteError) -> ServiceError {
    use domain::approval::VoteError;
    match error {
        VoteError::ReasonMissing => ServiceError::field("reason", "reason_missing", error.to_string()),
        VoteError::ReasonTooLong => ServiceError::field("reason", "reason_too_long", error.to_string()),
        VoteError::Excluded(_) => ServiceError::Forbidden {
            code: "excluded",
            why: error.to_string(),
        },
        VoteError::NotEligible => ServiceError::Forbidden {
            code: "not_eligible",
            why: error.to_string(),
        },
        VoteError::GiverExcluded => ServiceError::Forbidden {
            code: "giver_excluded",
            why: error.to_string(),
        },
        VoteError::AlreadyVoted | VoteError::VotedFor | VoteError::GiverVoted => ServiceError::Conflict {
            code: "already_voted",
            why: error.to_string(),
        },
        VoteError::Settled => ServiceError::Conflict {
            code: "settled",
            why: error.to_string(),
        },
    }
}
