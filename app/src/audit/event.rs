//! `/audit/events/:id`: one event whole.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    api::get_event,
    json_text::JsonText,
    look::look,
    view::{EventView, PlaceView},
};
use crate::component::{
    badge::Badge,
    empty_state::EmptyState,
    facts::{Fact, Facts},
    icon::Shape,
    id::{Id, short},
    load::load,
    page_header::{Crumb, PageHeader},
    panel::{Columns, Panel},
    time::{Time, TimeForm, exact},
};

/// One event.
#[component]
pub(crate) fn EventPage() -> impl IntoView {
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").unwrap_or_default());
    let found = Resource::new(id, get_event);
    load(found, |event| view! { <Shown event/> })
}

#[component]
fn Shown(event: EventView) -> impl IntoView {
    let (shape, tone) = look(event.row.kind);
    let badges = view! {
        <Badge tone text=event.row.kind.as_str() shape/>
        <Id value=event.row.id.clone() copy=true/>
        <span class="text-base-content/70">
            {exact(event.row.at)} ", " <Time at=event.row.at now=event.now form=TimeForm::Relative/>
        </span>
    };
    let body = match event.body.clone() {
        Some(body) => view! { <JsonText label="What was recorded" text=body/> }.into_any(),
        None => view! {
            <EmptyState shape=Shape::Archive title="No longer readable" note="The recorded part has been erased or cannot be read. Its leaf stands, so the ledger still verifies."/>
        }
        .into_any(),
    };
    view! {
        <PageHeader
            title=format!("{} {}", event.row.who, event.row.did.trim_end_matches('.'))
            window_title=format!("Event {}", short(&event.row.id))
            crumbs=vec![Crumb::link("Audit log", "/audit"), Crumb::here("Event")]
            badges=badges.into_any()
        />
        <Columns aside=view! { <Proof place=event.place.clone() salt=Some(event.salt.clone()) now=event.now/> }.into_any()>
            <Panel title="What it says">
                <EventFacts event=event.clone()/>
            </Panel>
            <Panel title="What was recorded">{body}</Panel>
        </Columns>
    }
    .into_any()
}

#[component]
fn EventFacts(event: EventView) -> impl IntoView {
    let (actor_kind, actor_id) = event.actor;
    let by = format!("/audit?actor={}", percent(&actor_id));
    let about = format!("/audit?object={}", percent(&event.row.object.id));
    let object = match event.row.object.href {
        Some(href) => view! { <Id value=event.row.object.id href copy=true/> }.into_any(),
        None => view! { <Id value=event.row.object.id copy=true/> }.into_any(),
    };
    let policy = event.policy_digest.map(|digest| {
        view! {
            <Fact name="Policy">
                <Id value=digest copy=true/>
            </Fact>
        }
    });
    let signed_in = event.signed_in.map(|(at, acr)| {
        let acr = acr.map(|acr| format!(" (acr {acr})"));
        view! {
            <Fact name="Sign-in">
                <span class="wrap-anywhere">"signed in afresh at " {exact(at)} {acr}</span>
            </Fact>
        }
    });
    let shown = event.shown.map(|digest| {
        view! {
            <Fact name="Shown">
                <Id value=digest copy=true/>
            </Fact>
        }
    });
    view! {
        <Facts>
            <Fact name="Who">
                {actor_kind} " " <a class="link link-hover" href=by>{actor_id}</a>
            </Fact>
            <Fact name="About">
                {event.row.object.kind} " " {object} " "
                <a class="link link-hover text-primary whitespace-nowrap" href=about>
                    "all its events"
                </a>
            </Fact>
            <Fact name="When">{exact(event.row.at)}</Fact>
            <Fact name="Request">
                <Id value=event.correlation copy=true/>
            </Fact>
            {policy}
            {signed_in}
            {shown}
        </Facts>
    }
    .into_any()
}

/// The place in the ledger, for events and decisions alike.
#[component]
pub(super) fn Proof(place: PlaceView, salt: Option<String>, now: domain::window::Instant) -> impl IntoView {
    let entry = match place.index {
        Some(index) => view! { <span class="num">{grouped(index)}</span> }.into_any(),
        None => "not placed yet, at most a second behind".into_any(),
    };
    let checkpoint = match place.checkpoint {
        Some((size, at)) => view! {
            <span class="num">{grouped(size)}</span>
            " entries, "
            <Time at now form=TimeForm::Absolute/>
        }
        .into_any(),
        None => "the next one".into_any(),
    };
    let salt = salt.map(|salt| {
        view! {
            <Fact name="Salt">
                <span class="id break-all">{salt}</span>
            </Fact>
        }
    });
    view! {
        <Panel title="Proof">
            <Facts>
                <Fact name="Entry">{entry}</Fact>
                <Fact name="Checkpoint">{checkpoint}</Fact>
                <Fact name="Leaf">
                    <Id value=place.leaf_hash copy=true/>
                </Fact>
                {salt}
            </Facts>
            <p class="note mt-4">
                "The leaf commits to what is shown here. Changing, leaving out or reordering an entry changes every later checkpoint: "
                <code class="id">"spillway verify"</code>
                " finds it."
            </p>
        </Panel>
    }
    .into_any()
}

/// "1,204,887".
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("-{text}") } else { text }
}

/// A value for a query. Ids may hold slashes, dots and spaces.
pub(super) fn percent(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_204_887, "1,204,887"),
            (-1_000, "-1,000"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn a_value_cannot_leave_its_parameter() {
        assert_eq!(percent("a&b=c#d é"), "a%26b%3Dc%23d%20%C3%A9");
    }
}
