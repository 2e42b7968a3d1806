//! The hours of emergency access are those of bypasses too; beyond them a second person votes.

use crate::world::World;
use crate::world::breaking::{access_lasting, emergency_access, lasting, responder};
use crate::world::outcome;
use crate::world::people::{approver, person};
use crate::world::voting::on_request;
use chrono::TimeDelta;
use domain::access_request::AccessRequestState;
use domain::break_glass::SignInProof;
use domain::event::EventKind;
use domain::id::AccessRequestId;
use domain::opt_out::OptOutState;
use domain::role::Role;
use service::approvals::VoteInput;
use service::opt_outs::NarrowInput;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;

/// Jonas's team has spent its hours, half of them on a bypass; what he breaks the glass for waits.
async fn waits(world: &World) -> AccessRequestId {
    let bypass = world
        .breaks_glass("jonas.weber", &lasting("jonas.weber", 4))
        .await
        .unwrap();
    world
        .service
        .revoke_opt_out(&responder("jonas.weber"), bypass.id, "For the other")
        .await
        .unwrap();
    let access = access_lasting(&world.refused_admin("spent").await, 4);
    let given = world.breaks_glass_for("jonas.weber", &access).await.unwrap();
    world.hours_pass(5);
    world.justified(bypass.id).await;
    world.justified(given.id).await;
    let bypass = world
        .breaks_glass("jonas.weber", &lasting("jonas.weber", 4))
        .await
        .unwrap();
    assert_eq!(bypass.state, OptOutState::Active, "four of eight are left");
    world.hours_pass(5);
    world.justified(bypass.id).await;
    let refused = world.refused_admin("4f1c").await;
    let third = world
        .breaks_glass_for("jonas.weber", &access_lasting(&refused, 2))
        .await
        .unwrap();
    assert_eq!(third.state, AccessRequestState::InReview { stage: 0 });
    third.id
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn hours_spent_on_either_take_one_second_person(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let third = waits(&world).await;
    assert!(!world.may_administer_with("4f1c").await.evaluation.answer);
    assert!(world.review_of(third).await.is_none(), "nothing is owed yet");
    // Nor does a bypass get past them.
    let bypass = world
        .breaks_glass("jonas.weber", &lasting("jonas.weber", 1))
        .await
        .unwrap();
    assert_eq!(bypass.state, OptOutState::InReview { stage: 0 });

    let himself = person("jonas.weber", &Role::ALL);
    let vote = world
        .votes_on_request(&himself, third, VoteInput::approve())
        .await;
    assert_eq!(outcome(&vote), "forbidden excluded");
    let elsewhere = world.approves("ravi.patel", third).await;
    assert_eq!(outcome(&elsewhere), "forbidden not_eligible");
    world.minutes_pass(30);
    let longer = NarrowInput {
        length_secs: Some(3 * 3_600),
        ..NarrowInput::default()
    };
    let bob = approver("bob.okafor");
    let vote = VoteInput::approve().narrowed(longer);
    assert_eq!(
        outcome(&world.votes_on_request(&bob, third, vote).await),
        "invalid shorten_to not_narrower"
    );
    let shorter = NarrowInput {
        length_secs: Some(3_600),
        ..NarrowInput::default()
    };
    let vote = VoteInput::approve().narrowed(shorter);
    let given = world.votes_on_request(&bob, third, vote).await.unwrap();
    assert_eq!(given.state, AccessRequestState::Approved);
    let grant = world.grant(third).await.unwrap();
    assert_eq!(grant.window.starts_at(), world.now(), "from the vote on");
    assert_eq!(grant.window.length_secs(), 3_600);
    assert!(world.may_administer_with("4f1c").await.evaluation.answer);
    assert_eq!(
        world.events_of(third).await,
        [
            "access_request.submitted",
            "access_request.stage_reached",
            "access_request.voted",
            "access_request.approved",
            "access_request.broke_glass"
        ]
    );
    let review = world.review_of(third).await.unwrap();
    assert_eq!(review.owed_at, world.now());
    let found = world.service.post_review(&bob, review.id).await.unwrap();
    assert_eq!(found.approved_by, std::slice::from_ref(&bob.person));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn with_the_provider_down_a_session_will_do_for_the_second_person(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let third = waits(&world).await;
    let ordinary = world.requested_deployment().await.id;
    let bob = approver("bob.okafor");
    let votes = async |id, provider_answers| {
        let known = SignInProof {
            proved_at: None,
            session_began_at: Some(world.now() - TimeDelta::hours(7)),
            provider_answers,
        };
        let vote = on_request(&world.service, &bob, id, VoteInput::approve()).await;
        let vote = vote.signed_in_afresh(None).from_session(known);
        outcome(&world.service.vote_on_access_request(&bob, id, vote).await)
    };
    assert_eq!(votes(third, true).await, "forbidden step_up_needed");
    assert_eq!(
        votes(ordinary, false).await,
        "forbidden step_up_needed",
        "no emergency"
    );
    assert_eq!(votes(third, false).await, "done");
    assert!(world.may_administer_with("4f1c").await.evaluation.answer);
    let review = world.review_of(third).await.unwrap();
    assert_eq!((review.due_at - review.owed_at).num_hours(), 24);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_vote_judges_again_and_asks_no_second_list(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let third = waits(&world).await;
    // Another version of the same tier would have a second stage joined to an ordinary request.
    world
        .policy_changes(
            "tiers.toml",
            "channel = \"#critical-access\"\naccess_stages = [{ name = \"Owners\", \
             quorum = { n = 1, of = [\"resource_owners\"] } }]",
            "channel = \"#critical-access\"\naccess_stages = [{ name = \"Owners\", \
             quorum = { n = 1, of = [\"resource_owners\"] } }, { name = \"Security\", quorum = { n = 1, of = [{ group = \
             \"security\" }] } }]",
        )
        .await;
    let given = world.approves("bob.okafor", third).await.unwrap();
    assert_eq!(given.state, AccessRequestState::Approved, "one second person");
    assert_eq!(given.plan.stages.len(), 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_no_emergency_reaches_any_more_is_not_approved(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let third = waits(&world).await;
    world
        .policy_changes(
            "rules/automation.cedar",
            "@exemptible(\"break_glass\")",
            "@exemptible(\"bypass\")",
        )
        .await;
    assert_eq!(
        outcome(&world.approves("bob.okafor", third).await),
        "conflict not_for_emergencies"
    );
    world
        .policy_changes(
            "rules/access.cedar",
            "permit (principal in Group::\"on-call\"",
            "permit (principal in Group::\"contractors\"",
        )
        .await;
    let voided = world.approves("bob.okafor", third).await.unwrap();
    assert_eq!(voided.state, AccessRequestState::Voided);
    assert!(world.review_of(third).await.is_none());
    assert!(world.grant(third).await.is_none());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn nobody_s_vote_lets_it_lapse_and_a_denial_ends_it(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let third = waits(&world).await;
    let refused = world.refused_admin("other").await;
    let fourth = world
        .breaks_glass_for("jonas.weber", &emergency_access(&refused))
        .await
        .unwrap();
    world.denies("bob.okafor", fourth.id).await.unwrap();
    world.hours_pass(2);
    assert_eq!(
        outcome(&world.approves("bob.okafor", third).await),
        "conflict settled"
    );
    world.service.report_ends().await.unwrap();
    assert_eq!(
        world.events_of(third).await.last(),
        Some(&"access_request.expired")
    );
    for id in [third, fourth.id] {
        assert!(world.review_of(id).await.is_none());
        assert!(world.grant(id).await.is_none());
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_overdue_review_of_access_cuts_the_next_of_either_to_fifteen_minutes(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let refused = world.refused_admin("one").await;
    let first = world
        .breaks_glass_for("jonas.weber", &emergency_access(&refused))
        .await
        .unwrap();
    world.hours_pass(72);
    let refused = world.refused_admin("two").await;
    assert_eq!(
        outcome(
            &world
                .breaks_glass_for("jonas.weber", &access_lasting(&refused, 1))
                .await
        ),
        "invalid length_secs length"
    );
    let short = world
        .breaks_glass_for("jonas.weber", &emergency_access(&refused))
        .await
        .unwrap();
    assert_eq!(
        (short.grant_secs, short.state),
        (900, AccessRequestState::Approved)
    );
    assert_eq!(
        outcome(
            &world
                .breaks_glass("jonas.weber", &lasting("jonas.weber", 1))
                .await
        ),
        "invalid length_secs length"
    );
    let omar = approver("omar.haddad");
    let review = world.review_of(first.id).await.unwrap();
    assert_eq!(
        outcome(&world.concludes(&omar, &review).await),
        "done",
        "a level up"
    );
    let terms = world
        .service
        .check_emergency_access(&responder("jonas.weber"), &access_lasting(&refused, 1))
        .await;
    assert_eq!(outcome(&terms), "done");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn many_of_either_at_once_do_not_exceed_the_hours(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start_random(pool, options).await;
    let (other, _) = world.another_node().await;
    let proof = world.fresh();
    let mut refused = Vec::new();
    for number in 0..12 {
        refused.push(world.refused_admin(&format!("change-{number}")).await);
    }
    let mut callers = JoinSet::new();
    for (number, refused) in refused.into_iter().enumerate() {
        let service = if number % 2 == 0 {
            world.service.clone()
        } else {
            other.clone()
        };
        callers.spawn(async move {
            let jonas = responder("jonas.weber");
            if number % 3 == 0 {
                let bypass = lasting("jonas.weber", 3);
                let made = service.break_glass(&jonas, &bypass, proof).await.unwrap();
                return made.state == OptOutState::Active;
            }
            let input = access_lasting(&refused, 3);
            let made = service.break_glass_for_access(&jonas, &input, proof).await;
            // Once a bypass is in force there is nothing to get past any more.
            match made {
                Ok(given) => given.state == AccessRequestState::Approved,
                Err(service::ServiceError::Conflict {
                    code: "automated", ..
                }) => false,
                Err(other) => panic!("{other:?}"),
            }
        });
    }
    let at_once = callers
        .join_all()
        .await
        .into_iter()
        .filter(|at_once| *at_once)
        .count();
    assert_eq!(at_once, 2, "three hours fit into eight twice");
    let reviews = world.count(EventKind::PostReviewOwed).await;
    assert_eq!(reviews, 2);
}
