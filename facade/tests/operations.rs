//! The operations that move money, one by one: what each sends, to the member, and what it makes of its answer.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use recharge::bindings::mock::smartcall::MockServerExt as _;
use recharge::smartcall::{
    CancelRefusal, Cancellation, DstvAccountType, DstvPayment, EasypayAccountType, EasypayPayment,
    FundsTransfer, PrevendError, RechargeOrder,
};
use recharge::{Error, Outcome, Sale};
use serde_json::json;

use support::mocked::{Mocked, TOKEN, read};
use support::{ACCOUNT, SUBSCRIBER, reference};

fn order(name: &str) -> RechargeOrder {
    RechargeOrder::new(
        SUBSCRIBER.parse().unwrap(),
        "62".parse().unwrap(),
        "29.50".parse().unwrap(),
    )
    .with_reference(reference(name))
}

#[track_caller]
fn vended(outcome: Result<Outcome, Error>) -> Sale {
    match outcome {
        Ok(Outcome::Vended(sale)) => sale,
        other => panic!("not vended: {other:?}"),
    }
}

const SUCCESSFUL: &str = r#"{"error":null,"responseCode":"SUCCESS","transaction":{"recipientMsisdn":"27821234567",
    "reference":"4711","amount":"R29.50","status":"Recharge Successful","statusId":"SUCCESSFUL"}}"#;

#[tokio::test]
async fn a_recharge_is_submitted_and_enquired_about() {
    let shop = Mocked::smartcall();
    shop.server.create_recharge(|when, then| {
        when.bearer(TOKEN);
        then.ok(&read(r#"{"error":null,"responseCode":"SUCCESS","recharge":{"orderReferenceId":4711,"balance":99574.75}}"#));
    });
    shop.server
        .get_transaction_by_client_reference(|when, then| {
            when.bearer(TOKEN);
            then.ok(&read(SUCCESSFUL));
        });
    let sale = vended(
        shop.client
            .submit(&order("my-reference").with_voucher())
            .await,
    );
    assert_eq!(sale.provider_reference.as_deref(), Some("4711"));
    assert_eq!(
        shop.sent("createRecharge").json(),
        json!({
            "smartloadId": ACCOUNT, "clientReference": "my-reference", "smsRecipientMsisdn": SUBSCRIBER,
            "deviceId": SUBSCRIBER, "productId": 62, "amount": 29.5, "pinless": false, "sendSms": false,
        })
    );
    let asked = shop.sent("getTransactionByClientReference").path;
    assert!(
        asked.ends_with(&format!("/smartload/recharges/{ACCOUNT}/my-reference")),
        "{asked}"
    );
}

#[tokio::test]
async fn a_batch_is_one_request_with_each_recharge_in_it() {
    let shop = Mocked::smartcall();
    shop.server.create_recharge_batch(|when, then| {
        when.bearer(TOKEN);
        then.ok(&read(
            r#"{"error":null,"responseCode":"PART_SUCCESS","rechargeResponses":[
                {"clientReference":"two","error":{"code":9,"message":"no"},"responseCode":"APP_ERROR","recharge":null},
                {"clientReference":"one","error":null,"responseCode":"SUCCESS","recharge":{"orderReferenceId":4711}}]}"#,
        ));
    });
    shop.server.get_transaction_by_client_reference(|_, then| {
        then.ok(&read(SUCCESSFUL));
    });
    let outcomes = shop
        .client
        .recharge_batch(&[order("one"), order("two")])
        .await;
    let [one, two] = outcomes.try_into().expect("two");
    vended(one);
    assert!(matches!(two, Err(Error::Refused { refusal, .. }) if refusal.code == Some(9)));
    let each = |name: &str| {
        json!({
            "smartloadId": ACCOUNT, "clientReference": name, "smsRecipientMsisdn": SUBSCRIBER,
            "deviceId": SUBSCRIBER, "productId": 62, "amount": 29.5, "pinless": true, "sendSms": false,
        })
    };
    assert_eq!(
        shop.sent("createRechargeBatch").json(),
        json!({"rechargeRequests": [each("one"), each("two")]})
    );
}

#[tokio::test]
async fn a_cancellation_names_account_and_reference() {
    let shop = Mocked::smartcall();
    shop.server.cancel_recharge(|when, then| {
        when.bearer(TOKEN);
        then.bad_request(&read(
            r#"{"code":6,"message":"already attempted at the network"}"#,
        ));
    });
    let told = shop
        .client
        .cancel(&reference("my-reference"))
        .await
        .unwrap();
    assert_eq!(told, Cancellation::Refused(CancelRefusal::AtTheNetwork));
    assert_eq!(
        shop.sent("cancelRecharge").json(),
        json!({"smartloadId": ACCOUNT, "clientReference": "my-reference"})
    );
}

#[tokio::test]
async fn a_prevend_asks_what_the_recharge_would() {
    let shop = Mocked::smartcall();
    shop.server.create_prevend(|when, then| {
        when.bearer(TOKEN);
        then.ok(&read(
            r#"{"responseCode":"APP_ERROR","message":"No universal account"}"#,
        ));
    });
    let told = shop.client.prevend(&order("my-reference")).await;
    assert!(
        matches!(told, Err(PrevendError::Refused { .. })),
        "{told:?}"
    );
    assert_eq!(
        shop.sent("createPrevend").json(),
        json!({
            "smartloadId": ACCOUNT, "clientReference": "my-reference", "smsRecipientMsisdn": SUBSCRIBER,
            "deviceId": SUBSCRIBER, "productId": 62, "amount": 29.5, "pinless": true, "sendSms": false,
        })
    );
}

#[tokio::test]
async fn a_transfer_is_sent_in_whole_rand_and_without_a_reference() {
    let shop = Mocked::smartcall();
    shop.server.create_funds_transfer(|when, then| {
        when.bearer(TOKEN);
        then.ok(&read(
            r#"{"error":null,"responseCode":"SUCCESS","recharge":null,"newDealerBalance":null,"currentDealerBalance":90000.0000}"#,
        ));
    });
    let transfer = FundsTransfer::new("0830000009".parse().unwrap(), "10000.00".parse().unwrap());
    let transfer = transfer.unwrap().with_sms();
    let sale = vended(shop.client.transfer(&transfer).await);
    assert_eq!(
        sale.balance.map(|balance| balance.to_string()).as_deref(),
        Some("90000.0000")
    );
    let sent = shop.sent("createFundsTransfer");
    assert!(
        sent.body.contains(r#""amount":10000"#) && !sent.body.contains("10000."),
        "{}",
        sent.body
    );
    assert_eq!(
        sent.json(),
        json!({
            "sourceSmartloadId": ACCOUNT, "recipientSmartloadId": "27830000009", "amount": 10000, "sendSms": true,
        })
    );
}

#[tokio::test]
async fn an_easypay_payment_keeps_its_dashes_and_slashes() {
    let shop = Mocked::smartcall();
    shop.server.create_easypay_payment(|when, then| {
        when.bearer(TOKEN);
        then.ok(&read(
            r#"{"error":null,"responseCode":"SUCCESS","orderReferenceId":4711,"balance":99000}"#,
        ));
    });
    let payment = EasypayPayment::new(
        "451".parse().unwrap(),
        &EasypayAccountType::Notice,
        "07/0123/456-789",
        "250.50".parse().unwrap(),
        SUBSCRIBER.parse().unwrap(),
    );
    let payment = payment.unwrap().with_reference(reference("my-reference"));
    let sale = vended(shop.client.pay_easypay(&payment).await);
    assert_eq!(sale.provider_reference.as_deref(), Some("4711"));
    assert_eq!(
        shop.sent("createEasypayPayment").json(),
        json!({
            "smartloadId": ACCOUNT, "clientReference": "my-reference", "productId": 451, "accountType": "noticeNo",
            "accountReference": "07/0123/456-789", "paymentAmount": 250.5, "paymentCellNumber": SUBSCRIBER,
        })
    );
}

#[tokio::test]
async fn a_dstv_payment_names_the_type_of_its_account() {
    let shop = Mocked::smartcall();
    shop.server.create_dstv_payment(|when, then| {
        when.bearer(TOKEN);
        then.bad_request(&read(r#"{"code":15,"message":"Insufficient funds"}"#));
    });
    let payment = DstvPayment::new(
        "460".parse().unwrap(),
        &DstvAccountType::BoxOffice,
        "1234567890",
        "99".parse().unwrap(),
        SUBSCRIBER.parse().unwrap(),
    );
    let payment = payment.unwrap().with_reference(reference("my-reference"));
    let outcome = shop.client.pay_dstv(&payment).await;
    assert!(matches!(outcome, Err(Error::Refused { refusal, .. }) if refusal.code == Some(15)));
    assert_eq!(
        shop.sent("createDstvPayment").json(),
        json!({
            "smartloadId": ACCOUNT, "clientReference": "my-reference", "productId": 460, "accountType": "TVOD",
            "accountReference": "1234567890", "paymentAmount": 99, "paymentCellNumber": SUBSCRIBER,
        })
    );
}

#[tokio::test]
async fn an_account_is_asked_about_with_its_slashes_escaped() {
    let shop = Mocked::smartcall();
    shop.server.query_easypay_payment(|when, then| {
        when.bearer(TOKEN);
        then.ok(&read(
            r#"{"error":null,"responseCode":"SUCCESS","accountName":"J DOE","amountDue":250.50}"#,
        ));
    });
    let account = shop
        .client
        .easypay_account(&EasypayAccountType::Notice, "07/0123/456-789")
        .await
        .unwrap();
    assert_eq!(
        account.due.map(|due| due.to_string()).as_deref(),
        Some("250.50")
    );
    assert_eq!(account.name.as_deref(), Some("J DOE"));
    let path = shop.sent("queryEasypayPayment").path;
    assert!(
        path.ends_with("/payments/easypay/noticeNo/07%2F0123%2F456-789"),
        "{path}"
    );
}

#[tokio::test]
async fn a_dstv_account_is_asked_about_and_an_answer_without_one_is_an_error() {
    let shop = Mocked::smartcall();
    shop.server.query_dstv_account(|when, then| {
        when.bearer(TOKEN);
        then.ok(&read(
            r#"{"error":{"code":5,"message":"unknown account"},"responseCode":"APP_ERROR"}"#,
        ));
    });
    let told = shop
        .client
        .dstv_account(&DstvAccountType::Subscription, "1234567890")
        .await;
    assert!(
        matches!(
            told,
            Err(recharge::ReadError::Service { code: Some(5), .. })
        ),
        "{told:?}"
    );
    let path = shop.sent("queryDstvAccount").path;
    assert!(path.ends_with("/payments/dstv/SUBS/1234567890"), "{path}");

    for bad in ["", "..", "a\\b", "12 34 "] {
        let told = shop
            .client
            .dstv_account(&DstvAccountType::Subscription, bad)
            .await;
        assert!(
            matches!(told, Err(recharge::ReadError::Invalid(_))),
            "{bad}: {told:?}"
        );
    }
}
