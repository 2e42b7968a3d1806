//! Who has to say yes.

use super::seats;
use crate::name::{GroupName, PersonId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The most levels of a quorum in a policy's text. Nobody reads deeper ones, and comparing two of them would take long.
const MOST_NESTED: usize = 6;

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

impl Approver {
    /// Whether somebody who can act as these can fill this seat. An unresolved seat is filled by nobody, whatever they
    /// say they can act as.
    pub(super) fn is_among(&self, capacities: &BTreeSet<Approver>) -> bool {
        match self {
            Self::Group(_) | Self::Person(_) => capacities.contains(self),
            Self::ResourceOwners => false,
        }
    }
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
                    // Nobody owns it: the seat stays and nobody can fill it, which `feasible` reports.
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

    /// How many levels it has, itself included.
    fn depth(&self) -> usize {
        match self {
            Self::AtLeast { .. } => 1,
            Self::All { all: parts } | Self::Any { any: parts } => {
                1 + parts.iter().map(Self::depth).max().unwrap_or(0)
            }
        }
    }

    /// Whether whoever fills this has filled `other` too. It finds the plain cases (the same demand, more persons out of
    /// fewer, a part of what is demanded); false means "not that we can see", which is the stricter answer.
    fn includes(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        if let Self::Any { any } = other
            && any.iter().any(|part| self.includes(part))
        {
            return true;
        }
        match (self, other) {
            (Self::AtLeast { n, of }, Self::AtLeast { n: fewer, of: more }) => {
                n >= fewer && of.iter().all(|approver| more.contains(approver))
            }
            (Self::All { all }, _) => all.iter().any(|part| part.includes(other)),
            (Self::Any { any }, _) => !any.is_empty() && any.iter().all(|part| part.includes(other)),
            (Self::AtLeast { .. }, Self::All { .. } | Self::Any { .. }) => false,
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
