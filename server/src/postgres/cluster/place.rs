//! Where the cluster's files are: `postgres` in the data folder, or what that links to.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::super::PostgresError;
use super::super::account::Account;

pub(super) const NAME: &str = "postgres";

/// Where clusters of root's servers go whose data folder the unprivileged user cannot get at.
const SYSTEM_FOLDER: &str = "/var/lib/spillway";

/// The real path of the cluster's folder, which may not exist yet.
///
/// As root the cluster belongs to somebody else, to whom a data folder below `/root` is closed. Opening up `/root` is not
/// for us to do; so the files then go to a folder of their own, and the data folder gets a link to it.
pub(super) fn prepare(account: &Account, data_dir: &Path) -> Result<PathBuf, PostgresError> {
    let here = data_dir.join(NAME);
    if here.is_symlink() {
        let target = fs::read_link(&here).map_err(PostgresError::at(&here))?;
        let parent = target.parent().unwrap_or(Path::new("/")).to_owned();
        create_passage(&parent)?;
        return Ok(target);
    }
    if !account.drops || here.exists() {
        return Ok(here);
    }
    open_passage(data_dir)?;
    if account.can_enter(data_dir) {
        return Ok(here);
    }

    let there = Path::new(SYSTEM_FOLDER).join(format!("{:016x}", rand::random::<u64>()));
    create_passage(&there)?;
    let target = there.join(NAME);
    std::os::unix::fs::symlink(&target, &here).map_err(PostgresError::at(&here))?;
    tracing::info!(link = %here.display(), target = %target.display(), "the database's user cannot enter the data folder");
    Ok(target)
}

/// Lets others pass through a folder of ours, not look into it.
fn open_passage(folder: &Path) -> Result<(), PostgresError> {
    let mode = fs::metadata(folder)
        .map_err(PostgresError::at(folder))?
        .permissions()
        .mode();
    fs::set_permissions(folder, Permissions::from_mode(mode | 0o011)).map_err(PostgresError::at(folder))
}

fn create_passage(folder: &Path) -> Result<(), PostgresError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o711)
        .create(folder)
        .map_err(PostgresError::at(folder))?;
    // The umask may have taken the others' bits away.
    for folder in [Path::new(SYSTEM_FOLDER), folder] {
        open_passage(folder)?;
    }
    Ok(())
}
