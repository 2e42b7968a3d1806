//! From what the use cases answer to what the pages show. On the server alone.

use std::collections::BTreeMap;

use domain::{
    access_request::{AccessRequest, AccessRequestState},
    approval::{Plan, Verdict},
    grant::Grant,
    id::AccessRequestId,
    role::Permission,
    window::Instant,
};
use service::{
    Service,
    access_requests::{AccessRequestDetail, Background, Outcomes, PRECEDENT_DAYS, WhyReview},
    approvals::{StageProgress, StageState, Standpoint},
    caller::PersonCaller,
};

use super::{
    story::{self, asked_secs},
    view::{
        EmergencyView, EndGrant, Ends, GrantView, ReaderView, RequestRowView, RequestView, SimilarView,
        StageProgressView, StageView, Stand, VoteView, WhyView, WishView,
    },
    words,
};
use crate::{
    approvals::{deciders::deciders, joining::joining},
    comments::look::comments,
    error::AppError,
    opt_outs::{broken, review_link},
    server_side::{Names, Tiers},
};

/// A request in a list.
pub(crate) fn row(
    request: &AccessRequest,
    outcomes: &Outcomes,
    names: &Names,
    tiers: &Tiers,
    now: Instant,
) -> RequestRowView {
    let state = request.state_at(now);
    let grant = outcomes.grants.get(&request.id);
    let said: Vec<_> = outcomes
        .said
        .iter()
        .filter(|said| said.item == request.id.uuid())
        .map(|said| (names.person(&said.person), said.verdict, said.reason.as_str()))
        .collect();
    RequestRowView {
        id: request.id.to_string(),
        title: title(request),
        who: names.principal(&request.principal),
        tier: tiers.view(&request.tier, request.tier_rank),
        stand: match grant {
            Some(grant) => Stand::Grant(grant.state(now)),
            None => Stand::Request {
                state,
                stages: stages(&request.plan),
            },
        },
        decided_by: match (&request.break_glass, said.is_empty(), state) {
            (Some(broken), true, AccessRequestState::Approved) => {
                format!("nobody: break-glass in {}", broken.incident)
            }
            _ => decided_by(state, &request.plan, &said, names),
        },
        emergency: request.break_glass.is_some(),
        ends: match (grant, state.is_terminal()) {
            (Some(grant), _) => Ends::At(end_of(grant)),
            (None, false) => Ends::After(request.grant_secs),
            (None, true) => Ends::Never,
        },
    }
}

/// The request's name.
pub(crate) fn title(request: &AccessRequest) -> String {
    words::wish_title(
        request.capability.as_str(),
        &request.resource.kind,
        &request.resource.id,
    )
}

/// How many stages a plan has.
pub(crate) fn stages(plan: &Plan) -> u32 {
    u32::try_from(plan.stages.len()).unwrap_or(u32::MAX)
}

/// Whom a plan asks, in order: "Security, then Platform owners".
pub(crate) fn asks(plan: &Plan, from: usize, names: &Names) -> String {
    let stages: Vec<String> = plan
        .stages
        .iter()
        .skip(from)
        .map(|stage| words::asked(&stage.demand(), &|approver| names.approver(approver)))
        .collect();
    stages.join(", then ")
}

/// Who decides, or what came of it and by whom.
pub(crate) fn decided_by(
    state: AccessRequestState,
    plan: &Plan,
    said: &[(String, Verdict, &str)],
    names: &Names,
) -> String {
    match state {
        AccessRequestState::Submitted => asks(plan, 0, names),
        AccessRequestState::InReview { stage } => asks(plan, usize::try_from(stage).unwrap_or(0), names),
        AccessRequestState::Approved => said
            .iter()
            .filter(|(_, verdict, _)| *verdict == Verdict::Approve)
            .map(|(person, ..)| person.clone())
            .collect::<Vec<_>>()
            .join(", "),
        AccessRequestState::Denied => said
            .iter()
            .find(|(_, verdict, _)| *verdict == Verdict::Deny)
            .map(|(person, _, reason)| format!("{person}: {reason}"))
            .unwrap_or_default(),
        AccessRequestState::Withdrawn => "taken back".to_owned(),
        AccessRequestState::Expired => "nobody in time".to_owned(),
        AccessRequestState::Voided => "policy, which refuses it now".to_owned(),
    }
}

fn end_of(grant: &Grant) -> Instant {
    grant.ended.map_or(grant.window.ends_at(), |ended| ended.at)
}

/// One request with its background, as the caller may see it.
pub(super) async fn open(
    service: &Service,
    caller: &PersonCaller,
    id: AccessRequestId,
) -> Result<RequestView, AppError> {
    let found = service.access_request(caller, id).await?;
    let background = service.access_request_background(&found).await?;
    let policy = service.policy(caller)?;
    let binding = policy
        .tier(&found.request.tier)
        .map(|tier| tier.binding_context.as_slice())
        .unwrap_or_default();
    let (names, tiers) = (Names::of(service), Tiers::of(service, caller)?);
    Ok(detail(&found, &background, binding, caller, &names, &tiers))
}

fn detail(
    detail: &AccessRequestDetail,
    background: &Background,
    binding: &[String],
    caller: &PersonCaller,
    names: &Names,
    tiers: &Tiers,
) -> RequestView {
    let request = &detail.request;
    RequestView {
        id: request.id.to_string(),
        title: title(request),
        state: detail.state,
        tier: tiers.view(&request.tier, request.tier_rank),
        expires_at: request.expires_at,
        requested_at: request.requested_at,
        stages: request
            .plan
            .stages
            .iter()
            .zip(&detail.stages)
            .map(|(stage, progress)| StageView {
                label: {
                    let label =
                        words::stage_label(&stage.name, &stage.demand(), progress.deciders, |approver| {
                            names.approver(approver)
                        });
                    match stage.denials {
                        1 => label,
                        noes => format!("{label}; {noes} noes settle it"),
                    }
                },
                progress: stage_progress(progress),
                deciders: deciders(progress, names),
                votes: votes(progress, caller, names),
                joining: joining(progress, names),
            })
            .collect(),
        wish: wish(detail, binding, names),
        why: background.why.as_ref().map(why),
        // Others' reasons are for those alone who may read everybody's requests.
        similar: detail
            .similar
            .iter()
            .filter(|_| caller.may(Permission::ReadAll))
            .map(|similar| self::similar(similar, background, names, detail.now))
            .collect(),
        precedents: words::precedents(
            background.precedents.settled,
            background.precedents.approved,
            background.precedents.median_secs,
            PRECEDENT_DAYS,
        ),
        grant: detail.grant.as_ref().map(|grant| GrantView {
            id: grant.id.to_string(),
            state: grant.state(detail.now),
            starts_at: grant.window.starts_at(),
            ends_at: grant.window.ends_at(),
            ended_at: grant.ended.map(|ended| ended.at),
        }),
        comments: comments(&detail.discussion, caller, requester(request, names), names),
        story: story::tell(detail, names),
        noes_left: detail
            .stages
            .iter()
            .find_map(|stage| stage.noes_left)
            .unwrap_or(1),
        before_vote: detail.before_vote.clone().map(Into::into),
        reader: reader(detail, caller, names),
        emergency: emergency(detail, names),
        decision_id: request.decision.to_string(),
        now: detail.now,
    }
}

fn emergency(detail: &AccessRequestDetail, names: &Names) -> Option<EmergencyView> {
    let (found, glass) = (detail.emergency.as_ref()?, detail.request.break_glass.as_ref()?);
    let voted = detail.stages.iter().any(|stage| !stage.votes.is_empty());
    let at_once = !voted && detail.state == AccessRequestState::Approved;
    Some(EmergencyView {
        by: requester(&detail.request, names),
        broken: broken(glass, at_once, &found.skipped, &found.told, names),
        review: found
            .review
            .as_ref()
            .map(|review| review_link(review, detail.now)),
    })
}

/// Who answers questions about it: whoever started it, else who it is for.
fn requester(request: &AccessRequest, names: &Names) -> String {
    match &request.wish.initiator {
        Some(person) => names.person(person),
        None if request.principal.person().is_some() => names.principal(&request.principal),
        None => format!("whoever answers for {}", names.principal(&request.principal)),
    }
}

fn stage_progress(progress: &StageProgress) -> StageProgressView {
    match progress.state {
        StageState::Done => StageProgressView::Done,
        StageState::Open => StageProgressView::Open,
        StageState::Later => StageProgressView::Later,
        StageState::Denied => StageProgressView::Denied,
    }
}

fn votes(progress: &StageProgress, caller: &PersonCaller, names: &Names) -> Vec<VoteView> {
    progress
        .votes
        .iter()
        .map(|vote| VoteView {
            person: names.person(&vote.person),
            approves: vote.verdict == Verdict::Approve,
            reason: vote.reason.clone(),
            at: vote.at,
            own: vote.person == caller.person,
            place_of: vote.behalf.as_ref().map(|behalf| names.person(&behalf.person)),
        })
        .collect()
}

fn wish(detail: &AccessRequestDetail, binding: &[String], names: &Names) -> WishView {
    let request = &detail.request;
    let context: BTreeMap<&String, String> = request
        .wish
        .context
        .iter()
        .map(|(key, value)| (key, plain(value)))
        .collect();
    let is_bound = |key: &String| binding.contains(key);
    // What binds is bound whether it was sent or not: another deploy without a commit is the same deploy.
    let bound = binding.iter().map(|key| {
        (
            key.clone(),
            context
                .get(key)
                .cloned()
                .unwrap_or_else(|| "none was sent".to_owned()),
        )
    });
    let said = request
        .wish
        .client_says
        .iter()
        .map(|(key, value)| (key.clone(), plain(value)));
    // Those two have lines of their own.
    let evidence = context
        .iter()
        .filter(|(key, _)| !is_bound(key) && key.as_str() != "initiator" && key.as_str() != "approval")
        .map(|(key, value)| ((*key).clone(), value.clone()));
    WishView {
        kind: request.principal.kind.to_string(),
        who: names.principal(&request.principal),
        initiator: request.wish.initiator.as_ref().map(|person| names.person(person)),
        client: detail.client_name.clone(),
        capability: request.capability.to_string(),
        resource_kind: request.resource.kind.clone(),
        resource: request.resource.id.clone(),
        owners: names.owners_of(&request.resource),
        grant_secs: request.grant_secs,
        wanted_from: request.wanted_from,
        wanted_until: request.wanted_until,
        now: detail.now,
        asked_secs: asked_secs(detail).filter(|asked| *asked != request.grant_secs),
        bound: bound.collect(),
        evidence: evidence.chain(said).collect(),
        reason: request.wish.reason.clone(),
        // The incident stands in a place of its own.
        ticket: request
            .wish
            .ticket
            .clone()
            .filter(|_| request.break_glass.is_none()),
        emergency: request.break_glass.is_some(),
    }
}

/// A value as people read it: texts without quotation marks.
fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn why(why: &WhyReview) -> WhyView {
    WhyView {
        rules: why
            .rules
            .iter()
            .map(|rule| (rule.id.to_string(), rule.description.clone()))
            .collect(),
        opt_outs: why.opt_outs.iter().map(ToString::to_string).collect(),
        counterfactual: words::counterfactual(
            why.rules.len(),
            why.opt_outs.len(),
            why.without == domain::outcome::Outcome::Automate,
        )
        .to_owned(),
    }
}

fn similar(request: &AccessRequest, background: &Background, names: &Names, now: Instant) -> SimilarView {
    let said: Vec<_> = background
        .said
        .iter()
        .filter(|said| said.item == request.id.uuid())
        .map(|said| (names.person(&said.person), said.verdict, said.reason.as_str()))
        .collect();
    let state = request.state_at(now);
    SimilarView {
        id: request.id.to_string(),
        what: format!("{}: {}", names.principal(&request.principal), request.wish.reason),
        state,
        decided_by: decided_by(state, &request.plan, &said, names),
        at: request.decided_at.unwrap_or(request.requested_at),
    }
}

fn reader(detail: &AccessRequestDetail, caller: &PersonCaller, names: &Names) -> ReaderView {
    let request = &detail.request;
    let own = request.principal.person().as_ref() == Some(&caller.person)
        || request.wish.initiator.as_ref() == Some(&caller.person);
    ReaderView {
        why_no_vote: match &detail.standpoint {
            Standpoint::MayVote => None,
            Standpoint::MayNot(why) => Some(why.clone()),
        },
        votes_for: detail.votes_for.as_ref().map(|person| names.person(person)),
        may_withdraw: detail.may_withdraw,
        may_end: detail.may_end_grant.then_some(if own {
            EndGrant::GiveBack
        } else {
            EndGrant::TakeBack
        }),
        may_audit: caller.may(Permission::ReadAudit),
        may_break_glass: detail.may_break_glass,
    }
}
