//! What the answer to a recharge means, and what is done about it.

use recharge::journal::{Arrived, Ending};
use recharge::recovery::{Advice, Doubt, Loss};
use recharge::{Outcome, PinKind, Policy};

use crate::support::Route::{Enquiry, Sale};
use crate::*;

#[tokio::test]
async fn a_success_is_told_with_its_id_its_balance_and_its_text() {
    let shop = Shop::open(script(|_| json_reply(200, sold()), never)).await;
    let (reference, outcome) = shop.sell().await;
    let sale = vended(outcome);
    assert_eq!(sale.reference, reference);
    assert_eq!(sale.provider_reference.as_deref(), Some("182255554"));
    assert_eq!(
        sale.balance.map(|it| it.normalize().to_string()).as_deref(),
        Some("89.4")
    );
    assert!(sale.receipt.pins.is_empty() && sale.receipt.missing == 0);
    let details = &sale.receipt.details;
    assert_eq!(details["FinalBalance"], "11.219236");
    assert_eq!(
        (
            &*details["balance.accountTypeId"],
            &*details["balance.name"]
        ),
        ("3", "USD")
    );
    assert!(sale.receipt.message.unwrap().contains("0772123456"));
    let end = shop.row(&reference).await.end.expect("an end");
    assert_eq!(end.ending, Ending::Vended);
    assert_eq!(end.provider_reference.as_deref(), Some("182255554"));
    assert_eq!(shop.service.story(), [(Sale, 0)]);
}

#[tokio::test]
async fn electricity_brings_its_tokens_in_order_and_nowhere_else() {
    let mut body = powered();
    body["rechargeData"]["Token2"] = json!("2222 2222 2222 2222 2222");
    let shop = Shop::open(script(move |_| json_reply(200, body.clone()), never)).await;
    let sale = vended(shop.sell_this(electricity()).await.1);
    let told: Vec<_> = sale
        .receipt
        .pins
        .iter()
        .map(|pin| (pin.kind, pin.code.expose()))
        .collect();
    assert_eq!(
        told,
        [
            (PinKind::Electricity, TOKEN),
            (PinKind::Electricity, "2222 2222 2222 2222 2222")
        ]
    );
    assert_eq!(sale.receipt.details["Units"], "23.7");
    assert!(
        sale.receipt
            .details
            .values()
            .all(|text| !text.contains("2222") && text != TOKEN)
    );
}

#[tokio::test]
async fn electricity_without_a_token_says_that_one_is_missing() {
    let mut body = powered();
    body["rechargeData"]
        .as_object_mut()
        .unwrap()
        .remove("Token");
    let shop = Shop::open(script(move |_| json_reply(200, body.clone()), never)).await;
    let sale = vended(shop.sell_this(electricity()).await.1);
    assert_eq!((sale.receipt.pins.len(), sale.receipt.missing), (0, 1));
}

#[tokio::test]
async fn a_failure_of_airtime_with_an_id_is_final_at_once() {
    let shop = Shop::open(script(|_| json_reply(200, failed()), never)).await;
    let (reference, outcome) = shop.sell().await;
    let refusal = refused(outcome);
    assert_eq!(refusal.message, "Mobile Number not a prepaid subscriber");
    assert_eq!((refusal.code, refusal.advice), (None, Advice::DoNotRetry));
    assert_eq!(
        shop.row(&reference).await.end.expect("an end").ending,
        Ending::Refused
    );
    assert_eq!(shop.service.story(), [(Sale, 0)]);
}

#[tokio::test]
async fn each_shape_of_a_documented_error_refuses_with_http_400() {
    for (body, text) in [
        (e1(), "ProductId is currently not supported. ProductID 0"),
        (e2(), "Product: \"Invalid Product Code\" DDB2"),
        (e3(), "Amount is not accepted."),
        (failed(), "Mobile Number not a prepaid subscriber"),
    ] {
        let shop = Shop::open(script(move |_| json_reply(400, body.clone()), never)).await;
        assert_eq!(refused(shop.sell().await.1).message, text);
        assert_eq!(shop.sent(), 1);
    }
}

#[tokio::test]
async fn whatever_is_lost_or_unlisted_is_enquired_about_at_once_and_sent_once() {
    for (what, reply) in lost_answers() {
        let shop = Shop::open(script(
            move |_| reply.clone(),
            |request| transaction(request, &sold()),
        ))
        .await;
        let before = shop.now();
        let (reference, outcome) = shop.sell().await;
        assert_eq!(
            vended(outcome).provider_reference.as_deref(),
            Some("182255554"),
            "{what}"
        );
        assert_eq!(shop.service.story(), [(Sale, 0), (Enquiry, 0)], "{what}");
        let enquiry = &shop.service.log(Enquiry)[0];
        assert_eq!(
            enquiry.path,
            format!("/api/v3/query/transaction/{reference}"),
            "{what}"
        );
        assert_eq!(enquiry.at, before, "{what}: at once");
    }
}

#[tokio::test]
async fn a_reference_that_is_not_known_is_never_sent_again_and_never_told_as_unsold() {
    for (what, reply) in lost_answers() {
        let shop = Shop::open(script(move |_| reply.clone(), |_| not_seen())).await;
        let (reference, outcome) = shop.sell().await;
        let (handle, _) = unresolved(outcome);
        assert_eq!(handle.reference(), &reference, "{what}");
        let row = shop.row(&reference).await;
        assert!(row.end.is_none(), "{what}");
        let resumed = shop.client.resume(handle).await;
        assert!(
            matches!(resumed, Ok(Outcome::Unresolved(..))),
            "{what}: {resumed:?}"
        );
        let again = shop
            .client
            .recharge(&airtime().with_reference(reference))
            .await;
        assert!(
            matches!(again, Ok(Outcome::Unresolved(..))),
            "{what}: {again:?}"
        );
        assert_eq!(shop.sent(), 1, "{what}");
        assert!(shop.service.count(Enquiry) > 3, "{what}");
    }
}

#[tokio::test]
async fn too_many_requests_is_a_doubt_about_this_sale_and_no_wait_ends_it() {
    let reply = Reply::Http(429, vec![("Retry-After", "1".into())], String::new());
    let shop = Shop::open(script(move |_| reply.clone(), |_| not_seen())).await;
    let (_, doubt) = unresolved(shop.sell().await.1);
    assert_eq!(doubt, Doubt::Duplicate);
    assert_eq!(shop.sent(), 1);
}

#[tokio::test]
async fn an_answer_that_never_comes_is_given_up_and_asked_about() {
    let policy = Policy::default().with_attempt_timeout(Duration::from_secs(1));
    let service = script(|_| Reply::Hang, |request| transaction(request, &sold()));
    let shop = Shop::with(
        std::sync::Arc::new(recharge::journal::Memory::new()),
        policy,
        service,
    )
    .await;
    vended(shop.sell().await.1);
    assert_eq!(shop.service.story(), [(Sale, 0), (Enquiry, 0)]);
}

#[tokio::test]
async fn electricity_that_failed_may_be_pending_and_is_believed_only_after_the_window() {
    let shop = Shop::open(script(
        |_| json_reply(200, not_powered()),
        |request| transaction(request, &not_powered()),
    ))
    .await;
    let before = shop.now();
    let (reference, outcome) = shop.sell_this(electricity()).await;
    assert_eq!(
        refused(outcome).message,
        "Meter number could not be recharged"
    );
    let asked = shop.service.log(Enquiry);
    assert!(asked.len() >= 2 && asked[0].at == before);
    assert!(asked.last().unwrap().at >= before + SETTLE);
    assert_eq!(
        shop.row(&reference).await.end.expect("an end").ending,
        Ending::Refused
    );
    assert_eq!(shop.sent(), 1);
}

#[tokio::test]
async fn electricity_that_was_pending_is_sold_once_it_is() {
    let service = script(
        |_| json_reply(200, not_powered()),
        |request| {
            transaction(
                request,
                &if request.number < 3 {
                    not_powered()
                } else {
                    powered()
                },
            )
        },
    );
    let shop = Shop::open(service).await;
    let sale = vended(shop.sell_this(electricity()).await.1);
    assert_eq!(sale.receipt.pins[0].code.expose(), TOKEN);
    assert_eq!((shop.sent(), shop.service.count(Enquiry)), (1, 3));
}

#[tokio::test]
async fn a_failure_that_speaks_of_something_unfinished_is_not_believed_at_once() {
    for text in [
        "Transaction is being processed",
        "Network timeout",
        "Pending",
    ] {
        let mut body = failed();
        body["message"] = json!(text);
        let service = script(
            move |_| json_reply(200, body.clone()),
            |request| transaction(request, &sold()),
        );
        let shop = Shop::open(service).await;
        vended(shop.sell().await.1);
        assert_eq!(shop.sent(), 1, "{text}");
    }
}

#[tokio::test]
async fn a_failure_out_of_a_utility_wallet_is_treated_as_electricity() {
    let mut body = failed();
    body["balance"]["accountTypeId"] = json!(2);
    let service = script(
        move |_| json_reply(200, body.clone()),
        |request| transaction(request, &sold()),
    );
    let shop = Shop::open(service).await;
    vended(shop.sell().await.1);
    assert_eq!(shop.sent(), 1);
}

// 401: the token. Its body is not documented, so even then nothing is sent a second time.

#[tokio::test]
async fn after_401_the_reference_is_enquired_about_with_a_new_token_and_not_sent_again() {
    let service = script(|_| text_reply(401, "text/plain", ""), |_| not_seen());
    let shop = Shop::open(service).await;
    let (reference, outcome) = shop.sell().await;
    assert_eq!(refused(outcome).advice, Advice::NewReference);
    assert_eq!(shop.sent(), 1);
    // The network may have delivered it twice, and the other copy may still be in work.
    let (sale, enquiries) = (shop.service.log(Sale), shop.service.log(Enquiry));
    let settle = Policy::default().settle;
    let late = |asked: &&Request| asked.at - sale[0].at >= settle;
    assert!(enquiries.iter().filter(late).count() >= 2);
    let tokens = |route| {
        shop.service.log(route)[0]
            .header("authorization")
            .map(str::to_owned)
    };
    assert_ne!(tokens(Sale), tokens(Enquiry));
    assert_eq!(
        shop.row(&reference).await.end.expect("an end").ending,
        Ending::Refused
    );
}

#[tokio::test]
async fn a_refusal_that_names_the_reference_is_a_doubt_whatever_its_words_are() {
    for errors in [
        json!({"AgentReference": ["AgentReference must be unique"]}),
        json!({"Agent Reference": ["not accepted"]}),
        json!([{"name": "AgentReference", "message": "not accepted"}]),
        json!(["The reference is not unique"]),
    ] {
        let body = json!({ "errors": errors });
        let service = script(
            move |_| json_reply(400, body.clone()),
            |request| transaction(request, &sold()),
        );
        let shop = Shop::open(service).await;
        vended(shop.sell().await.1);
        assert_eq!(shop.sent(), 1);
    }
}

#[tokio::test]
async fn a_401_of_a_sale_that_happened_is_found_out() {
    let service = script(
        |_| text_reply(401, "text/plain", ""),
        |request| transaction(request, &sold()),
    );
    let shop = Shop::open(service).await;
    vended(shop.sell().await.1);
    assert_eq!(shop.sent(), 1);
}

// Nothing was sent.

#[tokio::test]
async fn a_host_that_cannot_be_reached_takes_nothing_and_the_reference_can_be_sold_later() {
    let journal: std::sync::Arc<dyn recharge::journal::Journal> =
        std::sync::Arc::new(recharge::journal::Memory::new());
    let clock = std::sync::Arc::new(support::Clock::new());
    let closed = support::Service::start_with_closed(1, &[0], &clock, well).await;
    let client = builder(&closed, &clock, std::sync::Arc::clone(&journal))
        .token_store(std::sync::Arc::new(support::Lent))
        .build()
        .unwrap();
    let order = airtime();
    let outcome = client.recharge(&order).await;
    assert!(matches!(outcome, Err(Error::NotSent { .. })), "{outcome:?}");
    let row = client
        .journaled(order.reference())
        .await
        .unwrap()
        .expect("a row");
    assert!(
        row.attempts
            .iter()
            .rev()
            .skip(1)
            .all(|attempt| attempt.arrived == Some(Arrived::No))
    );
    assert_eq!(row.end.expect("an end").ending, Ending::NotSent);

    let open = support::Service::start(1, &clock, well).await;
    let client = builder(&open, &clock, journal).build().unwrap();
    vended(client.recharge(&order).await);
    assert_eq!(open.count(Sale), 1);
}

#[tokio::test]
async fn without_a_login_nothing_is_sent_and_nothing_is_journaled() {
    let shop = Shop::open(|request| match request.route {
        support::Route::Login => text_reply(500, "text/plain", ""),
        _ => never(request),
    })
    .await;
    let (reference, outcome) = shop.sell().await;
    assert!(matches!(outcome, Err(Error::NotSent { .. })), "{outcome:?}");
    assert!(shop.client.journaled(&reference).await.unwrap().is_none());
}

#[tokio::test]
async fn the_doubt_says_how_the_answer_was_lost() {
    let shop = Shop::open(script(|_| Reply::Close, |_| html(500))).await;
    let (handle, doubt) = unresolved(shop.sell().await.1);
    assert_eq!(doubt, Doubt::Lost(Loss::Disconnected));
    assert!(handle.host.unwrap().ends_with("/api/v3"));
}

#[tokio::test]
async fn a_failure_that_comes_to_light_late_is_given_its_window_from_then_on() {
    // The sale arrives long after it was given up, and is pending at first.
    let service = script(
        |_| Reply::Close,
        |request| match request.number {
            1..=4 => not_seen(),
            5..=6 => transaction(request, &not_powered()),
            _ => transaction(request, &powered()),
        },
    );
    let shop = Shop::open(service).await;
    vended(shop.sell_this(electricity()).await.1);
    let asked = shop.service.log(Enquiry);
    assert!(
        asked[4].at >= asked[0].at + SETTLE,
        "late: {:?}",
        asked[4].at
    );
    assert_eq!(shop.sent(), 1);
}

#[tokio::test]
async fn a_failure_that_may_be_pending_and_that_nobody_knows_is_never_told_as_unsold() {
    let service = script(|_| json_reply(200, not_powered()), |_| not_seen());
    let shop = Shop::open(service).await;
    let (reference, outcome) = shop.sell_this(electricity()).await;
    unresolved(outcome);
    assert!(shop.row(&reference).await.end.is_none());
    assert_eq!(shop.sent(), 1);
}

#[tokio::test]
async fn what_is_said_to_be_unfinished_is_never_refused_by_time_alone() {
    for (order, mut body) in [(airtime(), failed()), (electricity(), not_powered())] {
        body["message"] = json!("Transaction is pending at the network");
        let again = body.clone();
        let shop = Shop::open(script(
            move |_| json_reply(200, body.clone()),
            move |request| transaction(request, &again),
        ))
        .await;
        let (reference, outcome) = shop.sell_this(order).await;
        let (handle, _) = unresolved(outcome);
        shop.later(24 * 3600);
        unresolved(shop.client.resume(handle).await);
        assert!(shop.row(&reference).await.end.is_none());
        assert_eq!(shop.sent(), 1);
    }
}

#[tokio::test]
async fn a_failure_with_anything_in_its_recharge_data_is_not_believed_at_once() {
    for data in [
        json!({"Network": "Econet", "Target": SUBSCRIBER, "Cost": "9.6000", "Units": "10"}),
        json!({"Network": "Econet"}),
        json!({"Tokens": [null]}),
        json!("delivered"),
    ] {
        let mut body = failed();
        body["rechargeData"] = data;
        let shop = Shop::open(script(
            move |_| json_reply(200, body.clone()),
            |request| transaction(request, &sold()),
        ))
        .await;
        vended(shop.sell().await.1);
        assert_eq!(shop.sent(), 1);
    }
}

#[tokio::test]
async fn tokens_and_numbers_in_the_text_of_a_refusal_stand_in_no_error_and_in_no_row() {
    let mut body = failed();
    body["message"] = json!(format!("Could not notify 077 212 3456 of token {TOKEN}"));
    let shop = Shop::open(script(move |_| json_reply(200, body.clone()), never)).await;
    let (reference, outcome) = shop.sell().await;
    let refusal = refused(outcome);
    assert_eq!(refusal.message, "Could not notify ***456 of token ***890");
    let journaled = format!("{:?}", shop.row(&reference).await);
    assert!(!journaled.contains(TOKEN) && !journaled.contains("077 212"));
}

#[tokio::test]
async fn the_window_of_a_failure_that_may_be_pending_begins_after_the_attempt() {
    let clock = std::sync::Arc::new(support::Clock::new());
    let ticking = std::sync::Arc::clone(&clock);
    let ended = std::sync::Arc::new(std::sync::Mutex::new(recharge::Timestamp::default()));
    let ended_at = std::sync::Arc::clone(&ended);
    let service = support::Service::start(
        1,
        &clock,
        script(
            move |_| {
                // As long as one attempt may take.
                ticking.advance(Duration::from_secs(60));
                *ended_at.lock().unwrap() = recharge::ambient::Ambient::now(ticking.as_ref());
                Reply::Close
            },
            |request| transaction(request, &not_powered()),
        ),
    )
    .await;
    let journal = std::sync::Arc::new(recharge::journal::Memory::new());
    let client = builder(&service, &clock, journal).build().unwrap();
    refused(client.recharge(&electricity()).await);
    let now = recharge::ambient::Ambient::now(clock.as_ref());
    assert!(now >= *ended.lock().unwrap() + SETTLE, "told at {now:?}");
}
