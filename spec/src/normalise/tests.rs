#![allow(clippy::unwrap_used)]

use serde_json::{Value, json};

use super::{Error, Loss, Normalised, normalise};

/// A document with these schemas and one operation.
fn document(schemas: Value, operation: Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": { "title": "T", "version": "1" },
        "paths": { "/a/{id}": { "get": operation } },
        "components": { "schemas": schemas },
    })
}

fn answers(responses: Value) -> Value {
    json!({ "operationId": "getA", "responses": responses })
}

fn json_of(schema: Value) -> Value {
    json!({ "description": "", "content": { "application/json": { "schema": schema } } })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn done(document: &Value) -> Normalised {
    normalise(document).unwrap()
}

fn rules(losses: &[Loss]) -> Vec<&str> {
    losses.iter().map(|loss| loss.rule).collect()
}

#[track_caller]
fn assert_lost(normalised: &Normalised, pointer: &str, rule: &str, detail: &str) {
    let found = normalised
        .losses
        .iter()
        .any(|loss| loss.pointer == pointer && loss.rule == rule && loss.detail.contains(detail));
    assert!(
        found,
        "no {rule} at {pointer} with {detail}: {:#?}",
        normalised.losses
    );
}

fn get(normalised: &Normalised) -> &Value {
    &normalised.document["paths"]["/a/{id}"]["get"]
}

#[test]
fn another_kind_of_document_is_refused() {
    for document in [
        json!({ "swagger": "2.0" }),
        json!({ "openapi": "3.1.0" }),
        json!({}),
        json!([]),
    ] {
        assert!(
            matches!(normalise(&document), Err(Error::NotOpenApi30(_))),
            "{document}"
        );
    }
    let broken = json!({ "openapi": "3.0.0", "paths": [] });
    assert_eq!(
        normalise(&broken).unwrap_err(),
        Error::NotAnObject("/paths".to_owned())
    );
}

#[test]
fn only_successes_stay_declared_and_the_types_of_all_answers_are_kept() {
    let operation = answers(json!({
        "200": json_of(reference("A")),
        "400": json_of(json!({ "type": "object", "properties": { "why": { "type": "string" } } })),
        "401": { "description": "no body" },
        "default": json_of(reference("A")),
    }));
    let normalised = done(&document(json!({ "A": { "type": "object" } }), operation));
    let statuses: Vec<&String> = get(&normalised)["responses"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(statuses, ["200"]);
    let all = &get(&normalised)["x-responses"];
    assert_eq!(all["400"], reference("GetAStatus400"));
    assert_eq!(all["401"], Value::Null);
    assert_eq!(all["default"], reference("A"));
    assert!(
        normalised.document["components"]["schemas"]["GetAStatus400"]["properties"]["why"]
            .is_object()
    );
    assert_lost(
        &normalised,
        "/paths/~1a~1{id}/get",
        "status-undeclared",
        "400, 401, default",
    );
}

#[test]
fn a_second_success_of_another_type_is_no_longer_declared() {
    let operation =
        answers(json!({ "200": json_of(reference("A")), "204": { "description": "" } }));
    let normalised = done(&document(json!({ "A": { "type": "object" } }), operation));
    assert!(get(&normalised)["responses"].get("204").is_none());
    assert_lost(
        &normalised,
        "/paths/~1a~1{id}/get",
        "status-undeclared",
        "204 differs",
    );
}

#[test]
fn a_success_without_a_documented_body_is_taken_as_bytes_and_not_thrown_away() {
    let normalised = done(&document(
        json!({}),
        answers(json!({ "200": { "description": "" } })),
    ));
    let schema =
        &get(&normalised)["responses"]["200"]["content"]["application/octet-stream"]["schema"];
    assert_eq!(schema["format"], "binary");
    assert_lost(
        &normalised,
        "/paths/~1a~1{id}/get",
        "success-as-bytes",
        "200",
    );
    let normalised = done(&document(
        json!({}),
        answers(json!({ "400": { "description": "" } })),
    ));
    assert_lost(
        &normalised,
        "/paths/~1a~1{id}/get",
        "success-as-bytes",
        "no success",
    );
}

#[test]
fn alternatives_of_an_error_are_listed_one_by_one() {
    let either = json!({ "oneOf": [reference("A"), reference("B")] });
    let operation = answers(json!({ "200": json_of(reference("A")), "400": json_of(either) }));
    let normalised = done(&document(
        json!({ "A": { "type": "object" }, "B": { "type": "object" } }),
        operation,
    ));
    assert_eq!(
        get(&normalised)["x-responses"]["400"]["oneOf"],
        json!([reference("A"), reference("B")])
    );
}

#[test]
fn what_a_server_sends_is_taken_as_it_comes() {
    let schema = json!({
        "type": "object",
        "required": ["id", "phantom"],
        "additionalProperties": false,
        "properties": {
            "id": { "type": "integer", "format": "int32", "minimum": 1 },
            "kind": { "type": "string", "enum": ["A", "B"], "default": "A" },
            "when": { "type": "string", "format": "date-time" },
            "code": { "type": "string", "pattern": "^x$", "maxLength": 3, "nullable": true },
            "amount": { "type": "number", "format": "double" },
        },
    });
    let normalised = done(&document(
        json!({ "A": schema }),
        answers(json!({ "200": json_of(reference("A")) })),
    ));
    let made = &normalised.document["components"]["schemas"]["A"];
    assert_eq!(made["required"], Value::Null);
    assert_eq!(made["additionalProperties"], json!({}));
    assert_eq!(
        made["properties"]["id"],
        json!({ "type": "integer", "format": "int32", "nullable": true })
    );
    assert_eq!(
        made["properties"]["kind"],
        json!({ "type": "string", "nullable": true })
    );
    assert_eq!(
        made["properties"]["when"],
        json!({ "type": "string", "nullable": true })
    );
    assert_eq!(
        made["properties"]["code"],
        json!({ "type": "string", "nullable": true })
    );
    assert_eq!(
        made["properties"]["amount"],
        json!({ "type": "number", "nullable": true })
    );
    let at = "/components/schemas/A";
    assert_lost(&normalised, at, "required-dropped", "id");
    assert_lost(
        &normalised,
        at,
        "required-dropped",
        "names no member: phantom",
    );
    assert_lost(&normalised, at, "nullable-added", "id, kind, when, amount");
    assert_lost(
        &normalised,
        &format!("{at}/additionalProperties"),
        "members-kept",
        "",
    );
    assert_lost(
        &normalised,
        &format!("{at}/properties/id"),
        "checks-dropped",
        "minimum 1",
    );
    assert_lost(
        &normalised,
        &format!("{at}/properties/kind"),
        "enum-opened",
        "A, B",
    );
    assert_lost(
        &normalised,
        &format!("{at}/properties/kind"),
        "default-dropped",
        "A",
    );
    assert_lost(
        &normalised,
        &format!("{at}/properties/when"),
        "format-dropped",
        "date-time",
    );
    assert_lost(
        &normalised,
        &format!("{at}/properties/code"),
        "checks-dropped",
        "pattern \"^x$\"",
    );
    assert_lost(
        &normalised,
        &format!("{at}/properties/amount"),
        "number-exact",
        "",
    );
}

#[test]
fn what_is_sent_keeps_what_it_must_have_down_to_the_last_component() {
    let mut operation = answers(json!({ "200": json_of(reference("Both")) }));
    operation["requestBody"] = json_of(reference("A"));
    let schemas = json!({
        "A": { "type": "object", "required": ["b"], "properties": {
            "b": { "type": "array", "items": reference("B") }, "both": reference("Both") } },
        "B": { "type": "object", "required": ["kind"], "properties": { "kind": { "type": "string", "enum": ["x", "y"] } } },
        "Both": { "type": "object", "required": ["c"], "properties": { "c": { "type": "string" } } },
        "Unused": { "type": "object", "required": ["d"], "properties": { "d": { "type": "string" } } },
    });
    let normalised = done(&document(schemas, operation));
    let schemas = &normalised.document["components"]["schemas"];
    assert_eq!(schemas["A"]["required"], json!(["b"]));
    assert_eq!(schemas["B"]["required"], json!(["kind"]));
    assert_eq!(
        schemas["B"]["properties"]["kind"]["enum"],
        json!(["x", "y"])
    );
    assert_eq!(schemas["Both"]["required"], json!(["c"]));
    assert_eq!(schemas["Unused"]["required"], Value::Null);
    assert_lost(
        &normalised,
        "/components/schemas/Both",
        "shared-stays-strict",
        "",
    );
    assert_lost(&normalised, "/paths/~1a~1{id}/get", "body-required", "");
}

#[test]
fn a_document_that_needs_no_change_loses_nothing() {
    let schema =
        json!({ "type": "object", "properties": { "a": { "type": "string", "nullable": true } } });
    let mut operation = answers(json!({ "200": json_of(reference("A")) }));
    operation["parameters"] =
        json!([{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }]);
    assert_eq!(
        done(&document(json!({ "A": schema }), operation)).losses,
        []
    );
}

#[test]
fn the_losses_are_sorted_and_the_same_each_time() {
    let operation =
        answers(json!({ "200": json_of(reference("A")), "500": { "description": "" } }));
    let schema = json!({ "type": "object", "required": ["a"], "properties": { "a": { "type": "string", "pattern": "x" } } });
    let document = document(json!({ "A": schema }), operation);
    let losses = done(&document).losses;
    assert!(losses.is_sorted());
    assert_eq!(losses, done(&document).losses);
    assert_eq!(
        rules(&losses),
        [
            "nullable-added",
            "required-dropped",
            "checks-dropped",
            "parameter-added",
            "status-undeclared"
        ]
    );
}

#[test]
fn parameters_are_gathered_and_those_that_others_set_are_dropped() {
    let mut operation = answers(json!({ "204": { "description": "" } }));
    operation["parameters"] = json!([
        { "name": "id", "in": "path", "required": true, "schema": { "type": "string", "maxLength": 3 } },
        { "name": "Authorization", "in": "header", "schema": { "type": "string" } },
        { "name": "If-None-Match", "in": "header", "schema": { "type": "string" } },
        { "name": "session", "in": "cookie", "schema": { "type": "string" } },
        { "name": "id", "in": "query", "schema": { "type": "array", "items": { "type": "string" } }, "explode": false },
        { "name": "ghost", "in": "path", "required": true, "schema": { "type": "string" } },
        { "name": "filter", "in": "query", "schema": { "type": "object" } },
    ]);
    let normalised = done(&document(json!({}), operation));
    let parameters = get(&normalised)["parameters"].as_array().unwrap();
    let names: Vec<&str> = parameters
        .iter()
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["id", "If-None-Match", "id-2", "filter"]);
    assert_eq!(parameters[2]["x-wire-name"], "id");
    let at = "/paths/~1a~1{id}/get";
    assert_lost(&normalised, at, "parameter-dropped", "Authorization");
    assert_lost(&normalised, at, "parameter-dropped", "session in cookie");
    assert_lost(&normalised, at, "parameter-dropped", "ghost");
    assert_lost(
        &normalised,
        at,
        "parameter-renamed",
        "id in query is the argument id_2",
    );
    assert_lost(
        &normalised,
        &format!("{at}/parameters/id"),
        "list-repeated",
        "",
    );
    assert_lost(
        &normalised,
        &format!("{at}/parameters/filter"),
        "parameter-as-text",
        "",
    );
}

#[test]
fn an_operation_that_cannot_be_called_right_is_dropped_aloud() {
    let mut operation = answers(json!({ "204": { "description": "" } }));
    operation["requestBody"] = json!({ "content": { "multipart/form-data": { "schema": {} } } });
    let normalised = done(&document(json!({}), operation));
    assert_eq!(normalised.document["paths"], json!({}));
    assert_lost(
        &normalised,
        "/paths/~1a~1{id}/get",
        "operation-dropped",
        "multipart/form-data",
    );
}

#[test]
fn of_several_media_types_json_is_chosen() {
    let body = json!({ "content": {
        "application/xml": { "schema": reference("A") },
        "application/json; charset=utf-8": { "schema": reference("A") },
    }, "required": true });
    let mut operation = answers(json!({ "200": { "description": "", "content": {
        "text/html": { "schema": { "type": "string" } }, "*/*": { "schema": reference("A") } } } }));
    operation["requestBody"] = body;
    let normalised = done(&document(json!({ "A": { "type": "object" } }), operation));
    let media = |part: &Value| {
        part["content"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        media(&get(&normalised)["requestBody"]),
        ["application/json"]
    );
    assert_eq!(
        media(&get(&normalised)["responses"]["200"]),
        ["application/json"]
    );
    let at = "/paths/~1a~1{id}/get";
    assert_lost(
        &normalised,
        at,
        "media-type-dropped",
        "request application/xml",
    );
    assert_lost(
        &normalised,
        at,
        "media-type-dropped",
        "response 200 text/html",
    );
    assert_lost(&normalised, at, "media-type-json", "*/*");
}

#[test]
fn operations_get_names_of_their_own() {
    let operation =
        |id: Value| json!({ "operationId": id, "responses": { "204": { "description": "" } } });
    let document = json!({
        "openapi": "3.0.0", "info": { "title": "T", "version": "1" },
        "paths": {
            "/a": { "get": operation(json!("getA")), "post": operation(json!("get_a")), "put": operation(Value::Null) },
            "/b": { "$ref": "other.json" },
        },
    });
    let normalised = done(&document);
    let id = |verb: &str| normalised.document["paths"]["/a"][verb]["operationId"].clone();
    assert_eq!(
        (id("get"), id("post"), id("put")),
        (json!("getA"), json!("get_a_2"), json!("put_a"))
    );
    assert_lost(
        &normalised,
        "/paths/~1a/post",
        "operation-id-made",
        "get_a_2",
    );
    assert_lost(&normalised, "/paths/~1b", "path-dropped", "$ref");
}

#[test]
fn components_get_the_names_of_their_types() {
    let schemas = json!({
        "fooBar": { "type": "object" }, "FooBar": { "type": "object" }, "1st": { "type": "object" },
        "A": { "type": "object", "properties": { "one": reference("fooBar"), "two": reference("1st") } },
    });
    let normalised = done(&document(
        schemas,
        answers(json!({ "200": json_of(reference("A")) })),
    ));
    let schemas = &normalised.document["components"]["schemas"];
    assert_eq!(schemas["A"]["properties"]["one"], reference("FooBar2"));
    assert_eq!(schemas["A"]["properties"]["two"], reference("X1st"));
    assert!(schemas["FooBar"].is_object());
    assert_lost(
        &normalised,
        "/components/schemas/fooBar",
        "renamed",
        "FooBar2",
    );
}

#[test]
fn parts_become_one_type_and_alternatives_any() {
    let schemas = json!({
        "Base": { "type": "object", "required": ["a"], "properties": { "a": { "type": "string" } }, "discriminator": { "propertyName": "a" } },
        "Whole": { "allOf": [reference("Base"), { "type": "object", "properties": { "b": { "type": "number" } } }], "description": "D" },
        "Circle": { "allOf": [reference("Circle"), { "properties": {} }] },
        "Either": { "oneOf": [reference("Base"), { "type": "string" }] },
        "Alone": { "type": "object", "properties": { "base": { "allOf": [reference("Base")], "description": "says", "nullable": true } } },
    });
    let normalised = done(&document(
        schemas,
        answers(json!({ "200": json_of(reference("Whole")) })),
    ));
    let schemas = &normalised.document["components"]["schemas"];
    let members: Vec<&String> = schemas["Whole"]["properties"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(members, ["a", "b"]);
    assert_eq!(schemas["Whole"]["description"], "D");
    assert_eq!(schemas["Either"], json!({}));
    assert_eq!(schemas["Circle"], json!({}));
    assert_eq!(
        schemas["Alone"]["properties"]["base"]["allOf"],
        json!([reference("Base")])
    );
    assert_lost(
        &normalised,
        "/components/schemas/Whole",
        "all-of-merged",
        "2 parts",
    );
    assert_lost(
        &normalised,
        "/components/schemas/Circle",
        "all-of-opened",
        "",
    );
    assert_lost(
        &normalised,
        "/components/schemas/Either",
        "alternatives-opened",
        "",
    );
    assert_lost(
        &normalised,
        "/components/schemas/Base",
        "discriminator-dropped",
        "",
    );
}

#[test]
fn money_with_a_name_is_money_where_it_is_used() {
    let schemas = json!({
        "Money": { "type": "string", "format": "decimal", "pattern": "x" },
        "A": { "type": "object", "properties": { "paid": reference("Money"), "gone": reference("Nothing") } },
    });
    let normalised = done(&document(
        schemas,
        answers(json!({ "200": json_of(reference("A")) })),
    ));
    let members = &normalised.document["components"]["schemas"]["A"]["properties"];
    assert_eq!(
        members["paid"],
        json!({ "type": "string", "format": "decimal", "nullable": true })
    );
    assert_eq!(members["gone"], json!({ "nullable": true }));
    assert_lost(
        &normalised,
        "/components/schemas/A/properties/paid",
        "ref-inlined",
        "Money",
    );
    assert_lost(
        &normalised,
        "/components/schemas/A/properties/gone",
        "reference-opened",
        "Nothing",
    );
}

#[test]
fn what_is_known_of_a_member_is_told_in_its_description() {
    let member = json!({
        "type": "string", "description": "The state.", "x-known-values": ["UP", "DOWN"],
        "x-evidence": { "grade": "inferred" }, "nullable": true,
    });
    let schema = json!({ "type": "object", "properties": { "state": member } });
    let normalised = done(&document(
        json!({ "A": schema }),
        answers(json!({ "200": json_of(reference("A")) })),
    ));
    let member = &normalised.document["components"]["schemas"]["A"]["properties"]["state"];
    assert_eq!(
        member["description"],
        "The state.\n\nKnown values: `UP`, `DOWN`. Evidence: inferred."
    );
}

#[test]
fn odd_documents_are_survived() {
    let odd = [
        json!(null),
        json!(1),
        json!("x"),
        json!([]),
        json!([1]),
        json!({ "type": 7 }),
        json!({ "$ref": 7 }),
    ];
    for odd in odd {
        let schemas = json!({ "A": odd, "B": { "type": "object", "required": odd, "properties": odd, "allOf": odd } });
        let mut operation = answers(json!({ "200": odd, "4XX": json_of(odd.clone()), "x-y": odd }));
        operation["parameters"] = json!([odd, { "name": "id", "in": "path", "schema": odd }]);
        operation["requestBody"] = odd.clone();
        assert!(normalise(&document(schemas, operation)).is_ok(), "{odd}");
    }
}
