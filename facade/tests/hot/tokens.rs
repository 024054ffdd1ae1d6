//! Tokens: read for their end, refreshed once they have ended, replaced by a login whatever a refresh says; one request however many ask.

use std::sync::Arc;

use recharge::ReadError;
use recharge::hot::Client;
use recharge::journal::Sqlite;
use recharge::recovery::Denial;

use crate::support::Route::{Balance, Login, Refresh, Sale};
use crate::support::{Gate, Lent};
use crate::*;

/// Reads, and says with which token.
async fn token_in_use(shop: &Shop) -> String {
    shop.client.balances().await.unwrap();
    bearer(&shop.service.log(Balance).pop().unwrap())
}

fn bearer(request: &Request) -> String {
    request
        .header("authorization")
        .unwrap()
        .rsplit('.')
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_token_is_used_until_it_is_about_to_end_and_then_replaced_by_a_login() {
    let shop = Shop::open(well).await;
    assert_eq!(token_in_use(&shop).await, "sig-1");
    shop.later(280);
    assert_eq!(token_in_use(&shop).await, "sig-1");
    shop.later(11);
    assert_eq!(token_in_use(&shop).await, "sig-2");
    assert_eq!(
        (shop.service.count(Login), shop.service.count(Refresh)),
        (2, 0)
    );
}

#[tokio::test]
async fn a_token_that_has_ended_is_refreshed_with_its_refresh_token_which_is_used_once() {
    let shop = Shop::open(well).await;
    assert_eq!(token_in_use(&shop).await, "sig-1");
    for (number, before) in [(1, "refresh-token-1"), (2, "refresh-token-1001")] {
        shop.later(400);
        assert_eq!(token_in_use(&shop).await, format!("sig-100{number}"));
        let sent = shop.service.log(Refresh).pop().unwrap();
        assert_eq!(sent.json()["refreshToken"], json!(before));
        assert!(sent.json()["token"].as_str().unwrap().starts_with("e30."));
        assert_eq!(sent.header("authorization"), None);
    }
    assert_eq!(
        (shop.service.count(Login), shop.service.count(Refresh)),
        (1, 2)
    );
}

#[tokio::test]
async fn whatever_a_refresh_says_other_than_200_one_login_follows() {
    for reply in [
        json_reply(400, e3()),
        json_reply(401, json!(null)),
        html(500),
        text_reply(200, "application/json", "[]"),
        json_reply(200, json!({"refreshToken": "x"})),
        Reply::Close,
    ] {
        let shop = Shop::open(move |request| match request.route {
            Refresh => reply.clone(),
            _ => well(request),
        })
        .await;
        assert_eq!(token_in_use(&shop).await, "sig-1");
        shop.later(400);
        assert_eq!(token_in_use(&shop).await, "sig-2");
        assert_eq!(
            (shop.service.count(Login), shop.service.count(Refresh)),
            (2, 1)
        );
    }
}

#[tokio::test]
async fn when_that_login_fails_too_nothing_is_sold_and_nothing_else_is_tried() {
    let shop = Shop::open(|request| match (request.route, request.number) {
        (Login, 1) => tokens(request),
        (Login | Refresh, _) => json_reply(400, e3()),
        _ => well(request),
    })
    .await;
    assert_eq!(token_in_use(&shop).await, "sig-1");
    shop.later(400);
    let (_, outcome) = shop.sell().await;
    assert!(matches!(outcome, Err(Error::Denied { .. })), "{outcome:?}");
    assert_eq!(
        (shop.service.count(Login), shop.service.count(Refresh)),
        (2, 1)
    );
    assert_eq!(shop.sent(), 0);
}

#[tokio::test]
async fn a_login_that_is_refused_is_told_with_the_services_text_and_without_the_access_code() {
    for (status, body, text) in [
        (
            400,
            json!({"errors": ["User/password combination is wrong."]}),
            "User/password combination is wrong.",
        ),
        (
            400,
            json!({"errors": [format!("{ACCESS_CODE} is locked")]}),
            "[access code] is locked",
        ),
        (400, e2(), "Product: \"Invalid Product Code\" DDB2"),
        (401, json!(null), "HTTP 401"),
    ] {
        let shop = Shop::open(move |_| json_reply(status, body.clone())).await;
        let refused = shop.client.balances().await;
        assert!(
            matches!(&refused, Err(ReadError::Denied(Denial::Credentials(it))) if it == text),
            "{refused:?}"
        );
    }
    for reply in [
        html(400),
        html(500),
        text_reply(429, "text/plain", ""),
        json_reply(200, json!({})),
        Reply::Close,
    ] {
        let shop = Shop::open(move |_| reply.clone()).await;
        let refused = shop.client.balances().await;
        assert!(
            matches!(refused, Err(ReadError::Unreachable(_))),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_hundred_tasks_at_a_cold_start_share_one_login() {
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let shop = Shop::open(move |request| match request.route {
        Login => Reply::Gate(Arc::clone(&held), Box::new(tokens(request))),
        _ => well(request),
    })
    .await;
    let sales: Vec<_> = (0..100)
        .map(|_| {
            let client: Client = shop.client.clone();
            tokio::spawn(async move { client.recharge(&airtime()).await })
        })
        .collect();
    gate.reached.notified().await;
    gate.open.notify_one();
    for sale in sales {
        vended(sale.await.unwrap());
    }
    assert_eq!(
        (shop.service.count(Login), shop.service.count(Sale)),
        (1, 100)
    );
}

#[tokio::test]
async fn a_read_whose_token_is_refused_gets_a_new_one_once() {
    let shop = Shop::open(|request| match (request.route, request.number) {
        (Balance, 1) => text_reply(401, "text/plain", ""),
        _ => well(request),
    })
    .await;
    assert_eq!(token_in_use(&shop).await, "sig-2");
    assert_eq!(
        (shop.service.count(Login), shop.service.count(Refresh)),
        (2, 0)
    );
}

#[tokio::test]
async fn a_token_without_an_end_is_used_for_a_minute_at_the_most() {
    let shop = Shop::open(|request| match request.route {
        Login => json_reply(
            200,
            json!({"token": format!("opaque.sig-{}", request.number), "refreshToken": null}),
        ),
        _ => well(request),
    })
    .await;
    assert_eq!(token_in_use(&shop).await, "sig-1");
    shop.later(40);
    assert_eq!(token_in_use(&shop).await, "sig-1");
    shop.later(20);
    assert_eq!(token_in_use(&shop).await, "sig-2");
    assert_eq!(shop.service.count(Refresh), 0);
}

#[tokio::test]
async fn a_clock_that_is_wrong_changes_nothing() {
    // The service lives an hour later, or earlier.
    for ahead in [3_600_000_i64, -3_600_000] {
        let shop = Shop::open(move |request| {
            let at = recharge::Timestamp(request.at.0.saturating_add_signed(ahead));
            match request.route {
                Login => json_reply(200, json!({"token": jwt(request.number, at)})),
                _ => well(request),
            }
        })
        .await;
        assert_eq!(token_in_use(&shop).await, "sig-1");
        shop.later(270);
        assert_eq!(token_in_use(&shop).await, "sig-1");
        shop.later(40);
        assert_eq!(token_in_use(&shop).await, "sig-2");
    }
}

#[tokio::test]
async fn the_store_outlives_the_process_and_holds_no_refresh_token() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Arc::new(Sqlite::open(folder.path().join("journal")).unwrap());
    let shop = Shop::open(well).await;
    let open = || {
        builder(&shop.service, &shop.clock, Arc::clone(&journal) as Arc<_>)
            .token_store(Arc::clone(&journal) as Arc<_>)
            .build()
            .unwrap()
    };
    open().balances().await.unwrap();
    open().balances().await.unwrap();
    assert_eq!(shop.service.count(Login), 1);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("refresh-token") && !text.contains(PASSWORD));
    }
    // What another process has is not refreshed: the token has ended, and its refresh token is not there.
    shop.later(400);
    let third = open();
    third.balances().await.unwrap();
    assert_eq!(
        (shop.service.count(Login), shop.service.count(Refresh)),
        (2, 0)
    );
    third.close().await;
    third.balances().await.unwrap();
    assert_eq!(shop.service.count(Login), 3);
}

#[tokio::test]
async fn a_token_from_the_store_that_is_refused_is_forgotten() {
    let shop = Shop::open(|request| match request.route {
        Balance if bearer(request).contains("lent") => text_reply(401, "text/plain", ""),
        _ => well(request),
    })
    .await;
    let client = builder(&shop.service, &shop.clock, Arc::clone(&shop.journal))
        .token_store(Arc::new(Lent))
        .build()
        .unwrap();
    client.balances().await.unwrap();
    assert_eq!(
        (shop.service.count(Login), shop.service.count(Balance)),
        (1, 2)
    );
}
