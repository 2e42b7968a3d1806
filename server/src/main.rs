//! The `spillway` command: reads the command line, and says what went wrong.

use std::process::ExitCode;

use clap::Parser;
use server::command::CommandLine;
use server::run::run;

/// The system's allocator was the largest single item in a profile of the decision path, which makes and drops a few hundred
/// small values for each decision.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
