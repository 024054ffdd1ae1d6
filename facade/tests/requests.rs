//! What goes over the wire: the members that the vendor documents, in the form that it documents, and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use recharge::bindings::mock::smartcall::MockServerExt as _;
use recharge::smartcall::RechargeOrder;
use recharge::{Outcome, Reference};

use support::mocked::{Mocked, Sent, TOKEN, read};
use support::{ACCOUNT, SUBSCRIBER, reference};

fn order(amount: &str) -> RechargeOrder {
    RechargeOrder::new(
        SUBSCRIBER.parse().unwrap(),
        "62".parse().unwrap(),
        amount.parse().unwrap(),
    )
    .with_reference(reference("my-reference"))
}

/// What is sent for an order that is sold.
async fn sent(order: RechargeOrder) -> Sent {
    let shop = Mocked::smartcall();
    shop.server.create_sync_recharge(|when, then| {
        when.bearer(TOKEN);
        then.ok(&read(r#"{"error":null,"statusCode":0}"#));
    });
    let outcome = shop.client.recharge(&order).await;
    assert!(matches!(outcome, Ok(Outcome::Vended(_))), "{outcome:?}");
    shop.sent("createSyncRecharge")
}

#[tokio::test]
async fn a_sale_is_sent_with_exactly_the_documented_members() {
    let body = sent(order("29.50")).await.json();
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
        let body = sent(order(amount)).await.body;
        let numeral = format!(r#""amount":{amount},"#);
        assert!(
            body.contains(&numeral) || body.contains(&numeral.replace(',', "}")),
            "{body}"
        );
    }
}

#[tokio::test]
async fn an_sms_provider_is_named_only_for_a_branded_sms() {
    let order = order("10").with_branded_sms("Corner \"Shop\" ✓").unwrap();
    let body = sent(order).await.json();
    assert_eq!(body["smsProviderIdentifier"], "Corner \"Shop\" ✓");
    assert_eq!(body["sendSms"], true);
}

#[tokio::test]
async fn network_correction_is_asked_for_only_when_it_is_wanted() {
    let body = sent(order("10").with_network_auto_correct()).await.json();
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
        let body = sent(order).await.json();
        assert_eq!(
            (&body["deviceId"], &body["smsRecipientMsisdn"]),
            (&SUBSCRIBER.into(), &SUBSCRIBER.into())
        );
    }
}

#[tokio::test]
async fn paths_are_percent_encoded() {
    let shop = Mocked::smartcall();
    let found = shop
        .server
        .get_transaction_by_client_reference(|when, then| {
            when.smartload_id(ACCOUNT).client_reference("a b/c?d#e%f");
            then.bad_request(&read("{}"));
        });
    let client = &shop.client;
    let _ = client
        .raw()
        .get_transaction_by_client_reference(ACCOUNT, "a b/c?d#e%f")
        .await;
    found.assert();
    let path = shop.sent("getTransactionByClientReference").path;
    assert!(
        path.ends_with("/webservice/smartload/recharges/27830000001/a%20b%2Fc%3Fd%23e%25f"),
        "{path}"
    );
    let before = shop.log().len();
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
    assert_eq!(
        shop.log().len(),
        before,
        "a path that leads elsewhere is not asked for"
    );
    assert!(
        "a b/c".parse::<Reference>().is_err(),
        "and a reference that needs it cannot be made"
    );
}
