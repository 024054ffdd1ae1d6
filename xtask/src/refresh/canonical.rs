//! A form of a document in which the same content is always the same text.
//!
//! Rule: **members are sorted, and lists whose order means nothing too.** Generators write members in the order in which
//! a hash map happens to hold them; a diff of two such documents shows everything and nothing.

use serde_json::{Map, Value};

/// Lists of texts whose order means nothing.
const SETS: [&str; 5] = ["consumes", "produces", "required", "schemes", "tags"];

/// The document as sorted and indented JSON.
pub fn canonical(document: &Value) -> String {
    format!("{:#}\n", sorted(document, ""))
}

fn sorted(value: &Value, name: &str) -> Value {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            let members = names
                .into_iter()
                .map(|name| (name.clone(), sorted(&members[name], name)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| sorted(item, "")).collect();
            if SETS.contains(&name) {
                items.sort_by_key(Value::to_string);
            }
            Value::Array(items)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_members_and_of_sets_does_not_show() {
        let one = json!({ "b": 1, "a": { "required": ["y", "x"], "enum": [2, 1] } });
        let other = json!({ "a": { "enum": [2, 1], "required": ["x", "y"] }, "b": 1 });
        assert_eq!(canonical(&one), canonical(&other));
    }

    #[test]
    fn the_order_of_lists_shows() {
        assert_ne!(
            canonical(&json!({ "enum": [1, 2] })),
            canonical(&json!({ "enum": [2, 1] }))
        );
    }
}
