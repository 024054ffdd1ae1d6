//! The whole document at once.

use std::collections::BTreeSet;

use recharge_spec::{Api, openapi};
use reqwest::Method;
use serde_json::{Value, json};

use crate::get;
use crate::support::Till;

/// The method and the path of each operation.
pub(crate) fn operations() -> Vec<(Method, String)> {
    let document = openapi(Api::Smartcall).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            if operation["operationId"].is_string() {
                let method = verb.to_ascii_uppercase().parse().unwrap();
                operations.push((method, path.clone()));
            }
        }
    }
    operations
}

/// The path with something in the place of each parameter.
pub(crate) fn filled(path: &str, value: &str) -> String {
    let part = |part: &str| match part.starts_with('{') {
        true => value.to_owned(),
        false => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_operation_of_the_document_is_answered() {
    let mut till = Till::open().await;
    let operations = operations();
    assert_eq!(operations.len(), 42);
    for (method, path) in operations {
        till.log_in().await;
        let request = till
            .http
            .request(method.clone(), till.url(0, &filled(&path, "27810000001")));
        let request = request
            .bearer_auth(&till.token)
            .header("Content-Type", "application/json");
        let answer = request.body("{}").send().await.unwrap();
        let status = answer.status().as_u16();
        let documented = [200, 400, 401, 403].contains(&status);
        assert!(documented, "{method} {path}: {status}");
    }
}

#[tokio::test]
async fn nothing_but_the_ping_is_answered_without_a_token() {
    let till = Till::open().await;
    for (method, path) in operations() {
        let request = till
            .http
            .request(method.clone(), till.url(0, &filled(&path, "27810000001")));
        let request = request
            .header("Content-Type", "application/json")
            .body("{}");
        let status = request.send().await.unwrap().status();
        let expected = if path == "/test/ping" { 200 } else { 401 };
        assert_eq!(status, expected, "{method} {path}");
    }
}

#[tokio::test]
async fn the_networks_of_rica_are_those_of_recharges() {
    let till = Till::open().await;
    let (status, health) = get(&till, "/utilities/ricahealth").await;
    let names: BTreeSet<&str> = health
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!((status, &health["vodacom"]), (200, &json!("UP")));
    assert_eq!(
        names,
        ["cellc", "mtn", "telkom", "virgin", "vodacom"].into()
    );
}

#[tokio::test]
async fn the_list_says_how_a_product_is_sold() {
    let till = Till::open().await;
    for (product, said) in [
        (62, [false, true, false]),
        (66, [true, true, false]),
        (220, [false, true, false]),
        (450, [false, false, true]),
    ] {
        let (_, list) = get(&till, &format!("/smartload/products/{product}")).await;
        let row = &list["products"][0];
        let row = ["pinIndicator", "rechargeIndicator", "paymentIndicator"].map(|name| &row[name]);
        assert_eq!(row, said.map(Value::from).each_ref(), "{product}");
    }
}

#[tokio::test]
async fn free_basic_electricity_costs_nothing_and_brings_free_units() {
    let till = Till::open().await;
    let mut body = crate::support::airtime("a", "12345678901", 50);
    body["productId"] = json!(220);
    let (status, sold) = till.sync(&body).await;
    assert_eq!(
        (status, &sold["recharge"]["retailPrice"]),
        (200, &json!("0.00"))
    );
    let reference = sold["recharge"]["orderReferenceId"].clone();
    let mut again = body.clone();
    (
        again["clientReference"],
        again["productId"],
        again["amount"],
    ) = (json!("b"), json!(47), json!(50));
    let (_, busy) = till.sync(&again).await;
    let expected = "A recharge with this meter no. has been received. Please wait for it to complete before retrying";
    assert_eq!(busy["error"], json!({"code": 16, "message": expected}));
    till.clock.advance(std::time::Duration::from_secs(90));
    let path = format!("/electricity/transactions/27810000001/{reference}");
    let (_, enquired) = get(&till, &path).await;
    let transaction = &enquired["transaction"];
    assert_eq!(transaction["pinData"][0]["description"], "Free Units PIN");
    assert_eq!(
        (&transaction["voucherPin"], &transaction["cost"]),
        (&Value::Null, &json!("R0.00"))
    );
    assert_eq!(till.sync(&again).await.0, 200, "the meter is free again");
}
