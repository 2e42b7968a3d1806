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

async fn setting(of: impl sqlx::PgExecutor<'_>, name: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "a test looks at a setting")]
    sqlx::query_scalar("SELECT current_setting($1)")
        .bind(name)
        .fetch_one(of)
        .await
        .unwrap()
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn nothing_holds_a_connection_of_the_pool_for_ever(_: PgPoolOptions, options: PgConnectOptions) {
    let pool = server::database::connect(options.username("spillway_app"))
        .await
        .unwrap();
    for name in [
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
    ] {
        assert_ne!(setting(&pool, name).await, "0", "{name}");
    }
}

/// A statement over tables that nobody has analysed was compiled for a quarter of a second, at each change.
#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn no_statement_is_compiled_before_it_runs(_: PgPoolOptions, options: PgConnectOptions) {
    let pool = server::database::connect(options.username("spillway_app"))
        .await
        .unwrap();
    let store = store::Store::new(pool);
    let mut own = store.own_connection(&[]).await.unwrap();
    assert_eq!(setting(store.pool(), "jit").await, "off");
    assert_eq!(setting(&mut own, "jit").await, "off");
}
