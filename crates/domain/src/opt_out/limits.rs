//! How long an opt-out may last, and whether this requester may ask for it.

use super::Direction;
use crate::name::{GroupName, RuleId, TierName};
use crate::scenario::Scenario;
use crate::scope::Scope;
use crate::tier::Tier;
use crate::window::Window;

/// What the tier, the scenario and the requester's groups allow together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The cap, in seconds: the least of tier and scenario.
    pub longest_secs: i64,
    /// Where the requester names no length.
    pub default_secs: i64,
    /// The fewest characters of a reason.
    pub reason_min_chars: usize,
    /// The most uses.
    pub max_uses: Option<u32>,
}

/// Why somebody may not ask for this. `field` names what to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// The scenario has no such direction.
    #[error("this case does not allow that direction")]
    Direction,
    /// The tier allows it to nobody in the requester's groups.
    #[error("at tier {0}, your groups may not ask for this kind of opt-out")]
    NotAllowed(String),
    /// A tier that the scenario is not for.
    #[error("this case is for {}, and this is tier {tier}", tiers(.for_tiers))]
    Tier {
        /// The tier of what is covered.
        tier: TierName,
        /// The tiers that it is for.
        for_tiers: Vec<TierName>,
    },
    /// A rule that the scenario does not list.
    #[error("this case does not cover the rule {0}")]
    Rule(RuleId),
    /// Longer than the cap.
    #[error("at most {}, which this case and tier allow", words(*.longest_secs))]
    TooLong {
        /// The cap, in seconds.
        longest_secs: i64,
    },
}

impl LimitError {
    /// The field of the request that is wrong.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Direction | Self::NotAllowed(_) => "direction",
            Self::Rule(_) => "rules",
            Self::Tier { .. } => "scenario",
            Self::TooLong { .. } => "ends_at",
        }
    }
}

/// "tier critical", "the tiers critical, high".
fn tiers(names: &[TierName]) -> String {
    let word = if names.len() == 1 { "tier" } else { "the tiers" };
    let names: Vec<&str> = names.iter().map(TierName::as_str).collect();
    format!("{word} {}", names.join(", "))
}

/// Seconds in words: "7 days", "90 minutes".
pub fn words(secs: i64) -> String {
    let (count, unit) = match secs {
        0 => (0, "second"),
        _ if secs % 86_400 == 0 => (secs / 86_400, "day"),
        _ if secs % 3_600 == 0 => (secs / 3_600, "hour"),
        _ if secs % 60 == 0 => (secs / 60, "minute"),
        _ => (secs, "second"),
    };
    if count == 1 {
        format!("1 {unit}")
    } else {
        format!("{count} {unit}s")
    }
}

/// The limits for one requester; errors where they may not ask at all.
pub fn limits(
    tier: &Tier,
    scenario: &Scenario,
    direction: Direction,
    scope: &Scope,
    in_group: impl Fn(&GroupName) -> bool,
) -> Result<Limits, LimitError> {
    if !scenario.directions.contains(&direction) {
        return Err(LimitError::Direction);
    }
    if !scenario.tiers.is_empty() && !scenario.tiers.contains(&tier.name) {
        return Err(LimitError::Tier {
            tier: tier.name.clone(),
            for_tiers: scenario.tiers.clone(),
        });
    }
    let allowance = tier
        .allowance(direction, in_group)
        .ok_or_else(|| LimitError::NotAllowed(tier.name.to_string()))?;
    if direction == Direction::Bypass
        && !scenario.rules.is_empty()
        && let Some(rule) = scope.rules.iter().find(|rule| !scenario.rules.contains(rule))
    {
        return Err(LimitError::Rule(rule.clone()));
    }
    let longest_secs = allowance.longest_secs.min(scenario.length.longest_secs);
    Ok(Limits {
        longest_secs,
        default_secs: scenario.length.default_secs.min(longest_secs),
        reason_min_chars: tier.reason_min_chars,
        max_uses: match direction {
            Direction::Bypass => scenario.max_uses,
            Direction::ToManual => None,
        },
    })
}

impl Limits {
    /// Lowers the cap to what is left to a renewal, where that is lower than it stands. It is what a renewal lasts where its
    /// requester names no length.
    pub fn of_renewal(&mut self, longest_secs: i64) {
        self.longest_secs = self.longest_secs.min(longest_secs);
        self.default_secs = self.longest_secs;
    }

    /// Lowers the most uses, where they are lower than they stand.
    pub fn uses_at_most(&mut self, most: u32) {
        self.max_uses = Some(self.max_uses.map_or(most, |uses| uses.min(most)));
    }

    /// Checks a window against the cap.
    pub fn check_length(&self, window: &Window) -> Result<(), LimitError> {
        // Whole seconds round down, so what is left over counts too. The cap is never made into a `TimeDelta`: that
        // panics beyond i64::MAX milliseconds, and the number comes from a policy's text.
        let length = window.ends_at() - window.starts_at();
        let over = length.num_seconds() > self.longest_secs
            || (length.num_seconds() == self.longest_secs && length.subsec_nanos() > 0);
        if over {
            Err(LimitError::TooLong {
                longest_secs: self.longest_secs,
            })
        } else {
            Ok(())
        }
    }
}
