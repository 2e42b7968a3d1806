//! `/audit/decisions/:id`: why could X do Y?

mod flow;

use domain::enforcement::Deviation;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    api::explain_decision,
    event::Proof,
    json_text::JsonText,
    view::{DecisionView, ReplayView, TodayView},
};
use crate::component::{
    badge::{Badge, OutcomeBadge, Tone},
    icon::{Icon, Shape},
    id::{Id, short},
    load::load,
    page_header::{Crumb, PageHeader},
    panel::{Columns, Panel},
    time::{Time, TimeForm, exact},
};
use flow::Flow;

/// One decision explained.
#[component]
pub(crate) fn DecisionPage() -> impl IntoView {
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").unwrap_or_default());
    let found = Resource::new(id, explain_decision);
    load(found, |decision| view! { <Shown decision/> })
}

#[component]
fn Shown(decision: DecisionView) -> impl IntoView {
    let badges = view! {
        <Id value=decision.id.clone() copy=true/>
        <span class="text-base-content/70">"· " {exact(decision.at)} " · policy"</span>
        <Id value=decision.policy_digest.clone()/>
        <span class="text-base-content/70">"· recorded before it was answered"</span>
    };
    let aside = view! {
        <DoneAtTheGate decision=decision.clone()/>
        <Today today=decision.today.clone() decision=decision.clone()/>
        <Replayed replay=decision.replay.clone() engine=decision.engine.clone()/>
        <Proof place=decision.place.clone() salt=None now=decision.now/>
    }
    .into_any();
    let break_glass = decision.may_break_glass.then(|| {
        view! {
            <a
                class="btn btn-outline btn-error btn-sm"
                href=format!("/opt-outs/break-glass?decision={}", decision.id)
            >
                <Icon shape=Shape::Triangle/>
                "Break glass"
            </a>
        }
    });
    view! {
        <PageHeader
            title=question(&decision)
            window_title=format!("Decision {}", short(&decision.id))
            crumbs=vec![
                Crumb::link("Audit log", "/audit"),
                Crumb::link("Decisions", "/audit/decisions"),
                Crumb::here(short(&decision.id)),
            ]
            badges=badges.into_any()
            actions=break_glass.into_any()
        />
        <Columns aside>
            <Flow decision=decision.clone()/>
            <details class="panel group">
                <summary class="px-5 py-4 cursor-pointer list-none flex items-center gap-1.5">
                    <Icon shape=Shape::ChevronRight class="size-4 group-open:rotate-90"/>
                    <span class="panel-title">"The request as it came"</span>
                </summary>
                <div class="px-5 pb-5">
                    <JsonText label="The request as it came" text=decision.request/>
                </div>
            </details>
        </Columns>
    }
    .into_any()
}

/// "Why could p.novak read ledger-db?"
fn question(decision: &DecisionView) -> String {
    let not = if decision.answer { "" } else { " not" };
    format!(
        "Why could {}{not} {} {}?",
        decision.principal, decision.capability, decision.resource.1
    )
}

/// What was really done, beside what was answered.
#[component]
fn DoneAtTheGate(decision: DecisionView) -> impl IntoView {
    let now = decision.now;
    let content = match decision.enforcement {
        Some(report) => {
            let (tone, shape) = match report.deviation {
                Deviation::None => (Tone::Settled, Shape::CircleCheck),
                Deviation::Stricter => (Tone::Strict, Shape::Ban),
                Deviation::Laxer => (Tone::Danger, Shape::Triangle),
            };
            view! {
                <p class="text-sm flex flex-wrap items-center gap-2">
                    <Badge tone text=report.done.words() shape/>
                    <Time at=report.at now form=TimeForm::Absolute/>
                </p>
                {(!report.note.is_empty()).then(|| view! { <p class="note mt-2 wrap-anywhere">{report.note}</p> })}
            }
            .into_any()
        }
        None => view! {
            <p class="note">"The client has not said what it did with this answer."</p>
        }
        .into_any(),
    };
    view! { <Panel title="What was done">{content}</Panel> }.into_any()
}

/// The same input under what is in force now.
#[component]
fn Today(today: Option<TodayView>, decision: DecisionView) -> impl IntoView {
    let content = match today {
        Some(today) => {
            let same = (today.base, today.effective, today.answer)
                == (decision.base, decision.effective, decision.answer);
            let words = match (same, today.answer) {
                (true, _) => "the same",
                (false, true) => "it would be allowed now",
                (false, false) => "it would not be allowed now",
            };
            view! {
                <p class="text-sm flex flex-wrap items-center gap-2">
                    <OutcomeBadge outcome=today.effective exempt=today.effective < today.base/>
                    {words}
                </p>
                <p class="note mt-2">"The same question under the policy, directory, opt-outs and grants in force now."</p>
            }
            .into_any()
        }
        None => view! { <p class="note">"Nothing can be decided now."</p> }.into_any(),
    };
    view! { <Panel title="Under today’s policy">{content}</Panel> }.into_any()
}

/// Whether the record gives the same decision again.
#[component]
fn Replayed(replay: ReplayView, engine: String) -> impl IntoView {
    let (tone, text, shape, note) = match replay {
        ReplayView::Same => (
            Tone::Settled,
            "replays",
            Shape::CircleCheck,
            "Evaluated again from its record alone, it comes out the same.".to_owned(),
        ),
        ReplayView::Differs => (
            Tone::Danger,
            "does not replay",
            Shape::CircleAlert,
            "Evaluated again from its record alone, it comes out otherwise. Tell whoever runs Spillway."
                .to_owned(),
        ),
        ReplayView::Impossible(why) => (
            Tone::Neutral,
            "cannot be replayed",
            Shape::Archive,
            format!("Its record is not complete: {why}."),
        ),
    };
    view! {
        <Panel title="Replay">
            <p>
                <Badge tone text shape/>
            </p>
            <p class="note mt-2">{note} " Engine " {engine} "."</p>
        </Panel>
    }
    .into_any()
}
