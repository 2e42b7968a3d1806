//! Tiers by how strict they are among those of the policy in force.

use domain::name::TierName;
use service::{Service, ServiceError, caller::PersonCaller};

use crate::component::badge::TierView;

/// Names and ranks of the policy in force, laxest first.
pub(crate) struct Tiers(Vec<(TierName, u32)>);

impl Tiers {
    /// As this node has them in memory. Errors where no policy can be read.
    pub(crate) fn of(service: &Service, caller: &PersonCaller) -> Result<Self, ServiceError> {
        let policy = service.policy(caller)?;
        Ok(Self(
            policy
                .tiers()
                .iter()
                .map(|tier| (tier.name.clone(), tier.rank))
                .collect(),
        ))
    }

    /// A tier by name and rank. It may be of an older policy version: its rank still says how strict it was.
    pub(crate) fn view(&self, name: impl ToString, rank: u32) -> TierView {
        let place = self.0.iter().filter(|(_, other)| *other < rank).count();
        TierView::by_place(name.to_string(), place, self.0.len())
    }

    /// A tier by name alone. One that the policy in force does not have is shown as the strictest, since nothing says that
    /// it was laxer.
    pub(crate) fn named(&self, name: &TierName) -> TierView {
        let known = self.0.iter().find(|(other, _)| other == name);
        self.view(name, known.map_or(u32::MAX, |(_, rank)| *rank))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn an_unknown_tier_is_not_shown_as_a_lax_one() {
        let name = |name: &str| TierName::new(name).unwrap();
        let tiers = Tiers(vec![(name("low"), 10), (name("high"), 30)]);
        assert_eq!(tiers.named(&name("low")).dots, 1);
        assert_eq!(tiers.named(&name("gone")).dots, 4);
        assert_eq!(tiers.view("gone", 10).dots, 1);
        assert_eq!(Tiers(vec![]).named(&name("gone")).dots, 4);
    }
}
