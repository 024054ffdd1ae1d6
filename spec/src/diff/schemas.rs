//! A schema is compared member by member, each under its own name; a reference is followed only when the other side has
//! none, so that every named schema is compared once.

use std::collections::BTreeSet;

use serde_json::Value;

use super::class::{Class, Shift};
use super::likeness::{UNLIKE_IN_NEED, likeness, pairs};
use super::places::At;
use super::reach::schema_name;
use super::shape::{self, Member};
use super::{Diff, Kind, Source, Thing};

/// References followed one into another. A cycle ends here.
const FOLLOWED_MAX: usize = 4;

impl Diff<'_> {
    /// Every named schema.
    pub(super) fn schemas(&mut self) {
        let (old, new) = (self.old, self.new);
        let pairs: Vec<(String, String)> = self
            .names
            .iter()
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .collect();
        let empty = serde_json::Map::new();
        let before = old["components"]["schemas"].as_object().unwrap_or(&empty);
        let after = new["components"]["schemas"].as_object().unwrap_or(&empty);
        for (a, b) in &pairs {
            let (Some(was), Some(is)) = (before.get(a), after.get(b)) else {
                continue;
            };
            let at = At::schema(Some(a), Some(b));
            if a != b {
                let values = (Some(a.clone()), Some(b.clone()));
                let shift = Shift::Neutral(Class::Compatible);
                self.push_values(
                    &at,
                    Thing::Schema,
                    Kind::Renamed,
                    values,
                    shift,
                    Source::Always,
                );
            }
            self.schema(&at, Thing::Schema, was, is, 0);
        }
        let neutral = Shift::Neutral(Class::Compatible);
        let (was, is): (BTreeSet<&String>, BTreeSet<&String>) =
            pairs.iter().map(|(a, b)| (a, b)).unzip();
        for name in before.keys().filter(|name| !was.contains(name)) {
            let at = At::schema(Some(name), None);
            self.push(&at, Thing::Schema, Kind::Removed, neutral, Source::Always);
        }
        for name in after.keys().filter(|name| !is.contains(name)) {
            let at = At::schema(None, Some(name));
            self.push(&at, Thing::Schema, Kind::Added, neutral, Source::Never);
        }
    }

    /// Two schemas in the same place.
    pub(super) fn schema(
        &mut self,
        at: &At,
        thing: Thing,
        old: &Value,
        new: &Value,
        followed: usize,
    ) {
        match (schema_name(old), schema_name(new)) {
            (Some(a), Some(b)) => {
                if !self.names.same(&a, &b) {
                    let values = (Some(a), Some(b));
                    self.push_values(
                        at,
                        thing,
                        Kind::Type,
                        values,
                        Shift::Changed,
                        Source::Always,
                    );
                }
            }
            (None, None) => self.inline(at, thing, old, new, followed),
            (a, b) => {
                let open = Value::Null;
                let old = a.map_or(old, |name| {
                    self.old["components"]["schemas"].get(name).unwrap_or(&open)
                });
                let new = b.map_or(new, |name| {
                    self.new["components"]["schemas"].get(name).unwrap_or(&open)
                });
                // The place is the one of the reference: what it leads to has places of its own.
                if shape::type_of(old) != shape::type_of(new) {
                    self.of_type(at, thing, (old, new), Shift::Changed);
                } else if followed < FOLLOWED_MAX {
                    self.schema(at, thing, old, new, followed + 1);
                }
            }
        }
    }

    fn inline(&mut self, at: &At, thing: Thing, old: &Value, new: &Value, followed: usize) {
        if shape::type_of(old) != shape::type_of(new) {
            return self.of_type(at, thing, (old, new), shape::shift(old, new));
        }
        if old.get("format") != new.get("format") {
            let text = |schema: &Value| schema["format"].as_str().unwrap_or("none").to_owned();
            let source = match shape::rust_type(old) == shape::rust_type(new) {
                true => Source::Never,
                false => Source::Always,
            };
            let values = (Some(text(old)), Some(text(new)));
            self.push_values(
                at,
                thing,
                Kind::Format,
                values,
                shape::shift(old, new),
                source,
            );
        }
        self.nullability(at, thing, old, new);
        self.values(at, thing, old, new);
        self.bounds(at, thing, old, new);
        self.alternatives(at, thing, old, new);
        match shape::type_of(old) {
            "object" => self.object(at, old, new, followed),
            "array" => {
                let at = at.member_from("[]", Some("/items"), Some("/items"));
                self.schema(&at, Thing::Field, &old["items"], &new["items"], followed);
            }
            _ => {}
        }
    }

    fn of_type(&mut self, at: &At, thing: Thing, (old, new): (&Value, &Value), shift: Shift) {
        let values = (Some(shape::words(old)), Some(shape::words(new)));
        self.push_values(at, thing, Kind::Type, values, shift, Source::Always);
    }

    fn object(&mut self, at: &At, old: &Value, new: &Value, followed: usize) {
        let (before, after) = (shape::members(old), shape::members(new));
        for (name, was) in &before {
            if let Some(is) = after.get(name) {
                self.member(at, name, (was, is), followed);
            }
        }
        self.come_and_gone(at, &before, &after, followed);
        let keyword = "additionalProperties";
        let rest = |schema: &Value| match schema.get(keyword) {
            None | Some(Value::Bool(true)) => Value::Object(serde_json::Map::new()),
            Some(rest) => rest.clone(),
        };
        let (was, is) = (rest(old), rest(new));
        let at = at.member("*", "/additionalProperties");
        match (&was, &is) {
            (Value::Object(_), Value::Object(_)) => {
                self.schema(&at, Thing::Field, &was, &is, followed);
            }
            _ if was == is => {}
            (Value::Object(_), _) => {
                self.push(
                    &at,
                    Thing::Field,
                    Kind::Removed,
                    Shift::Narrowed,
                    Source::Sent,
                );
            }
            _ => self.push(
                &at,
                Thing::Field,
                Kind::Added,
                Shift::Widened,
                Source::Never,
            ),
        }
    }

    /// A member that both have.
    fn member(
        &mut self,
        at: &At,
        name: &str,
        (was, is): (&Member<'_>, &Member<'_>),
        followed: usize,
    ) {
        let at = at.member_from(name, Some(&was.step), Some(&is.step));
        if was.required != is.required {
            let text = |required| Some(if required { "required" } else { "optional" }.to_owned());
            let shift = match is.required {
                true => Shift::Narrowed,
                false => Shift::Widened,
            };
            let values = (text(was.required), text(is.required));
            self.push_values(
                &at,
                Thing::Field,
                Kind::Required,
                values,
                shift,
                Source::Sent,
            );
        }
        self.schema(&at, Thing::Field, was.schema, is.schema, followed);
    }

    /// Members that one of the two lacks.
    fn come_and_gone(
        &mut self,
        at: &At,
        before: &std::collections::BTreeMap<String, Member<'_>>,
        after: &std::collections::BTreeMap<String, Member<'_>>,
        followed: usize,
    ) {
        let gone: Vec<&String> = before
            .keys()
            .filter(|name| !after.contains_key(*name))
            .collect();
        let come: Vec<&String> = after
            .keys()
            .filter(|name| !before.contains_key(*name))
            .collect();
        let renamed = pairs(&gone, &come, |a, b| {
            let types = (
                shape::words(before[*a].schema),
                shape::words(after[*b].schema),
            );
            match (
                types.0 == types.1,
                before[*a].required == after[*b].required,
            ) {
                (true, true) => likeness(a, b),
                (true, false) => likeness(a, b) * UNLIKE_IN_NEED,
                (false, _) => 0.0,
            }
        });
        for (i, j) in &renamed {
            let (was, is) = (&before[gone[*i]], &after[come[*j]]);
            let at = at.member_from(come[*j], Some(&was.step), Some(&is.step));
            let values = (Some(gone[*i].clone()), Some(come[*j].clone()));
            let shift = Shift::Renamed {
                required: is.required,
            };
            self.push_values(
                &at,
                Thing::Field,
                Kind::Renamed,
                values,
                shift,
                Source::Always,
            );
            self.schema(&at, Thing::Field, was.schema, is.schema, followed);
        }
        for (i, name) in gone.iter().enumerate() {
            if !renamed.iter().any(|pair| pair.0 == i) {
                let was = &before[*name];
                let at = at.member_from(name, Some(&was.step), None);
                let values = (Some(shape::words(was.schema)), None);
                self.push_values(
                    &at,
                    Thing::Field,
                    Kind::Removed,
                    values,
                    Shift::Vanished,
                    Source::Always,
                );
            }
        }
        for (j, name) in come.iter().enumerate() {
            if !renamed.iter().any(|pair| pair.1 == j) {
                let is = &after[*name];
                let at = at.member_from(name, None, Some(&is.step));
                let values = (None, Some(shape::words(is.schema)));
                let shift = Shift::Appeared {
                    required: is.required,
                };
                let source = if is.required {
                    Source::Sent
                } else {
                    Source::Never
                };
                self.push_values(&at, Thing::Field, Kind::Added, values, shift, source);
            }
        }
    }
}
