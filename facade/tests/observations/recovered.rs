//! What a recovery does to a service that has just come back: it is asked once about each sale, by few at a time, however many are open.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use recharge::ambient::Ambient;
use recharge::journal::{Attempt, Intent, Journal, Memory, Service as Sold, Which};
use recharge::{Policy, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::support::Route::Enquiry;
use crate::support::*;
use crate::*;

const NOW: u64 = 1_800_000_000_000;

/// Time that stands still: nobody's patience ends.
#[derive(Debug, Default)]
struct Still(AtomicU64);

impl Ambient for Still {
    fn now(&self) -> Timestamp {
        Timestamp(NOW)
    }

    fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(std::future::pending())
    }

    fn random(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

/// Records a sale that was sent ten minutes ago, and of which nothing was heard.
async fn lost(journal: &Memory, number: usize, host: &str) {
    let then = Timestamp(NOW - 10 * 60 * 1000);
    let intent = Intent {
        service: Sold::Smartcall,
        account: ACCOUNT.into(),
        reference: reference(&format!("lost-{number}")),
        operation: "createSyncRecharge".into(),
        target: SUBSCRIBER.into(),
        product: 62,
        amount: "29.50".parse().unwrap(),
        options: "{}".into(),
        created_at: then,
    };
    let attempt = Attempt {
        number: 1,
        host: host.into(),
        started_at: then,
        arrived: None,
        balance_before: None,
    };
    journal.begin(intent, attempt).await.unwrap();
}

#[tokio::test]
async fn after_an_outage_each_sale_is_asked_about_once_and_all_recoveries_share_one_limit() {
    const ROWS: usize = 40;
    let policy = Policy {
        enquiries_max: 12,
        ..Policy::default()
    };
    // A quarter; the rest is for sales that somebody waits for.
    let at_once_max = 3;
    let (asked, mut enquiries) = mpsc::unbounded_channel();
    let answer = move |_| {
        let gate = Arc::new(Gate::default());
        asked.send(Arc::clone(&gate)).unwrap();
        Reply::Gate(gate, Box::new(transaction("SUCCESSFUL")))
    };
    let clock = Arc::new(Clock::new());
    let service = Service::start(2, &clock, script(never, answer)).await;
    let journal = Arc::new(Memory::new());
    for number in 0..ROWS {
        lost(&journal, number, &service.urls()[number % 2]).await;
    }
    let kept = Arc::clone(&journal) as Arc<dyn Journal>;
    let client = builder(&service, &clock, kept, policy)
        .ambient(Arc::new(Still::default()))
        .build()
        .unwrap();

    let mut recoveries = JoinSet::new();
    for _ in 0..3 {
        let client = client.clone();
        recoveries.spawn(async move {
            let told = client.recover(|_, outcome| drop(vended(outcome)));
            told.await.unwrap();
        });
    }
    let mut held = VecDeque::new();
    for arrived in 1..=ROWS {
        held.push_back(enquiries.recv().await.expect("an enquiry"));
        let answered = arrived - held.len();
        let at_once = service.count(Enquiry) - answered;
        assert!(at_once <= at_once_max, "{at_once} at once");
        if held.len() == at_once_max {
            held.pop_front().expect("one").open.notify_one();
        }
    }
    for gate in held {
        gate.open.notify_one();
    }
    recoveries.join_all().await;
    assert_eq!(service.count(Enquiry), ROWS);
    assert_eq!(
        journal.list(Which::Open, None, ROWS).await.unwrap().len(),
        0
    );
}
