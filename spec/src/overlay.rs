//! A correction that no longer corrects anything is reported, never passed over: then the document below it has changed.
//!
//! These are the rules of the OpenAPI Overlay Specification 1.0.0: actions apply in their order, each to everything that
//! its JSONPath (RFC 9535) selects; `update` merges objects member by member and appends to arrays, `remove` deletes.

mod effects;

use serde_json::Value;
use serde_json_path::{JsonPath, PathElement};

use crate::document::parse;
use crate::error::{Error, Place};

pub use effects::Effect;

/// A list of corrections.
#[derive(Debug)]
pub struct Overlay {
    actions: Vec<Action>,
}

#[derive(Debug)]
struct Action {
    target: JsonPath,
    description: String,
    change: Change,
}

#[derive(Debug)]
enum Change {
    Update(Value),
    Remove,
}

/// An action whose target is not in the document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unmatched {
    /// Which action of the overlay, counted from 0.
    pub index: usize,
    /// Its target.
    pub target: String,
    /// Its reason.
    pub description: String,
}

impl Overlay {
    /// Reads an overlay in JSON or YAML.
    pub fn read(text: &[u8]) -> Result<Self, Error> {
        let overlay = parse(text)?;
        let root = Place::ROOT;
        match overlay["overlay"].as_str() {
            Some("1.0" | "1.0.0") => {}
            Some(version) => {
                let what = format!("Overlay {version}; only 1.0 is");
                return Err(Error::unsupported(&root.name("overlay"), what));
            }
            None => {
                let what = "an overlay states its version as text";
                return Err(Error::malformed(&root.name("overlay"), what));
            }
        }
        let place = root.name("actions");
        let Some(actions) = overlay["actions"].as_array() else {
            return Err(Error::malformed(&place, "an overlay has a list of actions"));
        };
        let actions = actions.iter().enumerate();
        let actions = actions.map(|(index, action)| Action::read(action, &place.index(index)));
        let actions = actions.collect::<Result<_, _>>()?;
        Ok(Self { actions })
    }

    /// Applies every action, and returns those that found nothing to change. On an error `document` is left as it was.
    pub fn apply(&self, document: &mut Value) -> Result<Vec<Unmatched>, Error> {
        let mut changed = document.clone();
        let mut unmatched = Vec::new();
        let place = Place::ROOT.name("actions");
        for (index, action) in self.actions.iter().enumerate() {
            if !action.apply(&mut changed, &place.index(index))? {
                unmatched.push(Unmatched {
                    index,
                    target: action.target.to_string(),
                    description: action.description.clone(),
                });
            }
        }
        *document = changed;
        Ok(unmatched)
    }
}

impl Action {
    fn read(action: &Value, place: &Place<'_>) -> Result<Self, Error> {
        let Some(members) = action.as_object() else {
            return Err(Error::malformed(place, "an action is an object"));
        };
        for name in members.keys() {
            let known = ["target", "description", "update", "remove"].contains(&name.as_str());
            if !known && !name.starts_with("x-") {
                return Err(Error::malformed(&place.name(name), "no such member"));
            }
        }
        let here = place.name("target");
        let Some(target) = action["target"].as_str() else {
            return Err(Error::malformed(&here, "an action has a target"));
        };
        let target = JsonPath::parse(target)
            .map_err(|error| Error::malformed(&here, format!("not a JSONPath: {error}")))?;
        let change = match (action.get("update"), action.get("remove")) {
            (_, Some(Value::Bool(true))) => Change::Remove,
            (Some(update), None | Some(Value::Bool(false))) => Change::Update(update.clone()),
            (None, None | Some(Value::Bool(false))) => {
                return Err(Error::malformed(place, "an action updates or removes"));
            }
            (_, Some(_)) => {
                return Err(Error::malformed(&place.name("remove"), "true or false"));
            }
        };
        let description = action["description"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        Ok(Self {
            target,
            description,
            change,
        })
    }

    /// Applies this, and says whether there was anything to apply it to.
    fn apply(&self, document: &mut Value, place: &Place<'_>) -> Result<bool, Error> {
        let targets = self.targets(document);
        for target in targets.iter().rev() {
            match &self.change {
                Change::Update(update) => {
                    let Some(node) = descend(document, target) else {
                        continue;
                    };
                    merge_into_target(node, update, place)?;
                }
                Change::Remove => remove(document, target, place)?,
            }
        }
        Ok(!targets.is_empty())
    }

    /// What the target selects, each once and in an order in which later ones never move when earlier ones are kept:
    /// going backwards, members are removed before what holds them, and later items before earlier ones.
    fn targets(&self, document: &Value) -> Vec<Vec<Step>> {
        let located = self.target.query_located(document);
        let mut targets: Vec<Vec<Step>> = located
            .locations()
            .map(|location| location.iter().map(Step::from).collect())
            .collect();
        targets.sort();
        targets.dedup();
        targets
    }
}

#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Step {
    Index(usize),
    Name(String),
}

impl From<&PathElement<'_>> for Step {
    fn from(element: &PathElement<'_>) -> Self {
        match element {
            PathElement::Name(name) => Self::Name((*name).to_owned()),
            PathElement::Index(index) => Self::Index(*index),
        }
    }
}

fn descend<'a>(value: &'a mut Value, steps: &[Step]) -> Option<&'a mut Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Index(index) => value.get_mut(index),
        Step::Name(name) => value.get_mut(name),
    })
}

fn remove(document: &mut Value, target: &[Step], place: &Place<'_>) -> Result<(), Error> {
    let Some((last, holder)) = target.split_last() else {
        let what = "the whole document cannot be removed";
        return Err(Error::malformed(&place.name("target"), what));
    };
    match (descend(document, holder), last) {
        (Some(Value::Object(members)), Step::Name(name)) => {
            members.shift_remove(name);
        }
        (Some(Value::Array(items)), Step::Index(index)) if *index < items.len() => {
            items.remove(*index);
        }
        _ => {}
    }
    Ok(())
}

fn merge_into_target(node: &mut Value, update: &Value, place: &Place<'_>) -> Result<(), Error> {
    match (&mut *node, update) {
        (Value::Array(items), entry) => items.push(entry.clone()),
        (Value::Object(_), Value::Object(_)) => merge(node, update),
        (Value::Object(_), _) => {
            let what = "an object is updated with an object";
            return Err(Error::malformed(&place.name("update"), what));
        }
        _ => {
            let what = "only objects and arrays can be updated; name the object around it";
            return Err(Error::malformed(&place.name("target"), what));
        }
    }
    Ok(())
}

/// Objects are merged member by member, arrays joined, and everything else is replaced.
fn merge(old: &mut Value, new: &Value) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in new {
                match old.get_mut(name) {
                    Some(old) => merge(old, value),
                    None => {
                        old.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(old), Value::Array(new)) => old.extend(new.iter().cloned()),
        (old, new) => *old = new.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use serde_json::json;

    use super::*;

    fn overlay(actions: Value) -> Result<Overlay, Error> {
        let overlay = json!({ "overlay": "1.0.0", "info": {}, "actions": actions });
        Overlay::read(overlay.to_string().as_bytes())
    }

    fn applied(document: Value, actions: Value) -> (Value, Vec<Unmatched>) {
        let mut document = document;
        let unmatched = overlay(actions).unwrap().apply(&mut document).unwrap();
        (document, unmatched)
    }

    #[test]
    fn update_merges_objects_joins_arrays_and_replaces_the_rest() {
        let document = json!({ "a": { "b": 1, "c": { "d": [1] } } });
        let update = json!({ "b": 2, "c": { "d": [2], "e": null } });
        let (document, unmatched) =
            applied(document, json!([{ "target": "$.a", "update": update }]));
        assert_eq!(
            document,
            json!({ "a": { "b": 2, "c": { "d": [1, 2], "e": null } } })
        );
        assert_eq!(unmatched, []);
    }

    #[test]
    fn update_of_an_array_appends_one_entry() {
        let action = json!([{ "target": "$.servers", "update": { "url": "b" } }]);
        let (document, _) = applied(json!({ "servers": [{ "url": "a" }] }), action);
        assert_eq!(
            document,
            json!({ "servers": [{ "url": "a" }, { "url": "b" }] })
        );
    }

    #[test]
    fn update_reaches_every_match() {
        let action =
            json!([{ "target": "$..[?@.type == 'number']", "update": { "format": "decimal" } }]);
        let document =
            json!({ "a": { "type": "number" }, "b": [{ "type": "number" }, { "type": "string" }] });
        let (document, _) = applied(document, action);
        assert_eq!(document["a"]["format"], "decimal");
        assert_eq!(document["b"][0]["format"], "decimal");
        assert_eq!(document["b"][1].get("format"), None);
    }

    #[test]
    fn remove_deletes_members_and_items_and_keeps_the_order_of_the_others() {
        let action = json!([{ "target": "$.a[?@ < 3]", "remove": true }, { "target": "$.b", "remove": true }]);
        let (document, _) = applied(json!({ "a": [1, 5, 2, 4], "b": 1, "c": 2, "d": 3 }), action);
        assert_eq!(document.to_string(), r#"{"a":[5,4],"c":2,"d":3}"#);
    }

    #[test]
    fn items_are_removed_correctly_beyond_the_tenth() {
        let action = json!([{ "target": "$[2, 11]", "remove": true }]);
        let (document, _) = applied(json!([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), action);
        assert_eq!(document, json!([0, 1, 3, 4, 5, 6, 7, 8, 9, 10]));
    }

    #[test]
    fn remove_wins_over_update() {
        let action = json!([{ "target": "$.a", "remove": true, "update": { "b": 1 } }]);
        assert_eq!(applied(json!({ "a": {} }), action).0, json!({}));
    }

    #[test]
    fn later_actions_see_what_earlier_ones_did() {
        let actions = json!([
            { "target": "$", "update": { "a": {} } },
            { "target": "$.a", "update": { "b": 1 } },
        ]);
        assert_eq!(applied(json!({}), actions).0, json!({ "a": { "b": 1 } }));
    }

    #[test]
    fn an_action_that_matches_nothing_is_reported() {
        let action = json!([{ "target": "$.gone", "description": "why", "remove": true }]);
        let (document, unmatched) = applied(json!({ "a": 1 }), action);
        assert_eq!(document, json!({ "a": 1 }));
        assert_eq!(unmatched.len(), 1);
        assert_eq!(unmatched[0].index, 0);
        assert_eq!(unmatched[0].description, "why");
        assert!(unmatched[0].target.contains("gone"));
    }

    #[test]
    fn a_wrong_overlay_says_where_it_is_wrong() {
        let place = |actions| overlay(actions).unwrap_err().pointer().to_owned();
        assert_eq!(
            place(json!([{ "target": "$.[", "remove": true }])),
            "/actions/0/target"
        );
        assert_eq!(place(json!([{ "remove": true }])), "/actions/0/target");
        assert_eq!(place(json!([{ "target": "$" }])), "/actions/0");
        assert_eq!(
            place(json!([{ "target": "$", "updates": {} }])),
            "/actions/0/updates"
        );
        assert_eq!(
            place(json!([{ "target": "$", "remove": "yes" }])),
            "/actions/0/remove"
        );
        assert_eq!(place(json!({})), "/actions");
        let newer = Overlay::read(br#"{"overlay":"2.0.0","actions":[]}"#).unwrap_err();
        assert_eq!(newer.pointer(), "/overlay");
    }

    #[test]
    fn an_action_that_cannot_apply_leaves_the_document_alone() {
        let actions = json!([
            { "target": "$", "update": { "b": 2 } },
            { "target": "$.a", "update": { "c": 1 } },
        ]);
        let mut document = json!({ "a": "text" });
        let error = overlay(actions).unwrap().apply(&mut document).unwrap_err();
        assert_eq!(error.pointer(), "/actions/1/target");
        assert_eq!(document, json!({ "a": "text" }));
    }
}
