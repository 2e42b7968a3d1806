//! Decisions do not wait for pages, forms and workers.

use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{deploy, gate};

/// Far longer than a decision takes, and shorter than what it waited for a connection.
const IN_TIME: Duration = Duration::from_secs(5);

/// A locked table stands for whatever makes every connection of the pool wait: `sessions` is read by every page, `events`
/// by the audit log.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_pool_that_waits_for_a_locked_table_holds_up_no_decision(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (app, gate) = gate(options).await;
    for table in ["sessions", "events"] {
        let mut lock = app.owner.begin().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!(
            "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"
        )))
        .execute(&mut *lock)
        .await
        .unwrap();
        let pool = app.node().pool.clone();
        let mut pages = JoinSet::new();
        for _ in 0..pool.options().get_max_connections() {
            let pool = pool.clone();
            let read = format!("SELECT count(*) FROM {table}");
            pages.spawn(async move { sqlx::raw_sql(AssertSqlSafe(read)).execute(&pool).await });
        }
        while pool.num_idle() > 0 || pool.size() < pool.options().get_max_connections() {
            tokio::task::yield_now().await;
        }
        let answer = timeout(
            IN_TIME,
            gate.post("/access/v1/evaluation", &deploy("payments-staging")),
        )
        .await
        .expect("an answer in time");
        assert_eq!(answer.status, 200, "{table}: {answer:?}");
        assert!(pages.try_join_next().is_none(), "they still wait");
        break_off(pages).await;
        lock.rollback().await.unwrap();
    }
}

async fn break_off<T: Send + 'static>(mut tasks: JoinSet<T>) {
    tasks.abort_all();
    while tasks.join_next().await.is_some() {}
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn nothing_holds_a_connection_of_the_pool_for_ever(_: PgPoolOptions, options: PgConnectOptions) {
    let pool = server::database::connect(options.username("spillway_app"))
        .await
        .unwrap();
    for setting in [
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
    ] {
        #[expect(clippy::disallowed_methods, reason = "a test looks at a setting")]
        let value: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(setting)
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_ne!(value, "0", "{setting}");
    }
}
