//! Who uses a schema: every operation from whose request or answers a chain of references leads to it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Use;
use super::class::{Class, Direction};
use super::names::operations;
use super::parameters::resolved;

/// The uses of every named schema.
pub(super) struct Reach(BTreeMap<String, BTreeSet<Use>>);

impl Reach {
    pub(super) fn of(document: &Value) -> Self {
        let mut graph = Graph {
            document,
            below: BTreeMap::new(),
        };
        let mut uses: BTreeMap<String, BTreeSet<Use>> = BTreeMap::new();
        for operation in operations(document) {
            let mut add = |root: &Value, direction, status: Option<&str>| {
                for name in graph.all_from(root) {
                    uses.entry(name).or_default().insert(Use {
                        operation: operation.name(),
                        direction,
                        status: status.map(str::to_owned),
                        class: Class::Compatible,
                    });
                }
            };
            add(&operation.item["parameters"], Direction::Request, None);
            add(&operation.value["parameters"], Direction::Request, None);
            let body = resolved(document, &operation.value["requestBody"]);
            add(body, Direction::Request, None);
            let responses = operation.value["responses"].as_object();
            for (status, response) in responses.into_iter().flatten() {
                let response = resolved(document, response);
                add(response, Direction::Response, Some(status));
            }
        }
        Self(uses)
    }

    pub(super) fn uses(&self, schema: &str) -> impl Iterator<Item = Use> {
        self.0.get(schema).into_iter().flatten().cloned()
    }
}

/// Which schemas are named by which, found once for each.
struct Graph<'a> {
    document: &'a Value,
    below: BTreeMap<String, BTreeSet<String>>,
}

impl Graph<'_> {
    /// Every schema that `root` leads to.
    fn all_from(&mut self, root: &Value) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut next = BTreeSet::new();
        named(root, &mut next);
        while let Some(name) = next.pop_first() {
            if !self.below.contains_key(&name) {
                let mut below = BTreeSet::new();
                named(&self.document["components"]["schemas"][&name], &mut below);
                // Parameters are named too, and lead on to schemas.
                self.below.insert(name.clone(), below);
            }
            let below = self.below.get(&name).into_iter().flatten();
            next.extend(below.filter(|each| !found.contains(*each)).cloned());
            found.insert(name);
        }
        found
    }
}

/// The schemas that a value names itself.
fn named(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(name) = schema_name(value) {
                found.insert(name);
            }
            members.values().for_each(|member| named(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| named(item, found)),
        _ => {}
    }
}

/// The schema that a value refers to.
pub(super) fn schema_name(value: &Value) -> Option<String> {
    let reference = value.get("$ref")?.as_str()?;
    let name = reference.strip_prefix("#/components/schemas/")?;
    Some(crate::error::unescape(name))
}
