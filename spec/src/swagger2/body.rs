//! What Swagger 2.0 sends as a body parameter or as the fields of a form is one body, described for each media type.

use serde_json::{Map, Value, json};

use super::parameters::{Parameter, Within, at, described};
use super::{Source, is_extension, object, schema};
use crate::error::{Error, Place};

const JSON: &str = "application/json";
const MULTIPART: &str = "multipart/form-data";
const URLENCODED: &str = "application/x-www-form-urlencoded";

/// The body that `parameters` make together, in the media types that the operation consumes.
pub(super) fn request_body(
    source: &Source<'_>,
    parameters: &[&Parameter<'_>],
    consumes: &[&str],
) -> Result<Option<Value>, Error> {
    let (bodies, forms): (Vec<&Parameter<'_>>, Vec<&Parameter<'_>>) = parameters
        .iter()
        .copied()
        .filter(|parameter| parameter.is_in_body())
        .partition(|parameter| parameter.within == Within::Body);
    if let [_, second, ..] = bodies[..] {
        return at(&second.pointer, &Place::ROOT, &mut |place| {
            Err(Error::malformed(place, "a second body"))
        });
    }
    let mut converted = Map::new();
    let mut content = Map::new();
    for body in bodies {
        put_body(source, body, consumes, &mut converted, &mut content)?;
    }
    if !forms.is_empty() {
        let required = put_form(source, &forms, consumes, &mut content)?;
        if required {
            converted.insert("required".into(), true.into());
        }
    }
    if content.is_empty() {
        return Ok(None);
    }
    converted.insert("content".into(), content.into());
    Ok(Some(converted.into()))
}

fn put_body(
    source: &Source<'_>,
    body: &Parameter<'_>,
    consumes: &[&str],
    converted: &mut Map<String, Value>,
    content: &mut Map<String, Value>,
) -> Result<(), Error> {
    at(&body.pointer, &Place::ROOT, &mut |place| {
        source.spend(body.value, consumes.len().max(1), place)?;
        for (name, value) in object(body.value, place)? {
            match name.as_str() {
                "description" | "required" => {
                    converted.insert(name.clone(), value.clone());
                }
                extension if is_extension(extension) => {
                    converted.insert(name.clone(), value.clone());
                }
                _ => {}
            }
        }
        let schema = match body.value.get("schema") {
            Some(schema) => schema::convert(source, schema, &place.name("schema"))?,
            // Some generators give a body the type of a parameter.
            None => described(source, body.value, Within::Body, place)?
                .remove("schema")
                .unwrap_or_default(),
        };
        let default = [JSON];
        let consumes = if consumes.is_empty() {
            &default
        } else {
            consumes
        };
        for media_type in consumes {
            content.insert((*media_type).to_owned(), json!({ "schema": schema }));
        }
        Ok(())
    })
}

/// Puts the form into `content`, and says whether any part of it is required.
fn put_form(
    source: &Source<'_>,
    parts: &[&Parameter<'_>],
    consumes: &[&str],
    content: &mut Map<String, Value>,
) -> Result<bool, Error> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    let mut encoding = Map::new();
    for part in parts {
        let name = part.value["name"].as_str().unwrap_or_default();
        let part_of_form = at(&part.pointer, &Place::ROOT, &mut |place| {
            described(source, part.value, Within::Form, place)
        })?;
        let (property, style) = property(part_of_form);
        if part.value["required"] == json!(true) {
            required.push(name);
        }
        properties.insert(name.to_owned(), property);
        if let Some(style) = style {
            encoding.insert(name.to_owned(), style);
        }
    }
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    let has_file = parts.iter().any(|part| part.value["type"] == "file");
    for media_type in form_types(consumes, has_file) {
        let mut media = json!({ "schema": schema });
        // Styles have no meaning in a multipart body.
        if media_type == URLENCODED && !encoding.is_empty() {
            media["encoding"] = encoding.clone().into();
        }
        content.insert(media_type.to_owned(), media);
    }
    Ok(!required.is_empty())
}

/// A part of a form as a property, with its style when that is not the default.
fn property(mut part: Map<String, Value>) -> (Value, Option<Value>) {
    let mut property = part.remove("schema").unwrap_or_default();
    for (name, value) in &part {
        if matches!(name.as_str(), "description" | "example" | "deprecated") || is_extension(name) {
            property[name] = value.clone();
        }
    }
    let style = match (part.get("style"), part.get("explode")) {
        (Some(style), Some(explode)) if *explode == json!(false) => {
            Some(json!({ "style": style, "explode": explode }))
        }
        _ => None,
    };
    (property, style)
}

fn form_types<'a>(consumes: &[&'a str], has_file: bool) -> Vec<&'a str> {
    let forms = consumes
        .iter()
        .copied()
        .filter(|media_type| [MULTIPART, URLENCODED].contains(media_type));
    let mut forms: Vec<&str> = forms.collect();
    if has_file {
        forms.retain(|media_type| *media_type == MULTIPART);
    }
    match (forms.is_empty(), has_file) {
        (false, _) => forms,
        (true, true) => vec![MULTIPART],
        (true, false) => vec![URLENCODED],
    }
}
