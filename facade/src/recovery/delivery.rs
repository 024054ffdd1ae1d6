//! **The rule: only a failure to connect proves that nothing was sent.**
//!
//! A timeout, a reset, a cut body or an answer that nobody can read leaves open whether the service acted.

use std::time::Duration;

/// How far one request got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delivery<A> {
    /// No byte of the request left: the connection was never made.
    NotSent(Obstacle),
    /// The request may have arrived, and no answer did.
    MaybeSent(Loss),
    /// An answer arrived whole. What it means is another matter.
    Answered(A),
}

/// Why nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Obstacle(pub String);

/// How an answer was lost. None of these says whether the service acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// No answer within the time of one attempt.
    Timeout,
    /// The connection ended before the answer did.
    Disconnected,
    /// The answer arrived, but its body cannot be read as what the service documents.
    Unreadable,
    /// The process ended while the request was out; found in the journal.
    Crashed,
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Timeout => "no answer in time",
            Self::Disconnected => "the connection ended before the answer",
            Self::Unreadable => "the answer cannot be read",
            Self::Crashed => "the process ended before the answer",
        })
    }
}

/// A wait that a service asked for, at most this long is honoured.
pub(crate) const RETRY_AFTER_MAX: Duration = Duration::from_secs(60);
