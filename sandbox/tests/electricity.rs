//! Electricity: its own enquiry, the PINs in their order, and the extended limits.

#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use support::{NEW_YEAR_MS, Till, airtime};

const METER: &str = "12345678901";
const PATH: &str = "/electricity/transactions/27810000001";
const MUNICIPAL: i64 = 23;
const ESKOM: i64 = 47;
const UNKNOWN: &str = r#"{"code":1008,"message":"Recharge does not exist"}"#;

fn electricity(reference: &str, product: i64, meter: &str, amount: i64) -> Value {
    let mut body = airtime(reference, meter, amount);
    body["productId"] = json!(product);
    body["smsRecipientMsisdn"] = json!("27831234567");
    body
}

/// Buys electricity and gives back the service's reference of it.
async fn buy(till: &Till, product: i64, meter: &str, amount: i64) -> String {
    let reference = format!("{product}-{meter}-{amount}");
    let (status, body) = till
        .sync(&electricity(&reference, product, meter, amount))
        .await;
    assert_eq!(status, 200, "{body}");
    body["recharge"]["orderReferenceId"].to_string()
}

async fn enquire(till: &Till, reference: &str) -> Value {
    let (status, text) = till.get(&format!("{PATH}/{reference}")).await;
    assert_eq!(status, 200, "{text}");
    serde_json::from_str::<Value>(&text).unwrap()["transaction"].take()
}

/// What the PINs are called, each with its place.
fn pins(transaction: &Value) -> Vec<(u64, &str)> {
    let pins = transaction["pinData"].as_array().unwrap().iter();
    pins.map(|pin| {
        let digits = pin["pin"].as_str().unwrap();
        assert!(digits.split(' ').all(|group| group.len() == 4), "{digits}");
        let order = pin["order"].as_u64().unwrap();
        (order, pin["description"].as_str().unwrap())
    })
    .collect()
}

#[tokio::test]
async fn a_purchase_is_pending_without_pins_before_it_is_final() {
    let till = Till::open().await;
    let reference = buy(&till, MUNICIPAL, METER, 45).await;
    till.clock.advance(Duration::from_millis(89_999));
    let expected = format!(
        r#"{{"error":null,"responseCode":"SUCCESS","transaction":{{"description":"Order","network":"Municipal Electricity","recipientMsisdn":"27831234567","statusDate":{NEW_YEAR_MS},"reference":"{reference}","amount":"R45.00","discount":"1.50%","cost":"R44.33","status":"Recharge Pending","statusId":"PENDING","ticketNumber":null,"voucherPin":null,"additionalVoucherPin":null,"boxNumber":null,"batchNumber":null,"expiryDate":null,"meterNumber":"{METER}","units":null,"supplyGroupCode":null,"keyRevisionNumber":null,"tariffIndex":null,"tokenTechnology":null,"algorithmCode":null,"pinData":[]}}}}"#
    );
    let path = format!("{PATH}/{reference}");
    assert_eq!(till.get(&path).await, (200, expected));
    till.clock.advance(Duration::from_millis(1));
    assert_eq!(enquire(&till, &reference).await["statusId"], "SUCESSFUL");
}

#[tokio::test]
async fn forty_five_rand_brings_key_change_pins_to_be_entered_first() {
    let till = Till::open().await;
    let municipal = buy(&till, MUNICIPAL, METER, 45).await;
    let eskom = buy(&till, ESKOM, "12345678902", 45).await;
    till.clock.advance(Duration::from_secs(90));
    let first = [
        (1, "Key Change PIN #1"),
        (2, "Key Change PIN #2"),
        (3, "Purchase PIN"),
        (4, "Free Units PIN"),
    ];
    let transaction = enquire(&till, &municipal).await;
    assert_eq!(pins(&transaction), first);
    assert_eq!(transaction["units"], "18.00");
    assert_eq!(transaction["keyRevisionNumber"], "2");
    let pin = |nth: usize| transaction["pinData"][nth]["pin"].clone();
    let all: BTreeSet<String> = (0..4).map(|nth| pin(nth).to_string()).collect();
    assert_eq!(all.len(), 4, "no two PINs are alike");
    assert_eq!(pins(&enquire(&till, &eskom).await), first[..3]);
    let (_, ordinary) = till.enquire(0, "23-12345678901-45").await;
    assert_eq!(ordinary["transaction"]["voucherPin"], pin(2));
    assert_eq!(ordinary["transaction"]["additionalVoucherPin"], pin(3));
    assert_eq!(transaction["voucherPin"], pin(2));
}

#[tokio::test]
async fn any_other_amount_succeeds_without_a_key_change() {
    let till = Till::open().await;
    for (product, amount, expected) in [
        (
            MUNICIPAL,
            25,
            &[(1, "Purchase PIN"), (2, "Free Units PIN")][..],
        ),
        (ESKOM, 13, &[(1, "Purchase PIN")]),
        (ESKOM, 17, &[(1, "Purchase PIN")]),
    ] {
        let reference = buy(&till, product, METER, amount).await;
        till.clock.advance(Duration::from_secs(90));
        let transaction = enquire(&till, &reference).await;
        assert_eq!(transaction["statusId"], "SUCESSFUL", "R{amount}");
        assert_eq!(pins(&transaction), expected, "R{amount}");
    }
}

#[tokio::test]
async fn forty_two_rand_fails_without_pins_and_is_refunded() {
    let till = Till::open().await;
    let reference = buy(&till, MUNICIPAL, METER, 42).await;
    assert_eq!(enquire(&till, &reference).await["statusId"], "PENDING");
    till.clock.advance(Duration::from_secs(90));
    let transaction = enquire(&till, &reference).await;
    assert_eq!(transaction["statusId"], "FAILED");
    assert_eq!(transaction["units"], Value::Null);
    assert_eq!(pins(&transaction), []);
    assert_eq!(till.sandbox.ledger().balance.to_string(), "100000.00");
}

#[tokio::test]
async fn references_that_are_unknown_or_not_electricity_are_1008() {
    let till = Till::open().await;
    let (_, sold) = till.sync(&airtime("a", "27821234567", 20)).await;
    let not_electricity = sold["recharge"]["orderReferenceId"].to_string();
    for reference in [&not_electricity, "130000001", "7", "never"] {
        let answer = till.get(&format!("{PATH}/{reference}")).await;
        assert_eq!(answer, (400, UNKNOWN.to_owned()), "{reference}");
    }
}

#[tokio::test]
async fn another_account_and_a_dead_token_are_refused_as_everywhere() {
    let other = "27830000002";
    let mut till = Till::with(|builder| builder.another_account(other, 100.into())).await;
    let reference = buy(&till, MUNICIPAL, METER, 50).await;
    let answer = till
        .get(&format!("/electricity/transactions/{other}/{reference}"))
        .await;
    assert_eq!(answer, (400, UNKNOWN.to_owned()), "own, but not this one's");
    let foreign = till
        .get(&format!(
            "/electricity/transactions/27820000000/{reference}"
        ))
        .await;
    assert_eq!(foreign.0, 403);
    till.token = "dead".to_owned();
    for path in [&format!("{PATH}/{reference}"), "/electricity/limits"] {
        assert_eq!(till.get(path).await.0, 401, "{path}");
    }
}

#[tokio::test]
async fn history_is_a_month() {
    let mut till = Till::open().await;
    let reference = buy(&till, MUNICIPAL, METER, 50).await;
    let path = format!("{PATH}/{reference}");
    for (days, status) in [(30, 200), (1, 400)] {
        till.clock.advance(Duration::from_secs(24 * 3600) * days);
        till.log_in().await;
        assert_eq!(till.get(&path).await.0, status);
    }
}

#[tokio::test]
async fn faults_hit_this_read_like_any_other() {
    let till = Till::open().await;
    let reference = buy(&till, MUNICIPAL, METER, 50).await;
    till.sandbox.set_faults(support::faults("503-after=1"));
    assert_eq!(till.get(&format!("{PATH}/{reference}")).await.0, 503);
}

#[tokio::test]
async fn a_limit_id_is_kept_by_the_ledger_and_not_shown_as_the_meter() {
    let till = Till::open().await;
    let reference = buy(&till, MUNICIPAL, "123456789,7", 1500).await;
    assert_eq!(enquire(&till, &reference).await["meterNumber"], "123456789");
    assert_eq!(till.sandbox.ledger().entries[0].msisdn, "123456789,7");
    for (meter, amount, code) in [
        ("123456789", 1500, 1007),
        ("123456789,7", 5001, 1007),
        ("123456789,99", 50, 1007),
        ("123456789,7", 1500, 16),
        ("123456789,5", 1500, 16),
    ] {
        let (status, body) = till.sync(&electricity("b", MUNICIPAL, meter, amount)).await;
        let answer = (status, body["error"]["code"].as_i64());
        assert_eq!(answer, (400, Some(code)), "{meter} R{amount}");
    }
}

#[tokio::test]
async fn the_limits_name_their_municipalities() {
    let till = Till::open().await;
    let (status, text) = till.get("/electricity/limits").await;
    assert_eq!(status, 200);
    let tshwane = r#"{"limitId":7,"municipality":"City of Tshwane","maxAmount":5000.0000}"#;
    assert!(text.starts_with(r#"{"error":null,"responseCode":"SUCCESS","limits":[{"limitId":"#));
    assert!(text.contains(tshwane), "{text}");
}

#[tokio::test]
async fn the_members_are_those_of_the_document() {
    let till = Till::open().await;
    let reference = buy(&till, MUNICIPAL, METER, 45).await;
    till.clock.advance(Duration::from_secs(90));
    let document = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../spec/smartcall/swagger.json"
    );
    let document: Value =
        serde_json::from_str(&std::fs::read_to_string(document).unwrap()).unwrap();
    let names = |value: &Value| -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    let documented = |name: &str| names(&document["definitions"][name]["properties"]);
    let transaction = enquire(&till, &reference).await;
    assert_eq!(names(&transaction), documented("ElectricityTransaction"));
    assert_eq!(names(&transaction["pinData"][0]), documented("PinData"));
    let (_, limits) = till.get("/electricity/limits").await;
    let limits: Value = serde_json::from_str(&limits).unwrap();
    assert_eq!(names(&limits), documented("ElectricityLimitsResponse"));
    assert_eq!(names(&limits["limits"][0]), documented("ElectricityLimit"));
}
