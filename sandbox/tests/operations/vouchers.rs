//! Vouchers: bought in one answer, one at a time, and their stock.

use std::collections::BTreeSet;
use std::time::Duration;

use recharge_sandbox::EntryKind;
use serde_json::{Value, json};

use crate::support::{Till, airtime};
use crate::{ACCOUNT, balance, code, get, post};

const PATH: &str = "/smartload/batchvouchers";

fn purchase(reference: &str, product: i64, quantity: impl Into<Value>) -> Value {
    let quantity: Value = quantity.into();
    json!({"smartloadId": ACCOUNT, "clientReference": reference, "productId": product, "quantity": quantity})
}

fn pins(answer: &Value) -> BTreeSet<String> {
    let vouchers = answer["vouchers"].as_array().unwrap().iter();
    let pin = |voucher: &Value| voucher["voucherPin"].as_str().unwrap().to_owned();
    vouchers.map(pin).collect()
}

async fn stock(till: &Till, product: i64) -> (u16, Value) {
    get(till, &format!("/smartload/voucherstock/{product}")).await
}

#[tokio::test]
async fn a_purchase_brings_its_pins_and_the_query_brings_them_again() {
    let till = Till::open().await;
    let (status, bought) = post(&till, PATH, &purchase("a", 66, 3)).await;
    assert_eq!((status, &bought["responseCode"]), (200, &json!("SUCCESS")));
    assert_eq!(pins(&bought).len(), 3);
    assert_eq!(bought["dealerBalance"].to_string(), "99985.82");
    let path = format!("{PATH}/{ACCOUNT}/{}", bought["orderReferenceId"]);
    let (status, queried) = get(&till, &path).await;
    assert_eq!((status, &queried["dealerBalance"]), (200, &Value::Null));
    assert_eq!(queried["vouchers"], bought["vouchers"]);
    let sale = &till.sandbox.ledger().entries[0];
    assert_eq!(
        (sale.kind, sale.quantity, sale.amount),
        (EntryKind::Vouchers, 3, 15.into())
    );
}

#[tokio::test]
async fn no_voucher_is_sold_to_two_buyers() {
    let till = Till::open().await;
    let mut all = BTreeSet::new();
    for reference in ["a", "b", "c"] {
        all.extend(pins(
            &post(&till, PATH, &purchase(reference, 66, 40)).await.1,
        ));
    }
    assert_eq!(all.len(), 120);
}

#[tokio::test]
async fn the_stock_goes_down_until_there_is_none() {
    let till = Till::with(|builder| builder.voucher_stock(5)).await;
    post(&till, PATH, &purchase("a", 66, 3)).await;
    assert_eq!(stock(&till, 66).await.1["stockLevel"], 2);
    assert_eq!(stock(&till, 65).await.1["stockLevel"], 5);
    assert_eq!(
        code(&post(&till, PATH, &purchase("b", 66, 3)).await),
        (400, 18)
    );
    assert_eq!(stock(&till, 66).await.1["stockLevel"], 2);
    assert_eq!(
        post(&till, PATH, &purchase("b", 66, 2)).await.0,
        200,
        "the reference was free"
    );
    for product in [62, 4711] {
        assert_eq!(code(&stock(&till, product).await), (400, 9), "{product}");
    }
}

#[tokio::test]
async fn bad_purchases_are_refused_and_leave_no_row() {
    let till = Till::with(|builder| builder.balance(4.into())).await;
    for (body, expected) in [
        (purchase("", 66, 1), 1007),
        (purchase("a", 62, 1), 9),
        (purchase("a", 66, 0), 19),
        (purchase("a", 66, -1), 19),
        (purchase("a", 66, 1.5), 19),
        (purchase("a", 66, Value::Null), 19),
        (purchase("a", 66, 99_999_999_999_i64), 18),
        (purchase("a", 66, 1), 15),
    ] {
        assert_eq!(
            code(&post(&till, PATH, &body).await),
            (400, expected),
            "{body}"
        );
    }
    let mut foreign = purchase("a", 66, 1);
    foreign["smartloadId"] = json!("27820000000");
    assert_eq!(code(&post(&till, PATH, &foreign).await), (403, 400));
    assert!(till.sandbox.ledger().entries.is_empty());
}

#[tokio::test]
async fn a_reference_is_used_once_whatever_for() {
    let till = Till::open().await;
    post(&till, PATH, &purchase("a", 66, 1)).await;
    assert_eq!(
        code(&post(&till, PATH, &purchase("a", 66, 1)).await),
        (400, 1001)
    );
    let (_, recharge) = till.sync(&airtime("a", "27821234567", 20)).await;
    assert_eq!(recharge["error"]["code"], 1001);
    assert_eq!(till.sales_of("a"), 1);
}

#[tokio::test]
async fn the_ordinary_enquiry_knows_the_purchase_without_its_pins() {
    let till = Till::open().await;
    let (_, bought) = post(&till, PATH, &purchase("a", 66, 2)).await;
    let (_, enquired) = till.enquire(0, "a").await;
    let transaction = &enquired["transaction"];
    assert_eq!(
        transaction["reference"],
        bought["orderReferenceId"].to_string()
    );
    assert_eq!(
        (&transaction["amount"], &transaction["voucherPin"]),
        (&json!("R10.00"), &Value::Null)
    );
}

#[tokio::test]
async fn the_query_knows_nothing_else_and_nothing_older_than_a_month() {
    let mut till = Till::open().await;
    let (_, sold) = till.sync(&airtime("a", "27821234567", 20)).await;
    let (_, bought) = post(&till, PATH, &purchase("b", 66, 1)).await;
    let query = |reference: &Value| format!("{PATH}/{ACCOUNT}/{reference}");
    for reference in [&sold["recharge"]["orderReferenceId"], &json!(7)] {
        assert_eq!(
            code(&get(&till, &query(reference)).await),
            (400, 1008),
            "{reference}"
        );
    }
    till.clock.advance(Duration::from_secs(30 * 24 * 3600 + 1));
    till.log_in().await;
    assert_eq!(
        code(&get(&till, &query(&bought["orderReferenceId"])).await),
        (400, 1008)
    );
}

#[tokio::test]
async fn a_voucher_that_is_recharged_brings_its_pin_if_it_is_asked_for_as_one() {
    let till = Till::open().await;
    let mut body = airtime("a", "27821234567", 5);
    body["productId"] = json!(66);
    let (_, refused) = till.asynchronous(&body).await;
    assert_eq!(refused["code"], 10);
    body["pinless"] = json!(false);
    let (status, sold) = till.asynchronous(&body).await;
    assert_eq!(status, 200, "{sold}");
    let pin = &sold["recharge"]["voucherPin"];
    assert_eq!(pin.as_str().unwrap().trim().len(), 12);
    let (_, enquired) = till.enquire(0, "a").await;
    assert_eq!(&enquired["transaction"]["voucherPin"], pin);
    assert_eq!(stock(&till, 66).await.1["stockLevel"], 999);
    assert_eq!(balance(&till).await, "99995.27");
}
