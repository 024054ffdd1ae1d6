//! Cancellations: accepted is not cancelled, and the sale's row ends by enquiry alone.

use std::sync::Arc;
use std::time::Duration;

use recharge::journal::{Ending, Memory};
use recharge::recovery::{Denial, Doubt};
use recharge::smartcall::{CancelRefusal, Cancellation, RechargeOrder};
use recharge::{Error, Handle, Outcome, Policy, ReadError};

use crate::support::Route::{Cancel, Enquiry, Submit};
use crate::support::*;
use crate::*;

/// A shop in which a sale was taken in and waits. Its enquiries say PENDING until it is cancelled, then `after`.
async fn waiting(
    cancel: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    after: impl Fn() -> Reply + Send + Sync + 'static,
) -> (Shop, RechargeOrder, Handle) {
    let cancelled = std::sync::atomic::AtomicBool::new(false);
    let policy = Policy::default().with_deadline(Duration::from_secs(1));
    let script = move |request: &Request| match request.route {
        Cancel => {
            cancelled.store(true, std::sync::atomic::Ordering::SeqCst);
            cancel(request)
        }
        Enquiry if cancelled.load(std::sync::atomic::Ordering::SeqCst) => after(),
        Enquiry => transaction("PENDING"),
        _ => well(request),
    };
    let shop = Shop::with(Arc::new(Memory::new()), policy, &[], script).await;
    let order = order_for(1);
    let Ok(Outcome::Pending(handle)) = shop.client.submit(&order).await else {
        panic!("not pending")
    };
    (shop, order, handle)
}

#[tokio::test]
async fn accepted_is_not_cancelled_until_the_enquiry_says_so() {
    for (status, expected) in [
        ("PENDING", Cancellation::Requested),
        ("REQUESTED", Cancellation::Requested),
        ("SUCCESSFUL", Cancellation::Requested),
        ("CANCELLED", Cancellation::Cancelled),
    ] {
        let (shop, order, _) = waiting(well, move || transaction(status)).await;
        let told = shop.client.cancel(order.reference()).await.unwrap();
        assert_eq!(told, expected, "{status}");
        let row = shop.row(order.reference()).await;
        assert!(row.end.is_none(), "{status}: a cancellation ended the row");
    }
}

#[tokio::test]
async fn the_sale_itself_is_settled_by_the_enquiry_whatever_the_cancellation_said() {
    let (shop, order, handle) = waiting(well, || transaction("CANCELLED")).await;
    let _ = shop.client.cancel(order.reference()).await.unwrap();
    let outcome = shop.client.resume(handle).await;
    assert!(
        matches!(outcome, Err(Error::Cancelled { .. })),
        "{outcome:?}"
    );
    let end = shop.row(order.reference()).await.end.expect("an end");
    assert_eq!(end.ending, Ending::Cancelled);

    // Cancelled, it said; and sold it was.
    let (shop, order, handle) = waiting(|_| bare(400, 7), || transaction("SUCCESSFUL")).await;
    let told = shop.client.cancel(order.reference()).await.unwrap();
    assert_eq!(told, Cancellation::Cancelled);
    vended(shop.client.resume(handle).await);
    assert_eq!(shop.service.count(Submit), 1);
}

#[tokio::test]
async fn a_refusal_says_why_and_leaves_the_sale_as_it_is() {
    for (code, refusal) in [
        (3, CancelRefusal::UnknownReference),
        (5, CancelRefusal::PinIssued),
        (6, CancelRefusal::AtTheNetwork),
    ] {
        let (shop, order, _) = waiting(move |_| bare(400, code), || never(0)).await;
        let told = shop.client.cancel(order.reference()).await.unwrap();
        assert_eq!(told, Cancellation::Refused(refusal));
        let row = shop.row(order.reference()).await;
        assert!(row.end.is_none() && row.pending);
    }
}

#[tokio::test]
async fn a_lost_answer_is_unclear_and_sent_once() {
    for (what, reply) in lost_answers() {
        let (shop, order, _) = waiting(move |_| reply.clone(), || transaction("PENDING")).await;
        let told = shop.client.cancel(order.reference()).await.unwrap();
        let settled = matches!(told, Cancellation::Unclear(_) | Cancellation::Refused(_));
        assert!(settled, "{what}: {told:?}");
        assert_eq!(shop.service.count(Cancel), 1, "{what}");
        assert!(shop.row(order.reference()).await.end.is_none(), "{what}");
    }
    let (shop, order, _) = waiting(|_| Reply::Close, || transaction("CANCELLED")).await;
    let told = shop.client.cancel(order.reference()).await.unwrap();
    assert_eq!(told, Cancellation::Cancelled, "the enquiry says so");
}

#[tokio::test]
async fn it_names_the_sale_by_both_references_and_goes_to_the_host_that_took_it() {
    let (shop, order, _) = waiting(well, || transaction("PENDING")).await;
    let _ = shop.client.cancel(order.reference()).await.unwrap();
    let cancel = &shop.service.log(Cancel)[0];
    let expected = serde_json::json!({
        "smartloadId": ACCOUNT, "clientReference": order.reference().as_str(), "smartloadReference": 987_654_321,
    });
    assert_eq!((cancel.host, cancel.json()), (1, expected));
}

#[tokio::test]
async fn a_reference_that_no_journal_knows_can_be_cancelled_too() {
    let shop = Shop::open(|request| match request.route {
        Cancel => bare(400, 3),
        Enquiry => never(0),
        _ => well(request),
    })
    .await;
    let told = shop.client.cancel(&reference("not-here")).await.unwrap();
    assert_eq!(told, Cancellation::Refused(CancelRefusal::UnknownReference));
    assert_eq!(
        shop.service.log(Cancel)[0].json(),
        serde_json::json!({"smartloadId": ACCOUNT, "clientReference": "not-here"})
    );
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_then_nobody_is_let_in() {
    let (shop, order, _) = waiting(
        |request| match request.number {
            1 => unauthorised("Token validation failed"),
            _ => well(request),
        },
        || transaction("PENDING"),
    )
    .await;
    let told = shop.client.cancel(order.reference()).await.unwrap();
    assert_eq!(
        (told, shop.service.count(Cancel)),
        (Cancellation::Requested, 2)
    );

    let (shop, order, _) = waiting(|_| unauthorised("Token validation failed"), || never(0)).await;
    let told = shop.client.cancel(order.reference()).await;
    assert!(
        matches!(told, Err(ReadError::Denied(Denial::Credentials(_)))),
        "{told:?}"
    );
    assert_eq!(shop.service.count(Cancel), 2);
}

#[tokio::test]
async fn what_cannot_be_sent_to_one_host_goes_to_the_other_and_to_none_it_is_an_error() {
    let shop = Shop::with(Arc::new(Memory::new()), Policy::default(), &[0], well).await;
    let told = shop.client.cancel(&reference("r")).await.unwrap();
    assert_eq!(told, Cancellation::Requested);
    assert_eq!(shop.service.log(Cancel)[0].host, 1);

    let shop = Shop::with(Arc::new(Memory::new()), Policy::default(), &[0, 1], well).await;
    let told = shop.client.cancel(&reference("r")).await;
    assert!(matches!(told, Err(ReadError::Unreachable(_))), "{told:?}");
}

#[tokio::test]
async fn busy_is_unclear() {
    let (shop, order, _) = waiting(
        |_| Reply::Http(503, vec![], String::new()),
        || transaction("PENDING"),
    )
    .await;
    let told = shop.client.cancel(order.reference()).await.unwrap();
    assert!(
        matches!(told, Cancellation::Unclear(Doubt::Busy { .. })),
        "{told:?}"
    );
}
