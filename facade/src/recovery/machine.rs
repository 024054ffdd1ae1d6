//! **The rule: one reference, one outcome. A sale is sent again only with the same reference, to the same host, on rule Q's evidence.**
//!
//! [`Machine::next`] says what to do, [`Machine::sent`] and [`Machine::enquired`] take in what came of it. Nothing else changes the state,
//! and none of them does I/O, so that every sequence of events can be tried in a test.
//!
//! ```text
//!            sent: vended ─────────────────────────────────────────────────────────► Vended
//!   Unsent ─ sent: refused, every indicator agrees ────────────────────────────────► Refused
//!     │      not sent, tries used up ──────────────────────────────────────────────► NotSent
//!     │      caller not let in ────────────────────────────────────────────────────► Denied
//!     ▼ anything else
//!   Open ─── enquired: vended, failed, cancelled ──────────────────────────────────► Vended, Refused, Cancelled
//!     │  ▲   enquired: pending        the evidence starts anew
//!     │  └── rule Q complete          send again: same reference, same host
//!     │      refusal + its witness ────────────────────────────────────────────────► Refused
//!     └───── deadline ─────────────────────────────────────────────────────────────► Pending, Unresolved (open in the journal)
//! ```

use std::time::Duration;

use super::delivery::{Loss, Obstacle, RETRY_AFTER_MAX};
use super::policy::Policy;
use super::schedule::{Jitter, ceiling, poll_wait};
use super::settling::Settling;
use super::verdict::{Advice, Denial, Doubt, Finding, Refusal, Vend, Verdict, Witness};
use crate::domain::Timestamp;

/// One of a provider's hosts, by its place in the configuration.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Host(pub u8);

impl Host {
    /// The host after this one, of `hosts`.
    #[must_use]
    pub fn next(self, hosts: u8) -> Self {
        Self((self.0 + 1) % hosts.max(1))
    }
}

/// What is known of a provider's operation. The engine is the same for all; these facts differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Facts {
    /// How many hosts there are.
    pub hosts: u8,
    /// Whether the provider refuses a reference that it has seen. Without it nothing is ever sent again.
    pub deduplicates: bool,
    /// How long an enquiry by our reference means anything.
    pub history: Duration,
    /// How long an enquiry by the provider's reference means anything.
    pub history_by_provider_reference: Duration,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Journal an attempt, then send the sale.
    Send(Host),
    /// Ask what became of it.
    Enquire(Host),
    /// Nothing, until then.
    Wait(Timestamp),
    /// Stop: this is how it ended.
    Finish(Conclusion),
}

/// How the work on one reference ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Conclusion {
    /// Sold, once.
    Vended(Vend),
    /// Not sold, and it will not be.
    Refused(Refusal),
    /// Cancelled before it reached the network.
    Cancelled,
    /// Not sold: nothing ever left.
    NotSent(Obstacle),
    /// Not sold: the service did not let the caller in.
    Denied(Denial),
    /// The provider is still working on it. The row stays open.
    Pending,
    /// It is not known. The row stays open.
    Unresolved(Doubt),
}

impl Conclusion {
    /// In one word, for logs and metrics.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Vended(_) => "vended",
            Self::Refused(_) => "refused",
            Self::Cancelled => "cancelled",
            Self::NotSent(_) => "not_sent",
            Self::Denied(_) => "denied",
            Self::Pending => "pending",
            Self::Unresolved(_) => "unresolved",
        }
    }

    /// Whether this can never change any more.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Pending | Self::Unresolved(_))
    }
}

/// The state of one reference.
#[derive(Clone, Debug)]
pub struct Machine {
    facts: Facts,
    policy: Policy,
    jitter: Jitter,
    created_at: Timestamp,
    deadline: Timestamp,
    provider_reference: Option<String>,
    phase: Phase,
}

#[derive(Clone, Debug)]
enum Phase {
    /// No attempt of this reference can have arrived.
    Unsent {
        host: Host,
        connect_tries: u32,
        token_renewed: bool,
        at: Timestamp,
    },
    /// An attempt may have arrived.
    Open(Open),
    Done(Conclusion),
}

#[derive(Clone, Debug)]
struct Open {
    evidence: Settling,
    doubt: Doubt,
    /// The provider was last seen to be working on it.
    pending: bool,
    /// A refusal that waits for its witness; without one, rule Q's evidence leads to a resend.
    refusal: Option<(Refusal, Witness)>,
    opened_at: Timestamp,
    next_at: Timestamp,
    enquiries: u32,
    resends: u32,
    /// Failed tries of the resend that is due, which leave the evidence as it is.
    resend_tries: u32,
}

impl Machine {
    /// A sale of which nothing was sent yet.
    pub fn new(facts: Facts, policy: Policy, seed: u64, first: Host, now: Timestamp) -> Self {
        Self {
            facts,
            policy,
            jitter: Jitter::new(seed),
            created_at: now,
            deadline: now + policy.deadline,
            provider_reference: None,
            phase: Phase::Unsent {
                host: first,
                connect_tries: 0,
                token_renewed: false,
                at: now,
            },
        }
    }

    /// A sale from the journal, of which an attempt on `used` may have arrived. Begins with an enquiry, never with a send.
    pub fn resume(
        facts: Facts,
        policy: Policy,
        seed: u64,
        used: Host,
        known: Known,
        now: Timestamp,
    ) -> Self {
        let doubt = Doubt::Lost(Loss::Crashed);
        Self {
            facts,
            policy,
            jitter: Jitter::new(seed),
            created_at: known.created_at,
            deadline: now + policy.deadline,
            provider_reference: known.provider_reference,
            phase: Phase::Open(Open {
                pending: known.pending,
                // What was pending after it was refused is no longer refused.
                refusal: known
                    .refusal
                    .filter(|_| !known.pending)
                    .map(|refusal| (refusal, Witness::Windows)),
                ..Open::new(used, doubt, now)
            }),
        }
    }

    /// The provider's own reference, as far as it is known.
    pub fn provider_reference(&self) -> Option<&str> {
        self.provider_reference.as_deref()
    }

    /// The refusal that still waits for its witness, if there is one.
    pub fn unwitnessed(&self) -> Option<&Refusal> {
        match &self.phase {
            Phase::Open(open) => open.refusal.as_ref().map(|(refusal, _)| refusal),
            Phase::Unsent { .. } | Phase::Done(_) => None,
        }
    }

    /// What to do at `now`.
    pub fn next(&mut self, now: Timestamp) -> Action {
        let overdue = now >= self.deadline;
        let expired = self.expired(now);
        match &mut self.phase {
            Phase::Done(conclusion) => Action::Finish(conclusion.clone()),
            Phase::Unsent { at, .. } if now < *at => Action::Wait(*at),
            Phase::Unsent { host, .. } => Action::Send(*host),
            Phase::Open(_) if expired => Action::Finish(Conclusion::Unresolved(Doubt::Expired)),
            // However late it is, the vendor's procedure is to enquire at once: at least one enquiry is made.
            Phase::Open(open) if overdue && open.enquiries > 0 => {
                Action::Finish(open.handed_over())
            }
            Phase::Open(open) if now < open.next_at => {
                Action::Wait(open.next_at.min(self.deadline))
            }
            Phase::Open(open) => match open.due(&self.facts, &self.policy) {
                Due::Enquiry => Action::Enquire(open.evidence.next_host(self.facts.hosts)),
                Due::Resend => Action::Send(open.evidence.used),
                Due::Refusal(refusal) => {
                    self.phase = Phase::Done(Conclusion::Refused(refusal.clone()));
                    Action::Finish(Conclusion::Refused(refusal))
                }
            },
        }
    }

    /// Takes in what came of an [`Action::Send`] on `host` that ended at `now`.
    pub fn sent(&mut self, host: Host, verdict: Verdict, now: Timestamp) {
        match verdict {
            Verdict::Vended(vend) => self.vended(vend),
            Verdict::NotSent(obstacle) => self.not_sent(host, obstacle, now),
            Verdict::TokenRefused => self.token_refused(host, now),
            Verdict::Denied(denial) => self.denied(denial, now),
            Verdict::Refused(refusal, witness) => self.refused(host, refusal, witness, now),
            Verdict::Pending { provider_reference } => {
                self.provider_reference = provider_reference.or(self.provider_reference.take());
                self.open(Open {
                    pending: true,
                    ..Open::new(host, Doubt::Pending, now)
                });
            }
            Verdict::Ambiguous(doubt) => self.open(Open::new(host, doubt, now)),
        }
    }

    /// Takes in what an [`Action::Enquire`] on `host` found, that left at `asked_at` and ended at `now`.
    pub fn enquired(&mut self, host: Host, finding: Finding, asked_at: Timestamp, now: Timestamp) {
        let Phase::Open(open) = &mut self.phase else {
            return;
        };
        open.enquiries += 1;
        match finding {
            Finding::Vended(vend) => return self.vended(vend),
            Finding::Failed(found) => {
                // The answer to the sale said more of it than the enquiry does.
                let refusal = open.refusal.take().map_or(found, |(refusal, _)| refusal);
                return self.phase = Phase::Done(Conclusion::Refused(refusal));
            }
            Finding::Cancelled => return self.phase = Phase::Done(Conclusion::Cancelled),
            Finding::Differs(what) => return self.phase = Phase::Done(open.collision(what)),
            Finding::Pending { provider_reference } => {
                open.pending = true;
                open.refusal = None;
                open.evidence.restart(now);
                self.provider_reference = provider_reference.or(self.provider_reference.take());
            }
            Finding::NotSeen => {
                open.pending = false;
                if matches!(open.refusal, Some((_, Witness::Enquiry))) && host == open.evidence.used
                {
                    let refusal = open.refusal.take().map(|(refusal, _)| refusal);
                    return self.phase =
                        Phase::Done(refusal.map_or(open.handed_over(), Conclusion::Refused));
                }
                open.evidence.not_seen(host, asked_at, self.policy.settle);
            }
            Finding::Inconclusive(_) => {}
        }
        open.schedule(&self.facts, &self.policy, &mut self.jitter, now);
    }

    fn vended(&mut self, mut vend: Vend) {
        vend.provider_reference = vend.provider_reference.or(self.provider_reference.take());
        self.phase = Phase::Done(Conclusion::Vended(vend));
    }

    /// Rule F: the other host at once, then all in turn with a backoff. With an attempt in doubt the host stays.
    fn not_sent(&mut self, host: Host, obstacle: Obstacle, now: Timestamp) {
        let policy = &self.policy;
        match &mut self.phase {
            Phase::Unsent {
                host: next,
                connect_tries,
                at,
                ..
            } => {
                *connect_tries += 1;
                if *connect_tries >= policy.connect_tries_max || now >= self.deadline {
                    self.phase = Phase::Done(Conclusion::NotSent(obstacle));
                    return;
                }
                *next = host.next(self.facts.hosts);
                let rounds = *connect_tries / u32::from(self.facts.hosts.max(1));
                let round_over = *connect_tries % u32::from(self.facts.hosts.max(1)) == 0;
                let limit = ceiling(
                    policy.reconnect_min,
                    policy.reconnect_cap,
                    rounds.saturating_sub(1),
                );
                *at = if round_over {
                    now + self.jitter.below(limit)
                } else {
                    now
                };
            }
            Phase::Open(open) => open.put_off_resend(policy, &mut self.jitter, now),
            Phase::Done(_) => {}
        }
    }

    /// The business layer never saw the sale: a new token, then the same reference to the same host; once.
    fn token_refused(&mut self, host: Host, now: Timestamp) {
        let denial = Denial::Credentials("a new token was refused as well".into());
        match &mut self.phase {
            Phase::Unsent {
                host: next,
                token_renewed,
                at,
                ..
            } if !*token_renewed => {
                (*next, *token_renewed, *at) = (host, true, now);
            }
            _ => self.denied(denial, now),
        }
    }

    /// With an attempt in doubt a closed door proves nothing about it: the work goes on by enquiry.
    fn denied(&mut self, denial: Denial, now: Timestamp) {
        match &mut self.phase {
            Phase::Unsent { .. } => self.phase = Phase::Done(Conclusion::Denied(denial)),
            Phase::Open(open) => open.put_off_resend(&self.policy, &mut self.jitter, now),
            Phase::Done(_) => {}
        }
    }

    /// A refusal ends it only where no earlier attempt is in doubt: that one may land yet.
    fn refused(&mut self, host: Host, refusal: Refusal, witness: Witness, now: Timestamp) {
        let witness = if matches!(self.phase, Phase::Open(_)) {
            Witness::Windows
        } else {
            witness
        };
        if witness == Witness::None {
            self.phase = Phase::Done(Conclusion::Refused(refusal));
            return;
        }
        let doubt = Doubt::Unlisted(refusal.message.clone());
        self.open(Open {
            refusal: Some((refusal, witness)),
            ..Open::new(host, doubt, now)
        });
    }

    /// An attempt may have arrived: the evidence starts anew, and the first enquiry is due at once.
    fn open(&mut self, mut open: Open) {
        if let Phase::Open(before) = &self.phase {
            open.resends = before.resends + 1;
            open.opened_at = before.opened_at;
        }
        self.phase = Phase::Open(open);
    }

    /// Whether the provider has forgotten the reference, so that "does not exist" would mean nothing.
    fn expired(&self, now: Timestamp) -> bool {
        let history = match self.provider_reference {
            Some(_) => self.facts.history_by_provider_reference,
            None => self.facts.history,
        };
        now >= self.created_at + history
    }
}

/// What the journal knows of an open row.
#[derive(Clone, Debug)]
pub struct Known {
    /// When the sale was first recorded.
    pub created_at: Timestamp,
    /// The provider's own reference, if an answer gave it.
    pub provider_reference: Option<String>,
    /// Whether the provider said that it is working on it.
    pub pending: bool,
    /// What the provider refused it with, if that still waits for its witness.
    pub refusal: Option<Refusal>,
}

enum Due {
    Enquiry,
    Resend,
    Refusal(Refusal),
}

impl Open {
    fn new(used: Host, doubt: Doubt, now: Timestamp) -> Self {
        Self {
            evidence: Settling::new(used, now),
            doubt,
            pending: false,
            refusal: None,
            opened_at: now,
            next_at: now,
            enquiries: 0,
            resends: 0,
            resend_tries: 0,
        }
    }

    fn due(&self, facts: &Facts, policy: &Policy) -> Due {
        if !self.evidence.complete(facts.hosts) {
            return Due::Enquiry;
        }
        match &self.refusal {
            Some((refusal, _)) => Due::Refusal(refusal.clone()),
            None if facts.deduplicates && self.resends < policy.resends_max => Due::Resend,
            None => Due::Enquiry,
        }
    }

    /// When to act next, after an enquiry that did not end it.
    fn schedule(&mut self, facts: &Facts, policy: &Policy, jitter: &mut Jitter, now: Timestamp) {
        let settled_at = self.evidence.settled_at(policy.settle);
        self.next_at = if self.evidence.complete(facts.hosts) {
            match (self.due(facts, policy), &self.doubt) {
                (Due::Refusal(_), _) => now,
                (Due::Resend, Doubt::Busy { retry_after }) => {
                    now + self.busy_wait(*retry_after, policy, jitter)
                }
                (Due::Resend, _) => now,
                (Due::Enquiry, _) => {
                    now + poll_wait(policy, self.enquiries, now - self.opened_at, jitter)
                }
            }
        } else if now >= settled_at && !self.pending {
            // The rest of the evidence, one short wait apart: a resend within five minutes of the first try has two guards, later only one.
            now + jitter.between(policy.poll_min / 2, policy.poll_min)
        } else {
            let wait = poll_wait(policy, self.enquiries, now - self.opened_at, jitter);
            if self.pending {
                now + wait
            } else {
                (now + wait).min(settled_at)
            }
        };
    }

    /// The resend that was due did not leave, so the evidence stands; it is tried again after a wait.
    fn put_off_resend(&mut self, policy: &Policy, jitter: &mut Jitter, now: Timestamp) {
        let limit = ceiling(
            policy.reconnect_min,
            policy.reconnect_cap,
            self.resend_tries,
        );
        self.resend_tries += 1;
        self.next_at = now + jitter.between(limit / 2, limit);
    }

    fn busy_wait(
        &self,
        retry_after: Option<Duration>,
        policy: &Policy,
        jitter: &mut Jitter,
    ) -> Duration {
        let drawn = jitter.below(ceiling(policy.busy_min, policy.busy_cap, self.resends));
        drawn.max(retry_after.unwrap_or_default().min(RETRY_AFTER_MAX))
    }

    fn handed_over(&self) -> Conclusion {
        if self.pending {
            Conclusion::Pending
        } else {
            Conclusion::Unresolved(self.doubt.clone())
        }
    }

    /// Another transaction has this reference. If the answer to our own request said "duplicate", ours was refused; otherwise a person must look.
    fn collision(&self, what: String) -> Conclusion {
        if self.doubt == Doubt::Duplicate && self.resends == 0 {
            return Conclusion::Refused(Refusal {
                code: None,
                message: format!("the reference is taken by another transaction: {what}"),
                advice: Advice::NewReference,
            });
        }
        Conclusion::Unresolved(Doubt::Differs(what))
    }
}
