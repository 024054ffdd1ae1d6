//! Electricity: sold once, waited for, and its PINs in the order of entry.

use std::sync::Arc;
use std::time::Duration;

use recharge::journal::Memory;
use recharge::recovery::Advice;
use recharge::smartcall::{ElectricityOrder, TransactionStatus};
use recharge::{PinKind, Policy, ReadError};
use serde_json::{Value, json};

use crate::support::Route::{Electricity, Enquiry, Limits, Sale};
use crate::support::*;
use crate::*;

const METER: &str = "04123456789";
const FIRST: &str = "1111 1111 1111 1111 1111";
const SECOND: &str = "2222 2222 2222 2222 2222";
const PURCHASE: &str = "3333 3333 3333 3333 3333";

fn order() -> ElectricityOrder {
    ElectricityOrder::municipal(METER.parse().unwrap(), "45".parse().unwrap()).unwrap()
}

fn taken_in() -> Reply {
    sold()
}

/// The transaction of [`order`], in which nobody is recharged.
fn found(status_id: &str) -> Reply {
    json_reply(
        200,
        json!({"error": null, "responseCode": "SUCCESS", "transaction": transaction(status_id)}),
    )
}

fn transaction(status_id: &str) -> Value {
    json!({
        "recipientMsisdn": null, "reference": "987654321", "amount": "R45.00", "cost": "R44.10", "status": "As told",
        "statusId": status_id, "voucherPin": PURCHASE, "additionalVoucherPin": null,
    })
}

/// The electricity enquiry's answer, with the key change at the end of the list.
fn tokens() -> Reply {
    tokens_of(
        METER,
        json!([
            {"order": 3, "description": "Purchase PIN", "pin": PURCHASE},
            {"order": 1, "description": "Key Change PIN #1", "pin": FIRST},
            {"order": 2, "description": "Key Change PIN #2", "pin": SECOND},
        ]),
    )
}

fn tokens_of(meter: &str, pins: Value) -> Reply {
    let mut transaction = transaction("SUCCESSFUL");
    transaction["meterNumber"] = meter.into();
    transaction["units"] = "18.00".into();
    transaction["pinData"] = pins;
    json_reply(
        200,
        json!({"error": null, "responseCode": "SUCCESS", "transaction": transaction}),
    )
}

/// A service that takes electricity in, says that it is final when it is asked the third time, and then has its PINs.
fn electric(request: &Request) -> Reply {
    match (request.route, request.number) {
        (Sale, _) => taken_in(),
        (Enquiry, 1 | 2) => found("PENDING"),
        (Enquiry, _) => found("SUCCESSFUL"),
        (Electricity, _) => tokens(),
        _ => well(request),
    }
}

#[tokio::test]
async fn electricity_is_waited_for_and_its_pins_come_in_the_order_of_entry() {
    let shop = Shop::open(electric).await;
    let sale = vended(shop.client.sell_electricity(&order()).await);
    assert_eq!(codes(&sale.receipt), [FIRST, SECOND, PURCHASE]);
    assert_eq!(
        sale.receipt
            .pins
            .iter()
            .map(|pin| pin.kind)
            .collect::<Vec<_>>(),
        [
            PinKind::KeyChangeFirst,
            PinKind::KeyChangeSecond,
            PinKind::Electricity
        ]
    );
    assert_eq!(
        (sale.receipt.missing, sale.receipt.details["units"].as_str()),
        (0, "18.00")
    );
    assert_eq!(
        (shop.service.count(Sale), shop.service.count(Enquiry)),
        (1, 3)
    );
    assert_eq!(
        shop.service.log(Electricity)[0].path,
        format!("/webservice/electricity/transactions/{ACCOUNT}/987654321")
    );
    let slip = sale.receipt.expose_for_print().to_string();
    let lines: Vec<_> = slip.lines().collect();
    assert!(
        lines[0].contains("first, in this order, before any other PIN"),
        "{slip}"
    );
    assert_eq!(lines[1], format!("1. Key Change PIN #1: {FIRST}"));
    assert_eq!(lines[3], format!("3. Purchase PIN: {PURCHASE}"));
}

#[tokio::test]
async fn the_meter_goes_on_the_wire_with_its_limit_and_nobodys_number() {
    let shop = Shop::open(electric).await;
    let reference = reference("my-reference");
    let limited =
        ElectricityOrder::municipal("123456789,7".parse().unwrap(), "45".parse().unwrap());
    let order = limited.unwrap().with_reference(reference);
    vended(shop.client.sell_electricity(&order).await);
    assert_eq!(
        shop.service.log(Sale)[0].json(),
        json!({"smartloadId": ACCOUNT, "clientReference": "my-reference", "deviceId": "123456789,7", "productId": 23,
            "amount": 45, "sendSms": false})
    );
    let eskom = ElectricityOrder::eskom(METER.parse().unwrap(), "45".parse().unwrap()).unwrap();
    let order = eskom
        .with_branded_sms(SUBSCRIBER.parse().unwrap(), "Corner Shop")
        .unwrap();
    vended(shop.client.sell_electricity(&order).await);
    let body = shop.service.log(Sale)[1].json();
    assert_eq!(body["smsRecipientMsisdn"], SUBSCRIBER);
    assert_eq!(body["smsProviderIdentifier"], "Corner Shop");
    assert_eq!(
        (&body["sendSms"], &body["productId"]),
        (&json!(true), &json!(47))
    );
}

#[tokio::test]
async fn free_basic_electricity_is_asked_for_with_an_amount_of_nothing() {
    let shop = Shop::open(electric).await;
    let order = ElectricityOrder::free_basic(METER.parse().unwrap()).unwrap();
    // What the units are worth is the municipality's to say.
    vended(shop.client.sell_electricity(&order).await);
    let body = shop.service.log(Sale)[0].json();
    assert_eq!(
        (&body["amount"], &body["productId"]),
        (&json!(0), &json!(220))
    );
}

#[tokio::test]
async fn a_lost_answer_is_enquired_about_and_never_sent_again() {
    for (what, reply) in lost_answers() {
        let shop = Shop::open(move |request| match request.route {
            Sale => reply.clone(),
            _ => electric(request),
        })
        .await;
        let sale = vended(shop.client.sell_electricity(&order()).await);
        assert_eq!(codes(&sale.receipt), [FIRST, SECOND, PURCHASE], "{what}");
        assert_eq!(shop.service.count(Sale), 1, "{what}");
    }
}

#[tokio::test]
async fn electricity_that_no_enquiry_finds_stays_unresolved_and_is_not_sold_again() {
    for (what, reply) in lost_answers() {
        let shop = Shop::open(move |request| match request.route {
            Sale => reply.clone(),
            Enquiry => not_seen(),
            _ => well(request),
        })
        .await;
        let order = order();
        unresolved(shop.client.sell_electricity(&order).await);
        unresolved(shop.client.sell_electricity(&order).await);
        let mut told = 0;
        let recovered = shop.client.recover(|_, outcome| {
            unresolved(outcome);
            told += 1;
        });
        recovered.await.unwrap();
        assert_eq!((told, shop.service.count(Sale)), (1, 1), "{what}");
    }
}

#[tokio::test]
async fn a_sale_whose_pins_cannot_be_fetched_is_sold_all_the_same_and_they_are_asked_for_later() {
    for reply in [
        html(500),
        Reply::Close,
        bare(400, 1008),
        tokens_of(METER, json!([])),
        html(200),
    ] {
        let dark = reply.clone();
        let shop = Shop::open(move |request| match (request.route, request.number) {
            (Electricity, 1 | 2) => dark.clone(),
            _ => electric(request),
        })
        .await;
        let order = order();
        let sale = vended(shop.client.sell_electricity(&order).await);
        let asked: Vec<_> = shop
            .service
            .log(Electricity)
            .iter()
            .map(|asked| asked.host)
            .collect();
        assert_eq!(asked.len(), 2, "each host once: {reply:?}");
        assert_ne!(asked[0], asked[1], "{reply:?}");
        assert_eq!(
            (codes(&sale.receipt), sale.receipt.missing),
            (vec![], 1),
            "{reply:?}"
        );
        let enquiries = shop.service.count(Enquiry);
        let found = shop
            .client
            .electricity_tokens(order.reference())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(codes(&found.transaction.receipt), [FIRST, SECOND, PURCHASE]);
        assert_eq!(found.transaction.status, TransactionStatus::Successful);
        assert_eq!(
            (found.meter.as_deref(), found.units.as_deref()),
            (Some(METER), Some("18.00"))
        );
        // The journal had the Smartload reference.
        assert_eq!(shop.service.count(Enquiry), enquiries);
    }
}

#[tokio::test]
async fn pins_that_cannot_be_read_are_counted_and_cost_no_other() {
    let shop = Shop::open(|request| match request.route {
        Electricity => tokens_of(METER, json!([
            {"order": 2, "description": "Key Change PIN #2", "pin": SECOND}, null,
            {"order": 3, "description": "Purchase PIN", "pin": PURCHASE}, {"order": 4, "description": "Bonus", "pin": "5555"},
        ])),
        _ => electric(request),
    })
    .await;
    let sale = vended(shop.client.sell_electricity(&order()).await);
    assert_eq!(codes(&sale.receipt), [SECOND, PURCHASE, "5555"]);
    assert_eq!(sale.receipt.missing, 1);
    assert!(
        sale.receipt
            .expose_for_print()
            .to_string()
            .starts_with("NOT COMPLETE: 1 PIN(s)")
    );
}

#[tokio::test]
async fn the_pins_of_another_meter_are_given_to_nobody() {
    let shop = Shop::open(|request| match request.route {
        Electricity => tokens_of(
            "98765432109",
            json!([{"order": 1, "description": "Purchase PIN", "pin": PURCHASE}]),
        ),
        _ => electric(request),
    })
    .await;
    let order = order();
    let (_, doubt) = unresolved(shop.client.sell_electricity(&order).await);
    assert!(matches!(doubt, Doubt::Differs(_)), "{doubt:?}");
    assert!(shop.row(order.reference()).await.end.is_none());
}

#[tokio::test]
async fn electricity_that_failed_is_refused_and_one_of_another_amount_is_another_sale() {
    let shop = Shop::open(|request| match request.route {
        Enquiry => found("FAILED"),
        _ => electric(request),
    })
    .await;
    let refusal = refused(shop.client.sell_electricity(&order()).await);
    assert_eq!(refusal.advice, Advice::NewReference);
    assert_eq!(shop.service.count(Electricity), 0);

    let shop = Shop::open(|request| match request.route {
        Sale => Reply::Close,
        Enquiry => transaction_of("SUCCESSFUL", SUBSCRIBER, "R46.00"),
        _ => electric(request),
    })
    .await;
    let (_, doubt) = unresolved(shop.client.sell_electricity(&order()).await);
    assert!(matches!(doubt, Doubt::Differs(_)), "{doubt:?}");
}

#[tokio::test]
async fn after_a_crash_a_recovery_waits_for_the_end_and_fetches_the_pins() {
    let journal = Arc::new(Memory::new());
    let policy = Policy::default().with_deadline(Duration::from_secs(1));
    let shop = Shop::with(journal.clone(), policy, &[], |request| {
        match (request.route, request.number) {
            (Enquiry, ..10) => found("PENDING"),
            _ => electric(request),
        }
    })
    .await;
    let outcome = shop.client.sell_electricity(&order()).await;
    assert!(matches!(outcome, Ok(Outcome::Pending(_))), "{outcome:?}");
    let client = shop.another(journal);
    let mut pins = Vec::new();
    for _ in 0..20 {
        let recovered = client.recover(|_, outcome| {
            if let Ok(Outcome::Vended(sale)) = outcome {
                pins.extend(codes(&sale.receipt).into_iter().map(str::to_owned));
            }
        });
        recovered.await.unwrap();
    }
    assert_eq!(pins, [FIRST, SECOND, PURCHASE]);
    assert_eq!(shop.service.count(Sale), 1);
}

#[tokio::test]
async fn tokens_of_a_sale_that_this_journal_does_not_know_are_found_by_an_enquiry() {
    let shop = Shop::open(electric).await;
    for _ in 0..2 {
        shop.client
            .enquire(&reference("another-till"))
            .await
            .unwrap();
    }
    let found = shop
        .client
        .electricity_tokens(&reference("another-till"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(codes(&found.transaction.receipt), [FIRST, SECOND, PURCHASE]);

    let unknown = Shop::open(|request| match request.route {
        Enquiry => not_seen(),
        Electricity => bare(400, 1008),
        _ => well(request),
    })
    .await;
    assert_eq!(
        unknown
            .client
            .electricity_tokens(&reference("nobodys"))
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        unknown
            .client
            .electricity_transaction("4711")
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn a_smartload_reference_that_would_change_the_path_is_refused_before_anything_is_sent() {
    let shop = Shop::open(|_| panic!("nobody should have asked")).await;
    for text in ["", "..", "a/b", "a b", "é", &"1".repeat(37)] {
        match shop.client.electricity_transaction(text).await {
            Err(ReadError::Invalid(invalid)) => assert_eq!(invalid.field(), "smartload_reference"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn limits_are_read_row_by_row() {
    let shop = Shop::open(|request| match (request.route, request.number) {
        (Limits, 1) => text_reply(200, "application/json", r#"{"error":null,"responseCode":"SUCCESS","limits":[
            {"limitId":7,"municipality":"City of Tshwane","maxAmount":5000.0000},null,7,
            {"limitId":"3","municipality":"Ekurhuleni","maxAmount":null},{"municipality":"Nowhere"}]}"#),
        (Limits, 2) => json_reply(200, json!({"error": {"code": 2, "message": "no"}, "responseCode": "SYS_ERROR", "limits": null})),
        (Limits, 3) => json_reply(200, json!({"error": null, "responseCode": "SUCCESS", "limits": null})),
        (Limits, _) => bare(400, 7),
        _ => well(request),
    })
    .await;
    let limits = shop.client.electricity_limits().await.unwrap();
    let read: Vec<_> = limits
        .limits
        .iter()
        .map(|limit| (limit.id, &*limit.municipality, limit.max_amount))
        .collect();
    assert_eq!(
        read,
        [
            (7, "City of Tshwane", Some("5000".parse().unwrap())),
            (3, "Ekurhuleni", None)
        ]
    );
    assert_eq!(limits.unreadable, 3);
    let error = shop.client.electricity_limits().await;
    assert!(
        matches!(error, Err(ReadError::Service { code: Some(2), .. })),
        "{error:?}"
    );
    let error = shop.client.electricity_limits().await;
    assert!(matches!(error, Err(ReadError::Unreadable(_))), "{error:?}");
    let error = shop.client.electricity_limits().await;
    assert!(
        matches!(
            error,
            Err(ReadError::Service {
                status: 400,
                code: Some(7),
                ..
            })
        ),
        "{error:?}"
    );
}
