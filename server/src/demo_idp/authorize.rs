//! The page with people to click, and the code that follows.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use url::Url;

use super::codes::Grant;
use super::{CLICK, DemoIdp, KEY};
use crate::http::extract::Query;
use crate::http::plain_page::{PlainPage, escape};

/// An authorization request, as OpenID Connect Core section 3.1.2.1 has it. What the demo does not need is ignored.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(super) struct Ask {
    client_id: Option<String>,
    redirect_uri: Option<String>,
    response_type: Option<String>,
    scope: Option<String>,
    state: Option<String>,
    nonce: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    prompt: Option<String>,
    /// Contexts in the order in which they are liked; the first one that there is will do.
    acr_values: Option<String>,
    /// Who was clicked; absent on the first request, and when the answer is no.
    #[serde(skip_serializing)]
    sub: Option<String>,
}

/// `GET /authorize`: shows the people.
pub(super) async fn ask(State(idp): State<Arc<DemoIdp>>, Query(ask): Query<Ask>) -> Response {
    let challenge = match checked(&idp, &ask) {
        Ok(challenge) => challenge,
        Err(refusal) => return *refusal,
    };
    debug_assert!(!challenge.is_empty(), "a checked request has a challenge");
    if ask.prompt.as_deref() == Some("none") {
        return back(&idp, &ask, &[("error", "login_required")]);
    }
    let query = serde_urlencoded::to_string(&ask).unwrap_or_default();
    let mut people = String::from("<ul class=\"mt-6 grid gap-2\">");
    for person in &idp.people {
        people.push_str(&format!(
            "<li><a class=\"btn btn-block h-auto justify-between py-2\" href=\"/authorize/answer?{query}&amp;sub={sub}\">\
             <span class=\"font-semibold\">{name}</span> <span class=\"text-base-content/80\">{title}</span></a></li>",
            query = escape(&query),
            sub = escape(person.sub),
            name = escape(person.name),
            title = escape(person.title),
        ));
    }
    people.push_str("</ul>");
    let cancel = format!(
        "<p class=\"mt-6\"><a class=\"link\" href=\"/authorize/answer?{}\">Sign in as nobody</a></p>",
        escape(&query)
    );
    let means = match acr(&ask) {
        KEY => "You are asked to prove it with your key; a click stands for it.",
        _ => "",
    };
    PlainPage::new("Who are you today?")
        .text(means)
        .text("This is the demo’s own identity provider. It answers this machine alone and asks for no password.")
        .markup(&people)
        .markup(&cancel)
        .into_response()
}

/// `GET /authorize/answer`: somebody was clicked, or nobody.
pub(super) async fn answer(State(idp): State<Arc<DemoIdp>>, Query(ask): Query<Ask>) -> Response {
    let challenge = match checked(&idp, &ask) {
        Ok(challenge) => challenge,
        Err(refusal) => return *refusal,
    };
    let Some(person) = ask.sub.as_deref().and_then(|sub| idp.person(sub)) else {
        return back(&idp, &ask, &[("error", "access_denied")]);
    };
    let code = idp.codes.issue(Grant {
        sub: person.sub.to_owned(),
        nonce: ask.nonce.clone(),
        challenge,
        // Nobody has a session here: each click is a sign-in of its own, whatever `prompt` and `max_age` ask for.
        auth_time: idp.clock.now(),
        acr: acr(&ask),
    });
    back(&idp, &ask, &[("code", &code)])
}

/// A voluntary claim (OpenID Connect Core section 3.1.2.1): where nothing that is wanted is known, a click it is.
fn acr(ask: &Ask) -> &'static str {
    let wanted = ask.acr_values.as_deref().unwrap_or_default().split(' ');
    wanted
        .filter_map(|acr| [CLICK, KEY].into_iter().find(|known| *known == acr))
        .next()
        .unwrap_or(CLICK)
}

/// The request's PKCE challenge, if all of it is in order. An unknown client or address gets a page and no redirect:
/// sending a browser wherever somebody asks would make this an open redirector.
fn checked(idp: &DemoIdp, ask: &Ask) -> Result<String, Box<Response>> {
    let known = ask.client_id.as_deref() == Some(&idp.client.id)
        && ask.redirect_uri.as_deref() == Some(&idp.client.redirect_uri);
    if !known {
        let page = PlainPage::new("This request is not for us")
            .status(StatusCode::BAD_REQUEST)
            .text("It names a client or an address that the demo’s identity provider does not know.");
        return Err(Box::new(page.into_response()));
    }
    let refuse = |error| Err(Box::new(back(idp, ask, &[("error", error)])));
    if ask.response_type.as_deref() != Some("code") {
        return refuse("unsupported_response_type");
    }
    let openid = ask
        .scope
        .as_deref()
        .is_some_and(|scope| scope.split(' ').any(|one| one == "openid"));
    if !openid {
        return refuse("invalid_scope");
    }
    match (&ask.code_challenge, ask.code_challenge_method.as_deref()) {
        // RFC 7636 section 4.2: 43 characters of base64url.
        (Some(challenge), Some("S256")) if challenge.len() == 43 => Ok(challenge.clone()),
        _ => refuse("invalid_request"),
    }
}

/// Back to the client, with its state and our name (RFC 9207).
fn back(idp: &DemoIdp, ask: &Ask, answer: &[(&str, &str)]) -> Response {
    let Ok(mut address) = Url::parse(&idp.client.redirect_uri) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    {
        let mut query = address.query_pairs_mut();
        query.extend_pairs(answer);
        if let Some(state) = &ask.state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", &idp.issuer);
    }
    Redirect::to(address.as_str()).into_response()
}
