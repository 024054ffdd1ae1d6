//! **The rule: an error means that no money moved.** Each variant says whether the sale may be tried again, and with which reference.

use std::fmt;

use crate::domain::Reference;
use crate::recovery::{Denial, Obstacle, Refusal};

/// Why a sale did not happen. **No money moved**, whichever variant it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The order is not valid; nothing was sent. Mend the order; the reference is unused.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Nothing was sent, because no host could be reached. Freely sell it again, with the same reference.
    #[error("{reference}: not sent: {obstacle}")]
    NotSent {
        /// The reference, unused.
        reference: Reference,
        /// What stood in the way.
        obstacle: Obstacle,
    },
    /// The service did not let us in; it looked at no sale. Sell it again with the same reference once that is mended.
    #[error("{reference}: not sent: {denial}")]
    Denied {
        /// The reference, unused.
        reference: Reference,
        /// Why.
        denial: Denial,
    },
    /// The service refused the sale for good. The reference is used up; [`Refusal::advice`] says whether a new one may work.
    #[error("{reference}: refused: {}", .refusal.message)]
    Refused {
        /// The reference, used up.
        reference: Reference,
        /// Code, text and advice.
        refusal: Refusal,
    },
    /// The sale was cancelled before it reached the network. The reference is used up; sell again with a new one.
    #[error("{reference}: cancelled")]
    Cancelled {
        /// The reference, used up.
        reference: Reference,
    },
    /// The reference is in the journal with another order, so this order was not sent. Sell it with a new reference.
    #[error("{reference}: the journal holds another order with this reference")]
    ReferenceTaken {
        /// The reference of the other order.
        reference: Reference,
    },
}

/// A value that breaks a rule. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    field: &'static str,
    rule: &'static str,
}

impl Invalid {
    pub(crate) const fn new(field: &'static str, rule: &'static str) -> Self {
        Self { field, rule }
    }

    /// The field that is wrong.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// The rule that it breaks.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        self.rule
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.rule)
    }
}

impl std::error::Error for Invalid {}

/// Why a read gave no answer. Reads move no money; each may be tried again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Something in the request is not valid; nothing was sent.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The service did not let us in.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// No host answered.
    #[error("no host answered: {0}")]
    Unreachable(String),
    /// The service answered with an error.
    #[error("the service answered HTTP {status}{}: {message}", .code.map(|code| format!(" with code {code}")).unwrap_or_default())]
    Service {
        /// The HTTP status.
        status: u16,
        /// The service's own code, if the body held one.
        code: Option<i64>,
        /// The service's text, if the body held one.
        message: String,
    },
    /// The answer is not what the service documents.
    #[error("the answer cannot be read: {0}")]
    Unreadable(String),
}
