use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::PostgresError;

/// The right to use a data folder, held for as long as this value lives.
///
/// The kernel releases it with the process, however that ends: a lock file whose content decides would have to guess
/// whether its writer is still alive.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    pub(super) fn take(folder: &Path) -> Result<Self, PostgresError> {
        let path = folder.join("spillway.lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(PostgresError::at(&path))?;

        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                // The content is only for the message. It is empty if the holder has not written it yet.
                let mut pid = String::new();
                file.read_to_string(&mut pid).map_err(PostgresError::at(&path))?;
                let pid = Some(pid.trim().to_owned()).filter(|pid| !pid.is_empty());
                return Err(PostgresError::InUse {
                    folder: folder.to_owned(),
                    pid,
                });
            }
            Err(TryLockError::Error(source)) => return Err(PostgresError::Io { path, source }),
        }

        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(PostgresError::at(&path))?;
        Ok(Self { _file: file })
    }
}
