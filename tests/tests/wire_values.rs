//! Values on the wire: what is sent is what was meant, and what came is kept.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "wire_values/members.rs"]
mod members;
#[path = "wire_values/money.rs"]
mod money;
#[path = "wire_values/paths.rs"]
mod paths;
#[path = "wire_values/requests.rs"]
mod requests;
#[path = "wire_values/secrets.rs"]
mod secrets;
#[path = "wire_values/server.rs"]
mod server;
#[path = "wire_values/table.rs"]
mod table;

use std::sync::{Arc, Mutex};

use progenitor_client::Error;
use recharge_bindings::smartcall::types;
use recharge_bindings::{
    Answer, Direct, Extra, Field, Json, Operation, Prepared, Wire, hot, smartcall,
};
use recharge_tests::digits::canonical;
use rust_decimal::Decimal;
use serde_json::value::RawValue;
use server::{Server, http_client};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn read<T: serde::de::DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}

fn write<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}
