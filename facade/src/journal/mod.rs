//! **The rule: the journal is durable before the first byte leaves.** The intent with its first attempt, then each further attempt with its
//! host, then the end. After a crash every row without an end may have been sold: recovery begins with an enquiry, never with a send.
//!
//! A [`Journal`] keeps rows; it decides nothing but what [`admit`] says. [`Memory`] is for tests and for callers who keep a journal of their
//! own, [`Sqlite`] for everybody else.

mod end;
mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use end::{Decision, End, Ending};
pub use memory::Memory;
#[cfg(feature = "sqlite")]
pub use sqlite::{RETENTION, Sqlite};

use crate::domain::{Reference, Timestamp};
use crate::recovery::Refusal;

/// The future of a journal's answer.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, JournalError>> + Send + 'a>>;

/// A store of sales. Every method that writes returns only when the write would survive the loss of power.
pub trait Journal: Send + Sync + fmt::Debug {
    /// Records a sale and its first attempt, before anything is sent; or says that the reference is there already ([`admit`]).
    fn begin(&self, intent: Intent, attempt: Attempt) -> Answer<'_, Begun>;
    /// Adds to a row.
    fn write(&self, key: Key, note: Note) -> Answer<'_, ()>;
    /// Reads one row.
    fn read(&self, key: Key) -> Answer<'_, Option<Entry>>;
    /// Reads up to `limit` rows in the order of their keys, those after `after`.
    fn list(&self, which: Which, after: Option<Key>, limit: usize) -> Answer<'_, Vec<Entry>>;
}

/// The name of a row.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The service.
    pub service: Service,
    /// The account that pays.
    pub account: Arc<str>,
    /// Our reference, unique for the account.
    pub reference: Reference,
}

/// An account is a dealer's number: the debug form leaves it out.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("service", &self.service)
            .field("reference", &self.reference)
            .finish_non_exhaustive()
    }
}

/// A service that things are sold through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Service {
    /// Smartcall V3, South Africa.
    Smartcall,
    /// HOT Recharge v3, Zimbabwe.
    Hot,
}

impl Service {
    /// The name in the journal.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Smartcall => "smartcall",
            Self::Hot => "hot",
        }
    }

    /// The longest reference that the service takes.
    pub(crate) fn reference_length_max(self) -> usize {
        match self {
            Self::Smartcall => Reference::MAX_LENGTH,
            Self::Hot => Reference::STORED_LENGTH_MAX,
        }
    }
}

/// Three ways to sell one thing: an order that was sold by one of them is not sold again by another. Every other operation sells something of
/// its own, such as vouchers in an answer and vouchers in a file.
const RECHARGES: [&str; 3] = [
    "createSyncRecharge",
    "createRecharge",
    "createRechargeBatch",
];
/// The option in which a sale names the one that it replaces.
const REPLACES: &str = "replaces";

/// What is to be sold: all that is needed to send it, and to recognise it in an enquiry.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    /// The service.
    pub service: Service,
    /// The account that pays.
    pub account: Arc<str>,
    /// Our reference.
    pub reference: Reference,
    /// The operation by which it is sold, by its name in the service's document.
    pub operation: Cow<'static, str>,
    /// The subscriber's number, meter or account, as on the wire.
    pub target: Arc<str>,
    /// The service's product.
    pub product: u32,
    /// The amount, in the service's unit (rand for Smartcall, the wallet's currency for HOT).
    #[serde(with = "rust_decimal::serde::str")]
    pub amount: Decimal,
    /// What else the request says, as the service's client keeps it (JSON).
    pub options: Arc<str>,
    /// When it was first recorded.
    pub created_at: Timestamp,
}

impl Intent {
    /// The name of its row.
    #[must_use]
    pub fn key(&self) -> Key {
        Key {
            service: self.service,
            account: Arc::clone(&self.account),
            reference: self.reference.clone(),
        }
    }

    /// Whether this is the same order, whenever it was recorded, by whichever operation a subscriber is recharged, and whether or not it is in
    /// another one's place.
    #[must_use]
    pub fn same_order(&self, other: &Self) -> bool {
        self.key() == other.key()
            && (self.operation == other.operation || self.recharges() && other.recharges())
            && (&self.target, self.product, self.amount)
                == (&other.target, other.product, other.amount)
            && self.ordered() == other.ordered()
    }

    /// Whether it is sold by one of [`RECHARGES`].
    fn recharges(&self) -> bool {
        RECHARGES.contains(&&*self.operation)
    }

    /// The refused sale in whose place this one is made, where that was allowed
    /// ([`Policy::new_references_max`](crate::Policy::new_references_max)).
    #[must_use]
    pub fn replaces(&self) -> Option<Reference> {
        self.options()?.get(REPLACES)?.as_str()?.parse().ok()
    }

    /// The same order in this one's place, which was refused. Its reference follows from this one's.
    pub(crate) fn renewed(&self, now: Timestamp) -> Self {
        let mut options = match self.options() {
            Some(serde_json::Value::Object(options)) => options,
            _ => serde_json::Map::new(),
        };
        options.insert(REPLACES.into(), self.reference.as_str().into());
        Self {
            reference: self.reference.successor(),
            options: serde_json::Value::Object(options).to_string().into(),
            created_at: now,
            ..self.clone()
        }
    }

    /// The options that were ordered.
    fn ordered(&self) -> Option<serde_json::Value> {
        let mut options = self.options()?;
        if let serde_json::Value::Object(options) = &mut options {
            options.remove(REPLACES);
        }
        Some(options)
    }

    /// The options by what they say, however that is written.
    fn options(&self) -> Option<serde_json::Value> {
        serde_json::from_str(&self.options).ok()
    }
}

/// A subscriber's number is personal: the debug form leaves it out.
impl fmt::Debug for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intent")
            .field("reference", &self.reference)
            .field("operation", &self.operation)
            .field("product", &self.product)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}

/// One request that was about to leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// Where to: the base URL of the host. A place in a configuration would mean another host once that is changed.
    pub host: Arc<str>,
    /// When.
    pub started_at: Timestamp,
    /// Whether it may have arrived. `None`: it may have, nobody wrote down how it ended.
    pub arrived: Option<Arrived>,
    /// The account's balance just before, for a sale that no enquiry can find: what a person compares with the balance after it.
    #[serde(default, with = "rust_decimal::serde::str_option")]
    pub balance_before: Option<Decimal>,
}

/// Whether an attempt may have arrived at the business layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Arrived {
    /// It is proved that it did not.
    No,
    /// It may have.
    Maybe,
}

/// What is added to a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// A further attempt, before anything of it is sent; with what is known of the one before.
    Attempt {
        /// Whether the attempt before may have arrived.
        previous: Arrived,
        /// The new one.
        attempt: Attempt,
    },
    /// The service is working on it.
    Pending {
        /// The service's own reference, if an answer gave it.
        provider_reference: Option<String>,
    },
    /// The service refused it, and that still waits for its witness: it is not to be sent again.
    Refused(Refusal),
    /// The service's own reference, learnt after the end.
    ProviderReference(String),
    /// The end.
    End(End),
}

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What was to be sold.
    pub intent: Intent,
    /// Every request, in order.
    pub attempts: Vec<Attempt>,
    /// The service's own reference, if an answer gave it.
    pub provider_reference: Option<String>,
    /// Whether the service said that it was working on it.
    pub pending: bool,
    /// What the service refused it with, as long as that is not certain enough for an end.
    pub refusal: Option<Refusal>,
    /// The end, if it is known.
    pub end: Option<End>,
}

impl Entry {
    /// A new row.
    #[must_use]
    pub fn new(intent: Intent, attempt: Attempt) -> Self {
        Self {
            intent,
            attempts: vec![attempt],
            provider_reference: None,
            pending: false,
            refusal: None,
            end: None,
        }
    }

    /// Whether it ended without anything having been sent, so that it may begin anew.
    pub(crate) fn is_unsent(&self) -> bool {
        let unsent = |end: &End| end.ending == Ending::NotSent;
        self.end.as_ref().is_some_and(unsent)
    }

    /// The last attempt that may have arrived; `None` if it is proved that none did.
    #[must_use]
    pub fn in_doubt(&self) -> Option<&Attempt> {
        self.attempts
            .iter()
            .rev()
            .find(|attempt| attempt.arrived != Some(Arrived::No))
    }

    /// Takes a note in. An end is for ever: after it only the service's own reference is still taken in, if it was not known.
    ///
    /// # Errors
    /// When the row has ended.
    pub(crate) fn apply(&mut self, note: Note) -> Result<(), JournalError> {
        if let Note::ProviderReference(reference) = note {
            let reference = self.provider_reference.get_or_insert(reference).clone();
            if let Some(end) = &mut self.end {
                end.provider_reference.get_or_insert(reference);
            }
            return Ok(());
        }
        if self.end.is_some() {
            return Err(JournalError::NotOpen);
        }
        match note {
            Note::Attempt { previous, attempt } => {
                if let Some(last) = self.attempts.last_mut() {
                    last.arrived = Some(previous);
                }
                self.attempts.push(attempt);
            }
            Note::Pending { provider_reference } => {
                self.pending = true;
                self.refusal = None;
                self.provider_reference = provider_reference.or(self.provider_reference.take());
            }
            Note::Refused(refusal) => {
                self.refusal = Some(refusal);
                self.pending = false;
            }
            Note::ProviderReference(_) => {}
            Note::End(end) => {
                self.provider_reference = end
                    .provider_reference
                    .clone()
                    .or(self.provider_reference.take());
                self.end = Some(end);
            }
        }
        Ok(())
    }
}

/// Which rows to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// Those without an end.
    Open,
}

/// What came of [`Journal::begin`].
#[derive(Clone, Debug, PartialEq)]
pub enum Begun {
    /// The row is recorded: send it.
    Recorded,
    /// The reference is there already; nothing was written.
    Exists(Box<Entry>),
}

/// Whether a sale may be recorded over what the journal holds under its reference: yes if that is nothing, or the same order that is proved
/// never to have been sent.
#[must_use]
pub fn admit(existing: Option<&Entry>, intent: &Intent) -> bool {
    existing.is_none_or(|entry| {
        let never_sent = entry
            .end
            .as_ref()
            .is_some_and(|end| end.ending == Ending::NotSent);
        never_sent && entry.intent.same_order(intent)
    })
}

/// The journal could not do what was asked. If it was asked to record a sale, nothing was sent.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Another process has the journal open.
    #[error("the journal {path} is in use by another process")]
    InUse {
        /// The journal's file.
        path: String,
    },
    /// The journal was written by a later version.
    #[error("the journal {path} has version {found}, and this program knows up to version {known}")]
    Version {
        /// The journal's file.
        path: String,
        /// Its version.
        found: i64,
        /// The latest version that is known here.
        known: i64,
    },
    /// There is no such row, or it has ended, and an end is for ever.
    #[error("the journal has no open row of this reference")]
    NotOpen,
    /// The store failed; says how.
    #[error("the journal failed: {0}")]
    Store(String),
}
