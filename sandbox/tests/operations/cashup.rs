//! Cashup: what the ledger did to an account, by network.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Till, airtime};
use crate::{ACCOUNT, code, get, post};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn today(till: &Till) -> Vec<Value> {
    let (status, answer) = get(till, &format!("/smartload/cashup/{ACCOUNT}")).await;
    rows(status, &answer)
}

async fn period(till: &Till, start: &str, end: &str) -> Vec<Value> {
    let body = json!({"smartloadId": ACCOUNT, "startDate": start, "endDate": end});
    let (status, answer) = post(till, "/smartload/cashup", &body).await;
    rows(status, &answer)
}

fn rows(status: u16, answer: &Value) -> Vec<Value> {
    assert_eq!(
        (status, &answer["responseCode"]),
        (200, &Value::Null),
        "{answer}"
    );
    answer["cashupResponseItems"].as_array().unwrap().clone()
}

/// Group, item, count and net amount.
fn brief(rows: &[Value]) -> Vec<String> {
    let row = |row: &Value| {
        let (group, item) = (
            row["groupDescription"].as_str(),
            row["itemDescription"].as_str(),
        );
        format!(
            "{}/{} {} {}",
            group.unwrap(),
            item.unwrap(),
            row["itemCount"],
            row["netAmount"]
        )
    };
    rows.iter().map(row).collect()
}

#[tokio::test]
async fn the_rows_have_the_recorded_shape() {
    let till = Till::open().await;
    till.sync(&airtime("a", "27821234567", 20)).await;
    let (_, text) = till.get(&format!("/smartload/cashup/{ACCOUNT}")).await;
    let expected = concat!(
        r#"{"error":null,"responseCode":null,"cashupResponseItems":["#,
        r#"{"groupDescription":"Opening Balance","itemDescription":"","itemCount":0,"amount":0.0000,"netAmount":100000.0000,"profit":0.0000},"#,
        r#"{"groupDescription":"Recharges","itemDescription":"VOD","itemCount":1,"amount":-20.0000,"netAmount":-18.9000,"profit":1.1000},"#,
        r#"{"groupDescription":"Closing Balance","itemDescription":"","itemCount":0,"amount":0.0000,"netAmount":99981.1000,"profit":0.0000},"#,
        r#"{"groupDescription":"Total Profit","itemDescription":"","itemCount":0,"amount":0.0000,"netAmount":0.0000,"profit":1.1000}]}"#,
    );
    assert_eq!(text, expected);
}

#[tokio::test]
async fn everything_that_moved_money_is_in_it_and_nothing_that_was_refunded() {
    let till = Till::open().await;
    till.sync(&airtime("a", "27821234567", 20)).await;
    till.sync(&airtime("b", "27821234567", 11)).await;
    till.asynchronous(&airtime("c", "27821234567", 30)).await;
    till.asynchronous(&airtime("d", "27821234567", 40)).await;
    let cancel = json!({"smartloadId": ACCOUNT, "clientReference": "d"});
    post(&till, "/smartload/recharges/cancel", &cancel).await;
    let vouchers =
        json!({"smartloadId": ACCOUNT, "clientReference": "e", "productId": 80, "quantity": 2});
    post(&till, "/smartload/batchvouchers", &vouchers).await;
    let transfer =
        json!({"sourceSmartloadId": ACCOUNT, "recipientSmartloadId": "27830000002", "amount": 100});
    post(&till, "/smartload/fundstransfer", &transfer).await;
    assert_eq!(
        brief(&today(&till).await),
        [
            "Opening Balance/ 0 100000.0",
            "Recharges/MTN 2 -18.9",
            "Recharges/VOD 2 -47.25",
            "Transfers/Funds Transfer 1 -100.0",
            "Closing Balance/ 0 99833.85",
            "Total Profit/ 0 0.0",
        ]
    );
    let (_, balance) = get(&till, &format!("/smartload/balance/{ACCOUNT}")).await;
    assert_eq!(balance["balance"].to_string(), "99833.85");
}

#[tokio::test]
async fn a_period_is_of_south_african_days_both_included() {
    let mut till = Till::open().await;
    till.sync(&airtime("a", "27821234567", 20)).await;
    till.clock.advance(DAY);
    till.log_in().await;
    till.sync(&airtime("b", "27821234567", 30)).await;
    let first = period(&till, "2024-01-01", "2024-01-01").await;
    assert_eq!(brief(&first)[1], "Recharges/VOD 1 -18.9");
    let second = period(&till, "2024-01-02", "2024-01-31").await;
    assert_eq!(brief(&second)[0], "Opening Balance/ 0 99981.1");
    assert_eq!(brief(&second)[1], "Recharges/VOD 1 -28.35");
    assert_eq!(second, today(&till).await);
    assert_eq!(
        brief(&period(&till, "2024-01-01", "2024-01-02").await)[1],
        "Recharges/VOD 2 -47.25"
    );
    till.clock.advance(Duration::from_secs(22 * 3600));
    till.log_in().await;
    assert_eq!(
        today(&till).await.len(),
        3,
        "it is tomorrow in South Africa"
    );
}

#[tokio::test]
async fn days_without_a_sale_have_no_profit() {
    let till = Till::open().await;
    let rows = period(&till, "2020-01-01", "2020-12-31").await;
    assert_eq!(rows.last().unwrap()["profit"], Value::Null);
}

#[tokio::test]
async fn a_date_that_is_none_is_refused() {
    let till = Till::open().await;
    for (start, end) in [
        ("2024-02-30", "2024-03-01"),
        ("2024-03-01", ""),
        ("01/03/2024", "2024-03-02"),
        ("2024-03-02", "2024-03-01"),
    ] {
        let body = json!({"smartloadId": ACCOUNT, "startDate": start, "endDate": end});
        assert_eq!(
            code(&post(&till, "/smartload/cashup", &body).await),
            (400, 1007),
            "{body}"
        );
    }
    let foreign = get(&till, "/smartload/cashup/27820000000").await;
    assert_eq!(code(&foreign), (403, 400));
}
