//! What each action of an overlay does to a document: what it selects, and whether the document did not say so already.

use serde_json::Value;

use super::{Action, Change, Overlay, Step, descend};
use crate::error::{Error, Place, escape};

/// What one action does to a document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Effect {
    /// Which action of the overlay, counted from 0.
    pub index: usize,
    /// Its target.
    pub target: String,
    /// Its reason.
    pub description: String,
    /// What the target selects, as JSON pointers.
    pub matched: Vec<String>,
    /// Whether the document is another one afterwards.
    pub changes: bool,
}

impl Overlay {
    /// What each action does to `document`, after those before it.
    pub fn effects(&self, document: &Value) -> Result<Vec<Effect>, Error> {
        let mut changed = document.clone();
        let place = Place::ROOT.name("actions");
        let effects = self.actions.iter().enumerate().map(|(index, action)| {
            let targets = action.targets(&changed);
            let selected: Vec<Value> = targets
                .iter()
                .filter_map(|target| descend(&mut changed, target).cloned())
                .collect();
            action.apply(&mut changed, &place.index(index))?;
            let same = matches!(action.change, Change::Update(_))
                && targets
                    .iter()
                    .zip(&selected)
                    .all(|(target, old)| action.is_needless(old, descend(&mut changed, target)));
            Ok(Effect {
                index,
                target: action.target.to_string(),
                description: action.description.clone(),
                matched: targets.iter().map(|target| pointer(target)).collect(),
                changes: !targets.is_empty() && !same,
            })
        });
        effects.collect()
    }
}

fn pointer(steps: &[Step]) -> String {
    let steps = steps.iter().map(|step| match step {
        Step::Index(index) => format!("/{index}"),
        Step::Name(name) => format!("/{}", escape(name)),
    });
    steps.collect()
}

impl Action {
    /// Whether `old` said already what this says. An entry that a list had is appended all the same.
    fn is_needless(&self, old: &Value, new: Option<&mut Value>) -> bool {
        match (old, &self.change) {
            (Value::Array(items), Change::Update(entry)) => items.contains(entry),
            _ => new.is_some_and(|new| old == new),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use serde_json::{Value, json};

    use crate::Overlay;

    fn overlay(actions: Value) -> Overlay {
        let overlay = json!({ "overlay": "1.0.0", "info": {}, "actions": actions });
        Overlay::read(overlay.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn an_action_that_says_what_the_document_says_changes_nothing() {
        let actions = json!([
            { "target": "$.a", "update": { "nullable": true } },
            { "target": "$.servers", "update": { "url": "b" } },
            { "target": "$.c['x', 'y']", "update": { "d": 1 } },
            { "target": "$.gone", "remove": true },
        ]);
        let document = json!({ "a": { "nullable": true }, "servers": [{ "url": "b" }], "c": { "x": { "d": 1 }, "y": {} } });
        let effects = overlay(actions).effects(&document).unwrap();
        let changes: Vec<bool> = effects.iter().map(|effect| effect.changes).collect();
        assert_eq!(changes, [false, false, true, false]);
        assert_eq!(effects[2].matched, ["/c/x", "/c/y"]);
        assert!(effects[3].matched.is_empty());
    }
}
