//! What follows from an answer to the sale itself.

use std::time::Duration;

use recharge::journal::{Arrived, Ending};
use recharge::recovery::{Advice, Denial, Doubt};
use recharge::smartcall::RechargeOrder;
use recharge::{Error, Outcome};

use crate::support::Route::{Enquiry, Sale};
use crate::support::*;
use crate::*;

// Rows 4 and 6: the service is working on it.

#[tokio::test]
async fn electricity_is_not_sold_to_a_subscribers_number_which_can_be_a_strangers_meter() {
    for product in ["23", "47", "220"] {
        let shop = Shop::open(script(never, never)).await;
        let (msisdn, amount) = (SUBSCRIBER.parse().unwrap(), "29.50".parse().unwrap());
        let order = RechargeOrder::new(msisdn, product.parse().unwrap(), amount);
        let refused = shop.client.recharge(&order).await;
        assert!(
            matches!(&refused, Err(Error::Invalid(invalid)) if invalid.field() == "product"),
            "{refused:?}"
        );
    }
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
