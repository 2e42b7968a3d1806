//! A demand on distinct persons, and who may meet it.

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
    /// The manager of who asks, as the directory names them. Resolved at submission; a frozen plan has none, unless the
    /// directory knows none.
    RequesterManager,
}

/// Whom an item concerns, as far as stages ask for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Concerned {
    /// The owners' groups of what is asked for.
    pub owners: BTreeSet<GroupName>,
    /// The manager of who asks.
    pub manager: Option<PersonId>,
}

impl Concerned {
    /// The persons and groups meant. What stands for nobody here is left as it is, and nobody fills it.
    pub fn named(&self, list: &[Approver]) -> Vec<Approver> {
        list.iter()
            .flat_map(|approver| match approver {
                Approver::ResourceOwners if !self.owners.is_empty() => {
                    self.owners.iter().cloned().map(Approver::Group).collect()
                }
                Approver::Group(_)
                | Approver::Person(_)
                | Approver::ResourceOwners
                | Approver::RequesterManager => vec![approver.with_manager(self)],
            })
            .collect()
    }
}

impl Approver {
    /// Whether somebody who can act as these can fill this seat. An unresolved seat is filled by nobody, whatever they
    /// say they can act as.
    pub(super) fn is_among(&self, capacities: &BTreeSet<Approver>) -> bool {
        match self {
            Self::Group(_) | Self::Person(_) => capacities.contains(self),
            Self::ResourceOwners | Self::RequesterManager => false,
        }
    }

    /// This, or the manager where the manager is meant and known.
    pub(super) fn with_manager(&self, concerned: &Concerned) -> Self {
        match self {
            Self::RequesterManager => concerned
                .manager
                .clone()
                .map_or(Self::RequesterManager, Self::Person),
            Self::Group(_) | Self::Person(_) | Self::ResourceOwners => self.clone(),
        }
    }
}

impl std::fmt::Display for Approver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Group(group) => write!(f, "{group}"),
            Self::Person(person) => write!(f, "{person}"),
            Self::ResourceOwners => f.write_str("the resource's owners"),
            Self::RequesterManager => f.write_str("the requester's manager"),
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

impl Quorum {
    pub(super) fn resolve(&self, concerned: &Concerned) -> Self {
        match self {
            Self::AtLeast { n, of } => Self::of_owners(
                *n,
                &of.iter()
                    .map(|approver| approver.with_manager(concerned))
                    .collect::<Vec<_>>(),
                &concerned.owners,
            ),
            Self::All { all } => Self::All {
                all: all.iter().map(|part| part.resolve(concerned)).collect(),
            },
            Self::Any { any } => Self::Any {
                any: any.iter().map(|part| part.resolve(concerned)).collect(),
            },
        }
    }

    /// `n` out of `of`, once for each of the owners where those are asked.
    fn of_owners(n: u32, of: &[Approver], owners: &BTreeSet<GroupName>) -> Self {
        let unchanged = Self::AtLeast { n, of: of.to_vec() };
        if !of.contains(&Approver::ResourceOwners) {
            return unchanged;
        }
        let mut parts: Vec<Self> = owners
            .iter()
            .map(|group| Self::AtLeast {
                n,
                of: of
                    .iter()
                    .map(|approver| match approver {
                        Approver::ResourceOwners => Approver::Group(group.clone()),
                        Approver::Group(_) | Approver::Person(_) | Approver::RequesterManager => {
                            approver.clone()
                        }
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
            (None, _) => unchanged,
        }
    }

    /// The same demand, whose seats these may fill too.
    pub(super) fn or(&self, too: &[Approver]) -> Self {
        match self {
            Self::AtLeast { n, of } => {
                let mut of = of.clone();
                of.extend(
                    too.iter()
                        .filter(|one| !of.contains(one))
                        .cloned()
                        .collect::<Vec<_>>(),
                );
                Self::AtLeast { n: *n, of }
            }
            Self::All { all } => Self::All {
                all: all.iter().map(|part| part.or(too)).collect(),
            },
            Self::Any { any } => Self::Any {
                any: any.iter().map(|part| part.or(too)).collect(),
            },
        }
    }

    pub(super) fn asks_for_nobody(&self) -> bool {
        match self {
            Self::AtLeast { n, of } => *n == 0 || of.is_empty(),
            Self::All { all: parts } | Self::Any { any: parts } => {
                parts.is_empty() || parts.iter().any(Self::asks_for_nobody)
            }
        }
    }

    /// How many levels it has, itself included.
    pub(super) fn depth(&self) -> usize {
        match self {
            Self::AtLeast { .. } => 1,
            Self::All { all: parts } | Self::Any { any: parts } => {
                1 + parts.iter().map(Self::depth).max().unwrap_or(0)
            }
        }
    }

    /// Whether whoever fills this has filled `other` too. It finds the plain cases (the same demand, more persons out of
    /// fewer, a part of what is demanded); false means "not that we can see", which is the stricter answer.
    pub(super) fn includes(&self, other: &Self) -> bool {
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
