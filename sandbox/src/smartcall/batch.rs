//! Batch recharge: chapter 10 h and Table 1. Up to 100 asynchronous recharges in one request, each with a reference and an
//! outcome of its own.
//!
//! The answer is SUCCESS if all were taken, PART_SUCCESS if some were, FAILURE if none was. More than 100 are
//! BATCH_LIMIT_EXCEEDED, and nothing is sold.
//!
//! undocumented:
//! * All of these come with HTTP 200. An empty batch is 1007.
//! * The outcomes are in the order of the requests; a refused one is APP_ERROR with its error.
//! * Every item names its account. One that is not the user's is an item that is refused with the code of the 403, unless it
//!   is that of every item: then the whole request is 403.
//! * The items are taken one after the other: the second of two with one reference is 1001, and of two alike 16.
//! * The processing time is that of one recharge.

use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::call::Post;
use super::prevend;
use super::recharges::{Body, Wanted, described};
use super::request::{self, Member, text};
use super::selling::{Admitted, Buyer, Recharge, admit, finish};
use super::wire::{self, ErrorBody};
use crate::catalogue::Family;
use crate::ledger::Ending;
use crate::rules::{Api, Refusal, invalid};
use crate::view::EntryKind;
use crate::world::World;

const LIMIT: usize = 100;
const API: Api = Api::Asynchronous;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Batch {
    recharge_requests: Member,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    error: Option<ErrorBody>,
    response_code: &'static str,
    recharge_responses: Vec<Outcome>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    client_reference: String,
    error: Option<ErrorBody>,
    response_code: &'static str,
    recharge: Option<Recharge>,
}

/// `POST /smartload/recharges/batch`.
pub(super) async fn batch(call: Post) -> Result<Response, Response> {
    let items = items(&call)?;
    if items.len() > LIMIT {
        let message = format!("The maximum number of recharges in a batch is {LIMIT}");
        return Ok(wire::ok(&Answer {
            error: Some(invalid(&message).into()),
            response_code: "BATCH_LIMIT_EXCEEDED",
            recharge_responses: Vec::new(),
        }));
    }
    let world = &call.world;
    let is_foreign = |item: &Body| world.account(&text(&item.smartload_id)).is_err();
    if items.iter().all(is_foreign) {
        return Err(wire::foreign_account());
    }
    let taken: Vec<_> = items.iter().map(|item| take(&call, item)).collect();
    world.pause(world.settings.processing).await;
    let recharge_responses: Vec<_> = taken
        .into_iter()
        .map(|(client_reference, taken)| outcome(world, client_reference, taken))
        .collect();
    Ok(wire::ok(&Answer {
        error: None,
        response_code: overall(&recharge_responses),
        recharge_responses,
    }))
}

/// The requests of the batch, of which there is at least one.
fn items(call: &Post) -> Result<Vec<Body>, Response> {
    let batch: Batch = call.read()?;
    let list = batch.recharge_requests.as_deref().map(RawValue::get);
    let list: Option<Vec<Box<RawValue>>> = list.and_then(|list| serde_json::from_str(list).ok());
    let list = list.filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| wire::bad_request(invalid("rechargeRequests is required")))?;
    let item = |raw: &RawValue| request::read(raw.get().as_bytes());
    // One that cannot be read is refused by itself: it names neither account nor reference.
    Ok(list
        .iter()
        .map(|raw| item(raw).unwrap_or_default())
        .collect())
}

type Taken<'a> = (Family, Admitted, Box<dyn FnOnce(i64) -> Ending + Send + 'a>);

fn take<'a>(call: &'a Post, body: &Body) -> (String, Result<Taken<'a>, Refusal>) {
    let world = &*call.world;
    let reference = text(&body.client_reference);
    let foreign = |_| Refusal::new(400, wire::FOREIGN_ACCOUNT);
    let buyer = call.buyer(&body.smartload_id).map_err(foreign);
    let taken = buyer.and_then(|buyer| admitted(world, buyer, body));
    (reference, taken)
}

fn admitted<'a>(world: &'a World, buyer: Buyer, body: &Body) -> Result<Taken<'a>, Refusal> {
    let wanted = Wanted::read(world, body)?;
    let (_, end) = wanted.simulated(API, world);
    let family = wanted.product.family;
    let order = wanted.order(buyer, EntryKind::BatchItem);
    let reference = (order.account.clone(), order.reference.clone());
    let prevended = |now_ms| prevend::is_good(world, family, &reference, now_ms);
    let admitted = admit(world, API, order, prevended)?;
    Ok((family, admitted, Box::new(end)))
}

fn outcome(world: &World, client_reference: String, taken: Result<Taken<'_>, Refusal>) -> Outcome {
    let sold = taken.and_then(|(family, admitted, end)| {
        finish(world, admitted, end).map(|sold| described(family, &sold))
    });
    let (response_code, error, recharge) = match sold {
        Ok(recharge) => ("SUCCESS", None, Some(recharge)),
        Err(refusal) => ("APP_ERROR", Some(refusal.into()), None),
    };
    Outcome {
        client_reference,
        error,
        response_code,
        recharge,
    }
}

fn overall(outcomes: &[Outcome]) -> &'static str {
    let failed = outcomes.iter().filter(|one| one.error.is_some()).count();
    match failed {
        0 => "SUCCESS",
        _ if failed == outcomes.len() => "FAILURE",
        _ => "PART_SUCCESS",
    }
}
