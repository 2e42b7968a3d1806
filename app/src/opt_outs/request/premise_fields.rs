//! The optional premise of a bypass. Without script its fields are there for a `to_manual` too, and refused there.

use leptos::prelude::*;

use super::case_fields::Chosen;
use crate::{
    component::field::{Choice, SelectField, TextField},
    form::Submission,
};

/// The fields.
#[component]
pub(super) fn PremiseFields(
    submission: Submission,
    chosen: RwSignal<Chosen>,
    /// Whether tickets are looked up.
    tickets: bool,
) -> impl IntoView {
    let hidden = move || !chosen.with(Chosen::may_have_premise);
    let mut kinds = vec![
        Choice::new("", "No condition"),
        Choice::new("attribute", "An attribute has a value"),
        Choice::new("digest_unchanged", "An attribute stays as it is"),
        Choice::new("incident_open", "An incident is open"),
    ];
    if tickets {
        kinds.push(Choice::new("ticket_open", "A ticket is open"));
    }
    view! {
        <fieldset class="space-y-4" hidden=hidden>
            <legend class="text-sm font-medium">"Only while (bypass only)"</legend>
            <p class="note">
                "A condition that is checked with each decision. Once it does not hold, the bypass is out of force at once and comes back only by a fresh approval."
            </p>
            <div class="grid gap-4 sm:grid-cols-2 items-start">
                <SelectField
                    label="Condition"
                    name="premise.kind"
                    submission=submission.clone()
                    choices=kinds
                    optional=true
                />
                <TextField
                    label="Of what"
                    name="premise.of"
                    submission=submission.clone()
                    optional=true
                    hint="For an attribute: service payments-prod, workload ci/payments."
                />
                <TextField
                    label="Attribute"
                    name="premise.name"
                    submission=submission.clone()
                    max_chars=Some(128)
                    optional=true
                    hint="As the directory names it, such as freeze or image_digest."
                />
                <TextField
                    label="Value, incident or ticket"
                    name="premise.value"
                    submission
                    max_chars=Some(128)
                    optional=true
                    hint="What the attribute must say, or which incident or ticket is open."
                />
            </div>
        </fieldset>
    }
    .into_any()
}
