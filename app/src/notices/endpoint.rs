//! `/settings/endpoints/{id}`: one endpoint, its secret, its end.

use domain::notice::EndpointKind;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    api::open_endpoint,
    view::{EndpointPageView, kind_words},
};
use crate::{
    component::{
        confirm::Confirm,
        error_summary::ErrorSummary,
        facts::{Fact, Facts},
        load::load,
        page_header::{Crumb, PageHeader},
        panel::Panel,
        time::Time,
    },
    form::{Submission, use_submission},
};

const INTENTS: &[&str] = &[
    "reveal",
    "confirm_rotate",
    "rotate",
    "confirm_disable",
    "disable",
    "enable",
];

#[component]
pub(crate) fn EndpointPage() -> impl IntoView {
    let submission = use_submission().of(INTENTS);
    let reveal = submission.has_intent("reveal");
    let params = use_params_map();
    let endpoint = Resource::new(
        move || params.read().get("id").unwrap_or_default(),
        move |id| open_endpoint(id, reveal),
    );
    load(
        endpoint,
        move |page| view! { <Endpoint page submission=submission.clone()/> },
    )
}

#[component]
fn Endpoint(page: EndpointPageView, submission: Submission) -> impl IntoView {
    let (endpoint, now) = (page.endpoint, page.now);
    let path = format!("/settings/endpoints/{}", endpoint.id);
    let in_use = endpoint.disabled.is_none();
    let signs = endpoint.kind == EndpointKind::Webhook;
    let asks_rotate =
        in_use && signs && (submission.has_intent("confirm_rotate") || submission.has_intent("rotate"));
    let asks_disable =
        in_use && (submission.has_intent("confirm_disable") || submission.has_intent("disable"));
    let asks = asks_rotate || asks_disable;
    let confirm = if asks_rotate {
        Some(
            view! {
                <Confirm
                    action=path.clone()
                    submission=submission.clone()
                    title="Make a new secret?"
                    consequence="Every delivery is then signed with both for 24 hours: within them, give the receiver the new one."
                    intent="rotate"
                    label="Make a new secret"
                />
            }
            .into_any(),
        )
    } else if asks_disable {
        Some(
            view! {
                <Confirm
                    action=path.clone()
                    submission=submission.clone()
                    title="Disable this endpoint?"
                    consequence="It is told of nothing more, and what is on its way to it is given up, until an administrator takes it into use again."
                    intent="disable"
                    label="Disable endpoint"
                    danger=true
                />
            }
            .into_any(),
        )
    } else {
        None
    };
    let badges = match &endpoint.disabled {
        Some(_) => view! { <span class="badge badge-sm">"disabled"</span> }.into_any(),
        None => view! { <span class="badge badge-sm badge-success badge-soft">"in use"</span> }.into_any(),
    };
    let channel = endpoint.channel.clone().unwrap_or_else(|| "all news".to_owned());
    let disabled = endpoint.disabled.clone().map(|(at, why)| {
        view! { <Fact name="Disabled"><Time at now/> {format!(": {why}")}</Fact> }
    });
    let previous = endpoint.previous_until.filter(|until| *until > now).map(|until| {
        view! { <Fact name="Old secret">"signs too until " <Time at=until now/></Fact> }
    });
    let secret = page.secret.map(|secret| {
        view! {
            <p class="mt-4 text-sm">"The secret, for the receiver alone:"</p>
            <p class="id mt-1 select-all wrap-anywhere">{secret}</p>
        }
    });
    let enable = (!in_use).then(|| {
        view! {
            <form class="mt-4 flex flex-wrap items-center gap-3" method="post" action=path.clone()>
                <button class="btn btn-sm" name="intent" value="enable">
                    "Take into use again"
                </button>
                <p class="note">
                    "It is told of what comes from now on. What was given up can be sent again under "
                    <a class="link" href="/settings/deliveries">"Deliveries"</a> "."
                </p>
            </form>
        }
    });
    let buttons = (in_use && !asks).then(|| {
        view! {
            <form class="mt-4 flex flex-wrap gap-2" method="post" action=path>
                {signs
                    .then(|| {
                        view! {
                            <button class="btn btn-sm" name="intent" value="reveal">
                                "Show secret"
                            </button>
                            <button class="btn btn-sm" name="intent" value="confirm_rotate">
                                "New secret"
                            </button>
                        }
                    })}
                <button class="btn btn-sm btn-outline btn-error" name="intent" value="confirm_disable">
                    "Disable"
                </button>
            </form>
        }
    });
    view! {
        <PageHeader
            title=endpoint.name.clone()
            crumbs=vec![
                Crumb::link("How I am told", "/settings/notices"),
                Crumb::link("Endpoints", "/settings/endpoints"),
                Crumb::here(endpoint.name.clone()),
            ]
            badges
        />
        {(!asks).then(|| view! { <ErrorSummary submission/> })}
        {confirm}
        <div class="mt-5">
            <Panel title=kind_words(endpoint.kind)>
                <Facts>
                    <Fact name="Host">{endpoint.host}</Fact>
                    <Fact name="Hears">{channel}</Fact>
                    <Fact name="Registered"><Time at=endpoint.created_at now/></Fact>
                    {previous}
                    {disabled}
                </Facts>
                {secret}
                {buttons}
                {enable}
            </Panel>
        </div>
    }
    .into_any()
}
