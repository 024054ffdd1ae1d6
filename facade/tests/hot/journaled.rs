//! What the journal holds, when, and how a sale is carried on from it.

use std::sync::Arc;

use recharge::hot::Reserved;
use recharge::journal::{Decision, Ending, Journal, Memory, Note, Service, Which};
use recharge::{Outcome, Policy};

use crate::support::Route::{Complete, Enquiry, Sale};
use crate::support::{Watched, Wrote};
use crate::*;

#[tokio::test]
async fn every_step_is_recorded_before_its_first_byte_leaves() {
    let journal = Watched::new();
    let recorded = journal.recorded();
    let shop = Shop::with(Arc::new(journal), Policy::default(), well).await;
    shop.service.watch(recorded);
    vended(shop.sell().await.1);
    let Reserved::Made(reservation) = shop.client.reserve(&airtime(), false).await.unwrap() else {
        panic!("lost")
    };
    vended(reservation.complete().await);
    let seen = |route| {
        let log = shop.service.log(route);
        log.iter()
            .map(|request: &Request| request.recorded.len())
            .collect::<Vec<_>>()
    };
    assert_eq!((seen(Sale), seen(Complete)), (vec![1, 2], vec![3]));
}

#[tokio::test]
async fn what_the_journal_does_not_take_is_not_sent() {
    let journal = Watched::failing(|wrote| matches!(wrote, Wrote::Begin(_)));
    let shop = Shop::with(Arc::new(journal), Policy::default(), script(never, never)).await;
    let (_, doubt) = unresolved(shop.sell().await.1);
    assert_eq!((doubt, shop.sent()), (Doubt::Unrecorded, 0));
}

#[tokio::test]
async fn a_refusal_that_cannot_be_recorded_is_not_told() {
    let journal = Watched::failing(|wrote| matches!(wrote, Wrote::Note(Note::End(_))));
    let service = script(|_| json_reply(200, failed()), never);
    let shop = Shop::with(Arc::new(journal), Policy::default(), service).await;
    let (_, doubt) = unresolved(shop.sell().await.1);
    assert_eq!(doubt, Doubt::Unrecorded);
}

#[tokio::test]
async fn one_reference_is_one_sale() {
    let shop = Shop::open(well).await;
    let order = airtime();
    let first = vended(shop.client.recharge(&order).await);
    let second = vended(shop.client.recharge(&order).await);
    assert_eq!(first.provider_reference, second.provider_reference);
    let other = electricity().with_reference(order.reference().clone());
    let taken = shop.client.recharge(&other).await;
    assert!(
        matches!(taken, Err(Error::ReferenceTaken { .. })),
        "{taken:?}"
    );
    // The same order as a reservation is another one.
    let taken = shop.client.reserve(&order, false).await;
    assert!(
        matches!(taken, Err(Error::ReferenceTaken { .. })),
        "{taken:?}"
    );
    assert_eq!(shop.sent(), 1);
}

#[tokio::test]
async fn a_row_names_service_operation_and_account_and_holds_no_token() {
    let shop = Shop::open(script(|_| json_reply(200, powered()), never)).await;
    let (reference, outcome) = shop.sell_this(electricity()).await;
    vended(outcome);
    let row = shop.row(&reference).await;
    assert_eq!(row.intent.service, Service::Hot);
    assert_eq!(
        (&*row.intent.operation, &*row.intent.account),
        ("recharge", ACCESS_CODE)
    );
    assert_eq!((&*row.intent.target, row.intent.product), (METER, 41));
    let json = serde_json::to_string(&row).unwrap();
    assert!(
        !json.contains("1234 5678") && !json.contains(PASSWORD),
        "{json}"
    );
}

#[tokio::test]
async fn after_a_crash_recovery_enquires_and_sends_nothing() {
    let shop = Shop::open(script(|_| Reply::Close, |_| html(500))).await;
    for _ in 0..3 {
        unresolved(shop.sell().await.1);
    }
    unresolved(shop.sell_this(electricity()).await.1);
    // The service is well again, for another process with the same journal.
    let well = support::Service::start(
        1,
        &shop.clock,
        script(never, |request| transaction(request, &sold())),
    )
    .await;
    let rows = shop.journal.list(Which::Open, None, 10).await.unwrap();
    assert_eq!(rows.len(), 4);
    let client = builder(&well, &shop.clock, Arc::clone(&shop.journal))
        .build()
        .unwrap();
    let mut told = Vec::new();
    let others = client
        .recover(|entry, outcome| told.push((entry.intent.product, outcome)))
        .await
        .unwrap();
    assert_eq!(others, 0);
    told.sort_by_key(|(product, _)| *product);
    let (electricity, airtime) = told.split_first().unwrap();
    assert!(
        matches!(
            electricity,
            (41, Ok(Outcome::Unresolved(_, Doubt::Differs(_))))
        ),
        "{electricity:?}"
    );
    assert_eq!(airtime.len(), 3);
    for (_, outcome) in airtime {
        assert!(matches!(outcome, Ok(Outcome::Vended(_))), "{outcome:?}");
    }
}

#[tokio::test]
async fn rows_of_another_account_or_service_are_left_alone_and_their_handles_too() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::new());
    let shop = Shop::with(
        Arc::clone(&journal),
        Policy::default(),
        script(|_| Reply::Close, |_| html(500)),
    )
    .await;
    let (handle, _) = unresolved(shop.sell().await.1);
    let asked = shop.service.count(Enquiry);
    let other = recharge::hot::Client::builder("another@dealer.example", PASSWORD, journal)
        .base_url(shop.service.urls()[0].replace("/webservice", "/api/v3"))
        .ambient(Arc::clone(&shop.clock) as Arc<_>)
        .build()
        .unwrap();
    let others = other.recover(|_, _| panic!("not theirs")).await.unwrap();
    assert_eq!(others, 1);
    unresolved(other.resume(handle.clone()).await);
    let smartcall = {
        let mut handle = handle;
        handle.intent.service = Service::Smartcall;
        handle
    };
    unresolved(shop.client.resume(smartcall).await);
    assert_eq!(shop.service.count(Enquiry), asked);
}

#[tokio::test]
async fn a_handle_is_carried_on_by_another_journal() {
    let shop = Shop::open(script(
        |_| Reply::Close,
        |request| match request.number {
            n if n < 30 => not_seen(),
            _ => transaction(request, &sold()),
        },
    ))
    .await;
    let (handle, _) = unresolved(shop.sell().await.1);
    let json = serde_json::to_string(&handle).unwrap();
    let elsewhere = builder(&shop.service, &shop.clock, Arc::new(Memory::new()))
        .build()
        .unwrap();
    let mut outcome = elsewhere.resume(serde_json::from_str(&json).unwrap()).await;
    for _ in 0..10 {
        let Ok(Outcome::Unresolved(handle, _)) = outcome else {
            break;
        };
        outcome = elsewhere.resume(handle).await;
    }
    vended(outcome);
    assert_eq!(shop.sent(), 1);
}

#[tokio::test]
async fn a_person_ends_what_no_enquiry_can_tell() {
    let shop = Shop::open(script(|_| Reply::Close, |_| not_seen())).await;
    let (reference, outcome) = shop.sell().await;
    unresolved(outcome);
    shop.client
        .decide(&reference, Decision::NotSold)
        .await
        .unwrap();
    assert_eq!(
        shop.row(&reference).await.end.expect("an end").ending,
        Ending::Refused
    );
    refused(
        shop.client
            .recharge(&airtime().with_reference(reference))
            .await,
    );
    assert_eq!(shop.sent(), 1);
}

#[tokio::test]
async fn a_caller_that_stops_waiting_loses_nothing() {
    let gate = Arc::new(support::Gate::default());
    let held = Arc::clone(&gate);
    let shop = Shop::open(script(
        move |_| Reply::Gate(Arc::clone(&held), Box::new(json_reply(200, sold()))),
        never,
    ))
    .await;
    let order = airtime();
    {
        let selling = shop.client.recharge(&order);
        tokio::pin!(selling);
        tokio::select! {
            outcome = &mut selling => panic!("answered: {outcome:?}"),
            () = gate.reached.notified() => {}
        }
    }
    gate.open.notify_one();
    // The second call waits for the work of the first, and finds what it left.
    vended(shop.client.recharge(&order).await);
    assert_eq!(shop.sent(), 1);
}

#[tokio::test]
async fn an_order_that_was_sold_is_told_again_though_the_catalogue_changed() {
    let shop = Shop::open(dearer(well)).await;
    let order = airtime();
    vended(shop.client.recharge(&order).await);
    // The process starts again, and the vendor has lowered the limit meanwhile.
    let client = shop.another();
    vended(client.recharge(&order).await);
    let other = client.recharge(&airtime()).await;
    assert!(matches!(other, Err(Error::Invalid(_))), "{other:?}");
    assert_eq!(shop.sent(), 1);
}

#[tokio::test]
async fn an_order_in_doubt_stays_in_doubt_though_the_catalogue_changed() {
    let shop = Shop::open(dearer(script(|_| Reply::Close, |_| not_seen()))).await;
    let order = airtime();
    unresolved(shop.client.recharge(&order).await);
    unresolved(shop.another().recharge(&order).await);
    assert_eq!(shop.sent(), 1);
}

#[tokio::test]
async fn an_order_that_was_not_sent_is_checked_when_it_comes_again() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::new());
    let clock = Arc::new(support::Clock::new());
    let closed = support::Service::start_with_closed(1, &[0], &clock, well).await;
    let client = builder(&closed, &clock, Arc::clone(&journal))
        .token_store(Arc::new(support::Lent))
        .build()
        .unwrap();
    let order = electricity();
    let outcome = client.recharge(&order).await;
    assert!(matches!(outcome, Err(Error::NotSent { .. })), "{outcome:?}");
    assert!(client.journaled(order.reference()).await.unwrap().is_some());
    let open = support::Service::start(1, &clock, |request: &Request| match request.route {
        support::Route::Product => {
            let mut all = catalogue();
            all["products"][2]["metaData"]["MaxRecharge"] = json!("4");
            json_reply(200, all)
        }
        support::Route::Sale => never(request),
        _ => well(request),
    })
    .await;
    let client = builder(&open, &clock, journal).build().unwrap();
    let outcome = client.recharge(&order).await;
    assert!(matches!(outcome, Err(Error::Invalid(_))), "{outcome:?}");
}

#[tokio::test]
async fn with_a_journal_that_cannot_be_read_no_order_is_called_bad() {
    let journal = Watched::failing(|wrote| matches!(wrote, Wrote::Read));
    let shop = Shop::with(Arc::new(journal), Policy::default(), script(never, never)).await;
    let order = recharge::hot::RechargeOrder::airtime(
        "101".parse().unwrap(),
        SUBSCRIBER.parse().unwrap(),
        "300.01".parse().unwrap(),
    );
    let (_, doubt) = unresolved(shop.client.recharge(&order).await);
    assert_eq!((doubt, shop.sent()), (Doubt::Unrecorded, 0));
}
