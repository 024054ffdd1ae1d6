//! What a schema says about its values, other than what they are: which may come, within which bounds, and in place of
//! nothing.

use std::collections::BTreeSet;

use serde_json::Value;

use super::class::{Class, Shift};
use super::places::At;
use super::{Diff, Kind, Source, Thing, shape};

const BOUNDS: [&str; 12] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "pattern",
];

impl Diff<'_> {
    pub(super) fn nullability(&mut self, at: &At, thing: Thing, old: &Value, new: &Value) {
        let is_null = |schema: &Value| schema["nullable"] == Value::Bool(true);
        let text = |null| Some(if null { "nullable" } else { "never null" }.to_owned());
        let (was, is) = (is_null(old), is_null(new));
        if was != is {
            let shift = if is { Shift::Widened } else { Shift::Narrowed };
            let values = (text(was), text(is));
            self.push_values(at, thing, Kind::Nullability, values, shift, Source::Sent);
        }
    }

    /// The values that are allowed, and those that are known.
    pub(super) fn values(&mut self, at: &At, thing: Thing, old: &Value, new: &Value) {
        let list = |schema: &Value, keyword: &str| -> Option<BTreeSet<String>> {
            let values = schema[keyword].as_array()?.iter();
            Some(values.map(text).collect())
        };
        match (list(old, "enum"), list(new, "enum")) {
            (Some(old), Some(new)) => {
                for value in old.difference(&new) {
                    let values = (Some(value.clone()), None);
                    self.push_values(at, thing, Kind::Enum, values, Shift::Narrowed, Source::Sent);
                }
                for value in new.difference(&old) {
                    let values = (None, Some(value.clone()));
                    self.push_values(at, thing, Kind::Enum, values, Shift::Widened, Source::Sent);
                }
            }
            (None, Some(new)) => {
                let values = (None, Some(joined(new)));
                self.push_values(at, thing, Kind::Enum, values, Shift::Narrowed, Source::Sent);
            }
            (Some(old), None) => {
                let values = (Some(joined(old)), None);
                self.push_values(at, thing, Kind::Enum, values, Shift::Widened, Source::Sent);
            }
            (None, None) => {
                let [old, new] = [old, new].map(|schema| list(schema, "x-known-values"));
                // A document that knows no values says nothing about them.
                let (Some(old), Some(new)) = (old, new) else {
                    return;
                };
                for value in old.symmetric_difference(&new) {
                    let known = new.contains(value);
                    let value = Some(value.clone());
                    let values = if known { (None, value) } else { (value, None) };
                    let shift = Shift::Neutral(Class::Compatible);
                    self.push_values(at, thing, Kind::KnownValues, values, shift, Source::Never);
                }
            }
        }
    }

    pub(super) fn bounds(&mut self, at: &At, thing: Thing, old: &Value, new: &Value) {
        for keyword in BOUNDS {
            let (was, is) = (old.get(keyword), new.get(keyword));
            let same = match (was.and_then(Value::as_f64), is.and_then(Value::as_f64)) {
                (Some(was), Some(is)) => was == is,
                _ => was == is,
            };
            if !same {
                let say =
                    |value: Option<&Value>| value.map(|value| format!("{keyword} {}", text(value)));
                let values = (say(was), say(is));
                let shift = shape::bound_shift(keyword, was, is);
                self.push_values(at, thing, Kind::Bounds, values, shift, Source::Never);
            }
        }
        let (was, is) = (old.get("default"), new.get("default"));
        if was != is {
            let values = (was.map(text), is.map(text));
            let shift = Shift::Neutral(Class::Warning);
            self.push_values(at, thing, Kind::Default, values, shift, Source::Never);
        }
    }

    pub(super) fn alternatives(&mut self, at: &At, thing: Thing, old: &Value, new: &Value) {
        for keyword in ["allOf", "oneOf", "anyOf"] {
            let (was, is) = (shape::parts(old, keyword), shape::parts(new, keyword));
            let renamed = was
                .iter()
                .map(|name| self.names.new_name(name).unwrap_or(name));
            if !renamed.eq(is.iter().map(String::as_str)) {
                let say = |parts: Vec<String>| Some(format!("{keyword} [{}]", parts.join(", ")));
                let values = (say(was), say(is));
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
    }
}

/// A value as it is written in a report.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn joined(values: BTreeSet<String>) -> String {
    values.into_iter().collect::<Vec<_>>().join(", ")
}
