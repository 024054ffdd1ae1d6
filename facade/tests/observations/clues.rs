//! Clues about a payment in doubt: what moved since, and what the journal says of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use recharge::journal::{Attempt, Memory};
use recharge::smartcall::{FundsTransfer, ReconcileError};
use recharge::{Handle, Policy};
use rust_decimal::Decimal;
use serde_json::json;

use crate::support::Route::{Balance, Enquiry, Sale, Transfer};
use crate::support::*;
use crate::*;

/// A service whose account holds R1000 less what it says, and whose transfers are lost.
fn losing(spent: Arc<AtomicUsize>) -> impl Fn(&Request) -> Reply + Send + Sync + 'static {
    move |request| match request.route {
        Transfer => Reply::Close,
        Balance => {
            let balance = 1000 - spent.load(Ordering::SeqCst);
            json_reply(
                200,
                json!({"error": null, "responseCode": "SUCCESS", "balance": balance}),
            )
        }
        Route::Other if request.path.ends_with("/smartload/cashup") => json_reply(
            200,
            json!({"error": null, "responseCode": null, "cashupResponseItems": [
                {"groupDescription": "Closing Balance", "itemDescription": "", "itemCount": 0, "netAmount": 1000},
            ]}),
        ),
        _ => well(request),
    }
}

async fn in_doubt(shop: &Shop) -> Handle {
    let transfer = FundsTransfer::new("0830000009".parse().unwrap(), "100".parse().unwrap());
    let transfer = transfer
        .unwrap()
        .with_reference(order_for(0).reference().clone());
    unresolved(shop.client.transfer(&transfer).await).0
}

#[tokio::test]
async fn what_the_account_lost_is_held_against_what_the_journal_says_was_sold() {
    let spent = Arc::new(AtomicUsize::new(0));
    let shop = Shop::open(losing(Arc::clone(&spent))).await;
    // Sold before: it is no clue.
    vended(shop.client.recharge(&order_for(0)).await);
    shop.clock.advance(Duration::from_secs(60));
    let handle = in_doubt(&shop).await;
    shop.clock.advance(Duration::from_secs(60));
    vended(shop.client.recharge(&order_for(0)).await);
    vended(shop.client.recharge(&order_for(0)).await);

    // The two recharges, and nothing else.
    spent.store(59, Ordering::SeqCst);
    let clues = shop.client.clues(&handle).await.unwrap();
    assert_eq!(
        (clues.amount, clues.balance_before),
        (Decimal::from(100), Some(Decimal::from(1000)))
    );
    assert_eq!(
        (clues.sold.count, clues.sold.amount),
        (2, Decimal::from(59))
    );
    assert_eq!(clues.open.count, 0);
    assert_eq!(clues.cashup.closing_balance(), Some(Decimal::from(1000)));
    assert_eq!(clues.unaccounted(), Some(Decimal::ZERO));

    // The transfer as well.
    spent.store(159, Ordering::SeqCst);
    let clues = shop.client.clues(&handle).await.unwrap();
    assert_eq!(clues.unaccounted(), Some(Decimal::from(100)));
    assert!(
        shop.row(handle.reference()).await.end.is_none(),
        "it decides nothing"
    );
    assert_eq!(shop.service.count(Transfer), 1);
}

#[tokio::test]
async fn sales_that_are_open_are_named_beside_it() {
    let policy = Policy::default().with_deadline(Duration::from_secs(1));
    let losing = losing(Arc::default());
    let script = move |request: &Request| match request.route {
        Sale => Reply::Close,
        Enquiry => html(500),
        _ => losing(request),
    };
    let shop = Shop::with(Arc::new(Memory::new()), policy, &[], script).await;
    let handle = in_doubt(&shop).await;
    unresolved(shop.client.recharge(&order_for(0)).await);
    let clues = shop.client.clues(&handle).await.unwrap();
    assert_eq!(
        (clues.sold.count, clues.open.count, clues.open.amount),
        (0, 1, Decimal::new(2950, 2))
    );
}

#[tokio::test]
async fn a_handle_of_another_machine_brings_its_balance_along() {
    let shop = Shop::open(losing(Arc::default())).await;
    let handle = in_doubt(&shop).await;
    let elsewhere = shop.another(Arc::new(Memory::new()));
    let clues = elsewhere.clues(&handle).await.unwrap();
    assert_eq!(clues.balance_before, Some(Decimal::from(1000)));
    assert_eq!(clues.since, handle.intent.created_at);

    // The cashup asked for is that of the days since.
    shop.clock.advance(Duration::from_secs(2 * 24 * 3600));
    shop.client.clues(&handle).await.unwrap();
    let asked = shop
        .service
        .log(Route::Other)
        .pop()
        .expect("a cashup")
        .json();
    let attempt: Attempt = shop.row(handle.reference()).await.attempts.remove(0);
    let day = recharge::Date::in_south_africa(attempt.started_at).to_string();
    assert_eq!(asked["startDate"], day.as_str());
    assert_ne!(asked["endDate"], day.as_str());
}

#[tokio::test]
async fn without_the_balance_nothing_is_told() {
    let shop = Shop::open(|request| match request.route {
        Transfer => Reply::Close,
        Balance => bare(403, 400),
        _ => well(request),
    })
    .await;
    let handle = in_doubt(&shop).await;
    assert_eq!(handle.balance_before, None);
    let told = shop.client.clues(&handle).await;
    assert!(matches!(told, Err(ReconcileError::Read(_))), "{told:?}");
}

#[tokio::test]
async fn a_balance_from_outside_that_is_beyond_all_sums_is_no_panic() {
    let shop = Shop::open(|request| match request.route {
        Balance => {
            let sign = if request.number == 1 { "" } else { "-" };
            let body = format!(r#"{{"balance":{sign}79228162514264337593543950335,"error":null}}"#);
            Reply::Http(200, vec![("Content-Type", "application/json".into())], body)
        }
        Transfer => Reply::Close,
        Route::Other => Reply::Http(
            200,
            vec![("Content-Type", "application/json".into())],
            r#"{"error":null,"responseCode":null,"cashupResponseItems":[]}"#.into(),
        ),
        Sale => never(0),
        _ => well(request),
    })
    .await;
    let transfer =
        FundsTransfer::new("27831112222".parse().unwrap(), "10".parse().unwrap()).unwrap();
    let (handle, _) = unresolved(shop.client.transfer(&transfer).await);
    let clues = shop.client.clues(&handle).await.unwrap();
    let _ = clues.unaccounted();
}
