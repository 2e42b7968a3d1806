//! Every command of the service has its row in the authorisation matrix, and every row a command: the commands are read
//! from the source, so that nobody has to remember the matrix.

use crate::scene::{OF_CLIENTS, READS, UNATTENDED, UNRECORDED, WRITES};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_command_has_its_row_and_every_row_its_command() {
    let commands = commands_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let rows: BTreeSet<String> = [READS, WRITES, UNRECORDED]
        .into_iter()
        .flatten()
        .map(|row| row.method)
        .chain(OF_CLIENTS.iter().map(|row| row.method))
        .chain(UNATTENDED.iter().map(|row| row.method))
        .map(str::to_owned)
        .collect();
    let unlisted: Vec<_> = commands.difference(&rows).collect();
    assert!(
        unlisted.is_empty(),
        "without a row in tests/it/scene: {unlisted:?}"
    );
    let gone: Vec<_> = rows.difference(&commands).collect();
    assert!(
        gone.is_empty(),
        "rows of tests/it/scene without a command: {gone:?}"
    );
}

#[test]
fn no_two_rows_have_one_name() {
    let names = [READS, WRITES, UNRECORDED].into_iter().flatten();
    let mut seen = BTreeSet::new();
    for row in names {
        assert!(seen.insert(row.name), "{}", row.name);
    }
}

#[test]
fn a_command_is_what_is_awaited_or_takes_a_caller() {
    let source = "\
impl Service {
    pub async fn report_ends(&self) -> usize {
    }
    pub fn policy(&self, caller: &PersonCaller) {
    }
    pub fn rotate(
        &self,
        by: impl Into<Administrator<'_>>,
    ) {
    }
    pub fn now(&self) -> Instant {
    }
    pub(crate) async fn outcomes(&self) {
    }
    async fn own(&self, caller: &PersonCaller) {
    }
}
impl Other {
    pub fn hidden(caller: &ClientCaller) {
    }
    pub async fn step(&self) {
    }
}
";
    let found: Vec<String> = commands_of(source).collect();
    let expected = [
        "service.report_ends",
        "service.policy",
        "service.rotate",
        "other.hidden",
    ];
    assert_eq!(found, expected);
}

fn commands_in(folder: &Path) -> BTreeSet<String> {
    let mut commands = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            commands.extend(commands_in(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            commands.extend(commands_of(&std::fs::read_to_string(&path).unwrap()));
        }
    }
    commands
}

/// Public methods that are awaited, of the types that hold the use cases, and of any type those that take a caller. As
/// rustfmt writes them, which `script/test` checks.
fn commands_of(source: &str) -> impl Iterator<Item = String> {
    let mut commands = Vec::new();
    let mut lines = source.lines();
    let mut holder = String::new();
    while let Some(line) = lines.next() {
        if let Some(rest) = line.strip_prefix("impl ") {
            holder = rest.trim_end_matches(" {").to_lowercase();
        }
        let indented = line.strip_prefix("    ").unwrap_or(line);
        let Some(rest) = indented.strip_prefix("pub ") else {
            continue;
        };
        let (awaited, rest) = match rest.strip_prefix("async ") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let Some((name, _)) = rest
            .strip_prefix("fn ")
            .and_then(|rest| rest.split_once(['(', '<']))
        else {
            continue;
        };
        let mut signature = line.to_owned();
        while !signature.trim_end().ends_with(['{', ';']) {
            signature.push_str(lines.next().unwrap_or("{"));
        }
        let calls = ["PersonCaller", "ClientCaller", "Administrator"]
            .iter()
            .any(|caller| signature.contains(caller));
        let uses = ["service", "decider"].contains(&holder.as_str()) && awaited;
        if calls || uses {
            commands.push(format!("{holder}.{name}"));
        }
    }
    commands.into_iter()
}
