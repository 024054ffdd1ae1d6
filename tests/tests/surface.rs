//! The public surface of the bindings, one line for each operation, member and departure from the document.
//!
//! A change of one field in a specification shows here as a change of one line.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write as _;

use recharge_bindings::{Operation, hot, smartcall, source};
use recharge_spec::{Api, evidence, normalise};
use recharge_tests::surface::{Body, Surface};
use serde_json::Value;

fn operations(source: &str, operations: &[Operation]) -> String {
    let surface = Surface::read(source).unwrap();
    let mut rows: Vec<String> = operations
        .iter()
        .map(|operation| {
            let method = &surface.methods[operation.function];
            let arguments: Vec<String> = method
                .arguments
                .iter()
                .map(|(name, ty)| format!("{name}: {ty}"))
                .collect();
            let errors: Vec<String> = operation
                .responses
                .iter()
                .filter(|(status, _)| status / 100 != 2)
                .map(|(status, name)| match *name {
                    "" => format!("{status}"),
                    name => format!("{status}: {name}"),
                })
                .collect();
            let security = match operation.security {
                [] => "none".to_owned(),
                schemes => schemes.join("|"),
            };
            format!(
                "{} {} -> fn {}({}) -> {} | {} | {security}{}\n",
                operation.method,
                operation.path,
                operation.function,
                arguments.join(", "),
                method.success,
                if errors.is_empty() {
                    "-".to_owned()
                } else {
                    errors.join(", ")
                },
                if operation.safe { ", safe" } else { "" },
            )
        })
        .collect();
    rows.sort_by_key(|row| {
        let mut words = row.split(' ').map(str::to_owned);
        let method = words.next();
        (words.next(), method)
    });
    rows.concat()
}

/// The evidence of a member, from the document.
fn evidence_of(openapi: &Value, name: &str, wire: &str) -> String {
    let member = &openapi["components"]["schemas"][name]["properties"][wire];
    evidence::grade_of(member).map_or("-".to_owned(), |grade| grade.to_string())
}

fn types(api: Api, source: &str) -> String {
    let openapi = recharge_spec::openapi(api).unwrap();
    let surface = Surface::read(source).unwrap();
    let mut listing = String::new();
    for (name, body) in &surface.types {
        match body {
            Body::Object { members, extra } => {
                let mut rows: Vec<String> = members
                    .iter()
                    .map(|member| {
                        let codec = member
                            .codec
                            .as_ref()
                            .map(|codec| format!(" as {codec}"))
                            .unwrap_or_default();
                        let required = if member.required { ", required" } else { "" };
                        let secret = if member.secret { ", secret" } else { "" };
                        let evidence = evidence_of(&openapi, name, &member.wire);
                        format!(
                            "{name}.{} {}: {}{codec}{required}{secret} [{evidence}]\n",
                            member.field, member.wire, member.ty
                        )
                    })
                    .collect();
                rows.sort();
                listing.push_str(&rows.concat());
                if extra != "BTreeMap<String, Json>" {
                    let _ = writeln!(listing, "{name}.* {extra}");
                }
                if members.is_empty() {
                    let _ = writeln!(listing, "{name} has no members");
                }
            }
            Body::Newtype(inner) => {
                let _ = writeln!(listing, "{name} = {inner}");
            }
            Body::Texts(texts) => {
                let _ = writeln!(listing, "{name} = {} | ..", texts.join(" | "));
            }
        }
    }
    listing
}

fn losses(api: Api) -> String {
    let openapi = recharge_spec::openapi(api).unwrap();
    let losses = normalise::normalise(&openapi).unwrap().losses;
    losses.iter().map(|loss| format!("{loss}\n")).collect()
}

#[test]
fn the_operations_of_smartcall_are_these() {
    insta::assert_snapshot!(
        "smartcall_operations",
        operations(source::SMARTCALL, smartcall::OPERATIONS)
    );
}

#[test]
fn the_operations_of_hot_are_these() {
    insta::assert_snapshot!("hot_operations", operations(source::HOT, hot::OPERATIONS));
}

#[test]
fn the_types_of_smartcall_are_these() {
    insta::assert_snapshot!("smartcall_types", types(Api::Smartcall, source::SMARTCALL));
}

#[test]
fn the_types_of_hot_are_these() {
    insta::assert_snapshot!("hot_types", types(Api::Hot, source::HOT));
}

#[test]
fn the_smartcall_bindings_depart_from_their_document_in_these_points_only() {
    insta::assert_snapshot!("smartcall_losses", losses(Api::Smartcall));
}

#[test]
fn the_hot_bindings_depart_from_their_document_in_these_points_only() {
    insta::assert_snapshot!("hot_losses", losses(Api::Hot));
}
