//! The thread that owns the connection, and its group commit.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::{rows, store};
use crate::auth::StoredToken;
use crate::domain::Timestamp;
use crate::journal::{Attempt, Begun, Entry, Intent, JournalError, Key, Note, Which};

/// How many requests are committed together at the most: bounds the memory of a batch and the wait of its first member.
const BATCH_MAX: usize = 512;
/// How often ended rows are looked for that may be forgotten, and how many go at once.
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);
const FORGET_MAX: u32 = 10_000;

pub(super) type Reply<T> = oneshot::Sender<Result<T, JournalError>>;

/// What the writer is asked for.
pub(super) enum Request {
    Begin(Intent, Attempt, Reply<Begun>),
    Write(Key, Note, Reply<()>),
    Read(Key, Reply<Option<Entry>>),
    List(Which, Option<Key>, usize, Reply<Vec<Entry>>),
    LoadToken(String, Reply<Option<StoredToken>>),
    SaveToken(String, Option<StoredToken>, Reply<()>),
}

/// An answer that is held back until it is known how the commit went.
type Held = Box<dyn FnOnce(Result<(), JournalError>)>;

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
            let mut batch = vec![first];
            batch.extend(inbox.try_iter().take(BATCH_MAX - 1));
            self.commit(batch);
        }
    }

    /// Does a batch in one transaction. Nobody is answered before it is durable; if it fails, nothing of it was done.
    fn commit(&mut self, batch: Vec<Request>) {
        let begun_at = batch.iter().find_map(|request| match request {
            Request::Begin(_, attempt, _) => Some(attempt.started_at),
            _ => None,
        });
        let mut held = Vec::with_capacity(batch.len());
        let outcome = self.transact(batch, &mut held);
        for answer in held {
            answer(outcome.clone());
        }
        if let Some(now) = begun_at {
            self.forget(now);
        }
    }

    fn transact(&mut self, batch: Vec<Request>, held: &mut Vec<Held>) -> Result<(), JournalError> {
        let writes = batch.iter().any(|request| {
            !matches!(
                request,
                Request::Read(..) | Request::List(..) | Request::LoadToken(..)
            )
        });
        let behavior = if writes {
            TransactionBehavior::Immediate
        } else {
            TransactionBehavior::Deferred
        };
        let opened = self
            .connection
            .transaction_with_behavior(behavior)
            .map_err(store);
        let mut failed = opened.as_ref().err().cloned();
        for request in batch {
            // After the transaction itself has failed, the rest is answered, not done: it goes back as a whole.
            let connection = opened.as_deref().ok().filter(|_| failed.is_none());
            let (answer, error) = serve(connection, request);
            held.push(answer);
            failed = failed.or(error);
        }
        match (opened, failed) {
            (Ok(transaction), None) => transaction.commit().map_err(store),
            // A transaction that is dropped is rolled back.
            (_, Some(error)) | (Err(error), None) => Err(error),
        }
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

/// Does one request, and holds its answer back.
fn serve(connection: Option<&Connection>, request: Request) -> (Held, Option<JournalError>) {
    match request {
        Request::Begin(intent, attempt, reply) => hold(connection, reply, |c| {
            rows::begin(c, intent, attempt).map_err(store)
        }),
        Request::Write(key, note, reply) => hold(connection, reply, |c| {
            let written = rows::write(c, &key, &note).map_err(store)?;
            written.then_some(()).ok_or(JournalError::NotOpen)
        }),
        Request::Read(key, reply) => {
            hold(connection, reply, |c| rows::read(c, &key).map_err(store))
        }
        Request::List(which, after, limit, reply) => hold(connection, reply, |c| {
            rows::list(c, which, after.as_ref(), limit).map_err(store)
        }),
        Request::LoadToken(name, reply) => hold(connection, reply, |c| {
            rows::load_token(c, &name).map_err(store)
        }),
        Request::SaveToken(name, token, reply) => hold(connection, reply, |c| {
            rows::save_token(c, &name, token.as_ref()).map_err(store)
        }),
    }
}

/// Does one request by itself: what it did goes back if it fails, and the others of its batch stand. The second value says that the
/// transaction has failed with it.
fn hold<T: 'static>(
    connection: Option<&Connection>,
    reply: Reply<T>,
    work: impl FnOnce(&Connection) -> Result<T, JournalError>,
) -> (Held, Option<JournalError>) {
    let mut broken = None;
    let done = connection.map(|connection| {
        let step = |sql: &str| connection.prepare_cached(sql)?.execute([]).map(drop);
        step("SAVEPOINT request").map_err(store)?;
        let done = work(connection);
        let back = if done.is_ok() {
            Ok(())
        } else {
            step("ROLLBACK TO request")
        };
        broken = back.and_then(|()| step("RELEASE request")).err().map(store);
        done
    });
    let answer: Held = Box::new(move |committed| {
        let result = match (committed, done) {
            (Err(error), _) => Err(error),
            (Ok(()), Some(done)) => done,
            (Ok(()), None) => Err(JournalError::Store("not done".into())),
        };
        // Nobody waits any more when the caller's future was dropped; the write stands.
        let _ = reply.send(result);
    });
    (answer, broken)
}
