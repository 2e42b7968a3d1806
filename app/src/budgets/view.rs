//! What is shown of budgets.

use domain::{budget::Burn, window::Instant};
use serde::{Deserialize, Serialize};

use crate::component::badge::TierView;

/// A team's account at a tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetView {
    /// The team, by name.
    pub team: String,
    /// The tier.
    pub tier: TierView,
    /// How many bypasses it has in 30 days; none: as many as it likes.
    pub budget: Option<u32>,
    /// How many of them count now.
    pub used: u32,
    /// How fast it goes.
    pub burn: Burn,
}

/// An account with what is charged to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// How it stands.
    pub budget: BudgetView,
    /// What counts against it, newest first: when, and the opt-out's id and title where the reader may see it.
    pub charges: Vec<(Instant, Option<(String, String)>)>,
}

impl BudgetView {
    /// How many are left; none: as many as it likes.
    pub fn left(&self) -> Option<u32> {
        self.budget.map(|budget| budget.saturating_sub(self.used))
    }

    /// "2 of 6 left".
    pub fn words(&self) -> String {
        match (self.left(), self.budget) {
            (Some(0), Some(budget)) => format!("none of {budget} left"),
            (Some(left), Some(budget)) => format!("{left} of {budget} left"),
            _ => format!("{} used, no limit", self.used),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_said_in_words() {
        let words = |budget, used| {
            BudgetView {
                team: "Payments".to_owned(),
                tier: TierView::by_place("high".to_owned(), 2, 4),
                budget,
                used,
                burn: Burn::Calm,
            }
            .words()
        };
        assert_eq!(words(Some(6), 4), "2 of 6 left");
        assert_eq!(words(Some(6), 9), "none of 6 left");
        assert_eq!(words(None, 3), "3 used, no limit");
    }
}
