//! A wire to the database that can be held, as when the database hangs.

use sqlx::postgres::PgConnectOptions;
use std::path::PathBuf;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

pub struct Wire {
    held: watch::Sender<bool>,
    folder: TempDir,
    options: PgConnectOptions,
}

impl Wire {
    pub fn to(options: PgConnectOptions) -> Self {
        let name = format!(".s.PGSQL.{}", options.get_port());
        let real = options
            .get_socket()
            .cloned()
            .unwrap_or_else(|| PathBuf::from(options.get_host()))
            .join(&name);
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(name)).unwrap();
        let (held, holding) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = UnixStream::connect(&real).await.unwrap();
                let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
                tokio::spawn(carry(near_read, far_write, holding.clone()));
                tokio::spawn(carry(far_read, near_write, holding.clone()));
            }
        });
        Self {
            held,
            folder,
            options,
        }
    }

    /// How to reach the database over it.
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone().socket(self.folder.path())
    }

    /// Lets nothing through any more, or everything again.
    pub fn hold(&self, held: bool) {
        self.held.send_replace(held);
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut held: watch::Receiver<bool>,
) {
    let mut bytes = [0; 4_096];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if held.wait_for(|held| !held).await.is_err() || to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
