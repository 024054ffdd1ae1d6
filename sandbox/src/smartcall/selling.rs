//! What every sale has in common, whichever operation it comes from.
//!
//! An order is admitted under one lock of the ledger and ended under another; between them lies the time of processing. If
//! rows are written only at the end (`RowVisible::AtEnd`), a second submission that arrives in between is admitted too, and is
//! sold: that is the hazard this option exists for.

use rust_decimal::Decimal;
use serde::Serialize;

use crate::builder::RowVisible;
use crate::catalogue::{Family, Product};
use crate::ledger::{Ending, Ledger, Order, Unsold};
use crate::money::{Exact, after_discount, digits};
use crate::rules::{self, Api, FIVE_MINUTES_MS, Refusal, Seen};
use crate::view::{Entry, EntryKind, Status};
use crate::world::World;

const HOUR_MS: i64 = 3600 * 1000;

/// A row of the ledger after its sale, and the balance that it left.
#[derive(Debug, Clone)]
pub(super) struct Sold {
    pub(super) row: Entry,
    pub(super) balance: Decimal,
}

/// An order that was admitted, with its row if that is written already.
#[derive(Debug)]
pub(super) struct Admitted {
    order: Order,
    row: Option<usize>,
}

/// Sells one thing. `also` is asked last before the order is admitted, `end` when its processing has ended.
pub(super) async fn sell(
    world: &World,
    api: Api,
    order: Order,
    also: impl FnOnce(i64) -> Result<(), Refusal>,
    end: impl FnOnce(i64) -> Ending,
) -> Result<Sold, Refusal> {
    let admitted = admit(world, api, order, also)?;
    world.pause(world.settings.processing).await;
    finish(world, admitted, end)
}

/// Checks an order against the ledger, and writes its row, if rows are written at the start.
pub(super) fn admit(
    world: &World,
    api: Api,
    order: Order,
    also: impl FnOnce(i64) -> Result<(), Refusal>,
) -> Result<Admitted, Refusal> {
    let now_ms = world.now_ms();
    let mut ledger = world.settled();
    rules::admit(api, order.charged, seen(world, &ledger, &order, now_ms))?;
    also(now_ms)?;
    let row = (world.settings.row_visible == RowVisible::AtStart)
        .then(|| ledger.open(order.clone(), now_ms));
    Ok(Admitted { order, row })
}

/// Ends the processing and moves the money.
pub(super) fn finish(
    world: &World,
    admitted: Admitted,
    end: impl FnOnce(i64) -> Ending,
) -> Result<Sold, Refusal> {
    let now_ms = world.now_ms();
    let mut ledger = world.settled();
    let Admitted { order, row } = admitted;
    let row = row.unwrap_or_else(|| ledger.open(order, now_ms));
    let outcome = ledger.finish(row, end(now_ms), now_ms);
    // A delay of nothing is over before the answer is written.
    ledger.settle(now_ms);
    let row = ledger.entry(row).clone();
    let balance = ledger.balance(&row.account).unwrap_or_default();
    match outcome {
        Ok(()) => Ok(Sold { row, balance }),
        Err(Unsold::Insufficient) => Err(rules::insufficient(balance)),
        Err(Unsold::NoStock) => Err(rules::no_stock()),
    }
}

fn seen<'a>(world: &World, ledger: &'a Ledger, order: &Order, now_ms: i64) -> Seen<'a> {
    let settings = &world.settings;
    let shows =
        |row: &&Entry| !settings.lagging_deduplication || row.is_visible(order.host, now_ms);
    let is_checked = settings.deduplicate && !order.reference.is_empty();
    let original = ledger
        .by_reference(&order.account, &order.reference)
        .find(shows);
    let stock = ledger.stock(order.product);
    Seen {
        original: original.filter(|_| is_checked),
        alike: alike(world, ledger, order, now_ms),
        in_stock: stock.is_none_or(|stock| stock >= order.quantity),
        balance: ledger.balance(&order.account).unwrap_or_default(),
    }
}

/// The rules that look at what was sold, not at its reference.
fn alike(world: &World, ledger: &Ledger, order: &Order, now_ms: i64) -> Option<Refusal> {
    match order.kind {
        EntryKind::Recharge | EntryKind::BatchItem => {
            too_soon(world, ledger, order, now_ms).filter(|_| world.settings.five_minute_rule)
        }
        EntryKind::FundsTransfer => {
            let counts = |row: &Entry| row.kind == order.kind && row.account == order.account;
            let since = now_ms - HOUR_MS;
            let is_alike = ledger.like_since(&order.target, order.amount, since, counts);
            (is_alike && world.settings.one_hour_rule)
                .then(|| Refusal::new(11, "Possible duplicate transfer within the last hour"))
        }
        _ => None,
    }
}

fn too_soon(world: &World, ledger: &Ledger, order: &Order, now_ms: i64) -> Option<Refusal> {
    let is_recharge = |row: &Entry| matches!(row.kind, EntryKind::Recharge | EntryKind::BatchItem);
    let since = now_ms - FIVE_MINUTES_MS;
    if ledger.like_since(&order.target, order.amount, since, is_recharge) {
        return Some(rules::within_five_minutes());
    }
    let product = world.catalogue.product(order.product);
    let is_electricity = product.is_some_and(|(_, product)| product.family == Family::Electricity);
    let is_busy = |row: &Entry| {
        rules::meter(&row.msisdn) == rules::meter(&order.target)
            && matches!(row.status, Status::Processing | Status::Pending)
    };
    let is_busy = is_electricity && ledger.entries().iter().any(is_busy);
    is_busy.then(rules::meter_in_progress)
}

/// What is asked for besides the account, the reference and the place.
#[derive(Debug, Clone)]
pub(super) struct Item<'a> {
    pub(super) kind: EntryKind,
    pub(super) product: &'a Product,
    pub(super) target: String,
    pub(super) recipient: String,
    pub(super) quantity: u32,
    /// Of all of it, in rand.
    pub(super) amount: Decimal,
}

/// Where and by whom something is ordered.
#[derive(Debug, Clone)]
pub(super) struct Buyer {
    pub(super) account: String,
    pub(super) host: usize,
    pub(super) lag_ms: i64,
}

impl Buyer {
    pub(super) fn order(self, reference: String, item: Item<'_>) -> Order {
        Order {
            kind: item.kind,
            account: self.account,
            reference,
            target: item.target,
            recipient: item.recipient,
            product: item.product.id,
            quantity: item.quantity,
            product_name: item.product.name,
            discount: item.product.discount,
            amount: item.amount.normalize(),
            charged: after_discount(item.amount, item.product.discount),
            host: self.host,
            lag_ms: self.lag_ms,
        }
    }
}

/// The `recharge` member of many answers. Its balance has two decimals, unlike that of the balance enquiry.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Recharge {
    balance: Exact,
    order_reference_id: u64,
    pub(super) ticket_number: String,
    pub(super) box_number: String,
    pub(super) batch_number: String,
    pub(super) voucher_pin: String,
    pub(super) expiry_date: Option<i64>,
    retail_price: String,
    dealer_discount: String,
}

impl From<&Sold> for Recharge {
    fn from(sold: &Sold) -> Self {
        Self {
            balance: Exact::two(sold.balance),
            order_reference_id: sold.row.smartload_reference,
            ticket_number: String::new(),
            box_number: String::new(),
            batch_number: String::new(),
            voucher_pin: String::new(),
            expiry_date: None,
            retail_price: digits(sold.row.amount, 2),
            dealer_discount: sold.row.discount.normalize().to_string(),
        }
    }
}
