//! A journal that ends with the process: for tests, and for callers who write a journal of their own before they call.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{
    Answer, Attempt, Begun, Entry, Intent, Journal, JournalError, Key, Note, Which, admit,
};

/// Rows in memory. **Survives nothing**: after a crash the open sales are lost.
#[derive(Debug, Default)]
pub struct Memory {
    rows: Mutex<BTreeMap<Key, Entry>>,
}

impl Memory {
    /// An empty journal.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<Key, Entry>> {
        // Each change below is made whole, so a panic elsewhere leaves nothing half done.
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for Memory {
    fn begin(&self, intent: Intent, attempt: Attempt) -> Answer<'_, Begun> {
        let mut rows = self.rows();
        let key = intent.key();
        let begun = match rows.get(&key) {
            Some(entry) if !admit(Some(entry), &intent) => Begun::Exists(Box::new(entry.clone())),
            _ => {
                rows.insert(key, Entry::new(intent, attempt));
                Begun::Recorded
            }
        };
        Box::pin(std::future::ready(Ok(begun)))
    }

    fn write(&self, key: Key, note: Note) -> Answer<'_, ()> {
        let written = match self.rows().get_mut(&key) {
            Some(entry) => entry.apply(note),
            None => Err(JournalError::NotOpen),
        };
        Box::pin(std::future::ready(written))
    }

    fn read(&self, key: Key) -> Answer<'_, Option<Entry>> {
        let entry = self.rows().get(&key).cloned();
        Box::pin(std::future::ready(Ok(entry)))
    }

    fn list(&self, which: Which, after: Option<Key>, limit: usize) -> Answer<'_, Vec<Entry>> {
        let wanted = |entry: &&Entry| which == Which::All || entry.end.is_none();
        let beyond = |key: &Key| after.as_ref().is_none_or(|after| key > after);
        let entries = self
            .rows()
            .iter()
            .filter(|(key, _)| beyond(key))
            .map(|(_, entry)| entry)
            .filter(wanted)
            .take(limit)
            .cloned()
            .collect();
        Box::pin(std::future::ready(Ok(entries)))
    }
}
