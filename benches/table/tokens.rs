//! A cold start: ten thousand tasks want a token at once.

use std::sync::Arc;
use std::time::Duration;

use recharge::journal::Memory;
use tokio::task::JoinSet;

use crate::child;
use crate::kind::client;

const TASKS: usize = 10_000;

pub(crate) fn table() -> String {
    let serving = child::start(Duration::ZERO);
    let mut service = serving.service.clone();
    // A token is a host's.
    service.base_urls.truncate(1);
    let logins = child::runtime().block_on(async {
        let client = client(&service, Arc::new(Memory::new()));
        let mut asking = JoinSet::new();
        for _ in 0..TASKS {
            let client = client.clone();
            asking.spawn(async move { client.balance().await.expect("a balance") });
        }
        asking.join_all().await;
        let ledger = reqwest::get(&service.ledger).await.expect("the ledger");
        let ledger: serde_json::Value = ledger.json().await.expect("the ledger");
        ledger["logins"].as_u64().expect("a number")
    });
    format!("## Tokens\n\n{TASKS} tasks at a cold start: {logins} login (target 1).\n")
}
