use std::env;
use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::PostgresError;
use super::account::Account;

/// Only part of the socket file's name: nothing listens on TCP.
pub(super) const PORT: u16 = 5432;

/// A socket's whole path may have 107 bytes on Linux and 103 on macOS (`sun_path` less its NUL), of which
/// `/.s.PGSQL.5432.lock` takes 19.
const LONGEST_FOLDER_BYTES: usize = 80;

/// Makes the folder that the socket lives in, with mode 0700. It cannot be in the data folder, whose path may be longer
/// than a socket's may be; so its name is short and derived from the data folder's.
pub(super) fn folder(account: &Account, data_dir: &Path) -> Result<PathBuf, PostgresError> {
    let folder = choose(
        env::var_os("XDG_RUNTIME_DIR")
            .map(PathBuf::from)
            .filter(|_| !account.drops),
        account.uid,
        data_dir,
    );
    match DirBuilder::new().mode(0o700).create(&folder) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            // Anybody can make a folder in /tmp and then own what we connect to. A link is not followed.
            let found = fs::symlink_metadata(&folder).map_err(PostgresError::at(&folder))?;
            let ours = [account.uid, rustix::process::geteuid().as_raw()].contains(&found.uid());
            if !found.is_dir() || !ours {
                return Err(PostgresError::SocketFolderTaken { folder });
            }
        }
        Err(source) => {
            return Err(PostgresError::Io { path: folder, source });
        }
    }
    fs::set_permissions(&folder, Permissions::from_mode(0o700)).map_err(PostgresError::at(&folder))?;
    account.own(&folder)?;
    Ok(folder)
}

fn choose(runtime_dir: Option<PathBuf>, uid: u32, data_dir: &Path) -> PathBuf {
    let digest = hex::encode(Sha256::digest(data_dir.as_os_str().as_encoded_bytes()));
    let name = digest.get(..12).unwrap_or(&digest);
    runtime_dir
        .filter(|dir| dir.is_absolute() && dir.is_dir())
        .map(|dir| dir.join(format!("spillway-{name}")))
        .filter(|folder| folder.as_os_str().len() <= LONGEST_FOLDER_BYTES)
        .unwrap_or_else(|| PathBuf::from(format!("/tmp/spillway-{uid}-{name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_short_however_long_the_data_folder_is() {
        let long = PathBuf::from(format!("/{}", "x".repeat(4_000)));
        for runtime_dir in [None, Some(PathBuf::from("/tmp")), Some(long.clone())] {
            let folder = choose(runtime_dir, 4_294_967_294, &long);
            assert!(folder.as_os_str().len() <= LONGEST_FOLDER_BYTES, "{folder:?}");
        }
    }

    #[test]
    fn differs_between_data_folders_and_not_between_starts() {
        let folder = |data_dir| choose(None, 1_000, Path::new(data_dir));
        assert_ne!(folder("/srv/one"), folder("/srv/two"));
        assert_eq!(folder("/srv/one"), folder("/srv/one"));
    }
}
