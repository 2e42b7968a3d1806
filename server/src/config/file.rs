//! The configuration as it is written, before it is checked.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use crate::http::rate_limit::Rate;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub public_url: Option<String>,
    pub listen: Option<SocketAddr>,
    pub database_url: Option<SecretString>,
    pub data: Option<PathBuf>,
    pub site_root: Option<PathBuf>,
    #[serde(default)]
    pub sign_in: SignIn,
    #[serde(default)]
    pub sessions: Sessions,
    #[serde(default)]
    pub http: Http,
    #[serde(default)]
    pub keys: Keys,
    pub mail: Option<Mail>,
    #[serde(default)]
    pub outgoing: Outgoing,
    pub tickets: Option<Tickets>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    pub issuer: Option<String>,
    pub name: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<SecretString>,
    pub client_secret_file: Option<PathBuf>,
    pub scopes: Option<Vec<String>>,
    pub groups_claim: Option<String>,
    pub step_up_acr_values: Option<Vec<String>>,
    #[serde(default)]
    pub untyped_logout_tokens: bool,
    /// Words, so that a wrong one is named by its key and not by a position.
    #[serde(default)]
    pub roles: BTreeMap<String, Words>,
}

/// One word, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "write a role or a list of roles")]
pub(super) enum Words {
    One(String),
    Several(Vec<String>),
}

impl Words {
    /// As a list.
    pub(super) fn into_list(self) -> Vec<String> {
        match self {
            Self::One(word) => vec![word],
            Self::Several(words) => words,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sessions {
    pub idle_limit_secs: Option<u32>,
    pub absolute_limit_secs: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Http {
    #[serde(default)]
    pub trusted_proxies: Vec<IpAddr>,
    pub machine_rate: Option<Rate>,
    pub sign_in_rate: Option<Rate>,
    pub max_connections: Option<NonZeroUsize>,
    pub max_connections_per_address: Option<NonZeroUsize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    pub signing_file: Option<PathBuf>,
    pub wrapping_file: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mail {
    pub url: Option<SecretString>,
    pub from: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Outgoing {
    #[serde(default)]
    pub allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tickets {
    pub url: Option<String>,
    pub pointer: Option<String>,
    #[serde(default)]
    pub open: Vec<String>,
    pub authorization: Option<SecretString>,
}
