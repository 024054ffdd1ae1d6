//! What is for sale: chapters 9 and 10 b, c, d.
//!
//! The `Etag` is an unquoted signed number, a hash of the answer; a client sends it back in `If-None-Match` as it came and gets
//! 304 without a body as long as nothing changed.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use serde::Serialize;

use super::segments::Segments;
use super::wire;
use crate::catalogue::{Family, Network, Product, ProductType};
use crate::faults::hash_of;
use crate::money::Exact;
use crate::rules::Refusal;
use crate::world::World;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProductRow<'a> {
    id: i64,
    name: &'a str,
    description: &'a str,
    type_code: &'a str,
    min_amount: Exact,
    max_amount: Exact,
    discount_percentage: Exact,
    retail_value: Exact,
    pin_indicator: bool,
    sms_indicator: bool,
    recharge_indicator: bool,
    payment_indicator: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TypeRow<'a> {
    id: i64,
    code: &'a str,
    description: &'a str,
    fixed_amount: bool,
    products: Vec<ProductRow<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NetworkRow<'a> {
    id: i64,
    description: &'a str,
    product_types: Vec<TypeRow<'a>>,
}

#[derive(Serialize)]
struct Products<'a> {
    products: Vec<ProductRow<'a>>,
}

#[derive(Serialize)]
struct Networks<'a> {
    networks: Vec<NetworkRow<'a>>,
}

/// The two rows of a product, which differ in `smsIndicator`.
fn rows<'a>(kind: &'a ProductType, product: &'a Product) -> impl Iterator<Item = ProductRow<'a>> {
    [false, true].into_iter().map(|sms_indicator| ProductRow {
        id: product.id,
        name: product.name,
        description: product.name,
        type_code: kind.code,
        min_amount: Exact::four(product.min),
        max_amount: Exact::four(product.max),
        discount_percentage: Exact::four(product.discount),
        retail_value: Exact::four(product.retail_value()),
        pin_indicator: product.family == Family::Voucher,
        sms_indicator,
        recharge_indicator: product.family != Family::Payment,
        payment_indicator: product.family == Family::Payment,
    })
}

impl<'a> From<&'a Network> for NetworkRow<'a> {
    fn from(network: &'a Network) -> Self {
        let kind = |kind: &'a ProductType| TypeRow {
            id: kind.id,
            code: kind.code,
            description: kind.description,
            fixed_amount: kind.fixed,
            products: kind
                .products
                .iter()
                .flat_map(|product| rows(kind, product))
                .collect(),
        };
        let product_types = network.types.iter().map(kind).collect();
        Self {
            id: network.id,
            description: network.description,
            product_types,
        }
    }
}

/// `GET /smartload/products/{productId}`: a list, although one product was asked for.
pub(super) async fn product(
    State(world): State<Arc<World>>,
    Segments([product_id]): Segments<1>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    world.bearer(&headers)?;
    let id = product_id.parse().ok();
    let (kind, product) = id
        .and_then(|id| world.catalogue.product(id))
        .ok_or_else(|| refused(9, "Invalid Offering ID (product code)"))?;
    Ok(tagged(
        &headers,
        &Products {
            products: rows(kind, product).collect(),
        },
    ))
}

/// `GET /smartload/networks/{networkId}`: the bare network.
pub(super) async fn network(
    State(world): State<Arc<World>>,
    Segments([network_id]): Segments<1>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    world.bearer(&headers)?;
    let id = network_id.parse().ok();
    let network = id
        .and_then(|id| world.catalogue.network(id))
        .ok_or_else(|| refused(5, "Invalid recharge network"))?;
    Ok(tagged(&headers, &NetworkRow::from(network)))
}

/// `GET /smartload/networks`.
pub(super) async fn networks(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    world.bearer(&headers)?;
    let networks = world
        .catalogue
        .networks
        .iter()
        .map(NetworkRow::from)
        .collect();
    Ok(tagged(&headers, &Networks { networks }))
}

fn refused(code: i32, message: &str) -> Response {
    wire::bad_request(Refusal::new(code, message))
}

/// The answer with its tag, or 304 if the client has it already.
fn tagged(headers: &HeaderMap, body: &impl Serialize) -> Response {
    let text = serde_json::to_string(body).unwrap_or_default();
    let tag = (hash_of(&[&text]) as u32 as i32).to_string();
    let known = headers
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let mut response = if known.is_some_and(|known| known.trim().trim_matches('"') == tag) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        wire::ok(body)
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}
