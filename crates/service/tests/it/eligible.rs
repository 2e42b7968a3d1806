//! A person can decide if they are asked and had the role at their last sign-in. Who never signed in may have the role.

use crate::delegations::lending;
use crate::world::asking::submission;
use crate::world::people::{administrator, approver, person, requester};
use crate::world::{World, deployment_bypass, outcome};
use domain::access_request::AccessRequestState as State;
use domain::approval::{Deciders, Exclusion};
use domain::event::EventKind;
use domain::notice::NoticeItem;
use domain::role::Role;
use serde_json::json;
use service::ServiceError;
use service::approvals::StageProgress;
use service::caller::PersonCaller;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const OWNERS: &str = r##"channel = "#critical-access"
access_stages = [{ name = "Owners", quorum = { n = 1, of = ["resource_owners"] } }]"##;
const FALLS_BACK: &str = r##"channel = "#critical-access"
fallback = [{ group = "security" }]
access_stages = [{ name = "Owners", quorum = { n = 1, of = ["resource_owners"] } }]"##;

/// Who owns payments.
const PAYMENTS: [&str; 3] = ["bob.okafor", "mara.silva", "tom.becker"];

impl World {
    async fn signs_in(&self, caller: &PersonCaller) {
        self.service.record_sign_in(caller, json!({})).await.unwrap();
    }

    /// All owners of payments sign in, with the role of a requester alone.
    async fn owners_only_ask(&self) {
        for owner in PAYMENTS {
            self.signs_in(&requester(owner)).await;
        }
    }

    /// The first stage of a bypass that Alice asked for.
    async fn first_stage(&self) -> StageProgress {
        let asked = self.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
        let seen = self.service.opt_out(&requester("alice.meyer"), asked.id).await;
        seen.unwrap().stages.remove(0)
    }
}

fn counted(named: usize, able: usize, never_signed_in: usize) -> Deciders {
    Deciders {
        named,
        able,
        never_signed_in,
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn owners_without_the_role_are_not_told_and_the_fallback_is_asked(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    world.policy_changes("tiers.toml", OWNERS, FALLS_BACK).await;
    world.owners_only_ask().await;
    let request = world.requested_deployment().await;
    let events = world.events_of(request.id).await;
    assert!(events.contains(&"access_request.fell_back"), "{events:?}");
    let told = world.told().await;
    let asked_to_decide = |who: &str| told.contains(&format!("{who}: stage_reached"));
    assert!(!PAYMENTS.iter().any(|owner| asked_to_decide(owner)), "{told:?}");
    assert!(asked_to_decide("omar.haddad"), "{told:?}");
    assert_eq!(
        world.approves("omar.haddad", request.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn where_they_alone_are_asked_nothing_is_filed_that_nobody_could_decide(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    world.owners_only_ask().await;
    let denial = world.denied_deployment().await;
    assert_eq!(
        outcome(&world.files(submission(&denial)).await),
        "not requestable"
    );
    let refused = world.opts_out("bob.okafor", &deployment_bypass()).await;
    let Err(ServiceError::Conflict { code, why }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(code, "nobody_left_to_decide");
    assert!(why.contains("Bob Okafor, who asked for it; "), "{why}");
    assert!(why.contains("Mara Silva, whose roles allow no vote; "), "{why}");
}

/// The last owner with the role signs in without it; with no role at all they do not get in, and it is noted all the same.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_sign_in_that_shows_a_lost_role_lets_the_fallback_join(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    world.policy_changes("tiers.toml", OWNERS, FALLS_BACK).await;
    for (asks, roles) in [("alice.meyer", &[Role::Requester][..]), ("hanna.lindt", &[])] {
        world.signs_in(&requester("mara.silva")).await;
        world.signs_in(&requester("tom.becker")).await;
        world.signs_in(&approver("bob.okafor")).await;
        let request = world.requested_deployment_by(asks).await;
        assert_eq!(world.service.escalate_silence().await.unwrap(), 0, "{roles:?}");
        world.told().await;
        let signed_in = world
            .service
            .record_sign_in(&person("bob.okafor", roles), json!({}))
            .await;
        let refused = world.count(EventKind::SignInRefused).await;
        match roles {
            [] => assert_eq!(
                (outcome(&signed_in).as_str(), refused),
                ("forbidden not_permitted", 1)
            ),
            _ => assert_eq!((outcome(&signed_in).as_str(), refused), ("done", 0)),
        }
        assert_eq!(world.service.escalate_silence().await.unwrap(), 1, "{roles:?}");
        let told = world.told().await;
        assert!(told.contains(&"omar.haddad: fell_back".to_owned()), "{told:?}");
        // A session from before has the role still: the last sign-in says what they can decide.
        assert_eq!(
            outcome(&world.approves("bob.okafor", request.id).await),
            "forbidden not_eligible"
        );
        world.approves("omar.haddad", request.id).await.unwrap();
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn without_a_fallback_a_lost_role_is_an_alarm(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.signs_in(&administrator("petra.lindqvist")).await;
    world.signs_in(&requester("mara.silva")).await;
    world.signs_in(&requester("tom.becker")).await;
    let request = world.requested_deployment_by("alice.meyer").await;
    world.told().await;
    world.signs_in(&requester("bob.okafor")).await;
    world.service.escalate_silence().await.unwrap();
    assert_eq!(
        world.events_of(request.id).await.last(),
        Some(&"access_request.nobody_left")
    );
    assert_eq!(
        world.told().await,
        ["alice.meyer: nobody_left", "petra.lindqvist: nobody_left"]
    );
    assert_eq!(world.count(EventKind::AccessRequestNobodyLeft).await, 1);
    // The next sign-in may give it back.
    world.signs_in(&approver("bob.okafor")).await;
    assert_eq!(
        world.approves("bob.okafor", request.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn never_signed_in_is_told_and_counted_apart(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    assert_eq!(world.first_stage().await.deciders, counted(3, 0, 3));
    let told = world.told().await;
    for owner in PAYMENTS {
        assert!(told.contains(&format!("{owner}: stage_reached")), "{told:?}");
    }
    world.signs_in(&approver("bob.okafor")).await;
    world.signs_in(&requester("mara.silva")).await;
    assert_eq!(world.first_stage().await.deciders, counted(3, 1, 1));
    let told = world.told().await;
    assert!(told.contains(&"tom.becker: stage_reached".to_owned()), "{told:?}");
    assert!(
        !told.contains(&"mara.silva: stage_reached".to_owned()),
        "{told:?}"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_vote_that_was_cast_with_the_role_stays(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    world
        .policy_changes("tiers.toml", OWNERS, &OWNERS.replace("n = 1", "n = 2"))
        .await;
    let request = world.requested_deployment().await;
    world.approves("bob.okafor", request.id).await.unwrap();
    world.signs_in(&requester("bob.okafor")).await;
    assert_eq!(
        world.approves("mara.silva", request.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_person_who_lost_the_role_lends_no_votes(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let request = world.requested_deployment().await;
    let lent = lending(&world, "ravi.patel");
    world
        .service
        .make_delegation(&approver("bob.okafor"), &lent)
        .await
        .unwrap();
    world.signs_in(&requester("bob.okafor")).await;
    assert_eq!(
        outcome(&world.approves("ravi.patel", request.id).await),
        "forbidden not_eligible"
    );
    world.signs_in(&approver("bob.okafor")).await;
    assert_eq!(
        world.approves("ravi.patel", request.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn people_who_are_asked_and_excluded_are_named_with_the_reason(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let mut input = deployment_bypass();
    input.title = "By an owner".to_owned();
    let asked = world.opts_out("bob.okafor", &input).await.unwrap();
    let seen = world
        .service
        .opt_out(&requester("bob.okafor"), asked.id)
        .await
        .unwrap();
    let bob = "bob.okafor".parse().unwrap();
    assert_eq!(seen.stages[0].kept_out, [(bob, Exclusion::Requester)]);
    assert_eq!(seen.stages[0].deciders, counted(2, 0, 2));
}

/// Owners are notified whatever their roles are: their links have to open.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_owner_without_the_role_sees_what_they_are_notified_of(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    world.policy_changes("tiers.toml", OWNERS, FALLS_BACK).await;
    world.owners_only_ask().await;
    let request = world.requested_deployment().await;
    world.approves("omar.haddad", request.id).await.unwrap();
    let bypass = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    let told = world.told().await;
    let bob = requester("bob.okafor");
    let mut opened = 0;
    for one in store::notices::list(&world.app, &bob.person, None, 100)
        .await
        .unwrap()
    {
        match one.notice.item {
            NoticeItem::OptOut { id } => drop(world.service.opt_out(&bob, id).await.unwrap()),
            NoticeItem::AccessRequest { id } | NoticeItem::Grant { request: id, .. } => {
                drop(world.service.access_request(&bob, id).await.unwrap());
            }
            other => panic!("{other:?}"),
        }
        opened += 1;
    }
    assert!(opened > 1, "{told:?}");
    world.service.opt_out(&bob, bypass.id).await.unwrap();
}
