//! Budgets: how many bypasses a team may use per tier in 30 days. A bypass is charged at submission to each team that owns
//! what it covers; the charge counts for 30 days, or until it is released because nobody got the bypass.

use crate::id::OptOutId;
use crate::name::{TeamName, TierName};
use crate::tier::Tier;
use crate::window::{Instant, Window};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How long a charge counts, in days.
pub const PERIOD_DAYS: i64 = 30;

/// One bypass on one team's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The bypass.
    pub opt_out: OptOutId,
    /// Whose account.
    pub team: TeamName,
    /// At which tier.
    pub tier: TierName,
    /// When it was asked for.
    pub charged_at: Instant,
    /// When it was rejected, withdrawn or lapsed.
    pub released_at: Option<Instant>,
}

impl Charge {
    /// Whether it counts at an instant: from its own on, and not from its release or the end of 30 days on.
    pub fn counts(&self, now: Instant) -> bool {
        let by_itself = self.charged_at + TimeDelta::days(PERIOD_DAYS);
        let ends_at = self
            .released_at
            .map_or(by_itself, |released| released.min(by_itself));
        // What is released in the instant of its charge never counted, and is no window.
        Window::new(self.charged_at, ends_at).is_ok_and(|window| window.contains(now))
    }
}

/// Everything that was charged in the last 30 days.
#[derive(Debug, Clone, Default)]
pub struct Charges(Vec<Charge>);

impl Charges {
    /// Takes them in; those that count no more may be among them.
    pub const fn new(charges: Vec<Charge>) -> Self {
        Self(charges)
    }

    /// Those that count against one account, oldest first.
    pub fn counting<'a>(
        &'a self,
        team: &'a TeamName,
        tier: &'a TierName,
        now: Instant,
    ) -> impl Iterator<Item = &'a Charge> {
        self.0
            .iter()
            .filter(move |charge| charge.team == *team && charge.tier == *tier && charge.counts(now))
    }

    /// How one account stands.
    pub fn account(&self, team: &TeamName, tier: &Tier, now: Instant) -> Account {
        let at: Vec<Instant> = self
            .counting(team, &tier.name, now)
            .map(|charge| charge.charged_at)
            .collect();
        Account {
            team: team.clone(),
            tier: tier.name.clone(),
            budget: tier.budget,
            used: u32::try_from(at.len()).unwrap_or(u32::MAX),
            burn: Burn::of(&at, tier.budget, now),
        }
    }

    /// The teams among these whose account at this tier is used up.
    pub fn exhausted(&self, teams: &BTreeSet<TeamName>, tier: &Tier, now: Instant) -> BTreeSet<TeamName> {
        teams
            .iter()
            .filter(|team| self.account(team, tier, now).left() == Some(0))
            .cloned()
            .collect()
    }
}

/// How a team's account at a tier stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub team: TeamName,
    /// At which tier.
    pub tier: TierName,
    /// How many bypasses it has in 30 days; none: as many as it likes.
    pub budget: Option<u32>,
    /// How many count now.
    pub used: u32,
    /// How fast it goes.
    pub burn: Burn,
}

impl Account {
    /// How many are left; none: as many as it likes.
    pub fn left(&self) -> Option<u32> {
        self.budget.map(|budget| budget.saturating_sub(self.used))
    }
}

/// How fast an account is used up, measured over several windows as burn-rate alerts are (Google, "The Site Reliability
/// Workbook", chapter 5): the long window says that it matters, the short one, a twelfth of it, that it still goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Burn {
    /// As the budget was meant.
    Calm,
    /// Twice as fast over a week: it would be gone in 15 days.
    Slow,
    /// Six times as fast over a day: it would be gone in 5 days.
    Fast,
}

/// A long window in hours, the short one, and the rate at which both must burn.
const FAST: (i64, i64, i64) = (24, 2, 6);
const SLOW: (i64, i64, i64) = (7 * 24, 14, 2);

impl Burn {
    /// Judged by when the counting charges were made. One alone is never an alert, however small the budget.
    pub fn of(charged_at: &[Instant], budget: Option<u32>, now: Instant) -> Self {
        let Some(budget) = budget.filter(|budget| *budget > 0) else {
            return Self::Calm;
        };
        let within = |hours: i64| {
            let since = now - TimeDelta::hours(hours);
            charged_at.iter().filter(|at| **at > since && **at <= now).count()
        };
        // count / budget >= rate * hours / period, without a fraction.
        let burns = |hours: i64, rate: i64| {
            let count = i64::try_from(within(hours)).unwrap_or(i64::MAX);
            count.saturating_mul(PERIOD_DAYS * 24) >= rate * hours * i64::from(budget)
        };
        let alerts = |(long, short, rate): (i64, i64, i64)| {
            within(long) >= 2 && within(short) >= 1 && burns(long, rate) && burns(short, rate)
        };
        if alerts(FAST) {
            Self::Fast
        } else if alerts(SLOW) {
            Self::Slow
        } else {
            Self::Calm
        }
    }
}
