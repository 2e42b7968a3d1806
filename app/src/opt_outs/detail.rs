//! `/opt-outs/:id`: one opt-out whole, and what the reader can do with it.

mod broken;
mod deciding;
mod ending;
mod life;
mod line;
mod narrowed;
mod need;
mod precedents;
mod suspended;
mod told;
mod uses;

use domain::{event::EventKind, opt_out::OptOutState, window::Instant};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    api::get_opt_out,
    hours::{HoursFact, HoursNow, ScheduleFacts},
    view::{HappenedView, May, OptOutView, ScopeView},
};
use crate::{
    audit::look,
    budgets::BudgetFacts,
    comments::{self, Comments},
    component::{
        badge::{DirectionBadge, OptOutBadge, TierMark},
        facts::{Fact, Facts},
        id::Id,
        load::load,
        page_header::{Crumb, PageHeader},
        panel::{Columns, Panel},
        time::{Time, TimeForm, length},
        timeline::{Timeline, TimelineEvent},
    },
    form::{Submission, use_submission},
};
use deciding::Decide;
use ending::{Asking, EndButtons};
use life::{LifePanel, StageSteps};
use line::LinePanel;
use narrowed::NarrowedPanel;
use need::NeedNotice;
use precedents::PrecedentsPanel;
pub(crate) use suspended::ConditionFacts;
use suspended::SuspendedNotice;
pub(crate) use told::ToldPanel;
pub(crate) use uses::Uses;

use broken::SignalPanel;
pub(crate) use broken::{Broken, ReviewPanel};

/// One opt-out.
#[component]
pub(crate) fn OptOutPage() -> impl IntoView {
    let posted = use_submission();
    let (submission, said) = (posted.other_than(comments::INTENTS), posted.of(comments::INTENTS));
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").unwrap_or_default());
    let found = Resource::new(id, get_opt_out);
    load(
        found,
        move |opt_out| view! { <Shown opt_out submission=submission.clone() said=said.clone()/> },
    )
}

/// The page's own path, which its forms post to.
fn path(opt_out: &OptOutView) -> String {
    format!("/opt-outs/{}", opt_out.id)
}

#[component]
fn Shown(
    opt_out: OptOutView,
    submission: Submission,
    /// What was posted of the comment's form.
    said: Submission,
) -> impl IntoView {
    // Nobody decides on what was done at once.
    let signalled = opt_out
        .happened
        .iter()
        .any(|event| event.kind == EventKind::OptOutSignalled);
    let decided = !signalled && !opt_out.broken.as_ref().is_some_and(|broken| broken.at_once)
        || opt_out.state.is_pending();
    let decide = view! {
        <SignalPanel opt_out=opt_out.clone()/>
        <ReviewPanel review=opt_out.review.clone() now=opt_out.now/>
        {decided.then(|| view! { <Decide opt_out=opt_out.clone() submission=submission.clone()/> })}
    };
    let asked_for = view! {
        <WhyPanel opt_out=opt_out.clone()/>
        <ScopePanel opt_out=opt_out.clone()/>
        <NarrowedPanel opt_out=opt_out.clone()/>
        <LinePanel opt_out=opt_out.clone()/>
    };
    // Until it has been in force there is nothing to see but what is asked for, and that is what is decided on.
    let (main, aside) = if was_approved(opt_out.state) {
        let lived = view! {
            <LifePanel opt_out=opt_out.clone()/>
            <Uses opt_out=opt_out.clone()/>
        };
        let aside = view! {
            {decide}
            <ToldPanel broken=opt_out.broken.clone()/>
            {asked_for}
            {revoked_by_others(&opt_out)}
        };
        (lived.into_any(), aside.into_any())
    } else {
        (asked_for.into_any(), decide.into_any())
    };
    let asks = !submission.is_empty();
    let precedents = view! { <PrecedentsPanel opt_out=opt_out.clone()/> };
    view! {
        <Head opt_out=opt_out.clone() asks/>
        <Broken
            by=opt_out.requested_by.clone()
            waits=opt_out.state.is_pending()
            broken=opt_out.broken.clone()
        />
        <Asking opt_out=opt_out.clone() submission/>
        {(!asks).then(|| view! { <SuspendedNotice opt_out=opt_out.clone()/> })}
        {(!asks).then(|| view! { <NeedNotice opt_out=opt_out.clone()/> })}
        {decided.then(|| view! { <StageSteps opt_out=opt_out.clone()/> })}
        <Columns aside>
            {main}
            <Comments
                comments=opt_out.comments.clone()
                action=path(&opt_out)
                submission=said
                now=opt_out.now
            />
            <Happened opt_out=opt_out.clone()/>
        </Columns>
        // Below both columns, so that on a telephone the decision comes before what only helps to judge.
        {precedents}
    }
    .into_any()
}

/// Whether its last stage was ever filled.
const fn was_approved(state: OptOutState) -> bool {
    use OptOutState as S;
    match state {
        S::Approved | S::Active | S::Suspended | S::Expired | S::Revoked | S::Exhausted | S::ClosedEarly => {
            true
        }
        S::Requested | S::InReview { .. } | S::Rejected | S::Withdrawn | S::Lapsed => false,
    }
}

#[component]
fn Head(
    opt_out: OptOutView,
    /// Whether the page asks to confirm something: the button that led there would only ask once more.
    asks: bool,
) -> impl IntoView {
    let now = opt_out.now;
    let stages = u32::try_from(opt_out.stages.len()).ok();
    let left = life::next_instant(&opt_out).map(|(word, at)| {
        view! {
            <span class="text-base-content/70">
                {word} " " <Time at now/>
            </span>
        }
    });
    // Between its hours it is active, and in force it is not.
    let hours = opt_out
        .hours
        .clone()
        .filter(|_| matches!(opt_out.state, OptOutState::Approved | OptOutState::Active))
        .map(|hours| {
            view! {
                <HoursNow hours now/>
                <span class="text-base-content/70" aria-hidden="true">
                    "·"
                </span>
            }
        });
    let badges = view! {
        <OptOutBadge state=opt_out.state stages=stages/>
        <DirectionBadge direction=opt_out.direction/>
        <TierMark tier=opt_out.tier.clone()/>
        <Id value=opt_out.id.clone() copy=true/>
        {hours}
        {left}
    };
    let crumbs = vec![
        Crumb::link("Opt-outs", "/opt-outs"),
        Crumb::here(crate::component::id::short(&opt_out.id)),
    ];
    view! {
        <PageHeader
            title=opt_out.title.clone()
            crumbs
            badges=badges.into_any()
            actions=view! { {(!asks).then(|| view! { <EndButtons opt_out/> })} }.into_any()
        />
    }
    .into_any()
}

#[component]
fn ScopePanel(opt_out: OptOutView) -> impl IntoView {
    let approved = was_approved(opt_out.state);
    let uses = match (approved, opt_out.max_uses) {
        (true, Some(most)) => format!("{} of {most}", opt_out.uses_total),
        (true, None) => format!("{}, no limit", opt_out.uses_total),
        (false, Some(most)) => format!("at most {most}"),
        (false, None) => "no limit".to_owned(),
    };
    // Where times were named, they are shown in their zone.
    let how_long =
        (!approved && opt_out.schedule.is_none()).then(|| view! { <HowLong opt_out=opt_out.clone()/> });
    let causes = (!opt_out.causes.is_empty()).then(|| {
        let sentences = opt_out
            .causes
            .iter()
            .map(|sentence| view! { <span class="block">{sentence.clone()}</span> })
            .collect_view();
        view! { <Fact name="One more">{sentences}</Fact> }
    });
    view! {
        <Panel title="Scope">
            <Facts>
                <ScopeFacts scope=opt_out.scope/>
                {how_long}
                <ScheduleFacts schedule=opt_out.schedule.clone()/>
                <HoursFact hours=opt_out.hours.clone()/>
                <Fact name="Uses">
                    <span class="num">{uses}</span>
                </Fact>
                <ConditionFacts premise=opt_out.premise ends_with=opt_out.ends_with now=opt_out.now/>
                {causes}
                <BudgetFacts budgets=opt_out.budgets/>
            </Facts>
        </Panel>
    }
    .into_any()
}

/// The time asked for: from its approval, or from a start that was chosen.
#[component]
fn HowLong(opt_out: OptOutView) -> impl IntoView {
    let now = opt_out.now;
    let words = if opt_out.starts_at > opt_out.requested_at {
        view! {
            "from "
            <Time at=opt_out.starts_at now form=TimeForm::Absolute/>
            " until "
            <Time at=opt_out.ends_at now form=TimeForm::Absolute/>
        }
        .into_any()
    } else {
        format!("{}, from its approval", length(opt_out.length_secs)).into_any()
    };
    view! { <Fact name="How long">{words}</Fact> }.into_any()
}

#[component]
fn ScopeFacts(scope: ScopeView) -> impl IntoView {
    let rules = (!scope.rules.is_empty()).then(|| {
        let links = scope
            .rules
            .iter()
            .map(|rule| {
                let carried = scope.carried.contains(rule).then(|| {
                    view! {
                        <p class="note">
                            "Its text has changed since. The policy carries over what was approved before."
                        </p>
                    }
                });
                view! {
                    <a class="block py-1 link link-hover font-mono text-[0.82rem]" href=format!("/policies#rule-{rule}")>
                        {rule.clone()}
                    </a>
                    {carried}
                }
            })
            .collect_view();
        view! { <Fact name=if scope.rules.len() == 1 { "Out of rule" } else { "Out of rules" }>{links}</Fact> }
    });
    view! {
        {rules}
        <Fact name="Who">{picked(&scope.principals, "anybody", scope.principals_covered)}</Fact>
        <Fact name="Resources">{picked(&scope.resources, "anything", scope.resources_covered)}</Fact>
        <Fact name="To do">
            {if scope.capabilities.is_empty() { "whatever".to_owned() } else { scope.capabilities.join(", ") }}
        </Fact>
    }
    .into_any()
}

/// "group auditors-external: 4 in all"; what names one thing each needs no count.
fn picked(entries: &[String], any: &str, covered: Option<usize>) -> String {
    match covered {
        _ if entries.is_empty() => any.to_owned(),
        Some(covered) if covered != entries.len() => format!("{}: {covered} in all", entries.join(", ")),
        Some(_) | None => entries.join(", "),
    }
}

#[component]
fn WhyPanel(opt_out: OptOutView) -> impl IntoView {
    let ticket = opt_out.ticket.map(|ticket| view! { " · ticket " {ticket} });
    let details = (!opt_out.details.is_empty()).then(|| {
        let facts = opt_out
            .details
            .into_iter()
            .map(|(name, text)| {
                view! {
                    <Fact name>
                        <span class="whitespace-pre-line wrap-anywhere">{text}</span>
                    </Fact>
                }
            })
            .collect_view();
        view! {
            <div class="mt-3">
                <Facts>{facts}</Facts>
            </div>
        }
    });
    view! {
        <Panel title="Reason">
            <p class="text-sm whitespace-pre-line wrap-anywhere">{opt_out.reason}</p>
            {details}
            <p class="note mt-2">
                "Case: " {opt_out.scenario} {ticket} " · asked by " {opt_out.requested_by} " "
                <Time at=opt_out.requested_at now=opt_out.now form=TimeForm::Relative/>
            </p>
        </Panel>
    }
    .into_any()
}

/// Why the reader cannot end it, where there is something to end.
fn revoked_by_others(opt_out: &OptOutView) -> Option<impl IntoView + use<>> {
    match opt_out.revoke.clone() {
        May::No(why) => Some(view! {
            <Panel title="Ending it early">
                <p class="text-sm">{why}</p>
            </Panel>
        }),
        May::Yes | May::Moot => None,
    }
}

#[component]
fn Happened(opt_out: OptOutView) -> impl IntoView {
    let now = opt_out.now;
    let aside = opt_out.may_audit.then(|| {
        let href = format!("/audit?object={}", opt_out.id);
        view! { <crate::component::panel::PanelLink href label="In the audit log"/> }.into_any()
    });
    view! {
        <Panel title="What happened" aside=aside.unwrap_or_else(|| ().into_any())>
            <Events events=opt_out.happened now/>
        </Panel>
    }
    .into_any()
}

/// What happened, as a timeline.
#[component]
pub(crate) fn Events(events: Vec<HappenedView>, now: Instant) -> impl IntoView {
    let events = events
        .into_iter()
        .map(|event| {
            let (shape, tone) = look(event.kind);
            view! {
                <TimelineEvent shape tone at=event.at now>
                    <b>{event.who}</b>
                    " "
                    {event.did}
                </TimelineEvent>
            }
        })
        .collect_view();
    view! { <Timeline>{events}</Timeline> }.into_any()
}
