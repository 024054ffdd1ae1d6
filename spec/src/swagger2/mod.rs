//! Swagger 2.0 becomes OpenAPI 3.0.3 without loss: what has a place there goes to it, what has none is refused with its
//! place named. Only where the meaning is clear is a document that breaks the rules of Swagger 2.0 taken all the same.
//!
//! Where Swagger 2.0 leaves a choice, it is made here once:
//!
//! - Without `consumes` a body is `application/json`, and without `produces` so is an answer.
//! - Bodies are not hoisted into components: their media types belong to the operation.
//! - Names of components which OpenAPI 3.0 does not allow are respelled, and the references with them.
//! - A schema that is referred to but not defined is any value, and carries [`UNDEFINED`].
//! - What stands beside a `$ref` is dropped; neither version gives it a meaning.

mod body;
mod operation;
mod parameters;
mod references;
mod responses;
mod schema;
mod security;

use std::cell::Cell;

use serde_json::{Map, Value, json};

use crate::error::{Error, Place, Problem};
use references::References;

/// The version that is written.
const OPENAPI: &str = "3.0.3";

/// Marks a schema that the document refers to and does not define; its value is the place of the first such reference.
pub(crate) const UNDEFINED: &str = "x-undefined";

/// How many values may become of each. Shared answers and bodies are written once for each operation and media type that
/// uses them; in documents of real services that makes less than three of one.
const UNFOLDED_PER_VALUE: usize = 20;
const UNFOLDED_MIN: usize = 10_000;

/// What every part of the conversion may ask of the document.
struct Source<'a> {
    document: &'a Value,
    references: References<'a>,
    consumes: Vec<&'a str>,
    produces: Vec<&'a str>,
    limit: usize,
    unfolded: Cell<usize>,
}

impl Source<'_> {
    /// Counts what is about to be written `times` times. Without this a short document could unfold to any size.
    fn spend(&self, value: &Value, times: usize, place: &Place<'_>) -> Result<(), Error> {
        let unfolded = self
            .unfolded
            .get()
            .saturating_add(values(value).saturating_mul(times));
        self.unfolded.set(unfolded);
        match unfolded > self.limit {
            true => Err(Error::new(place, Problem::Unfolds { limit: self.limit })),
            false => Ok(()),
        }
    }
}

/// How many values a value holds, itself included.
fn values(value: &Value) -> usize {
    1 + match value {
        Value::Object(members) => members.values().map(values).sum::<usize>(),
        Value::Array(items) => items.iter().map(values).sum(),
        _ => 0,
    }
}

/// The OpenAPI 3.0.3 document that says the same as a Swagger 2.0 document.
pub(crate) fn convert(document: &Value) -> Result<Value, Error> {
    let root = Place::ROOT;
    let members = object(document, &root)?;
    let source = Source {
        document,
        references: References::of(document)?,
        consumes: media_types(document, &root, "consumes")?.unwrap_or_default(),
        produces: media_types(document, &root, "produces")?.unwrap_or_default(),
        limit: UNFOLDED_MIN.max(values(document).saturating_mul(UNFOLDED_PER_VALUE)),
        unfolded: Cell::new(0),
    };
    let mut openapi = Map::new();
    openapi.insert("openapi".into(), OPENAPI.into());
    for (name, value) in members {
        match name.as_str() {
            "info" | "tags" | "security" | "externalDocs" => {
                openapi.insert(name.clone(), value.clone());
            }
            "paths" => {
                openapi.insert(name.clone(), operation::paths(&source, value)?);
            }
            "host" | "basePath" | "schemes" => {
                if let Some(servers) = servers(document, document.get("schemes")) {
                    openapi.insert("servers".into(), servers);
                }
            }
            "swagger"
            | "consumes"
            | "produces"
            | "definitions"
            | "parameters"
            | "responses"
            | "securityDefinitions" => {}
            extension if extension.starts_with("x-") => {
                openapi.insert(name.clone(), value.clone());
            }
            _ => return Err(unknown(&root, name)),
        }
    }
    let components = components(&source)?;
    if !components.is_empty() {
        openapi.insert("components".into(), components.into());
    }
    Ok(openapi.into())
}

/// What `host`, `basePath` and `schemes` say together; nothing when they say nothing.
fn servers(document: &Value, schemes: Option<&Value>) -> Option<Value> {
    let text = |name| document[name].as_str().unwrap_or_default();
    let base = text("basePath").trim_end_matches('/');
    let host = text("host").trim_end_matches('/');
    if host.is_empty() {
        let base = if base.is_empty() { "/" } else { base };
        return document.get("basePath").map(|_| json!([{ "url": base }]));
    }
    let schemes: Vec<&str> = schemes
        .and_then(Value::as_array)
        .map(|schemes| schemes.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let server = |scheme: &str| json!({ "url": format!("{scheme}//{host}{base}") });
    Some(if schemes.is_empty() {
        json!([server("")])
    } else {
        let with_colon = schemes.iter().map(|scheme| format!("{scheme}:"));
        with_colon.map(|scheme| server(&scheme)).collect()
    })
}

fn components(source: &Source<'_>) -> Result<Map<String, Value>, Error> {
    let mut components = Map::new();
    let mut insert = |name: &str, members: Map<String, Value>| {
        if !members.is_empty() {
            components.insert(name.into(), members.into());
        }
    };
    let responses = responses::shared(source)?;
    let parameters = parameters::shared(source)?;
    insert("schemas", schema::all(source)?);
    insert("responses", responses);
    insert("parameters", parameters);
    insert("securitySchemes", security::schemes(source.document)?);
    Ok(components)
}

fn object<'a>(value: &'a Value, place: &Place<'_>) -> Result<&'a Map<String, Value>, Error> {
    value
        .as_object()
        .ok_or_else(|| Error::malformed(place, "an object is needed here"))
}

fn array<'a>(value: &'a Value, place: &Place<'_>) -> Result<&'a Vec<Value>, Error> {
    value
        .as_array()
        .ok_or_else(|| Error::malformed(place, "an array is needed here"))
}

/// The members of the object called `name`, if there is one.
fn section<'a>(document: &'a Value, name: &str) -> Result<Vec<(&'a String, &'a Value)>, Error> {
    match document.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(value) => Ok(object(value, &Place::ROOT.name(name))?.iter().collect()),
    }
}

/// The list of media types called `name`; an empty one counts as none.
fn media_types<'a>(
    holder: &'a Value,
    place: &Place<'_>,
    name: &str,
) -> Result<Option<Vec<&'a str>>, Error> {
    let place = place.name(name);
    match holder.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(list) => array(list, &place)?
            .iter()
            .enumerate()
            .map(|(index, media_type)| {
                media_type
                    .as_str()
                    .ok_or_else(|| Error::malformed(&place.index(index), "a media type is text"))
            })
            .collect::<Result<_, _>>()
            .map(Some),
    }
}

fn unknown(place: &Place<'_>, name: &str) -> Error {
    Error::unsupported(&place.name(name), "no meaning is known for this member")
}

fn is_extension(name: &str) -> bool {
    name.starts_with("x-")
}

#[cfg(test)]
mod tests;
