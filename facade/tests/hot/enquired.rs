//! What a transaction query finds, and what follows.

use std::sync::Arc;

use recharge::hot::{AgentReference, Standing};
use recharge::journal::{Ending, Memory};
use recharge::recovery::Doubt;
use recharge::{Outcome, Policy, ReadError};
use serde_json::Value;

use crate::support::Route::Enquiry;
use crate::*;

/// A shop whose sales are lost.
async fn lost(enquiry: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Shop {
    Shop::open(script(|_| Reply::Close, enquiry)).await
}

fn answer(raw: Value) -> Reply {
    json_reply(200, json!({ "rawData": raw }))
}

#[tokio::test]
async fn the_answer_of_that_time_decides_a_lost_sale_whichever_way_it_went() {
    for raw in [failed(), e1(), e2(), e3()] {
        let shop = lost(move |request| transaction(request, &raw)).await;
        let (reference, outcome) = shop.sell().await;
        refused(outcome);
        assert_eq!(
            shop.row(&reference).await.end.expect("an end").ending,
            Ending::Refused
        );
        assert_eq!((shop.sent(), shop.service.count(Enquiry)), (1, 1));
    }
}

#[tokio::test]
async fn both_names_of_the_reference_and_members_in_either_case_are_read() {
    for name in ["agentReference", "transactionReference"] {
        let pascal = r#"{"Successful":true,"RechargeId":7,"Amount":10.0,"Balance":{"AccountTypeId":3,"Balance":1.5},"RechargeData":{"Target":"+263772123456"}}"#;
        let shop = lost(move |request| {
            json_reply(200, json!({name: request.reference(), "rawData": pascal}))
        })
        .await;
        let sale = vended(shop.sell().await.1);
        assert_eq!(sale.provider_reference.as_deref(), Some("7"));
        assert_eq!(
            sale.balance.map(|it| it.to_string()).as_deref(),
            Some("1.5")
        );
    }
}

#[tokio::test]
async fn an_answer_that_says_nothing_leaves_it_open() {
    let replies: Vec<(&str, Reply)> = vec![
        (
            "no rawData",
            json_reply(200, json!({"agentReference": "x"})),
        ),
        ("empty", answer(json!(""))),
        ("blank", answer(json!("  "))),
        ("null", answer(json!(null))),
        ("an object", answer(sold())),
        ("no JSON", answer(json!("OK"))),
        ("cut JSON", answer(json!("{\"successful\":true"))),
        ("another shape", answer(json!("{\"status\":\"Healthy\"}"))),
        ("an E4", answer(json!("{\"status\":500,\"title\":\"x\"}"))),
        (
            "successful null",
            answer(json!("{\"successful\":null,\"rechargeId\":1}")),
        ),
        (
            "a failure without an id",
            answer(json!("{\"successful\":false}")),
        ),
        (
            "a duplicate",
            answer(json!("{\"errors\":[\"Duplicate reference\"]}")),
        ),
        (
            "another reference",
            json_reply(
                200,
                json!({"agentReference": "another", "rawData": sold().to_string()}),
            ),
        ),
        ("HTTP 500", html(500)),
        ("HTTP 404 with HTML", html(404)),
        ("HTTP 404 with a text", json_reply(404, json!("Not Found"))),
        ("HTTP 404 with nothing", text_reply(404, "text/plain", "")),
        ("HTTP 400 with nothing", text_reply(400, "text/plain", "")),
        ("HTTP 429", text_reply(429, "text/plain", "")),
        ("HTTP 401", text_reply(401, "text/plain", "")),
        ("nothing", Reply::Close),
        ("a list", json_reply(200, json!([]))),
        ("HTML", html(200)),
    ];
    for (what, reply) in replies {
        let shop = lost(move |_| reply.clone()).await;
        let (reference, outcome) = shop.sell().await;
        assert!(
            matches!(outcome, Ok(Outcome::Unresolved(..))),
            "{what}: {outcome:?}"
        );
        assert!(shop.row(&reference).await.end.is_none(), "{what}");
        assert_eq!(shop.sent(), 1, "{what}");
    }
}

#[tokio::test]
async fn another_target_or_amount_is_another_sale_and_a_person_must_look() {
    for (name, value, of) in [
        ("amount", json!(11), None),
        (
            "rechargeData",
            json!({"Target": "0772000000"}),
            Some("target"),
        ),
        (
            "rechargeData",
            json!({"Target": "263772000000"}),
            Some("target"),
        ),
    ] {
        for mut raw in [sold(), failed()] {
            raw[name] = value.clone();
            let shop = lost(move |request| transaction(request, &raw)).await;
            let (reference, outcome) = shop.sell().await;
            let (_, doubt) = unresolved(outcome);
            assert!(
                matches!(&doubt, Doubt::Differs(what) if what.contains(of.unwrap_or("amount"))),
                "{doubt:?}"
            );
            assert!(shop.row(&reference).await.end.is_none());
            assert_eq!(shop.sent(), 1);
        }
    }
}

#[tokio::test]
async fn details_that_are_missing_or_written_otherwise_agree() {
    for change in [
        json!({"amount": 10.00}),
        json!({"amount": null}),
        json!({"rechargeData": {"Target": "263772123456"}}),
        json!({"rechargeData": {"Target": "+263 77 212 3456"}}),
        json!({"rechargeData": {"Target": ""}}),
        json!({"rechargeData": null}),
        json!({"balance": null}),
    ] {
        let mut raw = sold();
        for (name, value) in change.as_object().unwrap() {
            raw[name] = value.clone();
        }
        let shop = lost(move |request| transaction(request, &raw)).await;
        vended(shop.sell().await.1);
    }
}

#[tokio::test]
async fn a_refused_token_of_an_enquiry_is_replaced_and_the_next_one_decides() {
    let shop = lost(|request| match request.number {
        1 => text_reply(401, "text/plain", ""),
        _ => transaction(request, &sold()),
    })
    .await;
    vended(shop.sell().await.1);
    let logins = shop.service.count(support::Route::Login);
    assert_eq!(
        (shop.sent(), shop.service.count(Enquiry), logins),
        (1, 2, 2)
    );
}

#[tokio::test]
async fn after_a_month_nothing_that_the_service_says_of_it_counts() {
    let shop = lost(|_| not_seen()).await;
    let (reference, outcome) = shop.sell().await;
    unresolved(outcome);
    shop.later(31 * 24 * 3600);
    let handle = recharge::Handle::clone(
        &unresolved(
            shop.client
                .recharge(&airtime().with_reference(reference))
                .await,
        )
        .0,
    );
    let (_, doubt) = unresolved(shop.client.resume(handle).await);
    assert_eq!(doubt, Doubt::Expired);
    assert_eq!(shop.sent(), 1);
}

#[tokio::test]
async fn whoever_asks_about_a_reference_is_told_what_was_answered_to_it() {
    let shop = Shop::open(script(never, |request| transaction(request, &powered()))).await;
    let order = electricity();
    let known = shop
        .client
        .enquire(order.reference())
        .await
        .unwrap()
        .expect("known");
    assert_eq!(known.standing, Standing::Successful);
    assert_eq!(known.recharge_id.as_deref(), Some("189000000"));
    assert_eq!(known.receipt.pins[0].code.expose(), TOKEN);
    assert_eq!(known.target.as_deref(), Some(METER));
    for (raw, standing) in [
        (failed(), Standing::Failed),
        (e1(), Standing::Failed),
        (json!({"errors": ["pending"]}), Standing::Unclear),
        (json!("odd"), Standing::Unclear),
    ] {
        let shop = Shop::open(script(never, move |request| transaction(request, &raw))).await;
        let known = shop.client.enquire(order.reference()).await.unwrap();
        assert_eq!(known.map(|known| known.standing), Some(standing));
    }
    let shop = Shop::open(script(never, |_| not_seen())).await;
    assert_eq!(shop.client.enquire(order.reference()).await.unwrap(), None);
    let shop = Shop::open(script(never, |_| html(500))).await;
    let error = shop.client.enquire(order.reference()).await;
    assert!(
        matches!(error, Err(ReadError::Service { status: 500, .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn the_reference_in_another_case_is_another_reference() {
    let shop = lost(|request| {
        let reference = request.reference().to_uppercase();
        json_reply(
            200,
            json!({"agentReference": reference, "rawData": sold().to_string()}),
        )
    })
    .await;
    let order = airtime().with_reference("till-a-1".parse::<AgentReference>().unwrap());
    let (reference, outcome) = shop.sell_this(order).await;
    unresolved(outcome);
    assert!(shop.row(&reference).await.end.is_none());
}

/// Errors that the service could answer an enquiry with, and that do not say that it does not know the reference.
fn no_denials() -> Vec<Reply> {
    let unfinished = "Transaction is still being processed";
    let mut problem = e1();
    problem["status"] = json!(500);
    vec![
        json_reply(400, json!({"errors": [unfinished]})),
        json_reply(
            404,
            json!({"errors": [{"name": "Transaction", "message": unfinished}]}),
        ),
        json_reply(400, json!({"errors": {"Transaction": [unfinished]}})),
        json_reply(400, json!({"errors": ["Duplicate reference"]})),
        json_reply(400, problem.clone()),
        json_reply(404, problem),
        json_reply(404, e1()),
    ]
}

#[tokio::test]
async fn an_enquiry_that_says_that_it_is_not_over_is_no_witness_of_a_refusal() {
    for (order, status, body) in [
        (airtime(), 401, String::new()),
        (electricity(), 200, not_powered().to_string()),
    ] {
        for reply in no_denials() {
            let (body, told) = (body.clone(), format!("{reply:?}"));
            let shop = Shop::open(script(
                move |_| text_reply(status, "application/json", &body),
                move |_| reply.clone(),
            ))
            .await;
            let (reference, outcome) = shop.sell_this(order.clone()).await;
            assert!(
                matches!(outcome, Ok(Outcome::Unresolved(..))),
                "{told}: {outcome:?}"
            );
            assert!(shop.row(&reference).await.end.is_none(), "{told}");
            assert_eq!(shop.sent(), 1);
        }
    }
}

#[tokio::test]
async fn whoever_asks_is_not_told_unknown_of_what_is_not_over() {
    for reply in no_denials() {
        let told = format!("{reply:?}");
        let shop = Shop::open(script(never, move |_| reply.clone())).await;
        let answer = shop.client.enquire(airtime().reference()).await;
        assert!(
            matches!(answer, Err(ReadError::Service { .. })),
            "{told}: {answer:?}"
        );
    }
}

#[tokio::test]
async fn a_denial_may_name_the_reference_that_is_not_known() {
    let body = json!({"errors": [{"name": "AgentReference", "message": "Not found"}]});
    for status in [400, 404] {
        let body = body.clone();
        let service = script(never, move |_| json_reply(status, body.clone()));
        let shop = Shop::open(service).await;
        let answer = shop.client.enquire(airtime().reference()).await;
        assert!(matches!(answer, Ok(None)), "{status}: {answer:?}");
    }
}

#[tokio::test]
async fn a_lost_sale_is_not_asked_about_more_often_than_four_times_a_minute() {
    let shop = lost(|_| not_seen()).await;
    for _ in 0..10 {
        let before = shop.service.count(Enquiry);
        unresolved(shop.sell().await.1);
        let asked: Vec<_> = shop.service.log(Enquiry).split_off(before);
        assert!(asked.len() > 4, "{}", asked.len());
        assert!(asked[1].at >= asked[0].at + Duration::from_secs(15));
        for five in asked.windows(5) {
            assert!(five[4].at >= five[0].at + Duration::from_secs(60));
        }
        shop.later(3600);
    }
}

#[tokio::test]
async fn the_wait_between_two_enquiries_is_the_callers_to_choose() {
    let policy = Policy {
        poll_min: Duration::from_secs(1),
        ..Policy::default()
    };
    let service = script(|_| Reply::Close, |_| html(500));
    let shop = Shop::with(Arc::new(Memory::new()), policy, service).await;
    unresolved(shop.sell().await.1);
    let asked = shop.service.log(Enquiry);
    assert!(asked[1].at < asked[0].at + Duration::from_secs(15));
}
