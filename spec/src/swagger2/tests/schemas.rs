use super::*;

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
fn an_undefined_schema_is_any_value_and_says_so() {
    let old =
        json!({ "responses": { "200": { "schema": { "$ref": "#/definitions/InputStream" } } } });
    let new = converted(old, json!({}));
    let place = "/paths/~1a/get/responses/200/schema/$ref";
    let expected = json!({ "InputStream": { "x-undefined": place } });
    assert_eq!(new["components"]["schemas"], expected);
}
