//! What our code needs and the document no longer has, kept by the overlay until somebody has moved our code.
//!
//! Rule: **what is kept is marked, named in the report, and goes by itself when it comes back.** Only what our code uses
//! is kept, and only what can be kept without a lie: members that need not be sent, and the names of methods.

use std::collections::BTreeSet;

use recharge_spec::diff::{Change, Direction, Kind, Subject, Thing, diff};
use recharge_spec::report::Kept;
use serde_json::{Map, Value, json};

use super::surface::Item;
use super::touch::{pascal, snake};
use super::uses::Sources;

const BEGIN: &str = "  # Kept by refresh-spec, which also takes it out again: begin.";
const END: &str = "  # Kept by refresh-spec: end.";

/// An overlay without what an earlier run kept.
pub(super) fn without(overlay: &str) -> String {
    match (overlay.find(BEGIN), overlay.find(END)) {
        (Some(begin), Some(end)) if begin < end => {
            let after = overlay[end + END.len()..].trim_start_matches('\n');
            let before = overlay[..begin].trim_end();
            match after.is_empty() {
                true => format!("{before}\n"),
                false => format!("{before}\n\n{after}"),
            }
        }
        _ => overlay.to_owned(),
    }
}

/// Something to keep, and the action that does it.
pub(super) struct Keeping {
    pub(super) kept: Kept,
    action: Value,
}

/// An overlay that also keeps all this.
pub(super) fn with(overlay: &str, keeping: &[Keeping]) -> String {
    if keeping.is_empty() {
        return overlay.to_owned();
    }
    let mut text = format!("{}\n\n{BEGIN}\n", overlay.trim_end());
    for each in keeping {
        // JSON is YAML.
        let member = |name: &str| each.action[name].to_string();
        text.push_str(&format!(
            "  - target: {}\n    description: {}\n    update: {}\n",
            member("target"),
            member("description"),
            member("update"),
        ));
    }
    text + END + "\n"
}

/// What of `old` is to be kept beside `new`, both corrected, the latter without anything kept.
pub(super) fn find(old: &Value, new: &Value, sources: &Sources) -> Vec<Keeping> {
    let changes = diff(old, new);
    let members = changes
        .iter()
        .filter_map(|change| member(change, old, new, sources));
    let methods = changes
        .iter()
        .filter_map(|change| method(change, new, sources));
    members.chain(methods).collect()
}

fn member(change: &Change, old: &Value, new: &Value, sources: &Sources) -> Option<Keeping> {
    let Subject::Schema(schema) = &change.place.subject else {
        return None;
    };
    let is_gone =
        change.thing == Thing::Field && matches!(change.kind, Kind::Removed | Kind::Renamed);
    let is_direct = !change.place.field.contains(['.', '[', '*']);
    if !is_gone || !is_direct {
        return None;
    }
    let pointer = change.place.old.as_deref()?;
    let (holder, name) = pointer.rsplit_once("/properties/")?;
    let name = name.replace("~1", "/").replace("~0", "~");
    let required = old.pointer(holder)?["required"].as_array();
    let is_required = required.is_some_and(|names| names.iter().any(|each| *each == *name));
    let is_sent = change
        .uses
        .iter()
        .any(|each| each.direction == Direction::Request);
    if is_required && is_sent {
        return None;
    }
    let mut value = old.pointer(pointer)?.clone();
    if !all_defined(&value, new) {
        return None;
    }
    let near = near(change, schema, new);
    let needed = sources.in_facade(&Item::Field(pascal(schema), snake(&name)), &near);
    if needed.is_empty() {
        return None;
    }
    let reason = match (change.kind, &change.to) {
        // Kept already, for the reason that it was first kept for.
        _ if value["x-deprecated"].is_string() => value["x-deprecated"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        (Kind::Renamed, Some(to)) => format!("the document calls it `{to}` now"),
        _ => "the document no longer has it".to_owned(),
    };
    mark(&mut value, &reason);
    let mut properties = Map::new();
    properties.insert(name.clone(), value);
    Some(Keeping {
        kept: Kept {
            what: format!("{schema}.{name}"),
            reason: reason.clone(),
            needed,
        },
        action: json!({
            "target": format!("$.components.schemas[{}]", quoted(schema)),
            "description": format!("Deprecated: `{name}` is kept for our own code; {reason}."),
            "update": { "properties": properties },
        }),
    })
}

fn method(change: &Change, new: &Value, sources: &Sources) -> Option<Keeping> {
    let Subject::Operation(operation) = &change.place.subject else {
        return None;
    };
    let (from, to) = (change.from.as_deref()?, change.to.as_deref()?);
    // A path that moved is another change of the same kind.
    let is_id =
        change.thing == Thing::Operation && change.kind == Kind::Renamed && !from.contains(' ');
    if !is_id || from.is_empty() || ids(new).contains(from) {
        return None;
    }
    let (method, path) = operation.split_once(' ')?;
    let needed = sources.of_item(&Item::Method(snake(from)));
    if needed.is_empty() {
        return None;
    }
    let reason = match to {
        "" => "the document gives it no id".to_owned(),
        to => format!("the document calls it `{to}`"),
    };
    Some(Keeping {
        kept: Kept {
            what: format!("{operation} as `{from}`"),
            reason: reason.clone(),
            needed,
        },
        action: json!({
            "target": format!("$.paths[{}].{}", quoted(path), method.to_lowercase()),
            "description": format!("The method keeps its name for our own code; {reason}."),
            "update": { "operationId": from },
        }),
    })
}

fn near(change: &Change, schema: &str, new: &Value) -> BTreeSet<String> {
    let methods = change.uses.iter().filter_map(|each| {
        let (method, path) = each.operation.split_once(' ')?;
        let id = new["paths"][path][method.to_lowercase()]["operationId"].as_str()?;
        Some(snake(id))
    });
    let types = holders(schema, new);
    methods
        .chain(types.iter().map(|schema| pascal(schema)))
        .collect()
}

/// A schema, and all that have it somewhere inside: code that reads a member can have come there from any of them.
pub(super) fn holders(schema: &str, document: &Value) -> BTreeSet<String> {
    let schemas = document["components"]["schemas"].as_object();
    let mut found = BTreeSet::from([schema.to_owned()]);
    loop {
        let holds = |value: &Value| {
            let text = value.to_string();
            let reference = |schema: &String| format!("\"#/components/schemas/{schema}\"");
            found.iter().any(|schema| text.contains(&reference(schema)))
        };
        let more: Vec<String> = schemas
            .into_iter()
            .flatten()
            .filter(|(name, value)| !found.contains(*name) && holds(value))
            .map(|(name, _)| name.clone())
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

fn ids(document: &Value) -> BTreeSet<&str> {
    let items = document["paths"].as_object().into_iter().flatten();
    let operations = items.flat_map(|(_, item)| item.as_object().into_iter().flatten());
    operations
        .filter_map(|(_, operation)| operation["operationId"].as_str())
        .collect()
}

/// Says on a member itself why it is still there. A reference takes nothing beside it, so it goes into a list of one.
fn mark(value: &mut Value, reason: &str) {
    if value.get("$ref").is_some() {
        *value = json!({ "allOf": [value.take()] });
    }
    value["deprecated"] = true.into();
    value["x-deprecated"] = reason.into();
}

fn all_defined(value: &Value, document: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().all(|(name, member)| match member {
            Value::String(reference) if name == "$ref" => reference
                .strip_prefix('#')
                .is_some_and(|pointer| document.pointer(pointer).is_some()),
            other => all_defined(other, document),
        }),
        Value::Array(items) => items.iter().all(|item| all_defined(item, document)),
        _ => true,
    }
}

/// A name as JSONPath quotes it.
fn quoted(name: &str) -> String {
    format!("'{}'", name.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OVERLAY: &str = "overlay: 1.0.0\nactions:\n  - target: $\n    update: {}\n";

    fn keeping() -> Keeping {
        Keeping {
            kept: Kept {
                what: String::new(),
                reason: String::new(),
                needed: Vec::new(),
            },
            action: json!({ "target": "$.a", "description": "d", "update": { "b": 1 } }),
        }
    }

    #[test]
    fn what_was_kept_can_be_read_and_taken_out_again() {
        let kept = with(OVERLAY, &[keeping(), keeping()]);
        assert!(recharge_spec::Overlay::read(kept.as_bytes()).is_ok());
        assert!(kept.contains(BEGIN));
        assert_eq!(without(&kept), OVERLAY);
    }

    #[test]
    fn nothing_to_keep_leaves_the_overlay_alone() {
        assert_eq!(with(OVERLAY, &[]), OVERLAY);
        assert_eq!(without(OVERLAY), OVERLAY);
    }

    #[test]
    fn what_somebody_wrote_behind_it_stays() {
        let kept = with(OVERLAY, &[keeping()]) + "\n  - target: $.c\n    remove: true\n";
        assert_eq!(
            without(&kept),
            format!("{OVERLAY}\n  - target: $.c\n    remove: true\n")
        );
    }
}
