//! The documents that the crate carries, and what it says to texts of any other kind.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeSet;

use super::*;
use crate::evidence::Kind;

fn operation_ids(document: &Value) -> Vec<String> {
    let parts = evidence::parts(document).into_iter();
    let operations = parts.filter(|part| part.kind == Kind::Operation);
    operations
        .map(|operation| operation.value["operationId"].as_str().unwrap().to_owned())
        .collect()
}

fn problem(text: &[u8]) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn smartcall_has_42_operations_and_hot_11() {
    for (api, count) in [(Api::Smartcall, 42), (Api::Hot, 11)] {
        let ids = operation_ids(&openapi(api).unwrap());
        assert_eq!(ids.len(), count);
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), count);
    }
}

#[test]
fn the_operations_that_smartcall_removed_are_absent() {
    let document = openapi(Api::Smartcall).unwrap();
    let paths = &document["paths"];
    assert!(paths.get("/smartrica/changeownership").is_none());
    let enquiry = &paths["/smartload/recharges/{smartloadId}/{clientReference}"];
    assert!(enquiry.get("get").is_some());
    assert!(enquiry.get("delete").is_none());
}

#[test]
fn every_correction_still_corrects_something() {
    for api in Api::ALL {
        let corrected = corrected(api.document().as_bytes(), api.overlay().as_bytes()).unwrap();
        assert_eq!(corrected.unmatched, []);
        assert_eq!(corrected.undefined, [] as [&str; 0]);
    }
}

#[test]
fn a_document_of_other_wording_goes_through_and_what_no_longer_fits_is_reported() {
    let pulled = serde_json::json!({
        "swagger": "2.0",
        "info": { "title": "Theirs", "version": "9" },
        "paths": { "/ping": { "get": { "operationId": "pong", "responses": {} } } },
        "definitions": { "Amount": { "properties": { "rand": { "type": "number" } } } },
    });
    let overlay = Api::Smartcall.overlay();
    let corrected = corrected(pulled.to_string().as_bytes(), overlay.as_bytes()).unwrap();
    let amount = &corrected.openapi["components"]["schemas"]["Amount"];
    assert_eq!(amount["properties"]["rand"]["format"], "decimal");
    let unmatched: Vec<usize> = corrected.unmatched.iter().map(|each| each.index).collect();
    assert_eq!(unmatched, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn what_a_document_leaves_undefined_is_reported() {
    let pulled = serde_json::json!({
        "swagger": "2.0",
        "paths": { "/a": { "get": { "responses": { "200": { "schema": { "$ref": "Gone" } } } } } },
    });
    let overlay = br#"{"overlay":"1.0.0","actions":[]}"#;
    let corrected = corrected(pulled.to_string().as_bytes(), overlay).unwrap();
    assert_eq!(corrected.undefined, ["/components/schemas/Gone"]);
}

#[test]
fn the_documents_are_in_the_formats_they_claim() {
    let format = |api: Api| read(api.document().as_bytes()).unwrap().format();
    assert_eq!(format(Api::Smartcall), Format::Swagger2);
    assert_eq!(format(Api::Hot), Format::OpenApi30);
}

#[test]
fn money_is_decimal_everywhere() {
    for api in Api::ALL {
        let document = openapi(api).unwrap();
        for part in evidence::parts(&document) {
            if part.kind == Kind::Property && part.value["type"] == "number" {
                assert_eq!(part.value["format"], "decimal", "{}", part.pointer);
            }
        }
    }
    let recharge = &openapi(Api::Smartcall).unwrap()["components"]["schemas"]["Recharge"];
    assert_eq!(recharge["properties"]["retailPrice"]["type"], "string");
    assert_eq!(recharge["properties"]["retailPrice"]["format"], "decimal");
    assert_eq!(
        recharge["properties"]["dealerDiscount"]["format"],
        "decimal"
    );
}

#[test]
fn the_voucher_file_is_binary_and_its_errors_are_json() {
    let document = openapi(Api::Smartcall).unwrap();
    let path = "/smartload/batchorders/{smartloadId}/{clientReference}";
    let answers = &document["paths"][path]["get"]["responses"];
    let types = |status: &str| {
        let content = answers[status]["content"].as_object().unwrap();
        content.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(types("200"), ["application/octet-stream"]);
    assert_eq!(types("400"), ["application/json"]);
    assert_eq!(types("403"), ["application/json"]);
}

#[test]
fn the_catalogue_can_be_asked_for_news_only() {
    let document = openapi(Api::Smartcall).unwrap();
    for path in [
        "/smartload/networks",
        "/smartload/networks/{networkId}",
        "/smartload/products/{productId}",
    ] {
        let operation = &document["paths"][path]["get"];
        let parameters = operation["parameters"].as_array().unwrap();
        assert!(
            parameters
                .iter()
                .any(|parameter| parameter["name"] == "If-None-Match")
        );
        assert!(
            operation["responses"]["200"]["headers"]
                .get("Etag")
                .is_some()
        );
        assert!(operation["responses"]["304"].get("content").is_none());
    }
}

#[test]
fn the_two_token_operations_take_either_kind_of_security() {
    let document = openapi(Api::Smartcall).unwrap();
    let token = &document["paths"]["/auth/token"];
    let either = serde_json::json!([{ "basic": [] }, { "bearer": [] }]);
    assert_eq!(token["get"]["security"], either);
    assert_eq!(token["delete"]["security"], either);
}

#[test]
fn a_byte_order_mark_is_no_obstacle() {
    let text = [
        b"\xEF\xBB\xBF".as_slice(),
        Api::Smartcall.document().as_bytes(),
    ]
    .concat();
    assert_eq!(
        read(&text).unwrap(),
        read(Api::Smartcall.document().as_bytes()).unwrap()
    );
}

#[test]
fn json_and_yaml_are_told_apart_by_content() {
    let json = read(br#" {"openapi":"3.0.1","paths":{"/a":{"get":{"responses":{"200":{}}}}}}"#);
    let yaml = read(b"openapi: 3.0.1\npaths:\n  /a:\n    get: {responses: {200: {}}}\n");
    let flow = read(b"{openapi: 3.0.1, paths: {/a: {get: {responses: {200: {}}}}}}");
    assert_eq!(json.as_ref(), yaml.as_ref());
    assert_eq!(json.as_ref(), flow.as_ref());
    assert!(json.is_ok());
}

#[test]
fn an_unquoted_version_is_a_version() {
    assert_eq!(
        read(b"swagger: 2.0\npaths: {}\n").unwrap().format(),
        Format::Swagger2
    );
}

#[test]
fn yaml_words_stay_words() {
    let document = read(b"openapi: 3.0.0\npaths: {}\nx-a: [no, on, y, 1e3x, '012']\n").unwrap();
    assert_eq!(
        document.value()["x-a"],
        serde_json::json!(["no", "on", "y", "1e3x", "012"])
    );
}

#[test]
fn a_page_of_html_is_called_by_its_name() {
    assert_eq!(
        problem(b"\n<html>"),
        "the document: not supported: HTML or XML"
    );
}

#[test]
fn other_versions_are_called_by_their_name() {
    let paths = r#","paths":{}}"#;
    let problem = |head: &str| problem(format!("{head}{paths}").as_bytes());
    let newer = problem(r#"{"openapi":"3.1.0""#);
    assert!(newer.starts_with("/openapi: not supported: OpenAPI 3.1.0; only 3.0 is"));
    assert!(newer.contains("Missing are"));
    assert_eq!(
        problem(r#"{"openapi":"4.0.0""#),
        "/openapi: not supported: OpenAPI 4.0.0; only 3.0 is"
    );
    assert_eq!(
        problem(r#"{"swaggerVersion":"1.2""#),
        "/swaggerVersion: not supported: Swagger 1.2; only 2.0 is"
    );
    assert_eq!(
        problem(r#"{"swagger":"1.1""#),
        "/swagger: not supported: Swagger 1.1; only 2.0 is"
    );
    assert_eq!(
        problem(r#"{"asyncapi":"2.0""#),
        "the document: not supported: it states neither `swagger` nor `openapi`"
    );
}

#[test]
fn what_is_no_document_is_an_error() {
    assert_eq!(
        problem(b""),
        "the document: cannot be read: the text is empty"
    );
    assert_eq!(
        problem(b"[1]"),
        "the document: not supported: not an object"
    );
    assert_eq!(
        problem(b"Not Found"),
        "the document: not supported: not an object"
    );
    assert!(problem(b"\xFF\xFE{").contains("not UTF-8"));
    assert!(problem(br#"{"swagger":"2.0"}"#).starts_with("/paths: malformed"));
    assert!(problem(br#"{"swagger":null,"paths":{}}"#).starts_with("/swagger: malformed"));
}

#[test]
fn a_truncated_document_is_an_error_wherever_it_ends() {
    let text =
        r#"{"swagger":"2.0","paths":{"/a":{"get":{"responses":{"200":{"description":"d"}}}}}}"#;
    for end in 0..text.len() {
        assert!(read(&text.as_bytes()[..end]).is_err(), "{}", &text[..end]);
    }
    let saved = Api::Smartcall.document();
    assert!(problem(&saved.as_bytes()[..saved.len() / 2]).contains("EOF"));
}

#[test]
fn a_member_that_is_given_twice_is_an_error() {
    assert!(problem(br#"{"swagger":"2.0","paths":{"/a":{},"/a":{}}}"#).contains("given twice"));
    assert!(read(b"swagger: '2.0'\npaths: {/a: {}, /a: {}}\n").is_err());
}

#[test]
fn deep_nesting_is_refused_before_it_hurts() {
    let nested = |open: &str, close: &str, depth: usize| {
        let nested = format!("{}0{}", open.repeat(depth), close.repeat(depth));
        format!(r#"{{"swagger":"2.0","paths":{{}},"x-a":{nested}}}"#)
    };
    for depth in [49, 127, 200, 100_000] {
        assert!(
            problem(nested("[", "]", depth).as_bytes()).contains("nested deeper"),
            "{depth}"
        );
        assert!(
            problem(nested(r#"{"a":"#, "}", depth).as_bytes()).contains("nested deeper"),
            "{depth}"
        );
        let yaml = format!(
            "swagger: '2.0'\npaths: {{}}\nx-a: {}{}",
            "[".repeat(depth),
            "]".repeat(depth)
        );
        assert!(read(yaml.as_bytes()).is_err(), "{depth}");
    }
    assert!(read(nested("[", "]", 47).as_bytes()).is_ok());
}

#[test]
fn a_text_that_is_too_long_is_refused() {
    let text = vec![b' '; 20 * 1024 * 1024 + 1];
    assert!(problem(&text).contains("20971520 are the limit"));
}

#[test]
fn aliases_are_followed_but_do_not_explode() {
    let document = read(b"openapi: 3.0.0\npaths: {}\nx-a: &a {b: 1}\nx-c: *a\n").unwrap();
    assert_eq!(document.value()["x-c"]["b"], 1);
    let mut bomb = String::from(
        "openapi: 3.0.0\npaths: {}\nx-0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol]\n",
    );
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 8].join(", ");
        bomb.push_str(&format!("x-{level}: &a{level} [{aliases}]\n"));
    }
    assert!(read(bomb.as_bytes()).is_err());
    let long = "x".repeat(60_000);
    let aliases = vec!["*a"; 900].join(", ");
    let bomb = format!(
        "openapi: 3.0.0\npaths: {{}}\nx-0: &a {long}\nx-1: &b [{aliases}]\nx-2: [*b, *b, *b, *b, *b]\n"
    );
    assert!(read(bomb.as_bytes()).is_err());
}

/// A document that uses each part of Swagger 2.0 once.
fn one_of_each() -> Value {
    serde_json::json!({
        "swagger": "2.0", "info": {}, "host": "h", "basePath": "/b", "schemes": ["https"],
        "consumes": ["a/b"], "produces": ["c/d"], "tags": [{}], "security": [{ "k": [] }],
        "paths": { "/a/{p}": {
            "parameters": [{ "$ref": "#/parameters/p" }, { "name": "b", "in": "body", "schema": {} }],
            "get": {
                "operationId": "o", "consumes": ["e/f"], "produces": ["g/h"], "schemes": ["http"],
                "parameters": [
                    {
                        "name": "q", "in": "query", "type": "array", "collectionFormat": "multi",
                        "items": { "type": "array", "items": { "type": "string" } },
                    },
                    { "name": "f", "in": "formData", "type": "file", "required": true },
                ],
                "responses": {
                    "200": {
                        "description": "d", "headers": { "H": { "type": "string" } },
                        "schema": { "$ref": "#/definitions/D" }, "examples": { "i/j": 1 },
                    },
                    "default": { "$ref": "#/responses/r" },
                },
            },
        } },
        "definitions": { "D": {
            "type": ["object", "null"], "required": ["a"], "discriminator": "a", "maximum": 1.0,
            "properties": { "a": { "type": "string", "x-nullable": true } },
            "additionalProperties": { "type": "array", "items": {} }, "allOf": [{ "$ref": "D" }],
        } },
        "parameters": { "p": { "name": "p", "in": "path", "type": "string" } },
        "responses": { "r": { "schema": { "type": "file" } } },
        "securityDefinitions": {
            "k": { "type": "apiKey", "name": "n", "in": "header" },
            "o": { "type": "oauth2", "flow": "implicit", "scopes": {} },
        },
    })
}

fn pointers(value: &Value, pointer: String, into: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            pointers(value, format!("{pointer}/{}", error::escape(name)), into);
        }),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, value)| {
            pointers(value, format!("{pointer}/{index}"), into);
        }),
        _ => {}
    }
    into.push(pointer);
}

#[test]
fn nothing_in_the_place_of_anything_makes_a_panic() {
    let whole = one_of_each();
    read(whole.to_string().as_bytes())
        .unwrap()
        .into_openapi()
        .unwrap();
    let mut places = Vec::new();
    pointers(&whole, String::new(), &mut places);
    assert!(places.len() > 80);
    for place in places {
        for other in [
            "null",
            "true",
            "-1",
            "\"\"",
            "\"#/definitions/\"",
            "[]",
            "[[]]",
            "{}",
            "{\"$ref\":0}",
        ] {
            let mut changed = whole.clone();
            *changed.pointer_mut(&place).unwrap() = other.parse().unwrap();
            let text = changed.to_string();
            let converted = read(text.as_bytes()).and_then(Document::into_openapi);
            if let Err(error) = converted {
                assert!(!error.to_string().is_empty(), "{place}");
            }
        }
    }
}
