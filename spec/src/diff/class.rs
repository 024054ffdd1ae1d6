//! Whether a change breaks anything depends on the way it travels: what is sent may become wider, what is received may
//! become narrower, and nothing else is harmless.

use std::fmt;

use serde::Serialize;

/// What a change does to the exchange with the service, least first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Nothing: who did not know of it need not.
    Compatible,
    /// Nothing by the letter, but somebody should look.
    Warning,
    /// A request that was right may be refused now, or an answer may hold what was ruled out.
    Breaking,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Compatible => "compatible",
            Self::Warning => "warning",
            Self::Breaking => "breaking",
        })
    }
}

/// Which way something travels.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the caller.
    Request,
    /// To the caller.
    Response,
}

impl Direction {
    pub(super) const ALL: [Self; 2] = [Self::Request, Self::Response];
}

/// How the set of what is allowed has changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shift {
    /// More is allowed.
    Widened,
    /// Less is allowed.
    Narrowed,
    /// Something else is.
    Changed,
    /// A member is new.
    Appeared {
        /// It must be sent.
        required: bool,
    },
    /// A member is gone.
    Vanished,
    /// One went and another came, by the likeness of which they are taken for one.
    Renamed {
        /// The new one must be sent.
        required: bool,
    },
    /// The same for both directions.
    Neutral(Class),
}

impl Shift {
    pub(super) fn class(self, direction: Direction) -> Class {
        match (self, direction) {
            (Self::Neutral(class), _) => class,
            (Self::Changed, _) => Class::Breaking,
            (Self::Widened, Direction::Response) | (Self::Narrowed, Direction::Request) => {
                Class::Breaking
            }
            (Self::Widened, Direction::Request) | (Self::Narrowed, Direction::Response) => {
                Class::Compatible
            }
            (
                Self::Appeared { required: true } | Self::Renamed { required: true },
                Direction::Request,
            ) => Class::Breaking,
            (Self::Appeared { .. }, _)
            | (Self::Renamed { .. } | Self::Vanished, Direction::Request) => Class::Compatible,
            (Self::Renamed { .. } | Self::Vanished, Direction::Response) => Class::Breaking,
        }
    }
}
