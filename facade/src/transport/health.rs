//! **The rule: a host that does not answer is asked again only after a while, by one request, and the others go on at full speed.**
//!
//! A preference, no more: it chooses where a read begins, and where a sale is sent of which nothing was sent yet. It never moves a sale in
//! doubt, and when every host is down it chooses as if none were.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crate::domain::Timestamp;
use crate::recovery::Host;
use crate::recovery::schedule::ceiling;

/// How long a host is left alone when it fails; doubled each time that it is tried in vain, up to the longest.
const LEFT_ALONE: Duration = Duration::from_secs(1);
const LEFT_ALONE_MAX: Duration = Duration::from_secs(30);

/// What is known of each host.
#[derive(Debug, Default)]
pub(crate) struct Health(Vec<Condition>);

#[derive(Debug, Default)]
struct Condition {
    /// Until when it is left alone; 0 for a host that answers.
    until: AtomicU64,
    /// How often it was tried since it failed.
    tries: AtomicU32,
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
        if now.0 < until {
            return false;
        }
        let tries = condition.tries.load(Ordering::Relaxed);
        let later = (now + ceiling(LEFT_ALONE, LEFT_ALONE_MAX, tries + 1)).0;
        let granted = condition
            .until
            .compare_exchange(until, later, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok();
        if granted {
            condition
                .tries
                .store(tries.saturating_add(1), Ordering::Relaxed);
        }
        granted
    }

    /// The host answered, whatever it said.
    pub(crate) fn answered(&self, host: Host) {
        if let Some(condition) = self.0.get(usize::from(host.0))
            && condition.until.load(Ordering::Relaxed) != 0
        {
            condition.tries.store(0, Ordering::Relaxed);
            condition.until.store(0, Ordering::Relaxed);
            tracing::info!(host = host.0, "the host answers again");
        }
    }

    /// The host could not be reached, or answered that it is broken. Of the many that find out at the same time only the first counts: how
    /// long it is left alone depends on how often it was tried since.
    pub(crate) fn failed(&self, host: Host, now: Timestamp) {
        if let Some(condition) = self.0.get(usize::from(host.0)) {
            let until = (now + LEFT_ALONE).0.max(1);
            let first =
                condition
                    .until
                    .compare_exchange(0, until, Ordering::Relaxed, Ordering::Relaxed);
            if first.is_ok() {
                condition.tries.store(0, Ordering::Relaxed);
                tracing::warn!(host = host.0, "the host does not answer");
            }
        }
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
    fn many_that_fail_at_once_are_one_failure() {
        let health = Health::new(2);
        for _ in 0..100 {
            health.failed(FIRST, at(0));
        }
        assert_eq!(health.prefer(FIRST, at(1000)), FIRST);
        for _ in 0..100 {
            health.failed(FIRST, at(1000));
        }
        assert_eq!(health.prefer(FIRST, at(2999)), SECOND);
        assert_eq!(health.prefer(FIRST, at(3000)), FIRST);
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
