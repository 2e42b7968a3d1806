use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use http::{HeaderMap, Method, Request, StatusCode, header};
use tower::ServiceExt;
use url::Url;

/// A browser: keeps cookies, follows no redirect by itself, sends what a browser sends.
#[derive(Clone)]
pub struct Browser {
    app: Router,
    idp: Router,
    pub cookies: BTreeMap<String, String>,
    pub host: String,
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn location(&self) -> Option<&str> {
        self.headers
            .get(header::LOCATION)
            .map(|value| value.to_str().unwrap())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// One request to a router, as its listener would hand it over.
pub async fn send(router: &Router, mut request: Request<Body>) -> Answer {
    let peer: SocketAddr = ([127, 0, 0, 1], 54321).into();
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

impl Browser {
    pub fn new(app: Router, idp: Router) -> Self {
        Self {
            app,
            idp,
            cookies: BTreeMap::new(),
            host: "spillway.test".to_owned(),
        }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.request(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    /// A form of our own page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = form(path, fields)
            .header("sec-fetch-site", "same-origin")
            .body(body(fields))
            .unwrap();
        self.request(request).await
    }

    /// A form of somebody else's page, sent by this browser with its cookies.
    pub async fn post_from(&mut self, site: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = form(path, fields)
            .header("sec-fetch-site", site)
            .body(body(fields))
            .unwrap();
        self.request(request).await
    }

    pub async fn request(&mut self, mut request: Request<Body>) -> Answer {
        if !self.cookies.is_empty() {
            let cookies: Vec<_> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request
                .headers_mut()
                .insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        if !request.headers().contains_key(header::HOST) {
            request
                .headers_mut()
                .insert(header::HOST, self.host.parse().unwrap());
        }
        let answer = send(&self.app, request).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() || cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Clicks the link on the sign-in page; returns where the provider is to be asked.
    pub async fn start(&mut self, query: &str) -> Url {
        let answer = self.get(&format!("/sign-in/start{query}")).await;
        answer
            .location()
            .unwrap_or_else(|| panic!("{answer:?}"))
            .parse()
            .unwrap()
    }

    /// Clicks a person (or nobody) at the provider; returns our callback's address with the provider's answer.
    pub async fn choose(&self, asked: &Url, sub: Option<&str>) -> Url {
        let mut address = format!("/authorize/answer?{}", asked.query().unwrap());
        if let Some(sub) = sub {
            address.push_str(&format!("&sub={sub}"));
        }
        let host = asked.authority().to_owned();
        let request = Request::get(address)
            .header(header::HOST, host)
            .body(Body::empty())
            .unwrap();
        let answer = send(&self.idp, request).await;
        answer
            .location()
            .unwrap_or_else(|| panic!("{answer:?}"))
            .parse()
            .unwrap()
    }

    /// Comes back from the provider.
    pub async fn come_back(&mut self, callback: &Url) -> Answer {
        self.get(&format!(
            "{}?{}",
            callback.path(),
            callback.query().unwrap_or_default()
        ))
        .await
    }

    /// The whole way.
    pub async fn sign_in(&mut self, sub: &str, return_to: &str) -> Answer {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("return_to", return_to)
            .finish();
        let asked = self.start(&format!("?{query}")).await;
        let callback = self.choose(&asked, Some(sub)).await;
        self.come_back(&callback).await
    }

    pub fn session_cookie(&self) -> Option<&str> {
        self.cookies.get("__Host-spillway").map(String::as_str)
    }
}

fn form(path: &str, _: &[(&str, &str)]) -> http::request::Builder {
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html")
}

fn body(fields: &[(&str, &str)]) -> Body {
    Body::from(
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish(),
    )
}
