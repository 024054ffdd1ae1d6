//! The sandbox as a program: one line of JSON, then service until it is told to stop.

#![allow(clippy::unwrap_used)]

use recharge_sandbox::{Sandbox, StartError, serve_until};
use serde_json::Value;

#[tokio::test]
async fn it_says_where_it_is_and_stops_when_told() {
    let mut out = Vec::new();
    serve_until(Sandbox::builder().hosts(3), &mut out, async {})
        .await
        .unwrap();
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.lines().count(), 1);
    let line: Value = serde_json::from_str(&text).unwrap();
    let urls = line["base_urls"].as_array().unwrap();
    assert_eq!(urls.len(), 3);
    assert!(
        urls.iter()
            .all(|url| url.as_str().unwrap().starts_with("http://127.0.0.1:"))
    );
    let hot = &line["hot"];
    let hot_urls = hot["base_urls"].as_array().unwrap();
    for (url, hot_url) in urls.iter().zip(hot_urls) {
        let host = url.as_str().unwrap().strip_suffix("/webservice").unwrap();
        assert_eq!(*hot_url, format!("{host}/api/v3"));
    }
    assert_eq!(hot_urls.len(), 3);
    assert_eq!(
        (&hot["access_code"], &hot["password"]),
        (&"sandbox".into(), &"sandbox".into())
    );
    assert!(line["ledger"].as_str().unwrap().ends_with("/ledger"));
    for (member, value) in [
        ("username", "sandbox"),
        ("password", "sandbox"),
        ("account", "27810000001"),
    ] {
        assert_eq!(line[member], value);
    }
    assert!(
        reqwest::get(format!("{}/test/ping", urls[0].as_str().unwrap()))
            .await
            .unwrap_err()
            .is_connect()
    );
}

#[tokio::test]
async fn ports_can_be_chosen_and_a_taken_one_is_named() {
    let first = Sandbox::builder().hosts(1).start().await.unwrap();
    let url = first.base_urls().remove(0);
    let port: u16 = url
        .trim_start_matches("http://127.0.0.1:")
        .trim_end_matches("/webservice")
        .parse()
        .unwrap();
    let taken = Sandbox::builder().hosts(1).ports([port]).start().await;
    assert!(matches!(taken, Err(StartError::Port { port: named, .. }) if named == port));
    first.shutdown().await;
    let second = Sandbox::builder()
        .hosts(1)
        .ports([port])
        .start()
        .await
        .unwrap();
    assert_eq!(second.base_urls(), [url]);
}

#[tokio::test]
async fn nonsense_does_not_start() {
    assert!(matches!(
        Sandbox::builder().hosts(0).start().await,
        Err(StartError::NoHost)
    ));
    assert!(matches!(
        Sandbox::builder().account("0810000001").start().await,
        Err(StartError::Account(_))
    ));
}
