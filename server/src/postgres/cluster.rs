use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::account::Account;
use super::lock::FolderLock;
use super::postmaster::Postmaster;
use super::programs::{Programs, parse_major};
use super::{APP_ROLE, OWNER_ROLE, PostgresError, socket};

mod place;

/// How long `pg_ctl` waits for a start (which may have to replay the log) or a stop, in seconds.
const PATIENCE_SECS: &str = "120";
/// How often, and how many times, a start is tried while backends of a killed server are still going down.
const RETRY_EVERY: Duration = Duration::from_millis(100);
const RETRIES: u32 = 600;

/// A cluster that runs, with all that it takes to stop it.
#[derive(Debug)]
pub(super) struct Cluster {
    folder: PathBuf,
    socket_folder: PathBuf,
    account: Account,
    programs: Programs,
    running: bool,
    /// Last, since fields drop in this order: the folder is free only when the server is gone.
    _lock: FolderLock,
}

impl Cluster {
    pub(super) fn start(data_dir: &Path) -> Result<Self, PostgresError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(data_dir)
            .map_err(PostgresError::at(data_dir))?;
        // The server's working folder is another than ours, and the socket's name is derived from this one.
        let data_dir = data_dir.canonicalize().map_err(PostgresError::at(data_dir))?;
        let lock = FolderLock::take(&data_dir)?;

        let account = Account::choose(&data_dir.join(place::NAME))?;
        let folder = place::prepare(&account, &data_dir)?;
        let programs = programs_for(&folder)?;
        let mut cluster = Self {
            socket_folder: socket::folder(&account, &data_dir)?,
            folder,
            account,
            programs,
            running: false,
            _lock: lock,
        };

        if !cluster.folder.exists() {
            cluster.init()?;
        }
        cluster.end_what_was_left()?;
        cluster.configure()?;
        cluster.launch()?;
        Ok(cluster)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn socket_folder(&self) -> &Path {
        &self.socket_folder
    }

    pub(super) fn pid(&self) -> Option<i32> {
        match Postmaster::of(&self.folder) {
            Postmaster::Running(pid) => Some(pid),
            Postmaster::None | Postmaster::Dead | Postmaster::Reused => None,
        }
    }

    pub(super) fn stop(&mut self) -> Result<(), PostgresError> {
        self.running = false;
        if self.pid().is_some() {
            self.stop_postmaster()?;
        }
        // Only tidiness: the next start makes it again, and something of the user's in it is left alone.
        let _ = fs::remove_dir(&self.socket_folder);
        Ok(())
    }

    /// "Fast" ends sessions and writes a checkpoint. Where that hangs, "immediate" is as safe as a power failure, from
    /// which PostgreSQL recovers.
    fn stop_postmaster(&self) -> Result<(), PostgresError> {
        self.pg_ctl(&["stop", "-m", "fast"])
            .or_else(|_| self.pg_ctl(&["stop", "-m", "immediate"]))
    }

    pub(super) fn abandon(&mut self) {
        self.running = false;
    }

    /// Makes the cluster's files in a folder beside its own and renames that: a half-made one is never taken for whole.
    fn init(&self) -> Result<(), PostgresError> {
        let unfinished = self.folder.with_extension("unfinished");
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(PostgresError::at(&unfinished))?;
        }
        DirBuilder::new()
            .mode(0o700)
            .create(&unfinished)
            .map_err(PostgresError::at(&unfinished))?;
        self.account.own(&unfinished)?;

        let mut command = self.account.command(&self.programs.initdb());
        command
            .arg("--pgdata")
            .arg(&unfinished)
            .args(["--username", OWNER_ROLE])
            .args(["--auth-local=peer", "--auth-host=reject"])
            // Text sorts by code point, the same on every system: an index never breaks with a new C library.
            .args(["--encoding=UTF8", "--locale=C"])
            .arg("--data-checksums");
        self.run("initdb", &mut command)?;
        fs::rename(&unfinished, &self.folder).map_err(PostgresError::at(&self.folder))
    }

    /// We hold the folder's lock, so a postmaster that runs here belongs to a server that was killed. It is stopped
    /// rather than adopted: that ends the dead server's sessions, with their locks and open transactions, and the new
    /// configuration is sure to apply.
    fn end_what_was_left(&self) -> Result<(), PostgresError> {
        match Postmaster::of(&self.folder) {
            Postmaster::None | Postmaster::Dead => Ok(()),
            Postmaster::Running(pid) => {
                tracing::warn!(pid, folder = %self.folder.display(), "stopping the database of a server that was killed");
                self.stop_postmaster()
            }
            Postmaster::Reused => {
                for name in ["postmaster.pid", "postmaster.opts"] {
                    self.remove(&self.folder.join(name))?;
                }
                for name in [
                    format!(".s.PGSQL.{}", socket::PORT),
                    format!(".s.PGSQL.{}.lock", socket::PORT),
                ] {
                    self.remove(&self.socket_folder.join(name))?;
                }
                Ok(())
            }
        }
    }

    /// Written at each start: the socket's folder, our user and our settings may have changed since the last.
    fn configure(&self) -> Result<(), PostgresError> {
        let socket_folder = self.socket_folder.to_string_lossy().replace('\'', "''");
        let port = socket::PORT;
        self.write(
            "postgresql.conf",
            &format!(
                "# Written by spillway at each start: changes here are lost.\n\
                 listen_addresses = ''\n\
                 port = {port}\n\
                 unix_socket_directories = '{socket_folder}'\n\
                 unix_socket_permissions = 0700\n\
                 max_connections = 100\n\
                 shared_buffers = '128MB'\n\
                 timezone = 'UTC'\n\
                 log_timezone = 'UTC'\n"
            ),
        )?;
        self.write(
            "pg_hba.conf",
            "# TYPE  DATABASE  USER  METHOD\nlocal  all  all  peer map=spillway\n",
        )?;
        let map: String = self
            .account
            .clients
            .iter()
            .flat_map(|client| {
                let client = client.replace('"', "\"\"");
                [OWNER_ROLE, APP_ROLE].map(|role| format!("spillway  \"{client}\"  {role}\n"))
            })
            .collect();
        self.write("pg_ident.conf", &format!("# MAP  OS-USER  ROLE\n{map}"))
    }

    fn launch(&mut self) -> Result<(), PostgresError> {
        let log = self.log_file();
        if log.exists() {
            let previous = log.with_extension("previous.log");
            fs::rename(&log, &previous).map_err(PostgresError::at(&previous))?;
        }
        let mut tries = 0;
        loop {
            let log = log.to_string_lossy();
            let result = self.pg_ctl(&["start", "--log", &log]);
            match result {
                Ok(()) => break,
                // Backends outlive a postmaster that was killed by a moment, and PostgreSQL rightly refuses to start
                // beside them.
                Err(PostgresError::Program { ref output, .. })
                    if output.contains("is still in use") && tries < RETRIES =>
                {
                    self.remove(Path::new(log.as_ref()))?;
                    tries += 1;
                    thread::sleep(RETRY_EVERY);
                }
                Err(error) => return Err(error),
            }
        }
        self.running = true;
        Ok(())
    }

    fn pg_ctl(&self, arguments: &[&str]) -> Result<(), PostgresError> {
        let mut command = self.account.command(&self.programs.pg_ctl());
        command
            .args(arguments)
            .args(["--wait", "--silent", "--timeout", PATIENCE_SECS])
            .arg("--pgdata")
            .arg(&self.folder);
        self.run("pg_ctl", &mut command)
    }

    fn run(&self, program: &'static str, command: &mut Command) -> Result<(), PostgresError> {
        let output = command
            .output()
            .map_err(PostgresError::at(command.get_program()))?;
        if output.status.success() {
            return Ok(());
        }
        // pg_ctl says only that it failed; the server's log says why.
        let log = fs::read(self.log_file()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let last = lines.get(lines.len().saturating_sub(20)..).unwrap_or(&[]);
        Err(PostgresError::Program {
            program,
            status: output.status,
            output: [
                String::from_utf8_lossy(&output.stdout).trim(),
                String::from_utf8_lossy(&output.stderr).trim(),
                &last.join("\n"),
            ]
            .join("\n")
            .trim()
            .to_owned(),
        })
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// Puts a file into the cluster's folder by a rename. To open it there would, as root, follow a link that the
    /// unprivileged user may have put in its place.
    fn write(&self, name: &str, content: &str) -> Result<(), PostgresError> {
        let draft = self.folder.with_extension(name);
        let path = self.folder.join(name);
        fs::write(&draft, content)
            .and_then(|()| fs::set_permissions(&draft, Permissions::from_mode(0o600)))
            .map_err(PostgresError::at(&draft))?;
        self.account.own(&draft)?;
        fs::rename(&draft, &path).map_err(PostgresError::at(&path))
    }

    fn remove(&self, path: &Path) -> Result<(), PostgresError> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(PostgresError::Io {
                path: path.to_owned(),
                source: error,
            }),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.running
            && let Err(error) = self.stop()
        {
            tracing::error!(%error, "the private database did not stop");
        }
    }
}

/// The newest programs for a new cluster, else those of the version that made it.
fn programs_for(folder: &Path) -> Result<Programs, PostgresError> {
    let version = folder.join("PG_VERSION");
    if !version.exists() {
        return Programs::find(None).ok_or(PostgresError::ProgramsMissing);
    }
    let content = fs::read_to_string(&version).map_err(PostgresError::at(&version))?;
    let major = parse_major(&content).ok_or(PostgresError::ProgramsMissing)?;
    Programs::find(Some(major)).ok_or_else(|| PostgresError::OtherMajor {
        folder: folder.to_owned(),
        major,
    })
}
