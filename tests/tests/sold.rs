//! The library's other operations that move money, against the sandbox: what is told is what the ledger holds.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::sync::Arc;
use std::time::Duration;

use recharge::journal::Memory;
use recharge::smartcall::{
    Cancellation, Client, DstvAccountType, DstvPayment, EasypayAccountType, EasypayPayment,
    FundsTransfer, RechargeOrder,
};
use recharge::{Error, Outcome, Policy};
use recharge_sandbox::{Builder, Sandbox};
use rust_decimal::Decimal;

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn open(sandbox: Builder) -> (Sandbox, Client) {
    let sandbox = sandbox.hosts(2).start().await.unwrap();
    let policy = Policy {
        deadline: Duration::from_secs(60),
        ..Policy::default().with_settle(Duration::from_millis(200))
    };
    let client = Client::builder(
        sandbox.username(),
        sandbox.password(),
        sandbox.account().parse().unwrap(),
        Arc::new(Memory::new()),
    )
    .base_urls(sandbox.base_urls())
    .policy(policy)
    .build()
    .unwrap();
    (sandbox, client)
}

fn order(subscriber: usize, product: &str) -> RechargeOrder {
    RechargeOrder::new(
        format!("082{subscriber:07}").parse().unwrap(),
        product.parse().unwrap(),
        "10".parse().unwrap(),
    )
}

#[track_caller]
fn vended(outcome: Result<Outcome, Error>) -> recharge::Sale {
    match outcome {
        Ok(Outcome::Vended(sale)) => sale,
        other => panic!("not vended: {other:?}"),
    }
}

fn at_once() -> Builder {
    Sandbox::builder()
        .queued_for(Duration::ZERO)
        .asynchronous_after(Duration::ZERO)
}

#[tokio::test]
async fn a_batch_is_told_as_the_ledger_has_it() {
    let (sandbox, client) = open(at_once()).await;
    // One in ten is of a product that is not sold.
    let orders: Vec<_> = (0..120)
        .map(|n| order(n, if n % 10 == 3 { "999" } else { "62" }))
        .collect();
    let outcomes = client.recharge_batch(&orders).await;
    let ledger = sandbox.ledger();
    for (n, (order, outcome)) in orders.iter().zip(outcomes).enumerate() {
        let sales = ledger.sales_of(order.reference().as_str());
        if n % 10 == 3 {
            assert!(matches!(outcome, Err(Error::Refused { .. })), "{outcome:?}");
            assert_eq!(sales, 0);
        } else {
            assert_eq!(&vended(outcome).reference, order.reference());
            assert_eq!(sales, 1);
        }
    }
}

#[tokio::test]
async fn what_waits_is_cancelled_and_told_so_only_by_the_enquiry() {
    let waiting = Sandbox::builder()
        .queued_for(DAY)
        .asynchronous_after(DAY)
        .cancellation_shown_after(Duration::ZERO);
    let sandbox = waiting.hosts(2).start().await.unwrap();
    let policy = Policy::default().with_deadline(Duration::from_millis(1));
    let client = Client::builder(
        sandbox.username(),
        sandbox.password(),
        sandbox.account().parse().unwrap(),
        Arc::new(Memory::new()),
    )
    .base_urls(sandbox.base_urls())
    .policy(policy)
    .build()
    .unwrap();
    let order = order(1, "62");
    let Ok(Outcome::Pending(handle)) = client.submit(&order).await else {
        panic!("not pending")
    };
    let told = client.cancel(order.reference()).await.unwrap();
    assert_eq!(told, Cancellation::Cancelled);
    assert!(
        client
            .journaled(order.reference())
            .await
            .unwrap()
            .unwrap()
            .end
            .is_none()
    );
    let outcome = client.resume(handle).await;
    assert!(
        matches!(outcome, Err(Error::Cancelled { .. })),
        "{outcome:?}"
    );
    // Before, and for ever.
    let told = client.cancel(order.reference()).await.unwrap();
    assert_eq!(told, Cancellation::Cancelled);
}

#[tokio::test]
async fn what_a_prevend_approves_is_sold_under_its_reference() {
    let (sandbox, client) = open(at_once()).await;
    let prevended = client.prevend(&order(1, "62")).await.unwrap();
    assert_eq!(sandbox.ledger().sales().count(), 0);
    let sale = vended(client.recharge(prevended.order()).await);
    assert_eq!(&sale.reference, prevended.order().reference());
    assert_eq!(sandbox.ledger().sales_of(sale.reference.as_str()), 1);
}

#[tokio::test]
async fn transfers_and_payments_are_made_once_and_move_the_balance() {
    let (sandbox, client) = open(at_once()).await;
    let rand = |text: &str| text.parse().unwrap();
    let before = client.balance().await.unwrap();
    let transfer = FundsTransfer::new("0830000009".parse().unwrap(), rand("100")).unwrap();
    for _ in 0..3 {
        let sale = vended(client.transfer(&transfer).await);
        assert_eq!(sale.balance, Some(before - Decimal::from(100)));
    }
    assert_eq!(client.balance().await.unwrap(), before - Decimal::from(100));
    assert_eq!(
        client.balances().latest().map(|seen| seen.amount),
        Some(before - Decimal::from(100))
    );
    let too_much = FundsTransfer::new("0830000009".parse().unwrap(), rand("99999")).unwrap();
    if Decimal::from(99_999) > before {
        let outcome = client.transfer(&too_much).await;
        assert!(matches!(outcome, Err(Error::Refused { .. })), "{outcome:?}");
    }

    let payer = "0821234567".parse().unwrap();
    let kind = EasypayAccountType::EasypayNumber;
    let easypay = EasypayPayment::new(
        product("450"),
        &kind,
        "92055505160010104",
        rand("50"),
        payer,
    );
    let sale = vended(client.pay_easypay(&easypay.unwrap()).await);
    assert_eq!(sandbox.ledger().sales_of(sale.reference.as_str()), 1);
    assert!(sale.provider_reference.is_some());

    let kind = DstvAccountType::Subscription;
    let dstv = DstvPayment::new(product("460"), &kind, "1234567890", rand("50"), payer);
    let sale = vended(client.pay_dstv(&dstv.unwrap()).await);
    assert_eq!(sandbox.ledger().sales_of(sale.reference.as_str()), 1);
    client.dstv_account(&kind, "1234567890").await.unwrap();
}

fn product(id: &str) -> recharge::ProductId {
    id.parse().unwrap()
}
