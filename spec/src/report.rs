//! What somebody who reviews a new document has to know, for people and for programs.
//!
//! Rule: **every change says where, what, whom it breaks, and which of our own places it touches.** What could not be
//! found out is left out, never guessed.

mod markdown;

use serde::Serialize;

use crate::diff::{Change, Class};
use crate::grade::Grading;

/// Where a document is from.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Source {
    /// Where it was pulled from; nothing for a reconstruction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The version that it states.
    pub version: String,
    /// The hash of its bytes.
    pub sha256: String,
    /// How many operations it has.
    pub operations: usize,
    /// How many named schemas.
    pub schemas: usize,
}

/// A place in our own sources.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Spot {
    /// The file, from the root of the workspace.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The function that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
}

/// Whether a change gets past the overlay.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaches {
    /// It is a change of the bindings' document too.
    Bindings,
    /// The overlay said so already, or says otherwise.
    Overlay,
    /// The document did not change here; an action of the overlay no longer does what it did.
    Uncovered,
}

/// A change with all that it touches.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Entry {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// Whether callers of the bindings have to do something.
    pub breaking: bool,
    /// Whether it gets past the overlay.
    pub reaches: Reaches,
    /// Where the facade uses what changed.
    pub facade: Vec<Spot>,
    /// Where the sandbox serves it.
    pub sandbox: Vec<Spot>,
    /// The actions of the overlay that select it, counted from 0.
    pub overlay: Vec<usize>,
}

/// An action of the overlay that somebody should look at.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Action {
    /// Which one, counted from 0.
    pub index: usize,
    /// Its target.
    pub target: String,
    /// Its reason.
    pub description: String,
}

/// Something that went, and that the overlay keeps so that our code compiles.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Kept {
    /// What: `Schema.member`, or `GET /path` for the name of a method.
    pub what: String,
    /// Why, for the overlay.
    pub reason: String,
    /// Who needs it.
    pub needed: Vec<Spot>,
}

/// Something that the bindings no longer have, or have otherwise.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Stop {
    /// The item: `types::Recharge.balance`, `fn get_balance`.
    pub item: String,
    /// What it was.
    pub was: String,
    /// What it is; nothing when it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
    /// Where our code uses it, so that it may no longer compile.
    pub spots: Vec<Spot>,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// The service.
    pub service: String,
    /// What was there.
    pub old: Source,
    /// What is served.
    pub new: Source,
    /// Every change, sorted by place.
    pub changes: Vec<Entry>,
    /// Actions of the overlay that select nothing any more.
    pub overlay_unmatched: Vec<Action>,
    /// Actions of the overlay that say what the document says itself.
    pub overlay_unnecessary: Vec<Action>,
    /// What the overlay keeps.
    pub kept: Vec<Kept>,
    /// What of the bindings changed under our own code.
    pub stops: Vec<Stop>,
    /// Schemas that the document refers to and does not define.
    pub undefined: Vec<String>,
    /// What the bindings lose of the document that they did not lose before.
    pub losses: Vec<String>,
    /// How good the reconstruction was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grading: Option<Grading>,
}

impl Report {
    /// How many changes break callers of the bindings.
    pub fn breaking(&self) -> usize {
        self.changes.iter().filter(|entry| entry.breaking).count()
    }

    /// How many do not, but need a look.
    pub fn warnings(&self) -> usize {
        let rest = self.changes.iter().filter(|entry| !entry.breaking);
        rest.filter(|entry| entry.change.wire == Class::Warning)
            .count()
    }

    /// Whether the two documents mean the same.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The report for programs.
    pub fn json(&self) -> String {
        let mut value = serde_json::to_value(self).unwrap_or_default();
        value["breaking"] = self.breaking().into();
        value["warnings"] = self.warnings().into();
        format!("{value:#}\n")
    }

    /// The report for a pull request.
    pub fn markdown(&self) -> String {
        markdown::write(self)
    }
}
