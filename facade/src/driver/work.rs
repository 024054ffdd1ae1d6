//! The work on one sale, from here to a conclusion: each [`Action`] of the machine, carried out.

use std::sync::Arc;

use rust_decimal::Decimal;
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::Instrument;

use super::{Driver, Provider, Told, Urgency};
use crate::domain::{Reference, Timestamp};
use crate::error::Error;
use crate::journal::{Arrived, Attempt, Begun, End, Entry, Intent, JournalError, Note};
use crate::observe::Event;
use crate::outcome::{Handle, Outcome, Sale};
use crate::recovery::machine::Known;
use crate::recovery::{
    Action, Class, Conclusion, Doubt, Finding, Host, Machine, Policy, Vend, Verdict,
};

pub(super) struct Work<P> {
    driver: Arc<Driver<P>>,
    machine: Machine,
    intent: Intent,
    urgency: Urgency,
    /// The attempts that the journal holds.
    attempts: u32,
    /// Whether the last of them may have arrived.
    arrived: Arrived,
    /// The name of the last host that may have taken the sale.
    in_doubt: Option<Arc<str>>,
    /// The account's balance before it was sent there, where that was asked for.
    balance_before: Option<Decimal>,
    /// What the journal holds of that the service works on it: nothing, or the service's reference as far as that is known.
    noted_pending: Option<Option<String>>,
}

impl<P: Provider> Work<P> {
    pub(super) fn new(driver: Arc<Driver<P>>, intent: Intent) -> Self {
        let facts = driver.provider.facts(&intent);
        let first = driver
            .provider
            .prefer(first_host(&intent.reference, facts.hosts));
        let (seed, now) = (driver.ambient.random(), driver.ambient.now());
        let machine = Machine::new(facts, driver.policy, seed, first, now);
        Self {
            driver,
            machine,
            intent,
            urgency: Urgency::Live,
            attempts: 0,
            arrived: Arrived::No,
            in_doubt: None,
            balance_before: None,
            noted_pending: None,
        }
    }

    /// The host that it is sent to first.
    pub(super) fn first_host(&self) -> Host {
        let provider = &self.driver.provider;
        provider.prefer(first_host(
            &self.intent.reference,
            provider.facts(&self.intent).hosts,
        ))
    }

    pub(super) fn intent(&self) -> &Intent {
        &self.intent
    }

    /// The host could not be made ready, so nothing was sent.
    pub(super) fn refused_entry(&mut self, host: Host, verdict: Verdict) {
        let now = self.now();
        self.machine.sent(host, verdict, now);
    }

    pub(super) fn resume(driver: Arc<Driver<P>>, entry: Entry, urgency: Urgency) -> Self {
        let in_doubt = entry.in_doubt().map(|attempt| attempt.host.clone());
        let balance_before = entry.in_doubt().and_then(|attempt| attempt.balance_before);
        let noted_pending = entry.pending.then(|| entry.provider_reference.clone());
        let known = Known {
            used: in_doubt
                .as_deref()
                .and_then(|name| driver.provider.host_named(name)),
            created_at: entry.intent.created_at,
            provider_reference: entry.provider_reference,
            pending: entry.pending,
            refusal: entry.refusal,
        };
        // Each recovery begins the settle window anew, so it must be given the time to reach its end.
        let deadline = match urgency {
            Urgency::Live => driver.policy.deadline,
            Urgency::Background => driver.policy.deadline.max(driver.policy.settle * 2),
        };
        let policy = Policy {
            deadline,
            ..driver.policy
        };
        let facts = driver.provider.facts(&entry.intent);
        let (seed, now) = (driver.ambient.random(), driver.ambient.now());
        Self {
            machine: Machine::resume(facts, policy, seed, known, now),
            driver,
            intent: entry.intent,
            urgency,
            attempts: entry.attempts.len() as u32,
            arrived: Arrived::Maybe,
            in_doubt,
            balance_before,
            noted_pending,
        }
    }

    /// Borrows, so that the work is not moved into what runs it: every sale's task carries that along.
    pub(super) async fn run(&mut self) -> Told {
        loop {
            let wall = self.driver.ambient.wall();
            match self.machine.next(self.now(), wall) {
                Action::Send(host) => {
                    if let Err(failed) = self.send(host).await {
                        return Ok(self.driver.left_open(self.handle(), &failed));
                    }
                }
                // On the heap, since most sales never need it: what every sale carries along is moved with its task.
                Action::Enquire(host) => Box::pin(self.enquire(host)).await,
                Action::Wait(until) => self.wait(until).await,
                Action::Finish(conclusion) => return self.finish(conclusion).await,
            }
        }
    }

    /// Journals an attempt, then sends it. What the journal did not record is not sent; but the record may come to light after a crash, so
    /// nobody may be told that no money will move.
    async fn send(&mut self, host: Host) -> Result<(), JournalError> {
        if let Err(verdict) = self.driver.provider.ready(host).await {
            self.refused_entry(host, verdict);
            return Ok(());
        }
        let started_at = self.begin(host).await?;
        let span = tracing::info_span!("attempt", number = self.attempts, host = host.0);
        let sending = self.driver.provider.send(&self.intent, host);
        let verdict = sending.instrument(span).await;
        self.sent(host, started_at, verdict).await;
        Ok(())
    }

    /// Journals an attempt that is about to leave.
    pub(super) async fn begin(&mut self, host: Host) -> Result<Timestamp, JournalError> {
        let provider = &self.driver.provider;
        self.balance_before = provider.balance_before(&self.intent, host).await;
        let started_at = self.now();
        let attempt = Attempt {
            number: self.attempts + 1,
            host: provider.host_name(host),
            started_at,
            arrived: None,
            balance_before: self.balance_before,
        };
        self.record(attempt).await?;
        self.attempts += 1;
        Ok(started_at)
    }

    /// Takes in what the attempt came to.
    pub(super) async fn sent(&mut self, host: Host, started_at: Timestamp, verdict: Verdict) {
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
        if verdict.never_arrived() {
            self.arrived = Arrived::No;
        } else {
            self.arrived = Arrived::Maybe;
            self.in_doubt = Some(self.driver.provider.host_name(host));
        }
        let pending = matches!(verdict, Verdict::Pending { .. });
        self.machine.sent(host, verdict, now);
        self.note_pending(pending).await;
        self.note_refusal().await;
    }

    async fn record(&self, attempt: Attempt) -> Result<(), JournalError> {
        let journal = &self.driver.journal;
        if self.attempts > 0 {
            let previous = self.arrived;
            let note = Note::Attempt { previous, attempt };
            return journal.write(self.intent.key(), note).await;
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
        // However long the queue is, the caller is told when the time is up.
        let now = self.now();
        let patience = (self.machine.deadline() - now).max(self.driver.policy.attempt_timeout);
        let driver = Arc::clone(&self.driver);
        let permits = self.permits(&driver);
        let permit = match permits.try_acquire() {
            Ok(permit) => Some(permit),
            Err(_) => tokio::select! {
                biased;
                permit = permits.acquire() => permit.ok(),
                () = driver.ambient.sleep(patience) => None,
            },
        };
        let asked_at = self.now();
        let finding = match permit {
            Some(permit) => self.ask(host, permit).await,
            None => Finding::Inconclusive("too many enquiries are on their way".into()),
        };
        let pending = matches!(finding, Finding::Pending { .. });
        self.machine.enquired(host, finding, asked_at, self.now());
        self.note_pending(pending).await;
    }

    fn permits<'a>(&self, driver: &'a Driver<P>) -> &'a Semaphore {
        match self.urgency {
            Urgency::Live => &driver.live,
            Urgency::Background => &driver.background,
        }
    }

    /// Asks a host about the sale.
    async fn ask(&self, host: Host, _permit: SemaphorePermit<'_>) -> Finding {
        let asked_at = self.now();
        let span = tracing::info_span!("enquiry", host = host.0);
        let known = self.machine.provider_reference();
        let enquiry = self.driver.provider.enquire(&self.intent, known, host);
        let finding = enquiry.instrument(span).await;
        self.driver.observe(&Event::Enquired {
            reference: &self.intent.reference,
            host,
            finding: finding.word(),
            took: self.now() - asked_at,
        });
        tracing::info!(host = host.0, finding = finding.word(), "enquired");
        finding
    }

    /// Writes down that the service works on it, and under which reference, once for each thing that is learnt. A note that is lost costs
    /// nothing but knowledge: the row stays open either way.
    async fn note_pending(&mut self, pending: bool) {
        if !pending {
            return;
        }
        let provider_reference = self.machine.provider_reference().map(str::to_owned);
        if self.noted_pending.as_ref() == Some(&provider_reference) {
            return;
        }
        let note = Note::Pending {
            provider_reference: provider_reference.clone(),
        };
        if self.note(note).await {
            self.noted_pending = Some(provider_reference);
        }
    }

    /// Writes down a refusal that still waits for its witness, so that after a crash the sale is not sent again.
    async fn note_refusal(&mut self) {
        if let Some(refusal) = self.machine.unwitnessed().cloned() {
            self.note(Note::Refused(refusal)).await;
            self.noted_pending = None;
        }
    }

    async fn note(&self, note: Note) -> bool {
        let noted = self.driver.journal.write(self.intent.key(), note).await;
        if let Err(error) = &noted {
            tracing::warn!(%error, "the journal could not take a note");
        }
        noted.is_ok()
    }

    async fn wait(&self, until: Timestamp) {
        self.driver.observe(&Event::Waiting {
            reference: &self.intent.reference,
            until,
        });
        self.driver.ambient.sleep(until - self.now()).await;
    }

    /// Journals the end, then tells it.
    async fn finish(&self, conclusion: Conclusion) -> Told {
        let reference = self.intent.reference.clone();
        let sells = self.driver.provider.sells(&self.intent);
        let end = End::of(&conclusion, self.now()).filter(|_| self.attempts > 0);
        let end = end.map(|end| if sells { end } else { end.without_a_sale() });
        if let Some(end) = end
            && !self.note(Note::End(end)).await
            && !matches!(conclusion, Conclusion::Vended(_))
        {
            // The row stays open. Of a sale that happened the next recovery finds the same by enquiry; one that did not happen it would
            // send again, so nobody may be told yet that no money moved.
            return Ok(Outcome::Unresolved(self.handle(), Doubt::Unrecorded));
        }
        tracing::info!(
            outcome = conclusion.word(),
            attempts = self.attempts,
            "settled"
        );
        match conclusion {
            Conclusion::Vended(vend) if sells => Ok(Outcome::Vended(self.sale(vend).await)),
            Conclusion::Vended(vend) => Ok(Outcome::Done(self.sale(vend).await)),
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

    /// The sale as it is told. The vendors ask that their own reference be kept: where the answer did not give it, one enquiry may, if it can
    /// be made at once. The sale itself is known and journaled by then.
    async fn sale(&self, vend: Vend) -> Sale {
        let mut sale = Sale {
            reference: self.intent.reference.clone(),
            provider_reference: vend.provider_reference,
            balance: vend.balance,
            receipt: vend.receipt,
        };
        let host = self
            .in_doubt
            .as_deref()
            .and_then(|name| self.driver.provider.host_named(name));
        if self.driver.provider.facts(&self.intent).class == Class::Blind {
            return sale;
        }
        let (None, Some(host), Ok(permit)) = (
            &sale.provider_reference,
            host,
            self.permits(&self.driver).try_acquire(),
        ) else {
            return sale;
        };
        if let Finding::Vended(found) = Box::pin(self.ask(host, permit)).await
            && let Some(reference) = found.provider_reference
        {
            self.note(Note::ProviderReference(reference.clone())).await;
            sale.provider_reference = Some(reference);
            sale.receipt.complete(found.receipt);
        }
        sale
    }

    pub(super) fn handle(&self) -> Handle {
        Handle {
            host: self.in_doubt.clone(),
            refusal: self.machine.unwitnessed().cloned(),
            provider_reference: self.machine.provider_reference().map(str::to_owned),
            balance_before: self.balance_before,
            ..self.driver.untouched(self.intent.clone())
        }
    }

    fn now(&self) -> Timestamp {
        self.driver.ambient.now()
    }
}

/// Spreads the sales over the hosts, each with the host that its reference names, so that all that concerns one sale meets one host first.
fn first_host(reference: &Reference, hosts: u8) -> Host {
    let sum = reference.as_str().bytes().fold(0_u32, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    Host((sum % u32::from(hosts.max(1))) as u8)
}
