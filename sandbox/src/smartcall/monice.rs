//! Telkom MoNice: chapters 10 x and y. A query makes an offer of up to ten bundles to one number; it is good for four hours
//! and for one recharge. Amounts are in cents, as nowhere else.
//!
//! A number that ends in 0 has no bundles.
//!
//! undocumented:
//! * 6 for what is no number, 5 for a number whose prefix is not Telkom's. A recharge without an offer that is good is 1007,
//!   with a bundle that the offer does not have 9, with another amount than the bundle's 1007; all are bare errors with HTTP 400.
//! * The offer belongs to the number, not to an account, and a new query takes the place of the old one. The bundles of a
//!   number are always the same. It is used up when the order is admitted, after its reference and the balance were looked at.
//! * The recharge is done at once; the five-minute rule does not look at it.
//! * `responseCode` is SUCCESS and `statusCode` 0. The discount is 4 %.

use axum::response::Response;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::call::{Get, Post};
use super::request::{Member, integer, text};
use super::selling::{Item, Recharge, sell};
use super::wire::{self, ErrorBody};
use crate::catalogue::{MONICE, airtime_for};
use crate::faults::hash_of;
use crate::ledger::Ending;
use crate::rules::{self, Api, Refusal, invalid};
use crate::view::EntryKind;
use crate::world::World;

const GOOD_FOR_MS: i64 = 4 * 3600 * 1000;
/// Telkom's variable airtime, which the prefix of its numbers leads to.
const TELKOM: i64 = 24;
const MOST_BUNDLES: u64 = 10;

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    bundle_id: String,
    description: String,
    /// Cents.
    amount: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Offer {
    error: Option<ErrorBody>,
    response_code: &'static str,
    msisdn: String,
    bundles: Vec<Bundle>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    smartload_id: Member,
    client_reference: Member,
    msisdn: Member,
    bundle_id: Member,
    amount: Member,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    error: Option<ErrorBody>,
    response_code: &'static str,
    status_code: i32,
    status_message: &'static str,
    recharge: Option<Recharge>,
}

/// `GET /smartload/monice/query/{msisdn}`.
pub(super) async fn query(call: Get<1>) -> Result<Response, Response> {
    let msisdn = telkom_number(&call.path[0]).map_err(wire::bad_request)?;
    let bundles = bundles(&msisdn);
    let now_ms = call.world.now_ms();
    call.world.desk().offers.insert(msisdn.clone(), now_ms);
    Ok(wire::ok(&Offer {
        error: None,
        response_code: "SUCCESS",
        msisdn,
        bundles,
    }))
}

/// `POST /smartload/monice/recharge`.
pub(super) async fn recharge(call: Post) -> Result<Response, Response> {
    let world = &call.world;
    let body: Body = call.read()?;
    let buyer = call.buyer(&body.smartload_id)?;
    let (reference, item) = wanted(&body).map_err(wire::bad_request)?;
    let msisdn = item.target.clone();
    let order = buyer.order(reference, item);
    let offered = |now_ms| take_offer(world, &msisdn, now_ms);
    let done = |_| Ending::Successful;
    let sold = sell(world, Api::Asynchronous, order, offered, done).await;
    let sold = sold.map_err(wire::bad_request)?;
    Ok(wire::ok(&Answer {
        error: None,
        response_code: "SUCCESS",
        status_code: 0,
        status_message: "Recharge completed successfully",
        recharge: Some(Recharge::from(&sold)),
    }))
}

/// The reference, and the bundle for the number.
fn wanted(body: &Body) -> Result<(String, Item<'static>), Refusal> {
    let reference = text(&body.client_reference);
    if reference.is_empty() {
        return Err(invalid("clientReference is required"));
    }
    let msisdn = telkom_number(&text(&body.msisdn))?;
    let id = text(&body.bundle_id);
    let bundle = bundles(&msisdn)
        .into_iter()
        .find(|bundle| bundle.bundle_id == id)
        .ok_or_else(rules::unknown_product)?;
    if integer(&body.amount) != Some(bundle.amount) {
        return Err(invalid("amount"));
    }
    let item = Item {
        kind: EntryKind::Monice,
        product: &MONICE,
        target: msisdn.clone(),
        recipient: msisdn,
        quantity: 1,
        amount: Decimal::new(bundle.amount, 2),
    };
    Ok((reference, item))
}

fn telkom_number(text: &str) -> Result<String, Refusal> {
    let msisdn = rules::msisdn(text).ok_or_else(rules::invalid_number)?;
    match airtime_for(&msisdn).0 {
        TELKOM => Ok(msisdn),
        _ => Err(Refusal::new(5, "Invalid recharge network")),
    }
}

/// Uses up the offer of a number, if it has one that is good.
fn take_offer(world: &World, msisdn: &str, now_ms: i64) -> Result<(), Refusal> {
    let made_at_ms = world.desk().offers.remove(msisdn);
    match made_at_ms {
        Some(made_at_ms) if now_ms - made_at_ms <= GOOD_FOR_MS => Ok(()),
        _ => Err(invalid("the offer has expired or was used, query again")),
    }
}

/// Up to ten, and none for a number that ends in 0.
fn bundles(msisdn: &str) -> Vec<Bundle> {
    let most = match msisdn.ends_with('0') {
        true => 0,
        false => 1 + hash_of(&["bundles", msisdn]) % MOST_BUNDLES,
    };
    let bundle = |nth: u64| {
        let cents = 100 * (1 + i64::try_from(nth).unwrap_or_default()) * 5 - 50;
        Bundle {
            bundle_id: format!("MN{:03}", 100 + nth),
            description: format!("{} MB for a day", (nth + 1) * 150),
            amount: cents,
        }
    };
    (0..most).map(bundle).collect()
}
