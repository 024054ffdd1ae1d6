//! What changed between two documents, as somebody would say it, and whether it breaks anything.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "diff/service.rs"]
mod service;

use recharge_spec::diff::{Change, diff};
use serde_json::{Value, json};

use service::service;

/// One change, as a line: class on the wire, whether source breaks, kind, place, values.
fn line(change: &Change) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_default();
    let line = format!(
        "{}{} {} {} [{} > {}]",
        change.wire,
        if change.source { "+source" } else { "" },
        change.kind,
        change.place,
        value(&change.from),
        value(&change.to),
    );
    line.replace("[ > ]", "").trim_end().to_owned()
}

/// The changes that `change` makes to the service.
#[track_caller]
fn assert_lines(change: impl FnOnce(&mut Value), expected: &[&str]) {
    let old = service();
    let mut new = old.clone();
    change(&mut new);
    let lines: Vec<String> = diff(&old, &new).iter().map(line).collect();
    assert_eq!(lines, expected);
}

fn take(value: &mut Value, name: &str) -> Value {
    value.as_object_mut().unwrap().remove(name).unwrap()
}

fn get(document: &mut Value) -> &mut Value {
    &mut document["paths"]["/sales/{id}"]["get"]
}

fn properties<'a>(document: &'a mut Value, schema: &str) -> &'a mut Value {
    &mut document["components"]["schemas"][schema]["properties"]
}

#[test]
fn a_document_is_no_change_of_itself() {
    assert_lines(|_| {}, &[]);
}

#[test]
fn words_examples_tags_order_and_extensions_mean_nothing() {
    assert_lines(
        |document| {
            document["info"]["description"] = json!("words");
            document["x-generator"] = json!("other");
            get(document)["summary"] = json!("words");
            get(document)["tags"] = json!(["Sales"]);
            let amount = take(properties(document, "Order"), "amount");
            properties(document, "Order")["amount"] = amount;
            properties(document, "Order")["amount"]["example"] = json!(5);
            properties(document, "Order")["amount"]["x-evidence"] = json!({ "grade": "inferred" });
        },
        &[],
    );
}

#[test]
fn a_new_operation_breaks_nothing() {
    assert_lines(
        |document| {
            document["paths"]["/ping"] =
                json!({ "get": { "operationId": "ping", "responses": {} } })
        },
        &["compatible added GET /ping"],
    );
}

#[test]
fn an_operation_that_is_gone_breaks_unless_its_end_was_announced() {
    assert_lines(
        |document| drop(take(&mut document["paths"], "/sales/{id}")),
        &["breaking+source removed GET /sales/{id}"],
    );
    let mut old = service();
    get(&mut old)["deprecated"] = json!(true);
    let mut new = old.clone();
    take(&mut new["paths"], "/sales/{id}");
    let lines: Vec<String> = diff(&old, &new).iter().map(line).collect();
    assert_eq!(lines, ["compatible+source removed GET /sales/{id}"]);
}

#[test]
fn an_operation_that_moved_is_known_by_its_id() {
    assert_lines(
        |document| {
            let item = take(&mut document["paths"], "/sales");
            document["paths"]["/v2/orders"] = item;
        },
        &["breaking renamed POST /v2/orders [POST /sales > POST /v2/orders]"],
    );
}

#[test]
fn another_id_is_another_method_and_nothing_on_the_wire() {
    assert_lines(
        |document| get(document)["operationId"] = json!("sale_1"),
        &["compatible+source renamed GET /sales/{id} [getSale > sale_1]"],
    );
}

#[test]
fn the_name_of_a_path_parameter_is_nobodys_business() {
    assert_lines(
        |document| {
            let mut item = take(&mut document["paths"], "/sales/{id}");
            item["get"]["parameters"][0]["name"] = json!("saleId");
            document["paths"]["/sales/{saleId}"] = item;
        },
        &["compatible renamed GET /sales/{saleId} path saleId [id > saleId]"],
    );
}

#[test]
fn a_parameter_is_added_removed_or_renamed() {
    assert_lines(
        |document| {
            let list = get(document)["parameters"].as_array_mut().unwrap();
            list.push(json!({ "name": "X-Till", "in": "header", "required": true, "schema": { "type": "string" } }));
        },
        &["breaking+source added GET /sales/{id} header X-Till [ > required]"],
    );
    assert_lines(
        |document| {
            drop(
                get(document)["parameters"]
                    .as_array_mut()
                    .unwrap()
                    .remove(1),
            )
        },
        &["compatible+source removed GET /sales/{id} query limit [optional > ]"],
    );
    assert_lines(
        |document| get(document)["parameters"][1]["name"] = json!("limits"),
        &["compatible+source renamed GET /sales/{id} query limits [limit > limits]"],
    );
}

#[test]
fn a_parameter_becomes_required() {
    assert_lines(
        |document| get(document)["parameters"][1]["required"] = json!(true),
        &["breaking+source required GET /sales/{id} query limit [optional > required]"],
    );
}

#[test]
fn what_is_sent_may_become_wider_and_what_is_received_narrower() {
    assert_lines(
        |document| get(document)["parameters"][1]["schema"]["format"] = json!("int64"),
        &["compatible+source format GET /sales/{id} query limit [int32 > int64]"],
    );
    assert_lines(
        |document| properties(document, "Line")["cents"]["format"] = json!("int64"),
        &["breaking+source format Line.cents [int32 > int64]"],
    );
    assert_lines(
        |document| properties(document, "Line")["cents"] = json!({ "type": "string" }),
        &["breaking+source type Line.cents [integer (int32) > string]"],
    );
    assert_lines(
        |document| properties(document, "Sale")["reference"] = json!({ "type": "integer" }),
        &["compatible+source type Sale.reference [string > integer]"],
    );
}

#[test]
fn a_format_that_the_bindings_do_not_know_changes_no_source() {
    assert_lines(
        |document| properties(document, "Sale")["reference"]["format"] = json!("uuid"),
        &["compatible format Sale.reference [none > uuid]"],
    );
}

#[test]
fn a_value_of_an_enum_breaks_where_it_can_come_or_can_no_longer_be_sent() {
    assert_lines(
        |document| properties(document, "Sale")["state"]["enum"] = json!(["done", "open", "lost"]),
        &["breaking enum Sale.state [ > lost]"],
    );
    assert_lines(
        |document| properties(document, "Order")["kind"]["enum"] = json!(["air", "data", "power"]),
        &["compatible+source enum Order.kind [ > power]"],
    );
    assert_lines(
        |document| properties(document, "Order")["kind"]["enum"] = json!(["air"]),
        &["breaking+source enum Order.kind [data > ]"],
    );
    assert_lines(
        |document| get(document)["parameters"][2]["schema"]["enum"] = json!(["up"]),
        &["breaking+source enum GET /sales/{id} query sort [down > ]"],
    );
}

#[test]
fn a_value_that_was_only_unknown_breaks_nothing() {
    assert_lines(
        |document| {
            properties(document, "Sale")["network"]["x-known-values"] = json!(["A", "B", "C"])
        },
        &["compatible known values Sale.network [ > C]"],
    );
}

#[test]
fn a_member_that_must_be_sent_breaks_and_one_that_may_be_does_not() {
    assert_lines(
        |document| properties(document, "Order")["till"] = json!({ "type": "string" }),
        &["compatible added Order.till [ > string]"],
    );
    assert_lines(
        |document| {
            properties(document, "Order")["till"] = json!({ "type": "string" });
            document["components"]["schemas"]["Order"]["required"] = json!(["product", "till"]);
        },
        &["breaking+source added Order.till [ > string]"],
    );
    assert_lines(
        |document| {
            document["components"]["schemas"]["Order"]["required"] = json!(["product", "amount"])
        },
        &["breaking+source required Order.amount [optional > required]"],
    );
}

#[test]
fn a_member_of_an_answer_that_need_not_come_breaks_on_the_wire_only() {
    assert_lines(
        |document| {
            drop(take(
                &mut document["components"]["schemas"]["Sale"],
                "required",
            ))
        },
        &["breaking required Sale.reference [required > optional]"],
    );
    assert_lines(
        |document| properties(document, "Sale")["amount"]["nullable"] = json!(true),
        &["breaking nullability Sale.amount [never null > nullable]"],
    );
}

#[test]
fn a_member_that_is_gone_breaks_in_answers_and_in_source() {
    assert_lines(
        |document| drop(take(properties(document, "Sale"), "amount")),
        &["breaking+source removed Sale.amount [number > ]"],
    );
    assert_lines(
        |document| drop(take(properties(document, "Order"), "amount")),
        &["compatible+source removed Order.amount [number > ]"],
    );
}

#[test]
fn a_member_that_is_called_otherwise_is_one_change() {
    assert_lines(
        |document| {
            let network = take(properties(document, "Sale"), "network");
            properties(document, "Sale")["networkName"] = network;
        },
        &["breaking+source renamed Sale.networkName [network > networkName]"],
    );
}

#[test]
fn a_member_of_another_name_and_type_is_two() {
    assert_lines(
        |document| {
            take(properties(document, "Sale"), "network");
            properties(document, "Sale")["networkId"] = json!({ "type": "integer" });
        },
        &[
            "breaking+source removed Sale.network [string > ]",
            "compatible added Sale.networkId [ > integer]",
        ],
    );
}

#[test]
fn a_schema_that_is_called_otherwise_is_known_by_where_it_stands() {
    assert_lines(
        |document| {
            let line = take(&mut document["components"]["schemas"], "Line");
            document["components"]["schemas"]["SaleLineDto"] = line;
            properties(document, "Sale")["lines"]["items"]["$ref"] =
                json!("#/components/schemas/SaleLineDto");
        },
        &["compatible+source renamed SaleLineDto [Line > SaleLineDto]"],
    );
}

#[test]
fn a_reference_to_something_else_is_another_type() {
    assert_lines(
        |document| {
            properties(document, "Sale")["lines"]["items"] =
                json!({ "$ref": "#/components/schemas/Order" })
        },
        &["breaking+source type Sale.lines[] [Line > Order]"],
    );
}

#[test]
fn what_was_named_and_now_stands_where_it_is_used_is_compared_all_the_same() {
    assert_lines(
        |document| {
            let mut line = document["components"]["schemas"]["Line"].clone();
            line["properties"]["pin"]["type"] = json!("integer");
            properties(document, "Sale")["lines"]["items"] = line;
        },
        &["compatible+source type Sale.lines[].pin [string > integer]"],
    );
}

#[test]
fn a_status_is_answered_now_or_no_longer() {
    assert_lines(
        |document| get(document)["responses"]["409"] = json!({ "description": "" }),
        &["compatible status GET /sales/{id} 409 [ > 409]"],
    );
    assert_lines(
        |document| drop(take(&mut get(document)["responses"], "404")),
        &["breaking status GET /sales/{id} 404 [404 > ]"],
    );
}

#[test]
fn a_header_of_an_answer_is_gone() {
    assert_lines(
        |document| drop(take(&mut get(document)["responses"]["200"], "headers")),
        &["breaking removed GET /sales/{id} 200 header Etag"],
    );
}

#[test]
fn a_body_and_its_media_types_change() {
    assert_lines(
        |document| {
            drop(take(
                &mut document["paths"]["/sales"]["post"],
                "requestBody",
            ))
        },
        &["compatible+source removed POST /sales body"],
    );
    assert_lines(
        |document| {
            let content = &mut document["paths"]["/sales"]["post"]["requestBody"]["content"];
            let media = take(content, "application/json");
            content["application/xml"] = media;
        },
        &["breaking media type POST /sales body [application/json > application/xml]"],
    );
}

#[test]
fn security_is_compared_by_what_it_is_and_not_by_what_it_is_called() {
    assert_lines(
        |document| {
            let key = take(&mut document["components"]["securitySchemes"], "key");
            document["components"]["securitySchemes"]["apiKey"] = key;
            document["security"] = json!([{ "apiKey": [] }]);
        },
        &[],
    );
    assert_lines(
        |document| get(document)["security"] = json!([]),
        &["compatible security GET /sales/{id} [header X-Key > none]"],
    );
}

#[test]
fn bounds_defaults_lists_addresses_and_deprecation_are_seen() {
    assert_lines(
        |document| properties(document, "Order")["note"]["maxLength"] = json!(10),
        &["breaking bounds Order.note [maxLength 20 > maxLength 10]"],
    );
    assert_lines(
        |document| properties(document, "Order")["note"]["default"] = json!("x"),
        &["warning default Order.note [ > x]"],
    );
    assert_lines(
        |document| get(document)["parameters"][3]["explode"] = json!(true),
        &["breaking style GET /sales/{id} query lines [form > form, name repeated]"],
    );
    assert_lines(
        |document| document["servers"][0]["url"] = json!("https://b.example"),
        &["warning servers the document [https://a.example > https://b.example]"],
    );
    assert_lines(
        |document| get(document)["deprecated"] = json!(true),
        &["warning deprecated GET /sales/{id}"],
    );
}

#[test]
fn a_change_names_every_operation_that_it_reaches_and_how() {
    let old = service();
    let mut new = old.clone();
    take(properties(&mut new, "Line"), "pin");
    let changes = diff(&old, &new);
    let uses: Vec<String> = changes[0]
        .uses
        .iter()
        .map(|each| {
            format!(
                "{} {}",
                each.operation,
                each.status.as_deref().unwrap_or("sent")
            )
        })
        .collect();
    assert_eq!(uses, ["GET /sales/{id} 200", "POST /sales 200"]);
}

#[test]
fn a_schema_that_contains_itself_is_compared_once() {
    let mut old = service();
    properties(&mut old, "Line")["next"] = json!({ "$ref": "#/components/schemas/Line" });
    let mut new = old.clone();
    properties(&mut new, "Line")["cents"]["format"] = json!("int64");
    assert_eq!(diff(&old, &new).len(), 1);
}
