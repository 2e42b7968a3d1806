//! Who decides, once, and under which policy.

use crate::world::asking::{ask, submission};
use crate::world::people::{administrator, approver, person};
use crate::world::voting;
use crate::world::{World, joins, leaves, outcome};
use domain::access_request::AccessRequestState as State;
use domain::approval::Verdict;
use domain::event::EventKind;
use domain::role::Role;
use serde_json::json;
use service::approvals::VoteInput;
use service::directory::{DirectoryFile, GroupFile};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;

const CRITICAL: &str = r##"channel = "#critical-access"
access_stages = [{ name = "Owners", quorum = { n = 1, of = ["resource_owners"] } }]"##;

fn critical(stages: &str) -> String {
    format!("channel = \"#critical-access\"\naccess_stages = [{stages}]")
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_owner_of_the_pipeline_cannot_decide_in_whatever_group_or_role(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    // Jonas owns the pipeline, and is an owner of payments through a group within the owners' group.
    let world = World::start_with(pool, options, |directory| {
        let deputies = GroupFile {
            title: "Deputies".into(),
            members: vec!["jonas.weber".into()],
            workloads: vec![],
            agents: vec![],
            parents: ["payments-owners".parse().unwrap()].into(),
        };
        directory
            .groups
            .insert("payments-deputies".parse().unwrap(), deputies);
    })
    .await;
    let request = world.requested_deployment().await;
    assert_eq!(
        outcome(&world.approves("jonas.weber", request.id).await),
        "forbidden excluded"
    );
    let all = person("jonas.weber", &Role::ALL);
    for verdict in [Verdict::Approve, Verdict::Deny] {
        let vote = world
            .votes_on_request(&all, request.id, VoteInput::new(verdict, "mine"))
            .await;
        assert_eq!(outcome(&vote), "forbidden excluded");
    }
    assert_eq!(world.count(EventKind::AccessRequestVoted).await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn whoever_started_the_job_and_its_named_owners_cannot_decide(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start_with(pool, options, |directory| {
        joins(directory, "payments-owners", "jonas.weber")
    })
    .await;
    let started_by = async |name: &str| {
        // A commit of its own, so that the one's grant does not answer for the other.
        let sent = json!({ "initiator": name, "commit": name });
        let denial = ask(
            &world.decider,
            &world.gateway,
            "ci/payments",
            "deploy",
            "service payments-prod",
            sent,
        )
        .await;
        world.files(submission(&denial)).await.unwrap().0
    };
    let by_bob = started_by("bob.okafor").await;
    assert_eq!(
        outcome(&world.approves("bob.okafor", by_bob.id).await),
        "forbidden excluded"
    );
    assert_eq!(
        outcome(&world.approves("jonas.weber", by_bob.id).await),
        "forbidden excluded",
        "named as its owner, whoever started it"
    );
    assert_eq!(outcome(&world.approves("mara.silva", by_bob.id).await), "done");
    let by_nobody = started_by("robot.nobody").await;
    assert_eq!(by_nobody.wish.initiator, None);
    assert_eq!(
        outcome(&world.approves("jonas.weber", by_nobody.id).await),
        "forbidden excluded"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn whoever_asks_on_behalf_of_another_cannot_decide(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let sent = json!({ "initiator": "ines.marchetti" });
    let denial = ask(
        &world.decider,
        &world.gateway,
        "alice.meyer",
        "read",
        "database ledger-db",
        sent,
    )
    .await;
    let (request, _) = world.files(submission(&denial)).await.unwrap();
    assert_eq!(
        outcome(&world.approves("ines.marchetti", request.id).await),
        "forbidden excluded"
    );
    assert_eq!(outcome(&world.approves("ravi.patel", request.id).await), "done");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_subject_cannot_decide_though_they_own_it(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let denial = world.asks("ravi.patel", "read", "database ledger-db").await;
    let (request, _) = world.files(submission(&denial)).await.unwrap();
    assert_eq!(
        outcome(&world.approves("ravi.patel", request.id).await),
        "forbidden excluded"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_administrator_has_no_vote_and_an_approver_only_in_their_stage(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start_with(pool, options, |directory| {
        joins(directory, "payments-owners", "petra.lindqvist")
    })
    .await;
    let request = world.requested_deployment().await;
    let by_admin = world
        .votes_on_request(
            &administrator("petra.lindqvist"),
            request.id,
            VoteInput::approve(),
        )
        .await;
    assert_eq!(outcome(&by_admin), "forbidden not_permitted");
    assert_eq!(
        outcome(&world.approves("omar.haddad", request.id).await),
        "forbidden not_eligible"
    );
    assert_eq!(
        outcome(&world.approves("nobody.known", request.id).await),
        "forbidden not_eligible"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_denial_needs_a_reason_and_settles_it(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let request = world.requested_deployment().await;
    let bob = approver("bob.okafor");
    for empty in ["", "  \n", "\u{200b}\u{2060}"] {
        let vote = world
            .votes_on_request(&bob, request.id, VoteInput::deny(empty))
            .await;
        assert_eq!(outcome(&vote), "invalid reason reason_missing");
    }
    let long = "x".repeat(2_001);
    let vote = world
        .votes_on_request(&bob, request.id, VoteInput::new(Verdict::Approve, &long))
        .await;
    assert_eq!(outcome(&vote), "invalid reason reason_too_long");
    assert_eq!(
        world.denies("bob.okafor", request.id).await.unwrap().state,
        State::Denied
    );
    assert_eq!(
        outcome(&world.approves("mara.silva", request.id).await),
        "conflict settled"
    );
    assert!(world.grant(request.id).await.is_none());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_grant_can_be_shortened_by_every_stage_and_lengthened_by_none(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let two = critical(r#"{ name = "Owners", quorum = { n = 2, of = ["resource_owners"] } }"#);
    world.policy_changes("tiers.toml", CRITICAL, &two).await;
    let request = world.requested_deployment().await;
    let vote = async |who: &str, secs: i64| {
        world
            .votes_on_request(
                &approver(who),
                request.id,
                VoteInput::approve().lasting(Some(secs)),
            )
            .await
    };
    for widened in [3_601, 0, -1, i64::MAX] {
        assert_eq!(
            outcome(&vote("bob.okafor", widened).await),
            "invalid shorten_to not_narrower"
        );
    }
    vote("bob.okafor", 1_800).await.unwrap();
    assert_eq!(
        outcome(&vote("mara.silva", 1_801).await),
        "invalid shorten_to not_narrower"
    );
    vote("mara.silva", 1_800).await.unwrap();
    assert_eq!(world.grant(request.id).await.unwrap().window.length_secs(), 1_800);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_hundred_votes_of_one_person_at_once_are_one(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let two = critical(r#"{ name = "Owners", quorum = { n = 2, of = ["resource_owners"] } }"#);
    world.policy_changes("tiers.toml", CRITICAL, &two).await;
    let request = world.requested_deployment().await;
    let mut votes = JoinSet::new();
    for _ in 0..100 {
        let service = world.service.clone();
        votes.spawn(async move {
            let bob = approver("bob.okafor");
            let input = voting::on_request(&service, &bob, request.id, VoteInput::approve()).await;
            outcome(&service.vote_on_access_request(&bob, request.id, input).await)
        });
    }
    let mut told = votes.join_all().await;
    told.sort();
    assert_eq!(
        (told[0].as_str(), told[98].as_str(), told[99].as_str()),
        ("conflict already_voted", "conflict already_voted", "done")
    );
    assert_eq!(world.count(EventKind::AccessRequestVoted).await, 1);
    assert!(world.grant(request.id).await.is_none(), "two are needed");
}

fn a_hundred_owners(directory: &mut DirectoryFile) {
    for number in 0..100 {
        let mut one = directory
            .principals
            .iter()
            .find(|one| one.id == "mara.silva")
            .unwrap()
            .clone();
        one.id = format!("owner.{number}");
        directory.principals.push(one);
        joins(directory, "payments-owners", &format!("owner.{number}"));
    }
}

/// Two are needed: one grant, and no third vote, however many come at once.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn of_a_hundred_at_once_two_fill_a_quorum_of_two(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start_with(pool, options, a_hundred_owners).await;
    let two = critical(r#"{ name = "Owners", quorum = { n = 2, of = ["resource_owners"] } }"#);
    world.policy_changes("tiers.toml", CRITICAL, &two).await;
    let told = a_hundred_vote(&mut world).await;
    let count = |wanted: &str| told.iter().filter(|told| *told == wanted).count();
    assert_eq!((count("done"), count("conflict settled")), (2, 98), "{told:?}");
    assert_eq!(world.count(EventKind::AccessRequestVoted).await, 2);
    assert_eq!(world.count(EventKind::AccessRequestApproved).await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_hundred_approvers_at_once_on_two_nodes_give_one_grant(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start_with(pool, options, a_hundred_owners).await;
    let told = a_hundred_vote(&mut world).await;
    let count = |wanted: &str| told.iter().filter(|told| *told == wanted).count();
    assert_eq!((count("done"), count("conflict settled")), (1, 99), "{told:?}");
    assert_eq!(world.count(EventKind::AccessRequestVoted).await, 1);
    assert_eq!(world.count(EventKind::AccessRequestApproved).await, 1);
}

/// All at once, on two nodes.
async fn a_hundred_vote(world: &mut World) -> Vec<String> {
    let (other, _) = world.another_node().await;
    let request = world.requested_deployment().await;
    let mut votes = JoinSet::new();
    for number in 0..100 {
        let service = if number % 2 == 0 {
            world.service.clone()
        } else {
            other.clone()
        };
        votes.spawn(async move {
            let one = approver(&format!("owner.{number}"));
            let input = voting::on_request(&service, &one, request.id, VoteInput::approve()).await;
            outcome(&service.vote_on_access_request(&one, request.id, input).await)
        });
    }
    let told = votes.join_all().await;
    assert!(world.grant(request.id).await.is_some());
    told
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn when_policy_turns_to_deny_a_vote_voids_it(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let request = world.requested_deployment().await;
    let refuses = "context.capability == \"deploy\" && !principal.protected_branch";
    world
        .policy_changes("rules/access.cedar", refuses, "context.capability == \"deploy\"")
        .await;
    assert_eq!(
        world.approves("bob.okafor", request.id).await.unwrap().state,
        State::Voided
    );
    assert!(world.grant(request.id).await.is_none());
    assert_eq!(world.events_of(request.id).await[2..], ["access_request.voided"]);
    assert_eq!(
        outcome(&world.approves("mara.silva", request.id).await),
        "conflict settled"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_stricter_policy_between_votes_asks_for_both_plans(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let two = r#"{ name = "Owners", quorum = { n = 2, of = ["resource_owners"] } }"#;
    world.policy_changes("tiers.toml", CRITICAL, &critical(two)).await;
    let request = world.requested_deployment().await;
    world.approves("bob.okafor", request.id).await.unwrap();
    let stricter =
        format!(r#"{two}, {{ name = "Security", quorum = {{ n = 1, of = [{{ group = "security" }}] }} }}"#);
    world
        .policy_changes("tiers.toml", &critical(two), &critical(&stricter))
        .await;
    let second = world.approves("mara.silva", request.id).await.unwrap();
    assert_eq!(
        second.state,
        State::InReview { stage: 1 },
        "Bob's vote stands, and security is asked too"
    );
    assert!(world.grant(request.id).await.is_none());
    assert_eq!(
        outcome(&world.approves("bob.okafor", request.id).await),
        "conflict already_voted"
    );
    assert_eq!(
        world.approves("omar.haddad", request.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_stricter_tier_between_votes_joins_and_names_the_grant(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    // Edge's gateway is high; then it becomes critical, and critical asks for two of security besides.
    let denial = world.asks("eva.horvat", "deploy", "service edge-gw").await;
    let (request, _) = world.files(submission(&denial)).await.unwrap();
    assert_eq!(request.tier.as_str(), "high");
    let owners_and_security = critical(
        r#"{ name = "Owners", quorum = { n = 1, of = ["resource_owners"] } }, { name = "Security", quorum = { n = 2, of = [{ group = "security" }] } }"#,
    );
    world
        .policy_changes("tiers.toml", CRITICAL, &owners_and_security)
        .await;
    world
        .directory_changes(|directory| {
            let gateway = directory
                .resources
                .iter_mut()
                .find(|resource| resource.id == "edge-gw")
                .unwrap();
            gateway.attributes.insert("business_critical".into(), json!(true));
        })
        .await;
    let first = world.approves("dana.roth", request.id).await.unwrap();
    assert_eq!(
        (first.state, first.tier.as_str()),
        (State::InReview { stage: 1 }, "critical")
    );
    world.approves("omar.haddad", request.id).await.unwrap();
    assert_eq!(
        world.approves("ines.marchetti", request.id).await.unwrap().state,
        State::Approved
    );
    assert_eq!(world.grant(request.id).await.unwrap().tier.as_str(), "critical");
    assert!(
        world
            .asks("eva.horvat", "deploy", "service edge-gw")
            .await
            .evaluation
            .answer
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_laxer_policy_changes_nothing_for_what_was_asked_before(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let two = critical(r#"{ name = "Owners", quorum = { n = 2, of = ["resource_owners"] } }"#);
    world.policy_changes("tiers.toml", CRITICAL, &two).await;
    let request = world.requested_deployment().await;
    world.policy_changes("tiers.toml", &two, CRITICAL).await;
    let first = world.approves("bob.okafor", request.id).await.unwrap();
    assert_eq!(
        first.state,
        State::InReview { stage: 0 },
        "two were asked, two are needed"
    );
    assert_eq!(
        world.approves("mara.silva", request.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_left_before_the_vote_has_none_and_who_became_owner_of_the_job_is_excluded(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let request = world.requested_deployment().await;
    world
        .directory_changes(|directory| {
            leaves(directory, "payments-owners", "bob.okafor");
            let ci = directory
                .principals
                .iter_mut()
                .find(|one| one.id == "ci/payments")
                .unwrap();
            ci.attributes.insert("owners".into(), json!(["mara.silva"]));
            joins(directory, "payments-owners", "jonas.weber");
        })
        .await;
    assert_eq!(
        outcome(&world.approves("bob.okafor", request.id).await),
        "forbidden not_eligible"
    );
    assert_eq!(
        outcome(&world.approves("mara.silva", request.id).await),
        "forbidden excluded",
        "owns the job now"
    );
    assert_eq!(
        outcome(&world.approves("jonas.weber", request.id).await),
        "forbidden excluded",
        "owned it then"
    );
    assert_eq!(outcome(&world.approves("tom.becker", request.id).await), "done");
}
