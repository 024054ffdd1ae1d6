//! What goes over the wire: the members that the vendor documents, in the form that it documents, and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::sync::{Arc, Mutex};

use httpmock::MockServer;
use recharge::journal::Memory;
use recharge::smartcall::{Client, RechargeOrder};
use recharge::{Outcome, Reference};

use support::{ACCOUNT, PASSWORD, SUBSCRIBER, USERNAME, reference};

/// The bodies of the sales, as they came.
type Bodies = Arc<Mutex<Vec<String>>>;

async fn shop() -> (MockServer, Client, Bodies) {
    let server = MockServer::start_async().await;
    let bodies = Bodies::default();
    server
        .mock_async(|when, then| {
            when.method("POST").path("/webservice/auth").header(
                "Authorization",
                "Basic dGlsbDpwYTU1LXdvcmQtb2YtdGhlLXRpbGw=",
            );
            then.status(200)
                .body(r#"{"accessToken":"the-token","expiresAt":4102444800000}"#);
        })
        .await;
    let kept = Arc::clone(&bodies);
    server
        .mock_async(|when, then| {
            when.method("POST")
                .path("/webservice/smartload/v2/recharges")
                .header("Authorization", "Bearer the-token")
                .header("Content-Type", "application/json");
            then.respond_with(move |request: &httpmock::HttpMockRequest| {
                kept.lock().unwrap().push(request.body_string());
                httpmock::HttpMockResponse::builder()
                    .status(200)
                    .body(r#"{"error":null,"statusCode":0}"#)
                    .build()
            });
        })
        .await;
    let client = Client::builder(
        USERNAME,
        PASSWORD,
        ACCOUNT.parse().unwrap(),
        Arc::new(Memory::new()),
    )
    .base_urls([server.url("/webservice")])
    .build()
    .unwrap();
    (server, client, bodies)
}

fn order(amount: &str) -> RechargeOrder {
    RechargeOrder::new(
        SUBSCRIBER.parse().unwrap(),
        "62".parse().unwrap(),
        amount.parse().unwrap(),
    )
    .with_reference(reference("my-reference"))
}

async fn sent(order: RechargeOrder) -> String {
    let (_server, client, bodies) = shop().await;
    let outcome = client.recharge(&order).await;
    assert!(matches!(outcome, Ok(Outcome::Vended(_))), "{outcome:?}");
    let sent = bodies.lock().unwrap().clone();
    assert_eq!(sent.len(), 1);
    sent.into_iter().next().unwrap()
}

fn members(body: &str) -> serde_json::Value {
    serde_json::from_str(body).expect("JSON")
}

#[tokio::test]
async fn a_sale_is_sent_with_exactly_the_documented_members() {
    let body = members(&sent(order("29.50")).await);
    let expected = serde_json::json!({
        "smartloadId": ACCOUNT,
        "clientReference": "my-reference",
        "smsRecipientMsisdn": SUBSCRIBER,
        "deviceId": SUBSCRIBER,
        "productId": 62,
        "amount": 29.5,
        "sendSms": false,
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn the_amount_is_a_number_with_the_digits_that_were_given() {
    for amount in ["29.50", "10", "10.00", "0.01", "99999.99", "100000"] {
        let body = sent(order(amount)).await;
        let numeral = format!(r#""amount":{amount},"#);
        assert!(
            body.contains(&numeral) || body.contains(&numeral.replace(',', "}")),
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_sms_provider_is_named_only_for_a_branded_sms() {
    let body = members(&sent(order("10").with_branded_sms("Corner \"Shop\" ✓").unwrap()).await);
    assert_eq!(body["smsProviderIdentifier"], "Corner \"Shop\" ✓");
    assert_eq!(body["sendSms"], true);
}

#[tokio::test]
async fn network_correction_is_asked_for_only_when_it_is_wanted() {
    let body = members(&sent(order("10").with_network_auto_correct()).await);
    let asked: Vec<_> = body
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| name.to_lowercase() == "airtimenetworkautocorrect")
        .map(|(_, value)| value.clone())
        .collect();
    assert_eq!(asked, [true]);
}

#[tokio::test]
async fn numbers_are_sent_as_27_and_nine_digits_however_they_were_written() {
    for text in ["0821234567", "+27821234567", "27821234567"] {
        let order = RechargeOrder::new(
            text.parse().unwrap(),
            "62".parse().unwrap(),
            "10".parse().unwrap(),
        );
        let body = members(&sent(order).await);
        assert_eq!(
            (&body["deviceId"], &body["smsRecipientMsisdn"]),
            (&SUBSCRIBER.into(), &SUBSCRIBER.into())
        );
    }
}

#[tokio::test]
async fn paths_are_percent_encoded() {
    let (server, client, _) = shop().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    server
        .mock_async(|when, then| {
            when.method("GET");
            then.respond_with(move |request: &httpmock::HttpMockRequest| {
                kept.lock().unwrap().push(request.uri().to_string());
                httpmock::HttpMockResponse::builder()
                    .status(400)
                    .body("{}")
                    .build()
            });
        })
        .await;
    let _ = client
        .raw()
        .get_transaction_by_client_reference(ACCOUNT, "a b/c?d#e%f")
        .await;
    let path = seen.lock().unwrap().pop().expect("a request");
    assert!(
        path.ends_with("/webservice/smartload/recharges/27830000001/a%20b%2Fc%3Fd%23e%25f"),
        "{path}"
    );
    for hostile in ["..", ".", "", "a\\b"] {
        assert!(
            client
                .raw()
                .get_transaction_by_client_reference(ACCOUNT, hostile)
                .await
                .is_err(),
            "{hostile}"
        );
    }
    assert!(
        seen.lock().unwrap().is_empty(),
        "a path that leads elsewhere is not asked for"
    );
    assert!(
        "a b/c".parse::<Reference>().is_err(),
        "and a reference that needs it cannot be made"
    );
}
