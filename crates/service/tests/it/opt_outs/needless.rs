//! A bypass that changes nothing is asked about, can be kept once for a reason, and else closes by itself.

use crate::world::asking::resource;
use crate::world::people::{approver, person, requester};
use crate::world::{World, bypass, deployment_bypass, outcome, to_manual};
use chrono::TimeDelta;
use domain::decision::UseEffect;
use domain::event::EventKind;
use domain::id::OptOutId;
use domain::opt_out::{OptOut, OptOutState as State};
use domain::role::Role;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

impl World {
    /// Staging deploys without a person whether or not this stands. For 14 days.
    async fn needless_bypass(&self) -> OptOut {
        let mut input = bypass(
            "ci/payments",
            "no-unattended-prod-deploy",
            "service payments-staging",
        );
        input.length_secs = Some(14 * 86_400);
        let asked = self.opts_out("alice.meyer", &input).await.unwrap();
        self.agrees("bob.okafor", asked.id).await.unwrap()
    }

    async fn deploys_to_staging(&self, times: usize) {
        for _ in 0..times {
            let decision = self
                .asks("ci/payments", "deploy", "service payments-staging")
                .await;
            assert!(decision.evaluation.answer);
        }
    }

    async fn shows(&self, id: OptOutId) -> State {
        let stored = self.opt_out(id).await;
        stored.opt_out.state_at(self.now(), stored.uses)
    }

    async fn applies_to_staging(&self) -> bool {
        let decision = self
            .asks("ci/payments", "deploy", "service payments-staging")
            .await;
        !decision.evaluation.applied.is_empty()
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn after_fifty_decisions_it_is_asked_about_and_unanswered_it_closes(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let id = world.needless_bypass().await.id;
    world.deploys_to_staging(49).await;
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 0);
    world.deploys_to_staging(1).await;
    let (other, _) = world.another_node().await;
    let (one, two) = tokio::join!(world.service.ask_about_needless(), other.ask_about_needless());
    assert_eq!(one.unwrap() + two.unwrap(), 1, "asked once, by one of the nodes");
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 0);
    assert_eq!(world.events_of(id).await.last(), Some(&"opt_out.found_needless"));
    let closes_at = world.now() + TimeDelta::days(7);
    assert_eq!(world.opt_out(id).await.opt_out.closes_at(), Some(closes_at));

    world.clock.set(closes_at - TimeDelta::microseconds(1));
    assert!(world.applies_to_staging().await);
    assert_eq!(world.shows(id).await, State::Active);
    world.clock.set(closes_at);
    assert!(!world.applies_to_staging().await, "with no worker having run");
    assert_eq!(world.shows(id).await, State::ClosedEarly);
    for (phase, count) in [("over", 1), ("in_force", 0)] {
        let filter = service::opt_outs::OptOutFilter {
            phase: Some(phase.to_owned()),
            ..Default::default()
        };
        let alice = requester("alice.meyer");
        let listed = world.service.opt_outs(&alice, filter, true, 10).await.unwrap();
        assert_eq!(listed.opt_outs.len(), count, "{phase}");
    }
    let (one, two) = tokio::join!(world.service.report_ends(), other.report_ends());
    assert_eq!(one.unwrap() + two.unwrap(), 1);
    assert_eq!(world.count(EventKind::OptOutClosedEarly).await, 1);
    world.hours_pass(24 * 30);
    assert_eq!(world.shows(id).await, State::ClosedEarly, "not expired later");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_is_kept_once_for_a_reason_and_its_clock_begins_anew(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let alice = requester("alice.meyer");
    let id = world.needless_bypass().await.id;
    let keep = async |caller, reason: &str| outcome(&world.service.keep_opt_out(&caller, id, reason).await);
    assert_eq!(keep(alice.clone(), "Each Friday").await, "conflict not_asked");
    world.deploys_to_staging(50).await;
    world.service.ask_about_needless().await.unwrap();
    world.minutes_pass(1);
    assert_eq!(
        keep(approver("omar.haddad"), "Because").await,
        "forbidden not_permitted"
    );
    assert_eq!(keep(requester("lena.fischer"), "Because").await, "not found");
    assert_eq!(keep(alice.clone(), " ").await, "invalid reason reason_missing");
    assert_eq!(keep(alice.clone(), "The freeze begins on Friday.").await, "done");
    let stored = world.opt_out(id).await.opt_out;
    assert_eq!(stored.closes_at(), None);
    assert_eq!(stored.need.kept.unwrap().reason, "The freeze begins on Friday.");
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 0);

    world.minutes_pass(1);
    world.deploys_to_staging(49).await;
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 0);
    world.deploys_to_staging(1).await;
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 1);
    assert_eq!(keep(alice, "And again").await, "conflict kept_before");
}

/// Fourteen days in force without a difference, by decisions or by none at all; and a `to_manual` for as long.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn after_fourteen_days_without_a_difference_too_but_never_a_to_manual(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let longer = ["cumulative_secs = 2_592_000", "longest_secs = 1_209_600"];
    for text in longer {
        let (name, _) = text.split_once(" = ").unwrap();
        world
            .policy_changes("scenarios.toml", text, &format!("{name} = 5_184_000"))
            .await;
    }
    let mut input = bypass(
        "ci/payments",
        "no-unattended-prod-deploy",
        "service payments-staging",
    );
    input.length_secs = Some(60 * 86_400);
    let idle = world.opts_out("alice.meyer", &input).await.unwrap();
    let idle = world.agrees("bob.okafor", idle.id).await.unwrap();
    let mut strict = to_manual("hanna.lindt");
    strict.length_secs = Some(30 * 86_400);
    strict.scope.resources = Some(
        [domain::scope::ResourceSelector::Id(resource(
            "service payments-staging",
        ))]
        .into(),
    );
    let strict = world.opts_out("omar.haddad", &strict).await.unwrap();
    let strict = world.agrees("bob.okafor", strict.id).await.unwrap();
    assert!(strict.approved_at.is_some());

    let edge = idle.window.starts_at() + TimeDelta::days(14);
    world.clock.set(edge - TimeDelta::microseconds(1));
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 0);
    world.clock.set(edge);
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 1);
    assert_eq!(world.opt_out(strict.id).await.opt_out.closes_at(), None);
    world.hours_pass(24 * 8);
    world.service.ask_about_needless().await.unwrap();
    assert_eq!(world.shows(idle.id).await, State::ClosedEarly);
    assert_eq!(world.shows(strict.id).await, State::Active);
    for caller in [requester("omar.haddad"), person("bob.okafor", &Role::ALL)] {
        let told = outcome(
            &world
                .service
                .close_opt_out(&caller, strict.id, "Nothing to do")
                .await,
        );
        assert_eq!(told, "forbidden not_for_to_manual");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_changes_an_outcome_again_is_asked_about_no_more(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let id = world.needless_bypass().await.id;
    world.deploys_to_staging(50).await;
    world.service.ask_about_needless().await.unwrap();
    world.minutes_pass(1);
    // A decision that came out otherwise, as the writer records it.
    sqlx::query!(
        "INSERT INTO opt_out_uses (opt_out_id, decision_id, revision, at, credited, base, effective)
         VALUES ($1, 'ffffffff-ffff-7fff-bfff-ffffffffffff', 1, $2, true, 'review', 'automate')",
        id.uuid(),
        world.now()
    )
    .execute(&world.app)
    .await
    .unwrap();
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 1);
    assert_eq!(world.events_of(id).await.last(), Some(&"opt_out.kept"));
    let opt_out = world.opt_out(id).await.opt_out;
    assert_eq!((opt_out.closes_at(), opt_out.need.kept), (None, None));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn who_asked_or_owns_what_it_covers_closes_it_at_once(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let (_, far) = world.another_node().await;
    let close = async |caller, id| outcome(&world.service.close_opt_out(&caller, id, "The fix is out").await);
    let by_requester = world.bypass_in_force(&deployment_bypass()).await.id;
    assert_eq!(
        close(approver("omar.haddad"), by_requester).await,
        "forbidden not_permitted"
    );
    assert_eq!(close(requester("alice.meyer"), by_requester).await, "done");
    assert_eq!(world.shows(by_requester).await, State::ClosedEarly);
    assert_eq!(
        close(requester("alice.meyer"), by_requester).await,
        "conflict settled"
    );
    let by_owner = world.bypass_in_force(&deployment_bypass()).await.id;
    assert!(world.may_deploy().await);
    assert_eq!(close(approver("tom.becker"), by_owner).await, "done");
    let answer = crate::world::asking::ask(
        &far,
        &world.gateway,
        "ci/payments",
        "deploy",
        "service payments-prod",
        serde_json::json!({}),
    )
    .await;
    assert!(!answer.evaluation.answer, "on every node");
    assert_eq!(
        world.events_of(by_owner).await.last(),
        Some(&"opt_out.closed_early")
    );
    let pending = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    assert_eq!(
        close(requester("alice.meyer"), pending.id).await,
        "conflict settled",
        "it is withdrawn instead"
    );
}

/// Each by itself: beside one that takes the rule out, one that takes out nothing has done nothing.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_another_one_did_is_not_its_own(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let useful = world.bypass_in_force(&deployment_bypass()).await.id;
    // A Wednesday: no freeze. It applies to each deployment and takes out nothing.
    let idle = bypass("ci/payments", "change-freeze", "service payments-prod");
    let idle = world.bypass_in_force(&idle).await.id;
    for _ in 0..50 {
        assert!(world.may_deploy().await);
    }
    let counts = async |id| store::opt_outs::use_counts(&world.app, id).await.unwrap();
    assert_eq!((counts(useful).await, counts(idle).await), ((50, 50), (50, 0)));
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 1);
    assert_eq!(world.opt_out(useful).await.opt_out.need.asked, None);
    assert!(world.opt_out(idle).await.opt_out.need.asked.is_some());
    let page = world
        .service
        .opt_out(&requester("alice.meyer"), idle)
        .await
        .unwrap();
    assert!(
        page.uses
            .iter()
            .all(|each| each.answer && each.effect == UseEffect::None)
    );
}

/// Under a `to_manual` a bypass cannot show what it is good for: those decisions count for nothing, whichever way.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_a_to_manual_hides_counts_for_nothing(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let bypass = world.bypass_in_force(&deployment_bypass()).await.id;
    let mut strict = to_manual("group:pipelines");
    strict.scope.resources = Some(
        [domain::scope::ResourceSelector::Id(resource(
            "service payments-prod",
        ))]
        .into(),
    );
    let strict = world.opts_out("dana.roth", &strict).await.unwrap();
    for who in ["bob.okafor", "omar.haddad"] {
        world.agrees(who, strict.id).await.unwrap();
    }
    for _ in 0..50 {
        assert!(!world.may_deploy().await);
    }
    assert_eq!(world.service.ask_about_needless().await.unwrap(), 0);
    let counts = async |id| store::opt_outs::use_counts(&world.app, id).await.unwrap();
    assert_eq!(
        (counts(bypass).await, counts(strict.id).await),
        ((50, 0), (50, 50))
    );
    let page = world
        .service
        .opt_out(&requester("alice.meyer"), bypass)
        .await
        .unwrap();
    assert!(
        page.uses
            .iter()
            .all(|each| !each.answer && each.effect == UseEffect::Hidden)
    );
}
