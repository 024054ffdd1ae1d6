//! What is only guessed says so. `x-evidence` carries the grade of a part of a document, and this reads it back, from
//! Swagger 2.0 and OpenAPI 3.0 alike.

use std::fmt;

use serde_json::Value;

use crate::error::escape;

/// How well a part of a document is known, best first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Grade {
    /// Seen in a recorded exchange with the service.
    Recorded,
    /// Seen in a client of the service.
    Client,
    /// Named in the vendor's documentation.
    Prose,
    /// A guess.
    Inferred,
}

impl Grade {
    /// Every grade, best first.
    pub const ALL: [Self; 4] = [Self::Recorded, Self::Client, Self::Prose, Self::Inferred];

    /// The word for it in a document.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Client => "client",
            Self::Prose => "prose",
            Self::Inferred => "inferred",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The grade that `part` carries.
pub fn grade_of(part: &Value) -> Option<Grade> {
    let word = part["x-evidence"]["grade"].as_str()?;
    Grade::ALL.into_iter().find(|grade| grade.name() == word)
}

/// Where the grade that `part` carries comes from.
pub fn source_of(part: &Value) -> Option<&str> {
    part["x-evidence"]["source"].as_str()
}

/// What a part of a document is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// An operation.
    Operation,
    /// A parameter, and in Swagger 2.0 a body too.
    Parameter,
    /// The body of a request.
    Body,
    /// An answer.
    Response,
    /// A header of an answer.
    Header,
    /// A named model.
    Schema,
    /// A member of a named model.
    Property,
}

/// A part of a document that can carry evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<'a> {
    /// What it is.
    pub kind: Kind,
    /// Where it is, as a JSON pointer.
    pub pointer: String,
    /// The part itself.
    pub value: &'a Value,
}

impl Part<'_> {
    /// The grade that this part carries.
    pub fn grade(&self) -> Option<Grade> {
        grade_of(self.value)
    }
}

/// Every part of `document` that can carry evidence, in the order of the document. References are not followed; what
/// they lead to is a part of its own.
pub fn parts(document: &Value) -> Vec<Part<'_>> {
    let mut parts = Parts(Vec::new());
    parts.paths(document);
    for schemas in ["/definitions", "/components/schemas"] {
        parts.schemas(document, schemas);
    }
    let shared = [
        (Kind::Parameter, "/parameters"),
        (Kind::Parameter, "/components/parameters"),
        (Kind::Body, "/components/requestBodies"),
        (Kind::Response, "/responses"),
        (Kind::Response, "/components/responses"),
    ];
    for (kind, pointer) in shared {
        for (name, value) in members(document.pointer(pointer)) {
            parts.add(kind, format!("{pointer}/{}", escape(name)), value);
        }
    }
    parts.0
}

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

struct Parts<'a>(Vec<Part<'a>>);

impl<'a> Parts<'a> {
    fn add(&mut self, kind: Kind, pointer: String, value: &'a Value) {
        if value.get("$ref").is_some() {
            return;
        }
        let below = pointer.clone();
        self.0.push(Part {
            kind,
            pointer,
            value,
        });
        for (name, header) in members(value.get("headers")) {
            self.add(
                Kind::Header,
                format!("{below}/headers/{}", escape(name)),
                header,
            );
        }
    }

    fn paths(&mut self, document: &'a Value) {
        for (path, item) in members(document.get("paths")) {
            let pointer = format!("/paths/{}", escape(path));
            self.parameters(item, &pointer);
            let operations = members(item.as_object().map(|_| item));
            for (method, operation) in operations {
                if METHODS.contains(&method.as_str()) {
                    self.operation(operation, format!("{pointer}/{method}"));
                }
            }
        }
    }

    fn operation(&mut self, operation: &'a Value, pointer: String) {
        self.add(Kind::Operation, pointer.clone(), operation);
        self.parameters(operation, &pointer);
        if let Some(body) = operation.get("requestBody") {
            self.add(Kind::Body, format!("{pointer}/requestBody"), body);
        }
        for (status, response) in members(operation.get("responses")) {
            let pointer = format!("{pointer}/responses/{}", escape(status));
            self.add(Kind::Response, pointer, response);
        }
    }

    fn parameters(&mut self, holder: &'a Value, pointer: &str) {
        let list = holder["parameters"].as_array().into_iter().flatten();
        for (index, parameter) in list.enumerate() {
            let pointer = format!("{pointer}/parameters/{index}");
            self.add(Kind::Parameter, pointer, parameter);
        }
    }

    fn schemas(&mut self, document: &'a Value, pointer: &str) {
        for (name, schema) in members(document.pointer(pointer)) {
            let pointer = format!("{pointer}/{}", escape(name));
            self.add(Kind::Schema, pointer.clone(), schema);
            for (name, property) in members(schema.get("properties")) {
                let pointer = format!("{pointer}/properties/{}", escape(name));
                self.add(Kind::Property, pointer, property);
            }
        }
    }
}

fn members(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use serde_json::json;

    use super::*;
    use crate::{Api, openapi, read};

    #[test]
    fn grades_order_from_seen_to_guessed() {
        assert!(Grade::ALL.is_sorted());
        assert_eq!(Grade::Inferred.to_string(), "inferred");
    }

    #[test]
    fn a_part_without_a_known_grade_has_none() {
        let graded = json!({ "x-evidence": { "grade": "prose", "source": "page" } });
        assert_eq!(grade_of(&graded), Some(Grade::Prose));
        assert_eq!(source_of(&graded), Some("page"));
        assert_eq!(
            grade_of(&json!({ "x-evidence": { "grade": "rumour" } })),
            None
        );
        assert_eq!(grade_of(&json!({})), None);
        assert_eq!(grade_of(&json!([])), None);
    }

    #[test]
    fn every_part_of_the_saved_documents_carries_evidence() {
        for api in Api::ALL {
            let saved = read(api.document().as_bytes()).unwrap();
            assert_all_graded(saved.value());
            assert_all_graded(&openapi(api).unwrap());
        }
    }

    fn assert_all_graded(document: &Value) {
        let parts = parts(document);
        assert!(parts.len() > 100);
        for part in parts {
            assert!(part.grade().is_some(), "no grade at {}", part.pointer);
            let source = source_of(part.value).unwrap_or_default();
            assert!(!source.is_empty(), "no source at {}", part.pointer);
        }
    }

    #[test]
    fn a_guessed_member_is_optional_and_nullable() {
        for api in Api::ALL {
            let document = openapi(api).unwrap();
            for part in parts(&document) {
                let guess = part.kind == Kind::Property && part.grade() == Some(Grade::Inferred);
                if !guess {
                    continue;
                }
                let (model, name) = part.pointer.rsplit_once("/properties/").unwrap();
                let model = document.pointer(model).unwrap();
                let required = model["required"].as_array().into_iter().flatten();
                assert!(
                    !required.into_iter().any(|each| each == name),
                    "{}",
                    part.pointer
                );
                assert_eq!(part.value["nullable"], true, "{}", part.pointer);
            }
        }
    }
}
