//! Where a recharge stands: chapters 10 o and 10 p.
//!
//! A client's reference is known for a week, the service's own for a month. A host does not show a row before its time (see
//! `cross_host_lag`), and a row that is written at the end of processing is not there before.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use super::electricity::{FREE_UNITS, PURCHASE, pin};
use super::segments::Segments;
use super::vouchers::Voucher;
use super::wire::{self, ErrorBody};
use crate::catalogue::Family;
use crate::clock::ms;
use crate::ledger::Ledger;
use crate::money::{digits, rand};
use crate::rules::{Refusal, status_text};
use crate::server::Origin;
use crate::view::{Entry, EntryKind, Status};
use crate::world::World;

const WEEK_MS: i64 = 7 * 24 * 3600 * 1000;
const MONTH_MS: i64 = 30 * 24 * 3600 * 1000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    error: Option<ErrorBody>,
    response_code: &'static str,
    transaction: Transaction,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transaction {
    description: &'static str,
    network: &'static str,
    recipient_msisdn: String,
    status_date: i64,
    reference: String,
    amount: String,
    discount: String,
    cost: String,
    status: &'static str,
    status_id: &'static str,
    ticket_number: Option<String>,
    voucher_pin: Option<String>,
    additional_voucher_pin: Option<String>,
    box_number: Option<String>,
    batch_number: Option<String>,
    expiry_date: Option<i64>,
}

/// `GET /smartload/recharges/{smartloadId}/{clientReference}`.
pub(super) async fn by_client_reference(
    State(world): State<Arc<World>>,
    Extension(origin): Extension<Origin>,
    Segments([smartload_id, reference]): Segments<2>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let find = |ledger: &Ledger, account: &str, now_ms| {
        let is_known = |entry: &&Entry| {
            is_recharge(entry.kind)
                && entry.is_visible(origin.host, now_ms)
                && now_ms - entry.recorded_at_ms <= WEEK_MS
        };
        let row = ledger
            .by_reference(account, &reference)
            .rev()
            .find(is_known);
        let row = row.ok_or_else(|| Refusal::new(1005, "ClientReference does not exist"))?;
        Ok(describe(&world, row, now_ms))
    };
    enquire(&world, &headers, &smartload_id, find).map(answer)
}

/// `GET /smartload/transactions/{smartloadId}/{smartloadReference}`.
pub(super) async fn by_smartload_reference(
    State(world): State<Arc<World>>,
    Extension(origin): Extension<Origin>,
    Segments([smartload_id, reference]): Segments<2>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let find = |ledger: &Ledger, account: &str, now_ms| {
        let row = of_a_month(ledger, account, &reference, origin.host, now_ms)?;
        Ok(describe(&world, row, now_ms))
    };
    enquire(&world, &headers, &smartload_id, find).map(answer)
}

/// What was asked for as a recharge, or as vouchers: this enquiry is for recharges.
const fn is_recharge(kind: EntryKind) -> bool {
    !matches!(kind, EntryKind::FundsTransfer | EntryKind::Payment)
}

/// What every enquiry does: the token, the account, then a look into the ledger as it is now.
pub(super) fn enquire<T>(
    world: &World,
    headers: &HeaderMap,
    smartload_id: &str,
    find: impl FnOnce(&Ledger, &str, i64) -> Result<T, Refusal>,
) -> Result<T, Response> {
    world.bearer(headers)?;
    let account = world.account(smartload_id)?;
    let now_ms = world.now_ms();
    let ledger = world.settled();
    find(&ledger, &account, now_ms).map_err(wire::bad_request)
}

/// The row of the service's own reference, if a host shows it.
pub(super) fn of_a_month<'a>(
    ledger: &'a Ledger,
    account: &str,
    reference: &str,
    host: usize,
    now_ms: i64,
) -> Result<&'a Entry, Refusal> {
    let reference = reference.parse().ok();
    let row = reference.and_then(|reference| ledger.by_smartload_reference(account, reference));
    let shows =
        |row: &&Entry| row.is_visible(host, now_ms) && now_ms - row.recorded_at_ms <= MONTH_MS;
    row.filter(shows).ok_or_else(unknown)
}

/// The answer to a reference that nobody knows.
pub(super) fn unknown() -> Refusal {
    Refusal::new(1008, "Recharge does not exist")
}

fn answer(transaction: Transaction) -> Response {
    wire::ok(&Answer {
        error: None,
        response_code: "SUCCESS",
        transaction,
    })
}

/// What both this enquiry and that of electricity say of a row.
pub(super) fn describe(world: &World, row: &Entry, now_ms: i64) -> Transaction {
    let status = shown(world, row, now_ms);
    let voucher = voucher(world, row);
    let voucher = voucher.as_ref();
    Transaction {
        description: description(row.kind),
        network: row.product_name,
        recipient_msisdn: row.recipient.clone(),
        status_date: row.status_at_ms,
        reference: row.smartload_reference.to_string(),
        amount: rand(row.amount),
        discount: format!("{}%", digits(row.discount, 2)),
        cost: rand(row.charged),
        status: status_text(status),
        status_id: status_id(world, status),
        ticket_number: voucher.map(|voucher| voucher.ticket_number.clone()),
        voucher_pin: voucher
            .map(|voucher| voucher.voucher_pin.clone())
            .or_else(|| pin(world, row, PURCHASE)),
        additional_voucher_pin: pin(world, row, FREE_UNITS),
        box_number: voucher.map(|voucher| voucher.box_number.clone()),
        batch_number: voucher.map(|voucher| voucher.batch_number.clone()),
        expiry_date: voucher.map(|voucher| voucher.expiry_date),
    }
}

/// A cancellation is not told at once.
fn shown(world: &World, row: &Entry, now_ms: i64) -> Status {
    let told_at_ms = row.status_at_ms + ms(world.settings.delays.cancellation);
    match row.status {
        Status::Cancelled if now_ms < told_at_ms => Status::Pending,
        status => status,
    }
}

/// The one voucher of a recharge; of many vouchers this answer has no room to tell (chapter 10 v).
fn voucher(world: &World, row: &Entry) -> Option<Voucher> {
    let (_, product) = world.catalogue.product(row.product)?;
    let is_one = matches!(row.kind, EntryKind::Recharge | EntryKind::BatchItem)
        && product.family == Family::Voucher
        && row.status == Status::Successful;
    is_one.then(|| Voucher::of(row, 0))
}

const fn description(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::FundsTransfer => "Transfer",
        EntryKind::Payment => "Payment",
        _ => "Order",
    }
}

fn status_id(world: &World, status: Status) -> &'static str {
    match status {
        Status::Processing | Status::Pending => "PENDING",
        Status::Successful => world.settings.success_status_id,
        Status::Failed => "FAILED",
        Status::Cancelled => "CANCELLED",
    }
}
