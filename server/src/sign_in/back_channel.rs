//! The provider ends sessions here by itself: OpenID Connect Back-Channel Logout 1.0.

use domain::name::PersonId;
use sha2::{Digest, Sha256};
use store::sessions::{self, LogoutNotice};

use super::SignIn;
use super::jws::JwsError;
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
        let jti: [u8; 32] = Sha256::digest(logout.jti.as_bytes()).into();
        let notice = LogoutNotice {
            iss: &self.settings.issuer,
            jti_digest: &jti,
            expires_at: logout.expires_at,
            sid: logout.sid.as_deref(),
            sub: logout.sub.as_deref(),
        };
        let ended = sessions::obey_logout(&self.pool, &notice).await?;
        Ok(ended.ok_or(LogoutTokenError::Replayed)?)
    }

    async fn verified_logout(&self, token: &str) -> Result<Logout, BackChannelError> {
        let now = self.clock.now();
        let provider = self.provider.current(&self.outbound, now).await?;
        let verify = |keys| {
            logout_token::verify(
                token,
                keys,
                &self.settings.issuer,
                &self.settings.client_id,
                self.settings.untyped_logout_tokens,
                now,
            )
        };
        match verify(&provider.keys) {
            Err(LogoutTokenError::Jws(JwsError::UnknownKey)) => {
                match self.provider.refreshed(&self.outbound, now).await {
                    Some(newer) => Ok(verify(&newer.keys)?),
                    None => Err(LogoutTokenError::Jws(JwsError::UnknownKey).into()),
                }
            }
            other => Ok(other?),
        }
    }
}
