//! Recovery at scale: a hundred thousand sales whose answers were lost, and a journal of a million that have ended.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use recharge::journal::{Attempt, Intent, Journal, Service, Sqlite};
use recharge::{Outcome, Timestamp};
use tokio::task::JoinSet;

use crate::bulk::peak_memory_kib;
use crate::child::{self, Serving};
use crate::kind::{Kind, Seller, client, disk, subscriber};

const OPEN_ROWS: u64 = 100_000;
const ENDED_ROWS: u64 = 1_000_000;

pub(crate) fn table() -> String {
    let serving = child::start(std::time::Duration::ZERO);
    let folder = tempfile::tempdir_in(disk()).expect("a folder");
    let place = |name: &str| folder.path().join(name);
    let (open, few, ended) = (place("open.db"), place("few.db"), place("ended.db"));
    sell_and_forget(&serving, &[(&open, OPEN_ROWS), (&few, 1)]);
    end_many(&ended, &serving);
    let [open, few, ended] = [&open, &few, &ended].map(|journal| run(journal, &serving));
    assert_eq!(
        (open.settled, few.settled, ended.settled),
        (OPEN_ROWS, 1, 0)
    );
    let bytes = (open.memory_kib.saturating_sub(few.memory_kib) * 1024) as f64 / OPEN_ROWS as f64;
    let mut out = String::from(
        "## Recovery\n\n| journal | took | settled | connections | memory for each open row | target |\n|---|---:|---:|---:|---:|---:|\n",
    );
    let _ = writeln!(
        out,
        "| {OPEN_ROWS} open rows | {:.1} s ({:.0} a second) | {} | {} | {bytes:.0} B | 1000 B |\n| {ENDED_ROWS} ended rows | {:.2} s | {} | | | 1 s |",
        open.took,
        open.settled as f64 / open.took,
        open.settled,
        open.connections,
        ended.took,
        ended.settled
    );
    out
}

struct Run {
    took: f64,
    settled: u64,
    connections: u64,
    memory_kib: u64,
}

fn run(journal: &Path, serving: &Serving) -> Run {
    let words = ["recover", &journal.to_string_lossy()];
    let output = child::command(&[], &words, &serving.service)
        .output()
        .expect("a recovery");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    let numbers: Vec<f64> = said
        .split_whitespace()
        .map(|word| word.parse().expect("a number"))
        .collect();
    Run {
        took: numbers[0],
        settled: numbers[1] as u64,
        connections: numbers[2] as u64,
        memory_kib: numbers[3] as u64,
    }
}

/// Opens a journal, recovers what is open in it, and says how that went.
pub(crate) fn recover(journal: &Path) {
    let service = child::service();
    child::runtime().block_on(async {
        let begun = Instant::now();
        let journal = Arc::new(Sqlite::open(journal).expect("a journal"));
        let client = client(&service, journal);
        let mut settled = 0_u64;
        let each = |_: &_, outcome: Result<Outcome, recharge::Error>| {
            settled += u64::from(matches!(outcome, Ok(Outcome::Vended(_))));
        };
        client.recover(each).await.expect("a recovery");
        let took = begun.elapsed().as_secs_f64();
        println!("{took} {settled} {} {}", connections(), peak_memory_kib());
    });
}

/// How many sockets this process holds: as many as there were enquiries at once, since idle ones are used again.
fn connections() -> usize {
    let files = std::fs::read_dir("/proc/self/fd").expect("Linux");
    files
        .filter_map(|file| std::fs::read_link(file.ok()?.path()).ok())
        .filter(|link| link.to_string_lossy().starts_with("socket:"))
        .count()
}

/// Sells without a journal, and writes journals as they would be if every answer had been lost.
fn sell_and_forget(serving: &Serving, journals: &[(&std::path::PathBuf, u64)]) {
    child::runtime().block_on(async {
        let seller = Arc::new(Seller::new(Kind::Plain, &serving.service).await);
        let mut first = 0;
        for (path, rows) in journals {
            let journal = Sqlite::open(path).expect("a journal");
            let numbers = first..first + rows;
            first += rows;
            let begun: Vec<_> = numbers
                .clone()
                .map(|number| journal.begin(intent(number, serving), attempt(serving)))
                .collect();
            for begun in begun {
                begun.await.expect("a row");
            }
            let mut selling = JoinSet::new();
            for number in numbers {
                if selling.len() >= 64 {
                    selling.join_next().await;
                }
                let seller = Arc::clone(&seller);
                selling.spawn(async move { seller.sell(number).await });
            }
            selling.join_all().await;
        }
    });
}

fn intent(number: u64, serving: &Serving) -> Intent {
    Intent {
        service: Service::Smartcall,
        account: serving.service.account.as_str().into(),
        reference: crate::kind::reference(Kind::Plain, number)
            .parse()
            .expect("a reference"),
        operation: "createSyncRecharge".into(),
        target: subscriber(number).into(),
        product: 62,
        amount: 5.into(),
        options: "{}".into(),
        created_at: now(),
    }
}

fn attempt(serving: &Serving) -> Attempt {
    Attempt {
        number: 1,
        host: serving.service.base_urls[0].as_str().into(),
        started_at: now(),
        arrived: None,
        balance_before: None,
    }
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("a clock");
    Timestamp(since.as_millis() as u64)
}

/// A journal of many rows that have ended, written past the library, which would take its time for each.
fn end_many(path: &Path, serving: &Serving) {
    drop(Sqlite::open(path).expect("a journal"));
    let connection = rusqlite::Connection::open(path).expect("a journal");
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = OFF;
             WITH RECURSIVE row(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row WHERE n < {ENDED_ROWS})
             INSERT INTO sales (service, account, reference, operation, target, product, amount, options, created_at, ending, message, ended_at)
             SELECT 'smartcall', '{}', printf('ended-%08d', n), 'createSyncRecharge', '27821234567', 62, '5', '{{}}', {now}, 'vended', '', {now} FROM row;",
            serving.service.account,
            now = now().0,
        ))
        .expect("rows");
}
