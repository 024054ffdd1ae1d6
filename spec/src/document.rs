//! A document is known by its content: neither its name nor its media type is asked. What is not Swagger 2.0 or
//! OpenAPI 3.0 is refused with the reason, and nothing that a hostile text holds overflows the stack or the memory.

use serde_json::Value;
use serde_saphyr::budget::BudgetBreach;

use crate::error::{Error, Place, Problem};
use crate::json::Strict;
use crate::swagger2;

/// The longest text that is read. The longest document of a real service that we know has 2 MB.
const TEXT_BYTES_MAX: usize = 20 * 1024 * 1024;

/// The deepest nesting that is followed. Documents of real services go to about 15; unoptimised, the YAML reader fills
/// the 2 MB of a thread's stack at about 85.
const DEPTH_MAX: usize = 48;

/// How much all aliases of a YAML text may unfold to.
const ALIAS_EVENTS_MAX: usize = 100_000;
const ALIAS_BYTES_MAX: usize = 64 * 1024;
const ALIASES_MAX: usize = 1_000;

/// What stands between this crate and OpenAPI 3.1.
const MISSING_FOR_31: &str = "Missing are the schemas of JSON Schema 2020-12: lists of types with `null`, numbers as \
    exclusive bounds, `const`, `$defs` and `prefixItems`. Ask for the document in version 3.0, or write these in a \
    conversion beside the one of Swagger 2.0";

/// The formats that are understood.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// Swagger 2.0.
    Swagger2,
    /// OpenAPI 3.0.
    OpenApi30,
}

/// A document that has been read, in a format that is understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    format: Format,
    value: Value,
}

impl Document {
    /// The format that the document states.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The document as it was written.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The document as OpenAPI 3.0, converted if it is not.
    pub fn into_openapi(self) -> Result<Value, Error> {
        match self.format {
            Format::Swagger2 => swagger2::convert(&self.value),
            Format::OpenApi30 => Ok(self.value),
        }
    }
}

/// Reads JSON or YAML, with or without a byte order mark.
pub fn read(text: &[u8]) -> Result<Document, Error> {
    let value = parse(text)?;
    let format = format_of(&value)?;
    if !value["paths"].is_object() {
        return Err(Error::malformed(
            &Place::ROOT.name("paths"),
            "a document needs an object of paths",
        ));
    }
    Ok(Document { format, value })
}

/// The value that a JSON or YAML text holds, whatever it means.
pub(crate) fn parse(text: &[u8]) -> Result<Value, Error> {
    if text.len() > TEXT_BYTES_MAX {
        let (len, limit) = (text.len(), TEXT_BYTES_MAX);
        return Err(Error::new(&Place::ROOT, Problem::TooLarge { len, limit }));
    }
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let text = std::str::from_utf8(text).map_err(|error| syntax(format!("not UTF-8: {error}")))?;
    let value = match text.trim_start().chars().next() {
        None => return Err(syntax("the text is empty".into())),
        Some('<') => return Err(Error::unsupported(&Place::ROOT, "HTML or XML")),
        Some('{' | '[') => parse_json(text)?,
        Some(_) => parse_yaml(text)?,
    };
    check_depth(&value, &Place::ROOT, 0)?;
    Ok(value)
}

fn syntax(what: String) -> Error {
    Error::new(&Place::ROOT, Problem::Syntax(what))
}

fn too_deep(place: &Place<'_>) -> Error {
    Error::new(place, Problem::TooDeep { limit: DEPTH_MAX })
}

/// A text that begins like JSON can still be YAML in flow style, so the error of the JSON reader is the last word only
/// when the YAML reader fails too.
fn parse_json(text: &str) -> Result<Value, Error> {
    match serde_json::from_str::<Strict>(text) {
        Ok(Strict(value)) => Ok(value),
        Err(error) if error.to_string().starts_with("recursion limit") => {
            Err(too_deep(&Place::ROOT))
        }
        Err(error) if error.is_eof() || error.is_data() => Err(syntax(error.to_string())),
        Err(error) => parse_yaml(text).map_err(|_| syntax(error.to_string())),
    }
}

fn parse_yaml(text: &str) -> Result<Value, Error> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_MAX + 1,
            max_documents: 1,
            max_aliases: ALIASES_MAX,
            max_recorded_anchor_bytes: ALIAS_BYTES_MAX,
            max_total_scalar_bytes: TEXT_BYTES_MAX,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: ALIAS_EVENTS_MAX,
        },
        // YAML 1.2, in which `no` and `on` are text.
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options::<Value>(text, options).map_err(|error| match error {
        serde_saphyr::Error::Budget {
            breach: BudgetBreach::Depth { .. },
            ..
        } => too_deep(&Place::ROOT),
        error => syntax(error.to_string()),
    })
}

fn check_depth(value: &Value, place: &Place<'_>, depth: usize) -> Result<(), Error> {
    if depth > DEPTH_MAX {
        return Err(too_deep(place));
    }
    match value {
        Value::Object(members) => members
            .iter()
            .try_for_each(|(name, value)| check_depth(value, &place.name(name), depth + 1)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(index, value)| check_depth(value, &place.index(index), depth + 1)),
        _ => Ok(()),
    }
}

fn format_of(value: &Value) -> Result<Format, Error> {
    if !value.is_object() {
        return Err(Error::unsupported(&Place::ROOT, "not an object"));
    }
    if let Some(version) = version_of(value, "openapi")? {
        return match version.split('.').collect::<Vec<_>>()[..] {
            ["3", "0"] | ["3", "0", _] => Ok(Format::OpenApi30),
            ["3", "1", ..] => Err(Error::unsupported(
                &Place::ROOT.name("openapi"),
                format!("OpenAPI {version}; only 3.0 is. {MISSING_FOR_31}"),
            )),
            _ => Err(Error::unsupported(
                &Place::ROOT.name("openapi"),
                format!("OpenAPI {version}; only 3.0 is"),
            )),
        };
    }
    if let Some(version) = version_of(value, "swagger")? {
        return match version.as_str() {
            "2" | "2.0" => Ok(Format::Swagger2),
            _ => Err(Error::unsupported(
                &Place::ROOT.name("swagger"),
                format!("Swagger {version}; only 2.0 is"),
            )),
        };
    }
    if let Some(version) = version_of(value, "swaggerVersion")? {
        return Err(Error::unsupported(
            &Place::ROOT.name("swaggerVersion"),
            format!("Swagger {version}; only 2.0 is"),
        ));
    }
    Err(Error::unsupported(
        &Place::ROOT,
        "it states neither `swagger` nor `openapi`",
    ))
}

/// The version under `name`. YAML reads an unquoted 2.0 as a number.
fn version_of(value: &Value, name: &str) -> Result<Option<String>, Error> {
    match value.get(name) {
        None => Ok(None),
        Some(Value::String(version)) => Ok(Some(version.clone())),
        Some(Value::Number(version)) => Ok(Some(version.to_string())),
        Some(_) => Err(Error::malformed(
            &Place::ROOT.name(name),
            "a version is text",
        )),
    }
}
