//! `/approvals` and what stands on an item's page: comments and deciding several at once, forged fields included.

use domain::id::OptOutId;
use server::application::Application;
use server::demo::organisation;
use server::http::Mounts;
use server::mounts::mounts;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{Answer, Browser, PUBLIC_URL, TestApp};

fn production(application: &Application) -> Mounts {
    mounts(application, &PUBLIC_URL.parse().unwrap())
}

async fn organisation(options: PgConnectOptions) -> TestApp {
    let app = TestApp::start_with(options, production).await;
    let service = &app.application.service;
    let correlation = || domain::id::CorrelationId::from_uuid(service.ids().next(service.now()));
    let directory = organisation::directory(app.idp.issuer()).unwrap();
    service.import_directory(&directory, correlation()).await.unwrap();
    service
        .publish_policy(&organisation::policy(), correlation())
        .await
        .unwrap();
    app
}

/// Alice asks for a bypass on staging; where its page is.
async fn asks(alice: &mut Browser, title: &str, rule: &str) -> String {
    let sent = alice
        .post(
            "/opt-outs/request",
            &[
                ("scenario", "false-positive"),
                ("direction", "bypass"),
                ("title", title),
                ("scope.principals", "person hanna.lindt"),
                ("scope.resources", "service payments-staging"),
                ("scope.rules", rule),
                (
                    "reason",
                    "Two days of training on a network that the list does not have yet.",
                ),
                ("length_secs", "14400"),
                ("intent", "send"),
            ],
        )
        .await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    sent.location().unwrap().to_owned()
}

fn id(page: &str) -> &str {
    page.rsplit('/').next().unwrap()
}

async fn says(browser: &mut Browser, page: &str, text: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("comment", text), ("intent", "comment")];
    fields.extend_from_slice(more);
    browser.post(page, &fields).await
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_question_is_answered_on_the_item_s_page(_: PgPoolOptions, options: PgConnectOptions) {
    let app = organisation(options).await;
    let mut alice = app.person("alice.meyer").await;
    let mut bob = app.person("bob.okafor").await;
    let page = asks(&mut alice, "Staging from outside", "known-network").await;
    let asked = says(
        &mut bob,
        &page,
        "Which <b>network</b>?",
        &[("saying", "question")],
    )
    .await;
    assert_eq!(asked.location(), Some(page.as_str()));
    assert!(bob.get("/approvals").await.text().contains("no answer for"));
    let home = alice.get("/").await.text();
    assert!(home.contains("Which &lt;b&gt;network&lt;/b&gt;?"), "{home}");
    let shown = alice.get(&page).await.text();
    let question = shown.split("id=\"cmt_").nth(1).unwrap();
    let question = format!("cmt_{}", question.split('"').next().unwrap());

    for (fields, status) in [
        (vec![("answers", "cmt_x")], 422),
        (vec![("answers", id(&page))], 422),
        (vec![("saying", "question")], 422),
    ] {
        let refused = says(&mut alice, &page, "It is kept", &fields).await;
        assert_eq!(refused.status, status, "{fields:?}");
        assert!(refused.text().contains("It is kept"), "what was typed stays");
    }
    let long = "x".repeat(2_001);
    for text in ["", " \u{200b}", long.as_str()] {
        let refused = says(&mut alice, &page, text, &[]).await;
        assert_eq!(refused.status, 422, "{text:?}");
        assert!(refused.text().contains("href=\"#field-comment\""));
    }
    // Bob is not the one to answer, and a stranger sees nothing of it.
    let forged = says(&mut bob, &page, "For her", &[("answers", &question)]).await;
    assert_eq!(forged.status, 403);
    let mut jonas = app.person("jonas.weber").await;
    assert_eq!(says(&mut jonas, &page, "Me too", &[]).await.status, 404);
    assert_eq!(app.count("comments").await, 1);
    let answered = says(
        &mut alice,
        &page,
        "Of the training centre.",
        &[("answers", &question)],
    )
    .await;
    assert_eq!(answered.status, 303);
    assert!(!bob.get("/approvals").await.text().contains("no answer for"));
    assert!(bob.get(&page).await.text().contains("Of the training centre."));
    assert_eq!(
        says(&mut alice, &page, "Twice", &[("answers", &question)])
            .await
            .status,
        409
    );
    let mut aya = app.person("aya.tanaka").await;
    assert_eq!(
        says(&mut aya, &page, "Looks fine", &[]).await.status,
        403,
        "only reads"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn several_are_decided_in_two_steps_and_each_is_told_of(_: PgPoolOptions, options: PgConnectOptions) {
    let app = organisation(options).await;
    let mut alice = app.person("alice.meyer").await;
    let mut bob = app.person("bob.okafor").await;
    let first = asks(&mut alice, "Staging one", "known-network").await;
    let second = asks(&mut alice, "Staging two", "known-network").await;
    let unlike = asks(&mut alice, "Staging three", "change-freeze").await;
    let inbox = bob.get("/approvals").await.text();
    for page in [&first, &second, &unlike] {
        assert!(
            inbox.contains(&format!("value=\"{}\"", id(page))),
            "a box for {page}"
        );
    }
    let both = [("item", id(&first)), ("item", id(&second))];
    let with = |intent: &'static str, items: &[(&'static str, &str)]| {
        let mut fields: Vec<(String, String)> = items
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        fields.push(("intent".to_owned(), intent.to_owned()));
        fields
    };
    let post = async |browser: &mut Browser, fields: Vec<(String, String)>| {
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        browser.post("/approvals", &fields).await
    };
    let confirm = post(&mut bob, with("confirm_approve_selected", &both)).await;
    assert_eq!(confirm.status, 200);
    let text = confirm.text();
    assert!(
        text.contains("Approve these 2?") && text.contains("known-network no longer stops"),
        "{text}"
    );
    assert_eq!(app.count("votes").await, 0, "nothing counts yet");

    let mut mixed = both.to_vec();
    mixed.push(("item", id(&unlike)));
    let unknown = OptOutId::from_uuid(uuid::Uuid::from_u128(7)).to_string();
    for (fields, status) in [
        (with("confirm_approve_selected", &[]), 422),
        (with("confirm_approve_selected", &mixed), 422),
        (with("approve_selected", &mixed), 422),
        (with("confirm_deny_selected", &[("item", "rev_1")]), 422),
        (with("deny_selected", &both), 422),
        (with("confirm_deny_selected", &[("item", unknown.as_str())]), 409),
        (with("unheard_of", &both), 400),
    ] {
        let refused = post(&mut bob, fields.clone()).await;
        assert_eq!(refused.status, status, "{fields:?}");
    }
    for sub in ["alice.meyer", "aya.tanaka"] {
        let mut other = app.person(sub).await;
        assert_eq!(
            post(&mut other, with("approve_selected", &both)).await.status,
            403,
            "{sub}"
        );
    }
    assert_eq!(app.count("votes").await, 0);
    assert_eq!(app.count("bulk_acts").await, 0);

    let done = post(&mut bob, with("approve_selected", &both)).await;
    assert_eq!(done.status, 303, "{}", done.text());
    let act = done.location().unwrap().to_owned();
    assert!(act.starts_with("/approvals/acts/act_"), "{act}");
    let page = bob.get(&act).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("You approved 2"), "{}", page.text());
    assert_eq!(alice.get(&act).await.status, 404, "for who acted alone");
    assert_eq!(bob.get("/approvals/acts/act_x").await.status, 404);
    assert_eq!(app.count("votes").await, 2);
    assert_eq!(
        post(&mut bob, with("approve_selected", &both)).await.status,
        409,
        "twice"
    );

    let mut with_reason = with("deny_selected", &[("item", id(&unlike))]);
    with_reason.push(("reason".to_owned(), "Not in the freeze.".to_owned()));
    let denied = post(&mut bob, with_reason).await;
    assert_eq!(denied.status, 303);
    assert!(alice.get(&unlike).await.text().contains("Not in the freeze."));
}
