//! The approver's part: who has voted, and the reader's own vote.

use domain::{approval::Verdict, opt_out::OptOutState};
use leptos::prelude::*;

use super::path;
use crate::{
    approvals::{
        deciders::KeptOut,
        joining::{InPlaceOf, Joining},
    },
    component::{
        badge::{Badge, Tone},
        facts::{Fact, Facts},
        field::{Choice, SelectField, TextArea, TextField},
        icon::{Icon, Shape},
        panel::Panel,
        shortcut::use_shortcuts,
        time::{TimeLeft, length},
    },
    form::Submission,
    opt_outs::{
        kept::KeepFields,
        view::{May, OptOutView, StageStateView},
    },
};

/// The intents of the vote's form: the first of each pair only asks once more.
pub(super) const INTENTS: [&str; 4] = ["confirm_approve", "approve", "confirm_deny", "deny"];

/// Those of a denial.
const DENYING: [&str; 2] = ["confirm_deny", "deny"];

/// Whether the page asks to confirm an approval: what is wrong with what was typed is mended in its form first.
pub(super) fn asks_to_approve(submission: &Submission) -> bool {
    ["confirm_approve", "approve"]
        .iter()
        .any(|intent| submission.has_intent(intent))
        && submission.errors().iter().all(|error| error.field.is_empty())
}

/// Lengths that an approver can shorten to, in seconds.
const LENGTHS: [i64; 9] = [
    3_600, 14_400, 28_800, 86_400, 259_200, 604_800, 1_209_600, 2_592_000, 5_184_000,
];

/// The panel beside the page: the stages, and what the reader may do about them.
#[component]
pub(super) fn Decide(opt_out: OptOutView, submission: Submission) -> impl IntoView {
    let own = match &opt_out.vote {
        // While the page asks to confirm a vote, its form would ask for the same once more, under the same names.
        May::Yes if asks_to_approve(&submission) || !submission.of(&DENYING).is_empty() => ().into_any(),
        May::Yes => view! {
            {opt_out.votes_for.clone().map(|giver| view! { <InPlaceOf giver/> })}
            <VoteForm opt_out=opt_out.clone() submission/>
        }
        .into_any(),
        May::No(why) => view! {
            <p class="note mt-4 flex gap-2">
                <Icon shape=Shape::Ban class="size-4 mt-0.5"/>
                <span>{why.clone()}</span>
            </p>
        }
        .into_any(),
        May::Moot => ().into_any(),
    };
    let wanted_back = opt_out
        .suspension
        .as_ref()
        .and_then(|suspension| suspension.asked.as_ref())
        .is_some_and(|asked| asked.open);
    let waits = opt_out.state.is_pending() || wanted_back;
    let title = match (&opt_out.vote, waits) {
        (May::Yes, _) => "Your decision",
        (_, true) => "Who decides",
        (_, false) => "Who decided",
    };
    let left = waits.then(|| {
        view! { <TimeLeft until=opt_out.lapses_at now=opt_out.now/> }
    });
    view! {
        <Panel title aside=view! { <span class="text-sm">{left}</span> }.into_any()>
            <Stages opt_out=opt_out.clone()/>
            {own}
        </Panel>
    }
    .into_any()
}

#[component]
fn Stages(opt_out: OptOutView) -> impl IntoView {
    let (now, pending) = (opt_out.now, opt_out.state.is_pending());
    let facts = opt_out
        .stages
        .into_iter()
        .zip(1_u32..)
        .map(|(stage, number)| {
            let waiting = match stage.state {
                StageStateView::Open | StageStateView::Later => Some(stage.deciders),
                StageStateView::Done | StageStateView::Denied => None,
            };
            let can = waiting
                .as_ref()
                .map(|deciders| format!(" · {}", deciders.sentence));
            let votes = stage
                .votes
                .into_iter()
                .map(|vote| {
                    let (tone, word) = match vote.verdict {
                        Verdict::Approve => (Tone::Settled, "approved"),
                        Verdict::Deny => (Tone::Danger, "denied"),
                    };
                    let place = vote.place_of.map(|giver| format!(" in the place of {giver}"));
                    let reason = (!vote.reason.is_empty()).then(|| format!("“{}”", vote.reason));
                    view! {
                        <p class="mt-1">
                            {vote.person} {place} " " <Badge tone text=word/>
                            {reason.map(|reason| view! { <span class="note block">{reason}</span> })}
                        </p>
                    }
                })
                .collect_view();
            view! {
                <Fact name=format!("Stage {number}")>
                    <b>{stage.name}</b>
                    ": "
                    {stage.demand}
                    <span class="note">{can}</span>
                    {waiting.map(|deciders| view! { <KeptOut deciders/> })}
                    {pending.then(|| view! { <Joining joining=stage.joining now/> })}
                    {votes}
                </Fact>
            }
        })
        .collect_view();
    view! { <Facts>{facts}</Facts> }.into_any()
}

#[component]
fn VoteForm(opt_out: OptOutView, submission: Submission) -> impl IntoView {
    use_shortcuts(&[("a", "approve"), ("d", "deny")]);
    let form = submission.of(&INTENTS);
    let action = path(&opt_out);
    let uses = opt_out.max_uses.map(|most| {
        view! {
            <TextField
                label="Fewer uses"
                name="max_uses"
                submission=form.clone()
                kind="number"
                optional=true
                hint=format!("{most} as asked")
            />
        }
    });
    // What was in force comes back as it was, or not at all.
    let narrower = opt_out.suspension.is_none().then(|| {
        view! {
            <SelectField
                label="Shorten to"
                name="shorten_to"
                submission=form.clone()
                choices=lengths(opt_out.length_secs)
                hint="You can narrow it, not widen it."
                optional=true
            />
            {uses}
            <KeepFields scope=opt_out.scope.clone() submission=form.clone()/>
        }
    });
    view! {
        <form class="mt-5 space-y-3" method="post" action=action>
            <TextArea
                label="Reason"
                name="reason"
                submission=form.clone()
                optional=true
                max_chars=Some(2_000)
                hint="Required to deny. Kept in the audit log."
            />
            {narrower}
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
    }
    .into_any()
}

/// "7 d, as asked" and all that is shorter.
fn lengths(asked: i64) -> Vec<Choice> {
    let shorter = LENGTHS.into_iter().rev().filter(|secs| *secs < asked);
    [Choice::new("", format!("{}, as asked", length(asked)))]
        .into_iter()
        .chain(shorter.map(|secs| Choice::new(secs.to_string(), length(secs))))
        .collect()
}

/// "stage 1 of 2".
pub(super) fn open_stage(opt_out: &OptOutView) -> String {
    match opt_out.state {
        OptOutState::InReview { stage } => {
            format!("stage {} of {}", stage.saturating_add(1), opt_out.stages.len())
        }
        OptOutState::Requested
        | OptOutState::Approved
        | OptOutState::Active
        | OptOutState::Suspended
        | OptOutState::Expired
        | OptOutState::Revoked
        | OptOutState::Exhausted
        | OptOutState::ClosedEarly
        | OptOutState::Rejected
        | OptOutState::Withdrawn
        | OptOutState::Lapsed => "it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::FieldError;

    #[test]
    fn what_is_wrong_with_the_form_is_mended_before_the_page_asks_to_confirm() {
        let posted = |intent: &str, errors| Submission {
            intent: intent.to_owned(),
            errors,
            ..Submission::default()
        };
        assert!(asks_to_approve(&posted("confirm_approve", vec![])));
        let changed = FieldError::form("changed_since_shown", "It has changed.");
        assert!(asks_to_approve(&posted("approve", vec![changed])));
        let wider = FieldError::at("/max_uses", "not_narrower", "Fewer.");
        assert!(!asks_to_approve(&posted("approve", vec![wider])));
        assert!(!asks_to_approve(&posted("deny", vec![])));
    }

    #[test]
    fn an_approver_is_offered_only_what_is_shorter() {
        let labels: Vec<String> = lengths(86_400).into_iter().map(|choice| choice.label).collect();
        assert_eq!(labels, ["1 d, as asked", "8 h", "4 h", "1 h"]);
        assert_eq!(lengths(600).len(), 1);
    }
}
