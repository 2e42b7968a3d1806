//! `/settings/delegations`: who decides in whose place.

use domain::{approval::DelegationState, window::Instant};
use leptos::prelude::*;

use super::{
    api::list_delegations,
    view::{DelegationRow, DelegationsView},
};
use crate::{
    component::{
        badge::{Badge, Tone},
        empty_state::EmptyState,
        error_summary::ErrorSummary,
        field::{Choice, SelectField, TextArea, TextField, TickList, ZoneField},
        icon::Shape,
        load::load,
        page_header::PageHeader,
        panel::Panel,
        time::{Time, TimeForm},
    },
    form::{Submission, use_submission},
};

const PATH: &str = "/settings/delegations";

#[component]
pub(crate) fn DelegationsPage() -> impl IntoView {
    let submission = use_submission();
    let found = Resource::new(|| (), |()| list_delegations());
    load(
        found,
        move |found| view! { <All found submission=submission.clone()/> },
    )
}

#[component]
fn All(found: DelegationsView, submission: Submission) -> impl IntoView {
    let now = found.now;
    let form = found
        .may_make
        .then(|| view! { <Make found=found.clone() submission=submission.clone()/> });
    let list = if found.rows.is_empty() {
        let note = if found.may_make {
            "Before a holiday, lend your votes to somebody here: what waits for you then waits for them too."
        } else {
            "Nobody has lent you votes, and your roles give you none to lend."
        };
        view! { <EmptyState shape=Shape::Users title="No delegations" note/> }.into_any()
    } else {
        let rows = found
            .rows
            .into_iter()
            .map(|row| view! { <One row now/> })
            .collect_view();
        view! { <ul class="divide-y divide-base-300">{rows}</ul> }.into_any()
    };
    view! {
        <PageHeader
            title="Delegations"
            note="Who decides in whose place. A vote that is lent is still one vote: whoever votes in your place uses up yours and their own, and what you may not decide they may not decide for you."
        />
        <ErrorSummary submission=submission.of(&["end"])/>
        <section class="panel mt-5 overflow-hidden">{list}</section>
        {form}
    }
    .into_any()
}

#[component]
fn One(row: DelegationRow, now: Instant) -> impl IntoView {
    let (tone, word) = match row.state {
        DelegationState::Scheduled => (Tone::Strict, "scheduled"),
        DelegationState::Active => (Tone::Settled, "active"),
        DelegationState::Ended => (Tone::Neutral, "ended"),
    };
    let title = match (row.from, row.to) {
        (None, Some(to)) => format!("{to} decides in your place"),
        (Some(from), None) => format!("You decide in the place of {from}"),
        (Some(from), Some(to)) => format!("{to} decides in the place of {from}"),
        (None, None) => "Yours".to_owned(),
    };
    let end = row.may_end.then(|| {
        view! {
            <form method="post" action=PATH>
                <input type="hidden" name="id" value=row.id/>
                <button class="btn btn-sm btn-outline btn-error" name="intent" value="end">
                    "End now"
                </button>
            </form>
        }
    });
    view! {
        <li class="flex flex-wrap items-start gap-x-4 gap-y-2 px-5 py-3.5 text-sm">
            <div class="min-w-0 grow basis-64">
                <p class="font-medium">
                    {title}
                    {row.scope.map(|scope| view! { <span class="font-normal">" " {scope}</span> })}
                </p>
                <p class="note mt-0.5">
                    <Time at=row.starts_at now form=TimeForm::Absolute/>
                    " to "
                    <Time at=row.ends_at now/>
                </p>
                <p class="note wrap-anywhere">{row.reason}</p>
            </div>
            <Badge tone text=word/>
            {end}
        </li>
    }
    .into_any()
}

#[component]
fn Make(found: DelegationsView, submission: Submission) -> impl IntoView {
    let form = submission.of(&["make"]);
    let people = std::iter::once(Choice::new("", "Choose somebody"))
        .chain(found.people.into_iter().map(|(id, name)| Choice::new(id, name)))
        .collect();
    let groups = found
        .groups
        .into_iter()
        .map(|(id, title)| Choice::new(id, title))
        .collect();
    let tiers = found
        .tiers
        .into_iter()
        .map(|name| Choice::new(name.clone(), name))
        .collect();
    view! {
        <form class="mt-5" method="post" action=PATH>
            <Panel title="Lend my votes">
                <div class="space-y-4">
                    <ErrorSummary submission=form.clone()/>
                    <SelectField
                        label="To"
                        name="to"
                        submission=form.clone()
                        choices=people
                        hint="They need the role approver, and see what you would see."
                    />
                    <div class="grid gap-4 sm:grid-cols-2 items-start">
                        <TextField
                            label="From"
                            name="starts_at"
                            kind="datetime-local"
                            submission=form.clone()
                            optional=true
                            hint="Empty: from now on. What waits already is lent too."
                        />
                        <TextField
                            label="Until"
                            name="ends_at"
                            kind="datetime-local"
                            submission=form.clone()
                            hint="At most 90 days."
                        />
                        <ZoneField
                            submission=form.clone()
                            initial=found.zone
                            hint="Of these times, by its name, such as Europe/Berlin. Empty: UTC."
                        />
                    </div>
                    <TextArea
                        label="Reason"
                        name="reason"
                        submission=form.clone()
                        max_chars=Some(500)
                        hint="Kept in the audit log."
                    />
                    <TickList
                        label="Only what these groups are asked for"
                        name="groups"
                        submission=form.clone()
                        choices=groups
                        hint="None ticked: everything that you are asked for."
                    />
                    <TickList
                        label="Only in these tiers"
                        name="tiers"
                        submission=form
                        choices=tiers
                        hint="None ticked: in all."
                    />
                    <button class="btn btn-primary" name="intent" value="make">
                        "Lend my votes"
                    </button>
                </div>
            </Panel>
        </form>
    }
    .into_any()
}
