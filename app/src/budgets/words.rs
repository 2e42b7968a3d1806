//! Use cases' answers as what the pages show.

use domain::budget::Account;
use service::budgets::Budgets;

use super::view::{AccountView, BudgetView};
use crate::server_side::{Names, Tiers};

/// One account.
pub(crate) fn budget(account: &Account, names: &Names, tiers: &Tiers) -> BudgetView {
    BudgetView {
        team: names.team(&account.team),
        tier: tiers.named(&account.tier),
        budget: account.budget,
        used: account.used,
        burn: account.burn,
    }
}

/// All accounts.
pub(crate) fn accounts(found: Budgets, names: &Names, tiers: &Tiers) -> Vec<AccountView> {
    found
        .accounts
        .into_iter()
        .map(|line| AccountView {
            budget: budget(&line.account, names, tiers),
            charges: line
                .charges
                .into_iter()
                .map(|charge| {
                    let shown = charge.opt_out.map(|(id, title)| (id.to_string(), title));
                    (charge.at, shown)
                })
                .collect(),
        })
        .collect()
}
