//! HOT Recharge v3 as seen from outside: `/api/v3` and what hangs below it.
//!
//! A request passes the faults ([`crate::faulty`]), in a debug build the check of the answer ([`contract::enforce`]), then the
//! operation. An operation checks the token, then the request. The names of the parameters in the paths are those of the document.
//! State is HOT's own: wallets, rows, tokens ([`Hot`]); clock, faults, hosts and the time of processing are shared with Smartcall.
//!
//! HOT promises no deduplication, and here there is none: the same `agentReference` sent twice is sold twice, unless
//! [`crate::Builder::hot_deduplicate`] is on.
//!
//! # Undocumented
//!
//! The vendor's pages leave these open; the sandbox had to choose.
//!
//! * undocumented: statuses. Refusals of the business and of a login are 400; what is not found (a reference, an account type,
//!   a customer, a reservation) is 404 with a list of problems; a dead token is 401 with an empty body. A body that is not
//!   announced as JSON, or is none, is 400 with a map of messages, as is a path segment that is no number or no text. A path
//!   that is no operation's is 404 without a body, a verb that an operation does not have 405.
//! * undocumented: which refusal has which shape. What can be told from the request and the catalogue (a missing member, a value of
//!   the wrong type, an unsupported product, an amount outside the limits, a missing option, a target of the wrong form) is a map of
//!   messages. A product code that is unknown, a bundle with the wrong amount, a number of another network, an empty wallet
//!   and all about reservations are a list of problems.
//! * undocumented: everything that is refused and has a legible `agentReference` leaves a row, and the transaction query shows
//!   that refusal. A completion under the reference of its own reservation is refused and leaves none.
//! * undocumented: an `agentReference` of more than 50 characters is refused. Any characters will do.
//! * undocumented: `rawData` is empty while a request is being processed. If a reference was used twice, the query shows the
//!   later row. It shows a row for 30 days, and the request's own answer to the letter; electricity that was pending has an
//!   answer of its own from the moment it is final. It is always `agentReference` that names the reference.
//! * undocumented: there is one host, so a row that lags is shown by none until its time.
//! * undocumented: a reservation costs nothing and is charged when it is completed, though the wallet must be able to pay at both
//!   times. Its answer has an empty `rechargeData`. A reservation is spent by the first completion that is taken, even if that
//!   ends with `successful: false` or is still being processed; by a cancellation; and by its lifetime. Completing or
//!   cancelling it after that is refused. If one reference was reserved twice, the oldest that waits is meant. A completion
//!   that hides a failed sale behind `successful: true` does not happen here.
//! * undocumented: `MakeReservation` and `SendReservationSMSToCustomer` hold whatever their value, "false" included.
//!   `SendReservationSMSToCustomer` alone does nothing.
//! * undocumented: `ParameterType` is not looked at. A bundle's options may come in any order, unknown ones are ignored, a
//!   `ProductCode` for airtime too.
//! * undocumented: refreshing early and refreshing with another than the last pair of tokens have texts of their own. Older
//!   tokens stay good until they expire. `exp` is rounded up to the second. No number of tokens is too many.
//! * undocumented: the names of the wallets 2 and 4, but for `Utility USD`; the wallets are listed by number.
//! * undocumented: stock and customers of products whose metadata does not say so are refused like the stock of the vendor's
//!   page. The customer of 102 has a `Balance`. Meters have eleven digits; those that begin with 99 belong to nobody, and are
//!   recharged all the same.
//! * undocumented: `Cost` has four decimals, and the wallet pays just that. `NetAmount` and `Levy` are those of a levy of 6 %, in
//!   the wallet's currency; a unit costs 0.20 USD or 5 ZiG.
//! * undocumented: several tokens are `Token`, `Token2` and `Token3`, in the order of entry
//!   ([`crate::Builder::hot_several_tokens`]). Pending electricity is debited at once, and refunded if it fails.
//! * undocumented: a custom message is sent when something was delivered, to the target or to the NotifyNumber; its length is
//!   not limited. Money in it begins with a dollar sign in any currency. A tag that is unknown stays as it is. The tags of electricity
//!   are listed in the metadata under `CustomSMSTags`. Without a custom message none is kept here, but for that of a reservation.

// An `Err` here is an answer like any other: it is built once and sent, so there is nothing to gain from boxing it.
#![allow(clippy::result_large_err)]

mod book;
mod catalogue;
mod electricity;
mod faulty;
mod identity;
mod members;
mod queries;
mod recharges;
mod reservations;
mod rules;
pub(crate) mod settings;
mod sms;
pub(crate) mod view;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use recharge_spec::Api;

use crate::contract::{self, Contract};
use crate::faulty::{authorization, interfere};
use crate::world::{World, lock};
use book::Book;
use catalogue::Catalogue;
use identity::Identity;
use settings::Settings;
use view::HotView;

/// Where HOT is on each host.
pub(crate) const BASE_PATH: &str = "/api/v3";

/// HOT's own state.
pub(crate) struct Hot {
    pub(crate) settings: Settings,
    catalogue: Catalogue,
    identity: Mutex<Identity>,
    book: Mutex<Book>,
}

impl Hot {
    pub(crate) fn new(settings: Settings) -> Self {
        let identity = Identity::new(
            settings.access_code.clone(),
            settings.password.clone(),
            settings.token_lifetime,
        );
        Self {
            catalogue: Catalogue::small(),
            identity: Mutex::new(identity),
            book: Mutex::new(Book::new(&settings.wallets)),
            settings,
        }
    }

    pub(crate) fn identity(&self) -> MutexGuard<'_, Identity> {
        lock(&self.identity)
    }

    /// The book as it was left, for those who only write into it.
    fn book(&self) -> MutexGuard<'_, Book> {
        lock(&self.book)
    }

    /// The book, with everything final that has become final by now.
    fn settled(&self, now_ms: i64) -> MutexGuard<'_, Book> {
        let mut book = self.book();
        book.settle(now_ms);
        book
    }

    pub(crate) fn view(&self, now_ms: i64) -> HotView {
        let (logins, refreshes) = {
            let identity = self.identity();
            (identity.logins, identity.refreshes)
        };
        self.settled(now_ms).view(logins, refreshes)
    }

    /// Lets a good token pass.
    fn bearer(&self, headers: &HeaderMap, now_ms: i64) -> Result<(), Response> {
        if self.identity().is_good(authorization(headers), now_ms) {
            Ok(())
        } else {
            Err(wire::unauthorised())
        }
    }
}

/// The router of one host.
pub(crate) fn router(world: &Arc<World>) -> Router {
    let contract = Contract {
        api: Api::Hot,
        base: BASE_PATH,
        violations: world.violations.clone(),
    };
    let operations = Router::new()
        .route("/identity/login", post(identity::login))
        .route("/identity/refresh", post(identity::refresh))
        .route("/account/balance/", get(queries::balances))
        .route("/account/balance/{AccountTypeId}", get(queries::balance))
        .route("/products/", get(queries::products))
        .route("/products/{ProductId}", get(queries::product))
        .route("/products/recharge", post(recharges::recharge))
        .route("/products/recharge/complete", post(reservations::complete))
        .route("/query/stock/{ProductId}", get(queries::stock))
        .route(
            "/query/customer/{ProductId}/{AccountNumber}",
            get(queries::customer),
        )
        .route(
            "/query/transaction/{AgentReference}",
            get(queries::transaction),
        )
        .fallback(async || wire::status_only(StatusCode::NOT_FOUND))
        .method_not_allowed_fallback(async || wire::status_only(StatusCode::METHOD_NOT_ALLOWED))
        .layer(from_fn_with_state(contract, contract::enforce))
        .layer(from_fn_with_state(
            world.clone(),
            interfere::<faulty::HotRecharge>,
        ))
        .with_state(world.clone());
    Router::new().nest(BASE_PATH, operations)
}
