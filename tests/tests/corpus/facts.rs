//! What a document of OpenAPI 3.0 says, fact by fact, in a form in which it does not matter how it says it.
//!
//! References to anything but a schema of the original are followed, so that what a converter puts into components is
//! the same as what another leaves in place. Words, examples and extensions are no facts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Each fact: where, and what.
pub(crate) type Facts = BTreeMap<String, String>;

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// Said of a schema, and no schema in itself.
const SAID: [&str; 19] = [
    "type",
    "format",
    "nullable",
    "readOnly",
    "enum",
    "default",
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
    "uniqueItems",
];

/// The facts of a document; `schemas` are the names of those that the original defines.
pub(crate) fn facts(document: &Value, schemas: &BTreeSet<String>) -> Facts {
    let mut reader = Reader {
        document,
        schemas,
        facts: Facts::new(),
    };
    reader.document();
    reader.facts
}

/// A name of a schema as every converter could spell it.
pub(crate) fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect::<String>()
        .to_lowercase()
}

struct Reader<'a> {
    document: &'a Value,
    schemas: &'a BTreeSet<String>,
    facts: Facts,
}

impl<'a> Reader<'a> {
    fn say(&mut self, place: &str, value: impl ToString) {
        self.facts.insert(place.to_owned(), value.to_string());
    }

    fn document(&mut self) {
        let document = self.document;
        let urls: BTreeSet<&str> = document["servers"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|server| server["url"].as_str())
            .map(|url| url.trim_end_matches('/'))
            .filter(|url| !url.is_empty())
            .collect();
        self.say("servers", format!("{urls:?}"));
        for (path, item) in members(&document["paths"]) {
            for (method, operation) in members(item) {
                if METHODS.contains(&method.as_str()) {
                    self.operation(&format!("{method} {path}"), item, operation);
                }
            }
        }
        for (name, schema) in members(&document["components"]["schemas"]) {
            if self.schemas.contains(&plain(name)) {
                self.schema(&format!("schema {}", plain(name)), schema, 0);
            }
        }
        for (name, scheme) in members(&document["components"]["securitySchemes"]) {
            for word in ["type", "scheme", "in", "name"] {
                if let Some(value) = scheme[word].as_str() {
                    self.say(&format!("security {name} {word}"), value);
                }
            }
            for (flow, _) in members(&scheme["flows"]) {
                self.say(&format!("security {name} flow"), flow);
            }
        }
    }

    fn operation(&mut self, place: &str, item: &'a Value, operation: &'a Value) {
        self.say(place, "there");
        for word in ["operationId", "deprecated"] {
            if let Some(value) = operation.get(word).filter(|value| **value != false) {
                self.say(&format!("{place} {word}"), value);
            }
        }
        let security = operation
            .get("security")
            .or_else(|| self.document.get("security"));
        let security = security.map(ToString::to_string).unwrap_or_default();
        self.say(
            &format!("{place} security"),
            if security == "[]" {
                String::new()
            } else {
                security
            },
        );
        let lists = [&item["parameters"], &operation["parameters"]];
        for parameter in lists.into_iter().filter_map(Value::as_array).flatten() {
            self.parameter(place, parameter);
        }
        let body = self.resolved(&operation["requestBody"]);
        if !body.is_null() {
            let place = format!("{place} body");
            self.say(&format!("{place} required"), body["required"] == true);
            self.content(&place, body);
        }
        for (status, response) in
            members(&operation["responses"]).filter(|(status, _)| !status.starts_with("x-"))
        {
            let place = format!("{place} {status}");
            self.say(&place, "there");
            let response = self.resolved(response);
            self.content(&place, response);
            for (name, header) in members(&response["headers"]) {
                self.schema(&format!("{place} header {name}"), &header["schema"], 0);
            }
        }
    }

    fn parameter(&mut self, place: &str, parameter: &'a Value) {
        let parameter = self.resolved(parameter);
        let word = |word: &str| parameter[word].as_str().unwrap_or_default();
        let place = format!("{place} {} {}", word("in"), word("name"));
        self.say(&format!("{place} required"), parameter["required"] == true);
        if parameter["schema"]["type"] == "array" {
            let usual = if word("in") == "query" {
                "form"
            } else {
                "simple"
            };
            let style = parameter["style"].as_str().unwrap_or(usual);
            let explode = parameter["explode"].as_bool().unwrap_or(style == "form");
            self.say(&format!("{place} style"), format!("{style} {explode}"));
        }
        self.schema(&place, &parameter["schema"], 0);
    }

    fn content(&mut self, place: &str, holder: &'a Value) {
        for (media_type, media) in members(&holder["content"]) {
            if media.get("schema").is_some() {
                let place = format!("{place} {media_type}");
                self.say(&place, "there");
                self.schema(&place, &media["schema"], 0);
            }
        }
    }

    fn schema(&mut self, place: &str, schema: &'a Value, depth: usize) {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default();
            if self.schemas.contains(&plain(name)) || depth > 12 {
                self.say(&format!("{place} ref"), plain(name));
            } else {
                self.schema(place, self.resolved(schema), depth + 1);
            }
            return;
        }
        for word in SAID {
            if let Some(value) = schema.get(word).filter(|value| **value != false) {
                self.say(&format!("{place} {word}"), number(value));
            }
        }
        let mut required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        required.sort_unstable();
        required.dedup();
        if !required.is_empty() {
            self.say(&format!("{place} required"), required.join(" "));
        }
        for (name, property) in members(&schema["properties"]) {
            self.say(&format!("{place} .{name}"), "there");
            self.schema(&format!("{place} .{name}"), property, depth + 1);
        }
        if schema.get("items").is_some() {
            self.schema(&format!("{place} []"), &schema["items"], depth + 1);
        }
        match &schema["additionalProperties"] {
            Value::Null => {}
            rest @ Value::Object(_) => {
                self.say(&format!("{place} *"), "there");
                self.schema(&format!("{place} *"), rest, depth + 1);
            }
            other => self.say(
                &format!("{place} *"),
                if *other == true {
                    "there".to_owned()
                } else {
                    other.to_string()
                },
            ),
        }
        for word in ["allOf", "oneOf", "anyOf"] {
            for (index, part) in schema[word].as_array().into_iter().flatten().enumerate() {
                self.schema(&format!("{place} {word}{index}"), part, depth + 1);
            }
        }
        if let Some(property) = schema["discriminator"]["propertyName"].as_str() {
            self.say(&format!("{place} discriminator"), property);
        }
    }

    fn resolved(&self, value: &'a Value) -> &'a Value {
        let mut value = value;
        for _ in 0..8 {
            let Some(pointer) = value["$ref"]
                .as_str()
                .and_then(|reference| reference.strip_prefix('#'))
            else {
                break;
            };
            value = self
                .document
                .pointer(&pointer.replace("%20", " "))
                .unwrap_or(&Value::Null);
        }
        value
    }
}

/// A value in which 1.0 is 1.
fn number(value: &Value) -> String {
    match value.as_f64() {
        Some(number) => number.to_string(),
        None => value.to_string(),
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
