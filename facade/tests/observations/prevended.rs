//! Prevend: asks, sells nothing, and its reference is the sale's.

use std::sync::Arc;

use recharge::Policy;
use recharge::journal::Memory;
use recharge::smartcall::{Code, ElectricityOrder, PrevendError, Table};
use serde_json::json;

use crate::support::Route::{Enquiry, Prevend, Sale, Submit};
use crate::support::*;
use crate::*;

#[tokio::test]
async fn the_recharge_that_follows_has_the_reference_of_the_prevend() {
    let shop = Shop::open(well).await;
    let order = order_for(0);
    let prevended = shop.client.prevend(&order).await.unwrap();
    let row = shop.client.journaled(order.reference()).await.unwrap();
    assert!(row.is_none(), "nothing is sold yet");
    vended(shop.client.recharge(prevended.order()).await);
    let (asked, sold) = (&shop.service.log(Prevend)[0], &shop.service.log(Sale)[0]);
    assert_eq!(asked.reference(), order.reference().as_str());
    assert_eq!(sold.reference(), order.reference().as_str());
    assert_eq!(
        asked.json(),
        json!({
            "smartloadId": ACCOUNT, "clientReference": order.reference().as_str(), "smsRecipientMsisdn": SUBSCRIBER,
            "deviceId": SUBSCRIBER, "productId": 62, "amount": 29.5, "pinless": true, "sendSms": false,
        })
    );

    let other = order.renewed();
    assert_ne!(other.reference(), order.reference());
    let prevended = shop.client.prevend(&other).await.unwrap();
    vended(shop.client.submit(prevended.order()).await);
    assert_eq!(
        shop.service.log(Submit)[0].reference(),
        other.reference().as_str()
    );
}

#[tokio::test]
async fn a_refusal_is_told_with_its_code_and_sells_nothing() {
    for code in ["APP_ERROR", "SYS_ERROR", "INV_REQUEST"] {
        let shop = Shop::open(move |request| match request.route {
            Prevend => json_reply(
                200,
                json!({"responseCode": code, "message": "No universal account"}),
            ),
            Sale | Submit | Enquiry => never(0),
            _ => well(request),
        })
        .await;
        match shop.client.prevend(&order_for(0)).await {
            Err(PrevendError::Refused {
                code: told,
                message,
                ..
            }) => {
                assert_eq!(told, Code::new(Table::Response, code));
                assert_eq!(message, "No universal account");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_lost_prevend_is_not_sent_again_and_costs_the_reference() {
    for (what, reply) in lost_answers() {
        let shop = Shop::open(move |request| match request.route {
            Prevend => reply.clone(),
            Sale | Submit | Enquiry => never(0),
            _ => well(request),
        })
        .await;
        let order = order_for(0);
        let told = shop.client.prevend(&order).await;
        let used_up = match &told {
            Err(PrevendError::Lost { reference, .. } | PrevendError::Refused { reference, .. }) => {
                reference
            }
            other => panic!("{what}: {other:?}"),
        };
        assert_eq!(used_up, order.reference(), "{what}");
        assert_eq!(shop.service.count(Prevend), 1, "{what}");
    }
}

#[tokio::test]
async fn a_reference_that_was_sold_is_not_asked_about() {
    let shop = Shop::open(well).await;
    let order = order_for(0);
    vended(shop.client.recharge(&order).await);
    let told = shop.client.prevend(&order).await;
    assert!(
        matches!(told, Err(PrevendError::ReferenceTaken { .. })),
        "{told:?}"
    );
    assert_eq!(shop.service.count(Prevend), 0);
}

#[tokio::test]
async fn what_is_no_mobile_recharge_is_refused_before_anything_is_sent() {
    let shop = Shop::open(never_asked).await;
    let electricity = recharge::smartcall::RechargeOrder::new(
        SUBSCRIBER.parse().unwrap(),
        "47".parse().unwrap(),
        "10".parse().unwrap(),
    );
    for (order, field) in [
        (electricity, "product"),
        (order().with_voucher(), "voucher"),
    ] {
        match shop.client.prevend(&order).await {
            Err(PrevendError::Invalid(invalid)) => assert_eq!(invalid.field(), field),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_was_not_sent_leaves_the_reference_unused() {
    let shop = Shop::with(Arc::new(Memory::new()), Policy::default(), &[0, 1], well).await;
    let told = shop.client.prevend(&order()).await;
    assert!(
        matches!(told, Err(PrevendError::NotSent { .. })),
        "{told:?}"
    );
    let shop = Shop::with(Arc::new(Memory::new()), Policy::default(), &[0], well).await;
    assert!(shop.client.prevend(&order()).await.is_ok());
    let shop = Shop::open(|request| match request.route {
        Prevend => unauthorised("Source IP is not authorised"),
        _ => well(request),
    })
    .await;
    let told = shop.client.prevend(&order()).await;
    assert!(matches!(told, Err(PrevendError::Denied { .. })), "{told:?}");
}

#[tokio::test]
async fn a_prevend_of_electricity_has_a_reference_of_its_own() {
    let shop = Shop::open(well).await;
    let meter = "04123456789";
    let order = ElectricityOrder::eskom(meter.parse().unwrap(), "50".parse().unwrap()).unwrap();
    shop.client.prevend_electricity(&order).await.unwrap();
    let asked = shop.service.log(Prevend).remove(0);
    assert_ne!(asked.reference(), order.reference().as_str());
    assert_eq!(asked.json()["deviceId"], meter);
    assert!(
        asked.json().get("smsRecipientMsisdn").is_none(),
        "a meter is no number"
    );
}
