//! Each row of the table of observations as one answer of a service, and what the client does next: how many sales it sends and where to,
//! how many enquiries, what it tells its caller and what it leaves in the journal.
//!
//! Sockets are real, time is not: waits end at once and move a clock on, so that the windows are those of production.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use recharge::journal::{Arrived, Ending, Journal, Memory, Note, Sqlite, Which};
use recharge::recovery::{Advice, Denial, Doubt, Loss};
use recharge::smartcall::RechargeOrder;
use recharge::{Error, Outcome, Policy};
use serde_json::json;

use support::Route::{Enquiry, Sale};
use support::*;

const SETTLE: Duration = Duration::from_secs(120);

/// A service that is well, apart from its sales and its enquiries.
fn script(
    sale: impl Fn(usize) -> Reply + Send + Sync + 'static,
    enquiry: impl Fn(usize) -> Reply + Send + Sync + 'static,
) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    move |request| match request.route {
        Sale => sale(request.number),
        Enquiry => enquiry(request.number),
        _ => well(request),
    }
}

fn never_asked(_: &Request) -> Reply {
    never(0)
}

fn never(_: usize) -> Reply {
    panic!("nobody should have asked")
}

#[track_caller]
fn vended(outcome: Result<Outcome, Error>) -> recharge::Sale {
    match outcome {
        Ok(Outcome::Vended(sale)) => sale,
        other => panic!("not vended: {other:?}"),
    }
}

#[track_caller]
fn refused(outcome: Result<Outcome, Error>) -> recharge::recovery::Refusal {
    match outcome {
        Err(Error::Refused { refusal, .. }) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[track_caller]
fn unresolved(outcome: Result<Outcome, Error>) -> (recharge::Handle, Doubt) {
    match outcome {
        Ok(Outcome::Unresolved(handle, doubt)) => (handle, doubt),
        other => panic!("not unresolved: {other:?}"),
    }
}

/// Sales that were lost in every way in which an answer can be lost or be none.
fn lost_answers() -> Vec<(&'static str, Reply)> {
    vec![
        ("no byte, then the end", Reply::Close),
        ("torn down", Reply::Reset),
        ("half a status line", Reply::HalfAStatusLine),
        (
            "a success that is cut",
            Reply::Cut(200, r#"{"error":null,"statusCode":0"#.into()),
        ),
        (
            "a refusal that is cut",
            Reply::Cut(400, r#"{"code":9,"message":"x"}"#.into()),
        ),
        ("HTTP 500", html(500)),
        ("HTTP 502", text_reply(502, "text/plain", "Bad Gateway")),
        ("HTTP 504", text_reply(504, "text/plain", "")),
        (
            "HTTP 500 that says success",
            json_reply(500, json!({"error": null, "statusCode": 0})),
        ),
        ("HTTP 500 that says failure", failed(500, Some(2), 9)),
        (
            "a success with another status",
            json_reply(201, json!({"error": null, "statusCode": 0})),
        ),
        (
            "a success without a statusCode",
            json_reply(200, json!({"error": null, "statusCode": null})),
        ),
        (
            "a statusCode beside a filled error",
            failed(200, Some(0), 9),
        ),
        (
            "HTTP 400 without an error",
            json_reply(400, json!({"error": null, "statusCode": 0})),
        ),
        ("an HTML page as success", html(200)),
        ("an empty success", text_reply(200, "application/json", "")),
        ("an HTML page as refusal", html(400)),
        ("somebody else's 401", html(401)),
        ("HTTP 408", text_reply(408, "text/plain", "")),
        ("HTTP 429", text_reply(429, "text/plain", "")),
    ]
}

// Row 1: nothing was sent.

#[tokio::test]
async fn a_refused_connection_sends_the_same_reference_to_the_other_host_at_once() {
    let shop = Shop::with(
        Arc::new(Memory::new()),
        Policy::default(),
        &[0],
        script(|_| sold(), never),
    )
    .await;
    let before = shop.clock_now();
    let (reference, outcome) = shop.sell().await;
    vended(outcome);
    let sales = shop.service.log(Sale);
    assert_eq!(sales.len(), 1);
    assert_eq!(
        (sales[0].host, sales[0].reference()),
        (1, reference.to_string())
    );
    assert_eq!(
        sales[0].at, before,
        "the other host is tried without a wait"
    );
    let attempts = shop.row(&reference).await.attempts;
    let told: Vec<_> = attempts
        .iter()
        .map(|attempt| {
            (
                attempt.number,
                shop.service.place(&attempt.host),
                attempt.arrived,
            )
        })
        .collect();
    assert_eq!(told, [(1, 0, Some(Arrived::No)), (2, 1, None)]);
}

#[tokio::test]
async fn a_connection_that_is_not_made_in_time_is_not_sent_either() {
    // A host whose queue of connections is full answers no further one.
    let deaf = tokio::net::TcpSocket::new_v4().unwrap();
    deaf.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let deaf = deaf.listen(1).unwrap();
    let address = deaf.local_addr().unwrap();
    let mut queued = Vec::new();
    while let Ok(stream) =
        std::net::TcpStream::connect_timeout(&address, Duration::from_millis(100))
    {
        queued.push(stream);
    }
    let clock = Arc::new(Clock::new());
    let service = Service::start(1, &clock, script(|_| sold(), never)).await;
    let policy = Policy {
        connect_timeout: Duration::from_millis(300),
        ..Policy::default()
    };
    let client = builder(&service, &clock, Arc::new(Memory::new()), policy)
        .base_urls([
            format!("http://{address}/webservice"),
            service.urls().remove(0),
        ])
        .token_store(Arc::new(Lent))
        .build()
        .unwrap();
    let order = order_for(0);
    vended(client.recharge(&order).await);
    assert_eq!(service.count(Sale), 1);
    let attempts = client.journaled(order.reference()).await.unwrap();
    let attempts = attempts.expect("a row").attempts;
    let told: Vec<_> = attempts
        .iter()
        .map(|each| (each.host == service.urls()[0], each.arrived))
        .collect();
    assert_eq!(told, [(false, Some(Arrived::No)), (true, None)]);
}

#[tokio::test]
async fn refused_by_every_host_nothing_was_sent_and_the_reference_can_be_sold_later() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::new());
    let shop = Shop::with(Arc::clone(&journal), Policy::default(), &[0, 1], well).await;
    let order = order_for(0);
    let outcome = shop.client.recharge(&order).await;
    assert!(
        matches!(&outcome, Err(Error::NotSent { reference, .. }) if reference == order.reference()),
        "{outcome:?}"
    );
    let row = shop.row(order.reference()).await;
    assert_eq!(row.end.expect("an end").ending, Ending::NotSent);
    let hosts: Vec<_> = row
        .attempts
        .iter()
        .map(|attempt| shop.service.place(&attempt.host))
        .collect();
    assert_eq!(hosts, [0, 1, 0, 1]);

    let open = Service::start(2, &shop.clock, well).await;
    let client = builder(&open, &shop.clock, journal, Policy::default())
        .build()
        .unwrap();
    vended(client.recharge(&order).await);
    assert_eq!(open.count(Sale), 1);
    assert_eq!(
        shop.row(order.reference())
            .await
            .end
            .expect("an end")
            .ending,
        Ending::Vended
    );
}

#[tokio::test]
async fn without_a_login_nothing_is_sent_and_nothing_is_journaled() {
    let shop = Shop::open(|request| match request.route {
        Route::Login => text_reply(500, "text/plain", ""),
        _ => panic!("not let in"),
    })
    .await;
    let (reference, outcome) = shop.sell().await;
    assert!(matches!(outcome, Err(Error::NotSent { .. })), "{outcome:?}");
    assert!(shop.client.journaled(&reference).await.unwrap().is_none());
}

#[tokio::test]
async fn a_login_that_fails_on_one_host_moves_the_sale_to_the_other() {
    let shop = Shop::open(|request| match (request.route, request.host) {
        (Route::Login, 0) => Reply::Close,
        _ => well(request),
    })
    .await;
    vended(shop.sell().await.1);
    assert_eq!(shop.service.story(), [(Sale, 1)]);
}

#[tokio::test]
async fn a_resend_that_does_not_leave_never_moves_to_the_other_host() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::new());
    let order = order_for(0);
    {
        let shop = Shop::with(
            Arc::clone(&journal),
            Policy::default().with_deadline(Duration::from_secs(1)),
            &[],
            script(|_| Reply::Close, |_| not_seen()),
        )
        .await;
        unresolved(shop.client.recharge(&order).await);
    }
    // The host that may have taken it is gone; the other knows nothing of it, and must not be given it.
    let shop = Shop::with(
        journal,
        Policy::default(),
        &[0],
        script(never, |_| not_seen()),
    )
    .await;
    unresolved(shop.client.recharge(&order).await);
    assert!(
        shop.service
            .log(Enquiry)
            .iter()
            .all(|request| request.host == 1)
    );
}

// Rows 2, 5, 14, 16b: the answer is lost, or is none.

#[tokio::test]
async fn after_a_lost_answer_the_same_host_is_asked_at_once_and_nothing_is_sent_again() {
    for (what, reply) in lost_answers() {
        let shop = Shop::open(script(
            move |_| reply.clone(),
            |_| transaction("SUCCESSFUL"),
        ))
        .await;
        let before = shop.clock_now();
        let (reference, outcome) = shop.sell().await;
        assert_eq!(
            vended(outcome).provider_reference.as_deref(),
            Some("987654321"),
            "{what}"
        );
        assert_eq!(shop.service.story(), [(Sale, 0), (Enquiry, 0)], "{what}");
        let enquiry = &shop.service.log(Enquiry)[0];
        assert_eq!(
            enquiry.path,
            format!("/webservice/smartload/recharges/{ACCOUNT}/{reference}"),
            "{what}"
        );
        assert_eq!(enquiry.at, before, "{what}: at once");
        let end = shop.row(&reference).await.end.expect("an end");
        assert_eq!(
            (end.ending, end.provider_reference.as_deref()),
            (Ending::Vended, Some("987654321")),
            "{what}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_given_up_and_asked_about() {
    let policy = Policy::default().with_attempt_timeout(Duration::from_secs(1));
    let shop = Shop::with(
        Arc::new(Memory::new()),
        policy,
        &[],
        script(|_| Reply::Hang, |_| transaction("SUCCESSFUL")),
    )
    .await;
    vended(shop.sell().await.1);
    assert_eq!(shop.service.story(), [(Sale, 0), (Enquiry, 0)]);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        for target in [
            "/webservice/elsewhere",
            "/webservice/smartload/v2/recharges",
        ] {
            let shop = Shop::open(move |request| match request.route {
                Sale => Reply::Http(status, vec![("Location", target.into())], String::new()),
                Enquiry => transaction("SUCCESSFUL"),
                Route::Other => panic!("followed"),
                _ => well(request),
            })
            .await;
            vended(shop.sell().await.1);
            assert_eq!(shop.service.count(Sale), 1, "{status} to {target}");
            assert_eq!(shop.service.count(Route::Other), 0, "{status} to {target}");
        }
    }
}

#[tokio::test]
async fn an_enquiry_decides_a_lost_answer_whichever_way_it_went() {
    let shop = Shop::open(script(|_| Reply::Close, |_| transaction("FAILED"))).await;
    let (reference, outcome) = shop.sell().await;
    assert_eq!(refused(outcome).advice, Advice::NewReference);
    assert_eq!(
        shop.row(&reference).await.end.expect("an end").ending,
        Ending::Refused
    );

    let shop = Shop::open(script(|_| Reply::Close, |_| transaction("CANCELLED"))).await;
    let (reference, outcome) = shop.sell().await;
    assert!(matches!(outcome, Err(Error::Cancelled { .. })));
    assert_eq!(
        shop.row(&reference).await.end.expect("an end").ending,
        Ending::Cancelled
    );
}

#[tokio::test]
async fn nothing_is_sent_again_before_the_window_has_passed_and_both_hosts_know_nothing() {
    for (what, reply) in lost_answers() {
        let shop = Shop::open(script(
            move |n| if n == 1 { reply.clone() } else { sold() },
            |_| not_seen(),
        ))
        .await;
        let (reference, outcome) = shop.sell().await;
        vended(outcome);
        let sales = shop.service.log(Sale);
        assert_eq!(sales.len(), 2, "{what}");
        assert_eq!(sales[0].host, sales[1].host, "{what}: the same host");
        assert_eq!(sales[0].body, sales[1].body, "{what}: the same request");
        assert_eq!(sales[1].reference(), reference.to_string());
        let window = sales[0].at + SETTLE;
        let counted = |host| {
            let asked = shop.service.log(Enquiry);
            asked
                .iter()
                .filter(|enquiry| {
                    enquiry.host == host && enquiry.at >= window && enquiry.at <= sales[1].at
                })
                .count()
        };
        assert!(
            counted(sales[0].host) >= 2 && counted(1 - sales[0].host) >= 1,
            "{what}: {:?}",
            shop.service.story()
        );
        let attempts = shop.row(&reference).await.attempts;
        let told: Vec<_> = attempts
            .iter()
            .map(|attempt| (shop.service.place(&attempt.host), attempt.arrived))
            .collect();
        assert_eq!(told, [(0, Some(Arrived::Maybe)), (0, None)], "{what}");
    }
}

#[tokio::test]
async fn while_one_host_does_not_answer_the_other_alone_is_not_believed() {
    for silent in [0, 1] {
        let shop = Shop::open(move |request| match request.route {
            Sale => Reply::Close,
            Enquiry if request.host == silent => html(500),
            Enquiry => not_seen(),
            _ => well(request),
        })
        .await;
        unresolved(shop.sell().await.1);
        assert_eq!(shop.service.count(Sale), 1);
    }
}

#[tokio::test]
async fn a_sign_of_the_transaction_begins_the_window_anew() {
    let shop = Shop::open(script(
        |n| if n == 1 { Reply::Close } else { sold() },
        |n| {
            if n == 3 {
                transaction("PENDING")
            } else {
                not_seen()
            }
        },
    ))
    .await;
    vended(shop.sell().await.1);
    let (seen, again) = (
        shop.service.log(Enquiry)[2].at,
        shop.service.log(Sale)[1].at,
    );
    assert!(again >= seen + SETTLE, "{seen:?} {again:?}");
}

#[tokio::test]
async fn a_resend_that_meets_its_late_twin_adopts_it() {
    let shop = Shop::open(|request| match (request.route, request.number) {
        (Sale, 1) => Reply::Close,
        (Sale, _) => failed(400, Some(2), 1001),
        (Enquiry, _) if request.at < recharge::Timestamp(1_800_000_000_000) + SETTLE * 2 => {
            not_seen()
        }
        (Enquiry, _) => transaction("SUCCESSFUL"),
        _ => well(request),
    })
    .await;
    vended(shop.sell().await.1);
    assert_eq!(shop.service.count(Sale), 2);
}

#[tokio::test]
async fn when_the_time_is_up_the_sale_is_handed_over_and_its_row_stays_open() {
    let policy = Policy::default().with_deadline(Duration::from_secs(60));
    let shop = Shop::with(
        Arc::new(Memory::new()),
        policy,
        &[],
        script(|_| Reply::Close, |_| html(500)),
    )
    .await;
    let (reference, outcome) = shop.sell().await;
    let (handle, doubt) = unresolved(outcome);
    assert_eq!(handle.reference(), &reference);
    assert_eq!(handle.host, shop.service.urls().first().cloned());
    assert_eq!(doubt, Doubt::Lost(Loss::Disconnected));
    assert!(shop.row(&reference).await.end.is_none());
    assert_eq!(shop.service.count(Sale), 1);
}

// Row 3: sold.

#[tokio::test]
async fn a_success_is_told_and_journaled_with_its_reference_and_balance() {
    let shop = Shop::open(script(|_| sold(), never)).await;
    let (reference, outcome) = shop.sell().await;
    let sale = vended(outcome);
    assert_eq!(sale.reference, reference);
    assert_eq!(sale.provider_reference.as_deref(), Some("987654321"));
    assert_eq!(
        sale.balance.map(|balance| balance.to_string()).as_deref(),
        Some("99545.2500")
    );
    let end = shop.row(&reference).await.end.expect("an end");
    assert_eq!(end.ending, Ending::Vended);
    assert_eq!(end.provider_reference.as_deref(), Some("987654321"));
    assert_eq!(
        end.balance.map(|balance| balance.to_string()).as_deref(),
        Some("99545.2500")
    );
    assert_eq!(shop.service.story(), [(Sale, 0)]);
}

// Rows 4 and 6: the service is working on it.

#[tokio::test]
async fn electricity_is_asked_about_even_after_a_success() {
    let shop = Shop::open(script(
        |_| sold(),
        |n| {
            if n < 3 {
                transaction_of("PENDING", "0821234567", "R29.50")
            } else {
                transaction("SUCCESSFUL")
            }
        },
    ))
    .await;
    let order = RechargeOrder::new(
        SUBSCRIBER.parse().unwrap(),
        "47".parse().unwrap(),
        "29.50".parse().unwrap(),
    );
    vended(shop.client.recharge(&order).await);
    assert_eq!(
        (shop.service.count(Sale), shop.service.count(Enquiry)),
        (1, 3)
    );
}

#[tokio::test]
async fn a_pending_sale_is_polled_until_it_is_final_and_never_sent_again() {
    for (status, status_code, code) in [
        (200, Some(3), 9),
        (200, Some(1), 1002),
        (400, Some(2), 1004),
        (500, None, 1006),
    ] {
        for (end, ending) in [("SUCCESSFUL", Ending::Vended), ("FAILED", Ending::Refused)] {
            let shop = Shop::open(script(
                move |_| failed(status, status_code, code),
                move |n| transaction(if n < 4 { "PENDING" } else { end }),
            ))
            .await;
            let (reference, outcome) = shop.sell().await;
            assert_eq!(outcome.is_ok(), ending == Ending::Vended);
            assert_eq!(
                (shop.service.count(Sale), shop.service.count(Enquiry)),
                (1, 4),
                "{code} {end}"
            );
            let row = shop.row(&reference).await;
            assert!(row.pending);
            assert_eq!(row.end.expect("an end").ending, ending);
        }
    }
}

#[tokio::test]
async fn a_sale_that_stays_pending_is_handed_over_as_pending_with_the_services_reference() {
    let shop = Shop::open(script(
        |_| failed(200, Some(3), 1002),
        |_| transaction("PENDING"),
    ))
    .await;
    let (reference, outcome) = shop.sell().await;
    let Ok(Outcome::Pending(handle)) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(handle.pending);
    assert_eq!(handle.provider_reference.as_deref(), Some("987654321"));
    let row = shop.row(&reference).await;
    assert!(row.pending && row.end.is_none());
    assert_eq!(row.provider_reference.as_deref(), Some("987654321"));
    assert_eq!(shop.service.count(Sale), 1);
}

// Row 7: the reference is known already.

#[tokio::test]
async fn a_duplicate_with_the_same_details_is_this_sale() {
    let shop = Shop::open(script(
        |_| failed(400, Some(2), 1001),
        |_| transaction("SUCCESSFUL"),
    ))
    .await;
    vended(shop.sell().await.1);
    assert_eq!(shop.service.story(), [(Sale, 0), (Enquiry, 0)]);
}

#[tokio::test]
async fn a_duplicate_with_other_details_is_for_a_person_to_look_at() {
    for (recipient, amount) in [("27829999999", "R29.50"), (SUBSCRIBER, "R30.00")] {
        let shop = Shop::open(script(
            |_| failed(400, Some(2), 1001),
            move |_| transaction_of("SUCCESSFUL", recipient, amount),
        ))
        .await;
        // It may be this very sale, shown otherwise than it was ordered: who sells it again may sell it twice.
        let (reference, outcome) = shop.sell().await;
        let (_, doubt) = unresolved(outcome);
        assert!(matches!(doubt, Doubt::Differs(_)), "{doubt:?}");
        assert!(shop.row(&reference).await.end.is_none());
        assert_eq!(shop.service.count(Sale), 1);
    }
}

// Rows 8 and 10: a refusal that needs one witness.

#[tokio::test]
async fn a_system_error_is_believed_after_one_enquiry_that_finds_nothing_or_a_failure() {
    for answer in [not_seen(), transaction("FAILED")] {
        let shop = Shop::open(script(|_| failed(200, Some(1), 2), move |_| answer.clone())).await;
        let (reference, outcome) = shop.sell().await;
        assert_eq!(refused(outcome).advice, Advice::NewReference);
        assert_eq!(shop.service.story(), [(Sale, 0), (Enquiry, 0)]);
        assert_eq!(
            shop.row(&reference).await.end.expect("an end").ending,
            Ending::Refused
        );
    }
}

#[tokio::test]
async fn the_five_minute_rule_is_believed_after_the_windows_and_says_when_to_try_again() {
    for reply in [bare(400, 16), failed(400, Some(2), 16)] {
        let shop = Shop::open(script(move |_| reply.clone(), |_| not_seen())).await;
        let refusal = refused(shop.sell().await.1);
        assert_eq!(refusal.code, Some(16));
        assert_eq!(
            refusal.advice,
            Advice::NewReferenceAfter(Duration::from_secs(300))
        );
        let (sales, asked) = (shop.service.log(Sale), shop.service.log(Enquiry));
        assert_eq!(sales.len(), 1);
        let after = asked
            .iter()
            .filter(|enquiry| enquiry.at >= sales[0].at + SETTLE);
        let hosts: Vec<usize> = after.map(|enquiry| enquiry.host).collect();
        assert!(hosts.contains(&0) && hosts.contains(&1), "{hosts:?}");
    }
}

#[tokio::test]
async fn the_like_sale_of_the_five_minute_rule_may_be_this_one_that_no_enquiry_shows_yet() {
    // The network delivered the request twice: this is the answer to the second delivery, while the first is still in work.
    for reply in [bare(400, 16), failed(400, Some(2), 16)] {
        let shop = Shop::open(script(
            move |_| reply.clone(),
            |n| {
                if n < 3 {
                    not_seen()
                } else {
                    transaction("SUCCESSFUL")
                }
            },
        ))
        .await;
        vended(shop.sell().await.1);
        assert_eq!(shop.service.count(Sale), 1);
    }
}

#[tokio::test]
async fn a_refusal_is_not_believed_against_a_transaction_that_is_there() {
    for reply in [failed(200, Some(1), 2), bare(400, 16), html(404), html(415)] {
        let shop = Shop::open(script(
            move |_| reply.clone(),
            |n| transaction(if n == 1 { "PENDING" } else { "SUCCESSFUL" }),
        ))
        .await;
        vended(shop.sell().await.1);
        assert_eq!(shop.service.count(Sale), 1);
    }
}

#[tokio::test]
async fn a_witness_that_does_not_answer_is_no_witness() {
    let shop = Shop::open(script(
        |_| failed(200, Some(1), 2),
        |n| if n < 4 { html(500) } else { not_seen() },
    ))
    .await;
    refused(shop.sell().await.1);
    let asked = shop.service.log(Enquiry);
    assert!(asked.len() >= 4);
    assert_eq!(
        asked.last().map(|enquiry| enquiry.host),
        Some(0),
        "the host that refused must be the witness"
    );
}

#[tokio::test]
async fn after_a_lost_answer_no_refusal_of_the_resend_is_believed_without_the_windows() {
    for reply in [failed(400, Some(2), 9), bare(400, 16), bare(403, 400)] {
        let shop = Shop::open(script(
            move |n| if n == 1 { Reply::Close } else { reply.clone() },
            |_| not_seen(),
        ))
        .await;
        refused(shop.sell().await.1);
        let (sales, asked) = (shop.service.log(Sale), shop.service.log(Enquiry));
        assert_eq!(sales.len(), 2);
        let after = asked
            .iter()
            .filter(|enquiry| enquiry.at >= sales[1].at + SETTLE)
            .count();
        assert!(after >= 3, "{after}");
    }
}

// Rows 9, 11, 13: a refusal that stands by itself.

#[tokio::test]
async fn a_refusal_in_which_everything_agrees_is_final_without_an_enquiry() {
    for (reply, code, advice) in [
        (failed(200, Some(2), 9), 9, Advice::DoNotRetry),
        (failed(400, None, 1007), 1007, Advice::DoNotRetry),
        (bare(400, 15), 15, Advice::Configuration),
        (bare(403, 400), 400, Advice::Configuration),
    ] {
        let shop = Shop::open(script(move |_| reply.clone(), never)).await;
        let (reference, outcome) = shop.sell().await;
        let refusal = refused(outcome);
        assert_eq!((refusal.code, refusal.advice), (Some(code), advice));
        assert_eq!(shop.service.story(), [(Sale, 0)]);
        let end = shop.row(&reference).await.end.expect("an end");
        assert_eq!(
            (end.ending, end.code, end.advice),
            (Ending::Refused, Some(code), Some(advice))
        );
    }
}

// Row 12: not let in.

#[tokio::test]
async fn a_refused_token_is_replaced_and_the_same_reference_goes_to_the_same_host() {
    let shop = Shop::open(script(
        |n| {
            if n == 1 {
                unauthorised("Token validation failed")
            } else {
                sold()
            }
        },
        never,
    ))
    .await;
    let (reference, outcome) = shop.sell().await;
    vended(outcome);
    let sales = shop.service.log(Sale);
    assert_eq!(shop.service.story(), [(Sale, 0), (Sale, 0)]);
    assert_eq!(sales[0].body, sales[1].body);
    assert_eq!(sales[0].header("authorization"), Some("Bearer token-1"));
    assert_eq!(sales[1].header("authorization"), Some("Bearer token-2"));
    let attempts = shop.row(&reference).await.attempts;
    assert_eq!(attempts[0].arrived, Some(Arrived::No));
}

#[tokio::test]
async fn a_second_refused_token_is_the_end_and_the_reference_is_unused() {
    let shop = Shop::open(script(
        |n| {
            if n < 10 {
                unauthorised("Token validation failed")
            } else {
                never(n)
            }
        },
        never,
    ))
    .await;
    let (reference, outcome) = shop.sell().await;
    assert!(
        matches!(
            outcome,
            Err(Error::Denied {
                denial: Denial::Credentials(_),
                ..
            })
        ),
        "{outcome:?}"
    );
    assert_eq!(shop.service.story(), [(Sale, 0), (Sale, 0)]);
    assert_eq!(
        shop.row(&reference).await.end.expect("an end").ending,
        Ending::NotSent
    );
}

#[tokio::test]
async fn a_sale_is_sent_with_two_tokens_at_most_even_where_the_first_has_worked() {
    let shop = Shop::open(script(
        |_| unauthorised("Token validation failed"),
        |_| not_seen(),
    ))
    .await;
    shop.client.balance().await.unwrap();
    let outcome = shop.sell().await.1;
    assert!(matches!(outcome, Err(Error::Denied { .. })), "{outcome:?}");
    assert_eq!(shop.service.story(), [(Sale, 0), (Sale, 0)]);
}

#[tokio::test]
async fn a_source_address_that_is_not_authorised_is_told_at_once_and_no_token_is_asked_for() {
    let shop = Shop::open(script(
        |_| unauthorised("Source IP is not authorised"),
        never,
    ))
    .await;
    let outcome = shop.sell().await.1;
    assert!(
        matches!(
            outcome,
            Err(Error::Denied {
                denial: Denial::SourceAddress,
                ..
            })
        ),
        "{outcome:?}"
    );
    assert_eq!(
        (shop.service.count(Sale), shop.service.count(Route::Login)),
        (1, 1)
    );
}

#[tokio::test]
async fn a_closed_door_proves_nothing_about_an_attempt_that_is_in_doubt() {
    let shop = Shop::open(script(
        |n| {
            if n == 1 {
                Reply::Close
            } else {
                unauthorised("Source IP is not authorised")
            }
        },
        |n| {
            if n < 12 {
                not_seen()
            } else {
                transaction("SUCCESSFUL")
            }
        },
    ))
    .await;
    let outcome = shop.sell().await.1;
    assert!(
        matches!(outcome, Ok(Outcome::Vended(_) | Outcome::Unresolved(..))),
        "{outcome:?}"
    );
}

// Row 15: not available.

#[tokio::test]
async fn after_503_the_same_host_is_asked_and_tried_again_only_after_the_wait_that_it_asked_for() {
    let shop = Shop::open(script(
        |n| {
            if n > 1 {
                return sold();
            }
            Reply::Http(
                503,
                vec![("Retry-After", "47".into())],
                "network down".into(),
            )
        },
        |_| not_seen(),
    ))
    .await;
    vended(shop.sell().await.1);
    let (sales, asked) = (shop.service.log(Sale), shop.service.log(Enquiry));
    assert_eq!(
        (sales[0].host, sales[1].host),
        (0, 0),
        "503 is no fault of the host"
    );
    assert!(sales[1].at >= sales[0].at + SETTLE);
    assert!(sales[1].at >= asked.last().unwrap().at + Duration::from_secs(47));
}

#[tokio::test]
async fn a_wait_of_a_day_is_not_honoured() {
    let shop = Shop::open(script(
        |n| {
            if n > 1 {
                sold()
            } else {
                Reply::Http(503, vec![("Retry-After", "86400".into())], String::new())
            }
        },
        |_| not_seen(),
    ))
    .await;
    vended(shop.sell().await.1);
    assert!(shop.service.log(Sale)[1].at < shop.service.log(Sale)[0].at + Duration::from_secs(600));
}

// Row 16a: the HTTP layer refuses.

#[tokio::test]
async fn a_refusal_by_the_http_layer_is_believed_only_after_the_windows_and_never_sent_again() {
    for status in [404, 405, 413, 415] {
        let shop = Shop::open(script(move |_| html(status), |_| not_seen())).await;
        let (reference, outcome) = shop.sell().await;
        assert_eq!(refused(outcome).advice, Advice::DoNotRetry);
        let (sales, asked) = (shop.service.log(Sale), shop.service.log(Enquiry));
        assert_eq!(sales.len(), 1, "HTTP {status}");
        let counted = |host| {
            asked
                .iter()
                .filter(|enquiry| enquiry.host == host && enquiry.at >= sales[0].at + SETTLE)
                .count()
        };
        assert!(counted(0) >= 2 && counted(1) >= 1, "HTTP {status}");
        assert_eq!(
            shop.row(&reference).await.end.expect("an end").ending,
            Ending::Refused
        );
    }
}

// Rows e1 to e9: enquiries.

#[tokio::test]
async fn an_enquiry_that_fails_is_made_again_on_the_other_host() {
    for reply in [
        html(500),
        Reply::Close,
        Reply::Reset,
        text_reply(503, "text/plain", ""),
        Reply::Cut(200, "{".into()),
    ] {
        let shop = Shop::open(script(
            |_| Reply::Close,
            move |n| {
                if n == 1 {
                    reply.clone()
                } else {
                    transaction("SUCCESSFUL")
                }
            },
        ))
        .await;
        vended(shop.sell().await.1);
        assert_eq!(
            shop.service.story(),
            [(Sale, 0), (Enquiry, 0), (Enquiry, 1)]
        );
    }
}

#[tokio::test]
async fn an_enquiry_whose_token_is_refused_goes_on_with_a_new_one() {
    let shop = Shop::open(script(
        |_| Reply::Close,
        |n| {
            if n == 1 {
                unauthorised("Token validation failed")
            } else {
                not_seen()
            }
        },
    ))
    .await;
    let outcome = shop.sell().await.1;
    assert!(outcome.is_ok(), "{outcome:?}");
    let of_first_host: Vec<_> = shop
        .service
        .log(Enquiry)
        .into_iter()
        .filter(|enquiry| enquiry.host == 0)
        .collect();
    assert_ne!(
        of_first_host[0].header("authorization"),
        of_first_host[1].header("authorization")
    );
}

#[tokio::test]
async fn a_lost_sale_whose_reference_belongs_to_another_transaction_needs_a_person() {
    let shop = Shop::open(script(
        |_| Reply::Close,
        |_| transaction_of("SUCCESSFUL", "27829999999", "R29.50"),
    ))
    .await;
    let (reference, outcome) = shop.sell().await;
    let (_, doubt) = unresolved(outcome);
    assert!(matches!(doubt, Doubt::Differs(_)), "{doubt:?}");
    assert!(shop.row(&reference).await.end.is_none());
    assert_eq!(shop.service.count(Sale), 1);
}

#[tokio::test]
async fn a_product_with_a_fixed_price_may_cost_another_amount_than_the_order_says() {
    let lost = |request: &Request, catalogue: Reply| match request.route {
        Sale => Reply::Close,
        Enquiry => transaction_of("SUCCESSFUL", SUBSCRIBER, "R35.00"),
        Route::Product => catalogue,
        _ => well(request),
    };
    let fixed =
        Shop::open(move |request| lost(request, catalogue(true, "35.0000", "35.0000", "35.0000")))
            .await;
    vended(fixed.sell().await.1);

    for rows in [
        catalogue(false, "5.0000", "999.0000", "99999.9900"),
        catalogue(true, "49.0000", "49.0000", "49.0000"),
    ] {
        let other = Shop::open(move |request| lost(request, rows.clone())).await;
        let (_, doubt) = unresolved(other.sell().await.1);
        assert!(matches!(doubt, Doubt::Differs(_)), "{doubt:?}");
    }

    // Without a catalogue it cannot be told, so that it is asked again.
    let dark = Shop::open(move |request| lost(request, text_reply(404, "text/plain", ""))).await;
    let (_, doubt) = unresolved(dark.sell().await.1);
    assert_eq!(doubt, Doubt::Lost(Loss::Disconnected));
    assert_eq!(dark.service.count(Sale), 1);
}

#[tokio::test]
async fn what_is_older_than_the_services_history_is_asked_about_once_and_never_sent() {
    let policy = Policy::default().with_deadline(Duration::from_secs(60));
    let shop = Shop::with(
        Arc::new(Memory::new()),
        policy,
        &[],
        script(|_| Reply::Close, |_| not_seen()),
    )
    .await;
    let order = order_for(0);
    unresolved(shop.client.recharge(&order).await);
    let asked = shop.service.count(Enquiry);
    shop.clock.advance(Duration::from_secs(7 * 24 * 3600));
    let (_, doubt) = unresolved(shop.client.recharge(&order).await);
    assert_eq!(doubt, Doubt::Expired);
    assert_eq!(
        (shop.service.count(Sale), shop.service.count(Enquiry)),
        (1, asked + 1)
    );
}

#[tokio::test]
async fn a_clock_that_was_wrong_when_the_sale_was_recorded_lets_nothing_be_sent_again() {
    let journal = Arc::new(Memory::new());
    let policy = Policy::default().with_deadline(Duration::from_secs(30));
    let script = || script(|_| Reply::Close, |_| not_seen());
    let shop = Shop::with(journal.clone(), policy, &[], script()).await;
    let order = order_for(0);
    let (handle, _) = unresolved(shop.client.recharge(&order).await);

    // The row says that it was made in a month: how old it is cannot be told.
    let ahead = shop.clock_now() + Duration::from_secs(30 * 24 * 3600);
    let mut handle = handle;
    handle.intent.created_at = ahead;
    let other = shop.another(Arc::new(Memory::new()));
    unresolved(other.resume(handle).await);
    assert_eq!(shop.service.count(Sale), 1);
}

#[tokio::test]
async fn a_recovery_says_how_many_open_rows_are_other_accounts() {
    let journal = Arc::new(Memory::new());
    let policy = Policy::default().with_deadline(Duration::from_secs(60));
    let shop = Shop::with(
        journal.clone(),
        policy,
        &[],
        script(|_| Reply::Close, |_| not_seen()),
    )
    .await;
    unresolved(shop.sell().await.1);
    let account = "27830000009".parse().unwrap();
    let other = recharge::smartcall::Client::builder(USERNAME, PASSWORD, account, journal)
        .base_urls(shop.service.urls())
        .build()
        .unwrap();
    let others = other.recover(|entry, _| panic!("{entry:?}")).await.unwrap();
    assert_eq!(others, 1);
}

#[tokio::test]
async fn a_row_of_a_host_that_is_not_configured_is_asked_about_and_never_sent() {
    let journal = Arc::new(Memory::new());
    let policy = Policy::default().with_deadline(Duration::from_secs(60));
    let shop = Shop::with(
        journal.clone(),
        policy,
        &[],
        script(|_| Reply::Close, |_| not_seen()),
    )
    .await;
    let (reference, outcome) = shop.sell().await;
    unresolved(outcome);

    let elsewhere = Service::start(2, &shop.clock, script(never, |_| not_seen())).await;
    let client = builder(&elsewhere, &shop.clock, journal, Policy::default())
        .build()
        .unwrap();
    let mut told = 0;
    let recovered = client.recover(|entry, outcome| {
        assert_eq!(entry.intent.reference, reference);
        unresolved(outcome);
        told += 1;
    });
    recovered.await.unwrap();
    assert_eq!(told, 1);
    assert!(elsewhere.count(Enquiry) > 2);
}

#[tokio::test]
async fn the_hosts_may_be_named_in_another_order_after_a_restart() {
    let journal = Arc::new(Memory::new());
    let policy = Policy::default().with_deadline(Duration::from_secs(60));
    let shop = Shop::with(
        journal.clone(),
        policy,
        &[],
        script(
            |n| if n == 1 { Reply::Close } else { sold() },
            |_| not_seen(),
        ),
    )
    .await;
    unresolved(shop.sell().await.1);
    let mut urls = shop.service.urls();
    urls.reverse();
    let client = builder(&shop.service, &shop.clock, journal, Policy::default())
        .base_urls(urls)
        .build()
        .unwrap();
    client
        .recover(|_, outcome| drop(vended(outcome)))
        .await
        .unwrap();
    let hosts: Vec<usize> = shop
        .service
        .log(Sale)
        .iter()
        .map(|sale| sale.host)
        .collect();
    assert_eq!(hosts, [0, 0]);
}

#[tokio::test]
async fn a_recovery_never_sells_what_was_told_as_not_sent() {
    let journal = Arc::new(Memory::new());
    let shop = Shop::with(journal.clone(), Policy::default(), &[0, 1], never_asked).await;
    let order = order_for(0);
    assert!(matches!(
        shop.client.recharge(&order).await,
        Err(Error::NotSent { .. })
    ));
    let row = shop.row(order.reference()).await;

    let open = Service::start(2, &shop.clock, well).await;
    let client = builder(&open, &shop.clock, journal, Policy::default())
        .build()
        .unwrap();
    client
        .recover(|entry, _| panic!("{entry:?}"))
        .await
        .unwrap();
    let handle: recharge::Handle = serde_json::from_value(json!({
        "intent": row.intent, "host": null, "provider_reference": null, "pending": false, "at": 1
    }))
    .unwrap();
    let resumed = client.resume(handle).await;
    assert!(matches!(resumed, Err(Error::NotSent { .. })), "{resumed:?}");
    assert_eq!(open.count(Sale), 0);
    vended(client.recharge(&order).await);
}

#[tokio::test]
async fn a_resend_that_cannot_leave_is_not_tried_without_asking_again() {
    let shop = Shop::open(|request| match (request.route, request.number) {
        (Sale, 1) => Reply::Close,
        (Sale, 2..=4) => unauthorised("Token validation failed"),
        (Enquiry, n) if n > 12 => transaction("SUCCESSFUL"),
        (Enquiry, _) => not_seen(),
        _ => well(request),
    })
    .await;
    vended(shop.sell().await.1);
    let story: Vec<_> = shop
        .service
        .story()
        .into_iter()
        .map(|(route, _)| route)
        .collect();
    let pairs = story
        .windows(2)
        .filter(|pair| *pair == [Sale, Sale])
        .count();
    assert_eq!(pairs, 0, "{story:?}");
}

#[tokio::test]
async fn answers_that_say_nothing_slow_the_enquiries_down() {
    let shop = Shop::open(script(|_| Reply::Close, |_| html(500))).await;
    unresolved(shop.sell().await.1);
    let asked = shop.service.count(Enquiry);
    assert!(
        asked < 40,
        "{asked} enquiries about one sale within ten minutes"
    );
}

#[tokio::test]
async fn after_a_week_a_sale_is_asked_about_by_the_services_own_reference() {
    let policy = Policy::default().with_deadline(Duration::from_secs(60));
    let journal: Arc<dyn Journal> = Arc::new(Memory::new());
    let shop = Shop::with(Arc::clone(&journal), policy, &[], |request| {
        match request.route {
            Sale => failed(200, Some(3), 1002),
            Enquiry if request.path.contains("/transactions/") => transaction("SUCCESSFUL"),
            Enquiry => transaction("PENDING"),
            _ => well(request),
        }
    })
    .await;
    let order = order_for(0);
    assert!(matches!(
        shop.client.recharge(&order).await,
        Ok(Outcome::Pending(_))
    ));
    shop.clock.advance(Duration::from_secs(7 * 24 * 3600));
    vended(shop.client.recharge(&order).await);
    let last = shop.service.log(Enquiry).pop().unwrap();
    assert_eq!(
        last.path,
        format!("/webservice/smartload/transactions/{ACCOUNT}/987654321")
    );
}

// Row 17: the caller goes away.

#[tokio::test]
async fn a_caller_that_stops_waiting_loses_nothing() {
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let shop = Shop::open(script(
        move |_| Reply::Gate(Arc::clone(&held), Box::new(sold())),
        never,
    ))
    .await;
    let order = order_for(0);
    let (client, asked) = (shop.client.clone(), order.clone());
    let caller = tokio::spawn(async move { client.recharge(&asked).await.map(|_| ()) });
    gate.reached.notified().await;
    caller.abort();
    assert!(caller.await.is_err());
    gate.open.notify_one();
    vended(shop.client.recharge(&order).await);
    assert_eq!(shop.service.count(Sale), 1);
}

// One reference, one outcome.

#[tokio::test]
async fn the_same_reference_four_times_at_once_is_sold_once_and_told_to_all() {
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let shop = Shop::open(script(
        move |_| Reply::Gate(Arc::clone(&held), Box::new(sold())),
        never,
    ))
    .await;
    let order = order_for(0);
    let (client, asked) = (shop.client.clone(), order.clone());
    let first = tokio::spawn(async move { client.recharge(&asked).await });
    gate.reached.notified().await;
    let others: Vec<_> = (0..3)
        .map(|_| {
            let (client, asked) = (shop.client.clone(), order.clone());
            tokio::spawn(async move { client.recharge(&asked).await })
        })
        .collect();
    gate.open.notify_one();
    vended(first.await.unwrap());
    for other in others {
        vended(other.await.unwrap());
    }
    assert_eq!(shop.service.count(Sale), 1);
}

#[tokio::test]
async fn a_reference_that_has_ended_gives_the_outcome_that_it_had_and_sends_nothing() {
    for (reply, sold) in [(sold(), true), (failed(200, Some(2), 9), false)] {
        let shop = Shop::open(script(move |_| reply.clone(), never)).await;
        let order = order_for(0);
        for _ in 0..3 {
            let outcome = shop.client.recharge(&order).await;
            if sold {
                assert_eq!(
                    vended(outcome).provider_reference.as_deref(),
                    Some("987654321")
                );
            } else {
                let refusal = refused(outcome);
                assert_eq!(
                    (refusal.code, refusal.message.as_str()),
                    (Some(9), "message of 9")
                );
            }
        }
        assert_eq!(shop.service.story(), [(Sale, 0)]);
    }
}

#[tokio::test]
async fn a_reference_with_another_order_is_refused_before_anything_is_sent() {
    let shop = Shop::open(script(|_| sold(), never)).await;
    let order = order_for(0);
    vended(shop.client.recharge(&order).await);
    let same = order.reference().clone();
    for other in [
        RechargeOrder::new(
            SUBSCRIBER.parse().unwrap(),
            "62".parse().unwrap(),
            "30".parse().unwrap(),
        ),
        RechargeOrder::new(
            "0829999999".parse().unwrap(),
            "62".parse().unwrap(),
            "29.50".parse().unwrap(),
        ),
        RechargeOrder::new(
            SUBSCRIBER.parse().unwrap(),
            "63".parse().unwrap(),
            "29.50".parse().unwrap(),
        ),
        support::order().with_network_auto_correct(),
    ] {
        let outcome = shop
            .client
            .recharge(&other.with_reference(same.clone()))
            .await;
        assert!(
            matches!(outcome, Err(Error::ReferenceTaken { .. })),
            "{outcome:?}"
        );
    }
    assert_eq!(shop.service.count(Sale), 1);
}

// The journal comes first.

#[tokio::test]
async fn when_the_first_byte_of_a_sale_arrives_its_attempt_is_in_the_journal() {
    let journal = Watched::new();
    let recorded = journal.recorded();
    let shop = Shop::with(Arc::new(journal), Policy::default(), &[], |request| match (
        request.route,
        request.number,
    ) {
        (Sale, 1) => unauthorised("Token validation failed"),
        (Sale, 2) => Reply::Close,
        (Sale, 3) => Reply::Http(503, vec![], String::new()),
        (Enquiry, _) => not_seen(),
        _ => well(request),
    })
    .await;
    shop.service.watch(recorded);
    vended(shop.sell().await.1);
    let sales = shop.service.log(Sale);
    assert_eq!(sales.len(), 4);
    for sale in &sales {
        let last = sale.recorded.last().expect("an attempt");
        assert_eq!(
            sale.recorded.len(),
            sale.number,
            "one more attempt for each sale"
        );
        assert_eq!(
            (last.number as usize, shop.service.place(&last.host)),
            (sale.number, sale.host)
        );
    }
}

#[tokio::test]
async fn when_a_sale_moves_to_the_other_host_that_host_is_in_the_journal_first() {
    let journal = Watched::new();
    let recorded = journal.recorded();
    let shop = Shop::with(
        Arc::new(journal),
        Policy::default(),
        &[0],
        script(|_| sold(), never),
    )
    .await;
    shop.service.watch(recorded);
    vended(shop.sell().await.1);
    let sale = &shop.service.log(Sale)[0];
    let hosts: Vec<_> = sale
        .recorded
        .iter()
        .map(|attempt| shop.service.place(&attempt.host))
        .collect();
    assert_eq!(hosts, [0, 1]);
}

#[tokio::test]
async fn without_a_journal_nothing_is_sent() {
    let journal = Watched::failing(|wrote| matches!(wrote, Wrote::Begin(_)));
    let shop = Shop::with(
        Arc::new(journal),
        Policy::default(),
        &[],
        script(never, never),
    )
    .await;
    let (reference, outcome) = shop.sell().await;
    // What the store could not say that it recorded may come to light after a crash, and be sent by a recovery.
    assert_eq!(unresolved(outcome).1, Doubt::Unrecorded);
    assert!(shop.client.journaled(&reference).await.unwrap().is_none());
}

#[tokio::test]
async fn a_further_attempt_that_cannot_be_journaled_is_not_made_and_leaves_a_doubt() {
    let further = |wrote: &Wrote| matches!(wrote, Wrote::Note(Note::Attempt { .. }));
    for first in [unauthorised("Token validation failed"), Reply::Close] {
        let shop = Shop::with(
            Arc::new(Watched::failing(further)),
            Policy::default(),
            &[],
            script(move |_| first.clone(), |_| not_seen()),
        )
        .await;
        let (reference, outcome) = shop.sell().await;
        // Its row is open, so that a recovery may send it yet: nobody may be told that no money moves.
        assert_eq!(unresolved(outcome).1, Doubt::Unrecorded);
        assert_eq!(shop.service.count(Sale), 1);
        assert!(shop.row(&reference).await.end.is_none());
    }
    let shop = Shop::with(
        Arc::new(Watched::failing(further)),
        Policy::default(),
        &[0],
        script(never, never),
    )
    .await;
    assert_eq!(unresolved(shop.sell().await.1).1, Doubt::Unrecorded);
}

#[tokio::test]
async fn an_end_that_cannot_be_journaled_is_told_only_if_it_is_a_sale() {
    let ends = |wrote: &Wrote| matches!(wrote, Wrote::Note(Note::End(_)));
    let shop = Shop::with(
        Arc::new(Watched::failing(ends)),
        Policy::default(),
        &[],
        script(|_| sold(), never),
    )
    .await;
    let (reference, outcome) = shop.sell().await;
    vended(outcome);
    assert!(shop.row(&reference).await.end.is_none());

    // The open row of a refusal would be sent again by the next recovery.
    for reply in [
        failed(200, Some(2), 9),
        unauthorised("Source IP is not authorised"),
    ] {
        let shop = Shop::with(
            Arc::new(Watched::failing(ends)),
            Policy::default(),
            &[],
            script(move |_| reply.clone(), never),
        )
        .await;
        let (reference, outcome) = shop.sell().await;
        assert_eq!(unresolved(outcome).1, Doubt::Unrecorded);
        assert!(shop.row(&reference).await.end.is_none());
    }
}

#[tokio::test]
async fn a_sale_that_may_have_happened_is_no_error_when_the_journal_fails_to_carry_it_on() {
    let policy = Policy::default().with_deadline(Duration::from_secs(1));
    let broken = Arc::new(AtomicBool::new(false));
    let looked = Arc::clone(&broken);
    let journal = Watched::failing(move |_| looked.load(Ordering::SeqCst));
    let shop = Shop::with(
        Arc::new(journal),
        policy,
        &[],
        script(|_| Reply::Close, |_| html(500)),
    )
    .await;
    let (handle, _) = unresolved(shop.sell().await.1);
    broken.store(true, Ordering::SeqCst);
    let (same, doubt) = unresolved(shop.client.resume(handle.clone()).await);
    assert_eq!((same, doubt), (handle.clone(), Doubt::Unrecorded));
    let mut told = 0;
    let recovered = shop.client.recover(|entry, outcome| {
        assert_eq!(&entry.intent.reference, handle.reference());
        assert_eq!(unresolved(outcome).1, Doubt::Unrecorded);
        told += 1;
    });
    recovered.await.unwrap();
    assert_eq!((told, shop.service.count(Sale)), (1, 1));
}

// Rows 18 and 19: the process ends.

#[tokio::test]
async fn after_a_crash_in_the_middle_of_a_sale_the_recovery_begins_with_an_enquiry() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sales.db");
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let clock = Arc::new(Clock::new());
    let service = Service::start(
        2,
        &clock,
        script(
            move |_| Reply::Gate(Arc::clone(&held), Box::new(Reply::Close)),
            |_| transaction("SUCCESSFUL"),
        ),
    )
    .await;
    let order = order_for(0);

    let journal = Arc::new(Sqlite::open(&file).unwrap());
    let client = builder(&service, &clock, journal, Policy::default())
        .build()
        .unwrap();
    let (asked, until) = (order.clone(), Arc::clone(&gate));
    let process = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            tokio::select! {
                _ = client.recharge(&asked) => panic!("nobody answered"),
                () = until.reached.notified() => {}
            }
        });
        // The runtime is dropped here, with all of its tasks where they stood.
    });
    tokio::task::spawn_blocking(|| process.join())
        .await
        .unwrap()
        .unwrap();

    let journal = Arc::new(Sqlite::open(&file).unwrap());
    let open = journal.list(Which::Open, None, 10).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (&open[0].intent.reference, open[0].attempts.len()),
        (order.reference(), 1)
    );
    let client = builder(&service, &clock, journal, Policy::default())
        .build()
        .unwrap();
    let mut told = Vec::new();
    client
        .recover(|entry, outcome| told.push((entry.intent.reference.clone(), outcome)))
        .await
        .unwrap();
    let (reference, outcome) = told.pop().expect("one sale");
    assert_eq!(&reference, order.reference());
    vended(outcome);
    assert_eq!(service.story(), [(Sale, 0), (Enquiry, 0)]);
    assert!(told.is_empty());
}

#[tokio::test]
async fn a_handle_is_carried_on_by_another_journal_beginning_with_an_enquiry() {
    let policy = Policy::default().with_deadline(Duration::from_secs(1));
    let shop = Shop::with(
        Arc::new(Memory::new()),
        policy,
        &[],
        script(
            |_| Reply::Close,
            |n| {
                if n < 3 {
                    html(500)
                } else {
                    transaction("SUCCESSFUL")
                }
            },
        ),
    )
    .await;
    let (handle, _) = unresolved(shop.sell().await.1);
    let stored = serde_json::to_string(&handle).unwrap();
    let elsewhere = shop.another(Arc::new(Memory::new()));
    vended(
        elsewhere
            .resume(serde_json::from_str(&stored).unwrap())
            .await,
    );
    assert_eq!(shop.service.count(Sale), 1);
    let row = elsewhere
        .journaled(handle.reference())
        .await
        .unwrap()
        .expect("a row");
    assert_eq!(row.end.expect("an end").ending, Ending::Vended);
}

#[tokio::test]
async fn a_recovery_works_on_open_rows_of_its_own_account_only() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::new());
    let policy = Policy::default().with_deadline(Duration::from_secs(1));
    let shop = Shop::with(
        Arc::clone(&journal),
        policy,
        &[],
        script(|_| Reply::Close, |_| html(500)),
    )
    .await;
    unresolved(shop.sell().await.1);
    let (sent, asked) = (shop.service.count(Sale), shop.service.count(Enquiry));
    let stranger = recharge::smartcall::Client::builder(
        USERNAME,
        PASSWORD,
        "27830000002".parse().unwrap(),
        journal,
    )
    .base_urls(shop.service.urls())
    .ambient(Arc::clone(&shop.clock) as Arc<_>)
    .build()
    .unwrap();
    stranger
        .recover(|entry, _| panic!("{entry:?}"))
        .await
        .unwrap();
    assert_eq!(
        (shop.service.count(Sale), shop.service.count(Enquiry)),
        (sent, asked)
    );
}

#[tokio::test]
async fn a_refusal_after_a_lost_answer_is_remembered_so_that_no_later_run_sends_the_sale_again() {
    let journal = Arc::new(Memory::new());
    let policy = Policy::default().with_deadline(SETTLE * 3 / 2);
    let shop = Shop::with(
        journal.clone(),
        policy,
        &[],
        script(
            |n| {
                if n == 1 {
                    Reply::Close
                } else {
                    failed(400, Some(2), 9)
                }
            },
            |_| not_seen(),
        ),
    )
    .await;
    let (reference, outcome) = shop.sell().await;
    unresolved(outcome);
    let held = shop.row(&reference).await.refusal.expect("a refusal");
    assert_eq!(held.code, Some(9));

    let mut ends = Vec::new();
    let again = shop.another(journal);
    let recovered = again.recover(|_, outcome| ends.push(refused(outcome).code));
    recovered.await.unwrap();
    assert_eq!(ends, [Some(9)]);
    assert_eq!(
        shop.service.count(Sale),
        2,
        "the first, and the one resend that was refused"
    );
}

#[tokio::test]
async fn a_failure_keeps_the_code_that_the_answer_to_the_sale_gave() {
    let shop = Shop::open(script(
        |_| failed(200, Some(1), 2),
        |_| transaction("FAILED"),
    ))
    .await;
    let refusal = refused(shop.sell().await.1);
    assert_eq!(
        (refusal.code, refusal.advice),
        (Some(2), Advice::NewReference)
    );
}

#[tokio::test]
async fn a_sale_without_the_services_reference_is_enquired_for_it_once() {
    let bare_success =
        json!({"error": null, "statusCode": 0, "statusMessage": null, "recharge": null});
    for (enquiry, expected) in [(transaction("SUCCESSFUL"), true), (html(500), false)] {
        let success = bare_success.clone();
        let shop = Shop::open(script(
            move |_| json_reply(200, success.clone()),
            move |_| enquiry.clone(),
        ))
        .await;
        let (reference, outcome) = shop.sell().await;
        let sale = vended(outcome);
        assert_eq!(sale.provider_reference.is_some(), expected);
        assert_eq!(shop.service.story(), [(Sale, 0), (Enquiry, 0)]);
        let end = shop.row(&reference).await.end.expect("an end");
        assert_eq!(
            (end.ending, end.provider_reference),
            (Ending::Vended, sale.provider_reference)
        );
    }
}
