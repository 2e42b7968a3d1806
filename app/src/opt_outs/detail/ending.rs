//! Ending an opt-out early, taking it back, and the step before anything that cannot be undone.

use domain::approval::Verdict;
use leptos::prelude::*;

use super::{
    deciding::{INTENTS, asks_to_approve, open_stage},
    need, path, suspended,
};
use crate::{
    approvals::{Bound, SHOWN, SIGNED_IN_AFRESH, noes::a_no_means},
    component::{
        confirm::Confirm,
        error_summary::ErrorSummary,
        field::TextArea,
        icon::{Icon, Shape},
        time::length,
    },
    form::Submission,
    opt_outs::{
        kept::taken_out,
        view::{May, OptOutView},
    },
};

/// The buttons in the head. They only ask once more, or lead to the form.
#[component]
pub(super) fn EndButtons(opt_out: OptOutView) -> impl IntoView {
    let end = if opt_out.may_withdraw {
        Some(("confirm_withdraw", "Withdraw", Shape::Undo))
    } else if opt_out.revoke == May::Yes {
        Some(("confirm_revoke", "Revoke now", Shape::Ban))
    } else {
        None
    };
    // Who asks whether it is needed offers to close it already.
    let close = (opt_out.may_close && opt_out.need.is_none()).then(|| {
        view! {
            <button class="btn btn-sm" name="intent" value="confirm_close">
                <Icon shape=Shape::Minus/>
                "Close early"
            </button>
        }
    });
    let end = end.map(|(intent, label, shape)| {
        view! {
            <button class="btn btn-sm btn-outline btn-error" name="intent" value=intent>
                <Icon shape/>
                {label}
            </button>
        }
    });
    let renew = opt_out.may_renew.then(|| {
        view! {
            <a class="btn btn-sm" href=format!("/opt-outs/request?renew={}", opt_out.id)>
                <Icon shape=Shape::Refresh/>
                "Renew"
            </a>
        }
    });
    if renew.is_none() && close.is_none() && end.is_none() {
        return ().into_any();
    }
    view! {
        <form class="flex flex-wrap gap-2" method="post" action=path(&opt_out)>
            {renew}
            {close}
            {end}
        </form>
    }
    .into_any()
}

/// What the first step of a form asks, above the page. A refusal of the last step stands here too.
#[component]
pub(super) fn Asking(opt_out: OptOutView, submission: Submission) -> impl IntoView {
    let asked =
        |step: &'static str, last: &'static str| submission.has_intent(step) || submission.has_intent(last);
    if asked("confirm_withdraw", "withdraw") && opt_out.may_withdraw {
        return withdraw(&opt_out, submission).into_any();
    }
    if asked("confirm_revoke", "revoke") && opt_out.revoke == May::Yes {
        return revoke(&opt_out, submission).into_any();
    }
    if asked("confirm_keep", "keep") && opt_out.may_keep {
        return need::keep(&opt_out, submission).into_any();
    }
    if asked("confirm_close", "close") && opt_out.may_close {
        return need::close(&opt_out, submission).into_any();
    }
    if asked("confirm_ask_again", "ask_again")
        && opt_out
            .suspension
            .as_ref()
            .is_some_and(|suspension| suspension.ask == May::Yes)
    {
        return suspended::ask_again(&opt_out, submission).into_any();
    }
    if asks_to_approve(&submission) && opt_out.vote == May::Yes {
        return approve(&opt_out, submission).into_any();
    }
    if asked("confirm_deny", "deny") && opt_out.vote == May::Yes {
        return deny(&opt_out, submission).into_any();
    }
    // It has changed meanwhile, or the reader may not: there is nothing to confirm, only something to say.
    view! { <ErrorSummary submission/> }.into_any()
}

fn withdraw(opt_out: &OptOutView, submission: Submission) -> impl IntoView + use<> {
    view! {
        <Confirm
            action=path(opt_out)
            submission=submission.of(&["confirm_withdraw", "withdraw"])
            title="Take this back?"
            consequence="Nobody decides it any more. To have it after all, you ask again."
            intent="withdraw"
            label="Withdraw"
            danger=true
        />
    }
}

fn revoke(opt_out: &OptOutView, submission: Submission) -> impl IntoView + use<> {
    let form = submission.of(&["confirm_revoke", "revoke"]);
    view! {
        <Confirm
            action=path(opt_out)
            submission=form.clone()
            title="Revoke this opt-out now?"
            consequence="It ends at once, everywhere, and the normal flow resumes. It cannot be put back; a new one needs a new approval."
            intent="revoke"
            label="Revoke now"
            danger=true
            asked=vec!["reason"]
        >
            <TextArea label="Reason" name="reason" submission=form max_chars=Some(2_000) hint="Kept in the audit log."/>
        </Confirm>
    }
}

fn approve(opt_out: &OptOutView, submission: Submission) -> impl IntoView + use<> {
    let form = submission.of(&INTENTS);
    let shorter = form
        .value("shorten_to")
        .and_then(|secs| secs.parse().ok())
        .map(|secs: i64| format!(" You shorten it to {}.", length(secs)));
    let fewer = form
        .value("max_uses")
        .filter(|uses| !uses.is_empty())
        .map(|uses| format!(" You allow {uses} uses."));
    let out = taken_out(&form);
    let out = (!out.is_empty()).then(|| format!(" You take out: {}.", out.join(", ")));
    let consequence = format!(
        "Your vote counts once and cannot be taken back. Once the last stage is filled, it is in force on every node.{}{}{}",
        shorter.unwrap_or_default(),
        fewer.unwrap_or_default(),
        out.unwrap_or_default(),
    );
    let (seen, before) = (form.clone(), opt_out.before_vote.clone());
    view! {
        <Confirm
            action=path(opt_out)
            submission=form
            title=format!("Approve {}?", open_stage(opt_out))
            consequence
            intent="approve"
            label=format!("Approve {}", open_stage(opt_out))
            asked=vec![SHOWN, SIGNED_IN_AFRESH]
        >
            <Bound before submission=seen verdict=Verdict::Approve/>
        </Confirm>
    }
}

fn deny(opt_out: &OptOutView, submission: Submission) -> impl IntoView + use<> {
    let form = submission.of(&INTENTS);
    let before = opt_out.before_vote.clone();
    view! {
        <Confirm
            action=path(opt_out)
            submission=form.clone()
            title="Deny this opt-out?"
            consequence=a_no_means(
                opt_out.noes_left,
                if opt_out.suspension.is_some() {
                    "it stays out of force, and who asked sees your reason."
                } else {
                    "it is rejected, and who asked sees your reason."
                },
            )
            intent="deny"
            label="Deny"
            danger=true
            asked=vec!["reason", SHOWN, SIGNED_IN_AFRESH]
        >
            <TextArea label="Reason" name="reason" submission=form.clone() max_chars=Some(2_000)/>
            <Bound before submission=form verdict=Verdict::Deny/>
        </Confirm>
    }
}
