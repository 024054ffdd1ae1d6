//! Pairs of documents with a list of changes that somebody else made: the `swagger diff` of go-swagger.
//!
//! Rule: **we say every change that they say, in the same class, and whatever we say besides has a reason.** Four pairs
//! are in `tests/corpus/diff-pairs`; the others are used when the full corpus is beside the checkout.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};

use recharge_spec::diff::{Change, Class, Kind, Thing, diff};
use recharge_spec::read;
use serde_json::Value;

/// What they report and we do not, for it means nothing to a caller.
const MEANINGLESS: [&str; 2] = ["Extension", "Example value"];

/// What we report and they do not: pair, beginning of the line, reason.
const OURS: [(&str, &str, &str); 1] = [(
    "response",
    "type B2",
    "B2 is made of another schema; they do not look into allOf",
)];

struct Line {
    class: Class,
    /// `GET /a/`, or the name of a schema.
    subject: String,
    /// The status of the answer.
    status: Option<String>,
    /// The parameter, header or member; empty for what is whole.
    name: String,
    what: String,
    /// The value of an enum.
    value: String,
    text: String,
}

fn folders() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let all = here.join("../../shared/corpus/diff-pairs");
    if all.is_dir() {
        return vec![here.join("corpus/diff-pairs"), all];
    }
    aloud(&format!(
        "SKIPPED: the full set of pairs is not at {}",
        all.display()
    ));
    vec![here.join("corpus/diff-pairs")]
}

fn openapi(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap();
    read(text.as_bytes()).unwrap().into_openapi().unwrap()
}

fn golden(text: &str) -> Vec<Line> {
    let mut class = Class::Compatible;
    let mut lines = Vec::new();
    for text in text.lines() {
        match text {
            "NON-BREAKING CHANGES:" => class = Class::Compatible,
            "NON-BREAKING CHANGES WITH WARNING:" => class = Class::Warning,
            "BREAKING CHANGES:" => class = Class::Breaking,
            _ if text.starts_with('/') || text.starts_with("Spec Definitions.") => {
                lines.push(line(class, text))
            }
            _ => {}
        }
    }
    lines
}

fn line(class: Class, text: &str) -> Line {
    let parts: Vec<&str> = text.split(" - ").collect();
    let (place, status) = match parts[0].split_once(" -> ") {
        Some((place, status)) => (place, Some(status.to_owned())),
        None => (parts[0], None),
    };
    if let Some(definition) = place.strip_prefix("Spec Definitions.") {
        let (schema, member) = definition.split_once('.').unwrap_or((definition, ""));
        return Line {
            class,
            subject: schema.to_owned(),
            status: None,
            name: untyped(member).to_owned(),
            what: parts[1].to_owned(),
            value: String::new(),
            text: text.to_owned(),
        };
    }
    let (path, method) = place.rsplit_once(':').unwrap_or((place, ""));
    // Either "Request - Query.limit<integer> - what" or "Request - Added endpoint".
    let (holder, what, value) = match parts[2..] {
        [what] => ("", what, ""),
        [holder, what] => (holder, what, ""),
        [holder, what, value, ..] => (holder, what, value),
        [] => ("", "", ""),
    };
    let name = match holder.split_once('.') {
        // `Body<array[A1]>.personality<string>`, `Query.limit<integer.int64>`.
        Some((first, rest)) if !first.contains('<') || first.ends_with('>') => untyped(rest),
        _ => "",
    };
    Line {
        class,
        subject: format!("{} {path}", method.to_uppercase()),
        status,
        name: name.to_owned(),
        what: what.to_owned(),
        value: value.to_owned(),
        text: text.to_owned(),
    }
}

fn untyped(name: &str) -> &str {
    name.split('<').next().unwrap_or(name)
}

/// Whether a change of ours says what a line of theirs says; the class is compared later.
fn says(change: &Change, line: &Line) -> bool {
    let place = &change.place;
    let last = |text: &str| {
        text.rsplit(['.', ' '])
            .next()
            .unwrap_or_default()
            .replace("[]", "")
    };
    let names = [
        if place.field.is_empty() {
            last(&place.part)
        } else {
            last(&place.field)
        },
        change.from.clone().unwrap_or_default(),
    ];
    let is_whole = line.name.is_empty();
    let named = names.contains(&line.name) || (is_whole && place.field.is_empty());
    named && of_the_kind(change, line)
}

fn of_the_kind(change: &Change, line: &Line) -> bool {
    let (kind, thing) = (change.kind, change.thing);
    let is = |value: &Option<String>| value.as_deref() == Some(line.value.as_str());
    match line.what.as_str() {
        "Added endpoint" => kind == Kind::Added && thing == Thing::Operation,
        "Deleted endpoint" | "Deleted a deprecated endpoint" => {
            kind == Kind::Removed && thing == Thing::Operation
        }
        "Added a schema definition" => kind == Kind::Added && thing == Thing::Schema,
        "Added possible enumeration(s)" => kind == Kind::Enum && is(&change.to),
        "Deleted possible enumeration(s)" => kind == Kind::Enum && is(&change.from),
        "Added response" => kind == Kind::Status && change.from.is_none(),
        "Deleted response" => kind == Kind::Status && change.to.is_none(),
        "Changed optional param to required" | "Changed required param to optional" => {
            kind == Kind::Required
        }
        // OpenAPI 3.0 has no word for a list in a header that is written with bars: it is text then.
        "Changed collection format" => matches!(kind, Kind::Style | Kind::Type),
        "Changed ref to different object" => kind == Kind::Type,
        what if what.starts_with("Default value") => kind == Kind::Default,
        what if what.contains(" type") => matches!(kind, Kind::Type | Kind::Format),
        what if what.starts_with("Added") => matches!(kind, Kind::Added | Kind::Renamed),
        what if what.starts_with("Deleted") => matches!(kind, Kind::Removed | Kind::Renamed),
        _ => false,
    }
}

/// The class of a change where a line speaks of it; nothing when it does not reach that place.
fn class_at(change: &Change, line: &Line) -> Option<Class> {
    if change.uses.is_empty() || !line.subject.contains(' ') {
        let is_it = change.place.to_string().starts_with(&line.subject);
        return is_it.then_some(change.wire);
    }
    let uses = change.uses.iter();
    let mut here = uses.filter(|each| each.operation == line.subject && each.status == line.status);
    here.next().map(|each| each.class)
}

fn shown(change: &Change) -> String {
    format!(
        "{} {:?} {} {:?} {:?}",
        change.kind, change.thing, change.place, change.from, change.to
    )
}

fn compare(folder: &Path, name: &str) {
    let path = |end: &str| folder.join(format!("{name}.{end}"));
    let changes = diff(&openapi(&path("v1.json")), &openapi(&path("v2.json")));
    let text = std::fs::read_to_string(path("diff.txt")).unwrap();
    let lines = golden(&text);
    let mut said = vec![false; changes.len()];
    for line in &lines {
        if MEANINGLESS.iter().any(|word| line.what.contains(word)) {
            continue;
        }
        let matching = changes
            .iter()
            .enumerate()
            .filter(|(_, change)| says(change, line));
        let found: Vec<(usize, Class)> = matching
            .filter_map(|(index, change)| Some((index, class_at(change, line)?)))
            .collect();
        let all: Vec<String> = changes.iter().map(shown).collect();
        assert!(
            !found.is_empty(),
            "{name}: we do not say\n  {}\nbut\n  {}",
            line.text,
            all.join("\n  ")
        );
        for (index, class) in found {
            said[index] = true;
            // What came and what went are one change to us, in the class of the worse half.
            let same =
                class == line.class || (changes[index].kind == Kind::Renamed && class > line.class);
            assert!(
                same,
                "{name}: {class} to us, {} to them: {}",
                line.class, line.text
            );
        }
    }
    for (change, _) in changes.iter().zip(&said).filter(|(_, said)| !**said) {
        let reason = OURS.iter().find(|ours| {
            let line = format!("{} {}", change.kind, change.place);
            let schema = format!("{} {:?}", change.kind, change.thing);
            ours.0 == name && (line.starts_with(ours.1) || schema == ours.1)
        });
        assert!(reason.is_some(), "{name}: only we say {}", shown(change));
    }
    let theirs = text.contains("compatibility test FAILED");
    let ours = changes.iter().any(|change| change.wire == Class::Breaking);
    assert_eq!(ours, theirs, "{name}: the verdicts differ");
}

#[test]
fn every_change_of_the_golden_lists_is_found_in_its_class_and_nothing_else() {
    let mut compared = 0;
    for folder in folders() {
        let mut names: Vec<String> = std::fs::read_dir(&folder)
            .unwrap()
            .filter_map(|entry| {
                entry
                    .unwrap()
                    .file_name()
                    .into_string()
                    .unwrap()
                    .strip_suffix(".diff.txt")
                    .map(str::to_owned)
            })
            .collect();
        names.sort();
        for name in names {
            compare(&folder, &name);
            compared += 1;
        }
    }
    eprintln!("{compared} pairs compared");
    assert!(compared >= 4);
}

/// Says something past the capture of the test harness, which would keep it to itself.
fn aloud(what: &str) {
    use std::io::Write as _;
    writeln!(std::io::stderr(), "{what}").expect("stderr");
}
