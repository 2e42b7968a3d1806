//! Which connections a node has, and which of them has to go where there is no room for another.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long after an answer a connection is left in peace: the answer may still be on its way.
const SETTLING: Duration = Duration::from_secs(1);

/// The connections of one listener.
#[derive(Debug)]
pub(super) struct Admission {
    most: usize,
    most_per_peer: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    admitted: HashMap<u64, Admitted>,
    /// Only of peers with a limit.
    per_peer: HashMap<IpAddr, usize>,
}

#[derive(Debug)]
struct Admitted {
    peer: Option<IpAddr>,
    phase: Phase,
    gone: CancellationToken,
}

/// What a connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It has sent no whole request yet.
    Fresh(Instant),
    /// A request is being answered.
    Busy,
    /// It has been answered, and may ask again.
    Idle(Instant),
}

/// A place among the connections, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    admission: Arc<Admission>,
    id: u64,
    /// Cancelled when the connection has to make room.
    pub(super) gone: CancellationToken,
}

impl Admission {
    pub(super) fn new(most: usize, most_per_peer: usize) -> Self {
        Self {
            most,
            most_per_peer,
            state: Mutex::default(),
        }
    }

    /// A place for a connection; `peer` is none where the peer has no limit of its own.
    ///
    /// Where there is no room the connection that has sent nothing for longest goes, then the one that has been idle for
    /// longest; among the peer's own where the peer has too many. None where all are being answered.
    pub(super) fn admit(self: &Arc<Self>, peer: Option<IpAddr>) -> Option<Place> {
        let now = Instant::now();
        let mut state = self.state();
        if let Some(peer) = peer
            && state
                .per_peer
                .get(&peer)
                .is_some_and(|count| *count >= self.most_per_peer)
        {
            state.evict(now, |admitted| admitted.peer == Some(peer))?;
        }
        if state.admitted.len() >= self.most {
            state.evict(now, |_| true)?;
        }
        let id = state.next;
        state.next += 1;
        let gone = CancellationToken::new();
        let admitted = Admitted {
            peer,
            phase: Phase::Fresh(now),
            gone: gone.clone(),
        };
        state.admitted.insert(id, admitted);
        if let Some(peer) = peer {
            *state.per_peer.entry(peer).or_default() += 1;
        }
        Some(Place {
            admission: Arc::clone(self),
            id,
            gone,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Sends the one away that is missed least.
    fn evict(&mut self, now: Instant, may_go: impl Fn(&Admitted) -> bool) -> Option<()> {
        let rank = |admitted: &Admitted| match admitted.phase {
            Phase::Fresh(since) => Some((0, since)),
            Phase::Idle(since) if now - since > SETTLING => Some((1, since)),
            Phase::Idle(_) | Phase::Busy => None,
        };
        let candidates = self.admitted.iter().filter(|(_, admitted)| may_go(admitted));
        let (_, id) = candidates
            .filter_map(|(id, admitted)| Some((rank(admitted)?, *id)))
            .min()?;
        let evicted = self.forget(id)?;
        evicted.gone.cancel();
        Some(())
    }

    fn forget(&mut self, id: u64) -> Option<Admitted> {
        let admitted = self.admitted.remove(&id)?;
        if let Some(peer) = admitted.peer
            && let Some(count) = self.per_peer.get_mut(&peer)
        {
            *count -= 1;
            if *count == 0 {
                self.per_peer.remove(&peer);
            }
        }
        Some(admitted)
    }
}

impl Place {
    /// What the connection does now; none once it had to go.
    pub(super) fn phase(&self) -> Option<Phase> {
        self.admission
            .state()
            .admitted
            .get(&self.id)
            .map(|admitted| admitted.phase)
    }

    /// Notes what the connection does.
    pub(super) fn enter(&self, phase: Phase) {
        if let Some(admitted) = self.admission.state().admitted.get_mut(&self.id) {
            admitted.phase = phase;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.admission.state().forget(self.id);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn peer(last: u8) -> Option<IpAddr> {
        Some([192, 0, 2, last].into())
    }

    #[test]
    fn whoever_has_sent_nothing_for_longest_makes_room() {
        let admission = Arc::new(Admission::new(3, 3));
        let busy = admission.admit(peer(1)).unwrap();
        busy.enter(Phase::Busy);
        let [first, second] = [(); 2].map(|()| admission.admit(peer(1)).unwrap());
        let third = admission.admit(peer(2)).unwrap();
        assert!(first.gone.is_cancelled() && first.phase().is_none());
        assert!(!busy.gone.is_cancelled() && !second.gone.is_cancelled());
        second.enter(Phase::Busy);
        third.enter(Phase::Busy);
        assert!(
            admission.admit(peer(3)).is_none(),
            "nobody who is answered has to go"
        );
        third.enter(Phase::Idle(Instant::now()));
        assert!(admission.admit(peer(3)).is_none(), "its answer may be on its way");
        third.enter(Phase::Idle(Instant::now() - 2 * SETTLING));
        assert!(admission.admit(peer(3)).is_some());
        assert!(third.gone.is_cancelled());
    }

    #[test]
    fn a_peer_with_too_many_makes_room_out_of_its_own() {
        let admission = Arc::new(Admission::new(10, 2));
        let other = admission.admit(peer(9)).unwrap();
        let places = [(); 3].map(|()| admission.admit(peer(1)).unwrap());
        assert!(places.first().unwrap().gone.is_cancelled());
        assert!(!other.gone.is_cancelled());
        for place in &places {
            place.enter(Phase::Busy);
        }
        assert!(admission.admit(peer(1)).is_none());
        let proxied = [(); 5].map(|()| admission.admit(None).unwrap());
        assert!(proxied.iter().all(|place| !place.gone.is_cancelled()));
        drop(places);
        assert!(admission.admit(peer(1)).is_some());
    }

    #[test]
    fn a_place_is_given_back_once() {
        let admission = Arc::new(Admission::new(1, 1));
        let evicted = admission.admit(peer(1)).unwrap();
        let held = admission.admit(peer(1)).unwrap();
        drop(evicted);
        held.enter(Phase::Busy);
        assert!(admission.admit(peer(1)).is_none());
        drop(held);
        assert!(admission.admit(peer(1)).is_some());
        assert!(admission.state().per_peer.is_empty() || admission.state().admitted.is_empty());
    }
}
