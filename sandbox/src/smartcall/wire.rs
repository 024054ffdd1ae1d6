//! Answers as the service gives them: bodies, headers, pages.
//!
//! A member without a value is written as `null`, never left out. JSON is chunked; everything else has a content length.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, EXPIRES, PRAGMA, SERVER,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;

use crate::chunks::Chunks;
use crate::rules::Refusal;

/// The bare error of 400 and 403, and the `error` member of other answers.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ErrorBody {
    pub(crate) code: i32,
    pub(crate) message: String,
}

impl From<Refusal> for ErrorBody {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code,
            message: refusal.message,
        }
    }
}

/// The answer of `/auth`, and of every 401.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthBody {
    pub(crate) response_description: String,
    pub(crate) access_token: Option<String>,
    pub(crate) token_type: Option<&'static str>,
    pub(crate) expires_at: Option<i64>,
    pub(crate) scope: Option<&'static str>,
}

impl AuthBody {
    /// One that says something and grants nothing.
    pub(crate) fn only(description: impl Into<String>) -> Self {
        let response_description = description.into();
        Self {
            response_description,
            access_token: None,
            token_type: None,
            expires_at: None,
            scope: None,
        }
    }
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let text = serde_json::to_string(body).unwrap_or_default();
    let mut response = Response::new(Body::new(Chunks::whole(text.into())));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// 200 with a JSON body.
pub(crate) fn ok(body: &impl Serialize) -> Response {
    json(StatusCode::OK, body)
}

/// 400 with the bare error.
pub(crate) fn bad_request(refusal: Refusal) -> Response {
    json(StatusCode::BAD_REQUEST, &ErrorBody::from(refusal))
}

/// 401 with one of the texts of [`crate::auth`].
pub(crate) fn unauthorised(description: &str) -> Response {
    json(StatusCode::UNAUTHORIZED, &AuthBody::only(description))
}

/// What a 403 says.
pub(crate) const FOREIGN_ACCOUNT: &str =
    "The supplied Smartload ID is not registered to your account";

/// 403 for an account that is not the user's. Its code is 400, as recorded.
pub(crate) fn foreign_account() -> Response {
    let message = FOREIGN_ACCOUNT.to_owned();
    json(StatusCode::FORBIDDEN, &ErrorBody { code: 400, message })
}

/// 404 without a body.
pub(crate) fn not_found() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// The error page of the application server.
pub(crate) fn page(status: StatusCode, description: &str) -> Response {
    let code = status.as_u16();
    let html = format!(
        "<html><head><title>JBoss Web/7.5.7.Final-redhat-1 - JBWEB000064: Error report</title></head><body>\
         <h1>JBWEB000065: HTTP Status {code} - </h1><HR size=\"1\" noshade=\"noshade\">\
         <p><b>JBWEB000309: type</b> JBWEB000067: Status report</p><p><b>JBWEB000068: message</b> <u></u></p>\
         <p><b>JBWEB000069: description</b> <u>{description}</u></p><HR size=\"1\" noshade=\"noshade\">\
         <h3>JBoss Web/7.5.7.Final-redhat-1</h3></body></html>"
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html;charset=utf-8"),
    );
    response
}

/// Refuses a body that is not announced as JSON. Comes before authentication, as recorded.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Response> {
    let given = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(page(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "JBWEB000135: The server refused this request because the request entity is in a format not supported by the \
         requested resource for the requested method.",
    ))
}

/// Puts the recorded headers on every answer, in the recorded order.
pub(crate) async fn dress(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let mut response = next.run(request).await;
    let own = std::mem::replace(response.headers_mut(), HeaderMap::new());
    let headers = response.headers_mut();
    headers.insert(SERVER, HeaderValue::from_static("Apache-Coyote/1.1"));
    if own.contains_key(CONTENT_TYPE) || own.contains_key(ETAG) {
        add_recorded(headers, &method);
    }
    for name in [
        ETAG,
        axum::http::header::RETRY_AFTER,
        CONTENT_TYPE,
        CONTENT_LENGTH,
    ] {
        if let Some(value) = own.get(&name) {
            headers.insert(name, value.clone());
        }
    }
    response
}

fn add_recorded(headers: &mut HeaderMap, method: &Method) {
    let mut add = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value))
    };
    if matches!(*method, Method::GET | Method::HEAD | Method::DELETE) {
        add(PRAGMA, "No-cache");
        add(CACHE_CONTROL, "no-cache");
        add(EXPIRES, "Thu, 01 Jan 1970 02:00:00 SAST");
    }
    add(HeaderName::from_static("access-control-allow-origin"), "*");
    add(
        HeaderName::from_static("access-control-allow-methods"),
        "GET, POST, DELETE, PUT",
    );
    add(
        HeaderName::from_static("access-control-allow-headers"),
        "Content-Type",
    );
}
