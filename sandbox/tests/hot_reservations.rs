//! HOT: a recharge in two stages.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use recharge_sandbox::{HotKind, HotStatus};
use rust_decimal::Decimal;
use serde_json::json;
use support::hot::{HotTill, airtime, invalid, problem, read, reservation, with_option};
use support::until;

fn status_of(till: &HotTill, reference: &str) -> HotStatus {
    let ledger = till.ledger();
    let row = ledger
        .entries
        .iter()
        .rfind(|entry| entry.reference == reference);
    row.unwrap().status
}

#[tokio::test]
async fn a_reservation_costs_nothing_and_is_no_sale() {
    let till = HotTill::open().await;
    let before = till.ledger().wallets;
    let (status, answer) = till.recharge(&reservation("r", 10)).await;
    assert_eq!(
        (status, &answer["successful"], &answer["rechargeData"]),
        (200, &json!(true), &json!({}))
    );
    let ledger = till.ledger();
    assert_eq!(
        (ledger.wallets == before, ledger.sales().count()),
        (true, 0)
    );
    assert_eq!(
        (ledger.entries[0].kind, ledger.entries[0].status),
        (HotKind::Reserve, HotStatus::Reserved)
    );
}

#[tokio::test]
async fn completing_sells_under_the_reference_of_the_reservation_too() {
    let till = HotTill::open().await;
    let mut body = reservation("r", 10);
    body["CustomerSMS"] = json!("%AMOUNT%");
    till.recharge(&body).await;
    assert_eq!(till.ledger().messages.len(), 0);
    let (status, answer) = till.complete("r-c", "r", true).await;
    assert_eq!(
        (status, &answer["successful"], &answer["amount"]),
        (200, &json!(true), &json!(10))
    );
    assert!(answer["rechargeData"]["FinalBalance"].is_string());
    let ledger = till.ledger();
    assert_eq!((ledger.sales_of("r"), ledger.sales_of("r-c")), (1, 1));
    assert_eq!(
        ledger.sales_by_reference().into_iter().collect::<Vec<_>>(),
        [("r", 1)]
    );
    let sale = ledger.sales().next().unwrap();
    assert_eq!(
        (sale.kind, sale.original.as_deref()),
        (HotKind::Complete, Some("r"))
    );
    assert_eq!(ledger.wallets[&3], Decimal::from(100_000) - sale.charged);
    assert_eq!(
        (status_of(&till, "r"), ledger.messages[0].text.as_str()),
        (HotStatus::Completed, "$10.00")
    );
}

#[tokio::test]
async fn each_stage_is_known_by_its_own_reference() {
    let till = HotTill::open().await;
    let (_, reserved) = till.recharge(&reservation("r", 10)).await;
    let (_, completed) = till.complete("r-c", "r", true).await;
    assert_ne!(reserved["rechargeId"], completed["rechargeId"]);
    assert_eq!(till.enquire("r").await, (200, reserved));
    assert_eq!(till.enquire("r-c").await, (200, completed));
}

#[tokio::test]
async fn cancelling_ends_a_reservation_without_a_sale() {
    let till = HotTill::open().await;
    let before = till.ledger().wallets;
    till.recharge(&reservation("r", 10)).await;
    let (status, answer) = till.complete("r-f", "r", false).await;
    assert_eq!((status, &answer["successful"]), (200, &json!(true)));
    assert_eq!(status_of(&till, "r"), HotStatus::Cancelled);
    let (status, answer) = till.complete("r-c", "r", true).await;
    assert_eq!((status, problem(&answer).0), (400, "Reservation"));
    assert_eq!(
        (till.sales_of("r"), till.ledger().wallets == before),
        (0, true)
    );
    assert_eq!(till.enquire("r-c").await, (200, answer));
}

#[tokio::test]
async fn a_reservation_is_completed_once() {
    let till = HotTill::open().await;
    till.recharge(&reservation("r", 10)).await;
    assert_eq!(till.complete("r-c", "r", true).await.0, 200);
    for (reference, confirmed) in [("r-c", true), ("r-d", true), ("r-f", false)] {
        let (status, answer) = till.complete(reference, "r", confirmed).await;
        assert_eq!((status, problem(&answer).0), (400, "Reservation"));
    }
    assert_eq!(till.sales_of("r"), 1);
}

#[tokio::test]
async fn a_completion_under_way_has_taken_the_reservation() {
    let till = HotTill::with(|builder| builder.processing(Duration::from_secs(3600))).await;
    let order = reservation("r", 10);
    let reserving = till.recharge(&order);
    assert_eq!(support::hurried(&till.sandbox, reserving).await.0, 200);
    let body = json!({ "agentReference": "r-c", "originalReference": "r", "confirmed": true });
    let request = till
        .http
        .post(till.url(0, "/products/recharge/complete"))
        .bearer_auth(&till.token);
    let completing = tokio::spawn(request.json(&body).send());
    until("the claim", || {
        status_of(&till, "r") == HotStatus::Completed
    })
    .await;
    assert_eq!(till.complete("r-d", "r", true).await.0, 400);
    assert_eq!(till.complete("r-f", "r", false).await.0, 400);
    assert_eq!(
        support::hurried(&till.sandbox, completing)
            .await
            .unwrap()
            .unwrap()
            .status(),
        200
    );
    assert_eq!(till.sales_of("r"), 1);
}

#[tokio::test]
async fn a_reservation_lapses() {
    let till =
        HotTill::with(|builder| builder.hot_token_lifetime(Duration::from_secs(36_000))).await;
    till.recharge(&reservation("r", 10)).await;
    till.recharge(&reservation("s", 10)).await;
    till.clock.advance(Duration::from_secs(30 * 60 - 1));
    assert_eq!(till.complete("s-c", "s", true).await.0, 200);
    till.clock.advance(Duration::from_secs(1));
    for (reference, confirmed) in [("r-c", true), ("r-f", false)] {
        let (status, answer) = till.complete(reference, "r", confirmed).await;
        assert_eq!(
            (status, problem(&answer)),
            (400, ("Reservation", "The reservation has expired"))
        );
    }
    assert_eq!(
        (status_of(&till, "r"), status_of(&till, "s")),
        (HotStatus::Lapsed, HotStatus::Completed)
    );
    let short =
        HotTill::with(|builder| builder.hot_reservation_lifetime(Duration::from_secs(5))).await;
    short.recharge(&reservation("r", 10)).await;
    short.clock.advance(Duration::from_secs(5));
    assert_eq!(short.complete("r-c", "r", true).await.0, 400);
}

#[tokio::test]
async fn only_a_reservation_can_be_completed() {
    let till = HotTill::open().await;
    till.recharge(&airtime("a", 10)).await;
    for original in ["a", "nobody"] {
        let (status, answer) = till.complete("c", original, true).await;
        assert_eq!(
            (status, problem(&answer).0),
            (404, "Reservation"),
            "{original}"
        );
    }
    assert_eq!(till.sales_of("a"), 1);
}

#[tokio::test]
async fn the_second_stage_needs_a_reference_of_its_own() {
    let till = HotTill::open().await;
    let (_, reserved) = till.recharge(&reservation("r", 10)).await;
    let (status, answer) = till.complete("r", "r", true).await;
    assert_eq!((status, problem(&answer).0), (400, "AgentReference"));
    assert_eq!(till.enquire("r").await.1, reserved);
    for (body, key) in [
        (
            json!({ "originalReference": "r", "confirmed": true }),
            "AgentReference",
        ),
        (
            json!({ "agentReference": "c", "confirmed": true }),
            "OriginalReference",
        ),
        (
            json!({ "agentReference": "c", "originalReference": "r" }),
            "Confirmed",
        ),
        (
            json!({ "agentReference": "c", "originalReference": "r", "confirmed": "true" }),
            "Confirmed",
        ),
        (
            json!({ "agentReference": "c", "originalReference": "r", "confirmed": true, "confirmationData": 1 }),
            "ConfirmationData",
        ),
    ] {
        let (status, answer) = till.post("/products/recharge/complete", &body).await;
        assert_eq!((status, invalid(&answer)), (400, key), "{body}");
    }
    let body = json!({ "OriginalReference": "r", "Confirmed": true, "AgentReference": "rC" });
    assert_eq!(till.post("/products/recharge/complete", &body).await.0, 200);
}

#[tokio::test]
async fn the_wallet_must_be_able_to_pay_at_both_stages() {
    let till = HotTill::with(|builder| builder.hot_wallet(3, Decimal::from(10))).await;
    let (status, answer) = till.recharge(&reservation("big", 20)).await;
    assert_eq!((status, problem(&answer).0), (400, "Balance"));
    till.recharge(&reservation("r", 10)).await;
    till.recharge(&airtime("a", 5)).await;
    let (status, answer) = till.complete("r-c", "r", true).await;
    assert_eq!((status, problem(&answer).0), (400, "Balance"));
    assert_eq!(
        status_of(&till, "r"),
        HotStatus::Reserved,
        "it can still be cancelled"
    );
    assert_eq!(till.complete("r-f", "r", false).await.0, 200);
}

#[tokio::test]
async fn a_completion_that_the_network_refuses_spends_the_reservation() {
    let till = HotTill::open().await;
    till.recharge(&reservation("r", 11)).await;
    let (status, answer) = till.complete("r-c", "r", true).await;
    assert_eq!((status, &answer["successful"]), (200, &json!(false)));
    assert_eq!(till.complete("r-d", "r", true).await.0, 400);
    assert_eq!(till.sales_of("r"), 0);
}

#[tokio::test]
async fn the_customer_is_told_of_the_reservation_only_if_asked_for() {
    let till = HotTill::open().await;
    till.recharge(&reservation("quiet", 10)).await;
    let announced = with_option(
        reservation("told", 10),
        "SendReservationSMSToCustomer",
        "true",
    );
    till.recharge(&announced).await;
    let messages = till.ledger().messages;
    assert_eq!(messages.len(), 1);
    assert_eq!(
        (messages[0].reference.as_str(), messages[0].to.as_str()),
        ("told", "0772000001")
    );
}

#[tokio::test]
async fn the_option_reserves_even_when_it_says_false() {
    let till = HotTill::open().await;
    till.recharge(&with_option(airtime("r", 10), "makereservation", "false"))
        .await;
    assert_eq!(
        (till.sales_of("r"), status_of(&till, "r")),
        (0, HotStatus::Reserved)
    );
}

#[tokio::test]
async fn a_reference_that_was_reserved_twice_can_be_completed_twice() {
    let till = HotTill::open().await;
    for _ in 0..2 {
        till.recharge(&reservation("r", 10)).await;
    }
    for reference in ["r-c", "r-d"] {
        assert_eq!(till.complete(reference, "r", true).await.0, 200);
    }
    assert_eq!(till.complete("r-e", "r", true).await.0, 400);
    assert_eq!(till.ledger().sales_by_reference()["r"], 2);
}

#[tokio::test]
async fn a_repeated_completion_is_refused_as_by_version_one() {
    let till = HotTill::with(|builder| builder.hot_deduplicate(true)).await;
    till.recharge(&reservation("r", 10)).await;
    till.complete("r-c", "r", true).await;
    let body =
        json!({ "agentReference": "r-c", "originalReference": "r", "confirmed": true }).to_string();
    let answer = till
        .try_send(
            reqwest::Method::POST,
            0,
            "/products/recharge/complete",
            Some(body),
        )
        .await;
    assert_eq!(read(answer.unwrap()), (429, json!(null)));
}
