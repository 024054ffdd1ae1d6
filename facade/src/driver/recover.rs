//! **The rule: a recovery begins with an enquiry, never with a sale,** and leaves the rows of other accounts alone.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::{Driver, Provider};
use crate::error::Error;
use crate::journal::{Entry, JournalError, Service, Which};
use crate::outcome::Outcome;

/// How many open rows a recovery works on at once. Most of them wait; how many ask at once is the policy's to say.
const RECOVERED_AT_ONCE: usize = 1024;

impl<P: Provider> Driver<P> {
    /// Works on every open row of an account, until each has ended or its time is up; tells each as it comes. Gives back how many open
    /// rows are others'.
    pub(crate) async fn recover(
        self: &Arc<Self>,
        service: Service,
        account: &str,
        mut each: impl FnMut(&Entry, Result<Outcome, Error>),
    ) -> Result<usize, JournalError> {
        let mut work = JoinSet::new();
        let (mut after, mut others) = (None, 0);
        loop {
            let list = self.journal.list(Which::Open, after, RECOVERED_AT_ONCE);
            let page = list.await?;
            let Some(last) = page.last() else { break };
            after = Some(last.intent.key());
            for entry in page {
                if entry.intent.service != service || *entry.intent.account != *account {
                    others += 1;
                    continue;
                }
                let driver = Arc::clone(self);
                work.spawn(async move {
                    let outcome = driver.resume(entry.clone()).await;
                    (entry, outcome)
                });
                if work.len() >= RECOVERED_AT_ONCE
                    && let Some(Ok((entry, outcome))) = work.join_next().await
                {
                    each(&entry, outcome);
                }
            }
        }
        while let Some(done) = work.join_next().await {
            if let Ok((entry, outcome)) = done {
                each(&entry, outcome);
            }
        }
        Ok(others)
    }
}
