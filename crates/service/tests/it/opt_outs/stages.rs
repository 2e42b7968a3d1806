//! A case that is stricter than its tier, and what it asks for.

use crate::world::asking::resource;
use crate::world::people::approver;
use crate::world::{World, bypass, outcome};
use domain::opt_out::{DataClassification, Direction};
use domain::scope::{ResourceSelector, Scope};
use service::opt_outs::OptOutInput;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// External auditors read the ledger without a ticket.
fn audit() -> OptOutInput {
    let mut input = bypass("p.novak", "read-needs-ticket", "database ledger-db");
    input.scenario = "audit-examination".parse().unwrap();
    input.details.compensating_control = Some("  Every query is recorded.  ".to_owned());
    input.details.data_classification = Some(DataClassification::Confidential);
    input.details.incident_id = Some("INC-1, from another case".to_owned());
    input
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_a_case_asks_for_is_kept_and_nothing_else(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &audit()).await.unwrap();
    let first = store::opt_outs::revision(&world.app, asked.id, 1).await.unwrap();
    let details = first.unwrap().details;
    assert_eq!(
        details.compensating_control.as_deref(),
        Some("Every query is recorded.")
    );
    assert_eq!(
        details.data_classification,
        Some(DataClassification::Confidential)
    );
    assert_eq!(details.incident_id, None);
    let seen = world
        .service
        .opt_out(&approver("ravi.patel"), asked.id)
        .await
        .unwrap();
    assert_eq!(seen.opt_out.details, details);
}

/// The hold is on a standard tier, whose owners alone decide; the case asks security too.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_case_can_ask_more_stages_than_its_tier(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let mut hold = audit();
    hold.scenario = "legal-hold".parse().unwrap();
    hold.direction = Direction::ToManual;
    hold.length_secs = Some(86_400);
    hold.scope = Scope {
        resources: Some([ResourceSelector::Id(resource("database warehouse"))].into()),
        capabilities: Some(["write".parse().unwrap()].into()),
        ..Scope::default()
    };
    let asked = world.opts_out("alice.meyer", &hold).await.unwrap();
    let names = |stored: store::opt_outs::Stored| -> Vec<String> {
        stored.plan.stages.into_iter().map(|stage| stage.name).collect()
    };
    assert_eq!(
        names(world.opt_out(asked.id).await),
        ["Owners", "Security, for the hold"]
    );
    // Another version of the policy: judged again, nothing is asked twice.
    world
        .policy_changes("scenarios.toml", "most_renewals = 2", "most_renewals = 1")
        .await;
    world.agrees("ravi.patel", asked.id).await.unwrap();
    assert_eq!(names(world.opt_out(asked.id).await).len(), 2);
    assert_eq!(
        outcome(&world.agrees("noor.aziz", asked.id).await),
        "forbidden not_eligible"
    );
    let approved = world.agrees("omar.haddad", asked.id).await.unwrap();
    assert!(approved.approved_at.is_some());
}

/// Somebody on call, and either security or the owners of the platform: Erik could be any of them, and is one of them.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_stage_asks_for_one_and_either_of_two(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let deploying = || {
        let mut input = bypass("liam.byrne", "contractors-need-review", "service search-prod");
        input.scope.capabilities = Some(["deploy".parse().unwrap()].into());
        input
    };
    let supplier = || OptOutInput {
        scenario: "supplier-access".parse().unwrap(),
        details: domain::opt_out::Details {
            compensating_control: Some("Dana watches the session.".to_owned()),
            ..Default::default()
        },
        ..deploying()
    };
    let state = |opt_out: &domain::opt_out::OptOut| opt_out.state;
    for (votes, approved) in [
        (&["dana.roth", "omar.haddad"][..], true),
        (&["omar.haddad", "dana.roth"], true),
        (&["dana.roth", "erik.nilsson"], true),
        (&["erik.nilsson", "dana.roth"], true),
        (&["omar.haddad", "samir.haidari"], false),
    ] {
        let asked = world.opts_out("alice.meyer", &supplier()).await.unwrap();
        let stored = world.opt_out(asked.id).await;
        assert_eq!(
            stored.plan.stages[1].demand().to_string(),
            "1 of on-call and (1 of security or 1 of platform-owners)"
        );
        assert_eq!(
            outcome(&world.agrees("omar.haddad", asked.id).await),
            "forbidden not_eligible",
            "the second stage comes later"
        );
        world.agrees("yuki.mori", asked.id).await.unwrap();
        let (last, before) = votes.split_last().unwrap();
        for who in before {
            let open = world.agrees(who, asked.id).await.unwrap();
            assert_eq!(state(&open), domain::opt_out::OptOutState::InReview { stage: 1 });
        }
        let _ = world.agrees(last, asked.id).await;
        let stored = world.opt_out(asked.id).await.opt_out;
        assert_eq!(stored.approved_at.is_some(), approved, "{votes:?}");
    }
}
