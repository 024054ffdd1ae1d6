//! Every operation beyond the single recharge, as a client meets it. In a debug build each answer is held against the
//! document as well: a test that ends without a panic has seen nothing but documented answers.

#![allow(clippy::unwrap_used)]

mod batch;
mod cancel;
mod cashup;
mod every;
mod faults;
mod monice;
mod nonsense;
mod orders;
mod payments;
mod prevend;
mod rica;
#[path = "../support/mod.rs"]
mod support;
mod transfers;
mod vouchers;

use serde_json::Value;
use support::Till;

pub(crate) const ACCOUNT: &str = "27810000001";

/// Sends a body, and gives back the status with the JSON of the answer.
pub(crate) async fn post(till: &Till, path: &str, body: &Value) -> (u16, Value) {
    let (status, text) = till.try_post(0, path, body).await.unwrap();
    (status, json(&text))
}

/// Asks, and gives back the status with the JSON of the answer.
pub(crate) async fn get(till: &Till, path: &str) -> (u16, Value) {
    let (status, text) = till.get(path).await;
    (status, json(&text))
}

/// The status and the code of a bare error, 0 if there is none.
pub(crate) fn code(answer: &(u16, Value)) -> (u16, i64) {
    (answer.0, answer.1["code"].as_i64().unwrap_or(0))
}

pub(crate) async fn balance(till: &Till) -> String {
    let (_, body) = get(till, &format!("/smartload/balance/{ACCOUNT}")).await;
    body["balance"].to_string()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}
