//! Each row of the table of observations as one answer of a service, and what the client does next: how many sales it sends and where to,
//! how many enquiries, what it tells its caller and what it leaves in the journal.
//!
//! Sockets are real, time is not: waits end at once and move a clock on, so that the windows are those of production.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod answered;
mod enquired;
mod journaled;
mod sent;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use recharge::recovery::Doubt;
use recharge::{Error, Outcome};
use serde_json::json;

use support::Route::{Enquiry, Sale};
use support::*;

const SETTLE: Duration = Duration::from_secs(120);

/// A service that is well, apart from its sales and its enquiries.
fn script(
    sale: impl Fn(usize) -> Reply + Send + Sync + 'static,
    enquiry: impl Fn(usize) -> Reply + Send + Sync + 'static,
) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    move |request| match request.route {
        Sale => sale(request.number),
        Enquiry => enquiry(request.number),
        _ => well(request),
    }
}

fn never_asked(_: &Request) -> Reply {
    never(0)
}

fn never(_: usize) -> Reply {
    panic!("nobody should have asked")
}

#[track_caller]
fn vended(outcome: Result<Outcome, Error>) -> recharge::Sale {
    match outcome {
        Ok(Outcome::Vended(sale)) => sale,
        other => panic!("not vended: {other:?}"),
    }
}

#[track_caller]
fn refused(outcome: Result<Outcome, Error>) -> recharge::recovery::Refusal {
    match outcome {
        Err(Error::Refused { refusal, .. }) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[track_caller]
fn unresolved(outcome: Result<Outcome, Error>) -> (recharge::Handle, Doubt) {
    match outcome {
        Ok(Outcome::Unresolved(handle, doubt)) => (handle, doubt),
        other => panic!("not unresolved: {other:?}"),
    }
}

/// Sales that were lost in every way in which an answer can be lost or be none.
fn lost_answers() -> Vec<(&'static str, Reply)> {
    vec![
        ("no byte, then the end", Reply::Close),
        ("torn down", Reply::Reset),
        ("half a status line", Reply::HalfAStatusLine),
        (
            "a success that is cut",
            Reply::Cut(200, r#"{"error":null,"statusCode":0"#.into()),
        ),
        (
            "a refusal that is cut",
            Reply::Cut(400, r#"{"code":9,"message":"x"}"#.into()),
        ),
        ("HTTP 500", html(500)),
        ("HTTP 502", text_reply(502, "text/plain", "Bad Gateway")),
        ("HTTP 504", text_reply(504, "text/plain", "")),
        (
            "HTTP 500 that says success",
            json_reply(500, json!({"error": null, "statusCode": 0})),
        ),
        ("HTTP 500 that says failure", failed(500, Some(2), 9)),
        (
            "a success with another status",
            json_reply(201, json!({"error": null, "statusCode": 0})),
        ),
        (
            "a success without a statusCode",
            json_reply(200, json!({"error": null, "statusCode": null})),
        ),
        (
            "a statusCode beside a filled error",
            failed(200, Some(0), 9),
        ),
        (
            "HTTP 400 without an error",
            json_reply(400, json!({"error": null, "statusCode": 0})),
        ),
        ("an HTML page as success", html(200)),
        ("an empty success", text_reply(200, "application/json", "")),
        ("an HTML page as refusal", html(400)),
        ("somebody else's 401", html(401)),
        ("HTTP 408", text_reply(408, "text/plain", "")),
        ("HTTP 429", text_reply(429, "text/plain", "")),
    ]
}
