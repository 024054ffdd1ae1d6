//! Smartcall V3 as seen from outside: `/webservice` and what hangs below it.
//!
//! A request passes, from the outside in: the headers of every answer ([`wire::dress`]), the faults ([`crate::faulty`]),
//! in a debug build the check of the answer ([`contract::enforce`]), then the operation. The names of the parameters in the
//! paths are those of the document. An operation checks the content type, then the token, then the request: the order that
//! was recorded.
//! A path or a verb that is not listed here answers 404 without a body.

// An `Err` here is an answer like any other: it is built once and sent, so there is nothing to gain from boxing it.
#![allow(clippy::result_large_err)]

mod accounts;
mod batch;
mod call;
mod cancel;
mod cashup;
mod electricity;
mod enquiries;
mod faulty;
mod login;
mod monice;
mod orders;
mod payments;
mod prevend;
mod products;
mod recharges;
mod request;
mod rica;
mod segments;
mod selling;
mod transfers;
mod vouchers;
pub(crate) mod wire;

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderMap;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use recharge_spec::Api;

use crate::contract::{self, Contract};
use crate::faulty::{authorization, interfere};
use crate::rules;
use crate::world::World;

/// The router of one host.
pub(crate) fn router(world: &Arc<World>) -> Router {
    let operations = [accounts(), recharges(), vouchers(), rica(), payments()]
        .into_iter()
        .fold(Router::new(), Router::merge);
    let contract = Contract {
        api: Api::Smartcall,
        base: "/webservice",
        violations: world.violations.clone(),
    };
    let operations = operations
        .fallback(async || wire::not_found())
        .method_not_allowed_fallback(async || wire::not_found())
        .layer(from_fn_with_state(contract, contract::enforce))
        .layer(from_fn_with_state(
            world.clone(),
            interfere::<faulty::Smartcall>,
        ))
        .with_state(world.clone());
    // A router around the router: the inner one adds an `Allow` header after its own layers have run.
    Router::new()
        .fallback_service(operations)
        .layer(from_fn(wire::dress))
}

type Routes = Router<Arc<World>>;

fn accounts() -> Routes {
    Router::new()
        .route(
            "/webservice/auth",
            post(login::authenticate).delete(login::invalidate),
        )
        .route(
            "/webservice/auth/token",
            get(login::available).delete(login::flush),
        )
        .route("/webservice/test/ping", get(accounts::ping))
        .route(
            "/webservice/smartload/balance/{smartloadId}",
            get(accounts::balance),
        )
        .route(
            "/webservice/smartload/registered/{smartloadId}",
            get(accounts::registered),
        )
        .route(
            "/webservice/smartload/cashup/{smartloadId}",
            get(cashup::today),
        )
        .route("/webservice/smartload/cashup", post(cashup::period))
        .route("/webservice/utilities/health", get(accounts::health))
        .route("/webservice/utilities/ricahealth", get(accounts::health))
        .route(
            "/webservice/utilities/simnetwork/{msisdn}",
            get(accounts::sim_network),
        )
}

fn recharges() -> Routes {
    Router::new()
        .route(
            "/webservice/smartload/recharges",
            post(recharges::asynchronous),
        )
        .route(
            "/webservice/smartload/v2/recharges",
            post(recharges::synchronous),
        )
        .route("/webservice/smartload/recharges/batch", post(batch::batch))
        .route(
            "/webservice/smartload/recharges/cancel",
            post(cancel::cancel),
        )
        .route("/webservice/smartload/prevend", post(prevend::prevend))
        .route(
            "/webservice/smartload/recharges/{smartloadId}/{clientReference}",
            get(enquiries::by_client_reference),
        )
        .route(
            "/webservice/smartload/transactions/{smartloadId}/{smartloadReference}",
            get(enquiries::by_smartload_reference),
        )
        .route(
            "/webservice/electricity/transactions/{smartloadId}/{smartloadReference}",
            get(electricity::transaction),
        )
        .route("/webservice/electricity/limits", get(electricity::limits))
        .route(
            "/webservice/smartload/monice/query/{msisdn}",
            get(monice::query),
        )
        .route(
            "/webservice/smartload/monice/recharge",
            post(monice::recharge),
        )
}

fn vouchers() -> Routes {
    Router::new()
        .route(
            "/webservice/smartload/products/{productId}",
            get(products::product),
        )
        .route(
            "/webservice/smartload/networks/{networkId}",
            get(products::network),
        )
        .route("/webservice/smartload/networks", get(products::networks))
        .route(
            "/webservice/smartload/voucherstock/{productId}",
            get(vouchers::stock),
        )
        .route(
            "/webservice/smartload/batchvouchers",
            post(vouchers::purchase),
        )
        .route(
            "/webservice/smartload/batchvouchers/{smartloadId}/{smartloadReference}",
            get(vouchers::query),
        )
        .route("/webservice/smartload/batchorders", post(orders::order))
        .route(
            "/webservice/smartload/batchorders/{smartloadId}/{clientReference}",
            get(orders::download),
        )
        .route("/webservice/smartload/batchfile", post(orders::recreate))
}

fn rica() -> Routes {
    Router::new()
        .route("/webservice/smartrica/registrations", post(rica::register))
        .route(
            "/webservice/smartrica/status/{smartloadId}/{iccid}/{ricaReference}",
            get(rica::status),
        )
        .route(
            "/webservice/smartrica/agentquery/{smartloadId}/{msisdn}",
            get(rica::query_agent),
        )
        .route("/webservice/smartrica/agent", post(rica::register_agent))
        .route(
            "/webservice/smartrica/agent/regstatus/{agentRegistrationId}",
            get(rica::agent_status),
        )
}

fn payments() -> Routes {
    Router::new()
        .route(
            "/webservice/smartload/fundstransfer",
            post(transfers::transfer),
        )
        .route("/webservice/payments/easypay", post(payments::pay_easypay))
        .route(
            "/webservice/payments/easypay/{paymentIdentifierType}/{paymentIdentifierValue}",
            get(payments::query_easypay),
        )
        .route("/webservice/payments/dstv", post(payments::pay_dstv))
        .route(
            "/webservice/payments/dstv/{accountType}/{accountReference}",
            get(payments::query_dstv),
        )
}

impl World {
    /// Lets a good token pass.
    fn bearer(&self, headers: &HeaderMap) -> Result<(), Response> {
        let checked = self
            .tokens()
            .check_bearer(authorization(headers), self.now_ms());
        checked.map_err(wire::unauthorised)
    }

    /// The account a path or a body names, if it is the user's.
    fn account(&self, smartload_id: &str) -> Result<String, Response> {
        let account =
            rules::msisdn(smartload_id).filter(|account| self.ledger().has_account(account));
        account.ok_or_else(wire::foreign_account)
    }
}
