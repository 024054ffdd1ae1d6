//! Vouchers in one answer: bought once, and given out by an enquiry when the answer is lost.

use std::sync::Arc;
use std::time::Duration;

use recharge::journal::Memory;
use recharge::smartcall::VoucherOrder;
use recharge::{PinKind, Policy, ReadError};
use serde_json::{Value, json};

use crate::support::Route::{Enquiry, Stock, VoucherQuery, Vouchers};
use crate::support::*;
use crate::*;

const PINS: [&str; 3] = ["713457265222", "713457265223", "713457265224"];

fn order() -> VoucherOrder {
    VoucherOrder::new("66".parse().unwrap(), 3).unwrap()
}

fn batch(balance: Value, vouchers: Value) -> Reply {
    json_reply(
        200,
        json!({"error": null, "responseCode": "SUCCESS", "orderReferenceId": 987_654_321, "dealerBalance": balance, "vouchers": vouchers}),
    )
}

fn vouchers() -> Value {
    let voucher = |pin: &&str| json!({"voucherPin": format!("{pin}    "), "ticketNumber": "13950628970  ", "expiryDate": 1_580_076_000_000_u64});
    PINS.iter().map(voucher).collect()
}

fn bought() -> Reply {
    batch(json!(99574.75), vouchers())
}

/// The ordinary enquiry shows the dealer, what all vouchers cost together, and one PIN of them.
fn found(status_id: &str) -> Reply {
    json_reply(
        200,
        json!({"error": null, "responseCode": "SUCCESS", "transaction": {
            "recipientMsisdn": ACCOUNT, "reference": "987654321", "amount": "R30.00", "statusId": status_id, "voucherPin": PINS[0],
        }}),
    )
}

fn stocked(request: &Request) -> Reply {
    match request.route {
        Vouchers => bought(),
        Enquiry => found("SUCCESSFUL"),
        VoucherQuery => batch(Value::Null, vouchers()),
        _ => well(request),
    }
}

#[tokio::test]
async fn vouchers_come_with_the_answer() {
    let shop = Shop::open(stocked).await;
    let order = order().with_reference(reference("my-reference"));
    let sale = vended(shop.client.buy_vouchers(&order).await);
    assert_eq!(codes(&sale.receipt), PINS);
    assert_eq!(sale.receipt.missing, 0);
    let first = &sale.receipt.pins[0];
    assert_eq!(first.kind, PinKind::Voucher);
    assert_eq!(
        (first.serial.as_deref(), first.expires.as_deref()),
        (Some("13950628970"), Some("2020-01-27"))
    );
    assert_eq!(sale.provider_reference.as_deref(), Some("987654321"));
    assert_eq!(sale.balance, Some("99574.75".parse().unwrap()));
    assert_eq!(
        shop.service.log(Vouchers)[0].json(),
        json!({"smartloadId": ACCOUNT, "clientReference": "my-reference", "productId": 66, "quantity": 3})
    );
    assert_eq!(
        (
            shop.service.count(Enquiry),
            shop.service.count(VoucherQuery)
        ),
        (0, 0)
    );

    // The journal keeps no PIN: the same order again is carried on, and the vouchers are asked for.
    let again = vended(shop.client.buy_vouchers(&order).await);
    assert_eq!(
        (codes(&again.receipt), shop.service.count(Vouchers)),
        (vec![], 1)
    );
    let receipt = shop
        .client
        .vouchers(order.reference())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((codes(&receipt), receipt.missing), (PINS.to_vec(), 0));
    assert_eq!(
        shop.service.log(VoucherQuery)[0].path,
        format!("/webservice/smartload/batchvouchers/{ACCOUNT}/987654321")
    );
}

#[tokio::test]
async fn a_lost_answer_is_enquired_about_never_sent_again_and_the_vouchers_come_by_the_query() {
    for (what, reply) in lost_answers() {
        let shop = Shop::open(move |request| match request.route {
            Vouchers => reply.clone(),
            _ => stocked(request),
        })
        .await;
        let sale = vended(shop.client.buy_vouchers(&order()).await);
        assert_eq!(
            (codes(&sale.receipt), sale.receipt.missing),
            (PINS.to_vec(), 0),
            "{what}"
        );
        assert_eq!(shop.service.count(Vouchers), 1, "{what}");
    }
}

#[tokio::test]
async fn a_purchase_that_no_enquiry_finds_stays_unresolved_and_is_not_made_again() {
    for (what, reply) in lost_answers() {
        let shop = Shop::open(move |request| match request.route {
            Vouchers => reply.clone(),
            Enquiry => not_seen(),
            _ => well(request),
        })
        .await;
        let order = order();
        unresolved(shop.client.buy_vouchers(&order).await);
        unresolved(shop.client.buy_vouchers(&order).await);
        let mut told = 0;
        let recovered = shop.client.recover(|_, outcome| {
            unresolved(outcome);
            told += 1;
        });
        recovered.await.unwrap();
        assert_eq!((told, shop.service.count(Vouchers)), (1, 1), "{what}");
    }
}

#[tokio::test]
async fn a_duplicate_is_most_likely_this_very_purchase() {
    let shop = Shop::open(|request| match request.route {
        Vouchers => bare(400, 1001),
        _ => stocked(request),
    })
    .await;
    let sale = vended(shop.client.buy_vouchers(&order()).await);
    assert_eq!(codes(&sale.receipt), PINS);
}

#[tokio::test]
async fn a_sale_of_something_else_under_the_reference_is_never_told_as_this_purchase() {
    let shop = Shop::open(|request| match request.route {
        Vouchers => bare(400, 1001),
        VoucherQuery => bare(400, 1008),
        _ => stocked(request),
    })
    .await;
    unresolved(shop.client.buy_vouchers(&order()).await);
    assert_eq!(shop.service.count(Vouchers), 1);
}

#[tokio::test]
async fn a_purchase_whose_vouchers_cannot_be_fetched_is_made_all_the_same_and_they_are_asked_for_later()
 {
    for dark in [
        html(500),
        Reply::Close,
        html(200),
        batch(Value::Null, Value::Null),
    ] {
        let shop = Shop::open(move |request| match (request.route, request.number) {
            (Vouchers, _) => Reply::Reset,
            (VoucherQuery, 1 | 2) => dark.clone(),
            _ => stocked(request),
        })
        .await;
        let order = order();
        let sale = vended(shop.client.buy_vouchers(&order).await);
        // Not the one PIN of the ordinary enquiry, which would pass for all.
        assert_eq!((codes(&sale.receipt), sale.receipt.missing), (vec![], 3));
        assert_eq!(shop.service.count(VoucherQuery), 2);
        let receipt = shop
            .client
            .vouchers(order.reference())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(codes(&receipt), PINS);
    }
}

#[tokio::test]
async fn vouchers_that_the_answer_does_not_have_readably_are_asked_for_once_more() {
    let partly = json!([{"voucherPin": PINS[0]}, null, {"voucherPin": PINS[2]}]);
    let shop = {
        let partly = partly.clone();
        Shop::open(move |request| match request.route {
            Vouchers => batch(json!(1), partly.clone()),
            _ => stocked(request),
        })
        .await
    };
    let sale = vended(shop.client.buy_vouchers(&order()).await);
    assert_eq!(
        (codes(&sale.receipt), sale.receipt.missing),
        (PINS.to_vec(), 0)
    );

    let shop = Shop::open(move |request| match request.route {
        Vouchers | VoucherQuery => batch(json!(1), partly.clone()),
        _ => stocked(request),
    })
    .await;
    let sale = vended(shop.client.buy_vouchers(&order()).await);
    assert_eq!(
        (codes(&sale.receipt), sale.receipt.missing),
        (vec![PINS[0], PINS[2]], 1)
    );
}

#[tokio::test]
async fn a_success_without_vouchers_is_settled_by_enquiry() {
    let shop = Shop::open(|request| match request.route {
        Vouchers => batch(json!(1), Value::Null),
        _ => stocked(request),
    })
    .await;
    let sale = vended(shop.client.buy_vouchers(&order()).await);
    assert_eq!(codes(&sale.receipt), PINS);
    assert_eq!(
        (shop.service.count(Vouchers), shop.service.count(Enquiry)),
        (1, 1)
    );
}

#[tokio::test]
async fn a_refusal_of_the_tables_is_final_and_one_of_the_systems_needs_a_witness() {
    let shop = Shop::open(|request| match request.route {
        Vouchers => bare(400, 18),
        _ => well(request),
    })
    .await;
    assert_eq!(
        refused(shop.client.buy_vouchers(&order()).await).code,
        Some(18)
    );
    assert_eq!(shop.service.count(Enquiry), 0);

    let shop = Shop::open(|request| match request.route {
        Vouchers => json_reply(200, json!({"error": {"code": 2, "message": "no"}, "responseCode": "SYS_ERROR", "vouchers": null})),
        _ => stocked(request),
    })
    .await;
    vended(shop.client.buy_vouchers(&order()).await);
}

#[tokio::test]
async fn after_a_crash_a_recovery_gives_the_vouchers() {
    let journal = Arc::new(Memory::new());
    let policy = Policy::default().with_deadline(Duration::from_secs(1));
    let shop = Shop::with(journal.clone(), policy, &[], |request| {
        match (request.route, request.number) {
            (Vouchers, _) => Reply::Close,
            (Enquiry, ..4) => html(500),
            _ => stocked(request),
        }
    })
    .await;
    let outcome = shop.client.buy_vouchers(&order()).await;
    unresolved(outcome);
    let mut pins = Vec::new();
    let client = shop.another(journal);
    let recovered = client.recover(|_, outcome| pins.extend(vended(outcome).receipt.pins));
    recovered.await.unwrap();
    assert_eq!(
        pins.iter().map(|pin| pin.code.expose()).collect::<Vec<_>>(),
        PINS
    );
    assert_eq!(shop.service.count(Vouchers), 1);
}

#[tokio::test]
async fn vouchers_that_nobody_knows_are_none_and_an_error_is_one() {
    let shop = Shop::open(|request| match (request.route, request.number) {
        (Enquiry, _) => not_seen(),
        (VoucherQuery, 1) => bare(400, 1008),
        (VoucherQuery, 2) => bare(200, 1008),
        (VoucherQuery, 3) => json_reply(
            200,
            json!({"error": {"code": 1008, "message": "no"}, "responseCode": "APP_ERROR"}),
        ),
        (VoucherQuery, 4) => bare(400, 7),
        (VoucherQuery, 5) => batch(Value::Null, json!("none")),
        _ => well(request),
    })
    .await;
    assert_eq!(
        shop.client.vouchers(&reference("nobodys")).await.unwrap(),
        None
    );
    for _ in 0..3 {
        assert_eq!(
            shop.client.vouchers_of_smartload("4711").await.unwrap(),
            None
        );
    }
    let error = shop.client.vouchers_of_smartload("4711").await;
    assert!(
        matches!(error, Err(ReadError::Service { code: Some(7), .. })),
        "{error:?}"
    );
    let error = shop.client.vouchers_of_smartload("4711").await;
    assert!(matches!(error, Err(ReadError::Unreadable(_))), "{error:?}");
    let asked = shop.service.count(VoucherQuery);
    for text in ["", "..", "a/b", &"1".repeat(37)] {
        match shop.client.vouchers_of_smartload(text).await {
            Err(ReadError::Invalid(invalid)) => assert_eq!(invalid.field(), "smartload_reference"),
            other => panic!("{text}: {other:?}"),
        }
    }
    assert_eq!(shop.service.count(VoucherQuery), asked);
}

#[tokio::test]
async fn the_stock_is_a_number_or_an_error() {
    let shop = Shop::open(|request| match (request.route, request.number) {
        (Stock, 1) => json_reply(
            200,
            json!({"error": null, "responseCode": "SUCCESS", "productId": 66, "stockLevel": 250}),
        ),
        (Stock, 2) => json_reply(
            200,
            json!({"error": null, "responseCode": "SUCCESS", "productId": 66, "stockLevel": -1}),
        ),
        (Stock, 3) => bare(200, 9),
        (Stock, _) => bare(400, 9),
        _ => well(request),
    })
    .await;
    let product = "66".parse().unwrap();
    assert_eq!(shop.client.voucher_stock(product).await.unwrap(), 250);
    let error = shop.client.voucher_stock(product).await;
    assert!(matches!(error, Err(ReadError::Unreadable(_))), "{error:?}");
    for status in [200, 400] {
        match shop.client.voucher_stock(product).await {
            Err(ReadError::Service {
                status: told,
                code: Some(9),
                ..
            }) => assert_eq!(told, status),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        shop.service.log(Stock)[0].path,
        "/webservice/smartload/voucherstock/66"
    );
}
