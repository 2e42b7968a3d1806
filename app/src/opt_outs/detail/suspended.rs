//! A bypass that is out of force until it is approved again, and what it hangs on.

use leptos::prelude::*;

use super::path;
use crate::{
    component::{
        badge::{Badge, Tone},
        confirm::Confirm,
        facts::Fact,
        field::TextArea,
        notice::Notice,
        time::{Time, TimeForm},
    },
    form::Submission,
    opt_outs::view::{ChangedRuleView, May, OptOutView, PremiseView},
};

/// Above the page: why it is out of force, and how it comes back.
#[component]
pub(super) fn SuspendedNotice(opt_out: OptOutView) -> impl IntoView {
    let now = opt_out.now;
    let Some(suspension) = opt_out.suspension.clone() else {
        return ().into_any();
    };
    let asked = suspension.asked.map(|asked| {
        let until = asked.open.then(|| {
            view! {
                " Its approvers can decide until "
                <Time at=opt_out.lapses_at now form=TimeForm::Absolute/>
                "."
            }
        });
        let word = if asked.open { " asked for approval again " } else { " asked for approval again, and nobody decided in time, " };
        view! {
            <p class="mt-1">
                {asked.by} {word} <Time at=asked.at now form=TimeForm::Relative/> ": “" {asked.reason} "”." {until}
            </p>
        }
    });
    let rules = suspension
        .rules
        .into_iter()
        .map(|rule| view! { <Changed rule/> })
        .collect_view();
    let ask = match suspension.ask {
        May::Yes => view! {
            <form class="mt-2" method="post" action=path(&opt_out)>
                <button class="btn btn-sm" name="intent" value="confirm_ask_again">
                    "Ask for approval again"
                </button>
            </form>
        }
        .into_any(),
        May::No(why) => view! { <p class="mt-1">{why}</p> }.into_any(),
        May::Moot => ().into_any(),
    };
    view! {
        <div class="mt-5">
            <Notice tone=Tone::Lax>
                <p>
                    <b>"Out of force since "</b> <Time at=suspension.at now/> ". "
                    {suspension.why}
                    " The normal policy applies until it is approved again."
                </p>
                {rules}
                {asked}
                {ask}
            </Notice>
        </div>
    }
    .into_any()
}

/// A rule with another text than the one approved: whoever agrees that the bypass comes back agrees to be out of this one.
#[component]
fn Changed(rule: ChangedRuleView) -> impl IntoView {
    let label = format!("Rule {}", rule.id);
    let now = match rule.is {
        None => view! { <p>"The policy has it no more."</p> }.into_any(),
        Some(is) => view! {
            <p>"It says now: " {is.words}</p>
            <pre class="mt-1 overflow-x-auto rounded-field border border-base-300 bg-base-200 p-3 text-[0.8rem] leading-relaxed" tabindex="0"><code>{is.cedar}</code></pre>
            <p class="note wrap-anywhere">"Its text now: " <span class="id">{is.digest}</span></p>
        }
        .into_any(),
    };
    view! {
        <section class="mt-2" aria-label=label>
            <p>
                <b class="font-mono">{rule.id}</b>
                " has another text than the one that was approved. Approved again, this takes out the rule as it is now."
            </p>
            {now}
            <p class="note wrap-anywhere">"The text that was approved: " <span class="id">{rule.was}</span></p>
        </section>
    }
    .into_any()
}

/// Asks why it should come back.
pub(super) fn ask_again(opt_out: &OptOutView, submission: Submission) -> impl IntoView + use<> {
    let form = submission.of(&["confirm_ask_again", "ask_again"]);
    view! {
        <Confirm
            action=path(opt_out)
            submission=form.clone()
            title="Ask for approval again?"
            consequence="All its stages are asked once more. It stays out of force until they agree, and its end does not move."
            intent="ask_again"
            label="Ask again"
            asked=vec!["reason"]
        >
            <TextArea
                label="Why it should be in force again"
                name="reason"
                submission=form
                max_chars=Some(2_000)
                hint="Shown to approvers, kept in the audit log."
            />
        </Confirm>
    }
}

/// What it hangs on, among the facts of its scope.
#[component]
pub(crate) fn ConditionFacts(
    premise: Option<PremiseView>,
    ends_with: Option<String>,
    now: domain::window::Instant,
) -> impl IntoView {
    let premise = premise.map(|premise| {
        let (tone, word) = if premise.holds {
            (Tone::Settled, "holds now")
        } else {
            (Tone::Lax, "does not hold")
        };
        let failed = premise
            .failed
            .map(|why| view! { <span class="note block">"Last look-up: " {why}</span> });
        view! {
            <Fact name="Premise">
                <span class="block wrap-anywhere">{premise.sentence}</span>
                <Badge tone text=word/>
                <span class="note">
                    " " {premise.read} ", checked " <Time at=premise.at now form=TimeForm::Absolute/>
                </span>
                {failed}
            </Fact>
        }
    });
    let ends = ends_with.map(|sentence| view! { <Fact name="Ends with">{sentence}</Fact> });
    view! {
        {premise}
        {ends}
    }
    .into_any()
}
