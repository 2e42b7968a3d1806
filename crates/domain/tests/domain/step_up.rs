//! A step-up stands behind one vote, for a while, and only where the provider vouches for it.

use crate::generate::{at, person};
use domain::approval::Verdict;
use domain::digest::Digest;
use domain::id::{AccessRequestId, OptOutId, StepUpId};
use domain::step_up::{IntendedVote, ProofError, StepUp, StepUpError, VotedOn, Vouched};
use domain::window::Instant;
use proptest::prelude::*;
use uuid::Uuid;

const SECOND: i64 = 1_000_000;

fn seconds(seconds: i64) -> Instant {
    at(1_000_000 * SECOND + seconds * SECOND)
}

fn intended(who: usize, item: u128, verdict: Verdict, shown: &str) -> IntendedVote {
    IntendedVote {
        person: person(who),
        item: match item % 2 {
            0 => VotedOn::AccessRequest(AccessRequestId::from_uuid(Uuid::from_u128(item / 2))),
            _ => VotedOn::OptOut(OptOutId::from_uuid(Uuid::from_u128(item / 2))),
        },
        verdict,
        shown: Digest::of(shown.as_bytes()),
    }
}

/// Begun at second 0.
fn begun() -> StepUp {
    StepUp {
        id: StepUpId::from_uuid(Uuid::from_u128(1)),
        vote: intended(0, 2, Verdict::Approve, "4 hours"),
        begun_at: seconds(0),
        proof: None,
    }
}

fn vouched(who: usize, auth_time: Option<i64>, acr: Option<&str>) -> Vouched {
    Vouched {
        person: person(who),
        auth_time: auth_time.map(seconds),
        acr: acr.map(str::to_owned),
    }
}

#[test]
fn only_what_is_fresh_and_wanted_is_a_proof() {
    let wanted = ["phr".to_owned(), "phrh".to_owned()];
    let cases = [
        (vouched(0, Some(10), Some("phr")), 12, Ok(())),
        (vouched(0, Some(10), Some("phrh")), 12, Ok(())),
        (
            vouched(1, Some(10), Some("phr")),
            12,
            Err(ProofError::OtherPerson),
        ),
        (vouched(0, None, Some("phr")), 12, Err(ProofError::NoAuthTime)),
        // A clock that is a minute behind ours, and one that is further.
        (vouched(0, Some(-60), Some("phr")), 12, Ok(())),
        (vouched(0, Some(-61), Some("phr")), 12, Err(ProofError::NotFresh)),
        // A minute ahead, and further.
        (vouched(0, Some(72), Some("phr")), 12, Ok(())),
        (vouched(0, Some(73), Some("phr")), 12, Err(ProofError::NotFresh)),
        // They took their time on the way back.
        (vouched(0, Some(10), Some("phr")), 310, Ok(())),
        (vouched(0, Some(10), Some("phr")), 311, Err(ProofError::NotFresh)),
        (
            vouched(0, Some(10), Some("pwd")),
            12,
            Err(ProofError::WrongContext),
        ),
        (vouched(0, Some(10), None), 12, Err(ProofError::WrongContext)),
    ];
    for (vouched, now, expected) in cases {
        let told = begun().prove(vouched.clone(), &wanted, seconds(now)).map(|_| ());
        assert_eq!(told, expected, "{vouched:?} at {now}");
    }
    assert!(
        begun()
            .prove(vouched(0, Some(10), None), &[], seconds(12))
            .is_ok()
    );
    let proved = begun()
        .prove(vouched(0, Some(10), Some("phr")), &wanted, seconds(12))
        .unwrap();
    let again = proved.prove(vouched(0, Some(20), Some("phr")), &wanted, seconds(22));
    assert_eq!(again, Err(ProofError::ProvedAlready));
}

#[test]
fn it_expires_by_either_clock() {
    let meant = intended(0, 2, Verdict::Approve, "4 hours");
    assert_eq!(begun().supports(&meant, seconds(1)), Err(StepUpError::Missing));
    // The provider's clock is a minute ahead: ours ends it.
    let ahead = begun()
        .prove(vouched(0, Some(60), None), &[], seconds(0))
        .unwrap();
    assert!(ahead.supports(&meant, seconds(300)).is_ok());
    assert_eq!(ahead.supports(&meant, seconds(301)), Err(StepUpError::Expired));
    // A minute behind: the provider's ends it.
    let behind = begun()
        .prove(vouched(0, Some(-60), None), &[], seconds(0))
        .unwrap();
    assert!(behind.supports(&meant, seconds(240)).is_ok());
    assert_eq!(behind.supports(&meant, seconds(241)), Err(StepUpError::Expired));
}

proptest! {
    #[test]
    fn it_supports_the_very_vote_and_no_other(
        who in 0..3usize, item in 0..6u128, denies: bool, shown in "4 hours|1 hour", after in 0..600i64
    ) {
        let proved = begun().prove(vouched(0, Some(0), Some("phr")), &[], seconds(0)).unwrap();
        let verdict = if denies { Verdict::Deny } else { Verdict::Approve };
        let vote = intended(who, item, verdict, &shown);
        let the_very = who == 0 && item == 2 && !denies && shown == "4 hours";
        let told = proved.supports(&vote, seconds(after));
        match (the_very, after <= 300) {
            (true, true) => prop_assert_eq!(told.unwrap().auth_time, seconds(0)),
            (true, false) => prop_assert_eq!(told, Err(StepUpError::Expired)),
            (false, _) => prop_assert_eq!(told, Err(StepUpError::OtherVote)),
        }
    }
}
