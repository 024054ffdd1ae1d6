//! Whatever the reader is given: it answers, in seconds, and never panics.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::{Duration, Instant};

use proptest::prelude::*;
use recharge_spec::diff::diff;
use recharge_spec::{Api, Overlay, normalise, read};
use serde_json::{Map, Value, json};

/// Far more than anything here takes; the machine may be busy.
const LONG: Duration = Duration::from_secs(20);

/// All that is done to what somebody else wrote; the same as the fuzz target.
fn take(bytes: &[u8]) -> bool {
    drop(Overlay::read(bytes));
    let Ok(document) = read(bytes) else {
        return false;
    };
    let Ok(openapi) = document.into_openapi() else {
        return false;
    };
    drop(normalise::normalise(&openapi));
    assert!(diff(&openapi, &openapi).is_empty());
    true
}

#[track_caller]
fn assert_quick(what: &str, bytes: &[u8]) {
    let begun = Instant::now();
    take(bytes);
    let taken = begun.elapsed();
    assert!(taken < LONG, "{what}: {} bytes took {taken:?}", bytes.len());
}

/// JSON in the words that documents are made of.
fn words() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "swagger",
        "2.0",
        "paths",
        "/a/{b}",
        "get",
        "post",
        "parameters",
        "responses",
        "200",
        "default",
        "schema",
        "$ref",
        "#/definitions/A",
        "#/definitions/B",
        "A",
        "B",
        "definitions",
        "properties",
        "items",
        "allOf",
        "type",
        "object",
        "array",
        "string",
        "file",
        "in",
        "body",
        "formData",
        "query",
        "path",
        "name",
        "required",
        "enum",
        "additionalProperties",
        "consumes",
        "produces",
        "security",
        "securityDefinitions",
        "oauth2",
        "flow",
        "x-nullable",
        "collectionFormat",
        "multi",
        "discriminator",
        "operationId",
        "headers",
        "examples",
        "application/json",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..6).prop_map(|members| {
                let members = members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value));
                Value::Object(members.collect::<Map<_, _>>())
            }),
        ]
    })
}

/// A document with something odd in one place.
fn nearly_right() -> impl Strategy<Value = Value> {
    let places = prop::sample::select(vec![
        "/paths",
        "/paths/~1a/get",
        "/paths/~1a/get/parameters",
        "/paths/~1a/get/parameters/0",
        "/paths/~1a/get/responses",
        "/paths/~1a/get/responses/200",
        "/paths/~1a/get/responses/200/schema",
        "/definitions",
        "/definitions/A",
        "/definitions/A/properties/b",
        "/parameters/P",
        "/responses/R",
        "/securityDefinitions/s",
        "/consumes",
        "/info",
    ]);
    (places, words()).prop_map(|(place, odd)| {
        let mut document = json!({
            "swagger": "2.0", "info": { "title": "t", "version": "1" }, "consumes": ["application/json"],
            "paths": { "/a": { "get": {
                "parameters": [{ "$ref": "#/parameters/P" }],
                "responses": { "200": { "description": "", "schema": { "$ref": "#/definitions/A" } }, "400": { "$ref": "#/responses/R" } },
                "security": [{ "s": [] }]
            } } },
            "definitions": { "A": { "type": "object", "properties": { "b": { "$ref": "#/definitions/A" } } } },
            "parameters": { "P": { "name": "p", "in": "query", "type": "string" } },
            "responses": { "R": { "description": "", "schema": { "type": "string" } } },
            "securityDefinitions": { "s": { "type": "basic" } }
        });
        *document.pointer_mut(place).unwrap() = odd;
        document
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        take(&bytes);
    }

    #[test]
    fn any_json_is_read_or_refused(value in words()) {
        take(value.to_string().as_bytes());
    }

    #[test]
    fn anything_in_the_place_of_anything_is_taken_or_refused(document in nearly_right()) {
        take(document.to_string().as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_saved_document_with_some_bytes_changed_is_read_or_refused(
        api in prop::sample::select(Api::ALL.to_vec()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        kept in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        let mut bytes = api.document().as_bytes().to_vec();
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if !whole {
            bytes.truncate(kept.index(bytes.len()));
        }
        take(&bytes);
    }
}

#[test]
fn nesting_of_any_depth_and_kind_is_refused_or_taken() {
    for depth in [10, 40, 48, 100, 10_000, 1_000_000] {
        assert_quick("lists", "[".repeat(depth).as_bytes());
        assert_quick("objects", r#"{"a":"#.repeat(depth).as_bytes());
        let schema = format!("{}{{}}{}", r#"{"items":"#.repeat(depth), "}".repeat(depth));
        let document =
            format!(r##"{{"swagger":"2.0","paths":{{}},"definitions":{{"A":{schema}}}}}"##);
        assert_quick("schemas", document.as_bytes());
        assert_quick("flow", "{a: ".repeat(depth).as_bytes());
        assert_quick("blocks", "- ".repeat(depth).as_bytes());
    }
}

#[test]
fn references_in_a_circle_or_in_a_long_chain_end() {
    let chain = |length: usize, last: &str| {
        let links = (0..length).map(|link| {
            let next = if link + 1 == length {
                last.to_owned()
            } else {
                format!("D{}", link + 1)
            };
            (
                format!("D{link}"),
                json!({ "$ref": format!("#/definitions/{next}") }),
            )
        });
        let definitions: Map<String, Value> = links.collect();
        json!({
            "swagger": "2.0", "definitions": definitions,
            "paths": { "/a": { "get": { "responses": { "200": { "description": "", "schema": { "$ref": "#/definitions/D0" } } } } } }
        })
    };
    for (length, last) in [(1, "D0"), (2, "D0"), (5_000, "D0"), (20_000, "Nowhere")] {
        assert_quick("a chain", chain(length, last).to_string().as_bytes());
    }
}

/// Documents of about 300 kB that are the worst of their kind.
fn worst() -> Vec<(&'static str, Value)> {
    let names = |count: usize, name: &dyn Fn(usize) -> String| {
        (0..count).map(name).collect::<Vec<String>>()
    };
    let answer = json!({ "200": { "description": "" } });
    let operations = |count: usize, operation: Value| -> Value {
        let paths = (0..count).map(|number| (format!("/p{number}"), json!({ "get": operation })));
        Value::Object(paths.collect())
    };
    let definitions = |names: Vec<String>, schema: Value| -> Value {
        Value::Object(
            names
                .into_iter()
                .map(|name| (name, schema.clone()))
                .collect(),
        )
    };
    let list: Vec<Value> = (0..8_000)
        .map(|number| json!({ "name": format!("n{number}"), "in": "query", "type": "string" }))
        .collect();
    let types = names(10_000, &|number| format!("application/x{number}"));
    let big = json!({ "type": "string", "enum": names(10_000, &|number| format!("v{number}")) });
    let dangling = names(8_000, &|number| format!("#/definitions/Gone{number}"));
    let dangling: Vec<Value> = dangling
        .into_iter()
        .map(|reference| json!({ "$ref": reference }))
        .collect();
    vec![
        (
            "many names spelled alike",
            json!({ "swagger": "2.0", "paths": {},
            "definitions": definitions(names(600, &|number| format!("a{}b", "\u{ab}".repeat(number))), json!({})) }),
        ),
        (
            "many references that lead nowhere",
            json!({ "swagger": "2.0", "paths": {},
            "definitions": { "A": { "allOf": dangling } } }),
        ),
        (
            "many required members",
            json!({ "swagger": "2.0", "paths": {},
            "definitions": { "A": { "type": "object", "required": names(30_000, &|number| format!("n{number}")) } } }),
        ),
        (
            "many parameters twice",
            json!({ "swagger": "2.0", "paths": { "/a": { "parameters": list, "get": { "parameters": list, "responses": answer } } } }),
        ),
        (
            "many media types for a large body",
            json!({ "swagger": "2.0", "consumes": types, "paths": { "/a": { "post": {
            "parameters": [{ "name": "b", "in": "body", "schema": big }], "responses": answer } } } }),
        ),
        (
            "many media types for many operations",
            json!({ "swagger": "2.0", "produces": types, "consumes": types,
            "paths": operations(2_000, json!({ "responses": { "200": { "description": "", "schema": {} } } })) }),
        ),
        (
            "a large shared body",
            json!({ "swagger": "2.0", "parameters": { "B": { "name": "b", "in": "body", "schema": big } },
            "paths": operations(2_000, json!({ "parameters": [{ "$ref": "#/parameters/B" }], "responses": answer })) }),
        ),
        (
            "a large shared answer",
            json!({ "swagger": "2.0", "responses": { "R": { "description": "", "schema": big } },
            "paths": operations(2_000, json!({ "produces": ["a/b"], "responses": { "200": { "$ref": "#/responses/R" } } })) }),
        ),
    ]
}

#[test]
fn the_worst_of_its_kind_takes_no_longer_than_others() {
    for (what, document) in worst() {
        assert_quick(what, document.to_string().as_bytes());
    }
}

#[test]
fn what_would_unfold_to_any_size_is_refused() {
    for (what, document) in worst() {
        let is_bomb = what.starts_with("a large shared") || what.starts_with("many media types");
        let converted = read(document.to_string().as_bytes())
            .unwrap()
            .into_openapi();
        match converted {
            Ok(_) => assert!(!is_bomb, "{what}"),
            Err(error) => assert!(
                is_bomb && error.to_string().contains("unfolds"),
                "{what}: {error}"
            ),
        }
    }
}

#[test]
fn aliases_of_aliases_do_not_unfold() {
    let mut text = String::from("a0: &a0 [x,x,x,x,x,x,x,x]\n");
    for level in 1..12 {
        let last = level - 1;
        let items = vec![format!("*a{last}"); 8].join(",");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    text.push_str("openapi: 3.0.0\npaths: {}\n");
    assert_quick("aliases", text.as_bytes());
}
