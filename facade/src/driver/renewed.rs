//! **The rule: a refused sale is made again only under the one name that follows from its own.** So a crash in between loses nothing: whoever asks
//! for the sale again finds the second one in the journal, by the first one's name, and carries it on.
//!
//! A sale that was made in another's place is followed always; a new one is begun only where the policy allows it, once the refusal of the
//! one before is in the journal as the service's final word.

use std::sync::Arc;

use super::{Driver, Provider, Told};
use crate::error::Error;
use crate::journal::{Ending, Intent};
use crate::outcome::Outcome;
use crate::recovery::Advice;
use crate::recovery::schedule::{Jitter, ceiling};

/// What to do about a refused sale.
enum Next {
    /// It was refused, and that is all.
    Nothing,
    /// The journal holds the one that was made in its place.
    Follow(Intent),
    /// None was made in its place yet.
    Begin(Intent),
    /// Whether one was made cannot be told.
    Unknown(Outcome),
}

/// Whether it was refused in words that allow it to be made again.
fn may_be_made_again(told: &Told) -> bool {
    matches!(told, Err(Error::Refused { refusal, .. }) if refusal.advice == Advice::NewReference)
}

impl<P: Provider> Driver<P> {
    /// Sells; and where that was refused and may be done again, as often as the policy says, in its place. The work goes on when the future
    /// is dropped.
    pub(crate) async fn sell_renewing(self: &Arc<Self>, intent: Intent) -> Told {
        self.on_a_task(intent.clone(), async move |driver| {
            let told = Arc::clone(&driver).sell_here(intent.clone()).await;
            if !may_be_made_again(&told) {
                return told;
            }
            let allowed = driver.policy.new_references_max;
            Box::pin(driver.follow(intent, told, allowed)).await
        })
        .await
    }

    /// What became of a sale, or of those that were made in its place; `allowed` new ones are begun.
    pub(crate) async fn follow(
        self: &Arc<Self>,
        mut intent: Intent,
        mut told: Told,
        allowed: u32,
    ) -> Told {
        let mut jitter = Jitter::new(self.ambient.random());
        let mut made = 0;
        loop {
            match self.next(&intent, &told).await {
                Next::Follow(next) => intent = next,
                Next::Begin(next) if made < allowed => {
                    let (min, cap) = (self.policy.busy_min, self.policy.busy_cap);
                    let limit = ceiling(min, cap, made);
                    self.ambient.sleep(jitter.between(limit / 2, limit)).await;
                    tracing::info!(refused = %intent.reference, reference = %next.reference, "sold again under a new reference");
                    intent = next;
                }
                Next::Begin(_) | Next::Nothing => return told,
                Next::Unknown(outcome) => return Ok(outcome),
            }
            made += 1;
            told = self.sell(intent.clone()).await;
        }
    }

    async fn next(&self, intent: &Intent, told: &Told) -> Next {
        if !may_be_made_again(told) {
            return Next::Nothing;
        }
        let next = intent.renewed(self.ambient.wall());
        match self.journal.read(next.key()).await {
            Ok(None) => {}
            // Somebody else's sale with this name: nothing was made in this one's place.
            Ok(Some(entry))
                if !entry.intent.same_order(&next)
                    || entry.intent.replaces() != next.replaces() =>
            {
                return Next::Nothing;
            }
            Ok(Some(entry)) if !entry.is_unsent() => return Next::Follow(next),
            Ok(Some(_)) => {}
            Err(error) => return Next::Unknown(self.left_open(self.untouched(next), &error)),
        }
        if self.is_refused_for_good(intent).await {
            Next::Begin(next)
        } else {
            Next::Nothing
        }
    }

    /// Whether the journal holds the refusal, and a service said it. What a person decided is not for us to go beyond.
    async fn is_refused_for_good(&self, intent: &Intent) -> bool {
        let Ok(Some(entry)) = self.journal.read(intent.key()).await else {
            return false;
        };
        entry.end.is_some_and(|end| {
            end.ending == Ending::Refused
                && end.advice == Some(Advice::NewReference)
                && end.is_the_services()
        })
    }
}
