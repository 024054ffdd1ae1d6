//! Each rule of the conversion, on the smallest document that shows it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod parameters;
mod responses;
mod schemas;

use super::*;

/// A document with one operation, `GET /a`, and whatever `more` has.
fn document(operation: Value, more: Value) -> Value {
    let mut document = json!({
        "swagger": "2.0",
        "info": { "title": "T", "version": "1" },
        "paths": { "/a": { "get": operation } },
    });
    for (name, value) in more.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

fn converted(operation: Value, more: Value) -> Value {
    convert(&document(operation, more)).unwrap()
}

/// The operation that `operation` becomes.
fn operation(operation: Value) -> Value {
    converted(operation, json!({}))["paths"]["/a"]["get"].clone()
}

fn parameter(parameter: Value) -> Value {
    operation(json!({ "parameters": [parameter] }))["parameters"][0].clone()
}

fn schema(schema: Value) -> Value {
    let more = json!({ "definitions": { "Pet": { "type": "object" }, "S": schema } });
    converted(json!({}), more)["components"]["schemas"]["S"].clone()
}

fn response(produces: Value, response: Value) -> Value {
    let old = json!({ "produces": produces, "responses": { "200": response } });
    operation(old)["responses"]["200"].clone()
}

fn error(operation: Value, more: Value) -> String {
    convert(&document(operation, more)).unwrap_err().to_string()
}

#[test]
fn servers_come_from_host_base_path_and_schemes() {
    let servers = |more| converted(json!({}), more)["servers"].clone();
    let all = json!({ "host": "h:1", "basePath": "/b/", "schemes": ["https", "http"] });
    assert_eq!(
        servers(all),
        json!([{ "url": "https://h:1/b" }, { "url": "http://h:1/b" }])
    );
    assert_eq!(
        servers(json!({ "host": "h", "schemes": [null] })),
        json!([{ "url": "//h" }])
    );
    assert_eq!(
        servers(json!({ "basePath": "/b" })),
        json!([{ "url": "/b" }])
    );
    assert_eq!(servers(json!({ "basePath": "/" })), json!([{ "url": "/" }]));
    assert_eq!(servers(json!({})), Value::Null);
}

#[test]
fn schemes_of_an_operation_become_its_servers() {
    let old = json!({ "schemes": ["http"] });
    let all = json!({ "host": "h", "schemes": ["https"] });
    let new = converted(old.clone(), all);
    assert_eq!(
        new["paths"]["/a"]["get"]["servers"],
        json!([{ "url": "http://h" }])
    );
    assert_eq!(operation(old).get("servers"), None);
}

#[test]
fn a_reference_in_place_of_a_path_is_refused() {
    let mut old = document(json!({}), json!({}));
    old["paths"]["/a"] = json!({ "$ref": "#/paths/~1b" });
    assert_eq!(convert(&old).unwrap_err().pointer(), "/paths/~1a/$ref");
}

#[test]
fn every_kind_of_security_has_a_counterpart() {
    let more = json!({ "security": [{ "b": [] }], "securityDefinitions": {
        "b": { "type": "basic", "description": "d", "x-mine": 1 },
        "k": { "type": "apiKey", "name": "Authorization", "in": "header" },
        "i": { "type": "oauth2", "flow": "implicit", "authorizationUrl": "a", "scopes": { "s": "t" } },
        "p": { "type": "oauth2", "flow": "password", "tokenUrl": "t" },
        "a": { "type": "oauth2", "flow": "application", "tokenUrl": "t" },
        "c": { "type": "oauth2", "flow": "accessCode", "authorizationUrl": "a", "tokenUrl": "t" },
    } });
    let new = converted(json!({}), more);
    assert_eq!(new["security"], json!([{ "b": [] }]));
    let expected = json!({
        "b": { "type": "http", "scheme": "basic", "description": "d", "x-mine": 1 },
        "k": { "type": "apiKey", "name": "Authorization", "in": "header" },
        "i": { "type": "oauth2", "flows": { "implicit": { "authorizationUrl": "a", "scopes": { "s": "t" } } } },
        "p": { "type": "oauth2", "flows": { "password": { "tokenUrl": "t", "scopes": {} } } },
        "a": { "type": "oauth2", "flows": { "clientCredentials": { "tokenUrl": "t", "scopes": {} } } },
        "c": { "type": "oauth2", "flows": { "authorizationCode": { "authorizationUrl": "a", "tokenUrl": "t", "scopes": {} } } },
    });
    assert_eq!(new["components"]["securitySchemes"], expected);
}

#[test]
fn extensions_stay_at_every_level() {
    let old = json!({ "x-o": 1, "responses": { "x-r": { "a": 1 } } });
    let mut document = document(old, json!({ "x-d": 1 }));
    document["paths"]["x-p"] = json!(2);
    document["paths"]["/a"]["x-i"] = json!(3);
    let new = convert(&document).unwrap();
    assert_eq!(new["x-d"], 1);
    assert_eq!(new["paths"]["x-p"], 2);
    assert_eq!(new["paths"]["/a"]["x-i"], 3);
    assert_eq!(new["paths"]["/a"]["get"]["x-o"], 1);
    assert_eq!(new["paths"]["/a"]["get"]["responses"]["x-r"]["a"], 1);
}

#[test]
fn what_is_not_known_is_refused_with_its_place() {
    assert!(error(json!({}), json!({ "webhooks": {} })).starts_with("/webhooks: not supported"));
    let old = json!({ "callbacks": {} });
    assert!(error(old, json!({})).starts_with("/paths/~1a/get/callbacks: not supported"));
    let two = json!([{ "name": "a", "in": "body", "schema": {} }, { "name": "b", "in": "body", "schema": {} }]);
    let error = error(json!({ "parameters": two }), json!({}));
    assert!(error.starts_with("/paths/~1a/get/parameters/1: malformed"));
}
