//! An opt-out's life: how far it has come in its approval, from when until when it is in force.

use domain::{opt_out::OptOutState, window::Instant};
use leptos::prelude::*;

use crate::{
    component::{
        life_bar::{Life, LifeBar},
        panel::Panel,
        steps::{Progress, Step, Steps},
        time::length,
    },
    opt_outs::view::{NarrowedView, OptOutView, StageProgressView, StageStateView},
};

/// The instant that its reader waits for, with the word before it.
pub(super) fn next_instant(opt_out: &OptOutView) -> Option<(&'static str, Instant)> {
    use OptOutState as S;
    match opt_out.state {
        S::Requested | S::InReview { .. } => Some(("lapses", opt_out.lapses_at)),
        S::Approved => Some(("starts", opt_out.starts_at)),
        S::Active | S::Suspended => Some(match &opt_out.need {
            Some(need) => ("closes, if not needed,", need.closes_at),
            None => ("ends", opt_out.ends_at),
        }),
        S::Expired => Some(("ended", opt_out.ends_at)),
        S::Revoked | S::Exhausted | S::ClosedEarly | S::Rejected | S::Withdrawn | S::Lapsed => {
            opt_out.ended_at.map(|at| ("ended", at))
        }
    }
}

/// The approval as steps, while it is on its way or where it was refused.
#[component]
pub(super) fn StageSteps(opt_out: OptOutView) -> impl IntoView {
    let shown = opt_out.state.is_pending() || opt_out.state == OptOutState::Rejected;
    shown.then(|| {
        let asked = Step {
            label: format!("Asked by {}", opt_out.requested_by),
            progress: Progress::Done,
        };
        let hours = opt_out.hours.as_ref().map_or("", |_| ", in its hours");
        let end = Step {
            label: format!("In force for {}{hours}", length(opt_out.length_secs)),
            progress: Progress::Ahead,
        };
        let stages = opt_out.stages.iter().map(step);
        let steps: Vec<Step> = [asked].into_iter().chain(stages).chain([end]).collect();
        view! { <Steps steps/> }
    })
}

fn step(stage: &StageProgressView) -> Step {
    Step {
        label: format!("{}: {}", stage.name, stage.demand),
        progress: match stage.state {
            StageStateView::Done => Progress::Done,
            StageStateView::Open => Progress::Current,
            StageStateView::Later => Progress::Ahead,
            StageStateView::Denied => Progress::Refused,
        },
    }
}

/// The bar from asked to the end.
#[component]
pub(super) fn LifePanel(opt_out: OptOutView) -> impl IntoView {
    let aside = opt_out.narrowed.as_ref().map(|narrowed| {
        let words = narrowed_words(narrowed, &opt_out);
        view! { <p class="note">{words}</p> }
    });
    // One with hours of its own is in force within them alone.
    let begun = match opt_out.hours {
        Some(_) => "active",
        None => "in force",
    };
    let life = Life {
        asked_at: opt_out.requested_at,
        starts_at: opt_out.starts_at,
        ends_at: opt_out.ends_at,
        ended_at: opt_out.ended_at,
    };
    let suspended = opt_out.suspension.as_ref();
    let out_since = suspended
        .filter(|_| opt_out.state == OptOutState::Suspended)
        .map(|out| out.at);
    view! {
        <Panel title="Its life" aside=view! { {aside} }.into_any()>
            <LifeBar life now=opt_out.now begun out_since/>
        </Panel>
    }
    .into_any()
}

/// "asked for 9 d, narrowed to 7 d by Ines Marchetti".
fn narrowed_words(narrowed: &NarrowedView, opt_out: &OptOutView) -> String {
    let by = if narrowed.by.is_empty() {
        String::new()
    } else {
        format!(" by {}", narrowed.by.join(" and "))
    };
    let mut asked = Vec::new();
    let mut left = Vec::new();
    if narrowed.length_secs != opt_out.length_secs {
        asked.push(length(narrowed.length_secs));
        left.push(length(opt_out.length_secs));
    }
    if narrowed.max_uses != opt_out.max_uses {
        asked.push(
            narrowed
                .max_uses
                .map_or_else(|| "any number of uses".to_owned(), |most| format!("{most} uses")),
        );
        left.extend(opt_out.max_uses.map(|most| format!("{most} uses")));
    }
    match (asked.is_empty(), &narrowed.scope) {
        (true, _) => format!("its scope was narrowed{by}"),
        (false, None) => format!(
            "asked for {}, narrowed to {}{by}",
            asked.join(" and "),
            left.join(" and ")
        ),
        (false, Some(_)) => {
            format!(
                "asked for {}, narrowed to {} and in scope{by}",
                asked.join(" and "),
                left.join(" and ")
            )
        }
    }
}
