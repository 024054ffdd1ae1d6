//! What an OpenAPI 3.0 document must look like before bindings can be generated from it.
//!
//! Rule: **nothing is lost in silence.** The generator takes less than the specification allows, and our own answers
//! to that are deliberate departures from the letter of a document: only successful answers stay declared, and what a
//! server sends is taken as it comes. Each departure is a [`Loss`], and the list of them is kept in a snapshot.
//!
//! Nothing here knows our own documents: any OpenAPI 3.0 document goes through.

mod operations;
mod reach;
mod schemas;

use std::collections::{BTreeMap, BTreeSet};

use heck::ToPascalCase as _;
use serde_json::{Map, Value, json};

/// One departure from the letter of the document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// Where in the document (a JSON pointer).
    pub pointer: String,
    /// What was done, as a name.
    pub rule: &'static str,
    /// What exactly, for a reader.
    pub detail: String,
}

impl std::fmt::Display for Loss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.pointer, self.rule, self.detail)
    }
}

/// A document that the generator takes, and what it cost.
#[derive(Clone, Debug)]
pub struct Normalised {
    /// The document. Operations carry `x-responses`: every answer, also those that are no longer declared.
    pub document: Value,
    /// What was lost, sorted.
    pub losses: Vec<Loss>,
}

/// Why a document cannot be taken at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is another kind of document, or another version.
    #[error("this is not an OpenAPI 3.0 document: its version is {0}")]
    NotOpenApi30(String),
    /// A part of it has the wrong shape.
    #[error("{0}: not a JSON object")]
    NotAnObject(String),
}

/// The losses so far.
#[derive(Default)]
struct Losses(BTreeSet<Loss>);

impl Losses {
    fn add(&mut self, pointer: &str, rule: &'static str, detail: impl Into<String>) {
        self.0.insert(Loss {
            pointer: pointer.to_owned(),
            rule,
            detail: detail.into(),
        });
    }
}

/// Which way a schema travels. A schema that travels both ways is treated as a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Request,
    Response,
}

/// Makes `document` acceptable to the generator and lists what that cost.
///
/// # Errors
/// Only when it is not an OpenAPI 3.0 document.
pub fn normalise(document: &Value) -> Result<Normalised, Error> {
    let version = document["openapi"]
        .as_str()
        .or(document["swagger"].as_str())
        .unwrap_or("absent");
    if !version.starts_with("3.0.") {
        return Err(Error::NotOpenApi30(version.to_owned()));
    }
    let mut losses = Losses::default();
    let mut components = components(document, &mut losses)?;
    let paths = operations::normalise(document, &mut components, &mut losses)?;
    let requests = reach::from_requests(&paths, &components);
    let responses = reach::from_responses(&paths, &components);
    let known: BTreeMap<String, Value> = components.clone().into_iter().collect();
    for (name, schema) in &mut components {
        let pointer = format!("/components/schemas/{}", escape(name));
        let direction = if requests.contains(name) {
            Direction::Request
        } else {
            Direction::Response
        };
        if direction == Direction::Request && responses.contains(name) {
            losses.add(
                &pointer,
                "shared-stays-strict",
                "travels both ways; treated as a request",
            );
        }
        schemas::Walk {
            direction,
            known: &known,
            losses: &mut losses,
        }
        .component(schema, &pointer);
    }
    let mut document = json!({
        "openapi": version,
        "info": info(document, &mut losses),
        "paths": paths,
        "components": { "schemas": components },
    });
    rename(&mut document, &mut losses);
    Ok(Normalised {
        document,
        losses: losses.0.into_iter().collect(),
    })
}

/// Title, version and description: all that the generator uses.
fn info(document: &Value, losses: &mut Losses) -> Value {
    let info = &document["info"];
    let mut version = info["version"].as_str().unwrap_or("0").to_owned();
    if !version.bytes().all(|b| b.is_ascii_graphic()) || version.is_empty() {
        losses.add("/info/version", "version-replaced", "not plain ASCII");
        version = "0".to_owned();
    }
    json!({ "title": info["title"].as_str().unwrap_or("Untitled"), "version": version })
}

fn components(document: &Value, losses: &mut Losses) -> Result<Map<String, Value>, Error> {
    let Some(schemas) = document["components"].get("schemas") else {
        return Ok(Map::new());
    };
    let schemas = schemas
        .as_object()
        .ok_or_else(|| Error::NotAnObject("/components/schemas".to_owned()))?;
    let mut kept = Map::new();
    for (name, schema) in schemas {
        if schema.is_object() {
            kept.insert(name.clone(), schema.clone());
        } else {
            let pointer = format!("/components/schemas/{}", escape(name));
            losses.add(&pointer, "schema-opened", "not an object; any JSON");
            kept.insert(name.clone(), json!({}));
        }
    }
    Ok(kept)
}

/// Gives every component the name that its Rust type will have, so that the two can be told by name.
fn rename(document: &mut Value, losses: &mut Losses) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else {
        return;
    };
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    // Names that need no change come first, so that a change never costs another component its name.
    let mut order: Vec<&String> = schemas.keys().collect();
    order.sort_by_key(|name| (type_name(name) != **name, (*name).clone()));
    for name in order {
        let wanted = type_name(name);
        let given = (1..)
            .map(|n| match n {
                1 => wanted.clone(),
                n => format!("{wanted}{n}"),
            })
            .find(|candidate| !taken.contains(candidate))
            .unwrap_or_default();
        taken.insert(given.clone());
        if given != *name {
            let pointer = format!("/components/schemas/{}", escape(name));
            losses.add(&pointer, "renamed", format!("the type is {given}"));
        }
        names.insert(name.clone(), given);
    }
    let old = std::mem::take(schemas);
    for (name, schema) in old {
        schemas.insert(names[&name].clone(), schema);
    }
    each_ref(document, &mut |reference| {
        if let Some(given) = component_of(reference).and_then(|name| names.get(&name)) {
            *reference = format!("#/components/schemas/{given}");
        }
    });
}

/// The name of the Rust type that the generator makes of a component's name.
fn type_name(name: &str) -> String {
    let plain: String = name
        .replace('\'', "")
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    let pascal = plain.to_pascal_case();
    match pascal.chars().next() {
        None => "X".to_owned(),
        Some(c) if c.is_alphabetic() => match pascal.as_str() {
            // Names that the generated module or its prelude uses itself.
            "Self" => "Self_".to_owned(),
            _ => pascal,
        },
        Some(_) => format!("X{pascal}"),
    }
}

/// Calls `change` for the text of every `$ref`.
fn each_ref(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "$ref" => change(text),
                    other => each_ref(other, change),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_ref(item, change)),
        _ => {}
    }
}

/// The component's name in a reference to a schema.
fn component_of(reference: &str) -> Option<String> {
    let name = reference.strip_prefix("#/components/schemas/")?;
    Some(unescape(name))
}

/// One step of a JSON pointer.
fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

fn unescape(step: &str) -> String {
    // A reference is a URI fragment, so it may be percent-encoded too.
    let mut bytes = Vec::with_capacity(step.len());
    let mut rest = step.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let hex = (byte == b'%')
            .then(|| tail.get(..2).and_then(|two| std::str::from_utf8(two).ok()))
            .flatten()
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(hex.unwrap_or(byte));
        rest = if hex.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes)
        .replace("~1", "/")
        .replace("~0", "~")
}

#[cfg(test)]
mod tests;
