//! Tokens: issue, limit, expiry and the texts of every refusal.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use support::{NEW_YEAR_MS, Till};

async fn basic(
    till: &Till,
    method: Method,
    path: &str,
    username: &str,
    password: &str,
) -> (u16, String) {
    let request = till
        .http
        .request(method, till.url(0, path))
        .basic_auth(username, Some(password));
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

fn only(description: &str) -> String {
    format!(
        r#"{{"responseDescription":"{description}","accessToken":null,"tokenType":null,"expiresAt":null,"scope":null}}"#
    )
}

const DEAD: &str = "Authorization denied. Token validation failed";
const BAD_HEADER: &str = "Authorization denied. Invalid authorization header";

#[tokio::test]
async fn a_login_gives_a_token_for_a_day() {
    let till = Till::open().await;
    let (status, text) = basic(&till, Method::POST, "/auth", "sandbox", "sandbox").await;
    let body: Value = serde_json::from_str(&text).unwrap();
    let token = body["accessToken"].as_str().unwrap();
    assert_eq!(status, 200);
    assert_eq!(token.split('.').count(), 3);
    assert_eq!(
        text,
        format!(
            r#"{{"responseDescription":"Authentication successful","accessToken":"{token}","tokenType":"Bearer","expiresAt":{},"scope":"WEBSERVICE_SMARTLOAD_FULL,WEBSERVICE_SMARTRICA_FULL"}}"#,
            NEW_YEAR_MS + 24 * 3600 * 1000
        )
    );
    assert_eq!(till.sandbox.logins(), 2);
}

#[tokio::test]
async fn wrong_credentials_are_told_apart() {
    let till = Till::open().await;
    for (method, path) in [
        (Method::POST, "/auth"),
        (Method::GET, "/auth/token"),
        (Method::DELETE, "/auth/token"),
    ] {
        let wrong = basic(&till, method.clone(), path, "nobody", "sandbox").await;
        assert_eq!(wrong, (401, only("Invalid username")), "{method} {path}");
        let wrong = basic(&till, method.clone(), path, "sandbox", "wrong").await;
        assert_eq!(wrong, (401, only("Invalid password")), "{method} {path}");
    }
}

#[tokio::test]
async fn a_header_without_a_token_is_not_a_dead_token() {
    let till = Till::open().await;
    for header in ["Bearer", "Bearer ", "Basic c2FuZGJveDpzYW5kYm94", ""] {
        let request = till
            .http
            .get(till.url(0, "/smartload/networks"))
            .header("Authorization", header);
        let answer = request.send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.text().await.unwrap()),
            (401, only(BAD_HEADER)),
            "{header:?}"
        );
    }
}

#[tokio::test]
async fn an_invalidated_token_is_dead_on_every_host() {
    let till = Till::open().await;
    let answer = till.call(Method::DELETE, 0, "/auth").await;
    assert_eq!(
        answer.text().await.unwrap(),
        only("Token invalidation successful")
    );
    for host in [0, 1] {
        assert_eq!(
            till.get_from(host, "/smartload/networks").await,
            (401, only(DEAD))
        );
    }
    assert_eq!(
        till.call(Method::DELETE, 0, "/auth")
            .await
            .text()
            .await
            .unwrap(),
        only(DEAD)
    );
}

#[tokio::test]
async fn fifty_tokens_are_the_limit() {
    let mut till = Till::open().await;
    for _ in 1..50 {
        till.log_in().await;
    }
    let count = r#"{"availableTokens":0}"#.to_owned();
    assert_eq!(
        basic(&till, Method::GET, "/auth/token", "sandbox", "sandbox").await,
        (200, count)
    );
    let refused = basic(&till, Method::POST, "/auth", "sandbox", "sandbox").await;
    assert_eq!(
        refused,
        (
            429,
            only("Maximum concurrent session limit reached. Limit is 50")
        )
    );
    let flushed = till.call(Method::DELETE, 0, "/auth/token").await;
    assert_eq!(flushed.text().await.unwrap(), r#"{"availableTokens":50}"#);
    assert_eq!(till.get("/smartload/networks").await, (401, only(DEAD)));
    till.log_in().await;
    assert_eq!(
        till.get("/auth/token").await,
        (200, r#"{"availableTokens":49}"#.to_owned())
    );
}

#[tokio::test]
async fn a_token_that_is_not_used_for_four_hours_dies() {
    let till = Till::open().await;
    till.clock.advance(Duration::from_secs(4 * 3600 - 1));
    assert_eq!(till.get("/smartload/balance/27810000001").await.0, 200);
    till.clock.advance(Duration::from_secs(4 * 3600));
    assert_eq!(
        till.get("/smartload/balance/27810000001").await,
        (401, only(DEAD))
    );
}
