//! Whether a bypass is still needed: the question, and the answers that there are.

use domain::window::Instant;
use leptos::prelude::*;

use super::path;
use crate::{
    component::{
        badge::Tone,
        confirm::Confirm,
        field::TextArea,
        notice::Notice,
        time::{Time, TimeForm},
    },
    form::Submission,
    opt_outs::view::{KeptView, OptOutView},
};

/// The question, above the page, and what was answered to it once.
#[component]
pub(super) fn NeedNotice(opt_out: OptOutView) -> impl IntoView {
    let now = opt_out.now;
    if let Some(need) = opt_out.need.clone() {
        let last = need
            .kept_before
            .then_some(" It was kept once already, so it can only be closed or replaced.");
        let answers = opt_out
            .may_close
            .then(|| view! { <Answers opt_out=opt_out.clone() may_keep=opt_out.may_keep/> });
        return view! {
            <div class="mt-5">
                <Notice tone=Tone::Lax>
                    <p>
                        <b>"Is this still needed? "</b>
                        "It has changed no outcome for long. Unless "
                        {opt_out.requested_by.clone()}
                        " or an owner of what it covers answers, it closes early "
                        <Time at=need.closes_at now/>
                        "."
                        {last}
                    </p>
                    {answers}
                </Notice>
            </div>
        }
        .into_any();
    }
    opt_out.kept.map(|kept| said(kept, now)).into_any()
}

fn said(kept: KeptView, now: Instant) -> impl IntoView {
    view! {
        <p class="note mt-3">
            {kept.by} " kept it " <Time at=kept.at now form=TimeForm::Relative/> ": “" {kept.reason} "”"
        </p>
    }
}

#[component]
fn Answers(opt_out: OptOutView, may_keep: bool) -> impl IntoView {
    let keep = may_keep.then(|| {
        view! {
            <button class="btn btn-sm" name="intent" value="confirm_keep">
                "Keep, because…"
            </button>
        }
    });
    view! {
        <form class="mt-2 flex flex-wrap gap-2" method="post" action=path(&opt_out)>
            {keep}
            <button class="btn btn-sm btn-outline" name="intent" value="confirm_close">
                "Close it"
            </button>
        </form>
    }
    .into_any()
}

/// Asks why it is kept.
pub(super) fn keep(opt_out: &OptOutView, submission: Submission) -> impl IntoView + use<> {
    let form = submission.of(&["confirm_keep", "keep"]);
    view! {
        <Confirm
            action=path(opt_out)
            submission=form.clone()
            title="Keep this opt-out?"
            consequence="It stays in force until its end, and its clock begins anew. That can be done once: found needless again, it closes."
            intent="keep"
            label="Keep it"
            asked=vec!["reason"]
        >
            <TextArea
                label="Why it is still needed"
                name="reason"
                submission=form
                max_chars=Some(2_000)
                hint="Kept in the audit log."
            />
        </Confirm>
    }
}

/// Asks once more before it closes.
pub(super) fn close(opt_out: &OptOutView, submission: Submission) -> impl IntoView + use<> {
    let form = submission.of(&["confirm_close", "close"]);
    view! {
        <Confirm
            action=path(opt_out)
            submission=form.clone()
            title="Close this opt-out now?"
            consequence="It ends at once, everywhere, and the normal flow resumes. It cannot be put back; a new one needs a new approval."
            intent="close"
            label="Close it now"
            asked=vec!["reason"]
        >
            <TextArea
                label="Reason"
                name="reason"
                submission=form
                max_chars=Some(2_000)
                optional=true
                hint="Kept in the audit log."
            />
        </Confirm>
    }
}
