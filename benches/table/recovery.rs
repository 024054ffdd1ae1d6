//! Recovery at scale: the command settles a hundred thousand sales whose answers were lost in an outage of ten minutes, and finds nothing to settle
//! among a million that have ended. The limit is what [`Policy::enquiries_max`] leaves for recoveries: a quarter.

use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use recharge::journal::{Attempt, Intent, Journal, Service, Sqlite};
use recharge::{Policy, Timestamp};
use tokio::task::JoinSet;

use crate::bulk::{be_the_command, memory_kib};
use crate::child::{self, Serving};
use crate::kind::{Kind, Seller, disk, subscriber};

const OPEN_ROWS: u64 = 100_000;
const ENDED_ROWS: u64 = 1_000_000;
/// How long ago the rows were written.
const OUTAGE: Duration = Duration::from_secs(10 * 60);

pub(crate) fn table() -> String {
    // Every answer comes a millisecond late, so that enquiries are before the service together.
    let mut serving = child::start_with(Duration::ZERO, "late-answer=1,late-answer-ms=1");
    let folder = tempfile::tempdir_in(disk()).expect("a folder");
    let place = |name: &str| folder.path().join(name);
    let (open, few, ended) = (place("open.db"), place("few.db"), place("ended.db"));
    sell_and_forget(&serving, &[(&open, OPEN_ROWS), (&few, 1)]);
    end_many(&ended, &serving);
    let [open, few, ended] = [&open, &few, &ended].map(|journal| run(journal, &mut serving));
    assert_eq!(
        (open.settled, few.settled, ended.settled),
        (OPEN_ROWS as usize, 1, 0)
    );
    let bytes = (open.memory_kib.saturating_sub(few.memory_kib) * 1024) as f64 / OPEN_ROWS as f64;
    let mut out = String::from(
        "## Recovery\n\n| journal | took | settled | enquiries at once | limit | memory for each open row | target |\n|---|---:|---:|---:|---:|---:|---:|\n",
    );
    let _ = writeln!(
        out,
        "| {OPEN_ROWS} open rows | {:.1} s ({:.0} a second) | {} | {} | {} | {bytes:.0} B | 1000 B |\n| {ENDED_ROWS} ended rows | {:.2} s | {} | | | | 1 s |",
        open.took,
        open.settled as f64 / open.took,
        open.settled,
        open.enquiries_at_once,
        Policy::default().enquiries_max / 4,
        ended.took,
        ended.settled
    );
    out
}

struct Run {
    took: f64,
    settled: usize,
    enquiries_at_once: usize,
    memory_kib: u64,
}

fn run(journal: &Path, serving: &mut Serving) -> Run {
    serving.enquiries_at_once();
    let begun = Instant::now();
    let output = child::command(
        &[],
        &["recover", &journal.to_string_lossy()],
        &serving.service,
    )
    .output()
    .expect("a recovery");
    Run {
        took: begun.elapsed().as_secs_f64(),
        memory_kib: memory_kib(&output),
        settled: String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter(|line| line.contains(r#""outcome":"succeeded""#))
            .count(),
        enquiries_at_once: serving.enquiries_at_once(),
    }
}

/// Is the command that settles what is open.
pub(crate) fn recover(journal: &Path) {
    be_the_command(journal, &["recover"]);
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
        created_at: before_the_outage(),
    }
}

fn attempt(serving: &Serving) -> Attempt {
    Attempt {
        number: 1,
        host: serving.service.base_urls[0].as_str().into(),
        started_at: before_the_outage(),
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

fn before_the_outage() -> Timestamp {
    Timestamp(now().0 - OUTAGE.as_millis() as u64)
}

/// A journal of many rows that have ended, written past the library, which would take its time for each.
fn end_many(path: &Path, serving: &Serving) {
    drop(Sqlite::open(path).expect("a journal"));
    let connection = rusqlite::Connection::open(path).expect("a journal");
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = OFF;
             BEGIN;
             WITH RECURSIVE row(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row WHERE n < {ENDED_ROWS})
             INSERT INTO sales (id, service, account, reference, operation, target, product, amount, options, created_at, ending, message, ended_at)
             SELECT n, 'smartcall', '{}', printf('ended-%08d', n), 'createSyncRecharge', '27821234567', 62, '5', '{{}}', {now}, 'vended', '', {now} FROM row;
             INSERT INTO attempts (sale, number, host, started_at) SELECT id, 1, '{}', created_at FROM sales;
             COMMIT;",
            serving.service.account,
            serving.service.base_urls[0],
            now = now().0,
        ))
        .expect("rows");
}
