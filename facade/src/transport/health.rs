//! **The rule: a host that does not answer is asked again only after a while, by one request, and the others go on at full speed.**
//!
//! A preference, no more: it chooses where a read begins, and where a sale is sent of which nothing was sent yet. It never moves a sale in
//! doubt, and when every host is down it chooses as if none were.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crate::domain::Timestamp;
use crate::recovery::Host;
use crate::recovery::schedule::ceiling;

/// How long a host is left alone after its first failure; doubled with each further one, up to the longest.
const LEFT_ALONE: Duration = Duration::from_secs(1);
const LEFT_ALONE_MAX: Duration = Duration::from_secs(30);

/// What is known of each host.
#[derive(Debug, Default)]
pub(crate) struct Health(Vec<Condition>);

#[derive(Debug, Default)]
struct Condition {
    /// Until when it is left alone; 0 for a host that answers.
    until: AtomicU64,
    /// How often it failed in a row.
    failures: AtomicU32,
}

impl Health {
    pub(crate) fn new(hosts: u8) -> Self {
        Self((0..hosts).map(|_| Condition::default()).collect())
    }

    /// The host to begin with, if `wanted` would be the choice among hosts that all answer. Whoever is given a host whose time is over is the
    /// one that tries it: for all others it is left alone a while longer.
    pub(crate) fn prefer(&self, wanted: Host, now: Timestamp) -> Host {
        let hosts = self.0.len() as u8;
        let in_turn = std::iter::successors(Some(wanted), |host| Some(host.next(hosts)));
        in_turn
            .take(self.0.len())
            .find(|host| self.may_be_tried(*host, now))
            .unwrap_or(wanted)
    }

    /// A host that answers, as far as is known; the first if none does. Asking this tries nothing.
    pub(crate) fn likely(&self) -> Host {
        let up = |condition: &Condition| condition.until.load(Ordering::Relaxed) == 0;
        let place = self.0.iter().position(up).unwrap_or_default();
        Host(place as u8)
    }

    fn may_be_tried(&self, host: Host, now: Timestamp) -> bool {
        let Some(condition) = self.0.get(usize::from(host.0)) else {
            return false;
        };
        let until = condition.until.load(Ordering::Relaxed);
        if until == 0 {
            return true;
        }
        let later = (now + condition.left_alone()).0;
        now.0 >= until
            && condition
                .until
                .compare_exchange(until, later, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// The host answered, whatever it said.
    pub(crate) fn answered(&self, host: Host) {
        if let Some(condition) = self.0.get(usize::from(host.0))
            && condition.until.load(Ordering::Relaxed) != 0
        {
            condition.failures.store(0, Ordering::Relaxed);
            condition.until.store(0, Ordering::Relaxed);
            tracing::info!(host = host.0, "the host answers again");
        }
    }

    /// The host could not be reached, or answered that it is broken.
    pub(crate) fn failed(&self, host: Host, now: Timestamp) {
        if let Some(condition) = self.0.get(usize::from(host.0)) {
            let until = (now + condition.left_alone()).0.max(1);
            if condition.failures.fetch_add(1, Ordering::Relaxed) == 0 {
                tracing::warn!(host = host.0, "the host does not answer");
            }
            condition.until.fetch_max(until, Ordering::Relaxed);
        }
    }
}

impl Condition {
    fn left_alone(&self) -> Duration {
        let failures = self.failures.load(Ordering::Relaxed);
        ceiling(LEFT_ALONE, LEFT_ALONE_MAX, failures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Host = Host(0);
    const SECOND: Host = Host(1);

    fn at(millis: u64) -> Timestamp {
        Timestamp(1_000_000 + millis)
    }

    #[test]
    fn a_host_that_answers_is_the_one_that_was_wanted() {
        let health = Health::new(2);
        assert_eq!(health.prefer(FIRST, at(0)), FIRST);
        assert_eq!(health.prefer(SECOND, at(0)), SECOND);
    }

    #[test]
    fn one_that_failed_is_left_alone_and_then_tried_by_one() {
        let health = Health::new(2);
        health.failed(FIRST, at(0));
        assert_eq!(health.prefer(FIRST, at(999)), SECOND);
        assert_eq!(
            [(); 3].map(|()| health.prefer(FIRST, at(1000))),
            [FIRST, SECOND, SECOND],
            "one tries it"
        );
        health.answered(FIRST);
        assert_eq!(health.prefer(FIRST, at(1001)), FIRST);
    }

    #[test]
    fn the_longer_it_fails_the_longer_it_is_left_alone_up_to_a_limit() {
        let health = Health::new(2);
        let mut now = 0;
        for seconds in [1, 2, 4, 8, 16, 30, 30] {
            health.failed(FIRST, at(now));
            assert_eq!(health.prefer(FIRST, at(now + seconds * 1000 - 1)), SECOND);
            now += seconds * 1000;
            assert_eq!(health.prefer(FIRST, at(now)), FIRST, "after {seconds} s");
        }
        health.answered(FIRST);
        health.failed(FIRST, at(now));
        assert_eq!(
            health.prefer(FIRST, at(now + 1000)),
            FIRST,
            "it starts anew"
        );
    }

    #[test]
    fn when_every_host_is_down_the_choice_is_as_if_none_were() {
        let health = Health::new(2);
        health.failed(FIRST, at(0));
        health.failed(SECOND, at(0));
        assert_eq!(health.prefer(FIRST, at(1)), FIRST);
        assert_eq!(health.prefer(SECOND, at(1)), SECOND);
    }
}
