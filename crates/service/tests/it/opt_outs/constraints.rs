//! What the database itself refuses to the serving role, whatever the code above it does.

use crate::world::asking::submission;
use crate::world::breaking::emergency_access;
use crate::world::{World, deployment_bypass, to_manual};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Executor as _, PgPool};

/// The name of the constraint that refuses, else the SQLSTATE; panics where nothing refuses.
async fn refusal(db: &PgPool, sql: String) -> String {
    let error = db.execute(AssertSqlSafe(sql.clone())).await.expect_err(&sql);
    let error = error.into_database_error().expect("the database refuses");
    error
        .constraint()
        .map_or_else(|| error.code().unwrap().into_owned(), str::to_owned)
}

const NOT_NULL: &str = "23502";
const NOT_PERMITTED: &str = "42501";

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn windows_caps_votes_and_records(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    world.requested_deployment().await;
    let bypass = world.bypass_in_force(&deployment_bypass()).await.id.uuid();
    let pending = world
        .opts_out("dana.roth", &to_manual("alice.meyer"))
        .await
        .unwrap();
    let revoked = world.bypass_in_force(&deployment_bypass()).await.id;
    let alice = crate::world::people::requester("alice.meyer");
    world
        .service
        .revoke_opt_out(&alice, revoked, "Over")
        .await
        .unwrap();
    let opt_out = |set: &str| format!("UPDATE opt_outs SET {set} WHERE id = '{bypass}'");
    let over = |set: &str| format!("UPDATE opt_outs SET {set} WHERE id = '{}'", revoked.uuid());
    let vote = |columns: &str, values: &str| {
        format!(
            "INSERT INTO votes (id, item_kind, item_id, {columns}, stage, verdict, capacities, at, reason)
             VALUES (gen_random_uuid(), 'opt_out', '{bypass}', {values}, 0, 'approve', '[]', now(), '')"
        )
    };
    let charge =
        |at: &str| format!("UPDATE budget_charges SET released_at = {at} WHERE opt_out_id = '{bypass}'");
    let cases = [
        // Invariant 4: every opt-out has an end, after its start, within its cap.
        (NOT_NULL, opt_out("ends_at = NULL")),
        ("opt_outs_end_after_start", opt_out("ends_at = starts_at")),
        ("opt_outs_within_cap", opt_out("ends_at = ends_at + interval '30 days'")),
        ("opt_outs_uses_within_limit", opt_out("max_uses = 1, uses = 2")),
        ("opt_outs_limit_for_bypass", format!("UPDATE opt_outs SET max_uses = 1 WHERE id = '{}'", pending.id.uuid())),
        ("opt_outs_requester_person", opt_out("requester_kind = 'workload'")),
        // Renewals: a line ends when it must, and nothing renews itself. Only a bypass is needless.
        ("opt_outs_renewal_whole", opt_out("generation = 1")),
        ("opt_outs_not_its_own_parent", opt_out("generation = 1, parent_id = id")),
        ("opt_outs_within_the_age_of_its_line", opt_out("must_end_by = ends_at - interval '1 second'")),
        (
            "opt_outs_needless_for_bypass",
            format!("UPDATE opt_outs SET closes_at = now() WHERE id = '{}'", pending.id.uuid()),
        ),
        // Hours of the week: whole, and as they were asked for.
        ("opt_outs_hours_stay", opt_out(r#"recurrence = '{"days": ["sat"], "from": "22:00", "until": "06:00", "zone": "UTC"}'"#)),
        // A charge is made once and released once.
        (NOT_PERMITTED, "UPDATE budget_charges SET tier = 'low'".into()),
        (NOT_PERMITTED, "DELETE FROM budget_charges".into()),
        ("budget_charges_released_after", charge("charged_at - interval '1 second'")),
        // Invariant 3: only persons have votes. Invariant 2: one each.
        ("votes_of_persons", vote("person_kind, person_id", "'workload', 'ci/payments'")),
        ("votes_person_fk", vote("person_id", "'ci/payments'")),
        ("votes_once_per_person", vote("person_id", "'bob.okafor'")),
        (
            "votes_deny_needs_reason",
            vote("person_id", "'tom.becker'").replace("'approve'", "'deny'"),
        ),
        // Invariant 7: terminal states stay, and nothing is deleted.
        ("opt_outs_terminal_state_stays", over("state = 'active'")),
        ("opt_outs_terminal_state_stays", over("ends_at = ends_at - interval '1 minute'")),
        (NOT_PERMITTED, format!("DELETE FROM opt_outs WHERE id = '{bypass}'")),
        (NOT_PERMITTED, "DELETE FROM access_requests".into()),
        (NOT_PERMITTED, "DELETE FROM grants".into()),
        (NOT_PERMITTED, "UPDATE votes SET verdict = 'deny', reason = 'x'".into()),
        (NOT_PERMITTED, "DELETE FROM votes".into()),
        (NOT_PERMITTED, "UPDATE opt_out_revisions SET body = '{}'".into()),
        (NOT_PERMITTED, "UPDATE events SET actor_id = 'somebody.else'".into()),
        (NOT_PERMITTED, "DELETE FROM events".into()),
        (NOT_PERMITTED, "TRUNCATE events".into()),
        (NOT_PERMITTED, "TRUNCATE votes".into()),
        (NOT_PERMITTED, "ALTER TABLE votes DROP CONSTRAINT votes_of_persons".into()),
        (NOT_PERMITTED, "ALTER TABLE opt_outs DISABLE TRIGGER opt_outs_terminal_state_stays".into()),
        // One request per denial, one grant per request.
        (
            "access_requests_one_per_denial",
            "INSERT INTO access_requests SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid()))).*
             FROM access_requests r"
                .into(),
        ),
    ];
    for (expected, sql) in cases {
        assert_eq!(refusal(&world.app, sql.clone()).await, expected, "{sql}");
    }
    world
        .app
        .execute(AssertSqlSafe(charge("charged_at")))
        .await
        .unwrap();
    assert_eq!(
        refusal(&world.app, charge("NULL")).await,
        "budget_charges_stay",
        "released once"
    );
    // Even the owner's triggers refuse what the serving role has no right to.
    for sql in [
        "UPDATE events SET actor_id = 'x'",
        "DELETE FROM votes",
        "TRUNCATE events",
    ] {
        assert_eq!(refusal(&world.owner, sql.into()).await, NOT_PERMITTED, "{sql}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn grants_and_settled_requests(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let grant = world.granted_deployment().await;
    let holder = crate::world::people::approver("mara.silva");
    world.service.end_grant(&holder, grant.id, "Over").await.unwrap();
    let of_grant = |set: &str| format!("UPDATE grants SET {set} WHERE id = '{}'", grant.id.uuid());
    let of_request = |set: &str| {
        format!(
            "UPDATE access_requests SET {set} WHERE id = '{}'",
            grant.request.uuid()
        )
    };
    let cases = [
        ("grants_terminal_state_stays", of_grant("ended_at = NULL, end_kind = NULL")),
        ("grants_terminal_state_stays", of_grant("ends_at = ends_at + interval '1 hour'")),
        ("grants_end_whole", of_grant("end_kind = NULL")),
        ("access_requests_terminal_state_stays", of_request("state = 'denied'")),
        ("access_requests_terminal_state_stays", of_request("grant_secs = grant_secs + 1")),
        (
            "grants_one_per_request",
            "INSERT INTO grants SELECT (jsonb_populate_record(g, jsonb_build_object('id', gen_random_uuid()))).* FROM grants g"
                .into(),
        ),
    ];
    for (expected, sql) in cases {
        let told = refusal(&world.app, sql.clone()).await;
        // A trigger fires before a check: either keeps it.
        assert!(
            told == expected || told == "grants_terminal_state_stays",
            "{told}: {sql}"
        );
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn broken_glasses(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let refused = world.refused_admin("4f1c").await;
    world.files(submission(&refused)).await.unwrap();
    let given = world
        .breaks_glass_for("jonas.weber", &emergency_access(&refused))
        .await
        .unwrap();
    let grant = |members: &str| {
        format!(
            "INSERT INTO grants SELECT (jsonb_populate_record(g, jsonb_build_object('id', gen_random_uuid(), {members}))).*
             FROM grants g WHERE g.break_glass"
        )
    };
    let review = |members: &str| {
        format!(
            "INSERT INTO post_reviews SELECT (jsonb_populate_record(r,
                 jsonb_build_object('id', gen_random_uuid(), {members}))).* FROM post_reviews r"
        )
    };
    let of_request = |set: &str| {
        let id = given.id.uuid();
        format!("UPDATE access_requests SET {set} WHERE id = '{id}'")
    };
    let cases = [
        ("access_requests_break_glass_stays", of_request("break_glass = NULL")),
        ("grants_break_glass_stays", "UPDATE grants SET break_glass = false".into()),
        ("grants_break_glass_longest", grant("'ends_at', now() + interval '30 years'")),
        (
            "grants_no_role_by_break_glass",
            grant("'resource_type', 'role', 'resource_id', 'incident-admin', 'capability', 'member'"),
        ),
        ("post_reviews_access_request_once", review("'version', 1")),
        ("post_reviews_of_one", review("'access_request_id', NULL")),
        ("post_reviews_access_broke_glass", review("'cause', 'ended'")),
        (
            "break_glass_spells_of_one",
            "INSERT INTO break_glass_spells (opt_out_id, access_request_id, person_id, team, resource_type, resource_id,
                 incident, sign_in, starts_at, ends_at)
             SELECT s.access_request_id, s.access_request_id, s.person_id, s.team, s.resource_type, 'search-prod', s.incident,
                 s.sign_in, s.starts_at, s.ends_at FROM break_glass_spells s"
                .into(),
        ),
        // An ordinary request for the same refusal is one alone all the same.
        (
            "access_requests_one_per_denial",
            "INSERT INTO access_requests SELECT (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid()))).*
             FROM access_requests r WHERE r.break_glass IS NULL"
                .into(),
        ),
    ];
    for (expected, sql) in cases {
        assert_eq!(refusal(&world.app, sql.clone()).await, expected, "{sql}");
    }
}
