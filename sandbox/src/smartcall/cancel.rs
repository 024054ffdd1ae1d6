//! Cancellation: chapter 10 i and Table 4. What the network has not got yet is cancelled and refunded at once.
//!
//! | code | when |
//! |---|---|
//! | 3 | the client's reference is unknown to this account |
//! | 4 | the service's own reference is, or it is that of another order than the client's |
//! | 5 | the order is one for vouchers |
//! | 6 | the order has ended, or the network has got it |
//! | 7 | it has been cancelled before (recorded; Table 4 does not have it) |
//! | 100 | there is no reference |
//!
//! Codes 1 and 2 (channel, system) never come: a request that is read has a channel.
//!
//! undocumented:
//! * A refusal is a bare error with HTTP 400, as it was recorded for the older form of this operation.
//! * Asynchronous recharges and electricity are submitted to the network after a while ([`Builder::queued_for`]); R13 of the
//!   synchronous endpoint is there at once.
//! * The enquiry says PENDING for a while after a cancellation ([`Builder::cancellation_shown_after`]), as was recorded, then
//!   CANCELLED. The money is back at once.
//! * Transfers and payments cannot be cancelled: 6. MoNice is done at once: 6.
//!
//! [`Builder::queued_for`]: crate::Builder::queued_for
//! [`Builder::cancellation_shown_after`]: crate::Builder::cancellation_shown_after

use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::call::Post;
use super::request::{Member, text};
use super::wire::{self, ErrorBody};
use crate::ledger::Ledger;
use crate::rules::Refusal;
use crate::view::{Entry, EntryKind, Status};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    smartload_id: Member,
    client_reference: Member,
    smartload_reference: Member,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    error: Option<ErrorBody>,
    response_code: &'static str,
}

/// `POST /smartload/recharges/cancel`.
pub(super) async fn cancel(call: Post) -> Result<Response, Response> {
    let body: Body = call.read()?;
    let account = call.buyer(&body.smartload_id)?.account;
    let now_ms = call.world.now_ms();
    let mut ledger = call.world.settled();
    let row = find(&ledger, &account, &body).map_err(wire::bad_request)?;
    check(row, now_ms).map_err(wire::bad_request)?;
    let reference = row.smartload_reference;
    ledger.cancel(reference, now_ms);
    Ok(wire::ok(&Answer {
        error: None,
        response_code: "SUCCESS",
    }))
}

fn find<'a>(ledger: &'a Ledger, account: &str, body: &Body) -> Result<&'a Entry, Refusal> {
    let client = text(&body.client_reference);
    let own = text(&body.smartload_reference);
    let not_valid = || Refusal::new(4, "The Smartload reference number is not valid");
    let by_client = || {
        let row = ledger.by_reference(account, &client).next_back();
        row.ok_or_else(|| {
            Refusal::new(
                3,
                "The client reference is not linked to an Smartload reference number (invalid client reference number)",
            )
        })
    };
    let by_own = || {
        let reference = own.parse().ok();
        let row = reference.and_then(|own| ledger.by_smartload_reference(account, own));
        row.ok_or_else(not_valid)
    };
    match (client.is_empty(), own.is_empty()) {
        (true, true) => Err(Refusal::new(
            100,
            "Invalid request message. No transaction references supplied",
        )),
        (false, true) => by_client(),
        (true, false) => by_own(),
        (false, false) => {
            let client = by_client()?;
            let own = by_own()?;
            let is_one = client.smartload_reference == own.smartload_reference;
            if is_one { Ok(own) } else { Err(not_valid()) }
        }
    }
}

fn check(row: &Entry, now_ms: i64) -> Result<(), Refusal> {
    let brings_pins = matches!(row.kind, EntryKind::Vouchers | EntryKind::BatchOrder);
    if brings_pins {
        return Err(Refusal::new(
            5,
            "A voucher recharge cannot be cancelled because a PIN has been issued",
        ));
    }
    match row.status {
        Status::Pending if now_ms < row.submitted_at_ms => Ok(()),
        Status::Cancelled => {
            let text = format!("{} has already been cancelled.", row.smartload_reference);
            Err(Refusal::new(7, text))
        }
        _ => Err(Refusal::new(
            6,
            "The recharge could not be cancelled because it has already been attempted at the network",
        )),
    }
}
