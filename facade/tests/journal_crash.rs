//! The journal is killed at every system call by which it writes, and must then hold all that it had acknowledged, whole.
//!
//! `strace` kills this program, started again as another process, when it enters the n-th `fsync`, `pwrite64` and so on, for each n until the
//! process gets through. What the process says on its pipe was acknowledged; what it was killed over may be there or not, but never in part.
//! Without `strace`, or where processes may not be traced, the test says so and does nothing.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use recharge::Timestamp;
use recharge::journal::{
    Arrived, Attempt, End, Ending, Entry, Intent, Journal, Note, Service, Sqlite, Which,
};

const FILE: &str = "RECHARGE_TEST_CRASHES";
/// How many sales the process records, three at a time, so that commits of more than one are killed as well.
const SALES: u64 = 12;
const TOGETHER: u64 = 3;
/// The n-th call of a kind is killed for n up to this.
const CALLS_MAX: u32 = 60;

fn intent(n: u64) -> Intent {
    Intent {
        service: Service::Smartcall,
        operation: "createSyncRecharge".into(),
        account: "27830000001".into(),
        reference: format!("sale-{n}").parse().unwrap(),
        target: "27821234567".into(),
        product: 62,
        amount: "29.50".parse().unwrap(),
        options: "{}".into(),
        created_at: Timestamp(n),
    }
}

fn attempt(number: u32, n: u64) -> Attempt {
    Attempt {
        number,
        host: format!("https://api{}.example/webservice", (n % 2) as u8).into(),
        started_at: Timestamp(n),
        arrived: None,
        balance_before: None,
    }
}

fn end(n: u64) -> End {
    End {
        ending: Ending::Vended,
        provider_reference: Some(format!("smartload-{n}")),
        balance: Some("99545.2500".parse().unwrap()),
        code: None,
        message: String::new(),
        advice: None,
        at: Timestamp(n),
    }
}

/// What a row looks like after this many of its steps: begun, sent again, ended.
fn row(n: u64, steps: usize) -> Entry {
    let mut row = Entry::new(intent(n), attempt(1, n));
    if steps > 1 {
        row.attempts[0].arrived = Some(Arrived::Maybe);
        row.attempts.push(attempt(2, n));
    }
    if steps > 2 {
        row.provider_reference = end(n).provider_reference;
        row.end = Some(end(n));
    }
    row
}

/// Not a test by itself: the process that is killed.
#[tokio::test]
async fn the_process_that_is_killed() {
    let Ok(file) = std::env::var(FILE) else {
        return;
    };
    let journal = Sqlite::open(file).unwrap();
    let acknowledge = |n: u64, step: usize| {
        let mut pipe = std::io::stdout().lock();
        pipe.write_all(format!("\nacknowledged {n} {step}\n").as_bytes())
            .unwrap();
        pipe.flush().unwrap();
    };
    for first in (0..SALES).step_by(TOGETHER as usize) {
        let together = first..first + TOGETHER;
        // Each is asked for at once; the answers are waited for after that.
        let begun: Vec<_> = together
            .clone()
            .map(|n| (n, journal.begin(intent(n), attempt(1, n))))
            .collect();
        for (n, begun) in begun {
            begun.await.unwrap();
            acknowledge(n, 1);
        }
        let sent: Vec<_> = together
            .clone()
            .map(|n| {
                let note = Note::Attempt {
                    previous: Arrived::Maybe,
                    attempt: attempt(2, n),
                };
                (n, journal.write(intent(n).key(), note))
            })
            .collect();
        for (n, sent) in sent {
            sent.await.unwrap();
            acknowledge(n, 2);
        }
        for n in together {
            journal
                .write(intent(n).key(), Note::End(end(n)))
                .await
                .unwrap();
            acknowledge(n, 3);
        }
    }
}

/// Runs the process until it enters the `call`-th call of a kind; says what it acknowledged, and whether it was killed.
fn killed(kind: &str, call: u32, file: &Path) -> (BTreeSet<(u64, usize)>, bool) {
    let output = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e"])
        .arg(format!("trace={kind}"))
        .arg("-e")
        .arg(format!("inject={kind}:signal=SIGKILL:when={call}"))
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "the_process_that_is_killed",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FILE, file)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let acknowledged = told
        .lines()
        .filter_map(|line| line.strip_prefix("acknowledged "))
        .filter_map(|line| line.split_once(' '))
        .map(|(n, step)| (n.parse().unwrap(), step.parse().unwrap()))
        .collect();
    (acknowledged, !output.status.success())
}

/// The journal after a crash, by its own means and by SQLite's.
fn rows_after_a_crash(file: &Path) -> Vec<Entry> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let rows = {
        let journal = Sqlite::open(file).expect("a journal that opens");
        runtime
            .block_on(journal.list(Which::All, None, 1000))
            .expect("rows that can be read")
    };
    let connection = rusqlite::Connection::open(file).unwrap();
    let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0));
    assert_eq!(one("PRAGMA integrity_check").unwrap(), "ok");
    assert!(
        one("PRAGMA foreign_key_check").is_err(),
        "an attempt without a sale"
    );
    rows
}

fn check(what: &str, acknowledged: &BTreeSet<(u64, usize)>, rows: &[Entry]) {
    for n in 0..SALES {
        let said = (1..=3)
            .filter(|step| acknowledged.contains(&(n, *step)))
            .max()
            .unwrap_or(0);
        let found = rows
            .iter()
            .find(|row| row.intent.reference == intent(n).reference);
        let steps = match found {
            None => 0,
            Some(found) => (1..=3)
                .find(|steps| *found == row(n, *steps))
                .unwrap_or_else(|| panic!("{what}: half of a row: {found:?}")),
        };
        assert!(
            steps >= said,
            "{what}: sale {n} was acknowledged up to step {said}, and the journal holds {steps}"
        );
    }
    assert!(rows.len() <= SALES as usize, "{what}");
}

fn can_trace() -> Result<(), String> {
    let tried = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "true"])
        .output();
    match tried {
        Err(error) => Err(format!("strace cannot be started: {error}")),
        Ok(output) if !output.status.success() => {
            Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
        }
        Ok(_) => Ok(()),
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill_at_any_write_and_nothing_is_there_in_part() {
    if let Err(why) = can_trace() {
        aloud(&format!(
            "SKIPPED: the journal was not killed anywhere: {why}"
        ));
        return;
    }
    let mut points = 0;
    // SQLite syncs by one of the first two; the last is the process's own pipe, right after an acknowledgement.
    for kind in ["fsync", "fdatasync", "pwrite64", "ftruncate", "write"] {
        for call in 1..=CALLS_MAX {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("sales.db");
            let (acknowledged, was_killed) = killed(kind, call, &file);
            let what = format!("killed at {kind} {call}");
            check(&what, &acknowledged, &rows_after_a_crash(&file));
            if !was_killed {
                assert_eq!(
                    acknowledged.len(),
                    3 * SALES as usize,
                    "{what}: the process did not get through"
                );
                break;
            }
            points += 1;
        }
    }
    eprintln!("killed at {points} points");
    assert!(
        points > 50,
        "only {points} points: are the calls still those?"
    );
}

/// Says something past the capture of the test harness, which would keep it to itself.
fn aloud(what: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{what}").expect("stderr");
}
