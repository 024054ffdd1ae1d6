//! What goes over the wire, operation by operation: path, token and body of each request as the service documents them, by typed mocks.

use recharge::bindings::mock::smartcall::MockServerExt as _;
use recharge::smartcall::{ElectricityOrder, VoucherOrder};
use serde_json::{Value, json};

use crate::support::mocked::{Mocked, Sent, TOKEN, read};
use crate::support::*;
use crate::*;

const PAID: &str = r#"{"error":null,"responseCode":"SUCCESS","orderReferenceId":4711,"filePassword":"aB3","stockLevel":7,"limits":[],
    "bundles":[{"bundleId":"B1","amount":500}],"statusCode":0,"vouchers":[{"voucherPin":"713457265222"}],"recharge":{"orderReferenceId":4711}}"#;
const KNOWN: &str = r#"{"error":null,"responseCode":"SUCCESS","transaction":{"reference":"4711","statusId":"SUCCESSFUL",
    "pinData":[{"order":1,"description":"Purchase PIN","pin":"65590769817133403636"}]}}"#;

/// A service that answers everything well.
fn shop() -> Mocked<recharge::smartcall::Client> {
    let shop = Mocked::smartcall();
    let server = &shop.server;
    server.create_sync_recharge(|_, then| {
        then.ok(&read(PAID));
    });
    server.get_transaction_by_client_reference(|_, then| {
        then.ok(&read(KNOWN));
    });
    server.get_electricity_transaction(|_, then| {
        then.ok(&read(KNOWN));
    });
    server.get_electricity_limits(|_, then| {
        then.ok(&read(PAID));
    });
    server.create_batch_vouchers(|_, then| {
        then.ok(&read(PAID));
    });
    server.get_batch_vouchers(|_, then| {
        then.ok(&read(PAID));
    });
    server.get_voucher_stock(|_, then| {
        then.ok(&read(PAID));
    });
    server.create_batch_order(|_, then| {
        then.ok(&read(PAID));
    });
    server.recreate_batch_file(|_, then| {
        then.ok(&read(PAID));
    });
    server.query_monice(|_, then| {
        then.ok(&read(PAID));
    });
    server.recharge_monice(|_, then| {
        then.ok(&read(PAID));
    });
    shop
}

#[track_caller]
fn is(sent: &Sent, path: &str, body: Value) {
    let asked = sent.path.split_once("/webservice").map(|(_, asked)| asked);
    assert_eq!(asked, Some(path));
    assert_eq!(
        sent.header("authorization"),
        Some(&*format!("Bearer {TOKEN}"))
    );
    if body.is_null() {
        assert_eq!(sent.body, "");
    } else {
        assert_eq!(sent.header("content-type"), Some("application/json"));
        assert_eq!(sent.json(), body);
    }
}

#[tokio::test]
async fn electricity() {
    let shop = shop();
    let order =
        ElectricityOrder::eskom("04123456789".parse().unwrap(), "50".parse().unwrap()).unwrap();
    vended(
        shop.client
            .sell_electricity(&order.with_reference(reference("r-1")))
            .await,
    );
    is(
        &shop.sent("createSyncRecharge"),
        "/smartload/v2/recharges",
        json!({"smartloadId": ACCOUNT, "clientReference": "r-1", "deviceId": "04123456789", "productId": 47, "amount": 50, "sendSms": false}),
    );
    is(
        &shop.sent("getElectricityTransaction"),
        &format!("/electricity/transactions/{ACCOUNT}/4711"),
        Value::Null,
    );
    shop.client.electricity_limits().await.unwrap();
    is(
        &shop.sent("getElectricityLimits"),
        "/electricity/limits",
        Value::Null,
    );
}

#[tokio::test]
async fn vouchers() {
    let shop = shop();
    let product = "66".parse().unwrap();
    let order = VoucherOrder::new(product, 1)
        .unwrap()
        .with_reference(reference("r-1"));
    vended(shop.client.buy_vouchers(&order).await);
    is(
        &shop.sent("createBatchVouchers"),
        "/smartload/batchvouchers",
        json!({"smartloadId": ACCOUNT, "clientReference": "r-1", "productId": 66, "quantity": 1}),
    );
    shop.client.vouchers(order.reference()).await.unwrap();
    is(
        &shop.sent("getBatchVouchers"),
        &format!("/smartload/batchvouchers/{ACCOUNT}/4711"),
        Value::Null,
    );
    shop.client.voucher_stock(product).await.unwrap();
    is(
        &shop.sent("getVoucherStock"),
        "/smartload/voucherstock/66",
        Value::Null,
    );
}

#[tokio::test]
async fn files_of_vouchers() {
    let shop = shop();
    let order = VoucherOrder::new("66".parse().unwrap(), 2)
        .unwrap()
        .with_reference(reference("r-1"));
    vended(shop.client.order_voucher_file(&order).await);
    is(
        &shop.sent("createBatchOrder"),
        "/smartload/batchorders",
        json!({"smartloadId": ACCOUNT, "clientReference": "r-1", "productId": 66, "quantity": 2}),
    );
    let folder = tempfile::tempdir().unwrap();
    // Nothing is mocked for it, and an answer without a body is no file.
    shop.client
        .download_voucher_file(order.reference(), folder.path().join("v.zip"))
        .await
        .unwrap_err();
    is(
        &shop.sent("getBatchOrderFile"),
        &format!("/smartload/batchorders/{ACCOUNT}/r-1"),
        Value::Null,
    );
    shop.client
        .recreate_voucher_file(order.reference())
        .await
        .unwrap();
    is(
        &shop.sent("recreateBatchFile"),
        "/smartload/batchfile",
        json!({"smartloadId": ACCOUNT, "clientReference": "r-1"}),
    );
}

#[tokio::test]
async fn monice() {
    let shop = shop();
    let offers = shop
        .client
        .monice_offers(SUBSCRIBER.parse().unwrap())
        .await
        .unwrap();
    is(
        &shop.sent("queryMonice"),
        &format!("/smartload/monice/query/{SUBSCRIBER}"),
        Value::Null,
    );
    let order = offers
        .choose_with_reference("B1", reference("r-1"))
        .unwrap();
    vended(shop.client.recharge_monice(&order).await);
    is(
        &shop.sent("rechargeMonice"),
        "/smartload/monice/recharge",
        json!({"smartloadId": ACCOUNT, "clientReference": "r-1", "msisdn": SUBSCRIBER, "bundleId": "B1", "amount": 500}),
    );
}
