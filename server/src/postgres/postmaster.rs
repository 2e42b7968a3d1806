use std::fs;
use std::path::Path;
use std::process::Command;

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

/// What the cluster's `postmaster.pid` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Postmaster {
    /// No file: the cluster was stopped in order.
    None,
    /// The process in the file is this cluster's postmaster.
    Running(i32),
    /// The process is gone. PostgreSQL finds that out by itself, and first makes sure that no backend of it is left.
    Dead,
    /// The process is gone and its number belongs to another one now (or to a zombie that nobody reaps, as happens in
    /// containers). PostgreSQL would take it for a running server and refuse to start.
    Reused,
}

impl Postmaster {
    pub(super) fn of(cluster: &Path) -> Self {
        let Some(pid) = fs::read_to_string(cluster.join("postmaster.pid"))
            .ok()
            .as_deref()
            .and_then(|content| content.lines().next())
            .and_then(|line| line.trim().parse::<i32>().ok())
        else {
            return Self::None;
        };
        if !is_alive(pid) {
            return Self::Dead;
        }
        match command_line(pid) {
            Some(line) if !is_postmaster_of(&line, cluster) => Self::Reused,
            // Where nothing tells us the command line, a process that lives is taken for the postmaster: to take
            // its file away wrongly would cost the data.
            Some(_) | None => Self::Running(pid),
        }
    }
}

fn is_alive(pid: i32) -> bool {
    Pid::from_raw(pid).is_some_and(|pid| match test_kill_process(pid) {
        // It is there, and not ours to send signals to.
        Ok(()) | Err(Errno::PERM) => true,
        Err(_) => false,
    })
}

fn is_postmaster_of(command_line: &str, cluster: &Path) -> bool {
    command_line.contains("postgres") && command_line.contains(cluster.to_string_lossy().as_ref())
}

/// The arguments of a process, by `/proc` or, where there is none, by `ps`. Empty for a zombie.
fn command_line(pid: i32) -> Option<String> {
    if Path::new("/proc/self/cmdline").exists() {
        let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        return Some(String::from_utf8_lossy(&bytes).replace('\0', " "));
    }
    let output = Command::new("ps")
        .args(["-ww", "-o", "command=", "-p"])
        .arg(pid.to_string())
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    fn cluster_with(content: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("postmaster.pid"), content).unwrap();
        folder
    }

    #[test]
    fn no_file_means_stopped() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Postmaster::of(folder.path()), Postmaster::None);
    }

    #[test]
    fn a_pid_that_cannot_exist_is_dead() {
        // Above the largest number that Linux and macOS give out.
        let folder = cluster_with("2147483646\n/data\n");
        assert_eq!(Postmaster::of(folder.path()), Postmaster::Dead);
    }

    #[test]
    fn another_program_with_the_same_number_is_not_the_postmaster() {
        let folder = cluster_with(&format!("{}\n/data\n", std::process::id()));
        assert_eq!(Postmaster::of(folder.path()), Postmaster::Reused);
    }
}
