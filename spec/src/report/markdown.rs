//! The report as a pull request shows it: what breaks comes first.

use std::fmt::Write as _;

use super::{Action, Entry, Reaches, Report, Source, Spot};
use crate::diff::{Class, Direction, Kind, Subject, Use};
use crate::grade::{Grading, Verdict};

/// More places than this are counted, not named.
const NAMED_MAX: usize = 6;

/// More guesses than this are left to the JSON.
const GUESSES_MAX: usize = 200;

pub(super) fn write(report: &Report) -> String {
    let mut text = format!("# The document of {} has changed\n\n", report.service);
    source(&mut text, "Before", &report.old);
    source(&mut text, "Now", &report.new);
    let (breaking, warnings) = (report.breaking(), report.warnings());
    let rest = report.changes.len() - breaking - warnings;
    let _ = writeln!(
        text,
        "\n{} changes: **{breaking} breaking**, {warnings} to look at, {rest} compatible.",
        report.changes.len()
    );
    let is_warning = |entry: &Entry| !entry.breaking && entry.change.wire == Class::Warning;
    section(
        &mut text,
        report,
        "Breaking for callers of the bindings",
        &|entry| entry.breaking,
    );
    section(&mut text, report, "To look at", &is_warning);
    section(&mut text, report, "Compatible", &|entry| {
        !entry.breaking && !is_warning(entry)
    });
    stops(&mut text, report);
    kept(&mut text, report);
    actions(
        &mut text,
        "Overlay actions that no longer match anything",
        &report.overlay_unmatched,
    );
    actions(
        &mut text,
        "Overlay actions that the document has made unnecessary",
        &report.overlay_unnecessary,
    );
    list(
        &mut text,
        "Schemas that are referred to and not defined",
        &report.undefined,
    );
    list(
        &mut text,
        "What the bindings lose of the document, newly",
        &report.losses,
    );
    if let Some(grading) = &report.grading {
        grades(&mut text, grading);
    }
    text
}

fn source(text: &mut String, word: &str, source: &Source) {
    let from = source.url.as_deref().unwrap_or("no address");
    let hash: String = source.sha256.chars().take(12).collect();
    let _ = writeln!(
        text,
        "- {word}: version {}, {} operations, {} schemas, {from}, sha256 {hash}",
        source.version, source.operations, source.schemas
    );
}

fn section(text: &mut String, report: &Report, title: &str, of: &dyn Fn(&Entry) -> bool) {
    let entries: Vec<&Entry> = report.changes.iter().filter(|entry| of(entry)).collect();
    if entries.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## {title} ({})\n", entries.len());
    for entry in entries {
        line(text, entry);
    }
}

fn line(text: &mut String, entry: &Entry) {
    let change = &entry.change;
    let _ = write!(text, "- `{}`: {}", change.place, what(entry));
    let mut notes = Vec::new();
    if entry.breaking {
        let on_wire = (change.wire == Class::Breaking).then_some("the exchange");
        let in_source = change.source.then_some("source");
        let both: Vec<&str> = on_wire.into_iter().chain(in_source).collect();
        notes.push(format!("breaks {}", both.join(" and ")));
    }
    match entry.reaches {
        Reaches::Bindings => {}
        Reaches::Overlay => notes.push("the overlay keeps it from the bindings".into()),
        Reaches::Uncovered => notes.push("an overlay action no longer does what it did".into()),
    }
    if !change.uses.is_empty() && matches!(change.place.subject, Subject::Schema(_)) {
        notes.push(uses(&change.uses));
    }
    for (word, spots) in [("facade", &entry.facade), ("sandbox", &entry.sandbox)] {
        if !spots.is_empty() {
            notes.push(format!("{word} {}", shown(spots)));
        }
    }
    if !entry.overlay.is_empty() {
        let numbers: Vec<String> = entry.overlay.iter().map(usize::to_string).collect();
        notes.push(format!("overlay action {}", numbers.join(", ")));
    }
    match notes.is_empty() {
        true => text.push('\n'),
        false => {
            let _ = writeln!(text, "; {}", notes.join("; "));
        }
    }
}

fn what(entry: &Entry) -> String {
    let change = &entry.change;
    let kind = change.kind;
    match (&change.from, &change.to) {
        (None, None) => kind.to_string(),
        (Some(from), Some(to)) => format!("{kind} `{from}` → `{to}`"),
        (None, Some(to)) if kind == Kind::Added => format!("added, `{to}`"),
        (Some(from), None) if kind == Kind::Removed => format!("removed, was `{from}`"),
        (None, Some(to)) => format!("{kind}: `{to}` added"),
        (Some(from), None) => format!("{kind}: `{from}` removed"),
    }
}

fn uses(uses: &[Use]) -> String {
    let mut words: Vec<String> = uses
        .iter()
        .map(|each| match (each.direction, &each.status) {
            (Direction::Response, Some(status)) => format!("{} {status}", each.operation),
            _ => each.operation.clone(),
        })
        .collect();
    words.dedup();
    format!("in {}", limited(words))
}

fn shown(spots: &[Spot]) -> String {
    let spots = spots.iter().map(|spot| match &spot.function {
        Some(function) => format!("`{}` ({}:{})", function, spot.file, spot.line),
        None => format!("{}:{}", spot.file, spot.line),
    });
    limited(spots.collect())
}

fn limited(mut words: Vec<String>) -> String {
    let more = words.len().saturating_sub(NAMED_MAX);
    words.truncate(NAMED_MAX);
    let words = words.join(", ");
    if more == 0 {
        words
    } else {
        format!("{words} and {more} more")
    }
}

fn stops(text: &mut String, report: &Report) {
    let used: Vec<_> = report
        .stops
        .iter()
        .filter(|stop| !stop.spots.is_empty())
        .collect();
    let _ = writeln!(
        text,
        "\n## Where our own code may stop compiling ({})\n",
        used.len()
    );
    if used.is_empty() {
        text.push_str(
            "Nowhere: no code of ours uses anything that the bindings lost or changed.\n",
        );
    }
    for stop in used {
        let is = match &stop.is {
            Some(is) => format!("`{}` is now `{is}`", stop.was),
            None => "gone".to_owned(),
        };
        let _ = writeln!(text, "- `{}`: {is}; {}", stop.item, shown(&stop.spots));
    }
}

fn kept(text: &mut String, report: &Report) {
    if report.kept.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\n## Kept by the overlay as deprecated ({})\n",
        report.kept.len()
    );
    for kept in &report.kept {
        let _ = writeln!(
            text,
            "- `{}`: {}; needed by {}",
            kept.what,
            kept.reason,
            shown(&kept.needed)
        );
    }
}

fn actions(text: &mut String, title: &str, actions: &[Action]) {
    if actions.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## {title} ({})\n", actions.len());
    for action in actions {
        let _ = writeln!(
            text,
            "- {}: `{}`. {}",
            action.index, action.target, action.description
        );
    }
}

fn list(text: &mut String, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n## {title} ({})\n", items.len());
    for item in items {
        let _ = writeln!(text, "- `{item}`");
    }
}

fn grades(text: &mut String, grading: &Grading) {
    text.push_str("\n## How good the reconstruction was\n\n");
    text.push_str(
        "| | guesses | right | wrong type | wrong name | absent |\n|---|---|---|---|---|---|\n",
    );
    for part in ["member", "parameter", "operation"] {
        for grade in ["inferred", "client"] {
            let counts = Verdict::ALL.map(|verdict| grading.count(part, grade, verdict));
            let all: usize = counts.iter().sum();
            if all > 0 {
                let counts = counts.map(|count| count.to_string()).join(" | ");
                let _ = writeln!(text, "| {part}, {grade} | {all} | {counts} |");
            }
        }
    }
    let wrong = grading
        .guesses
        .iter()
        .filter(|guess| guess.verdict != Verdict::Right);
    let wrong: Vec<_> = wrong.collect();
    text.push('\n');
    for guess in wrong.iter().take(GUESSES_MAX) {
        let verdict = match (guess.verdict, &guess.instead) {
            (Verdict::WrongType, Some(is)) => format!("is `{is}`"),
            (Verdict::WrongName, Some(is)) => format!("is called `{is}`"),
            (Verdict::WrongType, None) => "is of another type".to_owned(),
            (Verdict::WrongName, None) => "has another name".to_owned(),
            _ => "is absent".to_owned(),
        };
        let _ = writeln!(
            text,
            "- {} `{}` ({}) {verdict}",
            guess.part, guess.pointer, guess.grade
        );
    }
    if wrong.len() > GUESSES_MAX {
        let _ = writeln!(
            text,
            "- and {} more, in the JSON report",
            wrong.len() - GUESSES_MAX
        );
    }
}
