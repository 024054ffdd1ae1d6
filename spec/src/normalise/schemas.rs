//! Schemas: what a server sends is taken as it comes, what it is sent keeps what the document requires.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Direction, Losses, component_of, escape};

/// Words that check a value rather than shape it. The server checks; here they would only make an answer unreadable.
const CHECKS: [&str; 13] = [
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// Formats of text that would become types with rules of their own.
const TYPED_TEXT: [&str; 8] = [
    "date",
    "date-time",
    "time",
    "uuid",
    "ip",
    "ipv4",
    "ipv6",
    "byte",
];

/// How deep `allOf` may nest before it is taken for a circle.
const ALL_OF_DEPTH_MAX: usize = 16;

/// The schemas of which a value fits one (or some).
pub(super) fn alternatives(schema: &Value) -> Vec<Value> {
    let each = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    each.cloned().unwrap_or_default()
}

/// Simplifies the schema of a parameter: a scalar, or a list of them.
pub(super) fn parameter(
    schema: &mut Value,
    pointer: &str,
    components: &Map<String, Value>,
    losses: &mut Losses,
) {
    let known: BTreeMap<String, Value> = components.clone().into_iter().collect();
    if let Some(target) = schema["$ref"].as_str().and_then(component_of) {
        *schema = known.get(&target).cloned().unwrap_or(json!({}));
        losses.add(pointer, "ref-inlined", target);
    }
    // An enum would be a closed list; the server decides what it takes.
    Walk {
        direction: Direction::Response,
        known: &known,
        losses,
    }
    .schema(schema, pointer);
    let scalar = |schema: &Value| {
        ["string", "integer", "number", "boolean"]
            .iter()
            .any(|t| schema["type"] == **t)
    };
    if !(scalar(schema) || schema["type"] == "array" && scalar(&schema["items"])) {
        losses.add(
            pointer,
            "parameter-as-text",
            "neither a scalar nor a list of them",
        );
        *schema = json!({ "type": "string" });
    }
    if let Some(object) = schema.as_object_mut() {
        object.remove("nullable");
        object.remove("description");
    }
}

/// A walk over one schema.
pub(super) struct Walk<'a> {
    pub(super) direction: Direction,
    pub(super) known: &'a BTreeMap<String, Value>,
    pub(super) losses: &'a mut Losses,
}

impl Walk<'_> {
    /// A component; it is never nullable itself, its uses are.
    pub(super) fn component(&mut self, schema: &mut Value, pointer: &str) {
        self.schema(schema, pointer);
        if let Some(schema) = schema.as_object_mut() {
            schema.remove("nullable");
        }
    }

    fn lost(&mut self, pointer: &str, rule: &'static str, detail: impl Into<String>) {
        self.losses.add(pointer, rule, detail);
    }

    /// Any JSON.
    fn open(&mut self, schema: &mut Value, pointer: &str, rule: &'static str, detail: &str) {
        self.lost(pointer, rule, detail);
        let description = schema.get("description").cloned();
        *schema = json!({});
        if let Some(description) = description {
            schema["description"] = description;
        }
    }

    fn schema(&mut self, schema: &mut Value, pointer: &str) {
        let Some(object) = schema.as_object_mut() else {
            return self.open(schema, pointer, "schema-opened", "not an object; any JSON");
        };
        annotate(object);
        if let Some(reference) = object.get("$ref").cloned() {
            return self.reference(schema, &reference, pointer);
        }
        if let Some(default) = object.remove("default") {
            self.lost(pointer, "default-dropped", default.to_string());
        }
        if object.remove("discriminator").is_some() {
            self.lost(
                pointer,
                "discriminator-dropped",
                "types are not told apart by it",
            );
        }
        if object.remove("not").is_some() {
            self.lost(pointer, "checks-dropped", "not");
        }
        if object.contains_key("allOf") {
            return self.all_of(schema, pointer);
        }
        if object.contains_key("oneOf") || object.contains_key("anyOf") {
            return self.open(
                schema,
                pointer,
                "alternatives-opened",
                "one of several schemas; any JSON",
            );
        }
        self.checks(object, pointer);
        match object.get("type").cloned() {
            None if object.contains_key("properties")
                || object.contains_key("additionalProperties") =>
            {
                object.insert("type".to_owned(), json!("object"));
                self.object(object, pointer);
            }
            None if object.contains_key("items") => {
                object.insert("type".to_owned(), json!("array"));
                self.array(object, pointer);
            }
            None => {
                if object.remove("enum").is_some() {
                    self.lost(pointer, "enum-opened", "values of no stated type");
                }
                object.retain(|word, _| word == "description");
            }
            Some(kind) => match kind.as_str() {
                Some("object") => self.object(object, pointer),
                Some("array") => self.array(object, pointer),
                Some("string") => self.text(object, pointer),
                Some("number" | "integer" | "boolean") => self.scalar(object, pointer),
                _ => self.open(
                    schema,
                    pointer,
                    "schema-opened",
                    &format!("type {kind}; any JSON"),
                ),
            },
        }
    }

    fn reference(&mut self, schema: &mut Value, reference: &Value, pointer: &str) {
        let target = reference.as_str().and_then(component_of);
        let Some(target) = target.filter(|name| self.known.contains_key(name)) else {
            return self.open(
                schema,
                pointer,
                "reference-opened",
                &format!("{reference} is not a component; any JSON"),
            );
        };
        let siblings: Vec<&String> = schema
            .as_object()
            .into_iter()
            .flat_map(Map::keys)
            .filter(|word| *word != "$ref" && *word != "description")
            .collect();
        if !siblings.is_empty() {
            let detail = format!("beside a $ref: {siblings:?}");
            self.lost(pointer, "ref-siblings-dropped", detail);
        }
        // A number or text with a name has no type of its own: money stays money wherever it is named.
        let scalar = ["string", "number", "integer", "boolean"];
        let named = &self.known[&target];
        if named.get("enum").is_none() && scalar.iter().any(|kind| named["type"] == **kind) {
            self.lost(pointer, "ref-inlined", target);
            *schema = named.clone();
            return self.schema(schema, pointer);
        }
        *schema = json!({ "$ref": reference });
    }

    fn checks(&mut self, object: &mut Map<String, Value>, pointer: &str) {
        let mut dropped = Vec::new();
        for word in CHECKS {
            if let Some(value) = object.remove(word) {
                dropped.push(format!("{word} {value}"));
            }
        }
        if !dropped.is_empty() {
            self.lost(pointer, "checks-dropped", dropped.join(", "));
        }
    }

    fn text(&mut self, object: &mut Map<String, Value>, pointer: &str) {
        if let Some(format) = object
            .get("format")
            .and_then(Value::as_str)
            .map(str::to_owned)
        {
            if TYPED_TEXT.contains(&format.as_str()) {
                self.lost(
                    pointer,
                    "format-dropped",
                    format!("{format} stays text, as it was sent"),
                );
            }
            if format != "decimal" && format != "binary" {
                object.remove("format");
            }
        }
        let Some(values) = object.get("enum").and_then(Value::as_array).cloned() else {
            object.remove("enum");
            return;
        };
        let names: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        if self.direction == Direction::Response || !can_be_variants(&names) {
            self.lost(
                pointer,
                "enum-opened",
                format!("text; known values {}", names.join(", ")),
            );
            object.remove("enum");
        } else {
            object.insert("enum".to_owned(), json!(names));
        }
    }

    fn scalar(&mut self, object: &mut Map<String, Value>, pointer: &str) {
        if let Some(values) = object.remove("enum") {
            self.lost(pointer, "enum-opened", format!("known values {values}"));
        }
        let format = object
            .get("format")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        if object["type"] == "number" {
            if format != "decimal" {
                self.lost(pointer, "number-exact", "read as a decimal, digit by digit");
            }
            object.remove("format");
        } else if !["int32", "int64"].contains(&format.as_str())
            && object.remove("format").is_some()
        {
            self.lost(pointer, "format-dropped", format);
        }
    }

    fn array(&mut self, object: &mut Map<String, Value>, pointer: &str) {
        if let Some(format) = object.remove("format") {
            self.lost(pointer, "format-dropped", format!("{format} of a list"));
        }
        let items = object.entry("items").or_insert_with(|| json!({}));
        self.schema(items, &format!("{pointer}/items"));
        unwrap_nullable(items);
        object.remove("enum");
    }

    fn object(&mut self, object: &mut Map<String, Value>, pointer: &str) {
        object.remove("enum");
        if let Some(format) = object.remove("format") {
            self.lost(pointer, "format-dropped", format!("{format} of an object"));
        }
        let mut properties = match object.remove("properties") {
            Some(Value::Object(properties)) => properties,
            _ => Map::new(),
        };
        let required = self.required(object, &properties, pointer);
        let mut made_nullable = Vec::new();
        for (name, property) in &mut properties {
            if let Some(property) = property.as_object_mut() {
                // A title would name the type, and two types of one title become one.
                property.remove("title");
            }
            let said_so = property["nullable"] == json!(true);
            self.schema(property, &format!("{pointer}/properties/{}", escape(name)));
            if self.direction == Direction::Response {
                if !said_so {
                    made_nullable.push(name.as_str());
                }
                if property.get("$ref").is_none() {
                    property["nullable"] = json!(true);
                }
            }
        }
        if !made_nullable.is_empty() {
            self.lost(pointer, "nullable-added", made_nullable.join(", "));
        }
        self.additional(object, !properties.is_empty(), pointer);
        if !properties.is_empty() {
            object.insert("properties".to_owned(), Value::Object(properties));
        }
        if !required.is_empty() {
            object.insert("required".to_owned(), json!(required));
        }
    }

    fn required(
        &mut self,
        object: &mut Map<String, Value>,
        properties: &Map<String, Value>,
        pointer: &str,
    ) -> Vec<String> {
        let listed = object.remove("required");
        let listed = listed.as_ref().and_then(Value::as_array);
        let (known, unknown): (Vec<String>, Vec<String>) = listed
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .partition(|name| properties.contains_key(name));
        if !unknown.is_empty() {
            let detail = format!("names no member: {}", unknown.join(", "));
            self.lost(pointer, "required-dropped", detail);
        }
        if self.direction == Direction::Response && !known.is_empty() {
            self.lost(pointer, "required-dropped", known.join(", "));
            return Vec::new();
        }
        known
    }

    /// Members that the document does not name are kept.
    fn additional(&mut self, object: &mut Map<String, Value>, has_members: bool, pointer: &str) {
        let pointer = format!("{pointer}/additionalProperties");
        match object.remove("additionalProperties") {
            Some(Value::Object(schema)) => {
                let mut schema = Value::Object(schema);
                self.schema(&mut schema, &pointer);
                unwrap_nullable(&mut schema);
                object.insert("additionalProperties".to_owned(), schema);
            }
            other => {
                if other == Some(json!(false)) {
                    self.lost(
                        &pointer,
                        "members-kept",
                        "members that are not named are kept, not refused",
                    );
                }
                if has_members {
                    object.insert("additionalProperties".to_owned(), json!({}));
                }
            }
        }
    }

    fn all_of(&mut self, schema: &mut Value, pointer: &str) {
        let parts = schema["allOf"].as_array().cloned().unwrap_or_default();
        let alone =
            schema.get("properties").is_none() && schema.get("additionalProperties").is_none();
        if let ([one], true) = (parts.as_slice(), alone) {
            // The usual way of saying something beside a reference.
            let mut inner = one.clone();
            for word in ["description", "nullable"] {
                if let (Some(value), Some(inner)) = (schema.get(word), inner.as_object_mut())
                    && !inner.contains_key("$ref")
                {
                    inner.insert(word.to_owned(), value.clone());
                }
            }
            let description = schema.get("description").cloned();
            self.schema(&mut inner, pointer);
            if inner.get("$ref").is_some()
                && let Some(description) = description
            {
                inner = json!({ "allOf": [inner], "description": description });
            }
            *schema = inner;
            return;
        }
        let mut merged = Map::new();
        if !self.merge(schema, &mut merged, ALL_OF_DEPTH_MAX) {
            return self.open(
                schema,
                pointer,
                "all-of-opened",
                "parts that are no objects; any JSON",
            );
        }
        self.lost(
            pointer,
            "all-of-merged",
            format!("{} parts are one type", parts.len()),
        );
        if let Some(description) = schema.get("description") {
            merged.insert("description".to_owned(), description.clone());
        }
        *schema = Value::Object(merged);
        self.schema(schema, pointer);
    }

    /// Adds the members of `part` to `into`; false when it is no object.
    fn merge(&self, part: &Value, into: &mut Map<String, Value>, depth: usize) -> bool {
        if depth == 0 {
            return false;
        }
        if let Some(reference) = part["$ref"].as_str() {
            let target = component_of(reference).and_then(|name| self.known.get(&name));
            return target.is_some_and(|target| self.merge(target, into, depth - 1));
        }
        let object = part.get("type").is_none_or(|kind| kind == "object");
        if !object || !alternatives(part).is_empty() {
            return false;
        }
        into.insert("type".to_owned(), json!("object"));
        if let Some(properties) = part["properties"].as_object() {
            let all = into.entry("properties").or_insert_with(|| json!({}));
            for (name, property) in properties {
                all[name] = property.clone();
            }
        }
        if let Some(required) = part["required"].as_array() {
            let all = into.entry("required").or_insert_with(|| json!([]));
            if let Some(all) = all.as_array_mut() {
                all.extend(required.iter().cloned());
            }
        }
        if let Some(additional) = part.get("additionalProperties").filter(|a| a.is_object()) {
            into.insert("additionalProperties".to_owned(), additional.clone());
        }
        let mut all = true;
        for part in part["allOf"].as_array().into_iter().flatten() {
            all &= self.merge(part, into, depth - 1);
        }
        all
    }
}

/// Puts what a reader should know into the description, and takes away what the generator has no use for.
fn annotate(object: &mut Map<String, Value>) {
    let mut notes = Vec::new();
    if let Some(values) = object.get("x-known-values").and_then(Value::as_array) {
        let values: Vec<String> = values
            .iter()
            .map(|value| {
                format!(
                    "`{}`",
                    value.as_str().map_or(value.to_string(), str::to_owned)
                )
            })
            .collect();
        notes.push(format!("Known values: {}.", values.join(", ")));
    }
    if let Some(grade) = object
        .get("x-evidence")
        .and_then(|evidence| evidence["grade"].as_str())
    {
        notes.push(format!("Evidence: {grade}."));
    }
    object.retain(|word, _| {
        let unused = [
            "example",
            "examples",
            "xml",
            "externalDocs",
            "readOnly",
            "writeOnly",
            "title",
        ];
        !unused.contains(&word.as_str()) && !word.starts_with("x-")
    });
    if !notes.is_empty() && !object.contains_key("$ref") {
        let described = object
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let text = format!("{}\n\n{}", described.trim(), notes.join(" "));
        object.insert("description".to_owned(), json!(text.trim()));
    }
}

/// An item of a list or map is what it is; null where it should not be is the reader's affair.
fn unwrap_nullable(schema: &mut Value) {
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("nullable");
    }
}

/// Whether values can be the variants of an enum.
fn can_be_variants(values: &[&str]) -> bool {
    use heck::ToPascalCase as _;
    let names: BTreeSet<String> = values.iter().map(|value| value.to_pascal_case()).collect();
    let ident =
        |name: &String| name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.is_ascii();
    !values.is_empty()
        && names.len() == values.len()
        && !names.contains("Other")
        && names.iter().all(|name| ident(name) && name != "Self")
}
