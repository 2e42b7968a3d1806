//! What a quorum demands, counted out instead of matched: the measure for `standing` and `feasible`.

use domain::approval::{Approver, Quorum};
use std::collections::BTreeSet;

/// Every set of persons (as bits) that fills the quorum with nobody to spare, each person in one seat.
pub(crate) fn fillings(quorum: &Quorum, people: &[BTreeSet<Approver>]) -> BTreeSet<u32> {
    match quorum {
        Quorum::AtLeast { n, of } => {
            let fits = |place: &usize| of.iter().any(|approver| people[*place].contains(approver));
            let eligible: u32 = (0..people.len()).filter(fits).map(|place| 1 << place).sum();
            (0u32..1 << people.len())
                .filter(|set| set & !eligible == 0 && set.count_ones() == *n)
                .collect()
        }
        Quorum::Any { any } => any.iter().flat_map(|part| fillings(part, people)).collect(),
        Quorum::All { all } => all.iter().fold(BTreeSet::from([0]), |so_far, part| {
            let more = fillings(part, people);
            so_far
                .iter()
                .flat_map(|one| {
                    more.iter()
                        .filter(move |two| one & **two == 0)
                        .map(move |two| one | two)
                })
                .collect()
        }),
    }
}

pub(crate) fn is_filled(quorum: &Quorum, people: &[BTreeSet<Approver>]) -> bool {
    !fillings(quorum, people).is_empty()
}
