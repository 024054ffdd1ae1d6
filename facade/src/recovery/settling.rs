//! **Rule Q: "does not exist" is evidence, not a verdict.**
//!
//! An enquiry can miss a sale: the request may still sit in a queue, the row may be written only when the processing ends, and the other
//! host may lag behind. So nothing counts before the settle window has passed since the end of the last doubtful attempt, and then it takes
//! [`NOT_SEEN_ON_USED_HOST`] answers from the host that was used and [`NOT_SEEN_ON_OTHER_HOST`] from another. Any sign of the transaction
//! starts the count anew.

use std::time::Duration;

use super::machine::Host;
use crate::domain::Timestamp;

/// How many times the host that took the request must say that it does not know the reference.
pub(crate) const NOT_SEEN_ON_USED_HOST: u32 = 2;
/// How many times another host must say so, where there is one.
pub(crate) const NOT_SEEN_ON_OTHER_HOST: u32 = 1;

/// The evidence gathered about one reference.
#[derive(Clone, Debug)]
pub(crate) struct Settling {
    /// The host that may have taken the request.
    pub(crate) used: Host,
    /// The end of the last doubtful attempt, or the last sign of the transaction.
    since: Timestamp,
    used_not_seen: u32,
    other_not_seen: u32,
    last_asked: Option<Host>,
}

impl Settling {
    pub(crate) fn new(used: Host, since: Timestamp) -> Self {
        Self {
            used,
            since,
            used_not_seen: 0,
            other_not_seen: 0,
            last_asked: None,
        }
    }

    /// The moment from which an answer counts.
    pub(crate) fn settled_at(&self, settle: Duration) -> Timestamp {
        self.since + settle
    }

    /// A sign of the transaction: what was gathered so far says nothing any more.
    pub(crate) fn restart(&mut self, at: Timestamp) {
        self.since = at;
        self.used_not_seen = 0;
        self.other_not_seen = 0;
    }

    /// An enquiry that left at `asked_at` found nothing; says whether that counts.
    pub(crate) fn not_seen(&mut self, host: Host, asked_at: Timestamp, settle: Duration) -> bool {
        if asked_at < self.settled_at(settle) {
            return false;
        }
        if host == self.used {
            self.used_not_seen += 1;
        } else {
            self.other_not_seen += 1;
        }
        true
    }

    /// Whether enough was gathered to believe that the reference is not known.
    pub(crate) fn complete(&self, hosts: u8) -> bool {
        self.used_not_seen >= NOT_SEEN_ON_USED_HOST
            && (hosts < 2 || self.other_not_seen >= NOT_SEEN_ON_OTHER_HOST)
    }

    /// The host to ask next: the one that was used first of all, since it shows its own rows soonest; then all in turn, so that a host that
    /// does not answer never keeps another from being asked.
    pub(crate) fn next_host(&mut self, hosts: u8) -> Host {
        let next = self.last_asked.map_or(self.used, |last| last.next(hosts));
        self.last_asked = Some(next);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_secs(120);
    const USED: Host = Host(0);
    const OTHER: Host = Host(1);

    fn at(seconds: u64) -> Timestamp {
        Timestamp(seconds * 1000)
    }

    #[test]
    fn it_takes_two_answers_from_the_used_host_and_one_from_another_after_the_window() {
        let mut evidence = Settling::new(USED, at(0));
        for (host, seconds) in [
            (USED, 1),
            (OTHER, 119),
            (USED, 119),
            (USED, 120),
            (OTHER, 121),
        ] {
            evidence.not_seen(host, at(seconds), SETTLE);
            assert!(!evidence.complete(2), "{host:?} at {seconds} s");
        }
        evidence.not_seen(USED, at(122), SETTLE);
        assert!(evidence.complete(2));
    }

    #[test]
    fn a_service_with_one_host_is_heard_twice() {
        let mut evidence = Settling::new(USED, at(0));
        evidence.not_seen(USED, at(120), SETTLE);
        assert!(!evidence.complete(1));
        evidence.not_seen(USED, at(121), SETTLE);
        assert!(evidence.complete(1));
    }

    #[test]
    fn a_sign_of_the_transaction_starts_the_window_and_the_count_anew() {
        let mut evidence = Settling::new(USED, at(0));
        evidence.not_seen(USED, at(120), SETTLE);
        evidence.not_seen(OTHER, at(121), SETTLE);
        evidence.restart(at(122));
        evidence.not_seen(USED, at(123), SETTLE);
        assert!(!evidence.complete(2));
        assert_eq!(evidence.settled_at(SETTLE), at(242));
    }

    #[test]
    fn the_used_host_is_asked_first_and_then_all_in_turn() {
        let mut evidence = Settling::new(OTHER, at(0));
        assert_eq!(
            [(); 4].map(|()| evidence.next_host(2)),
            [OTHER, USED, OTHER, USED]
        );
    }
}
