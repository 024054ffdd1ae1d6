//! The asynchronous recharge: what is taken in waits for its end, and is never sent again.

use std::sync::Arc;
use std::time::Duration;

use recharge::journal::{Ending, Journal, Memory, Sqlite};
use recharge::recovery::{Advice, Doubt};
use recharge::{Error, Outcome, Policy};
use rust_decimal::Decimal;

use crate::support::Route::{Enquiry, Submit};
use crate::support::*;
use crate::*;

/// A service that is well, apart from what is submitted and from its enquiries.
fn taking_in(
    submit: impl Fn(usize) -> Reply + Send + Sync + 'static,
    enquiry: impl Fn(usize) -> Reply + Send + Sync + 'static,
) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    move |request| match request.route {
        Submit => submit(request.number),
        Enquiry => enquiry(request.number),
        Route::Sale | Route::Batch => never(0),
        _ => well(request),
    }
}

#[tokio::test]
async fn what_is_taken_in_is_sold_only_when_the_enquiry_says_so() {
    let shop = Shop::open(taking_in(
        |_| taken_in(),
        |n| transaction(["REQUESTED", "PENDING", "SUCESSFUL"][(n - 1).min(2)]),
    ))
    .await;
    let order = order_for(0);
    let sale = vended(shop.client.submit(&order).await);
    assert_eq!(&sale.reference, order.reference());
    assert_eq!(sale.provider_reference.as_deref(), Some("987654321"));
    assert_eq!(shop.service.count(Submit), 1);
    assert_eq!(shop.service.count(Enquiry), 3);
    let end = shop.row(order.reference()).await.end.expect("an end");
    assert_eq!(end.ending, Ending::Vended);
}

#[tokio::test]
async fn the_balance_in_the_answer_is_shown_although_nothing_is_final_yet() {
    let policy = Policy::default().with_deadline(Duration::from_secs(1));
    let shop = Shop::with(
        Arc::new(Memory::new()),
        policy,
        &[],
        taking_in(|_| taken_in(), |_| transaction("PENDING")),
    )
    .await;
    let balances = shop.client.balances();
    assert!(matches!(
        shop.client.submit(&order_for(0)).await,
        Ok(Outcome::Pending(_))
    ));
    let shown = balances.latest().expect("a balance").amount;
    assert_eq!(shown, Decimal::new(9_954_525, 2));
}

#[tokio::test]
async fn what_the_network_fails_or_a_cancellation_stops_is_an_error_with_its_advice() {
    let shop = Shop::open(taking_in(|_| taken_in(), |_| transaction("FAILED"))).await;
    let refusal = refused(shop.client.submit(&order_for(0)).await);
    assert_eq!(refusal.advice, Advice::NewReference);

    let shop = Shop::open(taking_in(|_| taken_in(), |_| transaction("CANCELLED"))).await;
    let outcome = shop.client.submit(&order_for(0)).await;
    assert!(
        matches!(outcome, Err(Error::Cancelled { .. })),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn when_the_time_is_up_it_is_pending_and_can_be_carried_on() {
    let policy = Policy::default().with_deadline(Duration::from_secs(30));
    let shop = Shop::with(
        Arc::new(Memory::new()),
        policy,
        &[],
        taking_in(
            |_| taken_in(),
            |n| transaction(if n < 20 { "PENDING" } else { "SUCCESSFUL" }),
        ),
    )
    .await;
    let mut outcome = shop.client.submit(&order_for(0)).await;
    for _ in 0..20 {
        let Ok(Outcome::Pending(handle)) = outcome else {
            break;
        };
        assert_eq!(handle.provider_reference.as_deref(), Some("987654321"));
        outcome = shop.client.resume(handle).await;
    }
    vended(outcome);
    assert_eq!(shop.service.count(Submit), 1);
}

#[tokio::test]
async fn a_lost_answer_is_enquired_about_at_once_and_never_sent_again() {
    for (what, reply) in lost_answers() {
        for known in [true, false] {
            let reply = reply.clone();
            let shop = Shop::open(taking_in(
                move |_| reply.clone(),
                move |_| {
                    if known {
                        transaction("SUCCESSFUL")
                    } else {
                        not_seen()
                    }
                },
            ))
            .await;
            let order = order_for(0);
            let outcome = shop.client.submit(&order).await;
            if known {
                vended(outcome);
                assert_eq!(shop.service.story(), [(Submit, 0), (Enquiry, 0)], "{what}");
            } else {
                // However often the service says that it does not know it: nothing says that it would refuse a second one.
                unresolved(outcome);
                assert!(shop.row(order.reference()).await.end.is_none(), "{what}");
            }
            assert_eq!(shop.service.count(Submit), 1, "{what}");
        }
    }
}

#[tokio::test]
async fn a_refusal_is_one_only_with_every_indicator() {
    for reply in [
        bare(400, 9),
        coded(200, Some("APP_ERROR"), 9),
        coded(400, None, 9),
    ] {
        let shop = Shop::open(taking_in(move |_| reply.clone(), never)).await;
        assert_eq!(
            refused(shop.client.submit(&order_for(0)).await).code,
            Some(9)
        );
        assert_eq!(shop.service.story(), [(Submit, 0)]);
    }
    // A fault on the interface to the network: on which side of the sale, nothing says.
    let shop = Shop::open(taking_in(
        |_| coded(200, Some("SYS_ERROR"), 2),
        |_| transaction("SUCCESSFUL"),
    ))
    .await;
    vended(shop.client.submit(&order_for(0)).await);
    for reply in [
        coded(200, Some("SUCCESS"), 9),
        coded(500, Some("APP_ERROR"), 9),
        bare(400, 1001),
    ] {
        let shop = Shop::open(taking_in(
            move |_| reply.clone(),
            |_| transaction("SUCCESSFUL"),
        ))
        .await;
        vended(shop.client.submit(&order_for(0)).await);
    }
}

#[tokio::test]
async fn it_is_in_the_journal_when_its_first_byte_arrives() {
    let journal = Watched::new();
    let recorded = journal.recorded();
    let shop = Shop::with(Arc::new(journal), Policy::default(), &[], |request| match (
        request.route,
        request.number,
    ) {
        (Submit, 1) => unauthorised("Token validation failed"),
        _ => well(request),
    })
    .await;
    shop.service.watch(recorded);
    vended(shop.client.submit(&order_for(0)).await);
    let sent = shop.service.log(Submit);
    let numbers: Vec<_> = sent.iter().map(|sent| sent.recorded.len()).collect();
    assert_eq!(numbers, [1, 2], "one more attempt for each");
}

#[tokio::test]
async fn what_the_operation_has_no_member_for_is_refused_before_anything_is_sent() {
    let shop = Shop::open(never_asked).await;
    let electricity = recharge::smartcall::RechargeOrder::new(
        SUBSCRIBER.parse().unwrap(),
        "23".parse().unwrap(),
        "10".parse().unwrap(),
    );
    for (order, field) in [
        (order().with_branded_sms("Shop").unwrap(), "sms_provider"),
        (order().with_network_auto_correct(), "network_auto_correct"),
        (electricity, "product"),
    ] {
        for outcome in [
            shop.client.submit(&order).await,
            shop.client
                .recharge_batch(std::slice::from_ref(&order))
                .await
                .remove(0),
        ] {
            let Err(Error::Invalid(invalid)) = outcome else {
                panic!("{outcome:?}")
            };
            assert_eq!(invalid.field(), field);
            assert!(invalid.rule().starts_with("must not"));
        }
        assert!(
            shop.client
                .journaled(order.reference())
                .await
                .unwrap()
                .is_none()
        );
    }
    let voucher = shop.client.recharge(&order().with_voucher()).await;
    assert!(matches!(voucher, Err(Error::Invalid(invalid)) if invalid.field() == "voucher"));
}

#[tokio::test]
async fn one_reference_is_one_sale_whichever_operation_it_is_asked_of() {
    let shop = Shop::open(well).await;
    let order = order_for(0);
    vended(shop.client.submit(&order).await);
    for outcome in [
        shop.client.recharge(&order).await,
        shop.client
            .recharge_batch(std::slice::from_ref(&order))
            .await
            .remove(0),
    ] {
        vended(outcome);
    }
    vended(shop.client.submit(&order).await);
    assert_eq!(shop.service.story(), [(Submit, 0), (Enquiry, 0)]);
}

#[tokio::test]
async fn after_a_crash_it_is_enquired_about_and_not_submitted_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sales.db");
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let clock = Arc::new(Clock::new());
    let service = Service::start(
        2,
        &clock,
        taking_in(
            move |_| Reply::Gate(Arc::clone(&held), Box::new(Reply::Close)),
            |n| {
                if n < 8 {
                    not_seen()
                } else {
                    transaction("SUCCESSFUL")
                }
            },
        ),
    )
    .await;
    let order = order_for(0);
    let journal = Arc::new(Sqlite::open(&file).unwrap());
    let client = builder(&service, &clock, journal, Policy::default())
        .build()
        .unwrap();
    let asked = order.clone();
    killed_when(gate, async move { client.submit(&asked).await.map(drop) }).await;

    let journal = Arc::new(Sqlite::open(&file).unwrap());
    let client = builder(
        &service,
        &clock,
        journal as Arc<dyn Journal>,
        Policy::default(),
    )
    .build()
    .unwrap();
    let mut told = Vec::new();
    let recovered = client.recover(|entry, outcome| told.push((entry.clone(), outcome)));
    recovered.await.unwrap();
    let (entry, outcome) = told.pop().expect("one sale");
    assert_eq!(&entry.intent.reference, order.reference());
    vended(outcome);
    assert!(told.is_empty());
    assert_eq!(service.count(Submit), 1);
}

#[tokio::test]
async fn a_handle_says_what_is_in_doubt() {
    let policy = Policy::default().with_deadline(Duration::from_secs(1));
    let shop = Shop::with(
        Arc::new(Memory::new()),
        policy,
        &[],
        taking_in(|_| Reply::Close, |_| html(500)),
    )
    .await;
    let (handle, doubt) = unresolved(shop.client.submit(&order_for(0)).await);
    assert!(matches!(doubt, Doubt::Lost(_)));
    assert_eq!(handle.intent.operation, "createRecharge");
    assert_eq!(
        handle.balance_before, None,
        "only what no enquiry finds needs it"
    );
}
