#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::{Value, json};

use super::{Error, Options, bindings, mocks};

fn document(schemas: Value, paths: Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": { "title": "T", "version": "1" },
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

fn code(schemas: Value, paths: Value) -> String {
    bindings(&document(schemas, paths), &Options::default())
        .unwrap()
        .code
}

fn answering(schema: &Value) -> Value {
    json!({ "responses": { "200": { "description": "", "content": { "application/json": { "schema": schema } } } } })
}

#[track_caller]
fn assert_has(code: &str, part: &str) {
    // However the printer breaks the lines.
    let squeezed = |text: &str| text.replace(|c: char| c.is_whitespace() || c == ',', "");
    assert!(
        squeezed(code).contains(&squeezed(part)),
        "no {part} in\n{code}"
    );
}

#[test]
fn members_of_an_answer_are_fields_and_money_is_decimal_in_both_forms() {
    let code = code(
        json!({ "A": { "type": "object", "required": ["n"], "properties": {
            "n": { "type": "number" },
            "t": { "type": "string", "format": "decimal" },
            "many": { "type": "array", "items": { "type": "number" } },
            "map": { "type": "object", "additionalProperties": { "type": "string", "format": "decimal" } },
            "any": {},
            "loop": { "$ref": "#/components/schemas/A" },
        } } }),
        json!({}),
    );
    assert_has(&code, "pub n: crate::Field<::rust_decimal::Decimal>,");
    assert_has(
        &code,
        "pub many: crate::Field<::std::vec::Vec<::rust_decimal::Decimal>>,",
    );
    assert_has(&code, "optional n \"n\" crate::codec::Number;");
    assert_has(&code, "optional t \"t\" crate::codec::Text;");
    assert_has(
        &code,
        "optional many \"many\" crate::codec::Each<crate::codec::Number>;",
    );
    assert_has(
        &code,
        "optional map \"map\" crate::codec::Keyed<crate::codec::Maybe<crate::codec::Text>>;",
    );
    assert_has(&code, "pub any: crate::Field<crate::Json>,");
    assert_has(&code, "pub loop_: crate::Field<::std::boxed::Box<A>>,");
    assert!(!code.contains("f64"), "{code}");
}

#[test]
fn a_request_is_made_with_what_it_must_have() {
    let code = code(
        json!({ "R": { "type": "object", "required": ["amount", "kind"], "properties": {
            "amount": { "type": "number" }, "kind": { "type": "string", "enum": ["sale", "re-sale"] },
            "note": { "type": "string" },
        } } }),
        json!({ "/r": { "post": {
            "operationId": "sell",
            "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/R" } } } },
            "responses": { "204": { "description": "" } },
        } } }),
    );
    assert_has(
        &code,
        "pub fn new(amount: ::rust_decimal::Decimal, kind: RKind) -> Self",
    );
    assert_has(&code, "note: crate::Field::Absent,");
    assert_has(
        &code,
        "crate::object::open_enum! { RKind { Sale \"sale\"; ReSale \"re-sale\"; } }",
    );
    assert_has(&code, "Other(::std::string::String),");
    assert_has(&code, "request: Some(\"R\"),");
}

#[test]
fn named_lists_and_maps_are_types_of_their_own() {
    let code = code(
        json!({
            "Prices": { "type": "array", "items": { "type": "number" } },
            "Flags": { "type": "object", "additionalProperties": { "type": "boolean" } },
            "Anything": {},
        }),
        json!({}),
    );
    assert_has(
        &code,
        "Prices { value ::std::vec::Vec<::rust_decimal::Decimal>; by crate::codec::Each<crate::codec::Number>; }",
    );
    assert_has(&code, "pub struct Anything(pub crate::Json);");
    assert_has(
        &code,
        "pub struct Flags( pub ::std::collections::BTreeMap< ::std::string::String, crate::Field<bool>, >, );",
    );
}

#[test]
fn secrets_are_marked_by_name_and_by_the_document() {
    let code = code(
        json!({ "A": { "type": "object", "properties": {
            "Password": { "type": "string" }, "plain": { "type": "string" },
            "nickname": { "type": "string", "x-secret": true },
        } } }),
        json!({}),
    );
    assert_has(
        &code,
        "optional password \"Password\" crate::codec::Plain, secret;",
    );
    assert_has(
        &code,
        "optional nickname \"nickname\" crate::codec::Plain, secret;",
    );
    assert_has(&code, "optional plain \"plain\" crate::codec::Plain;");
    assert!(!code.contains("derive(Clone, Debug, PartialEq"), "{code}");
}

#[test]
fn a_path_is_made_from_the_arguments_of_its_names() {
    let code = code(
        json!({}),
        json!({ "/a/{x-y}/b/{z}": { "get": answering(&json!({})) } }),
    );
    assert_has(
        &code,
        "crate::path::url( &self.baseurl, PLACE, \"/a/{x-y}/b/{z}\", &[(\"x-y\", &x_y), (\"z\", &z)], )",
    );
    assert!(!code.contains("encode_path("), "{code}");
}

#[test]
fn the_client_has_no_settings_of_its_own() {
    let code = code(json!({}), json!({ "/a": { "get": answering(&json!({})) } }));
    assert!(
        code.contains("pub fn new_with_client(") && !code.contains("pub fn new("),
        "{code}"
    );
    assert!(!code.contains("timeout"), "{code}");
}

#[test]
fn the_table_lists_every_status_and_what_secures_an_operation() {
    let mut document = document(
        json!({ "A": { "type": "object" }, "E": { "type": "object" } }),
        json!({ "/a": { "get": {
            "operationId": "getA",
            "responses": {
                "200": { "description": "", "content": { "application/json": { "schema": { "type": "array", "items": { "$ref": "#/components/schemas/A" } } } } },
                "4XX": { "description": "", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/E" } } } },
                "500": { "description": "" },
                "default": { "description": "", "content": { "text/html": {} } },
            },
        }, "post": { "operationId": "query", "x-safe": true, "security": [{ "a": [], "b": [] }, {}], "responses": {} } } }),
    );
    document["security"] = json!([{ "bearer": [] }]);
    let code = bindings(&document, &Options::default()).unwrap().code;
    assert_has(
        &code,
        "security: &[\"bearer\"], safe: true, request: None, responses: &[ (4u16, \"E\"), (200u16, \"Vec<A>\"), (500u16, \"\"), (0u16, \"bytes\"), ],",
    );
    assert_has(
        &code,
        "id: \"query\", function: \"query\", method: \"POST\", path: \"/a\", security: &[\"a+b\", \"\"], safe: true,",
    );
}

#[test]
fn one_name_in_two_places_is_two_arguments_and_one_name_on_the_wire() {
    let mut operation = answering(&json!({}));
    operation["parameters"] = json!([
        { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } },
        { "name": "id", "in": "query", "schema": { "type": "string" } },
    ]);
    let code = code(json!({}), json!({ "/a/{id}": { "get": operation } }));
    assert_has(&code, "id: &'a str, id_2: Option<&'a str>,");
    assert_has(&code, "QueryParam::new(\"id\", &id_2)");
}

#[test]
fn generation_is_repeatable() {
    let document = document(
        json!({ "A": { "type": "object" } }),
        json!({ "/a": { "get": answering(&json!({})) } }),
    );
    let once = bindings(&document, &Options::default()).unwrap();
    assert_eq!(
        once.code,
        bindings(&document, &Options::default()).unwrap().code
    );
    assert!(
        once.code
            .starts_with("// The contents of this file are generated")
    );
}

#[track_caller]
fn failure(result: Result<impl Sized, Error>) -> (String, String) {
    match result.err() {
        Some(Error::Generator { culprit, reason }) => (culprit, reason),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_failure_of_the_generator_names_the_operation() {
    let mut bad = answering(&json!({}));
    bad["operationId"] = json!("broken");
    let paths = json!({ "/good": { "get": answering(&json!({})) }, "/bad/{": { "post": bad } });
    let (culprit, reason) = failure(bindings(&document(json!({}), paths), &Options::default()));
    assert_eq!(culprit, "operation broken (POST /bad/{)");
    assert!(!reason.contains("panic"), "{reason}");
}

#[test]
fn a_panic_of_the_generator_names_the_operation() {
    // Not normalised: two successes of different types are what the generator panics at.
    let two = json!({
        "operationId": "broken",
        "responses": {
            "200": { "description": "", "content": { "application/json": { "schema": { "type": "string" } } } },
            "204": { "description": "" },
        },
    });
    let mut good = answering(&json!({}));
    good["operationId"] = json!("good");
    let document = document(
        json!({}),
        json!({ "/good": { "get": good }, "/bad": { "post": two } }),
    );
    let (culprit, reason) = failure(super::generator::generate(&document));
    assert_eq!(culprit, "operation broken (POST /bad)");
    assert!(reason.starts_with("panic: assertion failed"), "{reason}");
}

#[test]
fn a_panic_over_a_schema_names_the_schema_and_the_operations_that_use_it() {
    let schemas =
        json!({ "Good": { "type": "object" }, "Bad": { "type": "object", "format": "file" } });
    let mut user = answering(&json!({ "$ref": "#/components/schemas/Bad" }));
    user["operationId"] = json!("upload");
    let (culprit, reason) = failure(super::generator::generate(&document(
        schemas,
        json!({ "/a": { "get": user } }),
    )));
    assert_eq!(culprit, "schema Bad (of operation upload)");
    assert!(reason.starts_with("panic: "), "{reason}");
}

#[test]
fn a_panic_becomes_its_message() {
    let reason = super::generator::quietly::<()>(|| panic!("at {}", "work")).unwrap_err();
    assert_eq!(reason, "panic: at work");
    assert_eq!(super::generator::quietly(|| Ok(5)), Ok(5));
}

#[test]
fn a_mock_asks_for_each_parameter_and_answers_each_documented_status() {
    let text = json!({ "type": "string" });
    let document = document(
        json!({ "A": { "type": "object", "properties": { "n": { "type": "number" } } },
                "E": { "type": "object", "properties": { "e": { "type": "string" } } } }),
        json!({ "/a/{x-y}": { "post": {
            "operationId": "sellIt",
            "security": [{ "theBearer": [] }, { "plain": [] }],
            "parameters": [
                { "name": "x-y", "in": "path", "required": true, "schema": text },
                { "name": "must", "in": "query", "required": true, "schema": { "type": "integer" } },
                { "name": "may", "in": "query", "schema": text },
                { "name": "X-Odd", "in": "header", "schema": text },
            ],
            "requestBody": { "required": true, "content": { "application/json": {
                "schema": { "$ref": "#/components/schemas/A" } } } },
            "responses": {
                "200": { "description": "", "content": { "application/json": {
                    "schema": { "type": "array", "items": { "$ref": "#/components/schemas/A" } } } } },
                "400": { "description": "", "content": { "application/problem+json": {
                    "schema": { "oneOf": [{ "$ref": "#/components/schemas/A" }, { "$ref": "#/components/schemas/E" }] } } } },
                "401": { "description": "" },
                "5XX": { "description": "", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/E" } } } },
                "default": { "description": "", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/E" } } } },
            },
        } } }),
    );
    let mut document = document;
    document["components"]["securitySchemes"] = json!({
        "theBearer": { "type": "apiKey", "in": "header", "name": "Authorization" },
        "plain": { "type": "http", "scheme": "basic" },
    });
    let code = mocks(&document, "service").unwrap();
    for part in [
        "use crate::service::{OPERATIONS, types};",
        "crate::mock::operation(inner, OPERATIONS, \"sellIt\")",
        "pub fn x_y(self, value: &str) -> Self",
        "crate::mock::path(self.0, OPERATIONS, \"sellIt\", 0usize, &value)",
        "crate::mock::query(self.0, \"must\", Some(&value))",
        "crate::mock::query(self.0, \"may\", value.into().as_ref())",
        "crate::mock::header(self.0, \"X-Odd\", value.into().as_ref())",
        "pub fn body(self, value: &types::A) -> Self",
        "pub fn bearer(self, token: &str) -> Self",
        "pub fn basic(self, username: &str, password: &str) -> Self",
        "pub fn ok(self, value: &[types::A]) -> Self",
        "pub fn bad_request_a(self, value: &types::A) -> Self",
        "crate::mock::json(self.0, 400u16, \"application/problem+json\", value)",
        "pub fn bad_request_e(self, value: &types::E) -> Self",
        "pub fn unauthorized(self) -> Self",
        "pub fn server_error(self, status: u16, value: &types::E) -> Self",
        "pub fn default_response(self, status: u16, value: &types::E) -> Self",
    ] {
        assert_has(&code, part);
    }
    assert!(!code.contains("json_body"), "{code}");
}

#[test]
fn a_mock_takes_forms_as_forms_and_bytes_as_bytes() {
    let body = |media: &str, schema: Value| {
        json!({ "post": {
            "operationId": media.rsplit('/').next().unwrap().replace(['-', '+'], ""),
            "requestBody": { "required": true, "content": { media: { "schema": schema } } },
            "responses": { "200": { "description": "", "content": { "application/zip": {
                "schema": { "type": "string", "format": "binary" } } } } },
        } })
    };
    let form = json!({ "$ref": "#/components/schemas/F" });
    let code = mocks(
        &document(
            json!({ "F": { "type": "object", "properties": { "f": { "type": "string" } } } }),
            json!({
                "/form": body("application/x-www-form-urlencoded", form),
                "/bytes": body("application/octet-stream", json!({ "type": "string", "format": "binary" })),
            }),
        ),
        "service",
    )
    .unwrap();
    assert_has(&code, "crate::mock::form(self.0, value)");
    assert_has(&code, "pub fn body(self, value: impl AsRef<[u8]>) -> Self");
    assert_has(
        &code,
        "crate::mock::raw(self.0, 200u16, \"application/zip\", value.as_ref())",
    );
}
