//! The faults apply to whatever moves money as they do to recharges.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Till, airtime, faults};
use crate::{ACCOUNT, code, get, post};

/// One request for each way to move money, but for the single recharges.
fn requests() -> Vec<(&'static str, Value)> {
    let vouchers = |reference| json!({"smartloadId": ACCOUNT, "clientReference": reference, "productId": 66, "quantity": 2});
    let payment = |reference, product, kind| {
        json!({
            "smartloadId": ACCOUNT, "clientReference": reference, "productId": product, "accountType": kind,
            "accountReference": "912345678", "paymentAmount": 20, "paymentCellNumber": "0831234567",
        })
    };
    let batch = [
        airtime("i1", "27821234561", 20),
        airtime("i2", "27821234562", 20),
    ];
    vec![
        (
            "/smartload/recharges/batch",
            json!({ "rechargeRequests": batch }),
        ),
        ("/smartload/batchvouchers", vouchers("v")),
        ("/smartload/batchorders", vouchers("o")),
        ("/payments/easypay", payment("e", 450, "epNo")),
        ("/payments/dstv", payment("d", 460, "SUBS")),
        (
            "/smartload/fundstransfer",
            json!({"sourceSmartloadId": ACCOUNT, "recipientSmartloadId": "27830000002", "amount": 20}),
        ),
        (
            "/smartload/monice/recharge",
            json!({"smartloadId": ACCOUNT, "clientReference": "m", "msisdn": "27811234567", "bundleId": "MN100", "amount": 450}),
        ),
    ]
}

async fn with_an_offer(spec: &str) -> Till {
    let till = Till::with(|builder| builder.cross_host_lag(Duration::from_secs(60))).await;
    get(&till, "/smartload/monice/query/27811234567").await;
    till.sandbox.set_faults(faults(spec));
    till
}

#[tokio::test]
async fn what_was_cut_off_before_is_not_sold_and_what_was_cut_off_after_is() {
    for (spec, rows) in [
        ("reset-before=1", 0),
        ("500-before=1", 0),
        ("reset-after=1", 8),
        ("500-after=1", 8),
    ] {
        let till = with_an_offer(spec).await;
        for (path, body) in requests() {
            let answer = till.try_post(0, path, &body).await;
            let is_lost = answer.map_or(true, |(status, _)| status == 500);
            assert!(is_lost, "{spec} {path}");
        }
        let ledger = till.sandbox.ledger();
        assert_eq!(ledger.entries.len(), rows, "{spec}");
        assert!(ledger.entries.iter().all(|row| row.is_debited()), "{spec}");
        let submitted: Vec<_> = ledger
            .attempts
            .iter()
            .map(|one| one.reference.as_str())
            .collect();
        let expected = ["i1", "v", "o", "e", "d", "27830000002#20", "m"];
        assert_eq!(submitted, expected, "{spec}");
    }
}

#[tokio::test]
async fn sent_again_it_is_refused_once_it_was_sold() {
    let till = with_an_offer("reset-after=1").await;
    for (path, body) in requests() {
        assert!(till.try_post(0, path, &body).await.is_err(), "{path}");
    }
    till.sandbox.set_faults(faults("none"));
    for (path, body) in requests() {
        let (status, answer) = post(&till, path, &body).await;
        let expected = match path {
            "/smartload/recharges/batch" => (200, 0),
            "/smartload/fundstransfer" => (400, 11),
            _ => (400, 1001),
        };
        assert_eq!(code(&(status, answer)), expected, "{path}");
    }
    assert_eq!(till.sandbox.ledger().entries.len(), 8);
}

#[tokio::test]
async fn the_other_host_shows_it_later() {
    let till = with_an_offer("none").await;
    for (path, body) in requests() {
        post(&till, path, &body).await;
    }
    for reference in ["i1", "i2", "v", "o", "m"] {
        assert_eq!(till.enquire(0, reference).await.0, 200, "{reference}");
        assert_eq!(
            code(&till.enquire(1, reference).await),
            (400, 1005),
            "{reference}"
        );
    }
    let order = format!("/smartload/batchorders/{ACCOUNT}/o");
    till.clock.advance(Duration::from_secs(59));
    assert_eq!(till.get_from(0, &order).await.0, 200);
    assert!(till.get_from(1, &order).await.1.contains("2001"));
    till.clock.advance(Duration::from_secs(1));
    assert_eq!(till.get_from(1, &order).await.0, 200);
    assert_eq!(till.enquire(1, "v").await.0, 200);
}

#[tokio::test]
async fn without_a_check_for_duplicates_it_is_sold_again() {
    let till = Till::with(|builder| {
        builder
            .deduplicate(false)
            .one_hour_rule(false)
            .five_minute_rule(false)
    })
    .await;
    for _ in 0..2 {
        get(&till, "/smartload/monice/query/27811234567").await;
        for (path, body) in requests() {
            assert_eq!(post(&till, path, &body).await.0, 200, "{path}");
        }
    }
    till.clock.advance(Duration::from_secs(5));
    let ledger = till.sandbox.ledger();
    assert_eq!(ledger.sales().count(), 16);
    for reference in ["i1", "i2", "v", "o", "e", "d", "m"] {
        assert_eq!(ledger.sales_of(reference), 2, "{reference}");
    }
}

#[tokio::test]
async fn what_moves_no_money_is_no_submission() {
    let till = Till::open().await;
    post(
        &till,
        "/smartload/prevend",
        &airtime("a", "27821234567", 20),
    )
    .await;
    let cancel = json!({"smartloadId": ACCOUNT, "clientReference": "a"});
    post(&till, "/smartload/recharges/cancel", &cancel).await;
    let cashup =
        json!({"smartloadId": ACCOUNT, "startDate": "2024-01-01", "endDate": "2024-01-01"});
    post(&till, "/smartload/cashup", &cashup).await;
    assert!(till.sandbox.ledger().attempts.is_empty());
    till.sandbox.set_faults(faults("503-before=1"));
    assert_eq!(
        post(&till, "/smartload/cashup", &cashup).await.0,
        503,
        "faults hit it all the same"
    );
}

#[tokio::test]
async fn the_ledger_says_what_each_row_is() {
    let till = with_an_offer("none").await;
    till.sync(&airtime("r", "27821234567", 20)).await;
    for (path, body) in requests() {
        post(&till, path, &body).await;
    }
    let answer = till
        .http
        .get(till.sandbox.ledger_url())
        .send()
        .await
        .unwrap();
    let page: Value = answer.json().await.unwrap();
    let rows = page["entries"].as_array().unwrap().iter();
    let row = |row: &Value| format!("{} {} {}", row["kind"], row["reference"], row["quantity"]);
    assert_eq!(
        rows.map(row).collect::<Vec<_>>(),
        [
            r#""RECHARGE" "r" 1"#,
            r#""BATCH_ITEM" "i1" 1"#,
            r#""BATCH_ITEM" "i2" 1"#,
            r#""VOUCHERS" "v" 2"#,
            r#""BATCH_ORDER" "o" 2"#,
            r#""PAYMENT" "e" 1"#,
            r#""PAYMENT" "d" 1"#,
            r#""FUNDS_TRANSFER" "" 1"#,
            r#""MONICE" "m" 1"#,
        ]
    );
}
