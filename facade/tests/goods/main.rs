//! Goods: electricity, vouchers, files of vouchers, MoNice. Lost answers of each, what the customer is given, and what goes over the wire.
//!
//! Sockets are real, time is not: waits end at once and move a clock on.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod electricity;
mod monice;
mod orders;
mod redaction;
mod requests;
#[path = "../support/mod.rs"]
mod support;
mod vouchers;

use recharge::recovery::{Doubt, Refusal};
use recharge::{Error, Outcome, Receipt};

#[track_caller]
fn vended(outcome: Result<Outcome, Error>) -> recharge::Sale {
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
fn unresolved(outcome: Result<Outcome, Error>) -> (recharge::Handle, Doubt) {
    match outcome {
        Ok(Outcome::Unresolved(handle, doubt)) => (handle, doubt),
        other => panic!("not unresolved: {other:?}"),
    }
}

fn codes(receipt: &Receipt) -> Vec<&str> {
    receipt.pins.iter().map(|pin| pin.code.expose()).collect()
}
