//! A renewal is a new opt-out: freshly reasoned, freshly approved, half as long, of the same line.

use crate::world::asking::resource;
use crate::world::people::requester;
use crate::world::{World, bypass, deployment_bypass, outcome};
use chrono::TimeDelta;
use domain::event::EventKind;
use domain::id::OptOutId;
use domain::opt_out::{Cause, Direction, OptOut, OptOutState, Thing};
use domain::scope::ResourceSelector;
use service::opt_outs::{NarrowInput, OptOutInput, PremiseInput};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const AGAIN: &str = "The fix is in review since noon; the payout job runs twice more before it is out.";

fn renewal(of: OptOutId) -> OptOutInput {
    OptOutInput {
        reason: AGAIN.to_owned(),
        renews: Some(of),
        length_secs: None,
        ..deployment_bypass()
    }
}

impl World {
    async fn renewed(&self, of: OptOutId) -> OptOut {
        let asked = self.opts_out("alice.meyer", &renewal(of)).await.unwrap();
        self.agrees("bob.okafor", asked.id).await.unwrap();
        self.agrees("omar.haddad", asked.id).await.unwrap()
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_is_asked_approved_and_recorded_anew(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let alice = requester("alice.meyer");
    let first = world.bypass_in_force(&deployment_bypass()).await;
    assert!(world.may_deploy().await);
    let offer = world.service.offer_renewal(&alice, first.id).await.unwrap();
    assert_eq!((offer.uses_total, offer.uses_changed), (1, 1));
    assert_eq!(offer.parent.reason, first.reason);

    world.hours_pass(3);
    let asked = world.opts_out("alice.meyer", &renewal(first.id)).await.unwrap();
    let lineage = asked.lineage.unwrap();
    assert_eq!((lineage.parent, lineage.generation), (first.id, 1));
    assert_eq!(lineage.first_started_at, first.window.starts_at());
    assert_eq!(
        asked.window.length_secs(),
        4 * 3_600 / 2,
        "half of what the one before it lasted"
    );
    assert_eq!(asked.causes, [], "the first one asks no stage more");
    assert_eq!(world.count(EventKind::OptOutRenewed).await, 0);
    world.agrees("bob.okafor", asked.id).await.unwrap();
    world.hours_pass(2);
    assert!(
        !world.may_deploy().await,
        "nothing is in force without its approval"
    );
    world.agrees("omar.haddad", asked.id).await.unwrap();
    assert!(world.may_deploy().await);
    assert_eq!(
        world.events_of(first.id).await.last(),
        Some(&"opt_out.renewed"),
        "the one before says so"
    );
    let seen = world.service.opt_out(&alice, first.id).await.unwrap();
    assert_eq!(seen.renewals[0].id, asked.id);
    assert!(!seen.may_renew, "it is renewed already");
    let seen = world.service.opt_out(&alice, asked.id).await.unwrap();
    assert_eq!(seen.parent.map(|parent| parent.id), Some(first.id));
    assert!(seen.may_renew);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_is_no_renewal_is_refused_by_its_field(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let first = world.bypass_in_force(&deployment_bypass()).await;
    let pending = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    let with = |change: fn(&mut OptOutInput)| {
        let mut input = renewal(first.id);
        change(&mut input);
        input
    };
    let cases = [
        (
            "renews unknown",
            renewal(OptOutId::from_uuid(sqlx::types::Uuid::from_u128(9))),
        ),
        ("renews not_renewable", renewal(pending.id)),
        (
            "reason same_reason",
            with(|input| input.reason = deployment_bypass().reason.to_uppercase()),
        ),
        (
            "scenario another_case, details/incident_id missing",
            with(|input| input.scenario = "incident-response".parse().unwrap()),
        ),
        (
            "scope/resources wider",
            with(|input| {
                let more = ResourceSelector::Id(resource("service payments-staging"));
                input.scope.resources.as_mut().unwrap().insert(more);
            }),
        ),
        (
            "length_secs too_long",
            with(|input| input.length_secs = Some(4 * 3_600 / 2 + 1)),
        ),
    ];
    let before = world.rows().await;
    for (field, input) in cases {
        let told = outcome(&world.opts_out("alice.meyer", &input).await);
        assert_eq!(told, format!("invalid {field}"));
    }
    assert_eq!(
        outcome(&world.opts_out("lena.fischer", &renewal(first.id)).await),
        "invalid renews unknown",
        "what one does not see"
    );
    assert_eq!(world.rows().await, before, "nothing was written");
    let narrower = with(|input| input.scope.capabilities = Some(["deploy".parse().unwrap()].into()));
    assert_eq!(
        outcome(&world.opts_out("alice.meyer", &narrower).await),
        "done",
        "less is fine"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn from_the_second_on_it_asks_one_stage_more_and_then_no_more(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let first = world.bypass_in_force(&deployment_bypass()).await;
    let second = world.renewed(first.id).await;
    let third = world.opts_out("alice.meyer", &renewal(second.id)).await;
    assert_eq!(
        outcome(&third),
        "invalid reason same_reason",
        "each says something of its own"
    );
    let asks = async |of: OptOutId, reason: &str| {
        let mut input = renewal(of);
        input.reason = format!("{AGAIN} {reason}");
        world.opts_out("alice.meyer", &input).await
    };
    let mut last = second.id;
    for generation in 2..=3 {
        let asked = asks(last, &format!("For the {generation}rd time."))
            .await
            .unwrap();
        assert_eq!(asked.causes, [Cause::Renewal { generation }]);
        for who in ["bob.okafor", "omar.haddad"] {
            world.agrees(who, asked.id).await.unwrap();
        }
        let stored = world.opt_out(asked.id).await;
        assert_eq!(stored.opt_out.state, OptOutState::InReview { stage: 2 });
        world.agrees("dana.roth", asked.id).await.unwrap();
        last = asked.id;
    }
    assert_eq!(
        outcome(&asks(last, "Once more.").await),
        "invalid renews renewed_too_often"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn two_at_once_renew_it_once(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start_random(pool, options).await;
    let (other, _) = world.another_node().await;
    let alice = requester("alice.meyer");
    let mut last = world.bypass_in_force(&deployment_bypass()).await.id;
    for round in 0..2 {
        let mut input = renewal(last);
        input.reason = format!("{AGAIN} Round {round}.");
        let (one, two) = tokio::join!(
            world.service.request_opt_out(&alice, &input),
            other.request_opt_out(&alice, &input)
        );
        let mut told = [outcome(&one), outcome(&two)];
        told.sort();
        assert_eq!(told, ["done", "invalid renews renewed_already"]);
        let asked = one.or(two).unwrap();
        for who in ["bob.okafor", "omar.haddad", "dana.roth"] {
            let _ = world.agrees(who, asked.id).await;
        }
        last = asked.id;
    }
    // One that nobody agreed to takes no place.
    let mut input = renewal(last);
    input.reason = format!("{AGAIN} And again.");
    let asked = world.opts_out("alice.meyer", &input).await.unwrap();
    world.rejects("mara.silva", asked.id).await.unwrap();
    assert_eq!(outcome(&world.opts_out("alice.meyer", &input).await), "done");
}

/// A line ends when its case says, however late its last renewal is approved.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_line_ends_when_it_must(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    world
        .policy_changes(
            "scenarios.toml",
            "longest_secs = 1_209_600 }\ncumulative_secs = 2_592_000",
            "longest_secs = 1_209_600 }\ncumulative_secs = 1_209_600",
        )
        .await;
    let staging = || {
        bypass(
            "ci/payments",
            "no-unattended-prod-deploy",
            "service payments-staging",
        )
    };
    let mut input = staging();
    input.length_secs = Some(13 * 86_400);
    let first = world.opts_out("alice.meyer", &input).await.unwrap();
    let first = world.agrees("bob.okafor", first.id).await.unwrap();
    world.hours_pass(8 * 24);
    let half_is_more = 13 * 86_400 / 2;
    let mut input = staging();
    input.reason = AGAIN.to_owned();
    input.renews = Some(first.id);
    input.length_secs = Some(6 * 86_400 + 1);
    assert!(input.length_secs.is_some_and(|secs| secs <= half_is_more));
    assert_eq!(
        outcome(&world.opts_out("alice.meyer", &input).await),
        "invalid length_secs too_long"
    );
    input.length_secs = Some(6 * 86_400);
    let asked = world.opts_out("alice.meyer", &input).await.unwrap();
    let must = first.window.starts_at() + TimeDelta::days(14);
    assert_eq!(asked.lineage.unwrap().must_end_by, Some(must));
    assert_eq!(asked.window.ends_at(), must);
    world.hours_pass(48);
    let approved = world.agrees("bob.okafor", asked.id).await.unwrap();
    assert_eq!(approved.window.ends_at(), must, "approved late, it is shorter");
    assert_eq!(approved.direction, Direction::Bypass);
    world.clock.set(must - TimeDelta::microseconds(1));
    input.reason = format!("{AGAIN} Once more.");
    input.renews = Some(approved.id);
    input.length_secs = None;
    assert_eq!(
        outcome(&world.opts_out("alice.meyer", &input).await),
        "invalid renews too_old"
    );
}

/// What bounded the one before bounds its renewal: nobody approves less control by approving once more.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn its_premise_and_its_uses_stay(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let premise = |is: &str| {
        Some(PremiseInput::Attribute {
            of: Thing::Principal(crate::world::asking::principal("ci/payments")),
            name: "protected_branch".to_owned(),
            is: is.to_owned(),
        })
    };
    let first = OptOutInput {
        premise: premise("true"),
        max_uses: Some(3),
        ..deployment_bypass()
    };
    let first = world.bypass_in_force(&first).await;
    let with = |premise, max_uses| OptOutInput {
        premise,
        max_uses,
        ..renewal(first.id)
    };
    let nothing = PremiseInput::Attribute {
        of: Thing::Principal(crate::world::asking::principal("ci/payments")),
        name: " ".to_owned(),
        is: "true".to_owned(),
    };
    for (input, told) in [
        (with(None, Some(3)), "invalid premise/kind another_premise"),
        (
            with(premise("false"), Some(3)),
            "invalid premise/name does_not_hold, premise/kind another_premise",
        ),
        (with(premise("true"), Some(4)), "invalid max_uses more_uses"),
        (
            with(Some(nothing), Some(3)),
            "invalid premise/value unreadable, premise/kind another_premise",
        ),
    ] {
        assert_eq!(outcome(&world.opts_out("alice.meyer", &input).await), told);
    }
    let asked = world
        .opts_out("alice.meyer", &with(premise("true"), None))
        .await
        .unwrap();
    assert_eq!(asked.max_uses, Some(3), "left out, as many as before");
    assert_eq!(asked.conditions.premise, first.conditions.premise);
}

/// Narrowed to less, it is the less that is halved.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn half_of_what_was_approved_not_of_what_was_asked(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    let less = NarrowInput {
        length_secs: Some(1_800),
        ..NarrowInput::default()
    };
    world.agrees_to_less("bob.okafor", asked.id, less).await.unwrap();
    let first = world.agrees("omar.haddad", asked.id).await.unwrap();
    let mut input = renewal(first.id);
    input.length_secs = Some(901);
    assert_eq!(
        outcome(&world.opts_out("alice.meyer", &input).await),
        "invalid length_secs too_long"
    );
    input.length_secs = None;
    let asked = world.opts_out("alice.meyer", &input).await.unwrap();
    assert_eq!(asked.window.length_secs(), 900);
}
