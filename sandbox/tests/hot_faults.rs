//! HOT: every fault, observed by a client, and what it leaves in the ledger.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use support::hot::{HotTill, airtime, reservation};
use support::{faults, hurried, until};

/// Sends USD 10 of airtime; what the client got to know.
async fn sell(till: &HotTill, reference: &str) -> reqwest::Result<(u16, String)> {
    let body = Some(airtime(reference, 10).to_string());
    till.try_send(Method::POST, 0, "/products/recharge", body)
        .await
}

#[tokio::test]
async fn a_connection_dies_before_or_after_the_sale() {
    for (kind, sales) in [
        ("reset-before", 0),
        ("reset-after", 1),
        ("fin-before", 0),
        ("fin-after", 1),
    ] {
        let till = HotTill::faulty(&format!("{kind}=1")).await;
        let error = sell(&till, "a").await.unwrap_err();
        assert!(
            !error.is_connect() && !error.is_timeout(),
            "{kind}: {error}"
        );
        let ledger = till.ledger();
        assert_eq!(ledger.sales_of("a"), sales, "{kind}");
        assert_eq!(ledger.attempts[0].fault, Some(kind));
        assert_eq!(
            ledger.attempts[0].answer,
            (sales == 1).then_some(200),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_broken_server_answers_in_many_shapes_and_says_nothing_of_the_recharge() {
    for (kind, status, sales) in [
        ("500-before", 500, 0),
        ("500-after", 500, 1),
        ("503-before", 503, 0),
        ("503-after", 503, 1),
    ] {
        let till = HotTill::faulty(&format!("{kind}=1")).await;
        let mut begin = Vec::new();
        for n in 0..32 {
            let reference = format!("{kind}-{n}");
            let (got, body) = sell(&till, &reference).await.unwrap();
            assert_eq!(got, status, "{kind}");
            assert!(
                !body.contains("successful") && !body.contains("errors"),
                "{body}"
            );
            assert_eq!(till.sales_of(&reference), sales, "{kind}");
            begin.push(body.get(..1).unwrap_or_default().to_owned());
        }
        for first in ["", "<", "{", "\""] {
            assert!(
                begin.iter().any(|body| body == first),
                "{kind} never began with {first:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_body_is_cut_and_somebody_elses_answer_comes_after_the_sale() {
    let till = HotTill::faulty("cut-body=0.5,foreign-body=0.5").await;
    let (mut cut, mut foreign) = (0, 0);
    for n in 0..24 {
        let reference = n.to_string();
        match sell(&till, &reference).await {
            Err(error) => {
                assert!(!error.is_connect(), "{error}");
                cut += 1;
            }
            Ok((status, body)) => {
                assert_eq!(status, 200);
                let json: Option<Value> = serde_json::from_str(&body).ok();
                assert!(
                    json.is_none_or(|json| json.get("successful").is_none()),
                    "{body}"
                );
                foreign += 1;
            }
        }
        assert_eq!(till.sales_of(&reference), 1);
    }
    assert!(cut > 0 && foreign > 0);
}

#[tokio::test]
async fn a_late_answer_is_a_sale_in_time() {
    let till = HotTill::faulty("late-answer=1,late-answer-ms=600000").await;
    let answer = sell(&till, "a");
    tokio::pin!(answer);
    tokio::select! {
        answer = &mut answer => panic!("answered at once: {answer:?}"),
        () = until("the sale", || till.sales_of("a") == 1) => {}
    }
    assert_eq!(hurried(&till.sandbox, answer).await.unwrap().0, 200);
}

#[tokio::test]
async fn a_late_sale_and_its_resent_twin_are_two_sales() {
    let till = HotTill::faulty("late-sale=1,late-sale-ms=600000").await;
    assert!(sell(&till, "a").await.is_err());
    till.sandbox.set_faults(faults("none"));
    assert_eq!((till.enquire("a").await.0, till.sales_of("a")), (404, 0));
    assert_eq!(sell(&till, "a").await.unwrap().0, 200);
    hurried(
        &till.sandbox,
        until("the late one", || till.sales_of("a") == 2),
    )
    .await;
}

#[tokio::test]
async fn a_reservation_and_its_completion_meet_faults_of_their_own() {
    let till = HotTill::open().await;
    till.recharge(&reservation("r", 10)).await;
    till.sandbox.set_faults(faults("reset-after=1"));
    let body =
        serde_json::json!({ "agentReference": "r-c", "originalReference": "r", "confirmed": true });
    let lost = till
        .try_send(
            Method::POST,
            0,
            "/products/recharge/complete",
            Some(body.to_string()),
        )
        .await;
    assert!(lost.is_err());
    till.sandbox.set_faults(faults("none"));
    assert_eq!(till.sales_of("r"), 1);
    let attempts = till.ledger().attempts;
    assert_eq!(
        (attempts[1].reference.as_str(), attempts[1].nth),
        ("r-c", 1)
    );
    assert_eq!(
        (attempts[1].path.as_str(), attempts[1].fault),
        ("/api/v3/products/recharge/complete", Some("reset-after"))
    );
    assert_eq!(till.enquire("r-c").await.1["successful"], true);
}

#[tokio::test]
async fn a_host_that_goes_down_refuses_connects() {
    let till = HotTill::faulty("refuse=1,refuse-ms=600000").await;
    assert_eq!(
        sell(&till, "a").await.unwrap().0,
        200,
        "the request that triggers it is answered"
    );
    till.sandbox.set_faults(faults("none"));
    assert!(sell(&till, "b").await.unwrap_err().is_connect());
    let other = till
        .try_send(Method::GET, 1, "/account/balance/", None)
        .await
        .unwrap();
    assert_eq!(other.0, 200, "the other host is up");
}

#[tokio::test]
async fn a_token_is_called_dead_and_is_dead() {
    let mut till = HotTill::faulty("auth-401=1").await;
    assert_eq!(sell(&till, "a").await.unwrap(), (401, String::new()));
    till.sandbox.set_faults(faults("none"));
    assert_eq!(sell(&till, "a").await.unwrap().0, 401);
    assert_eq!(till.sales_of("a"), 0);
    till.log_in().await;
    assert_eq!(sell(&till, "a").await.unwrap().0, 200);
}

#[tokio::test]
async fn a_row_that_lags_is_not_shown_anywhere_until_its_time() {
    let till = HotTill::faulty("lag=1,lag-ms=5000").await;
    assert_eq!(sell(&till, "a").await.unwrap().0, 200);
    assert_eq!(till.enquire("a").await.0, 404);
    till.clock.advance(Duration::from_secs(5));
    assert_eq!(till.enquire("a").await.0, 200);
}

#[tokio::test]
async fn a_lost_refresh_leaves_nothing_but_a_login() {
    let mut till = HotTill::open().await;
    till.clock.advance(Duration::from_secs(300));
    till.sandbox.set_faults(faults("reset-after=1"));
    let body = serde_json::json!({ "token": till.token, "refreshToken": till.refresh_token });
    let refresh = async || {
        till.try_send(Method::POST, 0, "/identity/refresh", Some(body.to_string()))
            .await
    };
    assert!(refresh().await.is_err());
    till.sandbox.set_faults(faults("none"));
    assert_eq!(
        refresh().await.unwrap().0,
        400,
        "the pair was replaced by one that nobody got"
    );
    till.log_in().await;
    assert_eq!(sell(&till, "a").await.unwrap().0, 200);
}

#[tokio::test]
async fn reads_and_logins_fail_too() {
    let till = HotTill::faulty("reset-before=1").await;
    for path in ["/account/balance/", "/products/", "/query/transaction/a"] {
        assert!(
            till.try_send(Method::GET, 0, path, None).await.is_err(),
            "{path}"
        );
    }
    let body = serde_json::json!({ "AccessCode": "sandbox", "Password": "sandbox" }).to_string();
    let login = async || {
        till.try_send(Method::POST, 0, "/identity/login", Some(body.clone()))
            .await
    };
    assert!(login().await.is_err());
    till.sandbox.set_faults(faults("reset-after=1"));
    assert_eq!(
        login().await.unwrap().0,
        200,
        "a login is not lost after it was done"
    );
}

#[tokio::test]
async fn the_same_seed_does_the_same_to_the_same_references() {
    let mut runs = Vec::new();
    for order in [[0, 1, 2, 3, 4, 5, 6, 7], [7, 6, 5, 4, 3, 2, 1, 0]] {
        let till = HotTill::with(|builder| builder.seed(3)).await;
        till.sandbox
            .set_faults(faults("reset-before=0.3,500-after=0.3,foreign-body=0.3"));
        for n in order {
            let _ = sell(&till, &format!("r{n}")).await;
        }
        let attempts = till.ledger().attempts;
        let mut done: Vec<_> = attempts
            .iter()
            .map(|attempt| (attempt.reference.clone(), attempt.fault))
            .collect();
        done.sort();
        runs.push(done);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].iter().any(|(_, fault)| fault.is_some()));
}
