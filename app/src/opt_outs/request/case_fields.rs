//! Fields that only some cases ask for. All of them are in the form, so that what was typed survives another choice; those
//! that the chosen case does not ask for are hidden, and the server leaves out what they hold.

use domain::opt_out::{DataClassification, Detail, Direction};
use leptos::prelude::*;

use crate::{
    component::field::{Choice, SelectField, TextArea, TextField},
    form::Submission,
    opt_outs::view::ScenarioView,
};

/// The case, the direction and the kind of premise as they are chosen now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    scenario: String,
    direction: Option<Direction>,
    condition: String,
}

impl Chosen {
    /// As a form was posted.
    pub(super) fn of(submission: &Submission) -> Self {
        Self::from_fields(|name| submission.value(name))
    }

    /// As fields hold them.
    pub(super) fn from_fields<'a>(value: impl Fn(&str) -> Option<&'a str>) -> Self {
        Self {
            scenario: value("scenario").unwrap_or_default().to_owned(),
            direction: value("direction").and_then(|word| word.parse().ok()),
            condition: value("premise.kind").unwrap_or_default().to_owned(),
        }
    }

    /// The kind of premise.
    pub(super) fn condition(&self) -> &str {
        &self.condition
    }

    /// Whether this choice may stand on a premise.
    pub(super) fn may_have_premise(&self) -> bool {
        self.direction != Some(Direction::ToManual)
    }

    /// Whether this choice asks for a detail. With no direction chosen yet, either counts.
    fn asks_for(&self, detail: Detail, scenarios: &[ScenarioView]) -> bool {
        let asks = |direction| {
            scenarios
                .iter()
                .any(|case| case.id == self.scenario && case.requires(detail, direction))
        };
        match self.direction {
            Some(direction) => asks(direction),
            None => Direction::ALL.into_iter().any(asks),
        }
    }
}

/// The fields. Without script they show once the case has been previewed.
#[component]
pub(super) fn DetailFields(
    scenarios: Vec<ScenarioView>,
    submission: Submission,
    chosen: RwSignal<Chosen>,
) -> impl IntoView {
    let fields = Detail::ALL
        .into_iter()
        .map(|detail| {
            let scenarios = scenarios.clone();
            let hidden = move || !chosen.with(|chosen| chosen.asks_for(detail, &scenarios));
            view! { <div hidden=hidden>{field(detail, submission.clone())}</div> }
        })
        .collect_view();
    view! { <div class="grid gap-4 items-start">{fields}</div> }.into_any()
}

fn field(detail: Detail, submission: Submission) -> AnyView {
    let label = detail.words();
    match detail {
        Detail::IncidentId => view! {
            <TextField
                label
                name="details.incident_id"
                submission
                max_chars=Some(64)
                hint="Its id, such as INC-4471. This case asks for it."
            />
        }
        .into_any(),
        Detail::DataClassification => {
            let choices = [Choice::new("", "Choose")]
                .into_iter()
                .chain(
                    DataClassification::ALL
                        .into_iter()
                        .map(|word| Choice::new(word.as_str(), word.as_str())),
                )
                .collect::<Vec<_>>();
            view! {
                <SelectField
                    label
                    name="details.data_classification"
                    submission
                    choices
                    hint="The most sensitive data that it opens. This case asks for it."
                />
            }
            .into_any()
        }
        Detail::CompensatingControl => view! {
            <TextArea
                label
                name="details.compensating_control"
                submission
                max_chars=Some(1_000)
                hint="What takes the risk meanwhile, such as recorded queries on a replica. This case asks for it."
            />
        }
        .into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_asked_for_by_case_and_direction() {
        let case = ScenarioView {
            id: "audit".to_owned(),
            name: String::new(),
            guidance: String::new(),
            directions: Direction::ALL.to_vec(),
            default_secs: 1,
            longest_secs: 1,
            ticket_required: false,
            ticket_message: None,
            max_uses: None,
            required: vec![Detail::CompensatingControl, Detail::IncidentId],
        };
        let cases = [case];
        let asks = |scenario: &str, direction: &str, detail| {
            let value = |name: &str| match name {
                "scenario" => Some(scenario),
                "direction" => Some(direction),
                _ => None,
            };
            Chosen::from_fields(value).asks_for(detail, &cases)
        };
        assert!(asks("audit", "bypass", Detail::CompensatingControl));
        assert!(
            !asks("audit", "to_manual", Detail::CompensatingControl),
            "a person decides"
        );
        assert!(asks("audit", "to_manual", Detail::IncidentId));
        assert!(asks("audit", "", Detail::CompensatingControl));
        assert!(!asks("other", "bypass", Detail::IncidentId));
        assert!(!Chosen::default().asks_for(Detail::IncidentId, &cases));
    }
}
