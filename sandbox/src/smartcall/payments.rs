//! Payments to EasyPay and DSTV, and the queries for their accounts: chapter 12.
//!
//! An EasyPay account is an `epNo`, which begins with a 9 behind any number of `>`, or a `noticeNo`, the number of a traffic
//! fine as it is printed. A DSTV account is of SUBS or TVOD, and its reference is the number of the account or of its holder's
//! identity.
//!
//! undocumented, since nothing is documented but the paths:
//! * Everybody has an account: what is due and the holder's name depend on its number. A payment need not be of what is due.
//! * The product must be one of the provider's in the list: else 9. 1007 for a type, a number or an amount that is none
//!   (R1 to R5000, to the cent), 6 for a `paymentCellNumber` that is no number, 1001 and 15 as everywhere.
//! * A payment is done at once and costs what is paid. No rule but the reference keeps it from being done twice.
//! * The enquiry by a client's reference does not know payments: it is one for recharges.

use axum::response::Response;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::call::{Get, Post};
use super::request::{Member, decimal, integer, text};
use super::selling::{Item, sell};
use super::wire::{self, ErrorBody};
use crate::catalogue::{Family, Product};
use crate::faults::hash_of;
use crate::ledger::Ending;
use crate::money::Exact;
use crate::rules::{self, Api, Refusal, invalid};
use crate::view::EntryKind;
use crate::world::World;

/// Who is paid, and how its accounts are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Provider {
    Easypay,
    Dstv,
}

impl Provider {
    /// Its network in the list of products.
    const fn network(self) -> &'static str {
        match self {
            Self::Easypay => "EasyPay",
            Self::Dstv => "DSTV",
        }
    }

    /// Whether there can be such an account.
    fn check(self, kind: &str, account: &str) -> Result<(), Refusal> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let is_good = match (self, kind) {
            (Self::Easypay, "epNo") => {
                let digits = account.trim_start_matches('>');
                is_number(digits) && digits.starts_with('9')
            }
            (Self::Easypay, "noticeNo") => !account.trim().is_empty(),
            (Self::Dstv, "SUBS" | "TVOD") => is_number(account),
            _ => return Err(invalid("unknown account type")),
        };
        let is_short = account.chars().count() <= 64;
        (is_good && is_short)
            .then_some(())
            .ok_or_else(|| invalid("account reference"))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    smartload_id: Member,
    client_reference: Member,
    product_id: Member,
    account_type: Member,
    account_reference: Member,
    payment_amount: Member,
    payment_cell_number: Member,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Paid {
    error: Option<ErrorBody>,
    response_code: &'static str,
    order_reference_id: u64,
    balance: Exact,
    status_message: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    error: Option<ErrorBody>,
    response_code: &'static str,
    account_type: String,
    account_reference: String,
    account_name: String,
    amount_due: Exact,
}

/// `POST /payments/easypay`.
pub(super) async fn pay_easypay(call: Post) -> Result<Response, Response> {
    pay(Provider::Easypay, &call).await
}

/// `POST /payments/dstv`.
pub(super) async fn pay_dstv(call: Post) -> Result<Response, Response> {
    pay(Provider::Dstv, &call).await
}

/// `GET /payments/easypay/{paymentIdentifierType}/{paymentIdentifierValue}`.
pub(super) async fn query_easypay(call: Get<2>) -> Result<Response, Response> {
    query(Provider::Easypay, call)
}

/// `GET /payments/dstv/{accountType}/{accountReference}`.
pub(super) async fn query_dstv(call: Get<2>) -> Result<Response, Response> {
    query(Provider::Dstv, call)
}

async fn pay(provider: Provider, call: &Post) -> Result<Response, Response> {
    let body: Body = call.read()?;
    let buyer = call.buyer(&body.smartload_id)?;
    let (reference, item) = wanted(provider, &call.world, &body).map_err(wire::bad_request)?;
    let order = buyer.order(reference, item);
    let done = |_| Ending::Successful;
    let sold = sell(&call.world, Api::Asynchronous, order, |_| Ok(()), done).await;
    let sold = sold.map_err(wire::bad_request)?;
    Ok(wire::ok(&Paid {
        error: None,
        response_code: "SUCCESS",
        order_reference_id: sold.row.smartload_reference,
        balance: Exact::four(sold.balance),
        status_message: "Payment completed successfully",
    }))
}

fn wanted<'a>(
    provider: Provider,
    world: &'a World,
    body: &Body,
) -> Result<(String, Item<'a>), Refusal> {
    let reference = text(&body.client_reference);
    if reference.is_empty() {
        return Err(invalid("clientReference is required"));
    }
    let product = product_of(provider, world, integer(&body.product_id))?;
    let account = text(&body.account_reference);
    provider.check(&text(&body.account_type), &account)?;
    let payer = rules::msisdn(&text(&body.payment_cell_number));
    let payer = payer.ok_or_else(rules::invalid_number)?;
    let amount = decimal(&body.payment_amount).map(|amount| amount.normalize());
    let bounds = product.min..=product.max;
    let amount = amount.filter(|amount| bounds.contains(amount) && amount.scale() <= 2);
    let item = Item {
        kind: EntryKind::Payment,
        product,
        target: account,
        recipient: payer,
        quantity: 1,
        amount: amount.ok_or_else(|| invalid("amount"))?,
    };
    Ok((reference, item))
}

fn product_of(provider: Provider, world: &World, id: Option<i64>) -> Result<&Product, Refusal> {
    let id = id.ok_or_else(rules::unknown_product)?;
    let network = world.catalogue.network_of(id);
    let is_sold = network.is_some_and(|network| network.description == provider.network());
    let product = world.catalogue.product(id).map(|(_, product)| product);
    let product = product.filter(|product| is_sold && product.family == Family::Payment);
    product.ok_or_else(rules::unknown_product)
}

fn query(provider: Provider, call: Get<2>) -> Result<Response, Response> {
    let [account_type, account_reference] = call.path;
    provider
        .check(&account_type, &account_reference)
        .map_err(wire::bad_request)?;
    let hash = hash_of(&[provider.network(), &account_reference]);
    let cents = i64::try_from(5_000 + hash % 100_000).unwrap_or_default();
    Ok(wire::ok(&Account {
        error: None,
        response_code: "SUCCESS",
        account_type,
        account_reference,
        account_name: format!("Account holder {:04}", hash % 10_000),
        amount_due: Exact::four(Decimal::new(cents, 2)),
    }))
}
