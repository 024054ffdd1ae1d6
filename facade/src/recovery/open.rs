//! **The rule: doubt is ended by evidence, never by time.** A sale of which an attempt may have arrived: what is known of it, what is due,
//! and when.

use std::time::Duration;

use super::class::Class;
use super::delivery::RETRY_AFTER_MAX;
use super::machine::{Conclusion, Facts, Host};
use super::policy::Policy;
use super::schedule::{Jitter, ceiling, poll_wait};
use super::settling::Settling;
use super::verdict::{Doubt, Refusal, Witness};
use crate::domain::Timestamp;

/// How often a resend that does not leave is tried while one call works on it; after that it is only enquired about.
const RESEND_TRIES_MAX: u32 = 32;

/// A sale in doubt.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) evidence: Settling,
    /// The host that may have taken the sale is not among those that are configured: it is enquired about only.
    pub(super) stranded: bool,
    pub(super) doubt: Doubt,
    /// The provider was last seen to be working on it.
    pub(super) pending: bool,
    /// A refusal that waits for its witness; without one, rule Q's evidence leads to a resend.
    pub(super) refusal: Option<(Refusal, Witness)>,
    pub(super) opened_at: Timestamp,
    pub(super) next_at: Timestamp,
    pub(super) enquiries: u32,
    /// How many of the last enquiries said nothing.
    pub(super) in_vain: u32,
    pub(super) resends: u32,
    /// Tries of a resend that did not leave, and leave the evidence as it is.
    pub(super) resend_tries: u32,
    /// After such a try it is enquired once more before the next.
    pub(super) ask_again: bool,
}

/// What is to be done about a sale in doubt.
#[derive(Clone, Debug)]
pub(super) enum Due {
    Enquiry,
    Resend,
    Refusal(Refusal),
}

impl Open {
    pub(super) fn new(used: Host, doubt: Doubt, now: Timestamp) -> Self {
        Self {
            evidence: Settling::new(used, now),
            stranded: false,
            doubt,
            pending: false,
            refusal: None,
            opened_at: now,
            next_at: now,
            enquiries: 0,
            in_vain: 0,
            resends: 0,
            resend_tries: 0,
            ask_again: false,
        }
    }

    /// What the evidence allows.
    pub(super) fn due(&self, facts: &Facts, policy: &Policy, may_resend: bool) -> Due {
        if self.stranded || self.ask_again || !self.evidence.complete(facts.hosts) {
            return Due::Enquiry;
        }
        let within_limits =
            self.resends < policy.resends_max && self.resend_tries < RESEND_TRIES_MAX;
        match &self.refusal {
            Some((refusal, _)) => Due::Refusal(refusal.clone()),
            None if facts.class == Class::DedupEnquirable && may_resend && within_limits => {
                Due::Resend
            }
            None => Due::Enquiry,
        }
    }

    /// When to act next, after an enquiry that did not end it; `counted` if it added to the evidence.
    pub(super) fn schedule(
        &mut self,
        due: Due,
        complete: bool,
        counted: bool,
        policy: &Policy,
        jitter: &mut Jitter,
        now: Timestamp,
    ) {
        let settled_at = self.evidence.settled_at(policy.settle);
        let age = now - self.opened_at;
        self.next_at = match due {
            Due::Refusal(_) => now,
            Due::Resend => now + self.resend_wait(policy, jitter),
            Due::Enquiry if self.pending || complete => {
                now + poll_wait(policy, self.enquiries, age, jitter)
            }
            // The rest of the evidence, one short wait apart: a resend within five minutes of the first try has two guards, later only one.
            Due::Enquiry if counted => now + jitter.between(policy.poll_min / 2, policy.poll_min),
            Due::Enquiry if now >= settled_at => {
                now + poll_wait(policy, self.in_vain, Duration::ZERO, jitter)
            }
            Due::Enquiry => (now + poll_wait(policy, self.enquiries, age, jitter)).min(settled_at),
        };
    }

    /// The resend that was due did not leave, so the evidence stands. After a wait it is enquired once more, then tried again.
    pub(super) fn put_off_resend(&mut self, policy: &Policy, jitter: &mut Jitter, now: Timestamp) {
        let limit = ceiling(
            policy.reconnect_min,
            policy.reconnect_cap,
            self.resend_tries,
        );
        self.resend_tries += 1;
        self.ask_again = true;
        self.next_at = now + jitter.between(limit / 2, limit);
    }

    /// How it stands when the time is up.
    pub(super) fn handed_over(&self) -> Conclusion {
        if self.pending {
            Conclusion::Pending
        } else {
            Conclusion::Unresolved(self.doubt.clone())
        }
    }

    /// A service that is busy is given a long backoff before the same reference comes again.
    fn resend_wait(&self, policy: &Policy, jitter: &mut Jitter) -> Duration {
        let Doubt::Busy { retry_after } = self.doubt else {
            return Duration::ZERO;
        };
        let drawn = jitter.below(ceiling(policy.busy_min, policy.busy_cap, self.resends));
        drawn.max(retry_after.unwrap_or_default().min(RETRY_AFTER_MAX))
    }
}
