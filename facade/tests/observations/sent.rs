//! What is sent where, and what follows when no answer comes of it.

use std::sync::Arc;
use std::time::Duration;

use recharge::journal::{Arrived, Ending, Journal, Memory};
use recharge::recovery::{Advice, Doubt, Loss};
use recharge::{Error, Policy};

use crate::support::Route::{Enquiry, Sale};
use crate::support::*;
use crate::*;

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
        .map(|each| (*each.host == *service.urls()[0], each.arrived))
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
    assert_eq!(
        handle.host.as_deref(),
        shop.service.urls().first().map(String::as_str)
    );
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
