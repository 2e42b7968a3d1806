//! From what waits to what the pages show. On the server alone.

use std::collections::BTreeMap;

use domain::{
    name::PersonId,
    opt_out::{Cause, Direction},
    post_review::ReviewCause,
    role::Permission,
};
use service::{
    Service,
    bulk::BulkItem,
    caller::PersonCaller,
    inbox::{Beside, Inbox, InboxItem},
    post_reviews::About,
};

use super::{
    at_once,
    view::{AtOnce, InboxView, WaitingKind, WaitingView},
};
use crate::{
    component::time::length,
    error::AppError,
    requests::{look::title, words::listed},
    server_side::{Names, Tiers},
};

/// The inbox of the caller.
pub(crate) fn inbox(
    service: &Service,
    caller: &PersonCaller,
    inbox: &Inbox,
    before: &BTreeMap<BulkItem, Beside>,
) -> Result<InboxView, AppError> {
    let (names, tiers) = (Names::of(service), Tiers::of(service, caller)?);
    let policy = service.policy(caller)?;
    Ok(InboxView {
        rows: inbox
            .items
            .iter()
            .map(|item| (item, waiting(item, &names, &tiers)))
            .map(|(item, row)| WaitingView {
                note: dotted([
                    Some(row.note.clone()).filter(|note| !note.is_empty()),
                    BulkItem::of(item)
                        .and_then(|id| before.get(&id))
                        .and_then(like_it),
                ]),
                at_once: at_once::how(item, policy.tiers()),
                does: at_once::does(item, &names, inbox.now),
                asked_at: BulkItem::of(item).and_then(|id| inbox.questions.get(&id.uuid()).copied()),
                noes_left: BulkItem::of(item)
                    .and_then(|id| inbox.noes.get(&id.uuid()).copied())
                    .unwrap_or(1),
                ..row
            })
            .collect(),
        at_once: at_once::sentences(policy.tiers()),
        may_vote: caller.may(Permission::Vote),
        now: inbox.now,
    })
}

/// "9 of 11 like it approved"; none where there were none lately.
fn like_it(counts: &Beside) -> Option<String> {
    (counts.settled > 0).then(|| format!("{} of {} like it approved", counts.approved, counts.settled))
}

fn waiting(item: &InboxItem, names: &Names, tiers: &Tiers) -> WaitingView {
    match item {
        InboxItem::AccessRequest(request, votes_for) => {
            let started = request
                .wish
                .initiator
                .as_ref()
                .map(|person| format!("started by {}", names.person(person)));
            let rules = (!request.wish.rules.is_empty()).then(|| {
                let word = if request.wish.rules.len() == 1 {
                    "rule"
                } else {
                    "rules"
                };
                format!(
                    "{word} {}",
                    listed(request.wish.rules.iter().map(ToString::to_string), "and")
                )
            });
            let emergency = request
                .break_glass
                .as_ref()
                .map(|broken| format!("break-glass in {}", broken.incident));
            let parts = [
                emergency,
                in_place_of(votes_for.as_ref(), names),
                Some(names.principal(&request.principal)),
                started,
                Some(length(request.grant_secs)),
                rules,
            ];
            WaitingView {
                kind: WaitingKind::AccessRequest,
                title: title(request),
                note: dotted(parts),
                tier: tiers.view(&request.tier, request.tier_rank),
                due_at: item.due_at(),
                href: format!("/approvals/{}", request.id),
                at_once: AtOnce::No,
                does: String::new(),
                noes_left: 1,
                asked_at: None,
            }
        }
        InboxItem::Signal(summary) => {
            let opt_out = &summary.opt_out;
            let about: Vec<String> = opt_out
                .coverage
                .principals
                .iter()
                .flatten()
                .map(|principal| names.principal(principal))
                .collect();
            WaitingView {
                kind: WaitingKind::Signal,
                title: format!("Signal: {}", about.join(", ")),
                note: dotted([
                    Some(names.requester(&opt_out.requested_by)),
                    Some("confirm or lift it".to_owned()),
                ]),
                tier: tiers.view(&opt_out.tier, opt_out.tier_rank),
                due_at: item.due_at(),
                href: format!("/opt-outs/{}", opt_out.id),
                at_once: AtOnce::No,
                does: String::new(),
                noes_left: 1,
                asked_at: None,
            }
        }
        InboxItem::PostReview(summary) => {
            let review = &summary.review;
            let (what, who) = match &summary.about {
                About::OptOut(opt_out) => (opt_out.title.clone(), names.requester(&opt_out.requested_by)),
                About::Access(request) => (
                    format!("Break-glass, {}", title(request)),
                    review
                        .about
                        .as_ref()
                        .map(|person| names.person(person))
                        .unwrap_or_default(),
                ),
            };
            let cause = match review.cause {
                ReviewCause::BreakGlass => "broke the glass",
                ReviewCause::Ended => "it is over",
            };
            WaitingView {
                kind: WaitingKind::PostReview,
                title: format!("Post-review: {what}"),
                note: dotted([Some(who), Some(cause.to_owned())]),
                tier: tiers.view(&review.tier, review.tier_rank),
                due_at: item.due_at(),
                href: format!("/post-reviews/{}", review.id),
                at_once: AtOnce::No,
                does: String::new(),
                noes_left: 1,
                asked_at: None,
            }
        }
        InboxItem::OptOut(summary, votes_for) => {
            let opt_out = &summary.opt_out;
            let what = match opt_out.direction {
                Direction::ToManual => "into human review".to_owned(),
                Direction::Bypass => {
                    format!(
                        "bypass of {}",
                        listed(opt_out.scope.rules.iter().map(ToString::to_string), "and")
                    )
                }
            };
            let parts = [
                in_place_of(votes_for.as_ref(), names),
                Some(names.requester(&opt_out.requested_by)),
                Some(what),
                Some(length(opt_out.window.length_secs())),
                opt_out
                    .recurrence
                    .as_ref()
                    .map(|recurrence| format!("only {recurrence}")),
                opt_out
                    .lineage
                    .map(|lineage| format!("renewal {}", lineage.generation)),
                opt_out.wanted_by().map(|_| "to be put back".to_owned()),
                opt_out
                    .causes
                    .iter()
                    .find_map(|cause| match cause {
                        Cause::BudgetEmpty { teams } => Some(teams),
                        Cause::Renewal { .. } => None,
                    })
                    .map(|teams| {
                        let teams = listed(teams.iter().map(|team| names.team(team)), "and");
                        format!("budget of {teams} used up")
                    }),
            ];
            WaitingView {
                kind: WaitingKind::OptOut(opt_out.direction),
                title: format!("Opt-out: {}", opt_out.title),
                note: dotted(parts),
                tier: tiers.view(&opt_out.tier, opt_out.tier_rank),
                due_at: item.due_at(),
                href: format!("/opt-outs/{}", opt_out.id),
                at_once: AtOnce::No,
                does: String::new(),
                noes_left: 1,
                asked_at: None,
            }
        }
    }
}

fn in_place_of(giver: Option<&PersonId>, names: &Names) -> Option<String> {
    giver.map(|giver| format!("in the place of {}", names.person(giver)))
}

fn dotted<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::{Beside, like_it};

    #[test]
    fn where_there_were_none_nothing_is_said() {
        let said = |settled, approved| like_it(&Beside { settled, approved });
        assert_eq!(said(0, 0), None);
        assert_eq!(said(11, 9).as_deref(), Some("9 of 11 like it approved"));
    }
}
