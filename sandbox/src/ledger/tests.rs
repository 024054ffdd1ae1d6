use super::*;

fn order(reference: &str) -> Order {
    Order {
        kind: EntryKind::Recharge,
        account: "27810000001".to_owned(),
        reference: reference.to_owned(),
        target: "27831234567".to_owned(),
        recipient: "27831234567".to_owned(),
        product: 62,
        quantity: 1,
        product_name: "Vodacom Airtime",
        discount: Decimal::new(55, 1),
        amount: Decimal::from(20),
        charged: Decimal::new(1890, 2),
        host: 0,
        lag_ms: 0,
    }
}

fn ledger(balance: i64) -> Ledger {
    Ledger::new(
        [("27810000001".to_owned(), Decimal::from(balance))],
        [(66, 3)],
        130_000_000,
    )
}

fn balance(ledger: &Ledger) -> Decimal {
    ledger.balance("27810000001").unwrap_or_default()
}

#[test]
fn a_success_is_debited_and_sold() {
    let mut ledger = ledger(100);
    let row = ledger.open(order("a"), 5);
    assert_eq!(balance(&ledger), Decimal::from(100));
    assert_eq!(ledger.finish(row, Ending::Successful, 9), Ok(()));
    assert_eq!(balance(&ledger), Decimal::new(8110, 2));
    assert_eq!(ledger.entry(row).sold_at_ms, Some(9));
}

#[test]
fn a_pending_order_is_debited_at_once_and_sold_when_it_ends_well() {
    let mut ledger = ledger(100);
    let row = ledger.open(order("a"), 0);
    let ending = Ending::Pending {
        submitted_ms: 40,
        due_ms: 90,
        succeeds: true,
    };
    assert_eq!(ledger.finish(row, ending, 0), Ok(()));
    ledger.settle(89);
    assert_eq!(
        (balance(&ledger), ledger.entry(row).sold_at_ms),
        (Decimal::new(8110, 2), None)
    );
    ledger.settle(200);
    assert_eq!(ledger.entry(row).sold_at_ms, Some(90));
}

#[test]
fn a_pending_order_that_fails_is_refunded() {
    let mut ledger = ledger(100);
    let row = ledger.open(order("a"), 0);
    assert_eq!(
        ledger.finish(
            row,
            Ending::Pending {
                submitted_ms: 40,
                due_ms: 90,
                succeeds: false
            },
            0
        ),
        Ok(())
    );
    ledger.settle(90);
    assert_eq!(balance(&ledger), Decimal::from(100));
    assert_eq!(ledger.entry(row).status, Status::Failed);
    assert_eq!(
        ledger
            .view("27810000001", 0, HotView::default())
            .sales()
            .count(),
        0
    );
}

#[test]
fn the_ledger_itself_sells_twice_when_asked_twice() {
    let mut ledger = ledger(100);
    for _ in 0..2 {
        let row = ledger.open(order("a"), 0);
        assert_eq!(ledger.finish(row, Ending::Successful, 0), Ok(()));
    }
    let view = ledger.view("27810000001", 0, HotView::default());
    assert_eq!(view.sales_of("a"), 2);
    assert_eq!(view.sales_to("27831234567", Decimal::from(20)), 2);
}

#[test]
fn an_empty_account_sells_nothing() {
    let mut ledger = ledger(10);
    let row = ledger.open(order("a"), 0);
    assert_eq!(
        ledger.finish(row, Ending::Successful, 0),
        Err(Unsold::Insufficient)
    );
    assert_eq!(balance(&ledger), Decimal::from(10));
}

#[test]
fn a_failed_order_does_not_count_as_alike() {
    let mut ledger = ledger(100);
    let row = ledger.open(order("a"), 10);
    let alike = |ledger: &Ledger, since| {
        ledger.like_since("27831234567", Decimal::from(20), since, |_| true)
    };
    assert!(alike(&ledger, 9));
    assert!(!alike(&ledger, 10));
    assert_eq!(ledger.finish(row, Ending::Failed, 10), Ok(()));
    assert!(!alike(&ledger, 9));
}

#[test]
fn a_cancelled_order_is_refunded_and_never_sold() {
    let mut ledger = ledger(100);
    let row = ledger.open(order("a"), 0);
    let ending = Ending::Pending {
        submitted_ms: 40,
        due_ms: 90,
        succeeds: true,
    };
    assert_eq!(ledger.finish(row, ending, 0), Ok(()));
    ledger.cancel(130_000_000, 10);
    ledger.settle(200);
    assert_eq!(ledger.entry(row).status, Status::Cancelled);
    assert_eq!(balance(&ledger), Decimal::from(100));
    assert_eq!(
        ledger
            .view("27810000001", 0, HotView::default())
            .sales()
            .count(),
        0
    );
}

#[test]
fn vouchers_are_sold_as_long_as_there_are_any() {
    let mut ledger = ledger(100);
    let vouchers = Order {
        kind: EntryKind::Vouchers,
        product: 66,
        quantity: 2,
        ..order("a")
    };
    let row = ledger.open(vouchers.clone(), 0);
    assert_eq!(ledger.finish(row, Ending::Successful, 0), Ok(()));
    assert_eq!(ledger.stock(66), Some(1));
    let row = ledger.open(vouchers, 0);
    assert_eq!(
        ledger.finish(row, Ending::Successful, 0),
        Err(Unsold::NoStock)
    );
    assert_eq!(ledger.stock(66), Some(1));
    assert_eq!(balance(&ledger), Decimal::new(8110, 2));
}

#[test]
fn a_transfer_within_the_ledger_loses_nothing() {
    let other = "27830000002".to_owned();
    let accounts = [
        ("27810000001".to_owned(), Decimal::from(100)),
        (other.clone(), Decimal::ZERO),
    ];
    let mut ledger = Ledger::new(accounts, [], 130_000_000);
    let transfer = Order {
        kind: EntryKind::FundsTransfer,
        target: other.clone(),
        charged: Decimal::from(20),
        ..order("")
    };
    let row = ledger.open(transfer, 0);
    assert_eq!(ledger.finish(row, Ending::Successful, 0), Ok(()));
    assert_eq!(ledger.balance(&other), Some(Decimal::from(20)));
    assert_eq!(balance(&ledger), Decimal::from(80));
}
