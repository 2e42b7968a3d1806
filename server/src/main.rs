//! The `spillway` command: reads the command line, and says what went wrong.

use std::process::ExitCode;

use clap::Parser;
use server::command::CommandLine;
use server::run::run;

#[tokio::main]
async fn main() -> ExitCode {
    match run(CommandLine::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("spillway: {error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(inner) = cause {
                eprintln!("  because {inner}");
                cause = inner.source();
            }
            ExitCode::FAILURE
        }
    }
}
