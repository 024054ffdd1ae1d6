//! A parameter says where it is sent, and all about its type goes into a schema. The way in which an array is written
//! becomes a style; where there is none for it, the array becomes text.

use serde_json::{Map, Value, json};

use super::references::Kind;
use super::{Source, is_extension, object, schema, section};
use crate::error::{Error, Place};

/// Where a value is sent.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Within {
    Query,
    Header,
    Path,
    Body,
    Form,
}

impl Within {
    fn of(parameter: &Value, place: &Place<'_>) -> Result<Self, Error> {
        match parameter["in"].as_str() {
            Some("query") => Ok(Self::Query),
            Some("header") => Ok(Self::Header),
            Some("path") => Ok(Self::Path),
            Some("body") => Ok(Self::Body),
            Some("formData") => Ok(Self::Form),
            _ => Err(Error::malformed(
                &place.name("in"),
                "a parameter is in query, header, path, body or formData",
            )),
        }
    }
}

/// A parameter that has been looked up, and where it stands in the document.
pub(super) struct Parameter<'a> {
    pub(super) value: &'a Value,
    pub(super) within: Within,
    pub(super) pointer: Vec<Step<'a>>,
    reference: Option<String>,
}

/// A step from the root to a parameter.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

/// Calls `act` with the place that `steps` lead to.
pub(super) fn at<T>(
    steps: &[Step<'_>],
    place: &Place<'_>,
    act: &mut dyn FnMut(&Place<'_>) -> T,
) -> T {
    match steps {
        [] => act(place),
        [Step::Name(name), rest @ ..] => at(rest, &place.name(name), act),
        [Step::Index(index), rest @ ..] => at(rest, &place.index(*index), act),
    }
}

/// A parameter is a reference, or is in a place and has a name there.
fn check(parameter: &Value, place: &Place<'_>) -> Result<(), Error> {
    object(parameter, place)?;
    if parameter.get("$ref").is_some() {
        return Ok(());
    }
    let within = Within::of(parameter, place)?;
    if within != Within::Body && !parameter["name"].is_string() {
        return Err(Error::malformed(
            &place.name("name"),
            "a parameter has a name",
        ));
    }
    Ok(())
}

/// The parameters under `parameters` of the document, but for bodies and forms: those go where they are used.
pub(super) fn shared(source: &Source<'_>) -> Result<Map<String, Value>, Error> {
    let place = Place::ROOT.name("parameters");
    let mut parameters = Map::new();
    for (name, parameter) in section(source.document, "parameters")? {
        let here = place.name(name);
        check(parameter, &here)?;
        let within = Within::of(parameter, &here)?;
        if !matches!(within, Within::Body | Within::Form) {
            let converted = described(source, parameter, within, &here)?;
            parameters.insert(
                source.references.name(Kind::Parameter, name),
                converted.into(),
            );
        }
    }
    Ok(parameters)
}

/// The parameters in the list that `steps` lead to, references followed.
pub(super) fn list<'a>(
    source: &Source<'a>,
    list: Option<&'a Value>,
    steps: &[Step<'a>],
) -> Result<Vec<Parameter<'a>>, Error> {
    let Some(list) = list.filter(|list| !list.is_null()) else {
        return Ok(Vec::new());
    };
    at(steps, &Place::ROOT, &mut |place| {
        let parameters = super::array(list, place)?.iter().enumerate();
        parameters
            .map(|(index, parameter)| {
                let here = place.index(index);
                check(parameter, &here)?;
                match source
                    .references
                    .follow(Kind::Parameter, parameter, &here)?
                {
                    Some(named) => Ok(Parameter {
                        value: named.value,
                        within: Within::of(named.value, &here)?,
                        reference: Some(named.reference()),
                        pointer: vec![Step::Name("parameters"), Step::Name(named.old_name)],
                    }),
                    None => Ok(Parameter {
                        value: parameter,
                        within: Within::of(parameter, &here)?,
                        reference: None,
                        pointer: [steps, &[Step::Index(index)]].concat(),
                    }),
                }
            })
            .collect()
    })
}

impl Parameter<'_> {
    /// What a parameter of an operation replaces one of the path by: its place and its name. There is one body, whatever
    /// its name.
    pub(super) fn known_by(&self) -> (Within, &str) {
        match self.within {
            Within::Body => (Within::Body, ""),
            within => (within, self.value["name"].as_str().unwrap_or_default()),
        }
    }

    /// Whether this belongs to the body of the request.
    pub(super) fn is_in_body(&self) -> bool {
        matches!(self.within, Within::Body | Within::Form)
    }

    /// The parameter of OpenAPI 3.0.
    pub(super) fn convert(&self, source: &Source<'_>) -> Result<Value, Error> {
        if let Some(reference) = &self.reference {
            return Ok(json!({ "$ref": reference }));
        }
        at(&self.pointer, &Place::ROOT, &mut |place| {
            described(source, self.value, self.within, place).map(Value::from)
        })
    }
}

/// What a parameter and a header have in common: words about it, and a schema.
pub(super) fn described(
    source: &Source<'_>,
    parameter: &Value,
    within: Within,
    place: &Place<'_>,
) -> Result<Map<String, Value>, Error> {
    source.spend(parameter, 1, place)?;
    let mut converted = Map::new();
    let mut plain = Map::new();
    let mut schema = None;
    for (name, value) in object(parameter, place)? {
        match name.as_str() {
            "name" | "in" | "description" | "required" | "example" | "deprecated" => {
                converted.insert(name.clone(), value.clone());
            }
            // OpenAPI 3.0 knows it for queries only.
            "allowEmptyValue" if within != Within::Query => {}
            "allowEmptyValue" => {
                converted.insert(name.clone(), value.clone());
            }
            "collectionFormat" => {}
            // What many tools read as the example that Swagger 2.0 lacks here.
            "x-example" if parameter.get("in").is_some() => {
                converted.entry("example").or_insert_with(|| value.clone());
            }
            "schema" => schema = Some(schema::convert(source, value, &place.name(name))?),
            "x-nullable" => {
                plain.insert(name.clone(), value.clone());
            }
            extension if is_extension(extension) => {
                converted.insert(name.clone(), value.clone());
            }
            // The type, and the words about the type.
            _ => {
                plain.insert(name.clone(), value.clone());
            }
        }
    }
    if within == Within::Path {
        converted.insert("required".into(), true.into());
    }
    let written = written(parameter, within, place)?;
    if let Written::As(style, explode) = written {
        converted.insert("style".into(), style.into());
        converted.insert("explode".into(), explode.into());
    }
    let schema = match (schema, written) {
        (Some(schema), _) => schema,
        (None, Written::AsText) => {
            let format = parameter.get("collectionFormat").cloned();
            plain.insert("collectionFormat".into(), format.unwrap_or_default());
            json!({ "type": "string", AS_TEXT: plain })
        }
        (None, _) => schema::convert(source, &without_collection_format(plain).into(), place)?,
    };
    converted.insert("schema".into(), schema);
    Ok(converted)
}

/// Holds the type of a list that has become text.
const AS_TEXT: &str = "x-written-as-text";

/// How a value is written.
#[derive(Clone, Copy)]
enum Written {
    /// As what it is.
    Plain,
    /// A list, in a style, with the name repeated for every item or not.
    As(&'static str, bool),
    /// A list for which OpenAPI 3.0 has no style. It is text that the caller puts together: less convenient, but what is
    /// sent is what the service expects.
    AsText,
}

fn written(parameter: &Value, within: Within, place: &Place<'_>) -> Result<Written, Error> {
    if parameter["type"] != "array" {
        return Ok(Written::Plain);
    }
    let here = place.name("collectionFormat");
    let format = match parameter.get("collectionFormat") {
        None | Some(Value::Null) => "csv",
        Some(format) => format.as_str().unwrap_or_default(),
    };
    let written = match (within, format) {
        (Within::Query | Within::Form, "csv") => Written::As("form", false),
        (Within::Query | Within::Form, "multi") => Written::As("form", true),
        (Within::Query | Within::Form, "ssv") => Written::As("spaceDelimited", false),
        (Within::Query | Within::Form, "pipes") => Written::As("pipeDelimited", false),
        (Within::Path | Within::Header, "csv") => Written::As("simple", false),
        (_, "ssv" | "tsv" | "pipes") => Written::AsText,
        _ => {
            let what = format!("{format} is no way to write a list here");
            return Err(Error::unsupported(&here, what));
        }
    };
    Ok(match is_plain_inside(&parameter["items"]) {
        true => written,
        false => Written::AsText,
    })
}

/// Whether lists inside a list are written in the default way; of any other, OpenAPI 3.0 knows nothing.
fn is_plain_inside(items: &Value) -> bool {
    let default = match items.get("collectionFormat") {
        None => true,
        Some(format) => format == "csv",
    };
    default && items.get("items").is_none_or(is_plain_inside)
}

fn without_collection_format(mut schema: Map<String, Value>) -> Map<String, Value> {
    schema.shift_remove("collectionFormat");
    if let Some(Value::Object(items)) = schema.get_mut("items") {
        *items = without_collection_format(std::mem::take(items));
    }
    schema
}
