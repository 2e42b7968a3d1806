//! What a case asks for is there and readable; what it does not ask for is not kept.

use crate::limits::scenario;
use domain::opt_out::{DataClassification, Detail, DetailError, Details, Direction};
use domain::scenario::{Category, Scenario};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

fn asking(required: Vec<Detail>) -> Scenario {
    Scenario {
        category: Category::Mitigated,
        required,
        ..scenario(3_600)
    }
}

fn details() -> impl Strategy<Value = Details> {
    (
        option::of("[ a-z\u{200b}]{0,20}"),
        option::of("[ A-Z0-9-]{0,12}"),
        option::of(select(&DataClassification::ALL[..])),
    )
        .prop_map(
            |(compensating_control, incident_id, data_classification)| Details {
                compensating_control,
                incident_id,
                data_classification,
            },
        )
}

proptest! {
    /// Sound details keep what was asked for and nothing else; what is kept is sound again.
    #[test]
    fn only_what_is_asked_for_is_kept(
        required in subsequence(Detail::ALL.to_vec(), 0..=3), direction in select(&Direction::ALL[..]), typed in details(),
    ) {
        let scenario = asking(required);
        let kept = typed.asked_by(&scenario, direction);
        let has = |detail| match detail {
            Detail::CompensatingControl => kept.compensating_control.is_some(),
            Detail::IncidentId => kept.incident_id.is_some(),
            Detail::DataClassification => kept.data_classification.is_some(),
        };
        for detail in Detail::ALL {
            prop_assert!(!has(detail) || scenario.requires(detail, direction));
            if typed.check(&scenario, direction).is_empty() {
                prop_assert_eq!(has(detail), scenario.requires(detail, direction));
            }
        }
        prop_assert_eq!(kept.check(&scenario, direction), typed.check(&scenario, direction));
        prop_assert_eq!(kept.asked_by(&scenario, direction), kept);
    }
}

#[test]
fn what_is_missing_short_or_hidden_is_named() {
    let scenario = asking(Detail::ALL.to_vec());
    let says = |details: Details| details.check(&scenario, Direction::Bypass);
    let sound = Details {
        compensating_control: Some("Queries are recorded.".to_owned()),
        incident_id: Some("INC-1".to_owned()),
        data_classification: Some(DataClassification::Confidential),
    };
    assert_eq!(says(sound.clone()), []);
    assert_eq!(
        says(Details::default()),
        Detail::ALL.map(|detail| (detail, DetailError::Missing))
    );
    let with = |change: fn(&mut Details)| {
        let mut details = sound.clone();
        change(&mut details);
        says(details)
    };
    assert_eq!(
        with(|details| details.compensating_control = Some("logs".to_owned())),
        [(Detail::CompensatingControl, DetailError::TooShort(10))]
    );
    assert_eq!(
        with(|details| details.compensating_control = Some("\u{200b}".repeat(20))),
        [(Detail::CompensatingControl, DetailError::Missing)]
    );
    assert_eq!(
        with(|details| details.incident_id = Some("INC-1\nINC-2".to_owned())),
        [(Detail::IncidentId, DetailError::Unprintable)]
    );
    assert_eq!(
        with(|details| details.incident_id = Some("I".repeat(65))),
        [(Detail::IncidentId, DetailError::TooLong(64))]
    );
}

/// A person who decides is the control.
#[test]
fn a_to_manual_needs_no_other_control() {
    let scenario = asking(vec![Detail::CompensatingControl]);
    assert_eq!(Details::default().check(&scenario, Direction::ToManual), []);
    assert!(!Details::default().check(&scenario, Direction::Bypass).is_empty());
}
