//! How the teams' accounts stand.

use crate::caller::PersonCaller;
use crate::snapshot::Loaded;
use crate::{Service, ServiceError};
pub use domain::budget::{Account, Burn, PERIOD_DAYS};
use domain::id::OptOutId;
use domain::opt_out::{Direction, OptOut};
use domain::role::Permission;
use domain::window::Instant;
use std::collections::BTreeMap;
use store::opt_outs::Stored;

/// A bypass on an account.
#[derive(Debug, Clone)]
pub struct Charged {
    /// It and its title, where the caller may see it.
    pub opt_out: Option<(OptOutId, String)>,
    /// When it was charged.
    pub at: Instant,
}

/// One account, with what is charged to it.
#[derive(Debug, Clone)]
pub struct AccountDetail {
    /// How it stands.
    pub account: Account,
    /// What counts against it, newest first.
    pub charges: Vec<Charged>,
}

/// All accounts that have a budget or a charge.
#[derive(Debug, Clone)]
pub struct Budgets {
    /// By team, strictest tier first.
    pub accounts: Vec<AccountDetail>,
    /// When this was read.
    pub now: Instant,
}

impl Service {
    /// Every team's account at every tier that has a budget. What is charged is named to those who may see it.
    pub async fn budgets(&self, caller: &PersonCaller) -> Result<Budgets, ServiceError> {
        caller.authorise(Permission::ReadPolicies)?;
        let now = self.now();
        let loaded = self.snapshots().current_for_commands().await?;
        let pool = self.store().pool();
        let charges = store::budgets::charges(pool, now).await?;
        let charged: BTreeMap<OptOutId, Stored> = store::opt_outs::charged(pool, now)
            .await?
            .into_iter()
            .filter(|stored| self.sees_opt_out(caller, &loaded, stored))
            .map(|stored| (stored.opt_out.id, stored))
            .collect();
        let mut accounts = Vec::new();
        for team in loaded.directory().teams.keys() {
            for tier in loaded.policy()?.tiers().iter().rev() {
                let account = charges.account(team, tier, now);
                if account.budget.is_none() && account.used == 0 {
                    continue;
                }
                let mut lines: Vec<Charged> = charges
                    .counting(team, &tier.name, now)
                    .map(|charge| Charged {
                        opt_out: charged
                            .get(&charge.opt_out)
                            .map(|stored| (charge.opt_out, stored.opt_out.title.clone())),
                        at: charge.charged_at,
                    })
                    .collect();
                lines.reverse();
                accounts.push(AccountDetail {
                    account,
                    charges: lines,
                });
            }
        }
        Ok(Budgets { accounts, now })
    }

    /// The accounts of a bypass at its tier; none for a `to_manual`, or where the tier is gone.
    pub(crate) async fn accounts_of(
        &self,
        loaded: &Loaded,
        opt_out: &OptOut,
        now: Instant,
    ) -> Result<Vec<Account>, ServiceError> {
        let tier = match opt_out.direction {
            Direction::ToManual => None,
            Direction::Bypass => loaded.policy()?.tier(&opt_out.tier),
        };
        let Some(tier) = tier else {
            return Ok(Vec::new());
        };
        let charges = store::budgets::charges(self.store().pool(), now).await?;
        let teams = &opt_out.teams;
        Ok(teams
            .iter()
            .map(|team| charges.account(team, tier, now))
            .collect())
    }
}
