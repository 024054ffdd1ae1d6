//! Cancellation.

use std::time::Duration;

use recharge_sandbox::Status;
use serde_json::{Value, json};

use crate::support::{Till, airtime};
use crate::{ACCOUNT, balance, code, post};

const PATH: &str = "/smartload/recharges/cancel";
const MSISDN: &str = "27821234567";

async fn cancel(till: &Till, references: Value) -> (u16, Value) {
    let mut body = references;
    if body.get("smartloadId").is_none() {
        body["smartloadId"] = json!(ACCOUNT);
    }
    post(till, PATH, &body).await
}

/// Submits an asynchronous recharge and gives back the service's reference of it.
async fn submit(till: &Till, reference: &str, amount: i64) -> Value {
    let (status, body) = till.asynchronous(&airtime(reference, MSISDN, amount)).await;
    assert_eq!(status, 200, "{body}");
    body["recharge"]["orderReferenceId"].clone()
}

async fn status_id(till: &Till, reference: &str) -> Value {
    till.enquire(0, reference).await.1["transaction"]["statusId"].clone()
}

#[tokio::test]
async fn what_the_network_has_not_got_is_cancelled_and_refunded() {
    let till = Till::open().await;
    submit(&till, "a", 20).await;
    assert_eq!(balance(&till).await, "99981.1");
    let (status, body) = cancel(&till, json!({"clientReference": "a"})).await;
    assert_eq!((status, &body["responseCode"]), (200, &json!("SUCCESS")));
    assert_eq!(balance(&till).await, "100000.0");
    till.clock.advance(Duration::from_secs(3600));
    let ledger = till.sandbox.ledger();
    assert_eq!(
        (ledger.entries[0].status, ledger.sales_of("a")),
        (Status::Cancelled, 0)
    );
}

#[tokio::test]
async fn a_cancelled_recharge_is_called_pending_for_a_while() {
    let till =
        Till::with(|builder| builder.cancellation_shown_after(Duration::from_secs(60))).await;
    submit(&till, "a", 20).await;
    cancel(&till, json!({"clientReference": "a"})).await;
    till.clock.advance(Duration::from_millis(59_999));
    assert_eq!(status_id(&till, "a").await, "PENDING");
    till.clock.advance(Duration::from_millis(1));
    assert_eq!(status_id(&till, "a").await, "CANCELLED");
}

#[tokio::test]
async fn either_reference_will_do_and_both_must_agree() {
    let till = Till::open().await;
    let first = submit(&till, "a", 20).await;
    let second = submit(&till, "b", 21).await;
    let both =
        |client: &str, own: &Value| json!({"clientReference": client, "smartloadReference": own});
    assert_eq!(code(&cancel(&till, both("a", &second)).await), (400, 4));
    assert_eq!(cancel(&till, both("a", &first)).await.0, 200);
    assert_eq!(
        cancel(&till, json!({"smartloadReference": second.to_string()}))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn every_refusal_has_its_code() {
    let other = "27830000002";
    let till = Till::with(|builder| builder.another_account(other, 100.into())).await;
    till.sync(&airtime("done", MSISDN, 20)).await;
    till.sync(&airtime("failed", MSISDN, 11)).await;
    submit(&till, "twice", 21).await;
    cancel(&till, json!({"clientReference": "twice"})).await;
    submit(&till, "late", 22).await;
    let vouchers = json!({"smartloadId": ACCOUNT, "clientReference": "vouchers", "productId": 66, "quantity": 1});
    post(&till, "/smartload/batchvouchers", &vouchers).await;
    till.clock.advance(Duration::from_secs(2));
    for (references, expected) in [
        (json!({"clientReference": "never"}), 3),
        (json!({"clientReference": "late", "smartloadId": other}), 3),
        (json!({"smartloadReference": 130_000_099}), 4),
        (json!({"smartloadReference": "soon"}), 4),
        (json!({"clientReference": "vouchers"}), 5),
        (json!({"clientReference": "done"}), 6),
        (json!({"clientReference": "failed"}), 6),
        (json!({"clientReference": "late"}), 6),
        (json!({"clientReference": "twice"}), 7),
        (json!({}), 100),
    ] {
        let answer = cancel(&till, references.clone()).await;
        assert_eq!(code(&answer), (400, expected), "{references}");
    }
    let foreign = json!({"clientReference": "late", "smartloadId": "27820000000"});
    assert_eq!(code(&cancel(&till, foreign).await), (403, 400));
    let (_, again) = cancel(&till, json!({"clientReference": "twice"})).await;
    assert_eq!(again["message"], "130000002 has already been cancelled.");
}

#[tokio::test]
async fn electricity_can_be_cancelled_and_a_network_that_does_not_answer_cannot() {
    let till = Till::open().await;
    let mut meter = airtime("meter", "12345678901", 50);
    meter["productId"] = json!(47);
    till.sync(&meter).await;
    till.sync(&airtime("pending", MSISDN, 13)).await;
    assert_eq!(
        cancel(&till, json!({"clientReference": "meter"})).await.0,
        200
    );
    assert_eq!(
        code(&cancel(&till, json!({"clientReference": "pending"})).await),
        (400, 6)
    );
}
