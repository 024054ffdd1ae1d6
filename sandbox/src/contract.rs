//! What the sandbox answers of its own will is what the document says that the service answers: in a debug build every
//! answer is held against the specification, and one that departs from it is a mistake of the sandbox, never of the client.
//!
//! Held against it are the status, the content type, and the body against its schema. A member that the document does not
//! name is a departure too: every member is optional there, so that nothing else would find one that is misspelt.
//!
//! A violation panics where it happens, and once more when the [`Sandbox`](crate::Sandbox) that answered ends: an operation
//! runs in a task of its own, and its panic alone would look like one of the injected 500s. Injected faults are not looked at.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use jsonschema::{Draft, Validator};
use recharge_spec::Api;
use serde_json::{Value, json};

use crate::chunks::Chunks;

/// Which document the answers of a router are held against, and what was found.
#[derive(Clone)]
pub(crate) struct Contract {
    pub(crate) api: Api,
    /// What the paths of the router have before those of the document.
    pub(crate) base: &'static str,
    pub(crate) violations: Violations,
}

/// What departed from a document, shared by all who look.
#[derive(Debug, Clone, Default)]
pub(crate) struct Violations(Arc<Mutex<Vec<String>>>);

impl Violations {
    fn push(&self, violation: String) {
        self.lock().push(violation);
    }

    /// Panics if there are any, unless a panic is on its way already.
    pub(crate) fn assert_none(&self) {
        let violations = std::mem::take(&mut *self.lock());
        let silent = violations.is_empty() || std::thread::panicking();
        assert!(
            silent,
            "the sandbox departed from its document: {violations:#?}"
        );
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The layer directly around the operations.
pub(crate) async fn enforce(
    State(contract): State<Contract>,
    request: Request,
    next: Next,
) -> Response {
    if !cfg!(debug_assertions) {
        return next.run(request).await;
    }
    let method = request.method().clone();
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    let is_chunked = response.body().size_hint().exact().is_none();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let answer = Answer {
        status: parts.status,
        content_type: parts
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok()),
        body: &body,
    };
    let path = path
        .as_deref()
        .and_then(|path| path.strip_prefix(contract.base));
    if let Err(violation) = check(contract.api, &method, path.unwrap_or_default(), &answer) {
        contract.violations.push(violation.clone());
        panic!("{violation}");
    }
    let body = if is_chunked {
        Body::new(Chunks::whole(body))
    } else {
        Body::from(body)
    };
    Response::from_parts(parts, body)
}

/// An answer as it is about to be sent.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) status: StatusCode,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: &'a [u8],
}

/// Holds an answer against what the document says of the operation at `path`, which is the document's own template.
///
/// # Errors
///
/// With the operation, what it answered, and the JSON pointer at which that departs.
pub(crate) fn check(
    api: Api,
    method: &Method,
    path: &str,
    answer: &Answer<'_>,
) -> Result<(), String> {
    let document = Document::of(api);
    let verb = match *method {
        Method::HEAD => "get".to_owned(),
        _ => method.as_str().to_ascii_lowercase(),
    };
    let operation = &document.openapi["paths"][path][&verb];
    let name = operation["operationId"].as_str().unwrap_or("no operation");
    let outcome = if operation.is_null() {
        undocumented(answer)
    } else if *method == Method::HEAD {
        Ok(())
    } else {
        document.holds(operation, answer)
    };
    outcome.map_err(|what| format!("{api} {name} ({method} {path}), {}: {what}", answer.status))
}

/// What the server around the operations says, and no document: recorded as it is, but for 413.
fn undocumented(answer: &Answer<'_>) -> Result<(), String> {
    let is_page = essence(answer) == "text/html";
    match answer.status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED if answer.body.is_empty() => Ok(()),
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNSUPPORTED_MEDIA_TYPE if is_page => Ok(()),
        _ => Err("the status is not documented".to_owned()),
    }
}

fn essence<'a>(answer: &Answer<'a>) -> &'a str {
    let content_type = answer.content_type.unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim()
}

/// One of the two documents, made strict, with what was compiled of it so far.
struct Document {
    openapi: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Document {
    fn of(api: Api) -> &'static Self {
        static SMARTCALL: LazyLock<Document> = LazyLock::new(|| Document::read(Api::Smartcall));
        static HOT: LazyLock<Document> = LazyLock::new(|| Document::read(Api::Hot));
        match api {
            Api::Smartcall => &SMARTCALL,
            Api::Hot => &HOT,
        }
    }

    fn read(api: Api) -> Self {
        // Without a document every answer is a violation, which says what is wrong.
        let openapi = recharge_spec::openapi(api).unwrap_or_default();
        Self {
            openapi,
            validators: Mutex::default(),
        }
    }

    fn holds(&self, operation: &Value, answer: &Answer<'_>) -> Result<(), String> {
        let responses = &operation["responses"];
        let response = responses.get(answer.status.as_str());
        let Some(response) = response.or_else(|| responses.get("default")) else {
            return undocumented(answer);
        };
        let response = self.resolved(response);
        let Some(content) = response["content"].as_object() else {
            return match (answer.body.is_empty(), undocumented(answer)) {
                (true, _) | (_, Ok(())) => Ok(()),
                _ => Err("the document knows of no body".to_owned()),
            };
        };
        let Some(media) = content.get(essence(answer)) else {
            let given = answer.content_type;
            return Err(format!("the content type {given:?} is not documented"));
        };
        let schema = &media["schema"];
        if schema["format"] == "binary" || essence(answer) != "application/json" {
            return Ok(());
        }
        let body: Value = serde_json::from_slice(answer.body)
            .map_err(|error| format!("the body is no JSON: {error}"))?;
        self.valid(schema, &body)
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let pointer = value["$ref"].as_str().and_then(|r| r.strip_prefix('#'));
        let target = pointer.and_then(|pointer| self.openapi.pointer(pointer));
        target.unwrap_or(value)
    }

    fn valid(&self, schema: &Value, body: &Value) -> Result<(), String> {
        let validator = self.validator(schema)?;
        let errors: Vec<_> = validator
            .iter_errors(body)
            .map(|error| format!("at `{}`: {error}", error.instance_path()))
            .collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors.join("; "))
        }
    }

    fn validator(&self, schema: &Value) -> Result<Arc<Validator>, String> {
        let mut known = self
            .validators
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let key = schema.to_string();
        if let Some(validator) = known.get(&key) {
            return Ok(validator.clone());
        }
        let mut root = schema.clone();
        strict(&mut root);
        let mut schemas = self.openapi["components"]["schemas"].clone();
        let all = schemas.as_object_mut().into_iter().flatten();
        all.for_each(|(_, schema)| strict(schema));
        root["components"] = json!({ "schemas": schemas });
        let built = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .build(&root);
        let validator = Arc::new(built.map_err(|error| format!("the schema: {error}"))?);
        known.insert(key, validator.clone());
        Ok(validator)
    }
}

/// Makes a schema of OpenAPI 3.0 one of JSON Schema, and closes its objects.
///
/// `oneOf` becomes `anyOf`: where all members are optional, one body is many things.
fn strict(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else {
        return;
    };
    if let Some(one_of) = members.remove("oneOf") {
        members.insert("anyOf".to_owned(), one_of);
    }
    if members.contains_key("properties") && !members.contains_key("additionalProperties") {
        members.insert("additionalProperties".to_owned(), json!(false));
    }
    for name in [
        "properties",
        "items",
        "additionalProperties",
        "allOf",
        "anyOf",
        "not",
    ] {
        match (name, members.get_mut(name)) {
            ("properties", Some(Value::Object(parts))) => {
                parts.iter_mut().for_each(|(_, part)| strict(part));
            }
            (_, Some(Value::Array(parts))) => parts.iter_mut().for_each(strict),
            (_, Some(part)) => strict(part),
            (_, None) => {}
        }
    }
    if members.remove("nullable") == Some(json!(true)) {
        *schema = json!({ "anyOf": [schema.take(), { "type": "null" }] });
    }
}

#[cfg(test)]
mod tests;
