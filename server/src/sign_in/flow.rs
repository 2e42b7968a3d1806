//! The authorization code flow: out to the provider, and back with an identity or a reason.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreGenderClaim, CoreJwsSigningAlgorithm};
use openidconnect::{
    AccessToken, AccessTokenHash, AuthenticationContextClass, AuthorizationCode, ClaimsVerificationError,
    CsrfToken, IdToken, IdTokenClaims, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    RequestTokenError, Scope, SignatureVerificationError, SubjectIdentifier, TokenResponse, UserInfoClaims,
};
use store::sessions::{self, SessionClaims, SessionIdentity};
use url::Url;

use super::pending::Attempt;
use super::provider::{Client, OtherClaims, Provider};
use super::roles::groups_in;
use super::step_up::UnderWay;
use super::{Failure, OutboundError, SignIn};
use crate::http::origin::ReturnTo;

/// By how much the provider's clock may be ahead of ours.
pub(super) const SKEW: TimeDelta = TimeDelta::minutes(1);

/// Signatures that are believed. None by a shared secret, and never `none`.
pub(super) const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Token = IdToken<
    OtherClaims,
    CoreGenderClaim,
    openidconnect::core::CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Claims = IdTokenClaims<OtherClaims, CoreGenderClaim>;

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
        let mut request = provider
            .client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge)
            .add_scopes(self.settings.scopes.iter().cloned().map(Scope::new));
        if fresh {
            // `max_age` obliges the provider to say `auth_time`; `prompt` is what providers really heed.
            request = request
                .add_prompt(CoreAuthPrompt::Login)
                .set_max_age(std::time::Duration::ZERO);
        }
        if step_up.is_some() {
            // A voluntary claim: what comes back is looked at, whatever was asked for.
            for acr in &self.settings.step_up_acr_values {
                request = request.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
            }
        }
        let (address, state, nonce) = request.url();
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
            (None, Some(code)) => AuthorizationCode::new(code),
            (Some("access_denied"), _) => return Err(Failure::Declined),
            (Some(_), _) | (None, None) => return Err(Failure::NoCode),
        };
        let tokens = self.exchange(&provider, code, &attempt.pkce_verifier).await?;
        let token: &Token = tokens.id_token().ok_or_else(|| token_fault("no ID token came"))?;
        let claims = self
            .verified(provider.clone(), token, &Nonce::new(attempt.nonce.clone()), now)
            .await?;
        let (provider, claims) = claims;
        check_access_token(&provider.client, token, &claims, tokens.access_token())?;
        if attempt.fresh && claims.auth_time().is_none_or(|at| at < attempt.started_at - SKEW) {
            return Err(Failure::NotFresh);
        }
        let groups = self
            .groups(&provider.client, &claims, tokens.access_token())
            .await?;
        if self.settings.roles.roles_of(&groups).is_empty() {
            return Err(Failure::NoRole);
        }
        let (iss, sub) = (claims.issuer().as_str(), claims.subject().as_str());
        let person = sessions::person_of(&self.pool, iss, sub, now)
            .await?
            .ok_or(Failure::NotLinked)?;
        if attempt
            .step_up
            .as_ref()
            .is_some_and(|step_up| step_up.person != person)
        {
            return Err(Failure::OtherPerson);
        }
        Ok(SessionIdentity {
            person,
            iss: iss.to_owned(),
            sub: sub.to_owned(),
            sid: text_claim(&claims, "sid"),
            id_token: Some(token.to_string()),
            claims: SessionClaims {
                email: claims
                    .email()
                    .filter(|_| claims.email_verified() != Some(false))
                    .map(|address| address.as_str().to_owned()),
                name: claims
                    .name()
                    .and_then(|name| name.get(None))
                    .map(|name| name.as_str().to_owned()),
                groups,
                auth_time: claims.auth_time(),
                acr: claims.auth_context_ref().map(|acr| acr.as_str().to_owned()),
                amr: claims
                    .auth_method_refs()
                    .map(|methods| methods.iter().map(|method| method.as_str().to_owned()).collect())
                    .unwrap_or_default(),
                signed_in_at: Some(now),
            },
        })
    }

    /// RFC 9207 section 2.4: an answer that names another issuer was mixed up on purpose; one without a name too, where
    /// the provider says that it always names itself.
    fn check_issuer(&self, provider: &Provider, named: Option<&str>) -> Result<(), Failure> {
        match named {
            Some(named) if named == self.settings.issuer => Ok(()),
            Some(_) => Err(Failure::WrongIssuer),
            None if provider.extras.authorization_response_iss_parameter_supported => {
                Err(Failure::WrongIssuer)
            }
            None => Ok(()),
        }
    }

    async fn exchange(
        &self,
        provider: &Provider,
        code: AuthorizationCode,
        verifier: &str,
    ) -> Result<
        impl TokenResponse<
            OtherClaims,
            CoreGenderClaim,
            openidconnect::core::CoreJweContentEncryptionAlgorithm,
            CoreJwsSigningAlgorithm,
        > + use<>,
        Failure,
    > {
        let token = provider
            .client
            .exchange_code(code)
            .map_err(|error| Failure::WentAway(Box::new(error)))?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .request_async(&self.outbound)
            .await;
        // A refusal is an answer; an empty one or a page of some proxy is none.
        let answered = matches!(&token, Ok(_) | Err(RequestTokenError::ServerResponse(_)));
        self.provider.exchanged(answered, self.clock.now());
        token.map_err(|error| match error {
            RequestTokenError::Request(_) => Failure::WentAway(Box::new(error)),
            RequestTokenError::ServerResponse(_)
            | RequestTokenError::Parse(..)
            | RequestTokenError::Other(_) => Failure::CodeRefused(Box::new(error)),
        })
    }

    /// Verifies an ID token; where its key is unknown, once more with newer keys, since the provider may have changed
    /// them a moment ago.
    async fn verified(
        &self,
        provider: Arc<Provider>,
        token: &Token,
        nonce: &Nonce,
        now: DateTime<Utc>,
    ) -> Result<(Arc<Provider>, Claims), Failure> {
        let first = verify(&provider.client, token, nonce, now);
        let unknown_key = matches!(
            &first,
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey
            ))
        );
        if unknown_key && let Some(newer) = self.provider.refreshed(&self.outbound, now).await {
            let claims = verify(&newer.client, token, nonce, now).map_err(|e| Failure::Token(Box::new(e)))?;
            return Ok((newer, claims));
        }
        Ok((provider, first.map_err(|e| Failure::Token(Box::new(e)))?))
    }

    /// The groups: of the ID token, else of the userinfo endpoint, where some providers put long lists.
    async fn groups(
        &self,
        client: &Client,
        claims: &Claims,
        access: &AccessToken,
    ) -> Result<Vec<String>, Failure> {
        let name = &self.settings.groups_claim;
        if let Some(claim) = claims.additional_claims().rest.get(name) {
            return Ok(groups_in(claim)?);
        }
        let subject = SubjectIdentifier::new(claims.subject().as_str().to_owned());
        let Ok(request) = client.user_info(access.clone(), Some(subject)) else {
            return Ok(Vec::new());
        };
        let more: UserInfoClaims<OtherClaims, CoreGenderClaim> = request
            .request_async(&self.outbound)
            .await
            .map_err(|error| match error {
                openidconnect::UserInfoError::Request(OutboundError::Http(_)) => {
                    Failure::WentAway(Box::new(error))
                }
                other => Failure::Token(Box::new(other)),
            })?;
        match more.additional_claims().rest.get(name) {
            Some(claim) => Ok(groups_in(claim)?),
            None => Ok(Vec::new()),
        }
    }
}

/// Signature, issuer, audience, expiry, nonce by the library; that it was not issued in the future by us.
fn verify(
    client: &Client,
    token: &Token,
    nonce: &Nonce,
    now: DateTime<Utc>,
) -> Result<Claims, ClaimsVerificationError> {
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || now)
        .set_issue_time_verifier_fn(move |at| {
            if at <= now + SKEW {
                Ok(())
            } else {
                Err("it was issued in the future".to_owned())
            }
        });
    token.claims(&verifier, nonce).cloned()
}

/// OpenID Connect Core section 3.1.3.8: an access token that belongs to another answer is not used.
fn check_access_token(
    client: &Client,
    token: &Token,
    claims: &Claims,
    access: &AccessToken,
) -> Result<(), Failure> {
    let Some(expected) = claims.access_token_hash() else {
        return Ok(());
    };
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
    let algorithm = token.signing_alg().map_err(|e| Failure::Token(Box::new(e)))?;
    let key = token
        .signing_key(&verifier)
        .map_err(|e| Failure::Token(Box::new(e)))?;
    let actual =
        AccessTokenHash::from_token(access, algorithm, key).map_err(|e| Failure::Token(Box::new(e)))?;
    if actual == *expected {
        Ok(())
    } else {
        Err(token_fault("the access token is not the ID token's"))
    }
}

fn text_claim(claims: &Claims, name: &str) -> Option<String> {
    claims
        .additional_claims()
        .rest
        .get(name)
        .and_then(|value| value.as_str())
        .map(str::to_owned)
}

fn token_fault(text: &'static str) -> Failure {
    Failure::Token(text.into())
}
