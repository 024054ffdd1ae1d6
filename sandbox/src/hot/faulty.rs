//! How HOT looks when something goes wrong with it.
//!
//! A login may be lost like Smartcall's. A refresh is as fragile as a read: the pair of tokens that got lost on the way is the
//! only one that could be refreshed again, and its client has to log in.

use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::wire::{self, Problem};
use super::{BASE_PATH, members::Members};
use crate::faults::Operation;
use crate::faulty::Service;
use crate::view::Attempt;
use crate::world::World;

pub(super) struct HotRecharge;

impl Service for HotRecharge {
    const SALT: &'static str = "hot ";

    fn submission(parts: &Parts, body: &[u8]) -> (Operation, String) {
        let within = parts.uri.path();
        if within == "/identity/login" {
            return (Operation::Login, within.to_owned());
        }
        if parts.method != Method::POST || !within.starts_with("/products/recharge") {
            return (Operation::Read, within.to_owned());
        }
        (Operation::Recharge, Members::reference_in(body))
    }

    /// The router strips what all paths have in common.
    fn path(parts: &Parts) -> String {
        format!("{BASE_PATH}{}", parts.uri.path())
    }

    fn attempted(world: &World, attempt: Attempt) -> usize {
        world.hot.book().attempted(attempt)
    }

    fn answered(world: &World, attempt: usize, status: u16) {
        world.hot.book().answered(attempt, status);
    }

    fn too_long() -> Response {
        Problem::invalid("$", "The request is too long.").response()
    }

    /// The token is not only called dead: it is.
    fn dead_token(world: &World, token: Option<&str>) -> Response {
        if let Some(token) = token {
            world.hot.identity().kill(token);
        }
        wire::unauthorised()
    }

    fn broken(status: StatusCode, variant: u64) -> Response {
        let title = status.canonical_reason().unwrap_or_default();
        let problem = json!({
            "type": "https://tools.ietf.org/html/rfc7231#section-6.6.1",
            "title": "An error occurred while processing your request.",
            "status": status.as_u16(),
            "detail": title,
        });
        match variant % 4 {
            0 => wire::text(status, problem.to_string()),
            1 => wire::status_only(status),
            2 => wire::page(status, title),
            _ => wire::text(status, Value::from(title).to_string()),
        }
    }

    fn foreign_body(variant: u64) -> Response {
        match variant % 4 {
            0 => wire::ok(&json!("OK")),
            1 => wire::ok(&json!([])),
            2 => wire::page(StatusCode::OK, "Welcome"),
            _ => wire::ok(&json!({ "status": "Healthy" })),
        }
    }
}
