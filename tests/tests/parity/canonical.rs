//! One form for the schemas of a document and those of the bindings.
//!
//! What is left out on both sides is what the bindings do not promise: descriptions, checks of a value, null, closed
//! lists of values, and for what a server sends whether a member must be there. Names, types, formats and structure stay.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The component that a schema names, or a list of one.
pub(crate) fn name_of(schema: &Value) -> Option<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().map(str::to_owned);
    }
    match schema["type"].as_str()? {
        "array" => Some(format!("Vec<{}>", name_of(&schema["items"])?)),
        "string" if schema["format"] == "binary" => Some("bytes".to_owned()),
        _ => None,
    }
}

/// The types that an answer's body can have.
pub(crate) fn names_of_answer(response: &Value) -> BTreeSet<String> {
    let content = response["content"].as_object();
    let schemas = content
        .into_iter()
        .flat_map(Map::values)
        .map(|media| &media["schema"]);
    schemas
        .flat_map(|schema| match schema["oneOf"].as_array() {
            Some(each) => each.iter().filter_map(name_of).collect(),
            None => name_of(schema).into_iter().collect::<Vec<_>>(),
        })
        .collect()
}

/// The components that are part of a request.
pub(crate) fn reachable_from_requests(openapi: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let paths = openapi["paths"].as_object().unwrap();
    let operations = paths
        .values()
        .flat_map(|item| item.as_object().unwrap().values());
    let mut open: Vec<&Value> = operations
        .filter_map(|operation| operation.get("requestBody"))
        .collect();
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                if let Some(name) = name_of(value).filter(|_| members.contains_key("$ref"))
                    && found.insert(name.clone())
                {
                    open.push(&openapi["components"]["schemas"][&name]);
                }
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found
}

/// The form of a schema of a document.
pub(crate) fn of_document(schema: &Value, request: bool) -> Value {
    // The usual way of saying something beside a reference.
    let schema = match schema["allOf"].as_array().map(Vec::as_slice) {
        Some([one]) => one,
        Some(_) => panic!("several parts: {schema}"),
        None => schema,
    };
    form(schema, request, &|schema| of_document(schema, request))
}

/// The form of a schema of the bindings.
pub(crate) fn of_bindings(schema: &Value) -> Value {
    form(schema, true, &of_bindings)
}

fn form(schema: &Value, with_required: bool, inner: &dyn Fn(&Value) -> Value) -> Value {
    if let Some(name) = name_of(schema).filter(|_| schema.get("$ref").is_some()) {
        return json!({ "component": name });
    }
    match schema["type"].as_str() {
        Some("object") => object(schema, with_required, inner),
        Some("array") => json!({ "list of": inner(&schema["items"]) }),
        Some("integer") => json!(match schema["format"].as_str() {
            Some("int32") => "int32",
            _ => "int64",
        }),
        Some("number") => json!("money as a number"),
        Some("string") if schema["format"] == "decimal" => json!("money as text"),
        Some(other) => json!(other),
        None => json!("anything"),
    }
}

fn object(schema: &Value, with_required: bool, inner: &dyn Fn(&Value) -> Value) -> Value {
    let mut form = Map::new();
    let members = schema["properties"].as_object().into_iter().flatten();
    let members: Map<String, Value> = members
        .map(|(name, member)| (name.clone(), inner(member)))
        .collect();
    // By name, whatever the order of the document.
    let sorted: std::collections::BTreeMap<&String, &Value> = members.iter().collect();
    form.insert("members".to_owned(), json!(sorted));
    let others = &schema["additionalProperties"];
    if others.as_object().is_some_and(|others| !others.is_empty()) {
        form.insert("others".to_owned(), inner(others));
    }
    let required: BTreeSet<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if with_required && !required.is_empty() {
        form.insert("required".to_owned(), json!(required));
    }
    Value::Object(form)
}
