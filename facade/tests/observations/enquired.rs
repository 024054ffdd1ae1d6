//! What follows from an enquiry.

use std::sync::Arc;
use std::time::Duration;

use recharge::journal::{Journal, Memory};
use recharge::recovery::{Doubt, Loss};
use recharge::{Error, Outcome, Policy};
use serde_json::json;

use recharge::smartcall::RechargeOrder;

use crate::support::Route::{Enquiry, Sale};
use crate::support::*;
use crate::*;

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
    let (_, doubt) = unresolved(client.resume(handle).await);
    assert_eq!(doubt, Doubt::Elsewhere);
    assert_eq!(open.count(Sale), 0);
    vended(client.recharge(&order).await);
}

#[tokio::test]
async fn what_became_of_a_sale_on_another_service_is_not_told_as_its_outcome_here() {
    let journal = Arc::new(Memory::new());
    let rehearsal = Shop::with(journal.clone(), Policy::default(), &[], well).await;
    let order = order_for(0);
    vended(rehearsal.client.recharge(&order).await);

    let production = Service::start(2, &rehearsal.clock, well).await;
    let client = builder(&production, &rehearsal.clock, journal, Policy::default())
        .build()
        .unwrap();
    let (_, doubt) = unresolved(client.recharge(&order).await);
    assert_eq!(doubt, Doubt::Elsewhere);
    assert_eq!(production.count(Sale), 0);
}

#[tokio::test]
async fn a_handle_is_never_told_as_unsold_because_of_what_this_journal_holds() {
    // The order went out on another machine. This journal knows the reference: unsent, or of another order.
    let there = Shop::open(script(|_| Reply::Close, |_| html(500))).await;
    let order = order_for(0);
    let (handle, _) = unresolved(there.client.recharge(&order).await);
    let found = Service::start(
        2,
        &there.clock,
        script(never, |_| transaction("SUCCESSFUL")),
    )
    .await;
    let mut handle = handle;
    handle.host = found.urls().first().map(|url| url.as_str().into());

    let unsent = Arc::new(Memory::new());
    let closed = Shop::with(unsent.clone(), Policy::default(), &[0, 1], never_asked).await;
    assert!(matches!(
        closed.client.recharge(&order).await,
        Err(Error::NotSent { .. })
    ));
    let client = builder(&found, &there.clock, unsent, Policy::default())
        .build()
        .unwrap();
    vended(client.resume(handle.clone()).await);

    let other = Arc::new(Memory::new());
    let shop = Shop::with(other.clone(), Policy::default(), &[], well).await;
    let dearer = RechargeOrder::new(order.msisdn(), order.product(), "99".parse().unwrap());
    vended(
        shop.client
            .recharge(&dearer.with_reference(order.reference().clone()))
            .await,
    );
    let client = builder(&found, &there.clock, other, Policy::default())
        .build()
        .unwrap();
    let (_, doubt) = unresolved(client.resume(handle).await);
    assert!(matches!(doubt, Doubt::Differs(_)), "{doubt:?}");
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
