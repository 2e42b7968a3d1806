//! The provider's discovery document (OpenID Connect Discovery 1.0 section 3).
//!
//! INVARIANT: only what sign-in cannot do without is required. Everything else is optional, and an optional member whose
//! value will not do (`"end_session_endpoint":""`, `null`, another type) counts as absent.

use serde_json::{Map, Value};
use url::Url;

/// What is read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    pub(super) jwks_uri: Url,
    /// Where groups are asked for that the ID token does not hold.
    pub(super) userinfo_endpoint: Option<Url>,
    /// RP-Initiated Logout 1.0 section 2.1.
    pub(super) end_session_endpoint: Option<Url>,
    /// RFC 9207 section 3: its authorization answers carry `iss`, and one without it is not from there.
    pub(super) names_itself: bool,
    /// It takes our secret in the body alone. RFC 6749 section 2.3.1 makes the header the default.
    pub(super) secret_in_body: bool,
}

/// Why a document will not do. The operator reads it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not a JSON object.
    #[error("it is not a JSON object")]
    NotAnObject,
    /// A member that sign-in needs is missing or is not what it must be.
    #[error("`{member}` is missing or is not {wanted}")]
    Member {
        /// Its name.
        member: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
    /// Of another provider.
    #[error("`issuer` is {named:?}, and sign_in.issuer is {configured:?}: both must be the same text")]
    OtherIssuer {
        /// As the document says.
        named: String,
        /// As the configuration says.
        configured: String,
    },
}

impl Document {
    /// Reads a document of this issuer.
    pub(super) fn read(body: &[u8], issuer: &str) -> Result<Self, DocumentError> {
        let document: Map<String, Value> =
            serde_json::from_slice(body).map_err(|_| DocumentError::NotAnObject)?;
        match document.get("issuer").and_then(Value::as_str) {
            Some(named) if named == issuer => {}
            Some(named) => {
                return Err(DocumentError::OtherIssuer {
                    named: named.chars().take(200).collect(),
                    configured: issuer.to_owned(),
                });
            }
            None => {
                return Err(DocumentError::Member {
                    member: "issuer",
                    wanted: "a text",
                });
            }
        }
        let required = |member| {
            address(&document, member).ok_or(DocumentError::Member {
                member,
                wanted: "an address",
            })
        };
        Ok(Self {
            authorization_endpoint: required("authorization_endpoint")?,
            token_endpoint: required("token_endpoint")?,
            jwks_uri: required("jwks_uri")?,
            userinfo_endpoint: address(&document, "userinfo_endpoint"),
            end_session_endpoint: address(&document, "end_session_endpoint"),
            names_itself: match document.get("authorization_response_iss_parameter_supported") {
                Some(Value::Bool(yes)) => *yes,
                // A text is not what it should be, but it can only mean the stricter way.
                Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
                _ => false,
            },
            secret_in_body: {
                let methods = document.get("token_endpoint_auth_methods_supported");
                let offers = |method: &str| {
                    methods
                        .and_then(Value::as_array)
                        .is_some_and(|all| all.iter().any(|one| one == method))
                };
                !offers("client_secret_basic") && offers("client_secret_post")
            },
        })
    }
}

fn address(document: &Map<String, Value>, member: &str) -> Option<Url> {
    let url: Url = document.get(member)?.as_str()?.trim().parse().ok()?;
    (matches!(url.scheme(), "https" | "http") && url.has_host()).then_some(url)
}
