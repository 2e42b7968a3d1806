//! Quorums as seats: who sits where, so that a person who is in two groups is not counted twice.
//!
//! A quorum becomes a list of ways (its disjunctive form), each a list of seats; a way is filled when every seat has a
//! person of its own. That is a bipartite matching, found by augmenting paths (Kuhn 1955).

use super::quorum::{Approver, Quorum};
use std::collections::BTreeSet;

/// The most ways that a quorum may have.
pub const MOST_ALTERNATIVES: usize = 256;
/// The most seats in one way.
pub const MOST_SEATS: usize = 32;

/// A seat and who may fill it.
pub(super) type Seat<'a> = &'a [Approver];

/// All ways to fill a quorum; `None` when there are more than [`MOST_ALTERNATIVES`] or one has over [`MOST_SEATS`] seats.
pub(super) fn alternatives(quorum: &Quorum) -> Option<Vec<Vec<Seat<'_>>>> {
    let ways = match quorum {
        Quorum::AtLeast { n, of } => {
            let n = usize::try_from(*n).ok().filter(|n| *n <= MOST_SEATS)?;
            vec![vec![of.as_slice(); n]]
        }
        Quorum::Any { any } => {
            let mut ways = Vec::new();
            for part in any {
                ways.extend(alternatives(part)?);
            }
            ways
        }
        Quorum::All { all } => {
            let mut ways: Vec<Vec<Seat<'_>>> = vec![Vec::new()];
            for part in all {
                ways = both(&ways, &alternatives(part)?)?;
            }
            ways
        }
    };
    let small = ways.len() <= MOST_ALTERNATIVES && ways.iter().all(|way| way.len() <= MOST_SEATS);
    small.then_some(ways)
}

/// Each of these ways with each of those; `None` when there are too many.
pub(super) fn both<S: Copy>(ways: &[Vec<S>], more: &[Vec<S>]) -> Option<Vec<Vec<S>>> {
    (ways.len().saturating_mul(more.len()) <= MOST_ALTERNATIVES).then(|| {
        ways.iter()
            .flat_map(|way| {
                more.iter()
                    .map(move |tail| way.iter().chain(tail).copied().collect())
            })
            .collect()
    })
}

/// Whether somebody who can act as these can fill the seat.
pub(super) fn takes(seat: Seat<'_>, can: &BTreeSet<Approver>) -> bool {
    seat.iter().any(|approver| approver.is_among(can))
}

/// Whether every seat can have a person of its own; `can` says which of the people, counted from nought, can fill which
/// seat.
pub(super) fn fills_by<S: Copy>(seats: &[S], people: usize, can: &impl Fn(usize, S) -> bool) -> bool {
    let mut seat_of: Vec<Option<usize>> = vec![None; people];
    (0..seats.len()).all(|seat| {
        let mut tried = vec![false; people];
        place(seat, seats, can, &mut seat_of, &mut tried)
    })
}

fn place<S: Copy>(
    seat: usize,
    seats: &[S],
    can: &impl Fn(usize, S) -> bool,
    seat_of: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    let Some(wanted) = seats.get(seat).copied() else {
        return false;
    };
    for person in 0..seat_of.len() {
        if tried.get(person) != Some(&false) || !can(person, wanted) {
            continue;
        }
        if let Some(mark) = tried.get_mut(person) {
            *mark = true;
        }
        let free = match seat_of.get(person).copied().flatten() {
            None => true,
            Some(held) => place(held, seats, can, seat_of, tried),
        };
        if free {
            if let Some(slot) = seat_of.get_mut(person) {
                *slot = Some(seat);
            }
            return true;
        }
    }
    false
}
