//! Reservations: completed or cancelled once, never cancelled after a completion was tried, and found again after a crash.

use std::sync::Arc;

use recharge::hot::{AgentReference, Reservation, Reserved};
use recharge::journal::{Decision, Ending, Journal, Memory, Sqlite, Which};
use recharge::{Outcome, Reference};
use serde_json::Value;

use crate::support::Route::{Complete, Enquiry, Sale};
use crate::*;

/// The answer to a reservation.
fn reserved() -> Value {
    let mut body = sold();
    body["message"] = json!("Recharge reserved");
    body["rechargeData"] = json!({});
    body
}

/// A service whose reservations are well; completions and cancellations as told.
fn second(
    step: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    enquiry: impl Fn(&Request) -> Reply + Send + Sync + 'static,
) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    move |request| match request.route {
        Sale => json_reply(200, reserved()),
        Complete => step(request),
        Enquiry => enquiry(request),
        _ => well(request),
    }
}

async fn reserve(shop: &Shop) -> Reservation {
    match shop.client.reserve(&airtime(), false).await {
        Ok(Reserved::Made(reservation)) => reservation,
        other => panic!("not reserved: {other:?}"),
    }
}

#[track_caller]
fn done(outcome: Result<Outcome, Error>) -> recharge::Sale {
    match outcome {
        Ok(Outcome::Done(step)) => step,
        other => panic!("not done: {other:?}"),
    }
}

#[track_caller]
fn invalid(outcome: Result<Outcome, Error>) -> &'static str {
    match outcome {
        Err(Error::Invalid(invalid)) => invalid.field(),
        other => panic!("not invalid: {other:?}"),
    }
}

async fn ending(shop: &Shop, reference: &Reference) -> Option<Ending> {
    shop.row(reference).await.end.map(|end| end.ending)
}

#[tokio::test]
async fn a_reservation_sells_nothing_and_its_completion_sells_once() {
    let shop = Shop::open(second(|_| json_reply(200, sold()), never)).await;
    let reservation = reserve(&shop).await;
    let (reference, completion) = (
        reservation.reference().clone(),
        reservation.completion_reference().unwrap(),
    );
    assert_eq!(
        reservation.answer().unwrap().provider_reference.as_deref(),
        Some("182255554")
    );
    let options = &shop.service.log(Sale)[0].json()["RechargeOptions"];
    assert_eq!(
        options,
        &json!([{"Name": "MakeReservation", "ParameterType": "bool", "Value": "true"}])
    );
    assert_eq!(ending(&shop, &reference).await, Some(Ending::Done));

    assert_eq!(shop.client.completion(&reference).await.unwrap(), None);

    let sale = vended(reservation.complete().await);
    let row = shop.client.completion(&reference).await.unwrap();
    assert_eq!(row.unwrap().end.unwrap().ending, Ending::Vended);
    assert_eq!(sale.reference, completion);
    let sent = shop.service.log(Complete)[0].json();
    assert_eq!(
        sent,
        json!({"agentReference": format!("{reference}C"), "originalReference": reference.as_str(), "confirmed": true})
    );
    assert_eq!(ending(&shop, &completion).await, Some(Ending::Vended));
    // Whoever lists the journal finds one sale.
    let rows = shop.journal.list(Which::All, None, 10).await.unwrap();
    let sales = rows.iter().filter(|row| {
        row.end
            .as_ref()
            .is_some_and(|end| end.ending == Ending::Vended)
    });
    assert_eq!((rows.len(), sales.count()), (2, 1));
}

#[tokio::test]
async fn the_customer_is_told_of_it_only_when_that_is_wanted() {
    let shop = Shop::open(second(never, never)).await;
    let reserved = shop.client.reserve(&airtime(), true).await.unwrap();
    assert!(matches!(reserved, Reserved::Made(_)));
    let options = shop.service.log(Sale)[0].json()["RechargeOptions"].clone();
    let names: Vec<_> = options
        .as_array()
        .unwrap()
        .iter()
        .map(|option| option["Name"].clone())
        .collect();
    assert_eq!(names, ["MakeReservation", "SendReservationSMSToCustomer"]);
}

#[tokio::test]
async fn a_cancellation_is_done_and_is_no_sale() {
    let shop = Shop::open(second(|_| json_reply(200, reserved()), never)).await;
    let reservation = reserve(&shop).await;
    let reference = reservation.reference().clone();
    let step = done(reservation.cancel().await);
    assert_eq!(step.reference.as_str(), format!("{reference}F"));
    let sent = shop.service.log(Complete)[0].json();
    assert_eq!(sent["confirmed"], json!(false));
    assert_eq!(ending(&shop, &step.reference).await, Some(Ending::Done));
    assert!(shop.client.reservation(&reference).await.unwrap().is_none());
}

#[tokio::test]
async fn a_reservation_that_is_refused_sold_nothing_and_is_none() {
    for body in [failed(), e2()] {
        let status = if body["errors"].is_null() { 200 } else { 400 };
        let shop = Shop::open(script(move |_| json_reply(status, body.clone()), never)).await;
        let order = airtime();
        let refused = shop.client.reserve(&order, false).await;
        assert!(matches!(refused, Err(Error::Refused { .. })), "{refused:?}");
        assert!(
            shop.client
                .reservation(order.reference())
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test]
async fn a_lost_reservation_is_enquired_about_and_then_completed() {
    for (what, reply) in lost_answers() {
        let shop = Shop::open(move |request| match request.route {
            Sale => reply.clone(),
            Enquiry => transaction(request, &reserved()),
            _ => well(request),
        })
        .await;
        let reservation = reserve(&shop).await;
        vended(reservation.complete().await);
        assert_eq!(
            (shop.service.count(Sale), shop.service.count(Complete)),
            (1, 1),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_reservation_that_stays_lost_is_harmless_and_may_be_cancelled_or_left() {
    let shop = Shop::open(move |request| match request.route {
        Sale => Reply::Close,
        Enquiry => not_seen(),
        Complete => json_reply(200, reserved()),
        _ => well(request),
    })
    .await;
    let order = airtime();
    let Ok(Reserved::Lost(lost)) = shop.client.reserve(&order, false).await else {
        panic!("not lost")
    };
    assert!(matches!(lost.doubt(), Doubt::Lost(_)), "{lost:?}");
    let Ok(Reserved::Lost(lost)) = lost.resume().await else {
        panic!("not lost")
    };
    done(lost.cancel().await);
    assert_eq!(
        (shop.service.count(Sale), shop.service.count(Complete)),
        (1, 1)
    );
    assert!(
        shop.client
            .reservation(order.reference())
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_lost_completion_is_enquired_about_under_its_own_reference_and_the_reservations() {
    for (what, reply) in lost_answers() {
        let shop = Shop::open(second(
            move |_| reply.clone(),
            |request| match request.reference() {
                // The answer to the reservation looks like a sale, and is none.
                reference if !reference.ends_with('C') => transaction(request, &reserved()),
                _ => not_seen(),
            },
        ))
        .await;
        let reservation = reserve(&shop).await;
        let (reference, completion) = (
            reservation.reference().clone(),
            reservation.completion_reference().unwrap(),
        );
        let (handle, _) = unresolved(reservation.complete().await);
        let asked: Vec<_> = shop
            .service
            .log(Enquiry)
            .iter()
            .map(Request::reference)
            .take(2)
            .collect();
        assert_eq!(
            asked,
            [completion.to_string(), reference.to_string()],
            "{what}"
        );
        // Nothing sends it again, and nothing cancels it any more.
        unresolved(shop.client.resume(handle).await);
        assert!(
            shop.client.reservation(&reference).await.unwrap().is_none(),
            "{what}"
        );
        assert_eq!(shop.service.count(Complete), 1, "{what}");
        assert_eq!(ending(&shop, &completion).await, None, "{what}");
    }
}

#[tokio::test]
async fn a_lost_completion_that_is_known_is_sold() {
    let shop = Shop::open(second(
        |_| Reply::Close,
        |request| transaction(request, &sold()),
    ))
    .await;
    vended(reserve(&shop).await.complete().await);
    assert_eq!(
        (shop.service.count(Complete), shop.service.count(Enquiry)),
        (1, 1)
    );
}

#[tokio::test]
async fn tokens_under_the_reservations_reference_prove_its_completion() {
    let shop = Shop::open(move |request| match request.route {
        Sale => {
            let mut body = powered();
            body["rechargeData"] = json!({});
            json_reply(200, body)
        }
        Complete => Reply::Close,
        Enquiry if request.reference().ends_with('C') => not_seen(),
        Enquiry => transaction(request, &powered()),
        _ => well(request),
    })
    .await;
    let Ok(Reserved::Made(reservation)) = shop.client.reserve(&electricity(), false).await else {
        panic!("not reserved")
    };
    let sale = vended(reservation.complete().await);
    assert_eq!(sale.receipt.pins[0].code.expose(), TOKEN);
}

#[tokio::test]
async fn a_completion_that_fails_is_refused_and_the_reservation_is_gone() {
    for (status, body) in [(200, failed()), (400, e2())] {
        let shop = Shop::open(second(move |_| json_reply(status, body.clone()), never)).await;
        let reservation = reserve(&shop).await;
        let reference = reservation.reference().clone();
        refused(reservation.complete().await);
        assert!(shop.client.reservation(&reference).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn two_hands_on_one_reservation_complete_it_once_and_cannot_cancel_it_then() {
    let shop = Shop::open(second(|_| Reply::Close, |_| not_seen())).await;
    let first = reserve(&shop).await;
    let reference = first.reference().clone();
    let again = |client: recharge::hot::Client, reference: Reference| async move {
        match client.reservation(&reference).await.unwrap() {
            Some(Reserved::Made(reservation)) => reservation,
            other => panic!("not there: {other:?}"),
        }
    };
    let second = again(shop.client.clone(), reference.clone()).await;
    let third = again(shop.client.clone(), reference.clone()).await;
    unresolved(first.complete().await);
    unresolved(second.complete().await);
    assert_eq!(invalid(third.cancel().await), "reservation");
    let sent = shop.service.log(Complete);
    assert_eq!(
        (sent.len(), &sent[0].json()["confirmed"]),
        (1, &json!(true))
    );
}

#[tokio::test]
async fn of_a_completion_and_a_cancellation_at_once_only_one_is_ever_sent() {
    for completes_first in [true, false] {
        let shop = Shop::open(second(|_| json_reply(200, sold()), never)).await;
        let one = reserve(&shop).await;
        let reference = one.reference().clone();
        let Ok(Some(Reserved::Made(other))) = shop.client.reservation(&reference).await else {
            panic!("not there")
        };
        let (complete, cancel) = if completes_first {
            tokio::join!(one.complete(), other.cancel())
        } else {
            let (cancel, complete) = tokio::join!(other.cancel(), one.complete());
            (complete, cancel)
        };
        let told = (complete.is_ok(), cancel.is_ok());
        assert!(told == (true, false) || told == (false, true), "{told:?}");
        let refused = if complete.is_ok() { cancel } else { complete };
        assert_eq!(invalid(refused), "reservation");
        assert_eq!(shop.service.count(Complete), 1);
    }
}

#[tokio::test]
async fn a_cancellation_in_doubt_cannot_be_completed_and_one_that_was_refused_can() {
    let shop = Shop::open(second(|_| Reply::Close, |_| not_seen())).await;
    let one = reserve(&shop).await;
    let Ok(Some(Reserved::Made(other))) = shop.client.reservation(one.reference()).await else {
        panic!("not there")
    };
    unresolved(one.cancel().await);
    assert_eq!(invalid(other.complete().await), "reservation");

    let shop = Shop::open(second(
        |request| match request.number {
            1 => json_reply(400, e2()),
            _ => json_reply(200, sold()),
        },
        never,
    ))
    .await;
    let one = reserve(&shop).await;
    let reference = one.reference().clone();
    refused(one.cancel().await);
    let Ok(Some(Reserved::Made(again))) = shop.client.reservation(&reference).await else {
        panic!("not there")
    };
    vended(again.complete().await);
}

#[tokio::test]
async fn after_a_crash_a_reservation_is_taken_from_the_journal() {
    let shop = Shop::open(second(|_| json_reply(200, sold()), never)).await;
    let reference = reserve(&shop).await.reference().clone();
    let restarted = shop.another();
    let Ok(Some(Reserved::Made(reservation))) = restarted.reservation(&reference).await else {
        panic!("not there")
    };
    vended(reservation.complete().await);
    assert!(restarted.reservation(&reference).await.unwrap().is_none());
    let unknown = AgentReference::random().into_reference();
    assert!(restarted.reservation(&unknown).await.unwrap().is_none());
    let (sold, outcome) = shop.sell().await;
    drop(outcome);
    assert!(
        restarted.reservation(&sold).await.unwrap().is_none(),
        "a recharge is no reservation"
    );
}

#[tokio::test]
async fn recovery_tells_reservations_and_cancellations_as_done_and_never_as_sold() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::new());
    let policy = recharge::Policy::default();
    let shop = Shop::with(
        Arc::clone(&journal),
        policy,
        script(|_| Reply::Close, |_| html(500)),
    )
    .await;
    let Ok(Reserved::Lost(lost)) = shop.client.reserve(&airtime(), false).await else {
        panic!("not lost")
    };
    let reservation = lost.handle().reference().clone();
    unresolved(lost.cancel().await);
    let well = support::Service::start(
        1,
        &shop.clock,
        script(never, |request| transaction(request, &reserved())),
    )
    .await;
    let client = builder(&well, &shop.clock, journal).build().unwrap();
    let mut told = Vec::new();
    client
        .recover(|entry, outcome| told.push((entry.intent.reference.clone(), outcome)))
        .await
        .unwrap();
    assert_eq!(told.len(), 2);
    for (reference, outcome) in told {
        assert!(reference.as_str().starts_with(reservation.as_str()));
        done(outcome);
    }
}

#[tokio::test]
async fn a_reservation_that_was_not_sent_leaves_its_reference_free_and_a_completion_the_reservation()
 {
    let shop = Shop::open(move |request| match (request.route, request.number) {
        (support::Route::Login, 1) => tokens(request),
        (support::Route::Login | support::Route::Refresh, _) => text_reply(500, "text/plain", ""),
        _ => second(never, never)(request),
    })
    .await;
    let reservation = reserve(&shop).await;
    let reference = reservation.reference().clone();
    shop.later(400);
    let outcome = reservation.complete().await;
    assert!(matches!(outcome, Err(Error::NotSent { .. })), "{outcome:?}");
    assert!(matches!(
        shop.client.reservation(&reference).await,
        Ok(Some(Reserved::Made(_)))
    ));
}

#[tokio::test]
async fn a_reference_without_room_for_a_second_is_refused() {
    let shop = Shop::open(script(never, never)).await;
    let long: AgentReference = "x".repeat(50).parse().unwrap();
    let refused = shop
        .client
        .reserve(&airtime().with_reference(long), false)
        .await;
    assert!(
        matches!(&refused, Err(Error::Invalid(invalid)) if invalid.field() == "reference"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_reservation_that_is_answered_with_a_token_was_sold_and_cannot_be_completed() {
    for lost in [false, true] {
        let shop = Shop::open(move |request| match request.route {
            Sale if lost => Reply::Close,
            Sale => json_reply(200, powered()),
            Enquiry => transaction(request, &powered()),
            _ => well(request),
        })
        .await;
        let order = electricity();
        let Ok(Reserved::Lost(told)) = shop.client.reserve(&order, false).await else {
            panic!("not lost")
        };
        assert!(
            matches!(told.doubt(), Doubt::Differs(what) if what.contains("was sold")),
            "{told:?}"
        );
        assert_eq!(ending(&shop, order.reference()).await, None);
        // What the journal says of it, and what a second look brings, cannot be completed either.
        let again = shop.client.reservation(order.reference()).await;
        let Ok(Some(Reserved::Lost(again))) = again else {
            panic!("not lost")
        };
        assert!(matches!(again.resume().await, Ok(Reserved::Lost(_))));
        let known = shop.client.enquire(order.reference()).await.unwrap();
        let tokens = known.expect("known").receipt.pins;
        assert_eq!(tokens[0].code.expose(), TOKEN);
        assert_eq!(shop.service.count(Complete), 0);
    }
}

#[tokio::test]
async fn a_reservation_that_is_known_is_told_again_though_the_catalogue_changed() {
    let shop = Shop::open(dearer(second(never, never))).await;
    let order = airtime();
    let first = shop.client.reserve(&order, false).await;
    assert!(matches!(first, Ok(Reserved::Made(_))), "{first:?}");
    let again = shop.another().reserve(&order, false).await;
    assert!(matches!(again, Ok(Reserved::Made(_))), "{again:?}");
    assert_eq!(shop.sent(), 1);
}

#[tokio::test]
async fn a_lost_reservation_that_a_person_says_was_made_is_done_and_no_sale() {
    let shop = Shop::open(script(|_| Reply::Close, |_| not_seen())).await;
    let order = airtime();
    let Ok(Reserved::Lost(lost)) = shop.client.reserve(&order, false).await else {
        panic!("not lost")
    };
    let happened = Decision::Sold {
        provider_reference: None,
    };
    let decided = shop.client.decide(order.reference(), happened).await;
    decided.unwrap();
    assert_eq!(ending(&shop, order.reference()).await, Some(Ending::Done));
    done(shop.client.resume(lost.handle().clone()).await);
}

#[tokio::test]
async fn two_clients_on_one_journal_send_one_of_a_completion_and_a_cancellation() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Sqlite::open(folder.path().join("sales.db")).unwrap();
    let shop = Shop::with(Arc::new(journal), recharge::Policy::default(), well).await;
    let one = reserve(&shop).await;
    let client = shop.another();
    // Its token is there already.
    client.refresh_products().await.unwrap();
    let Ok(Some(Reserved::Made(other))) = client.reservation(one.reference()).await else {
        panic!("not there")
    };
    let (complete, cancel) = tokio::join!(one.complete(), other.cancel());
    let sent = shop.service.count(Complete);
    assert_eq!(sent, 1, "{complete:?} {cancel:?}");
}
