//! **The rule: sales that travel in one request are journaled, and settled, each by itself.** The request is sent once. When its answer is
//! lost, every one of them is in doubt and is enquired about under its own reference; the request is never made again.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::work::Work;
use super::{Driver, Provider, Start, Told, Urgency};
use crate::domain::Timestamp;
use crate::journal::Intent;
use crate::outcome::Outcome;
use crate::recovery::{Doubt, Host, Loss, Verdict};

impl<P: Provider> Driver<P> {
    /// Sells several in one request; tells what became of each, in their order. Their references must differ. One that the journal holds
    /// already is carried on by itself.
    pub(crate) async fn sell_together(self: &Arc<Self>, intents: Vec<Intent>) -> Vec<Told> {
        let (driver, working) = (Arc::clone(self), intents.clone());
        let task = tokio::spawn(async move { driver.together(working).await });
        let told = task.await.unwrap_or_default();
        let mut told = told.into_iter().chain(std::iter::repeat_with(|| None));
        intents
            .into_iter()
            .map(|intent| {
                told.next()
                    .flatten()
                    .unwrap_or_else(|| Ok(self.crashed(intent)))
            })
            .collect()
    }

    /// A task that died may have sold: that is a doubt, not an error.
    pub(crate) fn crashed(&self, intent: Intent) -> Outcome {
        Outcome::Unresolved(self.untouched(intent), Doubt::Lost(Loss::Crashed))
    }

    async fn together(self: Arc<Self>, intents: Vec<Intent>) -> Vec<Option<Told>> {
        // In one order whoever asks, so that two batches never wait for each other.
        let mut keys: Vec<_> = intents.iter().map(Intent::key).collect();
        keys.sort();
        let mut claims = Vec::with_capacity(keys.len());
        for key in keys {
            claims.push(self.claims.take(key).await);
        }
        let mut told: Vec<Option<Told>> = intents.iter().map(|_| None).collect();
        let mut tasks = JoinSet::new();
        let mut fresh = Vec::new();
        for (place, intent) in intents.into_iter().enumerate() {
            match self.start(intent).await {
                Start::Fresh(intent) => fresh.push((place, Work::new(Arc::clone(&self), intent))),
                Start::Known(entry) => {
                    let driver = Arc::clone(&self);
                    tasks.spawn(
                        async move { (place, driver.carry_on(*entry, Urgency::Live).await) },
                    );
                }
                Start::Done(outcome) => told[place] = Some(*outcome),
            }
        }
        for (place, mut work) in self.send_together(fresh, &mut told).await {
            tasks.spawn(async move { (place, work.run().await) });
        }
        while let Some(done) = tasks.join_next().await {
            if let Ok((place, outcome)) = done {
                told[place] = Some(outcome);
            }
        }
        told
    }

    /// Journals the attempts, sends the request, and lets each sale take in what its part of the answer says.
    async fn send_together(
        &self,
        works: Vec<(usize, Work<P>)>,
        told: &mut [Option<Told>],
    ) -> Vec<(usize, Work<P>)> {
        let Some(host) = works.first().map(|(_, work)| work.first_host()) else {
            return works;
        };
        if let Err(verdict) = self.provider.ready(host).await {
            let mut works = works;
            for (_, work) in &mut works {
                work.refused_entry(host, verdict.clone());
            }
            return works;
        }
        let mut begun = self.begin_together(works, host, told).await;
        let intents: Vec<&Intent> = begun.iter().map(|(_, work, _)| work.intent()).collect();
        let verdicts = self.provider.send_together(&intents, host).await;
        let lost = || Verdict::Ambiguous(Doubt::Unlisted("the answer leaves this one out".into()));
        let verdicts = verdicts.into_iter().chain(std::iter::repeat_with(lost));
        for ((_, work, started_at), verdict) in begun.iter_mut().zip(verdicts) {
            work.sent(host, *started_at, verdict).await;
        }
        begun
            .into_iter()
            .map(|(place, work, _)| (place, work))
            .collect()
    }

    /// Journals the attempts all at once, so that they share a commit; in the order of the sales. What the journal does not take is not sent.
    async fn begin_together(
        &self,
        works: Vec<(usize, Work<P>)>,
        host: Host,
        told: &mut [Option<Told>],
    ) -> Vec<(usize, Work<P>, Timestamp)> {
        let mut tasks = JoinSet::new();
        for (place, mut work) in works {
            tasks.spawn(async move {
                let began = work.begin(host).await;
                (place, work, began)
            });
        }
        let mut begun = Vec::with_capacity(tasks.len());
        while let Some(done) = tasks.join_next().await {
            match done {
                Ok((place, work, Ok(at))) => begun.push((place, work, at)),
                Ok((place, work, Err(error))) => {
                    told[place] = Some(Ok(self.left_open(work.handle(), &error)));
                }
                // Its place stays empty, which is told as a doubt.
                Err(_) => {}
            }
        }
        begun.sort_by_key(|(place, ..)| *place);
        begun
    }
}
