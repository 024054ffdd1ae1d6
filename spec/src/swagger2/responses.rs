//! An answer says for each media type what Swagger 2.0 says once, and loses nothing: neither headers nor examples.

use serde_json::{Map, Value, json};

use super::references::Kind;
use super::{Source, is_extension, object, parameters, schema, section, unknown};
use crate::error::{Error, Place};

/// What answers are in when the document does not say.
const DEFAULT: &str = "application/json";

/// What files are in when the document does not say.
const DEFAULT_FILE: &str = "application/octet-stream";

/// The answers under `responses` of the document.
pub(super) fn shared(source: &Source<'_>) -> Result<Map<String, Value>, Error> {
    let place = Place::ROOT.name("responses");
    let mut responses = Map::new();
    for (name, response) in section(source.document, "responses")? {
        let converted = convert(source, response, &source.produces, &place.name(name))?;
        responses.insert(source.references.name(Kind::Response, name), converted);
    }
    Ok(responses)
}

/// The answers of one operation that produces `produces`.
pub(super) fn of_operation<'a>(
    source: &Source<'a>,
    responses: Option<&'a Value>,
    produces: &[&str],
    place: &Place<'_>,
) -> Result<Value, Error> {
    let Some(responses) = responses else {
        return Ok(json!({}));
    };
    let mut converted = Map::new();
    for (status, response) in object(responses, place)? {
        let here = place.name(status);
        if is_extension(status) {
            converted.insert(status.clone(), response.clone());
            continue;
        }
        let response = match source.references.follow(Kind::Response, response, &here)? {
            // A shared answer is in the media types of the document; an operation with its own needs its own copy.
            Some(named) if produces == source.produces || named.value.get("schema").is_none() => {
                json!({ "$ref": named.reference() })
            }
            Some(named) => {
                let there = Place::ROOT.name("responses");
                convert(source, named.value, produces, &there.name(named.old_name))?
            }
            None => convert(source, response, produces, &here)?,
        };
        converted.insert(status.clone(), response);
    }
    Ok(converted.into())
}

fn convert<'a>(
    source: &Source<'a>,
    response: &'a Value,
    produces: &[&str],
    place: &Place<'_>,
) -> Result<Value, Error> {
    // OpenAPI 3.0 wants one even when it says nothing.
    let mut converted = Map::new();
    converted.insert("description".into(), "".into());
    for (name, value) in object(response, place)? {
        let here = place.name(name);
        match name.as_str() {
            "description" if value.is_null() => {}
            "headers" => {
                let headers = headers(source, value, &here)?;
                if !headers.is_empty() {
                    converted.insert(name.clone(), headers.into());
                }
            }
            "schema" | "examples" => {}
            "description" => {
                converted.insert(name.clone(), value.clone());
            }
            extension if is_extension(extension) => {
                converted.insert(name.clone(), value.clone());
            }
            _ => return Err(unknown(place, name)),
        }
    }
    let content = content(source, response, produces, place)?;
    if !content.is_empty() {
        converted.insert("content".into(), content.into());
    }
    Ok(converted.into())
}

fn content<'a>(
    source: &Source<'a>,
    response: &'a Value,
    produces: &[&str],
    place: &Place<'_>,
) -> Result<Map<String, Value>, Error> {
    let mut content = Map::new();
    let mut media = json!({});
    let examples = response["examples"].as_object().map_or(0, Map::len);
    let times = produces.len().max(1).saturating_add(examples);
    source.spend(response, times, place)?;
    if let Some(old) = schema_of(source, response, place)? {
        let default = match old["type"].as_str() {
            Some("file") => [DEFAULT_FILE],
            _ => [DEFAULT],
        };
        media["schema"] = schema::convert(source, old, &place.name("schema"))?;
        let produces = if produces.is_empty() {
            &default
        } else {
            produces
        };
        for media_type in produces {
            content.insert((*media_type).to_owned(), media.clone());
        }
    }
    if let Some(examples) = response.get("examples").filter(|all| !all.is_null()) {
        for (media_type, example) in object(examples, &place.name("examples"))? {
            let media = content
                .entry(media_type.clone())
                .or_insert_with(|| media.clone());
            media["example"] = example.clone();
        }
    }
    Ok(content)
}

/// The schema of an answer. go-swagger refers to a shared answer there when it means the answer as a whole.
fn schema_of<'a>(
    source: &Source<'a>,
    response: &'a Value,
    place: &Place<'_>,
) -> Result<Option<&'a Value>, Error> {
    let schema = response.get("schema").filter(|schema| !schema.is_null());
    let reference = schema.and_then(|schema| schema["$ref"].as_str());
    if !reference.is_some_and(|reference| reference.starts_with("#/responses/")) {
        return Ok(schema);
    }
    let here = place.name("schema");
    let shared = source
        .references
        .follow(Kind::Response, &response["schema"], &here)?;
    Ok(shared.and_then(|shared| shared.value.get("schema")))
}

fn headers(
    source: &Source<'_>,
    headers: &Value,
    place: &Place<'_>,
) -> Result<Map<String, Value>, Error> {
    let mut converted = Map::new();
    for (name, header) in object(headers, place)? {
        let here = place.name(name);
        let value = parameters::described(source, header, parameters::Within::Header, &here)?;
        converted.insert(name.clone(), value.into());
    }
    Ok(converted)
}
