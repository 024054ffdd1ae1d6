//! `POST /products/recharge`: a recharge at once, or a reservation.
//!
//! The request is admitted under one lock of the book and ended under another; between them lies the time of processing, as with
//! Smartcall. Nothing is deduplicated unless that is switched on.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use serde::Serialize;

use super::book::{Book, Order};
use super::catalogue::{Family, Product};
use super::electricity;
use super::members::Members;
use super::rules::{self, Asked, Verdict};
use super::sms::{self, dollars, grouped};
use super::view::{HotKind, HotStatus};
use super::wire::{self, Balance, Problem, number};
use crate::builder::RowVisible;
use crate::clock::ms;
use crate::faulty::Lag;
use crate::money::Exact;
use crate::server::Origin;
use crate::world::World;

/// The answer to a recharge, a reservation, a completion or a cancellation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    successful: bool,
    recharge_id: u64,
    amount: Exact,
    discount: Exact,
    balance: Balance,
    message: &'a str,
    recharge_data: BTreeMap<String, String>,
}

/// The operation.
pub(super) async fn recharge(
    State(world): State<Arc<World>>,
    Extension(origin): Extension<Origin>,
    Extension(lag): Extension<Lag>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    world.hot.bearer(&headers, world.now_ms())?;
    let members = Members::of(&headers, &body)?;
    let reference = rules::reference(&members)?;
    let asked = rules::asked(&world.hot.catalogue, &members);
    let order = order(reference, asked.as_ref().ok(), origin.host, lag);
    let row = admit(&world, &order, asked.as_ref().err())?;
    world.pause(world.settings.processing).await;
    let answer = finish(&world, order, &asked?, row)?;
    Ok(wire::text(StatusCode::OK, answer))
}

fn order(reference: String, asked: Option<&Asked<'_>>, host: usize, lag: Lag) -> Order {
    let kind = match asked {
        Some(asked) if asked.reserve => HotKind::Reserve,
        _ => HotKind::Recharge,
    };
    Order {
        reference,
        original: None,
        kind,
        product: asked.map(|asked| asked.product.id).unwrap_or_default(),
        target: asked.map(|asked| asked.target.clone()).unwrap_or_default(),
        amount: asked.map(|asked| asked.amount).unwrap_or_default(),
        charged: asked.map(|asked| asked.charged).unwrap_or_default(),
        wallet: asked.map(|asked| asked.product.wallet).unwrap_or_default(),
        wants: asked.map(|asked| asked.wants.clone()).unwrap_or_default(),
        host,
        lag_ms: lag.0,
    }
}

/// Checks the order against the book. Returns its row, if rows are written at the start.
fn admit(
    world: &World,
    order: &Order,
    problem: Option<&Problem>,
) -> Result<Option<usize>, Problem> {
    let now_ms = world.now_ms();
    let mut book = world.hot.settled(now_ms);
    refuse_repeated(world, &book, order)?;
    let problem = problem.cloned().or_else(|| unaffordable(&book, order));
    if let Some(problem) = problem {
        return Err(refuse(&mut book, order, problem, now_ms));
    }
    Ok(open_at_start(world, &mut book, order, now_ms))
}

/// The row, if rows are written at the start.
pub(super) fn open_at_start(
    world: &World,
    book: &mut Book,
    order: &Order,
    now_ms: i64,
) -> Option<usize> {
    let at_start = world.settings.row_visible == RowVisible::AtStart;
    at_start.then(|| book.open(order.clone(), now_ms))
}

pub(super) fn refuse_repeated(world: &World, book: &Book, order: &Order) -> Result<(), Problem> {
    if world.hot.settings.deduplicate && !book.by_reference(&order.reference).is_empty() {
        return Err(Problem::Repeated);
    }
    Ok(())
}

pub(super) fn unaffordable(book: &Book, order: &Order) -> Option<Problem> {
    let balance = book.balance(order.wallet).unwrap_or_default();
    (balance < order.charged).then(insufficient)
}

fn insufficient() -> Problem {
    Problem::refused(
        "Balance",
        "Insufficient balance in the wallet of the product",
    )
}

/// Keeps a refusal for the transaction query.
pub(super) fn refuse(book: &mut Book, order: &Order, problem: Problem, now_ms: i64) -> Problem {
    let row = book.open(order.clone(), now_ms);
    book.set_status(row, HotStatus::Refused, now_ms);
    book.answered_with(row, &problem.body());
    problem
}

/// Ends the processing and words the answer.
fn finish(
    world: &World,
    order: Order,
    asked: &Asked<'_>,
    row: Option<usize>,
) -> Result<String, Problem> {
    let now_ms = world.now_ms();
    let mut book = world.hot.settled(now_ms);
    let row = row.unwrap_or_else(|| book.open(order, now_ms));
    if !asked.reserve {
        return sell(world, &mut book, row, asked.product, now_ms);
    }
    let due_ms = now_ms.saturating_add(ms(world.hot.settings.reservation_lifetime));
    book.reserved_until(row, due_ms, now_ms);
    if asked.announce {
        let text = format!(
            "A recharge of {} has been reserved for you.",
            dollars(asked.amount)
        );
        book.send(row, text);
    }
    let answer = words(
        &book,
        row,
        asked.product,
        true,
        "Recharge reserved",
        BTreeMap::new(),
    );
    book.answered_with(row, &answer);
    Ok(answer)
}

/// Moves the money of a recharge or of a completion, delivers it, and words the answer.
pub(super) fn sell(
    world: &World,
    book: &mut Book,
    row: usize,
    product: &Product,
    now_ms: i64,
) -> Result<String, Problem> {
    let verdict = rules::simulate(product.family, book.entry(row).amount);
    let paid = match verdict {
        Verdict::Failed(_) => Ok(()),
        Verdict::Sold | Verdict::Pending { .. } => book.debit(row),
    };
    if paid.is_err() {
        let problem = insufficient();
        book.set_status(row, HotStatus::Refused, now_ms);
        book.answered_with(row, &problem.body());
        return Err(problem);
    }
    let failed = |book: &Book, message| words(book, row, product, false, message, BTreeMap::new());
    let answer = match verdict {
        Verdict::Failed(message) => {
            book.set_status(row, HotStatus::Failed, now_ms);
            failed(book, message)
        }
        Verdict::Sold => {
            let (answer, message) = delivery(world, book, row, product);
            book.deliver(row, message, now_ms);
            answer
        }
        Verdict::Pending { succeeds } => {
            book.set_status(row, HotStatus::Pending, now_ms);
            let (later, delivered) = if succeeds {
                let (answer, message) = delivery(world, book, row, product);
                (answer, Some(message))
            } else {
                (failed(book, "The purchase has failed"), None)
            };
            let due_ms = now_ms.saturating_add(ms(world.hot.settings.pending));
            book.pending_until(row, due_ms, later, delivered);
            failed(book, "Transaction is being processed")
        }
    };
    book.answered_with(row, &answer);
    Ok(answer)
}

/// The answer of a delivery that is about to be made, and the custom message, if there is one.
fn delivery(world: &World, book: &Book, row: usize, product: &Product) -> (String, Option<String>) {
    let entry = book.entry(row);
    let had = book.of_customer(&entry.target);
    let has = had + entry.amount;
    let (message, data) = match product.family {
        Family::Airtime => (
            format!(
                "Recharge to {} of {} was successful. The initial balance was {} final balance is {}",
                entry.target,
                grouped(entry.amount),
                grouped(had),
                grouped(has)
            ),
            BTreeMap::from([
                ("InitialBalance".to_owned(), had.to_string()),
                ("FinalBalance".to_owned(), has.to_string()),
            ]),
        ),
        Family::Bundle => ("OK".to_owned(), BTreeMap::new()),
        Family::Zesa => (
            "Transaction processed successfully".to_owned(),
            electricity::data(entry, world.hot.settings.several_tokens),
        ),
    };
    let mut tags = vec![
        ("%AMOUNT%", dollars(entry.amount)),
        ("%INITIALBALANCE%", dollars(had)),
        ("%BALANCE%", dollars(has)),
        ("%COMPANYNAME%", sms::COMPANY.to_owned()),
        ("%ACCESSNAME%", sms::ACCESS.to_owned()),
    ];
    if product.family == Family::Zesa {
        let name = electricity::account_name(&entry.target).unwrap_or_default();
        let name = name.replace('\n', ", ");
        let values = [
            entry.target.clone(),
            electricity::units(entry),
            name.clone(),
            name,
        ];
        tags.extend(sms::ZESA_TAGS.into_iter().zip(values));
    }
    let custom = entry.wants.sms.as_deref().filter(|text| !text.is_empty());
    let text = custom.map(|template| sms::fill(template, &tags));
    (words(book, row, product, true, &message, data), text)
}

/// The text of an answer.
pub(super) fn words(
    book: &Book,
    row: usize,
    product: &Product,
    successful: bool,
    message: &str,
    data: BTreeMap<String, String>,
) -> String {
    let entry = book.entry(row);
    let answer = Answer {
        successful,
        recharge_id: entry.recharge_id,
        amount: number(entry.amount),
        discount: number(product.discount),
        balance: Balance::new(entry.wallet, book.balance(entry.wallet).unwrap_or_default()),
        message,
        recharge_data: data,
    };
    serde_json::to_string(&answer).unwrap_or_default()
}
