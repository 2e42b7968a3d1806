//! Votes that are lent: one seat, two persons used up, the exclusions of both.

use crate::world::people::{administrator, approver, requester};
use crate::world::{World, deployment_bypass, joins, leaves, outcome, to_manual, voting};
use chrono::TimeDelta;
use domain::access_request::AccessRequestState as State;
use domain::approval::{Delegation, DelegationScope, DelegationState};
use domain::event::EventKind;
use domain::notice::NoticeKind;
use service::ServiceError;
use service::approvals::VoteInput;
use service::delegations::{DelegationInput, MOST_STANDING};
use service::inbox::InboxItem;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;

pub fn lending(world: &World, to: &str) -> DelegationInput {
    DelegationInput {
        to: to.parse().unwrap(),
        starts_at: None,
        ends_at: world.now() + TimeDelta::days(7),
        reason: "On leave until Wednesday".to_owned(),
        scope: DelegationScope::default(),
    }
}

impl World {
    async fn lends(&self, from: &str, to: &str) -> Result<Delegation, ServiceError> {
        self.service
            .make_delegation(&approver(from), &lending(self, to))
            .await
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_waits_already_is_decided_in_anothers_place_and_the_ledger_says_so(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let request = world.requested_deployment().await;
    assert_eq!(
        outcome(&world.approves("ravi.patel", request.id).await),
        "forbidden not_eligible"
    );
    let lent = world.lends("bob.okafor", "ravi.patel").await.unwrap();
    let inbox = world.service.inbox(&approver("ravi.patel")).await.unwrap();
    let [InboxItem::AccessRequest(found, Some(giver))] = inbox.items.as_slice() else {
        panic!("{inbox:?}");
    };
    assert_eq!((found.id, giver.as_str()), (request.id, "bob.okafor"));
    let shown = world
        .service
        .access_request(&approver("ravi.patel"), request.id)
        .await
        .unwrap();
    assert_eq!(shown.votes_for.unwrap().as_str(), "bob.okafor");
    let decided = world.approves("ravi.patel", request.id).await.unwrap();
    assert_eq!(decided.state, State::Approved);
    assert!(world.may_deploy().await);
    let events = store::events::about(&world.app, &request.id.to_string())
        .await
        .unwrap();
    let voted = events
        .iter()
        .find(|event| event.kind == EventKind::AccessRequestVoted)
        .unwrap();
    let body: serde_json::Value = serde_json::from_slice(&voted.body).unwrap();
    assert_eq!(body["person"], "ravi.patel");
    assert_eq!(body["behalf"]["person"], "bob.okafor");
    assert_eq!(body["behalf"]["delegation"], lent.id.to_string());
    assert_eq!(world.events_of(lent.id).await, ["delegation.made"]);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_deputy_and_the_giver_are_one_vote_whoever_is_first(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let stage = |n: u32| {
        format!(
            "access_stages = [{{ name = \"Owners\", quorum = {{ n = {n}, of = [\"resource_owners\"] }} }}]"
        )
    };
    let critical = |n: u32| format!("channel = \"#critical-access\"\n{}", stage(n));
    world
        .policy_changes("tiers.toml", &critical(1), &critical(2))
        .await;
    world.lends("bob.okafor", "ravi.patel").await.unwrap();
    world.lends("bob.okafor", "noor.aziz").await.unwrap();
    let request = world.requested_deployment().await;
    // All three at once: whoever is first uses up Bob's vote, and two are asked for.
    let mut votes = JoinSet::new();
    for who in ["bob.okafor", "ravi.patel", "noor.aziz"] {
        let service = world.service.clone();
        let id = request.id;
        votes.spawn(async move {
            let input = voting::on_request(&service, &approver(who), id, VoteInput::approve()).await;
            service.vote_on_access_request(&approver(who), id, input).await
        });
    }
    let mut told: Vec<String> = votes.join_all().await.iter().map(outcome).collect();
    told.sort();
    assert_eq!(told, ["conflict already_voted", "conflict already_voted", "done"]);
    assert!(!world.may_deploy().await);
    assert_eq!(
        world.approves("mara.silva", request.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn exclusions_of_either_bind_and_what_was_lent_is_not_lent_on(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start_with(pool, options, |directory| {
        joins(directory, "payments-owners", "jonas.weber")
    })
    .await;
    // Jonas answers for the pipeline, so whoever decides in his place may not either.
    world.lends("jonas.weber", "ravi.patel").await.unwrap();
    let request = world.requested_deployment().await;
    assert_eq!(
        outcome(&world.approves("ravi.patel", request.id).await),
        "forbidden giver_excluded"
    );
    // Bob lends to Ravi, Ravi to Noor: Noor has what is Ravi's own.
    world.lends("bob.okafor", "ravi.patel").await.unwrap();
    world.lends("ravi.patel", "noor.aziz").await.unwrap();
    assert_eq!(
        outcome(&world.approves("noor.aziz", request.id).await),
        "forbidden not_eligible"
    );
    // Never to who asked.
    let opt_out = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.lends("bob.okafor", "alice.meyer").await.unwrap();
    assert_eq!(
        outcome(&world.agrees("alice.meyer", opt_out.id).await),
        "forbidden excluded"
    );
    world.agrees("ravi.patel", opt_out.id).await.unwrap();
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_ends_with_its_time_its_giver_and_at_a_word(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let request = world.requested_deployment().await;
    let ravi = |world: &World| {
        let service = world.service.clone();
        let id = request.id;
        async move {
            service
                .access_request(&approver("ravi.patel"), id)
                .await
                .unwrap()
                .votes_for
        }
    };
    // Bob leaves the group: there is nothing to lend.
    let first = world.lends("bob.okafor", "ravi.patel").await.unwrap();
    assert!(ravi(&world).await.is_some());
    world
        .directory_changes(|directory| leaves(directory, "payments-owners", "bob.okafor"))
        .await;
    assert_eq!(
        outcome(&world.approves("ravi.patel", request.id).await),
        "forbidden not_eligible"
    );
    world
        .directory_changes(|directory| joins(directory, "payments-owners", "bob.okafor"))
        .await;
    assert!(ravi(&world).await.is_some());
    // Ended by who may.
    let end = async |caller, id| outcome(&world.service.end_delegation(&caller, id).await);
    assert_eq!(end(approver("mara.silva"), first.id).await, "not found");
    assert_eq!(end(requester("ravi.patel"), first.id).await, "done");
    assert_eq!(end(approver("bob.okafor"), first.id).await, "conflict settled");
    assert_eq!(
        outcome(&world.approves("ravi.patel", request.id).await),
        "forbidden not_eligible"
    );
    assert_eq!(
        world.events_of(first.id).await,
        ["delegation.made", "delegation.ended"]
    );
    let second = world.lends("bob.okafor", "ravi.patel").await.unwrap();
    assert_eq!(end(administrator("petra.lindqvist"), second.id).await, "done");
    // By its time.
    let short = DelegationInput {
        ends_at: world.now() + TimeDelta::minutes(10),
        starts_at: Some(world.now() + TimeDelta::minutes(5)),
        ..lending(&world, "ravi.patel")
    };
    world
        .service
        .make_delegation(&approver("bob.okafor"), &short)
        .await
        .unwrap();
    assert!(ravi(&world).await.is_none());
    world.minutes_pass(5);
    assert!(ravi(&world).await.is_some());
    world.minutes_pass(5);
    assert!(ravi(&world).await.is_none());
    let listed = world.service.delegations(&approver("ravi.patel")).await.unwrap();
    assert_eq!(listed.all.len(), 3);
    assert!(
        listed
            .all
            .iter()
            .all(|one| one.state == DelegationState::Ended && !one.may_end)
    );
    assert!(
        world
            .service
            .delegations(&requester("alice.meyer"))
            .await
            .unwrap()
            .all
            .is_empty()
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_cannot_be_lent_says_why(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let told = async |who, change: fn(&mut DelegationInput)| {
        let mut input = lending(&world, "ravi.patel");
        change(&mut input);
        outcome(&world.service.make_delegation(&who, &input).await)
    };
    let bob = || approver("bob.okafor");
    assert_eq!(
        told(requester("bob.okafor"), |_| {}).await,
        "forbidden not_permitted"
    );
    for (change, expected) in [
        (
            (|input| input.to = "bob.okafor".parse().unwrap()) as fn(&mut DelegationInput),
            "invalid to oneself",
        ),
        (
            |input| input.to = "nobody.known".parse().unwrap(),
            "invalid to unknown",
        ),
        (
            |input| input.reason = " \u{200b} ".to_owned(),
            "invalid reason reason_too_short",
        ),
        (
            |input| input.reason = "x".repeat(501),
            "invalid reason reason_too_long",
        ),
        (
            |input| input.ends_at -= TimeDelta::days(8),
            "invalid ends_at not_after_start",
        ),
        (
            |input| input.ends_at += TimeDelta::days(84),
            "invalid ends_at too_long",
        ),
        (
            |input| input.scope.groups = ["no-such-group".parse().unwrap()].into(),
            "invalid groups unknown",
        ),
        (
            |input| input.scope.tiers = ["no-such-tier".parse().unwrap()].into(),
            "invalid tiers unknown",
        ),
    ] {
        assert_eq!(told(bob(), change).await, expected);
    }
    assert_eq!(world.count(EventKind::DelegationMade).await, 0);
    // All at once: none of them counts before the one ahead of it has committed.
    let mut all = JoinSet::new();
    for _ in 0..MOST_STANDING + 4 {
        let (service, input) = (world.service.clone(), lending(&world, "ravi.patel"));
        all.spawn(async move { service.make_delegation(&approver("bob.okafor"), &input).await });
    }
    let told: Vec<String> = all.join_all().await.iter().map(outcome).collect();
    let made = told.iter().filter(|outcome| *outcome == "done").count();
    assert_eq!(i64::try_from(made).unwrap(), MOST_STANDING, "{told:?}");
    assert!(told.contains(&"conflict too_many".to_owned()));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn its_scope_holds_and_who_decides_by_it_is_told(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let only = |groups: &[&str], tiers: &[&str]| DelegationScope {
        groups: groups.iter().map(|group| group.parse().unwrap()).collect(),
        tiers: tiers.iter().map(|tier| tier.parse().unwrap()).collect(),
    };
    let lend = async |to: &str, scope| {
        let input = DelegationInput {
            scope,
            ..lending(&world, to)
        };
        world
            .service
            .make_delegation(&approver("bob.okafor"), &input)
            .await
            .unwrap();
    };
    lend("ravi.patel", only(&["payments-owners"], &["critical"])).await;
    lend("noor.aziz", only(&["security"], &[])).await;
    lend("yuki.mori", only(&[], &["low"])).await;
    world.told().await;
    let request = world.requested_deployment().await;
    let told = world.told().await;
    let is_told = |who: &str| told.contains(&format!("{who}: {}", NoticeKind::StageReached.as_str()));
    assert!(is_told("ravi.patel") && is_told("bob.okafor"), "{told:?}");
    assert!(!is_told("noor.aziz") && !is_told("yuki.mori"), "{told:?}");
    for who in ["noor.aziz", "yuki.mori"] {
        assert_eq!(
            outcome(&world.approves(who, request.id).await),
            "forbidden not_eligible"
        );
    }
    assert_eq!(outcome(&world.denies("ravi.patel", request.id).await), "done");
    // A `to_manual` is decided in another's place as well.
    let manual = world
        .opts_out("omar.haddad", &to_manual("ci/payments"))
        .await
        .unwrap();
    assert_eq!(outcome(&world.agrees("ravi.patel", manual.id).await), "done");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn nobody_clears_themselves_through_a_deputy(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let about_bob = world
        .opts_out("omar.haddad", &to_manual("bob.okafor"))
        .await
        .unwrap();
    world.lends("bob.okafor", "ravi.patel").await.unwrap();
    let no = world.rejects("ravi.patel", about_bob.id).await;
    assert_eq!(outcome(&no), "forbidden giver_excluded");
    assert_eq!(outcome(&world.rejects("mara.silva", about_bob.id).await), "done");
}
