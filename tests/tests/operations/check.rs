//! Whether a request is one that the document allows.
//!
//! Rule: **what the document does not name is wrong.** An undocumented member, header or parameter may be ignored by the
//! service today and mean something tomorrow.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use recharge_bindings::Operation;
use serde_json::{Value, json};

use crate::schema;
use crate::table::Service;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// With what all paths have before those of the document.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Headers of HTTP itself, which no document names.
const OF_HTTP: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "host",
    "user-agent",
];

impl Request {
    fn all<'a>(&'a self, name: &str) -> Vec<&'a str> {
        let of_name = |(header, _): &&(String, String)| header.eq_ignore_ascii_case(name);
        let found = self.headers.iter().filter(of_name);
        found.map(|(_, value)| value.as_str()).collect()
    }
}

/// What is wrong with a request, and which operation it is of.
pub(crate) fn check(
    service: &Service,
    request: &Request,
) -> Result<&'static Operation, Vec<String>> {
    let Some(operation) = service.operation(&request.method, &request.path) else {
        return Err(vec!["the document has no such operation".to_owned()]);
    };
    let mut wrong = Vec::new();
    parameters(service, operation, request, &mut wrong);
    authorization(operation, request, &mut wrong);
    accepted(service, operation, request, &mut wrong);
    body(service, operation, request, &mut wrong);
    match wrong.is_empty() {
        true => Ok(operation),
        false => Err(wrong),
    }
}

fn parameters(
    service: &Service,
    operation: &Operation,
    request: &Request,
    wrong: &mut Vec<String>,
) {
    let parameters = service.parameters(operation);
    let named = |kind: &'static str| {
        let of_kind = move |parameter: &&&Value| parameter["in"] == kind;
        parameters.iter().filter(of_kind).copied()
    };
    let path = request.path.strip_prefix(service.base).unwrap_or_default();
    for (template, given) in operation.path.split('/').zip(path.split('/')) {
        let Some(name) = template.strip_prefix('{').and_then(|t| t.strip_suffix('}')) else {
            continue;
        };
        let given = percent_encoding::percent_decode_str(given).decode_utf8_lossy();
        match named("path").find(|parameter| parameter["name"] == name) {
            Some(parameter) => value(service, parameter, &given, wrong),
            None => wrong.push(format!("the path's {name} is not documented")),
        }
    }
    for (name, given) in &request.query {
        match named("query").find(|parameter| parameter["name"] == **name) {
            Some(parameter) => value(service, parameter, given, wrong),
            None => wrong.push(format!("the query's {name} is not documented")),
        }
    }
    let header = |name: &str| {
        let same = |known: &Value| known.as_str().is_some_and(|k| k.eq_ignore_ascii_case(name));
        named("header").find(|parameter| same(&parameter["name"]))
    };
    for (name, given) in &request.headers {
        let of_http = OF_HTTP.contains(&name.to_lowercase().as_str());
        match header(name) {
            Some(parameter) => value(service, parameter, given, wrong),
            None if of_http || name.eq_ignore_ascii_case("authorization") => {}
            None => wrong.push(format!("the header {name} is not documented")),
        }
    }
    for parameter in &parameters {
        let name = parameter["name"].as_str().unwrap_or_default();
        let given = match parameter["in"].as_str() {
            Some("query") => request.query.iter().any(|(given, _)| given == name),
            Some("header") => !request.all(name).is_empty(),
            _ => true,
        };
        if parameter["required"] == true && !given {
            wrong.push(format!("{name} is missing"));
        }
    }
}

fn value(service: &Service, parameter: &Value, given: &str, wrong: &mut Vec<String>) {
    let schema = &parameter["schema"];
    let value = match service.resolved(schema)["type"].as_str() {
        Some("integer" | "number" | "boolean") => {
            serde_json::from_str(given).unwrap_or(json!(given))
        }
        _ => json!(given),
    };
    let name = &parameter["name"];
    let found = schema::violations(service, schema, &value);
    wrong.extend(found.into_iter().map(|what| format!("{name} {what}")));
    if given.is_empty() {
        wrong.push(format!("{name} is empty"));
    }
}

fn authorization(operation: &Operation, request: &Request, wrong: &mut Vec<String>) {
    let fits = |scheme: &&str, given: &str| match given.split_once(' ') {
        Some(("Bearer", token)) => scheme.starts_with("bearer") && !token.is_empty(),
        Some(("Basic", both)) => {
            let both = STANDARD.decode(both).unwrap_or_default();
            *scheme == "basic" && both.contains(&b':')
        }
        _ => false,
    };
    match (operation.security, request.all("authorization").as_slice()) {
        ([], []) => {}
        ([], _) => wrong.push("authorization where none is documented".to_owned()),
        (schemes, [given]) if schemes.iter().any(|scheme| fits(scheme, given)) => {}
        (schemes, given) => {
            wrong.push(format!("{} authorizations for {schemes:?}", given.len()));
        }
    }
}

/// A documented success must be among what is accepted.
fn accepted(service: &Service, operation: &Operation, request: &Request, wrong: &mut Vec<String>) {
    let accept = request.all("accept").join(",");
    let responses = service.documented(operation)["responses"].as_object();
    let good = responses
        .into_iter()
        .flatten()
        .filter(|(status, _)| status.starts_with('2'));
    let media = good.flat_map(|(_, response)| {
        let content = service.resolved(response)["content"].as_object();
        content.into_iter().flatten().map(|(media, _)| media)
    });
    let media: Vec<_> = media.collect();
    let any = accept.is_empty() || accept.contains("*/*") || media.is_empty();
    if !any && !media.iter().any(|media| accept.contains(media.as_str())) {
        wrong.push(format!("it accepts {accept} of {media:?}"));
    }
}

fn body(service: &Service, operation: &Operation, request: &Request, wrong: &mut Vec<String>) {
    let types = request.all("content-type");
    let documented = service.resolved(&service.documented(operation)["requestBody"]);
    let Some(content) = documented["content"].as_object() else {
        if !request.body.is_empty() || !types.is_empty() {
            wrong.push("a body where none is documented".to_owned());
        }
        return;
    };
    let media = types
        .first()
        .map(|given| given.split(';').next().unwrap_or_default().trim());
    let Some(schema) = media.and_then(|media| content.get(media)) else {
        wrong.push(format!("the content type {types:?} is not documented"));
        return;
    };
    match serde_json::from_slice::<Value>(&request.body) {
        Ok(body) => wrong.extend(schema::violations(service, &schema["schema"], &body)),
        Err(error) => wrong.push(format!("the body is no JSON: {error}")),
    }
}
