//! HOT: recharges, what refuses them, and what the transaction query says of them.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use recharge_sandbox::{HotKind, HotStatus, RowVisible, SeveralTokens};
use rust_decimal::Decimal;
use serde_json::json;
use support::hot::{HotTill, airtime, bundle, invalid, problem, with_option, zesa};
use support::until;

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[tokio::test]
async fn airtime_is_paid_from_its_wallet_less_the_discount() {
    let till = HotTill::with(|builder| builder.hot_wallet(3, dec("20"))).await;
    let (status, answer) = till.recharge(&airtime("a", 10)).await;
    assert_eq!(status, 200);
    assert_eq!(answer["successful"], true);
    assert_eq!(
        (&answer["amount"], &answer["discount"]),
        (&json!(10), &json!(4))
    );
    assert_eq!(
        answer["balance"],
        json!({ "accountTypeId": 3, "name": "USD", "balance": 10.4 })
    );
    let data = &answer["rechargeData"];
    let read = |key: &str| dec(data[key].as_str().unwrap());
    assert_eq!(read("FinalBalance") - read("InitialBalance"), dec("10"));
    let ledger = till.ledger();
    assert_eq!(ledger.wallets[&3], dec("10.4"));
    let sale = ledger.sales().next().unwrap();
    assert_eq!(
        (sale.kind, sale.status, sale.charged),
        (HotKind::Recharge, HotStatus::Successful, dec("9.6"))
    );
    assert_eq!(ledger.sales_to("0772000001", dec("10")), 1);
}

#[tokio::test]
async fn the_same_reference_twice_is_sold_twice() {
    let till = HotTill::open().await;
    for _ in 0..2 {
        assert_eq!(till.recharge(&airtime("a", 10)).await.0, 200);
    }
    assert_eq!(till.sales_of("a"), 2);
    assert_eq!(till.ledger().sales_by_reference()["a"], 2);
}

#[tokio::test]
async fn a_repeated_reference_can_be_refused_as_by_version_one() {
    let till = HotTill::with(|builder| builder.hot_deduplicate(true)).await;
    assert_eq!(till.recharge(&airtime("a", 10)).await.0, 200);
    assert_eq!(till.recharge(&airtime("a", 10)).await, (429, json!(null)));
    assert_eq!(till.sales_of("a"), 1);
}

#[tokio::test]
async fn names_of_members_are_read_without_case() {
    let till = HotTill::open().await;
    let body = json!({ "AGENTREFERENCE": "a", "ProductID": 100, "tARGET": "263772000001", "Amount": 0.10, "customssms": "%AMOUNT%" });
    assert_eq!(till.recharge(&body).await.0, 200);
    assert_eq!(till.sales_of("a"), 1);
    assert_eq!(till.ledger().messages[0].text, "$0.10");
}

#[tokio::test]
async fn a_bundle_is_sold_at_its_price_in_stock_only() {
    let till = HotTill::open().await;
    let (status, answer) = till.recharge(&bundle("a", "DDB20", 284)).await;
    assert_eq!(
        (status, &answer["message"], &answer["rechargeData"]),
        (200, &json!("OK"), &json!({}))
    );
    let (status, answer) = till.recharge(&bundle("b", "DDB20", 283)).await;
    assert_eq!((status, problem(&answer).0), (400, "Amount"));
    let (status, answer) = till.recharge(&bundle("c", "DDB2", 284)).await;
    assert_eq!(
        (status, problem(&answer)),
        (400, ("Product", "\"Invalid Product Code\" DDB2"))
    );
    let body =
        json!({ "agentReference": "d", "productId": 16, "target": "0772000001", "amount": 284 });
    let (status, answer) = till.recharge(&body).await;
    assert_eq!((status, invalid(&answer)), (400, "RechargeOptions"));
    assert_eq!(till.ledger().sales().count(), 1);
}

#[tokio::test]
async fn electricity_is_paid_from_the_utilities_wallet_and_gives_a_token() {
    let till = HotTill::with(|builder| builder.hot_wallet(4, dec("10"))).await;
    let (status, answer) = till.recharge(&zesa("a", 5)).await;
    assert_eq!((status, &answer["successful"]), (200, &json!(true)));
    assert_eq!(
        answer["balance"],
        json!({ "accountTypeId": 4, "name": "Utility USD", "balance": 5.05 })
    );
    let data = &answer["rechargeData"];
    assert_eq!(
        (&data["Cost"], &data["Target"], &data["Network"]),
        (&json!("4.9500"), &json!("37100000001"), &json!("ZESA"))
    );
    let token = data["Token"].as_str().unwrap();
    let groups: Vec<_> = token.split(' ').collect();
    assert!(
        groups.len() == 5
            && groups
                .iter()
                .all(|group| group.len() == 4 && group.parse::<u16>().is_ok()),
        "{token}"
    );
    for key in ["Units", "NetAmount", "TaxAmount", "Levy", "Arrears"] {
        assert!(
            data[key].as_str().unwrap().parse::<Decimal>().is_ok(),
            "{key}"
        );
    }
    assert!(data.get("Token2").is_none());
}

#[tokio::test]
async fn electricity_may_come_with_several_tokens() {
    let till = HotTill::open().await;
    let (_, answer) = till.recharge(&zesa("a", 45)).await;
    let data = &answer["rechargeData"];
    let tokens: Vec<_> = ["Token", "Token2", "Token3"]
        .map(|key| data[key].as_str().unwrap().to_owned())
        .into();
    assert!(tokens[0] != tokens[1] && tokens[1] != tokens[2]);
    let till = HotTill::with(|builder| builder.hot_several_tokens(SeveralTokens::OneText)).await;
    let (_, answer) = till.recharge(&zesa("a", 45)).await;
    assert_eq!(answer["rechargeData"]["Token"], json!(tokens.join(",")));
}

#[tokio::test]
async fn airtime_wallets_do_not_pay_for_electricity() {
    let till =
        HotTill::with(|builder| builder.hot_wallet(4, dec("1")).hot_wallet(3, dec("1000"))).await;
    let (status, answer) = till.recharge(&zesa("a", 5)).await;
    assert_eq!((status, problem(&answer).0), (400, "Balance"));
    assert_eq!(till.ledger().wallets[&3], dec("1000"));
    assert_eq!(till.enquire("a").await, (200, answer));
}

#[tokio::test]
async fn what_the_network_refuses_is_a_200_that_costs_nothing() {
    let till = HotTill::open().await;
    for (body, message) in [
        (airtime("a", 11), "Mobile Number not a prepaid subscriber"),
        (airtime("b", 17), "Network is currently not available"),
        (zesa("c", 42), "Meter number could not be recharged"),
    ] {
        let before = till.ledger().wallets;
        let (status, answer) = till.recharge(&body).await;
        assert_eq!(
            (status, &answer["successful"], &answer["rechargeData"]),
            (200, &json!(false), &json!({}))
        );
        assert_eq!(answer["message"], message);
        assert_eq!(till.ledger().wallets, before);
    }
    assert!(
        till.ledger()
            .entries
            .iter()
            .all(|entry| entry.status == HotStatus::Failed)
    );
}

#[tokio::test]
async fn electricity_that_is_called_unsuccessful_may_be_pending() {
    let till = HotTill::with(|builder| builder.hot_pending_after(Duration::from_secs(60))).await;
    let custom = |mut body: serde_json::Value| {
        body["CustomerSMS"] = json!("%KWH%");
        body
    };
    for (reference, amount) in [("good", 13), ("bad", 14)] {
        let (status, answer) = till.recharge(&custom(zesa(reference, amount))).await;
        assert_eq!((status, &answer["successful"]), (200, &json!(false)));
        assert_eq!(till.enquire(reference).await.1, answer);
    }
    assert!(
        till.ledger()
            .entries
            .iter()
            .all(|entry| entry.status == HotStatus::Pending)
    );
    till.clock.advance(Duration::from_secs(60));
    assert_eq!(till.enquire("good").await.1["successful"], true);
    assert!(till.enquire("good").await.1["rechargeData"]["Token"].is_string());
    assert_eq!(till.enquire("bad").await.1["successful"], false);
    let ledger = till.ledger();
    assert_eq!(
        (
            ledger.sales_of("good"),
            ledger.sales_of("bad"),
            ledger.messages.len()
        ),
        (1, 0, 1)
    );
    assert_eq!(ledger.wallets[&4], dec("100000") - dec("12.87"));
}

#[tokio::test]
async fn what_does_not_validate_says_which_member_is_wrong() {
    let till = HotTill::open().await;
    let with = |member: &str, value: serde_json::Value| {
        let mut body = airtime("a", 10);
        body[member] = value;
        body
    };
    for (body, key) in [
        (json!([]), "$"),
        (with("agentReference", json!("")), "AgentReference"),
        (with("agentReference", json!(7)), "AgentReference"),
        (
            with("agentReference", json!("x".repeat(51))),
            "AgentReference",
        ),
        (with("productId", json!(null)), "ProductId"),
        (with("productId", json!("100")), "ProductId"),
        (with("productId", json!(0)), "ProductId"),
        (with("target", json!("")), "Target"),
        (with("target", json!("0821234567")), "Target"),
        (with("target", json!("077200000x")), "Target"),
        (with("amount", json!("10")), "Amount"),
        (with("amount", json!(0)), "Amount"),
        (with("amount", json!(-1)), "Amount"),
        (with("amount", json!(300.01)), "Amount"),
        (with("amount", json!(1.001)), "Amount"),
        (with("CustomerSMS", json!(7)), "CustomerSMS"),
        (with("RechargeOptions", json!({})), "RechargeOptions"),
        (with("RechargeOptions", json!([1])), "RechargeOptions"),
        (
            with(
                "RechargeOptions",
                json!([{ "Name": "MakeReservation", "Value": true }]),
            ),
            "Value",
        ),
        (
            with("RechargeOptions", json!([{ "Value": "true" }])),
            "Name",
        ),
        (
            with_option(
                json!({ "agentReference": "a", "productId": 41, "target": "0772000001", "amount": 5 }),
                "NotifyNumber",
                "0772000009",
            ),
            "Target",
        ),
        (
            json!({ "agentReference": "a", "productId": 41, "target": "37100000001", "amount": 5 }),
            "RechargeOptions",
        ),
    ] {
        let (status, answer) = till.recharge(&body).await;
        assert_eq!((status, invalid(&answer)), (400, key), "{body}");
    }
    let (_, answer) = till.recharge(&with("productId", json!(0))).await;
    assert_eq!(
        answer["errors"]["ProductId"][0],
        "ProductId is currently not supported. ProductID 0"
    );
    assert_eq!(till.ledger().sales().count(), 0);
}

#[tokio::test]
async fn a_number_of_another_network_is_refused_by_the_business() {
    let till = HotTill::open().await;
    let body =
        json!({ "agentReference": "a", "productId": 102, "target": "0772000001", "amount": 1 });
    let (status, answer) = till.recharge(&body).await;
    assert_eq!((status, problem(&answer).0), (400, "Target"));
    let body =
        json!({ "agentReference": "b", "productId": 102, "target": "0712000001", "amount": 1 });
    assert_eq!(till.recharge(&body).await.0, 200);
}

#[tokio::test]
async fn a_body_must_be_announced_as_json() {
    let till = HotTill::open().await;
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let request = till
            .http
            .post(till.url(0, "/products/recharge"))
            .bearer_auth(&till.token);
        let answer = request
            .header("Content-Type", kind)
            .body(airtime("a", 10).to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 400, "{kind}");
    }
    assert_eq!(till.sales_of("a"), 0);
}

#[tokio::test]
async fn the_transaction_query_repeats_the_answer_to_the_letter() {
    let till = HotTill::open().await;
    for body in [
        airtime("a", 10),
        airtime("b", 11),
        bundle("c", "DDB2", 1),
        airtime("d", 0),
    ] {
        let reference = body["agentReference"].as_str().unwrap().to_owned();
        let answer = till
            .try_send(
                reqwest::Method::POST,
                0,
                "/products/recharge",
                Some(body.to_string()),
            )
            .await
            .unwrap();
        let (status, enquiry) = till.get(&format!("/query/transaction/{reference}")).await;
        assert_eq!(status, 200);
        assert_eq!(
            enquiry,
            json!({ "agentReference": reference, "rawData": answer.1 })
        );
    }
}

#[tokio::test]
async fn an_unknown_reference_and_one_of_last_month_are_not_found() {
    let till = HotTill::open().await;
    assert_eq!(till.recharge(&airtime("a", 10)).await.0, 200);
    let (status, answer) = till.get("/query/transaction/b").await;
    assert_eq!((status, problem(&answer).0), (404, "Transaction"));
    till.clock.advance(Duration::from_secs(30 * 24 * 3600));
    let mut till = till;
    till.log_in().await;
    assert_eq!(till.enquire("a").await.0, 200);
    till.clock.advance(Duration::from_millis(1));
    assert_eq!(till.enquire("a").await.0, 404);
}

/// Begins a recharge that takes long, and enquires while it is under way.
async fn enquiry_meanwhile(when: RowVisible) -> (u16, serde_json::Value) {
    let till = HotTill::with(|builder| {
        builder
            .processing(Duration::from_secs(3600))
            .row_visible(when)
    })
    .await;
    let request = till
        .http
        .post(till.url(0, "/products/recharge"))
        .bearer_auth(&till.token);
    let request = request
        .header("Content-Type", "application/json")
        .body(airtime("a", 10).to_string());
    let recharge = tokio::spawn(request.send());
    until("the request", || match when {
        RowVisible::AtStart => !till.ledger().entries.is_empty(),
        RowVisible::AtEnd => !till.ledger().attempts.is_empty(),
    })
    .await;
    let answer = till.get("/query/transaction/a").await;
    recharge.abort();
    answer
}

#[tokio::test]
async fn a_recharge_under_way_is_known_without_an_answer_or_not_known_at_all() {
    assert_eq!(
        enquiry_meanwhile(RowVisible::AtStart).await,
        (200, json!({ "agentReference": "a", "rawData": "" }))
    );
    assert_eq!(enquiry_meanwhile(RowVisible::AtEnd).await.0, 404);
}

#[tokio::test]
async fn tags_of_a_custom_message_are_filled_in() {
    let till = HotTill::open().await;
    let mut body = airtime("a", 10);
    body["CustomsSMS"] = json!(
        "%COMPANYNAME% (%ACCESSNAME%) topped up %AMOUNT%: %INITIALBALANCE% is now %BALANCE%. %KWH%"
    );
    let (_, answer) = till.recharge(&body).await;
    let data = &answer["rechargeData"];
    let dollars = |key: &str| {
        format!(
            "${:.2}",
            dec(data[key].as_str().unwrap())
                .round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
        )
    };
    let mut body = zesa("b", 5);
    body["CustomerSMS"] = json!("%ACCOUNTNAME%/%ACOUNTNAME% %METERNUMBER% %AMOUNT% %KWH%");
    let (_, zesa) = till.recharge(&body).await;
    let messages = till.ledger().messages;
    assert_eq!(messages[0].to, "0772000001");
    assert_eq!(
        messages[0].text,
        format!(
            "Sandbox Retail (Sandbox Till) topped up $10.00: {} is now {}. %KWH%",
            dollars("InitialBalance"),
            dollars("FinalBalance")
        )
    );
    assert_eq!(
        (messages[1].to.as_str(), messages[1].reference.as_str()),
        ("0772000009", "b")
    );
    let (_, customer) = till.get("/query/customer/41/37100000001").await;
    let name = customer["details"]["AccountName"]
        .as_str()
        .unwrap()
        .replace('\n', ", ");
    let units = zesa["rechargeData"]["Units"].as_str().unwrap();
    assert_eq!(
        messages[1].text,
        format!("{name}/{name} 37100000001 $5.00 {units}")
    );
}

#[tokio::test]
async fn nonsense_in_any_member_is_answered_with_a_documented_status() {
    let till = HotTill::open().await;
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let values = [
        "null",
        "true",
        "0",
        "-0.0",
        "1e28",
        "1e-28",
        "1e999",
        "79228162514264337593543950335",
        "0.00000000000000000000000000000000001",
        "\"\"",
        "\" \"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"%\"",
        "\"ü\"",
        "{}",
        "[null]",
        "[[]]",
        "[{\"Name\":null}]",
        &deep,
    ];
    for (path, members) in [
        ("/identity/login", &["AccessCode", "Password"][..]),
        ("/identity/refresh", &["token", "refreshToken"]),
        (
            "/products/recharge",
            &[
                "agentReference",
                "productId",
                "target",
                "amount",
                "CustomerSMS",
                "RechargeOptions",
            ],
        ),
        (
            "/products/recharge/complete",
            &[
                "agentReference",
                "originalReference",
                "confirmed",
                "confirmationData",
            ],
        ),
    ] {
        for (wrong, value) in members
            .iter()
            .flat_map(|member| values.map(|value| (*member, value)))
        {
            let rest = members.iter().filter(|member| **member != wrong);
            let rest = rest.map(|member| match *member {
                "productId" | "amount" => format!(",\"{member}\":100"),
                "confirmed" => ",\"confirmed\":true".to_owned(),
                "RechargeOptions" => String::new(),
                _ => format!(",\"{member}\":\"0772000001\""),
            });
            let body = format!("{{\"{wrong}\":{value}{}}}", rest.collect::<String>());
            let (status, _) = till
                .try_send(reqwest::Method::POST, 0, path, Some(body.clone()))
                .await
                .unwrap();
            assert!([200, 400, 404].contains(&status), "{path} {body}: {status}");
        }
    }
}
