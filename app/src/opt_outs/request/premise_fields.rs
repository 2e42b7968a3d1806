//! The optional premise of a bypass. With script only the fields show that the chosen condition asks for; without, all of them
//! are there, for a `to_manual` too, and what does not belong is left out or refused.

use leptos::prelude::*;

use super::case_fields::Chosen;
use crate::{
    component::field::{Choice, SelectField, TextField},
    form::Submission,
};

/// A field beside the condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Of,
    Name,
    Value,
}

/// Whether a condition is written with a field.
fn asks_for(condition: &str, part: Part) -> bool {
    match (condition, part) {
        ("attribute", _) | ("digest_unchanged", Part::Of | Part::Name) => true,
        ("incident_open" | "ticket_open", part) => part == Part::Value,
        _ => false,
    }
}

/// The fields.
#[component]
pub(super) fn PremiseFields(
    submission: Submission,
    chosen: RwSignal<Chosen>,
    /// Whether tickets are looked up.
    tickets: bool,
) -> impl IntoView {
    let hidden = move || !chosen.with(Chosen::may_have_premise);
    // The server cannot know whether there is script: nothing hides before it runs.
    let scripted = RwSignal::new(false);
    Effect::new(move |_| scripted.set(true));
    let unasked = move |part| scripted.get() && !chosen.with(|chosen| asks_for(chosen.condition(), part));
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
                <div hidden=move || unasked(Part::Of)>
                    <TextField
                        label="Of what"
                        name="premise.of"
                        submission=submission.clone()
                        optional=true
                        hint="For an attribute: service payments-prod, workload ci/payments."
                    />
                </div>
                <div hidden=move || unasked(Part::Name)>
                    <TextField
                        label="Attribute"
                        name="premise.name"
                        submission=submission.clone()
                        max_chars=Some(128)
                        optional=true
                        hint="As the directory names it, such as freeze or image_digest."
                    />
                </div>
                <div hidden=move || unasked(Part::Value)>
                    <TextField
                        label="Value, incident or ticket"
                        name="premise.value"
                        submission
                        max_chars=Some(128)
                        optional=true
                        hint="What the attribute must say, or which incident or ticket is open."
                    />
                </div>
            </div>
        </fieldset>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::{Part, asks_for};

    #[test]
    fn each_condition_asks_for_what_it_is_written_with() {
        let asked = |condition| [Part::Of, Part::Name, Part::Value].map(|part| asks_for(condition, part));
        assert_eq!(asked(""), [false, false, false]);
        assert_eq!(asked("attribute"), [true, true, true]);
        assert_eq!(asked("digest_unchanged"), [true, true, false]);
        assert_eq!(asked("incident_open"), [false, false, true]);
        assert_eq!(asked("ticket_open"), [false, false, true]);
    }
}
