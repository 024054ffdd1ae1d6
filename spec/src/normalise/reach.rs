//! Which way a component travels.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{component_of, each_ref};

/// The components that a request reaches.
pub(super) fn from_requests(paths: &Value, components: &Map<String, Value>) -> BTreeSet<String> {
    reachable(paths, components, &["requestBody", "parameters"])
}

/// The components that an answer reaches.
pub(super) fn from_responses(paths: &Value, components: &Map<String, Value>) -> BTreeSet<String> {
    reachable(paths, components, &["x-responses"])
}

fn reachable(paths: &Value, components: &Map<String, Value>, parts: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<Value> = operations(paths)
        .flat_map(|operation| parts.iter().filter_map(|part| operation.get(part)))
        .cloned()
        .collect();
    while let Some(mut value) = open.pop() {
        each_ref(&mut value, &mut |reference| {
            if let Some(name) = component_of(reference)
                && let Some(schema) = components.get(&name)
                && found.insert(name)
            {
                open.push(schema.clone());
            }
        });
    }
    found
}

fn operations(paths: &Value) -> impl Iterator<Item = &Value> {
    let items = paths.as_object().into_iter().flat_map(Map::values);
    items.flat_map(|item| item.as_object().into_iter().flat_map(Map::values))
}
