//! The provider's own sign-out. Nobody is ever signed in here, since each sign-in asks anew; so it only leads back.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use url::Url;

use super::DemoIdp;
use crate::http::extract::Query;
use crate::http::plain_page::PlainPage;

#[derive(Debug, Deserialize)]
pub(super) struct SignOut {
    client_id: Option<String>,
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

/// `GET /sign-out`: back to the client, to the one address that is registered for it.
pub(super) async fn sign_out(State(idp): State<Arc<DemoIdp>>, Query(asked): Query<SignOut>) -> Response {
    let ours = asked.client_id.as_deref() == Some(&idp.client.id)
        && asked.post_logout_redirect_uri.as_deref() == Some(&idp.client.post_logout_redirect_uri);
    let address = ours
        .then(|| Url::parse(&idp.client.post_logout_redirect_uri).ok())
        .flatten();
    let Some(mut address) = address else {
        return PlainPage::new("You are signed out")
            .text("You may close this page.")
            .into_response();
    };
    if let Some(state) = &asked.state {
        address.query_pairs_mut().append_pair("state", state);
    }
    Redirect::to(address.as_str()).into_response()
}
