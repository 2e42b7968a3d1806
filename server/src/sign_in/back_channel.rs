//! The provider ends sessions here by itself: OpenID Connect Back-Channel Logout 1.0.

use domain::name::PersonId;
use sha2::{Digest, Sha256};
use store::sessions;

use super::SignIn;
use super::logout_token::{self, Logout, LogoutTokenError};
use super::provider::ProviderError;

/// Why nothing was ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum BackChannelError {
    #[error("the logout token was refused")]
    Token(#[from] LogoutTokenError),
    #[error("the provider's keys could not be had")]
    Provider(#[from] ProviderError),
    #[error("the sessions could not be ended")]
    Database(#[from] store::StoreError),
}

impl SignIn {
    /// Ends what a logout token says. Returns whose sessions that were, once per session; none is no error, they may
    /// have ended before.
    pub(super) async fn obey(&self, token: &str) -> Result<Vec<PersonId>, BackChannelError> {
        let logout = self.verified_logout(token).await?;
        let iss = self.settings.issuer.as_str();
        let jti: [u8; 32] = Sha256::digest(logout.jti.as_bytes()).into();
        if !sessions::remember_logout_token(&self.pool, iss, &jti, logout.expires_at).await? {
            return Err(LogoutTokenError::Replayed.into());
        }
        Ok(match (logout.sid.as_deref(), logout.sub.as_deref()) {
            (Some(sid), sub) => sessions::end_of_provider_session(&self.pool, iss, sid, sub).await?,
            (None, Some(sub)) => sessions::end_of_subject(&self.pool, iss, sub).await?,
            (None, None) => return Err(LogoutTokenError::NoSession.into()),
        })
    }

    async fn verified_logout(&self, token: &str) -> Result<Logout, BackChannelError> {
        let now = self.clock.now();
        let provider = self.provider.current(&self.outbound, now).await?;
        let (issuer, client_id) = (self.settings.issuer.as_str(), self.settings.client_id.as_str());
        match logout_token::verify(token, &provider.keys, issuer, client_id, now) {
            Err(LogoutTokenError::UnknownKey) => match self.provider.refreshed(&self.outbound, now).await {
                Some(newer) => Ok(logout_token::verify(token, &newer.keys, issuer, client_id, now)?),
                None => Err(LogoutTokenError::UnknownKey.into()),
            },
            other => Ok(other?),
        }
    }
}
