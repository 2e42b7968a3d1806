//! Who has to say yes: stages in order.

use super::escalation::{AskedToo, Widening};
use super::quorum::{Approver, Quorum};
use super::seats;
use super::stage::Stage;
use super::vote::{Verdict, Vote};
use crate::name::PersonId;
use crate::window::Instant;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The most levels of a quorum in a policy's text. Nobody reads deeper ones, and comparing two of them would take long.
const MOST_NESTED: usize = 6;

/// A seat that is still to be filled: in which stage, counted from nought.
type OpenSeat<'a> = (usize, &'a Stage, seats::Seat<'a>);

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
    /// Nobody would settle it by saying no.
    #[error("stage `{0}`: `denials` must be at least one")]
    NoDenial(String),
    /// A list that joins at once, before the one in front of it, or with nobody on it.
    #[error("stage `{0}`: each `escalate` comes later than the one before it and names somebody")]
    Escalation(String),
    /// What only a plan of its own time can hold.
    #[error("stage `{0}`: who is asked too is nothing that a policy says: use `escalate`")]
    AskedToo(String),
    /// Too few persons are left after exclusions.
    #[error("too few people are left to decide this: {0}")]
    Impossible(String),
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
            if stage.denials == 0 {
                return Err(PlanError::NoDenial(stage.name.clone()));
            }
            let afters = || stage.escalate.iter().map(|next| next.after_secs);
            let rises = std::iter::once(0)
                .chain(afters())
                .zip(afters())
                .all(|(one, next)| one < next);
            if !rises || stage.escalate.iter().any(|next| next.to.is_empty()) {
                return Err(PlanError::Escalation(stage.name.clone()));
            }
            if !stage.asked_too.is_empty() {
                return Err(PlanError::AskedToo(stage.name.clone()));
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
            before.push(stage.demand());
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
                (Some(one), Some(two)) => Some(one.union(two)),
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

    /// Whether distinct persons could fill every stage that is not filled yet; `capacities` says for each person that is
    /// left after exclusions what they can act as; a person who is listed twice is one person. Errors name the first stage
    /// that cannot be filled after those before it.
    ///
    /// The votes stand as they were cast: a yes fills a seat of its own stage and no other, a no fills none, and neither
    /// the voter nor in whose place they voted fills one by another vote.
    pub fn feasible(
        &self,
        votes: &[Vote],
        capacities: &[(PersonId, BTreeSet<Approver>)],
    ) -> Result<(), PlanError> {
        match self.first_impossible(votes, capacities) {
            None => Ok(()),
            Some((_, error)) => Err(error),
        }
    }

    /// The first stage that cannot be filled any more after those before it, and why.
    fn first_impossible(
        &self,
        votes: &[Vote],
        capacities: &[(PersonId, BTreeSet<Approver>)],
    ) -> Option<(usize, PlanError)> {
        if self.stages.is_empty() {
            return Some((0, PlanError::NoStage));
        }
        let spent: BTreeSet<&PersonId> = votes.iter().flat_map(Vote::persons).collect();
        let mut free: BTreeMap<&PersonId, BTreeSet<Approver>> = BTreeMap::new();
        for (person, can) in capacities.iter().filter(|(person, _)| !spent.contains(person)) {
            free.entry(person).or_default().extend(can.iter().cloned());
        }
        let free: Vec<&BTreeSet<Approver>> = free.values().collect();
        let cast: Vec<(usize, &Vote)> = votes
            .iter()
            .filter(|vote| vote.verdict == Verdict::Approve)
            .filter_map(|vote| Some((usize::try_from(vote.stage).ok()?, vote)))
            .collect();
        // Whoever has voted comes before whoever could.
        let can = |who: usize, (place, stage, seat): OpenSeat<'_>| match cast.get(who) {
            Some((voted_in, vote)) => *voted_in == place && stage.counts(vote, seat),
            None => who
                .checked_sub(cast.len())
                .and_then(|who| free.get(who))
                .is_some_and(|can| stage.could_count(can, seat)),
        };
        let people = cast.len().saturating_add(free.len());
        let mut ways: Vec<Vec<OpenSeat<'_>>> = vec![Vec::new()];
        for (place, stage) in self.stages.iter().enumerate() {
            let approvals: Vec<&Vote> = cast
                .iter()
                .filter(|(voted_in, _)| *voted_in == place)
                .map(|(_, vote)| *vote)
                .collect();
            if stage.is_filled_by(&approvals) {
                continue;
            }
            let open: Option<Vec<Vec<OpenSeat<'_>>>> = seats::alternatives(&stage.quorum).map(|of_stage| {
                of_stage
                    .into_iter()
                    .filter(|way| !way.is_empty())
                    .map(|way| way.into_iter().map(|seat| (place, stage, seat)).collect())
                    .collect()
            });
            let Some(all) = open.and_then(|open| seats::both(&ways, &open)) else {
                return Some((place, PlanError::TooLarge(stage.name.clone())));
            };
            if !all.iter().any(|way| seats::fills_by(way, people, &can)) {
                return Some((place, PlanError::Impossible(stage.name.clone())));
            }
            ways = all;
        }
        None
    }

    /// The same plan before anybody joined: another round begins.
    #[must_use]
    pub fn anew(mut self) -> Self {
        for stage in &mut self.stages {
            stage.asked_too.clear();
        }
        self
    }

    /// Lets the next lists join the stage that waits, where nobody has voted since `silent_since` for as long as it says;
    /// who joined. It asks more persons, and as many of them as before.
    pub fn escalate(&mut self, stage: u32, silent_since: Instant, now: Instant) -> Vec<AskedToo> {
        usize::try_from(stage)
            .ok()
            .and_then(|place| self.stages.get_mut(place))
            .map(|stage| stage.escalate(silent_since, now))
            .unwrap_or_default()
    }

    /// Lets the fallback join each stage that too few are left to fill; who joined, stage by stage. `votes` and
    /// `capacities` as in [`Self::feasible`], of everybody whom the stages or the fallback name. Errors where that is not enough either;
    /// the plan is as it was then.
    pub fn fall_back(
        &mut self,
        fallback: &[Approver],
        votes: &[Vote],
        capacities: &[(PersonId, BTreeSet<Approver>)],
        now: Instant,
    ) -> Result<Vec<(u32, AskedToo)>, PlanError> {
        let mut widened = self.clone();
        let mut joined = Vec::new();
        while let Some((place, error)) = widened.first_impossible(votes, capacities) {
            let Some(stage) = widened
                .stages
                .get_mut(place)
                .filter(|stage| !fallback.is_empty() && !stage.has_fallen_back())
            else {
                return Err(error);
            };
            let more = AskedToo {
                why: Widening::NobodyLeft,
                at: now,
                to: fallback.to_vec(),
            };
            stage.asked_too.push(more.clone());
            joined.push((u32::try_from(place).unwrap_or(u32::MAX), more));
        }
        *self = widened;
        Ok(joined)
    }
}
