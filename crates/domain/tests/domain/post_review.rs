//! Post-reviews: by somebody else, once, and a level up when nobody looks.

use crate::generate::at;
use domain::approval::{Approver, Exclusion, Exclusions, VoteError, Voter};
use domain::id::{AccessRequestId, OptOutId, PostReviewId};
use domain::name::{GroupName, PersonId, TeamName, TierName};
use domain::post_review::{Finding, PostReview, ReviewCause, ReviewError, ReviewState};
use std::collections::BTreeSet;

fn group(name: &str) -> Approver {
    Approver::Group(GroupName::new(name).unwrap())
}

fn person(name: &str) -> PersonId {
    PersonId::new(name).unwrap()
}

/// Owed at 0, due at 100: by the owners, and by security once it is overdue. Alice broke the glass.
fn review() -> PostReview {
    let mut excluded = Exclusions::default();
    excluded.add(person("alice"), Exclusion::Requester);
    PostReview {
        id: PostReviewId::from_uuid(uuid::Uuid::from_u128(1)),
        reviewed: OptOutId::from_uuid(uuid::Uuid::from_u128(2)).into(),
        cause: ReviewCause::BreakGlass,
        team: TeamName::new("payments").unwrap(),
        about: Some(person("alice")),
        tier: TierName::new("critical").unwrap(),
        tier_rank: 40,
        reviewers: BTreeSet::from([group("owners")]),
        next_level: BTreeSet::from([group("security")]),
        excluded,
        owed_at: at(0),
        due_at: at(100),
        conclusion: None,
    }
}

/// Concluded by whom it asks at that instant.
fn conclude(
    review: PostReview,
    reviewer: Voter,
    finding: Finding,
    note: &str,
    now: i64,
) -> Result<PostReview, ReviewError> {
    let asked = review.may_conclude(at(now));
    review.conclude(asked, reviewer, finding, note, at(now))
}

#[test]
fn its_json_names_what_is_looked_at_as_it_always_did() {
    let of_opt_out = review();
    let of_access = PostReview {
        reviewed: AccessRequestId::from_uuid(uuid::Uuid::from_u128(3)).into(),
        ..review()
    };
    for (review, member, other) in [
        (of_opt_out, "opt_out", "access_request"),
        (of_access, "access_request", "opt_out"),
    ] {
        let json = serde_json::to_value(&review).unwrap();
        assert_eq!(json[member], review.reviewed.to_string());
        assert!(json.get(other).is_none() && json.get("reviewed").is_none());
        assert_eq!(serde_json::from_value::<PostReview>(json).unwrap(), review);
    }
}

fn voter(name: &str, groups: &[&str]) -> Voter {
    Voter {
        person: person(name),
        capacities: groups.iter().map(|name| group(name)).collect(),
        lent: Vec::new(),
    }
}

#[test]
fn all_states_and_findings() {
    for state in ReviewState::ALL {
        for finding in Finding::ALL {
            let expected = match state {
                ReviewState::Owed => Ok(ReviewState::Concluded(finding)),
                ReviewState::Concluded(_) => Err(ReviewError::Settled),
            };
            assert_eq!(state.on(finding), expected, "{state:?} {finding:?}");
        }
    }
}

#[test]
fn who_may_conclude_it_and_when() {
    let everything = ["owners", "security", "administrators"];
    for (name, groups, in_time, overdue) in [
        ("bob", &["owners"][..], true, true),
        ("omar", &["security"][..], false, true),
        ("petra", &["administrators"][..], false, false),
        ("nobody", &[][..], false, false),
        // Whatever they are in: who broke the glass never says that it was right.
        ("alice", &everything[..], false, false),
    ] {
        for (now, may) in [(0, in_time), (99, in_time), (100, overdue), (10_000, overdue)] {
            let concluded = conclude(
                review(),
                voter(name, groups),
                Finding::Justified,
                "Looked at it.",
                now,
            );
            assert_eq!(concluded.is_ok(), may, "{name} at {now}: {concluded:?}");
            if let Err(why) = concluded {
                let expected = match name {
                    "alice" => ReviewError::Vote(VoteError::Excluded(Exclusion::Requester)),
                    _ => ReviewError::NotAsked,
                };
                assert_eq!(why, expected, "{name} at {now}");
            }
        }
    }
}

#[test]
fn it_is_concluded_once_with_a_word_of_why() {
    let bob = || voter("bob", &["owners"]);
    for empty in ["", "  ", "\u{200b}\n"] {
        assert_eq!(
            conclude(review(), bob(), Finding::Justified, empty, 1),
            Err(ReviewError::NoteMissing)
        );
    }
    let long = "x".repeat(2_001);
    assert_eq!(
        conclude(review(), bob(), Finding::Justified, &long, 1),
        Err(ReviewError::Vote(VoteError::ReasonTooLong))
    );
    let concluded = conclude(review(), bob(), Finding::FollowUp, " Rotate the key. ", 1).unwrap();
    assert_eq!(concluded.state(), ReviewState::Concluded(Finding::FollowUp));
    let conclusion = concluded.conclusion.clone().unwrap();
    assert_eq!(
        (conclusion.person, conclusion.note.as_str()),
        (person("bob"), "Rotate the key.")
    );
    assert_eq!(
        conclude(
            concluded,
            voter("mara", &["owners"]),
            Finding::Unjustified,
            "No.",
            2
        ),
        Err(ReviewError::Settled)
    );
}

#[test]
fn overdue_follows_from_the_row_and_ends_with_the_conclusion() {
    let owed = review();
    assert!(!owed.is_overdue(at(99)));
    assert!(owed.is_overdue(at(100)));
    let omar = voter("omar", &["security"]);
    let late = conclude(owed, omar, Finding::Justified, "Late, but fine.", 500).unwrap();
    assert!(!late.is_overdue(at(500)));
}
