//! Prevend: chapter 10 j and questions 2 and 3 of chapter 17. It moves no money.
//!
//! A refusal is HTTP 200 with a code and a message, without an `error` member. The reference of a prevend is used up by it,
//! even if it was refused: the next one with the same reference is SYS_ERROR with a text of the database, as recorded. A
//! recharge of a mobile product uses the reference of its prevend; that of electricity need not.
//!
//! undocumented:
//! * A prevend is good for 15 minutes. A mobile recharge with its reference after that is refused with code 17; electricity
//!   does not mind. A prevend that was refused does not keep the recharge from being tried.
//! * Whether the recharge asks for the same number, product and amount as the prevend is not looked at; neither are the
//!   balance, the stock and the five-minute rule when the prevend is made.
//! * A request that makes no sense is INV_REQUEST with the words of the recharge's own error, and so is a product that cannot
//!   be prevended: one of Cell C, a voucher. R11 is APP_ERROR, R17 SYS_ERROR, electricity for R42 APP_ERROR.

use std::collections::hash_map::Entry as Slot;

use axum::response::Response;
use rust_decimal::Decimal;
use serde::Serialize;

use super::call::Post;
use super::recharges::{Body, Wanted};
use super::request::text;
use super::wire;
use crate::catalogue::Family;
use crate::desk::Reference;
use crate::rules::Refusal;
use crate::world::World;

const GOOD_FOR_MS: i64 = 15 * 60 * 1000;
const CELL_C: i64 = 3;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    response_code: &'static str,
    message: String,
}

/// `POST /smartload/prevend`.
pub(super) async fn prevend(call: Post) -> Result<Response, Response> {
    let body: Body = call.read()?;
    let buyer = call.buyer(&body.smartload_id)?;
    let (response_code, message) = match Wanted::read(&call.world, &body) {
        Err(refusal) => ("INV_REQUEST", refusal.message),
        Ok(wanted) => {
            let reference = (buyer.account, text(&body.client_reference));
            ask(&call.world, &wanted, reference)
        }
    };
    Ok(wire::ok(&Answer {
        response_code,
        message,
    }))
}

fn ask(world: &World, wanted: &Wanted<'_>, reference: Reference) -> (&'static str, String) {
    let product = wanted.product;
    let network = world.catalogue.network_of(product.id);
    if product.family == Family::Voucher || network.is_some_and(|network| network.id == CELL_C) {
        return ("INV_REQUEST", "Invalid product ID".to_owned());
    }
    let text = format!(
        "Violation of UNIQUE KEY constraint 'UK_Prevend'. Cannot insert duplicate key in object 'dbo.Prevend'. The duplicate \
         key value is ({}, {}).",
        reference.1, reference.0
    );
    match world.desk().prevends.entry(reference) {
        Slot::Occupied(_) => return ("SYS_ERROR", text),
        Slot::Vacant(slot) => slot.insert(world.now_ms()),
    };
    let is = |rand: i64| wanted.priced.amount == Decimal::from(rand);
    match product.family {
        Family::Electricity if is(42) => ("APP_ERROR", "Invalid Recharge".to_owned()),
        Family::Mobile if is(11) => ("APP_ERROR", "Invalid Recharge".to_owned()),
        Family::Mobile if is(17) => (
            "SYS_ERROR",
            "The mobile network is not available".to_owned(),
        ),
        _ => ("SUCCESS", "Approved validation".to_owned()),
    }
}

/// Whether a recharge comes in time after its prevend, if it had one.
pub(super) fn is_good(
    world: &World,
    family: Family,
    reference: &Reference,
    now_ms: i64,
) -> Result<(), Refusal> {
    let made_at_ms = world.desk().prevends.get(reference).copied();
    let has_expired = made_at_ms.is_some_and(|made_at_ms| now_ms - made_at_ms > GOOD_FOR_MS);
    if has_expired && family == Family::Mobile {
        return Err(Refusal::new(17, "The prevend has expired"));
    }
    Ok(())
}
