//! What changed between two documents, said once and by its meaning.
//!
//! Rule: **a difference that means nothing is no change, and a change is named where it was made.** Both documents are
//! OpenAPI 3.0, so that one that was Swagger 2.0 can be compared with one that was not. Words, examples, tags, the order
//! of members and extensions mean nothing to a caller. A change inside a named schema is one change of that schema,
//! with the operations that it reaches; whether it breaks anything follows from the way in which it travels.

mod class;
mod likeness;
mod names;
mod operations;
mod parameters;
mod places;
mod reach;
mod schemas;
mod shape;
mod values;

use serde::Serialize;
use serde_json::Value;

pub use class::{Class, Direction};
pub use likeness::likeness;
pub use names::{Moved, anonymous};
pub use places::{Place, Subject};

use class::Shift;
use names::Names;
use places::At;
use reach::Reach;

/// What a change is about.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    /// An operation.
    Operation,
    /// A parameter in path, query, header or cookie.
    Parameter,
    /// The body of a request or of an answer.
    Body,
    /// An answer, known by its status.
    Response,
    /// A header of an answer.
    Header,
    /// A named schema.
    Schema,
    /// A member of a schema.
    Field,
    /// The document as a whole.
    Document,
}

/// What happened to it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is called otherwise; known by its likeness.
    Renamed,
    /// It is of another type.
    Type,
    /// It is of the same type in another format.
    Format,
    /// It may be null now, or no longer.
    Nullability,
    /// It must be there now, or need no longer be.
    Required,
    /// A value was added to or taken from those allowed, or the list of them was.
    Enum,
    /// A value was added to or taken from those known (`x-known-values`); others are still allowed.
    KnownValues,
    /// A status is answered now, or no longer.
    Status,
    /// Another way to authenticate.
    Security,
    /// Another media type.
    MediaType,
    /// Another way to write a list.
    Style,
    /// Another default.
    Default,
    /// Another bound, length or pattern.
    Bounds,
    /// It is deprecated now, or no longer.
    Deprecated,
    /// Another address.
    Servers,
}

/// One way in which a change reaches an operation.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Use {
    /// The operation, as `GET /path`.
    pub operation: String,
    /// Whether it is sent or received.
    pub direction: Direction,
    /// The status of the answer, if it is received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What it does to the exchange.
    pub class: Class,
}

/// One change.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Change {
    /// Where.
    pub place: Place,
    /// To what.
    pub thing: Thing,
    /// What.
    pub kind: Kind,
    /// What was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What is there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The worst that it does to the exchange with the service, over all uses.
    pub wire: Class,
    /// Whether code that names it may no longer compile, or may mean something else.
    pub source: bool,
    /// The operations that it reaches.
    pub uses: Vec<Use>,
}

impl Change {
    /// Whether callers of the bindings have to do something.
    pub fn is_breaking(&self) -> bool {
        self.source || self.wire == Class::Breaking
    }
}

/// Every change from `old` to `new`, both OpenAPI 3.0, sorted by place.
pub fn diff(old: &Value, new: &Value) -> Vec<Change> {
    let mut diff = Diff {
        old,
        new,
        names: Names::of(old, new),
        changes: Vec::new(),
    };
    diff.document();
    diff.operations();
    diff.schemas();
    diff.finish()
}

/// The comparison as it goes.
struct Diff<'a> {
    old: &'a Value,
    new: &'a Value,
    names: Names,
    changes: Vec<Found>,
}

/// A change whose uses are not yet known.
struct Found {
    at: At,
    thing: Thing,
    kind: Kind,
    from: Option<String>,
    to: Option<String>,
    shift: Shift,
    source: Source,
}

/// When a change breaks the code of callers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Source {
    Never,
    Always,
    /// Only in what is sent. Whatever is received can be absent, null or of another kind in the bindings already.
    Sent,
}

impl Diff<'_> {
    fn push(&mut self, at: &At, thing: Thing, kind: Kind, shift: Shift, source: Source) {
        self.push_values(at, thing, kind, (None, None), shift, source);
    }

    fn push_values(
        &mut self,
        at: &At,
        thing: Thing,
        kind: Kind,
        (from, to): (Option<String>, Option<String>),
        shift: Shift,
        source: Source,
    ) {
        self.changes.push(Found {
            at: at.clone(),
            thing,
            kind,
            from,
            to,
            shift,
            source,
        });
    }

    fn document(&mut self) {
        let urls = |document: &Value| {
            let servers = document["servers"].as_array().into_iter().flatten();
            let urls: Vec<String> = servers
                .filter_map(|server| server["url"].as_str().map(str::to_owned))
                .collect();
            urls.join(", ")
        };
        let (old, new) = (urls(self.old), urls(self.new));
        if old != new {
            let at = At::document("/servers");
            let shift = Shift::Neutral(Class::Warning);
            let values = (Some(old), Some(new));
            self.push_values(
                &at,
                Thing::Document,
                Kind::Servers,
                values,
                shift,
                Source::Never,
            );
        }
    }

    /// Finds the uses of every change, and from them its class.
    fn finish(self) -> Vec<Change> {
        let old = Reach::of(self.old);
        let new = Reach::of(self.new);
        let mut changes: Vec<Change> = self
            .changes
            .into_iter()
            .map(|found| found.finish(&old, &new))
            .collect();
        changes.sort_by(|a, b| {
            let key = |change: &Change| {
                (
                    change.place.clone(),
                    change.kind,
                    change.from.clone(),
                    change.to.clone(),
                )
            };
            key(a).cmp(&key(b))
        });
        changes
    }
}

impl Found {
    fn finish(self, old: &Reach, new: &Reach) -> Change {
        let mut uses = self.at.uses(old, new);
        for each in &mut uses {
            each.class = self.shift.class(each.direction);
        }
        uses.sort();
        uses.dedup();
        let worst = uses.iter().map(|each| each.class).max();
        // What nobody uses is judged as if it were both sent and received.
        let wire = worst.unwrap_or_else(|| {
            let both = Direction::ALL.map(|direction| self.shift.class(direction));
            both.into_iter().max().unwrap_or(Class::Compatible)
        });
        let is_sent =
            uses.is_empty() || uses.iter().any(|each| each.direction == Direction::Request);
        let source = match self.source {
            Source::Never => false,
            Source::Always => true,
            Source::Sent => is_sent,
        };
        Change {
            place: self.at.place,
            thing: self.thing,
            kind: self.kind,
            from: self.from,
            to: self.to,
            wire,
            source,
            uses,
        }
    }
}
