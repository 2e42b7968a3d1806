//! Whoever sends many items hides nothing, and cannot send any number of them.

use crate::world::asking::submission;
use crate::world::people::approver;
use crate::world::{World, deployment_bypass, outcome};
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// Copies the only row of a table, with other values in some columns.
async fn copies(world: &World, table: &str, count: u32, columns: &[(&str, &str)]) {
    let (names, values): (Vec<&str>, Vec<&str>) = columns.iter().copied().unzip();
    let (names, values) = (names.join(", "), values.join(", "));
    let copy = format!(
        "DO $$
         DECLARE same text;
         BEGIN
             SELECT string_agg(column_name, ', ') INTO same FROM information_schema.columns
              WHERE table_name = '{table}' AND column_name <> ALL (string_to_array('{names}', ', '));
             EXECUTE format('INSERT INTO {table} ({names}, %s) SELECT {values}, %s FROM {table}, generate_series(1, {count})',
                            same, same);
         END $$"
    );
    sqlx::raw_sql(AssertSqlSafe(copy))
        .execute(&world.owner)
        .await
        .unwrap();
}

const ANOTHER_REQUEST: [(&str, &str); 2] =
    [("id", "gen_random_uuid()"), ("decision_id", "gen_random_uuid()")];

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn items_of_another_plan_that_end_sooner_hide_nothing(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let denial = world.asks("alice.meyer", "read", "database ledger-db").await;
    world.files(submission(&denial)).await.unwrap();
    let [id, decision] = ANOTHER_REQUEST;
    let sooner = ("expires_at", "requested_at + interval ''1 minute''");
    copies(&world, "access_requests", 600, &[id, decision, sooner]).await;
    let honest = world.requested_deployment().await;
    assert_eq!(world.inbox("bob.okafor").await, [honest.id.to_string()]);
    let count = world
        .service
        .count_waiting(&approver("bob.okafor"))
        .await
        .unwrap();
    assert_eq!(count, 1);
    // Those whom the many ask are shown the first of them, and a count that does not go on for ever.
    assert_eq!(world.inbox("ravi.patel").await.len(), 500);
    assert_eq!(
        world
            .service
            .count_waiting(&approver("ravi.patel"))
            .await
            .unwrap(),
        100
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_row_that_cannot_be_read_hides_no_other(pool: PgPoolOptions, options: PgConnectOptions) {
    // One after the other in one world, each on a request of its own.
    let world = World::start(pool, options).await;
    let sound = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    for damage in [
        "UPDATE access_requests SET body = '{}' WHERE id = $1",
        "UPDATE access_requests SET excluded = '7' WHERE id = $1",
        "INSERT INTO votes (id, item_kind, item_id, person_id, stage, verdict, capacities, reason, at)
         VALUES (gen_random_uuid(), 'access_request', $1, 'mara.silva', 0, 'approve', '7', '', now())",
    ] {
        let damaged = world.requested_deployment().await;
        assert_eq!(world.inbox("bob.okafor").await.len(), 2);
        #[expect(clippy::disallowed_methods, reason = "a test damages what is stored")]
        sqlx::query(damage)
            .bind(damaged.id.uuid())
            .execute(&world.owner)
            .await
            .unwrap();
        assert_eq!(
            world.inbox("bob.okafor").await,
            [sound.id.to_string()],
            "{damage}"
        );
        let count = world
            .service
            .count_waiting(&approver("bob.okafor"))
            .await
            .unwrap();
        assert_eq!(count, 1, "{damage}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn one_requester_and_one_client_have_a_limit_of_open_requests(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let first = world.requested_deployment().await;
    copies(&world, "access_requests", 98, &ANOTHER_REQUEST).await;
    let denial = world.denied_deployment().await;
    let (hundredth, _) = world.files(submission(&denial)).await.unwrap();
    let denial = world.denied_deployment().await;
    assert_eq!(outcome(&world.files(submission(&denial)).await), "too many open");
    // Somebody else still may.
    let other = world.asks("alice.meyer", "read", "database ledger-db").await;
    world.files(submission(&other)).await.unwrap();
    // What has been decided is no longer open.
    world.denies("bob.okafor", first.id).await.unwrap();
    world.denies("bob.okafor", hundredth.id).await.unwrap();
    let denial = world.denied_deployment().await;
    world.files(submission(&denial)).await.unwrap();
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn one_client_has_a_limit_of_open_requests_for_whomever(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::start(pool, options).await;
    let denial = world.asks("alice.meyer", "read", "database ledger-db").await;
    world.files(submission(&denial)).await.unwrap();
    copies(&world, "access_requests", 999, &ANOTHER_REQUEST).await;
    let denial = world.denied_deployment().await;
    assert_eq!(outcome(&world.files(submission(&denial)).await), "too many open");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn one_person_has_a_limit_of_open_opt_outs(pool: PgPoolOptions, options: PgConnectOptions) {
    let world = World::start(pool, options).await;
    let first = world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
    copies(&world, "opt_outs", 99, &[("id", "gen_random_uuid()")]).await;
    let refused = world.opts_out("alice.meyer", &deployment_bypass()).await;
    assert_eq!(outcome(&refused), "conflict too_many_open");
    world.opts_out("dana.roth", &deployment_bypass()).await.unwrap();
    let alice = crate::world::people::requester("alice.meyer");
    world.service.withdraw_opt_out(&alice, first.id).await.unwrap();
    world.opts_out("alice.meyer", &deployment_bypass()).await.unwrap();
}
