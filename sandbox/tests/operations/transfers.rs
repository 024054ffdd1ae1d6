//! Funds transfer.

use std::time::Duration;

use recharge_sandbox::EntryKind;
use serde_json::{Value, json};

use crate::support::Till;
use crate::{ACCOUNT, balance, code, get, post};

const PATH: &str = "/smartload/fundstransfer";
const OTHER: &str = "27830000002";

fn transfer(recipient: &str, amount: impl Into<Value>) -> Value {
    let amount: Value = amount.into();
    json!({"sourceSmartloadId": ACCOUNT, "recipientSmartloadId": recipient, "amount": amount, "sendSms": true})
}

#[tokio::test]
async fn money_goes_from_one_account_to_the_other() {
    let till = Till::with(|builder| builder.another_account(OTHER, 7.into())).await;
    let (status, text) = till
        .try_post(0, PATH, &transfer(OTHER, 10_000))
        .await
        .unwrap();
    let expected = r#"{"error":null,"responseCode":"SUCCESS","recharge":null,"newDealerBalance":null,"currentDealerBalance":90000.0000}"#;
    assert_eq!((status, text.as_str()), (200, expected));
    let (_, other) = get(&till, &format!("/smartload/balance/{OTHER}")).await;
    assert_eq!(other["balance"].to_string(), "10007.0");
    let ledger = till.sandbox.ledger();
    assert_eq!(ledger.sales_of_kind(EntryKind::FundsTransfer), 1);
    assert_eq!(ledger.sales_to(OTHER, 10_000.into()), 1);
}

#[tokio::test]
async fn whoever_gets_money_is_a_dealer_from_then_on() {
    let till = Till::open().await;
    let path = "/smartload/registered/27845555555";
    assert_eq!(get(&till, path).await.1["registered"], false);
    assert_eq!(post(&till, PATH, &transfer("27845555555", 10)).await.0, 200);
    assert_eq!(get(&till, path).await.1["registered"], true);
    assert_eq!(balance(&till).await, "99990.0");
}

#[tokio::test]
async fn the_same_transfer_within_an_hour_is_a_possible_duplicate() {
    let till = Till::open().await;
    assert_eq!(post(&till, PATH, &transfer(OTHER, 10)).await.0, 200);
    assert_eq!(
        code(&post(&till, PATH, &transfer(OTHER, 10)).await),
        (400, 11)
    );
    assert_eq!(
        post(&till, PATH, &transfer(OTHER, 11)).await.0,
        200,
        "another amount"
    );
    assert_eq!(
        post(&till, PATH, &transfer("27830000003", 10)).await.0,
        200,
        "another account"
    );
    till.clock.advance(Duration::from_secs(3600));
    assert_eq!(post(&till, PATH, &transfer(OTHER, 10)).await.0, 200);
    let till = Till::with(|builder| builder.one_hour_rule(false)).await;
    for _ in 0..2 {
        assert_eq!(post(&till, PATH, &transfer(OTHER, 10)).await.0, 200);
    }
    assert_eq!(till.sandbox.ledger().sales_to(OTHER, 10.into()), 2);
}

#[tokio::test]
async fn refusals_have_codes_of_their_own() {
    let till = Till::with(|builder| builder.balance(100.into())).await;
    for (body, expected) in [
        (transfer("hello", 10), 3),
        (transfer(OTHER, 4), 4),
        (transfer(OTHER, 100_001), 4),
        (transfer(OTHER, 10.5), 4),
        (transfer(OTHER, 0), 5),
        (transfer(OTHER, -5), 5),
        (transfer(OTHER, "lots"), 5),
        (transfer("0810000001", 10), 6),
        (transfer(OTHER, 101), 7),
    ] {
        assert_eq!(
            code(&post(&till, PATH, &body).await),
            (400, expected),
            "{body}"
        );
    }
    let mut foreign = transfer(OTHER, 10);
    foreign["sourceSmartloadId"] = json!("27820000000");
    assert_eq!(code(&post(&till, PATH, &foreign).await), (403, 400));
    assert!(till.sandbox.ledger().entries.is_empty());
}
