//! Who has to say yes.

use super::seats;
use crate::name::{GroupName, PersonId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Who may fill a seat.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approver {
    /// Any member of a group.
    Group(GroupName),
    /// This person.
    Person(PersonId),
    /// The owners' group of each team that owns what is asked for. Resolved at submission; a frozen plan has none.
    ResourceOwners,
}

impl std::fmt::Display for Approver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Group(group) => write!(f, "{group}"),
            Self::Person(person) => write!(f, "{person}"),
            Self::ResourceOwners => f.write_str("the resource's owners"),
        }
    }
}

/// A demand on distinct persons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Quorum {
    /// At least `n` distinct persons out of `of`.
    AtLeast {
        /// How many.
        n: u32,
        /// Out of whom.
        of: Vec<Approver>,
    },
    /// Every one of these; a person fills one seat only.
    All {
        /// The parts.
        all: Vec<Quorum>,
    },
    /// One of these.
    Any {
        /// The parts.
        any: Vec<Quorum>,
    },
}

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

impl Quorum {
    fn resolve(&self, owners: &BTreeSet<GroupName>) -> Self {
        match self {
            Self::AtLeast { n, of } if of.contains(&Approver::ResourceOwners) => {
                let mut parts: Vec<Self> = owners
                    .iter()
                    .map(|group| Self::AtLeast {
                        n: *n,
                        of: of
                            .iter()
                            .map(|approver| match approver {
                                Approver::ResourceOwners => Approver::Group(group.clone()),
                                Approver::Group(_) | Approver::Person(_) => approver.clone(),
                            })
                            .collect(),
                    })
                    .collect();
                match (parts.pop(), parts.is_empty()) {
                    (Some(only), true) => only,
                    (Some(last), false) => {
                        parts.push(last);
                        Self::All { all: parts }
                    }
                    // Nobody owns it: the seat stays and nobody can fill it, which `check` reports.
                    (None, _) => self.clone(),
                }
            }
            Self::AtLeast { .. } => self.clone(),
            Self::All { all } => Self::All {
                all: all.iter().map(|part| part.resolve(owners)).collect(),
            },
            Self::Any { any } => Self::Any {
                any: any.iter().map(|part| part.resolve(owners)).collect(),
            },
        }
    }

    fn asks_for_nobody(&self) -> bool {
        match self {
            Self::AtLeast { n, of } => *n == 0 || of.is_empty(),
            Self::All { all: parts } | Self::Any { any: parts } => {
                parts.is_empty() || parts.iter().any(Self::asks_for_nobody)
            }
        }
    }

    /// Everyone named in it.
    pub fn approvers(&self) -> BTreeSet<&Approver> {
        match self {
            Self::AtLeast { of, .. } => of.iter().collect(),
            Self::All { all: parts } | Self::Any { any: parts } => {
                parts.iter().flat_map(Self::approvers).collect()
            }
        }
    }
}

impl std::fmt::Display for Quorum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let joined = |f: &mut std::fmt::Formatter<'_>, parts: &[Quorum], word: &str| {
            for (place, part) in parts.iter().enumerate() {
                if place > 0 {
                    write!(f, " {word} ")?;
                }
                match part {
                    Quorum::AtLeast { .. } => write!(f, "{part}")?,
                    Quorum::All { .. } | Quorum::Any { .. } => write!(f, "({part})")?,
                }
            }
            Ok(())
        };
        match self {
            Self::AtLeast { n, of } => {
                write!(f, "{n} of ")?;
                for (place, approver) in of.iter().enumerate() {
                    if place > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{approver}")?;
                }
                Ok(())
            }
            Self::All { all } => joined(f, all, "and"),
            Self::Any { any } => joined(f, any, "or"),
        }
    }
}

impl Plan {
    /// Checks the shape: at least one stage, nobody's consent is never enough, and few enough combinations to judge.
    pub fn check(&self) -> Result<(), PlanError> {
        if self.stages.is_empty() {
            return Err(PlanError::NoStage);
        }
        for stage in &self.stages {
            if stage.quorum.asks_for_nobody() {
                return Err(PlanError::Nobody(stage.name.clone()));
            }
            if seats::alternatives(&stage.quorum).is_none() {
                return Err(PlanError::TooLarge(stage.name.clone()));
            }
        }
        Ok(())
    }

    /// Both plans at once: each stage demands what either demands. Votes that were cast stay good.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let longest = self.stages.len().max(other.stages.len());
        let stages = (0..longest)
            .filter_map(|place| match (self.stages.get(place), other.stages.get(place)) {
                (Some(one), Some(two)) if one == two => Some(one.clone()),
                (Some(one), Some(two)) => Some(Stage {
                    name: format!("{} and {}", one.name, two.name),
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

    /// Whether distinct persons could fill every stage; `capacities` says for each person that is left after exclusions
    /// what they can act as. Errors name the first stage that cannot be filled after those before it.
    pub fn feasible(&self, capacities: &[(PersonId, BTreeSet<Approver>)]) -> Result<(), PlanError> {
        let mut so_far: Vec<Quorum> = Vec::new();
        for stage in &self.stages {
            so_far.push(stage.quorum.clone());
            let together = Quorum::All { all: so_far.clone() };
            let people: Vec<&BTreeSet<Approver>> = capacities.iter().map(|(_, can)| can).collect();
            match seats::alternatives(&together) {
                None => return Err(PlanError::TooLarge(stage.name.clone())),
                Some(ways) if ways.iter().any(|way| seats::fills(way, &people)) => {}
                Some(_) => return Err(PlanError::Impossible(stage.name.clone())),
            }
        }
        Ok(())
    }
}
