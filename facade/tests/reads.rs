//! Reads move no money: they go to whichever host answers, wait, and try again. Writes through the bindings are sent once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use recharge::bindings::smartcall::types;
use recharge::journal::Memory;
use recharge::recovery::Denial;
use recharge::smartcall::TransactionStatus;
use recharge::{Policy, ReadError};
use serde_json::json;

use support::Route::{Balance, Enquiry, Login, Ping, Sale};
use support::*;

fn balance(digits: &str) -> Reply {
    text_reply(
        200,
        "application/json",
        format!(r#"{{"error":null,"responseCode":"SUCCESS","balance":{digits}}}"#),
    )
}

#[tokio::test]
async fn a_balance_keeps_its_digits() {
    for digits in [
        "99574.7500",
        "110000.0000",
        "-42.7500",
        "0.0000",
        "7",
        "123456789012345.6789",
    ] {
        let shop = Shop::open(move |request| match request.route {
            Balance => balance(digits),
            _ => well(request),
        })
        .await;
        assert_eq!(shop.client.balance().await.unwrap().to_string(), digits);
        assert_eq!(
            shop.service.log(Balance)[0].path,
            format!("/webservice/smartload/balance/{ACCOUNT}")
        );
    }
}

#[tokio::test]
async fn a_read_that_one_host_does_not_answer_well_is_answered_by_the_other() {
    for reply in [
        html(500),
        html(502),
        html(503),
        html(504),
        text_reply(408, "text/plain", ""),
        text_reply(429, "text/plain", ""),
        Reply::Close,
        Reply::Reset,
        Reply::HalfAStatusLine,
        Reply::Cut(200, r#"{"balance":1"#.into()),
    ] {
        for route in [Balance, Ping, Enquiry] {
            let reply = reply.clone();
            let shop = Shop::open(move |request| match (request.route, request.host) {
                (Balance | Enquiry | Ping, 0) => reply.clone(),
                _ => well(request),
            })
            .await;
            for _ in 0..2 {
                match route {
                    Balance => assert!(shop.client.balance().await.is_ok()),
                    Ping => assert!(shop.client.ping().await.is_ok()),
                    _ => {
                        let found = shop.client.enquire(&reference("r")).await.unwrap();
                        assert!(found.is_some());
                    }
                }
            }
            let asked = shop.service.log(route);
            let hosts: Vec<_> = asked.iter().map(|request| request.host).collect();
            assert_eq!(hosts, [0, 1, 1], "{route:?}: the second one knows better");
        }
    }
}

#[tokio::test]
async fn a_read_passes_over_a_host_that_hangs_or_refuses() {
    let policy = Policy::default().with_attempt_timeout(Duration::from_secs(1));
    let hangs = Shop::with(Arc::new(Memory::new()), policy, &[], |request| {
        match (request.route, request.host) {
            (Balance, 0) => Reply::Hang,
            _ => well(request),
        }
    })
    .await;
    assert!(hangs.client.balance().await.is_ok());

    let refuses = Shop::with(Arc::new(Memory::new()), Policy::default(), &[0], well).await;
    assert!(refuses.client.balance().await.is_ok());
    assert!(refuses.client.ping().await.is_ok());

    // Not even a login is to be had from the first host.
    let clock = Arc::new(Clock::new());
    let service = Service::start_with_closed(2, &[0], &clock, well).await;
    let client = builder(&service, &clock, Arc::new(Memory::new()), Policy::default())
        .build()
        .unwrap();
    assert!(client.balance().await.is_ok());
}

/// A host is silent for as long as a connection may take, and an attempt has all the time of this world.
fn impatient() -> Policy {
    Policy {
        connect_timeout: Duration::from_millis(50),
        attempt_timeout: Duration::from_secs(10_000),
        ..Policy::default()
    }
}

#[tokio::test]
async fn a_host_that_falls_silent_is_not_waited_for() {
    for silent in [Balance, Login] {
        let script = move |request: &Request| match request.host {
            0 if request.route == silent => Reply::Hang,
            _ => well(request),
        };
        let shop = Shop::with(Arc::new(Memory::new()), impatient(), &[], script).await;
        for _ in 0..3 {
            assert!(shop.client.balance().await.is_ok());
        }
        let mut asked = shop.service.log(silent).into_iter();
        assert!(asked.any(|request| request.host == 1), "{silent:?}");
    }
}

#[tokio::test]
async fn of_two_hosts_that_were_asked_the_one_that_answers_counts_however_late_it_is() {
    for other in [Reply::Hang, html(503), Reply::Close] {
        let gate = Arc::new(Gate::default());
        let held = Arc::clone(&gate);
        let script = move |request: &Request| match (request.route, request.host) {
            (Balance, 0) => Reply::Gate(Arc::clone(&held), Box::new(balance("12.3400"))),
            (Balance, _) => {
                held.open.notify_one();
                other.clone()
            }
            _ => well(request),
        };
        let shop = Shop::with(Arc::new(Memory::new()), impatient(), &[], script).await;
        assert_eq!(shop.client.balance().await.unwrap().to_string(), "12.3400");
        let asked = shop.service.log(Balance);
        let hosts: BTreeSet<_> = asked.iter().map(|request| request.host).collect();
        assert_eq!(hosts, BTreeSet::from([0, 1]));
    }
}

#[tokio::test]
async fn a_read_is_tried_a_bounded_number_of_times_with_waits_in_between() {
    let policy = Policy {
        read_tries_max: 5,
        ..Policy::default()
    };
    let shop = Shop::with(
        Arc::new(Memory::new()),
        policy,
        &[],
        |request| match request.route {
            Balance => html(500),
            _ => well(request),
        },
    )
    .await;
    let before = shop.clock_now();
    let read = shop.client.balance().await;
    assert!(
        matches!(read, Err(ReadError::Service { status: 500, .. })),
        "{read:?}"
    );
    let hosts: Vec<_> = shop
        .service
        .log(Balance)
        .iter()
        .map(|request| request.host)
        .collect();
    assert_eq!(hosts, [0, 1, 0, 1, 0]);
    assert!(shop.clock_now() > before, "no wait between two rounds");
}

#[tokio::test]
async fn a_read_waits_as_long_as_the_service_asks_up_to_a_minute() {
    for (asked, seconds) in [("7", 7), ("86400", 60)] {
        let shop = Shop::open(move |request| match (request.route, request.number) {
            (Balance, 1) => Reply::Http(503, vec![("Retry-After", asked.into())], String::new()),
            (Balance, 2) => Reply::Http(503, vec![], String::new()),
            _ => well(request),
        })
        .await;
        shop.client.balance().await.unwrap();
        let asked = shop.service.log(Balance);
        assert_eq!(asked[1].at, asked[0].at, "the other host asked for nothing");
        assert_eq!(asked[2].at, asked[0].at + Duration::from_secs(seconds));
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_for_a_read() {
    let shop = Shop::open(|request| match request.header("authorization") {
        Some("Bearer token-1") => unauthorised("Token validation failed"),
        _ => well(request),
    })
    .await;
    assert!(shop.client.balance().await.is_ok());
    assert_eq!(
        (shop.service.count(Balance), shop.service.count(Login)),
        (2, 2)
    );

    let shop = Shop::open(|request| match request.route {
        Balance => unauthorised("Token validation failed"),
        _ => well(request),
    })
    .await;
    let read = shop.client.balance().await;
    assert!(
        matches!(read, Err(ReadError::Denied(Denial::Credentials(_)))),
        "{read:?}"
    );
    assert_eq!(
        (shop.service.count(Balance), shop.service.count(Login)),
        (2, 2)
    );
}

#[tokio::test]
async fn each_error_of_a_read_has_its_type() {
    let service = |status, code: Option<i64>| Some((status, code));
    for (reply, expected) in [
        (bare(403, 400), service(403, Some(400))),
        (bare(400, 3), service(400, Some(3))),
        (text_reply(404, "text/plain", ""), service(404, None)),
        (html(415), service(415, None)),
        (
            json_reply(
                200,
                json!({"error": {"code": 2, "message": "x"}, "responseCode": "SYS_ERROR"}),
            ),
            service(200, Some(2)),
        ),
        (
            json_reply(
                200,
                json!({"error": null, "responseCode": "SYS_ERROR", "balance": null}),
            ),
            service(200, None),
        ),
        (
            json_reply(
                200,
                json!({"error": null, "responseCode": "SUCCESS", "balance": "much"}),
            ),
            None,
        ),
        (html(200), None),
        (text_reply(200, "application/json", ""), None),
    ] {
        let told = reply.clone();
        let shop = Shop::open(move |request| match request.route {
            Balance => reply.clone(),
            _ => well(request),
        })
        .await;
        match (shop.client.balance().await, expected) {
            (Err(ReadError::Service { status, code, .. }), Some(expected)) => {
                assert_eq!((status, code), expected)
            }
            (Err(ReadError::Unreadable(_)), None) => {}
            (other, _) => panic!("{told:?}: {other:?}"),
        }
        assert_eq!(
            shop.service.count(Balance),
            1,
            "an answer is an answer: {told:?}"
        );
    }
}

#[tokio::test]
async fn without_any_host_a_read_says_so() {
    let shop = Shop::with(Arc::new(Memory::new()), Policy::default(), &[0, 1], well).await;
    assert!(matches!(
        shop.client.balance().await,
        Err(ReadError::Unreachable(_))
    ));
    assert!(matches!(
        shop.client.ping().await,
        Err(ReadError::Unreachable(_))
    ));
    assert!(matches!(
        shop.client.enquire(&reference("r")).await,
        Err(ReadError::Unreachable(_))
    ));
}

#[tokio::test]
async fn a_ping_needs_no_token_and_shows_none() {
    let shop = Shop::open(well).await;
    assert_eq!(shop.client.ping().await.unwrap(), "Hello");
    assert_eq!(shop.service.count(Login), 0);
    assert_eq!(shop.service.log(Ping)[0].header("authorization"), None);
}

#[tokio::test]
async fn an_enquiry_by_itself_tells_a_transaction_or_none_or_an_error() {
    let shop = Shop::open(|request| match request.number {
        1 if request.route == Enquiry => transaction("SUCCESSFUL"),
        2 if request.route == Enquiry => not_seen(),
        _ if request.route == Enquiry => bare(400, 3),
        _ => well(request),
    })
    .await;
    let found = shop
        .client
        .enquire(&reference("r"))
        .await
        .unwrap()
        .expect("a transaction");
    assert_eq!(found.status, TransactionStatus::Successful);
    assert_eq!(found.recipient.as_deref(), Some(SUBSCRIBER));
    assert_eq!(found.amount.unwrap().to_string(), "29.50");
    assert_eq!(found.cost.unwrap().to_string(), "27.88");
    assert!(
        shop.client
            .enquire(&reference("r"))
            .await
            .unwrap()
            .is_none()
    );
    assert!(matches!(
        shop.client.enquire(&reference("r")).await,
        Err(ReadError::Service { status: 400, .. })
    ));
}

#[tokio::test]
async fn a_write_through_the_bindings_is_sent_once_whatever_happens() {
    for reply in [
        html(500),
        html(502),
        html(503),
        text_reply(408, "text/plain", ""),
        text_reply(429, "text/plain", ""),
        unauthorised("Token validation failed"),
        Reply::Close,
        Reply::Reset,
        Reply::Cut(200, "{".into()),
        Reply::Http(307, vec![("Location", "/elsewhere".into())], String::new()),
    ] {
        let told = reply.clone();
        let shop = Shop::open(move |request| match request.route {
            Sale | Route::Transfer => reply.clone(),
            Route::Other => panic!("followed: {request:?}"),
            _ => well(request),
        })
        .await;
        let sale: types::SyncRechargeRequest = serde_json::from_value(json!({
            "smartloadId": ACCOUNT, "clientReference": "r", "smsRecipientMsisdn": SUBSCRIBER, "deviceId": SUBSCRIBER, "productId": 62,
            "amount": 10, "sendSms": false,
        }))
        .unwrap();
        assert!(
            shop.client.raw().create_sync_recharge(&sale).await.is_err(),
            "{told:?}"
        );
        assert_eq!(shop.service.count(Sale), 1, "{told:?}");
        let transfer: types::FundsTransferRequest = serde_json::from_value(json!({
            "sourceSmartloadId": ACCOUNT, "recipientSmartloadId": SUBSCRIBER, "amount": 10, "sendSms": false,
        }))
        .unwrap();
        assert!(
            shop.client
                .raw()
                .create_funds_transfer(&transfer)
                .await
                .is_err(),
            "{told:?}"
        );
        assert_eq!(shop.service.count(Route::Transfer), 1, "{told:?}");
    }
}
