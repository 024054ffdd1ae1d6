//! HOT: tokens, how they end, and how they are renewed.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::{Value, json};
use support::NEW_YEAR_MS;
use support::hot::{HotTill, airtime, invalid};

const WRONG: &str = "User/password combination is wrong.";

async fn login(till: &HotTill, access_code: &str, password: &str) -> (u16, Value) {
    let body = json!({ "AccessCode": access_code, "Password": password });
    till.post("/identity/login", &body).await
}

async fn refresh(till: &HotTill, token: &str, refresh_token: &str) -> (u16, Value) {
    let body = json!({ "token": token, "refreshToken": refresh_token });
    till.post("/identity/refresh", &body).await
}

async fn is_good(till: &HotTill) -> bool {
    let (status, body) = till.get("/account/balance/").await;
    assert!(
        status == 200 || (status, &body) == (401, &Value::Null),
        "{status} {body}"
    );
    status == 200
}

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn a_token_says_when_it_ends_and_does() {
    let till = HotTill::open().await;
    let read = claims(&till.token);
    assert_eq!(
        (&read["iat"], &read["exp"]),
        (&json!(NEW_YEAR_MS / 1000), &json!(NEW_YEAR_MS / 1000 + 300))
    );
    assert_eq!(
        (till.token.split('.').count(), till.refresh_token.len()),
        (3, 44)
    );
    till.clock.advance(Duration::from_secs(299));
    assert!(is_good(&till).await);
    till.clock.advance(Duration::from_secs(1));
    assert!(!is_good(&till).await);
    let till = HotTill::with(|builder| builder.hot_token_lifetime(Duration::from_secs(60))).await;
    till.clock.advance(Duration::from_secs(60));
    assert!(!is_good(&till).await);
}

#[tokio::test]
async fn nobody_gets_in_without_a_good_token() {
    let till = HotTill::open().await;
    let gets = [
        "/account/balance/",
        "/account/balance/3",
        "/products/",
        "/products/100",
        "/query/stock/16",
        "/query/customer/41/37100000001",
        "/query/transaction/a",
    ];
    let posts = ["/products/recharge", "/products/recharge/complete"];
    let all = gets
        .map(|path| (Method::GET, path))
        .into_iter()
        .chain(posts.map(|path| (Method::POST, path)));
    for (method, path) in all {
        for token in ["", "x.y.z"] {
            let mut request = till
                .http
                .request(method.clone(), till.url(0, path))
                .body(airtime("a", 10).to_string());
            if !token.is_empty() {
                request = request.bearer_auth(token);
            }
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 401, "{method} {path}");
            assert_eq!(answer.text().await.unwrap(), "", "{method} {path}");
        }
    }
    assert_eq!(till.ledger().entries.len(), 0);
}

#[tokio::test]
async fn wrong_credentials_are_told_in_texts() {
    let till = HotTill::open().await;
    for (access_code, password) in [("sandbox", "wrong"), ("nobody", "sandbox")] {
        let answer = login(&till, access_code, password).await;
        assert_eq!(answer, (400, json!({ "errors": [WRONG] })));
    }
    for (body, key) in [
        (json!({ "AccessCode": "sandbox" }), "Password"),
        (
            json!({ "AccessCode": 7, "Password": "sandbox" }),
            "AccessCode",
        ),
        (json!("sandbox"), "$"),
    ] {
        let (status, answer) = till.post("/identity/login", &body).await;
        assert_eq!((status, invalid(&answer)), (400, key), "{body}");
    }
    assert_eq!(till.ledger().logins, 1);
}

#[tokio::test]
async fn refreshing_changes_the_refresh_token_each_time() {
    let mut till = HotTill::open().await;
    till.clock.advance(Duration::from_secs(300));
    let (status, pair) = refresh(&till, &till.token, &till.refresh_token).await;
    assert_eq!(status, 200);
    let old = (till.token.clone(), till.refresh_token.clone());
    till.take(&pair);
    assert!(is_good(&till).await && old.0 != till.token && old.1 != till.refresh_token);
    till.clock.advance(Duration::from_secs(300));
    assert_eq!(refresh(&till, &old.0, &old.1).await.0, 400);
    assert_eq!(refresh(&till, &till.token, &old.1).await.0, 400);
    assert_eq!(
        refresh(&till, &till.token, &till.refresh_token).await.0,
        200
    );
    assert_eq!((till.ledger().logins, till.ledger().refreshes), (1, 2));
}

#[tokio::test]
async fn refreshing_early_is_refused() {
    let till = HotTill::open().await;
    till.clock.advance(Duration::from_secs(299));
    let (status, answer) = refresh(&till, &till.token, &till.refresh_token).await;
    assert_eq!(status, 400);
    assert!(answer["errors"][0].is_string());
    assert!(is_good(&till).await, "and costs nothing");
}

#[tokio::test]
async fn another_login_takes_the_refresh_token_away_but_not_the_token() {
    let till = HotTill::open().await;
    assert_eq!(login(&till, "sandbox", "sandbox").await.0, 200);
    assert!(is_good(&till).await);
    till.clock.advance(Duration::from_secs(300));
    assert_eq!(
        refresh(&till, &till.token, &till.refresh_token).await.0,
        400
    );
}

#[tokio::test]
async fn flushed_tokens_are_dead_and_cannot_be_refreshed() {
    let mut till = HotTill::open().await;
    till.sandbox.flush_hot_tokens();
    assert!(!is_good(&till).await);
    till.clock.advance(Duration::from_secs(300));
    assert_eq!(
        refresh(&till, &till.token, &till.refresh_token).await.0,
        400
    );
    till.log_in().await;
    assert!(is_good(&till).await);
}

#[tokio::test]
async fn a_token_is_good_on_every_host_and_not_at_smartcall() {
    let till = HotTill::open().await;
    let answer = till
        .try_send(Method::GET, 1, "/account/balance/", None)
        .await
        .unwrap();
    assert_eq!(answer.0, 200);
    let url = format!("{}/smartload/networks", till.sandbox.base_urls()[0]);
    let answer = till
        .http
        .get(url)
        .bearer_auth(&till.token)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn credentials_can_be_chosen() {
    let sandbox = recharge_sandbox::Sandbox::builder()
        .hot_credentials("shop", "secret")
        .start()
        .await
        .unwrap();
    assert_eq!(
        (sandbox.hot_access_code(), sandbox.hot_password()),
        ("shop", "secret")
    );
    let url = format!("{}/identity/login", sandbox.hot_base_urls()[0]);
    let answer = reqwest::Client::new()
        .post(url)
        .json(&json!({ "accesscode": "shop", "PASSWORD": "secret" }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
}
