//! How strict a tier is among those of the policy in force.

use domain::name::TierName;
use service::Service;

use crate::component::badge::TierView;

/// The names of the tiers, laxest first.
pub(crate) struct Tiers(Vec<TierName>);

impl Tiers {
    /// Those of the policy in force, as this node has it in memory; none where there is no policy.
    pub(crate) fn of(service: &Service) -> Self {
        let held = service.snapshots().current();
        Self(
            held.policy()
                .map(|policy| policy.tiers().iter().map(|tier| tier.name.clone()).collect())
                .unwrap_or_default(),
        )
    }

    /// A tier as pages show it. One that the policy in force does not have is shown as the strictest, since nothing says
    /// that it was laxer.
    pub(crate) fn view(&self, name: &TierName) -> TierView {
        let last = self.0.len().saturating_sub(1);
        let place = self.0.iter().position(|tier| tier == name).unwrap_or(last);
        TierView::by_place(name.as_str(), place, self.0.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn an_unknown_tier_is_not_shown_as_a_lax_one() {
        let name = |name: &str| TierName::new(name).unwrap();
        let tiers = Tiers(vec![name("low"), name("high")]);
        assert_eq!(tiers.view(&name("low")).dots, 1);
        assert_eq!(tiers.view(&name("gone")).dots, 4);
        assert_eq!(Tiers(vec![]).view(&name("gone")).dots, 4);
    }
}
