use super::*;

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
