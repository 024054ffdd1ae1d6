//! **The rule: anything that is not listed is ambiguous, never a failure. A failure needs every indicator in the answer to say so.**
//!
//! The words here are every provider's. Which answer earns which word is a table of the provider's own, beside its client
//! (for Smartcall [`crate::smartcall::classify`]).

use std::time::Duration;

use rust_decimal::Decimal;

use super::delivery::{Loss, Obstacle};
use crate::domain::Receipt;

/// What the answer to a sale says about the money.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Sold.
    Vended(Vend),
    /// Accepted, and the end is not known yet.
    Pending {
        /// The provider's own reference, when the answer gave one.
        provider_reference: Option<String>,
    },
    /// Not sold, once the witness that it still needs has agreed.
    Refused(Refusal, Witness),
    /// Nothing was sent.
    NotSent(Obstacle),
    /// The token was refused before the business layer saw the sale: a new token, then the same reference to the same host.
    TokenRefused,
    /// The caller is not let in, and a new token will not change that.
    Denied(Denial),
    /// It cannot be told. The next thing to do is to enquire.
    Ambiguous(Doubt),
}

impl Verdict {
    /// In one word, for logs and metrics.
    #[must_use]
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Vended(_) => "vended",
            Self::Pending { .. } => "pending",
            Self::Refused(..) => "refused",
            Self::NotSent(_) => "not_sent",
            Self::TokenRefused => "token_refused",
            Self::Denied(_) => "denied",
            Self::Ambiguous(_) => "ambiguous",
        }
    }

    /// Whether it is proved that the business layer never saw the sale.
    #[must_use]
    pub(crate) fn never_arrived(&self) -> bool {
        matches!(
            self,
            Self::NotSent(_) | Self::TokenRefused | Self::Denied(_)
        )
    }
}

/// What an enquiry found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Finding {
    /// Sold, and the details agree with the order.
    Vended(Vend),
    /// The provider's final word is that it failed.
    Failed(Refusal),
    /// Cancelled before it reached the network.
    Cancelled,
    /// Still being worked on.
    Pending {
        /// The provider's own reference, when the answer gave one.
        provider_reference: Option<String>,
    },
    /// The provider does not know the reference. Evidence, not a verdict (rule Q).
    NotSeen,
    /// The reference belongs to a transaction with other details; names what differs.
    Differs(String),
    /// No answer, or one that says nothing about the transaction.
    Inconclusive(String),
}

impl Finding {
    /// In one word, for logs and metrics.
    #[must_use]
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Vended(_) => "vended",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
            Self::Pending { .. } => "pending",
            Self::NotSeen => "not_seen",
            Self::Differs(_) => "differs",
            Self::Inconclusive(_) => "inconclusive",
        }
    }
}

/// A sale that is known to have happened.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Vend {
    /// The provider's own reference: for Smartcall the Smartload reference, needed for reconciliation and for enquiries after a week.
    pub provider_reference: Option<String>,
    /// The account's balance after the sale, where the answer gave it, in the account's currency.
    pub balance: Option<Decimal>,
    /// What the customer is given. Never journaled; an enquiry gives it again.
    pub receipt: Receipt,
}

/// The provider said no, and no money moved.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Refusal {
    /// The provider's code, where it gave one.
    pub code: Option<i64>,
    /// The provider's text. For people: never branch on it.
    pub message: String,
    /// Whether and how the caller may try again.
    pub advice: Advice,
}

/// Whether a refused sale may be tried again. The refused reference itself is used up either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// A fault on the provider's side: the sale may be tried again **with a new reference**.
    NewReference,
    /// Something in the order is wrong: the same order will be refused again.
    DoNotRetry,
    /// A like sale was made a moment ago. If this one is meant as well, try again after this long, with a new reference.
    NewReferenceAfter(Duration),
    /// The account or its set-up is at fault; no sale will pass until a person mends that.
    Configuration,
}

/// What a refusal still needs before it may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Witness {
    /// Nothing: every indicator says failure, with a code that the vendor lists.
    None,
    /// One enquiry that finds nothing, or a failure.
    Enquiry,
    /// Rule Q's windows: the refusal is not one that the vendor lists, or the reference was in doubt already.
    Windows,
}

/// The caller is not let in. No sale was looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// The user name or the password is wrong, or tokens are refused again and again.
    #[error("the credentials were refused: {0}")]
    Credentials(String),
    /// The service does not take calls from this address.
    #[error("calls from this source IP address are not authorised")]
    SourceAddress,
    /// As many tokens as the service allows are in use.
    #[error(transparent)]
    TokenLimit(#[from] crate::auth::TokenLimit),
}

/// Why the outcome is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// No answer.
    Lost(Loss),
    /// The service is not available for now (HTTP 503). It may have acted all the same.
    Busy {
        /// How long the service asked to wait.
        retry_after: Option<Duration>,
    },
    /// The provider said that it was still working on it.
    Pending,
    /// The reference is known already: most likely it is this very sale.
    Duplicate,
    /// An answer that the vendor does not list; says which.
    Unlisted(String),
    /// The journal's row is older than the provider's history: an enquiry means nothing any more.
    Expired,
    /// The reference belongs to another transaction; names what differs.
    Differs(String),
    /// The journal could not record how it went on, so that its row may be open: a recovery may still send the sale. To sell the same order
    /// with the same reference through the same journal is safe, and carries on.
    Unrecorded,
    /// The journal's row is of hosts that are not configured here: of another service, or of this one under other names. Nothing was sent here.
    Elsewhere,
}

impl std::fmt::Display for Doubt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lost(loss) => loss.fmt(f),
            Self::Busy { .. } => f.write_str("the service was not available"),
            Self::Pending => f.write_str("the service was still working on it"),
            Self::Duplicate => f.write_str("the service knows the reference already"),
            Self::Unlisted(what) => write!(f, "an answer that nothing documents: {what}"),
            Self::Expired => f.write_str("older than the service's history"),
            Self::Differs(what) => {
                write!(f, "the reference belongs to another transaction: {what}")
            }
            Self::Elsewhere => f.write_str("the journal's row is of hosts that are not configured"),
            Self::Unrecorded => f.write_str("the journal could not record how it went on"),
        }
    }
}
