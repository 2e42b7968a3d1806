//! Which jobs of a batch get the uses that limited opt-outs have left.

use super::writer::Job;
use domain::id::OptOutId;
use std::collections::BTreeMap;

/// The decisions of a job that go without, by place, each with the opt-outs that are spent.
pub(super) type Losers = Vec<(usize, Vec<OptOutId>)>;

/// How many uses of each limited opt-out some jobs need, sorted by id.
pub(super) fn wanted<'a>(jobs: impl IntoIterator<Item = &'a Job>) -> Vec<(OptOutId, u32)> {
    let mut wanted: BTreeMap<OptOutId, u32> = BTreeMap::new();
    for id in jobs.into_iter().flat_map(|job| job.limited.iter().flatten()) {
        *wanted.entry(*id).or_default() += 1;
    }
    wanted.into_iter().collect()
}

/// Hands out what is left in the order in which the jobs came, and answers for each job who goes without.
///
/// A job is recorded whole or not at all: one with a loser takes nothing, and comes back with fewer wishes.
pub(super) fn losers(jobs: &[Job], mut remaining: BTreeMap<OptOutId, u32>) -> Vec<Losers> {
    jobs.iter()
        .map(|job| {
            let mut left = remaining.clone();
            let mut losers = Losers::new();
            for (place, limited) in job.limited.iter().enumerate() {
                let spent: Vec<OptOutId> = limited
                    .iter()
                    .copied()
                    .filter(|id| left.get(id).is_some_and(|left| *left == 0))
                    .collect();
                if spent.is_empty() {
                    for id in limited {
                        left.entry(*id).and_modify(|left| *left -= 1);
                    }
                } else {
                    losers.push((place, spent));
                }
            }
            if losers.is_empty() {
                remaining = left;
            }
            losers
        })
        .collect()
}
