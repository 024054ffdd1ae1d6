//! Prevend.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Till, airtime};
use crate::{balance, post};

const PATH: &str = "/smartload/prevend";
const MSISDN: &str = "27821234567";

async fn prevend(till: &Till, body: &Value) -> String {
    let (status, answer) = post(till, PATH, body).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer["message"].is_string(), "{answer}");
    answer["responseCode"].as_str().unwrap().to_owned()
}

fn of(product: i64, reference: &str, number: &str, amount: i64) -> Value {
    let mut body = airtime(reference, number, amount);
    body["productId"] = json!(product);
    body
}

#[tokio::test]
async fn a_prevend_moves_no_money_and_its_reference_is_that_of_the_recharge() {
    let till = Till::open().await;
    let body = airtime("a", MSISDN, 20);
    assert_eq!(prevend(&till, &body).await, "SUCCESS");
    assert!(till.sandbox.ledger().entries.is_empty());
    assert_eq!(balance(&till).await, "100000.0");
    assert_eq!(till.sync(&body).await.0, 200);
    assert_eq!(till.sales_of("a"), 1);
}

#[tokio::test]
async fn the_second_prevend_of_a_reference_is_a_fault_of_the_database() {
    let till = Till::open().await;
    for amount in [20, 11] {
        let reference = format!("r{amount}");
        let body = airtime(&reference, MSISDN, amount);
        prevend(&till, &body).await;
        let (status, answer) = post(&till, PATH, &body).await;
        assert_eq!(
            (status, &answer["responseCode"]),
            (200, &json!("SYS_ERROR"))
        );
        let key = format!("({reference}, 27810000001)");
        assert!(
            answer["message"].as_str().unwrap().contains(&key),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_prevend_says_what_the_recharge_would() {
    let till = Till::open().await;
    for (nth, (product, number, amount, expected)) in [
        (62, MSISDN, 11, "APP_ERROR"),
        (63, MSISDN, 17, "SYS_ERROR"),
        (24, MSISDN, 13, "SUCCESS"),
        (23, "12345678901", 42, "APP_ERROR"),
        (47, "12345678901", 45, "SUCCESS"),
        (189, MSISDN, 20, "INV_REQUEST"),
        (66, MSISDN, 5, "INV_REQUEST"),
        (450, MSISDN, 20, "INV_REQUEST"),
        (62, "hello", 20, "INV_REQUEST"),
        (62, MSISDN, 1, "INV_REQUEST"),
    ]
    .into_iter()
    .enumerate()
    {
        let body = of(product, &format!("r{nth}"), number, amount);
        assert_eq!(prevend(&till, &body).await, expected, "{body}");
    }
}

#[tokio::test]
async fn a_prevend_expires_for_a_mobile_recharge_only() {
    let till = Till::open().await;
    let meter = of(47, "meter", "12345678901", 50);
    for body in [&airtime("a", MSISDN, 20), &airtime("b", MSISDN, 21), &meter] {
        prevend(&till, body).await;
    }
    till.clock.advance(Duration::from_secs(15 * 60));
    assert_eq!(
        till.sync(&airtime("a", MSISDN, 20)).await.0,
        200,
        "still good"
    );
    till.clock.advance(Duration::from_millis(1));
    let (status, answer) = till.sync(&airtime("b", MSISDN, 21)).await;
    assert_eq!((status, &answer["error"]["code"]), (400, &json!(17)));
    assert_eq!(till.sales_of("b"), 0);
    assert_eq!(till.sync(&meter).await.0, 200);
}
