//! A place is told in words for people, and in JSON pointers for whoever has to find it in either document.

use std::fmt;

use serde::Serialize;

use super::class::{Class, Direction};
use super::reach::Reach;
use super::{Kind, Use};
use crate::error::escape;

/// What a place belongs to.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The document as a whole.
    Document,
    /// An operation, as `GET /path`.
    Operation(String),
    /// A named schema.
    Schema(String),
}

/// Where a change is.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Place {
    /// What it belongs to.
    pub subject: Subject,
    /// The part of an operation: `query limit`, `body`, `200`, `200 header Etag`. Empty for the whole.
    pub part: String,
    /// The member, from the schema on: `recharge.lines[].amount`. Empty for the schema itself.
    pub field: String,
    /// Where it was in the old document (a JSON pointer).
    pub old: Option<String>,
    /// Where it is in the new one.
    pub new: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            Subject::Document => f.write_str("the document")?,
            Subject::Operation(operation) => f.write_str(operation)?,
            Subject::Schema(name) => f.write_str(name)?,
        }
        if !self.part.is_empty() {
            write!(f, " {}", self.part)?;
        }
        match (&self.subject, self.field.is_empty()) {
            (_, true) => Ok(()),
            (Subject::Schema(_), _) => write!(f, ".{}", self.field),
            _ => write!(f, " {}", self.field),
        }
    }
}

/// A place during the comparison, which knows how to find out who uses it.
#[derive(Clone)]
pub(super) struct At {
    pub(super) place: Place,
    users: Users,
}

#[derive(Clone)]
enum Users {
    Nobody,
    /// Exactly this.
    This(Direction, Option<String>),
    /// Whoever reaches the schema, under its old and its new name.
    Of(Option<String>, Option<String>),
}

impl At {
    pub(super) fn document(pointer: &str) -> Self {
        Self {
            place: Place {
                subject: Subject::Document,
                part: String::new(),
                field: String::new(),
                old: Some(pointer.to_owned()),
                new: Some(pointer.to_owned()),
            },
            users: Users::Nobody,
        }
    }

    /// An operation; its name is the one that it has now.
    pub(super) fn operation(name: String, old: Option<String>, new: Option<String>) -> Self {
        Self {
            place: Place {
                subject: Subject::Operation(name),
                part: String::new(),
                field: String::new(),
                old,
                new,
            },
            users: Users::This(Direction::Request, None),
        }
    }

    /// A schema, by its old and its new name.
    pub(super) fn schema(old: Option<&str>, new: Option<&str>) -> Self {
        let pointer = |name: &str| format!("/components/schemas/{}", escape(name));
        Self {
            place: Place {
                subject: Subject::Schema(new.or(old).unwrap_or_default().to_owned()),
                part: String::new(),
                field: String::new(),
                old: old.map(pointer),
                new: new.map(pointer),
            },
            users: Users::Of(old.map(str::to_owned), new.map(str::to_owned)),
        }
    }

    /// A part of an operation, at these pointers.
    pub(super) fn part(&self, part: String, old: Option<String>, new: Option<String>) -> Self {
        let mut at = self.clone();
        at.place.part = part;
        at.place.old = old;
        at.place.new = new;
        at
    }

    /// The same, in the answer with this status.
    pub(super) fn received(mut self, status: &str) -> Self {
        self.users = Users::This(Direction::Response, Some(status.to_owned()));
        self
    }

    /// A member, called `label`, at `step` in both documents.
    pub(super) fn member(&self, label: &str, step: &str) -> Self {
        self.member_from(label, Some(step), Some(step))
    }

    /// A member which is at other steps in the two documents, or in one only.
    pub(super) fn member_from(&self, label: &str, old: Option<&str>, new: Option<&str>) -> Self {
        let mut at = self.clone();
        let field = &mut at.place.field;
        if !field.is_empty() && label != "[]" {
            field.push('.');
        }
        field.push_str(label);
        let below =
            |pointer: Option<&String>, step: Option<&str>| Some(format!("{}{}", pointer?, step?));
        at.place.old = below(self.place.old.as_ref(), old);
        at.place.new = below(self.place.new.as_ref(), new);
        at
    }

    /// The same place with the schema, which `step` leads to.
    pub(super) fn at_schema(&self, step: &str) -> Self {
        let mut at = self.clone();
        for pointer in [&mut at.place.old, &mut at.place.new].into_iter().flatten() {
            pointer.push_str(step);
        }
        at
    }

    pub(super) fn uses(&self, old: &Reach, new: &Reach) -> Vec<Use> {
        match &self.users {
            Users::Nobody => Vec::new(),
            Users::This(direction, status) => {
                let Subject::Operation(operation) = &self.place.subject else {
                    return Vec::new();
                };
                vec![Use {
                    operation: operation.clone(),
                    direction: *direction,
                    status: status.clone(),
                    class: Class::Compatible,
                }]
            }
            Users::Of(before, after) => {
                let before = before.iter().flat_map(|name| old.uses(name));
                let after = after.iter().flat_map(|name| new.uses(name));
                before.chain(after).collect()
            }
        }
    }
}

/// The word for a kind in a report.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Renamed => "renamed",
            Self::Type => "type",
            Self::Format => "format",
            Self::Nullability => "nullability",
            Self::Required => "required",
            Self::Enum => "enum",
            Self::KnownValues => "known values",
            Self::Status => "status",
            Self::Security => "security",
            Self::MediaType => "media type",
            Self::Style => "style",
            Self::Default => "default",
            Self::Bounds => "bounds",
            Self::Deprecated => "deprecated",
            Self::Servers => "servers",
        })
    }
}
