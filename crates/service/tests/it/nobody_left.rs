//! Votes, a policy or a directory may leave nobody who could decide: the fallback is asked, or it is said.

use crate::world::people::{administrator, approver};
use crate::world::{World, deployment_bypass, leaves, outcome};
use domain::access_request::AccessRequestState as State;
use domain::event::EventKind;
use domain::opt_out::OptOutState;
use serde_json::json;
use service::approvals::StageState;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const OWNERS: &str = r##"channel = "#critical-access"
access_stages = [{ name = "Owners", quorum = { n = 1, of = ["resource_owners"] } }]"##;
const FALLBACK: &str = r#"fallback = [{ group = "security" }]"#;

/// Owners, then Bob, who is one of them.
fn owners_then_bob(before: &str) -> String {
    format!(
        r##"channel = "#critical-access"
{before}
access_stages = [{{ name = "Owners", quorum = {{ n = 1, of = ["resource_owners"] }} }}, {{ name = "Bob", quorum = {{ n = 1, of = [{{ person = "bob.okafor" }}] }} }}]"##
    )
}

/// Two of the owners, and two noes settle it.
fn two_of_the_owners(before: &str) -> String {
    format!(
        r##"channel = "#critical-access"
{before}
access_stages = [{{ name = "Owners", quorum = {{ n = 2, of = ["resource_owners"] }}, denials = 2 }}]"##
    )
}

async fn petra_administers(world: &World) {
    let petra = administrator("petra.lindqvist");
    world.service.record_sign_in(&petra, json!({})).await.unwrap();
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn whoever_a_later_stage_needs_votes_in_an_earlier_one_and_the_fallback_is_asked(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    world
        .policy_changes("tiers.toml", OWNERS, &owners_then_bob(FALLBACK))
        .await;
    let request = world.requested_deployment().await;
    world.told().await;
    world.approves("bob.okafor", request.id).await.unwrap();
    assert_eq!(
        world.events_of(request.id).await[2..],
        [
            "access_request.voted",
            "access_request.stage_reached",
            "access_request.fell_back"
        ]
    );
    let told = world.told().await;
    assert!(told.contains(&"omar.haddad: fell_back".to_owned()), "{told:?}");
    assert_eq!(
        world.approves("omar.haddad", request.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn without_a_fallback_it_is_said_to_who_asked_and_to_the_administrators_once(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    petra_administers(&world).await;
    world
        .policy_changes("tiers.toml", OWNERS, &owners_then_bob(""))
        .await;
    let request = world.requested_deployment_by("alice.meyer").await;
    world.told().await;
    world.approves("bob.okafor", request.id).await.unwrap();
    assert_eq!(
        world.events_of(request.id).await.last(),
        Some(&"access_request.nobody_left")
    );
    assert_eq!(
        world.told().await,
        ["alice.meyer: nobody_left", "petra.lindqvist: nobody_left"]
    );
    // Looked at again, on another day: it was said.
    world.directory_changes(|_| {}).await;
    world.service.escalate_silence().await.unwrap();
    assert_eq!(world.count(EventKind::AccessRequestNobodyLeft).await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn one_no_of_two_leaves_too_few_and_does_not_settle_it(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start_with(pool, options, |directory| {
        leaves(directory, "payments-owners", "tom.becker");
    })
    .await;
    world
        .policy_changes("tiers.toml", OWNERS, &two_of_the_owners(FALLBACK))
        .await;
    let request = world.requested_deployment().await;
    let bob = approver("bob.okafor");
    let stage = async || {
        let detail = world.service.access_request(&bob, request.id).await.unwrap();
        detail.stages[0].clone()
    };
    let before = stage().await;
    assert_eq!((before.state, before.noes_left), (StageState::Open, Some(2)));
    assert_eq!(before.denials, 2);
    world.denies("bob.okafor", request.id).await.unwrap();
    let after = stage().await;
    assert_eq!((after.state, after.noes_left), (StageState::Open, Some(1)));
    assert_eq!(
        world.events_of(request.id).await.last(),
        Some(&"access_request.fell_back")
    );
    world.approves("mara.silva", request.id).await.unwrap();
    assert_eq!(
        world.approves("omar.haddad", request.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_policy_that_asks_for_more_than_there_are_is_found_when_it_is_published(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    petra_administers(&world).await;
    let request = world.requested_deployment_by("alice.meyer").await;
    world.told().await;
    let nine = OWNERS.replace("n = 1", "n = 9");
    world.policy_changes("tiers.toml", OWNERS, &nine).await;
    assert_eq!(world.service.escalate_silence().await.unwrap(), 1);
    assert_eq!(
        world.told().await,
        [
            "alice.meyer: nobody_left",
            "petra.lindqvist: nobody_left",
            "petra.lindqvist: policy_published"
        ]
    );
    let before = world.rows().await;
    assert_eq!(
        outcome(&world.approves("bob.okafor", request.id).await),
        "conflict nobody_left_to_decide"
    );
    // The fresh sign-in that a vote on this tier takes is no part of it.
    assert_eq!(world.rows().await, before);
    assert_eq!(
        world.denies("bob.okafor", request.id).await.unwrap().state,
        State::Denied,
        "a no takes nobody else"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_opt_out_that_a_vote_has_made_impossible_is_found(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start_with(pool, options, |directory| {
        for person in ["mara.silva", "tom.becker"] {
            leaves(directory, "payments-owners", person);
        }
        for person in [
            "ines.marchetti",
            "samir.haidari",
            "sofia.rossi",
            "erik.nilsson",
            "omar.haddad",
        ] {
            leaves(directory, "security", person);
        }
        for group in ["payments-owners", "security"] {
            crate::world::joins(directory, group, "mara.silva");
        }
    })
    .await;
    petra_administers(&world).await;
    // Owners are Bob and Mara, security is Mara alone.
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.told().await;
    world.agrees("mara.silva", asked.id).await.unwrap();
    assert_eq!(
        world.events_of(asked.id).await.last(),
        Some(&"opt_out.nobody_left")
    );
    assert_eq!(
        world.told().await,
        ["alice.meyer: nobody_left", "petra.lindqvist: nobody_left"]
    );
    let stored = world.opt_out(asked.id).await.opt_out;
    assert_eq!(stored.state, OptOutState::InReview { stage: 1 });
}
