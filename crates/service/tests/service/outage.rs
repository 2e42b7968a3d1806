//! Without its database a node decides nothing, and goes on by itself when it is back.

use crate::support::{World, deploy};
use service::ServiceError;
use service::decisions::Stop;
use service::snapshot::Announcements;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_database_that_is_gone_is_unavailable_until_it_is_back(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let database = options.get_database().unwrap().to_owned();
    let mut outside = PgConnection::connect_with(&options.clone().database("postgres"))
        .await
        .unwrap();
    let world = World::new(options).await;
    let node = world.node(Announcements::Ignored).await;
    let (caller, asked) = (node.caller(), [deploy("payments-staging")]);
    node.decider.decide(&caller, &asked, Stop::Never).await.unwrap();

    // As if it had been stopped: nobody is let in, and who was in is thrown out.
    let out = format!("ALTER DATABASE \"{database}\" ALLOW_CONNECTIONS false");
    sqlx::raw_sql(AssertSqlSafe(out))
        .execute(&mut outside)
        .await
        .unwrap();
    sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1")
        .bind(&database)
        .execute(&mut outside)
        .await
        .unwrap();
    for _ in 0..3 {
        let refused = node.decider.decide(&caller, &asked, Stop::Never).await;
        assert!(
            matches!(refused, Err(ServiceError::Unavailable(_))),
            "{refused:?}"
        );
    }
    let back = format!("ALTER DATABASE \"{database}\" ALLOW_CONNECTIONS true");
    sqlx::raw_sql(AssertSqlSafe(back))
        .execute(&mut outside)
        .await
        .unwrap();
    node.decider.decide(&caller, &asked, Stop::Never).await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM decisions").await, 2);
}
