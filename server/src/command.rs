//! The command line.

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
    /// Put a policy and a directory in force and register the directory's clients; prints their tokens. For the first
    /// start: it opens the database itself.
    Bootstrap(Box<Bootstrap>),
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
    pub configured: Configured,
    /// The policy's folder: `tiers.toml`, `scenarios.toml`, `schema.cedarschema`, `rules/*.cedar`.
    #[arg(long, value_name = "FOLDER")]
    pub policy: PathBuf,
    /// The directory: teams, groups, principals, resources, clients.
    #[arg(long, value_name = "FILE")]
    pub directory: PathBuf,
    /// Links all sign-ins of the directory to this issuer instead of the ones that it names.
    #[arg(long, value_name = "URL")]
    pub issuer: Option<String>,
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
