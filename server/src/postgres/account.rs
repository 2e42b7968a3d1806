use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::PostgresError;

/// Whom to run the cluster as when we are root: the user that PostgreSQL's packages make, or the one that owns
/// nothing.
const UNPRIVILEGED: &[&str] = &["postgres", "_postgres", "nobody"];

/// The OS user that the cluster's processes run as and its files belong to.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// The OS users that may connect: this one, and ours where that is another.
    pub(super) clients: Vec<String>,
    /// Whether we are root and have to drop privileges for each program.
    pub(super) drops: bool,
}

impl Account {
    /// Ourselves, unless we are root: then the owner of the cluster that is there, or an unprivileged user.
    pub(super) fn choose(cluster: &Path) -> Result<Self, PostgresError> {
        let our_uid = rustix::process::geteuid().as_raw();
        let our_name = id("-un", None)?;
        let owner = fs::metadata(cluster).ok().map(|found| found.uid());

        if our_uid != 0 {
            return match owner {
                Some(uid) if uid != our_uid => Err(PostgresError::OtherOwner {
                    folder: cluster.to_owned(),
                    uid,
                }),
                _ => Ok(Self {
                    uid: our_uid,
                    gid: rustix::process::getegid().as_raw(),
                    clients: vec![our_name],
                    drops: false,
                }),
            };
        }

        let name = match owner {
            Some(uid) if uid != 0 => id("-un", Some(&uid.to_string()))?,
            _ => UNPRIVILEGED
                .iter()
                .find(|name| id("-u", Some(name)).is_ok())
                .map(|name| (*name).to_owned())
                .ok_or(PostgresError::NoAccount { tried: UNPRIVILEGED })?,
        };
        let missing = || PostgresError::NoAccount { tried: UNPRIVILEGED };
        Ok(Self {
            uid: id("-u", Some(&name))?.parse().map_err(|_| missing())?,
            gid: id("-g", Some(&name))?.parse().map_err(|_| missing())?,
            clients: vec![our_name, name],
            drops: true,
        })
    }

    /// A program that runs as this user, in the root folder (ours may be closed to it), apart from our terminal: a
    /// Ctrl-C is for us, and we stop the cluster in order.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").process_group(0).stdin(Stdio::null());
        // Variables such as PGDATA and PGPORT are about some other server, and LC_ALL decides the language of what the
        // programs say, which we read.
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        command.env("LC_ALL", "C");
        if self.drops {
            // Together they drop root's supplementary groups as well.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Gives a file or a folder of ours to this user.
    pub(super) fn own(&self, path: &Path) -> Result<(), PostgresError> {
        if self.drops {
            std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
                .map_err(PostgresError::at(path))?;
        }
        Ok(())
    }

    /// Whether this user can get into a folder. Asked of the kernel by trying, since modes alone do not tell.
    pub(super) fn can_enter(&self, folder: &Path) -> bool {
        self.command(Path::new("test"))
            .arg("-x")
            .arg(folder)
            .status()
            .is_ok_and(|status| status.success())
    }
}

/// `id FLAG [USER]`: the portable way to ask for users that may live in a directory service.
fn id(flag: &str, user: Option<&str>) -> Result<String, PostgresError> {
    let output = Command::new("id")
        .arg(flag)
        .args(user)
        .stdin(Stdio::null())
        .output()
        .map_err(PostgresError::at(PathBuf::from("id")))?;
    if !output.status.success() {
        return Err(PostgresError::Program {
            program: "id",
            status: output.status,
            output: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
