//! Answers as HOT gives them: camelCase JSON, and the shapes of its errors.
//!
//! `errors` is a map of messages when a request does not validate ([`Problem::Invalid`]), a list of problems when the business
//! refuses ([`Problem::Business`]), and a list of texts from the identity operations ([`Problem::Text`]). None is ever empty:
//! an empty list could be read as either.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::json;

use crate::money::Exact;

/// Why a request is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// 400 with RFC 7807. The key is free text.
    Invalid { key: String, message: String },
    /// 400 or 404 with one problem that has a name.
    Business {
        status: StatusCode,
        name: &'static str,
        message: String,
    },
    /// 400 with a text.
    Text(&'static str),
    /// 429 without a body, as version 1 refused a repeated reference.
    Repeated,
}

impl Problem {
    pub(crate) fn invalid(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid {
            key: key.into(),
            message: message.into(),
        }
    }

    /// A refusal with 400.
    pub(crate) fn refused(name: &'static str, message: impl Into<String>) -> Self {
        Self::Business {
            status: StatusCode::BAD_REQUEST,
            name,
            message: message.into(),
        }
    }

    /// Something that nobody knows, with 404.
    pub(crate) fn unknown(name: &'static str, message: impl Into<String>) -> Self {
        Self::Business {
            status: StatusCode::NOT_FOUND,
            name,
            message: message.into(),
        }
    }

    /// The text of its answer.
    pub(crate) fn body(&self) -> String {
        match self {
            Self::Invalid { key, message } => json!({
                "type": "https://tools.ietf.org/html/rfc7231#section-6.5.1",
                "title": "One or more validation errors occurred.",
                "status": 400,
                "errors": { key.as_str(): [message] },
            })
            .to_string(),
            Self::Business { name, message, .. } => {
                json!({ "errors": [{ "name": name, "message": message }] }).to_string()
            }
            Self::Text(text) => json!({ "errors": [text] }).to_string(),
            Self::Repeated => String::new(),
        }
    }

    pub(crate) fn response(&self) -> Response {
        match self {
            Self::Business { status, .. } => text(*status, self.body()),
            Self::Repeated => status_only(StatusCode::TOO_MANY_REQUESTS),
            Self::Invalid { .. } | Self::Text(_) => text(StatusCode::BAD_REQUEST, self.body()),
        }
    }
}

impl From<Problem> for Response {
    fn from(problem: Problem) -> Self {
        problem.response()
    }
}

/// An answer whose JSON is written already.
pub(crate) fn text(status: StatusCode, json: String) -> Response {
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = status;
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    response
}

/// 200 with a JSON body.
pub(crate) fn ok(body: &impl Serialize) -> Response {
    text(
        StatusCode::OK,
        serde_json::to_string(body).unwrap_or_default(),
    )
}

/// 401 without a body.
pub(crate) fn unauthorised() -> Response {
    let mut response = status_only(StatusCode::UNAUTHORIZED);
    response
        .headers_mut()
        .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// A status without a body.
pub(crate) fn status_only(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// A page of the server in front.
pub(crate) fn page(status: StatusCode, title: &str) -> Response {
    let mut response = Response::new(Body::from(format!(
        "<html><head><title>{title}</title></head><body><h2>{title}</h2></body></html>"
    )));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

/// A wallet, as `getBalances` and the answer to a recharge have it.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Balance {
    account_type_id: i32,
    name: &'static str,
    balance: Exact,
}

impl Balance {
    pub(crate) fn new(wallet: i32, balance: Decimal) -> Self {
        Self {
            account_type_id: wallet,
            name: match wallet {
                1 => "ZiG",
                2 => "Utility ZiG",
                3 => "USD",
                4 => "Utility USD",
                _ => "Other",
            },
            balance: number(balance),
        }
    }
}

/// A JSON number with no more decimals than it needs.
pub(crate) fn number(value: Decimal) -> Exact {
    let value = value.normalize();
    Exact(value, value.scale())
}
