//! Who decides on an opt-out: nobody who asked for it or gains by it, and nobody twice.

use crate::world::people::{approver, person};
use crate::world::voting;
use crate::world::{World, bypass, deployment_bypass, joins, outcome, to_manual};
use domain::approval::Verdict;
use domain::event::EventKind;
use domain::opt_out::OptOutState as State;
use domain::role::Role;
use domain::scope::{PrincipalSelector, ResourceSelector};
use serde_json::json;
use service::approvals::VoteInput;
use service::directory::{DirectoryFile, GroupFile};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn two_stages_of_distinct_people_and_then_it_is_in_force(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start_with(pool, options, |directory| {
        joins(directory, "payments-owners", "omar.haddad")
    })
    .await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    assert_eq!(asked.state, State::InReview { stage: 0 });
    assert_eq!(
        outcome(&world.agrees("samir.haidari", asked.id).await),
        "forbidden not_eligible",
        "security comes later"
    );
    assert_eq!(
        world.agrees("omar.haddad", asked.id).await.unwrap().state,
        State::InReview { stage: 1 }
    );
    assert_eq!(
        outcome(&world.agrees("omar.haddad", asked.id).await),
        "conflict already_voted",
        "as security he was owner"
    );
    assert!(!world.may_deploy().await);
    assert_eq!(
        world.agrees("samir.haidari", asked.id).await.unwrap().state,
        State::Approved
    );
    assert!(world.may_deploy().await);
    assert_eq!(
        outcome(&world.agrees("ines.marchetti", asked.id).await),
        "conflict settled"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_requester_cannot_decide_whatever_their_roles_and_groups(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let asked = world.opts_out("bob.okafor", &deployment_bypass()).await.unwrap();
    let everything = person("bob.okafor", &Role::ALL);
    for verdict in [Verdict::Approve, Verdict::Deny] {
        let vote = world
            .votes_on_opt_out(&everything, asked.id, VoteInput::new(verdict, "mine"))
            .await;
        assert_eq!(outcome(&vote), "forbidden excluded");
    }
    let administrator = person("mara.silva", &[Role::Administrator, Role::Requester]);
    let vote = world
        .votes_on_opt_out(&administrator, asked.id, VoteInput::approve())
        .await;
    assert_eq!(
        outcome(&vote),
        "forbidden not_permitted",
        "an administrator has no vote"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn nobody_whom_it_exempts_decides_not_even_through_a_group_in_a_group(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start_with(pool, options, |directory| {
        let crew = |members: &[&str], parents: &[&str]| GroupFile {
            title: "Crew".into(),
            members: members.iter().map(|one| (*one).to_owned()).collect(),
            workloads: vec![],
            agents: vec![],
            parents: parents.iter().map(|one| one.parse().unwrap()).collect(),
        };
        directory
            .groups
            .insert("crew".parse().unwrap(), crew(&["liam.byrne"], &[]));
        directory
            .groups
            .insert("night-crew".parse().unwrap(), crew(&["yuki.mori"], &["crew"]));
    })
    .await;
    let mut input = bypass("liam.byrne", "contractors-need-review", "service search-prod");
    input.scope.principals = Some([PrincipalSelector::Group("crew".parse().unwrap())].into());
    let asked = world.opts_out("alice.meyer", &input).await.unwrap();
    assert_eq!(
        outcome(&world.agrees("yuki.mori", asked.id).await),
        "forbidden excluded"
    );
    // Leaving the group after submission makes nobody an approver, and joining it unmakes one.
    world
        .directory_changes(|directory| {
            let night = directory.groups.get_mut(&"night-crew".parse().unwrap()).unwrap();
            night.members = vec!["ines.marchetti".into()];
        })
        .await;
    assert_eq!(
        outcome(&world.agrees("yuki.mori", asked.id).await),
        "forbidden excluded"
    );
    assert_eq!(
        outcome(&world.agrees("ines.marchetti", asked.id).await),
        "forbidden excluded"
    );
    assert_eq!(world.count(EventKind::OptOutVoted).await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn whoever_answers_for_an_exempted_workload_cannot_decide(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start_with(pool, options, |directory| {
        joins(directory, "payments-owners", "jonas.weber")
    })
    .await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    assert_eq!(
        outcome(&world.agrees("jonas.weber", asked.id).await),
        "forbidden excluded"
    );
    world
        .directory_changes(|directory| {
            let ci = directory
                .principals
                .iter_mut()
                .find(|one| one.id == "ci/payments")
                .unwrap();
            ci.attributes.insert("owners".into(), json!(["mara.silva"]));
        })
        .await;
    for owner in ["jonas.weber", "mara.silva"] {
        assert_eq!(
            outcome(&world.agrees(owner, asked.id).await),
            "forbidden excluded",
            "{owner}: then or now"
        );
    }
    assert_eq!(outcome(&world.agrees("bob.okafor", asked.id).await), "done");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn one_under_suspicion_cannot_clear_themselves_by_a_denial(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let asked = world
        .opts_out("dana.roth", &to_manual("ravi.patel"))
        .await
        .unwrap();
    assert_eq!(
        outcome(&world.rejects("ravi.patel", asked.id).await),
        "forbidden covered"
    );
    assert_eq!(
        outcome(&world.agrees("ravi.patel", asked.id).await),
        "done",
        "stricter for himself he may want"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_hundred_votes_of_one_person_at_once_are_one(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    let mut votes = JoinSet::new();
    for _ in 0..100 {
        let service = world.service.clone();
        votes.spawn(async move {
            let bob = approver("bob.okafor");
            let input = voting::on_opt_out(&service, &bob, asked.id, VoteInput::approve()).await;
            let vote = service.vote_on_opt_out(&bob, asked.id, input).await;
            outcome(&vote)
        });
    }
    let told = votes.join_all().await;
    assert_eq!(told.iter().filter(|told| *told == "done").count(), 1, "{told:?}");
    assert_eq!(
        told.iter()
            .filter(|told| *told == "conflict already_voted")
            .count(),
        99,
        "{told:?}"
    );
    assert_eq!(world.count(EventKind::OptOutVoted).await, 1);
}

fn a_hundred_owners(directory: &mut DirectoryFile) {
    for number in 0..100 {
        let mut one = directory
            .principals
            .iter()
            .find(|one| one.id == "mara.silva")
            .unwrap()
            .clone();
        one.id = format!("owner.{number}");
        directory.principals.push(one);
        joins(directory, "payments-owners", &format!("owner.{number}"));
    }
}

/// Two are needed: the third comes too late, however many come at once.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn of_a_hundred_at_once_two_fill_a_quorum_of_two(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start_with(pool, options, a_hundred_owners).await;
    let (other, _) = world.another_node().await;
    let one_of = r#"bulk_approve = true
groups_fresh_secs = 86_400
grant = { default_secs = 28_800, longest_secs = 604_800 }
access_stages = [{ name = "Owners", quorum = { n = 1, of = ["resource_owners"] } }]
opt_out_stages = [{ name = "Owners", quorum = { n = 1,"#;
    let (before, _) = one_of.rsplit_once("n = 1").unwrap();
    world
        .policy_changes("tiers.toml", one_of, &format!("{before}n = 2,"))
        .await;
    let input = bypass("ci/payments", "known-network", "service payments-staging");
    let asked = world.opts_out("alice.meyer", &input).await.unwrap();
    let mut votes = JoinSet::new();
    for number in 0..100 {
        let service = if number % 2 == 0 {
            world.service.clone()
        } else {
            other.clone()
        };
        votes.spawn(async move {
            let one = approver(&format!("owner.{number}"));
            let input = voting::on_opt_out(&service, &one, asked.id, VoteInput::approve()).await;
            outcome(&service.vote_on_opt_out(&one, asked.id, input).await)
        });
    }
    let told = votes.join_all().await;
    let count = |wanted: &str| told.iter().filter(|told| *told == wanted).count();
    assert_eq!((count("done"), count("conflict settled")), (2, 98), "{told:?}");
    assert_eq!(
        world.events_of(asked.id).await[2..],
        ["opt_out.voted", "opt_out.voted", "opt_out.approved"]
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_hundred_approvers_at_once_on_two_nodes_approve_it_once(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start_with(pool, options, a_hundred_owners).await;
    let (other, _) = world.another_node().await;
    // The tier of staging asks for one owner.
    let input = bypass("ci/payments", "known-network", "service payments-staging");
    let asked = world.opts_out("alice.meyer", &input).await.unwrap();
    let mut votes = JoinSet::new();
    for number in 0..100 {
        let service = if number % 2 == 0 {
            world.service.clone()
        } else {
            other.clone()
        };
        votes.spawn(async move {
            let one = approver(&format!("owner.{number}"));
            let input = voting::on_opt_out(&service, &one, asked.id, VoteInput::approve()).await;
            let vote = service.vote_on_opt_out(&one, asked.id, input).await;
            outcome(&vote)
        });
    }
    let told = votes.join_all().await;
    assert_eq!(told.iter().filter(|told| *told == "done").count(), 1, "{told:?}");
    assert_eq!(
        told.iter().filter(|told| *told == "conflict settled").count(),
        99,
        "{told:?}"
    );
    assert_eq!(
        world.events_of(asked.id).await[2..],
        ["opt_out.voted", "opt_out.approved"]
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_stricter_version_of_the_tier_joins_and_a_laxer_one_takes_nothing_off(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let one = r#"  { name = "Security", quorum = { n = 1, of = [{ group = "security" }] } },
]
extra_stages = [
  { name = "Platform"#;
    let two = &one.replace("n = 1", "n = 2");
    let strict = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.policy_changes("tiers.toml", one, two).await;
    let lax = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    world.agrees("bob.okafor", strict.id).await.unwrap();
    assert_eq!(
        world.agrees("omar.haddad", strict.id).await.unwrap().state,
        State::InReview { stage: 1 }
    );
    assert_eq!(
        world.agrees("samir.haidari", strict.id).await.unwrap().state,
        State::Approved
    );
    world.policy_changes("tiers.toml", two, one).await;
    world.agrees("bob.okafor", lax.id).await.unwrap();
    assert_eq!(
        world.agrees("omar.haddad", lax.id).await.unwrap().state,
        State::InReview { stage: 1 }
    );
    assert_eq!(
        world.agrees("samir.haidari", lax.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn owners_of_what_the_scope_has_grown_over_are_asked_too(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let mut input = bypass("ci/search", "change-freeze", "service search-prod");
    input.scope.resources = Some(
        [ResourceSelector::Label {
            key: "system".into(),
            value: "search".into(),
        }]
        .into(),
    );
    input.scope.capabilities = Some(["deploy".parse().unwrap()].into());
    let asked = world.opts_out("alice.meyer", &input).await.unwrap();
    assert_eq!((asked.tier.as_str(), asked.teams.len()), ("standard", 1));
    // Before anybody votes, the gateway of another team, of a stricter tier, gets the label.
    world
        .directory_changes(|directory| {
            let gateway = directory
                .resources
                .iter_mut()
                .find(|resource| resource.id == "edge-gw")
                .unwrap();
            gateway.labels.insert("system".into(), "search".into());
        })
        .await;
    let first = world.agrees("ines.marchetti", asked.id).await.unwrap();
    assert_eq!(
        (first.state, first.tier.as_str()),
        (State::InReview { stage: 0 }, "high")
    );
    let stored = world.opt_out(asked.id).await.opt_out;
    assert_eq!(
        (stored.tier.as_str(), stored.teams.len()),
        ("high", 2),
        "what joined is kept"
    );
    assert_eq!(
        world.agrees("dana.roth", asked.id).await.unwrap().state,
        State::InReview { stage: 1 }
    );
    assert_eq!(
        world.agrees("omar.haddad", asked.id).await.unwrap().state,
        State::Approved
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_rule_that_changed_can_no_longer_be_approved_but_rejected(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    let rule = "context.capability == \"deploy\" && context.tier == \"critical\"";
    world
        .policy_changes("rules/automation.cedar", rule, &format!("{rule} && true"))
        .await;
    assert_eq!(
        outcome(&world.agrees("bob.okafor", asked.id).await),
        "conflict rule_changed"
    );
    assert_eq!(
        world.rejects("bob.okafor", asked.id).await.unwrap().state,
        State::Rejected
    );
}
