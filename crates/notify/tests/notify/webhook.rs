//! Against the official verifier.

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::ClientId;
use domain::notice::{Notice, NoticeItem};
use http::{HeaderMap, HeaderValue};
use notify::webhook::{self, headers};
use secrecy::SecretString;
use standardwebhooks::Webhook;
use uuid::Uuid;

use crate::support::{base, id, notice};

const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

#[expect(
    clippy::disallowed_methods,
    reason = "the verifier compares with the machine's clock"
)]
fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}

fn signed(at: DateTime<Utc>, body: &[u8], secrets: &[&str]) -> HeaderMap {
    let secrets: Vec<SecretString> = secrets
        .iter()
        .map(|one| SecretString::from((*one).to_owned()))
        .collect();
    headers(id(), at, body, &secrets)
        .unwrap()
        .into_iter()
        .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(&value).unwrap()))
        .collect()
}

#[test]
fn the_official_verifier_accepts_it_and_nothing_that_was_changed() {
    let body = webhook::body(&notice(), &base());
    let verifier = Webhook::new(NEW).unwrap();
    let sent = signed(now(), &body, &[NEW]);
    verifier.verify(&body, &sent).unwrap();

    let mut other_body = body.clone();
    other_body[10] ^= 1;
    assert!(verifier.verify(&other_body, &sent).is_err());
    let mut other_id = sent.clone();
    other_id.insert("webhook-id", HeaderValue::from_static("dlv_other"));
    assert!(verifier.verify(&body, &other_id).is_err());
    assert!(Webhook::new(OLD).unwrap().verify(&body, &sent).is_err());
    let late = signed(now() - TimeDelta::minutes(6), &body, &[NEW]);
    assert!(verifier.verify(&body, &late).is_err(), "a replay");
}

#[test]
fn while_two_secrets_are_in_use_a_receiver_may_know_either() {
    let body = webhook::body(&notice(), &base());
    let sent = signed(now(), &body, &[NEW, OLD]);
    for known in [OLD, NEW] {
        Webhook::new(known).unwrap().verify(&body, &sent).unwrap();
    }
}

#[test]
fn the_body_says_what_where_and_when() {
    let body: serde_json::Value = serde_json::from_slice(&webhook::body(&notice(), &base())).unwrap();
    assert_eq!(body["type"], "opt_out.denied");
    assert_eq!(body["timestamp"], "2026-11-24T10:00:00Z");
    assert_eq!(body["data"]["reason"], "Wake somebody up");
    let url = body["data"]["url"].as_str().unwrap();
    assert!(url.starts_with("https://spillway.example/opt-outs/opt_"), "{url}");
}

#[test]
fn what_is_no_secret_signs_nothing() {
    for wrong in ["", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "whsec_not base 64"] {
        assert!(headers(id(), now(), b"{}", &[SecretString::from(wrong.to_owned())]).is_err());
    }
}

#[test]
fn its_address_keeps_query_and_fragment() {
    let budget = NoticeItem::Budget {
        team: "payments".parse().unwrap(),
        tier: "high".parse().unwrap(),
    };
    let client = NoticeItem::Client {
        id: ClientId::from_uuid(Uuid::from_u128(7)),
    };
    for (item, path) in [(budget, "/policies#budgets"), (client, "/audit?object=cli_")] {
        let told = Notice { item, ..notice() };
        let body: serde_json::Value = serde_json::from_slice(&webhook::body(&told, &base())).unwrap();
        let url = body["data"]["url"].as_str().unwrap();
        let expected = format!("https://spillway.example{path}");
        assert!(url.starts_with(&expected), "{url}");
    }
}
