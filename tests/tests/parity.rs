//! Every operation and every member of the documents is in the bindings, and nothing else.
//!
//! Two witnesses that know nothing of each other are compared: the document, and what the compiler made of the bindings.
//! For the types that is the JSON schema that `schemars` derives from a second copy of the bindings, generated with that
//! derive and compiled only here; for the operations it is the source of the methods.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    unreachable_pub,
    missing_docs
)]

#[allow(dead_code)]
#[path = "../../generated/body.rs"]
mod body;
#[path = "../../generated/codec.rs"]
mod codec;
#[allow(dead_code)]
#[path = "../../generated/field.rs"]
mod field;
#[allow(dead_code)]
#[path = "../../generated/json.rs"]
mod json;
#[allow(dead_code)]
#[path = "../../generated/object.rs"]
mod object;
#[allow(dead_code)]
#[path = "../../generated/operation.rs"]
mod operation;
#[allow(dead_code)]
#[path = "../../generated/path.rs"]
mod path;
#[allow(dead_code)]
#[path = "../../generated/wire.rs"]
mod wire;

#[path = "parity/canonical.rs"]
mod canonical;
#[path = "parity/schemas.rs"]
mod schemas;

use std::collections::{BTreeMap, BTreeSet};

use field::Field;
#[allow(unused_imports)] // For documents with maps of anything.
use json::Extra;
use json::Json;
use operation::Operation;
use recharge_bindings::source;
use recharge_spec::Api;
use recharge_tests::surface::{Method, Surface};
use serde_json::Value;
use wire::Wire;

#[allow(dead_code, unused_imports, clippy::all)]
mod smartcall {
    include!(concat!(env!("OUT_DIR"), "/smartcall_with_schemas.rs"));

    pub(crate) fn schemas() -> Vec<(&'static str, schemars::Schema)> {
        include!(concat!(env!("OUT_DIR"), "/smartcall_schemas.rs"))
    }
}

#[allow(dead_code, unused_imports, clippy::all)]
mod hot {
    include!(concat!(env!("OUT_DIR"), "/hot_with_schemas.rs"));

    pub(crate) fn schemas() -> Vec<(&'static str, schemars::Schema)> {
        include!(concat!(env!("OUT_DIR"), "/hot_schemas.rs"))
    }
}

struct Service {
    openapi: Value,
    surface: Surface,
    schemas: BTreeMap<&'static str, Value>,
    operations: &'static [Operation],
}

fn smartcall_service() -> Service {
    service(
        Api::Smartcall,
        source::SMARTCALL,
        smartcall::schemas(),
        smartcall::OPERATIONS,
    )
}

fn hot_service() -> Service {
    service(Api::Hot, source::HOT, hot::schemas(), hot::OPERATIONS)
}

fn service(
    api: Api,
    source: &str,
    schemas: Vec<(&'static str, schemars::Schema)>,
    operations: &'static [Operation],
) -> Service {
    Service {
        openapi: recharge_spec::openapi(api).unwrap(),
        surface: Surface::read(source).unwrap(),
        schemas: schemas
            .into_iter()
            .map(|(name, schema)| (name, schema.to_value()))
            .collect(),
        operations,
    }
}

impl Service {
    /// Method and path of every operation of the document, with what it says.
    fn documented(&self) -> Vec<(String, String, &Value)> {
        let mut all = Vec::new();
        for (path, item) in self.openapi["paths"].as_object().unwrap() {
            for (verb, operation) in item.as_object().unwrap() {
                if operation.get("responses").is_some() {
                    all.push((verb.to_uppercase(), path.clone(), operation));
                }
            }
        }
        all
    }

    fn follow<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self
                .openapi
                .pointer(reference.trim_start_matches('#'))
                .unwrap(),
            None => value,
        }
    }

    fn method(&self, verb: &str, path: &str) -> Option<&Method> {
        let mut methods = self.surface.methods.values();
        methods.find(|method| method.verb == verb && method.path == path)
    }

    fn assert_operations(&self, count: usize) {
        let documented = self.documented();
        assert_eq!(documented.len(), count, "operations in the document");
        assert_eq!(self.surface.methods.len(), count, "methods of the client");
        assert_eq!(self.operations.len(), count, "rows of the table");
        for (verb, path, operation) in documented {
            let method = self
                .method(&verb, &path)
                .unwrap_or_else(|| panic!("no method for {verb} {path}"));
            let row = self
                .operations
                .iter()
                .find(|row| row.method == verb && row.path == path);
            let row = row.unwrap_or_else(|| panic!("no row for {verb} {path}"));
            assert_eq!(Some(row.id), operation["operationId"].as_str());
            self.assert_parameters(row.id, operation, method);
            self.assert_body(row, operation, method);
            self.assert_answers(row, operation, method);
        }
    }

    fn assert_parameters(&self, id: &str, operation: &Value, method: &Method) {
        let mut expected = BTreeSet::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = self.follow(parameter);
            let text = |name: &str| parameter[name].as_str().unwrap().to_owned();
            expected.insert((text("in"), text("name")));
        }
        let headers = method
            .headers
            .iter()
            .map(|name| ("header".to_owned(), name.clone()));
        let query = method
            .query
            .iter()
            .map(|name| ("query".to_owned(), name.clone()));
        let path = method
            .segments
            .iter()
            .map(|(name, _)| ("path".to_owned(), name.clone()));
        let found: BTreeSet<(String, String)> = headers.chain(query).chain(path).collect();
        assert_eq!(found, expected, "parameters of {id}");
        let bodies = method
            .arguments
            .iter()
            .filter(|(name, _)| name == "body")
            .count();
        assert_eq!(
            method.arguments.len(),
            expected.len() + bodies,
            "arguments of {id}"
        );
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let parameter = self.follow(parameter);
            let name = parameter["name"].as_str().unwrap();
            let schema = &parameter["schema"];
            let plain = match (schema["type"].as_str(), schema["format"].as_str()) {
                (Some("integer"), Some("int32")) => "i32",
                (Some("integer"), _) => "i64",
                (Some("boolean"), _) => "bool",
                (Some("number"), _) => "Decimal",
                _ => "&str",
            };
            let expected = match parameter["required"] == true {
                true => plain.to_owned(),
                false => format!("Option<{plain}>"),
            };
            let folded = |name: &str| name.replace(['_', '-'], "").to_lowercase();
            let argument = method
                .arguments
                .iter()
                .find(|(argument, _)| folded(argument) == folded(name));
            assert_eq!(
                argument.map(|(_, ty)| ty),
                Some(&expected),
                "{name} of {id}"
            );
        }
        // What is put into the path is the argument of that name, not its neighbour.
        for (name, argument) in &method.segments {
            assert_eq!(
                name.to_lowercase(),
                argument.replace('_', "").to_lowercase(),
                "path of {id}"
            );
        }
    }

    fn assert_body(&self, row: &Operation, operation: &Value, method: &Method) {
        let content = &self.follow(&operation["requestBody"])["content"]["application/json"];
        let expected = canonical::name_of(&content["schema"]);
        assert_eq!(
            row.request.map(str::to_owned),
            expected,
            "body of {}",
            row.id
        );
        let argument = method.arguments.iter().find(|(name, _)| name == "body");
        let found = argument.map(|(_, ty)| ty.trim_start_matches('&').to_owned());
        assert_eq!(found, expected, "body of {}", row.id);
    }

    fn assert_answers(&self, row: &Operation, operation: &Value, method: &Method) {
        let mut expected = BTreeSet::new();
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = self.follow(response);
            let code: u16 = status.parse().unwrap_or(0);
            let names = canonical::names_of_answer(response);
            if status.starts_with('2') {
                let success = match names.iter().next().map(String::as_str) {
                    Some("bytes") | None => "ByteStream",
                    Some(name) => name,
                };
                assert_eq!(method.success, success, "success of {}", row.id);
            }
            if names.is_empty() {
                expected.insert((code, String::new()));
            }
            expected.extend(names.into_iter().map(|name| (code, name)));
        }
        let found: BTreeSet<(u16, String)> = row
            .responses
            .iter()
            .map(|(code, name)| (*code, (*name).to_owned()))
            .collect();
        assert_eq!(found, expected, "answers of {}", row.id);
    }

    /// Security is not compared with the source, since the generator does not know it: only with the table.
    fn assert_security(&self) {
        for (verb, path, operation) in self.documented() {
            let listed = operation
                .get("security")
                .unwrap_or(&self.openapi["security"]);
            let expected: Vec<String> = listed
                .as_array()
                .into_iter()
                .flatten()
                .map(|schemes| {
                    schemes
                        .as_object()
                        .unwrap()
                        .keys()
                        .cloned()
                        .collect::<Vec<_>>()
                        .join("+")
                })
                .collect();
            let row = self
                .operations
                .iter()
                .find(|row| row.method == verb && row.path == path)
                .unwrap();
            assert_eq!(row.security, expected, "security of {}", row.id);
        }
    }

    fn assert_types(&self) {
        let requests = canonical::reachable_from_requests(&self.openapi);
        let components = self.openapi["components"]["schemas"].as_object().unwrap();
        let names: BTreeSet<&str> = components.keys().map(String::as_str).collect();
        let generated: BTreeSet<&str> = self.schemas.keys().copied().collect();
        assert_eq!(generated, names, "a type for each component, and no other");
        let mut differing = Vec::new();
        for (name, schema) in components {
            let document = canonical::of_document(schema, requests.contains(name));
            let bindings = canonical::of_bindings(&self.schemas[name.as_str()]);
            if document != bindings {
                differing.push(format!(
                    "{name}:\n document {document}\n bindings {bindings}"
                ));
            }
        }
        assert!(differing.is_empty(), "{}", differing.join("\n"));
    }
}

#[test]
fn every_operation_of_smartcall_is_in_the_bindings_and_no_other() {
    smartcall_service().assert_operations(42);
}

#[test]
fn every_operation_of_hot_is_in_the_bindings_and_no_other() {
    hot_service().assert_operations(11);
}

#[test]
fn the_security_of_every_operation_is_in_the_table() {
    smartcall_service().assert_security();
    hot_service().assert_security();
}

#[test]
fn every_member_of_the_smartcall_schemas_is_in_the_bindings_and_no_other() {
    smartcall_service().assert_types();
}

#[test]
fn every_member_of_the_hot_schemas_is_in_the_bindings_and_no_other() {
    hot_service().assert_types();
}

#[test]
#[should_panic(expected = "BalanceResponse")]
fn a_member_that_only_the_document_has_is_noticed() {
    let mut service = smartcall_service();
    service.openapi["components"]["schemas"]["BalanceResponse"]["properties"]["overdraft"] =
        serde_json::json!({ "type": "boolean" });
    service.assert_types();
}

#[test]
#[should_panic(expected = "Recharge:")]
fn money_that_is_written_the_other_way_is_noticed() {
    let mut service = smartcall_service();
    let schemas = &mut service.openapi["components"]["schemas"];
    schemas["Recharge"]["properties"]["retailPrice"] =
        serde_json::json!({ "type": "number", "format": "decimal" });
    service.assert_types();
}

#[test]
#[should_panic(expected = "parameters of getNetworks")]
fn a_parameter_that_only_the_document_has_is_noticed() {
    let mut service = smartcall_service();
    let parameters = &mut service.openapi["paths"]["/smartload/networks"]["get"]["parameters"];
    parameters[0]["in"] = serde_json::json!("query");
    service.assert_operations(42);
}
