//! An operation stands on its own: what the path and the document say for all operations is handed down, unless the
//! operation says otherwise.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::parameters::{self, Parameter, Step};
use super::{Source, body, is_extension, media_types, object, responses, servers, unknown};
use crate::error::{Error, Place};

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// All paths.
pub(super) fn paths(source: &Source<'_>, paths: &Value) -> Result<Value, Error> {
    let place = Place::ROOT.name("paths");
    let mut converted = Map::new();
    for (path, item) in object(paths, &place)? {
        let item = match is_extension(path) {
            true => item.clone(),
            false => path_item(source, path, item, &place.name(path))?,
        };
        converted.insert(path.clone(), item);
    }
    Ok(converted.into())
}

fn path_item(
    source: &Source<'_>,
    path: &str,
    item: &Value,
    place: &Place<'_>,
) -> Result<Value, Error> {
    let steps = [Step::Name("paths"), Step::Name(path)];
    let members = object(item, place)?;
    if item.get("$ref").is_some() {
        return Err(Error::unsupported(
            &place.name("$ref"),
            "a reference in place of a path",
        ));
    }
    let in_list = [&steps[..], &[Step::Name("parameters")]].concat();
    let common = parameters::list(source, item.get("parameters"), &in_list)?;
    let mut converted = Map::new();
    for (name, value) in members {
        let value = match name.as_str() {
            "parameters" => {
                let outside = common.iter().filter(|parameter| !parameter.is_in_body());
                let outside = outside.map(|parameter| parameter.convert(source));
                let outside = outside.collect::<Result<Vec<_>, _>>()?;
                if outside.is_empty() {
                    continue;
                }
                outside.into()
            }
            method if METHODS.contains(&method) => {
                let steps = [&steps[..], &[Step::Name(method)]].concat();
                operation(source, value, &common, &steps, &place.name(method))?
            }
            "summary" | "description" => value.clone(),
            extension if is_extension(extension) => value.clone(),
            _ => return Err(unknown(place, name)),
        };
        converted.insert(name.clone(), value);
    }
    Ok(converted.into())
}

fn operation<'a>(
    source: &Source<'a>,
    operation: &'a Value,
    common: &[Parameter<'a>],
    steps: &[Step<'a>],
    place: &Place<'_>,
) -> Result<Value, Error> {
    let own_consumes = media_types(operation, place, "consumes")?;
    let consumes = own_consumes.as_ref().unwrap_or(&source.consumes);
    let own_produces = media_types(operation, place, "produces")?;
    let produces = own_produces.as_ref().unwrap_or(&source.produces);
    let in_list = [steps, &[Step::Name("parameters")]].concat();
    let own = parameters::list(source, operation.get("parameters"), &in_list)?;

    let mut converted = Map::new();
    for (name, value) in object(operation, place)? {
        match name.as_str() {
            "parameters" => {
                let outside = own.iter().filter(|parameter| !parameter.is_in_body());
                let outside = outside.map(|parameter| parameter.convert(source));
                let outside = outside.collect::<Result<Vec<_>, _>>()?;
                if !outside.is_empty() {
                    converted.insert(name.clone(), outside.into());
                }
            }
            "responses" | "consumes" | "produces" => {}
            // Without a host there is no server whose scheme could differ.
            "schemes" if source.document.get("host").is_none() => {}
            "schemes" => {
                if let Some(servers) = servers(source.document, Some(value)) {
                    converted.insert("servers".into(), servers);
                }
            }
            "tags" | "summary" | "description" | "externalDocs" | "operationId" | "deprecated"
            | "security" => {
                converted.insert(name.clone(), value.clone());
            }
            extension if is_extension(extension) => {
                converted.insert(name.clone(), value.clone());
            }
            _ => return Err(unknown(place, name)),
        }
    }
    let overridden: HashSet<_> = own.iter().map(Parameter::known_by).collect();
    let inherited = common
        .iter()
        .filter(|common| !overridden.contains(&common.known_by()));
    let all: Vec<&Parameter<'_>> = inherited.chain(&own).collect();
    if let Some(body) = body::request_body(source, &all, consumes)? {
        converted.insert("requestBody".into(), body);
    }
    let answers = operation.get("responses");
    let here = place.name("responses");
    let answers = responses::of_operation(source, answers, produces, &here)?;
    converted.insert("responses".into(), answers);
    Ok(converted.into())
}
