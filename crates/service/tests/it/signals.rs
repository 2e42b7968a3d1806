//! Signals: at once and within limits, confirmed or lifted by somebody whom they do not cover.

use crate::world::asking::principal;
use crate::world::people::{administrator, approver, person, requester};
use crate::world::signalling::{monitor, signal};
use crate::world::{World, outcome};
use chrono::TimeDelta;
use domain::event::EventKind;
use domain::id::OptOutId;
use domain::opt_out::{OptOut, OptOutState};
use domain::outcome::Outcome;
use domain::role::Role;
use domain::signal::Risk;
use service::ServiceError;
use service::caller::ClientCaller;
use service::inbox::InboxItem;
use service::signals::{Received, SignalInput};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;

async fn high(world: &World, source: &ClientCaller, who: &str, id: &str) -> Result<OptOut, ServiceError> {
    match world
        .service
        .signal(source, &signal(world, Risk::High, who, id))
        .await?
    {
        Received::Opened(opt_out) | Received::Again(opt_out) => Ok(*opt_out),
        Received::Closed(_) => panic!("HIGH closes nothing"),
    }
}

async fn low(world: &World, source: &ClientCaller, who: &str) -> Vec<OptOutId> {
    match world
        .service
        .signal(source, &signal(world, Risk::Low, who, "low"))
        .await
        .unwrap()
    {
        Received::Closed(closed) => closed,
        other => panic!("LOW opens nothing: {other:?}"),
    }
}

async fn reads(world: &World) -> Outcome {
    world
        .asks("alice.meyer", "read", "database warehouse")
        .await
        .evaluation
        .effective
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn high_takes_out_at_once_and_low_of_the_same_source_puts_back(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let (edr, other) = (monitor(&world, "edr").await, monitor(&world, "other").await);
    assert_eq!(reads(&world).await, Outcome::Automate);
    let opened = high(&world, &edr, "alice.meyer", "case-1").await.unwrap();
    assert_eq!(opened.state, OptOutState::Active);
    assert_eq!(reads(&world).await, Outcome::Review);
    assert_eq!(world.events_of(opened.id).await, ["opt_out.signalled"]);
    let told = world.told().await;
    assert!(told.contains(&"alice.meyer: signalled".to_owned()), "{told:?}");
    assert!(told.contains(&"omar.haddad: signalled".to_owned()), "{told:?}");
    let again = high(&world, &edr, "alice.meyer", "case-1").await.unwrap();
    assert_eq!(again.id, opened.id, "the same observation");
    assert_eq!(
        outcome(&high(&world, &edr, "hanna.lindt", "case-1").await),
        "conflict id_used"
    );
    assert!(
        low(&world, &other, "alice.meyer").await.is_empty(),
        "another source clears nothing"
    );
    assert!(low(&world, &edr, "hanna.lindt").await.is_empty());
    assert_eq!(reads(&world).await, Outcome::Review);
    assert_eq!(low(&world, &edr, "alice.meyer").await, [opened.id]);
    assert_eq!(reads(&world).await, Outcome::Automate);
    assert_eq!(
        world.events_of(opened.id).await,
        ["opt_out.signalled", "opt_out.cleared"]
    );
    let told = world.told().await;
    assert!(told.contains(&"alice.meyer: revoked".to_owned()), "{told:?}");
    assert!(low(&world, &edr, "alice.meyer").await.is_empty(), "once");
    assert_eq!(
        outcome(&high(&world, &edr, "alice.meyer", "case-1").await),
        "conflict settled",
        "what is over is not opened again under the same id"
    );
    let second = high(&world, &edr, "alice.meyer", "case-2").await.unwrap();
    world.hours_pass(4);
    assert_eq!(
        reads(&world).await,
        Outcome::Automate,
        "its own end, and no job has run"
    );
    assert!(world.service.report_ends().await.unwrap() > 0);
    assert_eq!(
        world.events_of(second.id).await,
        ["opt_out.signalled", "opt_out.expired"]
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_a_source_may_not_say_opens_nothing(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let edr = monitor(&world, "edr").await;
    let with = |change: &dyn Fn(&mut SignalInput)| {
        let mut input = signal(&world, Risk::High, "alice.meyer", "case-1");
        change(&mut input);
        input
    };
    let before = world.rows().await;
    for (input, expected) in [
        (
            with(&|input| input.principal = principal("ci/payments")),
            "forbidden not_about",
        ),
        (
            with(&|input| input.principal = principal("nobody.here")),
            "invalid subject unknown",
        ),
        (
            with(&|input| input.source_id = " ".into()),
            "invalid id unreadable",
        ),
        (
            with(&|input| input.source_id = "x".repeat(129)),
            "invalid id unreadable",
        ),
        (with(&|input| input.reason.clear()), "invalid reason missing"),
        (
            with(&|input| input.reason = "x".repeat(2_001)),
            "invalid reason too_long",
        ),
        (
            with(&|input| input.expires_at = None),
            "invalid expires_at missing",
        ),
        (
            with(&|input| input.expires_at = Some(world.now())),
            "invalid expires_at over",
        ),
    ] {
        assert_eq!(
            outcome(&world.service.signal(&edr, &input).await),
            expected,
            "{input:?}"
        );
    }
    let gateway = world.service.signal(&world.gateway, &with(&|_| {})).await;
    assert_eq!(
        outcome(&gateway),
        "forbidden may_not_signal",
        "a right of its own"
    );
    assert_eq!(world.rows().await, before, "nothing was written");
    let long = with(&|input| input.expires_at = Some(world.now() + TimeDelta::days(400)));
    let Received::Opened(cut) = world.service.signal(&edr, &long).await.unwrap() else {
        panic!("it opens");
    };
    assert_eq!(cut.window.length_secs(), 86_400, "cut to the source's longest");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn beyond_its_limits_there_is_one_alarm_and_nothing_more(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start_random(pool, options).await;
    let edr = monitor(&world, "edr").await;
    // Three at most: five percent of the demo's directory are fewer.
    let people = [
        "alice.meyer",
        "hanna.lindt",
        "bob.okafor",
        "omar.haddad",
        "dana.roth",
        "aya.tanaka",
    ];
    let mut callers = JoinSet::new();
    for (number, who) in people.into_iter().cycle().take(12).enumerate() {
        let (service, source) = (world.service.clone(), edr.clone());
        let input = signal(&world, Risk::High, who, &format!("case-{number}"));
        callers.spawn(async move { outcome(&service.signal(&source, &input).await) });
    }
    let told = callers.join_all().await;
    assert_eq!(told.iter().filter(|told| *told == "done").count(), 3, "{told:?}");
    assert_eq!(
        told.iter().filter(|told| *told == "conflict too_wide").count(),
        9,
        "{told:?}"
    );
    assert_eq!(world.count(EventKind::OptOutSignalled).await, 3);
    assert_eq!(world.count(EventKind::SignalsExceeded).await, 1, "one alarm");
    // Cleared, there is room again, but four an hour are the rate.
    for who in people {
        low(&world, &edr, who).await;
    }
    assert_eq!(
        outcome(&high(&world, &edr, "alice.meyer", "fourth").await),
        "done"
    );
    assert_eq!(
        outcome(&high(&world, &edr, "hanna.lindt", "fifth").await),
        "conflict too_many"
    );
    assert_eq!(world.count(EventKind::SignalsExceeded).await, 1);
    world.minutes_pass(61);
    assert_eq!(outcome(&high(&world, &edr, "hanna.lindt", "fifth").await), "done");
    let other = monitor(&world, "other").await;
    assert_eq!(
        outcome(&high(&world, &other, "alice.meyer", "its-own").await),
        "done",
        "limits are per source"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_approver_whom_it_does_not_cover_confirms_or_lifts_it(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let edr = monitor(&world, "edr").await;
    let about_bob = high(&world, &edr, "bob.okafor", "case-1").await.unwrap();
    let in_inbox = async |caller| {
        let inbox = world.service.inbox(&caller).await.unwrap();
        let ours =
            |item: &InboxItem| matches!(item, InboxItem::Signal(found) if found.opt_out.id == about_bob.id);
        inbox.items.iter().any(ours)
    };
    for (who, caller, expected) in [
        (
            "whom it is about",
            person("bob.okafor", &Role::ALL),
            "forbidden covered",
        ),
        (
            "administrator",
            administrator("petra.lindqvist"),
            "forbidden not_permitted",
        ),
        (
            "approver elsewhere",
            approver("ravi.patel"),
            "forbidden not_eligible",
        ),
        ("bystander", requester("lena.fischer"), "not found"),
        ("the team's other owner", approver("mara.silva"), "done"),
    ] {
        assert_eq!(in_inbox(caller.clone()).await, expected == "done", "{who}");
        assert_eq!(
            outcome(&world.service.confirm_signal(&caller, about_bob.id).await),
            expected,
            "{who}"
        );
    }
    assert!(
        !in_inbox(approver("mara.silva")).await,
        "confirmed, it waits for nobody"
    );
    assert_eq!(
        outcome(
            &world
                .service
                .confirm_signal(&approver("tom.becker"), about_bob.id)
                .await
        ),
        "conflict settled"
    );
    assert_eq!(
        world.events_of(about_bob.id).await,
        ["opt_out.signalled", "opt_out.confirmed"]
    );
    // Only an approver lifts it: it ends by the same source or by one.
    for (who, caller, expected) in [
        (
            "whom it is about",
            person("bob.okafor", &Role::ALL),
            "forbidden covered",
        ),
        (
            "administrator",
            administrator("petra.lindqvist"),
            "forbidden not_permitted",
        ),
        ("an approver", approver("omar.haddad"), "done"),
    ] {
        let lifted = world
            .service
            .revoke_opt_out(&caller, about_bob.id, "His laptop, found.")
            .await;
        assert_eq!(outcome(&lifted), expected, "{who}");
    }
}

/// The constraints themselves, past the use cases.
#[expect(
    clippy::disallowed_methods,
    reason = "one statement after the other, each of which is refused"
)]
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_database_wants_one_origin_and_strictness_of_signals(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let edr = monitor(&world, "edr").await;
    let opened = high(&world, &edr, "bob.okafor", "case-1").await.unwrap();
    let id = opened.id.uuid();
    let refused = async |sql: &'static str| {
        let error = sqlx::query(sql).bind(id).execute(&world.app).await.unwrap_err();
        store::StoreError::from(error)
    };
    let both = refused("UPDATE opt_outs SET requester_id = 'alice.meyer' WHERE id = $1").await;
    assert!(both.is_constraint("opt_outs_come_from_one"), "{both:?}");
    let neither = refused("UPDATE opt_outs SET opened_by_client = NULL WHERE id = $1").await;
    assert!(neither.is_constraint("opt_outs_come_from_one"), "{neither:?}");
    let lax = refused("UPDATE opt_outs SET direction = 'bypass' WHERE id = $1").await;
    assert!(lax.is_constraint("opt_outs_signals_are_strict"), "{lax:?}");
    let own =
        refused("UPDATE signals SET confirmer_id = 'bob.okafor', confirmed_at = now() WHERE opt_out_id = $1")
            .await;
    assert!(own.is_constraint("signals_not_ones_own"), "{own:?}");
}
