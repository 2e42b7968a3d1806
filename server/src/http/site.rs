//! The files of the built site: style sheet, script, WebAssembly, fonts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, Uri, header};
use leptos::config::LeptosOptions;
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::plain_page::STYLE_SHEET;
use super::problem::Problem;

/// Endings that are files and never pages; a page's path may hold a dot.
const ENDINGS: [&str; 11] = [
    "css",
    "js",
    "wasm",
    "svg",
    "png",
    "ico",
    "woff2",
    "txt",
    "map",
    "webmanifest",
    "json",
];

/// A name with a hash never means other bytes.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// A name without one may tomorrow.
const A_WHILE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// Where the files lie.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    files: ServeDir,
    packages: Arc<str>,
    style_sheet: Option<Uri>,
    hashed: bool,
}

impl Site {
    pub(crate) fn new(options: &LeptosOptions) -> Self {
        let packages = format!("/{}/", options.site_pkg_dir.trim_matches('/'));
        Self {
            files: ServeDir::new(options.site_root.as_ref())
                .precompressed_br()
                .append_index_html_on_directories(false),
            style_sheet: style_sheet(options, &packages),
            packages: packages.into(),
            hashed: options.hash_files,
        }
    }

    async fn file(&self, mut request: Request) -> Response {
        *request.body_mut() = Body::empty();
        let lasting = self.hashed && request.uri().path().starts_with(&*self.packages);
        if let Some(own) = self
            .style_sheet
            .as_ref()
            .filter(|_| request.uri().path() == STYLE_SHEET)
        {
            *request.uri_mut() = own.clone();
        }
        let Ok(found) = self.files.clone().oneshot(request).await;
        if found.status() == StatusCode::NOT_FOUND {
            return Problem::not_found().into_response();
        }
        let mut response = found.into_response();
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, if lasting { FOREVER } else { A_WHILE });
        response
    }
}

/// Answers what is a file by its ending; everything else is a page.
pub(crate) async fn serve_files(State(site): State<Site>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads && is_file(request.uri().path()) {
        site.file(request).await
    } else {
        next.run(request).await
    }
}

fn is_file(path: &str) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// The style sheet's hashed name, by the list that the build leaves beside the binary, as Leptos reads it.
fn style_sheet(options: &LeptosOptions, packages: &str) -> Option<Uri> {
    let mut name = options.output_name.to_string();
    if options.hash_files {
        let beside: PathBuf = std::env::current_exe()
            .ok()
            .and_then(|exe| exe.parent().map(Path::to_path_buf))?;
        let hashes = std::fs::read_to_string(beside.join(options.hash_file.as_ref())).unwrap_or_default();
        let hash = hashes
            .lines()
            .filter_map(|line| line.trim().split_once(':'))
            .find(|(file, _)| *file == "css");
        if let Some((_, hash)) = hash {
            name = format!("{name}.{}", hash.trim());
        }
    }
    format!("{packages}{name}.css").parse().ok()
}
