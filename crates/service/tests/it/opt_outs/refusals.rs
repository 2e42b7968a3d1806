//! What may not be asked, and that the refusal names the field to mend.

use crate::world::asking::{principal, resource};
use crate::world::people::requester;
use crate::world::{World, bypass, deployment_bypass, outcome, to_manual};
use chrono::TimeDelta;
use domain::principal::PrincipalKind;
use domain::scope::{PrincipalSelector, ResourceSelector, Scope};
use service::directory::GroupFile;
use service::opt_outs::OptOutInput;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

fn with(change: impl FnOnce(&mut OptOutInput)) -> OptOutInput {
    let mut input = deployment_bypass();
    change(&mut input);
    input
}

fn strict(change: impl FnOnce(&mut OptOutInput)) -> OptOutInput {
    let mut input = to_manual("alice.meyer");
    change(&mut input);
    input
}

fn who(selector: PrincipalSelector) -> OptOutInput {
    with(|input| input.scope.principals = Some([selector].into()))
}

fn on(selector: ResourceSelector) -> OptOutInput {
    with(|input| input.scope.resources = Some([selector].into()))
}

fn out_of(rule: &str) -> OptOutInput {
    with(|input| input.scope.rules = [rule.parse().unwrap()].into())
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn each_names_the_field_and_writes_nothing(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start_with(pool, options, |directory| {
        let nobody = GroupFile {
            title: "Nobody".into(),
            members: vec![],
            workloads: vec![],
            agents: vec![],
            parents: [].into(),
        };
        directory.groups.insert("nobody".parse().unwrap(), nobody);
    })
    .await;
    let now = world.now();
    let label = |value: &str| ResourceSelector::Label {
        key: "env".into(),
        value: value.into(),
    };
    let cases = [
        // What and which way.
        (
            "scenario unknown",
            with(|input| input.scenario = "because".parse().unwrap()),
        ),
        (
            "direction not_allowed",
            with(|input| input.scenario = "flagged-principal".parse().unwrap()),
        ),
        (
            "direction not_allowed",
            strict(|input| input.scenario = "false-positive".parse().unwrap()),
        ),
        // The scope's shape.
        (
            "scope/resources scope",
            with(|input| input.scope.resources = None),
        ),
        (
            "scope/resources scope",
            on(ResourceSelector::Type("service".into())),
        ),
        (
            "scope/resources scope",
            with(|input| input.scope.resources = Some([].into())),
        ),
        (
            "scope/principals scope",
            with(|input| input.scope.principals = Some([].into())),
        ),
        // For anybody: whoever decides it would be exempted by it.
        (
            "scope/principals scope",
            with(|input| input.scope.principals = None),
        ),
        (
            "scope/capabilities scope",
            with(|input| input.scope.capabilities = Some([].into())),
        ),
        ("scope/rules scope", with(|input| input.scope.rules = [].into())),
        (
            "scope/rules scope",
            strict(|input| input.scope.rules = ["change-freeze".parse().unwrap()].into()),
        ),
        (
            "scope/principals scope",
            strict(|input| input.scope = Scope::default()),
        ),
        // What it names.
        (
            "scope/principals unknown",
            who(PrincipalSelector::Id(principal("ci/unknown"))),
        ),
        (
            "scope/principals unknown",
            who(PrincipalSelector::Group("unknown".parse().unwrap())),
        ),
        (
            "scope/principals unknown",
            who(PrincipalSelector::Team("unknown".parse().unwrap())),
        ),
        (
            "scope/principals covers_nothing",
            who(PrincipalSelector::Group("nobody".parse().unwrap())),
        ),
        (
            "scope/resources unknown",
            on(ResourceSelector::Id(resource("service unknown"))),
        ),
        (
            "scope/resources unknown",
            on(ResourceSelector::Team("unknown".parse().unwrap())),
        ),
        ("scope/resources covers_nothing", on(label("nowhere"))),
        ("scope/rules unknown", out_of("unknown")),
        ("scope/rules not_exemptible", out_of("no-bulk-export")),
        ("scope/rules not_exemptible", out_of("automate-pipelines")),
        (
            "scope/rules not_allowed",
            with(|input| {
                input.scenario = "change-freeze-exception".parse().unwrap();
                input.ticket = Some("CHG-1001".into());
            }),
        ),
        // Texts.
        ("title title_length", with(|input| input.title = " \t".into())),
        ("title title_length", with(|input| input.title = "x".repeat(121))),
        (
            "title unprintable",
            with(|input| input.title = "two\nlines".into()),
        ),
        (
            "title unprintable",
            with(|input| input.title = "turned \u{202e}dnuora".into()),
        ),
        (
            "reason reason_too_short",
            with(|input| input.reason = "because".into()),
        ),
        (
            "reason reason_too_short",
            with(|input| input.reason = "\u{200b}".repeat(60)),
        ),
        (
            "reason reason_too_long",
            with(|input| input.reason = "x".repeat(4_001)),
        ),
        (
            "ticket ticket_missing",
            with(|input| {
                input.scenario = "change-freeze-exception".parse().unwrap();
                input.scope.rules = ["change-freeze".parse().unwrap()].into();
            }),
        ),
        (
            "ticket ticket_missing",
            with(|input| {
                input.scenario = "change-freeze-exception".parse().unwrap();
                input.scope.rules = ["change-freeze".parse().unwrap()].into();
                input.ticket = Some("  ".into());
            }),
        ),
        (
            "ticket ticket_form",
            with(|input| {
                input.scenario = "change-freeze-exception".parse().unwrap();
                input.scope.rules = ["change-freeze".parse().unwrap()].into();
                input.ticket = Some("see CHG-1001".into());
            }),
        ),
        // What the case asks for besides.
        (
            "details/incident_id missing",
            with(|input| input.scenario = "incident-response".parse().unwrap()),
        ),
        (
            "details/data_classification missing, details/compensating_control too_short",
            with(|input| {
                input.scenario = "audit-examination".parse().unwrap();
                input.scope.rules = ["read-needs-ticket".parse().unwrap()].into();
                input.details.compensating_control = Some("logs".into());
            }),
        ),
        (
            "ticket ticket_too_long",
            with(|input| input.ticket = Some("x".repeat(65))),
        ),
        // Time.
        (
            "starts_at in_the_past",
            with(|input| input.starts_at = Some(now - TimeDelta::minutes(16))),
        ),
        (
            "ends_at end_before_start",
            with(|input| input.ends_at = Some(now)),
        ),
        (
            "ends_at end_before_start",
            with(|input| {
                input.starts_at = Some(now + TimeDelta::hours(2));
                input.ends_at = Some(now + TimeDelta::hours(1));
            }),
        ),
        (
            "ends_at too_long",
            with(|input| input.ends_at = Some(now + TimeDelta::days(1) + TimeDelta::microseconds(1))),
        ),
        (
            "length_secs too_long",
            with(|input| input.length_secs = Some(86_401)),
        ),
        (
            "length_secs end_before_start",
            with(|input| input.length_secs = Some(0)),
        ),
        (
            "length_secs end_before_start",
            with(|input| input.length_secs = Some(-3_600)),
        ),
        (
            "length_secs end_before_start",
            with(|input| input.length_secs = Some(i64::MAX)),
        ),
        // Uses.
        ("max_uses out_of_range", with(|input| input.max_uses = Some(0))),
        (
            "max_uses out_of_range",
            with(|input| input.max_uses = Some(u32::MAX)),
        ),
        (
            "max_uses out_of_range",
            with(|input| {
                input.scenario = "change-freeze-exception".parse().unwrap();
                input.scope.rules = ["change-freeze".parse().unwrap()].into();
                input.ticket = Some("CHG-1001".into());
                input.max_uses = Some(21);
            }),
        ),
        (
            "max_uses not_for_to_manual",
            strict(|input| input.max_uses = Some(3)),
        ),
    ];
    let before = world.rows().await;
    let alice = requester("alice.meyer");
    for (field, input) in cases {
        let told = outcome(&world.opts_out("alice.meyer", &input).await);
        assert_eq!(told, format!("invalid {field}"), "{input:?}");
        assert_eq!(outcome(&world.service.check_opt_out(&alice, &input).await), told);
        assert_eq!(
            outcome(&world.service.preview_opt_out(&alice, &input).await),
            told
        );
    }
    assert_eq!(world.rows().await, before, "nothing was written");
    assert_eq!(
        outcome(&world.opts_out("alice.meyer", &deployment_bypass()).await),
        "done"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn everything_that_is_wrong_is_named_at_once(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let input = with(|input| {
        input.reason = "no".into();
        input.ticket = Some("x".repeat(65));
        input.length_secs = Some(0);
        input.max_uses = Some(0);
    });
    assert_eq!(
        outcome(&world.opts_out("alice.meyer", &input).await),
        "invalid reason reason_too_short, ticket ticket_too_long, length_secs end_before_start, max_uses out_of_range"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn only_groups_that_the_tier_names_may_ask_and_only_their_direction(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let deploying = Some(["deploy".parse().unwrap()].into());
    let mut standard = bypass("ci/search", "change-freeze", "service search-prod");
    standard.scope.capabilities = deploying.clone();
    let mut by_contractor = to_manual("ci/search");
    by_contractor.scope.resources = Some([ResourceSelector::Id(resource("service search-prod"))].into());
    by_contractor.scope.capabilities = deploying;
    let who_may = [
        ("alice.meyer", &standard, "done"),
        ("liam.byrne", &standard, "invalid direction not_allowed"),
        ("liam.byrne", &by_contractor, "done"),
        ("p.novak", &standard, "invalid direction not_allowed"),
        ("nobody.known", &standard, "invalid direction not_allowed"),
    ];
    for (name, input, expected) in who_may {
        assert_eq!(
            outcome(&world.opts_out(name, input).await),
            expected,
            "{name} {:?}",
            input.direction
        );
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_would_exempt_every_approver_cannot_be_sent(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    for everybody in [
        PrincipalSelector::Kind(PrincipalKind::Person),
        PrincipalSelector::Group("staff".parse().unwrap()),
    ] {
        let before = world.rows().await;
        let told = outcome(&world.opts_out("alice.meyer", &who(everybody)).await);
        assert_eq!(told, "conflict nobody_left_to_decide");
        assert_eq!(world.rows().await, before);
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn one_for_anybody_from_before_is_rejected_or_lapses_and_never_approved(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let asked = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    let open = "WITH opened AS (
        INSERT INTO opt_out_revisions (opt_out_id, revision, body, at)
        SELECT opt_out_id, 2, jsonb_set(body #- '{scope,principals}' #- '{coverage,principals}', '{revision}', '2'), at
        FROM opt_out_revisions WHERE opt_out_id = $1)
        UPDATE opt_outs SET revision = 2 WHERE id = $1";
    #[allow(clippy::disallowed_methods, reason = "a row from an older program")]
    let opened = sqlx::query(open)
        .bind(asked.id.uuid())
        .execute(&world.owner)
        .await
        .unwrap();
    assert_eq!(opened.rows_affected(), 1);
    assert_eq!(
        outcome(&world.agrees("bob.okafor", asked.id).await),
        "invalid scope/principals scope"
    );
    assert_eq!(outcome(&world.rejects("bob.okafor", asked.id).await), "done");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_bypass_that_is_too_broad_for_its_tier_cannot_be_sent_nor_grow_into_it(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut world = World::start_with(pool, options, |directory| {
        let few = GroupFile {
            title: "Few".into(),
            members: vec![],
            workloads: vec!["ci/payments".into()],
            agents: vec![],
            parents: [].into(),
        };
        directory.groups.insert("few".parse().unwrap(), few);
    })
    .await;
    world
        .policy_changes(
            "tiers.toml",
            "most_principals = 30\nmost_resources = 30",
            "most_principals = 2\nmost_resources = 2",
        )
        .await;
    let pipelines = who(PrincipalSelector::Group("pipelines".parse().unwrap()));
    assert_eq!(
        outcome(&world.opts_out("alice.meyer", &pipelines).await),
        "invalid scope/principals too_broad"
    );
    let every = on(ResourceSelector::Label {
        key: "env".into(),
        value: "prod".into(),
    });
    let told = outcome(&world.opts_out("alice.meyer", &every).await);
    assert_eq!(told, "invalid scope/resources too_broad");
    let few = who(PrincipalSelector::Group("few".parse().unwrap()));
    let asked = world.opts_out("alice.meyer", &few).await.unwrap();
    world
        .directory_changes(|directory| {
            let few = directory.groups.get_mut(&"few".parse().unwrap()).unwrap();
            few.workloads = ["ci/payments", "ci/data", "ci/edge"].map(str::to_owned).into();
        })
        .await;
    world.agrees("bob.okafor", asked.id).await.unwrap();
    assert_eq!(
        outcome(&world.agrees("omar.haddad", asked.id).await),
        "conflict too_broad"
    );
    let strict = strict(|input| {
        input.scope.principals = Some([PrincipalSelector::Group("pipelines".parse().unwrap())].into());
    });
    assert_eq!(
        outcome(&world.opts_out("alice.meyer", &strict).await),
        "done",
        "into review goes as much as one likes"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_case_can_be_for_some_tiers_alone(pool: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::start(pool, options).await;
    let case = "reason_kind = \"false_positive\"\n";
    let changed = format!("{case}tiers = [\"low\", \"standard\"]\n");
    world.policy_changes("scenarios.toml", case, &changed).await;
    assert_eq!(
        outcome(&world.opts_out("alice.meyer", &deployment_bypass()).await),
        "invalid scenario not_allowed"
    );
    let staging = bypass("ci/payments", "known-network", "service payments-staging");
    assert_eq!(outcome(&world.opts_out("alice.meyer", &staging).await), "done");
}
