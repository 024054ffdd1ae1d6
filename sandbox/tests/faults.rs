//! Every fault, observed by a client, and what it leaves in the ledger.

#![allow(clippy::unwrap_used)]

mod support;

use std::time::Duration;

use serde_json::Value;
use support::{Till, airtime, faults};

const SYNC: &str = "/smartload/v2/recharges";

/// Sends R20 under a reference of its own; what the client got to know.
async fn sell(till: &Till, reference: &str) -> reqwest::Result<(u16, String)> {
    let number = reference
        .bytes()
        .fold(7u64, |sum, byte| (sum * 31 + u64::from(byte)) % 9_999_991);
    let msisdn = format!("2782{number:07}");
    till.try_post(0, SYNC, &airtime(reference, &msisdn, 20))
        .await
}

/// The kernel's word for how the connection ended, if it ended.
fn reason(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        text.push_str(&format!("{error}; "));
        cause = error.source();
    }
    text
}

#[tokio::test]
async fn a_connection_dies_before_or_after_the_sale() {
    for (kind, sales, word) in [
        ("reset-before", 0, "reset"),
        ("reset-after", 1, "reset"),
        ("fin-before", 0, "closed before message completed"),
        ("fin-after", 1, "closed before message completed"),
    ] {
        let till = Till::faulty(&format!("{kind}=1")).await;
        let error = sell(&till, "a").await.unwrap_err();
        assert!(
            !error.is_connect() && reason(&error).contains(word),
            "{kind}: {}",
            reason(&error)
        );
        assert_eq!(till.sales_of("a"), sales, "{kind}");
        let ledger = till.sandbox.ledger();
        assert_eq!(ledger.attempts[0].fault, Some(kind));
        assert_eq!(
            ledger.attempts[0].answer,
            (sales == 1).then_some(200),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_broken_server_answers_before_or_after_the_sale() {
    for (kind, status, sales) in [
        ("500-before", 500, 0),
        ("500-after", 500, 1),
        ("503-before", 503, 0),
        ("503-after", 503, 1),
    ] {
        let till = Till::faulty(&format!("{kind}=1")).await;
        let mut bodies = Vec::new();
        for n in 0..24 {
            let reference = format!("{kind}-{n}");
            let (got, body) = sell(&till, &reference).await.unwrap();
            assert_eq!(got, status, "{kind}");
            assert!(
                !body.contains("statusCode"),
                "a broken server says nothing about the recharge: {body}"
            );
            assert_eq!(till.sales_of(&reference), sales, "{kind}");
            bodies.push(body.get(..1).unwrap_or_default().to_owned());
        }
        for first in ["", "<", "{"] {
            assert!(
                bodies.iter().any(|body| body == first),
                "{kind} never began with {first:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_503_sometimes_says_when_to_come_back() {
    let till = Till::faulty("503-before=1").await;
    let mut seen = [false, false];
    for n in 0..24 {
        let answer = till
            .call(reqwest::Method::GET, 0, &format!("/smartload/products/{n}"))
            .await;
        seen[usize::from(answer.headers().contains_key("retry-after"))] = true;
    }
    assert_eq!(seen, [true, true]);
}

#[tokio::test]
async fn a_body_is_cut_in_the_middle() {
    let till = Till::faulty("cut-body=1").await;
    let mut by_length = [false, false];
    for n in 0..12 {
        let reference = format!("cut-{n}");
        let msisdn = format!("2782123{n:04}");
        let request = till.http.post(till.url(0, SYNC)).bearer_auth(&till.token);
        let request = request.header("Content-Type", "application/json");
        let body = airtime(&reference, &msisdn, 20).to_string();
        let mut answer = request.body(body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "the head is whole");
        by_length[usize::from(answer.headers().contains_key("content-length"))] = true;
        let first = answer.chunk().await.unwrap().unwrap();
        assert!(
            first.starts_with(br#"{"error":null"#),
            "the first part arrives"
        );
        assert!(
            serde_json::from_slice::<Value>(&first).is_err(),
            "and is no whole answer"
        );
        assert!(answer.chunk().await.is_err());
        assert_eq!(till.sales_of(&reference), 1);
    }
    assert_eq!(by_length, [true, true], "both ways of cutting");
}

#[tokio::test]
async fn somebody_elses_answer_comes_with_200() {
    let till = Till::faulty("foreign-body=1").await;
    let mut bodies = Vec::new();
    for n in 0..24 {
        let reference = format!("foreign-{n}");
        let (status, body) = sell(&till, &reference).await.unwrap();
        assert_eq!(status, 200);
        assert!(!body.contains("statusCode"));
        assert_eq!(till.sales_of(&reference), 1);
        bodies.push(body);
    }
    assert!(bodies.iter().any(|body| body.starts_with("<html>")));
    assert!(
        bodies
            .iter()
            .any(|body| serde_json::from_str::<Value>(body).is_ok())
    );
}

#[tokio::test]
async fn a_late_answer_is_a_sale_in_time() {
    let till = Till::faulty("late-answer=1,late-answer-ms=600000").await;
    let answer = sell(&till, "a");
    tokio::pin!(answer);
    tokio::select! {
        answer = &mut answer => panic!("answered at once: {answer:?}"),
        () = till.until("the sale", || till.sales_of("a") == 1) => {}
    }
    assert_eq!(till.hurried(answer).await.unwrap().0, 200);
}

#[tokio::test]
async fn a_late_sale_lands_after_its_connection_died() {
    let till = Till::faulty("late-sale=1,late-sale-ms=600000").await;
    assert!(sell(&till, "a").await.is_err());
    assert_eq!(till.sales_of("a"), 0);
    till.sandbox.set_faults(faults("none"));
    assert_eq!(till.enquire(0, "a").await.1["code"], 1005);
    till.hurried(till.until("the sale", || till.sales_of("a") == 1))
        .await;
    till.until("its answer", || {
        till.sandbox.ledger().attempts[0].answer == Some(200)
    })
    .await;
}

#[tokio::test]
async fn a_late_sale_and_its_resent_twin_are_one_sale() {
    let till = Till::faulty("late-sale=1,late-sale-ms=600000").await;
    assert!(sell(&till, "a").await.is_err());
    till.sandbox.set_faults(faults("none"));
    assert_eq!(sell(&till, "a").await.unwrap().0, 200);
    till.hurried(till.until("the late one's refusal as a duplicate", || {
        till.sandbox.ledger().attempts[0].answer == Some(400)
    }))
    .await;
    assert_eq!(till.sales_of("a"), 1);
}

#[tokio::test]
async fn a_host_that_goes_down_refuses_connects_and_comes_back_on_its_port() {
    let till = Till::faulty("refuse=1,refuse-ms=600000").await;
    assert_eq!(
        sell(&till, "a").await.unwrap().0,
        200,
        "the request that triggers it is answered"
    );
    till.sandbox.set_faults(faults("none"));
    let error = sell(&till, "b").await.unwrap_err();
    assert!(error.is_connect(), "{}", reason(&error));
    assert!(reason(&error).contains("refused"), "{}", reason(&error));
    assert_eq!(
        till.get_from(1, "/test/ping").await.0,
        200,
        "the other host is up"
    );
    let page = till
        .http
        .get(till.sandbox.ledger_url())
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), 200, "the ledger can be read");
    assert_eq!(sold_when_it_is_up(&till, "b").await, 200);
    assert_eq!((till.sales_of("a"), till.sales_of("b")), (1, 1));
}

#[tokio::test]
async fn a_host_can_be_closed_by_hand_while_it_works() {
    let long = Duration::from_secs(600);
    let till = Till::with(|builder| builder.processing(long)).await;
    let working = sell(&till, "a");
    tokio::pin!(working);
    tokio::select! {
        answer = &mut working => panic!("answered at once: {answer:?}"),
        () = till.until("the request", || !till.sandbox.ledger().attempts.is_empty()) => {}
    }
    till.sandbox.close_host(0, long).await;
    assert!(sell(&till, "b").await.unwrap_err().is_connect());
    till.sandbox.close_host(0, long).await; // It is closed already.
    assert_eq!(
        till.hurried(working).await.unwrap().0,
        200,
        "what was in progress is answered"
    );
    assert_eq!(sold_when_it_is_up(&till, "b").await, 200);
}

/// Sells on a host whose port is closed and will be open again once the waits are ended.
async fn sold_when_it_is_up(till: &Till, reference: &str) -> u16 {
    let selling = async {
        loop {
            match sell(till, reference).await {
                Ok((status, _)) => return status,
                Err(error) => assert!(error.is_connect(), "{}", reason(&error)),
            }
        }
    };
    till.hurried(selling).await
}

#[tokio::test]
async fn a_token_is_called_dead_and_is_dead() {
    let mut till = Till::faulty("auth-401=1").await;
    let (status, body) = sell(&till, "a").await.unwrap();
    assert_eq!(status, 401);
    assert!(body.contains("Token validation failed"));
    till.sandbox.set_faults(faults("none"));
    assert_eq!(sell(&till, "a").await.unwrap().0, 401);
    assert_eq!(till.sales_of("a"), 0);
    till.log_in().await;
    assert_eq!(sell(&till, "a").await.unwrap().0, 200);
}

#[tokio::test]
async fn a_row_lags_on_the_other_host_only() {
    let till = Till::faulty("lag=1,lag-ms=5000").await;
    assert_eq!(sell(&till, "a").await.unwrap().0, 200);
    assert_eq!(
        (till.enquire(0, "a").await.0, till.enquire(1, "a").await.0),
        (200, 400)
    );
    till.clock.advance(Duration::from_secs(5));
    assert_eq!(till.enquire(1, "a").await.0, 200);
}

#[tokio::test]
async fn reads_and_logins_fail_too() {
    let till = Till::faulty("reset-before=1").await;
    for path in [
        "/smartload/balance/27810000001",
        "/smartload/recharges/27810000001/a",
    ] {
        let request = till.http.get(till.url(0, path)).bearer_auth(&till.token);
        assert!(
            reason(&request.send().await.unwrap_err()).contains("reset"),
            "{path}"
        );
    }
    let login = till
        .http
        .post(till.url(0, "/auth"))
        .basic_auth("sandbox", Some("sandbox"));
    assert!(login.send().await.is_err());
    till.sandbox.set_faults(faults("auth-401=1"));
    let login = till
        .http
        .post(till.url(0, "/auth"))
        .basic_auth("sandbox", Some("sandbox"));
    assert_eq!(
        login.send().await.unwrap().status(),
        200,
        "a login has no token to lose"
    );
}

#[tokio::test]
async fn faults_are_switched_over_http() {
    let till = Till::open().await;
    let url = till.sandbox.ledger_url().replace("/ledger", "/faults");
    let post = async |spec: &'static str| {
        let answer = till.http.post(&url).body(spec).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(post("500-before=1").await, (200, "500-before=1".to_owned()));
    assert_eq!(sell(&till, "a").await.unwrap().0, 500);
    let (status, message) = post("gremlins=1").await;
    assert!(
        status == 400 && message.starts_with("`gremlins` is no fault"),
        "{message}"
    );
    assert_eq!(
        till.http
            .get(&url)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
        "500-before=1"
    );
    assert_eq!(post("none").await, (200, "none".to_owned()));
    assert_eq!(sell(&till, "a").await.unwrap().0, 200);
}

#[tokio::test]
async fn the_same_seed_does_the_same_to_the_same_references() {
    let mut runs = Vec::new();
    for order in [[0, 1, 2, 3, 4, 5, 6, 7], [7, 6, 5, 4, 3, 2, 1, 0]] {
        let till = Till::with(|builder| builder.seed(3)).await;
        till.sandbox
            .set_faults(faults("reset-before=0.3,500-after=0.3,foreign-body=0.3"));
        for n in order {
            let _ = till
                .try_post(
                    0,
                    SYNC,
                    &airtime(&format!("r{n}"), &format!("2782123456{n}"), 20),
                )
                .await;
        }
        let mut done: Vec<_> = till
            .sandbox
            .ledger()
            .attempts
            .iter()
            .map(|attempt| (attempt.reference.clone(), attempt.fault))
            .collect();
        done.sort();
        runs.push(done);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].iter().any(|(_, fault)| fault.is_some()));
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_stop_the_sale() {
    let till = Till::with(|builder| builder.processing(Duration::from_secs(600))).await;
    tokio::select! {
        answer = sell(&till, "a") => panic!("answered at once: {answer:?}"),
        () = till.until("the request", || !till.sandbox.ledger().attempts.is_empty()) => {}
    }
    // Whoever asked is gone.
    assert_eq!(till.sales_of("a"), 0);
    till.hurried(till.until("the sale", || till.sales_of("a") == 1))
        .await;
}
