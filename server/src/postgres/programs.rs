use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest PostgreSQL that we use features of.
pub(super) const OLDEST_MAJOR: u32 = 15;

/// The server programs of one installed PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    folder: PathBuf,
    major: u32,
}

impl Programs {
    /// The newest ones that we can use; with `major`, those of just that version, which alone can open a cluster that
    /// it made.
    pub(super) fn find(major: Option<u32>) -> Option<Self> {
        candidates()
            .into_iter()
            .filter_map(Self::in_folder)
            .filter(|found| match major {
                Some(major) => found.major == major,
                None => found.major >= OLDEST_MAJOR,
            })
            .max_by_key(|found| found.major)
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    pub(super) fn pg_ctl(&self) -> PathBuf {
        self.folder.join("pg_ctl")
    }

    fn in_folder(folder: PathBuf) -> Option<Self> {
        // A client-only installation has a psql and a pg_config, and no use for us.
        let complete = ["initdb", "pg_ctl", "postgres"]
            .iter()
            .all(|program| folder.join(program).is_file());
        if !complete {
            return None;
        }
        let version = said(&folder.join("postgres"), "--version")?;
        let major = parse_major(&version)?;
        Some(Self { folder, major })
    }
}

/// Where server programs are, in no order. Debian keeps them out of `PATH`, since several versions live side by side.
fn candidates() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = env::var_os("PATH")
        .map(|path| env::split_paths(&path).collect())
        .unwrap_or_default();
    if let Some(folder) = said(Path::new("pg_config"), "--bindir") {
        folders.push(PathBuf::from(folder.trim()));
    }
    for (parent, prefix) in [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql"),
        ("/usr/local/opt", "postgresql"),
        ("/home/linuxbrew/.linuxbrew/opt", "postgresql"),
    ] {
        let Ok(entries) = fs::read_dir(parent) else {
            continue;
        };
        folders.extend(
            entries
                .flatten()
                .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
                .map(|entry| entry.path().join("bin")),
        );
    }
    folders
}

/// What a program prints, if it is there and succeeds.
fn said(program: &Path, argument: &str) -> Option<String> {
    let output = Command::new(program).arg(argument).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// From `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, or `17beta1`, or a `PG_VERSION` file's `15`.
pub(super) fn parse_major(version: &str) -> Option<u32> {
    version
        .split(|c: char| !c.is_ascii_digit())
        .find(|digits| !digits.is_empty())?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::parse_major;

    #[test]
    fn reads_the_major_version_in_all_its_spellings() {
        for (text, major) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", Some(15)),
            ("postgres (PostgreSQL) 18beta2", Some(18)),
            ("16\n", Some(16)),
            ("postgres", None),
            ("", None),
        ] {
            assert_eq!(parse_major(text), major, "{text:?}");
        }
    }
}
