//! What a case can ask for beside reason and ticket.

use super::Direction;
use crate::name::{is_one_line, visible_chars};
use crate::scenario::Scenario;
use serde::{Deserialize, Serialize};

/// The fewest characters of a compensating control: less names none.
const SHORTEST_CONTROL: usize = 10;
/// The most characters of a compensating control.
const LONGEST_CONTROL: usize = 1_000;
/// The most characters of an incident's id.
const LONGEST_INCIDENT: usize = 64;

/// A field that a case can require.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// What takes the risk meanwhile, where the case is `mitigated`.
    CompensatingControl,
    /// The incident that it is for.
    IncidentId,
    /// How sensitive the data is that it opens.
    DataClassification,
}

impl Detail {
    /// All of them, in the order of the form.
    pub const ALL: [Self; 3] = [
        Self::IncidentId,
        Self::DataClassification,
        Self::CompensatingControl,
    ];

    /// The word in the policy's text, and the name of the field.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CompensatingControl => "compensating_control",
            Self::IncidentId => "incident_id",
            Self::DataClassification => "data_classification",
        }
    }

    /// The words in front of it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::CompensatingControl => "Compensating control",
            Self::IncidentId => "Incident",
            Self::DataClassification => "Data classification",
        }
    }

    /// Whether an opt-out in this direction can be asked for it. A `to_manual` is itself the control: a person decides.
    pub const fn is_for(self, direction: Direction) -> bool {
        match (self, direction) {
            (Self::CompensatingControl, Direction::ToManual) => false,
            (Self::CompensatingControl | Self::IncidentId | Self::DataClassification, _) => true,
        }
    }
}

/// How sensitive data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataClassification {
    /// Anybody may see it.
    Public,
    /// Everybody in the house may.
    Internal,
    /// Those who need it may.
    Confidential,
    /// Named persons may.
    Restricted,
}

/// A word that is no classification.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no data classification")]
pub struct DataClassificationError(pub String);

impl DataClassification {
    /// All of them, least sensitive first.
    pub const ALL: [Self; 4] = [Self::Public, Self::Internal, Self::Confidential, Self::Restricted];

    /// The word in forms and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Confidential => "confidential",
            Self::Restricted => "restricted",
        }
    }
}

impl std::str::FromStr for DataClassification {
    type Err = DataClassificationError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|known| known.as_str() == text)
            .ok_or_else(|| DataClassificationError(text.to_owned()))
    }
}

/// The details of one opt-out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// What takes the risk meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compensating_control: Option<String>,
    /// The incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_id: Option<String>,
    /// How sensitive the data is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_classification: Option<DataClassification>,
}

/// Why a detail will not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DetailError {
    /// The case asks for it.
    #[error("this case asks for it")]
    Missing,
    /// Too few characters to say anything.
    #[error("say it in at least {0} characters")]
    TooShort(usize),
    /// Too many characters.
    #[error("at most {0} characters")]
    TooLong(usize),
    /// More than one line, or characters that nobody sees.
    #[error("it stands on one line, without characters that nobody sees")]
    Unprintable,
}

impl Details {
    /// What the case asks for in this direction, trimmed. The rest is left out: a form sends fields that its reader no
    /// longer sees, once they have chosen another case.
    #[must_use]
    pub fn asked_by(&self, scenario: &Scenario, direction: Direction) -> Self {
        let wants = |detail| scenario.requires(detail, direction);
        let trimmed = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim).unwrap_or_default();
            (!text.is_empty()).then(|| text.to_owned())
        };
        Self {
            compensating_control: trimmed(&self.compensating_control)
                .filter(|_| wants(Detail::CompensatingControl)),
            incident_id: trimmed(&self.incident_id).filter(|_| wants(Detail::IncidentId)),
            data_classification: self
                .data_classification
                .filter(|_| wants(Detail::DataClassification)),
        }
    }

    /// Everything that is wrong with them for a case and a direction.
    pub fn check(&self, scenario: &Scenario, direction: Direction) -> Vec<(Detail, DetailError)> {
        Detail::ALL
            .into_iter()
            .filter(|detail| scenario.requires(*detail, direction))
            .filter_map(|detail| self.fault(detail).map(|error| (detail, error)))
            .collect()
    }

    fn fault(&self, detail: Detail) -> Option<DetailError> {
        let text = match detail {
            Detail::DataClassification => {
                return self.data_classification.is_none().then_some(DetailError::Missing);
            }
            Detail::CompensatingControl => &self.compensating_control,
            Detail::IncidentId => &self.incident_id,
        };
        let text = text.as_deref().map(str::trim).unwrap_or_default();
        let (least, most) = match detail {
            Detail::CompensatingControl => (SHORTEST_CONTROL, LONGEST_CONTROL),
            Detail::IncidentId | Detail::DataClassification => (1, LONGEST_INCIDENT),
        };
        match (visible_chars(text), detail) {
            (0, _) => Some(DetailError::Missing),
            (seen, _) if seen < least => Some(DetailError::TooShort(least)),
            _ if text.chars().count() > most => Some(DetailError::TooLong(most)),
            (_, Detail::IncidentId) if !is_one_line(text) => Some(DetailError::Unprintable),
            _ => None,
        }
    }
}
