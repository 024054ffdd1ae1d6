//! Registered dealers, tokens, and the watch on the balance.

use httpmock::Method;
use recharge::ReadError;
use recharge::recovery::Denial;

use super::desk::{BASIC, Desk};
use super::support::{ACCOUNT, SUBSCRIBER};

fn balance(digits: &str) -> String {
    format!(r#"{{"error":null,"responseCode":"SUCCESS","balance":{digits}}}"#)
}

#[tokio::test]
async fn whether_a_number_is_a_dealers_is_told_as_it_is() {
    for (told, expected) in [("true", true), ("false", false)] {
        let desk = Desk::open().await;
        let asked = desk
            .get(
                "/smartload/registered/27821234567",
                200,
                &format!(r#"{{"error":null,"responseCode":"SUCCESS","registered":{told}}}"#),
            )
            .await;
        let registered = desk.client.is_registered(SUBSCRIBER.parse().unwrap()).await;
        assert_eq!(registered.unwrap(), expected);
        asked.assert_async().await;
    }
}

#[tokio::test]
async fn the_tokens_that_are_left_are_counted_without_a_token() {
    let desk = Desk::open().await;
    let asked = desk
        .server
        .mock_async(|when, then| {
            when.method(Method::GET)
                .path("/webservice/auth/token")
                .header("Authorization", BASIC);
            then.status(200).body(r#"{"availableTokens":0}"#);
        })
        .await;
    assert_eq!(desk.client.tokens_left().await.unwrap(), 0);
    asked.assert_async().await;
}

#[tokio::test]
async fn a_count_of_tokens_that_is_none_is_an_error() {
    for body in [
        r#"{"availableTokens":-1}"#,
        r#"{"availableTokens":"many"}"#,
        r#"{"availableTokens":null}"#,
        "{}",
        "<html>",
    ] {
        let desk = Desk::open().await;
        desk.server
            .mock_async(|when, then| {
                when.method(Method::GET).path("/webservice/auth/token");
                then.status(200).body(body);
            })
            .await;
        let left = desk.client.tokens_left().await;
        assert!(matches!(left, Err(ReadError::Unreadable(_))), "{left:?}");
    }
}

#[tokio::test]
async fn a_flush_is_sent_once_and_the_client_logs_in_anew_after_it() {
    let desk = Desk::open().await;
    desk.get(&format!("/smartload/balance/{ACCOUNT}"), 200, &balance("1"))
        .await;
    let flushed = desk
        .server
        .mock_async(|when, then| {
            when.method(Method::DELETE)
                .path("/webservice/auth/token")
                .header("Authorization", BASIC);
            then.status(200).body(r#"{"availableTokens":50}"#);
        })
        .await;
    desk.client.balance().await.unwrap();
    desk.client.balance().await.unwrap();
    let before = desk.logins().await;
    let left = desk.client.flush_tokens_of_all_clients().await;
    assert_eq!(left.unwrap(), 50);
    flushed.assert_calls_async(1).await;
    assert_eq!(desk.logins().await, before, "a flush needs no token");
    desk.client.balance().await.unwrap();
    assert_eq!(desk.logins().await, before + 1);
}

#[tokio::test]
async fn a_flush_that_is_not_confirmed_is_not_sent_again_and_says_so() {
    for (status, body) in [(500, "<html>"), (503, ""), (200, "{}"), (401, "")] {
        let desk = Desk::open().await;
        let flushed = desk
            .server
            .mock_async(|when, then| {
                when.method(Method::DELETE).path("/webservice/auth/token");
                then.status(status).body(body);
            })
            .await;
        let left = desk.client.flush_tokens_of_all_clients().await;
        assert!(left.is_err(), "{status}: {left:?}");
        flushed.assert_calls_async(1).await;
    }
}

#[tokio::test]
async fn wrong_credentials_are_told_by_both() {
    let desk = Desk::open().await;
    desk.server
        .mock_async(|when, then| {
            when.path("/webservice/auth/token");
            then.status(401)
                .body(r#"{"responseDescription":"Invalid password","accessToken":null}"#);
        })
        .await;
    let denied = Denial::Credentials("Invalid password".into());
    for told in [
        desk.client.tokens_left().await,
        desk.client.flush_tokens_of_all_clients().await,
    ] {
        match told {
            Err(ReadError::Denied(denial)) => assert_eq!(denial, denied),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_balance_that_is_asked_for_feeds_whoever_watches() {
    let desk = Desk::open().await;
    let mut watch = desk.client.balances();
    assert_eq!(watch.latest(), None);
    let first = desk
        .get(
            &format!("/smartload/balance/{ACCOUNT}"),
            200,
            &balance("1000.0000"),
        )
        .await;
    desk.client.balance().await.unwrap();
    let seen = watch.changed().await.unwrap();
    assert_eq!(seen.amount.to_string(), "1000.0000");
    assert_eq!(seen.at.0, 1_800_000_000_000);

    let low = desk.client.balances();
    let waits = tokio::spawn(async move { { low }.below("1000".parse().unwrap()).await });
    first.delete_async().await;
    desk.get(
        &format!("/smartload/balance/{ACCOUNT}"),
        200,
        &balance("999.99"),
    )
    .await;
    desk.client.balance().await.unwrap();
    let seen = waits.await.unwrap().unwrap();
    assert_eq!(seen.amount.to_string(), "999.99");
    // Another client of the same account would not know: what is watched is what this client has seen.
    assert_eq!(desk.client.clone().balances().latest(), Some(seen));
}

#[tokio::test]
async fn an_error_feeds_nobody() {
    let desk = Desk::open().await;
    desk.always(403, r#"{"code":400,"message":"not yours"}"#)
        .await;
    assert!(desk.client.balance().await.is_err());
    assert_eq!(desk.client.balances().latest(), None);
}
