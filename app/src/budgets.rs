//! Budgets: how many bypasses a team has left at a tier, what used them up, and how fast.

mod panel;
mod view;

#[cfg(feature = "ssr")]
mod words;

pub(crate) use panel::{BudgetFacts, BudgetPanel};
pub(crate) use view::{AccountView, BudgetView};
#[cfg(feature = "ssr")]
pub(crate) use words::{accounts, budget};
