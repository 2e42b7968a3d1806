//! How an opt-out ends: by itself with no job, by somebody who may, once and for ever.

use crate::world::asking::ask;
use crate::world::people::{administrator, approver, person, requester};
use crate::world::{World, deployment_bypass, joins, leaves, outcome, to_manual};
use chrono::TimeDelta;
use domain::event::EventKind;
use domain::id::OptOutId;
use domain::opt_out::{OptOut, OptOutState as State};
use domain::role::Role;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// A flagged person's opt-out in force, asked for by Dana.
async fn flagged(world: &World, who: &str) -> OptOut {
    let asked = world.opts_out("dana.roth", &to_manual(who)).await.unwrap();
    world.agrees("noor.aziz", asked.id).await.unwrap();
    world.agrees("omar.haddad", asked.id).await.unwrap()
}

impl World {
    async fn state(&self, id: OptOutId) -> State {
        let stored = self.opt_out(id).await;
        stored.opt_out.state_at(self.now(), stored.uses)
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn nobody_whom_it_takes_out_ends_it(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start_with(pool, options, |directory| {
        joins(directory, "data-engineers", "ravi.patel");
    })
    .await;
    let group = flagged(&world, "group:data-engineers").await;
    let end = async |who: &str| {
        let caller = person(who, &Role::ALL);
        outcome(
            &world
                .service
                .revoke_opt_out(&caller, group.id, "All is well again")
                .await,
        )
    };
    for covered in ["alice.meyer", "hanna.lindt", "ravi.patel"] {
        assert_eq!(end(covered).await, "forbidden covered", "{covered}");
    }
    world
        .directory_changes(|directory| {
            leaves(directory, "data-engineers", "ravi.patel");
            joins(directory, "data-engineers", "noor.aziz");
        })
        .await;
    let end = async |who: &str| {
        let caller = person(who, &Role::ALL);
        outcome(
            &world
                .service
                .revoke_opt_out(&caller, group.id, "All is well again")
                .await,
        )
    };
    assert_eq!(
        end("ravi.patel").await,
        "forbidden covered",
        "who has left was covered"
    );
    assert_eq!(
        end("noor.aziz").await,
        "forbidden covered",
        "who has joined is covered"
    );
    assert_eq!(end("omar.haddad").await, "done");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn nobody_who_answers_for_the_workload_ends_it(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let asked = world.opts_out("dana.roth", &to_manual("ci/data")).await.unwrap();
    world.agrees("ravi.patel", asked.id).await.unwrap();
    world.agrees("omar.haddad", asked.id).await.unwrap();
    let hanna = person("hanna.lindt", &Role::ALL);
    let told = outcome(
        &world
            .service
            .revoke_opt_out(&hanna, asked.id, "My pipeline")
            .await,
    );
    assert_eq!(told, "forbidden covered");
    let dana = requester("dana.roth");
    assert_eq!(
        outcome(
            &world
                .service
                .revoke_opt_out(&dana, asked.id, "It was a false alarm")
                .await
        ),
        "done"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn revoking_needs_the_right_and_a_reason_and_bites_on_every_node(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let (_, far) = world.another_node().await;
    let bypass = world.bypass_in_force(&deployment_bypass()).await;
    let deploys = async || {
        ask(
            &far,
            &world.gateway,
            "ci/payments",
            "deploy",
            "service payments-prod",
            json!({}),
        )
        .await
        .evaluation
        .answer
    };
    assert!(deploys().await);
    let end =
        async |caller, reason: &str| outcome(&world.service.revoke_opt_out(&caller, bypass.id, reason).await);
    assert_eq!(end(requester("lena.fischer"), "Not mine").await, "not found");
    assert_eq!(
        end(person("aya.tanaka", &[Role::Auditor]), "Seen").await,
        "forbidden not_permitted"
    );
    assert_eq!(
        end(person("samir.haidari", &[Role::PolicyAuthor]), "Seen").await,
        "forbidden not_permitted"
    );
    assert_eq!(
        end(approver("mara.silva"), "\u{200b}").await,
        "invalid reason reason_missing"
    );
    assert_eq!(
        end(approver("mara.silva"), &"x".repeat(2_001)).await,
        "invalid reason reason_too_long"
    );
    assert!(deploys().await);
    assert_eq!(
        end(administrator("petra.lindqvist"), "The incident is over").await,
        "done"
    );
    assert!(!deploys().await);
    assert_eq!(
        end(administrator("petra.lindqvist"), "Again").await,
        "conflict settled"
    );
    assert_eq!(world.count(EventKind::OptOutRevoked).await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn only_the_requester_withdraws_and_only_while_it_is_pending(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    for other in ["bob.okafor", "jonas.weber"] {
        let told = outcome(
            &world
                .service
                .withdraw_opt_out(&person(other, &Role::ALL), asked.id)
                .await,
        );
        assert_eq!(told, "not found", "{other}");
    }
    let alice = requester("alice.meyer");
    assert_eq!(
        outcome(&world.service.revoke_opt_out(&alice, asked.id, "No need").await),
        "conflict settled"
    );
    assert_eq!(
        world
            .service
            .withdraw_opt_out(&alice, asked.id)
            .await
            .unwrap()
            .state,
        State::Withdrawn
    );
    assert_eq!(
        outcome(&world.agrees("bob.okafor", asked.id).await),
        "conflict settled"
    );
    let standing = world.bypass_in_force(&deployment_bypass()).await;
    assert_eq!(
        outcome(&world.service.withdraw_opt_out(&alice, standing.id).await),
        "conflict settled"
    );
}

/// Lets two nodes report at once and again, and expects exactly this event.
async fn reported_once(world: &mut World, id: OptOutId, kind: EventKind) {
    assert_eq!(world.count(kind).await, 0, "no worker has run");
    let (other, _) = world.another_node().await;
    let (one, two) = tokio::join!(world.service.report_ends(), other.report_ends());
    assert_eq!(one.unwrap() + two.unwrap(), 1);
    assert_eq!(
        world.service.report_ends().await.unwrap() + other.report_ends().await.unwrap(),
        0
    );
    assert_eq!(world.events_of(id).await.last(), Some(&kind.as_str()));
    assert_eq!(world.count(kind).await, 1);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_expires_by_itself(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let bypass = world.bypass_in_force(&deployment_bypass()).await;
    world
        .clock
        .set(bypass.window.ends_at() - TimeDelta::microseconds(1));
    assert!(world.may_deploy().await);
    world.clock.set(bypass.window.ends_at());
    assert!(!world.may_deploy().await);
    assert_eq!(world.state(bypass.id).await, State::Expired);
    reported_once(&mut world, bypass.id, EventKind::OptOutExpired).await;
    assert_eq!(world.state(bypass.id).await, State::Expired);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_lapses_by_itself(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.agrees("bob.okafor", asked.id).await.unwrap();
    world.clock.set(asked.lapses_at);
    assert_eq!(world.state(asked.id).await, State::Lapsed);
    assert_eq!(
        outcome(&world.agrees("omar.haddad", asked.id).await),
        "conflict settled"
    );
    reported_once(&mut world, asked.id, EventKind::OptOutLapsed).await;
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_is_exhausted_by_its_last_use(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let mut input = deployment_bypass();
    input.max_uses = Some(2);
    let bypass = world.bypass_in_force(&input).await;
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(world.may_deploy().await);
    }
    assert_eq!(answers, [true, true, false]);
    assert_eq!(world.state(bypass.id).await, State::Exhausted);
    let over = service::opt_outs::OptOutFilter {
        phase: Some("over".into()),
        ..Default::default()
    };
    let listed = world
        .service
        .opt_outs(&requester("alice.meyer"), over, true, 10)
        .await
        .unwrap();
    assert_eq!(listed.opt_outs.len(), 1, "it is over, though nobody has said so");
    reported_once(&mut world, bypass.id, EventKind::OptOutExhausted).await;
    world.hours_pass(5);
    assert_eq!(
        world.state(bypass.id).await,
        State::Exhausted,
        "not expired later"
    );
    assert_eq!(world.service.report_ends().await.unwrap(), 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn terminal_states_never_change(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let alice = requester("alice.meyer");
    let asked = async || {
        world
            .opts_out("alice.meyer", &deployment_bypass())
            .await
            .unwrap()
            .id
    };
    let rejected = asked().await;
    world.rejects("bob.okafor", rejected).await.unwrap();
    let withdrawn = asked().await;
    world.service.withdraw_opt_out(&alice, withdrawn).await.unwrap();
    let lapsed = asked().await;
    let revoked = world.bypass_in_force(&deployment_bypass()).await.id;
    world
        .service
        .revoke_opt_out(&alice, revoked, "Over")
        .await
        .unwrap();
    let expired = world.bypass_in_force(&deployment_bypass()).await.id;
    world.hours_pass(48);
    let all = [
        (rejected, State::Rejected),
        (withdrawn, State::Withdrawn),
        (lapsed, State::Lapsed),
        (revoked, State::Revoked),
        (expired, State::Expired),
    ];
    // As derived, and as stored once the worker has been.
    for _ in 0..2 {
        for (id, state) in all {
            let told = [
                outcome(&world.agrees("mara.silva", id).await),
                outcome(&world.rejects("mara.silva", id).await),
                outcome(
                    &world
                        .service
                        .revoke_opt_out(&approver("mara.silva"), id, "Over")
                        .await,
                ),
                outcome(&world.service.withdraw_opt_out(&alice, id).await),
            ];
            assert_eq!(told, ["conflict settled"; 4], "{state:?}");
            assert_eq!(world.state(id).await, state);
        }
        world.service.report_ends().await.unwrap();
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_last_vote_and_the_withdrawal_at_once_leave_one_of_them(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let (other, _) = world.another_node().await;
    let alice = requester("alice.meyer");
    for _ in 0..8 {
        let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
        world.agrees("bob.okafor", asked.id).await.unwrap();
        let (vote, withdrawal) = tokio::join!(
            world.agrees("omar.haddad", asked.id),
            other.withdraw_opt_out(&alice, asked.id)
        );
        let (voted, withdrawn) = (outcome(&vote), outcome(&withdrawal));
        assert_eq!(
            voted == "done",
            withdrawn == "conflict settled",
            "{voted} {withdrawn}"
        );
        assert_eq!(
            withdrawn == "done",
            voted == "conflict settled",
            "{voted} {withdrawn}"
        );
        let last = *world.events_of(asked.id).await.last().unwrap();
        assert_eq!(
            last,
            if voted == "done" {
                "opt_out.approved"
            } else {
                "opt_out.withdrawn"
            }
        );
    }
}
