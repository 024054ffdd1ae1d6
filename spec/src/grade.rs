//! How good the reconstruction was, once there is something to hold it against.
//!
//! Rule: **every guess is counted once, as right, wrong in type, wrong in name, or absent.** Guesses are the members,
//! parameters and operations that the old document grades as `inferred` or `client`. Whether something is required or
//! can be null was never claimed by a guess, so that does not make it wrong.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::diff::{Change, Kind, Subject, Thing};
use crate::evidence::{self, Grade};

/// What became of a guess.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it was guessed.
    Right,
    /// There, in another type or format.
    WrongType,
    /// There, under another name.
    WrongName,
    /// Not there.
    Absent,
}

impl Verdict {
    /// Every verdict, best first.
    pub const ALL: [Self; 4] = [Self::Right, Self::WrongType, Self::WrongName, Self::Absent];
}

/// One guess.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Guess {
    /// Where it is in the old document, as a JSON pointer.
    pub pointer: String,
    /// What kind of part: `member`, `parameter` or `operation`.
    pub part: &'static str,
    /// How well it was known.
    pub grade: &'static str,
    /// What became of it.
    pub verdict: Verdict,
    /// What is there instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
}

/// Every guess, and what became of it.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Grading {
    /// All of them, in the order of the document.
    pub guesses: Vec<Guess>,
}

impl Grading {
    /// How many guesses of a part and a grade have a verdict.
    pub fn count(&self, part: &str, grade: &str, verdict: Verdict) -> usize {
        let guesses = self.guesses.iter();
        let of_these = guesses
            .filter(|guess| guess.part == part && guess.grade == grade && guess.verdict == verdict);
        of_these.count()
    }
}

/// Whether a document was put together by us: only then is there anything to grade.
pub fn is_reconstruction(document: &Value) -> bool {
    evidence::parts(document)
        .iter()
        .any(|part| part.grade().is_some())
}

/// Grades what `old` only guessed, by the changes that led from it to the new document.
pub fn grade(old: &Value, changes: &[Change]) -> Grading {
    let mut by_place: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        if let Some(pointer) = &change.place.old {
            let pointer = pointer.strip_suffix("/schema").unwrap_or(pointer);
            by_place.entry(pointer).or_default().push(change);
        }
    }
    let guesses = evidence::parts(old).into_iter().filter_map(|part| {
        let kind = match part.kind {
            evidence::Kind::Property => "member",
            evidence::Kind::Parameter => "parameter",
            evidence::Kind::Operation => "operation",
            _ => return None,
        };
        let grade = part.grade()?;
        if !matches!(grade, Grade::Inferred | Grade::Client) {
            return None;
        }
        let (verdict, instead) = verdict(&part.pointer, &by_place);
        Some(Guess {
            pointer: part.pointer,
            part: kind,
            grade: grade.name(),
            verdict,
            instead,
        })
    });
    Grading {
        guesses: guesses.collect(),
    }
}

fn verdict(pointer: &str, by_place: &BTreeMap<&str, Vec<&Change>>) -> (Verdict, Option<String>) {
    // What holds it may be gone with it.
    let holders = pointer
        .match_indices('/')
        .map(|(index, _)| &pointer[..index]);
    for holder in holders {
        let changes = by_place.get(holder).into_iter().flatten();
        let gone = changes.filter(|change| {
            change.kind == Kind::Removed && matches!(change.thing, Thing::Schema | Thing::Operation)
        });
        if gone.count() > 0 {
            return (Verdict::Absent, None);
        }
    }
    let here = || by_place.get(pointer).into_iter().flatten();
    let find = |kinds: &[Kind]| here().find(|change| kinds.contains(&change.kind));
    if find(&[Kind::Removed]).is_some() {
        return (Verdict::Absent, None);
    }
    // Another id is another method, not another operation; and of a path parameter only the value is sent.
    let renamed = here().find(|change| {
        change.kind == Kind::Renamed && change.from != change.to && is_of_the_wire(change)
    });
    if let Some(change) = renamed {
        return (Verdict::WrongName, change.to.clone());
    }
    // Items of a list are part of its type.
    let items = format!("{pointer}/items");
    let wrong = find(&[Kind::Type, Kind::Format]).or_else(|| {
        let changes = by_place.get(items.as_str()).into_iter().flatten();
        let mut changes = changes.filter(|change| matches!(change.kind, Kind::Type | Kind::Format));
        changes.next()
    });
    match wrong {
        Some(change) => (Verdict::WrongType, change.to.clone()),
        None => (Verdict::Right, None),
    }
}

fn is_of_the_wire(change: &Change) -> bool {
    match (&change.place.subject, change.thing) {
        (Subject::Operation(_), Thing::Operation) => change.wire == crate::diff::Class::Breaking,
        (_, Thing::Parameter) => !change.place.part.starts_with("path "),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diff::diff;

    fn document(properties: Value) -> Value {
        json!({
            "openapi": "3.0.3", "info": {}, "paths": {},
            "components": { "schemas": { "A": { "type": "object", "properties": properties } } }
        })
    }

    fn member(kind: &str, grade: &str) -> Value {
        json!({ "type": kind, "x-evidence": { "grade": grade, "source": "s" } })
    }

    #[test]
    fn every_guess_has_one_verdict() {
        let old = document(json!({
            "right": member("string", "inferred"),
            "code": member("string", "inferred"),
            "reference": member("string", "client"),
            "gone": member("string", "inferred"),
            "seen": member("string", "recorded"),
        }));
        let new = document(json!({
            "right": { "type": "string", "nullable": true },
            "code": { "type": "integer" },
            "smartloadReference": { "type": "string" },
        }));
        let grading = grade(&old, &diff(&old, &new));
        let verdicts: Vec<Verdict> = grading.guesses.iter().map(|guess| guess.verdict).collect();
        use Verdict::{Absent, Right, WrongName, WrongType};
        assert_eq!(verdicts, [Right, WrongType, WrongName, Absent]);
        assert_eq!(
            grading.guesses[2].instead.as_deref(),
            Some("smartloadReference")
        );
        assert_eq!(grading.count("member", "inferred", Absent), 1);
    }

    #[test]
    fn what_stood_in_a_schema_that_is_gone_is_absent() {
        let old = document(json!({ "a": member("string", "inferred") }));
        let mut new = old.clone();
        new["components"]["schemas"] = json!({});
        let grading = grade(&old, &diff(&old, &new));
        assert_eq!(grading.guesses[0].verdict, Verdict::Absent);
    }

    #[test]
    fn only_what_carries_evidence_is_a_reconstruction() {
        assert!(is_reconstruction(&document(
            json!({ "a": member("string", "prose") })
        )));
        assert!(!is_reconstruction(&document(
            json!({ "a": { "type": "string" } })
        )));
    }
}
