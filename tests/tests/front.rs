//! One till, two countries: the same code sells, enquires, recovers and counts through both services.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::sync::Arc;

use recharge::front::{Country, Front, Order, Standing};
use recharge::journal::{Journal, Memory, Which};
use recharge::{Error, Outcome, Policy, hot, smartcall};
use recharge_sandbox::Sandbox;

async fn fronts(sandbox: &Sandbox, journal: &Arc<dyn Journal>) -> [Front; 2] {
    let policy = Policy::default();
    let account = sandbox.account().parse().unwrap();
    let south_africa = smartcall::Client::builder(
        sandbox.username(),
        sandbox.password(),
        account,
        Arc::clone(journal),
    )
    .base_urls(sandbox.base_urls())
    .policy(policy)
    .build()
    .unwrap();
    let zimbabwe = hot::Client::builder(
        sandbox.hot_access_code(),
        sandbox.hot_password(),
        Arc::clone(journal),
    )
    .base_url(&sandbox.hot_base_urls()[0])
    .policy(policy)
    .build()
    .unwrap();
    [south_africa.into(), zimbabwe.into()]
}

/// The till: it knows of no service.
async fn sell(
    fronts: &[Front],
    phone: &str,
    product: &str,
    amount: &str,
) -> (Order, Result<Outcome, Error>) {
    let order = Order::new(
        phone.parse().unwrap(),
        product.parse().unwrap(),
        amount.parse().unwrap(),
    );
    let front = fronts
        .iter()
        .find(|front| front.country() == order.phone().country())
        .unwrap();
    let outcome = front.sell(&order).await;
    (order, outcome)
}

#[tokio::test]
async fn a_till_that_is_written_once_sells_in_both_countries() {
    let sandbox = Sandbox::builder().hosts(2).start().await.unwrap();
    let journal: Arc<dyn Journal> = Arc::new(Memory::new());
    let fronts = fronts(&sandbox, &journal).await;
    for (phone, product, front) in [
        ("27821234567", "62", &fronts[0]),
        ("263772123456", "101", &fronts[1]),
    ] {
        let (order, outcome) = sell(&fronts, phone, product, "29.50").await;
        let Ok(Outcome::Vended(sale)) = outcome else {
            panic!("not sold: {outcome:?}")
        };
        assert_eq!(&sale.reference, order.reference());
        let seen = front
            .enquire(order.reference())
            .await
            .unwrap()
            .expect("known");
        assert_eq!(
            (seen.standing, &seen.provider_reference),
            (Standing::Succeeded, &sale.provider_reference)
        );
        assert!(
            front
                .journaled(order.reference())
                .await
                .unwrap()
                .unwrap()
                .end
                .is_some()
        );
        assert_eq!(
            front
                .recover(|_, _| panic!("nothing is open"))
                .await
                .unwrap(),
            0
        );
    }
    assert_eq!(journal.list(Which::All, None, 10).await.unwrap().len(), 2);
    let ledger = sandbox.ledger();
    assert_eq!((ledger.sales().count(), ledger.hot.sales().count()), (1, 1));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn balances_and_catalogue_are_told_with_their_currency() {
    let sandbox = Sandbox::builder().hosts(1).start().await.unwrap();
    let journal: Arc<dyn Journal> = Arc::new(Memory::new());
    let fronts = fronts(&sandbox, &journal).await;
    let currencies = |purses: Vec<recharge::front::Purse>| {
        purses
            .into_iter()
            .map(|it| it.currency.unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(currencies(fronts[0].balances().await.unwrap()), ["ZAR"]);
    assert_eq!(
        currencies(fronts[1].balances().await.unwrap()),
        ["ZWG", "ZWG", "USD", "USD"]
    );
    for (front, product, currency) in [(&fronts[0], 62, "ZAR"), (&fronts[1], 101, "USD")] {
        let catalogue = front.catalogue().await.unwrap();
        let article = catalogue
            .iter()
            .find(|it| it.product.get() == product)
            .expect("listed");
        assert_eq!(article.currency, Some(currency));
        assert!(article.minimum < article.maximum, "{article:?}");
        front.close().await;
    }
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_phone_of_another_country_and_an_amount_of_none_are_refused_before_anything_is_sent() {
    let sandbox = Sandbox::builder().hosts(1).start().await.unwrap();
    let journal: Arc<dyn Journal> = Arc::new(Memory::new());
    let fronts = fronts(&sandbox, &journal).await;
    let order = |phone: &str, amount: &str| {
        Order::new(
            phone.parse().unwrap(),
            "101".parse().unwrap(),
            amount.parse().unwrap(),
        )
    };
    for (front, phone, amount, field) in [
        (&fronts[0], "263772123456", "10", "phone"),
        (&fronts[1], "27821234567", "10", "phone"),
        (&fronts[0], "27821234567", "10.001", "amount"),
        (&fronts[1], "263772123456", "-1", "amount"),
    ] {
        let refused = front.sell(&order(phone, amount)).await;
        assert!(
            matches!(&refused, Err(Error::Invalid(invalid)) if invalid.field() == field),
            "{refused:?}"
        );
    }
    assert_eq!(
        (fronts[0].country(), fronts[1].country()),
        (Country::SouthAfrica, Country::Zimbabwe)
    );
    let ledger = sandbox.ledger();
    assert!(ledger.attempts.is_empty() && ledger.hot.attempts.is_empty());
    assert!(journal.list(Which::All, None, 10).await.unwrap().is_empty());
    sandbox.shutdown().await;
}
