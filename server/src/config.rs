//! The configuration: one TOML file, overridden by `SPILLWAY_…` variables, checked whole before anything starts.
//!
//! A variable is a key in capitals with two underscores for a dot: `SPILLWAY_SIGN_IN__CLIENT_ID` is `sign_in.client_id`.
//! Keys, defaults and meanings stand at the fields of [`Settings`]. Every error names the key and how to mend it.

mod check;
mod error;
mod file;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use notify::mail::Mailbox;
use notify::outgoing::Allow;
use secrecy::SecretString;
use url::Url;

pub use error::ConfigError;

use crate::connections::ConnectionLimits;
use crate::http::rate_limit::Rate;
use crate::sign_in::{ProviderSettings, SessionLimits};
use crate::tickets::{OpenWords, address};
use file::File;

/// The configuration of `spillway serve`, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `public_url`: where people and machines find us. Required; https, but for a loopback address.
    pub public_url: Url,
    /// `listen`: the address to listen on. Default `127.0.0.1:3000`.
    pub listen: SocketAddr,
    /// `database_url`, or the variable `DATABASE_URL`: the database. Without it a private one is started in `data`.
    pub database_url: Option<SecretString>,
    /// `data`: the folder of this node. Default `/var/lib/spillway`.
    pub data: PathBuf,
    /// `site_root`: the folder with the built site. Default `site` beside the program.
    pub site_root: PathBuf,
    /// `[sign_in]`: the identity provider. `issuer`, `client_id` and at least one of `[sign_in.roles]` are
    /// required. There each group of the provider names a role or a list of roles: `"eng" = ["requester", "approver"]`.
    pub sign_in: ProviderSettings,
    /// `[sessions]`: `idle_limit_secs`, default 30 minutes; `absolute_limit_secs`, default 12 hours.
    pub session_limits: SessionLimits,
    /// `http.machine_rate`: `burst` and `per_minute` for one client.
    pub machine_rate: Rate,
    /// `http.sign_in_rate`: the same for one address.
    pub sign_in_rate: Rate,
    /// `http.trusted_proxies`: addresses whose `X-Forwarded-For` is believed. Default none.
    pub trusted_proxies: Arc<[IpAddr]>,
    /// `http.max_connections`: how many there may be; default what the limit of open files leaves room for.
    /// `http.max_connections_per_address`: of one address, but for trusted proxies; default half of them.
    pub connections: ConnectionLimits,
    /// `[keys]`: the files with this installation's keys.
    pub keys: KeyFiles,
    /// `[mail]`: the mail server. Without it no mail is sent.
    pub mail: Option<MailSettings>,
    /// `[outgoing]`: where webhooks and chats may be.
    pub outgoing: OutgoingSettings,
    /// `[tickets]`: where tickets are looked up. Without it nothing can stand on one.
    pub tickets: Option<TicketSettings>,
}

/// Where tickets are looked up.
#[derive(Debug, Clone)]
pub struct TicketSettings {
    /// `tickets.url`: the address of a ticket, with `{ticket}` in the place of its id.
    pub url: String,
    /// `tickets.pointer`: a JSON pointer to what says how it stands: `/fields/status/name`.
    pub pointer: String,
    /// `tickets.open`: the words that mean open.
    pub open: OpenWords,
    /// `tickets.authorization`: the header of that name.
    pub authorization: Option<SecretString>,
}

impl TicketSettings {
    /// The address of a ticket.
    pub fn url_of(&self, ticket: &str) -> Option<Url> {
        address(&self.url, ticket)
    }
}

/// The mail server.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// `mail.url`: `smtps://user:password@host`, or `smtp://host:587?tls=required`.
    pub url: SecretString,
    /// `mail.from`: `Spillway <spillway@example.com>`.
    pub from: Mailbox,
}

/// Where webhooks and chats may be.
#[derive(Debug, Clone, Default)]
pub struct OutgoingSettings {
    /// `outgoing.allow`: networks (`10.2.0.0/16`), addresses and host names that may be called although they lie inside, and
    /// over http too. Default none: the internet over https.
    pub allow: Allow,
}

/// Where the keys lie. Neither is ever in the database or its backups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFiles {
    /// `keys.signing_file`: what signs checkpoints of the ledger. Default `signing.key` in `data`.
    pub signing: PathBuf,
    /// `keys.wrapping_file`: what seals addresses and secrets of endpoints; the same on all nodes. Default `wrapping.key` in `data`.
    pub wrapping: PathBuf,
}

/// The tables and keys at the top. A variable of ours that names none of them is somebody else's (`SPILLWAY_BIN`).
const TOP: [&str; 12] = [
    "public_url",
    "listen",
    "database_url",
    "data",
    "site_root",
    "sign_in",
    "sessions",
    "http",
    "keys",
    "mail",
    "outgoing",
    "tickets",
];

/// Reads the configuration: the file, where one is named, and the variables over it.
///
/// Errors name the key and how to mend it.
pub fn load(file: Option<&Path>) -> Result<Settings, ConfigError> {
    check::settings(read(sources(file)?)?)
}

/// What is stored where: all that a command needs which serves nobody.
#[derive(Debug, Clone)]
pub struct Storage {
    /// The database, where one is named.
    pub database_url: Option<SecretString>,
    /// The folder of this node.
    pub data: PathBuf,
    /// The files with this installation's keys.
    pub keys: KeyFiles,
}

/// Reads what is stored where, and leaves the rest unchecked. `data` goes before what is written.
pub fn storage(file: Option<&Path>, data: Option<PathBuf>) -> Result<Storage, ConfigError> {
    Ok(check::storage(read(sources(file)?)?, data))
}

fn sources(file: Option<&Path>) -> Result<Figment, ConfigError> {
    let mut sources = Figment::new();
    if let Some(path) = file {
        if !path.is_file() {
            return Err(ConfigError::NoFile(path.to_owned()));
        }
        sources = sources.merge(Toml::file_exact(path));
    }
    Ok(sources
        .merge(Env::raw().only(&["DATABASE_URL"]))
        .merge(variables()))
}

fn variables() -> Env {
    Env::prefixed("SPILLWAY_")
        .filter(|key| {
            let top = key
                .as_str()
                .split("__")
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            TOP.contains(&top.as_str())
        })
        .split("__")
}

fn read(sources: Figment) -> Result<File, ConfigError> {
    sources.extract().map_err(ConfigError::unreadable)
}

#[cfg(test)]
mod tests;
