//! The guarded client against receivers on a loopback port: down, slow, endless, redirecting, and where it must not go.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Redirect};
use axum::routing::post;
use http::StatusCode;
use notify::outgoing::{AddressError, Allow, Limits, Outgoing, OutgoingError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

const LIMITS: Limits = Limits {
    connect: Duration::from_millis(500),
    total: Duration::from_millis(800),
    largest_bytes: 1_000,
};

fn client(allow: &[&str]) -> Outgoing {
    Outgoing::new(Allow::new(allow.iter().copied()).unwrap(), LIMITS).unwrap()
}

/// A server that is gone when it is dropped.
struct Receiver {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    async fn start() -> Self {
        let router = Router::new()
            .route(
                "/echo",
                post(|body: Bytes| async move { (StatusCode::ACCEPTED, body) }),
            )
            .route("/slow", post(|| async { std::future::pending::<()>().await }))
            .route("/redirect", post(|| async { Redirect::temporary("/echo") }))
            .route("/gone", post(|| async { StatusCode::GONE }))
            .route("/broken", post(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
            .route(
                "/busy",
                post(|| async { (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "90")]).into_response() }),
            )
            .route("/endless", post(|| async { Body::from(vec![b'x'; 1 << 20]) }));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        #[expect(
            clippy::disallowed_methods,
            reason = "the receiver aborts it when it is dropped"
        )]
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, task }
    }

    fn url(&self, path: &str) -> Url {
        format!("http://{}{path}", self.address).parse().unwrap()
    }
}

#[tokio::test]
async fn an_answer_is_an_answer_whatever_it_says() {
    let receiver = Receiver::start().await;
    let client = client(&["127.0.0.0/8"]);
    for (path, status) in [("/echo", 202), ("/gone", 410), ("/broken", 500)] {
        let answer = client
            .post(
                &receiver.url(path),
                &[("webhook-id", "dlv_1".to_owned())],
                b"{}".to_vec(),
            )
            .await
            .unwrap();
        assert_eq!(answer.status.as_u16(), status, "{path}");
    }
    let busy = client
        .post(&receiver.url("/busy"), &[], Vec::new())
        .await
        .unwrap();
    assert_eq!(busy.retry_after_secs, Some(90));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let receiver = Receiver::start().await;
    let answer = client(&["127.0.0.1"])
        .post(&receiver.url("/redirect"), &[], b"{}".to_vec())
        .await
        .unwrap();
    assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT);
}

#[tokio::test]
async fn it_gives_up_after_a_time_and_reads_no_more_than_a_size() {
    let receiver = Receiver::start().await;
    let client = client(&["127.0.0.1"]);
    match client.post(&receiver.url("/slow"), &[], Vec::new()).await {
        Err(OutgoingError::Http(error)) => assert!(error.is_timeout(), "{error:?}"),
        other => panic!("{other:?}"),
    }
    let endless = client
        .post(&receiver.url("/endless"), &[], Vec::new())
        .await
        .unwrap();
    assert_eq!(endless.body.len(), LIMITS.largest_bytes);
}

#[tokio::test]
async fn nobody_there_is_no_answer() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = format!("http://{address}/").parse().unwrap();
    match client(&["127.0.0.1"]).post(&url, &[], Vec::new()).await {
        Err(OutgoingError::Http(error)) => assert!(error.is_connect(), "{error:?}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_inside_of_a_network_is_refused_as_an_address() {
    let client = client(&[]);
    for (url, why) in [
        ("https://127.0.0.1/", AddressError::Private),
        ("https://[::1]/", AddressError::Private),
        ("https://[::ffff:10.0.0.1]/", AddressError::Private),
        ("https://169.254.169.254/latest/meta-data", AddressError::Private),
        // Spellings that end up as addresses.
        ("https://0x7f000001/", AddressError::Private),
        ("https://2130706433/", AddressError::Private),
        ("https://0177.0.0.1/", AddressError::Private),
        ("http://example.com/", AddressError::NotHttps),
        ("ftp://example.com/", AddressError::NotHttps),
        ("https://user:secret@example.com/", AddressError::Credentials),
    ] {
        match client.post(&url.parse().unwrap(), &[], Vec::new()).await {
            Err(OutgoingError::Address(found)) => assert_eq!(found, why, "{url}"),
            other => panic!("{url}: {other:?}"),
        }
    }
}

/// A name is judged by what it resolves to, when it is connected to.
#[tokio::test]
async fn the_inside_of_a_network_is_refused_as_a_name_too() {
    let receiver = Receiver::start().await;
    let url: Url = format!("https://localhost:{}/echo", receiver.address.port())
        .parse()
        .unwrap();
    let error = client(&[]).post(&url, &[], Vec::new()).await.unwrap_err();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    let refused = std::iter::from_fn(|| {
        let this = cause?;
        cause = this.source();
        Some(this)
    })
    .any(|error| error.downcast_ref::<AddressError>() == Some(&AddressError::Private));
    assert!(refused, "{error:?}");
    // By name, for which http is allowed too.
    let url: Url = format!("http://localhost:{}/echo", receiver.address.port())
        .parse()
        .unwrap();
    let answer = client(&["localhost"])
        .post(&url, &[], b"{}".to_vec())
        .await
        .unwrap();
    assert_eq!(answer.status, StatusCode::ACCEPTED);
}

#[test]
fn what_is_allowed_is_a_network_an_address_or_a_name() {
    for good in ["10.2.0.0/16", "::1", "fd00::/8", "hooks.internal.example"] {
        assert!(Allow::new([good]).is_ok(), "{good}");
    }
    for wrong in ["*", "*.example", "10.0.0.0/33", "https://x", ""] {
        assert!(Allow::new([wrong]).is_err(), "{wrong}");
    }
}
