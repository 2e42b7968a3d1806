//! A vote on a critical item takes a fresh sign-in of its own.

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::json;
use server::application::Application;
use server::demo::organisation;
use server::demo_idp::KEY;
use server::http::Mounts;
use server::mounts::mounts;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use url::Url;

use crate::support::{Answer, Browser, PUBLIC_URL, TestApp, TestAppBuilder};

const WHY: &str = "Agreed with the team on the telephone.";

fn production(application: &Application) -> Mounts {
    mounts(application, &PUBLIC_URL.parse().unwrap())
}

/// The demo's organisation, and a bypass of tier critical that waits for Bob.
async fn pending(builder: TestAppBuilder) -> (TestApp, String) {
    let app = builder.mounts(production).start().await;
    let service = &app.application.service;
    let correlation = || domain::id::CorrelationId::from_uuid(service.ids().next(service.now()));
    let directory = organisation::directory(app.idp.issuer()).unwrap();
    service.import_directory(&directory, correlation()).await.unwrap();
    service
        .publish_policy(&organisation::policy(), correlation())
        .await
        .unwrap();
    let mut alice = app.person("alice.meyer").await;
    let asked = alice
        .post(
            "/opt-outs/request",
            &[
                ("scenario", "false-positive"),
                ("direction", "bypass"),
                ("title", "Payout fix"),
                ("scope.principals", "workload ci/payments"),
                ("scope.resources", "service payments-prod"),
                ("scope.rules", "no-unattended-prod-deploy"),
                (
                    "reason",
                    "The payout job must go out while the approvers are asleep, see INC-311.",
                ),
                ("length_secs", "14400"),
                ("intent", "send"),
            ],
        )
        .await;
    let path = asked.location().unwrap_or_else(|| panic!("{asked:?}")).to_owned();
    assert!(path.starts_with("/opt-outs/opt_"), "{path}");
    (app, path)
}

fn hidden(page: &str, name: &str) -> String {
    let marker = format!("name=\"{name}\" value=\"");
    let value = page
        .split(&marker)
        .nth(1)
        .unwrap_or_else(|| panic!("no {name} in {page}"));
    value
        .split('"')
        .next()
        .unwrap()
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Looks at what the vote will do; what the page showed.
async fn looks(browser: &mut Browser, path: &str) -> String {
    let page = browser
        .post(path, &[("reason", WHY), ("intent", "confirm_approve")])
        .await;
    assert_eq!(page.status, 200);
    hidden(&page.text(), "shown")
}

async fn approves(browser: &mut Browser, path: &str, shown: &str) -> Answer {
    browser
        .post(path, &[("reason", WHY), ("shown", shown), ("intent", "approve")])
        .await
}

/// From the page that sends to the provider to the provider.
async fn asked(browser: &mut Browser, answer: &Answer) -> Url {
    assert_eq!(answer.status, 200, "{answer:?}");
    let page = answer.text();
    assert!(page.contains("/sign-in/start?step_up=1"), "{page}");
    browser.start("?step_up=1").await
}

fn without(address: &Url, name: &str) -> Url {
    let kept: Vec<(String, String)> = address
        .query_pairs()
        .filter(|(key, _)| key != name)
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    let mut changed = address.clone();
    changed.query_pairs_mut().clear().extend_pairs(kept);
    changed
}

async fn votes(app: &TestApp) -> i64 {
    app.count("votes").await
}

/// Where somebody comes back to whose step-up came to nothing, and what the page says. What they typed is still there.
async fn comes_to_nothing(browser: &mut Browser, callback: &Url, path: &str, word: &str, sentence: &str) {
    let back = browser.come_back(callback).await;
    let there = format!("{path}?kept=1&refused={word}");
    assert_eq!(back.location(), Some(there.as_str()), "{back:?}");
    let page = browser.get(&there).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(text.contains(sentence), "{text}");
    assert!(text.contains(WHY), "what was typed is lost");
    assert!(text.contains("Bob Okafor"), "another session");
    assert!(!text.contains("You have signed in afresh"));
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_vote_is_kept_until_its_sender_has_signed_in_for_it(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, path) = pending(TestAppBuilder::new(options).step_up_acr_values(&[KEY])).await;
    let mut bob = app.person("bob.okafor").await;
    let shown = looks(&mut bob, &path).await;
    let sent = approves(&mut bob, &path, &shown).await;
    assert_eq!(votes(&app).await, 0, "nothing is recorded");
    let provider = asked(&mut bob, &sent).await;
    let query = provider.query().unwrap();
    for part in [
        "prompt=login",
        "max_age=0",
        "acr_values=urn%3Aspillway%3Ademo%3Akey",
    ] {
        assert!(query.contains(part), "{query}");
    }
    let callback = bob.choose(&provider, Some("bob.okafor")).await;
    let before = bob.clone();
    let back = format!("{path}?kept=1");
    assert_eq!(bob.come_back(&callback).await.location(), Some(back.as_str()));
    assert_ne!(
        before.session_cookie(),
        bob.session_cookie(),
        "the session has another id"
    );
    let page = bob.get(&back).await.text();
    assert!(
        page.contains("You have signed in afresh for this vote") && page.contains(WHY),
        "{page}"
    );
    assert_eq!(hidden(&page, "shown"), shown, "it is what was shown");
    assert_eq!(votes(&app).await, 0, "coming back is no vote");

    let done = approves(&mut bob, &path, &shown).await;
    assert_eq!(
        (done.status, done.location()),
        (StatusCode::SEE_OTHER, Some(path.as_str()))
    );
    let kept = sqlx::query!(r#"SELECT acr, auth_time, shown_digest, at FROM votes"#)
        .fetch_one(&app.owner)
        .await
        .unwrap();
    assert_eq!(kept.acr.as_deref(), Some(KEY));
    assert_eq!(kept.auth_time, Some(kept.at));
    assert!(kept.shown_digest.is_some());
    assert_eq!(approves(&mut bob, &path, &shown).await.status, 409, "once");
    assert!(!bob.get(&back).await.text().contains("You have signed in afresh"));
    // It shows in the audit log, to those who may read it.
    let event = sqlx::query_scalar!("SELECT id FROM events WHERE kind = 'opt_out.voted'")
        .fetch_one(&app.owner)
        .await
        .unwrap();
    let event = domain::id::EventId::from_uuid(event);
    let mut aya = app.person("aya.tanaka").await;
    let page = aya.get(&format!("/audit/events/{event}")).await.text();
    assert!(
        page.contains("signed in afresh at ") && page.contains(KEY),
        "{page}"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn another_authentication_context_will_not_do(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, path) = pending(TestAppBuilder::new(options).step_up_acr_values(&["phr", KEY])).await;
    let mut bob = app.person("bob.okafor").await;
    let shown = looks(&mut bob, &path).await;
    let sent = approves(&mut bob, &path, &shown).await;
    // The browser is its owner's: they can leave out what we ask the provider for.
    let provider = without(&asked(&mut bob, &sent).await, "acr_values");
    let callback = bob.choose(&provider, Some("bob.okafor")).await;
    let sentence = "did not sign you in by the means that this vote takes";
    comes_to_nothing(&mut bob, &callback, &path, "wrong_context", sentence).await;
    let again = approves(&mut bob, &path, &shown).await;
    assert!(
        again.text().contains("/sign-in/start?step_up=1"),
        "it is asked for again"
    );
    assert_eq!(votes(&app).await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_sign_in_from_before_it_was_asked_for_will_not_do(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, path) = pending(TestAppBuilder::new(options)).await;
    let mut bob = app.person("bob.okafor").await;
    let shown = looks(&mut bob, &path).await;
    let sent = approves(&mut bob, &path, &shown).await;
    let provider = asked(&mut bob, &sent).await;
    assert!(
        !provider.query().unwrap().contains("acr_values"),
        "none is configured"
    );
    app.clock.advance(TimeDelta::seconds(-90));
    let callback = bob.choose(&provider, Some("bob.okafor")).await;
    app.clock.advance(TimeDelta::seconds(50));
    let sentence = "did not ask you to prove anew who you are";
    comes_to_nothing(&mut bob, &callback, &path, "not_fresh", sentence).await;
    assert_eq!(votes(&app).await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn somebody_else_s_sign_in_proves_nothing_and_takes_no_session(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (app, path) = pending(TestAppBuilder::new(options)).await;
    let mut bob = app.person("bob.okafor").await;
    let shown = looks(&mut bob, &path).await;
    for (who, word, sentence) in [
        (
            Some("omar.haddad"),
            "other_person",
            "Somebody else signed in than you",
        ),
        (None, "declined", "You did not sign in again"),
    ] {
        let sent = approves(&mut bob, &path, &shown).await;
        let provider = asked(&mut bob, &sent).await;
        let callback = bob.choose(&provider, who).await;
        comes_to_nothing(&mut bob, &callback, &path, word, sentence).await;
    }
    // Somebody who signs in on purpose meanwhile ends what was under way.
    let sent = approves(&mut bob, &path, &shown).await;
    let provider = asked(&mut bob, &sent).await;
    let callback = bob.choose(&provider, Some("bob.okafor")).await;
    bob.sign_in("omar.haddad", "/").await;
    let late = bob.come_back(&callback).await;
    assert!(
        late.location().unwrap().starts_with("/sign-in?error=expired"),
        "{late:?}"
    );
    assert_eq!(votes(&app).await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn with_the_provider_failing_the_vote_waits(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, path) = pending(TestAppBuilder::new(options)).await;
    let mut bob = app.person("bob.okafor").await;
    let shown = looks(&mut bob, &path).await;
    let sent = approves(&mut bob, &path, &shown).await;
    assert!(sent.text().contains("step_up=1"));
    app.tamper(|idp| idp.is_down = true);
    // What is remembered of the provider is not asked for again before it is old.
    let provider = asked(&mut bob, &sent).await;
    app.tamper(|idp| idp.is_down = false);
    let callback = bob.choose(&provider, Some("bob.okafor")).await;
    app.tamper(|idp| idp.is_down = true);
    let sentence = "cannot be reached, and this vote takes a fresh sign-in";
    comes_to_nothing(&mut bob, &callback, &path, "provider_unavailable", sentence).await;
    assert_eq!(votes(&app).await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_token_that_does_not_say_when_or_how_says_why_the_vote_waits(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (app, path) = pending(TestAppBuilder::new(options)).await;
    let mut bob = app.person("bob.okafor").await;
    let shown = looks(&mut bob, &path).await;
    for (claims, word, sentence) in [
        (
            vec![("auth_time", None)],
            "no_auth_time",
            "did not say when you signed in",
        ),
        (
            vec![("auth_time", Some(json!("lately")))],
            "no_auth_time",
            "did not say when you signed in",
        ),
        (
            vec![("groups", None), ("_claim_names", Some(json!({ "groups": "s" })))],
            "groups_left_out",
            "left out your groups",
        ),
    ] {
        let sent = approves(&mut bob, &path, &shown).await;
        let provider = asked(&mut bob, &sent).await;
        let callback = bob.choose(&provider, Some("bob.okafor")).await;
        app.tamper(|idp| idp.claims = claims.into_iter().collect());
        comes_to_nothing(&mut bob, &callback, &path, word, sentence).await;
    }
    assert_eq!(votes(&app).await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn groups_older_than_the_tier_allows_end_nothing_before_a_new_sign_in(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (app, path) = pending(TestAppBuilder::new(options)).await;
    let mut omar = app.person("omar.haddad").await;
    // The tier `critical` allows 15 minutes.
    app.clock.advance(TimeDelta::seconds(901));
    let again = "/sign-in/start?fresh=1";
    let fields = [("reason", WHY), ("intent", "revoke")];
    let asked = omar.post(&path, &fields).await;
    assert!(asked.text().contains(again), "{asked:?}");
    assert_eq!(omar.sign_in("omar.haddad", "/").await.location(), Some("/"));
    let answered = omar.post(&path, &fields).await;
    assert!(!answered.text().contains(again), "{answered:?}");
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn an_error_of_the_provider_proves_nothing(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, path) = pending(TestAppBuilder::new(options)).await;
    let mut bob = app.person("bob.okafor").await;
    let shown = looks(&mut bob, &path).await;
    let sent = approves(&mut bob, &path, &shown).await;
    let provider = asked(&mut bob, &sent).await;
    let state = provider
        .query_pairs()
        .find(|(key, _)| key == "state")
        .unwrap()
        .1
        .into_owned();
    let iss = app.idp.issuer();
    let callback: Url = format!(
        "{PUBLIC_URL}/sign-in/callback?error=unmet_authentication_requirements&state={state}&iss={iss}"
    )
    .parse()
    .unwrap();
    comes_to_nothing(&mut bob, &callback, &path, "invalid", "could not be verified").await;
    assert_eq!(votes(&app).await, 0);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn it_is_of_one_browser(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, path) = pending(TestAppBuilder::new(options)).await;
    let mut bob = app.person("bob.okafor").await;
    let mut elsewhere = app.person("bob.okafor").await;
    let shown = looks(&mut bob, &path).await;
    let sent = approves(&mut bob, &path, &shown).await;
    let provider = asked(&mut bob, &sent).await;
    let callback = bob.choose(&provider, Some("bob.okafor")).await;
    bob.come_back(&callback).await;
    let taken = approves(&mut elsewhere, &path, &shown).await;
    assert!(
        taken.text().contains("/sign-in/start?step_up=1"),
        "his other browser has none"
    );
    assert_eq!(votes(&app).await, 0);
    assert_eq!(approves(&mut bob, &path, &shown).await.status, 303);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn what_has_changed_meanwhile_is_shown_and_signed_for_anew(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (app, path) = pending(TestAppBuilder::new(options)).await;
    let mut bob = app.person("bob.okafor").await;
    let shown = looks(&mut bob, &path).await;
    let sent = approves(&mut bob, &path, &shown).await;
    let provider = asked(&mut bob, &sent).await;
    let callback = bob.choose(&provider, Some("bob.okafor")).await;
    bob.come_back(&callback).await;
    // The policy gets a stage more.
    let mut policy = organisation::policy();
    let tiers = policy.get_mut("tiers.toml").unwrap();
    *tiers = tiers.replace(
        "channel = \"#critical-access\"",
        "channel = \"#critical-access-2\"",
    );
    let service = &app.application.service;
    let correlation = domain::id::CorrelationId::from_uuid(service.ids().next(service.now()));
    service.publish_policy(&policy, correlation).await.unwrap();
    let refused = approves(&mut bob, &path, &shown).await;
    assert_eq!(refused.status, 409);
    assert_eq!(votes(&app).await, 0);
    for page in [refused, bob.get(&format!("{path}?kept=1")).await] {
        let text = page.text();
        assert!(
            text.contains("Changed since you looked") && text.contains("Policy version"),
            "{text}"
        );
        assert!(
            !text.contains("You have signed in afresh"),
            "that was for something else"
        );
        let now = hidden(&text, "shown");
        assert_ne!(now, shown);
    }
    let now = looks(&mut bob, &path).await;
    let sent = approves(&mut bob, &path, &now).await;
    let provider = asked(&mut bob, &sent).await;
    let callback = bob.choose(&provider, Some("bob.okafor")).await;
    bob.come_back(&callback).await;
    assert_eq!(approves(&mut bob, &path, &now).await.status, 303);
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn forged_fields_get_no_further(_: PgPoolOptions, options: PgConnectOptions) {
    let (app, path) = pending(TestAppBuilder::new(options)).await;
    let mut bob = app.person("bob.okafor").await;
    assert_eq!(
        bob.post(&path, &[("intent", "approve")]).await.status,
        409,
        "nothing was shown"
    );
    assert_eq!(
        approves(&mut bob, &path, "{}").await.status,
        409,
        "something else was shown"
    );
    assert_eq!(approves(&mut bob, &path, "<b>").await.status, 422);
    let shown = looks(&mut bob, &path).await;
    let marked = [
        ("reason", WHY),
        ("shown", &shown),
        ("signed_in_afresh", "1"),
        ("intent", "approve"),
    ];
    let sent = bob.post(&path, &marked).await;
    assert!(
        sent.text().contains("/sign-in/start?step_up=1"),
        "saying so is not doing so"
    );
    assert_eq!(votes(&app).await, 0);
    // Who asked, and who is not asked, is not even sent to sign in.
    let mut alice = app.person("alice.meyer").await;
    assert_eq!(approves(&mut alice, &path, &shown).await.status, 403);
    assert_eq!(app.count("step_ups WHERE person_id = 'alice.meyer'").await, 0);
}
