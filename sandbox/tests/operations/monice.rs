//! Telkom MoNice.

use std::time::Duration;

use recharge_sandbox::EntryKind;
use serde_json::{Value, json};

use crate::support::{Till, airtime};
use crate::{ACCOUNT, code, get, post};

const PATH: &str = "/smartload/monice/recharge";
const MSISDN: &str = "27811234567";

async fn bundles(till: &Till, msisdn: &str) -> Vec<Value> {
    let (status, answer) = get(till, &format!("/smartload/monice/query/{msisdn}")).await;
    assert_eq!(status, 200, "{answer}");
    answer["bundles"].as_array().unwrap().clone()
}

fn recharge(reference: &str, bundle: &Value) -> Value {
    json!({
        "smartloadId": ACCOUNT, "clientReference": reference, "msisdn": MSISDN,
        "bundleId": bundle["bundleId"], "amount": bundle["amount"],
    })
}

#[tokio::test]
async fn a_bundle_of_the_offer_is_sold_for_its_cents() {
    let till = Till::open().await;
    let offer = bundles(&till, MSISDN).await;
    assert!((1..=10).contains(&offer.len()), "{offer:?}");
    assert_eq!(offer[0]["amount"], 450);
    let (status, answer) = post(&till, PATH, &recharge("a", &offer[0])).await;
    assert_eq!((status, &answer["statusCode"]), (200, &json!(0)));
    assert_eq!(answer["recharge"]["retailPrice"], "4.50");
    let ledger = till.sandbox.ledger();
    let sale = ledger.sales().next().unwrap();
    assert_eq!(
        (sale.kind, sale.amount.to_string().as_str()),
        (EntryKind::Monice, "4.5")
    );
    assert_eq!(sale.charged.to_string(), "4.32");
    assert_eq!(till.enquire(0, "a").await.0, 200);
}

#[tokio::test]
async fn an_offer_is_good_for_one_recharge() {
    let till = Till::open().await;
    let offer = bundles(&till, MSISDN).await;
    assert_eq!(post(&till, PATH, &recharge("a", &offer[0])).await.0, 200);
    assert_eq!(
        code(&post(&till, PATH, &recharge("b", &offer[0])).await),
        (400, 1007)
    );
    bundles(&till, MSISDN).await;
    assert_eq!(
        code(&post(&till, PATH, &recharge("a", &offer[0])).await),
        (400, 1001)
    );
    assert_eq!(post(&till, PATH, &recharge("b", &offer[0])).await.0, 200);
    assert_eq!(till.sandbox.ledger().sales().count(), 2);
}

#[tokio::test]
async fn an_offer_expires_after_four_hours() {
    let mut till = Till::open().await;
    let offer = bundles(&till, MSISDN).await;
    till.clock
        .advance(Duration::from_secs(4 * 3600) + Duration::from_millis(1));
    till.log_in().await;
    assert_eq!(
        code(&post(&till, PATH, &recharge("a", &offer[0])).await),
        (400, 1007)
    );
    assert!(till.sandbox.ledger().entries.is_empty());
}

#[tokio::test]
async fn some_numbers_have_no_bundles_and_others_are_not_telkoms() {
    let till = Till::open().await;
    assert!(bundles(&till, "27811234560").await.is_empty());
    for (msisdn, expected) in [("27821234567", 5), ("hello", 6)] {
        let path = format!("/smartload/monice/query/{msisdn}");
        assert_eq!(code(&get(&till, &path).await), (400, expected));
    }
}

#[tokio::test]
async fn bad_recharges_do_not_use_up_the_offer() {
    let till = Till::open().await;
    let offer = bundles(&till, MSISDN).await;
    let with = |member: &str, value: Value| {
        let mut body = recharge("a", &offer[0]);
        body[member] = value;
        body
    };
    for (body, expected) in [
        (with("bundleId", json!("MN999")), 9),
        (with("amount", json!(451)), 1007),
        (with("amount", json!("4.50")), 1007),
        (with("msisdn", json!("hello")), 6),
        (with("clientReference", json!("")), 1007),
    ] {
        assert_eq!(
            code(&post(&till, PATH, &body).await),
            (400, expected),
            "{body}"
        );
    }
    assert_eq!(post(&till, PATH, &recharge("a", &offer[0])).await.0, 200);
}

#[tokio::test]
async fn a_bundle_cannot_be_bought_as_a_recharge() {
    let till = Till::open().await;
    let mut body = airtime("a", MSISDN, 5);
    body["productId"] = json!(901);
    let (_, answer) = till.sync(&body).await;
    assert_eq!(answer["error"]["code"], 9);
}
