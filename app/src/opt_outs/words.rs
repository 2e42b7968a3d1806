//! Use cases' answers as what the pages show.

mod hours;

use std::collections::BTreeSet;

use domain::{
    approval::Vote,
    event::EventKind,
    name::{PersonId, RuleId},
    opt_out::{Cause, Detail, OptOut, OptOutState},
    role::Permission,
    window::Instant,
};
use service::{
    Service,
    approvals::{StageProgress, StageState, Standpoint},
    audit::Event,
    caller::PersonCaller,
    opt_outs::{OptOutDetail, OptOutList, OptOutSummary, OptOutUse, Relative},
};

pub(crate) use hours::{hours, schedule};

use super::{
    conditions,
    scope_text::{principal_text, resource_text},
    view::{
        HappenedView, KeptView, LineView, May, NarrowedView, NeedView, OptOutView, RegisterRow, RegisterView,
        RelativeView, ScopeView, StageProgressView, StageStateView, UseView, VoteView, Whose,
    },
};
use crate::{
    approvals::{deciders::deciders, joining::joining},
    audit::{Actors, Sentence, newest_first, sentence},
    budgets,
    comments::look::comments,
    component::field::Choice,
    error::AppError,
    requests::words::{listed, stage_demand},
    server_side::{Names, Tiers},
};

/// A page of the register.
pub(super) fn register(
    service: &Service,
    caller: &PersonCaller,
    list: OptOutList,
    mine: bool,
) -> Result<RegisterView, AppError> {
    let (names, tiers) = (Names::of(service), Tiers::of(service, caller)?);
    let held = service.snapshots().current();
    Ok(RegisterView {
        rows: list
            .opt_outs
            .iter()
            .map(|summary| row(summary, &names, &tiers, list.now))
            .collect(),
        next: list.next.map(|id| id.to_string()),
        whose: match (caller.may(Permission::ReadAll), mine) {
            (false, _) => Whose::OnlyMine,
            (true, true) => Whose::Mine,
            (true, false) => Whose::Everybody,
        },
        teams: held
            .directory()
            .teams
            .iter()
            .map(|(name, team)| Choice::new(name.as_str(), &team.title))
            .collect(),
        may_request: caller.may(Permission::Request),
        may_break_glass: caller.may(Permission::BreakGlass),
        now: list.now,
    })
}

fn row(summary: &OptOutSummary, names: &Names, tiers: &Tiers, now: Instant) -> RegisterRow {
    let opt_out = &summary.opt_out;
    RegisterRow {
        id: opt_out.id.to_string(),
        title: opt_out.title.clone(),
        state: summary.state,
        stages: u32::try_from(summary.stages).unwrap_or(u32::MAX),
        direction: opt_out.direction,
        tier: tiers.view(&opt_out.tier, opt_out.tier_rank),
        scope: scope(opt_out, &[]).line(),
        requested_by: names.requester(&opt_out.requested_by),
        starts_at: opt_out.window.starts_at(),
        ends_at: opt_out.window.ends_at(),
        hours: hours(opt_out, now),
        closes_at: opt_out.closes_at(),
        lapses_at: opt_out.lapses_at,
    }
}

/// One opt-out whole.
pub(crate) fn detail(
    service: &Service,
    caller: &PersonCaller,
    found: OptOutDetail,
) -> Result<OptOutView, AppError> {
    let (names, tiers, actors) = (
        Names::of(service),
        Tiers::of(service, caller)?,
        Actors::of(service),
    );
    let opt_out = &found.opt_out;
    let held = service.snapshots().current();
    let scenario = held
        .policy()
        .ok()
        .and_then(|policy| policy.scenario(&opt_out.scenario).map(|found| found.name.clone()));
    let need = &opt_out.need;
    Ok(OptOutView {
        details: details(opt_out),
        causes: causes(&opt_out.causes, &names),
        budgets: found
            .accounts
            .iter()
            .map(|account| budgets::budget(account, &names, &tiers))
            .collect(),
        line: line(&found),
        premise: conditions::premise(&opt_out.conditions, found.premise.as_ref()),
        ends_with: conditions::ends_with(&opt_out.conditions),
        suspension: conditions::suspension(&found, &names),
        may_renew: found.may_renew,
        may_close: found.may_close,
        may_keep: found.may_keep,
        need: need
            .asked
            .filter(|_| found.state == OptOutState::Active)
            .map(|asked| NeedView {
                found_at: asked.found_at,
                closes_at: asked.closes_at,
                kept_before: need.kept.is_some(),
            }),
        kept: need.kept.as_ref().map(|kept| KeptView {
            by: names.person(&kept.by),
            at: kept.at,
            reason: kept.reason.clone(),
        }),
        id: opt_out.id.to_string(),
        title: opt_out.title.clone(),
        state: found.state,
        direction: opt_out.direction,
        tier: tiers.view(&opt_out.tier, opt_out.tier_rank),
        scenario: scenario.unwrap_or_else(|| opt_out.scenario.to_string()),
        reason: opt_out.reason.clone(),
        ticket: opt_out.ticket.clone(),
        scope: scope(opt_out, &found.carried_rules),
        stages: found.stages.iter().map(|stage| progress(stage, &names)).collect(),
        requested_at: opt_out.requested_at,
        requested_by: names.requester(&opt_out.requested_by),
        starts_at: opt_out.window.starts_at(),
        ends_at: opt_out.window.ends_at(),
        schedule: schedule(opt_out),
        hours: hours(opt_out, found.now),
        ended_at: ended_at(&found),
        lapses_at: opt_out.lapses_at,
        length_secs: opt_out.window.length_secs(),
        max_uses: opt_out.max_uses,
        broken: opt_out.break_glass.as_ref().map(|broken| {
            let at_once = opt_out.approved_at.is_none();
            super::told::broken(broken, at_once, &found.skipped, &found.told, &names)
        }),
        confirm_signal: match &found.may_confirm {
            None => May::Moot,
            Some(Standpoint::MayVote) => May::Yes,
            Some(Standpoint::MayNot(why)) => May::No(why.clone()),
        },
        review: found
            .review
            .as_ref()
            .map(|review| super::told::review_link(review, found.now)),
        narrowed: found
            .asked
            .as_ref()
            .map(|asked| narrowed(asked, opt_out, &found.events, &actors)),
        uses: found.uses.iter().map(used).collect(),
        uses_total: found.uses_total,
        uses_changed: found.uses_changed,
        comments: comments(
            &found.discussion,
            caller,
            names.requester(&opt_out.requested_by),
            &names,
        ),
        precedents: super::precedents::precedents(&found, caller, &names),
        happened: newest_first(&found.events)
            .into_iter()
            .map(|event| happened(event, &actors))
            .collect(),
        vote: match found.standpoint {
            Standpoint::MayVote => May::Yes,
            Standpoint::MayNot(why)
                if found.state.is_pending()
                    || (found.state == OptOutState::Suspended && opt_out.wanted_by().is_some()) =>
            {
                May::No(why)
            }
            Standpoint::MayNot(_) => May::Moot,
        },
        noes_left: found.stages.iter().find_map(|stage| stage.noes_left).unwrap_or(1),
        before_vote: found.before_vote.map(Into::into),
        revoke: match found.may_revoke {
            Standpoint::MayVote => May::Yes,
            Standpoint::MayNot(why) if why.is_empty() => May::Moot,
            Standpoint::MayNot(why) => May::No(why),
        },
        votes_for: found.votes_for.as_ref().map(|person| names.person(person)),
        may_withdraw: found.may_withdraw,
        may_audit: caller.may(Permission::ReadAudit),
        now: found.now,
    })
}

/// One decision that it applied to.
pub(crate) fn used(each: &OptOutUse) -> UseView {
    UseView {
        decision: each.decision.to_string(),
        at: each.at,
        words: format!("{} {} {}", each.principal, each.capability, each.resource),
        base: each.base,
        effective: each.effective,
        effect: each.effect,
        answer: each.answer,
        done: each.done,
    }
}

/// Why there are more stages, each as a sentence.
pub(super) fn causes(causes: &[Cause], names: &Names) -> Vec<String> {
    causes
        .iter()
        .map(|cause| match cause {
            Cause::BudgetEmpty { teams } => format!(
                "One stage more: the budget of {} is used up.",
                listed(teams.iter().map(|team| names.team(team)), "and")
            ),
            Cause::Renewal { generation } => {
                format!("One stage more: this is renewal {generation}.")
            }
        })
        .collect()
}

/// What its case asked for besides, each with its name.
fn details(opt_out: &OptOut) -> Vec<(String, String)> {
    let details = &opt_out.details;
    let of =
        |detail: Detail, text: Option<&str>| text.map(|text| (detail.words().to_owned(), text.to_owned()));
    [
        of(Detail::IncidentId, details.incident_id.as_deref()),
        of(
            Detail::DataClassification,
            details.data_classification.map(|word| word.as_str()),
        ),
        of(
            Detail::CompensatingControl,
            details.compensating_control.as_deref(),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn line(found: &OptOutDetail) -> Option<LineView> {
    let lineage = found.opt_out.lineage;
    if lineage.is_none() && found.renewals.is_empty() {
        return None;
    }
    let relative = |relative: &Relative| RelativeView {
        id: relative.id.to_string(),
        title: relative.title.clone(),
        state: relative.state,
    };
    Some(LineView {
        generation: lineage.map_or(0, |lineage| lineage.generation),
        first_started_at: lineage.map(|lineage| lineage.first_started_at),
        must_end_by: lineage.and_then(|lineage| lineage.must_end_by),
        parent: found.parent.as_ref().map(relative),
        renewals: found.renewals.iter().map(relative).collect(),
    })
}

fn scope(opt_out: &OptOut, carried: &[RuleId]) -> ScopeView {
    let scope = &opt_out.scope;
    ScopeView {
        rules: scope.rules.iter().map(ToString::to_string).collect(),
        carried: carried.iter().map(ToString::to_string).collect(),
        principals: scope.principals.iter().flatten().map(principal_text).collect(),
        principals_covered: opt_out.coverage.principals.as_ref().map(BTreeSet::len),
        resources: scope.resources.iter().flatten().map(resource_text).collect(),
        resources_covered: opt_out.coverage.resources.as_ref().map(BTreeSet::len),
        capabilities: scope
            .capabilities
            .iter()
            .flatten()
            .map(ToString::to_string)
            .collect(),
    }
}

fn progress(stage: &StageProgress, names: &Names) -> StageProgressView {
    StageProgressView {
        name: stage.name.clone(),
        demand: stage_demand(stage, names),
        deciders: deciders(stage, names),
        state: match stage.state {
            StageState::Done => StageStateView::Done,
            StageState::Open => StageStateView::Open,
            StageState::Later => StageStateView::Later,
            StageState::Denied => StageStateView::Denied,
        },
        votes: stage.votes.iter().map(|vote| vote_view(vote, names)).collect(),
        joining: joining(stage, names),
    }
}

fn vote_view(vote: &Vote, names: &Names) -> VoteView {
    VoteView {
        person: names.person(&vote.person),
        place_of: vote.behalf.as_ref().map(|behalf| names.person(&behalf.person)),
        verdict: vote.verdict,
        reason: vote.reason.clone(),
        at: vote.at,
    }
}

/// One event as a timeline shows it.
pub(crate) fn happened(event: &Event, actors: &Actors) -> HappenedView {
    let Sentence { who, did } = sentence(event, actors);
    HappenedView {
        kind: event.kind,
        at: event.at,
        who,
        did,
    }
}

/// When it ended, where that was before its time. An end that no worker has reported yet follows from the row.
fn ended_at(found: &OptOutDetail) -> Option<Instant> {
    let reported = |kind: EventKind| {
        found
            .events
            .iter()
            .rev()
            .find(|event| event.kind == kind)
            .map(|event| event.at)
    };
    let opt_out = &found.opt_out;
    match found.state {
        OptOutState::Revoked => reported(EventKind::OptOutRevoked),
        OptOutState::Rejected => reported(EventKind::OptOutRejected),
        OptOutState::Withdrawn => reported(EventKind::OptOutWithdrawn),
        OptOutState::Exhausted => found.uses.first().map(|last| last.at),
        OptOutState::Lapsed => Some(opt_out.lapses_at),
        OptOutState::ClosedEarly => {
            // By itself, it ended before a worker reported it; by somebody, before it would have by itself.
            let by_itself = opt_out.closes_at();
            [reported(EventKind::OptOutClosedEarly), by_itself]
                .into_iter()
                .flatten()
                .min()
        }
        OptOutState::Requested
        | OptOutState::InReview { .. }
        | OptOutState::Approved
        | OptOutState::Active
        | OptOutState::Suspended
        | OptOutState::Expired => None,
    }
}

fn narrowed(asked: &OptOut, now: &OptOut, events: &[Event], actors: &Actors) -> NarrowedView {
    let mut by: Vec<String> = events
        .iter()
        .filter(|event| narrows(event))
        .filter_map(|event| {
            PersonId::new(event.actor_id.clone())
                .ok()
                .map(|person| actors.person(&person))
        })
        .collect();
    by.dedup();
    NarrowedView {
        by,
        length_secs: asked.window.length_secs(),
        max_uses: asked.max_uses,
        scope: (asked.scope != now.scope).then(|| scope(asked, &[])),
    }
}

fn narrows(event: &Event) -> bool {
    event.kind == EventKind::OptOutVoted
        && serde_json::from_slice::<serde_json::Value>(&event.body)
            .is_ok_and(|body| body.get("narrowed").is_some())
}
