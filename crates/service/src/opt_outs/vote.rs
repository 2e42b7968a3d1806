//! A person votes on an opt-out, and may narrow it.

use super::approve::{approve, approve_again, end_with_incident, renewed};
use super::covered::{Met, covers};
use super::event;
use super::judge::{joined, nobody_left, shown, tighten};
use super::narrow::{NarrowInput, narrowed};
use crate::access_requests::refused;
use crate::approvals::{ActsAs, Asks, Tally, VoteInput, asks_step_up, bind, next_to_join, said};
use crate::caller::PersonCaller;
use crate::command::{Effect, EventDraft, finish_as_judged, judged};
use crate::{Service, ServiceError};
use domain::approval::{Ballot, Standing, Verdict, cast, standing as standing_of};
use domain::break_glass::SignInStrength;
use domain::event::EventKind;
use domain::id::{OptOutId, VoteId};
use domain::opt_out::{Direction, OptOut, OptOutError, OptOutEvent, OptOutState};
use domain::role::Permission;
use domain::step_up::VotedOn;
use store::opt_outs::Stored;
use store::votes::Item;

impl Service {
    /// Votes, after narrowing where the approver asked for that. On the last approval it is in force (or scheduled) on
    /// every node from the commit on.
    ///
    /// Everybody is judged as of the moment of their vote: the row is locked first, then clock and snapshot are read, and
    /// it commits only while that snapshot is the present one.
    pub async fn vote_on_opt_out(
        &self,
        caller: &PersonCaller,
        id: OptOutId,
        input: VoteInput,
    ) -> Result<OptOut, ServiceError> {
        judged(|| self.vote_on_opt_out_now(caller, id, &input)).await
    }

    async fn vote_on_opt_out_now(
        &self,
        caller: &PersonCaller,
        id: OptOutId,
        input: &VoteInput,
    ) -> Result<OptOut, ServiceError> {
        let verdict = input.verdict;
        let mut tx = self.begin().await?;
        // Before the row: an incident cannot be over between the look at it and the approval.
        store::incidents::hold(&mut tx).await?;
        let mut stored = store::opt_outs::for_update(&mut tx, id)
            .await?
            .ok_or(ServiceError::NotFound { what: "opt-out" })?;
        let now = self.now();
        let loaded = self.snapshots().current_within(&mut tx).await?;
        if !self.sees_opt_out(caller, &loaded, &stored) {
            return Err(ServiceError::NotFound { what: "opt-out" });
        }
        let authorised = caller.authorise(Permission::Vote)?;
        let asked = stored.opt_out.clone();
        let state = asked.state_at(now, stored.uses);
        let again = asked.is_asked_again(now, stored.uses);
        if !state.is_pending() && !again {
            return Err(settled(OptOutError { state }));
        }
        if verdict == Verdict::Approve {
            crate::premises::still_holds(&mut tx, &loaded, &asked, now).await?;
        }
        let asks_more = tighten(&loaded, &mut stored, verdict, now)?;
        let item = Item::OptOut(id.uuid());
        let tally = Tally::take(&mut tx, loaded.directory(), item, &stored.excluded, now).await?;
        let voided = tally.events(|body| event(EventKind::OptOutVoteVoided, &stored, body));
        let votes = &tally.counted;
        let joined = joined(&loaded, &mut stored, votes, now);
        if asks_more && verdict == Verdict::Approve {
            loaded
                .electors()
                .feasible(&stored.plan, votes, &stored.excluded)
                .map_err(|nobody| nobody.conflict("More is asked by now"))?;
        }
        let met = Met::by(tx.conn(), &loaded, &stored.opt_out, now).await?;
        if verdict == Verdict::Deny
            && stored.opt_out.direction == Direction::ToManual
            && covers(&loaded, &stored.opt_out, &met, &caller.person)
        {
            // One denial is enough: somebody under suspicion would clear themselves by it.
            return Err(ServiceError::Forbidden {
                code: "covered",
                why: "This takes you out of the automation, so somebody else has to decide against it."
                    .to_owned(),
            });
        }
        let delegations = store::delegations::held_to(&mut tx, &caller.person, now).await?;
        let acts_as = ActsAs::new(loaded.electors(), &caller.person, delegations, now);
        let voter = acts_as.voter(&stored.opt_out.tier);
        let Ballot { mut vote, standing } = cast(
            &stored.plan,
            tally.votes(),
            &stored.excluded,
            voter,
            verdict,
            &input.reason,
            now,
        )
        .map_err(refused)?;
        let giver = vote.behalf.as_ref().map(|behalf| &behalf.person);
        if verdict == Verdict::Deny
            && stored.opt_out.direction == Direction::ToManual
            && giver.is_some_and(|giver| covers(&loaded, &stored.opt_out, &met, giver))
        {
            // Nor by somebody in their place.
            return Err(refused(domain::approval::VoteError::GiverExcluded));
        }

        let before = stored.opt_out.clone();
        let shown = shown(&loaded, &stored)?;
        if again && input.narrow != NarrowInput::default() {
            return Err(ServiceError::field(
                "shorten_to",
                "not_again",
                "What was in force comes back as it was, or not at all.",
            ));
        }
        if verdict == Verdict::Approve {
            stored.opt_out = narrowed(&loaded, &stored, input.narrow.clone(), now)?;
        }
        let asks = Asks {
            step_up: asks_step_up(&loaded, &stored.opt_out.tier)?,
            emergency: stored.opt_out.break_glass.is_some(),
            old_groups: caller.has_old_groups(&loaded, &stored.opt_out.tier, now)?,
        };
        let by_session = bind(&mut tx, &mut vote, VotedOn::OptOut(id), shown, input, asks, now).await?;
        if by_session && let Some(broken) = &mut stored.opt_out.break_glass {
            // No surer than the weaker of the two, and looked at as soon.
            broken.sign_in = SignInStrength::Session;
        }
        let is_narrower = stored.opt_out.revision != before.revision;
        if !is_narrower && stored.opt_out != asked {
            // A stricter tier or further teams have joined.
            stored.opt_out.revision = stored.opt_out.revision.saturating_add(1);
        }
        let mut new_revision = stored.opt_out.revision != asked.revision;
        let mut vote_body = serde_json::json!({
            "person": vote.person, "stage": vote.stage, "verdict": vote.verdict, "reason": vote.reason,
            "capacities": vote.capacities, "behalf": vote.behalf, "bound": said(&vote),
        });
        if by_session && let Some(members) = vote_body.as_object_mut() {
            members.insert("by_session".to_owned(), serde_json::json!(true));
        }
        if is_narrower && let Some(members) = vote_body.as_object_mut() {
            // Both versions, so that requester and auditor see what was taken away.
            members.insert("asked".to_owned(), serde_json::json!(before));
            members.insert("narrowed".to_owned(), serde_json::json!(stored.opt_out));
        }
        let mut events = voided;
        events.extend(joined);
        events.push(event(EventKind::OptOutVoted, &stored, vote_body));
        let judged_under = loaded.policy()?.digest();
        let mut effect = Effect::None;
        let mut comes_into_force = false;
        match standing {
            Standing::Open { stage } if again => {
                if standing_of(&stored.plan, votes) != (Standing::Open { stage }) {
                    events.push(stage_reached(&stored, stage));
                }
            }
            Standing::Denied if again => {
                stored.opt_out.answered_again(false);
                if !new_revision {
                    stored.opt_out.revision = stored.opt_out.revision.saturating_add(1);
                    new_revision = true;
                }
                let body = serde_json::json!({ "person": vote.person, "reason": vote.reason });
                events.push(event(EventKind::OptOutRefusedAgain, &stored, body));
            }
            Standing::Approved if again => {
                step(&mut stored, OptOutEvent::Approved)?;
                approve_again(&loaded, &mut stored, new_revision, now)?;
                new_revision = true;
                effect = Effect::OnDecisions;
                let body = serde_json::json!({ "opt_out": stored.opt_out, "again": true });
                events.push(event(EventKind::OptOutApproved, &stored, body));
            }
            Standing::Open { stage } => {
                if stored.opt_out.state != (OptOutState::InReview { stage }) {
                    step(&mut stored, OptOutEvent::StageReached(stage))?;
                    events.push(stage_reached(&stored, stage));
                }
            }
            Standing::Denied => {
                step(&mut stored, OptOutEvent::Rejected)?;
                store::budgets::release(&mut tx, id, now).await?;
                let body = serde_json::json!({ "person": vote.person, "reason": vote.reason });
                events.push(event(EventKind::OptOutRejected, &stored, body));
            }
            Standing::Approved => {
                step(&mut stored, OptOutEvent::Approved)?;
                approve(&loaded, &mut stored, new_revision, now)?;
                crate::break_glass::cut_opt_out(&mut tx, &mut stored, now).await?;
                end_with_incident(&mut tx, &mut stored).await?;
                new_revision = true;
                effect = Effect::OnDecisions;
                comes_into_force = true;
                events.push(event(
                    EventKind::OptOutApproved,
                    &stored,
                    serde_json::json!({ "opt_out": stored.opt_out }),
                ));
                events.extend(renewed(&stored));
            }
        }
        if stored.opt_out.is_before_approvers(now, stored.uses) {
            // This vote may have taken somebody whom a later seat needs, or a no has left too few.
            let votes: Vec<_> = votes.iter().chain([&vote]).cloned().collect();
            events.extend(super::judge::joined(&loaded, &mut stored, &votes, now));
            events.extend(nobody_left(&mut tx, &loaded, &stored, &votes, now).await?);
        }
        let waits = match stored.opt_out.is_before_approvers(now, stored.uses) {
            true => {
                let votes: Vec<_> = votes.iter().cloned().chain([vote.clone()]).collect();
                next_to_join(&stored.plan, stored.opt_out.asked_since(), &votes).map(|(_, at)| at)
            }
            false => None,
        };
        store::escalations::set(&mut tx, Item::OptOut(id.uuid()), waits).await?;
        let vote_id = VoteId::from_uuid(self.ids().next(now));
        store::votes::insert(&mut tx, vote_id, Item::OptOut(id.uuid()), &vote)
            .await
            .map_err(|error| {
                if error.is_constraint("votes_once_per_person") || error.is_constraint("votes_once_per_giver")
                {
                    refused(domain::approval::VoteError::AlreadyVoted)
                } else {
                    error.into()
                }
            })?;
        store::opt_outs::update(&mut tx, &stored, new_revision, now).await?;
        if comes_into_force {
            // A second person's vote on a break-glass: its hours count from here, and its review is owed.
            events.extend(crate::break_glass::opt_out_in_force(self, &mut tx, &loaded, &stored, now).await?);
        }
        for event in &mut events {
            event.policy_digest = Some(judged_under);
        }
        finish_as_judged(self, tx, authorised, events, effect, &loaded, now).await?;
        Ok(stored.opt_out)
    }
}

fn step(stored: &mut Stored, event: OptOutEvent) -> Result<(), ServiceError> {
    stored.opt_out.state = stored.opt_out.state.on(event).map_err(settled)?;
    Ok(())
}

fn stage_reached(stored: &Stored, stage: u32) -> EventDraft {
    let name = usize::try_from(stage)
        .ok()
        .and_then(|place| stored.plan.stages.get(place));
    let body = serde_json::json!({ "stage": stage, "name": name.map(|stage| &stage.name) });
    event(EventKind::OptOutStageReached, stored, body)
}

pub(super) fn settled(error: OptOutError) -> ServiceError {
    ServiceError::Conflict {
        code: "settled",
        why: format!("This opt-out is {}.", error.state.words()),
    }
}
