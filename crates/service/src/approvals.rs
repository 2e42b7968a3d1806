//! What access requests and opt-outs share when people decide on them.

mod acts_as;
mod concerned;
mod electors;
mod evidence;
mod input;
mod joining;
mod undecidable;
mod void;

pub(crate) use acts_as::ActsAs;
pub(crate) use concerned::{answers_for, concerned, named_owners, owner_groups, owners_of_workload, owns};
pub(crate) use electors::{Electors, memberships};
pub use evidence::BeforeVote;
pub(crate) use evidence::{Asks, SIGN_IN_AGAIN, asks_step_up, bind, intended, said};
pub use input::VoteInput;
pub(crate) use joining::{Asked, Joined, as_of, fell_back, join, next_to_join, nobody_left};
pub(crate) use undecidable::say_once;
pub(crate) use void::{Tally, reason as void_reason};

use domain::approval::{
    Approver, AskedToo, Concerned, Deciders, Exclusion, Exclusions, Plan, Quorum, Stage, Standing, Verdict,
    Vote, Voter, Votes, noes_left, standing,
};
use domain::name::PersonId;
use domain::window::Instant;

/// One stage as a page or a status answer shows it.
#[derive(Debug, Clone)]
pub struct StageProgress {
    /// Its name.
    pub name: String,
    /// What it demands, those who have joined it included.
    pub quorum: Quorum,
    /// How many noes settle it.
    pub denials: u32,
    /// How many can decide in it now.
    pub deciders: Deciders,
    /// Whom it asks and who must not decide it, with why.
    pub kept_out: Vec<(PersonId, Exclusion)>,
    /// Where it stands.
    pub state: StageState,
    /// The votes cast in it.
    pub votes: Vec<Vote>,
    /// How many more noes settle it; of the open stage alone.
    pub noes_left: Option<u32>,
    /// Who has joined it.
    pub asked_too: Vec<AskedToo>,
    /// Who joins it next and when, unless somebody votes before; of the open stage alone.
    pub next_to_join: Option<(Vec<Approver>, Instant)>,
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
    /// As many said no in it as settle it.
    Denied,
}

/// All stages of a plan with these votes.
pub(crate) fn progress(
    electors: Electors<'_>,
    plan: &Plan,
    excluded: &Exclusions,
    votes: &[Vote],
    requested_at: Instant,
) -> Vec<StageProgress> {
    let stands = standing(plan, votes);
    (0u32..)
        .zip(&plan.stages)
        .map(|(place, stage)| {
            let cast: Vec<Vote> = votes.iter().filter(|vote| vote.stage == place).cloned().collect();
            let noes = cast.iter().filter(|vote| vote.verdict == Verdict::Deny).count();
            let denied = usize::try_from(stage.denials).is_ok_and(|settle| noes >= settle);
            let state = match stands {
                Standing::Denied if denied => StageState::Denied,
                Standing::Approved => StageState::Done,
                Standing::Open { stage } if place < stage => StageState::Done,
                Standing::Open { stage } if place == stage => StageState::Open,
                Standing::Open { .. } => StageState::Later,
                Standing::Denied if cast.is_empty() => StageState::Later,
                Standing::Denied => StageState::Done,
            };
            StageProgress {
                name: stage.name.clone(),
                quorum: stage.demand(),
                denials: stage.denials,
                deciders: electors.count(stage, excluded, votes),
                kept_out: electors.kept_out(stage, excluded),
                state,
                votes: cast,
                noes_left: match state {
                    StageState::Open => noes_left(plan, votes),
                    StageState::Done | StageState::Later | StageState::Denied => None,
                },
                asked_too: stage.asked_too.clone(),
                next_to_join: match state {
                    StageState::Open => next_to_join(plan, requested_at, votes),
                    StageState::Done | StageState::Later | StageState::Denied => None,
                },
            }
        })
        .collect()
}

/// What a person who looks at an open item may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standpoint {
    /// May vote in the open stage.
    MayVote,
    /// May not, and why, as a sentence.
    MayNot(String),
}

/// What this person may do now, and in whose place; the vote itself judges again, in its transaction.
pub(crate) fn standpoint<'a>(
    plan: &Plan,
    excluded: &Exclusions,
    votes: impl Into<Votes<'a>>,
    voter: Voter,
    now: Instant,
) -> (Standpoint, Option<PersonId>) {
    // A trial vote: approving needs no reason, so only eligibility can refuse it.
    match domain::approval::cast(plan, votes, excluded, voter, Verdict::Approve, "", now) {
        Ok(ballot) => (
            Standpoint::MayVote,
            ballot.vote.behalf.map(|behalf| behalf.person),
        ),
        Err(why) => (Standpoint::MayNot(why.to_string()), None),
    }
}

/// Puts those whom it concerns into the stages.
pub(crate) fn resolved(stages: &[Stage], concerned: &Concerned) -> Plan {
    Plan {
        stages: stages.iter().map(|stage| stage.resolve(concerned)).collect(),
    }
}
