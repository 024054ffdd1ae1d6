//! A recharge, its enquiry and the ledger agree with each other.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use serde_json::json;
use support::{NEW_YEAR_MS, Till, airtime};

#[tokio::test]
async fn a_synchronous_recharge_is_sold_at_once() {
    let till = Till::open().await;
    let (status, text) = till
        .try_post(
            0,
            "/smartload/v2/recharges",
            &airtime("a", "27821234567", 20),
        )
        .await
        .unwrap();
    assert_eq!(status, 200);
    assert_eq!(
        text,
        r#"{"error":null,"statusCode":0,"statusMessage":"Recharge completed successfully","recharge":{"balance":99981.10,"orderReferenceId":130000000,"ticketNumber":"","boxNumber":"","batchNumber":"","voucherPin":"","expiryDate":null,"retailPrice":"20.00","dealerDiscount":"5.5"}}"#
    );
    assert_eq!(till.sales_of("a"), 1);
    let (status, text) = till.get("/smartload/balance/27810000001").await;
    assert_eq!(
        (status, text.as_str()),
        (
            200,
            r#"{"error":null,"responseCode":"SUCCESS","balance":99981.1000}"#
        )
    );
}

#[tokio::test]
async fn the_enquiry_shows_the_sale_by_both_references() {
    let till = Till::open().await;
    till.sync(&airtime("a", "27821234567", 20)).await;
    let expected = format!(
        r#"{{"error":null,"responseCode":"SUCCESS","transaction":{{"description":"Order","network":"Vodacom Airtime","recipientMsisdn":"27821234567","statusDate":{NEW_YEAR_MS},"reference":"130000000","amount":"R20.00","discount":"5.50%","cost":"R18.90","status":"Recharge Successful","statusId":"SUCESSFUL","ticketNumber":null,"voucherPin":null,"additionalVoucherPin":null,"boxNumber":null,"batchNumber":null,"expiryDate":null}}}}"#
    );
    for path in [
        "/smartload/recharges/27810000001/a",
        "/smartload/transactions/27810000001/130000000",
    ] {
        for host in [0, 1] {
            assert_eq!(
                till.get_from(host, path).await,
                (200, expected.clone()),
                "{path} on host {host}"
            );
        }
    }
}

#[tokio::test]
async fn an_asynchronous_recharge_is_debited_first_and_sold_later() {
    let till = Till::open().await;
    let mut body = airtime("a", "27831234567", 100);
    body["productId"] = json!(22);
    let (status, text) = till
        .try_post(0, "/smartload/recharges", &body)
        .await
        .unwrap();
    assert_eq!(status, 200);
    assert_eq!(
        text,
        r#"{"error":null,"responseCode":"SUCCESS","recharge":{"balance":99574.75,"orderReferenceId":130000000,"ticketNumber":"","boxNumber":"","batchNumber":"","voucherPin":"","expiryDate":null,"retailPrice":"450.00","dealerDiscount":"5.5"}}"#
    );
    assert_eq!(
        till.enquire(0, "a").await.1["transaction"]["statusId"],
        "PENDING"
    );
    assert_eq!(till.sales_of("a"), 0);
    till.clock.advance(Duration::from_secs(5));
    assert_eq!(
        till.enquire(0, "a").await.1["transaction"]["statusId"],
        "SUCESSFUL"
    );
    assert_eq!(till.sales_of("a"), 1);
}

#[tokio::test]
async fn unknown_references_and_foreign_accounts_have_their_answers() {
    let till = Till::open().await;
    let ask = async |path: &str| till.get(path).await;
    let foreign =
        r#"{"code":400,"message":"The supplied Smartload ID is not registered to your account"}"#;
    assert_eq!(
        ask("/smartload/recharges/27810000001/never").await,
        (
            400,
            r#"{"code":1005,"message":"ClientReference does not exist"}"#.to_owned()
        )
    );
    for reference in ["130000000", "7", "never"] {
        assert_eq!(
            ask(&format!("/smartload/transactions/27810000001/{reference}")).await,
            (
                400,
                r#"{"code":1008,"message":"Recharge does not exist"}"#.to_owned()
            )
        );
    }
    assert_eq!(
        ask("/smartload/recharges/27820000000/a").await,
        (403, foreign.to_owned())
    );
    assert_eq!(
        ask("/smartload/balance/27820000000").await,
        (403, foreign.to_owned())
    );
    let mut body = airtime("a", "27821234567", 20);
    body["smartloadId"] = json!("27820000000");
    for path in ["/smartload/recharges", "/smartload/v2/recharges"] {
        assert_eq!(
            till.try_post(0, path, &body).await.unwrap(),
            (403, foreign.to_owned())
        );
    }
}

#[tokio::test]
async fn history_is_a_week_by_one_reference_and_a_month_by_the_other() {
    let till = Till::open().await;
    till.sync(&airtime("a", "27821234567", 20)).await;
    let day = Duration::from_secs(24 * 3600);
    let mut till = till;
    for (days, by_client_reference, by_smartload_reference) in
        [(7, 200, 200), (1, 400, 200), (22, 400, 200), (1, 400, 400)]
    {
        till.clock.advance(day * days);
        till.log_in().await;
        assert_eq!(
            till.get("/smartload/recharges/27810000001/a").await.0,
            by_client_reference
        );
        assert_eq!(
            till.get("/smartload/transactions/27810000001/130000000")
                .await
                .0,
            by_smartload_reference
        );
    }
}

#[tokio::test]
async fn the_ledger_is_open_to_read_on_every_port() {
    let till = Till::open().await;
    till.sync(&airtime("a", "27821234567", 20)).await;
    let host = till.sandbox.base_urls()[0].replace("/webservice", "/ledger");
    for url in [host, till.sandbox.ledger_url()] {
        let page: serde_json::Value = till
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let sale = &page["sales"][0];
        assert_eq!(page["balance"], "99981.10");
        assert_eq!(page["sales"].as_array().unwrap().len(), 1);
        for (member, value) in [
            ("reference", json!("a")),
            ("provider_reference", json!("130000000")),
            ("msisdn", json!("27821234567")),
            ("product", json!(62)),
            ("amount", json!("20.00")),
            ("status", json!("SUCCESSFUL")),
            ("host", json!(0)),
            ("at_ms", json!(NEW_YEAR_MS)),
        ] {
            assert_eq!(sale[member], value, "{member}");
        }
        assert_eq!(page["attempts"][0]["answer"], 200);
    }
}
