//! A vote that was cast counts only while whoever cast it may still decide (invariant 1): not once they are excluded, nor
//! once they have left the directory.

use crate::world::{World, deployment_bypass, joins, leaves, outcome};
use domain::access_request::AccessRequestState;
use domain::event::EventKind;
use domain::opt_out::OptOutState as State;
use serde_json::json;
use service::directory::DirectoryFile;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const CRITICAL: &str = r##"channel = "#critical-access"
access_stages = [{ name = "Owners", quorum = { n = 1, of = ["resource_owners"] } }]"##;
const CRITICAL_IN_TWO_STAGES: &str = r##"channel = "#critical-access"
access_stages = [{ name = "Owners", quorum = { n = 1, of = ["resource_owners"] } }, { name = "Security", quorum = { n = 1, of = [{ group = "security" }] } }]"##;

/// From now on this person is a named owner of the pipeline that asks.
fn owns_the_pipeline(directory: &mut DirectoryFile, person: &str) {
    let pipeline = directory
        .principals
        .iter_mut()
        .find(|one| one.id == "ci/payments")
        .unwrap();
    pipeline.attributes.insert("owners".into(), json!([person]));
}

/// Takes a person out of the directory; answers what brings them back.
fn takes_out(directory: &mut DirectoryFile, person: &str) -> impl FnOnce(&mut DirectoryFile) + use<> {
    let before = (directory.principals.clone(), directory.groups.clone());
    directory.principals.retain(|one| one.id != person);
    for group in directory.groups.values_mut() {
        group.members.retain(|member| member != person);
    }
    move |directory| (directory.principals, directory.groups) = before
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn approver_who_becomes_a_beneficiary_before_completion_does_not_count(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.agrees("bob.okafor", asked.id).await.unwrap();
    world
        .directory_changes(|directory| owns_the_pipeline(directory, "bob.okafor"))
        .await;
    let decided = world.agrees("omar.haddad", asked.id).await.unwrap();
    assert_eq!(
        decided.state,
        State::InReview { stage: 0 },
        "the owners decide again"
    );
    assert!(!world.may_deploy().await);
    let events = world.events_of(asked.id).await;
    assert!(events.contains(&"opt_out.vote_voided"), "{events:?}");
    assert_eq!(
        outcome(&world.agrees("bob.okafor", asked.id).await),
        "forbidden excluded"
    );
    assert_eq!(
        world.agrees("mara.silva", asked.id).await.unwrap().state,
        State::Approved,
        "what security said counts still"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn approver_who_leaves_the_directory_before_completion_does_not_count(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.agrees("bob.okafor", asked.id).await.unwrap();
    world
        .directory_changes(|directory| drop(takes_out(directory, "bob.okafor")))
        .await;
    let decided = world.agrees("omar.haddad", asked.id).await.unwrap();
    assert_eq!(decided.state, State::InReview { stage: 0 });
    assert!(!world.may_deploy().await);
    assert_eq!(
        world.agrees("mara.silva", asked.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn approver_who_only_leaves_the_group_still_counts(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.agrees("bob.okafor", asked.id).await.unwrap();
    world
        .directory_changes(|directory| leaves(directory, "payments-owners", "bob.okafor"))
        .await;
    assert_eq!(
        world.agrees("omar.haddad", asked.id).await.unwrap().state,
        State::Approved
    );
    assert_eq!(world.count(EventKind::OptOutVoteVoided).await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn votes_on_access_requests_become_void_too(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    world
        .policy_changes("tiers.toml", CRITICAL, CRITICAL_IN_TWO_STAGES)
        .await;
    let request = world.requested_deployment().await;
    world.approves("bob.okafor", request.id).await.unwrap();
    world
        .directory_changes(|directory| owns_the_pipeline(directory, "bob.okafor"))
        .await;
    let decided = world.approves("omar.haddad", request.id).await.unwrap();
    assert_eq!(decided.state, AccessRequestState::InReview { stage: 0 });
    assert!(world.grant(request.id).await.is_none());
    assert_eq!(world.count(EventKind::AccessRequestVoteVoided).await, 1);
    let approved = world.approves("mara.silva", request.id).await.unwrap();
    assert_eq!(approved.state, AccessRequestState::Approved);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn stage_opens_again_without_anybody_voting(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.agrees("bob.okafor", asked.id).await.unwrap();
    let mut checked = None;
    assert_eq!(world.service.reopen_stages(&mut checked).await.unwrap(), 0);
    world
        .directory_changes(|directory| owns_the_pipeline(directory, "bob.okafor"))
        .await;
    assert_eq!(world.service.reopen_stages(&mut checked).await.unwrap(), 1);
    assert_eq!(
        world.opt_out(asked.id).await.opt_out.state,
        State::InReview { stage: 0 }
    );
    let events = world.events_of(asked.id).await;
    assert!(
        events.ends_with(&["opt_out.vote_voided", "opt_out.stage_reached"]),
        "{events:?}"
    );
    assert_eq!(world.service.reopen_stages(&mut checked).await.unwrap(), 0);
    assert_eq!(
        world.service.reopen_stages(&mut None).await.unwrap(),
        0,
        "said once"
    );
    // The stage that it had reached still takes votes.
    let decided = world.agrees("omar.haddad", asked.id).await.unwrap();
    assert_eq!(decided.state, State::InReview { stage: 0 });
    assert_eq!(
        world.agrees("mara.silva", asked.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn somebody_who_comes_back_votes_again_and_counts_once(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start_with(pool, options, |directory| {
        joins(directory, "payments-owners", "dana.roth");
    })
    .await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.agrees("bob.okafor", asked.id).await.unwrap();
    let mut comes_back = None;
    world
        .directory_changes(|directory| comes_back = Some(takes_out(directory, "bob.okafor")))
        .await;
    world.service.reopen_stages(&mut None).await.unwrap();
    world.directory_changes(comes_back.unwrap()).await;
    assert_eq!(
        world.agrees("bob.okafor", asked.id).await.unwrap().state,
        State::InReview { stage: 1 }
    );
    assert_eq!(
        outcome(&world.agrees("bob.okafor", asked.id).await),
        "conflict already_voted"
    );
    assert_eq!(
        world.agrees("omar.haddad", asked.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn denial_of_somebody_who_left_does_not_count_either(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    world
        .policy_changes(
            "tiers.toml",
            CRITICAL,
            &CRITICAL.replace(
                r#"of = ["resource_owners"] }"#,
                r#"of = ["resource_owners"] }, denials = 2"#,
            ),
        )
        .await;
    let request = world.requested_deployment().await;
    world.denies("bob.okafor", request.id).await.unwrap();
    world
        .directory_changes(|directory| drop(takes_out(directory, "bob.okafor")))
        .await;
    let decided = world.denies("mara.silva", request.id).await.unwrap();
    assert_eq!(
        decided.state,
        AccessRequestState::InReview { stage: 0 },
        "one no is left of two"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn owners_of_the_team_decide_for_its_pipeline_and_named_owners_do_not(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    // O6: without named owners, all owners of its team were excluded, and nobody of the team could decide.
    let world = World::start_with(pool, options, |directory| {
        let pipeline = directory
            .principals
            .iter_mut()
            .find(|one| one.id == "ci/payments")
            .unwrap();
        pipeline.attributes.insert("owners".into(), json!([]));
    })
    .await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    assert_eq!(
        world.agrees("bob.okafor", asked.id).await.unwrap().state,
        State::InReview { stage: 1 }
    );
}
