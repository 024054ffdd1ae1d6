//! A cashup held against the journal.

use std::sync::Arc;

use recharge::journal::{
    Answer, Attempt, Begun, Entry, Intent, Journal, JournalError, Key, Memory, Note, Which,
};
use recharge::smartcall::{Agreement, Period, ReconcileError, Reconciliation};
use recharge::{Policy, ReadError};
use serde_json::json;

use super::desk::Desk;
use super::support::{self, Reply, Request, Route, Shop, order, well};

/// A journal that lists two rows at a time, or fails to list any.
#[derive(Debug, Default)]
struct Narrow {
    rows: Memory,
    fails: bool,
}

impl Journal for Narrow {
    fn begin(&self, intent: Intent, attempt: Attempt) -> Answer<'_, Begun> {
        self.rows.begin(intent, attempt)
    }

    fn write(&self, key: Key, note: Note) -> Answer<'_, ()> {
        self.rows.write(key, note)
    }

    fn read(&self, key: Key) -> Answer<'_, Option<Entry>> {
        self.rows.read(key)
    }

    fn list(&self, which: Which, after: Option<Key>, limit: usize) -> Answer<'_, Vec<Entry>> {
        if self.fails {
            let failed = Err(JournalError::Store("the disk is gone".into()));
            return Box::pin(std::future::ready(failed));
        }
        self.rows.list(which, after, limit.min(2))
    }
}

/// The clock stands on 15 January 2027.
fn today() -> Period {
    Period::day("2027-01-15".parse().unwrap())
}

fn catalogue() -> Reply {
    support::text_reply(
        200,
        "application/json",
        r#"{"networks":[{"id":1,"description":"Vodacom","productTypes":[{"id":1,"code":"A ","description":"Airtime","fixedAmount":false,"products":[
            {"id":62,"name":"Vodacom Airtime","description":"Vodacom Airtime","minAmount":2.0000,"maxAmount":1000.0000,"retailValue":99999.9900}]}]}]}"#,
    )
}

fn report(count: usize, amount: &str) -> Reply {
    support::text_reply(
        200,
        "application/json",
        format!(
            r#"{{"error":null,"responseCode":null,"cashupResponseItems":[
                {{"groupDescription":"Recharges","itemDescription":"VOD","itemCount":{count},"amount":{amount},"netAmount":-1,"profit":0}},
                {{"groupDescription":"Total Profit","itemDescription":"","itemCount":0,"amount":0.0000,"netAmount":0.0000,"profit":1}}]}}"#
        ),
    )
}

/// A shop whose service reports so much; what it sells is another matter.
async fn shop(journal: Arc<dyn Journal>, count: usize, amount: &'static str) -> Shop {
    let script = move |request: &Request| match request.route {
        Route::Other if request.path.ends_with("/smartload/networks") => catalogue(),
        Route::Other if request.path.ends_with("/smartload/cashup") => report(count, amount),
        _ => well(request),
    };
    Shop::with(journal, Policy::default(), &[], script).await
}

async fn told(shop: &Shop) -> Reconciliation {
    // The cashup is asked for later than the sales ended.
    shop.clock.advance(std::time::Duration::from_secs(60));
    shop.client.reconcile(today()).await.unwrap()
}

#[tokio::test]
async fn what_was_sold_agrees_with_the_cashup_however_many_pages_the_journal_has() {
    let shop = shop(Arc::new(Narrow::default()), 3, "-88.5000").await;
    for _ in 0..3 {
        let outcome = shop.client.recharge(&order()).await.unwrap();
        assert!(matches!(outcome, recharge::Outcome::Vended(_)));
    }
    let told = told(&shop).await;
    assert_eq!(told.period, today());
    assert_eq!(told.lines.len(), 1);
    assert_eq!(told.lines[0].agreement(), Agreement::Agrees);
    assert_eq!(told.not_sales.len(), 1);
    assert!(told.is_clean());
    let asked = shop.service.log(Route::Other);
    let cashup = asked.last().unwrap().json();
    assert_eq!(
        (&cashup["startDate"], &cashup["endDate"]),
        (&json!("2027-01-15"), &json!("2027-01-15"))
    );
}

#[tokio::test]
async fn a_sale_that_only_the_journal_has_is_named() {
    let shop = shop(Arc::new(Memory::new()), 1, "-29.5000").await;
    for _ in 0..2 {
        let _ = shop.client.recharge(&order()).await.unwrap();
    }
    let told = told(&shop).await;
    let line = told.differences().next().unwrap();
    assert_eq!(line.name, "VOD");
    assert_eq!(
        (
            line.difference().count,
            line.difference().amount.to_string()
        ),
        (-1, "-29.5000".into())
    );
    assert!(!line.could_be_explained());
}

#[tokio::test]
async fn sales_of_other_accounts_in_the_journal_are_not_counted() {
    let journal: Arc<dyn Journal> = Arc::new(Memory::new());
    let other = Shop::open(well).await;
    let client = support::builder(
        &other.service,
        &other.clock,
        Arc::clone(&journal),
        Policy::default(),
    );
    let _ = client.build().unwrap().recharge(&order()).await.unwrap();
    // The same journal, another account.
    let shop = shop(Arc::clone(&journal), 0, "0").await;
    let stranger = recharge::smartcall::Client::builder(
        "till",
        "password",
        "27839999999".parse().unwrap(),
        journal,
    )
    .base_urls(shop.service.urls())
    .ambient(Arc::clone(&shop.clock) as Arc<_>)
    .build()
    .unwrap();
    shop.clock.advance(std::time::Duration::from_secs(60));
    let told = stranger.reconcile(today()).await.unwrap();
    assert_eq!(told.lines.len(), 1);
    assert_eq!(told.lines[0].journal, None);
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_by_its_side() {
    let desk = Desk::open().await;
    desk.always(404, "").await;
    let told = desk.client.reconcile(today()).await;
    assert!(
        matches!(
            told,
            Err(ReconcileError::Read(ReadError::Service { status: 404, .. }))
        ),
        "{told:?}"
    );

    let journal = Narrow {
        fails: true,
        ..Narrow::default()
    };
    let shop = shop(Arc::new(journal), 0, "0").await;
    let told = shop.client.reconcile(today()).await;
    assert!(
        matches!(told, Err(ReconcileError::Journal(JournalError::Store(_)))),
        "{told:?}"
    );
}
