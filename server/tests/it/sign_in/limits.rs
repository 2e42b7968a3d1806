use chrono::TimeDelta;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::TestApp;

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_idle_session_ends(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut alice = app.person("alice.meyer").await;
    app.clock.advance(TimeDelta::minutes(29));
    assert!(app.is_signed_in(&mut alice).await);
    app.clock.advance(TimeDelta::minutes(29));
    assert!(
        app.is_signed_in(&mut alice).await,
        "the first look has moved the limit"
    );
    app.clock.advance(TimeDelta::minutes(30));
    assert!(!app.is_signed_in(&mut alice).await, "the interval is half-open");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn no_use_moves_the_absolute_limit(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut alice = app.person("alice.meyer").await;
    for _ in 0..35 {
        app.clock.advance(TimeDelta::minutes(20));
        assert!(app.is_signed_in(&mut alice).await);
    }
    // 35 × 20 min = 11 h 40 min. A sign-in that is begun, but not finished, moves nothing either.
    alice.start("").await;
    app.clock.advance(TimeDelta::minutes(20));
    assert!(!app.is_signed_in(&mut alice).await);
}
