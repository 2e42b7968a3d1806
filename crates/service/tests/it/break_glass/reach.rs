//! What emergency access reaches: one's own recent refusals, past marked rules alone, past no `to_manual`, past no denial.

use crate::world::asking::ask;
use crate::world::breaking::{emergency, emergency_access, responder};
use crate::world::people::{approver, person};
use crate::world::signalling::{monitor, signal};
use crate::world::{World, outcome, to_manual};
use domain::access_request::AccessRequestState;
use domain::approval::Exclusion;
use domain::role::Role;
use domain::signal::Risk;
use serde_json::json;
use service::break_glass::EmergencyInput;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

impl World {
    /// What breaking the glass for this is told; looking at it is told the same.
    async fn told_of(&self, input: &EmergencyInput) -> String {
        let jonas = responder("jonas.weber");
        let looked = outcome(&self.service.check_emergency_access(&jonas, input).await);
        let told = outcome(&self.breaks_glass_for("jonas.weber", input).await);
        assert_eq!(looked, told);
        told
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_cannot_be_opened_is_refused_with_its_reason(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let old = world.refused_admin("old").await;
    world.hours_pass(23);
    let young = world.refused_admin("young").await;
    world.hours_pass(1);
    let of_another = world.asks("dana.roth", "admin", "service payments-prod").await;
    let others_job = world.asks("ci/search", "deploy", "service search-prod").await;
    let granted = world
        .asks("jonas.weber", "read", "service payments-staging")
        .await;
    let denied = world.asks("alice.meyer", "admin", "service payments-prod").await;
    let confidential = world.asks("jonas.weber", "read", "database ledger-db").await;
    let own_job = world.denied_deployment().await;
    let role = world.asks("jonas.weber", "member", "role incident-admin").await;
    let with = |change: fn(&mut EmergencyInput)| {
        let mut input = emergency_access(&young);
        change(&mut input);
        input
    };
    let before = world.rows().await;
    for (input, expected) in [
        (emergency_access(&old), "invalid decision too_old"),
        (emergency_access(&of_another), "invalid decision unknown"),
        (emergency_access(&others_job), "invalid decision unknown"),
        (emergency_access(&denied), "invalid decision unknown"),
        (emergency_access(&granted), "invalid decision not_a_refusal"),
        (emergency_access(&confidential), "conflict not_for_emergencies"),
        (emergency_access(&own_job), "conflict not_for_emergencies"),
        (emergency_access(&role), "conflict not_for_emergencies"),
        (
            with(|input| input.confirmation = "payments-staging".into()),
            "invalid confirmation not_confirmed",
        ),
        (
            with(|input| input.reason = "broken".into()),
            "invalid reason reason_too_short",
        ),
        (
            with(|input| input.incident = "x".repeat(65)),
            "invalid incident incident_unreadable",
        ),
        (
            with(|input| input.length_secs = Some(4 * 3_600 + 1)),
            "invalid length_secs length",
        ),
        (
            with(|input| input.length_secs = Some(0)),
            "invalid length_secs length",
        ),
    ] {
        assert_eq!(world.told_of(&input).await, expected, "{input:?}");
    }
    assert_eq!(world.rows().await, before, "nothing was written");
    assert_eq!(world.told_of(&emergency_access(&young)).await, "done");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_opens_what_a_marked_rule_keeps_and_nothing_more(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let refused = world.refused_admin("4f1c").await;
    let input = emergency_access(&refused);
    // A second rule that is not marked.
    world
        .policy_changes(
            "rules/automation.cedar",
            "when { context.capability == \"deploy\" && context.tier == \"critical\" }",
            "when { context.tier == \"critical\" }",
        )
        .await;
    assert_eq!(world.told_of(&input).await, "conflict not_for_emergencies");
    world
        .policy_changes(
            "rules/automation.cedar",
            "when { context.tier == \"critical\" }",
            "when { context.capability == \"deploy\" && context.tier == \"critical\" }",
        )
        .await;
    // Nobody may at all.
    let may = "permit (principal in Group::\"on-call\"";
    let nobody = "permit (principal in Group::\"contractors\"";
    world.policy_changes("rules/access.cedar", may, nobody).await;
    assert_eq!(world.told_of(&input).await, "conflict denied");
    world.policy_changes("rules/access.cedar", nobody, may).await;
    // It is granted by now.
    let bypass = world
        .breaks_glass("jonas.weber", &emergency("jonas.weber"))
        .await
        .unwrap();
    assert_eq!(world.told_of(&input).await, "conflict automated");
    world
        .service
        .revoke_opt_out(&responder("jonas.weber"), bypass.id, "Over")
        .await
        .unwrap();
    let given = world.breaks_glass_for("jonas.weber", &input).await.unwrap();
    assert!(world.may_administer_with("4f1c").await.evaluation.answer);

    // The mark goes: what it opened is shut, whatever was granted.
    world
        .policy_changes(
            "rules/automation.cedar",
            "@exemptible(\"break_glass\")",
            "@exemptible(\"bypass\")",
        )
        .await;
    assert!(!world.may_administer_with("4f1c").await.evaluation.answer);
    assert!(
        !world
            .grant(given.id)
            .await
            .unwrap()
            .state(world.now())
            .is_terminal()
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn no_to_manual_is_overridden_whether_it_was_there_or_comes(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let refused = world.refused_admin("4f1c").await;
    world
        .breaks_glass_for("jonas.weber", &emergency_access(&refused))
        .await
        .unwrap();
    assert!(world.may_administer_with("4f1c").await.evaluation.answer);
    let edr = monitor(&world, "edr").await;
    let high = signal(&world, Risk::High, "jonas.weber", "case-1");
    world.service.signal(&edr, &high).await.unwrap();
    assert!(
        !world.may_administer_with("4f1c").await.evaluation.answer,
        "it shuts what was open"
    );
    let later = world.refused_admin("another").await;
    assert_eq!(
        world.told_of(&emergency_access(&later)).await,
        "conflict taken_out"
    );
    let offer = world
        .service
        .break_glass_offer(&responder("jonas.weber"), Some(later.id))
        .await
        .unwrap();
    assert!(offer.refused.is_empty(), "nor is it offered");
    assert!(offer.not_opened.unwrap().contains("an emergency overrides none"));
    let low = signal(&world, Risk::Low, "jonas.weber", "case-1");
    world.service.signal(&edr, &low).await.unwrap();
    assert_eq!(world.told_of(&emergency_access(&later)).await, "done");

    // One that a grant of approvers would stand up to, since it began before, holds against an emergency all the same.
    let strict = world
        .opts_out("dana.roth", &to_manual("jonas.weber"))
        .await
        .unwrap();
    for who in ["bob.okafor", "omar.haddad"] {
        world.agrees(who, strict.id).await.unwrap();
    }
    assert!(!world.may_administer_with("another").await.evaluation.answer);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn for_a_workload_none_decides_who_started_it_or_answers_for_it(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start(pool, options).await;
    world
        .policy_changes(
            "rules/automation.cedar",
            "need a person.\")\n@exemptible(\"bypass\")\nforbid (principal, action == Action::\"automate\", resource is Service)\n\
             when { context.capability == \"deploy\" && context.tier",
            "need a person.\")\n@exemptible(\"break_glass\")\nforbid (principal, action == Action::\"automate\", resource is \
             Service)\nwhen { context.capability == \"deploy\" && context.tier",
        )
        .await;
    let sent = json!({ "initiator": "bob.okafor", "commit": "4f1c" });
    let on = "service payments-prod";
    let refused = ask(
        &world.decider,
        &world.gateway,
        "ci/payments",
        "deploy",
        on,
        sent.clone(),
    )
    .await;
    let given = world
        .breaks_glass_for("jonas.weber", &emergency_access(&refused))
        .await
        .unwrap();
    assert_eq!(given.state, AccessRequestState::Approved);
    assert_eq!(given.asked_by(), Some("jonas.weber".parse().unwrap()));
    let why = |who: &str| given.excluded.of(&who.parse().unwrap());
    assert_eq!(why("jonas.weber"), Some(Exclusion::Requester));
    assert_eq!(why("bob.okafor"), Some(Exclusion::Initiator));
    let review = world.review_of(given.id).await.unwrap();
    let bob = person("bob.okafor", &Role::ALL);
    assert_eq!(
        outcome(&world.concludes(&bob, &review).await),
        "forbidden excluded"
    );
    let answered = ask(&world.decider, &world.gateway, "ci/payments", "deploy", on, sent).await;
    assert!(answered.evaluation.answer);
    let grant = world.grant(given.id).await.unwrap();
    let ended = world
        .service
        .end_grant(&responder("jonas.weber"), grant.id, "Out")
        .await;
    assert_eq!(outcome(&ended), "done", "who broke it gives it back");
    assert_eq!(
        outcome(&world.concludes(&approver("mara.silva"), &review).await),
        "done"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_form_offers_each_refusal_once_and_the_one_that_was_named_first(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let first = world.refused_admin("one").await;
    world.minutes_pass(1);
    world.refused_admin("one").await;
    let newest = world.refused_admin("one").await;
    let second = world.refused_admin("two").await;
    let granted = world.refused_admin("three").await;
    world
        .breaks_glass_for("jonas.weber", &emergency_access(&granted))
        .await
        .unwrap();
    world.asks("jonas.weber", "read", "database ledger-db").await;
    world.asks("dana.roth", "admin", "service payments-prod").await;
    let offered = async |named| {
        let offer = world
            .service
            .break_glass_offer(&responder("jonas.weber"), named)
            .await
            .unwrap();
        let ids: Vec<_> = offer.refused.iter().map(|refused| refused.decision.id).collect();
        (ids, offer.not_opened)
    };
    assert_eq!(offered(None).await, (vec![second.id, newest.id], None));
    assert_eq!(offered(Some(first.id)).await, (vec![first.id, second.id], None));
    let (ids, why) = offered(Some(granted.id)).await;
    assert_eq!(ids, [second.id, newest.id]);
    assert_eq!(why.unwrap(), "This is granted by now: ask again.");
    world.hours_pass(24);
    assert_eq!(offered(None).await.0, []);
}
