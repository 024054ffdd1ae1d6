use super::*;

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
fn a_list_that_openapi_has_no_style_for_is_text() {
    let list = |within: &str, format: &str| {
        let items = json!({ "type": "string" });
        parameter(json!({
            "name": "n", "in": within, "type": "array", "items": items, "collectionFormat": format,
        }))
    };
    for (within, format) in [("query", "tsv"), ("path", "pipes"), ("header", "ssv")] {
        let new = list(within, format);
        assert_eq!(new["schema"]["type"], "string");
        let was = &new["schema"]["x-written-as-text"];
        assert_eq!(
            (&was["type"], &was["collectionFormat"]),
            (&json!("array"), &json!(format))
        );
        assert_eq!(new.get("style"), None);
    }
}

#[test]
fn a_list_inside_a_list_that_is_written_otherwise_is_text() {
    let inner =
        json!({ "type": "array", "items": { "type": "string" }, "collectionFormat": "pipes" });
    let new = parameter(json!({ "name": "n", "in": "query", "type": "array", "items": inner }));
    assert_eq!(new["schema"]["type"], "string");
}

#[test]
fn what_is_no_way_to_write_a_list_is_refused_with_its_place() {
    let refused = |within: &str, format: &str| {
        let array =
            json!({ "name": "n", "in": within, "type": "array", "collectionFormat": format });
        error(json!({ "parameters": [array] }), json!({}))
    };
    let place = "/paths/~1a/get/parameters/0/collectionFormat: not supported";
    assert!(refused("query", "wsv").starts_with(place));
    assert!(refused("header", "multi").starts_with(place));
}

#[test]
fn a_short_document_does_not_unfold_to_a_long_one() {
    let types: Vec<String> = (0..2_000).map(|number| format!("a/{number}")).collect();
    let values: Vec<usize> = (0..2_000).collect();
    let body = json!({ "name": "b", "in": "body", "schema": { "enum": values } });
    let refused = error(
        json!({ "consumes": types, "parameters": [body] }),
        json!({}),
    );
    assert!(refused.contains("unfolds to more than"), "{refused}");
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
fn an_undefined_parameter_is_an_error() {
    let old = json!({ "parameters": [{ "$ref": "#/parameters/gone" }] });
    let error = error(old, json!({}));
    assert!(error.starts_with("/paths/~1a/get/parameters/0/$ref: refers to #/parameters/gone"));
}
