//! Extractors whose refusals are problems. Handlers use these and never axum's own, whose refusals are plain text and
//! of the wrong status for AuthZEN (415 and 422 where the specification wants 400).

mod json_text;

use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;

use super::problem::{FieldProblem, Problem};

/// A JSON body. 400 when it is not JSON, 415 when it is not called JSON, 422 with a pointer when a member does not fit.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

/// A JSON body on an AuthZEN route: every refusal is 400 with an error message string, as *Authorization API 1.0*
/// asks for in its section on HTTPS error responses.
#[derive(Debug, Clone, Copy)]
pub struct AuthzenJson<T>(pub T);

/// Parts of the path. A part that cannot be what it should be names nothing: 404.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

/// The query. 400 with a pointer when a parameter does not fit.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

/// A refusal as AuthZEN has it: a status and a message string in plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageError {
    /// The status.
    pub status: StatusCode,
    /// The message: of ours, never a lower layer's.
    pub message: String,
}

impl IntoResponse for MessageError {
    fn into_response(self) -> Response {
        (
            self.status,
            [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
            self.message,
        )
            .into_response()
    }
}

/// Why a body is not the JSON that was asked for.
enum JsonFault {
    ContentType,
    TooLarge,
    Unreadable,
    Syntax { line: usize, column: usize },
    Shape { pointer: String, message: String },
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Ok(Self(json_body(request, state).await.map_err(problem_of)?))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> OptionalFromRequest<S> for Json<T> {
    type Rejection = Problem;

    /// `Option<Json<T>>`: nothing where the request has no body at all.
    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        let bodiless = !request.headers().contains_key(header::CONTENT_TYPE)
            && !request.headers().contains_key(header::TRANSFER_ENCODING)
            && request
                .headers()
                .get(header::CONTENT_LENGTH)
                .is_none_or(|length| length == "0");
        if bodiless {
            return Ok(None);
        }
        Ok(Some(Self(json_body(request, state).await.map_err(problem_of)?)))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for AuthzenJson<T> {
    type Rejection = MessageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, MessageError> {
        Ok(Self(json_body(request, state).await.map_err(message_of)?))
    }
}

async fn json_body<S: Send + Sync, T: DeserializeOwned>(request: Request, state: &S) -> Result<T, JsonFault> {
    if !called_json(request.headers()) {
        return Err(JsonFault::ContentType);
    }
    let bytes = Bytes::from_request(request, state)
        .await
        .map_err(|refusal| match refusal {
            BytesRejection::FailedToBufferBody(fault) if fault.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                JsonFault::TooLarge
            }
            _ => JsonFault::Unreadable,
        })?;
    parse(&json_text::readable(&bytes))
}

/// Reads a JSON that came with no extractor, as the extractors do.
pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(&json_text::readable(bytes))
}

/// `application/json` or `application/…+json`, with or without parameters.
fn called_json(headers: &HeaderMap) -> bool {
    let Some(text) = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
    else {
        return false;
    };
    let essence = text
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonFault> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|fault| {
        let pointer = pointer_of(fault.path());
        let inner = fault.into_inner();
        match inner.classify() {
            serde_json::error::Category::Data => JsonFault::Shape {
                pointer,
                message: without_position(&inner),
            },
            _ => JsonFault::Syntax {
                line: inner.line(),
                column: inner.column(),
            },
        }
    })?;
    deserializer.end().map_err(|fault| JsonFault::Syntax {
        line: fault.line(),
        column: fault.column(),
    })?;
    Ok(value)
}

/// An RFC 6901 pointer.
fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// serde's sentences speak of the caller's own input alone; only the position after them is noise beside a pointer.
fn without_position(fault: &serde_json::Error) -> String {
    let text = fault.to_string();
    match text.rfind(" at line ") {
        Some(end) => text.get(..end).unwrap_or(&text).to_owned(),
        None => text,
    }
}

fn problem_of(fault: JsonFault) -> Problem {
    match fault {
        JsonFault::ContentType => Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not-json",
            "The body must be JSON",
        )
        .detail("Send it with `Content-Type: application/json`.")
        .header(header::ACCEPT, HeaderValue::from_static("application/json")),
        JsonFault::TooLarge => Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE),
        JsonFault::Unreadable => Problem::new(
            StatusCode::BAD_REQUEST,
            "unreadable",
            "The body could not be read to its end",
        ),
        JsonFault::Syntax { line, column } => Problem::new(
            StatusCode::BAD_REQUEST,
            "malformed-json",
            "The body is not well-formed JSON",
        )
        .detail(format!("The fault is at line {line}, column {column}.")),
        JsonFault::Shape { pointer, message } => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "The body does not have the right form",
        )
        .field(FieldProblem {
            pointer,
            code: "invalid".into(),
            detail: message,
        }),
    }
}

fn message_of(fault: JsonFault) -> MessageError {
    let bad = |message: String| MessageError {
        status: StatusCode::BAD_REQUEST,
        message,
    };
    match fault {
        JsonFault::ContentType => bad("The request must have the content type application/json.".to_owned()),
        JsonFault::TooLarge => MessageError {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            message: "A request has at most 1 MiB.".to_owned(),
        },
        JsonFault::Unreadable => bad("The body could not be read to its end.".to_owned()),
        JsonFault::Syntax { line, column } => bad(format!(
            "The body is not well-formed JSON: the fault is at line {line}, column {column}."
        )),
        JsonFault::Shape { pointer, message } if pointer.is_empty() => {
            bad(format!("The body is not valid: {message}."))
        }
        JsonFault::Shape { pointer, message } => {
            bad(format!("The body is not valid at {pointer}: {message}."))
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    #[allow(
        clippy::disallowed_types,
        reason = "this is the wrapper that the ban points to"
    )]
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(_)) => Err(Problem::not_found()),
            Err(refusal) => {
                tracing::error!(error = %refusal, "a handler asks for path parts that its route does not have");
                Err(Problem::internal())
            }
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(pairs)
            .map(Self)
            .map_err(|fault| {
                let name = fault.path().to_string();
                let pointer = if name == "." {
                    "?".to_owned()
                } else {
                    format!("?{name}")
                };
                Problem::new(
                    StatusCode::BAD_REQUEST,
                    "invalid-query",
                    "The query does not have the right form",
                )
                .field(FieldProblem {
                    pointer,
                    code: "invalid".into(),
                    detail: fault.into_inner().to_string(),
                })
            })
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a test may fail loudly"
    )]
    use super::*;
    use axum::body::Body;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Wish {
        items: Vec<Item>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Item {
        size: u8,
    }

    fn post(content_type: &str, body: &str) -> Request {
        Request::post("/")
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(body.to_owned()))
            .unwrap()
    }

    #[tokio::test]
    async fn a_fault_is_named_by_its_pointer() {
        let body = r#"{"items":[{"size":1},{"size":900}]}"#;
        let problem = <Json<Wish> as FromRequest<()>>::from_request(post("application/json", body), &())
            .await
            .unwrap_err();
        assert_eq!(problem.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let shown = serde_json::to_value(&problem).unwrap();
        assert_eq!(shown["errors"][0]["pointer"], "/items/1/size");
        assert!(!shown["errors"][0]["detail"].as_str().unwrap().contains("line"));
    }

    #[tokio::test]
    async fn authzen_refusals_are_400_and_text() {
        for (content_type, body) in [
            ("application/json", "{"),
            ("application/json", "{} {}"),
            ("application/json", r#"{"items":1}"#),
            ("text/plain", r#"{"items":[]}"#),
        ] {
            let fault = AuthzenJson::<Wish>::from_request(post(content_type, body), &())
                .await
                .unwrap_err();
            assert_eq!(fault.status, StatusCode::BAD_REQUEST, "{content_type} {body}");
            assert!(!fault.message.is_empty());
        }
    }

    #[tokio::test]
    async fn json_has_several_names() {
        for name in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/secevent+json",
        ] {
            let Ok(AuthzenJson(wish)) =
                AuthzenJson::<Wish>::from_request(post(name, r#"{"items":[]}"#), &()).await
            else {
                panic!("{name} was refused");
            };
            assert_eq!(wish, Wish { items: vec![] });
        }
    }

    #[tokio::test]
    async fn a_bad_query_names_its_parameter() {
        #[derive(Debug, Deserialize)]
        #[allow(dead_code, reason = "only its shape matters here")]
        struct Page {
            limit: u8,
        }
        let (mut parts, ()) = Request::get("/?limit=many").body(()).unwrap().into_parts();
        let problem = Query::<Page>::from_request_parts(&mut parts, &())
            .await
            .unwrap_err();
        assert_eq!(
            serde_json::to_value(&problem).unwrap()["errors"][0]["pointer"],
            "?limit"
        );
    }
}
