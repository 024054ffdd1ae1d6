//! **The rule: what [`Machine`](crate::recovery::Machine) says is done in this order: journal, then wire, then journal.** The driver adds a
//! provider, a clock and a journal to the machine, and decides nothing itself.
//!
//! The work runs on a task of its own: a caller that stops waiting loses nothing, the outcome is journaled all the same.

mod claims;
mod recover;
mod renewed;
mod together;
mod work;

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use tokio::sync::Semaphore;
use tracing::Instrument;

use self::claims::Claims;
use self::work::Work;
use crate::ambient::Ambient;
use crate::error::{Error, Invalid};
use crate::journal::{
    Attempt, Begun, Decision, End, Ending, Entry, Intent, Journal, JournalError, Key, Note,
};
use crate::observe::{Event, Observer};
use crate::outcome::{Handle, Outcome};
use crate::recovery::{Doubt, Facts, Finding, Host, Policy, Verdict};

/// A provider's operation that sells.
pub(crate) trait Provider: Send + Sync + 'static {
    /// What the machine must know of the operation by which this is sold.
    fn facts(&self, intent: &Intent) -> Facts;
    /// Whether it sells, when it is carried out: a reservation does not, nor its cancellation.
    fn sells(&self, _intent: &Intent) -> bool {
        true
    }
    /// The name of a host in the journal: its base URL.
    fn host_name(&self, host: Host) -> Arc<str>;
    /// The host with that name, if it is configured.
    fn host_named(&self, name: &str) -> Option<Host>;
    /// The host to begin with, if all of them answer it is `host`: a preference for one that does, before anything is sent.
    fn prefer(&self, host: Host) -> Host {
        host
    }
    /// Gets ready to send to a host: a token. Sends nothing of the sale; `Err` says why it cannot be sent.
    fn ready(&self, host: Host) -> impl Future<Output = Result<(), Verdict>> + Send;
    /// The account's balance, for a sale that no enquiry can find. To fail here costs nothing but a hint.
    fn balance_before(
        &self,
        _intent: &Intent,
        _host: Host,
    ) -> impl Future<Output = Option<Decimal>> + Send {
        std::future::ready(None)
    }
    /// Sends the sale once, to one host.
    fn send(&self, intent: &Intent, host: Host) -> impl Future<Output = Verdict> + Send;
    /// Sends several sales in one request, once, to one host; a verdict for each, in their order. The fewer are given back, the more are
    /// in doubt. Only what is sold together needs this.
    fn send_together(
        &self,
        _intents: &[&Intent],
        _host: Host,
    ) -> impl Future<Output = Vec<Verdict>> + Send {
        std::future::ready(Vec::new())
    }
    /// Asks a host once what became of the sale.
    fn enquire(
        &self,
        intent: &Intent,
        provider_reference: Option<&str>,
        host: Host,
    ) -> impl Future<Output = Finding> + Send;
}

/// What a driver works with.
pub(crate) struct Driver<P> {
    pub(crate) provider: P,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) ambient: Arc<dyn Ambient>,
    observer: Option<Arc<dyn Observer>>,
    policy: Policy,
    /// Shared by all that work with this journal.
    claims: Arc<Claims>,
    /// Bounds the enquiries about sales that somebody waits for.
    live: Semaphore,
    /// Bounds those of a recovery, so that an outage's worth of open rows never stands before a till.
    background: Semaphore,
}

/// What a caller is told of a sale.
type Told = Result<Outcome, Error>;

/// Where the work on a sale begins.
enum Start {
    /// Nothing of it was ever sent.
    Fresh(Intent),
    /// The journal holds it.
    Known(Box<Entry>),
    /// There is nothing to do.
    Done(Box<Result<Outcome, Error>>),
}

/// Who waits for the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Urgency {
    /// A caller who sells.
    Live,
    /// A recovery.
    Background,
}

impl<P: Provider> Driver<P> {
    pub(crate) fn new(
        provider: P,
        journal: Arc<dyn Journal>,
        ambient: Arc<dyn Ambient>,
        observer: Option<Arc<dyn Observer>>,
        policy: Policy,
    ) -> Self {
        let background = (policy.enquiries_max / 4).max(1);
        let live = (policy.enquiries_max - background).max(1);
        Self {
            claims: Claims::of(&journal),
            provider,
            journal,
            ambient,
            observer,
            policy,
            live: Semaphore::new(live),
            background: Semaphore::new(background),
        }
    }

    /// Sells, or carries on with what the journal holds under the same reference. A row that ended unsent is sold anew.
    pub(crate) async fn sell(self: &Arc<Self>, intent: Intent) -> Told {
        self.on_a_task(intent.clone(), async move |driver| {
            driver.sell_here(intent).await
        })
        .await
    }

    /// The same, for one of two things of which only one may ever be begun, such as to complete a reservation or to cancel it. Both are
    /// claimed by `matter`; `forbids` says of the other's row whether it stands in the way.
    pub(crate) async fn sell_unless(
        self: &Arc<Self>,
        intent: Intent,
        matter: Key,
        other: Key,
        forbids: fn(&Entry) -> Option<Invalid>,
    ) -> Told {
        self.on_a_task(intent.clone(), async move |driver| {
            // Taken first by both, so that they never wait for each other.
            let _claim = driver.claims.take(matter).await;
            match driver.journal.read(other).await {
                Ok(Some(entry)) if let Some(invalid) = forbids(&entry) => Err(invalid.into()),
                Ok(_) => Arc::clone(&driver).sell_here(intent).await,
                Err(error) => Ok(driver.left_open(driver.untouched(intent), &error)),
            }
        })
        .await
    }

    /// Sells on the task that this runs on. Two sales of one reference take turns: the second finds what the first has left.
    pub(crate) async fn sell_here(self: Arc<Self>, intent: Intent) -> Told {
        let _claim = self.claims.take(intent.key()).await;
        match self.start(intent).await {
            Start::Fresh(intent) => Work::new(Arc::clone(&self), intent).run().await,
            Start::Known(entry) => Arc::clone(&self).carry_on(*entry, Urgency::Live).await,
            Start::Done(outcome) => *outcome,
        }
    }

    /// What the journal says of a sale that is to begin.
    async fn start(&self, intent: Intent) -> Start {
        if intent.reference.as_str().len() > intent.service.reference_length_max() {
            let invalid = Invalid::new("reference", "is longer than the service takes");
            return Start::Done(Box::new(Err(invalid.into())));
        }
        match self.journal.read(intent.key()).await {
            Ok(Some(entry)) if !entry.intent.same_order(&intent) => {
                let reference = intent.reference;
                Start::Done(Box::new(Err(Error::ReferenceTaken { reference })))
            }
            Ok(Some(entry)) if !entry.is_unsent() => Start::Known(Box::new(entry)),
            // It may be in a refused one's place: whoever asks for that one finds it by what this says.
            Ok(Some(entry)) => Start::Fresh(Intent {
                options: entry.intent.options,
                ..intent
            }),
            Ok(None) => Start::Fresh(intent),
            // Whether it was sold before cannot be told.
            Err(error) => {
                let outcome = self.left_open(self.untouched(intent), &error);
                Start::Done(Box::new(Ok(outcome)))
            }
        }
    }

    /// Ends a row by what a person found out.
    pub(crate) async fn decide(&self, key: Key, decision: Decision) -> Result<(), JournalError> {
        let _claim = self.claims.take(key.clone()).await;
        let entry = self.journal.read(key.clone()).await?;
        let sells = entry.is_none_or(|entry| self.provider.sells(&entry.intent));
        let end = End::decided(decision, self.ambient.now());
        let end = if sells { end } else { end.without_a_sale() };
        self.journal.write(key, Note::End(end)).await
    }

    /// Carries on with a row of the journal. Begins with an enquiry, and never sells a row that has ended.
    pub(crate) async fn resume(self: &Arc<Self>, entry: Entry) -> Told {
        self.on_a_task(entry.intent.clone(), async move |driver| {
            let key = entry.intent.key();
            let _claim = driver.claims.take(key.clone()).await;
            // The row may have moved on since it was listed.
            match driver.journal.read(key).await {
                Ok(found) => {
                    let entry = found.unwrap_or(entry);
                    Arc::clone(&driver)
                        .carry_on(entry, Urgency::Background)
                        .await
                }
                Err(error) => Ok(driver.left_open(Handle::of(entry, driver.ambient.now()), &error)),
            }
        })
        .await
    }

    /// Carries on with a sale that another journal may hold: it is recorded here first. Whatever this journal says of the reference, the
    /// handle's sale may have happened.
    pub(crate) async fn adopt(self: &Arc<Self>, handle: Handle) -> Told {
        self.on_a_task(handle.intent.clone(), async move |driver| {
            let _claim = driver.claims.take(handle.intent.key()).await;
            match driver.recorded(&handle).await {
                Ok(entry) if !entry.intent.same_order(&handle.intent) => {
                    let doubt = Doubt::Differs("this journal holds another order".into());
                    Ok(Outcome::Unresolved(handle, doubt))
                }
                Ok(entry) => {
                    Arc::clone(&driver)
                        .carry_on(entry, Urgency::Background)
                        .await
                }
                Err(error) => Ok(driver.left_open(handle, &error)),
            }
        })
        .await
    }

    /// The row of a handle: the one that is there, unless it ended unsent, which says nothing of what another machine sent; else a new one.
    async fn recorded(&self, handle: &Handle) -> Result<Entry, JournalError> {
        let (intent, key) = (handle.intent.clone(), handle.intent.key());
        let unsent = |end: &End| end.ending == Ending::NotSent && handle.host.is_some();
        match self.journal.read(key.clone()).await? {
            Some(entry) if !entry.end.as_ref().is_some_and(unsent) => return Ok(entry),
            _ => {}
        }
        let attempt = Attempt {
            number: 1,
            host: handle.host.clone().unwrap_or_default(),
            started_at: self.ambient.now(),
            arrived: None,
            balance_before: handle.balance_before,
        };
        let mut entry = Entry::new(intent.clone(), attempt.clone());
        if handle.host.is_none() {
            // Nobody knows that anything was sent: it is enquired about, and no attempt is made up.
            return Ok(entry);
        }
        if let Begun::Exists(entry) = self.journal.begin(intent, attempt).await? {
            return Ok(*entry);
        }
        let pending = handle.pending.then(|| Note::Pending {
            provider_reference: handle.provider_reference.clone(),
        });
        let refused = handle.refusal.clone().map(Note::Refused);
        for note in pending.into_iter().chain(refused) {
            self.journal.write(key.clone(), note.clone()).await?;
            entry.apply(note)?;
        }
        Ok(entry)
    }

    async fn carry_on(self: Arc<Self>, entry: Entry, urgency: Urgency) -> Told {
        let here = |attempt: &Attempt| self.provider.host_named(&attempt.host).is_some();
        match &entry.end {
            // A rehearsal on another service, say: what became of it there says nothing about here.
            Some(_) if !entry.attempts.iter().any(here) => {
                let handle = Handle::of(entry, self.ambient.now());
                Ok(Outcome::Unresolved(handle, Doubt::Elsewhere))
            }
            Some(end) => end.outcome(entry.intent.reference.clone()),
            None => Box::pin(async { Work::resume(self, entry, urgency).run().await }).await,
        }
    }

    /// Runs the work on a task of its own.
    async fn on_a_task<F, R>(self: &Arc<Self>, intent: Intent, work: F) -> Told
    where
        F: FnOnce(Arc<Self>) -> R,
        R: Future<Output = Told> + Send + 'static,
    {
        let span = tracing::info_span!("sale", service = intent.service.name(), reference = %intent.reference, product = intent.product);
        // On the heap at once: a task is moved several times before it runs.
        let work = Box::pin(work(Arc::clone(self)));
        let task = tokio::spawn(work.instrument(span));
        task.await.unwrap_or_else(|_| Ok(self.crashed(intent)))
    }

    /// A sale that may have happened, and that the journal does not let us work on: that is no error, which would mean that it did not happen.
    fn left_open(&self, handle: Handle, error: &JournalError) -> Outcome {
        tracing::error!(reference = %handle.intent.reference, %error, "the journal does not let the sale be carried on");
        Outcome::Unresolved(handle, Doubt::Unrecorded)
    }

    /// The handle of a sale of which no host is known.
    fn untouched(&self, intent: Intent) -> Handle {
        Handle {
            intent,
            host: None,
            provider_reference: None,
            pending: false,
            refusal: None,
            balance_before: None,
            at: self.ambient.now(),
        }
    }

    pub(crate) fn observe(&self, event: &Event<'_>) {
        if let Some(observer) = &self.observer {
            observer.observe(event);
        }
    }
}

impl<P> fmt::Debug for Driver<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("journal", &self.journal)
            .finish_non_exhaustive()
    }
}
