//! Each row of the table of observations as one answer of a service, and what the client does next: how many sales it sends and where to,
//! how many enquiries, what it tells its caller and what it leaves in the journal.
//!
//! Sockets are real, time is not: waits end at once and move a clock on, so that the windows are those of production.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod answered;
mod batched;
mod blind;
mod cancelled;
mod clues;
mod enquired;
mod journaled;
mod prevended;
mod recovered;
mod renewed;
mod sent;
mod submitted;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use recharge::recovery::Doubt;
use recharge::{Error, Outcome};

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
