//! The journals: in `rows` the same behaviour from each, in `file` what only a file can do.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod file;
mod rows;

use std::sync::Arc;

use recharge::Timestamp;
use recharge::journal::{
    Attempt, End, Ending, Entry, Intent, Journal, Key, Memory, Service, Sqlite, Which,
};
use tempfile::TempDir;

fn intent(reference: &str) -> Intent {
    Intent {
        service: Service::Smartcall,
        operation: "createSyncRecharge".into(),
        account: "27830000001".into(),
        reference: reference.parse().unwrap(),
        target: "27821234567".into(),
        product: 62,
        amount: "29.50".parse().unwrap(),
        options: r#"{"sms_provider":"Ünïcode \"shop\""}"#.into(),
        created_at: Timestamp(1_800_000_000_000),
    }
}

fn attempt(number: u32, host: u8, at: u64) -> Attempt {
    Attempt {
        number,
        host: format!("https://api{host}.example:8100/webservice").into(),
        started_at: Timestamp(at),
        arrived: None,
        balance_before: None,
    }
}

fn end(ending: Ending, at: u64) -> End {
    End {
        ending,
        provider_reference: None,
        balance: None,
        code: None,
        message: String::new(),
        advice: None,
        at: Timestamp(at),
    }
}

fn key(reference: &str) -> Key {
    intent(reference).key()
}

/// A journal of each kind, the second with the folder that it lies in.
fn journals() -> [(Arc<dyn Journal>, Option<TempDir>); 2] {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Sqlite::open(folder.path().join("sales.db")).unwrap();
    [
        (Arc::new(Memory::new()), None),
        (Arc::new(sqlite), Some(folder)),
    ]
}

async fn row(journal: &dyn Journal, reference: &str) -> Entry {
    journal.read(key(reference)).await.unwrap().expect("a row")
}

async fn references(
    journal: &dyn Journal,
    which: Which,
    after: Option<&str>,
    limit: usize,
) -> Vec<String> {
    let rows = journal.list(which, after.map(key), limit).await.unwrap();
    rows.iter()
        .map(|row| row.intent.reference.to_string())
        .collect()
}
