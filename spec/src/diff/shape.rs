//! What a schema allows, as far as two of them can be compared: its type in words, and which of two types is wider.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::class::Shift;
use super::reach::schema_name;

/// The type that a schema has, or would have if it said so.
pub(super) fn type_of(schema: &Value) -> &str {
    match schema["type"].as_str() {
        Some(name) => name,
        None if schema.get("properties").is_some()
            || schema.get("additionalProperties").is_some()
            || schema.get("allOf").is_some() =>
        {
            "object"
        }
        None if schema.get("items").is_some() => "array",
        None => "any",
    }
}

/// The type in words: `array[Product]`, `string (date)`.
pub(super) fn words(schema: &Value) -> String {
    words_within(schema, 0)
}

fn words_within(schema: &Value, depth: usize) -> String {
    if let Some(name) = schema_name(schema) {
        return name;
    }
    let name = type_of(schema);
    if name == "array" && depth < 8 {
        return format!("array[{}]", words_within(&schema["items"], depth + 1));
    }
    match schema["format"].as_str() {
        Some(format) => format!("{name} ({format})"),
        None => name.to_owned(),
    }
}

/// How the set of values changed between two different types.
pub(super) fn shift(old: &Value, new: &Value) -> Shift {
    match (holds(new, old), holds(old, new)) {
        (true, false) => Shift::Widened,
        (false, true) => Shift::Narrowed,
        _ => Shift::Changed,
    }
}

/// Whether every value that `narrow` allows is allowed by `wide`, judged by type and format. What is written as text can
/// hold any scalar; nobody would call a text instead of an object wider.
fn holds(wide: &Value, narrow: &Value) -> bool {
    let (a, b) = (type_of(wide), type_of(narrow));
    if schema_name(wide).is_some() || schema_name(narrow).is_some() {
        return false;
    }
    let format = |schema: &Value| schema["format"].as_str().unwrap_or_default().to_owned();
    if a == b {
        return rank(a, &format(wide))
            .zip(rank(b, &format(narrow)))
            .is_some_and(|(wide, narrow)| wide >= narrow);
    }
    match a {
        "any" => true,
        "string" => format(wide).is_empty() && matches!(b, "integer" | "number" | "boolean"),
        "number" => b == "integer",
        _ => false,
    }
}

/// How wide a format is among those of its type; nothing when it cannot be compared.
fn rank(name: &str, format: &str) -> Option<u8> {
    match (name, format) {
        (_, "") => Some(9),
        ("integer", "int32") | ("number", "float") => Some(1),
        ("integer", "int64") | ("number", "double") => Some(2),
        ("string", "date" | "date-time" | "uuid" | "byte" | "password" | "email" | "uri") => {
            Some(1)
        }
        _ => None,
    }
}

/// The Rust type that the bindings have for a scalar; formats beyond these make no difference to callers.
pub(super) fn rust_type(schema: &Value) -> &'static str {
    match (type_of(schema), schema["format"].as_str()) {
        ("integer", Some("int32")) => "i32",
        ("integer", _) => "i64",
        ("number", _) | ("string", Some("decimal")) => "Decimal",
        ("string", Some("binary")) => "bytes",
        ("string", _) => "String",
        ("boolean", _) => "bool",
        _ => "",
    }
}

/// Whether a bound, length or pattern was tightened, loosened or replaced.
pub(super) fn bound_shift(keyword: &str, old: Option<&Value>, new: Option<&Value>) -> Shift {
    let is_lower = keyword.starts_with("min") || keyword == "exclusiveMinimum";
    match (old, new) {
        (None, Some(Value::Bool(false))) | (Some(Value::Bool(false)), None) => {
            Shift::Neutral(super::Class::Compatible)
        }
        (None, _) => Shift::Narrowed,
        (_, None) => Shift::Widened,
        (Some(Value::Bool(_)), Some(Value::Bool(now))) => match now {
            true => Shift::Narrowed,
            false => Shift::Widened,
        },
        (Some(old), Some(new)) => match (old.as_f64(), new.as_f64()) {
            (Some(old), Some(new)) if keyword != "multipleOf" => match (new > old) == is_lower {
                true => Shift::Narrowed,
                false => Shift::Widened,
            },
            _ => Shift::Changed,
        },
    }
}

/// A member of an object, and where it stands.
pub(super) struct Member<'a> {
    pub(super) schema: &'a Value,
    pub(super) step: String,
    pub(super) required: bool,
}

/// The members of an object with those of the nameless parts that it is made of.
pub(super) fn members(schema: &Value) -> BTreeMap<String, Member<'_>> {
    let mut members = BTreeMap::new();
    let mut required = BTreeSet::new();
    collect(schema, "", 0, &mut members, &mut required);
    for (name, member) in &mut members {
        member.required = required.contains(name);
    }
    members
}

fn collect<'a>(
    schema: &'a Value,
    step: &str,
    depth: usize,
    found: &mut BTreeMap<String, Member<'a>>,
    required: &mut BTreeSet<String>,
) {
    let names = schema["required"].as_array().into_iter().flatten();
    required.extend(names.filter_map(Value::as_str).map(str::to_owned));
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let step = format!("{step}/properties/{}", crate::error::escape(name));
        found.entry(name.clone()).or_insert(Member {
            schema: property,
            step,
            required: false,
        });
    }
    let parts = schema["allOf"].as_array().into_iter().flatten();
    for (index, part) in parts.enumerate() {
        if schema_name(part).is_none() && depth < 8 {
            let step = format!("{step}/allOf/{index}");
            collect(part, &step, depth + 1, found, required);
        }
    }
}

/// The names of the members of an object, also of those named parts that it is made of.
pub(super) fn members_of(document: &Value, schema: &Value) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = members(schema).into_keys().collect();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if let Some(name) = schema_name(part) {
            names.extend(members(&document["components"]["schemas"][&name]).into_keys());
        }
    }
    names
}

/// The named schemas that a schema is made of or stands for, in words.
pub(super) fn parts(schema: &Value, keyword: &str) -> Vec<String> {
    let parts = schema[keyword].as_array().into_iter().flatten();
    let parts = parts.filter(|part| keyword != "allOf" || schema_name(part).is_some());
    parts.map(words).collect()
}
