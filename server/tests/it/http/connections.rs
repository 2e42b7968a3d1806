//! Connections that say little or nothing, on real sockets.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http::{Request, header};
use server::connections::ConnectionLimits;
use server::http::TimeLimits;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::support::{TestApp, TestAppBuilder, send};

const ASK: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: spillway.test\r\n\r\n";
const SHORT: Duration = Duration::from_millis(50);
/// No limit of these tests is reached by a machine that is merely slow.
const LONG: Duration = Duration::from_secs(60);

fn limits(most: usize, most_per_peer: usize) -> ConnectionLimits {
    ConnectionLimits {
        most,
        most_per_peer,
        trusted_proxies: [].into(),
        first_head: LONG,
        idle: LONG,
    }
}

async fn listening(app: &TestApp, limits: ConnectionLimits) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut node = app.node().clone();
    node.connections = limits;
    node.serve(listener, app.router.clone());
    address
}

/// Whether the other end closes the connection without a word.
async fn is_closed(connection: &mut TcpStream) -> bool {
    let mut byte = [0];
    matches!(
        timeout(LONG, connection.read(&mut byte)).await.unwrap(),
        Ok(0) | Err(_)
    )
}

/// The status of the next answer. It has no body, or one that fits one packet.
async fn status(connection: &mut TcpStream) -> String {
    let mut bytes = vec![0; 16_384];
    let count = timeout(LONG, connection.read(&mut bytes)).await.unwrap().unwrap();
    String::from_utf8_lossy(&bytes[..count])
        .chars()
        .take("HTTP/1.1 200".len())
        .collect()
}

async fn asks(connection: &mut TcpStream) -> String {
    connection.write_all(ASK).await.unwrap();
    status(connection).await
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn half_open_connections_make_room_for_who_asks(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let address = listening(&app, limits(4, 4)).await;
    let mut silent = Vec::new();
    for begun in [
        &b""[..],
        b"GET /hea",
        b"GET /healthz HTTP/1.1\r\nHost:",
        b"",
        b"",
        b"",
    ] {
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(begun).await.unwrap();
        silent.push(connection);
    }
    let mut honest = TcpStream::connect(address).await.unwrap();
    assert_eq!(asks(&mut honest).await, "HTTP/1.1 200");
    for evicted in &mut silent[..3] {
        assert!(is_closed(evicted).await);
    }
    assert_eq!(asks(&mut honest).await, "HTTP/1.1 200", "it is kept alive");
    assert_eq!(
        asks(&mut silent[5]).await,
        "HTTP/1.1 200",
        "the newest is still there"
    );
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn one_address_has_its_share_but_for_a_trusted_proxy(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let loopback: IpAddr = [127, 0, 0, 1].into();
    let proxied = ConnectionLimits {
        trusted_proxies: [loopback].into(),
        ..limits(10, 1)
    };
    for (limits, stays) in [(limits(10, 1), false), (proxied, true)] {
        let address = listening(&app, limits).await;
        let mut first = TcpStream::connect(address).await.unwrap();
        let mut second = TcpStream::connect(address).await.unwrap();
        assert_eq!(asks(&mut second).await, "HTTP/1.1 200");
        match stays {
            true => assert_eq!(asks(&mut first).await, "HTTP/1.1 200"),
            false => assert!(is_closed(&mut first).await),
        }
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_slow_head_and_an_idle_connection_are_closed(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::start(options).await;
    let slow = ConnectionLimits {
        first_head: SHORT,
        ..limits(10, 10)
    };
    let address = listening(&app, slow).await;
    for begun in [&b""[..], b"GET /healthz HTTP/1.1\r\nHost: spill"] {
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(begun).await.unwrap();
        assert!(is_closed(&mut connection).await);
    }
    let idle = ConnectionLimits {
        idle: SHORT,
        ..limits(10, 10)
    };
    let address = listening(&app, idle).await;
    for begun in [&b""[..], b"GET /healthz HT"] {
        let mut connection = TcpStream::connect(address).await.unwrap();
        assert_eq!(asks(&mut connection).await, "HTTP/1.1 200");
        connection.write_all(begun).await.unwrap();
        assert!(is_closed(&mut connection).await);
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn a_slow_body_is_answered_408_whatever_is_accepted(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestAppBuilder::new(options)
        .time_limits(TimeLimits {
            body: SHORT,
            answer: LONG,
        })
        .start()
        .await;
    let address = listening(&app, limits(10, 10)).await;
    for path in ["/api/v1/echo", "/access/v1/echo"] {
        for accept in ["application/json", "text/event-stream"] {
            let mut connection = TcpStream::connect(address).await.unwrap();
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: spillway.test\r\nContent-Type: application/json\r\nAccept: {accept}\r\n\
                 Content-Length: 100\r\n\r\n{{\"a\":"
            );
            connection.write_all(head.as_bytes()).await.unwrap();
            assert_eq!(status(&mut connection).await, "HTTP/1.1 408", "{path} {accept}");
        }
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn no_accept_header_switches_the_time_limit_off(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestAppBuilder::new(options)
        .time_limits(TimeLimits {
            body: LONG,
            answer: SHORT,
        })
        .start()
        .await;
    for accept in ["*/*", "text/event-stream", "text/event-stream, */*"] {
        let request = Request::get("/api/v1/never")
            .header(header::HOST, "spillway.test")
            .header(header::ACCEPT, accept)
            .body(axum::body::Body::empty())
            .unwrap();
        let answer = timeout(LONG, send(&app.router, request)).await.unwrap();
        assert_eq!(answer.status, 503, "{accept}");
    }
}

#[sqlx::test(migrator = "store::migrations::MIGRATOR")]
async fn stopping_closes_idle_connections_and_waits_for_no_silent_one(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::start(options).await;
    let address = listening(&app, limits(10, 10)).await;
    let mut idle = TcpStream::connect(address).await.unwrap();
    assert_eq!(asks(&mut idle).await, "HTTP/1.1 200");
    let mut silent = TcpStream::connect(address).await.unwrap();
    silent.write_all(b"").await.unwrap();
    app.node().stop.cancel();
    assert!(is_closed(&mut idle).await);
    assert!(is_closed(&mut silent).await);
}
