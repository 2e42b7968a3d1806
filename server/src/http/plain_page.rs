//! A page without Leptos: for what must be shown when nothing else works, and for the demo's identity provider.
//!
//! It has the same style sheet and needs no script.

use std::fmt::Write as _;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// A page of a heading, sentences and links. Texts are escaped here.
#[derive(Debug, Clone)]
pub struct PlainPage {
    status: StatusCode,
    title: String,
    body: String,
    next: Option<String>,
    style: &'static str,
    retry_after_secs: Option<u64>,
}

/// Where the Leptos build puts the style sheet, whatever its hashed name is.
pub(super) const STYLE_SHEET: &str = "/spillway.css";

impl PlainPage {
    /// A page with a heading.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            status: StatusCode::OK,
            title: title.into(),
            body: String::new(),
            next: None,
            style: STYLE_SHEET,
            retry_after_secs: None,
        }
    }

    /// Another status than 200.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// A paragraph.
    #[must_use]
    pub fn text(mut self, text: impl AsRef<str>) -> Self {
        let _ = write!(
            self.body,
            "<p class=\"mt-3 text-base-content/80\">{}</p>",
            escape(text.as_ref())
        );
        self
    }

    /// A link that looks like a button.
    #[must_use]
    pub fn link(mut self, href: &str, text: impl AsRef<str>) -> Self {
        let _ = write!(
            self.body,
            "<p class=\"mt-6\"><a class=\"btn btn-primary\" href=\"{}\">{}</a></p>",
            escape(href),
            escape(text.as_ref())
        );
        self
    }

    /// Markup of our own, for what the other parts cannot say.
    #[must_use]
    pub(crate) fn markup(mut self, markup: &str) -> Self {
        self.body.push_str(markup);
        self
    }

    /// The browser goes on by itself.
    #[must_use]
    pub fn moving_on(mut self, to: &str) -> Self {
        self.next = Some(to.to_owned());
        self
    }

    /// When to come back, in seconds.
    #[must_use]
    pub fn retry_after(mut self, secs: u64) -> Self {
        self.retry_after_secs = Some(secs);
        self
    }
}

/// Text as it may stand in an element or a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

impl IntoResponse for PlainPage {
    fn into_response(self) -> Response {
        let next = self.next.as_deref().map_or_else(String::new, |to| {
            format!("<meta http-equiv=\"refresh\" content=\"0;url={}\">", escape(to))
        });
        let (title, style, body) = (escape(&self.title), self.style, self.body);
        let page = format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">{next}\
             <title>{title} · Spillway</title><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
             <link rel=\"stylesheet\" href=\"{style}\"></head>\
             <body><main id=\"main\" class=\"mx-auto grid min-h-dvh max-w-md content-center px-4 py-10\">\
             <p class=\"font-semibold tracking-tight\">Spillway</p>\
             <h1 class=\"page-title mt-6\">{title}</h1>{body}</main></body></html>"
        );
        let mut response = (self.status, page).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(secs) = self.retry_after_secs {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        response
    }
}
