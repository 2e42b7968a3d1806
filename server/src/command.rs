//! The command line.

mod client;

pub use client::{ClientAct, Clients, Rights, SessionAct, Sessions};

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Access decided by policy, exceptions decided by people.
#[derive(Debug, Parser)]
#[command(name = "spillway", version, about)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the web interface and the APIs.
    Serve(Configured),
    /// Serve a demo on this machine alone, with a database, people and a history of its own.
    Demo(Demo),
    /// Bring the database to this version's schema. Needs the role that owns it.
    Migrate(Configured),
    /// Put a policy and a directory in force, register the directory's clients and change those that are registered;
    /// prints the tokens of new ones and what changed. It opens the database itself.
    Bootstrap(Box<Bootstrap>),
    /// List, add, change and revoke clients, and rotate their tokens. It opens the database itself.
    Client(Box<Clients>),
    /// End people's sessions. It opens the database itself.
    Sessions(Sessions),
    /// Read the whole ledger and say whether it is as it was signed. Fails where it is not.
    Verify(Box<Verify>),
}

/// Which ledger is verified, and by which key.
#[derive(Debug, Args)]
pub struct Verify {
    /// Which database.
    #[command(flatten)]
    pub configured: Configured,
    /// The node's folder: its private database, where none is named, and its note of the last signed head. Where it is
    /// not given, `data` of the configuration.
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// The file with the signing key. Where it is not given, `keys.signing_file` of the configuration, else `signing.key`
    /// in the folder.
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// The log's public key, `<name>+<hash>+<key>`, instead of the file.
    #[arg(long, value_name = "KEY")]
    pub verifier_key: Option<ledger::VerifierKey>,
}

/// What is put in force.
#[derive(Debug, Args)]
pub struct Bootstrap {
    /// Which database.
    #[command(flatten)]
    pub opened: Opened,
    /// The policy's folder: `tiers.toml`, `scenarios.toml`, `schema.cedarschema`, `rules/*.cedar`.
    #[arg(long, value_name = "FOLDER")]
    pub policy: PathBuf,
    /// The directory: teams, groups, principals, resources, clients.
    #[arg(long, value_name = "FILE")]
    pub directory: PathBuf,
    /// Links all sign-ins of the directory to this issuer instead of the ones that it names.
    #[arg(long, value_name = "URL")]
    pub issuer: Option<String>,
    /// Continue although the policy uses these names and the directory does not have them, or these opt-outs would cover
    /// less. Names are those of the refusal: `group:mentees`.
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub accept: Vec<String>,
    /// Revoke the clients that the directory does not name. Without it they are only listed.
    #[arg(long)]
    pub revoke_absent: bool,
}

/// A command that opens the database itself.
#[derive(Debug, Args)]
pub struct Opened {
    /// The configuration file. Variables `SPILLWAY_…` override what is in it.
    #[arg(long, value_name = "FILE", env = "SPILLWAY_CONFIG", global = true)]
    pub config: Option<PathBuf>,
    /// The folder with the node's private database, where none is named. Where it is not given, `data` of the
    /// configuration.
    #[arg(long, value_name = "FOLDER", global = true)]
    pub data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

/// A command that reads the configuration.
#[derive(Debug, Args)]
pub struct Configured {
    /// The configuration file. Variables `SPILLWAY_…` override what stands there.
    #[arg(long, value_name = "FILE", env = "SPILLWAY_CONFIG")]
    pub config: Option<PathBuf>,
}

/// How the demo is set up.
#[derive(Debug, Args)]
pub struct Demo {
    /// The port on 127.0.0.1.
    #[arg(long, default_value_t = 3000, env = "PORT")]
    pub port: u16,
    /// The port of the demo's identity provider; 0 takes the one 10,000 above `port`.
    #[arg(long, default_value_t = 0)]
    pub provider_port: u16,
    /// The folder of the demo's database.
    #[arg(long, value_name = "FOLDER", env = "SPILLWAY_DATA")]
    pub data: PathBuf,
    /// The folder with the built site.
    #[arg(long, value_name = "FOLDER", env = "LEPTOS_SITE_ROOT")]
    pub site_root: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::CommandLine;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }
}
