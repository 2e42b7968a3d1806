//! What somebody can vote as: by themselves, and in the place of whoever has lent them their votes.

use super::Electors;
use domain::approval::{Approver, Delegation, Voter};
use domain::name::{PersonId, TierName};
use domain::window::Instant;
use std::collections::BTreeSet;

/// One person, at one instant.
#[derive(Debug)]
pub(crate) struct ActsAs {
    person: PersonId,
    own: BTreeSet<Approver>,
    /// With what their givers can act as now: one who has left, left a group or lost the role lends it no more.
    delegations: Vec<(Delegation, BTreeSet<Approver>)>,
    now: Instant,
}

impl ActsAs {
    /// `delegations` are those to this person.
    pub(crate) fn new(
        electors: Electors<'_>,
        person: &PersonId,
        delegations: Vec<Delegation>,
        now: Instant,
    ) -> Self {
        Self {
            person: person.clone(),
            own: electors.capacities(person),
            delegations: delegations
                .into_iter()
                .filter(|delegation| delegation.to == *person)
                .map(|delegation| {
                    let of_giver = electors.capacities(&delegation.from);
                    (delegation, of_giver)
                })
                .collect(),
            now,
        }
    }

    /// The names of the groups and persons that they can vote as, by themselves or in another's place. A plan that names
    /// none of them asks them for nothing.
    pub(crate) fn names(&self) -> Vec<String> {
        let lent = self.delegations.iter().map(|(_, of_giver)| of_giver);
        let all: BTreeSet<&Approver> = lent.flatten().chain(&self.own).collect();
        all.into_iter()
            .filter_map(|approver| match approver {
                Approver::Group(group) => Some(group.to_string()),
                Approver::Person(person) => Some(person.to_string()),
                Approver::ResourceOwners | Approver::RequesterManager => None,
            })
            .collect()
    }

    /// As a voter on an item of a tier. Somebody who has left votes as nobody, in nobody's place.
    pub(crate) fn voter(&self, tier: &TierName) -> Voter {
        let lent = self
            .delegations
            .iter()
            .filter(|_| !self.own.is_empty())
            .filter_map(|(delegation, of_giver)| delegation.lends(tier, of_giver, self.now))
            .collect();
        Voter {
            person: self.person.clone(),
            capacities: self.own.clone(),
            lent,
        }
    }
}
