//! How a sale ended, as the journal keeps it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::{Receipt, Reference, Timestamp};
use crate::error::Error;
use crate::outcome::{Outcome, Sale};
use crate::recovery::{Advice, Conclusion, Obstacle, Refusal};

/// How a sale ended. An [`Ending::NotSent`] may begin anew; the others are for ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct End {
    /// Which way.
    pub ending: Ending,
    /// The service's own reference, if an answer gave it.
    pub provider_reference: Option<String>,
    /// The account's balance after the sale, where the answer gave it.
    #[serde(with = "rust_decimal::serde::str_option")]
    pub balance: Option<Decimal>,
    /// The service's code, if it refused.
    pub code: Option<i64>,
    /// The service's text, if it refused; what stood in the way, if nothing was sent.
    pub message: String,
    /// Whether the order may be tried again, if it was refused.
    pub advice: Option<Advice>,
    /// When.
    pub at: Timestamp,
}

/// What a person found out about a sale that stays unresolved: from the service's statement, the subscriber, or the service's own people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It happened.
    Sold {
        /// The service's own reference, if it is known.
        provider_reference: Option<String>,
    },
    /// It did not, **and cannot happen any more**.
    NotSold,
}

/// The ways in which a sale ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Sold.
    Vended,
    /// Carried out, and **nothing was sold by it**: a reservation that was made, or cancelled (HOT).
    Done,
    /// Refused by the service.
    Refused,
    /// Cancelled.
    Cancelled,
    /// Nothing was sent; the same reference may be used.
    NotSent,
}

/// The text of an end that a person decided.
const DECIDED: &str = "decided by a person";

impl End {
    /// Whether a service said so: not a person.
    pub(crate) fn is_the_services(&self) -> bool {
        self.message != DECIDED
    }

    /// What the journal keeps of a conclusion; nothing if the row stays open. A PIN is not kept: an enquiry gives it again.
    pub(crate) fn of(conclusion: &Conclusion, at: Timestamp) -> Option<Self> {
        let bare = |ending, message| Self {
            ending,
            provider_reference: None,
            balance: None,
            code: None,
            message,
            advice: None,
            at,
        };
        Some(match conclusion {
            Conclusion::Vended(vend) => Self {
                provider_reference: vend.provider_reference.clone(),
                balance: vend.balance,
                ..bare(Ending::Vended, String::new())
            },
            Conclusion::Refused(refusal) => Self {
                code: refusal.code,
                advice: Some(refusal.advice),
                ..bare(Ending::Refused, refusal.message.clone())
            },
            Conclusion::Cancelled => bare(Ending::Cancelled, String::new()),
            Conclusion::NotSent(obstacle) => bare(Ending::NotSent, obstacle.to_string()),
            Conclusion::Denied(denial) => bare(Ending::NotSent, denial.to_string()),
            Conclusion::Pending | Conclusion::Unresolved(_) => return None,
        })
    }

    /// The same, of an operation that sells nothing.
    pub(crate) fn without_a_sale(mut self) -> Self {
        if self.ending == Ending::Vended {
            self.ending = Ending::Done;
        }
        self
    }

    /// What the journal keeps of a person's decision.
    pub(crate) fn decided(decision: Decision, at: Timestamp) -> Self {
        let (ending, provider_reference, advice) = match decision {
            Decision::Sold { provider_reference } => (Ending::Vended, provider_reference, None),
            Decision::NotSold => (Ending::Refused, None, Some(Advice::NewReference)),
        };
        Self {
            ending,
            provider_reference,
            balance: None,
            code: None,
            message: DECIDED.into(),
            advice,
            at,
        }
    }

    /// The outcome that it was.
    pub(crate) fn outcome(&self, reference: Reference) -> Result<Outcome, Error> {
        match self.ending {
            Ending::Vended => Ok(Outcome::Vended(self.sale(reference))),
            Ending::Done => Ok(Outcome::Done(self.sale(reference))),
            Ending::Refused => Err(Error::Refused {
                reference,
                refusal: self.refusal(),
            }),
            Ending::Cancelled => Err(Error::Cancelled { reference }),
            Ending::NotSent => Err(Error::NotSent {
                reference,
                obstacle: Obstacle(self.message.clone()),
            }),
        }
    }

    fn sale(&self, reference: Reference) -> Sale {
        Sale {
            reference,
            provider_reference: self.provider_reference.clone(),
            balance: self.balance,
            receipt: Receipt::default(),
        }
    }

    fn refusal(&self) -> Refusal {
        Refusal {
            code: self.code,
            message: self.message.clone(),
            advice: self.advice.unwrap_or(Advice::DoNotRetry),
        }
    }
}
