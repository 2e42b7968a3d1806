//! The authorization code flow: out to the provider, and back with an identity or a reason.

use std::sync::Arc;

use domain::name::is_one_line;
use openidconnect::{CsrfToken, Nonce, PkceCodeChallenge};
use store::sessions::{self, SessionClaims, SessionIdentity};
use url::Url;

use super::claims::SKEW;
use super::exchange::{Code, exchange};
use super::groups::token_fault;
use super::id_token::{self, Expected, IdToken, IdTokenError};
use super::jws::JwsError;
use super::pending::Attempt;
use super::provider::Provider;
use super::step_up::UnderWay;
use super::{Failure, SignIn};
use crate::http::origin::ReturnTo;

/// What the provider sent back through the browser. All of it is the browser's word.
#[derive(Debug, Clone, serde::Deserialize)]
pub(super) struct Answer {
    pub state: Option<String>,
    pub code: Option<String>,
    pub iss: Option<String>,
    pub error: Option<String>,
}

impl SignIn {
    /// Where to send the browser, and what to remember until it comes back.
    pub(super) async fn begin(
        &self,
        return_to: ReturnTo,
        fresh: bool,
        step_up: Option<UnderWay>,
    ) -> Result<(Url, Attempt), Failure> {
        let fresh = fresh || step_up.is_some();
        let now = self.clock.now();
        let provider = self.provider.current(&self.outbound, now).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (state, nonce) = (CsrfToken::new_random(), Nonce::new_random());
        let scopes = std::iter::once("openid").chain(self.settings.scopes.iter().map(String::as_str));
        let mut address = provider.document.authorization_endpoint.clone();
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.redirect_uri())
            .append_pair("scope", &scopes.collect::<Vec<_>>().join(" "))
            .append_pair("state", state.secret())
            .append_pair("nonce", nonce.secret())
            .append_pair("code_challenge", challenge.as_str())
            .append_pair("code_challenge_method", "S256");
        if fresh {
            // `max_age` obliges the provider to say `auth_time`; `prompt` is what providers really heed.
            address
                .query_pairs_mut()
                .append_pair("prompt", "login")
                .append_pair("max_age", "0");
        }
        if step_up.is_some() && !self.settings.step_up_acr_values.is_empty() {
            // A voluntary claim: what comes back is looked at, whatever was asked for.
            let wanted = self.settings.step_up_acr_values.join(" ");
            address.query_pairs_mut().append_pair("acr_values", &wanted);
        }
        let attempt = Attempt {
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            pkce_verifier: verifier.secret().clone(),
            return_to,
            started_at: now,
            fresh,
            step_up,
        };
        Ok((address, attempt))
    }

    /// Who came back. `attempt` is the one that the answer's state belongs to.
    pub(super) async fn complete(
        &self,
        attempt: &Attempt,
        answer: Answer,
    ) -> Result<SessionIdentity, Failure> {
        let now = self.clock.now();
        let provider = self.provider.current(&self.outbound, now).await?;
        self.check_issuer(&provider, answer.iss.as_deref())?;
        let code = match (answer.error.as_deref(), answer.code) {
            (None, Some(code)) => code,
            (Some("access_denied"), _) => return Err(Failure::Declined),
            (Some(_), _) | (None, None) => return Err(Failure::NoCode),
        };
        let code = Code {
            code: &code,
            verifier: &attempt.pkce_verifier,
        };
        let redirect = self.redirect_uri();
        let tokens = exchange(&self.outbound, &provider, &self.settings, &redirect, &code).await?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: &attempt.nonce,
            access_token: &tokens.access_token,
            now,
        };
        let (provider, id_token) = self.verified(provider, &tokens.id_token, expected).await?;
        let claims = &id_token.claims;
        let auth_time = claims.instant("auth_time");
        if attempt.fresh {
            match auth_time {
                None => return Err(Failure::NoAuthTime),
                Some(at) if at < attempt.started_at - SKEW => return Err(Failure::NotFresh),
                Some(_) => {}
            }
        }
        let groups = self.groups(&provider, &id_token, &tokens, expected).await?;
        if self.settings.roles.roles_of(&groups).is_empty() {
            return Err(Failure::NoRole);
        }
        let iss = self.settings.issuer.as_str();
        let person = sessions::person_of(&self.pool, iss, &id_token.sub, now)
            .await?
            .ok_or(Failure::NotLinked)?;
        if attempt
            .step_up
            .as_ref()
            .is_some_and(|step_up| step_up.person != person)
        {
            return Err(Failure::OtherPerson);
        }
        let claims = SessionClaims {
            email: claims.verified_email(),
            name: claims.text("name").filter(|name| is_one_line(name)),
            groups,
            auth_time,
            acr: claims.text("acr"),
            amr: claims.texts("amr"),
            signed_in_at: Some(now),
        };
        Ok(SessionIdentity {
            person,
            iss: iss.to_owned(),
            sid: id_token.claims.text("sid"),
            sub: id_token.sub,
            id_token: Some(tokens.id_token),
            claims,
        })
    }

    /// RFC 9207 section 2.4: an answer that names another issuer was mixed up on purpose; one without a name too, where
    /// the provider says that it always names itself.
    fn check_issuer(&self, provider: &Provider, named: Option<&str>) -> Result<(), Failure> {
        match named {
            Some(named) if named == self.settings.issuer => Ok(()),
            Some(_) => Err(Failure::WrongIssuer),
            None if provider.document.names_itself => Err(Failure::WrongIssuer),
            None => Ok(()),
        }
    }

    /// Verifies an ID token; where its key is unknown, once more with newer keys, since the provider may have changed
    /// them a moment ago.
    async fn verified(
        &self,
        provider: Arc<Provider>,
        token: &str,
        expected: Expected<'_>,
    ) -> Result<(Arc<Provider>, IdToken), Failure> {
        let first = id_token::verify(token, &provider.keys, expected);
        if first.as_ref().err() == Some(&IdTokenError::Jws(JwsError::UnknownKey))
            && let Some(newer) = self.provider.refreshed(&self.outbound, expected.now).await
        {
            let verified = id_token::verify(token, &newer.keys, expected).map_err(token_fault)?;
            return Ok((newer, verified));
        }
        Ok((provider, first.map_err(token_fault)?))
    }
}
