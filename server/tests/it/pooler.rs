//! A pooler between a node and Postgres: one that leaves sessions whole, and one that mixes them up.

use server::database::{Database, DatabaseError};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};

/// `SSLRequest` (PostgreSQL's documentation, "Message Formats").
const SSL_REQUEST: u32 = 80_877_103;

/// When a connection's statements may go to another session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Session,
    Transaction,
}

/// A message: its type, and its length with what follows.
async fn message(from: &mut (impl tokio::io::AsyncRead + Unpin)) -> Option<(u8, Vec<u8>)> {
    let kind = from.read_u8().await.ok()?;
    Some((kind, untyped(from).await?))
}

async fn untyped(from: &mut (impl tokio::io::AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let length = from.read_u32().await.ok()?;
    let mut whole = length.to_be_bytes().to_vec();
    whole.resize(length as usize, 0);
    from.read_exact(&mut whole[4..]).await.ok()?;
    Some(whole)
}

/// Relays what Postgres says up to where it is ready again; whether it is in no transaction then.
async fn answers(from: &mut UnixStream, to: Option<&mut TcpStream>) -> Option<bool> {
    let mut said = Vec::new();
    let idle = loop {
        let (kind, rest) = message(from).await?;
        said.push(kind);
        said.extend_from_slice(&rest);
        if kind == b'Z' {
            break rest.last() == Some(&b'I');
        }
    };
    if let Some(client) = to {
        client.write_all(&said).await.ok()?;
    }
    Some(idle)
}

/// One client's connection, over two sessions of Postgres in turn.
async fn pool(mut client: TcpStream, socket: std::path::PathBuf, mode: Mode) -> Option<()> {
    let mut startup = untyped(&mut client).await?;
    if startup[4..] == SSL_REQUEST.to_be_bytes() {
        client.write_all(b"N").await.ok()?;
        startup = untyped(&mut client).await?;
    }
    let mut sessions = Vec::new();
    for place in 0..2 {
        let mut session = UnixStream::connect(&socket).await.ok()?;
        session.write_all(&startup).await.ok()?;
        answers(&mut session, (place == 0).then_some(&mut client)).await?;
        sessions.push(session);
    }
    let mut turn = 0;
    loop {
        let (kind, rest) = message(&mut client).await?;
        sessions[turn].write_u8(kind).await.ok()?;
        sessions[turn].write_all(&rest).await.ok()?;
        let ends_with_an_answer = kind == b'Q' || kind == b'S';
        if ends_with_an_answer
            && answers(&mut sessions[turn], Some(&mut client)).await?
            && mode == Mode::Transaction
        {
            turn = 1 - turn;
        }
    }
}

async fn pooler(options: &PgConnectOptions, mode: Mode) -> String {
    let folder = options.get_socket().unwrap();
    let socket = folder.join(format!(".s.PGSQL.{}", options.get_port()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    #[expect(clippy::disallowed_methods, reason = "it ends with its test")]
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            #[expect(clippy::disallowed_methods, reason = "it ends with its test")]
            tokio::spawn(pool(client, socket.clone(), mode));
        }
    });
    format!(
        "postgres://{}@127.0.0.1:{port}/{}",
        options.get_username(),
        options.get_database().unwrap()
    )
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_pooler_that_mixes_sessions_up_is_refused(_: PgPoolOptions, options: PgConnectOptions) {
    let mixing = pooler(&options, Mode::Transaction).await;
    let refused = Database::named(&mixing.into()).await;
    assert!(matches!(refused, Err(DatabaseError::NoSessions)), "{refused:?}");
    let whole = pooler(&options, Mode::Session).await;
    Database::named(&whole.into())
        .await
        .unwrap()
        .close()
        .await
        .unwrap();
}
