//! **The rule: what may have moved money is an outcome, never an error; and every outcome can be carried on.**

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::{Receipt, Reference, Timestamp};
use crate::journal::{Entry, Intent};
use crate::recovery::{Doubt, Refusal};

/// What became of a sale that may have moved money. (That none moved is an [`Error`](crate::Error).)
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a pending or unresolved sale must be carried on: keep its handle"]
pub enum Outcome {
    /// Sold, once. Do not sell it again.
    Vended(Sale),
    /// Carried out, and **nothing was sold by it**: a reservation that was made, or cancelled ([`hot`](crate::hot)). The reference is used up.
    Done(Sale),
    /// The service is working on it; most likely it will be sold. **Do not sell it again**, with whatever reference: call `resume` later.
    Pending(Handle),
    /// It is not known. **Do not sell it again**, with whatever reference: call `resume` later, or let a person ask the service.
    Unresolved(Handle, Doubt),
}

/// A sale that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Sale {
    /// Our reference.
    pub reference: Reference,
    /// The service's own reference, where it gave one: keep it for reconciliation.
    pub provider_reference: Option<String>,
    /// The account's balance after the sale, where the answer gave it, in the account's currency.
    pub balance: Option<Decimal>,
    /// What the customer is given: PINs, tokens, texts, as far as the answer gave them. It is kept nowhere; an enquiry gives it again.
    pub receipt: Receipt,
}

/// All that is needed to carry on with a sale, on this machine or another. Can be stored as JSON; holds no secret, but a subscriber's number.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Handle {
    /// What was to be sold.
    pub intent: Intent,
    /// The base URL of the host that may have taken it, if one is known. Only a client that has this host may send the sale again.
    pub host: Option<Arc<str>>,
    /// The service's own reference, if an answer gave it.
    pub provider_reference: Option<String>,
    /// Whether the service said that it was working on it.
    pub pending: bool,
    /// What the service refused it with, as long as that is not certain enough to be told.
    #[serde(default)]
    pub refusal: Option<Refusal>,
    /// The account's balance just before it was sent, for a sale that no enquiry can find ([`Attempt::balance_before`](crate::journal::Attempt)).
    #[serde(default, with = "rust_decimal::serde::str_option")]
    pub balance_before: Option<Decimal>,
    /// When it was handed over.
    pub at: Timestamp,
}

impl Handle {
    /// The handle of a row that is open.
    pub(crate) fn of(entry: Entry, at: Timestamp) -> Self {
        Self {
            host: entry.in_doubt().map(|attempt| attempt.host.clone()),
            balance_before: entry.in_doubt().and_then(|attempt| attempt.balance_before),
            intent: entry.intent,
            provider_reference: entry.provider_reference,
            pending: entry.pending,
            refusal: entry.refusal,
            at,
        }
    }

    /// Our reference.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.intent.reference
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("reference", self.reference())
            .field("host", &self.host)
            .field("pending", &self.pending)
            .finish_non_exhaustive()
    }
}
