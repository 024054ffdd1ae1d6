//! A schema keeps every word. Only those that OpenAPI 3.0 spells otherwise change: `x-nullable`, `discriminator`, the
//! type `file`, and references.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::references::Kind;
use super::{Source, UNDEFINED, array, object, section};
use crate::error::{Error, Place};

/// The schemas under `definitions`, and those that should be there. To be called when all else has been converted.
pub(super) fn all(source: &Source<'_>) -> Result<Map<String, Value>, Error> {
    let definitions = Place::ROOT.name("definitions");
    let mut schemas = Map::new();
    for (name, schema) in section(source.document, "definitions")? {
        let schema = convert(source, schema, &definitions.name(name))?;
        schemas.insert(source.references.name(Kind::Schema, name), schema);
    }
    for (name, place) in source.references.all_undefined() {
        schemas
            .entry(name)
            .or_insert_with(|| json!({ UNDEFINED: place }));
    }
    Ok(schemas)
}

/// One schema, with all that it holds.
pub(super) fn convert(
    source: &Source<'_>,
    schema: &Value,
    place: &Place<'_>,
) -> Result<Value, Error> {
    let members = object(schema, place)?;
    if let Some(named) = source.references.follow(Kind::Schema, schema, place)? {
        return Ok(json!({ "$ref": named.reference() }));
    }
    let mut converted = Map::new();
    for (name, value) in members {
        let here = place.name(name);
        match name.as_str() {
            "type" => put_type(&mut converted, value, &here)?,
            "x-nullable" => {
                if *value == json!(true) {
                    converted.insert("nullable".into(), true.into());
                }
            }
            "discriminator" => {
                converted.insert(name.clone(), discriminator(value));
            }
            "minimum" | "maximum" | "multipleOf" => {
                converted.insert(name.clone(), whole(value));
            }
            // The order of members, from Java's generator; neither version knows it.
            "position" if value.is_number() => {}
            "required" => put_required(&mut converted, value),
            "properties" => put_properties(source, &mut converted, value, &here)?,
            "items" | "not" => {
                converted.insert(name.clone(), convert(source, value, &here)?);
            }
            "additionalProperties" if !value.is_boolean() => {
                converted.insert(name.clone(), convert(source, value, &here)?);
            }
            "allOf" | "anyOf" | "oneOf" => {
                let each = array(value, &here)?.iter().enumerate();
                let each = each.map(|(index, schema)| convert(source, schema, &here.index(index)));
                converted.insert(name.clone(), each.collect::<Result<_, _>>()?);
            }
            _ => {
                converted.insert(name.clone(), value.clone());
            }
        }
    }
    // OpenAPI 3.0 requires it of every array.
    if converted.get("type") == Some(&json!("array")) && !converted.contains_key("items") {
        converted.insert("items".into(), json!({}));
    }
    Ok(converted.into())
}

fn put_type(
    schema: &mut Map<String, Value>,
    value: &Value,
    place: &Place<'_>,
) -> Result<(), Error> {
    let names: Vec<&Value> = match value {
        Value::Null => return Ok(()),
        Value::Array(names) => names.iter().collect(),
        name => vec![name],
    };
    let (nulls, names): (Vec<&Value>, Vec<&Value>) =
        names.into_iter().partition(|name| *name == "null");
    if !nulls.is_empty() {
        schema.insert("nullable".into(), true.into());
    }
    match names[..] {
        [] => Ok(()),
        [name] if name == "file" => {
            schema.insert("type".into(), "string".into());
            schema.insert("format".into(), "binary".into());
            Ok(())
        }
        [Value::String(name)] => {
            schema.insert("type".into(), name.as_str().into());
            Ok(())
        }
        [_] => Err(Error::malformed(place, "a type is text")),
        _ => Err(Error::unsupported(place, "several types in one schema")),
    }
}

fn discriminator(value: &Value) -> Value {
    match value {
        Value::String(property) => json!({ "propertyName": property }),
        other => other.clone(),
    }
}

/// A bound without a fraction as an integer. Java writes `1.0` for the bounds of integers.
fn whole(value: &Value) -> Value {
    match value.as_f64() {
        Some(bound) if value.is_f64() && bound.fract() == 0.0 && bound.abs() < 1e15 => {
            json!(bound as i64)
        }
        _ => value.clone(),
    }
}

/// The list of required members. It may not be empty in OpenAPI 3.0; a truth value is not for the schema itself but for
/// the object around it.
fn put_required(schema: &mut Map<String, Value>, value: &Value) {
    let Value::Array(names) = value else { return };
    let names = names.iter().cloned();
    add_required(schema, names);
}

fn put_properties(
    source: &Source<'_>,
    schema: &mut Map<String, Value>,
    value: &Value,
    place: &Place<'_>,
) -> Result<(), Error> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, property) in object(value, place)? {
        let here = place.name(name);
        properties.insert(name.clone(), convert(source, property, &here)?);
        if property.get("required") == Some(&json!(true)) {
            required.push(name.as_str().into());
        }
    }
    add_required(schema, required);
    schema.insert("properties".into(), properties.into());
    Ok(())
}

/// Adds names to the list of required members, each once.
fn add_required(schema: &mut Map<String, Value>, more: impl IntoIterator<Item = Value>) {
    let names = match schema.get("required") {
        Some(Value::Array(names)) => names.clone(),
        _ => Vec::new(),
    };
    let mut seen = HashSet::new();
    let names: Vec<Value> = names
        .into_iter()
        .chain(more)
        .filter(|name| seen.insert(name.to_string()))
        .collect();
    if !names.is_empty() {
        schema.insert("required".into(), names.into());
    }
}
