//! EasyPay and DSTV.

use recharge_sandbox::EntryKind;
use serde_json::{Value, json};

use crate::support::Till;
use crate::{ACCOUNT, balance, code, get, post};

const EASYPAY: &str = "/payments/easypay";
const DSTV: &str = "/payments/dstv";

fn payment(reference: &str, product: i64, kind: &str, account: &str) -> Value {
    json!({
        "smartloadId": ACCOUNT, "clientReference": reference, "productId": product, "accountType": kind,
        "accountReference": account, "paymentAmount": 150.75, "paymentCellNumber": "0831234567",
    })
}

#[tokio::test]
async fn a_payment_costs_what_is_paid() {
    let till = Till::open().await;
    let easypay = payment("a", 450, "epNo", ">>>>>912345678");
    let (status, paid) = post(&till, EASYPAY, &easypay).await;
    assert_eq!((status, &paid["responseCode"]), (200, &json!("SUCCESS")));
    assert_eq!(paid["orderReferenceId"], 130_000_000);
    let dstv = payment("b", 460, "SUBS", "123456789");
    assert_eq!(post(&till, DSTV, &dstv).await.0, 200);
    assert_eq!(balance(&till).await, "99698.5");
    assert_eq!(till.sandbox.ledger().sales_of_kind(EntryKind::Payment), 2);
}

#[tokio::test]
async fn a_reference_pays_once() {
    let till = Till::open().await;
    let body = payment("a", 460, "TVOD", "123456789");
    post(&till, DSTV, &body).await;
    assert_eq!(code(&post(&till, DSTV, &body).await), (400, 1001));
    assert_eq!(till.sales_of("a"), 1);
    assert_eq!(
        code(&till.enquire(0, "a").await),
        (400, 1005),
        "the enquiry is for recharges"
    );
}

#[tokio::test]
async fn an_account_can_be_asked_about_and_slashes_are_encoded() {
    let till = Till::open().await;
    for (path, reference) in [
        (
            "/payments/easypay/noticeNo/12%2F345%2F678-90",
            "12/345/678-90",
        ),
        ("/payments/easypay/epNo/912345678", "912345678"),
        ("/payments/dstv/SUBS/123456789", "123456789"),
    ] {
        let (status, account) = get(&till, path).await;
        assert_eq!(
            (status, &account["accountReference"]),
            (200, &json!(reference))
        );
        assert!(account["amountDue"].as_f64().unwrap() > 0.0);
        assert_eq!(get(&till, path).await.1, account, "the same again");
    }
    for path in [
        "/payments/easypay/epNo/812345678",
        "/payments/easypay/SUBS/912345678",
        "/payments/dstv/epNo/123456789",
        "/payments/dstv/SUBS/hello",
    ] {
        assert_eq!(code(&get(&till, path).await), (400, 1007), "{path}");
    }
}

#[tokio::test]
async fn bad_payments_are_refused_and_leave_no_row() {
    let till = Till::with(|builder| builder.balance(100.into())).await;
    let with = |member: &str, value: Value| {
        let mut body = payment("a", 450, "epNo", "912345678");
        body[member] = value;
        body
    };
    for (body, expected) in [
        (with("productId", json!(460)), 9),
        (with("productId", json!(62)), 9),
        (with("accountType", json!("SUBS")), 1007),
        (with("accountReference", json!("8")), 1007),
        (with("clientReference", json!("")), 1007),
        (with("paymentAmount", json!(0)), 1007),
        (with("paymentAmount", json!(10.005)), 1007),
        (with("paymentCellNumber", json!("12")), 6),
        (with("paymentAmount", json!(101)), 15),
    ] {
        assert_eq!(
            code(&post(&till, EASYPAY, &body).await),
            (400, expected),
            "{body}"
        );
    }
    let foreign = with("smartloadId", json!("27820000000"));
    assert_eq!(code(&post(&till, EASYPAY, &foreign).await), (403, 400));
    assert!(till.sandbox.ledger().entries.is_empty());
}
