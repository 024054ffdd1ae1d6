//! Chapters 9 and 10 b to 10 d.

use std::sync::Arc;

use httpmock::{Method, Mock};
use recharge::smartcall::{Form, Price};
use recharge::{ProductId, ReadError};

use super::desk::{BEARER, Desk};
use super::support::{self, Reply, Route, SUBSCRIBER, Shop, well};

const VODACOM: &str = r#"{"id":1,"description":"Vodacom","productTypes":[{"id":1,"code":"A ","description":"Airtime","fixedAmount":false,"products":[
    {"id":62,"name":"Vodacom Airtime","description":"Vodacom Airtime","typeCode":"A ","minAmount":2.0000,"maxAmount":1000.0000,
     "discountPercentage":5.5000,"retailValue":99999.9900,"pinIndicator":false,"smsIndicator":false},
    {"id":62,"name":"Vodacom Airtime","description":"Vodacom Airtime","typeCode":"A ","minAmount":2.0000,"maxAmount":1000.0000,
     "discountPercentage":5.0000,"retailValue":99999.9900,"pinIndicator":false,"smsIndicator":true}]},
    {"id":13,"code":"V ","description":"Airtime Voucher","fixedAmount":true,"products":[
    {"id":105,"name":"R10","description":"R10","typeCode":"V ","minAmount":10.0000,"maxAmount":10.0000,
     "discountPercentage":5.5000,"retailValue":10.0000,"pinIndicator":true,"smsIndicator":false}]}]}"#;

fn networks() -> String {
    let mtn = VODACOM
        .replace("Vodacom", "MTN")
        .replace(
            r#""id":1,"description":"MTN""#,
            r#""id":2,"description":"MTN""#,
        )
        .replace(r#""id":62"#, r#""id":63"#)
        .replace(r#""id":105"#, r#""id":205"#);
    format!(r#"{{"networks":[{VODACOM},{mtn}]}}"#)
}

/// Answers with a tag to who has none, and 304 to who sends it back.
async fn tagged<'a>(desk: &'a Desk, path: &str, tag: &str, body: &str) -> (Mock<'a>, Mock<'a>) {
    let unchanged = desk
        .server
        .mock_async(|when, then| {
            when.method(Method::GET)
                .path(format!("/webservice{path}"))
                .header("Authorization", BEARER)
                .header("If-None-Match", tag);
            then.status(304).header("Etag", tag);
        })
        .await;
    let whole = desk
        .server
        .mock_async(|when, then| {
            when.method(Method::GET)
                .path(format!("/webservice{path}"))
                .header_missing("If-None-Match");
            then.status(200).header("Etag", tag).body(body);
        })
        .await;
    (whole, unchanged)
}

fn id(id: u32) -> ProductId {
    ProductId::new(id).unwrap()
}

#[tokio::test]
async fn what_has_not_changed_is_the_same_value_by_a_tag_that_is_echoed_as_it_came() {
    for tag in ["-806599889", "384908762", "\"quoted\"", "W/\"weak\"", "0"] {
        let desk = Desk::open().await;
        let (whole, unchanged) = tagged(&desk, "/smartload/networks", tag, &networks()).await;
        assert!(desk.client.catalogue_as_read().is_none());
        let first = desk.client.catalogue().await.unwrap();
        let second = desk.client.catalogue().await.unwrap();
        let third = desk.client.clone().catalogue().await.unwrap();
        assert!(Arc::ptr_eq(&first, &second) && Arc::ptr_eq(&first, &third));
        assert!(Arc::ptr_eq(
            &first,
            &desk.client.catalogue_as_read().unwrap()
        ));
        whole.assert_calls_async(1).await;
        unchanged.assert_calls_async(2).await;
    }
}

#[tokio::test]
async fn one_network_and_one_product_are_kept_by_their_own_tags() {
    let desk = Desk::open().await;
    let (network, network_again) =
        tagged(&desk, "/smartload/networks/1", "37791514", VODACOM).await;
    let one = r#"{"products":[{"id":22,"name":"2000 SMS-R450","typeCode":"S ","minAmount":450.0000,"maxAmount":450.0000,
        "discountPercentage":5.5000,"retailValue":450.0000,"pinIndicator":false,"smsIndicator":false},
        {"id":22,"name":"2000 SMS-R450","typeCode":"S ","minAmount":450.0000,"maxAmount":450.0000,
        "discountPercentage":5.5000,"retailValue":450.0000,"pinIndicator":false,"smsIndicator":true}]}"#;
    let (product, product_again) = tagged(&desk, "/smartload/products/22", "384908762", one).await;
    for _ in 0..2 {
        let vodacom = desk.client.network(1).await.unwrap();
        assert_eq!(vodacom.name, "Vodacom");
        assert_eq!(vodacom.of_type("A").count(), 1);
        let sms = desk.client.product(id(22)).await.unwrap();
        let sms = sms.as_ref().as_ref().unwrap();
        assert_eq!(sms.price, Price::Fixed("450".parse().unwrap()));
        assert_eq!(sms.type_code.as_deref(), Some("S"));
        assert_eq!(sms.discount.with_sms, sms.discount.without_sms);
    }
    for mock in [network, network_again, product, product_again] {
        mock.assert_calls_async(1).await;
    }
}

#[tokio::test]
async fn what_has_changed_is_read_anew_and_kept_by_its_new_tag() {
    let desk = Desk::open().await;
    let answer = |sent: Option<&'static str>, tag: &'static str, name: &'static str| {
        desk.server.mock_async(move |when, then| {
            let when = when.path("/webservice/smartload/networks/1");
            match sent {
                Some(sent) => when.header("If-None-Match", sent),
                None => when.header_missing("If-None-Match"),
            };
            then.status(200)
                .header("Etag", tag)
                .body(VODACOM.replace("Vodacom", name));
        })
    };
    let answers = [
        answer(None, "1", "Vodacom").await,
        answer(Some("1"), "-2", "Vodacom SA").await,
        answer(Some("-2"), "-3", "Vodacom Group").await,
    ];
    let mut read = Vec::new();
    for _ in 0..3 {
        read.push(desk.client.network(1).await.unwrap());
    }
    let names: Vec<_> = read.iter().map(|network| network.name.as_str()).collect();
    assert_eq!(names, ["Vodacom", "Vodacom SA", "Vodacom Group"]);
    for answer in answers {
        answer.assert_calls_async(1).await;
    }
}

#[tokio::test]
async fn an_answer_without_a_tag_is_asked_for_whole_again() {
    let desk = Desk::open().await;
    let whole = desk
        .server
        .mock_async(|when, then| {
            when.path("/webservice/smartload/networks")
                .header_missing("If-None-Match");
            then.status(200).body(networks());
        })
        .await;
    let first = desk.client.catalogue().await.unwrap();
    let second = desk.client.catalogue().await.unwrap();
    whole.assert_calls_async(2).await;
    assert!(!Arc::ptr_eq(&first, &second));
    assert_eq!(first, second);
}

#[tokio::test]
async fn an_error_leaves_what_was_read_before() {
    let shop = Shop::open(|request| match (request.route, request.number) {
        (Route::Other, 1) => Reply::Http(200, vec![("Etag", "-7".into())], networks()),
        (Route::Other, 2..=6) => support::html(500),
        (Route::Other, _) => {
            assert_eq!(request.header("if-none-match"), Some("-7"));
            Reply::Http(304, vec![], String::new())
        }
        _ => well(request),
    })
    .await;
    let first = shop.client.catalogue().await.unwrap();
    let failed = shop.client.catalogue().await;
    assert!(
        matches!(failed, Err(ReadError::Service { status: 500, .. })),
        "{failed:?}"
    );
    let again = shop.client.catalogue().await.unwrap();
    assert!(Arc::ptr_eq(&first, &again));
}

#[tokio::test]
async fn products_are_found_by_id_and_by_network() {
    let desk = Desk::open().await;
    desk.get("/smartload/networks", 200, &networks()).await;
    let catalogue = desk.client.catalogue().await.unwrap();
    assert_eq!(catalogue.networks().len(), 2);
    assert_eq!(catalogue.products().count(), 4);
    let voucher = catalogue.product(id(205)).unwrap();
    assert_eq!(voucher.network.as_deref(), Some("MTN"));
    assert_eq!(
        (voucher.form, voucher.name.as_str()),
        (Form::Voucher, "R10")
    );
    assert_eq!(catalogue.network(2).unwrap().products.len(), 2);
    assert!(catalogue.unread().is_empty());
}

#[tokio::test]
async fn a_subscriber_is_offered_what_the_network_of_the_sim_has() {
    let desk = Desk::open().await;
    desk.get("/smartload/networks", 200, &networks()).await;
    desk.get(
        "/utilities/simnetwork/27821234567",
        200,
        r#"{"msisdn":"27821234567","queryDate":"2018-10-27 09:46:51","ported":true,"network":"mtn","error":null}"#,
    )
    .await;
    let offer = desk
        .client
        .offer(SUBSCRIBER.parse().unwrap())
        .await
        .unwrap();
    assert_eq!(offer.network().unwrap().id, 2);
    let airtime: Vec<_> = offer.of_type("A").map(|product| product.id.get()).collect();
    assert_eq!(airtime, [63]);
    assert_eq!(offer.of_type("X").count(), 0);
    assert_eq!(offer.sim().ported, Some(true));
    assert!(!format!("{offer:?}").contains(SUBSCRIBER));
}

#[tokio::test]
async fn a_network_that_the_catalogue_lacks_has_no_offer() {
    let desk = Desk::open().await;
    desk.get("/smartload/networks", 200, &networks()).await;
    desk.get(
        "/utilities/simnetwork/27821234567",
        200,
        r#"{"network":"Rain"}"#,
    )
    .await;
    let offer = desk
        .client
        .offer(SUBSCRIBER.parse().unwrap())
        .await
        .unwrap();
    assert_eq!(offer.network(), None);
    assert_eq!(offer.of_type("A").count(), 0);
}

#[tokio::test]
async fn a_product_that_is_not_there_is_none_and_one_that_cannot_be_read_is_an_error() {
    for (body, none) in [
        (r#"{"products":[]}"#, true),
        (r#"{"products":[{"id":23}]}"#, true),
        (r#"{"products":[null]}"#, false),
        (r#"{"products":[{"name":"x"}]}"#, false),
    ] {
        let desk = Desk::open().await;
        desk.get("/smartload/products/22", 200, body).await;
        match desk.client.product(id(22)).await {
            Ok(found) if none => assert!(found.is_none()),
            Err(ReadError::Unreadable(_)) if !none => {}
            other => panic!("{body}: {other:?}"),
        }
    }
}
