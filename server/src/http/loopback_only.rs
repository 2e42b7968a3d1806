//! Keeps the demo on its own machine. Its people need no password.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, Method, StatusCode, header};

use super::origin::PublicOrigin;
use super::problem::Problem;

/// Refuses what came through a proxy, from another machine, or for another name: a tunnel or a DNS name that somebody
/// points at 127.0.0.1 would open the demo to others.
pub async fn refuse_others(request: Request, next: Next) -> Response {
    let far = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .is_none_or(|ConnectInfo(peer)| !peer.ip().to_canonical().is_loopback());
    if far || forwarded(request.headers()) || !for_loopback(&request) {
        return Problem::new(StatusCode::FORBIDDEN, "demo-is-local", "The demo answers its own machine alone")
            .detail("Open it at http://127.0.0.1 or http://localhost, without a proxy in between. `spillway serve` is for others.")
            .into_response();
    }
    next.run(request).await
}

/// Sends a browser that came by another name of this machine to the one that the provider knows: a cookie of `localhost`
/// would be missing when the provider sends the browser back to `127.0.0.1`.
pub async fn by_one_name(State(origin): State<PublicOrigin>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let browses = *request.method() == Method::GET
        && headers
            .get(header::ACCEPT)
            .is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
    let host = headers.get(header::HOST).map(|host| host.as_bytes());
    let ours = origin.as_str().split_once("://").map(|(_, host)| host.as_bytes());
    if browses && host.is_some() && host != ours {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        return Redirect::temporary(&origin.join(path)).into_response();
    }
    next.run(request).await
}

fn forwarded(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        let name = name.as_str();
        name == "forwarded" || name == "via" || name == "x-real-ip" || name.starts_with("x-forwarded-")
    })
}

/// HTTP/2 has the host in the address instead of the header.
fn for_loopback(request: &Request) -> bool {
    let header = request
        .headers()
        .get(header::HOST)
        .map(|value| value.to_str().unwrap_or_default());
    let host = header.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    host.is_some_and(is_loopback_host)
}

fn is_loopback_host(host: &str) -> bool {
    let Ok(authority) = host.parse::<http::uri::Authority>() else {
        return false;
    };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback_host;

    #[test]
    fn only_names_of_this_machine_pass() {
        for good in [
            "localhost",
            "localhost:8080",
            "127.0.0.1:3000",
            "LOCALHOST:1",
            "[::1]:3000",
        ] {
            assert!(is_loopback_host(good), "{good}");
        }
        for bad in [
            "spillway.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "0.0.0.0:80",
            "10.0.0.1",
            "",
        ] {
            assert!(!is_loopback_host(bad), "{bad}");
        }
    }
}
