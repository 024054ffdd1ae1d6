//! What goes wrong on purpose.
//!
//! | name | what the client sees | what happened to the sale |
//! |---|---|---|
//! | `refuse` | this request is answered as usual; then the host closes its port for `refuse-ms`, and connects are refused | sold; what is refused meanwhile never arrives |
//! | `reset-before` | the connection is reset | not sold |
//! | `reset-after` | the connection is reset | sold |
//! | `fin-before` | the connection is closed without a byte | not sold |
//! | `fin-after` | the connection is closed without a byte | sold |
//! | `500-before`, `503-before` | that status, with a page, with JSON of no meaning or without a body; a 503 sometimes has `Retry-After` | not sold |
//! | `500-after`, `503-after` | the same | sold |
//! | `cut-body` | the right status, and half of the body | sold |
//! | `foreign-body` | 200 with a page, or with the JSON of something else | sold |
//! | `late-answer` | the right answer, `late-answer-ms` too late | sold at once |
//! | `late-sale` | the connection is reset | sold `late-sale-ms` after the connection died, as if the request had been held up on the way |
//! | `auth-401` | 401 "Token validation failed", and the token is really dead | not sold |
//! | `lag` | nothing; the other hosts do not show the row for `lag-ms` | sold; may come together with any of the others |
//!
//! "Sold" means: handed to the service, which may still refuse it by its rules. Reads and logins get the same faults as far as
//! they make sense. A read gets all but `late-sale` and `lag`, and before and after are the same to it. A login gets `refuse`,
//! `reset-before`, `fin-before`, `500-before` and `503-before` only: the others would leave tokens behind that nobody knows, until
//! all fifty slots are taken.
//!
//! HOT meets the same faults, its broken servers in shapes of their own. Its 401 has no body, its refreshing of a token counts as
//! a read, and a row that lags is shown by no host, since only one is documented.
//!
//! A decision depends on the service, the seed, the operation, the reference and on how many times that reference was submitted before, and
//! on nothing else: not on the order of arrival, not on time.
//!
//! # Specification
//!
//! ```text
//! SPEC    = "none" | (RATE | ITEM) *("," ITEM)
//! ITEM    = NAME "=" RATE | SETTING "=" MILLISECONDS
//! RATE    = a number from 0 to 1
//! NAME    = one of the names above
//! SETTING = "refuse-ms" | "late-answer-ms" | "late-sale-ms" | "lag-ms"     (default 200, 2000, 300, 1000)
//! ```
//!
//! A rate without a name is the overall rate, spread evenly over all kinds. For example: `0.35`, `0.35,late-answer-ms=500`,
//! `reset-after=0.1,late-sale=0.05`.

mod decide;
mod spec;

use std::time::Duration;

pub(crate) use decide::{Decision, Dice, Operation, hash_of};
pub use spec::FaultsError;

/// One way to go wrong. See the module for what each does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Refuse,
    ResetBefore,
    ResetAfter,
    FinBefore,
    FinAfter,
    Status500Before,
    Status500After,
    Status503Before,
    Status503After,
    CutBody,
    ForeignBody,
    LateAnswer,
    LateSale,
    Auth401,
    Lag,
}

impl Kind {
    /// All kinds in the order in which they are drawn and written.
    pub(crate) const ALL: [Self; 15] = [
        Self::Refuse,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::FinBefore,
        Self::FinAfter,
        Self::Status500Before,
        Self::Status500After,
        Self::Status503Before,
        Self::Status503After,
        Self::CutBody,
        Self::ForeignBody,
        Self::LateAnswer,
        Self::LateSale,
        Self::Auth401,
        Self::Lag,
    ];

    /// Its name in a specification.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::ResetBefore => "reset-before",
            Self::ResetAfter => "reset-after",
            Self::FinBefore => "fin-before",
            Self::FinAfter => "fin-after",
            Self::Status500Before => "500-before",
            Self::Status500After => "500-after",
            Self::Status503Before => "503-before",
            Self::Status503After => "503-after",
            Self::CutBody => "cut-body",
            Self::ForeignBody => "foreign-body",
            Self::LateAnswer => "late-answer",
            Self::LateSale => "late-sale",
            Self::Auth401 => "auth-401",
            Self::Lag => "lag",
        }
    }

    /// Whether this kind can hit an operation.
    pub(crate) const fn hits(self, operation: Operation) -> bool {
        match self {
            Self::Lag => false, // Drawn by itself.
            Self::LateSale => matches!(operation, Operation::Recharge),
            Self::Refuse
            | Self::ResetBefore
            | Self::FinBefore
            | Self::Status500Before
            | Self::Status503Before => true,
            _ => !matches!(operation, Operation::Login),
        }
    }
}

/// How often each kind of fault happens, and how long the slow ones take.
#[derive(Debug, Clone, PartialEq)]
pub struct Faults {
    rates: [f64; Kind::ALL.len()],
    /// How long a closed port stays closed.
    pub refuse: Duration,
    /// How long a late answer is held back.
    pub late_answer: Duration,
    /// How long after the death of its connection a late sale lands.
    pub late_sale: Duration,
    /// How long the other hosts do not show a lagging row.
    pub lag: Duration,
}

impl Faults {
    /// Nothing goes wrong.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            rates: [0.0; Kind::ALL.len()],
            refuse: Duration::from_millis(200),
            late_answer: Duration::from_secs(2),
            late_sale: Duration::from_millis(300),
            lag: Duration::from_secs(1),
        }
    }

    pub(crate) fn rate(&self, kind: Kind) -> f64 {
        self.rates[kind as usize]
    }
}

impl Default for Faults {
    fn default() -> Self {
        Self::none()
    }
}
