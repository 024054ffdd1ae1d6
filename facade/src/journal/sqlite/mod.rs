//! A journal in one SQLite file: readable with the `sqlite3` shell, safe against crashes at any instruction.
//!
//! - Write-ahead log with `synchronous=FULL`: a commit is on the disk before anything is answered.
//! - One thread owns the connection. What arrives while it syncs is committed together with the next sync (group commit), because a disk
//!   gives a few hundred to a few thousand syncs a second.
//! - Who only reads does not wait for the commit of what came before, which is not there for him until it is answered.
//! - Nothing scans the table: open rows and the oldest ended ones each have an index, whatever else is in the file.
//! - A lock beside the file keeps a second process out; reading ([`Sqlite::open_read_only`]) is always possible.
//! - Ended rows are kept for [`RETENTION`], so that a reference keeps its one outcome long after the sale.

mod rows;
mod schema;
mod writer;

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use self::writer::{Ask, Asked, Request, Writer};
use super::{Answer, Attempt, Begun, Entry, Intent, Journal, JournalError, Key, Note, Which};
use crate::auth::{StoredToken, TokenStore};

/// How long ended rows are kept.
pub const RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// All that are ever made, so that each is prepared once.
const STATEMENTS_MAX: usize = 64;

/// The journal in an SQLite file. Cheap to share behind an [`Arc`](std::sync::Arc); when it is dropped, what was asked of it is done first.
pub struct Sqlite {
    requests: Option<mpsc::Sender<Request>>,
    writer: Option<JoinHandle<()>>,
    path: PathBuf,
    /// Held while the journal lives; the operating system lets go of it when the process ends, however that happens.
    lock: Option<File>,
}

impl Sqlite {
    /// Opens a journal, and makes it if it is not there.
    ///
    /// # Errors
    /// When another process has it open, a later version wrote it, or the file cannot be used.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        Self::open_keeping(path, RETENTION)
    }

    /// Opens a journal that forgets ended rows after `retention`. A reference that is forgotten could be sold again: keep rows for longer than
    /// any file of sales is used.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub fn open_keeping(path: impl AsRef<Path>, retention: Duration) -> Result<Self, JournalError> {
        create_private(path.as_ref())?;
        let path = path.as_ref().canonicalize().map_err(store)?;
        let lock = lock(&path)?;
        let connection = Connection::open(&path).map_err(store)?;
        schema::prepare(&connection, &path)?;
        Self::start(connection, path, Some(lock), retention)
    }

    /// Opens a journal to look at, while another process may be working with it. Writes fail.
    ///
    /// # Errors
    /// When there is none, or a later version wrote it.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, JournalError> {
        let path = path.as_ref().canonicalize().map_err(store)?;
        let connection =
            Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(store)?;
        schema::check_version(&connection, &path)?;
        Self::start(connection, path, None, RETENTION)
    }

    fn start(
        connection: Connection,
        path: PathBuf,
        lock: Option<File>,
        retention: Duration,
    ) -> Result<Self, JournalError> {
        connection
            .busy_timeout(Duration::from_secs(5))
            .map_err(store)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        let (requests, inbox) = mpsc::channel();
        let writer = Writer::new(connection, retention);
        let writer = std::thread::Builder::new()
            .name("recharge-journal".into())
            .spawn(move || writer.run(&inbox))
            .map_err(store)?;
        Ok(Self {
            requests: Some(requests),
            writer: Some(writer),
            path,
            lock,
        })
    }

    /// Hands a request to the writer and waits until it is durable; what came of it is then `told`.
    fn ask<T: Send + 'static, U: 'static>(
        &self,
        kind: impl FnOnce(Box<dyn Ask>) -> Request,
        work: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
        told: fn(T) -> Result<U, JournalError>,
    ) -> Answer<'_, U> {
        let (reply, answer) = oneshot::channel();
        let ask = Box::new(Asked {
            work,
            done: None,
            reply,
        });
        let sent = self
            .requests
            .as_ref()
            .is_some_and(|requests| requests.send(kind(ask)).is_ok());
        Box::pin(async move {
            let gone = || JournalError::Store("its writer has ended".into());
            if !sent {
                return Err(gone());
            }
            answer.await.map_err(|_| gone())?.and_then(told)
        })
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has nothing left to do; its callers were told when their answers were dropped.
            let _ = writer.join();
        }
        if let Some(lock) = self.lock.take() {
            // Closing alone would leave the lock to a child process that was forked a moment ago and has not closed its copies yet.
            let _ = lock.unlock();
        }
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Journal for Sqlite {
    fn begin(&self, intent: Intent, attempt: Attempt) -> Answer<'_, Begun> {
        let now = attempt.started_at;
        self.ask(
            |ask| Request::Begin(ask, now),
            move |connection| rows::begin(connection, &intent, &attempt),
            Ok,
        )
    }

    fn write(&self, key: Key, note: Note) -> Answer<'_, ()> {
        self.ask(
            Request::Write,
            move |connection| rows::write(connection, &key, &note),
            |written| written.then_some(()).ok_or(JournalError::NotOpen),
        )
    }

    fn read(&self, key: Key) -> Answer<'_, Option<Entry>> {
        let work = move |connection: &Connection| rows::read(connection, &key);
        self.ask(Request::Read, work, Ok)
    }

    fn list(&self, which: Which, after: Option<Key>, limit: usize) -> Answer<'_, Vec<Entry>> {
        self.ask(
            Request::Read,
            move |connection| rows::list(connection, which, after.as_ref(), limit),
            Ok,
        )
    }
}

/// Tokens lie beside the sales, in a file that only its owner can read, so that a process that is started again does not take up
/// another of the few tokens that a service allows.
impl TokenStore for Sqlite {
    fn load(&self, name: String) -> Answer<'_, Option<StoredToken>> {
        let work = move |connection: &Connection| rows::load_token(connection, &name);
        self.ask(Request::Read, work, Ok)
    }

    fn save(&self, name: String, token: Option<StoredToken>) -> Answer<'_, ()> {
        self.ask(
            Request::Write,
            move |connection| rows::save_token(connection, &name, token.as_ref()),
            Ok,
        )
    }
}

fn store(error: impl fmt::Display) -> JournalError {
    JournalError::Store(error.to_string())
}

/// Makes the file readable by its owner only; SQLite gives its log the same mode.
fn create_private(path: &Path) -> Result<(), JournalError> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map(drop)
        .map_err(|error| JournalError::Store(format!("{}: {error}", path.display())))
}

fn lock(path: &Path) -> Result<File, JournalError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&name)
        .map_err(store)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(JournalError::InUse {
            path: path.display().to_string(),
        }),
        Err(TryLockError::Error(error)) => Err(store(error)),
    }
}
