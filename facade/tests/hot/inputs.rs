//! Bad input: refused by field and rule, and nothing is sent.

use std::sync::{Arc, Mutex};

use recharge::hot::{AgentReference, Client, RechargeOrder};
use recharge::journal::Memory;
use recharge::observe::Event;
use recharge::{Invalid, Policy, ProductId, ReadError};

use crate::support::Route::{Product, Sale};
use crate::*;

fn id(product: u32) -> ProductId {
    ProductId::new(product).unwrap()
}

#[track_caller]
fn refuses<T>(result: Result<T, Invalid>, field: &str, rule: &str) {
    let Err(invalid) = result else {
        panic!("{field} {rule}: accepted")
    };
    assert_eq!(invalid.field(), field, "{invalid}");
    assert!(invalid.rule().contains(rule), "{invalid}");
}

#[test]
fn orders_refuse_words_that_are_none() {
    let (to, amount) = (SUBSCRIBER.parse().unwrap(), "10".parse().unwrap());
    let long = "x".repeat(101);
    for bad in ["", " ", "a b", "a\n", "\u{7}", &long] {
        refuses(
            RechargeOrder::bundle(id(16), to, bad, amount),
            "product_code",
            "1 to 100",
        );
        refuses(
            RechargeOrder::other(id(99), bad, amount),
            "target",
            "1 to 100",
        );
        refuses(airtime().with_option(bad, "x"), "option", "1 to 100");
        refuses(airtime().with_option("x", bad), "option", "1 to 100");
    }
    for name in [
        "MakeReservation",
        "makereservation",
        "SendReservationSMSToCustomer",
    ] {
        refuses(airtime().with_option(name, "true"), "option", "reservation");
    }
    refuses(
        electricity().with_option("notifynumber", "1"),
        "option",
        "once",
    );
}

#[test]
fn builders_refuse_what_cannot_be_kept() {
    let builder =
        |code: &str, password: &str| Client::builder(code, password, Arc::new(Memory::new()));
    for bad in ["", "  ", "a\nb"] {
        refuses(builder(bad, "x").build(), "access_code", "must be given");
        refuses(builder("x", bad).build(), "password", "must be given");
    }
    for bad in [
        "",
        "ftp://h",
        "http://ssl.hot.co.zw/api/v3",
        "https://user@h/",
        "https://h/?q",
    ] {
        refuses(builder("x", "y").base_url(bad).build(), "base_url", "must");
    }
    for bad in [&b"none"[..], b"-----BEGIN CERTIFICATE-----\nnone"] {
        let trusting = builder("x", "y").root_certificate(bad);
        refuses(trusting.and_then(|it| it.build()), "root_certificate", "");
    }
    let hasty = Policy::default().with_attempt_timeout(Duration::from_secs(59));
    refuses(
        builder("x", "y").policy(hasty).build(),
        "policy.attempt_timeout",
        "at least 60 seconds",
    );
    assert!(
        builder("x", "y")
            .policy(hasty)
            .base_url("http://127.0.0.1:1/api/v3")
            .build()
            .is_ok()
    );
    assert!(builder("x", "y").build().is_ok(), "production's own limits");
}

#[tokio::test]
async fn an_order_that_breaks_its_products_rules_is_not_sent_and_not_journaled() {
    let shop = Shop::open(script(never, never)).await;
    let airtime_of = |amount: &str| {
        RechargeOrder::airtime(
            id(101),
            SUBSCRIBER.parse().unwrap(),
            amount.parse().unwrap(),
        )
    };
    for (order, field, rule) in [
        (airtime_of("0.09"), "amount", "minimum"),
        (airtime_of("300.01"), "amount", "maximum"),
        (
            RechargeOrder::airtime(id(16), SUBSCRIBER.parse().unwrap(), "284".parse().unwrap()),
            "product_code",
            "must be given",
        ),
        (
            RechargeOrder::airtime(id(41), SUBSCRIBER.parse().unwrap(), "10".parse().unwrap()),
            "target",
            "meter",
        ),
        (
            RechargeOrder::other(id(41), METER, "10".parse().unwrap()).unwrap(),
            "notify",
            "must be given",
        ),
        (
            RechargeOrder::other(id(101), METER, "10".parse().unwrap()).unwrap(),
            "target",
            "mobile",
        ),
    ] {
        for outcome in [
            shop.client.recharge(&order).await.map(drop),
            shop.client.reserve(&order, false).await.map(drop),
        ] {
            match outcome {
                Err(Error::Invalid(invalid)) => refuses::<()>(Err(invalid), field, rule),
                other => panic!("{field} {rule}: {other:?}"),
            }
        }
        assert!(
            shop.client
                .journaled(order.reference())
                .await
                .unwrap()
                .is_none()
        );
    }
    assert_eq!((shop.sent(), shop.service.count(Product)), (0, 1));
}

#[tokio::test]
async fn a_catalogue_that_cannot_be_read_stops_no_sale_and_that_is_said() {
    for reply in [
        html(500),
        Reply::Close,
        json_reply(200, json!({"products": "odd"})),
        json_reply(404, e2()),
    ] {
        let clock = Arc::new(support::Clock::new());
        let service =
            support::Service::start(1, &clock, move |request: &Request| match request.route {
                Product => reply.clone(),
                _ => well(request),
            })
            .await;
        let unchecked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&unchecked);
        let client = builder(&service, &clock, Arc::new(Memory::new()))
            .observer(move |event: &Event<'_>| {
                if let Event::Unchecked { product, .. } = event {
                    seen.lock().unwrap().push(*product);
                }
            })
            .build()
            .unwrap();
        vended(client.recharge(&airtime()).await);
        vended(client.recharge(&airtime()).await);
        assert_eq!(*unchecked.lock().unwrap(), [101, 101]);
        assert_eq!(
            (service.count(Sale), service.count(Product)),
            (2, 1),
            "it is not asked again at once"
        );
    }
}

#[tokio::test]
async fn reads_refuse_what_would_change_their_path() {
    let shop = Shop::open(|request| panic!("asked: {request:?}")).await;
    for bad in ["", "x", "..", "1/2", "1 2", "1%2F", "é1", &"1".repeat(51)] {
        let refused = shop.client.customer(id(41), bad).await;
        assert!(
            matches!(&refused, Err(ReadError::Invalid(invalid)) if invalid.field() == "account_number"),
            "{bad}: {refused:?}"
        );
    }
    let refused = shop.client.stock(id(u32::MAX)).await;
    assert!(
        matches!(&refused, Err(ReadError::Invalid(invalid)) if invalid.field() == "product"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_reference_that_is_longer_than_smartcall_takes_is_not_sent_there() {
    let long: AgentReference = "x".repeat(37).parse().unwrap();
    let shop = support::Shop::open(|request| match request.route {
        Sale => panic!("sent"),
        _ => support::well(request),
    })
    .await;
    let order = support::order().with_reference(long.into_reference());
    let refused = shop.client.recharge(&order).await;
    assert!(
        matches!(&refused, Err(Error::Invalid(invalid)) if invalid.field() == "reference"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn limits_that_cannot_be_counted_with_stop_no_sale() {
    for (minimum, step) in [
        ("-79228162514264337593543950335", "7"),
        ("-79228162514264337593543950335", "0.01"),
        ("0", "0.0000000000000000000000000001"),
    ] {
        let shop = Shop::open(move |request| match request.route {
            Product => {
                let mut all = catalogue();
                let limits = &mut all["products"][0]["metaData"];
                limits["MinimumRecharge"] = json!(minimum);
                limits["RechargeAmountIncrement"] = json!(step);
                json_reply(200, all)
            }
            _ => well(request),
        })
        .await;
        vended(shop.sell().await.1);
    }
}

#[tokio::test]
async fn a_till_waits_neither_for_a_catalogue_that_hangs_nor_for_whoever_reads_it() {
    let gate = Arc::new(support::Gate::default());
    let held = Arc::clone(&gate);
    let policy = Policy {
        read_tries_max: 1,
        ..Policy::default()
    };
    let service = move |request: &Request| match (request.route, request.number) {
        (Product, 1) => Reply::Gate(Arc::clone(&held), Box::new(Reply::Close)),
        (Product, _) => Reply::Hang,
        _ => well(request),
    };
    let shop = Shop::with(Arc::new(Memory::new()), policy, service).await;
    let selling = async {
        // Whoever reads has begun, and nothing but the end of its one attempt ends it.
        gate.reached.notified().await;
        shop.sell().await.1
    };
    tokio::select! {
        biased;
        products = shop.client.products() => panic!("the read ended first: {products:?}"),
        outcome = selling => drop(vended(outcome)),
    }
    assert_eq!((shop.sent(), shop.service.count(Product)), (1, 2));
}
