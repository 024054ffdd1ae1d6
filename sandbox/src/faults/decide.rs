//! Which fault hits which submission.

use std::collections::HashMap;

use super::{Faults, Kind};

/// What kind of request is about to be decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    /// A recharge, by either endpoint.
    Recharge,
    /// Anything that only reads.
    Read,
    /// Everything under `/auth`.
    Login,
}

/// What is done to one submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Which submission of its key this is, counted from 1.
    pub(crate) nth: u64,
    pub(crate) kind: Option<Kind>,
    /// Whether the row lags on the other hosts.
    pub(crate) lags: bool,
    /// Bits to choose among the variants of a kind.
    pub(crate) variant: u64,
}

/// Counts submissions and throws the dice.
#[derive(Debug)]
pub(crate) struct Dice {
    seed: u64,
    submissions: HashMap<(Operation, String), u64>,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            submissions: HashMap::new(),
        }
    }

    /// Counts one more submission of `key` and decides about it.
    pub(crate) fn throw(&mut self, faults: &Faults, operation: Operation, key: &str) -> Decision {
        let count = self
            .submissions
            .entry((operation, key.to_owned()))
            .or_default();
        *count += 1;
        decide(faults, self.seed, operation, key, *count)
    }
}

fn decide(faults: &Faults, seed: u64, operation: Operation, key: &str, nth: u64) -> Decision {
    let salt = match operation {
        Operation::Recharge => "recharge",
        Operation::Read => "read",
        Operation::Login => "login",
    };
    let mut state = mix(hash_of(&[salt, key]) ^ mix(seed) ^ mix(nth.wrapping_mul(GOLDEN)));
    let kind = draw(faults, operation, unit(next(&mut state)));
    let lags = operation == Operation::Recharge && unit(next(&mut state)) < faults.rate(Kind::Lag);
    Decision {
        nth,
        kind,
        lags,
        variant: next(&mut state),
    }
}

/// The kind whose share of the unit interval `point` falls into.
fn draw(faults: &Faults, operation: Operation, mut point: f64) -> Option<Kind> {
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Lag) {
        point -= faults.rate(kind);
        if point < 0.0 {
            return kind.hits(operation).then_some(kind);
        }
    }
    None
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The next number of SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(GOLDEN);
    mix(*state)
}

fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// The top 53 bits as a fraction from 0 up to, but not including, 1.
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// FNV-1a, with a separator so that `["ab", "c"]` and `["a", "bc"]` differ.
pub(crate) fn hash_of(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xFF]));
    let hash = bytes.fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    mix(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(spec: &str) -> Faults {
        spec.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_decision_does_not_depend_on_the_order_of_arrival() {
        let faults = faults("0.9");
        let (mut forward, mut backward) = (Dice::new(7), Dice::new(7));
        let keys: Vec<String> = (0..50).map(|n| format!("reference-{n}")).collect();
        let one: Vec<_> = keys
            .iter()
            .map(|key| forward.throw(&faults, Operation::Recharge, key))
            .collect();
        let mut two: Vec<_> = keys
            .iter()
            .rev()
            .map(|key| backward.throw(&faults, Operation::Recharge, key))
            .collect();
        two.reverse();
        assert_eq!(one, two);
    }

    #[test]
    fn another_attempt_and_another_seed_are_decided_anew() {
        let faults = faults("0.9");
        let mut dice = Dice::new(7);
        let first: Vec<_> = (0..20)
            .map(|_| dice.throw(&faults, Operation::Recharge, "a").kind)
            .collect();
        assert!(first.iter().any(|kind| *kind != first[0]));
        let mut other = Dice::new(8);
        let second: Vec<_> = (0..20)
            .map(|_| other.throw(&faults, Operation::Recharge, "a").kind)
            .collect();
        assert_ne!(first, second);
    }

    #[test]
    fn kinds_come_about_as_often_as_asked_for() {
        let faults = faults("reset-after=0.2,cut-body=0.1,lag=0.5");
        let mut dice = Dice::new(1);
        let decisions: Vec<_> = (0..10_000)
            .map(|n| dice.throw(&faults, Operation::Recharge, &n.to_string()))
            .collect();
        let count = |kind| {
            decisions
                .iter()
                .filter(|decision| decision.kind == Some(kind))
                .count()
        };
        assert!((1_850..2_150).contains(&count(Kind::ResetAfter)));
        assert!((880..1_120).contains(&count(Kind::CutBody)));
        assert!(
            (4_800..5_200).contains(&decisions.iter().filter(|decision| decision.lags).count())
        );
    }

    #[test]
    fn reads_never_sell_late_and_logins_never_lose_a_token() {
        let faults = faults("late-sale=1");
        assert_eq!(Dice::new(1).throw(&faults, Operation::Read, "a").kind, None);
        assert!(!Kind::Auth401.hits(Operation::Login));
    }
}
