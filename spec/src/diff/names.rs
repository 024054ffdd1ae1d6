//! The same thing under another name is still the same thing: operations are paired by method and path, then by their id,
//! then by likeness; schemas by name, then by standing where the other stood.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::likeness::{likeness, pairs, shared};
use super::parameters::resolved;
use super::reach::schema_name;
use super::shape::members_of;
use crate::error::escape;

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// How alike the members of two schemas must be that stand in the same place under different names.
const MEMBERS_ALIKE: f64 = 0.3;

/// An operation of a document.
#[derive(Clone, Copy)]
pub(super) struct Operation<'a> {
    pub(super) path: &'a str,
    pub(super) method: &'a str,
    pub(super) item: &'a Value,
    pub(super) value: &'a Value,
}

impl Operation<'_> {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    pub(super) fn pointer(&self) -> String {
        format!("/paths/{}/{}", escape(self.path), self.method)
    }

    pub(super) fn id(&self) -> &str {
        self.value["operationId"].as_str().unwrap_or_default()
    }
}

/// Every operation of a document, in its order.
pub(super) fn operations(document: &Value) -> Vec<Operation<'_>> {
    let items = document["paths"].as_object().into_iter().flatten();
    let operations = items.flat_map(|(path, item)| {
        let members = item.as_object().into_iter().flatten();
        let operations = members.filter(|(method, _)| METHODS.contains(&method.as_str()));
        operations.map(move |(method, value)| Operation {
            path,
            method,
            item,
            value,
        })
    });
    operations.collect()
}

/// A path without the names of its parameters.
pub fn anonymous(path: &str) -> String {
    let mut plain = String::new();
    let mut depth = 0_usize;
    for c in path.chars() {
        match c {
            '{' => {
                depth += 1;
                plain.push('{');
            }
            '}' => {
                depth = depth.saturating_sub(1);
                plain.push('}');
            }
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    plain
}

/// Which operation of the old document is which of the new one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Moved {
    /// Its place among the operations of the old document.
    pub old: usize,
    /// And of the new.
    pub new: usize,
}

/// Pairs the operations of two documents.
pub(super) fn paired(old: &[Operation<'_>], new: &[Operation<'_>]) -> Vec<Moved> {
    let mut found = Vec::new();
    let mut left_old: Vec<usize> = (0..old.len()).collect();
    let mut left_new: Vec<usize> = (0..new.len()).collect();
    let mut take = |same: &dyn Fn(&Operation<'_>, &Operation<'_>) -> bool| {
        left_old.retain(|&i| {
            let mut matching = left_new.iter().filter(|&&j| same(&old[i], &new[j]));
            let (first, second) = (matching.next().copied(), matching.next());
            // Two that match equally well are not told apart.
            let (Some(j), None) = (first, second) else {
                return true;
            };
            left_new.retain(|&each| each != j);
            found.push(Moved { old: i, new: j });
            false
        });
    };
    take(&|a, b| a.method == b.method && a.path == b.path);
    take(&|a, b| a.method == b.method && anonymous(a.path) == anonymous(b.path));
    take(&|a, b| !a.id().is_empty() && a.id() == b.id());
    let rest = pairs(&left_old, &left_new, |&i, &j| {
        let (a, b) = (&old[i], &new[j]);
        let likeness = likeness(&anonymous(a.path), &anonymous(b.path));
        let alike = a.method == b.method && likeness >= 0.85;
        if alike { likeness } else { 0.0 }
    });
    found.extend(rest.into_iter().map(|(i, j)| Moved {
        old: left_old[i],
        new: left_new[j],
    }));
    found.sort_by_key(|moved| (moved.old, moved.new));
    found
}

/// What the schemas of the old document are called in the new one.
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    pub(super) fn of(old: &Value, new: &Value) -> Self {
        let mut pairing = Pairing {
            old,
            new,
            names: BTreeMap::new(),
            taken: BTreeSet::new(),
            seen: BTreeSet::new(),
            waiting: Vec::new(),
        };
        let schemas = |document: &Value| -> BTreeSet<String> {
            let schemas = document["components"]["schemas"].as_object();
            schemas
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .collect()
        };
        for name in schemas(old).intersection(&schemas(new)) {
            pairing.names.insert(name.clone(), name.clone());
            pairing.taken.insert(name.clone());
        }
        pairing.by_place();
        Self(pairing.names)
    }

    /// The new name of a schema.
    pub(super) fn new_name(&self, old: &str) -> Option<&str> {
        self.0.get(old).map(String::as_str)
    }

    /// Whether a reference to one leads to the other.
    pub(super) fn same(&self, old: &str, new: &str) -> bool {
        // What neither document defines is the same nothing.
        self.new_name(old).unwrap_or(old) == new
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(old, new)| (old.as_str(), new.as_str()))
    }
}

struct Pairing<'a> {
    old: &'a Value,
    new: &'a Value,
    names: BTreeMap<String, String>,
    taken: BTreeSet<String>,
    seen: BTreeSet<(String, String)>,
    /// Pairs whose insides are still to be looked at; a list and not a recursion, since chains can be long.
    waiting: Vec<(String, String)>,
}

impl Pairing<'_> {
    fn by_place(&mut self) {
        let (old, new) = (operations(self.old), operations(self.new));
        for moved in paired(&old, &new) {
            let (a, b) = (old[moved.old].value, new[moved.new].value);
            let bodies = (&a["requestBody"], &b["requestBody"]);
            self.contents(resolved(self.old, bodies.0), resolved(self.new, bodies.1));
            for (status, response) in a["responses"].as_object().into_iter().flatten() {
                let answers = (response, &b["responses"][status]);
                self.contents(resolved(self.old, answers.0), resolved(self.new, answers.1));
            }
        }
        let known: Vec<(String, String)> = self.names.clone().into_iter().collect();
        self.waiting.extend(known);
        while let Some((old, new)) = self.waiting.pop() {
            self.below(&old, &new);
        }
    }

    fn contents(&mut self, old: &Value, new: &Value) {
        for (media_type, media) in old["content"].as_object().into_iter().flatten() {
            self.schemas(&media["schema"], &new["content"][media_type]["schema"]);
        }
    }

    /// Looks at two schemas that stand in the same place.
    fn schemas(&mut self, old: &Value, new: &Value) {
        if let (Some(a), Some(b)) = (schema_name(old), schema_name(new)) {
            let free = !self.names.contains_key(&a) && !self.taken.contains(&b);
            if free && self.alike(&a, &b) {
                self.taken.insert(b.clone());
                self.names.insert(a.clone(), b.clone());
            }
            if self.names.get(&a) == Some(&b) {
                self.waiting.push((a, b));
            }
            return;
        }
        for (name, property) in old["properties"].as_object().into_iter().flatten() {
            self.schemas(property, &new["properties"][name]);
        }
        if old.get("items").is_some() {
            self.schemas(&old["items"], &new["items"]);
        }
    }

    fn below(&mut self, old: &str, new: &str) {
        if !self.seen.insert((old.to_owned(), new.to_owned())) {
            return;
        }
        let a = &self.old["components"]["schemas"][old];
        let b = &self.new["components"]["schemas"][new];
        if schema_name(a).is_none() && schema_name(b).is_none() {
            self.schemas(a, b);
        }
    }

    fn alike(&self, old: &str, new: &str) -> bool {
        let is_there =
            |document: &Value, name: &str| document["components"]["schemas"].get(name).is_some();
        if !is_there(self.old, old) || !is_there(self.new, new) {
            return false;
        }
        let members = |document: &Value, name: &str| {
            members_of(document, &document["components"]["schemas"][name])
        };
        let members = (members(self.old, old), members(self.new, new));
        shared(&members.0, &members.1) >= MEMBERS_ALIKE || likeness(old, new) >= 0.8
    }
}
