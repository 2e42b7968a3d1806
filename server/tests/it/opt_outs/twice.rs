//! A button that is pressed twice.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::access::gate;
use crate::support::Browser;

/// The key in a page's form.
async fn key(browser: &mut Browser, page: &str) -> String {
    let text = browser.get(page).await.text();
    let field = text.split("name=\"once\" value=\"").nth(1).unwrap();
    field.split('"').next().unwrap().to_owned()
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn each_page_has_a_key_and_what_it_sends_twice_is_made_once(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (app, _) = gate(options).await;
    let mut alice = app.person("alice.meyer").await;
    const REQUEST: &str = "/opt-outs/request";
    let once = key(&mut alice, REQUEST).await;
    assert_ne!(once, key(&mut alice, REQUEST).await);
    let request = |intent: &'static str| {
        [
            ("once", once.as_str()),
            ("scenario", "false-positive"),
            ("direction", "bypass"),
            ("title", "Deployments to staging"),
            ("scope.principals", "workload ci/payments"),
            ("scope.resources", "service payments-staging"),
            ("scope.rules", "no-unattended-prod-deploy"),
            ("reason", "We think that staging waits for a person."),
            ("length_secs", "1209600"),
            ("intent", intent),
        ]
    };
    let previewed = alice.post(REQUEST, &request("preview")).await.text();
    assert!(
        previewed.contains(&format!("name=\"once\" value=\"{once}\"")),
        "a preview keeps it"
    );
    let first = alice.post(REQUEST, &request("send")).await;
    let second = alice.post(REQUEST, &request("send")).await;
    assert!(
        first.location().unwrap().starts_with("/opt-outs/opt_"),
        "{first:?}"
    );
    assert_eq!(second.location(), first.location());
    assert_eq!(app.count("opt_outs").await, 1);

    const BREAK: &str = "/opt-outs/break-glass?way=rule";
    let mut jonas = app.person("jonas.weber").await;
    let once = key(&mut jonas, BREAK).await;
    let broken = [
        ("once", once.as_str()),
        ("way", "rule"),
        ("resource", "service payments-prod"),
        ("confirmation", "payments-prod"),
        ("principal", "person jonas.weber"),
        ("capability", "admin"),
        ("rules", "admin-needs-a-person"),
        ("incident", "INC-4471"),
        ("reason", "Card payments fail everywhere."),
        ("length_secs", "3600"),
        ("intent", "break"),
    ];
    let first = jonas.post("/opt-outs/break-glass", &broken).await;
    let second = jonas.post("/opt-outs/break-glass", &broken).await;
    assert!(
        first.location().unwrap().starts_with("/opt-outs/opt_"),
        "{first:?}"
    );
    assert_eq!(second.location(), first.location());
    assert_eq!(app.count("opt_outs").await, 2);
}
