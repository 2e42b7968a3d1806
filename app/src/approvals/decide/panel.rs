//! The panel to decide in, the question before the vote counts, and why somebody may not vote.

use domain::approval::Verdict;
use leptos::prelude::*;

use crate::{
    approvals::{Bound, SHOWN, SIGNED_IN_AFRESH, joining::InPlaceOf, noes::a_no_means},
    component::{
        confirm::Confirm,
        error_summary::ErrorSummary,
        field::{Choice, SelectField, TextArea},
        icon::{Icon, Shape},
        shortcut::use_shortcuts,
        time::{Time, absolute, length},
    },
    form::Submission,
    requests::view::{RequestView, VoteView},
};

/// The longest reason of a vote, in characters.
const LONGEST_REASON: u32 = 2_000;

/// Lengths that a request may be shortened to, in seconds: the four greatest usual ones below what was asked.
fn shorter_than(asked_secs: i64) -> Vec<i64> {
    const USUAL: [i64; 12] = [
        604_800, 259_200, 86_400, 43_200, 28_800, 14_400, 7_200, 3_600, 1_800, 900, 600, 300,
    ];
    USUAL
        .into_iter()
        .filter(|secs| *secs < asked_secs)
        .take(4)
        .collect()
}

/// Whether a button was pressed and nothing that was typed stands against the vote. What has changed meanwhile, or a fresh
/// sign-in that came to nothing, does not: the page asks once more.
pub(super) fn is_confirmed_first(submission: &Submission) -> bool {
    let asked = ["confirm_approve", "confirm_deny", "approve", "deny"]
        .iter()
        .any(|intent| submission.has_intent(intent));
    asked && submission.errors().iter().all(|error| error.field.is_empty())
}

#[component]
pub(super) fn DecisionPanel(request: RequestView, submission: Submission) -> impl IntoView {
    match request.reader.why_no_vote.clone() {
        Some(why) => view! { <NoVote request why submission/> }.into_any(),
        None => view! { <VoteForm request submission/> }.into_any(),
    }
}

#[component]
fn VoteForm(request: RequestView, submission: Submission) -> impl IntoView {
    use_shortcuts(&[("a", "approve"), ("d", "deny")]);
    let path = format!("/approvals/{}", request.id);
    let asked = request.wish.grant_secs;
    let shorter = shorter_than(asked);
    let lengths = (!shorter.is_empty()).then(|| {
        let choices = std::iter::once(Choice::new("", format!("{}, as asked", length(asked))))
            .chain(
                shorter
                    .into_iter()
                    .map(|secs| Choice::new(secs.to_string(), length(secs))),
            )
            .collect();
        view! {
            <SelectField
                label="Shorten to"
                name="shorten_to"
                submission=submission.clone()
                choices
                hint="You can narrow it, not widen it."
            />
        }
    });
    view! {
        <section class="panel p-5">
            <h2 class="panel-title">"Your decision"</h2>
            {request.reader.votes_for.clone().map(|giver| view! { <InPlaceOf giver/> })}
            <ErrorSummary submission=submission.clone()/>
            <form class="mt-3 space-y-3" method="post" action=path>
                <TextArea
                    label="Reason"
                    name="reason"
                    submission
                    hint="Who asked reads it. Required to deny."
                    optional=true
                    max_chars=Some(LONGEST_REASON)
                />
                {lengths}
                <div class="grid grid-cols-2 gap-2 pt-1">
                    <button id="approve" class="btn btn-primary" name="intent" value="confirm_approve">
                        "Approve"
                        <kbd class="kbd kbd-xs text-base-content hidden lg:inline-flex" aria-hidden="true">
                            "a"
                        </kbd>
                    </button>
                    <button id="deny" class="btn btn-outline btn-error" name="intent" value="confirm_deny">
                        "Deny"
                        <kbd class="kbd kbd-xs text-base-content hidden lg:inline-flex" aria-hidden="true">
                            "d"
                        </kbd>
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

/// The second step: what the vote will do, before it counts.
#[component]
pub(super) fn ConfirmVote(request: RequestView, submission: Submission) -> impl IntoView {
    let path = format!("/approvals/{}", request.id);
    let denies = submission.has_intent("confirm_deny") || submission.has_intent("deny");
    let verdict = if denies { Verdict::Deny } else { Verdict::Approve };
    let seen = submission.clone();
    let shortened = submission.value("shorten_to").and_then(|secs| secs.parse().ok());
    let reason = submission.value("reason").unwrap_or_default().trim().to_owned();
    let said = (!reason.is_empty()).then(|| {
        view! { <blockquote class="border-l-2 border-base-300 pl-3 text-sm whitespace-pre-line wrap-anywhere">{reason}</blockquote> }
    });
    let (title, consequence, intent, label) = if denies {
        ("Deny this request?", deny_means(&request), "deny", "Deny")
    } else {
        (
            "Approve this request?",
            approve_means(&request, shortened),
            "approve",
            "Approve",
        )
    };
    view! {
        <Confirm action=path submission title=title consequence=consequence intent label=label danger=denies asked=vec![SHOWN, SIGNED_IN_AFRESH]>
            {said}
            <Bound before=request.before_vote submission=seen verdict/>
        </Confirm>
    }
    .into_any()
}

fn deny_means(request: &RequestView) -> String {
    let settled = format!("{} is told your reason, and has to ask anew.", request.wish.who);
    format!("{} It cannot be undone.", a_no_means(request.noes_left, &settled))
}

fn approve_means(request: &RequestView, shortened: Option<i64>) -> String {
    let secs = shortened.unwrap_or(request.wish.grant_secs);
    let begins = match request.wish.wanted_from.filter(|from| *from > request.now) {
        Some(from) => format!("beginning {}", absolute(from, request.now, 0)),
        None => "beginning at once".to_owned(),
    };
    let until = request
        .wish
        .wanted_until
        .map(|until| format!(" and ending {} at the latest", absolute(until, request.now, 0)))
        .unwrap_or_default();
    format!(
        "If yours is the last vote that is needed, {} may {} on {} for {}, {begins}{until}. Else it goes on to whoever is asked next.",
        request.wish.who,
        request.wish.capability,
        request.wish.resource,
        length(secs)
    )
}

/// Why there is nothing to decide for the reader.
#[component]
fn NoVote(request: RequestView, why: String, submission: Submission) -> impl IntoView {
    let now = request.now;
    let own = request
        .stages
        .iter()
        .flat_map(|stage| &stage.votes)
        .find(|vote| vote.own)
        .cloned();
    let voted = own.is_some();
    let (title, shape) = if voted {
        ("Your decision", Shape::CircleCheck)
    } else if request.state.is_terminal() {
        ("Decided", Shape::Info)
    } else {
        ("Not yours to decide", Shape::Ban)
    };
    let sentence = match own {
        Some(vote) => view! { <OwnVote vote now/> }.into_any(),
        None => view! { <p class="text-sm">{why}</p> }.into_any(),
    };
    view! {
        <section class="panel p-5">
            <ErrorSummary submission/>
            <h2 class="panel-title flex items-center gap-2">
                <Icon shape/>
                {title}
            </h2>
            <div class="mt-2">{sentence}</div>
            <p class="mt-4 flex flex-wrap gap-2">
                <a class="btn btn-sm" href="/approvals">
                    "Open inbox"
                </a>
                <a class="btn btn-ghost btn-sm" href=format!("/requests/{}", request.id)>
                    "Follow it"
                </a>
            </p>
        </section>
    }
    .into_any()
}

#[component]
fn OwnVote(vote: VoteView, now: domain::window::Instant) -> impl IntoView {
    let word = if vote.approves {
        "You approved this "
    } else {
        "You denied this "
    };
    view! {
        <p class="text-sm">
            {word}
            <Time at=vote.at now form=crate::component::time::TimeForm::Relative/>
            "."
        </p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FieldError;

    fn posted(intent: &str, errors: Vec<FieldError>) -> Submission {
        Submission {
            intent: intent.to_owned(),
            errors,
            ..Submission::default()
        }
    }

    #[test]
    fn what_was_typed_is_right_before_the_page_asks_once_more() {
        assert!(is_confirmed_first(&posted("confirm_deny", vec![])));
        assert!(is_confirmed_first(&posted(
            "deny",
            vec![FieldError::form("stale", "It has changed.")]
        )));
        assert!(!is_confirmed_first(&posted(
            "deny",
            vec![FieldError::at("/reason", "x", "y")]
        )));
        assert!(!is_confirmed_first(&Submission::default()));
    }

    #[test]
    fn only_what_was_asked_can_be_shortened() {
        assert_eq!(shorter_than(3_600), [1_800, 900, 600, 300]);
        assert_eq!(shorter_than(300), [0_i64; 0]);
        assert_eq!(shorter_than(5_000), [3_600, 1_800, 900, 600]);
    }
}
