//! Which groups somebody is in, by the provider.

use serde_json::Value;

use super::claims::Claims;
use super::exchange::{Tokens, status};
use super::id_token::{self, Expected, IdToken, IdTokenError};
use super::outbound::OutboundError;
use super::provider::Provider;
use super::{Failure, SignIn};

/// The claim does not hold what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a text or a list of texts")]
pub struct GroupsError;

/// The groups in a claim: a list, or the single text that some providers send for one group. What else is in a list is left
/// out: a group only ever adds roles. None where the claim is absent.
fn groups_in(claims: &Claims, name: &str) -> Result<Option<Vec<String>>, GroupsError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(_) | Value::Array(_)) => Ok(Some(claims.texts(name))),
        Some(_) => Err(GroupsError),
    }
}

/// Whether the provider says that it has left the groups out, as there are too many of them: it names another place for them
/// (OpenID Connect Core section 5.6.2), or says only that there are some.
fn are_left_out(claims: &Claims, name: &str) -> bool {
    let elsewhere = claims
        .get("_claim_names")
        .and_then(|names| names.get(name))
        .is_some_and(|source| !source.is_null());
    elsewhere || matches!(claims.yes_or_no("hasgroups"), Some(Ok(true)))
}

impl SignIn {
    /// The groups: of the ID token, else of the userinfo endpoint, where some providers put long lists.
    pub(super) async fn groups(
        &self,
        provider: &Provider,
        id_token: &IdToken,
        tokens: &Tokens,
        expected: Expected<'_>,
    ) -> Result<Vec<String>, Failure> {
        let name = self.settings.groups_claim.as_str();
        if let Some(groups) = groups_in(&id_token.claims, name)? {
            return Ok(groups);
        }
        if are_left_out(&id_token.claims, name) {
            return Err(Failure::GroupsLeftOut);
        }
        let Some(endpoint) = provider.document.userinfo_endpoint.clone() else {
            return Ok(Vec::new());
        };
        let answer = self
            .outbound
            .get(endpoint, Some(&tokens.access_token))
            .await
            .map_err(|error| match error {
                OutboundError::Http(_) => Failure::WentAway(Box::new(error)),
                OutboundError::TooLarge => Failure::Token(Box::new(error)),
            })?;
        if answer.status.is_server_error() {
            return Err(Failure::WentAway(status(&answer)));
        }
        if !answer.status.is_success() {
            return Err(Failure::Token(status(&answer)));
        }
        let more = if answer.is_jwt {
            let token = String::from_utf8_lossy(&answer.body);
            id_token::verify_user_info(token.trim(), &provider.keys, expected).map_err(token_fault)?
        } else {
            let claims = serde_json::from_slice(&answer.body);
            Claims(claims.map_err(|error| Failure::Token(Box::new(error)))?)
        };
        // Section 5.3.2: an answer about somebody else must not be used.
        if more.get("sub").and_then(Value::as_str) != Some(id_token.sub.as_str()) {
            return Err(token_fault(IdTokenError::Subject));
        }
        match groups_in(&more, name)? {
            Some(groups) => Ok(groups),
            None if are_left_out(&more, name) => Err(Failure::GroupsLeftOut),
            None => Ok(Vec::new()),
        }
    }
}

/// A token that does not verify, as the reason of a failed sign-in.
pub(super) fn token_fault(error: IdTokenError) -> Failure {
    Failure::Token(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    fn groups_of(claim: Value) -> Result<Option<Vec<String>>, GroupsError> {
        groups_in(&Claims(Map::from_iter([("groups".to_owned(), claim)])), "groups")
    }

    #[test]
    fn groups_come_as_a_list_or_alone() {
        let texts = |all: &[&str]| Ok(Some(all.iter().map(ToString::to_string).collect()));
        assert_eq!(groups_of(json!(["a", "b"])), texts(&["a", "b"]));
        assert_eq!(groups_of(json!("a")), texts(&["a"]));
        assert_eq!(groups_of(json!([])), texts(&[]));
        assert_eq!(groups_of(json!(["a", 1, null, "b\u{0}", ["c"]])), texts(&["a"]));
        assert_eq!(groups_of(json!(null)), Ok(None));
        for bad in [json!({"a": true}), json!(true), json!(7)] {
            assert_eq!(groups_of(bad.clone()), Err(GroupsError), "{bad}");
        }
    }
}
