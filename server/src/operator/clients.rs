//! `spillway client …`.

use domain::client::{Client, ClientChange};
use domain::id::CorrelationId;
use domain::incident::IncidentPrefix;
use domain::signal::SignalRight;
use domain::window::Instant;
use serde_json::{Value, json};
use service::clients::{ListedClient, ListedToken};
use service::directory::ClientFile;
use service::{Service, ServiceError};

use super::Report;
use crate::command::{ClientAct, Rights};

/// Does it.
pub async fn run(
    service: &Service,
    act: &ClientAct,
    correlation: CorrelationId,
    report: &mut Report,
) -> Result<(), ServiceError> {
    match act {
        ClientAct::List { all } => list(service, *all, correlation, report).await,
        ClientAct::Add { name, rights } => add(service, name, rights, correlation, report).await,
        ClientAct::Set { name, rights } => {
            let client = named(service, name, correlation).await?;
            let after = rights.over(client)?;
            let changes = service.change_client(after, correlation).await?;
            report.line(said(name, &changes));
            report.set("name", name.as_str());
            report.set("changes", as_json(&changes)?);
            Ok(())
        }
        ClientAct::Rotate { name, overlap } => {
            let id = named(service, name, correlation).await?.id;
            let rotated = service.rotate_client_token(id, *overlap, correlation).await?;
            report.line(token_line(name, &rotated.token));
            report.line(match rotated.former_ends_at {
                Some(ends_at) => format!("Earlier tokens of {name} are valid until {}.", instant(ends_at)),
                None => format!("Earlier tokens of {name} are no longer valid."),
            });
            report.set("name", name.as_str());
            report.set("token", rotated.token);
            report.set("former_ends_at", json!(rotated.former_ends_at));
            Ok(())
        }
        ClientAct::Revoke { name } => {
            let id = named(service, name, correlation).await?.id;
            service.revoke_client(correlation, id).await?;
            report.line(format!("Revoked {name}: none of its tokens is valid."));
            report.set("name", name.as_str());
            report.set("revoked", true);
            Ok(())
        }
    }
}

/// How a token is printed: a program reads it by the name before the `=`.
pub(super) fn token_line(name: &str, token: &str) -> String {
    format!(
        "SPILLWAY_TOKEN_{}={token}",
        name.to_uppercase().replace(['-', '.', ' '], "_")
    )
}

/// What a change of a client is in words.
pub(super) fn said(name: &str, changes: &[ClientChange]) -> String {
    if changes.is_empty() {
        return format!("{name}: no change.");
    }
    let texts: Vec<&str> = changes.iter().map(|change| change.text.as_str()).collect();
    let widens = changes.iter().any(|change| change.widens);
    let told = if widens {
        " Administrators are notified."
    } else {
        ""
    };
    format!("{name}: {}.{told}", texts.join("; "))
}

pub(super) fn as_json(changes: &[ClientChange]) -> Result<Value, ServiceError> {
    serde_json::to_value(changes).map_err(ServiceError::internal)
}

async fn named(service: &Service, name: &str, correlation: CorrelationId) -> Result<Client, ServiceError> {
    let listed = service.list_clients(correlation).await?;
    listed
        .into_iter()
        .find(|listed| listed.client.name == name && listed.revoked_at.is_none())
        .map(|listed| listed.client)
        .ok_or(ServiceError::NotFound { what: "client" })
}

async fn add(
    service: &Service,
    name: &str,
    rights: &Rights,
    correlation: CorrelationId,
    report: &mut Report,
) -> Result<(), ServiceError> {
    // With an id of nobody's, since rights are laid over a client.
    let nothing = ClientFile {
        name: name.to_owned(),
        subjects: Vec::new(),
        resources: Vec::new(),
        trusted_keys: Default::default(),
        signals: None,
        incidents: None,
    };
    let wanted = rights.over(nothing.client(domain::id::ClientId::from_uuid(uuid::Uuid::nil())))?;
    let file = ClientFile {
        subjects: wanted.subjects,
        resources: wanted.resources,
        trusted_keys: wanted.trusted_keys,
        signals: wanted.signals,
        incidents: wanted.incidents,
        ..nothing
    };
    let (id, token) = service.register_client(&file, correlation).await?;
    report.line(token_line(name, &token));
    report.set("name", name);
    report.set("id", id.to_string());
    report.set("token", token);
    Ok(())
}

impl Rights {
    /// The client with what is given here in place of what it has.
    fn over(&self, mut client: Client) -> Result<Client, ServiceError> {
        if !self.subjects.is_empty() {
            client.subjects.clone_from(&self.subjects);
        }
        if !self.resources.is_empty() {
            client.resources.clone_from(&self.resources);
        }
        if self.no_trusted_keys || !self.trusted_keys.is_empty() {
            client.trusted_keys = self.trusted_keys.iter().cloned().collect();
        }
        if self.no_incidents || self.incidents.is_some() {
            client.incidents.clone_from(&self.incidents);
        }
        if self.no_signals {
            client.signals = None;
        } else {
            client.signals = self.signals_over(client.signals.take())?;
        }
        Ok(client)
    }

    fn signals_over(&self, before: Option<SignalRight>) -> Result<Option<SignalRight>, ServiceError> {
        let subjects = (!self.signal_subjects.is_empty()).then(|| self.signal_subjects.clone());
        let longest_secs = self.longest_signal.map(|longest| longest.num_seconds());
        match before {
            Some(before) => Ok(Some(SignalRight {
                subjects: subjects.unwrap_or(before.subjects),
                per_hour: self.signals_per_hour.unwrap_or(before.per_hour),
                longest_secs: longest_secs.unwrap_or(before.longest_secs),
            })),
            None => match (subjects, self.signals_per_hour, longest_secs) {
                (None, None, None) => Ok(None),
                (Some(subjects), Some(per_hour), Some(longest_secs)) => Ok(Some(SignalRight {
                    subjects,
                    per_hour,
                    longest_secs,
                })),
                _ => Err(ServiceError::field(
                    "signals",
                    "incomplete",
                    "A client without the right to signal gets it with --signal-subject, --signals-per-hour and --longest-signal together.",
                )),
            },
        }
    }
}

async fn list(
    service: &Service,
    all: bool,
    correlation: CorrelationId,
    report: &mut Report,
) -> Result<(), ServiceError> {
    let listed = service.list_clients(correlation).await?;
    let shown: Vec<&ListedClient> = listed
        .iter()
        .filter(|one| all || one.revoked_at.is_none())
        .collect();
    if shown.is_empty() {
        report.line("No clients are registered. `spillway client add` registers one.");
    }
    let mut values = Vec::new();
    for one in shown {
        let client = &one.client;
        report.line(match one.revoked_at {
            Some(at) => format!("{} (revoked {})", client.name, instant(at)),
            None => client.name.clone(),
        });
        report.line(format!("  registered    {}", instant(one.registered_at)));
        report.line(format!("  subjects      {}", joined(&client.subjects)));
        report.line(format!("  resources     {}", joined(&client.resources)));
        let keys: Vec<&String> = client.trusted_keys.iter().collect();
        report.line(format!("  trusted keys  {}", joined(&keys)));
        report.line(format!(
            "  signals       {}",
            client.signals.as_ref().map_or_else(|| "none".to_owned(), signals)
        ));
        report.line(format!(
            "  incidents     {}",
            match client.incidents.as_ref().map(IncidentPrefix::as_str) {
                None => "none".to_owned(),
                Some("") => "all".to_owned(),
                Some(prefix) => format!("{prefix}*"),
            }
        ));
        if one.revoked_at.is_none() {
            for token in &one.tokens {
                report.line(format!("  token         {}", token_said(token)));
            }
        }
        values.push(value(one)?);
    }
    report.set("clients", values);
    Ok(())
}

fn joined<T: std::fmt::Display>(all: &[T]) -> String {
    if all.is_empty() {
        return "none".to_owned();
    }
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn signals(right: &SignalRight) -> String {
    let SignalRight {
        subjects,
        per_hour,
        longest_secs,
    } = right;
    format!(
        "about {}, {per_hour} in an hour, {longest_secs} s at most",
        joined(subjects)
    )
}

fn token_said(token: &ListedToken) -> String {
    let used = match token.last_used_at {
        Some(at) => format!("last used {}", instant(at)),
        None => "not used yet".to_owned(),
    };
    match (token.ends_at, token.made_at) {
        (Some(ends_at), _) => format!("earlier one, valid until {}, {used}", instant(ends_at)),
        (None, Some(made_at)) => format!("made {}, {used}", instant(made_at)),
        (None, None) => used,
    }
}

fn instant(at: Instant) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn value(listed: &ListedClient) -> Result<Value, ServiceError> {
    let mut value = serde_json::to_value(&listed.client).map_err(ServiceError::internal)?;
    if let Value::Object(members) = &mut value {
        members.insert("registered_at".to_owned(), json!(listed.registered_at));
        members.insert("revoked_at".to_owned(), json!(listed.revoked_at));
        let tokens = listed.tokens.iter().filter(|_| listed.revoked_at.is_none()).map(|token| {
            json!({ "made_at": token.made_at, "ends_at": token.ends_at, "last_used_at": token.last_used_at })
        });
        members.insert("tokens".to_owned(), tokens.collect());
    }
    Ok(value)
}
