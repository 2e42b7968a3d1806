//! Silence asks further people and approves nothing; too few left ask the fallback.

use crate::world::asking::submission;
use crate::world::people::approver;
use crate::world::{World, deployment_bypass, joins, leaves, outcome};
use domain::access_request::AccessRequestState as State;
use domain::approval::Approver;
use domain::event::EventKind;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const OWNERS: &str = r##"channel = "#critical-access"
access_stages = [{ name = "Owners", quorum = { n = 1, of = ["resource_owners"] } }]"##;
const ESCALATES: &str = r##"channel = "#critical-access"
access_stages = [{ name = "Owners", quorum = { n = 1, of = ["resource_owners"] }, escalate = [{ after_secs = 3_600, to = [{ group = "security" }] }] }]"##;
const FALLS_BACK: &str = r##"channel = "#critical-access"
fallback = [{ group = "security" }]
access_stages = [{ name = "Owners", quorum = { n = 1, of = ["resource_owners"] } }]"##;

/// Nobody of payments is left but the two whom the request excludes.
fn nobody_of_payments(directory: &mut service::directory::DirectoryFile) {
    for person in ["bob.okafor", "mara.silva", "tom.becker"] {
        leaves(directory, "payments-owners", person);
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_vote_lets_the_next_list_join_though_no_worker_has_run(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    world.policy_changes("tiers.toml", OWNERS, ESCALATES).await;
    let request = world.requested_deployment().await;
    world.minutes_pass(59);
    assert_eq!(
        outcome(&world.approves("omar.haddad", request.id).await),
        "forbidden not_eligible"
    );
    let before = world
        .service
        .access_request(&approver("bob.okafor"), request.id)
        .await
        .unwrap();
    let (next, at) = before.stages[0].next_to_join.clone().unwrap();
    assert_eq!(next, [Approver::Group("security".parse().unwrap())]);
    assert_eq!(at, request.requested_at + chrono::TimeDelta::hours(1));
    world.minutes_pass(1);
    assert_eq!(
        world
            .service
            .inbox(&approver("omar.haddad"))
            .await
            .unwrap()
            .items
            .len(),
        1
    );
    assert_eq!(
        world.approves("omar.haddad", request.id).await.unwrap().state,
        State::Approved
    );
    assert_eq!(
        world.events_of(request.id).await,
        [
            "access_request.submitted",
            "access_request.stage_reached",
            "access_request.escalated",
            "access_request.voted",
            "access_request.approved",
        ]
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_worker_tells_whoever_joins_once_and_nothing_is_ever_approved_by_silence(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    world.policy_changes("tiers.toml", OWNERS, ESCALATES).await;
    let request = world.requested_deployment().await;
    world.told().await;
    world.minutes_pass(59);
    assert_eq!(world.service.escalate_silence().await.unwrap(), 0);
    world.minutes_pass(1);
    assert_eq!(world.service.escalate_silence().await.unwrap(), 1);
    let told = world.told().await;
    assert!(told.contains(&"omar.haddad: escalated".to_owned()), "{told:?}");
    // Again, and on another node: it is said already.
    assert_eq!(world.service.escalate_silence().await.unwrap(), 0);
    let (other, _) = world.another_node().await;
    assert_eq!(other.escalate_silence().await.unwrap(), 0);
    assert_eq!(world.count(EventKind::AccessRequestEscalated).await, 1);
    // Till its time is over.
    world.hours_pass(2);
    world.service.escalate_silence().await.unwrap();
    world.service.report_ends().await.unwrap();
    assert!(!world.may_deploy().await);
    assert_eq!(
        world.events_of(request.id).await.last(),
        Some(&"access_request.expired")
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn one_that_cannot_be_read_keeps_no_other_waiting(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    world.policy_changes("tiers.toml", OWNERS, ESCALATES).await;
    let broken = world.requested_deployment().await;
    world.minutes_pass(1);
    let sound = world.requested_deployment_again().await;
    #[allow(clippy::disallowed_methods, reason = "a damaged row")]
    let spoiled = sqlx::query("UPDATE access_requests SET plan = '{}' WHERE id = $1")
        .bind(broken.id.uuid())
        .execute(&world.owner)
        .await
        .unwrap();
    assert_eq!(spoiled.rows_affected(), 1);
    world.hours_pass(1);
    world.service.escalate_silence().await.unwrap_err();
    assert_eq!(
        world.events_of(sound.id).await.last(),
        Some(&"access_request.escalated")
    );
    // And it is not forgotten.
    world.service.escalate_silence().await.unwrap_err();
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_vote_begins_the_silence_anew_and_a_settled_item_escalates_no_more(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let two = ESCALATES.replace("n = 1", "n = 2");
    world.policy_changes("tiers.toml", OWNERS, &two).await;
    let request = world.requested_deployment().await;
    world.minutes_pass(40);
    world.approves("bob.okafor", request.id).await.unwrap();
    world.minutes_pass(40);
    assert_eq!(
        outcome(&world.approves("omar.haddad", request.id).await),
        "forbidden not_eligible"
    );
    world.minutes_pass(20);
    assert_eq!(
        world.approves("omar.haddad", request.id).await.unwrap().state,
        State::Approved
    );
    let denied = world.requested_deployment_again().await;
    world.denies("bob.okafor", denied.id).await.unwrap();
    world.hours_pass(1);
    assert_eq!(world.service.escalate_silence().await.unwrap(), 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn where_nobody_is_left_the_fallback_is_asked_with_an_alarm(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start_with(pool, options, nobody_of_payments).await;
    let denial = world.denied_deployment().await;
    assert_eq!(
        outcome(&world.files(submission(&denial)).await),
        "not requestable"
    );
    world.policy_changes("tiers.toml", OWNERS, FALLS_BACK).await;
    let denial = world.denied_deployment().await;
    let (request, _) = world.files(submission(&denial)).await.unwrap();
    assert_eq!(
        world.events_of(request.id).await,
        [
            "access_request.submitted",
            "access_request.fell_back",
            "access_request.stage_reached"
        ]
    );
    assert_eq!(
        world.approves("omar.haddad", request.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn where_the_last_one_leaves_meanwhile_the_fallback_joins(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    world.policy_changes("tiers.toml", OWNERS, FALLS_BACK).await;
    let request = world.requested_deployment().await;
    let opt_out = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.told().await;
    world.directory_changes(nobody_of_payments).await;
    assert_eq!(world.service.escalate_silence().await.unwrap(), 2);
    let told = world.told().await;
    assert!(told.iter().any(|one| one == "omar.haddad: fell_back"), "{told:?}");
    assert_eq!(world.count(EventKind::AccessRequestFellBack).await, 1);
    assert_eq!(world.count(EventKind::OptOutFellBack).await, 1);
    // Who comes back is asked as well; the fallback stays.
    world
        .directory_changes(|directory| joins(directory, "payments-owners", "mara.silva"))
        .await;
    world.service.escalate_silence().await.unwrap();
    assert_eq!(world.count(EventKind::AccessRequestFellBack).await, 1);
    assert_eq!(
        world.approves("mara.silva", request.id).await.unwrap().state,
        State::Approved
    );
    // Two stages, two persons: one for the owners whom nobody is left of, one for security.
    world.agrees("omar.haddad", opt_out.id).await.unwrap();
    assert_eq!(
        outcome(&world.agrees("omar.haddad", opt_out.id).await),
        "conflict already_voted"
    );
    let decided = world.agrees("samir.haidari", opt_out.id).await.unwrap();
    assert!(decided.approved_at.is_some());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_stage_can_take_more_than_one_no(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let two = OWNERS.replace("] } }]", "] }, denials = 2 }]");
    world.policy_changes("tiers.toml", OWNERS, &two).await;
    let request = world.requested_deployment().await;
    let state = world.denies("bob.okafor", request.id).await.unwrap().state;
    assert_eq!(state, State::InReview { stage: 0 });
    assert_eq!(
        outcome(&world.approves("bob.okafor", request.id).await),
        "conflict already_voted"
    );
    assert_eq!(
        world.denies("mara.silva", request.id).await.unwrap().state,
        State::Denied
    );
    let request = world.requested_deployment_again().await;
    world.denies("bob.okafor", request.id).await.unwrap();
    assert_eq!(
        world.approves("mara.silva", request.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_manager_of_who_asks_is_the_one_whom_the_directory_names(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    world
        .policy_changes(
            "schema.cedarschema",
            "  employment: String, // staff, contractor or external\n",
            "  employment: String, // staff, contractor or external\n  manager?: String,\n",
        )
        .await;
    let manager = OWNERS.replace("\"resource_owners\"", "\"requester_manager\"");
    world.policy_changes("tiers.toml", OWNERS, &manager).await;
    // No verified person started the job: it has no manager, so nobody could decide.
    let denial = world.denied_deployment().await;
    assert_eq!(
        outcome(&world.files(submission(&denial)).await),
        "not requestable"
    );
    world
        .directory_changes(|directory| {
            let alice = directory
                .principals
                .iter_mut()
                .find(|one| one.id == "alice.meyer")
                .unwrap();
            alice
                .attributes
                .insert("manager".to_owned(), "lena.fischer".into());
        })
        .await;
    let request = world.requested_deployment_by("alice.meyer").await;
    assert_eq!(
        outcome(&world.approves("bob.okafor", request.id).await),
        "forbidden not_eligible"
    );
    assert_eq!(
        world.approves("lena.fischer", request.id).await.unwrap().state,
        State::Approved
    );
}
