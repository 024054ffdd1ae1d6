//! Each operation by typed mocks: the request as it is sent, each documented answer, each shape of an error.

use recharge::bindings::hot::types;
use recharge::bindings::mock::hot::MockServerExt as _;
use recharge::hot::{
    AgentReference, Currency, RechargeOrder, Reserved, SmsTemplate, Standing, Wallet,
};
use recharge::recovery::{Class, Denial};
use recharge::{Outcome, ProductId, ReadError};
use serde_json::Value;

use crate::support::mocked::{Mocked, TOKEN as BEARER, read};
use crate::*;

fn id(product: u32) -> ProductId {
    ProductId::new(product).unwrap()
}

fn decimal(text: &str) -> recharge::bindings::rust_decimal::Decimal {
    text.parse().unwrap()
}

fn typed<T: serde::de::DeserializeOwned>(body: &Value) -> T {
    read(&body.to_string())
}

#[track_caller]
fn service_error<T: std::fmt::Debug>(result: Result<T, ReadError>) -> (u16, String) {
    match result {
        Err(ReadError::Service {
            status,
            code: None,
            message,
        }) => (status, message),
        other => panic!("no error of the service's: {other:?}"),
    }
}

#[test]
fn each_operation_of_the_document_has_a_class_and_only_two_of_them_sell() {
    let mut classes: Vec<_> = recharge::hot::classes().collect();
    let mut operations: Vec<_> = recharge::bindings::hot::OPERATIONS
        .iter()
        .map(|it| it.id)
        .collect();
    classes.sort_by_key(|(operation, _)| *operation);
    operations.sort_unstable();
    assert_eq!(
        classes
            .iter()
            .map(|(operation, _)| *operation)
            .collect::<Vec<_>>(),
        operations
    );
    for (operation, class) in classes {
        let expected = match operation {
            "recharge" | "completeReservedRecharge" => Class::EnquirableOnly,
            _ => Class::Read,
        };
        assert_eq!(class, expected, "{operation}");
    }
}

#[tokio::test]
async fn login_sends_access_code_and_password_and_no_authorization() {
    let shop = Mocked::hot();
    shop.server.get_balances(|when, then| {
        when.bearer(BEARER);
        then.ok(&[]);
    });
    assert_eq!(shop.client.balances().await.unwrap(), []);
    let sent = shop.sent("login");
    assert_eq!(
        sent.json(),
        json!({"AccessCode": ACCESS_CODE, "Password": PASSWORD})
    );
    assert_eq!(sent.header("authorization"), None);
}

#[tokio::test]
async fn balances_are_read_by_wallet_and_one_that_is_odd_hides_no_other() {
    let shop = Mocked::hot();
    shop.server.get_balances(|_, then| {
        then.ok(&read::<Vec<types::Balance>>(
            r#"[{"accountTypeId":1,"name":"ZiG","balance":8985.7300},{"accountTypeId":3,"name":null,"balance":-0.01},{"accountTypeId":9,"balance":1},{"accountTypeId":2},{"name":"x"}]"#,
        ));
    });
    let told: Vec<_> = shop
        .client
        .balances()
        .await
        .unwrap()
        .into_iter()
        .map(|it| (it.wallet, it.wallet.currency(), it.amount, it.name))
        .collect();
    assert_eq!(
        told,
        [
            (
                Wallet::Zig,
                Some(Currency::Zig),
                decimal("8985.7300"),
                Some("ZiG".to_owned())
            ),
            (Wallet::Usd, Some(Currency::Usd), decimal("-0.01"), None),
            (Wallet::Other(9), None, decimal("1"), None),
        ]
    );
    assert!(
        shop.sent("getBalances")
            .path
            .ends_with("/api/v3/account/balance/")
    );
}

#[tokio::test]
async fn the_balance_of_one_wallet_is_asked_for_by_its_account_type_and_feeds_its_watch() {
    let shop = Mocked::hot();
    shop.server.get_balance(|when, then| {
        when.account_type_id(4);
        then.ok(&read::<Vec<types::Balance>>(
            r#"[{"accountTypeId":4,"balance":0.05}]"#,
        ));
    });
    let watch = shop.client.watch_balance(Wallet::UsdUtilities);
    assert_eq!(watch.latest(), None);
    let found = shop
        .client
        .balance(Wallet::UsdUtilities)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.amount, decimal("0.05"));
    assert_eq!(watch.latest().map(|it| it.amount), Some(decimal("0.05")));
    assert!(
        shop.sent("getBalance")
            .path
            .ends_with("/api/v3/account/balance/4")
    );
}

#[tokio::test]
async fn each_error_of_a_read_is_told_by_its_text_whatever_its_shape() {
    for (body, text) in [
        (e1(), "ProductId is currently not supported. ProductID 0"),
        (e2(), "Product: \"Invalid Product Code\" DDB2"),
        (e3(), "Amount is not accepted."),
    ] {
        let shop = Mocked::hot();
        shop.server.query_stock(|_, then| {
            then.into_inner().status(400).body(body.to_string());
        });
        assert_eq!(
            service_error(shop.client.stock(id(67)).await),
            (400, text.to_owned())
        );
    }
    let shop = Mocked::hot();
    shop.server
        .query_stock(|_, then| then_problem(then.into_inner()));
    assert_eq!(
        service_error(shop.client.stock(id(67)).await),
        (500, String::new())
    );
    assert_eq!(
        shop.log()
            .iter()
            .filter(|sent| sent.operation == "queryStock")
            .count(),
        5,
        "reads are tried again"
    );
    let shop = Mocked::hot();
    shop.server.query_stock(|_, then| {
        then.unauthorized();
    });
    let denied = shop.client.stock(id(67)).await;
    assert!(
        matches!(denied, Err(ReadError::Denied(Denial::Credentials(_)))),
        "{denied:?}"
    );
    let shop = Mocked::hot();
    shop.server.query_stock(|_, then| {
        then.into_inner().status(200).body("<html>");
    });
    assert!(matches!(
        shop.client.stock(id(67)).await,
        Err(ReadError::Unreadable(_))
    ));
}

fn then_problem(then: httpmock::Then) {
    then.status(500).body(r#"{"title":"x","status":500}"#);
}

#[tokio::test]
async fn products_are_read_once_an_hour_with_their_metadata() {
    let shop = Mocked::hot();
    shop.server.list_products(|_, then| {
        then.ok(&typed(&catalogue()));
    });
    let products = shop.client.products().await.unwrap();
    assert_eq!(
        products.iter().map(|it| it.id.get()).collect::<Vec<_>>(),
        [101, 16, 41]
    );
    assert_eq!(products[0].limits.maximum, Some(decimal("300")));
    assert_eq!(
        shop.client
            .product(id(16))
            .await
            .unwrap()
            .map(|it| it.has_stock),
        Some(true)
    );
    assert!(
        shop.sent("listProducts")
            .path
            .ends_with("/api/v3/products/")
    );
    shop.clock.advance(Duration::from_secs(3601));
    shop.client.products().await.unwrap();
    shop.client.refresh_products().await.unwrap();
    let lists = shop
        .log()
        .into_iter()
        .filter(|sent| sent.operation == "listProducts");
    assert_eq!(lists.count(), 3);
}

#[tokio::test]
async fn a_product_that_is_not_listed_is_asked_for_by_itself() {
    let shop = Mocked::hot();
    shop.server.list_products(|_, then| {
        then.ok(&read(r#"{"products":[null,{"productId":7},"odd"]}"#));
    });
    shop.server.get_product(|when, then| {
        when.product_id(8);
        then.ok(&read(r#"{"products":[{"productId":8,"name":"Eight"}]}"#));
    });
    shop.server.get_product(|when, then| {
        when.product_id(9);
        then.not_found(&typed(&e2()));
    });
    assert_eq!(shop.client.products().await.unwrap().len(), 1);
    assert_eq!(
        shop.client.product(id(8)).await.unwrap().map(|it| it.name),
        Some("Eight".to_owned())
    );
    assert_eq!(shop.client.product(id(9)).await.unwrap(), None);
    assert_eq!(shop.client.product(id(u32::MAX)).await.unwrap(), None);
}

#[tokio::test]
async fn stock_surfaces_both_prices_and_converts_neither() {
    let shop = Mocked::hot();
    shop.server.query_stock(|when, then| {
        when.product_id(16);
        then.ok(&read(
            r#"{"stock":[{"productId":16,"name":"Daily","productCode":"DDB20","description":"20MB","value":28400,"currency":"ZiG","walletTypeId":1},
                {"productId":16,"name":"Daily","productCode":"DDB50","amount":568.00},{"name":"without a code"},null]}"#,
        ));
    });
    let stock = shop.client.stock(id(16)).await.unwrap();
    assert_eq!(stock.len(), 2);
    assert_eq!(
        (stock[0].value, stock[0].amount),
        (Some(decimal("28400")), None)
    );
    assert_eq!(
        (stock[1].value, stock[1].amount),
        (None, Some(decimal("568.00")))
    );
    assert_eq!(stock[0].wallet, Some(Wallet::Zig));
    let subscriber = SUBSCRIBER.parse().unwrap();
    for (item, price, fits) in [
        (0, "284", true),
        (0, "28400", true),
        (0, "285", false),
        (1, "568", true),
        (1, "5.68", true),
        (1, "567.99", false),
    ] {
        let order = stock[item].order(subscriber, price.parse().unwrap());
        assert_eq!(
            order.map(drop).map_err(|it| it.field()),
            if fits { Ok(()) } else { Err("amount") },
            "{price}"
        );
    }
}

#[tokio::test]
async fn a_customer_is_given_by_name_and_address_and_printed_nowhere() {
    let shop = Mocked::hot();
    shop.server.query_customer(|when, then| {
        when.product_id(41).account_number(METER);
        then.ok(&read(
            r#"{"accountNumber":"37123456789","details":{"AccountName":"T MOYO\n12 FICTION ROAD\r\nHARARE","Balance":7.50}}"#,
        ));
    });
    let customer = shop.client.customer(id(41), METER).await.unwrap();
    assert_eq!(customer.name.as_deref(), Some("T MOYO"));
    assert_eq!(customer.address, ["12 FICTION ROAD", "HARARE"]);
    assert_eq!(customer.details["Balance"], "7.50");
    let debug = format!("{customer:?}");
    assert!(
        !debug.contains("MOYO") && !debug.contains("FICTION") && !debug.contains(METER),
        "{debug}"
    );
}

#[tokio::test]
async fn a_recharge_is_sent_as_the_page_has_it() {
    let sms = SmsTemplate::new("%COMPANYNAME% topped you up with %AMOUNT%.").unwrap();
    let electric = SmsTemplate::for_electricity("%KWH% for %METERNUMBER%").unwrap();
    let reference: AgentReference = "HRE-CBD01-01-KUDA01-100001-01".parse().unwrap();
    let (to, price) = (SUBSCRIBER.parse().unwrap(), "284".parse().unwrap());
    let option =
        |name: &str, value: &str| json!({"Name": name, "ParameterType": "string", "Value": value});
    for (order, rest) in [
        (
            airtime(),
            json!({"productId": 101, "target": "0772123456", "amount": 10}),
        ),
        (
            airtime().with_sms(&sms),
            json!({"productId": 101, "target": "0772123456", "amount": 10, "CustomerSMS": sms.as_str()}),
        ),
        (
            RechargeOrder::bundle(id(16), to, "DDB20", price).unwrap(),
            json!({"productId": 16, "target": "0772123456", "amount": 284, "RechargeOptions": [option("ProductCode", "DDB20")]}),
        ),
        (
            electricity()
                .with_sms(&electric)
                .with_option("Colour", "red")
                .unwrap(),
            json!({
                "productId": 41, "target": METER, "amount": 5, "CustomerSMS": electric.as_str(),
                "RechargeOptions": [option("NotifyNumber", "0772123456"), option("Colour", "red")],
            }),
        ),
    ] {
        let shop = Mocked::hot();
        shop.server.recharge(|when, then| {
            when.bearer(BEARER);
            then.ok(&typed(&sold()));
        });
        vended(
            shop.client
                .recharge(&order.with_reference(reference.clone()))
                .await,
        );
        let mut sent = shop.sent("recharge").json();
        assert_eq!(sent["agentReference"].take(), json!(reference.as_str()));
        let mut rest = rest;
        rest["agentReference"] = Value::Null;
        assert_eq!(sent, rest);
    }
}

#[tokio::test]
async fn each_documented_answer_to_a_recharge_is_read() {
    type Answer = fn(recharge::bindings::mock::hot::operations::RechargeThen);
    let answers: [(&str, Answer); 8] = [
        ("vended", |then| drop(then.ok(&typed(&sold())))),
        ("refused", |then| drop(then.ok(&typed(&failed())))),
        ("refused", |then| {
            drop(then.bad_request_validation_problem(&typed(&e1())))
        }),
        ("refused", |then| {
            drop(then.bad_request_business_problems(&typed(&e2())))
        }),
        ("refused", |then| {
            drop(then.bad_request_error_texts(&typed(&e3())))
        }),
        ("unresolved", |then| drop(then.not_found(&typed(&e2())))),
        ("unresolved", |then| drop(then.too_many_requests())),
        ("unresolved", |then| {
            drop(then.internal_server_error(&read(r#"{"status":500}"#)))
        }),
    ];
    for (place, (expected, answer)) in answers.into_iter().enumerate() {
        let shop = Mocked::hot();
        shop.server.recharge(|_, then| answer(then));
        let outcome = shop.client.recharge(&airtime()).await;
        let word = match &outcome {
            Ok(Outcome::Vended(_)) => "vended",
            Ok(Outcome::Unresolved(..)) => "unresolved",
            Err(Error::Refused { .. }) => "refused",
            other => panic!("{place}: {other:?}"),
        };
        assert_eq!(word, expected, "{place}");
        shop.sent("recharge");
    }
}

#[tokio::test]
async fn a_completion_is_sent_with_a_reference_of_its_own() {
    let shop = Mocked::hot();
    shop.server.recharge(|_, then| {
        then.ok(&typed(&sold()));
    });
    shop.server.complete_reserved_recharge(|when, then| {
        when.bearer(BEARER);
        then.ok(&typed(&sold()));
    });
    let order = airtime().with_reference("R1".parse::<AgentReference>().unwrap());
    let Ok(Reserved::Made(reservation)) = shop.client.reserve(&order, false).await else {
        panic!("not reserved")
    };
    vended(reservation.complete().await);
    assert_eq!(
        shop.sent("completeReservedRecharge").json(),
        json!({"agentReference": "R1C", "originalReference": "R1", "confirmed": true})
    );
}

#[tokio::test]
async fn a_transaction_is_asked_for_by_its_reference() {
    let shop = Mocked::hot();
    shop.server.query_transaction(|when, then| {
        when.agent_reference("HRE-1.x_2").bearer(BEARER);
        then.ok(&typed(
            &json!({"transactionReference": "HRE-1.x_2", "rawData": failed().to_string()}),
        ));
    });
    let reference = "HRE-1.x_2".parse().unwrap();
    let found = shop.client.enquire(&reference).await.unwrap().unwrap();
    assert_eq!(
        (found.standing, found.message.as_str()),
        (Standing::Failed, "Mobile Number not a prepaid subscriber")
    );
    let shop = Mocked::hot();
    shop.server.query_transaction(|_, then| {
        then.not_found(&typed(&e2()));
    });
    assert_eq!(shop.client.enquire(&reference).await.unwrap(), None);
}
