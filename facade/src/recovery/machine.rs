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

use super::class::Class;
use super::delivery::{Loss, Obstacle};
use super::open::{Due, Open};
use super::policy::Policy;
use super::schedule::{Jitter, ceiling};
use super::verdict::{Denial, Doubt, Finding, Refusal, Vend, Verdict, Witness};
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
pub(crate) struct Facts {
    /// How many hosts there are.
    pub hosts: u8,
    /// What an operation allows to be done about a sale in doubt.
    pub class: Class,
    /// How long an enquiry by our reference means anything.
    pub history: Duration,
    /// How long an enquiry by the provider's reference means anything.
    pub history_by_provider_reference: Duration,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
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
pub(crate) enum Conclusion {
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
    pub(crate) fn word(&self) -> &'static str {
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
}

/// The state of one reference.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    facts: Facts,
    policy: Policy,
    jitter: Jitter,
    created_at: Timestamp,
    deadline: Timestamp,
    /// The wall clock, when it was last told: what the provider's history is counted by.
    wall: Timestamp,
    provider_reference: Option<String>,
    phase: Phase,
}

#[derive(Clone, Debug)]
enum Phase {
    /// No attempt of this reference can have arrived.
    Unsent {
        host: Host,
        connect_tries: u32,
        /// The hosts whose token was replaced, one bit each.
        tokens_renewed: u8,
        at: Timestamp,
    },
    /// An attempt may have arrived.
    Open(Open),
    Done(Conclusion),
}

impl Machine {
    /// A sale of which nothing was sent yet.
    pub(crate) fn new(
        facts: Facts,
        policy: Policy,
        seed: u64,
        first: Host,
        now: Timestamp,
    ) -> Self {
        Self {
            facts,
            policy,
            jitter: Jitter::new(seed),
            created_at: now,
            deadline: now + policy.deadline,
            wall: now,
            provider_reference: None,
            phase: Phase::Unsent {
                host: first,
                connect_tries: 0,
                tokens_renewed: 0,
                at: now,
            },
        }
    }

    /// A sale from the journal, of which an attempt may have arrived. Begins with an enquiry, never with a send.
    pub(crate) fn resume(
        facts: Facts,
        policy: Policy,
        seed: u64,
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
            wall: now,
            provider_reference: known.provider_reference,
            phase: Phase::Open(Open {
                pending: known.pending,
                stranded: known.used.is_none(),
                refusal: known.refusal.map(|refusal| (refusal, Witness::Windows)),
                ..Open::new(known.used.unwrap_or(Host(0)), doubt, now)
            }),
        }
    }

    /// The provider's own reference, as far as it is known.
    pub(crate) fn provider_reference(&self) -> Option<&str> {
        self.provider_reference.as_deref()
    }

    /// When the time for this sale is up.
    pub(crate) fn deadline(&self) -> Timestamp {
        self.deadline
    }

    /// The refusal that still waits for its witness, if there is one.
    pub(crate) fn unwitnessed(&self) -> Option<&Refusal> {
        match &self.phase {
            Phase::Open(open) => open.refusal.as_ref().map(|(refusal, _)| refusal),
            Phase::Unsent { .. } | Phase::Done(_) => None,
        }
    }

    /// What to do at `now`; `wall` is what the wall clock says then, by which the provider's history is counted.
    pub(crate) fn next(&mut self, now: Timestamp, wall: Timestamp) -> Action {
        self.wall = wall;
        let overdue = now >= self.deadline;
        let forgotten = self.is_forgotten();
        let due = self.due();
        match &mut self.phase {
            Phase::Done(conclusion) => Action::Finish(conclusion.clone()),
            Phase::Unsent { at, .. } if now < *at => Action::Wait(*at),
            Phase::Unsent { host, .. } => Action::Send(*host),
            Phase::Open(open) if self.facts.class == Class::Blind => {
                Action::Finish(Conclusion::Unresolved(open.doubt.clone()))
            }
            // However late it is, the vendor's procedure is to enquire at once: at least one enquiry is made.
            Phase::Open(open) if open.enquiries > 0 && forgotten => {
                Action::Finish(Conclusion::Unresolved(Doubt::Expired))
            }
            Phase::Open(open) if open.enquiries > 0 && overdue => {
                Action::Finish(open.handed_over())
            }
            Phase::Open(open) if now < open.next_at && !overdue => {
                Action::Wait(open.next_at.min(self.deadline))
            }
            Phase::Open(open) => match due {
                Due::Enquiry => Action::Enquire(open.evidence.next_host(self.facts.hosts)),
                Due::Resend => Action::Send(open.evidence.used),
                Due::Refusal(refusal) => {
                    self.phase = Phase::Done(Conclusion::Refused(refusal.clone()));
                    Action::Finish(Conclusion::Refused(refusal))
                }
            },
        }
    }

    fn due(&self) -> Due {
        match &self.phase {
            Phase::Open(open) => open.due(&self.facts, &self.policy, self.may_resend()),
            Phase::Unsent { .. } | Phase::Done(_) => Due::Enquiry,
        }
    }

    /// Takes in what came of an [`Action::Send`] on `host` that ended at `now`.
    pub(crate) fn sent(&mut self, host: Host, verdict: Verdict, now: Timestamp) {
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
    pub(crate) fn enquired(
        &mut self,
        host: Host,
        finding: Finding,
        asked_at: Timestamp,
        now: Timestamp,
    ) {
        let Phase::Open(open) = &mut self.phase else {
            return;
        };
        open.enquiries += 1;
        open.ask_again = false;
        let mut counted = false;
        open.in_vain = match finding {
            Finding::Inconclusive(_) => open.in_vain + 1,
            _ => 0,
        };
        match finding {
            Finding::Vended(vend) => return self.vended(vend),
            Finding::Failed(found) => {
                // The answer to the sale said more of it than the enquiry does.
                let refusal = open.refusal.take().map_or(found, |(refusal, _)| refusal);
                return self.phase = Phase::Done(Conclusion::Refused(refusal));
            }
            Finding::Cancelled => return self.phase = Phase::Done(Conclusion::Cancelled),
            Finding::Differs(what) => {
                // Whoever sent that other transaction, ours may have been sold beside it: a person must look.
                let doubt = Doubt::Differs(what);
                return self.phase = Phase::Done(Conclusion::Unresolved(doubt));
            }
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
                counted = open.evidence.not_seen(host, asked_at, self.policy.settle);
            }
            Finding::Inconclusive(_) => {}
        }
        let due = self.due();
        if let Phase::Open(open) = &mut self.phase {
            let complete = open.evidence.complete(self.facts.hosts);
            open.schedule(due, complete, counted, &self.policy, &mut self.jitter, now);
        }
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

    /// The business layer never saw the sale: a new token, then the same reference to the same host; once for each host.
    fn token_refused(&mut self, host: Host, now: Timestamp) {
        let bit = 1_u8.checked_shl(host.0.into()).unwrap_or(0);
        match &mut self.phase {
            Phase::Unsent {
                host: next,
                tokens_renewed,
                at,
                ..
            } if *tokens_renewed & bit == 0 => {
                *tokens_renewed |= bit;
                (*next, *at) = (host, now);
            }
            _ => {
                let denial = Denial::Credentials("a new token was refused as well".into());
                self.denied(denial, now);
            }
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

    /// Whether the provider has forgotten the sale, by whichever reference is known.
    fn is_forgotten(&self) -> bool {
        let history = match self.provider_reference {
            Some(_) => self.facts.history_by_provider_reference,
            None => self.facts.history,
        };
        self.wall >= self.created_at + history
    }

    /// Whether "does not exist" still means something of our reference, and the clock can be believed about that.
    fn may_resend(&self) -> bool {
        self.created_at <= self.wall && self.wall < self.created_at + self.facts.history
    }
}

/// What the journal knows of an open row.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The host that may have taken the sale; `None` if it is not among those that are configured.
    pub used: Option<Host>,
    /// When the sale was first recorded.
    pub created_at: Timestamp,
    /// The provider's own reference, if an answer gave it.
    pub provider_reference: Option<String>,
    /// Whether the provider said that it is working on it.
    pub pending: bool,
    /// What the provider refused it with, if that still waits for its witness.
    pub refusal: Option<Refusal>,
}
