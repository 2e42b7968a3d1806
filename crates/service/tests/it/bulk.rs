//! Several decided at once: each by its own vote, none half-told, and only what may stand on a list.

use crate::world::asking::submission;
use crate::world::people::{approver, person, requester};
use crate::world::{World, bypass, deployment_bypass, outcome};
use chrono::TimeDelta;
use domain::approval::Verdict;
use domain::id::{BulkActId, OptOutId};
use domain::opt_out::OptOutState;
use domain::role::Role;
use service::ServiceError;
use service::bulk::{BulkItem, BulkOutcome};
use service::opt_outs::OptOutInput;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const WHY: &str = "Not during the settlement run.";

/// Tier low: bob, mara and tom decide for payments.
fn on_staging(who: &str) -> OptOutInput {
    bypass(who, "known-network", "service payments-staging")
}

impl World {
    /// As many bypasses on staging as there are names.
    async fn alike(&self, names: &[&str]) -> Vec<OptOutId> {
        let mut ids = Vec::new();
        for name in names {
            ids.push(self.opts_out("alice.meyer", &on_staging(name)).await.unwrap().id);
        }
        ids
    }

    async fn at_once(
        &self,
        who: &str,
        verdict: Verdict,
        reason: &str,
        items: &[BulkItem],
    ) -> Result<BulkActId, ServiceError> {
        self.service
            .decide_at_once(&approver(who), verdict, reason, items)
            .await
    }

    async fn came_of(&self, who: &str, act: BulkActId) -> BulkOutcome {
        self.service.bulk_outcome(&approver(who), act).await.unwrap()
    }

    async fn state_of(&self, id: OptOutId) -> OptOutState {
        self.opt_out(id).await.opt_out.state
    }
}

fn items(ids: &[OptOutId]) -> Vec<BulkItem> {
    ids.iter().copied().map(BulkItem::OptOut).collect()
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn alike_and_low_they_are_approved_together_each_by_its_own_vote(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let ids = world.alike(&["jonas.weber", "hanna.lindt", "lena.fischer"]).await;
    let act = world
        .at_once(
            "bob.okafor",
            Verdict::Approve,
            "Seen with the network team.",
            &items(&ids),
        )
        .await
        .unwrap();
    let came = world.came_of("bob.okafor", act).await;
    assert!(!came.cut_off);
    assert_eq!(came.items.len(), 3);
    assert!(
        came.items
            .iter()
            .all(|item| item.counts && item.refused.is_none())
    );
    for id in &ids {
        assert_eq!(world.state_of(*id).await, OptOutState::Approved);
        assert_eq!(
            world.events_of(*id).await,
            [
                "opt_out.requested",
                "opt_out.stage_reached",
                "opt_out.voted",
                "opt_out.approved"
            ]
        );
    }
    let others = world.service.bulk_outcome(&approver("mara.silva"), act).await;
    assert_eq!(outcome(&others), "not found", "an act is for who acted");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_goes_wrong_with_one_is_said_of_that_one(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let ids = world.alike(&["jonas.weber", "hanna.lindt"]).await;
    // Bob is exempted by the third one, so that is not his to decide; the request waits for data's owners.
    let own = world.alike(&["bob.okafor"]).await[0];
    let denial = world.asks("alice.meyer", "read", "database ledger-db").await;
    let elsewhere = world.files(submission(&denial)).await.unwrap().0.id;
    world
        .service
        .withdraw_opt_out(&requester("alice.meyer"), ids[1])
        .await
        .unwrap();
    let mut selected = items(&[ids[0], ids[1], own]);
    selected.push(BulkItem::AccessRequest(elsewhere));
    let act = world
        .at_once("bob.okafor", Verdict::Deny, WHY, &selected)
        .await
        .unwrap();
    let came = world.came_of("bob.okafor", act).await;
    for item in &came.items {
        let counts = item.item == BulkItem::OptOut(ids[0]);
        assert_eq!(item.counts, counts, "{}", item.item);
        assert_eq!(item.refused.is_none(), counts, "{}", item.item);
    }
    assert_eq!(came.items.len(), 4, "nothing is left out");
    assert_eq!(world.state_of(ids[0]).await, OptOutState::Rejected);
    assert_eq!(world.state_of(own).await, OptOutState::InReview { stage: 0 });
    // Bob's capacities show him the request, but not as one of his.
    let asked = world
        .service
        .access_request(&approver("noor.aziz"), elsewhere)
        .await
        .unwrap();
    assert!(!asked.state.is_terminal());
    assert_eq!(
        outcome(
            &world
                .at_once("bob.okafor", Verdict::Deny, WHY, &items(&ids))
                .await
        ),
        "conflict settled",
        "sent twice"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_may_not_stand_on_one_list_is_refused_before_the_first_vote(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let alike = world.alike(&["jonas.weber"]).await[0];
    let freeze = bypass("ci/payments", "change-freeze", "service payments-staging");
    let unlike = world.opts_out("alice.meyer", &freeze).await.unwrap().id;
    let critical = world
        .opts_out("alice.meyer", &deployment_bypass())
        .await
        .unwrap()
        .id;
    let for_hanna = bypass("hanna.lindt", "read-needs-ticket", "database ledger-db");
    let high = world.opts_out("alice.meyer", &for_hanna).await.unwrap().id;
    let many: Vec<BulkItem> = (0..21)
        .map(|id| BulkItem::OptOut(OptOutId::from_uuid(sqlx::types::Uuid::from_u128(id))))
        .collect();
    let before = world.rows().await;
    use Verdict::{Approve, Deny};
    for (who, verdict, reason, selected, expected) in [
        (
            "bob.okafor",
            Approve,
            "",
            items(&[]),
            "invalid item nothing_selected",
        ),
        (
            "bob.okafor",
            Deny,
            WHY,
            items(&[]),
            "invalid item nothing_selected",
        ),
        (
            "bob.okafor",
            Deny,
            " \n",
            items(&[alike]),
            "invalid reason reason_missing",
        ),
        ("bob.okafor", Approve, "", many.clone(), "invalid item too_many"),
        ("bob.okafor", Deny, WHY, many, "invalid item too_many"),
        (
            "bob.okafor",
            Approve,
            "",
            items(&[alike, unlike]),
            "invalid item unlike",
        ),
        (
            "bob.okafor",
            Approve,
            "",
            items(&[alike, critical]),
            "invalid item signs_in_afresh",
        ),
        (
            "bob.okafor",
            Deny,
            WHY,
            items(&[alike, critical]),
            "invalid item signs_in_afresh",
        ),
        (
            "noor.aziz",
            Approve,
            "",
            items(&[high]),
            "invalid item too_strict",
        ),
    ] {
        let told = world.at_once(who, verdict, reason, &selected).await;
        assert_eq!(outcome(&told), expected, "{who} {verdict:?} {selected:?}");
    }
    let long = "x".repeat(2_001);
    let told = world.at_once("bob.okafor", Deny, &long, &items(&[alike])).await;
    assert_eq!(outcome(&told), "invalid reason reason_too_long");
    let without = person("bob.okafor", &[Role::Requester]);
    let told = world
        .service
        .decide_at_once(&without, Deny, WHY, &items(&[alike]))
        .await;
    assert_eq!(outcome(&told), "forbidden not_permitted");
    assert_eq!(world.rows().await, before, "nothing was written");
    let told = world.at_once("noor.aziz", Deny, WHY, &items(&[high])).await;
    assert_eq!(outcome(&told), "done", "high is denied in a list");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_has_become_stricter_since_is_not_approved_in_a_list(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let ids = world.alike(&["jonas.weber", "hanna.lindt"]).await;
    assert_eq!(
        outcome(
            &world
                .service
                .check_at_once(&approver("bob.okafor"), Verdict::Approve, &items(&ids))
                .await
        ),
        "done"
    );
    let staging = "[\"staging\", \"dev\"].contains(resource.getTag(\"env\"))";
    world
        .policy_changes(
            "rules/classify.cedar",
            staging,
            "[\"dev\"].contains(resource.getTag(\"env\"))",
        )
        .await;
    let told = world
        .at_once("bob.okafor", Verdict::Approve, "", &items(&ids))
        .await;
    assert_eq!(
        outcome(&told),
        "invalid item signs_in_afresh",
        "none matching is critical"
    );
    assert_eq!(world.state_of(ids[0]).await, OptOutState::InReview { stage: 0 });
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_act_that_was_cut_off_tells_by_the_votes(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let ids = world.alike(&["jonas.weber", "hanna.lindt"]).await;
    let act = store::bulk_acts::BulkAct {
        id: BulkActId::from_uuid(sqlx::types::Uuid::from_u128(9)),
        person: "bob.okafor".parse().unwrap(),
        verdict: Verdict::Deny,
        items: ids.iter().map(ToString::to_string).collect(),
        results: None,
        at: world.now(),
    };
    store::bulk_acts::begin(&world.app, &act).await.unwrap();
    world.rejects("bob.okafor", ids[0]).await.unwrap();
    let came = world.came_of("bob.okafor", act.id).await;
    assert!(came.cut_off);
    assert!(came.items[0].counts && !came.items[1].counts);
    world.clock.advance(TimeDelta::days(29));
    assert_eq!(world.service.forget_old_bulk_acts().await.unwrap(), 0);
    world.clock.advance(TimeDelta::days(1));
    assert_eq!(world.service.forget_old_bulk_acts().await.unwrap(), 1);
    let gone = world.service.bulk_outcome(&approver("bob.okafor"), act.id).await;
    assert_eq!(outcome(&gone), "not found");
}
