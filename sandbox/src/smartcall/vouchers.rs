//! Vouchers whose PINs come with the answer, the query for them, and the stock: chapters 10 u, v and w.
//!
//! The query is the same answer as the purchase with a `dealerBalance` of null, for a month.
//!
//! undocumented:
//! * A purchase is done at once. Refusals are bare errors with HTTP 400 and the codes of Table 3: 9 for a product that is no
//!   voucher, 18 when there are not that many, 19 for a quantity that is no whole number above 0.
//! * The reference is one of all references of the account: one that a recharge has used is 1001, and the other way round.
//! * The amount of the row is that of all vouchers together; the discount is that of the product.
//! * The query answers 1008 to a reference that is not such a purchase; the ordinary enquiry knows it, without PINs.
//! * A PIN has twelve digits and, like a ticket number, blanks behind; vouchers expire after three years.

use axum::response::Response;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::call::{Get, Post};
use super::enquiries::{of_a_month, unknown};
use super::request::{Member, integer, text};
use super::selling::{Buyer, Item, sell};
use super::wire::{self, ErrorBody};
use crate::catalogue::{Family, Product};
use crate::faults::hash_of;
use crate::ledger::{Ending, Order};
use crate::money::Exact;
use crate::rules::{Api, Refusal, invalid, unknown_product};
use crate::view::{Entry, EntryKind};
use crate::world::World;

const THREE_YEARS_MS: i64 = 3 * 365 * 24 * 3600 * 1000;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Body {
    pub(super) smartload_id: Member,
    client_reference: Member,
    product_id: Member,
    quantity: Member,
}

impl Body {
    /// The order that this is, if it is one for vouchers.
    pub(super) fn order(
        &self,
        world: &World,
        buyer: Buyer,
        kind: EntryKind,
    ) -> Result<Order, Refusal> {
        let reference = text(&self.client_reference);
        if reference.is_empty() {
            return Err(invalid("clientReference is required"));
        }
        let product = voucher_product(world, integer(&self.product_id))?;
        let quantity = integer(&self.quantity).filter(|quantity| *quantity > 0);
        let quantity =
            quantity.ok_or_else(|| Refusal::new(19, "The quantity must be greater than 0"))?;
        let quantity = u32::try_from(quantity).unwrap_or(u32::MAX);
        let item = Item {
            kind,
            product,
            target: String::new(),
            recipient: buyer.account.clone(),
            quantity,
            amount: product.retail_value() * Decimal::from(quantity),
        };
        Ok(buyer.order(reference, item))
    }
}

fn voucher_product(world: &World, id: Option<i64>) -> Result<&Product, Refusal> {
    let product = id.and_then(|id| world.catalogue.product(id));
    let product = product.map(|(_, product)| product);
    let product = product.filter(|product| product.family == Family::Voucher);
    product.ok_or_else(unknown_product)
}

/// One voucher as it is printed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Voucher {
    pub(super) voucher_pin: String,
    pub(super) ticket_number: String,
    pub(super) box_number: String,
    pub(super) batch_number: String,
    pub(super) expiry_date: i64,
}

impl Voucher {
    /// The nth voucher of a sale. No two sales have one in common.
    pub(super) fn of(row: &Entry, nth: u32) -> Self {
        let sale = row.smartload_reference;
        let digits = |what: &str, count: usize| {
            let hash = hash_of(&[what, &sale.to_string(), &nth.to_string()]);
            format!(
                "{:0count$}",
                hash % 10u64.pow(u32::try_from(count).unwrap_or(9))
            )
        };
        Self {
            voucher_pin: format!("{:<16}", digits("pin", 12)),
            ticket_number: format!("{:<20}", format!("{}{nth:05}", sale % 1_000_000)),
            box_number: digits("box", 7),
            batch_number: (52_000_000 + sale % 1_000_000).to_string(),
            expiry_date: row.recorded_at_ms.saturating_add(THREE_YEARS_MS),
        }
    }

    pub(super) fn all(row: &Entry) -> Vec<Self> {
        (0..row.quantity).map(|nth| Self::of(row, nth)).collect()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    error: Option<ErrorBody>,
    response_code: &'static str,
    order_reference_id: u64,
    dealer_balance: Option<Exact>,
    vouchers: Vec<Voucher>,
}

impl Answer {
    fn about(row: &Entry, balance: Option<Decimal>) -> Response {
        wire::ok(&Self {
            error: None,
            response_code: "SUCCESS",
            order_reference_id: row.smartload_reference,
            dealer_balance: balance.map(Exact::four),
            vouchers: Voucher::all(row),
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stock {
    error: Option<ErrorBody>,
    response_code: &'static str,
    product_id: i64,
    stock_level: u32,
}

/// `POST /smartload/batchvouchers`.
pub(super) async fn purchase(call: Post) -> Result<Response, Response> {
    let body: Body = call.read()?;
    let buyer = call.buyer(&body.smartload_id)?;
    let order = body.order(&call.world, buyer, EntryKind::Vouchers);
    let order = order.map_err(wire::bad_request)?;
    let done = |_| Ending::Successful;
    let sold = sell(&call.world, Api::Asynchronous, order, |_| Ok(()), done).await;
    let sold = sold.map_err(wire::bad_request)?;
    Ok(Answer::about(&sold.row, Some(sold.balance)))
}

/// `GET /smartload/batchvouchers/{smartloadId}/{smartloadReference}`.
pub(super) async fn query(call: Get<2>) -> Result<Response, Response> {
    let [smartload_id, reference] = &call.path;
    let account = call.world.account(smartload_id)?;
    let now_ms = call.world.now_ms();
    let ledger = call.world.settled();
    let row = of_a_month(&ledger, &account, reference, call.host, now_ms);
    let row = row.map_err(wire::bad_request)?;
    if row.kind != EntryKind::Vouchers || row.sold_at_ms.is_none() {
        return Err(wire::bad_request(unknown()));
    }
    Ok(Answer::about(row, None))
}

/// `GET /smartload/voucherstock/{productId}`.
pub(super) async fn stock(call: Get<1>) -> Result<Response, Response> {
    let [product_id] = &call.path;
    let product = voucher_product(&call.world, product_id.parse().ok());
    let product = product.map_err(wire::bad_request)?;
    let stock_level = call.world.ledger().stock(product.id).unwrap_or_default();
    Ok(wire::ok(&Stock {
        error: None,
        response_code: "SUCCESS",
        product_id: product.id,
        stock_level,
    }))
}
