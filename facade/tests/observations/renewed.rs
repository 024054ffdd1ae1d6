//! Selling again under a new reference: only where it was allowed, only after a final refusal, and never twice, whatever is killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use recharge::journal::{Decision, Ending, Journal, Memory, Sqlite};
use recharge::recovery::{Advice, Doubt};
use recharge::smartcall::RechargeOrder;
use recharge::{Error, Policy, Reference};

use crate::support::Route::{Enquiry, Sale, Submit};
use crate::support::*;
use crate::*;

fn allowed(new_references_max: u32) -> Policy {
    Policy {
        new_references_max,
        ..Policy::default()
    }
}

async fn shop(
    policy: Policy,
    sale: impl Fn(usize) -> Reply + Send + Sync + 'static,
    enquiry: impl Fn(usize) -> Reply + Send + Sync + 'static,
) -> Shop {
    Shop::with(Arc::new(Memory::new()), policy, &[], script(sale, enquiry)).await
}

/// The first is refused with status 1, the others are sold.
fn then_sold(number: usize) -> Reply {
    if number == 1 {
        failed(200, Some(1), 2)
    } else {
        sold()
    }
}

fn sent(service: &Service) -> Vec<String> {
    service.log(Sale).iter().map(Request::reference).collect()
}

#[tokio::test]
async fn by_itself_nothing_is_sold_again() {
    let shop = shop(Policy::default(), then_sold, |_| not_seen()).await;
    let (reference, outcome) = shop.sell().await;
    assert_eq!(refused(outcome).advice, Advice::NewReference);
    assert_eq!(sent(&shop.service), [reference.to_string()]);
}

#[tokio::test]
async fn where_it_is_allowed_the_outcome_names_the_new_reference_and_its_row_the_old_one() {
    let shop = shop(allowed(1), then_sold, |_| not_seen()).await;
    let (reference, outcome) = shop.sell().await;
    let sale = vended(outcome);
    assert_ne!(sale.reference, reference);
    assert_eq!(
        sent(&shop.service),
        [reference.to_string(), sale.reference.to_string()]
    );
    assert_eq!(
        shop.row(&reference).await.end.expect("an end").ending,
        Ending::Refused
    );
    let row = shop.row(&sale.reference).await;
    assert_eq!(row.intent.replaces(), Some(reference));
    assert_eq!(row.end.expect("an end").ending, Ending::Vended);
    // The second request is the first but for its reference.
    let mut sales = shop.service.log(Sale).into_iter().map(|sale| sale.json());
    let (mut first, second) = (sales.next().unwrap(), sales.next().unwrap());
    first["clientReference"] = second["clientReference"].clone();
    assert_eq!(first, second);
}

#[tokio::test]
async fn it_is_never_done_more_often_than_allowed() {
    for (max, tries) in [(0, 1), (1, 2), (2, 3)] {
        let shop = shop(allowed(max), |_| failed(200, Some(1), 2), |_| not_seen()).await;
        let order = order_for(0);
        for _ in 0..3 {
            let outcome = shop.client.recharge(&order).await;
            let last: Reference = sent(&shop.service).pop().unwrap().parse().unwrap();
            assert!(
                matches!(&outcome, Err(Error::Refused { reference, .. }) if *reference == last)
            );
            assert_eq!(
                shop.service.count(Sale),
                tries,
                "asked for again, it has ended"
            );
        }
    }
    let clock = Arc::new(Clock::new());
    let service = Service::start(1, &clock, well).await;
    let built = builder(&service, &clock, Arc::new(Memory::new()), allowed(3)).build();
    assert_eq!(
        built.expect_err("too many").field(),
        "policy.new_references_max"
    );
}

#[tokio::test]
async fn only_a_final_refusal_that_says_so_is_sold_again() {
    for (reply, enquiry) in [
        (failed(200, Some(2), 9), not_seen()),
        (bare(400, 15), not_seen()),
        (unauthorised("Source IP is not authorised"), not_seen()),
        // The answer says that it failed, and the enquiry that it did not.
        (failed(200, Some(1), 2), transaction("SUCCESSFUL")),
        (failed(200, Some(1), 2), transaction("CANCELLED")),
    ] {
        let shop = shop(allowed(2), move |_| reply.clone(), move |_| enquiry.clone()).await;
        let _ = shop.sell().await;
        assert_eq!(shop.service.count(Sale), 1);
    }
    let policy = Policy {
        deadline: Duration::from_secs(1),
        ..allowed(2)
    };
    for (reply, enquiry) in [
        (failed(200, Some(1), 2), transaction("PENDING")),
        (failed(200, Some(1), 2), html(500)),
        (Reply::Close, html(500)),
    ] {
        let shop = shop(policy, move |_| reply.clone(), move |_| enquiry.clone()).await;
        let outcome = shop.sell().await.1;
        assert!(outcome.is_ok(), "{outcome:?}");
        assert_eq!(shop.service.count(Sale), 1);
    }
}

#[tokio::test]
async fn what_was_submitted_and_failed_is_submitted_again() {
    let failing = |request: &Request| match request.route {
        Enquiry if request.number == 1 => transaction("FAILED"),
        _ => well(request),
    };
    let shop = Shop::with(Arc::new(Memory::new()), allowed(1), &[], failing).await;
    let order = order_for(0);
    let sale = vended(shop.client.submit(&order).await);
    assert_ne!(&sale.reference, order.reference());
    assert_eq!(shop.service.count(Submit), 2);
}

#[tokio::test]
async fn asked_for_again_it_is_the_sale_that_was_made_in_its_place() {
    let journal = Arc::new(Memory::new());
    let shop = Shop::with(
        journal.clone(),
        allowed(1),
        &[],
        script(then_sold, |_| not_seen()),
    )
    .await;
    let order = order_for(0);
    let sale = vended(shop.client.recharge(&order).await);
    // With the policy and without it.
    for client in [shop.client.clone(), shop.another(journal)] {
        assert_eq!(
            vended(client.recharge(&order).await).reference,
            sale.reference
        );
    }
    assert_eq!(shop.service.count(Sale), 2);
}

#[tokio::test]
async fn four_at_once_are_sold_once() {
    let shop = shop(allowed(2), then_sold, |_| not_seen()).await;
    let order = order_for(0);
    let all: Vec<_> = (0..4)
        .map(|_| {
            let (client, order) = (shop.client.clone(), order.clone());
            tokio::spawn(async move { client.recharge(&order).await })
        })
        .collect();
    let mut told = std::collections::BTreeSet::new();
    for one in all {
        told.insert(vended(one.await.unwrap()).reference);
    }
    assert_eq!((told.len(), shop.service.count(Sale)), (1, 2));
}

#[tokio::test]
async fn after_a_crash_between_the_two_the_second_is_sold_once() {
    let journal = Arc::new(Memory::new());
    let order = order_for(0);
    // The first was refused, and nothing else came of it.
    let shop = Shop::with(
        journal.clone(),
        Policy::default(),
        &[],
        script(then_sold, |_| not_seen()),
    )
    .await;
    refused(shop.client.recharge(&order).await);
    let client = builder(&shop.service, &shop.clock, journal, allowed(1))
        .build()
        .unwrap();
    client
        .recover(|entry, _| panic!("{entry:?} is not open"))
        .await
        .unwrap();
    let sale = vended(client.recharge(&order).await);
    assert_eq!(
        sent(&shop.service),
        [order.reference().to_string(), sale.reference.to_string()]
    );
}

#[tokio::test]
async fn after_a_crash_while_the_second_was_out_it_is_enquired_about_and_followed_whatever_the_policy()
 {
    for policy in [Policy::default(), allowed(1)] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sales.db");
        let gate = Arc::new(Gate::default());
        let held = Arc::clone(&gate);
        let clock = Arc::new(Clock::new());
        let enquiries = AtomicUsize::new(0);
        let service = Service::start(
            2,
            &clock,
            script(
                move |number| match number {
                    1 => failed(200, Some(1), 2),
                    _ => Reply::Gate(Arc::clone(&held), Box::new(Reply::Close)),
                },
                // About the first: not there. About the second: sold.
                move |_| match enquiries.fetch_add(1, Ordering::SeqCst) {
                    0 => not_seen(),
                    _ => transaction("SUCCESSFUL"),
                },
            ),
        )
        .await;
        let order = order_for(0);
        let journal = Arc::new(Sqlite::open(&file).unwrap());
        let client = builder(&service, &clock, journal, allowed(1))
            .build()
            .unwrap();
        let asked = order.clone();
        killed_when(gate, async move { client.recharge(&asked).await.map(drop) }).await;

        let journal: Arc<dyn Journal> = Arc::new(Sqlite::open(&file).unwrap());
        let client = builder(&service, &clock, journal, policy).build().unwrap();
        // Whoever asks for the order gets the sale that was made in its place.
        let sale = vended(client.recharge(&order).await);
        let row = client
            .journaled(&sale.reference)
            .await
            .unwrap()
            .expect("a row");
        assert_eq!(row.intent.replaces().as_ref(), Some(order.reference()));
        assert_eq!(
            sent(&service),
            [order.reference().to_string(), sale.reference.to_string()]
        );
    }
}

#[tokio::test]
async fn a_recovery_finds_the_second_and_says_which_one_it_replaces() {
    let journal = Arc::new(Memory::new());
    let policy = Policy {
        deadline: Duration::from_secs(1),
        ..allowed(1)
    };
    let lost = |number| {
        if number == 1 {
            failed(200, Some(1), 2)
        } else {
            Reply::Close
        }
    };
    let answers = |number| match number {
        1 => not_seen(),
        2 | 3 => html(500),
        _ => transaction("SUCCESSFUL"),
    };
    let shop = Shop::with(journal.clone(), policy, &[], script(lost, answers)).await;
    let order = order_for(0);
    let (handle, _) = unresolved(shop.client.recharge(&order).await);
    assert_eq!(handle.intent.replaces().as_ref(), Some(order.reference()));
    let mut told = Vec::new();
    let client = shop.another(journal);
    let recovered =
        client.recover(|entry, outcome| told.push((entry.intent.replaces(), vended(outcome))));
    recovered.await.unwrap();
    let (replaces, sale) = told.pop().expect("one");
    assert_eq!(replaces.as_ref(), Some(order.reference()));
    assert_eq!(
        vended(client.recharge(&order).await).reference,
        sale.reference
    );
    assert_eq!(shop.service.count(Sale), 2);
}

#[tokio::test]
async fn a_handle_of_the_first_leads_to_the_second() {
    let journal = Arc::new(Memory::new());
    let policy = Policy {
        deadline: Duration::from_secs(1),
        ..allowed(1)
    };
    let answers = |number| {
        if number < 4 {
            html(500)
        } else {
            transaction("FAILED")
        }
    };
    let shop = Shop::with(
        journal.clone(),
        policy,
        &[],
        script(
            |number| if number == 1 { Reply::Close } else { sold() },
            answers,
        ),
    )
    .await;
    let order = order_for(0);
    let (first, _) = unresolved(shop.client.recharge(&order).await);
    // To carry on begins nothing new.
    shop.clock.advance(SETTLE);
    let outcome = shop.another(journal).resume(first.clone()).await;
    assert_eq!(refused(outcome).advice, Advice::NewReference);
    let sale = vended(shop.client.recharge(&order).await);
    assert_eq!(
        vended(shop.client.resume(first).await).reference,
        sale.reference
    );
    assert_eq!(shop.service.count(Sale), 2);
}

#[tokio::test]
async fn the_second_is_in_the_journal_before_its_first_byte_leaves() {
    let journal = Watched::new();
    let recorded = journal.recorded();
    let shop = Shop::with(
        Arc::new(journal),
        allowed(1),
        &[],
        script(then_sold, |_| not_seen()),
    )
    .await;
    shop.service.watch(recorded);
    vended(shop.sell().await.1);
    let recorded: Vec<_> = shop
        .service
        .log(Sale)
        .iter()
        .map(|sale| sale.recorded.len())
        .collect();
    assert_eq!(recorded, [1, 2]);
}

#[tokio::test]
async fn a_journal_that_cannot_tell_whether_there_is_a_second_leaves_a_doubt() {
    let reads = AtomicUsize::new(0);
    // The first read is that of the order itself.
    let fails = move |wrote: &Wrote| {
        matches!(wrote, Wrote::Read) && reads.fetch_add(1, Ordering::SeqCst) > 0
    };
    let journal = Arc::new(Watched::failing(fails));
    let shop = Shop::with(journal, allowed(1), &[], script(then_sold, |_| not_seen())).await;
    assert_eq!(unresolved(shop.sell().await.1).1, Doubt::Unrecorded);
    assert_eq!(shop.service.count(Sale), 1);
}

#[tokio::test]
async fn what_a_person_decided_is_not_sold_again() {
    let policy = Policy {
        deadline: Duration::from_secs(1),
        ..allowed(2)
    };
    let shop = shop(policy, |_| Reply::Close, |_| html(500)).await;
    let order: RechargeOrder = order_for(0);
    unresolved(shop.client.recharge(&order).await);
    shop.client
        .decide(order.reference(), Decision::NotSold)
        .await
        .unwrap();
    refused(shop.client.recharge(&order).await);
    assert_eq!(shop.service.count(Sale), 1);
}

#[tokio::test]
async fn the_reference_that_an_outcome_names_carries_the_sale_on() {
    let journal = Arc::new(Memory::new());
    let policy = Policy {
        deadline: Duration::from_secs(1),
        new_references_max: 1,
        ..Policy::default()
    };
    let shop = Shop::with(
        journal.clone(),
        policy,
        &[],
        script(
            |number| match number {
                1 => failed(200, Some(1), 2),
                // Sold, and the answer lost.
                _ => Reply::Close,
            },
            |number| match number {
                1 => not_seen(),
                2 | 3 => html(500),
                _ => transaction("SUCCESSFUL"),
            },
        ),
    )
    .await;
    let order = order_for(0);
    let (handle, _) = unresolved(shop.client.recharge(&order).await);
    // The handle names the reference that is in doubt; the same order under it is this sale.
    let again = order.clone().with_reference(handle.reference().clone());
    let outcome = shop.another(journal).recharge(&again).await;
    assert!(
        !matches!(outcome, Err(Error::ReferenceTaken { .. })),
        "{outcome:?}"
    );
    vended(outcome);
}

#[tokio::test]
async fn a_submission_that_met_a_system_error_is_not_made_again_before_the_window_has_passed() {
    let policy = Policy {
        new_references_max: 1,
        ..Policy::default()
    };
    let shop = Shop::with(Arc::new(Memory::new()), policy, &[], |request| match request.route {
        Submit if request.number == 1 => Reply::Http(
            200,
            vec![("Content-Type", "application/json".into())],
            r#"{"error":{"code":1003,"message":"Generic recharge failure"},"responseCode":"SYS_ERROR"}"#.into(),
        ),
        Enquiry if request.number == 1 => not_seen(),
        _ => well(request),
    })
    .await;
    let _ = shop.client.submit(&order_for(0)).await;
    let at: Vec<_> = shop
        .service
        .log(Submit)
        .iter()
        .map(|sent| sent.at)
        .collect();
    assert!(at.len() < 2 || at[1] - at[0] >= SETTLE, "{at:?}");
}
