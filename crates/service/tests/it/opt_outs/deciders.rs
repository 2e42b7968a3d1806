//! How many a later stage says can decide: not those whose vote an earlier stage has used up.

use crate::delegations::lending;
use crate::world::asking::submission;
use crate::world::people::{approver, requester};
use crate::world::{World, bypass};
use service::approvals::StageProgress;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// Of each stage, as Alice is shown it. Ines owns the ledger with two others and is one of the five of security.
fn deciders(stages: &[StageProgress]) -> Vec<usize> {
    stages.iter().map(|stage| stage.deciders.named).collect()
}

impl World {
    async fn deciders_of_bypass(&self, approved_by: &str) -> Vec<usize> {
        let input = bypass("hanna.lindt", "read-needs-ticket", "database ledger-db");
        let asked = self.opts_out("alice.meyer", &input).await.unwrap();
        let alice = requester("alice.meyer");
        let before = self.service.opt_out(&alice, asked.id).await.unwrap();
        assert_eq!(deciders(&before.stages), [3, 5]);
        self.agrees(approved_by, asked.id).await.unwrap();
        let after = self.service.opt_out(&alice, asked.id).await.unwrap();
        deciders(&after.stages)
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn somebody_of_both_stages_who_approved_the_first_cannot_decide_the_second(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    assert_eq!(world.deciders_of_bypass("ines.marchetti").await, [2, 4]);
    // Of the first stage alone, Noor takes nobody away from the second.
    assert_eq!(world.deciders_of_bypass("noor.aziz").await, [2, 5]);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn somebody_whose_vote_was_cast_by_a_deputy_cannot_decide_the_second(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let lent = lending(&world, "mara.silva");
    world
        .service
        .make_delegation(&approver("ines.marchetti"), &lent)
        .await
        .unwrap();
    assert_eq!(world.deciders_of_bypass("mara.silva").await, [2, 4]);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_second_stage_of_an_access_request_counts_the_same(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let of_high = "within_secs = 604_800 }\naccess_stages = [";
    let owners = "{ name = \"Owners\", quorum = { n = 1, of = [\"resource_owners\"] } }";
    let security = "{ name = \"Security\", quorum = { n = 1, of = [{ group = \"security\" }] } }";
    world
        .policy_changes(
            "tiers.toml",
            &format!("{of_high}{owners}]"),
            &format!("{of_high}{owners}, {security}]"),
        )
        .await;
    let denial = world.asks("alice.meyer", "read", "database ledger-db").await;
    let (request, _) = world.files(submission(&denial)).await.unwrap();
    world.approves("ines.marchetti", request.id).await.unwrap();
    let alice = requester("alice.meyer");
    let after = world.service.access_request(&alice, request.id).await.unwrap();
    assert_eq!(deciders(&after.stages), [2, 4]);
}
