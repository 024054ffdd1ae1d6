//! **The rule: a number means what its table says, and a code that is in no table is never final.**
//!
//! The codes of chapter 16, Tables 1 to 9: the web service's own, and those of Vodacom, MTN, Cell C and Telkom. The same number stands for
//! different things in different tables, so a [`Code`] carries its [`Table`].
//!
//! A code is one indicator among several in an answer. What an answer means for the money is decided by the engine, from all of them; this
//! is for people, reports and support desks.
//!
//! Codes that only the document of the version before lists (2017), and those that were seen in answers, are known with their
//! explanation. Their numbers were given anew since, so none of them is final by what it meant then.

mod tables;

use std::borrow::Cow;
use std::fmt;

use tables::Row;

/// A table of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Table {
    /// Table 1: `responseCode` of the asynchronous recharge, the batch recharge and the prevend. Words.
    Response,
    /// Table 2: `statusCode` of the synchronous recharge.
    Status,
    /// Table 3: `error.code` of every kind of recharge, and of enquiries.
    Recharge,
    /// Table 4: the answer to a cancellation.
    Cancel,
    /// Table 5: `statusId` of a transaction. Numbers, or the names of their meanings.
    Transaction,
    /// Table 6: Vodacom's own.
    Vodacom,
    /// Table 7: MTN's own.
    Mtn,
    /// Table 8: Cell C's own.
    CellC,
    /// Table 9: Telkom's own.
    Telkom,
    /// The answer to a funds transfer. In no table of this version's document.
    FundsTransfer,
}

impl Table {
    /// All tables.
    pub const ALL: [Self; 10] = [
        Self::Response,
        Self::Status,
        Self::Recharge,
        Self::Cancel,
        Self::Transaction,
        Self::Vodacom,
        Self::Mtn,
        Self::CellC,
        Self::Telkom,
        Self::FundsTransfer,
    ];

    /// Its number in the document, if it has one.
    #[must_use]
    pub fn number(self) -> Option<u8> {
        match self {
            Self::Response => Some(1),
            Self::Status => Some(2),
            Self::Recharge => Some(3),
            Self::Cancel => Some(4),
            Self::Transaction => Some(5),
            Self::Vodacom => Some(6),
            Self::Mtn => Some(7),
            Self::CellC => Some(8),
            Self::Telkom => Some(9),
            Self::FundsTransfer => None,
        }
    }

    /// The codes that are known, in the order of the document; then those that only an earlier one has.
    pub fn codes(self) -> impl Iterator<Item = Code> {
        let rows = tables::rows(self).iter();
        rows.map(move |row| Code {
            table: self,
            text: Cow::Borrowed(row.code),
        })
    }

    fn row(self, text: &str) -> Option<&'static Row> {
        tables::rows(self).iter().find(|row| row.is(text))
    }
}

/// What a code says of the operation that was answered with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Standing {
    /// It was done. Final.
    Done,
    /// It was not done, and the same again will not be either. Final.
    Failed,
    /// It was not done. Final; the document lets it be tried again, with a **new** reference.
    Retryable,
    /// It is being worked on. Not final: enquire.
    Pending,
    /// It says nothing certain: a duplicate, a time-out, a fault in between, or a code in no table. Not final: enquire.
    Unclear,
}

/// A code of the service's, or of a network's.
///
/// ```
/// use recharge::smartcall::{Code, Standing, Table};
/// let code = Code::new(Table::Recharge, 1004);
/// assert_eq!(code.standing(), Standing::Pending);
/// assert!(!Code::new(Table::Recharge, 123456).is_final());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Code {
    table: Table,
    text: Cow<'static, str>,
}

impl Code {
    /// A code of a table: a number or a text, as it came. The service pads with blanks, and networks with zeros; a known code is
    /// recognised with either, and is then written as its table writes it.
    #[must_use]
    pub fn new(table: Table, code: impl fmt::Display) -> Self {
        let text = code.to_string();
        let text = match table.row(text.trim()) {
            Some(row) => Cow::Borrowed(row.code),
            None => Cow::Owned(text),
        };
        Self { table, text }
    }

    /// Its table.
    #[must_use]
    pub fn table(&self) -> Table {
        self.table
    }

    /// The code as its table writes it; one that is in no table, as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What it says. [`Standing::Unclear`] if it is in no table.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.table
            .row(&self.text)
            .map_or(Standing::Unclear, |row| row.standing)
    }

    /// The vendor's explanation, if it is known.
    #[must_use]
    pub fn explanation(&self) -> Option<&'static str> {
        self.table.row(&self.text).map(|row| row.explanation)
    }

    /// Whether it is known at all.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.table.row(&self.text).is_some()
    }

    /// Whether the state of the operation will not change any more. Never so for an unknown code.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(
            self.standing(),
            Standing::Done | Standing::Failed | Standing::Retryable
        )
    }

    /// Whether the service says that it works on it.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.standing() == Standing::Pending
    }

    /// Whether the operation failed and the document lets it be tried again, with a new reference.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.standing() == Standing::Retryable
    }
}

/// The code alone.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.table, self.text)
    }
}

#[cfg(test)]
mod tests;
