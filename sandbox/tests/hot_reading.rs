//! HOT: wallets, catalogue, stock and customers, and what is refused on the way to them.

#![allow(clippy::unwrap_used)]

mod support;

use recharge_sandbox::StockPrice;
use reqwest::Method;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use support::hot::{HotTill, airtime, bundle, invalid, problem};

#[tokio::test]
async fn wallets_are_a_bare_list_even_when_one_is_asked_for() {
    let till = HotTill::with(|builder| {
        let wallets = [(1, "0.05"), (2, "1"), (3, "8985.73"), (4, "12.3456")];
        wallets
            .into_iter()
            .fold(builder, |builder, (wallet, balance)| {
                builder.hot_wallet(wallet, balance.parse().unwrap())
            })
    })
    .await;
    let all = json!([
        { "accountTypeId": 1, "name": "ZiG", "balance": 0.05 },
        { "accountTypeId": 2, "name": "Utility ZiG", "balance": 1 },
        { "accountTypeId": 3, "name": "USD", "balance": 8985.73 },
        { "accountTypeId": 4, "name": "Utility USD", "balance": 12.3456 },
    ]);
    assert_eq!(till.get("/account/balance/").await, (200, all.clone()));
    assert_eq!(till.get("/account/balance/3").await, (200, json!([all[2]])));
    let (status, answer) = till.get("/account/balance/9").await;
    assert_eq!((status, problem(&answer).0), (404, "AccountTypeId"));
    let (status, answer) = till.get("/account/balance/usd").await;
    assert_eq!((status, invalid(&answer)), (400, "AccountTypeId"));
}

#[tokio::test]
async fn the_list_of_products_has_the_metadata_of_the_vendor() {
    let till = HotTill::open().await;
    let (status, list) = till.get("/products/").await;
    assert_eq!(status, 200);
    let products = list["products"].as_array().unwrap();
    let ids: Vec<_> = products
        .iter()
        .map(|product| product["productId"].as_i64().unwrap())
        .collect();
    assert_eq!(ids, [7, 16, 24, 41, 100, 101, 102, 103]);
    assert_eq!(
        products[5],
        json!({
            "productId": 101,
            "name": "Econet USD Airtime",
            "accountTypeId": 3,
            "requiredOptions": [],
            "metaData": {
                "TargetInfo": "The Target is the Econet Mobile Number to recharge",
                "RechargeType": "Pinless",
                "MinimumRecharge": "0.10",
                "MaxRecharge": "300",
                "TargetType": "Econet Mobile Number",
                "RechargeAmountIncrement": "0.01",
                "Currency": "USD",
                "Network": "Econet",
                "NetworkPrefix": "77",
                "RechargeTypeInformation": "Airtime"
            }
        })
    );
    let values = products
        .iter()
        .flat_map(|product| product["metaData"].as_object().unwrap().values());
    assert!(values.clone().all(Value::is_string));
    for product in products {
        let (status, one) = till
            .get(&format!("/products/{}", product["productId"]))
            .await;
        assert_eq!((status, &one["products"]), (200, &json!([product])));
    }
}

#[tokio::test]
async fn products_say_which_options_they_need_and_what_can_be_asked() {
    let till = HotTill::open().await;
    let (_, list) = till.get("/products/").await;
    for product in list["products"].as_array().unwrap() {
        let id = product["productId"].as_i64().unwrap();
        let options: Vec<_> = product["requiredOptions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|option| option["name"].clone())
            .collect();
        let needed = match id {
            16 => vec![json!("ProductCode")],
            24 | 41 => vec![json!("NotifyNumber")],
            _ => vec![],
        };
        assert_eq!(options, needed, "{id}");
        let stock = till.get(&format!("/query/stock/{id}")).await;
        assert_eq!(
            product["metaData"].get("StockQuery").is_some(),
            stock.0 == 200,
            "{id}"
        );
        let account = if id == 102 {
            "0712000001"
        } else {
            "37100000001"
        };
        let customer = till.get(&format!("/query/customer/{id}/{account}")).await;
        assert_eq!(
            product["metaData"].get("AccountQuery").is_some(),
            customer.0 == 200,
            "{id}"
        );
    }
    let tags = &list["products"][3]["metaData"]["CustomSMSTags"];
    assert_eq!(tags, "%METERNUMBER%,%KWH%,%ACCOUNTNAME%,%ACOUNTNAME%");
}

#[tokio::test]
async fn what_is_no_product_is_not_supported() {
    let till = HotTill::open().await;
    for path in [
        "/products/0",
        "/query/stock/0",
        "/query/customer/0/37100000001",
        "/products/x",
        "/query/stock/4294967296",
    ] {
        let (status, answer) = till.get(path).await;
        assert_eq!((status, invalid(&answer)), (400, "ProductId"), "{path}");
    }
    let (_, answer) = till.get("/query/stock/101").await;
    let message = answer["errors"]["ProductId"][0].as_str().unwrap();
    assert_eq!(
        message,
        "Unsupported Brand Exception - \"ProductId\" ProductId is not supported for Stock Query. 101"
    );
}

#[tokio::test]
async fn the_stock_has_the_price_that_a_recharge_is_sent_with() {
    let till = HotTill::open().await;
    let (status, stock) = till.get("/query/stock/16").await;
    assert_eq!(status, 200);
    assert_eq!(
        stock["stock"][0],
        json!({ "productId": 16, "name": "Daily Data Bundle (20MB)", "productCode": "DDB20",
            "description": "Daily Data Bundle (20MB)", "value": 284, "currency": "ZiG", "walletTypeId": 1 })
    );
    for (nth, item) in stock["stock"].as_array().unwrap().iter().enumerate() {
        let code = item["productCode"].as_str().unwrap();
        let answer = till
            .recharge(&bundle(&nth.to_string(), code, item["value"].clone()))
            .await;
        assert_eq!((answer.0, &answer.1["successful"]), (200, &json!(true)));
    }
}

#[tokio::test]
async fn the_stock_can_be_priced_as_the_other_documents_have_it() {
    for (how, member, other, price) in [
        (StockPrice::Amount, "amount", "value", 284),
        (StockPrice::Hundredths, "value", "amount", 28_400),
    ] {
        let till = HotTill::with(|builder| builder.hot_stock_price(how)).await;
        let (_, stock) = till.get("/query/stock/16").await;
        assert_eq!(stock["stock"][0][member], price);
        assert!(stock["stock"][0].get(other).is_none());
        assert_eq!(till.recharge(&bundle("a", "DDB20", 284)).await.0, 200);
    }
}

#[tokio::test]
async fn a_meter_has_a_name_and_an_address_on_two_lines() {
    let till = HotTill::open().await;
    let mut lines = Vec::new();
    for meter in 0..8 {
        let meter = format!("3710000000{meter}");
        let (status, customer) = till.get(&format!("/query/customer/24/{meter}")).await;
        assert_eq!((status, &customer["accountNumber"]), (200, &json!(meter)));
        lines.push(
            customer["details"]["AccountName"]
                .as_str()
                .unwrap()
                .lines()
                .count(),
        );
    }
    assert!(lines.contains(&2) && lines.iter().all(|count| (1..=2).contains(count)));
    for nobody in ["99100000001", "3710000001", "meter", "%20", "%FF", "1%2F2"] {
        let (status, _) = till.get(&format!("/query/customer/24/{nobody}")).await;
        assert!(
            status == 404 || (nobody == "%FF" && status == 400),
            "{nobody}: {status}"
        );
    }
}

#[tokio::test]
async fn the_customer_of_airtime_has_what_was_recharged() {
    let till = HotTill::open().await;
    let balance = async || -> Decimal {
        let (_, customer) = till.get("/query/customer/102/0712000001").await;
        customer["details"]["Balance"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    };
    let before = balance().await;
    let mut body = airtime("a", 10);
    body["target"] = json!("0712000001");
    till.recharge(&body).await;
    assert_eq!(balance().await - before, Decimal::from(10));
}

#[tokio::test]
async fn a_path_that_is_nobodys_and_a_verb_that_is_not_there_have_no_body() {
    let till = HotTill::open().await;
    for (method, path, status) in [
        (Method::GET, "/nonsense", 404),
        (Method::GET, "", 404),
        (Method::GET, "/query/transaction/", 404),
        (Method::DELETE, "/products/", 405),
        (Method::GET, "/products/recharge", 405),
        (Method::GET, "/identity/login", 405),
    ] {
        let answer = till.try_send(method.clone(), 0, path, None).await.unwrap();
        assert_eq!(answer, (status, String::new()), "{method} {path}");
    }
}

#[tokio::test]
async fn the_ledger_page_has_hot_in_it() {
    let till = HotTill::open().await;
    till.recharge(&airtime("a", "nonsense")).await;
    till.recharge(&airtime("a", 10)).await;
    let page = till
        .http
        .get(till.sandbox.ledger_url())
        .send()
        .await
        .unwrap();
    let page: Value = page.json().await.unwrap();
    let hot = &page["hot"];
    assert_eq!(
        (&hot["wallets"]["3"], &hot["logins"], &hot["refreshes"]),
        (&json!("99990.4"), &json!(1), &json!(0))
    );
    assert_eq!(
        (&hot["entries"][0]["status"], &hot["entries"][1]["status"]),
        (&json!("REFUSED"), &json!("SUCCESSFUL"))
    );
    let sale = &hot["entries"][1];
    assert_eq!(
        (
            &sale["kind"],
            &sale["target"],
            &sale["amount"],
            &sale["charged"]
        ),
        (
            &json!("RECHARGE"),
            &json!("0772000001"),
            &json!("10"),
            &json!("9.6")
        )
    );
    assert_eq!(
        (&hot["attempts"][1]["nth"], &hot["attempts"][1]["path"]),
        (&json!(2), &json!("/api/v3/products/recharge"))
    );
    assert_eq!(page["entries"], json!([]), "Smartcall's is another ledger");
}
