//! Electricity: the enquiry of chapter 10 s, with every PIN, and the extended limits of 10 t. Both paths lack /smartload.
//!
//! A purchase of R45 comes with two Key Change PINs, which the meter must get before any other. The ordinary enquiry has no
//! member for them: it shows the Purchase PIN alone, which such a meter does not take yet.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use rust_decimal::Decimal;
use serde::Serialize;

use super::enquiries::{Transaction, describe, enquire, of_a_month, unknown};
use super::segments::Segments;
use super::wire::{self, ErrorBody};
use crate::catalogue::{FREE_BASIC, Family, LIMITS, MUNICIPAL};
use crate::faults::hash_of;
use crate::ledger::Ledger;
use crate::money::{Exact, digits};
use crate::rules::meter;
use crate::server::Origin;
use crate::view::{Entry, Status};
use crate::world::World;

const KEY_CHANGE: [&str; 2] = ["Key Change PIN #1", "Key Change PIN #2"];
pub(super) const PURCHASE: &str = "Purchase PIN";
pub(super) const FREE_UNITS: &str = "Free Units PIN";
/// Kilowatt hours of free basic electricity.
const FREE_UNITS_A_MONTH: i64 = 50;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    error: Option<ErrorBody>,
    response_code: &'static str,
    transaction: ElectricityTransaction,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ElectricityTransaction {
    #[serde(flatten)]
    transaction: Transaction,
    meter_number: String,
    /// Kilowatt hours.
    units: Option<String>,
    supply_group_code: Option<&'static str>,
    key_revision_number: Option<&'static str>,
    tariff_index: Option<&'static str>,
    token_technology: Option<&'static str>,
    algorithm_code: Option<&'static str>,
    pin_data: Vec<PinData>,
}

#[derive(Serialize)]
struct PinData {
    order: usize,
    description: &'static str,
    pin: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LimitsAnswer {
    error: Option<ErrorBody>,
    response_code: &'static str,
    limits: Vec<ElectricityLimit>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ElectricityLimit {
    limit_id: i32,
    municipality: &'static str,
    max_amount: Exact,
}

/// `GET /electricity/transactions/{smartloadId}/{smartloadReference}`.
pub(super) async fn transaction(
    State(world): State<Arc<World>>,
    Extension(origin): Extension<Origin>,
    Segments([smartload_id, reference]): Segments<2>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let find = |ledger: &Ledger, account: &str, now_ms| {
        let row = of_a_month(ledger, account, &reference, origin.host, now_ms)?;
        if !is_electricity(&world, row) {
            return Err(unknown());
        }
        Ok(describe_in_full(&world, row, now_ms))
    };
    let transaction = enquire(&world, &headers, &smartload_id, find)?;
    Ok(wire::ok(&Answer {
        error: None,
        response_code: "SUCCESS",
        transaction,
    }))
}

/// `GET /electricity/limits`.
pub(super) async fn limits(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    world.bearer(&headers)?;
    let limit = |(limit_id, municipality, max): (_, _, i64)| ElectricityLimit {
        limit_id,
        municipality,
        max_amount: Exact::four(max.into()),
    };
    Ok(wire::ok(&LimitsAnswer {
        error: None,
        response_code: "SUCCESS",
        limits: LIMITS.into_iter().map(limit).collect(),
    }))
}

/// What is specific to the meter is known when the network has answered; which meter it is, before.
fn describe_in_full(world: &World, row: &Entry, now_ms: i64) -> ElectricityTransaction {
    let known = |value| (row.status == Status::Successful).then_some(value);
    let price = Decimal::new(25, 1);
    let bought = match row.product {
        FREE_BASIC => Decimal::from(FREE_UNITS_A_MONTH),
        _ => row.amount / price,
    };
    let units = (row.status == Status::Successful).then(|| digits(bought, 2));
    let revision = if changes_key(row) { "2" } else { "1" };
    let data = |(nth, description)| PinData {
        order: nth + 1,
        description,
        pin: digits_of(row, description),
    };
    let pin_data = pins(world, row).into_iter().enumerate().map(data).collect();
    ElectricityTransaction {
        transaction: describe(world, row, now_ms),
        meter_number: meter(&row.msisdn).to_owned(),
        units,
        supply_group_code: known("100407"),
        key_revision_number: known(revision),
        tariff_index: known("01"),
        token_technology: known("02"),
        algorithm_code: known("07"),
        pin_data,
    }
}

/// One PIN of a sale, if the sale has it.
pub(super) fn pin(world: &World, row: &Entry, description: &str) -> Option<String> {
    let has_it = pins(world, row).contains(&description);
    has_it.then(|| digits_of(row, description))
}

/// The PINs of a sale in their order of entry. There are none before it is one.
fn pins(world: &World, row: &Entry) -> Vec<&'static str> {
    let mut pins = Vec::new();
    if row.status != Status::Successful || !is_electricity(world, row) {
        return pins;
    }
    if changes_key(row) {
        pins.extend(KEY_CHANGE);
    }
    if row.product != FREE_BASIC {
        pins.push(PURCHASE);
    }
    if row.product == MUNICIPAL || row.product == FREE_BASIC {
        pins.push(FREE_UNITS);
    }
    pins
}

fn is_electricity(world: &World, row: &Entry) -> bool {
    let product = world.catalogue.product(row.product);
    product.is_some_and(|(_, product)| product.family == Family::Electricity)
}

fn changes_key(row: &Entry) -> bool {
    row.amount == Decimal::from(45)
}

/// The twenty digits that the buyer types into the meter, in groups of four.
fn digits_of(row: &Entry, description: &str) -> String {
    let sale = row.smartload_reference.to_string();
    let group = |nth: u64| {
        let hash = hash_of(&[&sale, description, &nth.to_string()]);
        format!("{:04}", hash % 10_000)
    };
    (0..5).map(group).collect::<Vec<_>>().join(" ")
}
