//! **The rule: every wait and every count has a limit, and each limit has its reason beside it.**

use std::time::Duration;

use crate::error::Invalid;

/// How long things may take and how often they are tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// Making a connection. Below [`attempt_timeout`](Self::attempt_timeout), because only a failed connect proves that nothing was sent.
    /// A read that is not answered for so long is asked of the next host as well.
    pub connect_timeout: Duration,
    /// One request, from the first byte sent to the last byte of the answer.
    pub attempt_timeout: Duration,
    /// How long one recharge is worked on before it is handed over as pending or unresolved. It stays open in the journal.
    pub deadline: Duration,
    /// Rule Q: how long after the end of the last doubtful attempt "does not exist" is not believed.
    /// Must exceed the longest time that the service needs for one recharge.
    pub settle: Duration,
    /// Rule P: the first wait between two enquiries about one reference.
    pub poll_min: Duration,
    /// Rule P: the longest wait within the first hour.
    pub poll_cap: Duration,
    /// Rule P: the longest wait after the first hour.
    pub poll_cap_late: Duration,
    /// Connecting again, after every host was tried: the first ceiling of a full-jitter backoff.
    pub reconnect_min: Duration,
    /// The last ceiling of that backoff.
    pub reconnect_cap: Duration,
    /// How often a reference that was certainly not sent is tried, over all hosts.
    pub connect_tries_max: u32,
    /// After HTTP 503: the first ceiling of the backoff before the same reference is sent again.
    pub busy_min: Duration,
    /// The last ceiling of that backoff.
    pub busy_cap: Duration,
    /// Rule Q: how often a reference is sent again while one call works on it.
    pub resends_max: u32,
    /// How often a refused recharge is sold again under a new reference by itself, where the service says that it may be
    /// ([`Advice::NewReference`](super::Advice::NewReference)); at most 2. Only once the refusal is final and in the journal. The new
    /// reference follows from the old one, so that nobody loses sight of it ([`Intent::replaces`](crate::journal::Intent::replaces)):
    /// **sell the order again with its own reference, never with another of your making.** The outcome names the last reference.
    pub new_references_max: u32,
    /// How often a read is tried, over all hosts.
    pub read_tries_max: u32,
    /// How many enquiries may be on their way at once, over all references of one client. A quarter of them (but at least one) is for all of its
    /// recoveries together, so that a service that comes back from an outage is not stormed; the rest is for sales that somebody waits for.
    pub enquiries_max: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            attempt_timeout: Duration::from_secs(60),
            deadline: Duration::from_secs(10 * 60),
            settle: Duration::from_secs(120),
            poll_min: Duration::from_secs(2),
            poll_cap: Duration::from_secs(15 * 60),
            poll_cap_late: Duration::from_secs(60 * 60),
            reconnect_min: Duration::from_millis(200),
            reconnect_cap: Duration::from_secs(5),
            connect_tries_max: 4,
            busy_min: Duration::from_secs(5),
            busy_cap: Duration::from_secs(60),
            resends_max: 3,
            new_references_max: 0,
            read_tries_max: 5,
            enquiries_max: 32,
        }
    }
}

impl Policy {
    /// Sets the settle window, and shortens the waits that would outlast it: a short window is for tests and for services whose
    /// longest processing time was measured.
    #[must_use]
    pub fn with_settle(mut self, settle: Duration) -> Self {
        let floor = Duration::from_millis(20);
        self.settle = settle;
        self.poll_min = self.poll_min.min(settle / 4).max(floor);
        self.busy_min = self.busy_min.min(settle).max(floor);
        self
    }

    /// Sets the time of one attempt, and keeps the connect timeout below it.
    #[must_use]
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self.connect_timeout = self.connect_timeout.min(timeout / 2);
        self
    }

    /// Sets how long one recharge is worked on.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Refuses limits with which the rules cannot be kept.
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        let rule = |ok: bool, field, rule| {
            if ok {
                Ok(())
            } else {
                Err(Invalid::new(field, rule))
            }
        };
        rule(
            !self.connect_timeout.is_zero(),
            "policy.connect_timeout",
            "must not be zero",
        )?;
        rule(
            self.connect_timeout < self.attempt_timeout,
            "policy.connect_timeout",
            "must be below the attempt timeout: otherwise a connect that hangs looks like a lost answer",
        )?;
        rule(
            !self.deadline.is_zero(),
            "policy.deadline",
            "must not be zero",
        )?;
        rule(
            !self.settle.is_zero(),
            "policy.settle",
            "must not be zero: \"does not exist\" would be believed while the sale is still in work",
        )?;
        rule(
            self.resends_max <= 3,
            "policy.resends_max",
            "must be at most 3",
        )?;
        rule(
            !self.poll_min.is_zero(),
            "policy.poll_min",
            "must not be zero",
        )?;
        rule(
            !self.reconnect_min.is_zero() && !self.busy_min.is_zero(),
            "policy.reconnect_min",
            "must not be zero, and neither may policy.busy_min: they keep a service that is down from being hammered",
        )?;
        rule(
            self.connect_tries_max > 0,
            "policy.connect_tries_max",
            "must not be zero",
        )?;
        rule(
            self.read_tries_max > 0,
            "policy.read_tries_max",
            "must not be zero",
        )?;
        rule(
            self.new_references_max <= 2,
            "policy.new_references_max",
            "must be at most 2",
        )?;
        rule(
            self.enquiries_max > 0,
            "policy.enquiries_max",
            "must not be zero",
        )
    }
}
