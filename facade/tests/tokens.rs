//! Rule T: one token for each account and host, however many ask; renewed before it ends, replaced once when it is refused, given back when
//! the client closes, and never flushed.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use recharge::journal::{Memory, Sqlite};
use recharge::recovery::Denial;
use recharge::smartcall::Client;
use recharge::{Error, Outcome, Policy, ReadError, Timestamp};
use serde_json::json;

use support::Route::{Balance, Enquiry, Flush, Login, Logout, Sale};
use support::*;

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

/// Sells to the first host, and says with which token.
async fn token_in_use(shop: &Shop) -> String {
    shop.client.balance().await.unwrap();
    let last = shop.service.log(Balance).pop().unwrap();
    last.header("authorization").unwrap().to_owned()
}

/// Makes this many sales at once, all to the first host.
async fn sell_at_once(client: &Client, sales: usize) -> Vec<Result<Outcome, Error>> {
    let tasks: Vec<_> = (0..sales)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.recharge(&order_for(0)).await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

/// Lets every task that can go on do so.
async fn settle_down() {
    for _ in 0..2000 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn two_hundred_tasks_at_a_cold_start_share_one_login() {
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let shop = Shop::open(move |request| match request.route {
        Login => Reply::Gate(Arc::clone(&held), Box::new(well(request))),
        _ => well(request),
    })
    .await;
    let client = shop.client.clone();
    let sales = tokio::spawn(async move { sell_at_once(&client, 200).await });
    gate.reached.notified().await;
    settle_down().await;
    gate.open.notify_one();
    let outcomes = sales.await.unwrap();
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Ok(Outcome::Vended(_))))
    );
    assert_eq!(
        (shop.service.count(Login), shop.service.count(Sale)),
        (1, 200)
    );
}

#[tokio::test]
async fn a_token_is_used_again_and_each_host_has_its_own() {
    let shop = Shop::open(well).await;
    for _ in 0..5 {
        for host in [0, 1] {
            assert!(shop.client.recharge(&order_for(host)).await.is_ok());
        }
    }
    let logins = shop.service.log(Login);
    let hosts: Vec<_> = logins.iter().map(|login| login.host).collect();
    assert_eq!(hosts, [0, 1]);
    for sale in shop.service.log(Sale) {
        let token = format!("Bearer token-{}", sale.host + 1);
        assert_eq!(sale.header("authorization"), Some(token.as_str()));
    }
}

#[tokio::test]
async fn a_token_is_renewed_five_minutes_before_it_ends_give_or_take_one() {
    let shop = Shop::open(|request| match request.route {
        Login => token(&format!("token-{}", request.number), request.at + HOUR * 2),
        _ => well(request),
    })
    .await;
    assert_eq!(token_in_use(&shop).await, "Bearer token-1");
    shop.clock.advance(HOUR * 2 - MINUTE * 6);
    assert_eq!(token_in_use(&shop).await, "Bearer token-1");
    shop.clock.advance(MINUTE * 2);
    assert_eq!(token_in_use(&shop).await, "Bearer token-2");
    assert_eq!(shop.service.count(Login), 2);
}

#[tokio::test]
async fn a_token_that_nobody_used_for_nearly_four_hours_is_not_used_again() {
    let shop = Shop::open(well).await;
    for _ in 0..3 {
        assert_eq!(token_in_use(&shop).await, "Bearer token-1");
        shop.clock.advance(HOUR * 3 + MINUTE * 44);
    }
    shop.clock.advance(MINUTE * 2);
    assert_eq!(token_in_use(&shop).await, "Bearer token-2");
}

#[tokio::test]
async fn when_a_renewal_fails_the_token_that_still_holds_is_used_and_not_every_call_logs_in() {
    let shop = Shop::open(|request| match request.route {
        Login if request.number > 1 => html(500),
        Login => token("token-1", request.at + HOUR),
        _ => well(request),
    })
    .await;
    token_in_use(&shop).await;
    shop.clock.advance(HOUR - MINUTE * 3);
    for _ in 0..20 {
        assert_eq!(token_in_use(&shop).await, "Bearer token-1");
    }
    assert_eq!(shop.service.count(Login), 2);
    shop.clock.advance(MINUTE);
    assert_eq!(token_in_use(&shop).await, "Bearer token-1");
    assert_eq!(shop.service.count(Login), 3);
}

#[tokio::test]
async fn a_token_that_is_refused_to_many_at_once_is_replaced_once() {
    let revoked = Arc::new(AtomicBool::new(false));
    let looked = Arc::clone(&revoked);
    let shop = Shop::open(move |request| {
        let dead = request.header("authorization") == Some("Bearer token-1")
            && looked.load(Ordering::SeqCst);
        if dead {
            unauthorised("Authorization denied. Token validation failed")
        } else {
            well(request)
        }
    })
    .await;
    assert!(shop.client.recharge(&order_for(0)).await.is_ok());
    revoked.store(true, Ordering::SeqCst);
    let outcomes = sell_at_once(&shop.client, 50).await;
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Ok(Outcome::Vended(_)))),
        "{outcomes:?}"
    );
    assert_eq!(shop.service.count(Login), 2);
    assert!(shop.service.count(Sale) <= 101);
}

#[tokio::test]
async fn a_late_refusal_of_a_token_that_was_replaced_leaves_the_new_one_alone() {
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let shop = Shop::open(move |request| {
        if request.route != Sale || request.header("authorization") != Some("Bearer token-1") {
            return well(request);
        }
        let refusal = unauthorised("Authorization denied. Token validation failed");
        match request.number {
            1 => Reply::Gate(Arc::clone(&held), Box::new(refusal)),
            _ => refusal,
        }
    })
    .await;
    let client = shop.client.clone();
    let late = tokio::spawn(async move { client.recharge(&order_for(0)).await });
    gate.reached.notified().await;
    assert!(shop.client.recharge(&order_for(0)).await.is_ok());
    gate.open.notify_one();
    assert!(late.await.unwrap().is_ok());
    assert_eq!(shop.service.count(Login), 2);
    let last = shop.service.log(Sale).pop().unwrap();
    assert_eq!(last.header("authorization"), Some("Bearer token-2"));
}

#[tokio::test]
async fn reads_that_are_refused_at_once_share_the_new_token_too() {
    let shop = Shop::open(|request| match request.header("authorization") {
        Some("Bearer token-1") => unauthorised("Authorization denied. Token validation failed"),
        _ => well(request),
    })
    .await;
    let reads: Vec<_> = (0..50)
        .map(|_| {
            let client = shop.client.clone();
            tokio::spawn(async move { client.balance().await })
        })
        .collect();
    for read in reads {
        assert!(read.await.unwrap().is_ok());
    }
    assert_eq!(shop.service.count(Login), 2);
}

#[tokio::test]
async fn the_limit_of_tokens_is_told_with_its_numbers_and_nothing_is_flushed() {
    let shop = Shop::open(|request| match request.route {
        Login => json_reply(
            429,
            json!({"responseDescription": "Maximum concurrent session limit reached. Limit is 50"}),
        ),
        Route::Tokens => json_reply(200, json!({"availableTokens": 3})),
        _ => well(request),
    })
    .await;
    let (reference, outcome) = shop.sell().await;
    let Err(Error::Denied {
        denial: Denial::TokenLimit(limit),
        ..
    }) = outcome
    else {
        panic!("{outcome:?}");
    };
    assert_eq!((limit.in_use, limit.limit), (Some(47), Some(50)));
    assert!(shop.client.journaled(&reference).await.unwrap().is_none());
    assert!(matches!(
        shop.client.balance().await,
        Err(ReadError::Denied(Denial::TokenLimit(_)))
    ));
    shop.client.close().await;
    let count = |route| shop.service.count(route);
    assert_eq!((count(Flush), count(Logout), count(Sale)), (0, 0, 0));
    assert!(
        shop.service.log(Route::Tokens)[0]
            .header("authorization")
            .unwrap()
            .starts_with("Basic ")
    );
}

#[tokio::test]
async fn closing_gives_each_token_back_once_and_a_client_that_is_used_again_logs_in_anew() {
    let shop = Shop::open(well).await;
    for host in [0, 1] {
        assert!(shop.client.recharge(&order_for(host)).await.is_ok());
    }
    shop.client.close().await;
    shop.client.clone().close().await;
    let given: Vec<_> = shop
        .service
        .log(Logout)
        .iter()
        .map(|request| {
            (
                request.host,
                request.header("authorization").unwrap().to_owned(),
            )
        })
        .collect();
    assert_eq!(
        given,
        [
            (0, "Bearer token-1".to_owned()),
            (1, "Bearer token-2".to_owned())
        ]
    );
    assert!(shop.client.recharge(&order_for(0)).await.is_ok());
    assert_eq!(
        (shop.service.count(Login), shop.service.count(Flush)),
        (3, 0)
    );
}

#[tokio::test]
async fn a_token_outlives_the_process_in_its_store_until_it_is_given_back_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sales.db");
    let shop = Shop::open(
        |request| match (request.route, request.header("authorization")) {
            (Balance, Some("Bearer token-2")) => unauthorised("Token validation failed"),
            _ => well(request),
        },
    )
    .await;
    let started = || {
        let store = Arc::new(Sqlite::open(&file).unwrap());
        builder(
            &shop.service,
            &shop.clock,
            Arc::clone(&store) as Arc<_>,
            Policy::default(),
        )
        .token_store(store)
        .build()
        .unwrap()
    };
    for _ in 0..3 {
        started().balance().await.unwrap();
    }
    assert_eq!(shop.service.count(Login), 1);
    started().close().await;
    assert_eq!(
        shop.service.count(Logout),
        0,
        "a client that never took the token out does not give it back"
    );
    let client = started();
    client.balance().await.unwrap();
    client.close().await;
    drop(client);
    assert_eq!(shop.service.count(Logout), 1);
    // token-2 is refused, and replaced in the store as well.
    started().balance().await.unwrap();
    started().balance().await.unwrap();
    assert_eq!(shop.service.count(Login), 3);
}

#[tokio::test]
async fn a_stored_token_that_is_about_to_end_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Sqlite::open(folder.path().join("sales.db")).unwrap());
    let shop = Shop::open(well).await;
    let started = || {
        builder(
            &shop.service,
            &shop.clock,
            Arc::new(Memory::new()),
            Policy::default(),
        )
        .token_store(Arc::clone(&store) as Arc<_>)
        .build()
        .unwrap()
    };
    started().balance().await.unwrap();
    shop.clock.advance(HOUR * 24 - MINUTE * 4);
    started().balance().await.unwrap();
    assert_eq!(shop.service.count(Login), 2);
}

#[tokio::test]
async fn an_end_that_makes_no_sense_does_not_cause_a_login_for_each_call() {
    let now = 1_800_000_000_000_u64;
    for expires_at in [
        json!(0),
        json!(-1),
        json!(now - 1),
        json!(now),
        json!(now / 1000),
        json!(now + 1000),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(null),
        json!("tomorrow"),
        json!(now as f64),
        json!([1]),
    ] {
        let body = json!({"accessToken": "odd", "expiresAt": expires_at});
        let shop = Shop::open(move |request| match request.route {
            Login => json_reply(200, body.clone()),
            _ => well(request),
        })
        .await;
        for _ in 0..10 {
            assert_eq!(token_in_use(&shop).await, "Bearer odd");
            shop.clock.advance(Duration::from_secs(30));
        }
        assert_eq!(shop.service.count(Login), 1, "{expires_at}");
    }
}

#[tokio::test]
async fn a_login_that_fails_while_a_hundred_tasks_wait_for_it_fails_for_all_of_them_at_once() {
    for (reply, denied) in [(unauthorised("Invalid password"), true), (html(500), false)] {
        let gate = Arc::new(Gate::default());
        let held = Arc::clone(&gate);
        let shop = Shop::open(move |request| match (request.route, request.number) {
            (Login, 1) => Reply::Gate(Arc::clone(&held), Box::new(reply.clone())),
            (Login, _) => reply.clone(),
            _ => well(request),
        })
        .await;
        let client = shop.client.clone();
        let sales = tokio::spawn(async move {
            let reads: Vec<_> = (0..100)
                .map(|_| {
                    let client = client.clone();
                    tokio::spawn(async move { client.balance().await })
                })
                .collect();
            let mut results = Vec::new();
            for read in reads {
                results.push(read.await.unwrap());
            }
            results
        });
        gate.reached.notified().await;
        settle_down().await;
        gate.open.notify_one();
        for result in sales.await.unwrap() {
            assert_eq!(
                matches!(result, Err(ReadError::Denied(_))),
                denied,
                "{result:?}"
            );
            assert!(result.is_err());
        }
        let first_host = shop
            .service
            .log(Login)
            .iter()
            .filter(|login| login.host == 0)
            .count();
        assert_eq!(first_host, 1);
        // A later call tries for itself; after a refusal not at once, since each login may take up a token.
        assert!(shop.client.balance().await.is_err());
        if denied {
            assert_eq!(shop.service.count(Login), 1);
            shop.clock.advance(Duration::from_secs(1));
            assert!(shop.client.balance().await.is_err());
        }
        assert!(
            shop.service
                .log(Login)
                .iter()
                .filter(|login| login.host == 0)
                .count()
                > 1
        );
    }
}

#[tokio::test]
async fn a_login_from_the_wrong_address_or_with_the_wrong_password_says_so() {
    for (text, address) in [
        ("Source IP is not authorised", true),
        ("Invalid password", false),
    ] {
        let shop = Shop::open(move |request| match request.route {
            Login => unauthorised(text),
            _ => well(request),
        })
        .await;
        let outcome = shop.sell().await.1;
        let Err(Error::Denied { denial, .. }) = outcome else {
            panic!("{outcome:?}");
        };
        let expected = if address {
            Denial::SourceAddress
        } else {
            Denial::Credentials(text.into())
        };
        assert_eq!(denial, expected);
        assert_eq!(shop.service.count(Login), 1);
    }
}

#[tokio::test]
async fn a_login_without_a_token_is_no_login() {
    for body in [
        json!({}),
        json!({"accessToken": null}),
        json!({"accessToken": ""}),
        json!({"accessToken": 7}),
    ] {
        let shop = Shop::open(move |request| match request.route {
            Login => json_reply(200, body.clone()),
            _ => panic!("let in without a token"),
        })
        .await;
        assert!(matches!(shop.sell().await.1, Err(Error::NotSent { .. })));
    }
}

#[tokio::test]
async fn an_enquiry_finds_its_way_without_a_login_on_one_host() {
    // The sale went to the first host; then its logins fail.
    let shop = Shop::open(|request| match (request.route, request.host) {
        (Sale, _) => Reply::Close,
        (Enquiry, 0) => unauthorised("Token validation failed"),
        (Login, 0) if request.number > 1 => html(500),
        (Enquiry, _) => transaction("SUCCESSFUL"),
        _ => well(request),
    })
    .await;
    assert!(matches!(shop.sell().await.1, Ok(Outcome::Vended(_))));
    assert_eq!(shop.service.count(Sale), 1);
    assert!(Timestamp(0) < shop.clock_now());
}

#[tokio::test]
async fn a_refused_source_address_costs_no_tokens() {
    let shop = Shop::open(|request| match request.route {
        Login => well(request),
        _ => unauthorised("Source IP is not authorised"),
    })
    .await;
    for _ in 0..30 {
        assert!(shop.client.balance().await.is_err());
    }
    assert_eq!(shop.service.count(Login), 1);
}

#[tokio::test]
async fn new_tokens_that_are_refused_again_and_again_are_asked_for_less_and_less() {
    let shop = Shop::open(|request| match request.route {
        Login => well(request),
        _ => unauthorised("Authorization denied. Token validation failed"),
    })
    .await;
    for _ in 0..100 {
        assert!(shop.client.balance().await.is_err());
    }
    let at_once = shop.service.count(Login);
    assert!(at_once <= 4, "{at_once}");
    for _ in 0..600 {
        shop.clock.advance(Duration::from_secs(1));
        assert!(shop.client.balance().await.is_err());
    }
    // Ten minutes of it: seven doublings, then one a minute, on each host.
    let in_ten_minutes = shop.service.count(Login);
    assert!((10..=40).contains(&in_ten_minutes), "{in_ten_minutes}");
}
