//! An operation is its method, its path, what it takes, what it answers and whom it lets in.

use std::collections::BTreeSet;

use serde_json::Value;

use super::class::{Class, Shift};
use super::names::{Operation, operations, paired};
use super::parameters::resolved;
use super::places::At;
use super::{Diff, Kind, Source, Thing};
use crate::error::escape;

const NEUTRAL: Shift = Shift::Neutral(Class::Compatible);

impl Diff<'_> {
    pub(super) fn operations(&mut self) {
        let (old, new) = (operations(self.old), operations(self.new));
        let pairs = paired(&old, &new);
        for moved in &pairs {
            self.operation(&old[moved.old], &new[moved.new]);
        }
        for (index, was) in old.iter().enumerate() {
            if !pairs.iter().any(|moved| moved.old == index) {
                let at = At::operation(was.name(), Some(was.pointer()), None);
                // Who was told that it would go has been told.
                let class = match was.value["deprecated"] == Value::Bool(true) {
                    true => Class::Compatible,
                    false => Class::Breaking,
                };
                let shift = Shift::Neutral(class);
                self.push(&at, Thing::Operation, Kind::Removed, shift, Source::Always);
            }
        }
        for (index, is) in new.iter().enumerate() {
            if !pairs.iter().any(|moved| moved.new == index) {
                let at = At::operation(is.name(), None, Some(is.pointer()));
                self.push(&at, Thing::Operation, Kind::Added, NEUTRAL, Source::Never);
            }
        }
    }

    fn operation(&mut self, old: &Operation<'_>, new: &Operation<'_>) {
        let at = At::operation(new.name(), Some(old.pointer()), Some(new.pointer()));
        let place = |operation: &Operation<'_>| {
            (
                operation.method.to_owned(),
                super::anonymous(operation.path),
            )
        };
        if place(old) != place(new) {
            let values = (Some(old.name()), Some(new.name()));
            let shift = Shift::Neutral(Class::Breaking);
            self.push_values(
                &at,
                Thing::Operation,
                Kind::Renamed,
                values,
                shift,
                Source::Never,
            );
        }
        if old.id() != new.id() {
            let id = |operation: &Operation<'_>| Some(operation.id().to_owned());
            let values = (id(old), id(new));
            self.push_values(
                &at,
                Thing::Operation,
                Kind::Renamed,
                values,
                NEUTRAL,
                Source::Always,
            );
        }
        if old.value["deprecated"] != new.value["deprecated"] {
            let shift = Shift::Neutral(Class::Warning);
            self.push(
                &at,
                Thing::Operation,
                Kind::Deprecated,
                shift,
                Source::Never,
            );
        }
        let (was, is) = (security(self.old, old.value), security(self.new, new.value));
        if was != is {
            let class = match is == "none" {
                true => Class::Compatible,
                false => Class::Breaking,
            };
            let values = (Some(was), Some(is));
            let shift = Shift::Neutral(class);
            self.push_values(
                &at,
                Thing::Operation,
                Kind::Security,
                values,
                shift,
                Source::Never,
            );
        }
        self.parameters(&at, old, new);
        self.body(&at, old, new);
        self.responses(&at, old, new);
    }

    fn body(&mut self, at: &At, old: &Operation<'_>, new: &Operation<'_>) {
        let was = resolved(self.old, &old.value["requestBody"]);
        let is = resolved(self.new, &new.value["requestBody"]);
        let pointer = |operation: &Operation<'_>, value: &Value| {
            (!value.is_null()).then(|| format!("{}/requestBody", operation.pointer()))
        };
        let at = at.part("body".into(), pointer(old, was), pointer(new, is));
        let must = |body: &Value| body["required"] == Value::Bool(true);
        match (was.is_null(), is.is_null()) {
            (true, true) => return,
            (true, false) => {
                let shift = Shift::Appeared { required: must(is) };
                return self.push(&at, Thing::Body, Kind::Added, shift, Source::Always);
            }
            (false, true) => {
                return self.push(
                    &at,
                    Thing::Body,
                    Kind::Removed,
                    Shift::Vanished,
                    Source::Always,
                );
            }
            (false, false) => {}
        }
        if must(was) != must(is) {
            let shift = if must(is) {
                Shift::Narrowed
            } else {
                Shift::Widened
            };
            // A body is an argument either way.
            self.push(&at, Thing::Body, Kind::Required, shift, Source::Never);
        }
        self.content(&at, was, is);
    }

    fn responses(&mut self, at: &At, old: &Operation<'_>, new: &Operation<'_>) {
        let statuses = |operation: &Operation<'_>| -> BTreeSet<String> {
            let responses = operation.value["responses"]
                .as_object()
                .into_iter()
                .flatten();
            let statuses = responses.map(|(status, _)| status.clone());
            statuses
                .filter(|status| !status.starts_with("x-"))
                .collect()
        };
        let (before, after) = (statuses(old), statuses(new));
        for status in before.union(&after) {
            let pointer = |operation: &Operation<'_>, there: &BTreeSet<String>| {
                let pointer = format!("{}/responses/{}", operation.pointer(), escape(status));
                there.contains(status).then_some(pointer)
            };
            let (was, is) = (pointer(old, &before), pointer(new, &after));
            let (gone, come) = (is.is_none(), was.is_none());
            let at = at.part(status.clone(), was, is).received(status);
            // A success is what a method returns.
            let source = match status.starts_with('2') || status == "default" {
                true => Source::Always,
                false => Source::Never,
            };
            if gone {
                let values = (Some(status.clone()), None);
                let shift = Shift::Neutral(Class::Breaking);
                self.push_values(&at, Thing::Response, Kind::Status, values, shift, source);
            } else if come {
                let values = (None, Some(status.clone()));
                self.push_values(
                    &at,
                    Thing::Response,
                    Kind::Status,
                    values,
                    NEUTRAL,
                    Source::Never,
                );
            } else {
                let was = resolved(self.old, &old.value["responses"][status]);
                let is = resolved(self.new, &new.value["responses"][status]);
                self.headers(&at, was, is);
                self.content(&at, was, is);
            }
        }
    }

    fn headers(&mut self, at: &At, old: &Value, new: &Value) {
        let names = |response: &Value| -> BTreeSet<String> {
            let headers = response["headers"].as_object().into_iter().flatten();
            headers.map(|(name, _)| name.clone()).collect()
        };
        let (before, after) = (names(old), names(new));
        for name in before.union(&after) {
            let step = format!("/headers/{}", escape(name));
            let pointer = |pointer: &Option<String>, there: &BTreeSet<String>| {
                let pointer = pointer.as_ref()?;
                there.contains(name).then(|| format!("{pointer}{step}"))
            };
            let was = pointer(&at.place.old, &before);
            let is = pointer(&at.place.new, &after);
            let (gone, come) = (is.is_none(), was.is_none());
            let header = at.part(format!("{} header {name}", at.place.part), was, is);
            if gone {
                self.push(
                    &header,
                    Thing::Header,
                    Kind::Removed,
                    Shift::Vanished,
                    Source::Never,
                );
            } else if come {
                self.push(&header, Thing::Header, Kind::Added, NEUTRAL, Source::Never);
            } else {
                let was = resolved(self.old, &old["headers"][name]);
                let is = resolved(self.new, &new["headers"][name]);
                let header = header.at_schema("/schema");
                self.schema(&header, Thing::Header, &was["schema"], &is["schema"], 0);
            }
        }
    }

    /// What is in a body, whichever way it travels.
    fn content(&mut self, at: &At, old: &Value, new: &Value) {
        let empty = serde_json::Map::new();
        let before = old["content"].as_object().unwrap_or(&empty);
        let after = new["content"].as_object().unwrap_or(&empty);
        match (before.is_empty(), after.is_empty()) {
            (true, true) => return,
            (true, false) => {
                return self.push(at, Thing::Body, Kind::Added, NEUTRAL, Source::Always);
            }
            (false, true) => {
                return self.push(
                    at,
                    Thing::Body,
                    Kind::Removed,
                    Shift::Vanished,
                    Source::Always,
                );
            }
            (false, false) => {}
        }
        let types = |content: &serde_json::Map<String, Value>| -> BTreeSet<String> {
            content.keys().cloned().collect()
        };
        let (was, is) = (types(before), types(after));
        if was != is {
            let shift = match (was.is_subset(&is), is.is_subset(&was)) {
                (true, _) => Shift::Widened,
                (_, true) => Shift::Narrowed,
                _ => Shift::Changed,
            };
            let say =
                |types: BTreeSet<String>| Some(types.into_iter().collect::<Vec<_>>().join(", "));
            let values = (say(was), say(is));
            self.push_values(
                at,
                Thing::Body,
                Kind::MediaType,
                values,
                shift,
                Source::Never,
            );
        }
        let mut seen: Vec<(&Value, &Value)> = Vec::new();
        for (a, b) in in_both(before, after) {
            let schemas = (&before[a]["schema"], &after[b]["schema"]);
            // One schema is usually said for all media types.
            if seen.contains(&schemas) {
                continue;
            }
            seen.push(schemas);
            let step = |media_type: &str| format!("/content/{}/schema", escape(media_type));
            let at = at.member_from("", Some(&step(a)), Some(&step(b)));
            self.schema(&at, Thing::Body, schemas.0, schemas.1, 0);
        }
    }
}

/// The media types to compare: those that both have, else whatever each has first.
fn in_both<'a>(
    old: &'a serde_json::Map<String, Value>,
    new: &'a serde_json::Map<String, Value>,
) -> Vec<(&'a String, &'a String)> {
    let both: Vec<(&String, &String)> = old
        .keys()
        .filter(|media_type| new.contains_key(*media_type))
        .map(|media_type| (media_type, media_type))
        .collect();
    match both.is_empty() {
        true => old.keys().zip(new.keys()).take(1).collect(),
        false => both,
    }
}

/// Whom an operation lets in, by what the schemes are and not by what they are called.
fn security(document: &Value, operation: &Value) -> String {
    let list = operation
        .get("security")
        .or_else(|| document.get("security"));
    let ways = list.and_then(Value::as_array).into_iter().flatten();
    let ways: BTreeSet<String> = ways
        .map(|way| {
            let schemes = way.as_object().into_iter().flatten();
            let schemes: BTreeSet<String> =
                schemes.map(|(name, _)| scheme(document, name)).collect();
            schemes.into_iter().collect::<Vec<_>>().join(" and ")
        })
        .filter(|way| !way.is_empty())
        .collect();
    match ways.is_empty() {
        true => "none".to_owned(),
        false => ways.into_iter().collect::<Vec<_>>().join(" or "),
    }
}

fn scheme(document: &Value, name: &str) -> String {
    let scheme = &document["components"]["securitySchemes"][name];
    let word = |member: &str| scheme[member].as_str().unwrap_or_default().to_owned();
    match word("type").as_str() {
        "http" => format!("http {}", word("scheme")),
        "apiKey" => format!("{} {}", word("in"), word("name")),
        "" => name.to_owned(),
        other => other.to_owned(),
    }
}
