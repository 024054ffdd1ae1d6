//! Balance, registration, ping and the utilities: chapters 10 a, 10 e and 13.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;

use super::segments::Segments;
use super::wire::{self, ErrorBody};
use crate::catalogue::airtime_for;
use crate::clock::south_african_time;
use crate::money::Exact;
use crate::rules::{self, Refusal};
use crate::view::{Entry, EntryKind};
use crate::world::World;

#[derive(Serialize)]
struct Pong {
    response: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Balance {
    error: Option<ErrorBody>,
    response_code: &'static str,
    balance: Exact,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Registered {
    error: Option<ErrorBody>,
    response_code: &'static str,
    registered: bool,
}

#[derive(Serialize)]
struct Health {
    vodacom: &'static str,
    mtn: &'static str,
    cellc: &'static str,
    telkom: &'static str,
    virgin: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SimNetwork {
    msisdn: String,
    query_date: String,
    ported: bool,
    network: &'static str,
    error: Option<ErrorBody>,
}

/// `GET /test/ping`, the one operation without authorization.
pub(super) async fn ping() -> Response {
    wire::ok(&Pong { response: "Pong" })
}

/// `GET /smartload/balance/{smartloadId}`.
pub(super) async fn balance(
    State(world): State<Arc<World>>,
    Segments([smartload_id]): Segments<1>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    world.bearer(&headers)?;
    let account = world.account(&smartload_id)?;
    let balance = world.settled().balance(&account).unwrap_or_default();
    Ok(wire::ok(&Balance {
        error: None,
        response_code: "SUCCESS",
        balance: Exact::four(balance),
    }))
}

/// `GET /smartload/registered/{smartloadId}`: any number may be asked about.
pub(super) async fn registered(
    State(world): State<Arc<World>>,
    Segments([smartload_id]): Segments<1>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    world.bearer(&headers)?;
    let registered = rules::msisdn(&smartload_id).is_some_and(|id| is_dealer(&world, &id));
    Ok(wire::ok(&Registered {
        error: None,
        response_code: "SUCCESS",
        registered,
    }))
}

/// A transfer makes a dealer of whoever gets it.
fn is_dealer(world: &World, id: &str) -> bool {
    let ledger = world.ledger();
    let is_paid = |row: &Entry| row.kind == EntryKind::FundsTransfer && row.msisdn == id;
    ledger.has_account(id)
        || world.settings.dealers.iter().any(|dealer| dealer == id)
        || ledger.entries().iter().any(is_paid)
}

/// `GET /utilities/health` and `GET /utilities/ricahealth`.
pub(super) async fn health(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    world.bearer(&headers)?;
    Ok(wire::ok(&Health {
        vodacom: "UP",
        mtn: "UP",
        cellc: "UP",
        telkom: "UP",
        virgin: "UP",
    }))
}

/// `GET /utilities/simnetwork/{msisdn}`: the network of the prefix; nobody has ported.
pub(super) async fn sim_network(
    State(world): State<Arc<World>>,
    Segments([msisdn]): Segments<1>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    world.bearer(&headers)?;
    let msisdn = rules::msisdn(&msisdn)
        .ok_or_else(|| wire::bad_request(Refusal::new(6, "Invalid recharge Cell No provided")))?;
    let (_, network) = airtime_for(&msisdn);
    let query_date = south_african_time(world.now_ms());
    Ok(wire::ok(&SimNetwork {
        msisdn,
        query_date,
        ported: false,
        network,
        error: None,
    }))
}
