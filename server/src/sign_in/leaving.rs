//! From our sign-out to the provider's: OpenID Connect RP-Initiated Logout 1.0.

use url::Url;

use super::SignIn;

impl SignIn {
    /// Where the provider ends its own session, or nothing where it offers no such place or cannot be reached: then
    /// only our session has ended, which the person is told.
    pub(super) async fn end_session_address(&self, id_token: Option<&str>) -> Option<Url> {
        let provider = self
            .provider
            .current(&self.outbound, self.clock.now())
            .await
            .ok()?;
        let mut address = provider.document.end_session_endpoint.clone()?;
        {
            let mut query = address.query_pairs_mut();
            query.append_pair("client_id", &self.settings.client_id);
            query.append_pair("post_logout_redirect_uri", &self.origin.join("/signed-out"));
            if let Some(id_token) = id_token {
                query.append_pair("id_token_hint", id_token);
            }
        }
        Some(address)
    }
}
