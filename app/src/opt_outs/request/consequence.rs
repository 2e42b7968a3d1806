//! What would happen: the panel beside the form.

use domain::{outcome::Outcome, window::Instant};
use leptos::{either::EitherOf3, prelude::*};

use crate::{
    approvals::{deciders::KeptOut, joining::Joining},
    budgets::BudgetFacts,
    component::{
        badge::{DirectionBadge, OutcomeBadge, TierMark},
        facts::{Fact, Facts},
        icon::{Icon, Shape},
        time::{Time, TimeForm, length},
    },
    error::AppError,
    form::FieldError,
    opt_outs::{
        detail::ConditionFacts,
        hours::{HoursFact, ScheduleFacts},
        view::{ChangeView, Consequence, PreviewView, ScopeSoFarView, StageForecast},
    },
};

/// The panel. It follows the form by itself where script runs, and says so politely.
#[component]
pub(super) fn Consequences(
    preview: Resource<Result<Option<PreviewView>, AppError>>,
    /// Whether the form was refused, so that nothing was tried.
    refused: bool,
) -> impl IntoView {
    view! {
        <section class="panel" aria-live="polite" id="consequence">
            <Transition fallback=|| {
                view! { <div class="skeleton m-5 h-40"></div> }
            }>
                {move || Suspend::new(async move {
                    match preview.await {
                        Ok(Some(PreviewView::Ready(found))) => EitherOf3::A(view! { <Ready found=*found/> }),
                        Ok(Some(PreviewView::NotYet(errors, scope))) => {
                            EitherOf3::B(view! { <NotYet errors scope refused/> })
                        }
                        Ok(None) => EitherOf3::C(view! { <Nothing sentence=nothing_yet(refused)/> }),
                        Err(error) => EitherOf3::C(view! { <Nothing sentence=error.sentence()/> }),
                    }
                })}
            </Transition>
        </section>
    }
    .into_any()
}

fn nothing_yet(refused: bool) -> String {
    if refused {
        "Mend what is marked, then preview again.".to_owned()
    } else {
        "Fill in the form and preview it: you see what would change on the last 30 days of real decisions, who decides, and when it ends. Nothing is sent by that.".to_owned()
    }
}

#[component]
fn Nothing(sentence: String) -> impl IntoView {
    view! {
        <div class="panel-head">
            <h2 class="panel-title">"What will happen"</h2>
        </div>
        <p class="note px-5 pb-5">{sentence}</p>
    }
    .into_any()
}

#[component]
fn NotYet(
    errors: Vec<FieldError>,
    /// What can be said of the scope already.
    #[prop(optional_no_strip)]
    scope: Option<ScopeSoFarView>,
    /// Whether the form says already what is wrong.
    refused: bool,
) -> impl IntoView {
    if refused {
        return view! {
            <Nothing sentence=nothing_yet(true)/>
            {scope.map(|scope| view! { <SoFar scope/> })}
        }
        .into_any();
    }
    let sentences = errors
        .into_iter()
        .map(|error| view! { <li>{error.message}</li> })
        .collect_view();
    view! {
        <div class="panel-head">
            <h2 class="panel-title">"What will happen"</h2>
        </div>
        <div class="px-5 pb-5 text-sm">
            <p>"It cannot be sent yet:"</p>
            <ul class="note mt-2 list-disc pl-5 space-y-1">{sentences}</ul>
        </div>
        {scope.map(|scope| view! { <SoFar scope/> })}
    }
    .into_any()
}

/// What the scope comes to, beside what is missing.
#[component]
fn SoFar(scope: ScopeSoFarView) -> impl IntoView {
    view! {
        <div class="border-t border-base-300 px-5 py-4" id="so-far">
            <Facts>
                <Fact name="Tier">
                    <TierMark tier=scope.tier/>
                </Fact>
                <Fact name="Covers">{covers(scope.principals, scope.resources)}</Fact>
                {stages(scope.stages, scope.now)}
            </Facts>
        </div>
    }
    .into_any()
}

fn stages(stages: Vec<StageForecast>, now: Instant) -> impl IntoView {
    stages
        .into_iter()
        .zip(1_u32..)
        .map(|(stage, number)| {
            let who = format!("{} · {}", stage.demand, stage.deciders.sentence);
            view! {
                <Fact name=format!("Stage {number}")>
                    <b>{stage.name}</b>
                    ": "
                    {who}
                    <KeptOut deciders=stage.deciders/>
                    <Joining joining=stage.joining now/>
                </Fact>
            }
        })
        .collect_view()
}

/// How many names are written out.
const NAMED: usize = 8;

/// "Bob Okafor, Mara Silva and 3 more", "nobody".
fn names(told: &[String]) -> String {
    let named = told.get(..NAMED.min(told.len())).unwrap_or_default().join(", ");
    match told.len().checked_sub(NAMED) {
        _ if told.is_empty() => "nobody".to_owned(),
        Some(more) if more > 0 => format!("{named} and {more} more"),
        _ => named,
    }
}

#[component]
fn Ready(found: Consequence) -> impl IntoView {
    view! {
        <div class="panel-head">
            <h2 class="panel-title">"What will happen"</h2>
            <DirectionBadge direction=found.direction/>
        </div>
        <div class="px-5 pb-4">
            <Impact found=found.clone()/>
        </div>
        <div class="border-t border-base-300 px-5 py-4">
            <Course found/>
        </div>
    }
    .into_any()
}

/// What changes on recorded decisions.
#[component]
fn Impact(found: Consequence) -> impl IntoView {
    if found.covered == 0 {
        let tried = match found.tried {
            0 => "No decision of the last 30 days is about this.".to_owned(),
            tried => format!(
                "Of the last {tried} decisions about this, it covers none: nothing would have changed."
            ),
        };
        return view! { <p class="text-sm">{tried}</p> }.into_any();
    }
    let covered = found.covered;
    let changes = found
        .changes
        .iter()
        .map(|change| view! { <Change change=change.clone() covered now=found.now/> })
        .collect_view();
    let held = (!found.held_by.is_empty()).then(|| {
        let rules = found
            .held_by
            .iter()
            .map(|(rule, count)| {
                view! {
                    <li>
                        <a class="link link-hover" href=format!("/policies#rule-{rule}")>
                            {rule.clone()}
                        </a>
                        ", "
                        <span class="num">{*count}</span>
                    </li>
                }
            })
            .collect_view();
        view! {
            <p class="mt-4 text-sm">"Still held back by"</p>
            <ul class="note mt-1 space-y-0.5">{rules}</ul>
        }
    });
    let cut_off = found.cut_off.then(|| {
        view! { <p class="note mt-3">"Tried on the newest " {found.tried} "; there are more."</p> }
    });
    view! {
        <p class="text-sm">"On the last 30 days of real decisions:"</p>
        {changes}
        {held}
        {cut_off}
    }
    .into_any()
}

#[component]
fn Change(change: ChangeView, covered: usize, now: domain::window::Instant) -> impl IntoView {
    let same = change.before == change.after;
    let exempt = change.after < change.before && change.after == Outcome::Automate;
    let (shape, word) = if same {
        (Shape::Equal, "stays")
    } else {
        (Shape::ArrowRight, "becomes")
    };
    let note = if same {
        format!("of {covered} covered stay the same")
    } else {
        format!("of {covered} covered")
    };
    let examples = change
        .examples
        .into_iter()
        .map(|example| {
            view! {
                <li>
                    {example.words} ", " <Time at=example.at now form=TimeForm::Relative/>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="mt-3 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm">
            <OutcomeBadge outcome=change.before/>
            <span class="text-base-content/60">
                <Icon shape/>
            </span>
            <span class="sr-only">{word}</span>
            <OutcomeBadge outcome=change.after exempt/>
            <b class="num">{change.count}</b>
            <span class="note">{note}</span>
        </div>
        <details class="mt-1 text-sm">
            <summary class="note cursor-pointer">"Examples"</summary>
            <ul class="note mt-1 pl-4 list-disc">{examples}</ul>
        </details>
    }
    .into_any()
}

/// Who decides, until when, whom it concerns, when it ends.
#[component]
fn Course(found: Consequence) -> impl IntoView {
    let now = found.now;
    let stages = stages(found.stages, now);
    let told = names(&found.told);
    let channel = found
        .channel
        .map(|channel| view! { <span class="block">"the channel " {channel}</span> });
    let starts = match (found.starts_at, &found.schedule) {
        (Some(at), None) => view! { <Time at now/> }.into_any(),
        (Some(at), Some(_)) => view! { <Time at now form=TimeForm::Relative/> }.into_any(),
        (None, _) => "once it is approved".into_any(),
    };
    let causes = (!found.causes.is_empty()).then(|| {
        let sentences = found
            .causes
            .into_iter()
            .map(|sentence| view! { <span class="block">{sentence}</span> })
            .collect_view();
        view! { <Fact name="One more">{sentences}</Fact> }
    });
    let renewal = found
        .generation
        .map(|generation| view! { <Fact name="Renewal">{generation}</Fact> });
    let uses = found
        .max_uses
        .map(|most| view! { <Fact name="Most uses">{most}</Fact> });
    view! {
        <Facts>
            <Fact name="Tier">
                <TierMark tier=found.tier/>
            </Fact>
            <Fact name="Covers">{covers(found.principals, found.resources)}</Fact>
            {stages}
            {causes}
            <BudgetFacts budgets=found.budgets/>
            {renewal}
            <Fact name="Not you">"You asked, so you cannot decide."</Fact>
            <Fact name="Decided by">
                <Time at=found.lapses_at now form=TimeForm::Absolute/>
                " or it lapses"
            </Fact>
            <Fact name="Told">
                {told}
                {channel}
            </Fact>
            <Fact name="Starts">{starts}</Fact>
            <ScheduleFacts schedule=found.schedule/>
            <HoursFact hours=found.hours/>
            <Fact name="Lasts">{format!("{}, of at most {}", length(found.length_secs), length(found.longest_secs))}</Fact>
            <Fact name="Latest end">
                <Time at=found.latest_end now form=TimeForm::Absolute/>
            </Fact>
            {uses}
            <ConditionFacts premise=found.premise ends_with=found.ends_with now/>
        </Facts>
    }
    .into_any()
}

fn covers(principals: Option<usize>, resources: Option<usize>) -> String {
    let count = |count: Option<usize>, any: &str, one: &str, many: &str| match count {
        None => any.to_owned(),
        Some(1) => format!("1 {one}"),
        Some(count) => format!("{count} {many}"),
    };
    format!(
        "{}, {}",
        count(
            principals,
            "anybody",
            "person or workload",
            "people and workloads"
        ),
        count(resources, "any resource", "resource", "resources")
    )
}

#[cfg(test)]
mod tests {
    use super::{covers, names};

    #[test]
    fn the_first_eight_are_named() {
        let many: Vec<String> = (0..10).map(|number| format!("p{number}")).collect();
        assert_eq!(names(&many), "p0, p1, p2, p3, p4, p5, p6, p7 and 2 more");
        assert_eq!(names(&["p0".to_owned(), "p1".to_owned()]), "p0, p1");
        assert_eq!(names(&[]), "nobody");
    }

    #[test]
    fn what_is_covered_is_counted_in_words() {
        assert_eq!(covers(None, Some(1)), "anybody, 1 resource");
        assert_eq!(covers(Some(4), None), "4 people and workloads, any resource");
    }
}
