#![allow(clippy::unwrap_used, clippy::expect_used)]

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
fn a_parameter_gets_its_type_as_a_schema_and_keeps_its_extensions() {
    let old = json!({
        "name": "n", "in": "query", "description": "d", "required": false, "type": "integer",
        "format": "int32", "maximum": 9.0, "default": 1, "x-mine": 1, "x-nullable": true,
        "allowEmptyValue": true, "x-example": 7,
    });
    let new = json!({
        "name": "n", "in": "query", "description": "d", "required": false, "x-mine": 1,
        "allowEmptyValue": true, "example": 7,
        "schema": {
            "type": "integer", "format": "int32", "maximum": 9, "default": 1, "nullable": true,
        },
    });
    assert_eq!(parameter(old), new);
}

#[test]
fn a_parameter_in_the_path_is_required_whatever_it_says() {
    let old = json!({ "name": "n", "in": "path", "type": "string", "required": false });
    assert_eq!(parameter(old)["required"], true);
}

#[test]
fn collection_formats_become_styles() {
    let style = |within: &str, format: &str| {
        let items = json!({ "type": "string" });
        let new = parameter(json!({
            "name": "n", "in": within, "type": "array", "items": items, "collectionFormat": format,
        }));
        assert_eq!(new["schema"], json!({ "type": "array", "items": items }));
        (new["style"].clone(), new["explode"].clone())
    };
    assert_eq!(style("query", "csv"), (json!("form"), json!(false)));
    assert_eq!(style("query", "multi"), (json!("form"), json!(true)));
    assert_eq!(
        style("query", "ssv"),
        (json!("spaceDelimited"), json!(false))
    );
    assert_eq!(
        style("query", "pipes"),
        (json!("pipeDelimited"), json!(false))
    );
    assert_eq!(style("header", "csv"), (json!("simple"), json!(false)));
    let unsaid = json!({ "name": "n", "in": "query", "type": "array", "items": {} });
    assert_eq!(parameter(unsaid)["explode"], false);
}

#[test]
fn what_openapi_has_no_style_for_is_refused_with_its_place() {
    let refused = |within: &str, format: &str| {
        let array =
            json!({ "name": "n", "in": within, "type": "array", "collectionFormat": format });
        error(json!({ "parameters": [array] }), json!({}))
    };
    let place = "/paths/~1a/get/parameters/0/collectionFormat: not supported";
    assert!(refused("query", "tsv").starts_with(place));
    assert!(refused("path", "pipes").starts_with(place));
    assert!(refused("header", "multi").starts_with(place));
}

#[test]
fn a_body_is_in_what_the_operation_consumes() {
    let body = json!({
        "name": "b", "in": "body", "required": true, "description": "d", "x-mine": 1,
        "schema": { "type": "string" },
    });
    let new = operation(json!({ "consumes": ["a/b", "c/d"], "parameters": [body] }));
    let media = json!({ "schema": { "type": "string" } });
    let expected = json!({
        "required": true, "description": "d", "x-mine": 1,
        "content": { "a/b": media, "c/d": media },
    });
    assert_eq!(new["requestBody"], expected);
    assert_eq!(new.get("parameters"), None);
}

#[test]
fn a_body_is_json_when_nothing_is_consumed_and_global_types_are_handed_down() {
    let old = json!({ "parameters": [{ "name": "b", "in": "body", "schema": {} }] });
    let types = |new: Value| {
        let content = &new["paths"]["/a"]["get"]["requestBody"]["content"];
        content
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        types(converted(old.clone(), json!({}))),
        ["application/json"]
    );
    let global = json!({ "consumes": ["text/plain"] });
    assert_eq!(types(converted(old, global)), ["text/plain"]);
}

#[test]
fn a_form_becomes_an_object() {
    let new = operation(json!({ "parameters": [
        { "name": "a", "in": "formData", "type": "string", "required": true, "description": "d" },
        { "name": "b", "in": "formData", "type": "array", "items": { "type": "string" } },
    ] }));
    let form = &new["requestBody"]["content"]["application/x-www-form-urlencoded"];
    assert_eq!(
        form["schema"]["properties"]["a"],
        json!({ "type": "string", "description": "d" })
    );
    assert_eq!(form["schema"]["required"], json!(["a"]));
    assert_eq!(
        form["encoding"],
        json!({ "b": { "style": "form", "explode": false } })
    );
    assert_eq!(new["requestBody"]["required"], true);
}

#[test]
fn a_form_with_a_file_is_multipart() {
    let file = json!({ "name": "f", "in": "formData", "type": "file" });
    let new = operation(json!({ "parameters": [file] }));
    let content = new["requestBody"]["content"].as_object().unwrap();
    assert_eq!(content.len(), 1);
    let schema = &content["multipart/form-data"]["schema"];
    assert_eq!(
        schema["properties"]["f"],
        json!({ "type": "string", "format": "binary" })
    );
}

#[test]
fn shared_parameters_are_components_but_a_shared_body_goes_where_it_is_used() {
    let more = json!({ "parameters": {
        "limit": { "name": "limit", "in": "query", "type": "integer" },
        "pet": { "name": "pet", "in": "body", "schema": { "type": "object" } },
    } });
    let old = json!({ "parameters": [
        { "$ref": "#/parameters/limit" }, { "$ref": "#/parameters/pet" },
    ] });
    let new = converted(old, more);
    let operation = &new["paths"]["/a"]["get"];
    assert_eq!(
        operation["parameters"],
        json!([{ "$ref": "#/components/parameters/limit" }])
    );
    let content = &operation["requestBody"]["content"];
    assert_eq!(
        content["application/json"]["schema"],
        json!({ "type": "object" })
    );
    let shared = new["components"]["parameters"].as_object().unwrap();
    assert_eq!(shared.keys().collect::<Vec<_>>(), ["limit"]);
}

#[test]
fn parameters_of_a_path_stay_there_and_its_body_is_handed_to_every_operation() {
    let query = json!({ "name": "q", "in": "query", "type": "string" });
    let body = json!({ "name": "b", "in": "body", "schema": { "type": "string" } });
    let own = json!({ "name": "own", "in": "body", "schema": { "type": "object" } });
    let mut old = document(json!({}), json!({}));
    old["paths"]["/a"] = json!({
        "parameters": [query, body],
        "put": { "responses": {} },
        "post": { "responses": {}, "parameters": [own] },
    });
    let new = convert(&old).unwrap();
    let item = &new["paths"]["/a"];
    assert_eq!(item["parameters"][0]["name"], "q");
    assert_eq!(item["parameters"].as_array().unwrap().len(), 1);
    let body_of = |method: &str| {
        item[method]["requestBody"]["content"]["application/json"]["schema"]["type"].clone()
    };
    assert_eq!(body_of("put"), "string");
    assert_eq!(body_of("post"), "object");
}

#[test]
fn an_answer_is_in_what_the_operation_produces() {
    let old = json!({ "description": "d", "schema": { "type": "string" }, "x-mine": 1 });
    let media = json!({ "schema": { "type": "string" } });
    let new = response(json!(["a/b", "c/d"]), old.clone());
    assert_eq!(new["content"], json!({ "a/b": media, "c/d": media }));
    assert_eq!(new["x-mine"], 1);
    assert_eq!(
        response(json!([]), old)["content"],
        json!({ "application/json": media })
    );
    assert_eq!(
        response(json!(["a/b"]), json!({})),
        json!({ "description": "" })
    );
}

#[test]
fn a_file_is_binary() {
    let new = response(
        json!(["application/zip"]),
        json!({ "schema": { "type": "file" } }),
    );
    let binary = json!({ "schema": { "type": "string", "format": "binary" } });
    assert_eq!(new["content"], json!({ "application/zip": binary }));
    let new = response(json!([]), json!({ "schema": { "type": "file" } }));
    assert_eq!(
        new["content"],
        json!({ "application/octet-stream": binary })
    );
}

#[test]
fn headers_of_an_answer_get_schemas_and_empty_ones_vanish() {
    let etag = json!({ "type": "string", "description": "d", "x-mine": 1 });
    let new = response(json!([]), json!({ "headers": { "Etag": etag } }));
    let expected = json!({ "description": "d", "x-mine": 1, "schema": { "type": "string" } });
    assert_eq!(new["headers"]["Etag"], expected);
    let new = response(json!([]), json!({ "headers": {} }));
    assert_eq!(new.get("headers"), None);
}

#[test]
fn examples_go_to_their_media_type() {
    let old = json!({ "schema": { "type": "string" }, "examples": { "a/b": "one", "c/d": "two" } });
    let new = response(json!(["a/b"]), old);
    assert_eq!(new["content"]["a/b"]["example"], "one");
    assert_eq!(
        new["content"]["c/d"],
        json!({ "schema": { "type": "string" }, "example": "two" })
    );
}

#[test]
fn a_shared_answer_is_copied_for_an_operation_with_media_types_of_its_own() {
    let more =
        json!({ "responses": { "No": { "description": "d", "schema": { "type": "string" } } } });
    let old = json!({ "responses": { "404": { "$ref": "#/responses/No" } } });
    let new = converted(old.clone(), more.clone());
    let reference = json!({ "$ref": "#/components/responses/No" });
    assert_eq!(new["paths"]["/a"]["get"]["responses"]["404"], reference);
    let mut old = old;
    old["produces"] = json!(["text/plain"]);
    let new = converted(old, more);
    let content = &new["paths"]["/a"]["get"]["responses"]["404"]["content"];
    assert_eq!(content["text/plain"]["schema"]["type"], "string");
}

#[test]
fn a_shared_answer_in_place_of_a_schema_is_the_answer() {
    let more = json!({ "responses": { "empty": { "description": "d" } } });
    let old = json!({ "description": "e", "schema": { "$ref": "#/responses/empty" } });
    let new = converted(json!({ "responses": { "204": old } }), more);
    let answer = &new["paths"]["/a"]["get"]["responses"]["204"];
    assert_eq!(*answer, json!({ "description": "e" }));
}

#[test]
fn nullable_and_discriminator_are_respelled_wherever_they_are() {
    let new = schema(json!({
        "type": "object", "discriminator": "kind", "x-mine": 1,
        "properties": { "a": { "type": "array", "items": { "type": "string", "x-nullable": true } } },
        "additionalProperties": { "type": "string", "x-nullable": true },
        "allOf": [{ "type": "object", "x-nullable": false }],
    }));
    let string = json!({ "type": "string", "nullable": true });
    assert_eq!(new["discriminator"], json!({ "propertyName": "kind" }));
    assert_eq!(new["properties"]["a"]["items"], string);
    assert_eq!(new["additionalProperties"], string);
    assert_eq!(new["allOf"][0], json!({ "type": "object" }));
    assert_eq!(new["x-mine"], 1);
}

#[test]
fn lists_of_types_are_taken_when_they_mean_one_type() {
    let new = schema(json!({ "type": ["string", "null"] }));
    assert_eq!(new, json!({ "nullable": true, "type": "string" }));
    assert_eq!(
        schema(json!({ "type": ["string"] })),
        json!({ "type": "string" })
    );
    let more = json!({ "definitions": { "S": { "type": ["string", "integer"] } } });
    assert!(error(json!({}), more).starts_with("/definitions/S/type: not supported"));
}

#[test]
fn what_only_openapi_wants_is_added() {
    assert_eq!(
        schema(json!({ "type": "array" })),
        json!({ "type": "array", "items": {} })
    );
    assert_eq!(schema(json!({ "required": [] })), json!({}));
    let new = schema(json!({ "properties": { "a": { "type": "string", "required": true } } }));
    assert_eq!(new["required"], json!(["a"]));
    assert_eq!(new["properties"]["a"], json!({ "type": "string" }));
    assert_eq!(
        schema(json!({ "maximum": 10.0, "minimum": 0.5 })),
        json!({ "maximum": 10, "minimum": 0.5 })
    );
}

#[test]
fn examples_and_defaults_are_data_and_stay_as_they_are() {
    let data = json!({ "x-nullable": true, "$ref": "#/nowhere", "type": "file" });
    let old = json!({ "type": "object", "example": data, "default": data, "enum": [data] });
    assert_eq!(schema(old.clone()), old);
}

#[test]
fn references_are_found_in_the_ways_generators_write_them() {
    let pet = json!({ "$ref": "#/components/schemas/Pet" });
    for reference in [
        "#/definitions/Pet",
        "/definitions/Pet",
        "Pet",
        "#/definitions/P%65t",
    ] {
        assert_eq!(
            schema(json!({ "$ref": reference, "description": "gone" })),
            pet
        );
    }
}

#[test]
fn names_that_openapi_does_not_allow_are_respelled_with_their_references() {
    let more = json!({ "definitions": {
        "List«Pet»": { "type": "array", "items": { "$ref": "#/definitions/List%20Pet~1" } },
        "List_Pet_": { "type": "string" },
        "List Pet/": { "$ref": "#/definitions/List«Pet»" },
    } });
    let new = converted(json!({}), more);
    let expected = json!({
        "List_Pet__2": { "type": "array", "items": { "$ref": "#/components/schemas/List_Pet__3" } },
        "List_Pet_": { "type": "string" },
        "List_Pet__3": { "$ref": "#/components/schemas/List_Pet__2" },
    });
    assert_eq!(new["components"]["schemas"], expected);
}

#[test]
fn a_reference_to_another_document_is_refused_with_its_place() {
    for reference in [
        "http://h/a.json#/definitions/A",
        "a.json#/definitions/A",
        "a.json",
    ] {
        let old = json!({ "responses": { "200": { "schema": { "$ref": reference } } } });
        let error = error(old, json!({}));
        let place =
            "/paths/~1a/get/responses/200/schema/$ref: not supported: a reference to another";
        assert!(error.starts_with(place), "{error}");
    }
}

#[test]
fn a_reference_into_the_middle_of_something_is_refused() {
    let more = json!({ "definitions": { "S": { "$ref": "#/definitions/S/properties/a" } } });
    assert!(error(json!({}), more).starts_with("/definitions/S/$ref: not supported"));
}

#[test]
fn a_reference_in_place_of_a_path_is_refused() {
    let mut old = document(json!({}), json!({}));
    old["paths"]["/a"] = json!({ "$ref": "#/paths/~1b" });
    assert_eq!(convert(&old).unwrap_err().pointer(), "/paths/~1a/$ref");
}

#[test]
fn an_undefined_schema_is_any_value_and_says_so() {
    let old =
        json!({ "responses": { "200": { "schema": { "$ref": "#/definitions/InputStream" } } } });
    let new = converted(old, json!({}));
    let place = "/paths/~1a/get/responses/200/schema/$ref";
    let expected = json!({ "InputStream": { "x-undefined": place } });
    assert_eq!(new["components"]["schemas"], expected);
}

#[test]
fn an_undefined_parameter_is_an_error() {
    let old = json!({ "parameters": [{ "$ref": "#/parameters/gone" }] });
    let error = error(old, json!({}));
    assert!(error.starts_with("/paths/~1a/get/parameters/0/$ref: refers to #/parameters/gone"));
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
