//! Who has to say yes: stages in order.

use super::quorum::{Approver, Quorum};
use super::seats;
use crate::name::{GroupName, PersonId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The most levels of a quorum in a policy's text. Nobody reads deeper ones, and comparing two of them would take long.
const MOST_NESTED: usize = 6;

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// What it is called: "Payments owners".
    pub name: String,
    /// What it demands.
    pub quorum: Quorum,
}

/// Stages in order, frozen at submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Plan {
    /// The stages.
    pub stages: Vec<Stage>,
}

/// Why a plan cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No stage at all would approve by itself.
    #[error("there is no stage, so nobody would have to approve")]
    NoStage,
    /// A quorum of nobody.
    #[error("stage `{0}` asks for nobody")]
    Nobody(String),
    /// Too many ways or seats to judge.
    #[error("stage `{0}` has too many combinations")]
    TooLarge(String),
    /// Too few persons are left after exclusions.
    #[error("too few people are left to decide this: {0}")]
    Impossible(String),
}

impl Stage {
    /// Puts the owners' groups of the teams concerned in the place of [`Approver::ResourceOwners`]. Where several teams
    /// own what is asked for, each of them has to agree.
    pub fn resolve(&self, owners: &BTreeSet<GroupName>) -> Self {
        Self {
            name: self.name.clone(),
            quorum: self.quorum.resolve(owners),
        }
    }
}

impl Plan {
    /// Checks the shape: at least one stage, nobody's consent is never enough, and few enough combinations to judge, in
    /// each stage and over all of them.
    pub fn check(&self) -> Result<(), PlanError> {
        if self.stages.is_empty() {
            return Err(PlanError::NoStage);
        }
        for (stage, so_far) in self.stages.iter().zip(self.so_far()) {
            if stage.quorum.asks_for_nobody() {
                return Err(PlanError::Nobody(stage.name.clone()));
            }
            if stage.quorum.depth() > MOST_NESTED || seats::alternatives(&so_far).is_none() {
                return Err(PlanError::TooLarge(stage.name.clone()));
            }
        }
        Ok(())
    }

    /// For each stage, the demand of it and those before it together: distinct persons over all stages.
    fn so_far(&self) -> impl Iterator<Item = Quorum> {
        self.stages.iter().scan(Vec::new(), |before, stage| {
            before.push(stage.quorum.clone());
            Some(Quorum::All { all: before.clone() })
        })
    }

    /// Both plans at once: each stage demands what either demands, so the stages of each keep their numbers and votes that
    /// were cast stay good. An earlier stage than the one that was open can be open again.
    ///
    /// A demand that the other includes is not asked twice. Without that, judging each vote again under the same stricter
    /// policy would ask for one more person each time.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let longest = self.stages.len().max(other.stages.len());
        let stages = (0..longest)
            .filter_map(|place| match (self.stages.get(place), other.stages.get(place)) {
                (Some(one), Some(two)) if one.quorum.includes(&two.quorum) => Some(one.clone()),
                (Some(one), Some(two)) if two.quorum.includes(&one.quorum) => Some(two.clone()),
                (Some(one), Some(two)) => Some(Stage {
                    name: if one.name == two.name {
                        one.name.clone()
                    } else {
                        format!("{} and {}", one.name, two.name)
                    },
                    quorum: Quorum::All {
                        all: vec![one.quorum.clone(), two.quorum.clone()],
                    },
                }),
                (Some(only), None) | (None, Some(only)) => Some(only.clone()),
                (None, None) => None,
            })
            .collect();
        Self { stages }
    }

    /// This plan with stages that it must have after the first `own` ones: those that it has not got by another name are
    /// appended. Judged again under the same policy it stays as it is.
    #[must_use]
    pub fn with_each_of(mut self, further: &Self, own: usize) -> Self {
        let mut spoken_for: Vec<bool> = (0..self.stages.len()).map(|place| place < own).collect();
        for wanted in &further.stages {
            let found = self
                .stages
                .iter()
                .zip(&mut spoken_for)
                .find(|(stage, spoken_for)| !**spoken_for && stage.quorum.includes(&wanted.quorum));
            match found {
                Some((_, spoken_for)) => *spoken_for = true,
                None => {
                    self.stages.push(wanted.clone());
                    spoken_for.push(true);
                }
            }
        }
        self
    }

    /// Whether distinct persons could fill every stage; `capacities` says for each person that is left after exclusions
    /// what they can act as; a person who is listed twice is one person. Errors name the first stage that cannot be
    /// filled after those before it.
    pub fn feasible(&self, capacities: &[(PersonId, BTreeSet<Approver>)]) -> Result<(), PlanError> {
        if self.stages.is_empty() {
            return Err(PlanError::NoStage);
        }
        let mut distinct: BTreeMap<&PersonId, BTreeSet<Approver>> = BTreeMap::new();
        for (person, can) in capacities {
            distinct.entry(person).or_default().extend(can.iter().cloned());
        }
        let people: Vec<&BTreeSet<Approver>> = distinct.values().collect();
        for (stage, so_far) in self.stages.iter().zip(self.so_far()) {
            match seats::alternatives(&so_far) {
                None => return Err(PlanError::TooLarge(stage.name.clone())),
                Some(ways)
                    if ways
                        .iter()
                        .any(|way| !way.is_empty() && seats::fills(way, &people)) => {}
                Some(_) => return Err(PlanError::Impossible(stage.name.clone())),
            }
        }
        Ok(())
    }
}
