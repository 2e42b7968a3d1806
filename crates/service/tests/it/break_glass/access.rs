//! Emergency access: a grant on just what was refused, and what is owed for it.

use crate::world::World;
use crate::world::asking::{ask, submission};
use crate::world::breaking::{access_lasting, emergency_access, responder};
use crate::world::outcome;
use crate::world::people::{approver, person, requester};
use domain::access_request::AccessRequestState;
use domain::approval::Verdict;
use domain::break_glass::SignInStrength;
use domain::enforcement::Done;
use domain::event::EventKind;
use domain::outcome::Outcome;
use domain::role::Role;
use serde_json::json;
use service::bulk::BulkItem;
use service::enforcements::EnforcementInput;
use service::inbox::InboxItem;
use service::post_reviews::About;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_is_in_force_at_its_commit_on_every_node_and_for_just_what_was_refused(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let (_, elsewhere) = world.another_node().await;
    let gateway = world.gateway.clone();
    let refused = world.refused_admin("4f1c").await;
    let (ordinary, _) = world.files(submission(&refused)).await.unwrap();
    let given = world
        .breaks_glass_for("jonas.weber", &emergency_access(&refused))
        .await
        .unwrap();
    assert_eq!(given.state, AccessRequestState::Approved);
    let grant = world.grant(given.id).await.unwrap();
    assert_eq!((grant.window.length_secs(), grant.break_glass), (3_600, true));
    let there = async |who: &'static str, what: &'static str, sent| {
        ask(&elsewhere, &gateway, who, what, "service payments-prod", sent)
            .await
            .evaluation
    };
    let answered = there("jonas.weber", "admin", json!({ "commit": "4f1c" })).await;
    assert!(answered.answer, "on the other node, at the commit");
    assert_eq!(
        (answered.grant, answered.effective),
        (Some(grant.id), Outcome::Review)
    );
    // Narrower than a bypass: no other change, no other act, nobody else.
    for (who, what, commit) in [
        ("jonas.weber", "admin", "another"),
        ("jonas.weber", "deploy", "4f1c"),
        ("dana.roth", "admin", "4f1c"),
    ] {
        let found = there(who, what, json!({ "commit": commit })).await;
        assert_eq!(found.grant, None, "{who} {what} {commit}");
        assert!(!found.answer || found.effective == Outcome::Automate);
    }
    let again = world.may_administer_with("4f1c").await;
    assert!(world.service.replay(again.id).await.unwrap().agrees());
    assert_eq!(world.events_of(given.id).await, ["access_request.broke_glass"]);

    // The ordinary request goes on, and can give a grant of its own.
    let approved = world.approves("bob.okafor", ordinary.id).await.unwrap();
    assert_eq!(approved.state, AccessRequestState::Approved);
    world.minutes_pass(60);
    assert_eq!(
        there("jonas.weber", "admin", json!({ "commit": "4f1c" }))
            .await
            .grant,
        None,
        "both have ended, and no job has run"
    );
    world.service.report_ends().await.unwrap();
    assert_eq!(world.events_of(grant.id).await, ["grant.ended"]);
    // What was refused is refused again, and the glass can be broken for it again.
    assert_eq!(
        outcome(
            &world
                .breaks_glass_for("jonas.weber", &emergency_access(&refused))
                .await
        ),
        "done"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn whoever_was_skipped_is_told_at_once_and_another_reviews_it(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let refused = world.refused_admin("4f1c").await;
    let given = world
        .breaks_glass_for("jonas.weber", &emergency_access(&refused))
        .await
        .unwrap();
    insta::assert_snapshot!(world.told().await.join("\n"));
    let review = world.review_of(given.id).await.unwrap();
    assert_eq!((review.due_at - review.owed_at).num_hours(), 72);
    let used = world.may_administer_with("4f1c").await;
    world.may_administer_with("4f1c").await;
    let report = EnforcementInput {
        decision: used.id,
        done: Done::Denied,
        done_at: None,
        note: "The console had gone.".to_owned(),
    };
    world
        .service
        .report_enforcement(&world.gateway, &report)
        .await
        .unwrap();

    for (who, past) in [
        ("bob.okafor", true),
        ("tom.becker", true),
        ("omar.haddad", false),
        ("jonas.weber", false),
    ] {
        let home = world.service.home(&approver(who)).await.unwrap();
        let sees = home
            .broken
            .iter()
            .any(|broken| broken.what.id() == given.id.into());
        assert_eq!(sees, past, "{who}");
        let waits = home
            .inbox
            .items
            .iter()
            .any(|item| matches!(item, InboxItem::PostReview(summary) if summary.review.id == review.id));
        assert!(!waits, "{who}: it is not over");
    }
    let found = world
        .service
        .post_review(&approver("bob.okafor"), review.id)
        .await
        .unwrap();
    let About::Access(about) = &found.about else {
        panic!("access");
    };
    assert_eq!(about.answered.len(), 2);
    assert_eq!(about.answered[1].1.as_ref().unwrap().done, Done::Denied);
    let done = found.done;
    assert_eq!(
        (done.as_answered, done.stricter, done.laxer, done.unreported),
        (0, 1, 0, 1)
    );
    let skipped: Vec<&str> = found.skipped.iter().map(|person| person.as_str()).collect();
    assert_eq!(skipped, ["bob.okafor", "mara.silva", "tom.becker"]);
    let lena = requester("lena.fischer");
    assert_eq!(
        outcome(&world.service.post_review(&lena, review.id).await),
        "not found"
    );

    let himself = person("jonas.weber", &Role::ALL);
    assert_eq!(
        outcome(&world.concludes(&himself, &review).await),
        "forbidden excluded"
    );
    let detail = world.service.access_request(&himself, given.id).await.unwrap();
    assert_eq!(detail.emergency.unwrap().skipped, found.skipped);
    let bob = approver("bob.okafor");
    assert_eq!(
        outcome(&world.concludes(&bob, &review).await),
        "conflict not_over"
    );
    world.minutes_pass(60);
    let home = world.service.home(&bob).await.unwrap();
    assert_eq!(home.broken.len(), 1, "nobody has looked");
    let waits =
        |item: &InboxItem| matches!(item, InboxItem::PostReview(summary) if summary.review.id == review.id);
    assert!(home.inbox.items.iter().any(waits));
    world.justified(given.id).await;
    let home = world.service.home(&approver("bob.okafor")).await.unwrap();
    assert_eq!(home.broken.len(), 0);
    assert_eq!(
        world.events_of(review.id).await,
        ["post_review.owed", "post_review.concluded"]
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_sign_in_that_is_not_fresh_is_asked_for_unless_the_provider_is_down(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let jonas = responder("jonas.weber");
    let input = emergency_access(&world.refused_admin("4f1c").await);
    let before = world.rows().await;
    for (minutes, answers, expected) in [
        (6, true, "forbidden sign_in_again"),
        (481, false, "forbidden session_too_old"),
    ] {
        let proof = world.signed_in(minutes, answers);
        let told = world.service.break_glass_for_access(&jonas, &input, proof).await;
        assert_eq!(outcome(&told), expected);
    }
    assert_eq!(world.rows().await, before, "nothing was written");
    let proof = world.signed_in(480, false);
    let given = world
        .service
        .break_glass_for_access(&jonas, &input, proof)
        .await
        .unwrap();
    assert_eq!(given.break_glass.unwrap().sign_in, SignInStrength::Session);
    let review = world.review_of(given.id).await.unwrap();
    assert_eq!((review.due_at - review.owed_at).num_hours(), 24);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_takes_a_permission_of_its_own(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let input = emergency_access(&world.refused_admin("4f1c").await);
    let others: Vec<Role> = Role::ALL
        .into_iter()
        .filter(|role| *role != Role::Responder)
        .collect();
    for caller in [person("jonas.weber", &others), person("jonas.weber", &[])] {
        let service = &world.service;
        let told = service
            .break_glass_for_access(&caller, &input, world.fresh())
            .await;
        assert_eq!(outcome(&told), "forbidden not_permitted");
        let told = service.check_emergency_access(&caller, &input).await;
        assert_eq!(outcome(&told), "forbidden not_permitted");
    }
    assert_eq!(world.count(EventKind::AccessRequestBrokeGlass).await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn ended_early_it_gives_its_hours_back_and_owes_its_review(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let left = async |commit: &'static str| {
        let refused = world.refused_admin(commit).await;
        let terms = world
            .service
            .check_emergency_access(&responder("jonas.weber"), &emergency_access(&refused))
            .await
            .unwrap();
        terms.terms.left_secs / 3_600
    };
    for (commit, hours, by, ended) in [
        ("one", 7, requester("jonas.weber"), "grant.relinquished"),
        ("two", 6, approver("mara.silva"), "grant.revoked"),
    ] {
        let refused = world.refused_admin(commit).await;
        let given = world
            .breaks_glass_for("jonas.weber", &access_lasting(&refused, 4))
            .await
            .unwrap();
        let grant = world.grant(given.id).await.unwrap();
        world.hours_pass(1);
        world.service.end_grant(&by, grant.id, "Mended.").await.unwrap();
        assert!(!world.may_administer_with(commit).await.evaluation.answer);
        assert_eq!(left("another").await, hours);
        assert_eq!(world.events_of(grant.id).await, [ended]);
        let review = world.review_of(given.id).await.unwrap();
        assert!(review.conclusion.is_none());
        world.justified(given.id).await;
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_emergency_is_decided_in_no_list(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    // Such that nothing but the emergency itself speaks against a list.
    world
        .policy_changes("tiers.toml", "step_up = true", "bulk_approve = true")
        .await;
    let refused = world.refused_admin("one").await;
    for commit in ["two", "three"] {
        let other = world.refused_admin(commit).await;
        world
            .breaks_glass_for("jonas.weber", &access_lasting(&other, 4))
            .await
            .unwrap();
    }
    let waiting = world
        .breaks_glass_for("jonas.weber", &emergency_access(&refused))
        .await
        .unwrap();
    assert_eq!(waiting.state, AccessRequestState::InReview { stage: 0 });
    let bob = approver("bob.okafor");
    let items = [BulkItem::AccessRequest(waiting.id)];
    for verdict in [Verdict::Approve, Verdict::Deny] {
        let told = world.service.check_at_once(&bob, verdict, &items).await;
        assert_eq!(outcome(&told), "invalid item emergency");
    }
    let ordinary = world.requested_deployment().await;
    let items = [BulkItem::AccessRequest(ordinary.id)];
    let told = world.service.check_at_once(&bob, Verdict::Approve, &items).await;
    assert_eq!(outcome(&told), "done", "or this test looks at something else");
}
