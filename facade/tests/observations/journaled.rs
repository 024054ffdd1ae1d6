//! What the journal holds and when, whoever stops waiting and whatever is killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use recharge::journal::{Ending, Journal, Memory, Note, Sqlite, Which};
use recharge::recovery::{Advice, Doubt};
use recharge::smartcall::RechargeOrder;
use recharge::{Error, Policy};
use serde_json::json;

use crate::support::Route::{Enquiry, Sale};
use crate::support::*;
use crate::*;

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
