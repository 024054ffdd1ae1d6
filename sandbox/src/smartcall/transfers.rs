//! Funds transfer: chapter 10 k. It has no reference of the client: what guards it is the rule of one hour alone.
//!
//! A transfer to another account of the user is credited there; one to anybody else leaves the ledger, and makes a dealer of
//! them, as the V2 business document has it.
//!
//! undocumented (the codes are those of V2's funds transfer, which has meanings of its own):
//! * 3 for a recipient that is no number, 4 for less than R5, more than R100000 or cents, 5 for nothing, 6 for one's own
//!   number, 7 for too little money, 11 for the same transfer within an hour. All are bare errors with HTTP 400.
//! * No enquiry finds a transfer by a client's reference, since it has none; the cashup shows it.

use axum::response::Response;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::call::Post;
use super::request::{Member, decimal, text};
use super::selling::{Item, Recharge, sell};
use super::wire::{self, ErrorBody};
use crate::catalogue::{Family, Product};
use crate::ledger::Ending;
use crate::money::Exact;
use crate::rules::{Api, Refusal, msisdn};
use crate::view::EntryKind;

/// What a row of the ledger says of a transfer.
const TRANSFER: Product = Product {
    id: 0,
    name: "Funds Transfer",
    min: Decimal::ZERO,
    max: Decimal::ZERO,
    discount: Decimal::ZERO,
    fixed: None,
    family: Family::Payment,
};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    source_smartload_id: Member,
    recipient_smartload_id: Member,
    amount: Member,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    error: Option<ErrorBody>,
    response_code: &'static str,
    recharge: Option<Recharge>,
    new_dealer_balance: Option<Exact>,
    current_dealer_balance: Exact,
}

/// `POST /smartload/fundstransfer`.
pub(super) async fn transfer(call: Post) -> Result<Response, Response> {
    let body: Body = call.read()?;
    let buyer = call.buyer(&body.source_smartload_id)?;
    let recipient = msisdn(&text(&body.recipient_smartload_id));
    let recipient = recipient.ok_or_else(|| refused(3, "Invalid transfer Cell No provided"))?;
    if recipient == buyer.account {
        return Err(refused(6, "Funds cannot be transferred to your own number"));
    }
    let amount = amount(&body.amount)?;
    let item = Item {
        kind: EntryKind::FundsTransfer,
        product: &TRANSFER,
        target: recipient.clone(),
        recipient,
        quantity: 1,
        amount,
    };
    let order = buyer.order(String::new(), item);
    let done = |_| Ending::Successful;
    let sold = sell(&call.world, Api::Asynchronous, order, |_| Ok(()), done).await;
    let sold = sold.map_err(|refusal| match refusal.code {
        15 => refused(7, "Not enough credit for this transfer"),
        _ => wire::bad_request(refusal),
    })?;
    Ok(wire::ok(&Answer {
        error: None,
        response_code: "SUCCESS",
        recharge: None,
        new_dealer_balance: None,
        current_dealer_balance: Exact::four(sold.balance),
    }))
}

fn amount(member: &Member) -> Result<Decimal, Response> {
    let amount = decimal(member).unwrap_or_default();
    if amount <= Decimal::ZERO {
        return Err(refused(5, "The amount must be greater than 0"));
    }
    let bounds = Decimal::from(5)..=Decimal::from(100_000);
    if bounds.contains(&amount) && amount.normalize().scale() == 0 {
        return Ok(amount);
    }
    Err(refused(4, "The amount must be from R5 to R100000"))
}

fn refused(code: i32, message: &str) -> Response {
    wire::bad_request(Refusal::new(code, message))
}
