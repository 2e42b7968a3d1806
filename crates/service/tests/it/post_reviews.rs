//! Post-reviews: by somebody else than who acted, once, whoever asks and however many at once.

mod asked;

use crate::world::World;
use crate::world::breaking::{emergency, responder};
use crate::world::people::{administrator, approver, person, requester};
use crate::world::{deployment_bypass, outcome};
use chrono::TimeDelta;
use domain::opt_out::OptOut;
use domain::post_review::{Finding, PostReview, ReviewCause};
use domain::role::Role;
use service::caller::PersonCaller;
use service::inbox::InboxItem;
use service::opt_outs::OptOutInput;
use service::post_reviews::About;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;

async fn broken(world: &World) -> (OptOut, PostReview) {
    let opt_out = world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    let review = world.review_of(opt_out.id).await.unwrap();
    (opt_out, review)
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn somebody_else_concludes_it_whoever_asks(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let (opt_out, review) = broken(&world).await;
    let refusals = async |when: &str, security: &str| {
        for (who, caller, expected) in [
            (
                "who broke it, every role",
                person("jonas.weber", &Role::ALL),
                "forbidden excluded",
            ),
            (
                "who broke it, as responder",
                responder("jonas.weber"),
                "forbidden not_permitted",
            ),
            (
                "administrator",
                administrator("petra.lindqvist"),
                "forbidden not_permitted",
            ),
            (
                "administrator who approves",
                person("petra.lindqvist", &Role::ALL),
                "forbidden not_eligible",
            ),
            (
                "auditor",
                person("aya.tanaka", &[Role::Auditor]),
                "forbidden not_permitted",
            ),
            ("bystander", requester("lena.fischer"), "not found"),
            (
                "owner without the role",
                requester("bob.okafor"),
                "forbidden not_permitted",
            ),
            (
                "approver elsewhere",
                approver("ravi.patel"),
                "forbidden not_eligible",
            ),
            ("security", approver("omar.haddad"), security),
        ] {
            assert_eq!(
                outcome(&world.concludes(&caller, &review).await),
                expected,
                "{who}, {when}"
            );
        }
    };
    refusals("in time", "forbidden not_eligible").await;
    let early = world.concludes(&approver("bob.okafor"), &review).await;
    assert_eq!(
        outcome(&early),
        "conflict not_over",
        "what came after it nobody would see"
    );
    world.hours_pass(1);
    let silent = world
        .service
        .conclude_post_review(&approver("bob.okafor"), review.id, Finding::Justified, " ")
        .await;
    assert_eq!(outcome(&silent), "invalid note note_missing");
    world.hours_pass(71);
    // A level up: security is asked too.
    refusals("overdue", "done").await;
    assert_eq!(
        outcome(&world.concludes(&approver("bob.okafor"), &review).await),
        "conflict settled"
    );
    assert_eq!(
        world.events_of(review.id).await,
        ["post_review.owed", "post_review.concluded"]
    );
    assert_eq!(
        world
            .review_of(opt_out.id)
            .await
            .unwrap()
            .conclusion
            .unwrap()
            .person
            .as_str(),
        "omar.haddad"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_is_concluded_once_by_however_many_at_once(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start_random(pool, options).await;
    let (_, review) = broken(&world).await;
    world.hours_pass(1);
    let mut callers = JoinSet::new();
    for (number, who) in ["bob.okafor", "mara.silva", "tom.becker"]
        .into_iter()
        .cycle()
        .take(9)
        .enumerate()
    {
        let (service, id) = (world.service.clone(), review.id);
        let finding = Finding::ALL[number % 3];
        callers.spawn(async move {
            let told = service
                .conclude_post_review(&approver(who), id, finding, "Looked at it.")
                .await;
            outcome(&told)
        });
    }
    let told = callers.join_all().await;
    assert_eq!(told.iter().filter(|told| *told == "done").count(), 1, "{told:?}");
    assert!(
        told.iter()
            .all(|told| told == "done" || told.starts_with("conflict")),
        "{told:?}"
    );
    // Ids are random here, and all of it happened at one instant.
    let mut events = world.events_of(review.id).await;
    events.sort_unstable();
    assert_eq!(events, ["post_review.concluded", "post_review.owed"]);
}

/// The constraints themselves, past the use cases.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_database_refuses_a_conclusion_of_one_s_own_and_a_second_one(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let (_, review) = broken(&world).await;
    let concluded = async |who: &str, kind: &str| {
        sqlx::query!(
            "UPDATE post_reviews SET state = 'justified', concluder_id = $2, concluder_kind = $3, concluded_at = now(),
                 note = 'Fine.' WHERE id = $1",
            review.id.uuid(),
            who,
            kind
        )
        .execute(&world.app)
        .await
        .map_err(store::StoreError::from)
    };
    let refused = concluded("jonas.weber", "person").await.unwrap_err();
    assert!(refused.is_constraint("post_reviews_not_ones_own"), "{refused:?}");
    let refused = concluded("ci/payments", "workload").await.unwrap_err();
    assert!(refused.is_constraint("post_reviews_of_persons"), "{refused:?}");
    concluded("bob.okafor", "person").await.unwrap();
    let refused = concluded("mara.silva", "person").await.unwrap_err();
    assert!(
        refused.is_constraint("post_reviews_terminal_state_stays"),
        "{refused:?}"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_is_in_the_inbox_of_those_who_may_conclude_it(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let (_, review) = broken(&world).await;
    let has = async |caller: &PersonCaller| {
        let inbox = world.service.inbox(caller).await.unwrap();
        let ours =
            |item: &InboxItem| matches!(item, InboxItem::PostReview(found) if found.review.id == review.id);
        inbox.items.iter().any(ours)
    };
    assert!(!has(&approver("bob.okafor")).await, "it is not over");
    world.hours_pass(1);
    for (who, in_time, overdue) in [
        ("bob.okafor", true, true),
        ("omar.haddad", false, true),
        ("ravi.patel", false, false),
        ("jonas.weber", false, false),
    ] {
        assert_eq!(has(&approver(who)).await, in_time, "{who}");
        world.hours_pass(72);
        assert_eq!(has(&approver(who)).await, overdue, "{who}, overdue");
        world.hours_pass(-72);
    }
    world.concludes(&approver("bob.okafor"), &review).await.unwrap();
    assert!(!has(&approver("mara.silva")).await);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn its_page_says_what_was_done_and_whom_nobody_asked(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let (_, review) = broken(&world).await;
    assert!(world.may_administer().await);
    let found = world
        .service
        .post_review(&approver("bob.okafor"), review.id)
        .await
        .unwrap();
    let About::OptOut(about) = &found.about else {
        panic!("a bypass");
    };
    assert_eq!((about.uses_total, about.uses_changed), (1, 1));
    let skipped: Vec<&str> = found.skipped.iter().map(|person| person.as_str()).collect();
    assert!(
        skipped.contains(&"bob.okafor") && skipped.contains(&"omar.haddad"),
        "{skipped:?}"
    );
    assert!(!skipped.contains(&"jonas.weber"));
    assert!(found.approved_by.is_empty());
    let hers = world
        .service
        .post_review(&requester("lena.fischer"), review.id)
        .await;
    assert_eq!(outcome(&hers), "not found");
    assert_eq!(
        outcome(
            &world
                .service
                .post_review(&requester("jonas.weber"), review.id)
                .await
        ),
        "done"
    );
}

const DUTY: &str = "review = { by = { group = \"platform-owners\" }, within_secs = 604_800 }\nstep_up = true";

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_opt_out_that_ends_is_looked_at_where_its_tier_wants_that(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let before = world.bypass_in_force(&deployment_bypass()).await;
    world
        .service
        .revoke_opt_out(&requester("alice.meyer"), before.id, "Done.")
        .await
        .unwrap();
    assert!(world.review_of(before.id).await.is_none(), "its tier did not ask");

    world.policy_changes("tiers.toml", "step_up = true", DUTY).await;
    let revoked = world.bypass_in_force(&deployment_bypass()).await;
    let expired = world.bypass_in_force(&deployment_bypass()).await;
    let later = OptOutInput {
        starts_at: Some(world.now() + TimeDelta::hours(2)),
        ..deployment_bypass()
    };
    let never = world.bypass_in_force(&later).await;
    let alice = requester("alice.meyer");
    let taken_back = world
        .service
        .revoke_opt_out(&alice, never.id, "Not needed.")
        .await;
    assert_eq!(outcome(&taken_back), "done");
    world.minutes_pass(1);
    let rejected = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.rejects("bob.okafor", rejected.id).await.unwrap();
    world
        .service
        .revoke_opt_out(&requester("alice.meyer"), revoked.id, "Done.")
        .await
        .unwrap();
    assert!(world.review_of(expired.id).await.is_none(), "not before it ends");
    world.hours_pass(5);
    world.service.report_ends().await.unwrap();
    world.service.report_ends().await.unwrap();
    for id in [rejected.id, never.id] {
        assert!(
            world.review_of(id).await.is_none(),
            "what never was in force is not looked at"
        );
    }
    for opt_out in [revoked, expired] {
        let review = world.review_of(opt_out.id).await.unwrap();
        assert_eq!(review.cause, ReviewCause::Ended);
        assert_eq!((review.due_at - review.owed_at).num_days(), 7);
        assert_eq!(
            outcome(&world.concludes(&approver("bob.okafor"), &review).await),
            "forbidden not_eligible"
        );
        let hers = world.concludes(&person("alice.meyer", &Role::ALL), &review).await;
        assert_eq!(outcome(&hers), "forbidden excluded", "who asked");
        let his = world.concludes(&person("jonas.weber", &Role::ALL), &review).await;
        assert_eq!(
            outcome(&his),
            "forbidden excluded",
            "who answers for the pipeline that was exempted"
        );
        assert_eq!(
            outcome(&world.concludes(&approver("dana.roth"), &review).await),
            "done"
        );
        assert_eq!(
            world.events_of(review.id).await,
            ["post_review.owed", "post_review.concluded"]
        );
    }
}
