//! **The rule: what [`Machine`] says is done in this order: journal, then wire, then journal.** The driver adds a provider, a clock and a
//! journal to the machine, and decides nothing itself.
//!
//! The work runs on a task of its own: a caller that stops waiting loses nothing, the outcome is journaled all the same.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use tracing::Instrument;

use crate::ambient::Ambient;
use crate::domain::{Reference, Timestamp};
use crate::error::Error;
use crate::journal::{
    Arrived, Attempt, Begun, End, Ending, Entry, Intent, Journal, JournalError, Key, Note,
};
use crate::observe::{Event, Observer};
use crate::outcome::{Handle, Outcome, Sale};
use crate::recovery::machine::Known;
use crate::recovery::{
    Action, Conclusion, Doubt, Facts, Finding, Host, Loss, Machine, Policy, Vend, Verdict,
};

/// A provider's operation that sells.
pub(crate) trait Provider: Send + Sync + 'static {
    /// What the machine must know of it.
    fn facts(&self) -> Facts;
    /// Gets ready to send to a host: a token. Sends nothing of the sale; `Err` says why it cannot be sent.
    fn ready(&self, host: Host) -> impl Future<Output = Result<(), Verdict>> + Send;
    /// Sends the sale once, to one host.
    fn send(&self, intent: &Intent, host: Host) -> impl Future<Output = Verdict> + Send;
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
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) policy: Policy,
    enquiries: Semaphore,
    in_work: Mutex<HashSet<Key>>,
}

impl<P: Provider> Driver<P> {
    pub(crate) fn new(
        provider: P,
        journal: Arc<dyn Journal>,
        ambient: Arc<dyn Ambient>,
        observer: Option<Arc<dyn Observer>>,
        policy: Policy,
    ) -> Self {
        let enquiries = Semaphore::new(policy.enquiries_max);
        Self {
            provider,
            journal,
            ambient,
            observer,
            policy,
            enquiries,
            in_work: Mutex::default(),
        }
    }

    /// Sells, or carries on with what the journal holds under the same reference.
    pub(crate) async fn sell(self: &Arc<Self>, intent: Intent) -> Result<Outcome, Error> {
        let key = intent.key();
        self.on_a_task(intent.clone(), async move |driver| {
            match driver.journal.read(key).await? {
                Some(entry) if !entry.intent.same_order(&intent) => Err(Error::ReferenceTaken {
                    reference: intent.reference,
                }),
                Some(entry) => driver.carry_on(entry).await,
                None => Work::new(driver, intent).run().await,
            }
        })
        .await
    }

    /// Carries on with a row of the journal.
    pub(crate) async fn resume(self: &Arc<Self>, entry: Entry) -> Result<Outcome, Error> {
        self.on_a_task(entry.intent.clone(), async move |driver| {
            // The row may have moved on since it was listed.
            match driver.journal.read(entry.intent.key()).await {
                Ok(found) => driver.carry_on(found.unwrap_or(entry)).await,
                Err(error) => Ok(driver.left_open(Handle::of(entry, driver.ambient.now()), &error)),
            }
        })
        .await
    }

    /// Carries on with a sale that another journal may hold: it is recorded here first.
    pub(crate) async fn adopt(self: &Arc<Self>, handle: Handle) -> Result<Outcome, Error> {
        self.on_a_task(handle.intent.clone(), async move |driver| {
            let kept = handle.clone();
            let Handle {
                intent,
                host,
                provider_reference,
                pending,
                ..
            } = handle;
            let (key, attempt) = (
                intent.key(),
                Attempt {
                    number: 1,
                    host,
                    started_at: driver.ambient.now(),
                    arrived: None,
                },
            );
            let begun = match driver.journal.begin(intent.clone(), attempt.clone()).await {
                Ok(begun) => begun,
                Err(error) => return Ok(driver.left_open(kept, &error)),
            };
            match begun {
                Begun::Exists(entry) if !entry.intent.same_order(&intent) => {
                    Err(Error::ReferenceTaken {
                        reference: intent.reference,
                    })
                }
                Begun::Exists(entry) => driver.carry_on(*entry).await,
                Begun::Recorded => {
                    if pending {
                        let note = Note::Pending {
                            provider_reference: provider_reference.clone(),
                        };
                        if let Err(error) = driver.journal.write(key, note).await {
                            return Ok(driver.left_open(kept, &error));
                        }
                    }
                    driver
                        .carry_on(Entry {
                            provider_reference,
                            pending,
                            ..Entry::new(intent, attempt)
                        })
                        .await
                }
            }
        })
        .await
    }

    /// A sale that may have happened, and that the journal does not let us work on: that is no error, which would mean that it did not happen.
    fn left_open(&self, handle: Handle, error: &JournalError) -> Outcome {
        tracing::error!(reference = %handle.intent.reference, %error, "the journal does not let the sale be carried on");
        Outcome::Unresolved(handle, Doubt::Unrecorded)
    }

    async fn carry_on(self: Arc<Self>, entry: Entry) -> Result<Outcome, Error> {
        match &entry.end {
            Some(End {
                ending: Ending::NotSent,
                ..
            }) => {
                let created_at = self.ambient.now();
                Work::new(
                    self,
                    Intent {
                        created_at,
                        ..entry.intent
                    },
                )
                .run()
                .await
            }
            Some(end) => settled(entry.intent.reference.clone(), end),
            None => Work::resume(self, entry).run().await,
        }
    }

    /// Runs the work on a task of its own, one at a time for each reference.
    async fn on_a_task<F, R>(self: &Arc<Self>, intent: Intent, work: F) -> Result<Outcome, Error>
    where
        F: FnOnce(Arc<Self>) -> R + Send + 'static,
        R: Future<Output = Result<Outcome, Error>> + Send + 'static,
    {
        let claim = Claim::take(Arc::clone(self), intent.key())?;
        let span = tracing::info_span!("sale", service = intent.service.name(), reference = %intent.reference, product = intent.product);
        let driver = Arc::clone(self);
        let task = tokio::spawn(
            async move {
                let _claim = claim;
                work(driver).await
            }
            .instrument(span),
        );
        // A task that died may have sold: that is a doubt, not an error.
        task.await.unwrap_or_else(|_| {
            Ok(self.unresolved(intent, Host(0), None, Doubt::Lost(Loss::Crashed)))
        })
    }

    fn unresolved(
        &self,
        intent: Intent,
        host: Host,
        provider_reference: Option<String>,
        doubt: Doubt,
    ) -> Outcome {
        Outcome::Unresolved(
            Handle {
                intent,
                host,
                provider_reference,
                pending: false,
                at: self.ambient.now(),
            },
            doubt,
        )
    }

    fn observe(&self, event: &Event<'_>) {
        if let Some(observer) = &self.observer {
            observer.observe(event);
        }
    }
}

/// The right to work on a reference, given back when dropped.
struct Claim<P> {
    driver: Arc<Driver<P>>,
    key: Key,
}

impl<P> Claim<P> {
    fn take(driver: Arc<Driver<P>>, key: Key) -> Result<Self, Error> {
        let free = driver
            .in_work
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.clone());
        if free {
            Ok(Self { driver, key })
        } else {
            Err(Error::InProgress {
                reference: key.reference,
            })
        }
    }
}

impl<P> Drop for Claim<P> {
    fn drop(&mut self) {
        self.driver
            .in_work
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.key);
    }
}

/// The work on one sale, from here to a conclusion.
struct Work<P> {
    driver: Arc<Driver<P>>,
    machine: Machine,
    intent: Intent,
    /// The attempts that the journal holds.
    attempts: u32,
    /// Whether the last of them may have arrived.
    arrived: Arrived,
    /// The last host that may have taken the sale.
    in_doubt: Option<Host>,
    /// What the journal holds of that the service works on it: nothing, or the service's reference as far as that is known.
    noted_pending: Option<Option<String>>,
}

impl<P: Provider> Work<P> {
    fn new(driver: Arc<Driver<P>>, intent: Intent) -> Self {
        let facts = driver.provider.facts();
        let first = first_host(&intent.reference, facts.hosts);
        let machine = Machine::new(
            facts,
            driver.policy,
            driver.ambient.random(),
            first,
            driver.ambient.now(),
        );
        Self {
            driver,
            machine,
            intent,
            attempts: 0,
            arrived: Arrived::No,
            in_doubt: None,
            noted_pending: None,
        }
    }

    fn resume(driver: Arc<Driver<P>>, entry: Entry) -> Self {
        let Some(host) = entry.in_doubt().map(|attempt| attempt.host) else {
            // The process ended between two attempts that are both known not to have arrived.
            let attempts = entry.attempts.len() as u32;
            return Self {
                attempts,
                ..Self::new(driver, entry.intent)
            };
        };
        let noted_pending = entry.pending.then(|| entry.provider_reference.clone());
        let known = Known {
            created_at: entry.intent.created_at,
            provider_reference: entry.provider_reference,
            pending: entry.pending,
            refusal: entry.refusal,
        };
        let machine = Machine::resume(
            driver.provider.facts(),
            driver.policy,
            driver.ambient.random(),
            host,
            known,
            driver.ambient.now(),
        );
        let attempts = entry.attempts.len() as u32;
        Self {
            driver,
            machine,
            intent: entry.intent,
            attempts,
            arrived: Arrived::Maybe,
            in_doubt: Some(host),
            noted_pending,
        }
    }

    async fn run(mut self) -> Result<Outcome, Error> {
        loop {
            match self.machine.next(self.now()) {
                Action::Send(host) => {
                    if let Err(failed) = self.send(host).await {
                        return self.journal_failed(failed);
                    }
                }
                Action::Enquire(host) => self.enquire(host).await,
                Action::Wait(until) => self.wait(until).await,
                Action::Finish(conclusion) => {
                    let conclusion = self.with_provider_reference(conclusion).await;
                    return self.finish(conclusion).await;
                }
            }
        }
    }

    /// Journals an attempt, then sends it.
    async fn send(&mut self, host: Host) -> Result<(), JournalError> {
        if let Err(verdict) = self.driver.provider.ready(host).await {
            self.machine.sent(host, verdict, self.now());
            return Ok(());
        }
        let started_at = self.now();
        self.journal_attempt(Attempt {
            number: self.attempts + 1,
            host,
            started_at,
            arrived: None,
        })
        .await?;
        self.attempts += 1;
        let span = tracing::info_span!("attempt", number = self.attempts, host = host.0);
        let verdict = self
            .driver
            .provider
            .send(&self.intent, host)
            .instrument(span)
            .await;
        let now = self.now();
        self.driver.observe(&Event::Sent {
            reference: &self.intent.reference,
            number: self.attempts,
            host,
            verdict: verdict.word(),
            took: now - started_at,
        });
        tracing::info!(
            host = host.0,
            attempt = self.attempts,
            verdict = verdict.word(),
            "sent"
        );
        self.arrived = if verdict.never_arrived() {
            Arrived::No
        } else {
            Arrived::Maybe
        };
        if self.arrived == Arrived::Maybe {
            self.in_doubt = Some(host);
        }
        let pending = matches!(verdict, Verdict::Pending { .. });
        self.machine.sent(host, verdict, now);
        self.note_pending(pending).await;
        self.note_refusal().await;
        Ok(())
    }

    async fn journal_attempt(&mut self, attempt: Attempt) -> Result<(), JournalError> {
        let journal = &self.driver.journal;
        if self.attempts > 0 {
            return journal
                .write(
                    self.intent.key(),
                    Note::Attempt {
                        previous: self.arrived,
                        attempt,
                    },
                )
                .await;
        }
        match journal.begin(self.intent.clone(), attempt).await? {
            Begun::Recorded => Ok(()),
            // Another program wrote the row after it was read here, past the journal's lock.
            Begun::Exists(_) => Err(JournalError::Store(format!(
                "{} was recorded by somebody else",
                self.intent.reference
            ))),
        }
    }

    async fn enquire(&mut self, host: Host) {
        let (finding, asked_at) = self.ask(host).await;
        let pending = matches!(finding, Finding::Pending { .. });
        self.machine.enquired(host, finding, asked_at, self.now());
        self.note_pending(pending).await;
    }

    /// Asks a host about the sale; says when the question left.
    async fn ask(&self, host: Host) -> (Finding, Timestamp) {
        // The permit bounds the enquiries of the whole client; the semaphore is never closed.
        let _permit = self.driver.enquiries.acquire().await;
        let asked_at = self.now();
        let span = tracing::info_span!("enquiry", host = host.0);
        let enquiry =
            self.driver
                .provider
                .enquire(&self.intent, self.machine.provider_reference(), host);
        let finding = enquiry.instrument(span).await;
        self.driver.observe(&Event::Enquired {
            reference: &self.intent.reference,
            host,
            finding: finding.word(),
            took: self.now() - asked_at,
        });
        tracing::info!(host = host.0, finding = finding.word(), "enquired");
        (finding, asked_at)
    }

    /// Writes down that the service works on it, and under which reference, once for each thing that is learnt. A note that is lost costs
    /// nothing but knowledge: the row stays open either way.
    async fn note_pending(&mut self, pending: bool) {
        let provider_reference = self.machine.provider_reference().map(str::to_owned);
        if !pending || self.noted_pending.as_ref() == Some(&provider_reference) {
            return;
        }
        let note = Note::Pending {
            provider_reference: provider_reference.clone(),
        };
        match self.driver.journal.write(self.intent.key(), note).await {
            Ok(()) => self.noted_pending = Some(provider_reference),
            Err(error) => {
                tracing::warn!(%error, "the journal could not note that the sale is pending")
            }
        }
    }

    /// Writes down a refusal that still waits for its witness, so that after a crash the sale is not sent again.
    async fn note_refusal(&mut self) {
        let Some(refusal) = self.machine.unwitnessed().cloned() else {
            return;
        };
        if let Err(error) = self
            .driver
            .journal
            .write(self.intent.key(), Note::Refused(refusal))
            .await
        {
            tracing::warn!(%error, "the journal could not note that the sale was refused");
        }
    }

    /// The vendors ask that their own reference be kept. Where the answer to a sale did not give it, one enquiry may.
    async fn with_provider_reference(&mut self, conclusion: Conclusion) -> Conclusion {
        let Conclusion::Vended(vend) = conclusion else {
            return conclusion;
        };
        let Some(host) = self.in_doubt.filter(|_| vend.provider_reference.is_none()) else {
            return Conclusion::Vended(vend);
        };
        let (found, _) = self.ask(host).await;
        let Finding::Vended(found) = found else {
            return Conclusion::Vended(vend);
        };
        Conclusion::Vended(Vend {
            provider_reference: found.provider_reference,
            balance: vend.balance,
            voucher_pin: vend.voucher_pin.or(found.voucher_pin),
        })
    }

    async fn wait(&self, until: Timestamp) {
        self.driver.observe(&Event::Waiting {
            reference: &self.intent.reference,
            until,
        });
        self.driver.ambient.sleep(until - self.now()).await;
    }

    async fn finish(self, conclusion: Conclusion) -> Result<Outcome, Error> {
        let reference = self.intent.reference.clone();
        if let Some(end) = End::of(&conclusion, self.now()) {
            let journaled = self.attempts > 0;
            if journaled
                && let Err(error) = self
                    .driver
                    .journal
                    .write(self.intent.key(), Note::End(end))
                    .await
            {
                tracing::error!(%reference, %error, "the journal could not record the end");
                // The row stays open. Of a sale that happened the next recovery finds the same by enquiry; one that did not happen
                // it would send again, so nobody may be told yet that no money moved.
                if !matches!(conclusion, Conclusion::Vended(_)) {
                    return Ok(Outcome::Unresolved(self.handle(), Doubt::Unrecorded));
                }
            }
        }
        tracing::info!(
            outcome = conclusion.word(),
            attempts = self.attempts,
            "settled"
        );
        match conclusion {
            Conclusion::Vended(vend) => Ok(Outcome::Vended(Sale {
                reference,
                provider_reference: vend.provider_reference,
                balance: vend.balance,
                voucher_pin: vend.voucher_pin,
            })),
            Conclusion::Pending => Ok(Outcome::Pending(Handle {
                pending: true,
                ..self.handle()
            })),
            Conclusion::Unresolved(doubt) => Ok(Outcome::Unresolved(self.handle(), doubt)),
            Conclusion::Refused(refusal) => Err(Error::Refused { reference, refusal }),
            Conclusion::Cancelled => Err(Error::Cancelled { reference }),
            Conclusion::NotSent(obstacle) => Err(Error::NotSent {
                reference,
                obstacle,
            }),
            Conclusion::Denied(denial) => Err(Error::Denied { reference, denial }),
        }
    }

    /// Without a journal nothing is sent. With an earlier attempt in the journal the row is open, and a recovery may send it: a doubt.
    fn journal_failed(self, error: JournalError) -> Result<Outcome, Error> {
        if self.attempts == 0 {
            return Err(Error::Journal(error));
        }
        tracing::error!(reference = %self.intent.reference, %error, "the journal could not record an attempt, so it was not made");
        Ok(Outcome::Unresolved(self.handle(), Doubt::Unrecorded))
    }

    fn handle(&self) -> Handle {
        Handle {
            intent: self.intent.clone(),
            host: self.in_doubt.unwrap_or(Host(0)),
            provider_reference: self.machine.provider_reference().map(str::to_owned),
            pending: false,
            at: self.now(),
        }
    }

    fn now(&self) -> Timestamp {
        self.driver.ambient.now()
    }
}

/// The outcome that the journal holds.
fn settled(reference: Reference, end: &End) -> Result<Outcome, Error> {
    match end.ending {
        Ending::Vended => Ok(Outcome::Vended(Sale {
            reference,
            provider_reference: end.provider_reference.clone(),
            balance: end.balance,
            voucher_pin: None,
        })),
        Ending::Refused => Err(Error::Refused {
            reference,
            refusal: end.refusal(),
        }),
        Ending::Cancelled => Err(Error::Cancelled { reference }),
        Ending::NotSent => Err(Error::NotSent {
            reference,
            obstacle: crate::recovery::Obstacle(end.message.clone()),
        }),
    }
}

/// Spreads the sales over the hosts, each with the host that its reference names, so that all that concerns one sale meets one host first.
fn first_host(reference: &Reference, hosts: u8) -> Host {
    let sum = reference.as_str().bytes().fold(0_u32, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    Host((sum % u32::from(hosts.max(1))) as u8)
}

impl<P> fmt::Debug for Driver<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("journal", &self.journal)
            .finish_non_exhaustive()
    }
}
