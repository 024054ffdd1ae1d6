//! Everything that only reads: wallets, catalogue, stock, customers, past transactions.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::catalogue::{Family, Product, StockRow};
use super::electricity;
use super::rules::{is_meter, local, unsupported};
use super::wire::{self, Balance, Problem};
use crate::world::World;

const MONTH_MS: i64 = 30 * 24 * 3600 * 1000;

#[derive(Serialize)]
struct Stock {
    stock: Vec<StockRow>,
}

/// `GET /account/balance/`.
pub(super) async fn balances(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let now_ms = world.now_ms();
    world.hot.bearer(&headers, now_ms)?;
    let book = world.hot.settled(now_ms);
    let balances: Vec<Balance> = book
        .balances()
        .map(|(wallet, balance)| Balance::new(wallet, balance))
        .collect();
    Ok(wire::ok(&balances))
}

/// `GET /account/balance/{AccountTypeId}`.
pub(super) async fn balance(
    State(world): State<Arc<World>>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let now_ms = world.now_ms();
    world.hot.bearer(&headers, now_ms)?;
    let wallet = integer("AccountTypeId", &within(path)?)?;
    let balance = world.hot.settled(now_ms).balance(wallet);
    let unknown = || Problem::unknown("AccountTypeId", format!("No account is of type {wallet}"));
    let balance = balance.ok_or_else(unknown)?;
    Ok(wire::ok(&[Balance::new(wallet, balance)]))
}

/// `GET /products/`.
pub(super) async fn products(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    world.hot.bearer(&headers, world.now_ms())?;
    Ok(listed(world.hot.catalogue.products()))
}

/// `GET /products/{ProductId}`.
pub(super) async fn product(
    State(world): State<Arc<World>>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    world.hot.bearer(&headers, world.now_ms())?;
    let product = find(&world, &within(path)?)?;
    Ok(listed([product]))
}

fn listed<'a>(products: impl IntoIterator<Item = &'a Product>) -> Response {
    let products: Vec<_> = products.into_iter().map(Product::describe).collect();
    wire::ok(&json!({ "products": products }))
}

/// `GET /query/stock/{ProductId}`.
pub(super) async fn stock(
    State(world): State<Arc<World>>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    world.hot.bearer(&headers, world.now_ms())?;
    let product = find(&world, &within(path)?)?;
    if product.stock.is_empty() {
        return Err(no_such_query("Stock", product.id).into());
    }
    let stock = product.describe_stock(world.hot.settings.stock_price);
    Ok(wire::ok(&Stock { stock }))
}

/// `GET /query/customer/{ProductId}/{AccountNumber}`.
pub(super) async fn customer(
    State(world): State<Arc<World>>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let now_ms = world.now_ms();
    world.hot.bearer(&headers, now_ms)?;
    let (id, account) = within(path)?;
    let product = find(&world, &id)?;
    if !product.account_query {
        return Err(no_such_query("Customer", product.id).into());
    }
    let unknown = || Problem::unknown("Customer", "Account number was not found");
    let details = match product.family {
        Family::Zesa => {
            let name = electricity::account_name(&account).filter(|_| is_meter(&account));
            json!({ "AccountName": name.ok_or_else(unknown)? })
        }
        Family::Airtime | Family::Bundle => {
            local(&account).ok_or_else(unknown)?;
            let balance = world.hot.settled(now_ms).of_customer(&account);
            json!({ "Balance": balance.to_string() })
        }
    };
    Ok(wire::ok(
        &json!({ "accountNumber": account, "details": details }),
    ))
}

/// `GET /query/transaction/{AgentReference}`.
pub(super) async fn transaction(
    State(world): State<Arc<World>>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let now_ms = world.now_ms();
    world.hot.bearer(&headers, now_ms)?;
    let reference = within(path)?;
    let book = world.hot.settled(now_ms);
    let shows = |row: &&usize| {
        let entry = book.entry(**row);
        now_ms >= entry.shown_from_ms && now_ms - entry.recorded_at_ms <= MONTH_MS
    };
    let row = book.by_reference(&reference).iter().rev().find(shows);
    let row = row
        .ok_or_else(|| Problem::unknown("Transaction", "No transaction has this AgentReference"))?;
    let raw_data = book.entry(*row).answer.as_deref().unwrap_or_default();
    Ok(wire::ok(
        &json!({ "agentReference": reference, "rawData": raw_data }),
    ))
}

/// What the path holds, if it is text.
fn within<T: DeserializeOwned + Send>(path: Result<Path<T>, PathRejection>) -> Result<T, Problem> {
    let unreadable = |_| Problem::invalid("$", "The path could not be read.");
    path.map(|Path(within)| within).map_err(unreadable)
}

fn integer(name: &str, text: &str) -> Result<i32, Problem> {
    let wrong = |_| Problem::invalid(name, format!("The value '{text}' is not valid."));
    text.parse().map_err(wrong)
}

fn find<'a>(world: &'a World, id: &str) -> Result<&'a Product, Problem> {
    let id = integer("ProductId", id)?;
    world
        .hot
        .catalogue
        .product(id)
        .ok_or_else(|| unsupported(id))
}

/// The text is that of the vendor's page.
fn no_such_query(what: &str, id: i32) -> Problem {
    let message = format!(
        "Unsupported Brand Exception - \"ProductId\" ProductId is not supported for {what} Query. {id}"
    );
    Problem::invalid("ProductId", message)
}
