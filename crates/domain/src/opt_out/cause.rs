//! Why an opt-out passes more stages than its tier and case ask for.

use crate::name::TeamName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A cause that adds one stage, as it was found at submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "cause")]
pub enum Cause {
    /// Teams whose budget at its tier was used up. However many they are, they add one stage together.
    BudgetEmpty {
        /// They.
        teams: BTreeSet<TeamName>,
    },
    /// It renews for the second time or more.
    Renewal {
        /// For which time.
        generation: u32,
    },
}

impl Cause {
    /// From which renewal on one stage more is asked.
    pub const FIRST_GENERATION: u32 = 2;

    /// The causes of an opt-out: those teams whose budget is used up, and how often it was renewed.
    pub fn of(exhausted: BTreeSet<TeamName>, generation: u32) -> Vec<Self> {
        let budget = (!exhausted.is_empty()).then_some(Self::BudgetEmpty { teams: exhausted });
        let renewal = (generation >= Self::FIRST_GENERATION).then_some(Self::Renewal { generation });
        budget.into_iter().chain(renewal).collect()
    }
}
