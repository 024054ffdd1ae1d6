//! The table of operations: what every status means, also those that the generator was not told about.

use heck::ToSnakeCase as _;
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Map, Value};

use super::Error;

pub(super) fn tokens(openapi: &Value, document: &Value) -> Result<TokenStream, Error> {
    let mut rows = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let given = &openapi["paths"][path][method];
            rows.push(row(openapi, path, method, operation, given)?);
        }
    }
    Ok(quote! {
        /// All operations, in the order of the specification.
        pub static OPERATIONS: &[crate::Operation] = &[#(#rows),*];

        /// The operation with this operationId.
        pub fn operation(id: &str) -> Option<&'static crate::Operation> {
            OPERATIONS.iter().find(|operation| operation.id == id)
        }
    })
}

fn row(
    openapi: &Value,
    path: &str,
    method: &str,
    operation: &Value,
    given: &Value,
) -> Result<TokenStream, Error> {
    let id = operation["operationId"].as_str().unwrap_or_default();
    let function = function_name(id);
    let upper = method.to_uppercase();
    let security = security(openapi, given);
    let safe = given["x-safe"]
        .as_bool()
        .unwrap_or(["get", "head", "options"].contains(&method));
    let content = operation["requestBody"]["content"].as_object();
    let request = match content.and_then(|content| content.iter().next()) {
        None => quote!(None),
        Some((media, content)) => {
            let name = match media.as_str() {
                "application/json" | "application/x-www-form-urlencoded" => {
                    type_name(&content["schema"])
                }
                _ => "bytes".to_owned(),
            };
            quote!(Some(#name))
        }
    };
    let mut responses = Vec::new();
    for (status, schema) in operation["x-responses"].as_object().into_iter().flatten() {
        let Some(row) = status_row(status) else {
            return Err(Error::pass(
                format!("operation {id}"),
                format!("status {status}"),
            ));
        };
        for name in type_names(schema) {
            responses.push((row, name));
        }
    }
    // `default` last, as it is the last resort.
    responses.sort_by_key(|(status, _)| (*status == 0, *status));
    let responses = responses
        .iter()
        .map(|(status, name)| quote!((#status, #name)));
    Ok(quote! {
        crate::Operation {
            id: #id,
            function: #function,
            method: #upper,
            path: #path,
            security: &[#(#security),*],
            safe: #safe,
            request: #request,
            responses: &[#(#responses),*],
        }
    })
}

/// The name of the generated method. The table is checked against the methods by the client pass.
pub(super) fn function_name(id: &str) -> String {
    let plain: String = id
        .replace('\'', "")
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    let name = plain.to_snake_case();
    match syn::parse_str::<syn::Ident>(&name) {
        Ok(_) => name,
        Err(_) => format!("{name}_"),
    }
}

pub(super) fn status_row(status: &str) -> Option<u16> {
    match status {
        "default" => Some(0),
        "1XX" | "2XX" | "3XX" | "4XX" | "5XX" => status[..1].parse().ok(),
        _ => status.parse().ok().filter(|code| (100..600).contains(code)),
    }
}

/// The alternatives: one scheme of these is enough.
pub(super) fn security(openapi: &Value, given: &Value) -> Vec<String> {
    let listed = given.get("security").or(openapi.get("security"));
    let listed = listed.and_then(Value::as_array).into_iter().flatten();
    let together = |requirement: &Value| {
        let schemes = requirement.as_object().into_iter().flat_map(Map::keys);
        schemes.cloned().collect::<Vec<_>>().join("+")
    };
    listed.map(together).collect()
}

/// What a reference within the document stands for.
pub(super) fn resolved<'a>(openapi: &'a Value, value: &'a Value) -> &'a Value {
    let found = value["$ref"]
        .as_str()
        .and_then(|reference| openapi.pointer(reference.strip_prefix('#')?));
    found.unwrap_or(value)
}

/// The types that a body can have.
pub(super) fn type_names(schema: &Value) -> Vec<String> {
    if schema.is_null() {
        return vec![String::new()];
    }
    match schema["oneOf"].as_array() {
        Some(each) => each.iter().map(type_name).collect(),
        None => vec![type_name(schema)],
    }
}

/// How a type is called in the table.
pub(super) fn type_name(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    match schema["type"].as_str() {
        Some("array") => format!("Vec<{}>", type_name(&schema["items"])),
        Some("string") if schema["format"] == "binary" => "bytes".to_owned(),
        Some("string") if schema["format"] != "decimal" => "String".to_owned(),
        Some("boolean") => "bool".to_owned(),
        Some("integer") => "i64".to_owned(),
        Some("object") if schema["additionalProperties"].is_object() => {
            format!(
                "BTreeMap<String, {}>",
                type_name(&schema["additionalProperties"])
            )
        }
        _ => "Json".to_owned(),
    }
}
