//! A tier says how old the provider's groups may be that a voter's role follows from.

use crate::world::people::{administrator, approver};
use crate::world::{World, deployment_bypass, outcome};
use chrono::TimeDelta;
use domain::name::TierName;
use service::approvals::VoteInput;
use service::caller::PersonCaller;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// This caller, whose groups are that much older than the tier allows.
fn older(world: &World, caller: PersonCaller, tier: &TierName, by: TimeDelta) -> PersonCaller {
    let loaded = world.service.snapshots().current();
    let longest = loaded.policy().unwrap().tier(tier).unwrap().groups_fresh_secs;
    PersonCaller {
        groups_read_at: Some(world.now() - TimeDelta::seconds(longest) - by),
        ..caller
    }
}

const MOMENT: TimeDelta = TimeDelta::microseconds(1);

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_vote_by_older_groups_than_the_tier_allows_is_refused(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let request = world.requested_deployment().await;
    let bob = || approver("bob.okafor");
    let late = older(&world, bob(), &request.tier, MOMENT);
    for input in [VoteInput::approve(), VoteInput::deny("Not today")] {
        let vote = world.votes_on_request(&late, request.id, input).await;
        assert_eq!(outcome(&vote), "forbidden sign_in_again");
    }
    let in_time = older(&world, bob(), &request.tier, TimeDelta::zero());
    let vote = world
        .votes_on_request(&in_time, request.id, VoteInput::approve())
        .await;
    assert_eq!(outcome(&vote), "done");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_opt_out_is_neither_decided_nor_ended_by_older_groups(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    let bob = older(&world, approver("bob.okafor"), &asked.tier, MOMENT);
    let vote = world.votes_on_opt_out(&bob, asked.id, VoteInput::approve()).await;
    assert_eq!(outcome(&vote), "forbidden sign_in_again");
    let petra = older(&world, administrator("petra.lindqvist"), &asked.tier, MOMENT);
    let ended = world.service.revoke_opt_out(&petra, asked.id, "Over").await;
    assert_eq!(outcome(&ended), "forbidden sign_in_again");
    assert_eq!(world.opt_out(asked.id).await.opt_out.state, asked.state);
    // What somebody asked for is theirs to end, whatever groups they are in.
    let alice = older(&world, approver("alice.meyer"), &asked.tier, MOMENT);
    let withdrawn = world.service.withdraw_opt_out(&alice, asked.id).await;
    assert_eq!(outcome(&withdrawn), "done");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_grant_is_not_revoked_by_older_groups(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let grant = world.granted_deployment().await;
    let petra = older(&world, administrator("petra.lindqvist"), &grant.tier, MOMENT);
    let ended = world.service.end_grant(&petra, grant.id, "Over").await;
    assert_eq!(outcome(&ended), "forbidden sign_in_again");
    let fresh = administrator("petra.lindqvist");
    assert_eq!(
        outcome(&world.service.end_grant(&fresh, grant.id, "Over").await),
        "done"
    );
}
