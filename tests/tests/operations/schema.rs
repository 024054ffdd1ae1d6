//! A schema of the document as one of JSON Schema, and values against it.

use serde_json::{Value, json};

use crate::table::Service;

/// What is wrong with a value, by where it is. A member that the document does not name is wrong, too.
pub(crate) fn violations(service: &Service, schema: &Value, value: &Value) -> Vec<String> {
    let mut root = closed(schema);
    let mut schemas = service.openapi["components"]["schemas"].clone();
    for (_, schema) in schemas.as_object_mut().into_iter().flatten() {
        *schema = closed(schema);
    }
    root["components"] = json!({ "schemas": schemas });
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(&root)
        .unwrap();
    validator
        .iter_errors(value)
        .map(|error| format!("at `{}`: {error}", error.instance_path()))
        .collect()
}

/// JSON Schema has no `nullable`, and an object is open there unless it says otherwise.
fn closed(schema: &Value) -> Value {
    let Value::Object(members) = schema else {
        return schema.clone();
    };
    let mut closed_members = serde_json::Map::new();
    for (name, member) in members {
        let member = match (name.as_str(), member) {
            ("properties", Value::Object(each)) => each
                .iter()
                .map(|(name, schema)| (name.clone(), closed(schema)))
                .collect(),
            ("items" | "additionalProperties" | "not", schema) => closed(schema),
            ("allOf" | "anyOf" | "oneOf", Value::Array(each)) => each.iter().map(closed).collect(),
            ("nullable", _) => continue,
            (_, other) => other.clone(),
        };
        closed_members.insert(name.clone(), member);
    }
    if members.contains_key("properties") && !members.contains_key("additionalProperties") {
        closed_members.insert("additionalProperties".into(), json!(false));
    }
    let schema = Value::Object(closed_members);
    match members.get("nullable") == Some(&json!(true)) {
        true => json!({ "anyOf": [schema, { "type": "null" }] }),
        false => schema,
    }
}
