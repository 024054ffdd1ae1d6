//! **The rule: the exit code tells the worst that happened: 4, then 3, then 1, then 2, then 5, then 0.**

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

use recharge::Invalid;
use recharge::journal::JournalError;

/// How the command ends, from the best to the worst: of several, the greatest is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// 0: all that was asked for was done.
    Success,
    /// 5: nothing failed, and something is to be looked at (`doctor`).
    Warned,
    /// 2: the command line or a row of a file is wrong. No money moved for it.
    Usage,
    /// 1: something was not sent, or something else failed. No money moved for it.
    Other,
    /// 3: the service refused or cancelled something. No money moved for it.
    Refused,
    /// 4: the end of something is not known yet: `recharge smartcall recover`.
    Open,
}

impl Exit {
    /// The worse of the two.
    pub(crate) fn and(self, other: Self) -> Self {
        self.max(other)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Other => 1,
            Exit::Usage => 2,
            Exit::Refused => 3,
            Exit::Open => 4,
            Exit::Warned => 5,
        })
    }
}

/// Why the command cannot do what it was asked, in one line.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
}

impl Failure {
    /// A mistake in what was given.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self {
            exit: Exit::Usage,
            message: message.to_string(),
        }
    }

    /// Anything else.
    pub(crate) fn other(message: impl Display) -> Self {
        Self {
            exit: Exit::Other,
            message: message.to_string(),
        }
    }
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::usage(invalid)
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Self::other(error)
    }
}

/// Writing an outcome failed, most likely because nobody reads on.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::other(format!("the output cannot be written: {error}"))
    }
}

/// A line for people, on standard error. That nobody listens there is no reason to fail.
pub(crate) fn note(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
