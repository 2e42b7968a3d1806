//! `/opt-outs/break-glass`, the way that opens what was refused.

use crate::access::gate;
use crate::support::{Answer, Browser};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const PATH: &str = "/opt-outs/break-glass";
const WHY: &str = "Card payments fail everywhere.";

fn administers(who: &str) -> Value {
    json!({
        "subject": { "type": "person", "id": who },
        "action": { "name": "admin" },
        "resource": { "type": "service", "id": "payments-prod" },
    })
}

async fn breaks(browser: &mut Browser, changed: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("way", "access"),
        ("confirmation", "payments-prod"),
        ("incident", "INC-4471"),
        ("reason", WHY),
        ("length_secs", "1800"),
        ("intent", "break"),
    ];
    fields.retain(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    fields.extend_from_slice(changed);
    browser.post(PATH, &fields).await
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_was_refused_is_opened_told_of_and_reviewed_by_another(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (app, gate) = gate(options).await;
    let answered = async || {
        gate.post("/access/v1/evaluation", &administers("jonas.weber"))
            .await
            .json()
    };
    let refused = answered().await;
    assert_eq!(refused["decision"], false);
    let decision = refused["context"]["evaluation_id"].as_str().unwrap().to_owned();
    let mut jonas = app.person("jonas.weber").await;
    let form = jonas.get(&format!("{PATH}?decision={decision}")).await.text();
    assert!(form.contains(&decision), "it is offered: {form}");
    assert!(form.contains("Admin on payments-prod for Jonas Weber"));

    for (name, value, field) in [
        ("decision", "", "decision"),
        ("decision", "dec_1", "decision"),
        ("decision", "dec_00000000000000000000000007", "decision"),
        ("confirmation", "payments", "confirmation"),
        ("incident", "", "incident"),
        ("reason", "short", "reason"),
        ("length_secs", "14401", "length_secs"),
        ("length_secs", "long", "length_secs"),
    ] {
        for intent in ["check", "break"] {
            let mut fields = vec![(name, value), ("intent", intent)];
            if name != "decision" {
                fields.push(("decision", &decision));
            }
            let told = breaks(&mut jonas, &fields).await;
            assert_eq!(told.status, 422, "{name}={value}");
            let link = format!("href=\"#field-{field}\"");
            assert!(told.text().contains(&link), "{name}={value}: {}", told.text());
        }
    }
    let checked = breaks(&mut jonas, &[("decision", &decision), ("intent", "check")]).await;
    assert!(
        checked
            .text()
            .contains("It takes effect at once. Nothing has been sent yet.")
    );
    assert_eq!(app.count("access_requests").await, 0, "nothing was sent");

    let done = breaks(&mut jonas, &[("decision", &decision)]).await;
    assert_eq!(done.status, 303, "{done:?}");
    let page = done.location().unwrap().to_owned();
    assert!(page.starts_with("/requests/req_"));
    assert_eq!(answered().await["decision"], true);
    let shown = jonas.get(&page).await.text();
    assert!(shown.contains("Not asked: Bob Okafor"), "{shown}");
    let review = shown
        .split("href=\"")
        .find(|part| part.starts_with("/post-reviews/"))
        .unwrap();
    let review = review.split('"').next().unwrap().to_owned();
    let conclusion = [
        ("finding", "justified"),
        ("note", "It had to be done."),
        ("intent", "conclude"),
    ];
    assert_eq!(jonas.post(&review, &conclusion).await.status, 403);
    let mut bob = app.person("bob.okafor").await;
    let home = bob.get("/").await.text();
    assert!(
        home.contains("broke the glass in INC-4471"),
        "who was skipped is told"
    );
    assert_eq!(bob.post(&review, &conclusion).await.status, 409, "it is not over");
    let looked = bob.get(&review).await.text();
    assert!(
        looked.contains("1 decision, which would have waited for a person without it"),
        "{looked}"
    );
    let ended = jonas.post(&page, &[("intent", "end"), ("reason", "Over")]).await;
    assert_eq!(ended.status, 303);
    assert!(bob.get("/approvals").await.text().contains(&review));
    assert_eq!(bob.post(&review, &conclusion).await.status, 303);
    assert_eq!(answered().await["decision"], false);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_is_for_whom_it_was_refused_to_and_takes_a_role_of_its_own(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (app, gate) = gate(options).await;
    let mut refused = Vec::new();
    for who in ["jonas.weber", "dana.roth"] {
        let told = gate.post("/access/v1/evaluation", &administers(who)).await.json();
        refused.push(told["context"]["evaluation_id"].as_str().unwrap().to_owned());
    }
    let mut jonas = app.person("jonas.weber").await;
    let another = refused[1].as_str();
    assert!(!jonas.get(PATH).await.text().contains(another));
    let page = jonas.get(&format!("{PATH}?decision={another}")).await.text();
    assert!(page.contains("That decision cannot be opened."), "{page}");
    let told = breaks(&mut jonas, &[("decision", another)]).await;
    assert_eq!(told.status, 422, "what one may not see is not there");

    let own = refused[0].as_str();
    let mut bob = app.person("bob.okafor").await;
    assert_eq!(breaks(&mut bob, &[("decision", own)]).await.status, 403);
    assert_eq!(app.count("access_requests").await, 0);
    // Refused since it is granted by now: the page says so, and keeps what was typed.
    assert_eq!(breaks(&mut jonas, &[("decision", own)]).await.status, 303);
    let bypass = [
        ("way", "rule"),
        ("resource", "service payments-prod"),
        ("principal", "person jonas.weber"),
        ("rules", "admin-needs-a-person"),
    ];
    assert_eq!(breaks(&mut jonas, &bypass).await.status, 303);
    let told = breaks(&mut jonas, &[("decision", own)]).await;
    assert_eq!(told.status, 409);
    assert!(
        told.text()
            .contains("Policy grants this without a person now: ask again.")
    );
    assert!(told.text().contains(WHY));
}
