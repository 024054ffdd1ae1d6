//! The thread that owns the connection, and its group commit.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{rows, store};
use crate::domain::Timestamp;
use crate::journal::JournalError;

/// How many requests are committed together at the most: bounds the memory of a batch and the wait of its first member.
const BATCH_MAX: usize = 512;
/// How often ended rows are looked for that may be forgotten, and how many go at once: callers wait meanwhile.
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);
const FORGET_MAX: u32 = 1_000;

pub(super) type Reply<T> = oneshot::Sender<Result<T, JournalError>>;

/// What the writer is asked for.
pub(super) enum Request {
    /// Something that only looks.
    Read(Box<dyn Ask>),
    /// Something that changes rows.
    Write(Box<dyn Ask>),
    /// The same, and when it is.
    Begin(Box<dyn Ask>, Timestamp),
}

/// Something to be done to the tables, in a transaction with others.
pub(super) trait Ask: Send {
    /// Does it. What was done may be rolled back, and then it is done once more.
    fn work(&mut self, connection: &Connection) -> Result<(), JournalError>;
    /// Tells what came of it, once it is known how the transaction ended.
    fn tell(self: Box<Self>, ended: Result<(), JournalError>);
}

/// What is to be done, and who is told.
pub(super) struct Asked<T, W> {
    pub(super) work: W,
    pub(super) done: Option<T>,
    pub(super) reply: Reply<T>,
}

impl<T, W> Ask for Asked<T, W>
where
    T: Send,
    W: Fn(&Connection) -> rusqlite::Result<T> + Send,
{
    fn work(&mut self, connection: &Connection) -> Result<(), JournalError> {
        self.done = Some((self.work)(connection).map_err(store)?);
        Ok(())
    }

    fn tell(self: Box<Self>, ended: Result<(), JournalError>) {
        let done = self.done;
        let told = ended.and_then(|()| done.ok_or_else(|| store("not done")));
        // Nobody waits any more when the caller's future was dropped; the write stands.
        let _ = self.reply.send(told);
    }
}

/// Why nothing of a transaction was done.
enum Failed {
    /// One of its requests could not be done.
    Request(JournalError),
    /// It could not be begun, or not be committed.
    Transaction(JournalError),
}

impl From<Failed> for JournalError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Request(error) | Failed::Transaction(error) => error,
        }
    }
}

pub(super) struct Writer {
    connection: Connection,
    retention: Duration,
    forgot_at: Option<Timestamp>,
}

impl Writer {
    pub(super) fn new(connection: Connection, retention: Duration) -> Self {
        Self {
            connection,
            retention,
            forgot_at: None,
        }
    }

    /// Serves requests until every sender is gone.
    pub(super) fn run(mut self, inbox: &Receiver<Request>) {
        while let Ok(first) = inbox.recv() {
            let rest = inbox.try_iter().take(BATCH_MAX - 1);
            let (mut reads, mut writes, mut now) = (Vec::new(), Vec::new(), None);
            for request in std::iter::once(first).chain(rest) {
                match request {
                    Request::Read(ask) => reads.push(ask),
                    Request::Write(ask) => writes.push(ask),
                    Request::Begin(ask, at) => {
                        now = Some(at);
                        writes.push(ask);
                    }
                }
            }
            // Who only looks does not wait for the disk; what nobody was told yet is not there for him.
            self.serve(reads, "BEGIN");
            self.serve(writes, "BEGIN IMMEDIATE");
            if let Some(now) = now {
                self.forget(now);
            }
        }
    }

    /// Does a batch in one transaction. Nobody is answered before it is durable. A request that fails does not take the others with it: each
    /// has a transaction of its own then.
    fn serve(&self, mut batch: Vec<Box<dyn Ask>>, begin: &str) {
        if batch.is_empty() {
            return;
        }
        match self.transact(&mut batch, begin) {
            Err(Failed::Request(_)) if batch.len() > 1 => {
                for mut ask in batch {
                    let ended = self.transact(std::slice::from_mut(&mut ask), begin);
                    ask.tell(ended.map_err(JournalError::from));
                }
            }
            ended => {
                let ended = ended.map_err(JournalError::from);
                for ask in batch {
                    ask.tell(ended.clone());
                }
            }
        }
    }

    /// Does all of it, or nothing.
    fn transact(&self, batch: &mut [Box<dyn Ask>], begin: &str) -> Result<(), Failed> {
        let done = self.step(begin).map_err(Failed::Transaction);
        let done = done.and_then(|()| {
            batch
                .iter_mut()
                .try_for_each(|ask| ask.work(&self.connection))
                .map_err(Failed::Request)
        });
        let done = done.and_then(|()| self.step("COMMIT").map_err(Failed::Transaction));
        // Some failures end the transaction by themselves.
        if done.is_err()
            && !self.connection.is_autocommit()
            && let Err(error) = self.step("ROLLBACK")
        {
            tracing::error!(%error, "a transaction of the journal could not be rolled back");
        }
        done
    }

    fn step(&self, sql: &str) -> Result<(), JournalError> {
        let statement = self.connection.prepare_cached(sql);
        statement
            .and_then(|mut statement| statement.execute([]))
            .map(drop)
            .map_err(store)
    }

    /// Drops ended rows that are older than the retention. To fail here loses nothing: the next batch tries again.
    fn forget(&mut self, now: Timestamp) {
        if self.forgot_at.is_some_and(|at| now - at < FORGET_EVERY) {
            return;
        }
        let before = Timestamp(
            now.0
                .saturating_sub(u64::try_from(self.retention.as_millis()).unwrap_or(u64::MAX)),
        );
        match rows::forget(&self.connection, before, FORGET_MAX) {
            Ok(forgotten) if forgotten < FORGET_MAX as usize => self.forgot_at = Some(now),
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "ended rows could not be dropped from the journal")
            }
        }
    }
}
