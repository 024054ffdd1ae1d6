//! `POST /products/recharge/complete`: the second stage of a reserved recharge.
//!
//! A reservation is claimed under the same lock that looks at it, so that it is completed at most once, however many ask.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use super::book::{Book, Order};
use super::members::{Members, missing};
use super::recharges::{open_at_start, refuse, refuse_repeated, sell, unaffordable, words};
use super::rules;
use super::view::{HotKind, HotStatus};
use super::wire::{self, Problem};
use crate::faulty::Lag;
use crate::server::Origin;
use crate::world::World;

/// The operation.
pub(super) async fn complete(
    State(world): State<Arc<World>>,
    Extension(origin): Extension<Origin>,
    Extension(lag): Extension<Lag>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    world.hot.bearer(&headers, world.now_ms())?;
    let members = Members::of(&headers, &body)?;
    let reference = rules::reference(&members)?;
    let original = members.required("OriginalReference")?;
    let confirmed = members
        .boolean("Confirmed")?
        .ok_or_else(|| missing("Confirmed"))?;
    members.text("ConfirmationData")?;
    if reference == original {
        let message = "AgentReference is not a new reference";
        return Err(Problem::refused("AgentReference", message).into());
    }
    let order = Order {
        reference,
        original: Some(original),
        kind: if confirmed {
            HotKind::Complete
        } else {
            HotKind::Cancel
        },
        product: 0,
        target: String::new(),
        amount: 0.into(),
        charged: 0.into(),
        wallet: 0,
        wants: Default::default(),
        host: origin.host,
        lag_ms: lag.0,
    };
    let (order, row) = claim(&world, order)?;
    world.pause(world.settings.processing).await;
    let answer = finish(&world, order, row)?;
    Ok(wire::text(StatusCode::OK, answer))
}

/// Takes the reservation, and fills the order from it. Returns the row, if rows are written at the start.
fn claim(world: &World, mut order: Order) -> Result<(Order, Option<usize>), Problem> {
    let now_ms = world.now_ms();
    let mut book = world.hot.settled(now_ms);
    refuse_repeated(world, &book, &order)?;
    let reserved = match waiting(&book, order.original.as_deref().unwrap_or_default()) {
        Ok(reserved) => reserved,
        Err(problem) => return Err(refuse(&mut book, &order, problem, now_ms)),
    };
    let entry = book.entry(reserved);
    order.product = entry.product;
    order.target.clone_from(&entry.target);
    order.amount = entry.amount;
    order.charged = entry.charged;
    order.wallet = entry.wallet;
    order.wants = entry.wants.clone();
    let completes = order.kind == HotKind::Complete;
    if let Some(problem) = unaffordable(&book, &order).filter(|_| completes) {
        return Err(refuse(&mut book, &order, problem, now_ms));
    }
    let status = if completes {
        HotStatus::Completed
    } else {
        HotStatus::Cancelled
    };
    book.set_status(reserved, status, now_ms);
    let row = open_at_start(world, &mut book, &order, now_ms);
    Ok((order, row))
}

/// The oldest reservation of this reference that waits.
fn waiting(book: &Book, original: &str) -> Result<usize, Problem> {
    let is_reservation = |row: &&usize| book.entry(**row).kind == HotKind::Reserve;
    let rows: Vec<usize> = book
        .by_reference(original)
        .iter()
        .filter(is_reservation)
        .copied()
        .collect();
    let waits = |row: &&usize| book.entry(**row).status == HotStatus::Reserved;
    if let Some(row) = rows.iter().find(waits) {
        return Ok(*row);
    }
    let status = rows.last().map(|row| book.entry(*row).status);
    Err(match status {
        Some(HotStatus::Completed) => {
            Problem::refused("Reservation", "The reservation was completed before")
        }
        Some(HotStatus::Cancelled) => {
            Problem::refused("Reservation", "The reservation was cancelled before")
        }
        Some(HotStatus::Lapsed) => Problem::refused("Reservation", "The reservation has expired"),
        _ => Problem::unknown("Reservation", "No reservation has this OriginalReference"),
    })
}

/// Ends the processing and words the answer.
fn finish(world: &World, order: Order, row: Option<usize>) -> Result<String, Problem> {
    let now_ms = world.now_ms();
    let mut book = world.hot.settled(now_ms);
    let kind = order.kind;
    let product = world.hot.catalogue.product(order.product);
    let product = product.ok_or_else(|| rules::unsupported(order.product))?;
    let row = row.unwrap_or_else(|| book.open(order, now_ms));
    if kind == HotKind::Complete {
        return sell(world, &mut book, row, product, now_ms);
    }
    book.set_status(row, HotStatus::Successful, now_ms);
    let answer = words(
        &book,
        row,
        product,
        true,
        "Reservation cancelled",
        BTreeMap::new(),
    );
    book.answered_with(row, &answer);
    Ok(answer)
}
