//! `/settings/endpoints`: programs and chats that news goes to, for administrators.

use domain::notice::EndpointKind;
use domain::window::Instant;
use leptos::prelude::*;

use super::{
    api::list_endpoints,
    view::{EndpointView, EndpointsView, kind_words},
};
use crate::{
    component::{
        empty_state::EmptyState,
        error_summary::ErrorSummary,
        field::{Choice, RadioCards, Suggestions, TextField},
        icon::Shape,
        load::load,
        page_header::{Crumb, PageHeader},
        panel::Panel,
        row_list::{Row, RowList},
        time::{Time, TimeForm},
    },
    form::{Submission, use_submission},
};

const PATH: &str = "/settings/endpoints";

#[component]
pub(crate) fn EndpointsPage() -> impl IntoView {
    let submission = use_submission().of(&["register"]);
    let endpoints = Resource::new(|| (), |()| list_endpoints());
    load(
        endpoints,
        move |endpoints| view! { <Endpoints endpoints submission=submission.clone()/> },
    )
}

#[component]
fn Endpoints(endpoints: EndpointsView, submission: Submission) -> impl IntoView {
    let now = endpoints.now;
    let list = if endpoints.rows.is_empty() {
        view! {
            <EmptyState
                shape=Shape::Chain
                title="No endpoints"
                note="Register a webhook, and a program is told of everything as it happens; an address of Slack or Teams, and a channel is."
            />
        }
        .into_any()
    } else {
        let rows = endpoints
            .rows
            .into_iter()
            .map(|endpoint| view! { <EndpointRow endpoint now/> })
            .collect_view();
        view! { <RowList>{rows}</RowList> }.into_any()
    };
    let kinds = EndpointKind::ALL
        .into_iter()
        .map(|kind| {
            let note = match kind {
                EndpointKind::Webhook => "A program. Signed after Standard Webhooks 1.0.",
                EndpointKind::Slack => "An incoming webhook of a channel.",
                EndpointKind::Teams => "An incoming webhook of a channel: a link and nothing else.",
            };
            Choice::new(kind.as_str(), kind_words(kind)).with_note(note)
        })
        .collect();
    let actions = view! {
        <a class="btn btn-sm" href="/settings/deliveries">
            "What has not arrived"
        </a>
    }
    .into_any();
    view! {
        <PageHeader
            title="Endpoints"
            note="Where news goes besides people. Addresses and secrets are kept sealed."
            crumbs=vec![Crumb::link("How I am told", "/settings/notices"), Crumb::here("Endpoints")]
            actions
        />
        <ErrorSummary submission=submission.clone()/>
        <div class="mt-5 space-y-5">
            <Panel title="Registered" flush=true>
                {list}
            </Panel>
            <form method="post" action=PATH>
                <Panel title="Register one">
                    <div class="space-y-4">
                        <RadioCards
                            legend="What is there"
                            name="kind"
                            submission=submission.clone()
                            initial="webhook"
                            choices=kinds
                        />
                        <div class="grid gap-4 sm:grid-cols-2">
                            <TextField label="Name" name="name" submission=submission.clone() max_chars=Some(80)/>
                            <TextField
                                label="Channel"
                                name="channel"
                                submission=submission.clone()
                                hint="Only news of tiers with this channel. Empty: all news."
                                optional=true
                                max_chars=Some(80)
                                suggestions="channels"
                            />
                        </div>
                        <TextField
                            label="Address"
                            name="address"
                            submission
                            hint="https, and no address inside a network unless an operator allows it."
                        />
                        <Suggestions id="channels" values=endpoints.channels/>
                        <button class="btn btn-primary" name="intent" value="register">
                            "Register endpoint"
                        </button>
                    </div>
                </Panel>
            </form>
        </div>
    }
    .into_any()
}

#[component]
fn EndpointRow(endpoint: EndpointView, now: Instant) -> impl IntoView {
    let shape = match endpoint.kind {
        EndpointKind::Webhook => Shape::Workload,
        EndpointKind::Slack | EndpointKind::Teams => Shape::Message,
    };
    let channel = endpoint
        .channel
        .as_ref()
        .map_or_else(|| "all news".to_owned(), |channel| format!("news of {channel}"));
    let note = format!("{} · {} · {channel}", kind_words(endpoint.kind), endpoint.host);
    let end = match endpoint.disabled {
        Some((at, _)) => view! {
            <span class="badge badge-sm">"disabled"</span>
            <Time at now form=TimeForm::Relative/>
        }
        .into_any(),
        None => view! { <span class="badge badge-sm badge-success badge-soft">"in use"</span> }.into_any(),
    };
    view! { <Row shape title=endpoint.name href=format!("{PATH}/{}", endpoint.id) note end/> }.into_any()
}
