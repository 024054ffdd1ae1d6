//! The rules of the service and of its network simulator, as a client meets them.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use recharge_sandbox::RowVisible;
use serde_json::{Value, json};
use support::{Till, airtime};

const FIVE_MINUTES: &str = "A trx with the same Cell no + amount was done in the last 5 minutes. Please retry in 5 min if valid.";

fn code(answer: &(u16, Value)) -> (u16, i64, i64) {
    let (status, body) = answer;
    (
        *status,
        body["statusCode"].as_i64().unwrap(),
        body["error"]["code"].as_i64().unwrap_or(0),
    )
}

async fn status_id(till: &Till, reference: &str) -> String {
    till.enquire(0, reference).await.1["transaction"]["statusId"]
        .as_str()
        .unwrap_or("none")
        .to_owned()
}

#[tokio::test]
async fn eleven_rand_is_a_business_failure() {
    let till = Till::open().await;
    let (status, text) = till
        .try_post(
            0,
            "/smartload/v2/recharges",
            &airtime("a", "27821234567", 11),
        )
        .await
        .unwrap();
    assert_eq!(status, 400);
    assert_eq!(
        text,
        r#"{"error":{"code":1003,"message":"Generic recharge failure"},"statusCode":2,"statusMessage":"Invalid Recharge","recharge":null}"#
    );
    assert_eq!(
        (status_id(&till, "a").await.as_str(), till.sales_of("a")),
        ("FAILED", 0)
    );
}

#[tokio::test]
async fn seventeen_rand_is_a_network_that_is_down() {
    let till = Till::open().await;
    assert_eq!(
        code(&till.sync(&airtime("a", "27821234567", 17)).await),
        (400, 1, 2)
    );
    assert_eq!(
        (status_id(&till, "a").await.as_str(), till.sales_of("a")),
        ("FAILED", 0)
    );
    assert_eq!(till.sandbox.ledger().balance.to_string(), "100000");
}

#[tokio::test]
async fn thirteen_rand_is_pending_for_a_while_and_then_sold() {
    let till = Till::open().await;
    let mut codes = Vec::new();
    for n in 0..20 {
        let answer = till
            .sync(&airtime(&format!("r{n}"), &format!("278212345{n:02}"), 13))
            .await;
        let (status, status_code, error) = code(&answer);
        assert_eq!((status, status_code), (200, 3));
        codes.push(error);
    }
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes, [1002, 1004, 1006]);
    till.clock.advance(Duration::from_millis(89_999));
    assert_eq!(
        (status_id(&till, "r0").await.as_str(), till.sales_of("r0")),
        ("PENDING", 0)
    );
    till.clock.advance(Duration::from_millis(1));
    assert_eq!(
        (status_id(&till, "r0").await.as_str(), till.sales_of("r0")),
        ("SUCESSFUL", 1)
    );
}

#[tokio::test]
async fn electricity_takes_its_time_on_both_endpoints() {
    let till = Till::open().await;
    for (reference, meter, amount) in [("good", "12345678901", 43), ("bad", "12345678902,7", 42)] {
        let mut body = airtime(reference, meter, amount);
        (body["productId"], body["smsRecipientMsisdn"]) = (json!(23), json!("27831234567"));
        let path = if reference == "good" {
            "/smartload/v2/recharges"
        } else {
            "/smartload/recharges"
        };
        assert_eq!(till.try_post(0, path, &body).await.unwrap().0, 200);
        assert_eq!(status_id(&till, reference).await, "PENDING");
    }
    till.clock.advance(Duration::from_secs(90));
    assert_eq!(
        (
            status_id(&till, "good").await.as_str(),
            till.sales_of("good")
        ),
        ("SUCESSFUL", 1)
    );
    assert_eq!(
        (status_id(&till, "bad").await.as_str(), till.sales_of("bad")),
        ("FAILED", 0)
    );
    let token = till.enquire(0, "good").await.1["transaction"]["voucherPin"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        token.len() == 24 && token.split(' ').all(|group| group.len() == 4),
        "{token}"
    );
    assert_eq!(
        till.sandbox.ledger().balance.to_string(),
        "99957.64",
        "the failed one was refunded"
    );
}

#[tokio::test]
async fn asynchronous_magic_amounts_fail_later() {
    let till = Till::open().await;
    for amount in [11, 17] {
        let reference = format!("r{amount}");
        let (status, body) = till
            .asynchronous(&airtime(&reference, "27821234567", amount))
            .await;
        assert_eq!(
            (status, body["responseCode"].as_str()),
            (200, Some("SUCCESS"))
        );
        till.clock.advance(Duration::from_secs(5));
        assert_eq!(status_id(&till, &reference).await, "FAILED");
    }
    assert_eq!(till.sandbox.ledger().balance.to_string(), "100000.00");
}

#[tokio::test]
async fn a_used_reference_is_refused_before_the_five_minute_rule() {
    let till = Till::open().await;
    let body = airtime("a", "27821234567", 20);
    till.sync(&body).await;
    let answer = till.sync(&body).await;
    assert_eq!(code(&answer), (400, 2, 1001));
    let message = answer.1["error"]["message"].as_str().unwrap();
    for detail in ["130000000", "27821234567", "R20.00", "Recharge Successful"] {
        assert!(message.contains(detail), "{message}");
    }
    let bare = till.asynchronous(&body).await;
    assert_eq!(
        bare,
        (400, json!({"code": 1001, "message": "Duplicate recharge"}))
    );
    assert_eq!(till.sales_of("a"), 1);
}

#[tokio::test]
async fn the_same_number_and_amount_must_wait_five_minutes() {
    let till = Till::open().await;
    till.sync(&airtime("a", "27821234567", 20)).await;
    let (status, text) = till
        .try_post(
            1,
            "/smartload/recharges",
            &airtime("b", "0821234567", "20.00"),
        )
        .await
        .unwrap();
    assert_eq!(
        (status, text),
        (400, format!(r#"{{"code":16,"message":"{FIVE_MINUTES}"}}"#))
    );
    let (status, text) = till
        .try_post(
            1,
            "/smartload/v2/recharges",
            &airtime("b", "27821234567", 20),
        )
        .await
        .unwrap();
    let wrapped = format!(
        r#"{{"error":{{"code":16,"message":"{FIVE_MINUTES}"}},"statusCode":2,"statusMessage":null,"recharge":null}}"#
    );
    assert_eq!((status, text), (400, wrapped));
    assert_eq!(
        till.sync(&airtime("c", "27821234567", 21)).await.0,
        200,
        "another amount"
    );
    assert_eq!(
        till.sync(&airtime("d", "27821234568", 20)).await.0,
        200,
        "another number"
    );
    till.clock.advance(Duration::from_secs(300));
    assert_eq!(
        till.sync(&airtime("b", "27821234567", 20)).await.0,
        200,
        "the refused reference is free"
    );
}

#[tokio::test]
async fn a_failed_sale_does_not_start_the_five_minutes() {
    let till = Till::open().await;
    till.sync(&airtime("a", "27821234567", 11)).await;
    assert_eq!(
        code(&till.sync(&airtime("b", "27821234567", 11)).await),
        (400, 2, 1003)
    );
}

#[tokio::test]
async fn both_guards_can_be_switched_off_and_then_it_sells_again() {
    let till = Till::with(|builder| builder.five_minute_rule(false)).await;
    assert_eq!(till.sync(&airtime("a", "27821234567", 20)).await.0, 200);
    assert_eq!(till.sync(&airtime("b", "27821234567", 20)).await.0, 200);
    assert_eq!(till.sandbox.ledger().sales_to("27821234567", 20.into()), 2);
    let till = Till::with(|builder| builder.five_minute_rule(false).deduplicate(false)).await;
    till.sync(&airtime("a", "27821234567", 20)).await;
    till.sync(&airtime("a", "27821234567", 20)).await;
    assert_eq!(till.sales_of("a"), 2);
}

#[tokio::test]
async fn bad_requests_are_refused_and_leave_no_row() {
    let till = Till::with(|builder| builder.balance(25.into())).await;
    let with = |member: &str, value: Value| {
        let mut body = airtime("a", "27821234567", 20);
        body[member] = value;
        body
    };
    let cases = [
        (with("deviceId", json!("12345")), 6),
        (with("productId", json!(4711)), 9),
        (with("productId", json!(47)), 0),
        (with("amount", json!(1)), 1007),
        (with("amount", json!(1000.01)), 1007),
        (with("amount", Value::Null), 1007),
        (with("clientReference", json!("")), 1007),
        (with("amount", json!(30)), 15),
    ];
    for (body, expected) in cases.iter().filter(|(_, expected)| *expected != 0) {
        assert_eq!(code(&till.sync(body).await), (400, 2, *expected), "{body}");
        assert_eq!(till.asynchronous(body).await.1["code"], *expected, "{body}");
    }
    let (_, poor) = till.sync(&with("amount", json!(30))).await;
    assert_eq!(
        poor["error"]["message"],
        "Insufficient funds in the SmartLoad wallet - Current balance: R25.00"
    );
    assert_eq!(till.enquire(0, "a").await.1["code"], 1005);
    assert_eq!(
        till.try_post(0, "/smartload/v2/recharges", &json!([1]))
            .await
            .unwrap()
            .0,
        400
    );
}

#[tokio::test]
async fn numbers_may_be_texts_and_cents_are_kept() {
    let till = Till::open().await;
    let mut body = airtime("a", "0821234567", "10.50");
    (body["productId"], body["airtimeNetworkAutoCorrect"]) = (json!("62"), json!(true));
    (body["deviceId"], body["extra"]) = (json!(""), json!({"ignored": true}));
    let (status, answer) = till.sync(&body).await;
    assert_eq!(
        (status, answer["recharge"]["retailPrice"].as_str()),
        (200, Some("10.50"))
    );
    assert_eq!(
        till.sandbox
            .ledger()
            .sales_to("27821234567", "10.5".parse().unwrap()),
        1
    );
}

#[tokio::test]
async fn variable_airtime_is_corrected_to_the_network_of_the_number() {
    let till = Till::open().await;
    let mut body = airtime("a", "27831234567", 20);
    body["airtimeNetworkAutoCorrect"] = json!(true);
    till.sync(&body).await;
    till.sync(&airtime("b", "27831234567", 21)).await;
    let products: Vec<i64> = till
        .sandbox
        .ledger()
        .sales()
        .map(|sale| sale.product)
        .collect();
    assert_eq!(products, [63, 62]);
}

#[tokio::test]
async fn the_other_host_lags_behind() {
    let till = Till::with(|builder| builder.cross_host_lag(Duration::from_secs(60))).await;
    till.sync(&airtime("a", "27821234567", 20)).await;
    assert_eq!(
        (
            till.enquire(0, "a").await.0,
            till.enquire(1, "a").await.1["code"].as_i64()
        ),
        (200, Some(1005))
    );
    let answer = till
        .try_post(
            1,
            "/smartload/v2/recharges",
            &airtime("a", "27821234567", 20),
        )
        .await
        .unwrap();
    assert!(answer.1.contains("1001"), "duplicates are known everywhere");
    till.clock.advance(Duration::from_secs(60));
    assert_eq!(till.enquire(1, "a").await.0, 200);
}

#[tokio::test]
async fn a_lagging_check_for_duplicates_sells_twice_through_the_other_host() {
    let lagging = |builder: recharge_sandbox::Builder| {
        builder
            .cross_host_lag(Duration::from_secs(60))
            .lagging_deduplication(true)
            .five_minute_rule(false)
    };
    let till = Till::with(lagging).await;
    let body = airtime("a", "27821234567", 20);
    for (host, sales) in [(0, 1), (0, 1), (1, 2)] {
        till.try_post(host, "/smartload/v2/recharges", &body)
            .await
            .unwrap();
        assert_eq!(till.sales_of("a"), sales, "after host {host}");
    }
}

#[tokio::test]
async fn a_row_at_the_start_is_seen_while_it_is_processed() {
    let till = Till::with(|builder| builder.processing(SLOW)).await;
    let body = airtime("a", "27821234567", 20);
    let first = till.sync(&body);
    tokio::pin!(first);
    tokio::select! {
        answer = &mut first => panic!("answered at once: {answer:?}"),
        () = seen(&till, "a") => {}
    }
    assert_eq!(status_id(&till, "a").await, "PENDING");
    assert_eq!(code(&till.sync(&body).await), (400, 2, 1001));
    assert_eq!(till.hurried(first).await.0, 200);
    assert_eq!(till.sales_of("a"), 1);
}

/// Waits until an enquiry finds it.
async fn seen(till: &Till, reference: &str) {
    while till.enquire(0, reference).await.0 != 200 {}
}

#[tokio::test]
async fn a_row_at_the_end_lets_an_overlapping_twin_through() {
    let late = |builder: recharge_sandbox::Builder| {
        builder.processing(SLOW).row_visible(RowVisible::AtEnd)
    };
    let till = Till::with(late).await;
    let body = airtime("a", "27821234567", 20);
    let both = async { tokio::join!(till.sync(&body), till.sync(&body)) };
    tokio::pin!(both);
    tokio::select! {
        answers = &mut both => panic!("answered at once: {answers:?}"),
        () = till.until("both", || till.sandbox.ledger().attempts.len() == 2) => {}
    }
    assert_eq!(till.enquire(0, "a").await.1["code"], 1005);
    let (first, second) = till.hurried(both).await;
    assert_eq!((first.0, second.0), (200, 200));
    assert_eq!(till.sales_of("a"), 2);
}

/// Longer than any test takes.
const SLOW: Duration = Duration::from_secs(600);

#[tokio::test]
async fn refusals_can_come_with_200() {
    let till = Till::with(|builder| {
        builder
            .refuse_with_200(true)
            .success_status_id("SUCCESSFUL")
    })
    .await;
    assert_eq!(
        code(&till.sync(&airtime("a", "27821234567", 11)).await),
        (200, 2, 1003)
    );
    till.sync(&airtime("b", "27821234567", 20)).await;
    assert_eq!(status_id(&till, "b").await, "SUCCESSFUL");
    assert_eq!(
        code(&till.sync(&airtime("c", "27821234567", 20)).await),
        (400, 2, 16)
    );
}
