//! A person votes on an opt-out, and may narrow it.

use super::event;
use super::hours::none_of_its_hours;
use super::prepare::{exclude_beneficiaries, teams};
use super::revoke::covers;
use crate::access_requests::refused;
use crate::approvals::{
    ActsAs, Asked, VoteInput, asks_step_up, bind, concerned, electorate, join, next_to_join, resolved, said,
};
use crate::caller::PersonCaller;
use crate::command::{Effect, EventDraft, finish};
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
use domain::approval::{Ballot, Concerned, Standing, Verdict, cast, standing as standing_of};
use domain::event::EventKind;
use domain::id::{OptOutId, VoteId};
use domain::opt_out::{Direction, Left, Narrowing, OptOut, OptOutError, OptOutEvent, OptOutState};
use domain::role::Permission;
use domain::scope::{Coverage, Scope};
use domain::shown::Shown;
use domain::step_up::VotedOn;
use domain::window::{Instant, Window};
use std::collections::BTreeSet;
use store::Tx;
use store::opt_outs::Stored;
use store::votes::Item;

/// What an approver takes away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NarrowInput {
    /// A shorter length, in seconds.
    pub length_secs: Option<i64>,
    /// A narrower scope.
    pub scope: Option<Scope>,
    /// Fewer uses.
    pub max_uses: Option<u32>,
}

impl Service {
    /// Votes, after narrowing where the approver asked for that. On the last approval it is in force (or scheduled) on
    /// every node from the commit on.
    pub async fn vote_on_opt_out(
        &self,
        caller: &PersonCaller,
        id: OptOutId,
        input: VoteInput,
    ) -> Result<OptOut, ServiceError> {
        let verdict = input.verdict;
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let mut tx = self.store().begin().await?;
        // Before the row: an incident cannot be over between the look at it and the approval.
        store::incidents::hold(&mut tx).await?;
        let mut stored = store::opt_outs::for_update(&mut tx, id)
            .await?
            .ok_or(ServiceError::NotFound { what: "opt-out" })?;
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
        let votes = store::votes::of(tx.conn(), Item::OptOut(id.uuid())).await?;
        let asks_more = tighten(&loaded, &mut stored, verdict, now)?;
        let joined = joined(&loaded, &mut stored, &votes, now);
        if asks_more && verdict == Verdict::Approve {
            stored
                .plan
                .feasible(&electorate(loaded.directory(), &stored.plan, &stored.excluded))
                .map_err(|error| ServiceError::Conflict {
                    code: "nobody_left_to_decide",
                    why: format!("More is asked by now: {error}."),
                })?;
        }
        if verdict == Verdict::Deny
            && stored.opt_out.direction == Direction::ToManual
            && covers(&loaded, &stored.opt_out, &caller.person)
        {
            // One denial is enough: somebody under suspicion would clear themselves by it.
            return Err(ServiceError::Forbidden {
                code: "covered",
                why: "This takes you out of the automation, so somebody else has to decide against it."
                    .to_owned(),
            });
        }
        let delegations = store::delegations::held_to(&mut tx, &caller.person, now).await?;
        let acts_as = ActsAs::new(loaded.directory(), &caller.person, delegations, now);
        let voter = acts_as.voter(&stored.opt_out.tier);
        let Ballot { mut vote, standing } = cast(
            &stored.plan,
            &votes,
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
            && giver.is_some_and(|giver| covers(&loaded, &stored.opt_out, giver))
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
        let asks_step_up = asks_step_up(&loaded, &stored.opt_out.tier)?;
        bind(
            &mut tx,
            &mut vote,
            VotedOn::OptOut(id),
            shown,
            &input,
            asks_step_up,
            now,
        )
        .await?;
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
        if is_narrower && let Some(members) = vote_body.as_object_mut() {
            // Both versions, so that requester and auditor see what was taken away.
            members.insert("asked".to_owned(), serde_json::json!(before));
            members.insert("narrowed".to_owned(), serde_json::json!(stored.opt_out));
        }
        let mut events = joined;
        events.push(event(EventKind::OptOutVoted, &stored, vote_body));
        let judged_under = loaded.policy()?.digest();
        let mut effect = Effect::None;
        let mut comes_into_force = false;
        match standing {
            Standing::Open { stage } if again => {
                if standing_of(&stored.plan, &votes) != (Standing::Open { stage }) {
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
        let waits = match stored.opt_out.is_before_approvers(now, stored.uses) {
            true => {
                let votes: Vec<_> = votes.into_iter().chain([vote.clone()]).collect();
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
            events.extend(crate::break_glass::comes_into_force(self, &mut tx, &loaded, &stored, now).await?);
        }
        for event in &mut events {
            event.policy_digest = Some(judged_under);
        }
        finish(self, tx, authorised, events, effect, now).await?;
        Ok(stored.opt_out)
    }
}

/// What an approver is shown of an opt-out that was judged again.
pub(super) fn shown(loaded: &Loaded, judged: &Stored) -> Result<Shown, ServiceError> {
    let view = loaded.view()?;
    let covers = Coverage::of(
        &judged.opt_out.scope,
        view.all_principal_facts(),
        view.all_resource_facts(),
    );
    Ok(Shown::of_opt_out(
        &judged.opt_out,
        (&judged.plan, &judged.excluded),
        &covers,
        judged.scheduled,
        loaded.policy()?.digest(),
    ))
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

/// An incident that was resolved while its approvers were thinking ends it as if they had been quicker.
async fn end_with_incident(tx: &mut Tx, stored: &mut Stored) -> Result<(), ServiceError> {
    let over = || ServiceError::Conflict {
        code: "incident_resolved",
        why: "Its incident is resolved.".to_owned(),
    };
    let Some(bound) = stored.opt_out.conditions.bound.clone() else {
        return Ok(());
    };
    let found = store::incidents::find(tx.conn(), &bound.incident).await?;
    let Some(resolved_at) = found.and_then(|(incident, _)| incident.is_resolved()) else {
        return Ok(());
    };
    let revision = stored.opt_out.revision;
    match stored.opt_out.clone().incident_resolved(resolved_at) {
        Left::All => Ok(()),
        Left::Nothing => Err(over()),
        Left::Shorter(shorter) => {
            stored.opt_out = OptOut {
                // This approval makes one revision.
                revision,
                ..*shorter
            };
            Ok(())
        }
    }
}

/// In force again as it was, until its end: what it covers is what its approvers see now.
fn approve_again(
    loaded: &Loaded,
    stored: &mut Stored,
    changed: bool,
    now: Instant,
) -> Result<(), ServiceError> {
    let view = loaded.view()?;
    let opt_out = &mut stored.opt_out;
    if !changed {
        opt_out.revision = opt_out.revision.saturating_add(1);
    }
    opt_out.coverage = Coverage::of(
        &opt_out.scope,
        view.all_principal_facts(),
        view.all_resource_facts(),
    );
    opt_out.approved_at = Some(now);
    opt_out.answered_again(true);
    Ok(())
}

/// The same approval as the one before it sees it.
fn renewed(stored: &Stored) -> Option<EventDraft> {
    let lineage = stored.opt_out.lineage?;
    let (parent, renewal) = (lineage.parent.to_string(), stored.opt_out.id.to_string());
    let body = serde_json::json!({ "renewal": renewal, "generation": lineage.generation });
    Some(EventDraft {
        object_id: parent.clone(),
        refs: BTreeSet::from([parent, renewal]),
        ..event(EventKind::OptOutRenewed, stored, body)
    })
}

/// Fixes what the approvers approved: what the scope covers now, and from when the clock runs.
fn approve(loaded: &Loaded, stored: &mut Stored, narrowed: bool, now: Instant) -> Result<(), ServiceError> {
    let view = loaded.view()?;
    let opt_out = &mut stored.opt_out;
    if !narrowed {
        opt_out.revision = opt_out.revision.saturating_add(1);
    }
    opt_out.coverage = Coverage::of(
        &opt_out.scope,
        view.all_principal_facts(),
        view.all_resource_facts(),
    );
    opt_out.approved_at = Some(now);
    let length = opt_out.window.ends_at() - opt_out.window.starts_at();
    let (starts_at, ends_at) = if stored.scheduled {
        // A scheduled one keeps its end; approved late, it is shorter.
        (opt_out.window.starts_at().max(now), opt_out.window.ends_at())
    } else {
        (now, now + length)
    };
    // Approved late, a renewal still ends when its line must.
    let must_end_by = opt_out.lineage.and_then(|lineage| lineage.must_end_by);
    let ends_at = must_end_by.map_or(ends_at, |must| ends_at.min(must));
    opt_out.window = Window::new(starts_at, ends_at).map_err(|_| ServiceError::Conflict {
        code: "settled",
        why: "Its time is over already.".to_owned(),
    })?;
    Ok(())
}

/// Judges again under the published version and the directory as it stands: the stages of a stricter tier, of the same
/// tier in another version and of further owners join, a rule that changed stops approval, and whoever has become a
/// beneficiary since submission is excluded too.
///
/// What is covered is fixed at the last approval, so that something that the scope has grown over since submission would
/// otherwise be exempted without a word of its owners.
///
/// Whether more is asked than before.
pub(super) fn tighten(
    loaded: &Loaded,
    stored: &mut Stored,
    verdict: Verdict,
    now: Instant,
) -> Result<bool, ServiceError> {
    let policy = loaded.policy()?;
    let directory = loaded.directory();
    if verdict == Verdict::Approve && !stored.opt_out.pins_hold(policy.rule_bodies()) {
        return Err(ServiceError::Conflict {
            code: "rule_changed",
            why: "A rule that this names has changed since it was asked. It has to be asked again."
                .to_owned(),
        });
    }
    let view = loaded.view()?;
    let covers = Coverage::of(
        &stored.opt_out.scope,
        view.all_principal_facts(),
        view.all_resource_facts(),
    );
    exclude_beneficiaries(&mut stored.excluded, directory, stored.opt_out.direction, &covers);
    let tier = policy::evaluate::scope_tier(loaded.snapshot()?, &stored.opt_out.scope, now);
    let frozen = policy.tier(&stored.opt_out.tier).map(|frozen| frozen.rank);
    let stricter = frozen.is_none_or(|frozen| tier.rank > frozen);
    let changed = frozen == Some(tier.rank) && policy.digest() != stored.policy_digest;
    let concerned = teams(directory, &covers);
    let further = !concerned.is_subset(&stored.opt_out.teams);
    if !(stricter || changed || further) {
        return Ok(false);
    }
    stored.opt_out.teams.extend(concerned);
    let stages = if stricter || changed {
        stored.opt_out.tier = tier.name.clone();
        stored.opt_out.tier_rank = tier.rank;
        &tier.opt_out_stages
    } else {
        // A laxer tier asks less: the further owners are asked as the tier of submission has it.
        policy
            .tier(&stored.opt_out.tier)
            .map_or(&tier.opt_out_stages, |frozen| &frozen.opt_out_stages)
    };
    let concerned = whom_it_concerns(loaded, stored);
    stored.plan = stored.plan.union(&resolved(stages, &concerned));
    if (stricter || changed)
        && let Some(scenario) = policy.scenario(&stored.opt_out.scenario)
    {
        let all = tier.stages_of_opt_out(scenario, stored.opt_out.causes.len());
        let further = all.get(tier.opt_out_stages.len()..).unwrap_or_default();
        let own = tier.opt_out_stages.len();
        stored.plan = stored
            .plan
            .clone()
            .with_each_of(&resolved(further, &concerned), own);
    }
    Ok(true)
}

/// The owners of what it covers, and the manager of who asked.
fn whom_it_concerns(loaded: &Loaded, stored: &Stored) -> Concerned {
    let opt_out = &stored.opt_out;
    concerned(loaded.directory(), &opt_out.teams, opt_out.requested_by.person())
}

/// Lets everybody join whose time has come, whether a worker has said so or not.
pub(crate) fn joined(
    loaded: &Loaded,
    stored: &mut Stored,
    votes: &[domain::approval::Vote],
    now: Instant,
) -> Vec<EventDraft> {
    let named = whom_it_concerns(loaded, stored);
    let fallback = loaded
        .policy()
        .ok()
        .and_then(|policy| policy.tier(&stored.opt_out.tier))
        .map(|tier| named.named(&tier.fallback))
        .unwrap_or_default();
    let asked = Asked {
        excluded: &stored.excluded,
        votes,
        requested_at: stored.opt_out.asked_since(),
        fallback: &fallback,
    };
    let joined = join(loaded.directory(), &mut stored.plan, asked, now);
    joined
        .iter()
        .map(|joined| super::joined_event(stored, joined))
        .collect()
}

fn narrowed(
    loaded: &Loaded,
    stored: &Stored,
    narrow: NarrowInput,
    now: Instant,
) -> Result<OptOut, ServiceError> {
    let opt_out = stored.opt_out.clone();
    if narrow.max_uses.is_some() && opt_out.direction == Direction::ToManual {
        return Err(ServiceError::field(
            "max_uses",
            "not_for_to_manual",
            "Only a bypass counts its uses.",
        ));
    }
    let view = loaded.view()?;
    let narrowing = Narrowing {
        length_secs: narrow.length_secs,
        scope: narrow.scope.map(|scope| {
            let coverage = Coverage::of(&scope, view.all_principal_facts(), view.all_resource_facts());
            (scope, coverage)
        }),
        max_uses: narrow.max_uses,
    };
    if narrowing.is_empty() {
        return Ok(opt_out);
    }
    let narrower = opt_out.narrow(narrowing).map_err(|error| {
        let field = match error {
            domain::opt_out::NarrowingError::Length => "shorten_to",
            domain::opt_out::NarrowingError::Scope => "scope",
            domain::opt_out::NarrowingError::Uses => "max_uses",
        };
        ServiceError::field(field, "not_narrower", error.to_string())
    })?;
    if none_of_its_hours(&narrower, stored.scheduled, now) {
        return Err(ServiceError::field(
            "shorten_to",
            "hours_never_come",
            "None of its hours come within that.",
        ));
    }
    Ok(if stored.scheduled {
        // Nobody can approve it after its end.
        let lapses_at = narrower.lapses_at.min(narrower.window.ends_at());
        OptOut {
            lapses_at,
            ..narrower
        }
    } else {
        narrower
    })
}

pub(super) fn settled(error: OptOutError) -> ServiceError {
    ServiceError::Conflict {
        code: "settled",
        why: format!("This opt-out is {}.", error.state.words()),
    }
}
