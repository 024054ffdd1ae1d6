//! Recharges: chapters 10 f (asynchronous) and 10 g (synchronous).
//!
//! The request is admitted under one lock of the ledger and ended under another; between them lies the time of processing. If
//! rows are written only at the end (`RowVisible::AtEnd`), a second submission that arrives in between is admitted too, and is
//! sold: that is the hazard this option exists for.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::request::{self, Member, decimal, integer, text};
use super::wire::{self, ErrorBody};
use crate::builder::RowVisible;
use crate::catalogue::{Family, Product, airtime_for, is_variable_airtime};
use crate::faulty::Lag;
use crate::ledger::{Ledger, Order};
use crate::money::{Exact, digits};
use crate::rules::{self, Api, Asked, FIVE_MINUTES_MS, Priced, Refusal, Seen, Verdict};
use crate::server::Origin;
use crate::world::World;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    smartload_id: Member,
    client_reference: Member,
    sms_recipient_msisdn: Member,
    device_id: Member,
    product_id: Member,
    amount: Member,
    #[serde(alias = "AirtimeNetworkAutoCorrect")]
    airtime_network_auto_correct: Member,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Recharge {
    balance: Exact,
    order_reference_id: u64,
    ticket_number: &'static str,
    box_number: &'static str,
    batch_number: &'static str,
    voucher_pin: &'static str,
    expiry_date: Option<i64>,
    retail_price: String,
    dealer_discount: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AsynchronousAnswer {
    error: Option<ErrorBody>,
    response_code: &'static str,
    recharge: Option<Recharge>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SynchronousAnswer {
    error: Option<ErrorBody>,
    status_code: i32,
    status_message: Option<&'static str>,
    recharge: Option<Recharge>,
}

/// `POST /smartload/recharges`.
pub(super) async fn asynchronous(
    State(world): State<Arc<World>>,
    Extension(origin): Extension<Origin>,
    Extension(lag): Extension<Lag>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    recharge(Api::Asynchronous, &world, origin.host, lag, &headers, &body).await
}

/// `POST /smartload/v2/recharges`.
pub(super) async fn synchronous(
    State(world): State<Arc<World>>,
    Extension(origin): Extension<Origin>,
    Extension(lag): Extension<Lag>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    recharge(Api::Synchronous, &world, origin.host, lag, &headers, &body).await
}

async fn recharge(
    api: Api,
    world: &World,
    host: usize,
    lag: Lag,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Response> {
    wire::require_json(headers)?;
    world.bearer(headers)?;
    let body: Body = request::read(body).map_err(|refusal| refused(api, world, refusal))?;
    let account = world.account(&text(&body.smartload_id))?;
    let refuse = |refusal| refused(api, world, refusal);
    let Prepared {
        reference,
        product,
        priced,
    } = prepare(world, &body).map_err(refuse)?;
    let order = Order {
        account,
        reference,
        target: priced.target.clone(),
        recipient: priced.recipient.clone(),
        product: product.id,
        product_name: product.name,
        discount: product.discount,
        amount: priced.amount,
        charged: priced.charged,
        host,
        lag_ms: lag.0,
    };
    let row = admit(api, world, &order, &priced).map_err(refuse)?;
    world.pause(world.settings.processing).await;
    finish(api, world, product.family, order, row).map_err(refuse)
}

struct Prepared<'a> {
    reference: String,
    product: &'a Product,
    priced: Priced,
}

/// Reads and prices the request.
fn prepare<'a>(world: &'a World, body: &Body) -> Result<Prepared<'a>, Refusal> {
    let reference = text(&body.client_reference);
    let recipient = text(&body.sms_recipient_msisdn);
    let device = text(&body.device_id);
    let product = integer(&body.product_id).and_then(|id| world.catalogue.product(id));
    let mut product = product.map(|(_, product)| product);
    if text(&body.airtime_network_auto_correct) == "true" {
        let number = rules::msisdn(if device.is_empty() {
            &recipient
        } else {
            &device
        });
        product = product.map(|product| corrected(world, product, number.as_deref()));
    }
    let amount = decimal(&body.amount);
    let asked = Asked {
        reference: &reference,
        recipient: &recipient,
        device: &device,
        product,
        amount,
    };
    let priced = rules::price(&asked)?;
    let product = product.ok_or_else(|| Refusal::new(9, "Invalid Offering ID (product code)"))?;
    Ok(Prepared {
        reference,
        product,
        priced,
    })
}

/// Variable airtime of the wrong network becomes that of the number's own (chapter 10 g).
fn corrected<'a>(world: &'a World, product: &'a Product, number: Option<&str>) -> &'a Product {
    let right = number
        .filter(|_| is_variable_airtime(product))
        .map(|number| airtime_for(number).0);
    right
        .and_then(|id| world.catalogue.product(id))
        .map_or(product, |(_, product)| product)
}

/// Checks the order against the ledger. Returns its row, if rows are written at the start.
fn admit(
    api: Api,
    world: &World,
    order: &Order,
    priced: &Priced,
) -> Result<Option<usize>, Refusal> {
    let now_ms = world.now_ms();
    let settings = &world.settings;
    let mut ledger = world.settled();
    let shows =
        |row: &&crate::Entry| !settings.lagging_deduplication || row.is_visible(order.host, now_ms);
    let original = ledger
        .by_reference(&order.account, &order.reference)
        .find(shows);
    let seen = Seen {
        original: original.filter(|_| settings.deduplicate),
        alike: settings.five_minute_rule
            && ledger.like_since(&order.target, order.amount, now_ms - FIVE_MINUTES_MS),
        balance: ledger.balance(&order.account).unwrap_or_default(),
    };
    rules::admit(api, priced, &seen)?;
    Ok((settings.row_visible == RowVisible::AtStart).then(|| ledger.open(order.clone(), now_ms)))
}

/// Ends the processing, moves the money and words the answer.
fn finish(
    api: Api,
    world: &World,
    family: Family,
    order: Order,
    row: Option<usize>,
) -> Result<Response, Refusal> {
    let now_ms = world.now_ms();
    let (verdict, ending) = rules::simulate(
        api,
        family,
        order.amount,
        &order.reference,
        now_ms,
        &world.settings.delays,
    );
    let mut ledger = world.settled();
    let account = order.account.clone();
    let row = row.unwrap_or_else(|| ledger.open(order, now_ms));
    if ledger.finish(row, ending, now_ms).is_err() {
        return Err(rules::insufficient(
            ledger.balance(&account).unwrap_or_default(),
        ));
    }
    // A delay of nothing is over before the answer is written.
    ledger.settle(now_ms);
    let recharge = described(&ledger, row);
    drop(ledger);
    Ok(match api {
        Api::Asynchronous => wire::ok(&AsynchronousAnswer {
            error: None,
            response_code: "SUCCESS",
            recharge: Some(recharge),
        }),
        Api::Synchronous => synchronous_answer(world, verdict, recharge),
    })
}

fn synchronous_answer(world: &World, verdict: Verdict, recharge: Recharge) -> Response {
    match verdict {
        Verdict::Success => wire::ok(&SynchronousAnswer {
            error: None,
            status_code: 0,
            status_message: Some("Recharge completed successfully"),
            recharge: Some(recharge),
        }),
        Verdict::NetworkPending(error) => wire::ok(&SynchronousAnswer {
            error: Some(error.into()),
            status_code: 3,
            status_message: None,
            recharge: Some(recharge),
        }),
        Verdict::Failed {
            status_code,
            error,
            network_says,
        } => wire::json(
            world.settings.refusal_status,
            &SynchronousAnswer {
                error: Some(error.into()),
                status_code,
                status_message: Some(network_says),
                recharge: None,
            },
        ),
    }
}

/// The `recharge` member. Its balance has two decimals, unlike that of the balance enquiry.
fn described(ledger: &Ledger, row: usize) -> Recharge {
    let row = ledger.entry(row);
    Recharge {
        balance: Exact::two(ledger.balance(&row.account).unwrap_or_default()),
        order_reference_id: row.smartload_reference,
        ticket_number: "",
        box_number: "",
        batch_number: "",
        voucher_pin: "",
        expiry_date: None,
        retail_price: digits(row.amount, 2),
        dealer_discount: Decimal::normalize(&row.discount).to_string(),
    }
}

/// A refusal: bare from the asynchronous endpoint, wrapped from the synchronous one.
fn refused(api: Api, world: &World, refusal: Refusal) -> Response {
    match api {
        Api::Asynchronous => wire::bad_request(refusal),
        Api::Synchronous => {
            // The status of the five-minute rule is the one that is written down (chapter 17, question 11).
            let status = if refusal.code == 16 {
                StatusCode::BAD_REQUEST
            } else {
                world.settings.refusal_status
            };
            let error = Some(refusal.into());
            wire::json(
                status,
                &SynchronousAnswer {
                    error,
                    status_code: 2,
                    status_message: None,
                    recharge: None,
                },
            )
        }
    }
}
