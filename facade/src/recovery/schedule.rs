//! **Rule P: ask at once, then after growing, jittered waits; hourly after the first hour.**
//!
//! The ceilings come from backon. The draw below a ceiling is made here, because backon's own jitter adds up to one more delay on
//! top of each (it never draws *below* it), and because a draw from a seed can be replayed.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

/// The `n`-th ceiling (from 0) of an exponential backoff: `min`, 2 `min`, 4 `min` … up to `cap`.
pub(crate) fn ceiling(min: Duration, cap: Duration, n: u32) -> Duration {
    // 32 doublings of a millisecond are 49 days: no cap of ours is further away.
    let n = n.min(32) as usize;
    ExponentialBuilder::new()
        .with_min_delay(min)
        .with_max_delay(cap.max(min))
        .with_factor(2.0)
        .with_max_times(n + 1)
        .build()
        .nth(n)
        .unwrap_or(cap)
}

/// Draws from a seed (splitmix64): the same seed gives the same waits.
#[derive(Clone, Debug)]
pub(crate) struct Jitter(u64);

impl Jitter {
    /// Starts from a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A wait between the two, both included.
    pub(crate) fn between(&mut self, low: Duration, high: Duration) -> Duration {
        let span = high.saturating_sub(low).as_micros() as u64;
        low + Duration::from_micros(self.draw() % (span + 1))
    }

    /// Full jitter: anything up to the ceiling.
    pub(crate) fn below(&mut self, ceiling: Duration) -> Duration {
        self.between(Duration::ZERO, ceiling)
    }
}

/// The wait before the next enquiry, after `asked` enquiries within `age` since the first.
pub(crate) fn poll_wait(
    policy: &super::Policy,
    asked: u32,
    age: Duration,
    jitter: &mut Jitter,
) -> Duration {
    let cap = if age < Duration::from_secs(3600) {
        policy.poll_cap
    } else {
        policy.poll_cap_late
    };
    let high = ceiling(policy.poll_min, cap, asked);
    jitter.between(policy.poll_min.min(high), high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recovery::Policy;

    #[test]
    fn ceilings_double_up_to_the_cap_and_stay_there() {
        let (min, cap) = (Duration::from_millis(200), Duration::from_secs(5));
        let ceilings: Vec<u128> = (0..7).map(|n| ceiling(min, cap, n).as_millis()).collect();
        assert_eq!(ceilings, [200, 400, 800, 1600, 3200, 5000, 5000]);
        assert_eq!(ceiling(min, cap, u32::MAX), cap);
    }

    #[test]
    fn waits_are_drawn_within_their_bounds_and_repeat_for_a_seed() {
        let policy = Policy::default();
        let waits = |seed| {
            let mut jitter = Jitter::new(seed);
            (0..200)
                .map(|n| poll_wait(&policy, n % 20, Duration::ZERO, &mut jitter))
                .collect::<Vec<_>>()
        };
        assert_eq!(waits(7), waits(7));
        assert_ne!(waits(7), waits(8));
        assert!(
            waits(7)
                .iter()
                .all(|wait| (policy.poll_min..=policy.poll_cap).contains(wait))
        );
    }

    #[test]
    fn after_the_first_hour_the_waits_may_grow_to_an_hour() {
        let policy = Policy::default();
        let longest = |age| {
            let mut jitter = Jitter::new(1);
            (0..500)
                .map(|_| poll_wait(&policy, 30, age, &mut jitter))
                .max()
        };
        assert!(longest(Duration::from_secs(60)) <= Some(policy.poll_cap));
        assert!(longest(Duration::from_secs(7200)) > Some(policy.poll_cap));
    }
}
