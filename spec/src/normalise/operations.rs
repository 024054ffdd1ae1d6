//! Paths, parameters, bodies and answers.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToPascalCase as _, ToSnakeCase as _};
use serde_json::{Map, Value, json};

use super::{Error, Losses, component_of, escape, schemas};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const BYTES: &str = "application/octet-stream";

/// The document's paths, as the generator takes them. Schemas of answers that are no longer declared go to
/// `components`, so that their types are generated.
pub(super) fn normalise(
    document: &Value,
    components: &mut Map<String, Value>,
    losses: &mut Losses,
) -> Result<Value, Error> {
    let mut paths = Map::new();
    let mut ids = BTreeSet::new();
    let Some(given) = document.get("paths") else {
        return Ok(Value::Object(paths));
    };
    let given = given
        .as_object()
        .ok_or_else(|| Error::NotAnObject("/paths".to_owned()))?;
    for (path, item) in given.iter().filter(|(path, _)| !path.starts_with("x-")) {
        let pointer = format!("/paths/{}", escape(path));
        if item.get("$ref").is_some() {
            losses.add(&pointer, "path-dropped", "a path behind a $ref");
            continue;
        }
        let mut kept = Map::new();
        for method in METHODS {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let mut one = One {
                document,
                components,
                losses,
                pointer: format!("{pointer}/{method}"),
                id: identify(operation, method, path, &mut ids),
            };
            if operation["operationId"].as_str() != Some(one.id.as_str()) {
                let detail = format!("the operation is called {}", one.id);
                one.lost("operation-id-made", detail);
            }
            match one.operation(operation, path, item) {
                Ok(operation) => {
                    kept.insert(method.to_owned(), operation);
                }
                Err(why) => one.lost("operation-dropped", why),
            }
        }
        if !kept.is_empty() {
            paths.insert(path.clone(), Value::Object(kept));
        }
    }
    Ok(Value::Object(paths))
}

/// An operationId that no other operation has, also after it has become the name of a function.
fn identify(operation: &Value, method: &str, path: &str, ids: &mut BTreeSet<String>) -> String {
    let stem = match operation["operationId"].as_str() {
        Some(id) if id.chars().any(char::is_alphanumeric) => id.to_owned(),
        _ => format!("{method} {path}").to_snake_case(),
    };
    let stem = if stem.starts_with(|c: char| c.is_ascii_digit()) {
        format!("x_{stem}")
    } else {
        stem
    };
    let mut id = stem.clone();
    let mut n = 1;
    while !ids.insert(id.to_snake_case()) {
        n += 1;
        id = format!("{stem}_{n}");
    }
    id
}

/// Work on one operation.
struct One<'a> {
    document: &'a Value,
    components: &'a mut Map<String, Value>,
    losses: &'a mut Losses,
    pointer: String,
    id: String,
}

impl One<'_> {
    fn lost(&mut self, rule: &'static str, detail: impl Into<String>) {
        self.losses.add(&self.pointer, rule, detail);
    }

    fn operation(&mut self, operation: &Value, path: &str, item: &Value) -> Result<Value, String> {
        let mut kept = Map::new();
        kept.insert("operationId".to_owned(), json!(self.id));
        for name in ["summary", "description", "deprecated"] {
            if let Some(value) = operation.get(name) {
                kept.insert(name.to_owned(), value.clone());
            }
        }
        if operation.get("callbacks").is_some() {
            self.lost("callbacks-dropped", "callbacks are not generated");
        }
        let parameters = self.parameters(operation, path, item)?;
        kept.insert("parameters".to_owned(), Value::Array(parameters));
        if let Some(body) = operation.get("requestBody")
            && let Some(body) = self.body(body)?
        {
            kept.insert("requestBody".to_owned(), body);
        }
        let (declared, all) = self.responses(&operation["responses"]);
        kept.insert("responses".to_owned(), declared);
        kept.insert("x-responses".to_owned(), all);
        Ok(Value::Object(kept))
    }

    /// Follows a reference to a parameter, a body or an answer.
    fn follow(&self, value: &Value) -> Result<Value, String> {
        let mut value = value;
        for _ in 0..8 {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
                return Ok(value.clone());
            };
            value = reference
                .strip_prefix('#')
                .and_then(|pointer| {
                    self.document
                        .pointer(&pointer.replace("%7B", "{").replace("%7D", "}"))
                })
                .ok_or_else(|| format!("{reference} is not in the document"))?;
        }
        Err("a reference leads to itself".to_owned())
    }

    /// Those of the path and those of the operation; the latter win.
    fn parameters(
        &mut self,
        operation: &Value,
        path: &str,
        item: &Value,
    ) -> Result<Vec<Value>, String> {
        let mut all: Vec<Option<Value>> = Vec::new();
        let mut places = BTreeMap::new();
        for list in [&item["parameters"], &operation["parameters"]] {
            for parameter in list.as_array().into_iter().flatten() {
                let parameter = self.follow(parameter)?;
                let known_by = (parameter["name"].to_string(), parameter["in"].to_string());
                if let Some(earlier) = places.insert(known_by, all.len()) {
                    all[earlier] = None;
                }
                all.push(Some(parameter));
            }
        }
        let mut kept = Vec::new();
        for parameter in all.into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            let place = parameter["in"].as_str().unwrap_or_default().to_owned();
            match place.as_str() {
                "path" if !path.contains(&format!("{{{name}}}")) => {
                    self.lost("parameter-dropped", format!("{name} is not in the path"));
                }
                "header"
                    if ["authorization", "accept", "content-type"]
                        .contains(&name.to_lowercase().as_str()) =>
                {
                    self.lost(
                        "parameter-dropped",
                        format!("the header {name} is set elsewhere"),
                    );
                }
                "path" | "query" | "header" => kept.push(self.parameter(&parameter, &name, &place)),
                _ => self.lost("parameter-dropped", format!("{name} in {place}")),
            }
        }
        for name in placeholders(path) {
            if !kept.iter().any(|p| p["in"] == "path" && p["name"] == *name) {
                self.lost("parameter-added", format!("{name} is in the path only"));
                kept.push(json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }));
            }
        }
        self.tell_apart(&mut kept, operation.get("requestBody").is_some());
        Ok(kept)
    }

    /// Parameters of one name in several places become arguments of several names. `x-wire-name` keeps what is sent.
    fn tell_apart(&mut self, parameters: &mut [Value], has_body: bool) {
        let mut taken = BTreeSet::new();
        if has_body {
            taken.insert("body".to_owned());
        }
        // Those of the path come first: their names are in the path, too.
        parameters.sort_by_key(|parameter| parameter["in"] != "path");
        for parameter in parameters {
            let wire = parameter["name"].as_str().unwrap_or_default().to_owned();
            let mut name = wire.clone();
            let mut n = 1;
            while !taken.insert(name.to_snake_case()) {
                n += 1;
                name = format!("{wire}-{n}");
            }
            if name != wire {
                let place = parameter["in"].as_str().unwrap_or_default();
                self.lost(
                    "parameter-renamed",
                    format!("{wire} in {place} is the argument {}", name.to_snake_case()),
                );
                parameter["name"] = json!(name);
                parameter["x-wire-name"] = json!(wire);
            }
        }
    }

    fn parameter(&mut self, parameter: &Value, name: &str, place: &str) -> Value {
        let pointer = format!("{}/parameters/{}", self.pointer, escape(name));
        let mut schema = match parameter.get("schema") {
            Some(schema) => schema.clone(),
            None => {
                self.losses.add(
                    &pointer,
                    "parameter-as-text",
                    "its schema is behind a media type",
                );
                json!({ "type": "string" })
            }
        };
        schemas::parameter(&mut schema, &pointer, self.components, self.losses);
        if schema["type"] == "array" && place != "query" {
            self.losses
                .add(&pointer, "parameter-as-text", format!("a list in {place}"));
            schema = json!({ "type": "string" });
        } else if schema["type"] == "array" && parameter["explode"] == json!(false) {
            self.losses
                .add(&pointer, "list-repeated", "sent as a=1&a=2, not as a=1,2");
        }
        let mut kept = json!({
            "name": name,
            "in": place,
            "required": place == "path" || parameter["required"] == json!(true),
            "schema": schema,
        });
        if let Some(description) = parameter["description"].as_str() {
            kept["description"] = json!(description);
        }
        kept
    }

    /// One media type, or nothing when there is no content.
    fn body(&mut self, body: &Value) -> Result<Option<Value>, String> {
        let body = self.follow(body)?;
        let empty = Map::new();
        let content = body["content"].as_object().unwrap_or(&empty);
        let Some(first) = content.keys().next() else {
            return Ok(None);
        };
        let chosen = choose(content)
            .or_else(|| content.keys().find(|media| *media == FORM).cloned())
            .or_else(|| {
                let plain = |media: &&String| *media == BYTES || *media == "text/plain";
                content.keys().find(plain).cloned()
            })
            .ok_or_else(|| format!("its body is {first}, which is not supported"))?;
        for other in content.keys().filter(|media| **media != chosen) {
            self.lost("media-type-dropped", format!("request {other}"));
        }
        let media = if [FORM, BYTES, "text/plain"].contains(&chosen.as_str()) {
            chosen.as_str()
        } else {
            self.json_instead("request", &chosen);
            JSON
        };
        let mut schema = content[&chosen].get("schema").cloned().unwrap_or(json!({}));
        schema = self.settle(schema, "Body");
        if media == BYTES {
            schema = json!({ "type": "string", "format": "binary" });
        } else if media == "text/plain" {
            schema = json!({ "type": "string" });
        }
        if body["required"] != json!(true) {
            self.lost("body-required", "the body may be left out; here it may not");
        }
        Ok(Some(
            json!({ "required": true, "content": { media: { "schema": schema } } }),
        ))
    }

    fn json_instead(&mut self, what: &str, media: &str) {
        if media != JSON {
            self.lost(
                "media-type-json",
                format!("{what} {media} is taken as {JSON}"),
            );
        }
    }

    /// The answers that stay declared, and all of them.
    fn responses(&mut self, responses: &Value) -> (Value, Value) {
        let empty = Map::new();
        let responses = responses.as_object().unwrap_or(&empty);
        let mut declared = Map::new();
        let mut all = Map::new();
        let has_success = responses.keys().any(|status| status.starts_with('2'));
        let mut statuses: Vec<&String> =
            responses.keys().filter(|s| !s.starts_with("x-")).collect();
        statuses.sort();
        let mut undeclared = Vec::new();
        for status in statuses {
            let Ok(response) = self.follow(&responses[status]) else {
                self.lost(
                    "response-dropped",
                    format!("{status}: its reference leads nowhere"),
                );
                continue;
            };
            let body = self.response_body(status, &response);
            all.insert(status.clone(), body.clone());
            let success = status.starts_with('2') || (status == "default" && !has_success);
            if !success {
                undeclared.push(status.as_str());
                continue;
            }
            let content = match body {
                Value::Null => None,
                schema if schema["format"] == "binary" => {
                    Some(json!({ BYTES: { "schema": schema } }))
                }
                schema => Some(json!({ JSON: { "schema": schema } })),
            };
            let same = declared
                .values()
                .all(|other: &Value| other.get("content") == content.as_ref());
            if !same {
                self.lost(
                    "status-undeclared",
                    format!("{status} differs from another success"),
                );
                continue;
            }
            let mut kept =
                json!({ "description": response["description"].as_str().unwrap_or_default() });
            if let Some(content) = content {
                kept["content"] = content;
            }
            let range = if status == "default" {
                self.lost("default-as-success", "no success is documented but default");
                "2XX"
            } else {
                status.as_str()
            };
            declared.insert(range.to_owned(), kept);
        }
        if !undeclared.is_empty() {
            self.lost(
                "status-undeclared",
                format!("arrives as it is: {}", undeclared.join(", ")),
            );
        }
        if declared.is_empty() {
            self.lost("success-as-bytes", "no success is documented");
            let bytes = json!({ BYTES: { "schema": { "type": "string", "format": "binary" } } });
            declared.insert(
                "2XX".to_owned(),
                json!({ "description": "", "content": bytes }),
            );
        }
        (Value::Object(declared), Value::Object(all))
    }

    /// The schema of an answer's body: null when there is none, binary text when it is taken raw.
    fn response_body(&mut self, status: &str, response: &Value) -> Value {
        let raw = json!({ "type": "string", "format": "binary" });
        let empty = Map::new();
        let content = response["content"].as_object().unwrap_or(&empty);
        let success = status.starts_with('2') || status == "default";
        let Some(first) = content.keys().next() else {
            if success && !["204", "205"].contains(&status) {
                self.lost(
                    "success-as-bytes",
                    format!("{status}: its body is not documented"),
                );
                return raw;
            }
            return Value::Null;
        };
        if content
            .values()
            .any(|media| media["schema"]["format"] == "binary")
        {
            return raw;
        }
        let chosen = choose(content).unwrap_or_else(|| first.clone());
        for other in content.keys().filter(|media| **media != chosen) {
            self.lost("media-type-dropped", format!("response {status} {other}"));
        }
        if !is_json(&chosen) {
            return raw;
        }
        let schema = content[&chosen].get("schema").cloned().unwrap_or(json!({}));
        self.json_instead(&format!("response {status}"), &chosen);
        let alternatives = schemas::alternatives(&schema);
        if !alternatives.is_empty() && !success {
            // One row of the table for each, instead of a type that could not tell them apart.
            let each: Vec<Value> = alternatives
                .into_iter()
                .enumerate()
                .map(|(n, one)| self.settle(one, &format!("Status{status}{n}")))
                .collect();
            return json!({ "oneOf": each });
        }
        self.settle(schema, &format!("Status{status}"))
    }

    /// What a body may be without a name: a component, a list of one, text, or anything. All else gets a name.
    fn settle(&mut self, schema: Value, suffix: &str) -> Value {
        let component = |schema: &Value, components: &Map<String, Value>| {
            let name = schema["$ref"].as_str().and_then(component_of)?;
            let known = components.contains_key(&name);
            known.then(|| json!({ "$ref": schema["$ref"] }))
        };
        if let Some(reference) = component(&schema, self.components) {
            return reference;
        }
        if let Some(items) = component(&schema["items"], self.components) {
            return json!({ "type": "array", "items": items });
        }
        if let Some(reference) = schema["$ref"].as_str() {
            self.lost(
                "reference-opened",
                format!("{reference} is not a component; any JSON"),
            );
            return json!({});
        }
        let text = schema["type"] == "string" && schema["format"] != "decimal";
        if text || schema["type"] == "boolean" {
            return json!({ "type": schema["type"] });
        }
        if schema.as_object().is_some_and(Map::is_empty) {
            return schema;
        }
        self.hoist(schema, suffix)
    }

    /// Makes a component of an inline schema and refers to it.
    fn hoist(&mut self, schema: Value, suffix: &str) -> Value {
        let stem = format!("{}{suffix}", self.id.to_pascal_case());
        let name = (1..)
            .map(|n| {
                if n == 1 {
                    stem.clone()
                } else {
                    format!("{stem}{n}")
                }
            })
            .find(|name| !self.components.contains_key(name))
            .unwrap_or_default();
        self.components.insert(name.clone(), schema);
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }
}

/// The media type that is read as JSON, if there is one.
fn choose(content: &Map<String, Value>) -> Option<String> {
    let exact = content.keys().find(|media| bare(media) == JSON);
    exact
        .or_else(|| content.keys().find(|media| is_json(media)))
        .cloned()
}

fn is_json(media: &str) -> bool {
    let media = bare(media);
    media == JSON || media == "*/*" || media == "application/*" || media.ends_with("+json")
}

fn bare(media: &str) -> String {
    let bare = media.split(';').next().unwrap_or_default();
    bare.trim().to_lowercase()
}

/// The names between braces.
fn placeholders(path: &str) -> Vec<&str> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}
