//! What an operator does from the command line to the database, while a node serves from it.

use clap::Parser as _;
use domain::id::CorrelationId;
use server::command::{Command, CommandLine};
use server::demo::organisation;
use server::operator::bootstrap::{self, PutInForce};
use server::operator::{Report, clients, sessions};
use service::ServiceError;
use service::directory::DirectoryFile;
use service::ids::{Ids as _, RandomIds};
use service::in_force::Accepted;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::access::{deploy, gate};
use crate::support::TestApp;

const ASK: &str = "/access/v1/evaluation";

fn correlation(app: &TestApp) -> CorrelationId {
    CorrelationId::from_uuid(RandomIds.next(app.application.service.now()))
}

/// Runs a command line on the application's database.
async fn spillway(app: &TestApp, line: &str) -> Result<Report, ServiceError> {
    let line = std::iter::once("spillway").chain(line.split(' '));
    let (service, correlation) = (&app.application.service, correlation(app));
    let mut report = Report::default();
    match CommandLine::try_parse_from(line).unwrap().command {
        Command::Client(asked) => clients::run(service, &asked.act, correlation, &mut report).await?,
        Command::Sessions(asked) => sessions::run(service, &asked.act, correlation, &mut report).await?,
        other => panic!("{other:?}"),
    }
    Ok(report)
}

async fn boots(app: &TestApp, directory: &DirectoryFile, revoke_absent: bool) -> Report {
    let wanted = PutInForce {
        policy: &organisation::policy(),
        directory,
        accept: Accepted::default(),
        revoke_absent,
    };
    let mut report = Report::default();
    bootstrap::run(&app.application.service, &wanted, correlation(app), &mut report)
        .await
        .unwrap();
    report
}

fn token(report: &Report) -> String {
    report.json["token"].as_str().unwrap().to_owned()
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_client_is_added_narrowed_rotated_and_revoked_while_a_node_serves(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (app, _) = gate(options).await;
    let added = spillway(
        &app,
        "client add release-bot --subject workload:ci/* --resource *:*",
    )
    .await
    .unwrap();
    let first = token(&added);
    assert_eq!(added.lines, [format!("SPILLWAY_TOKEN_RELEASE_BOT={first}")]);
    let question = deploy("payments-staging");
    let status = async |token: &str| app.machine(token).post(ASK, &question).await.status.as_u16();
    assert_eq!(status(&first).await, 200);

    let narrowed = spillway(&app, "client set release-bot --resource service:search-*")
        .await
        .unwrap();
    assert_eq!(narrowed.json["changes"].as_array().unwrap().len(), 2);
    assert_eq!(status(&first).await, 403);
    spillway(&app, "client set release-bot --resource *:*")
        .await
        .unwrap();
    let unchanged = spillway(&app, "client set release-bot --resource *:*")
        .await
        .unwrap();
    assert_eq!(unchanged.json["changes"], serde_json::json!([]));

    let second = token(
        &spillway(&app, "client rotate release-bot --overlap 1h")
            .await
            .unwrap(),
    );
    app.application.service.store_client_uses().await.unwrap();
    let listed = spillway(&app, "client list").await.unwrap();
    let tokens = listed.json["clients"]
        .as_array()
        .unwrap()
        .iter()
        .find(|client| client["name"] == "release-bot")
        .unwrap()["tokens"]
        .as_array()
        .unwrap();
    assert_eq!(tokens.len(), 2);
    assert!(
        tokens[0]["last_used_at"].is_null() && !tokens[1]["last_used_at"].is_null(),
        "{tokens:?}"
    );
    let printed = format!("{}{}", listed.print(true), listed.print(false));
    assert!(!printed.contains("spw_"), "a list shows no token");
    assert_eq!((status(&first).await, status(&second).await), (200, 200));
    let third = token(
        &spillway(&app, "client rotate release-bot --overlap 0s")
            .await
            .unwrap(),
    );
    for (token, expected) in [(&first, 401), (&second, 401), (&third, 200)] {
        assert_eq!(status(token).await, expected);
    }
    spillway(&app, "client revoke release-bot").await.unwrap();
    assert_eq!(status(&third).await, 401);
    for line in [
        "client revoke release-bot",
        "client set release-bot --no-trusted-keys",
        "client rotate nobody",
    ] {
        let refused = spillway(&app, line).await;
        assert!(
            matches!(refused, Err(ServiceError::NotFound { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn what_no_client_can_have_is_refused_at_the_command_line() {
    for line in [
        "client add x --subject ci/*",
        "client add x --subject robot:ci/*",
        "client add x --resource payments",
        "client rotate x --overlap 3",
        "client set x --trusted-key a --no-trusted-keys",
        "client set x --no-signals --signals-per-hour 3",
        "sessions end",
        "sessions end --person ",
    ] {
        let line = std::iter::once("spillway").chain(line.split(' '));
        assert!(
            CommandLine::try_parse_from(line.clone()).is_err(),
            "{:?}",
            line.collect::<Vec<_>>()
        );
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn the_right_to_signal_is_given_whole_and_changed_in_part(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    boots(&app, &organisation::directory("https://idp.test").unwrap(), false).await;
    let refused = spillway(&app, "client set ci-gateway --signals-per-hour 3").await;
    assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{refused:?}");
    let line = "client set ci-gateway --signal-subject person:* --signals-per-hour 3 --longest-signal 8h --incidents CI-";
    spillway(&app, line).await.unwrap();
    spillway(&app, "client set ci-gateway --longest-signal 4h")
        .await
        .unwrap();
    let find = |report: &Report| {
        let all = report.json["clients"].as_array().unwrap().clone();
        all.into_iter()
            .find(|client| client["name"] == "ci-gateway")
            .unwrap()
    };
    let listed = find(&spillway(&app, "client list").await.unwrap());
    assert_eq!(listed["incidents"], "CI-");
    assert_eq!(
        (&listed["signals"]["per_hour"], &listed["signals"]["longest_secs"]),
        (&3.into(), &14_400.into())
    );
    spillway(&app, "client set ci-gateway --no-signals --no-incidents")
        .await
        .unwrap();
    let listed = find(&spillway(&app, "client list").await.unwrap());
    assert!(
        listed.get("signals").is_none() && listed.get("incidents").is_none(),
        "{listed}"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn bootstrap_changes_registered_clients_and_names_absent_ones(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    let mut directory = organisation::directory("https://idp.test").unwrap();
    let first = boots(&app, &directory, false).await;
    let clients = first.json["clients"].as_array().unwrap();
    assert_eq!(clients.len(), directory.clients.len());
    assert!(clients.iter().all(|client| client["token"].is_string()));

    let again = boots(&app, &directory, true).await;
    let unchanged = |client: &serde_json::Value| client["changes"] == serde_json::json!([]);
    assert!(
        again.json["clients"].as_array().unwrap().iter().all(unchanged),
        "{again:?}"
    );

    directory.clients[0].trusted_keys.clear();
    directory.clients[1].incidents = Some(String::from("PSQL-").try_into().unwrap());
    let dropped = directory.clients.pop().unwrap();
    let changed = boots(&app, &directory, false).await;
    let find = |report: &Report, name: &str| {
        let all = report.json["clients"].as_array().unwrap().clone();
        all.into_iter().find(|client| client["name"] == name).unwrap()
    };
    let widens = |name: &str| {
        let client = find(&changed, name);
        let changes = client["changes"].as_array().unwrap().clone();
        assert!(!changes.is_empty());
        changes.iter().any(|change| change["widens"] == true)
    };
    assert!(!widens(&directory.clients[0].name));
    assert!(widens(&directory.clients[1].name));
    let absent = find(&changed, &dropped.name);
    assert_eq!(
        (&absent["absent"], &absent["revoked"]),
        (&true.into(), &false.into())
    );
    assert!(changed.lines.iter().any(|line| line.starts_with(&dropped.name)));

    let revoked = boots(&app, &directory, true).await;
    assert_eq!(find(&revoked, &dropped.name)["revoked"], true);
    directory.clients.push(dropped.clone());
    let back = boots(&app, &directory, false).await;
    assert_eq!(find(&back, &dropped.name)["revoked"], true);
    assert!(find(&back, &dropped.name).get("token").is_none());
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_operator_ends_somebody_s_sessions(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let mut browsers = [app.person("bob.okafor").await, app.person("bob.okafor").await];
    let mut alice = app.person("alice.meyer").await;
    let ended = spillway(&app, "sessions end --person bob.okafor").await.unwrap();
    assert_eq!(ended.json["ended"], 2);
    for browser in &mut browsers {
        assert!(!app.is_signed_in(browser).await);
    }
    assert!(app.is_signed_in(&mut alice).await);
    let none = spillway(&app, "sessions end --person bob.okafor").await.unwrap();
    assert_eq!(none.json["ended"], 0);
    let unknown = spillway(&app, "sessions end --person no.body").await;
    assert!(
        matches!(unknown, Err(ServiceError::NotFound { .. })),
        "{unknown:?}"
    );
}
