//! What only a file can do: outlive the process, keep others out, forget, fill the disk.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use recharge::Reference;
use recharge::journal::{Arrived, Begun, Ending, Journal, JournalError, Note, Sqlite, Which};
use recharge::recovery::{Advice, Refusal};
use tempfile::TempDir;

use crate::*;

#[tokio::test]
async fn one_request_that_fails_does_not_take_its_batch_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Sqlite::open(folder.path().join("journal.db")).unwrap();
    let asked: Vec<_> = (0..200)
        .map(|number| {
            let name = format!("r{number}");
            let missing = journal.write(
                key(&format!("missing{number}")),
                Note::Refused(Refusal {
                    code: None,
                    message: String::new(),
                    advice: Advice::DoNotRetry,
                }),
            );
            (journal.begin(intent(&name), attempt(1, 0, 7)), missing)
        })
        .collect();
    for (begun, missing) in asked {
        assert_eq!(begun.await.unwrap(), Begun::Recorded);
        assert!(matches!(missing.await, Err(JournalError::NotOpen)));
    }
}

#[tokio::test]
async fn one_request_that_the_tables_refuse_is_undone_alone() {
    let (_folder, path) = file();
    let journal = Sqlite::open(&path).unwrap();
    let again = |number, at| Note::Attempt {
        previous: Arrived::No,
        attempt: attempt(number, 0, at),
    };
    journal.begin(intent("r"), attempt(1, 0, 7)).await.unwrap();
    journal.write(key("r"), again(2, 8)).await.unwrap();
    let before = row(&journal, "r").await;
    // Somebody else writes, so that these come together.
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let first = journal.begin(intent("first"), attempt(1, 0, 9));
    let begun: Vec<_> = (0..20)
        .map(|n| {
            let begun = journal.begin(intent(&format!("r{n}")), attempt(1, 0, 9));
            // A second attempt of this number, of which the first half can be done.
            (begun, journal.write(key("r"), again(2, 9)))
        })
        .collect();
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(first.await.unwrap(), Begun::Recorded);
    for (begun, refused) in begun {
        assert_eq!(begun.await.unwrap(), Begun::Recorded);
        assert!(matches!(refused.await, Err(JournalError::Store(_))));
    }
    assert_eq!(row(&journal, "r").await, before);
    let rows = journal.list(Which::All, None, 100).await.unwrap();
    assert_eq!(rows.len(), 22);
    assert!(rows[2..].iter().all(|row| row.attempts.len() == 1));
}

fn file() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sales.db");
    (folder, path)
}

#[tokio::test]
async fn rows_outlive_the_process() {
    let (_folder, path) = file();
    let written = {
        let journal = Sqlite::open(&path).unwrap();
        journal
            .begin(intent("open"), attempt(1, 1, 7))
            .await
            .unwrap();
        journal
            .begin(intent("done"), attempt(1, 0, 8))
            .await
            .unwrap();
        journal
            .write(key("done"), Note::End(end(Ending::Vended, 9)))
            .await
            .unwrap();
        journal.list(Which::All, None, 10).await.unwrap()
    };
    let journal = Sqlite::open(&path).unwrap();
    assert_eq!(journal.list(Which::All, None, 10).await.unwrap(), written);
    assert_eq!(references(&journal, Which::Open, None, 10).await, ["open"]);
}

#[tokio::test]
async fn what_was_asked_for_before_a_journal_is_dropped_is_done() {
    let (_folder, path) = file();
    let journal = Sqlite::open(&path).unwrap();
    for n in 0..50 {
        drop(journal.begin(intent(&format!("r{n}")), attempt(1, 0, n)));
    }
    drop(journal);
    let journal = Sqlite::open(&path).unwrap();
    assert_eq!(journal.list(Which::All, None, 100).await.unwrap().len(), 50);
}

#[test]
fn a_second_journal_over_the_same_file_is_refused() {
    let (folder, path) = file();
    let journal = Sqlite::open(&path).unwrap();
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for path in [&path, &link, &folder.path().join(".").join("sales.db")] {
        assert!(
            matches!(Sqlite::open(path), Err(JournalError::InUse { .. })),
            "{}",
            path.display()
        );
    }
    assert_eq!(child("opens", &path), "in use");
    drop(journal);
    assert_eq!(child("opens", &path), "opened");
    assert!(Sqlite::open(&path).is_ok());
}

#[test]
fn a_journal_that_is_dropped_is_free_at_once_whatever_is_started_meanwhile() {
    let (_folder, path) = file();
    let done = std::sync::atomic::AtomicBool::new(false);
    let before = std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        // A child that is being started holds copies of all open files until it begins its own program.
        scope.spawn(|| {
            before.wait();
            while !done.load(std::sync::atomic::Ordering::SeqCst) {
                assert!(Command::new("/bin/true").status().unwrap().success());
            }
        });
        before.wait();
        let opened: Vec<_> = (0..100).map(|_| Sqlite::open(&path).map(drop)).collect();
        done.store(true, std::sync::atomic::Ordering::SeqCst);
        for opened in opened {
            opened.unwrap();
        }
    });
}

#[tokio::test]
async fn a_journal_can_be_looked_at_while_another_process_works_with_it() {
    let (_folder, path) = file();
    let journal = Sqlite::open(&path).unwrap();
    journal.begin(intent("r"), attempt(1, 0, 7)).await.unwrap();
    let looking = Sqlite::open_read_only(&path).unwrap();
    assert_eq!(references(&looking, Which::All, None, 10).await, ["r"]);
    assert!(looking.begin(intent("s"), attempt(1, 0, 7)).await.is_err());
    assert!(
        looking
            .write(key("r"), Note::End(end(Ending::Vended, 8)))
            .await
            .is_err()
    );
    journal.begin(intent("t"), attempt(1, 0, 9)).await.unwrap();
    assert_eq!(
        references(&looking, Which::All, None, 10).await,
        ["r", "t"],
        "it sees what was written since"
    );
    assert_eq!(child("looks", &path), "2 rows");
    assert!(Sqlite::open_read_only(path.with_file_name("none.db")).is_err());
}

#[test]
fn a_journal_of_a_later_version_is_refused_and_left_alone() {
    let (_folder, path) = file();
    drop(Sqlite::open(&path).unwrap());
    let mut bytes = std::fs::read(&path).unwrap();
    // SQLite keeps the user's version at 60, big-endian.
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    std::fs::write(&path, &bytes).unwrap();
    assert!(matches!(
        Sqlite::open(&path),
        Err(JournalError::Version { found: 99, .. })
    ));
    assert!(matches!(
        Sqlite::open_read_only(&path),
        Err(JournalError::Version { found: 99, .. })
    ));
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_file_that_is_no_journal_is_refused() {
    let (folder, path) = file();
    std::fs::write(&path, "reference;amount\n".repeat(1000)).unwrap();
    assert!(matches!(Sqlite::open(&path), Err(JournalError::Store(_))));
    assert!(matches!(
        Sqlite::open(folder.path()),
        Err(JournalError::Store(_))
    ));
    assert!(matches!(
        Sqlite::open(folder.path().join("no/such/folder.db")),
        Err(JournalError::Store(_))
    ));
}

#[tokio::test]
async fn only_the_owner_can_read_the_file_and_its_log() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = file();
    let journal = Sqlite::open(&path).unwrap();
    journal.begin(intent("r"), attempt(1, 0, 7)).await.unwrap();
    for name in ["sales.db", "sales.db-wal", "sales.db-shm"] {
        let mode = std::fs::metadata(folder.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn only_ended_rows_are_forgotten_and_only_after_the_retention() {
    const DAY: u64 = 24 * 3600 * 1000;
    let (_folder, path) = file();
    let journal = Sqlite::open_keeping(&path, Duration::from_millis(3 * DAY)).unwrap();
    for (reference, ending) in [
        ("open", None),
        ("vended", Some(Ending::Vended)),
        ("not-sent", Some(Ending::NotSent)),
    ] {
        journal
            .begin(intent(reference), attempt(1, 0, 0))
            .await
            .unwrap();
        if let Some(ending) = ending {
            journal
                .write(key(reference), Note::End(end(ending, DAY)))
                .await
                .unwrap();
        }
    }
    journal
        .begin(intent("t1"), attempt(1, 0, 4 * DAY))
        .await
        .unwrap();
    assert_eq!(
        references(&journal, Which::All, None, 10).await,
        ["not-sent", "open", "t1", "vended"]
    );
    journal
        .begin(intent("t2"), attempt(1, 0, 4 * DAY + 3600 * 1000 + 1))
        .await
        .unwrap();
    assert_eq!(
        references(&journal, Which::All, None, 10).await,
        ["open", "t1", "t2"]
    );
    // What is forgotten goes with its attempts: the reference can be used as a new one.
    assert_eq!(
        journal
            .begin(intent("vended"), attempt(1, 0, 5 * DAY))
            .await
            .unwrap(),
        Begun::Recorded
    );
}

#[tokio::test]
async fn sales_that_begin_together_are_committed_together() {
    let (folder, path) = file();
    let journal = Sqlite::open(&path).unwrap();
    let before = commits(&folder.path().join("sales.db-wal"));
    // Somebody else writes, so that the first has to wait while the others come.
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun: Vec<_> = (0..100)
        .map(|n| journal.begin(intent(&format!("r{n}")), attempt(1, 0, 7)))
        .collect();
    other.execute_batch("ROLLBACK").unwrap();
    for begun in begun {
        assert_eq!(begun.await.unwrap(), Begun::Recorded);
    }
    let commits = commits(&folder.path().join("sales.db-wal")) - before;
    assert!(
        (1..=2).contains(&commits),
        "{commits} commits for 100 sales"
    );
}

/// How many transactions a write-ahead log holds: the frames that give a size of the database end one each.
fn commits(wal: &Path) -> usize {
    let bytes = std::fs::read(wal).unwrap();
    let page = u32::from_be_bytes(bytes[8..12].try_into().unwrap()) as usize;
    let ends = bytes[32..]
        .chunks_exact(24 + page)
        .filter(|frame| frame[4..8] != [0; 4] && frame[8..16] == bytes[16..24]);
    ends.count()
}

/// A limit on the size of files stands for a full disk: the write fails in the middle of a batch.
#[tokio::test]
async fn when_the_disk_is_full_every_caller_is_told_and_what_was_acknowledged_is_there() {
    let (_folder, path) = file();
    drop(Sqlite::open(&path).unwrap());
    let told = limited_child("fills", &path);
    let acknowledged: Vec<&str> = told
        .lines()
        .filter_map(|line| line.strip_prefix("ok "))
        .collect();
    let refused: Vec<&str> = told
        .lines()
        .filter_map(|line| line.strip_prefix("failed "))
        .collect();
    assert!(!acknowledged.is_empty() && !refused.is_empty(), "{told}");
    assert_eq!(acknowledged.len() + refused.len(), 2000);
    let journal = Sqlite::open(&path).unwrap();
    let rows = references(&journal, Which::All, None, 10_000).await;
    let whole = journal.list(Which::All, None, 10_000).await.unwrap();
    assert!(whole.iter().all(|row| row.attempts.len() == 1));
    assert!(
        acknowledged
            .iter()
            .all(|reference| rows.iter().any(|row| row == reference))
    );
    assert!(
        refused
            .iter()
            .all(|reference| !rows.iter().any(|row| row == reference))
    );
}

// Other processes: this program again, told what to do.

const TASK: &str = "RECHARGE_TEST_TASK";
const FILE: &str = "RECHARGE_TEST_FILE";

fn this_program() -> Vec<String> {
    let program = std::env::current_exe().unwrap();
    [
        program.to_str().unwrap(),
        "--exact",
        "file::another_process",
        "--nocapture",
        "--test-threads=1",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn told(mut command: Command, task: &str, path: &Path) -> String {
    let output = command.env(TASK, task).env(FILE, path).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let (_, text) = text.split_once("<<<").expect("a beginning");
    text.split_once(">>>").expect("an end").0.to_owned()
}

fn child(task: &str, path: &Path) -> String {
    let program = this_program();
    let mut command = Command::new(&program[0]);
    command.args(&program[1..]);
    told(command, task, path)
}

/// A child whose files cannot grow beyond 128 KiB; the signal that says so is ignored, so that writes fail instead.
fn limited_child(task: &str, path: &Path) -> String {
    let mut command = Command::new("/bin/bash");
    command
        .args(["-c", r#"trap "" XFSZ; ulimit -f 128; exec "$@""#, "bash"])
        .args(this_program());
    told(command, task, path)
}

/// Not a test by itself: what the other process does.
#[tokio::test]
async fn another_process() {
    let (Ok(task), Ok(path)) = (std::env::var(TASK), std::env::var(FILE)) else {
        return;
    };
    let told = match task.as_str() {
        "opens" => match Sqlite::open(path) {
            Ok(_) => "opened".to_owned(),
            Err(JournalError::InUse { .. }) => "in use".to_owned(),
            Err(error) => error.to_string(),
        },
        "looks" => {
            let rows = Sqlite::open_read_only(path)
                .unwrap()
                .list(Which::All, None, 10)
                .await
                .unwrap();
            format!("{} rows", rows.len())
        }
        _ => {
            let journal = Sqlite::open(path).unwrap();
            let references: Vec<_> = (0..2000).map(|n| format!("r{n}")).collect();
            let begin = |reference: &String| journal.begin(intent(reference), attempt(1, 0, 7));
            let mut told = String::new();
            let mut tell = |reference: &String, ok: bool| {
                let word = if ok { "ok" } else { "failed" };
                told.push_str(&format!("{word} {reference}\n"));
            };
            // The first few by themselves, so that something fits; the others at once, so that a batch does not.
            let (few, others) = references.split_at(5);
            for reference in few {
                let begun = begin(reference).await;
                tell(reference, begun.is_ok());
            }
            let begun: Vec<_> = others.iter().map(begin).collect();
            for (reference, begun) in others.iter().zip(begun) {
                let begun = begun.await;
                tell(reference, begun.is_ok());
            }
            told
        }
    };
    println!("<<<{told}>>>");
    assert!(Reference::random() != Reference::random());
}
