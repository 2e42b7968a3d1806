//! `spillway client …` and `spillway sessions …`.

use chrono::TimeDelta;
use clap::{Args, Subcommand};
use domain::client::{ResourcePattern, SubjectPattern};
use domain::incident::IncidentPrefix;
use domain::name::PersonId;

use super::Opened;

/// What is done to clients.
#[derive(Debug, Args)]
pub struct Clients {
    /// Which database.
    #[command(flatten)]
    pub opened: Opened,
    /// What is done.
    #[command(subcommand)]
    pub act: ClientAct,
}

/// One thing that can be done to clients.
#[derive(Debug, Subcommand)]
pub enum ClientAct {
    /// List clients: what they may do, and when their tokens were last used.
    List {
        /// Revoked clients too.
        #[arg(long)]
        all: bool,
    },
    /// Register a client and print its token, which is shown this once.
    Add {
        /// Its name in lists. A name is never given to a second client.
        name: String,
        /// What it may do.
        #[command(flatten)]
        rights: Rights,
    },
    /// Change what a client may do. What is not given stays as it is.
    Set {
        /// Its name.
        name: String,
        /// What it may do.
        #[command(flatten)]
        rights: Rights,
    },
    /// Give a client a new token and print it, this once.
    Rotate {
        /// Its name.
        name: String,
        /// For how long earlier tokens stay valid: `30m`, `24h`, `7d`; `0s` ends them immediately.
        #[arg(long, value_name = "LENGTH", default_value = "24h", value_parser = length)]
        overlap: TimeDelta,
    },
    /// Take a client's credentials away, immediately and on every node.
    Revoke {
        /// Its name.
        name: String,
    },
}

/// What a client may do. A list that is given replaces the one before.
#[derive(Debug, Default, Args)]
pub struct Rights {
    /// The subjects that it may ask about: `workload:ci/*`, `*:*`. Can be repeated.
    #[arg(long = "subject", value_name = "KIND:ID")]
    pub subjects: Vec<SubjectPattern>,
    /// The resources that it may ask about: `service:payments-*`, `*:*`. Can be repeated.
    #[arg(long = "resource", value_name = "TYPE:ID")]
    pub resources: Vec<ResourcePattern>,
    /// A context key that it is trusted to assert. Can be repeated.
    #[arg(long = "trusted-key", value_name = "KEY")]
    pub trusted_keys: Vec<String>,
    /// It is trusted to assert nothing.
    #[arg(long, conflicts_with = "trusted_keys")]
    pub no_trusted_keys: bool,
    /// The subjects that it may signal about. Can be repeated.
    #[arg(long = "signal-subject", value_name = "KIND:ID")]
    pub signal_subjects: Vec<SubjectPattern>,
    /// How many signals it may open in an hour.
    #[arg(long, value_name = "NUMBER")]
    pub signals_per_hour: Option<u32>,
    /// The longest that one of its signals lasts: `8h`.
    #[arg(long, value_name = "LENGTH", value_parser = length)]
    pub longest_signal: Option<TimeDelta>,
    /// It may not signal.
    #[arg(long, conflicts_with_all = ["signal_subjects", "signals_per_hour", "longest_signal"])]
    pub no_signals: bool,
    /// It may report incidents whose ids begin with this: `INC-`. Empty for a client that is the only source.
    #[arg(long, value_name = "PREFIX", value_parser = incident_prefix)]
    pub incidents: Option<IncidentPrefix>,
    /// It may not report incidents.
    #[arg(long, conflicts_with = "incidents")]
    pub no_incidents: bool,
}

/// What is done to sessions.
#[derive(Debug, Args)]
pub struct Sessions {
    /// Which database.
    #[command(flatten)]
    pub opened: Opened,
    /// What is done.
    #[command(subcommand)]
    pub act: SessionAct,
}

/// One thing that can be done to sessions.
#[derive(Debug, Subcommand)]
pub enum SessionAct {
    /// End all sessions of a person, in all browsers.
    End {
        /// Whose: the id in the directory.
        #[arg(long, value_name = "ID")]
        person: PersonId,
    },
}

fn incident_prefix(text: &str) -> Result<IncidentPrefix, String> {
    IncidentPrefix::try_from(text.to_owned()).map_err(|error| error.to_string())
}

/// A length of time: `30s`, `30m`, `24h`, `7d`.
fn length(text: &str) -> Result<TimeDelta, String> {
    let refused = || format!("`{text}` is not a valid length: write a number and s, m, h or d, such as 24h");
    let unit = text.chars().last().ok_or_else(refused)?;
    let number = text
        .strip_suffix(unit)
        .and_then(|number| number.parse::<u32>().ok());
    let number = i64::from(number.ok_or_else(refused)?);
    match unit {
        's' => TimeDelta::try_seconds(number),
        'm' => TimeDelta::try_minutes(number),
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        _ => None,
    }
    .ok_or_else(refused)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::length;
    use chrono::TimeDelta;

    #[test]
    fn a_length_is_a_number_and_a_unit() {
        for (text, expected) in [
            ("0s", TimeDelta::zero()),
            ("90s", TimeDelta::seconds(90)),
            ("30m", TimeDelta::minutes(30)),
            ("24h", TimeDelta::hours(24)),
            ("7d", TimeDelta::days(7)),
        ] {
            assert_eq!(length(text).unwrap(), expected);
        }
        for text in ["", "h", "24", "-1h", "1.5h", "1w", "24 h", "١h", "99999999999s"] {
            assert!(length(text).is_err(), "{text}");
        }
    }
}
