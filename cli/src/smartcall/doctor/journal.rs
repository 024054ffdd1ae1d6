//! The journal: where it is, who can read it, and what is open in it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use recharge::Timestamp;
use recharge::ambient::{Ambient, System};
use recharge::journal::{Ending, Journal, JournalError, Service, Sqlite, Which};

use super::Check;
use crate::client::journal_path;
use crate::exit::Failure;

/// How many rows are held at once.
const PAGE: usize = 500;

/// How many rows are looked through: a look must not take long.
const ROWS_MAX: usize = 20_000;

/// How long one sale is worked on; an open row that is younger may be in work just now.
const IN_WORK: Duration = Duration::from_secs(15 * 60);

/// How long the service finds a reference (chapter 10 o: a week), less half a day.
const HISTORY: Duration = Duration::from_secs((7 * 24 - 12) * 60 * 60);

/// What the journal keeps of the sales that happened.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) sold: usize,
    pub(super) with_reference: usize,
    pub(super) with_balance: usize,
}

/// The journal's checks. That there is none yet is no mistake.
pub(super) async fn check(given: Option<PathBuf>) -> Result<(Vec<Check>, Kept), Failure> {
    let path = journal_path(given)?;
    if !path.is_file() {
        let none = Check::warning(
            "journal",
            format!("{}: there is none yet", path.display()),
            "looked for the file",
        )
        .advise("the first sale makes it. If you have sold from this machine before, give its --journal or set RECHARGE_JOURNAL");
        return Ok((vec![none], Kept::default()));
    }
    let mut checks = vec![private(&path)];
    let read = match Sqlite::open_read_only(&path) {
        Ok(journal) => read(&journal).await,
        Err(error) => Err(error),
    };
    match read {
        Ok((open, kept)) => {
            checks.push(open);
            Ok((checks, kept))
        }
        Err(error) => {
            checks.push(
                Check::failed("open sales", error.to_string(), "tried to read the journal")
                    .advise("a journal that cannot be read must not be deleted: it knows what was sold. Put a copy aside and ask"),
            );
            Ok((checks, Kept::default()))
        }
    }
}

fn private(path: &Path) -> Check {
    let place = path.display();
    match mode(path) {
        Some(mode) if mode & 0o077 != 0 => Check::failed(
            "journal",
            format!("{place} can be accessed by others than its owner: its mode is {mode:03o}"),
            "asked the file system",
        )
        .advise(format!("chmod 600 {place}")),
        Some(mode) => Check::ok(
            "journal",
            format!("{place}, for its owner alone ({mode:03o})"),
            "asked the file system",
        ),
        None => Check::warning(
            "journal",
            format!("{place}; who can read it is not known"),
            "this system does not say",
        ),
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = path.metadata().ok()?;
    Some(metadata.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}

async fn read(journal: &dyn Journal) -> Result<(Check, Kept), JournalError> {
    let (mut open, mut oldest) = (0_usize, None::<Timestamp>);
    let mut kept = Kept::default();
    each(journal, Which::Open, |entry| {
        if entry.intent.service == Service::Smartcall {
            open += 1;
            let at = entry.intent.created_at;
            oldest = Some(oldest.map_or(at, |oldest| oldest.min(at)));
        }
    })
    .await?;
    each(journal, Which::All, |entry| {
        let end = entry
            .end
            .as_ref()
            .filter(|end| end.ending == Ending::Vended);
        if let Some(end) = end.filter(|_| entry.intent.service == Service::Smartcall) {
            kept.sold += 1;
            kept.with_reference += usize::from(entry.provider_reference.is_some());
            kept.with_balance += usize::from(end.balance.is_some());
        }
    })
    .await?;
    let age = oldest.map(|oldest| System::new().wall() - oldest);
    Ok((open_sales(open, age), kept))
}

async fn each(
    journal: &dyn Journal,
    which: Which,
    mut look: impl FnMut(&recharge::journal::Entry),
) -> Result<(), JournalError> {
    let (mut after, mut seen) = (None, 0);
    while seen < ROWS_MAX {
        let page = journal.list(which, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.intent.key());
        seen += page.len();
        page.iter().for_each(&mut look);
    }
    Ok(())
}

fn open_sales(open: usize, age: Option<Duration>) -> Check {
    const NAME: &str = "open sales";
    let how = "counted in the journal";
    let Some(age) = age else {
        return Check::ok(NAME, "none: the end of every sale is known", how);
    };
    let reason = format!("{open}, the oldest {} old", written(age));
    let check = if age > HISTORY {
        return Check::failed(NAME, format!("{reason}, older than the service finds by our reference"), how).advise(
            "run `recharge smartcall recover`; for what it leaves, ask developers@smartcall.co.za and then `recharge journal decide`",
        );
    } else if age > IN_WORK {
        Check::warning(NAME, reason, how)
    } else {
        Check::warning(NAME, format!("{reason}: they may be in work just now"), how)
    };
    check.advise("run `recharge smartcall recover`; do not sell them again")
}

fn written(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}
