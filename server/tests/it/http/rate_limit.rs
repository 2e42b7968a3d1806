use server::http::rate_limit::Rate;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::TestAppBuilder;

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn too_many_sign_ins_are_told_to_wait(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestAppBuilder::new(options)
        .sign_in_rate(Rate {
            burst: 3,
            per_minute: 1,
        })
        .start()
        .await;
    for _ in 0..3 {
        assert_eq!(app.anonymous().get("/sign-in/start").await.status, 303);
    }
    let refused = app.anonymous().get("/sign-in/start").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json()["type"], "urn:spillway:problem:too-many-requests");
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    assert_eq!(
        app.anonymous().get("/sign-in").await.status,
        200,
        "pages are not counted"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn machines_are_counted_by_their_token(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestAppBuilder::new(options)
        .machine_rate(Rate {
            burst: 2,
            per_minute: 1,
        })
        .start()
        .await;
    let (one, two) = (app.machine("one"), app.machine("two"));
    let body = serde_json::json!({});
    for _ in 0..2 {
        assert_eq!(one.post("/api/v1/echo", &body).await.status, 200);
    }
    assert_eq!(one.post("/api/v1/echo", &body).await.status, 429);
    assert_eq!(two.post("/api/v1/echo", &body).await.status, 200);
}
