//! From what is written to what is meant.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use domain::role::Role;
use notify::mailer::Mailer;
use notify::outgoing::Allow;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::file::{File, Keys, Mail, Sessions, SignIn, Tickets, Words};
use super::{ConfigError, KeyFiles, MailSettings, OutgoingSettings, Settings, Storage, TicketSettings};
use crate::connections::ConnectionLimits;
use crate::http::rate_limit::{Rate, RateLimits};
use crate::sign_in::{ProviderSettings, RoleMap, SessionLimits};

pub(super) fn settings(file: File) -> Result<Settings, ConfigError> {
    let data = data(file.data);
    let machine_rate = file.http.machine_rate.unwrap_or(Rate::MACHINE);
    let sign_in_rate = file.http.sign_in_rate.unwrap_or(Rate::SIGN_IN);
    for (key, rate) in [
        ("http.machine_rate", machine_rate),
        ("http.sign_in_rate", sign_in_rate),
    ] {
        RateLimits::new(rate, rate, [].into()).map_err(|error| invalid(key, error.to_string()))?;
    }
    Ok(Settings {
        public_url: public_url(file.public_url)?,
        listen: file.listen.unwrap_or_else(|| ([127, 0, 0, 1], 3000).into()),
        database_url: database_url(file.database_url),
        site_root: file.site_root.unwrap_or_else(site_beside_program),
        sign_in: sign_in(file.sign_in)?,
        session_limits: session_limits(&file.sessions)?,
        machine_rate,
        sign_in_rate,
        connections: ConnectionLimits::new(
            file.http.max_connections.map(NonZeroUsize::get),
            file.http.max_connections_per_address.map(NonZeroUsize::get),
            file.http.trusted_proxies.clone().into(),
        ),
        trusted_proxies: file.http.trusted_proxies.into(),
        keys: key_files(file.keys, &data),
        mail: file.mail.map(mail).transpose()?,
        outgoing: OutgoingSettings {
            allow: Allow::new(file.outgoing.allow.iter().map(String::as_str))
                .map_err(|error| invalid("outgoing.allow", error.to_string()))?,
        },
        tickets: file.tickets.map(tickets).transpose()?,
        data,
    })
}

/// An empty variable is how some tools unset one.
fn database_url(written: Option<SecretString>) -> Option<SecretString> {
    written.filter(|url| !url.expose_secret().trim().is_empty())
}

fn data(written: Option<PathBuf>) -> PathBuf {
    written.unwrap_or_else(|| PathBuf::from("/var/lib/spillway"))
}

pub(super) fn storage(file: File, named: Option<PathBuf>) -> Storage {
    let data = data(named.or(file.data));
    Storage {
        database_url: database_url(file.database_url),
        keys: key_files(file.keys, &data),
        data,
    }
}

fn public_url(text: Option<String>) -> Result<Url, ConfigError> {
    let key = "public_url";
    let text = text.ok_or(missing(
        key,
        "write the address that people open, such as \"https://spillway.example.com\"",
    ))?;
    let url: Url = text
        .parse()
        .map_err(|_| invalid(key, "write a whole address, such as https://spillway.example.com"))?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(invalid(
            key,
            "write scheme, host and port alone; Spillway has a host of its own",
        ));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        // Sessions would cross the network in the clear, and a browser takes no `__Host-` cookie over http.
        return Err(invalid(key, "use https; http is for loopback addresses alone"));
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid(key, "use https"));
    }
    Ok(url)
}

fn sign_in(written: SignIn) -> Result<ProviderSettings, ConfigError> {
    let issuer = written.issuer.ok_or(missing(
        "sign_in.issuer",
        "write your identity provider's issuer, as its discovery document names it",
    ))?;
    let parsed: Url = issuer
        .parse()
        .map_err(|_| invalid("sign_in.issuer", "write a whole address"))?;
    if parsed.scheme() != "https" && !is_loopback(&parsed) {
        return Err(invalid(
            "sign_in.issuer",
            "use https; http is for loopback addresses alone",
        ));
    }
    let client_id = written.client_id.ok_or(missing(
        "sign_in.client_id",
        "register Spillway at the identity provider and write the id it gave",
    ))?;
    Ok(ProviderSettings {
        issuer,
        name: written.name.unwrap_or_else(|| "single sign-on".to_owned()),
        client_id,
        client_secret: client_secret(written.client_secret, written.client_secret_file)?,
        scopes: written.scopes.unwrap_or_else(|| vec!["profile".to_owned()]),
        groups_claim: written.groups_claim.unwrap_or_else(|| "groups".to_owned()),
        roles: roles(written.roles)?,
        step_up_acr_values: acr_values(written.step_up_acr_values.unwrap_or_default())?,
        untyped_logout_tokens: written.untyped_logout_tokens,
    })
}

/// They travel in one parameter with spaces in between.
fn acr_values(written: Vec<String>) -> Result<Vec<String>, ConfigError> {
    let is_one = |acr: &String| !acr.is_empty() && !acr.contains(char::is_whitespace) && acr.len() <= 255;
    if written.iter().all(is_one) {
        Ok(written)
    } else {
        Err(invalid(
            "sign_in.step_up_acr_values",
            "write a list of authentication contexts without spaces, such as [\"phr\", \"phrh\"]",
        ))
    }
}

fn client_secret(
    written: Option<SecretString>,
    file: Option<PathBuf>,
) -> Result<Option<SecretString>, ConfigError> {
    let key = "sign_in.client_secret_file";
    match (written, file) {
        (Some(_), Some(_)) => Err(invalid(
            key,
            "keep either this or sign_in.client_secret, not both",
        )),
        (written, None) => Ok(written),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(&path).map_err(|source| ConfigError::Unreadable {
                key,
                path,
                source,
            })?;
            Ok(Some(SecretString::from(text.trim().to_owned())))
        }
    }
}

fn roles(written: BTreeMap<String, Words>) -> Result<RoleMap, ConfigError> {
    if written.is_empty() {
        let mend = "write at least one group and its role, such as \"spillway-approvers\" = \"approver\"; nobody could do anything";
        return Err(missing("sign_in.roles", mend));
    }
    let known = Role::ALL.map(Role::as_str).join(", ");
    let mut roles = Vec::new();
    for (group, words) in written {
        let wrong = |hint: String| invalid(&format!("sign_in.roles.{group}"), hint);
        let words = words.into_list();
        if words.is_empty() {
            return Err(wrong(format!("name at least one of {known}")));
        }
        for word in words {
            let role = word
                .parse::<Role>()
                .map_err(|_| wrong(format!("\"{word}\" is not a role; use one or several of {known}")))?;
            roles.push((group.clone(), role));
        }
    }
    Ok(roles.into_iter().collect())
}

fn session_limits(written: &Sessions) -> Result<SessionLimits, ConfigError> {
    let idle = TimeDelta::seconds(i64::from(written.idle_limit_secs.unwrap_or(30 * 60)));
    let absolute = TimeDelta::seconds(i64::from(written.absolute_limit_secs.unwrap_or(12 * 60 * 60)));
    if idle < TimeDelta::minutes(2) {
        // Use is noted once a minute: a shorter limit would end sessions in use.
        return Err(invalid("sessions.idle_limit_secs", "use at least 120"));
    }
    if absolute < idle {
        return Err(invalid(
            "sessions.absolute_limit_secs",
            "use at least sessions.idle_limit_secs",
        ));
    }
    Ok(SessionLimits { idle, absolute })
}

fn key_files(written: Keys, data: &Path) -> KeyFiles {
    KeyFiles {
        signing: written.signing_file.unwrap_or_else(|| data.join("signing.key")),
        wrapping: written.wrapping_file.unwrap_or_else(|| data.join("wrapping.key")),
    }
}

fn mail(written: Mail) -> Result<MailSettings, ConfigError> {
    let url = written.url.ok_or(missing(
        "mail.url",
        "write your mail server's address, such as \"smtps://user:password@mail.example.com\"",
    ))?;
    let parsed: Url = url.expose_secret().parse().map_err(|_| {
        invalid(
            "mail.url",
            "write a whole address, such as smtps://mail.example.com",
        )
    })?;
    let names_tls = parsed.query_pairs().any(|(key, _)| key == "tls");
    match parsed.scheme() {
        "smtps" => {}
        "smtp" if names_tls || is_loopback(&parsed) => {}
        // Passwords and names would cross the network in the clear by default.
        "smtp" => {
            return Err(invalid(
                "mail.url",
                "use smtps, or say which way with ?tls=required or ?tls=opportunistic",
            ));
        }
        _ => return Err(invalid("mail.url", "use smtps or smtp")),
    }
    Mailer::check(&url).map_err(|error| invalid("mail.url", error.to_string()))?;
    let from = written.from.ok_or(missing(
        "mail.from",
        "write who mail comes from, such as \"Spillway <spillway@example.com>\"",
    ))?;
    let from = from.parse().map_err(|_| {
        invalid(
            "mail.from",
            "write an address, such as Spillway <spillway@example.com>",
        )
    })?;
    Ok(MailSettings { url, from })
}

fn tickets(written: Tickets) -> Result<TicketSettings, ConfigError> {
    let url = written.url.ok_or(missing(
        "tickets.url",
        "write the address of a ticket, such as \"https://tickets.example.com/issue/{ticket}\"",
    ))?;
    let parsed = crate::tickets::address(&url, "TICKET-1");
    if !url.contains("{ticket}") || !parsed.is_some_and(|url| matches!(url.scheme(), "https" | "http")) {
        return Err(invalid(
            "tickets.url",
            "write a whole address with {ticket} where its id belongs",
        ));
    }
    let pointer = written.pointer.ok_or(missing(
        "tickets.pointer",
        "write where its answer says how it stands, such as \"/fields/status/name\"",
    ))?;
    if !pointer.starts_with('/') {
        return Err(invalid(
            "tickets.pointer",
            "write a JSON pointer: it begins with a slash",
        ));
    }
    if written.open.is_empty() {
        return Err(missing(
            "tickets.open",
            "write at least one word that means open, such as [\"Open\", \"In Progress\"]",
        ));
    }
    Ok(TicketSettings {
        url,
        pointer,
        open: written.open.into_iter().collect(),
        authorization: written.authorization,
    })
}

fn site_beside_program() -> PathBuf {
    let folder = std::env::current_exe()
        .ok()
        .and_then(|program| program.parent().map(Path::to_path_buf));
    folder.unwrap_or_default().join("site")
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        // Of schemes that browsers do not know, every host is a name.
        Some(Host::Domain(name)) => {
            name.eq_ignore_ascii_case("localhost")
                || name
                    .parse()
                    .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn missing(key: &'static str, mend: &'static str) -> ConfigError {
    ConfigError::Missing { key, mend }
}

fn invalid(key: &str, mend: impl Into<String>) -> ConfigError {
    ConfigError::Invalid {
        key: key.to_owned(),
        mend: mend.into(),
    }
}
