//! MoNice: one query, one recharge, within four hours.

use std::sync::Arc;
use std::time::Duration;

use recharge::journal::Memory;
use recharge::smartcall::{MoniceOffers, MoniceOrder};
use recharge::{Error, Policy, ReadError};
use serde_json::json;

use crate::support::Route::{Enquiry, Monice, MoniceQuery};
use crate::support::*;
use crate::*;

const FOUR_HOURS: Duration = Duration::from_secs(4 * 3600);

fn offers() -> Reply {
    json_reply(
        200,
        json!({"error": null, "responseCode": "SUCCESS", "msisdn": SUBSCRIBER, "bundles": [
            {"bundleId": "B1", "description": "1 GB for a day", "amount": 500}, null,
            {"bundleId": 42, "description": "100 minutes", "amount": 2950}, {"bundleId": "B3", "amount": 5.5}, {"bundleId": "B4", "amount": 0},
        ]}),
    )
}

fn telkom(request: &Request) -> Reply {
    match request.route {
        MoniceQuery => offers(),
        Monice => json_reply(
            200,
            json!({"error": null, "responseCode": "SUCCESS", "statusCode": 0, "recharge": {"orderReferenceId": 987_654_321, "balance": 100}}),
        ),
        _ => well(request),
    }
}

async fn query(shop: &Shop) -> MoniceOffers {
    shop.client
        .monice_offers(SUBSCRIBER.parse().unwrap())
        .await
        .unwrap()
}

async fn order(shop: &Shop) -> MoniceOrder {
    query(shop).await.choose("42").unwrap()
}

#[tokio::test]
async fn a_bundle_is_sold_with_its_id_as_it_came_and_its_amount_in_cents() {
    let shop = Shop::open(telkom).await;
    let offers = query(&shop).await;
    let seen: Vec<_> = offers
        .bundles()
        .iter()
        .map(|bundle| (&*bundle.id, bundle.amount.get()))
        .collect();
    assert_eq!(
        (seen, offers.unreadable()),
        (vec![("B1", 500), ("42", 2950)], 3)
    );
    let order = offers
        .choose_with_reference("42", reference("my-reference"))
        .unwrap();
    let sale = vended(shop.client.recharge_monice(&order.with_sms()).await);
    assert_eq!(sale.provider_reference.as_deref(), Some("987654321"));
    assert_eq!(
        shop.service.log(Monice)[0].json(),
        json!({"smartloadId": ACCOUNT, "clientReference": "my-reference", "msisdn": SUBSCRIBER, "bundleId": 42, "amount": 2950, "sendSms": true})
    );
    assert_eq!(
        shop.service.log(MoniceQuery)[0].path,
        format!("/webservice/smartload/monice/query/{SUBSCRIBER}")
    );
    let row = shop.row(&reference("my-reference")).await;
    assert_eq!(
        row.intent.amount,
        "29.50".parse().unwrap(),
        "the journal's unit is rand"
    );
}

#[tokio::test]
async fn a_bundle_that_is_not_offered_is_refused_before_anything_is_sent() {
    let shop = Shop::open(telkom).await;
    for id in ["", "B2", "B3", "b1", "null"] {
        let invalid = query(&shop).await.choose(id).expect_err(id);
        assert_eq!(
            (invalid.field(), invalid.rule()),
            ("bundle", "must be one of those that are offered")
        );
    }
    assert_eq!(shop.service.count(Monice), 0);
}

#[tokio::test]
async fn an_offer_of_four_hours_is_not_sent() {
    let shop = Shop::open(telkom).await;
    let late = order(&shop).await;
    shop.clock.advance(FOUR_HOURS);
    match shop.client.recharge_monice(&late).await {
        Err(Error::Invalid(invalid)) => assert_eq!(invalid.field(), "offer"),
        other => panic!("{other:?}"),
    }
    assert_eq!(shop.service.count(Monice), 0);

    let just_in_time = order(&shop).await;
    shop.clock.advance(FOUR_HOURS - Duration::from_secs(1));
    vended(shop.client.recharge_monice(&just_in_time).await);
}

#[tokio::test]
async fn an_offer_that_was_sent_is_carried_on_however_old_it_is() {
    let policy = Policy::default().with_deadline(Duration::from_secs(30));
    let shop = Shop::with(Arc::new(Memory::new()), policy, &[], |request| {
        match (request.route, request.number) {
            (Monice, _) => Reply::Close,
            (Enquiry, ..8) => html(500),
            _ => telkom(request),
        }
    })
    .await;
    let order = order(&shop).await;
    unresolved(shop.client.recharge_monice(&order).await);
    shop.clock.advance(FOUR_HOURS);
    // No error, which would mean that no money moved.
    for _ in 0..8 {
        if let Ok(Outcome::Vended(_)) = shop.client.recharge_monice(&order).await {
            assert_eq!(shop.service.count(Monice), 1);
            return;
        }
    }
    panic!("it was sold, and the enquiry says so");
}

#[tokio::test]
async fn an_offer_that_expires_before_it_leaves_is_not_sent() {
    let journal = Arc::new(Memory::new());
    let closed = Shop::with(journal.clone(), Policy::default(), &[0, 1], |_| {
        panic!("nobody should have asked")
    })
    .await;
    let shop = Shop::open(telkom).await;
    let order = order(&shop).await;
    // No host could be reached, so that the reference is free; the next day the same order is tried again.
    assert!(matches!(
        closed.client.recharge_monice(&order).await,
        Err(Error::NotSent { .. })
    ));
    let open = Service::start(2, &shop.clock, telkom).await;
    shop.clock.advance(FOUR_HOURS);
    let client = builder(&open, &shop.clock, journal, Policy::default())
        .build()
        .unwrap();
    match client.recharge_monice(&order).await {
        Err(Error::NotSent { obstacle, .. }) => {
            assert!(obstacle.to_string().contains("4 hours"), "{obstacle}")
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(open.count(Monice), 0);
}

#[tokio::test]
async fn a_lost_answer_is_enquired_about_and_never_sent_again() {
    for (what, reply) in lost_answers() {
        for found in [true, false] {
            let reply = reply.clone();
            let shop = Shop::open(move |request| match request.route {
                Monice => reply.clone(),
                Enquiry if !found => not_seen(),
                _ => telkom(request),
            })
            .await;
            let order = order(&shop).await;
            let outcome = shop.client.recharge_monice(&order).await;
            if found {
                vended(outcome);
            } else {
                unresolved(outcome);
                unresolved(shop.client.recharge_monice(&order).await);
            }
            assert_eq!(shop.service.count(Monice), 1, "{what}");
        }
    }
}

#[tokio::test]
async fn another_subscribers_or_another_amount_is_another_sale() {
    for (recipient, amount) in [("27829999999", "R29.50"), (SUBSCRIBER, "R5.00")] {
        let shop = Shop::open(move |request| match request.route {
            Monice => Reply::Close,
            Enquiry => transaction_of("SUCCESSFUL", recipient, amount),
            _ => telkom(request),
        })
        .await;
        let order = order(&shop).await;
        let (_, doubt) = unresolved(shop.client.recharge_monice(&order).await);
        assert!(matches!(doubt, Doubt::Differs(_)), "{doubt:?}");
    }
}

#[tokio::test]
async fn taken_in_is_not_sold_and_a_refusal_is_final() {
    let shop = Shop::open(|request| match (request.route, request.number) {
        (Monice, _) => json_reply(200, json!({"error": null, "responseCode": "SUCCESS"})),
        (Enquiry, 1 | 2) => transaction("PENDING"),
        _ => telkom(request),
    })
    .await;
    let pending = order(&shop).await;
    vended(shop.client.recharge_monice(&pending).await);
    assert_eq!(
        (shop.service.count(Monice), shop.service.count(Enquiry)),
        (1, 3)
    );

    let shop = Shop::open(|request| match request.route {
        Monice => bare(400, 9),
        _ => telkom(request),
    })
    .await;
    let order = order(&shop).await;
    assert_eq!(
        refused(shop.client.recharge_monice(&order).await).code,
        Some(9)
    );
}

#[tokio::test]
async fn a_query_tells_no_bundles_from_no_answer() {
    let shop = Shop::open(|request| match (request.route, request.number) {
        (MoniceQuery, 1) => json_reply(200, json!({"error": null, "responseCode": "SUCCESS", "msisdn": SUBSCRIBER, "bundles": []})),
        (MoniceQuery, 2) => json_reply(200, json!({"error": null, "responseCode": "SUCCESS", "msisdn": SUBSCRIBER, "bundles": null})),
        (MoniceQuery, 3) => json_reply(200, json!({"error": null, "responseCode": "SUCCESS", "msisdn": "27829999999", "bundles": []})),
        (MoniceQuery, 4) => json_reply(200, json!({"error": null, "responseCode": "SUCCESS", "bundles": "none"})),
        (MoniceQuery, 5) => bare(200, 6),
        (MoniceQuery, _) => bare(400, 6),
        _ => well(request),
    })
    .await;
    let msisdn = SUBSCRIBER.parse().unwrap();
    for _ in 0..2 {
        assert!(query(&shop).await.bundles().is_empty());
    }
    for _ in 0..2 {
        let error = shop.client.monice_offers(msisdn).await;
        assert!(matches!(error, Err(ReadError::Unreadable(_))), "{error:?}");
    }
    for _ in 0..2 {
        let error = shop.client.monice_offers(msisdn).await;
        assert!(
            matches!(error, Err(ReadError::Service { code: Some(6), .. })),
            "{error:?}"
        );
    }
}
