//! A journal that is watched, and that fails when it is told to.

use std::sync::{Arc, Mutex};

use recharge::journal::{
    Answer, Attempt, Begun, Entry, Intent, Journal, JournalError, Key, Memory, Note, Which,
};

/// What a journal was asked to write.
#[derive(Clone, Debug)]
pub enum Wrote {
    Begin(Attempt),
    Note(Note),
    /// Nothing: it was read.
    Read,
}

type Fails = Box<dyn Fn(&Wrote) -> bool + Send + Sync>;

/// Rows in memory, slowly written, and a list of what was written whole.
pub struct Watched {
    rows: Memory,
    /// The attempts that were recorded, each only once the journal had answered.
    recorded: Arc<Mutex<Vec<Attempt>>>,
    fails: Fails,
}

impl Watched {
    pub fn new() -> Self {
        Self::failing(|_| false)
    }

    /// One that fails to write what `fails` says.
    pub fn failing(fails: impl Fn(&Wrote) -> bool + Send + Sync + 'static) -> Self {
        Self {
            rows: Memory::new(),
            recorded: Arc::default(),
            fails: Box::new(fails),
        }
    }

    pub fn recorded(&self) -> Arc<Mutex<Vec<Attempt>>> {
        Arc::clone(&self.recorded)
    }

    async fn slowly(&self, wrote: &Wrote) -> Result<(), JournalError> {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        if (self.fails)(wrote) {
            return Err(JournalError::Store("the disk is full".into()));
        }
        Ok(())
    }
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watched")
    }
}

impl Journal for Watched {
    fn begin(&self, intent: Intent, attempt: Attempt) -> Answer<'_, Begun> {
        Box::pin(async move {
            self.slowly(&Wrote::Begin(attempt.clone())).await?;
            let begun = self.rows.begin(intent, attempt.clone()).await?;
            self.recorded.lock().unwrap().push(attempt);
            Ok(begun)
        })
    }

    fn write(&self, key: Key, note: Note) -> Answer<'_, ()> {
        Box::pin(async move {
            self.slowly(&Wrote::Note(note.clone())).await?;
            self.rows.write(key, note.clone()).await?;
            if let Note::Attempt { attempt, .. } = note {
                self.recorded.lock().unwrap().push(attempt);
            }
            Ok(())
        })
    }

    fn read(&self, key: Key) -> Answer<'_, Option<Entry>> {
        Box::pin(async move {
            self.slowly(&Wrote::Read).await?;
            self.rows.read(key).await
        })
    }

    fn list(&self, which: Which, after: Option<Key>, limit: usize) -> Answer<'_, Vec<Entry>> {
        self.rows.list(which, after, limit)
    }
}
