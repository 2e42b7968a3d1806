//! Accepting connections: how many, and for how long they may say nothing.
//!
//! A connection that sends its request slowly or not at all costs a descriptor, and decisions need those too.

mod admission;
pub mod descriptors;

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service as _;

use admission::{Admission, Phase, Place};

/// How long accepting rests after an error that is not one connection's, such as no descriptors left.
const REST: Duration = Duration::from_millis(100);

/// What connections of one listener may do.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// How many there may be.
    pub most: usize,
    /// How many of one peer's address.
    pub most_per_peer: usize,
    /// Peers that are exempt from `most_per_peer`: behind them are many.
    pub trusted_proxies: Arc<[IpAddr]>,
    /// How long the first request's head may take.
    pub first_head: Duration,
    /// How long a connection may be idle after an answer, the next request's head included.
    pub idle: Duration,
}

impl Default for ConnectionLimits {
    /// As many as the limit of open files leaves room for, half of them from one address.
    fn default() -> Self {
        Self::new(None, None, [].into())
    }
}

impl ConnectionLimits {
    /// With these numbers, where they are given.
    pub fn new(most: Option<usize>, most_per_peer: Option<usize>, trusted_proxies: Arc<[IpAddr]>) -> Self {
        let most = most.unwrap_or(usize::MAX).min(descriptors::room());
        Self {
            most,
            most_per_peer: most_per_peer.unwrap_or((most / 2).max(1)),
            trusted_proxies,
            first_head: Duration::from_secs(10),
            // Longer than the 60 s for which most balancers keep a connection, so that it is they who close it.
            idle: Duration::from_secs(75),
        }
    }

    fn longest(&self, phase: Option<Phase>) -> Option<Instant> {
        match phase {
            Some(Phase::Fresh(since)) => Some(since + self.first_head),
            Some(Phase::Idle(since)) => Some(since + self.idle),
            // How long an answer may take is the router's to say.
            Some(Phase::Busy) | None => None,
        }
    }
}

/// Accepts until `stop`; requests that are under way then are finished, each on a task of `tasks`.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let limits = Arc::new(limits);
    let admission = Arc::new(Admission::new(limits.most, limits.most_per_peer));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a connection was not accepted"
                );
                tokio::time::sleep(REST).await;
                continue;
            }
        };
        let counted = Some(peer.ip()).filter(|peer| !limits.trusted_proxies.contains(peer));
        let Some(place) = admission.admit(counted) else {
            tracing::debug!(%peer, "there is no room for another connection");
            continue;
        };
        // An answer goes out at once instead of waiting for more to send.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "a connection keeps its delay"
            );
        }
        let connection = Connection {
            place: Arc::new(place),
            limits: Arc::clone(&limits),
            peer,
        };
        tasks.spawn(connection.serve(stream, router.clone(), stop.clone()));
    }
}

struct Connection {
    place: Arc<Place>,
    limits: Arc<ConnectionLimits>,
    peer: SocketAddr,
}

impl Connection {
    async fn serve(self, stream: TcpStream, router: Router, stop: CancellationToken) {
        let place = Arc::clone(&self.place);
        let peer = self.peer;
        let answer = service_fn(move |request: Request<Incoming>| {
            answer(router.clone(), Arc::clone(&place), peer, request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.idle)
            .serve_connection(TokioIo::new(stream), answer);
        let mut connection = std::pin::pin!(connection);
        let mut stopping = false;
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(error = &error as &dyn std::error::Error, %peer, "a connection broke");
                    }
                    return;
                }
                () = stop.cancelled(), if !stopping => {
                    if matches!(self.place.phase(), Some(Phase::Fresh(_))) {
                        return;
                    }
                    stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = self.place.gone.cancelled() => return,
                () = self.out_of_time() => return,
            }
        }
    }

    /// Waits until the connection has said nothing for too long.
    async fn out_of_time(&self) {
        loop {
            let now = Instant::now();
            match self.limits.longest(self.place.phase()) {
                Some(end) if end <= now => return,
                Some(end) => tokio::time::sleep_until(end).await,
                // It is looked at again when there may be something to see.
                None => tokio::time::sleep(self.limits.idle).await,
            }
        }
    }
}

async fn answer(
    mut router: Router,
    place: Arc<Place>,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    place.enter(Phase::Busy);
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.call(request).await;
    place.enter(Phase::Idle(Instant::now()));
    response
}
