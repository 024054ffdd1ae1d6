//! Batches: many sales in one request, each journaled and settled by itself; a request that is lost is never made again.

use std::collections::BTreeSet;
use std::sync::Arc;

use recharge::journal::{Ending, Journal, Memory, Sqlite, Which};
use recharge::recovery::Advice;
use recharge::smartcall::RechargeOrder;
use recharge::{Error, Policy};

use crate::support::Route::{Batch, Enquiry};
use crate::support::*;
use crate::*;

fn orders(count: usize) -> Vec<RechargeOrder> {
    (0..count).map(|_| order_for(0)).collect()
}

fn references(orders: &[RechargeOrder]) -> Vec<String> {
    orders
        .iter()
        .map(|order| order.reference().to_string())
        .collect()
}

/// A service that is well, apart from its batches and its enquiries.
fn batching(
    reply: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    enquiry: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    move |request| match request.route {
        Batch => reply(request),
        Enquiry => enquiry(request),
        Route::Sale | Route::Submit => never(0),
        _ => well(request),
    }
}

#[tokio::test]
async fn each_order_of_a_batch_is_told_by_itself_and_in_its_place() {
    let orders = orders(3);
    let failing = orders[2].reference().to_string();
    let shop = Shop::open(batching(
        |request| {
            batch(request, "PART_SUCCESS", |place| {
                if place == 1 {
                    failed_row(9)
                } else {
                    taken_in_row()
                }
            })
        },
        move |request| {
            transaction(if request.path.ends_with(&failing) {
                "FAILED"
            } else {
                "SUCCESSFUL"
            })
        },
    ))
    .await;
    let mut outcomes = shop.client.recharge_batch(&orders).await.into_iter();
    let sale = vended(outcomes.next().expect("the first"));
    assert_eq!(&sale.reference, orders[0].reference());
    let refusal = refused(outcomes.next().expect("the second"));
    assert_eq!(
        (refusal.code, refusal.advice),
        (Some(9), Advice::DoNotRetry)
    );
    let failed = outcomes.next().expect("the third");
    assert!(
        matches!(&failed, Err(Error::Refused { reference, .. }) if reference == orders[2].reference())
    );
    assert_eq!(shop.service.log(Batch).len(), 1);
    assert_eq!(shop.service.log(Batch)[0].references(), references(&orders));
    for (order, ending) in orders
        .iter()
        .zip([Ending::Vended, Ending::Refused, Ending::Refused])
    {
        assert_eq!(
            shop.row(order.reference())
                .await
                .end
                .expect("an end")
                .ending,
            ending
        );
    }
}

#[tokio::test]
async fn a_lost_batch_is_never_sent_again_and_each_of_its_sales_is_enquired_about() {
    for (what, reply) in lost_answers() {
        for known in [true, false] {
            let (reply, orders) = (reply.clone(), orders(3));
            let shop = Shop::open(batching(
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
            for outcome in shop.client.recharge_batch(&orders).await {
                if known {
                    vended(outcome);
                } else {
                    unresolved(outcome);
                }
            }
            assert_eq!(shop.service.count(Batch), 1, "{what}");
            let asked: BTreeSet<_> = shop
                .service
                .log(Enquiry)
                .iter()
                .map(Request::reference)
                .collect();
            assert_eq!(asked, references(&orders).into_iter().collect(), "{what}");
        }
    }
}

#[tokio::test]
async fn every_sale_of_a_batch_is_in_the_journal_when_its_first_byte_arrives() {
    let journal = Watched::new();
    let recorded = journal.recorded();
    let shop = Shop::with(Arc::new(journal), Policy::default(), &[], well).await;
    shop.service.watch(recorded);
    for outcome in shop.client.recharge_batch(&orders(7)).await {
        vended(outcome);
    }
    assert_eq!(shop.service.log(Batch)[0].recorded.len(), 7);
}

#[tokio::test]
async fn what_the_journal_does_not_take_is_not_sent_with_the_others() {
    let failed = std::sync::atomic::AtomicBool::new(false);
    let once = move |wrote: &Wrote| {
        matches!(wrote, Wrote::Begin(_)) && !failed.swap(true, std::sync::atomic::Ordering::SeqCst)
    };
    let shop = Shop::with(
        Arc::new(Watched::failing(once)),
        Policy::default(),
        &[],
        well,
    )
    .await;
    let orders = orders(3);
    let outcomes = shop.client.recharge_batch(&orders).await;
    let sent = shop.service.log(Batch)[0].references();
    assert_eq!(sent.len(), 2);
    for (order, outcome) in orders.iter().zip(outcomes) {
        if sent.contains(&order.reference().to_string()) {
            vended(outcome);
        } else {
            assert_eq!(unresolved(outcome).1, recharge::recovery::Doubt::Unrecorded);
        }
    }
}

#[tokio::test]
async fn no_request_has_more_than_a_hundred() {
    let shop = {
        // On this clock whoever queues for an enquiry is out of time at once.
        let policy = Policy {
            enquiries_max: 1000,
            ..Policy::default()
        };
        Shop::with(Arc::new(Memory::new()), policy, &[], well).await
    };
    let orders = orders(201);
    let outcomes = shop.client.recharge_batch(&orders).await;
    for (order, outcome) in orders.iter().zip(outcomes) {
        assert_eq!(&vended(outcome).reference, order.reference());
    }
    let mut sizes: Vec<_> = shop
        .service
        .log(Batch)
        .iter()
        .map(|sent| sent.references().len())
        .collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 100, 100]);
}

#[tokio::test]
async fn with_one_reference_twice_nothing_at_all_is_sent() {
    let shop = Shop::open(never_asked).await;
    let mut orders = orders(150);
    orders[140] = order().with_reference(orders[3].reference().clone());
    let outcomes = shop.client.recharge_batch(&orders).await;
    assert_eq!(outcomes.len(), 150);
    for outcome in outcomes {
        let Err(Error::Invalid(invalid)) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(
            (invalid.field(), invalid.rule()),
            ("reference", "must differ from every other of the batch")
        );
    }
    let rows = shop.client.journaled(orders[0].reference()).await.unwrap();
    assert!(rows.is_none());
    assert!(shop.client.recharge_batch(&[]).await.is_empty());
}

#[tokio::test]
async fn what_the_journal_holds_is_carried_on_by_itself() {
    let shop = Shop::open(well).await;
    let orders = orders(3);
    vended(shop.client.recharge_batch(&orders[1..2]).await.remove(0));
    for outcome in shop.client.recharge_batch(&orders).await {
        vended(outcome);
    }
    let sent: Vec<_> = shop
        .service
        .log(Batch)
        .iter()
        .map(Request::references)
        .collect();
    let all = references(&orders);
    assert_eq!(
        sent,
        [vec![all[1].clone()], vec![all[0].clone(), all[2].clone()]]
    );
}

#[tokio::test]
async fn what_never_left_goes_alone_to_the_other_host() {
    let shop = Shop::with(Arc::new(Memory::new()), Policy::default(), &[0], well).await;
    let orders = orders(3);
    for outcome in shop.client.recharge_batch(&orders).await {
        vended(outcome);
    }
    let mut sent: Vec<_> = shop
        .service
        .log(Batch)
        .iter()
        .flat_map(Request::references)
        .collect();
    sent.sort_unstable();
    let mut all = references(&orders);
    all.sort_unstable();
    assert_eq!(sent, all, "each once");
    assert!(shop.service.log(Batch).iter().all(|sent| sent.host == 1));
}

#[tokio::test]
async fn a_refused_token_costs_nothing_but_the_batch() {
    let shop = Shop::open(batching(
        |request| {
            if request.number == 1 {
                unauthorised("Token validation failed")
            } else {
                well(request)
            }
        },
        |_| transaction("SUCCESSFUL"),
    ))
    .await;
    let orders = orders(3);
    for outcome in shop.client.recharge_batch(&orders).await {
        vended(outcome);
    }
    let sizes: Vec<_> = shop
        .service
        .log(Batch)
        .iter()
        .map(|sent| sent.references().len())
        .collect();
    assert_eq!(sizes, [3, 1, 1, 1]);
}

#[tokio::test]
async fn a_batch_that_is_refused_whole_is_believed_only_after_the_windows() {
    let shop = Shop::open(batching(|_| bare(400, 12), |_| transaction("SUCCESSFUL"))).await;
    for outcome in shop.client.recharge_batch(&orders(2)).await {
        vended(outcome);
    }
    let shop = Shop::open(batching(|_| bare(400, 12), |_| not_seen())).await;
    let refusal = refused(shop.client.recharge_batch(&orders(1)).await.remove(0));
    assert_eq!(
        (refusal.code, refusal.advice),
        (Some(12), Advice::Configuration)
    );
    assert!(
        shop.service.count(Enquiry) >= 4,
        "twice here and once there, after the window"
    );
}

#[tokio::test]
async fn after_a_crash_each_sale_of_a_batch_is_enquired_about_and_no_batch_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sales.db");
    let gate = Arc::new(Gate::default());
    let held = Arc::clone(&gate);
    let clock = Arc::new(Clock::new());
    let service = Service::start(
        2,
        &clock,
        batching(
            move |_| Reply::Gate(Arc::clone(&held), Box::new(Reply::Close)),
            |_| transaction("SUCCESSFUL"),
        ),
    )
    .await;
    let orders = orders(5);
    let journal = Arc::new(Sqlite::open(&file).unwrap());
    let client = builder(&service, &clock, journal, Policy::default())
        .build()
        .unwrap();
    let asked = orders.clone();
    killed_when(gate, async move {
        client.recharge_batch(&asked).await;
        Ok(())
    })
    .await;

    let journal = Arc::new(Sqlite::open(&file).unwrap());
    assert_eq!(journal.list(Which::Open, None, 10).await.unwrap().len(), 5);
    let client = builder(&service, &clock, journal, Policy::default())
        .build()
        .unwrap();
    let mut told = 0;
    let recovered = client.recover(|_, outcome| {
        vended(outcome);
        told += 1;
    });
    recovered.await.unwrap();
    assert_eq!(
        (told, service.count(Batch), service.count(Enquiry)),
        (5, 1, 5)
    );
}

#[tokio::test]
async fn a_sold_order_of_a_batch_is_not_an_error_because_of_its_neighbour() {
    let shop = Shop::open(well).await;
    let sold = order_for(0);
    vended(
        shop.client
            .recharge_batch(std::slice::from_ref(&sold))
            .await
            .remove(0),
    );
    let twice = order_for(0);
    let again = [sold.clone(), twice.clone(), twice];
    let outcome = shop.client.recharge_batch(&again).await.remove(0);
    vended(outcome);
}
