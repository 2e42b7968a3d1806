//! Where a request stands between asked and granted.

use domain::{access_request::AccessRequestState, window::Instant};
use leptos::prelude::*;

use super::super::view::{StageProgressView, StageView};
use crate::approvals::{deciders::KeptOut, joining::Joining};
use crate::component::{
    icon::{Icon, Shape},
    panel::Panel,
    steps::{Progress, Step, Steps},
    time::{Time, TimeForm, absolute, length},
};

/// The stages as steps, with what stands before and after them.
#[component]
pub(crate) fn StageSteps(
    /// The stages.
    stages: Vec<StageView>,
    /// The request's state.
    state: AccessRequestState,
    /// When it was filed.
    requested_at: Instant,
    /// How long a grant lasts, in seconds.
    grant_secs: i64,
    /// Whether it took effect without anybody's vote, so that the stages were skipped.
    at_once: bool,
    /// The present.
    now: Instant,
) -> impl IntoView {
    let stages = if at_once { Vec::new() } else { stages };
    let word = if at_once { "Glass broken" } else { "Asked" };
    let asked = Step {
        label: format!("{word} {}", absolute(requested_at, now, 0)),
        progress: Progress::Done,
    };
    let joining = stages.iter().flat_map(|stage| stage.joining.clone()).collect();
    let kept_out = stages
        .iter()
        .filter(|stage| stage.progress == StageProgressView::Open)
        .map(|stage| stage.deciders.clone())
        .next();
    let between = stages.into_iter().map(|stage| Step {
        label: stage.label,
        progress: progress(stage.progress, state),
    });
    let last = Step {
        label: last_label(state, grant_secs),
        progress: match state {
            AccessRequestState::Approved => Progress::Done,
            AccessRequestState::Submitted | AccessRequestState::InReview { .. } => Progress::Ahead,
            AccessRequestState::Denied
            | AccessRequestState::Withdrawn
            | AccessRequestState::Expired
            | AccessRequestState::Voided => Progress::Refused,
        },
    };
    let steps: Vec<Step> = std::iter::once(asked)
        .chain(between)
        .chain(std::iter::once(last))
        .collect();
    let open = !state.is_terminal();
    view! {
        <Steps steps/>
        {open.then(|| view! {
            <div class="mt-2">
                {kept_out.map(|deciders| view! { <KeptOut deciders/> })}
                <Joining joining now/>
            </div>
        })}
    }
    .into_any()
}

/// A settled request waits nowhere any more.
fn progress(stage: StageProgressView, state: AccessRequestState) -> Progress {
    match stage {
        StageProgressView::Done => Progress::Done,
        StageProgressView::Denied => Progress::Refused,
        StageProgressView::Open if !state.is_terminal() => Progress::Current,
        StageProgressView::Open | StageProgressView::Later => Progress::Ahead,
    }
}

fn last_label(state: AccessRequestState, grant_secs: i64) -> String {
    match state {
        AccessRequestState::Submitted
        | AccessRequestState::InReview { .. }
        | AccessRequestState::Approved => {
            format!("Granted for {}", length(grant_secs))
        }
        AccessRequestState::Denied => "Denied".to_owned(),
        AccessRequestState::Withdrawn => "Taken back".to_owned(),
        AccessRequestState::Expired => "Nobody decided in time".to_owned(),
        AccessRequestState::Voided => "Voided by policy".to_owned(),
    }
}

/// What was said in the stages so far. Nothing where nobody has voted.
#[component]
pub(crate) fn Said(
    /// The stages.
    stages: Vec<StageView>,
    /// The present.
    now: Instant,
) -> impl IntoView {
    let votes: Vec<_> = stages.into_iter().flat_map(|stage| stage.votes).collect();
    (!votes.is_empty()).then(|| {
        let items = votes
            .into_iter()
            .map(|vote| {
                let (shape, class, word) = if vote.approves {
                    (Shape::Check, "size-4 mt-0.5 text-success", " approved")
                } else {
                    (Shape::Cross, "size-4 mt-0.5 text-error", " denied")
                };
                let who = if vote.own { "You".to_owned() } else { vote.person };
                let place = vote.place_of.map(|giver| format!(" in the place of {giver}"));
                let reason = (!vote.reason.is_empty()).then_some(vote.reason);
                view! {
                    <li class="flex gap-2.5">
                        <Icon shape class=class/>
                        <div class="min-w-0 grow">
                            <p>
                                <b class="font-medium">{who}</b>
                                {word}
                                {place}
                                <span class="note">
                                    ", " <Time at=vote.at now form=TimeForm::Relative/>
                                </span>
                            </p>
                            {reason.map(|reason| view! { <p class="note whitespace-pre-line wrap-anywhere">{reason}</p> })}
                        </div>
                    </li>
                }
            })
            .collect_view();
        view! {
            <Panel title="Votes">
                <ul class="space-y-2.5 text-sm">{items}</ul>
            </Panel>
        }
        .into_any()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_settled_request_waits_nowhere() {
        let open = StageProgressView::Open;
        assert_eq!(
            progress(open, AccessRequestState::InReview { stage: 0 }),
            Progress::Current
        );
        assert_eq!(progress(open, AccessRequestState::Expired), Progress::Ahead);
        assert_eq!(
            progress(StageProgressView::Denied, AccessRequestState::Denied),
            Progress::Refused
        );
    }

    #[test]
    fn the_last_step_says_how_it_went() {
        assert_eq!(
            last_label(AccessRequestState::Submitted, 3_600),
            "Granted for 1 h"
        );
        assert_eq!(last_label(AccessRequestState::Voided, 3_600), "Voided by policy");
    }
}
