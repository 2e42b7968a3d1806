//! What access requests and opt-outs share when people decide on them.

mod electorate;
mod evidence;
mod input;

pub(crate) use electorate::{capacities, electorate, owner_groups, owners_of_workload};
pub use evidence::BeforeVote;
pub(crate) use evidence::{asks_step_up, bind, intended, said};
pub use input::VoteInput;

use domain::approval::{Exclusions, Plan, Quorum, Stage, Standing, Verdict, Vote, standing};
use domain::directory::Directory;
use domain::name::{GroupName, PersonId};
use std::collections::BTreeSet;

/// One stage as a page or a status answer shows it.
#[derive(Debug, Clone)]
pub struct StageProgress {
    /// Its name.
    pub name: String,
    /// What it demands, in words: "1 of payments-owners".
    pub demand: String,
    /// How many people could vote in it now.
    pub deciders: usize,
    /// Where it stands.
    pub state: StageState,
    /// The votes cast in it.
    pub votes: Vec<Vote>,
}

/// Where a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageState {
    /// Filled.
    Done,
    /// Waits for votes.
    Open,
    /// Comes later.
    Later,
    /// Somebody said no in it.
    Denied,
}

/// All stages of a plan with these votes.
pub(crate) fn progress(
    directory: &Directory,
    plan: &Plan,
    excluded: &Exclusions,
    votes: &[Vote],
) -> Vec<StageProgress> {
    let stands = standing(plan, votes);
    (0u32..)
        .zip(&plan.stages)
        .map(|(place, stage)| {
            let cast: Vec<Vote> = votes.iter().filter(|vote| vote.stage == place).cloned().collect();
            let denied = cast.iter().any(|vote| vote.verdict == Verdict::Deny);
            let state = match stands {
                _ if denied => StageState::Denied,
                Standing::Approved => StageState::Done,
                Standing::Open { stage } if place < stage => StageState::Done,
                Standing::Open { stage } if place == stage => StageState::Open,
                Standing::Open { .. } => StageState::Later,
                Standing::Denied if cast.is_empty() => StageState::Later,
                Standing::Denied => StageState::Done,
            };
            StageProgress {
                name: stage.name.clone(),
                demand: stage.quorum.to_string(),
                deciders: deciders(directory, &stage.quorum, excluded),
                state,
                votes: cast,
            }
        })
        .collect()
}

fn deciders(directory: &Directory, quorum: &Quorum, excluded: &Exclusions) -> usize {
    let plan = Plan {
        stages: vec![Stage {
            name: String::new(),
            quorum: quorum.clone(),
        }],
    };
    electorate(directory, &plan, excluded).len()
}

/// What a person who looks at an open item may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standpoint {
    /// May vote in the open stage.
    MayVote,
    /// May not, and why, as a sentence.
    MayNot(String),
}

/// What this person may do now; the vote itself judges again, in its transaction.
pub(crate) fn standpoint(
    directory: &Directory,
    plan: &Plan,
    excluded: &Exclusions,
    votes: &[Vote],
    person: &PersonId,
    now: domain::window::Instant,
) -> Standpoint {
    let voter = domain::approval::Voter {
        person: person.clone(),
        capacities: capacities(directory, person),
    };
    // A trial vote: approving needs no reason, so only eligibility can refuse it.
    match domain::approval::cast(plan, votes, excluded, voter, Verdict::Approve, "", now) {
        Ok(_) => Standpoint::MayVote,
        Err(why) => Standpoint::MayNot(why.to_string()),
    }
}

/// Puts the owners' groups of these teams into the stages.
pub(crate) fn resolved(stages: &[Stage], owners: &BTreeSet<GroupName>) -> Plan {
    Plan {
        stages: stages.iter().map(|stage| stage.resolve(owners)).collect(),
    }
}
