//! **The rule: one reference is worked on by one task at a time**, whichever client of this process and of this journal it belongs to. Whoever
//! comes second waits, and then finds what the first has left in the journal.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::OwnedMutexGuard;

use crate::journal::{Journal, Key};

type Turns = HashMap<Key, Arc<tokio::sync::Mutex<()>>>;

/// Who works on which reference.
#[derive(Debug, Default)]
pub(super) struct Claims {
    turns: Mutex<Turns>,
}

/// The right to work on a reference, given back when dropped.
pub(super) struct Claim<'a> {
    claims: &'a Claims,
    key: Key,
    turn: Option<OwnedMutexGuard<()>>,
}

/// A journal, and the claims on what it holds.
type InUse = (Weak<dyn Journal>, Weak<Claims>);

/// The journals that are in use.
static IN_USE: Mutex<Vec<InUse>> = Mutex::new(Vec::new());

impl Claims {
    /// Those on a journal.
    pub(super) fn of(journal: &Arc<dyn Journal>) -> Arc<Self> {
        let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        in_use.retain(|(_, claims)| claims.strong_count() > 0);
        let place = |journal: *const dyn Journal| journal.cast::<()>();
        let wanted = place(Arc::as_ptr(journal));
        // Whoever has claims holds the journal: no other can have taken its place in memory.
        let claims = in_use.iter().find_map(|(journal, claims)| {
            claims
                .upgrade()
                .filter(|_| place(journal.as_ptr()) == wanted)
        });
        claims.unwrap_or_else(|| {
            let claims = Arc::default();
            in_use.push((Arc::downgrade(journal), Arc::downgrade(&claims)));
            claims
        })
    }

    /// Waits for the right to work on a reference.
    pub(super) async fn take(&self, key: Key) -> Claim<'_> {
        let turn = Arc::clone(self.turns().entry(key.clone()).or_default());
        let turn = Some(turn.lock_owned().await);
        Claim {
            claims: self,
            key,
            turn,
        }
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut turns = self.claims.turns();
        drop(self.turn.take());
        // Nobody else waits if the map holds the only one.
        if turns
            .get(&self.key)
            .is_some_and(|turn| Arc::strong_count(turn) == 1)
        {
            turns.remove(&self.key);
        }
    }
}
