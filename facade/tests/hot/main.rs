//! HOT Recharge: each answer that a sale or an enquiry can get, and what the client does next: **nothing that may have arrived is ever sent
//! twice**, whatever is said about it.
//!
//! Sockets are real, time is not: waits end at once and move a clock on, so that the windows are those of production.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod answered;
mod enquired;
mod inputs;
mod journaled;
mod requests;
mod reserved;
#[path = "../support/mod.rs"]
mod support;
mod tokens;

use std::time::Duration;

use recharge::recovery::{Doubt, Refusal};
use recharge::{Error, Handle, Outcome, Sale};
use serde_json::json;

use support::hot::*;
use support::{Reply, Request, html, json_reply, text_reply};

const SETTLE: Duration = Duration::from_secs(120);

fn never(_: &Request) -> Reply {
    panic!("nobody should have asked")
}

#[track_caller]
fn vended(outcome: Result<Outcome, Error>) -> Sale {
    match outcome {
        Ok(Outcome::Vended(sale)) => sale,
        other => panic!("not vended: {other:?}"),
    }
}

#[track_caller]
fn refused(outcome: Result<Outcome, Error>) -> Refusal {
    match outcome {
        Err(Error::Refused { refusal, .. }) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[track_caller]
fn unresolved(outcome: Result<Outcome, Error>) -> (Handle, Doubt) {
    match outcome {
        Ok(Outcome::Unresolved(handle, doubt)) => (handle, doubt),
        other => panic!("not unresolved: {other:?}"),
    }
}

/// Sales that were lost in every way in which an answer can be lost or be none.
fn lost_answers() -> Vec<(&'static str, Reply)> {
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut body = sold();
        change(&mut body);
        body
    };
    let without_id = {
        let mut body = failed();
        body.as_object_mut().unwrap().remove("rechargeId");
        body
    };
    let delivered = {
        let mut body = failed();
        body["rechargeData"] = json!({"FinalBalance": "11.2"});
        body
    };
    let another_status = {
        let mut body = e1();
        body["status"] = json!(500);
        body
    };
    let problem = json!({"type": "t", "title": "An error occurred", "status": 500, "detail": "x"});
    vec![
        ("no byte, then the end", Reply::Close),
        ("torn down", Reply::Reset),
        ("half a status line", Reply::HalfAStatusLine),
        ("a success that is cut", Reply::Cut(200, sold().to_string())),
        ("a refusal that is cut", Reply::Cut(400, e2().to_string())),
        ("HTTP 500 with E4", json_reply(500, problem.clone())),
        ("HTTP 500 with HTML", html(500)),
        ("HTTP 500 with nothing", text_reply(500, "text/plain", "")),
        ("HTTP 500 that says success", json_reply(500, sold())),
        ("HTTP 500 that says failure", json_reply(500, failed())),
        ("HTTP 500 with E2", json_reply(500, e2())),
        (
            "HTTP 502 with a bare text",
            json_reply(502, json!("Bad Gateway")),
        ),
        ("HTTP 503", text_reply(503, "text/plain", "")),
        ("HTTP 504", text_reply(504, "text/plain", "")),
        ("HTTP 429", text_reply(429, "text/plain", "")),
        (
            "HTTP 429 with Retry-After",
            Reply::Http(429, vec![("Retry-After", "1".into())], String::new()),
        ),
        ("HTTP 429 with E2", json_reply(429, e2())),
        ("HTTP 408", text_reply(408, "text/plain", "")),
        ("HTTP 201 with a success", json_reply(201, sold())),
        ("HTTP 202 with nothing", text_reply(202, "text/plain", "")),
        (
            "HTTP 307",
            Reply::Http(
                307,
                vec![("Location", "/api/v3/products/recharge".into())],
                String::new(),
            ),
        ),
        ("HTTP 400 with a success", json_reply(400, sold())),
        ("HTTP 400 with HTML", html(400)),
        ("HTTP 400 with nothing", text_reply(400, "text/plain", "")),
        (
            "HTTP 400 with an empty list",
            json_reply(400, json!({"errors": []})),
        ),
        ("HTTP 400 with E4", json_reply(400, problem)),
        (
            "HTTP 400 whose body says 500",
            json_reply(400, another_status),
        ),
        (
            "HTTP 400 with somebody else's error",
            json_reply(400, json!({"errors": [{"title": "x"}]})),
        ),
        (
            "HTTP 400 of a duplicate",
            json_reply(400, json!({"errors": ["Duplicate reference"]})),
        ),
        (
            "HTTP 400 of a timeout",
            json_reply(
                400,
                json!({"errors": [{"name": "Network", "message": "Request timed out"}]}),
            ),
        ),
        ("HTTP 404 with E2", json_reply(404, e2())),
        ("HTTP 404 with HTML", html(404)),
        ("HTTP 403", json_reply(403, e3())),
        ("HTTP 405", text_reply(405, "text/plain", "")),
        ("HTTP 401 of somebody else", html(401)),
        ("HTTP 200 with E1", json_reply(200, e1())),
        ("HTTP 200 with E2", json_reply(200, e2())),
        ("HTTP 200 with E3", json_reply(200, e3())),
        ("HTTP 200 with HTML", html(200)),
        (
            "HTTP 200 with nothing",
            text_reply(200, "application/json", ""),
        ),
        ("HTTP 200 with a list", json_reply(200, json!([]))),
        ("HTTP 200 with a text", json_reply(200, json!("OK"))),
        (
            "HTTP 200 without successful",
            json_reply(
                200,
                with(&|body| drop(body.as_object_mut().unwrap().remove("successful"))),
            ),
        ),
        (
            "successful null",
            json_reply(200, with(&|body| body["successful"] = json!(null))),
        ),
        (
            "successful as a text",
            json_reply(200, with(&|body| body["successful"] = json!("true"))),
        ),
        (
            "a success beside errors",
            json_reply(200, with(&|body| body["errors"] = json!(["x"]))),
        ),
        (
            "a success that is given twice",
            text_reply(
                200,
                "application/json",
                r#"{"successful":true,"successful":false,"rechargeId":1}"#,
            ),
        ),
        ("a failure without an id", json_reply(200, without_id)),
        ("a failure that delivered", json_reply(200, delivered)),
    ]
}
