//! What happens on the way to an outcome, for metrics and for people. No event holds a subscriber's number, a secret or a body.

use std::time::Duration;

use crate::domain::{Reference, Timestamp};
use crate::recovery::Host;

/// A step of the work on one sale.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The sale was sent, and this is what came of it.
    Sent {
        /// Which sale.
        reference: &'a Reference,
        /// Which attempt, from 1.
        number: u32,
        /// Where to.
        host: Host,
        /// In one word: `vended`, `pending`, `refused`, `not_sent`, `token_refused`, `denied`, `ambiguous`.
        verdict: &'static str,
        /// How long it took.
        took: Duration,
    },
    /// The service was asked about the sale, and this is what it found.
    Enquired {
        /// Which sale.
        reference: &'a Reference,
        /// Where to.
        host: Host,
        /// In one word: `vended`, `failed`, `cancelled`, `pending`, `not_seen`, `differs`, `inconclusive`.
        finding: &'static str,
        /// How long it took.
        took: Duration,
    },
    /// The metadata of the product could not be read, so the order goes without having been checked against it.
    Unchecked {
        /// Which sale.
        reference: &'a Reference,
        /// Of which product.
        product: u32,
    },
    /// Nothing is done until then.
    Waiting {
        /// Which sale.
        reference: &'a Reference,
        /// Until when.
        until: Timestamp,
    },
}

/// Sees every [`Event`]. Called on the task that works on the sale: be quick.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn observe(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync> Observer for F {
    fn observe(&self, event: &Event<'_>) {
        self(event);
    }
}
