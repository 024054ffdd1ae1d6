//! How Smartcall looks when something goes wrong with it.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use serde_json::Value;

use super::wire;
use crate::auth;
use crate::faults::Operation;
use crate::faulty::Service;
use crate::view::Attempt;
use crate::world::World;

pub(super) struct Smartcall;

impl Service for Smartcall {
    const SALT: &'static str = "";

    fn submission(parts: &Parts, body: &[u8]) -> (Operation, String) {
        let path = parts.uri.path();
        if path.starts_with("/webservice/auth") {
            return (Operation::Login, path.to_owned());
        }
        if parts.method != Method::POST {
            return (Operation::Read, path.to_owned());
        }
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let reference = reference(&body);
        if moves_money(path) {
            return (
                Operation::Recharge,
                reference.unwrap_or_else(|| path.to_owned()),
            );
        }
        let reference = reference.unwrap_or_default();
        (Operation::Read, format!("{path}#{reference}"))
    }

    fn attempted(world: &World, attempt: Attempt) -> usize {
        world.ledger().attempted(attempt)
    }

    fn answered(world: &World, attempt: usize, status: u16) {
        world.ledger().answered(attempt, status);
    }

    fn too_long() -> Response {
        wire::page(StatusCode::PAYLOAD_TOO_LARGE, "The request is too long.")
    }

    /// The token is not only called dead: it is.
    fn dead_token(world: &World, token: Option<&str>) -> Response {
        if let Some(token) = token {
            world.tokens().invalidate(token);
        }
        wire::unauthorised(auth::DEAD_TOKEN)
    }

    /// No variant says anything about the recharge: a 500 is no answer to it (chapter 10 f).
    fn broken(status: StatusCode, variant: u64) -> Response {
        let (text, description) = match status {
            StatusCode::SERVICE_UNAVAILABLE => ("Service Unavailable", UNAVAILABLE),
            _ => ("Internal Server Error", INTERNAL),
        };
        match variant % 3 {
            0 => meaningless(status, text),
            1 => status_only(status),
            _ => wire::page(status, description),
        }
    }

    fn foreign_body(variant: u64) -> Response {
        match variant % 3 {
            0 => wire::ok(&serde_json::json!({ "response": "Pong" })),
            1 => wire::ok(&serde_json::json!([])),
            _ => {
                let mut response =
                    Response::new(Body::from("<html><body><h1>Welcome</h1></body></html>"));
                response.headers_mut().insert(
                    CONTENT_TYPE,
                    HeaderValue::from_static("text/html;charset=utf-8"),
                );
                response
            }
        }
    }
}

/// The operations that sell or pay. The others that take a body are hit as reads are.
fn moves_money(path: &str) -> bool {
    let path = path.strip_prefix("/webservice/").unwrap_or_default();
    let path = path.strip_prefix("smartload/").unwrap_or(path);
    matches!(
        path,
        "recharges"
            | "v2/recharges"
            | "recharges/batch"
            | "fundstransfer"
            | "batchvouchers"
            | "batchorders"
            | "monice/recharge"
            | "payments/easypay"
            | "payments/dstv"
    )
}

/// The client's reference, of a batch that of its first item. A transfer has none: it goes by who gets how much.
fn reference(body: &Value) -> Option<String> {
    let first = &body["rechargeRequests"][0]["clientReference"];
    let own = body["clientReference"].as_str().or(first.as_str());
    let recipient = body["recipientSmartloadId"].as_str();
    let transfer = || Some(format!("{}#{}", recipient?, body["amount"]));
    own.map(str::to_owned).or_else(transfer)
}

const INTERNAL: &str = "JBWEB000145: The server encountered an internal error that prevented it from fulfilling this request.";
const UNAVAILABLE: &str = "JBWEB000149: The requested service is not currently available.";

fn meaningless(status: StatusCode, text: &str) -> Response {
    wire::json(
        status,
        &serde_json::json!({ "status": status.as_u16(), "error": text }),
    )
}

fn status_only(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
