//! The panel of comments: what was said, and a form to say something.

use domain::{
    comment::{CommentKind, LONGEST_COMMENT},
    window::Instant,
};
use leptos::prelude::*;

use super::view::{CommentView, CommentsView};
use crate::{
    component::{
        badge::{Badge, Tone},
        error_summary::ErrorSummary,
        field::{Choice, SelectField, TextArea, TickList},
        icon::{Icon, Shape},
        panel::Panel,
        time::{Time, TimeForm},
    },
    form::Submission,
};

/// What the form's button means, on whichever page it stands.
pub(crate) const INTENTS: &[&str] = &["comment"];

/// The comments on an item. Nothing where nobody has said anything and the reader may not either.
#[component]
pub(crate) fn Comments(
    /// What was said, and what the reader may add.
    comments: CommentsView,
    /// The page's path.
    #[prop(into)]
    action: String,
    /// What was posted: this form's part of it.
    submission: Submission,
    /// The present.
    now: Instant,
) -> impl IntoView {
    let shown = comments.may_comment || !comments.said.is_empty() || !submission.is_empty();
    shown.then(|| {
        let said = comments
            .said
            .iter()
            .cloned()
            .map(|comment| view! { <Said comment now/> })
            .collect_view();
        let nothing = comments.said.is_empty().then(|| {
            view! { <p class="note">"Nobody has said anything yet. Whoever is asked to decide reads it here."</p> }
        });
        let form = comments
            .may_comment
            .then(|| view! { <Form comments=comments.clone() action submission=submission.clone()/> });
        let refused = (!comments.may_comment).then(|| view! { <ErrorSummary submission=submission.clone()/> });
        view! {
            <Panel title="Comments">
                <ol id="comments" class="space-y-3">{said}</ol>
                {nothing}
                {refused}
                {form}
            </Panel>
        }
        .into_any()
    })
}

#[component]
fn Said(comment: CommentView, now: Instant) -> impl IntoView {
    let verb = match (comment.kind, comment.answers) {
        (CommentKind::Remark, _) => " said".to_owned(),
        (CommentKind::Question, _) => " asked".to_owned(),
        (CommentKind::Answer, Some(whom)) => format!(" answered {whom}"),
        (CommentKind::Answer, None) => " answered".to_owned(),
    };
    let open = comment
        .is_open
        .then(|| view! { " " <Badge tone=Tone::Lax text="waits for an answer"/> });
    view! {
        <li class="flex gap-2.5 text-sm" id=comment.id>
            <Icon shape=Shape::Message class="size-4 mt-0.5 text-base-content/60"/>
            <div class="min-w-0 grow">
                <p>
                    <b class="font-medium">{comment.who}</b>
                    {verb}
                    <span class="note">
                        ", " <Time at=comment.at now form=TimeForm::Relative/>
                    </span>
                    {open}
                </p>
                <p class="whitespace-pre-line wrap-anywhere">{comment.text}</p>
            </div>
        </li>
    }
    .into_any()
}

#[component]
fn Form(comments: CommentsView, action: String, submission: Submission) -> impl IntoView {
    let answers = comments.to_answer.first().map(|first| {
        let initial = first.value.clone();
        let choices = comments
            .to_answer
            .iter()
            .cloned()
            .chain([Choice::new("", "no question: only a remark")])
            .collect();
        view! { <SelectField label="Answers" name="answers" submission=submission.clone() initial choices/> }
    });
    let asks = comments.can_ask.clone().map(|whom| {
        let question = Choice::new("question", format!("It waits for an answer of {whom}"));
        view! {
            <TickList
                label="A question"
                name="saying"
                submission=submission.clone()
                choices=vec![question]
                optional=true
            />
        }
    });
    let most = u32::try_from(LONGEST_COMMENT).unwrap_or(u32::MAX);
    view! {
        <ErrorSummary submission=submission.clone()/>
        <form class="mt-4 space-y-3" method="post" action=action>
            <TextArea
                label="Your comment"
                name="comment"
                submission
                max_chars=Some(most)
                hint="Everybody who sees this page reads it. It changes nothing, and stops no clock."
            />
            {answers}
            {asks}
            <button class="btn btn-sm" name="intent" value="comment">
                <Icon shape=Shape::Message/>
                "Send comment"
            </button>
        </form>
    }
    .into_any()
}
