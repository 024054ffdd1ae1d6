//! What of ours a change touches.

use std::collections::BTreeSet;

use heck::{ToPascalCase as _, ToSnakeCase as _};
use recharge_spec::Effect;
use recharge_spec::diff::{Change, Kind, Subject, Thing};
use recharge_spec::report::Spot;
use serde_json::Value;

use super::keep;
use super::surface::{Item, Surface};
use super::uses::Sources;

/// What the document calls its operations, and the bindings them.
pub(super) struct Touch<'a> {
    pub(super) sources: &'a Sources,
    /// The documents before and after.
    pub(super) documents: [&'a Value; 2],
    /// What the bindings offered.
    pub(super) old: &'a Surface,
}

impl Touch<'_> {
    /// Where the facade uses what changed.
    pub(super) fn facade(&self, change: &Change) -> Vec<Spot> {
        let near = self.near(change);
        let mut spots = BTreeSet::new();
        for item in self.items(change) {
            spots.extend(self.sources.in_facade(&item, &near));
        }
        spots.into_iter().collect()
    }

    /// Where the sandbox serves it.
    pub(super) fn sandbox(&self, change: &Change) -> Vec<Spot> {
        match (&change.place.subject, change.thing) {
            (Subject::Operation(name), _) => {
                let path = name.split_once(' ').map_or("", |(_, path)| path);
                let old = (change.kind == Kind::Renamed && change.thing == Thing::Operation)
                    .then(|| change.from.as_deref()?.split_once(' '))
                    .flatten();
                self.sources.handlers(old.map_or(path, |(_, path)| path))
            }
            (Subject::Schema(_), Thing::Field) => {
                let mut spots = BTreeSet::new();
                for member in members(change) {
                    spots.extend(self.sources.in_sandbox(&member, &snake(&member)));
                }
                spots.into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// The items of the bindings that a change is about. New things have no users.
    fn items(&self, change: &Change) -> Vec<Item> {
        match &change.place.subject {
            Subject::Document => Vec::new(),
            Subject::Operation(name) => self
                .methods(name, change)
                .into_iter()
                .map(Item::Method)
                .collect(),
            Subject::Schema(name) => {
                let of = pascal(name);
                let fields = members(change);
                if change.thing == Thing::Field && change.kind != Kind::Added {
                    let fields = fields
                        .iter()
                        .map(|field| Item::Field(of.clone(), snake(field)));
                    return fields.collect();
                }
                match (change.thing, change.kind, &change.from) {
                    (Thing::Schema, Kind::Renamed, Some(old)) => vec![Item::Type(pascal(old))],
                    (Thing::Schema, kind, _) if kind != Kind::Added => vec![Item::Type(of)],
                    _ => Vec::new(),
                }
            }
        }
    }

    /// What a file names that deals with a change: the type, or a method whose answers hold it.
    fn near(&self, change: &Change) -> BTreeSet<String> {
        let mut near = BTreeSet::new();
        if let Subject::Schema(name) = &change.place.subject {
            let holders = self
                .documents
                .iter()
                .flat_map(|document| keep::holders(name, document));
            near.extend(holders.map(|schema| pascal(&schema)));
            near.extend(change.from.as_deref().map(pascal));
        }
        for each in &change.uses {
            near.extend(self.methods(&each.operation, change));
        }
        near
    }

    /// The methods of an operation, by its ids in both documents.
    fn methods(&self, operation: &str, change: &Change) -> Vec<String> {
        let old = change.from.as_deref().filter(|from| from.contains(' '));
        let names = [Some(operation), old];
        let ids = names.into_iter().flatten().flat_map(|name| {
            let (method, path) = name.split_once(' ').unwrap_or_default();
            let method = method.to_lowercase();
            let ids = self.documents.iter().map(move |document| {
                document["paths"][path][&method]["operationId"]
                    .as_str()
                    .map(snake)
            });
            ids.flatten().collect::<Vec<_>>()
        });
        let known = |name: &String| self.old.contains_key(&Item::Method(name.clone()));
        let ids: BTreeSet<String> = ids.filter(known).collect();
        ids.into_iter().collect()
    }
}

/// The member that a change is about, by its old and its new name.
fn members(change: &Change) -> Vec<String> {
    let path = change.place.field.replace("[]", "");
    let last = path.rsplit('.').next().unwrap_or_default().to_owned();
    let renamed = (change.kind == Kind::Renamed)
        .then(|| change.from.clone())
        .flatten();
    let members = renamed.into_iter().chain([last]);
    members
        .filter(|member| !member.is_empty() && member != "*")
        .collect()
}

/// The actions of the overlay that select what changed.
pub(super) fn actions(change: &Change, old: &[Effect], new: &[Effect]) -> Vec<usize> {
    let mut found = BTreeSet::new();
    for (pointer, effects) in [(&change.place.old, old), (&change.place.new, new)] {
        let Some(pointer) = pointer else { continue };
        for effect in effects {
            let within = |inner: &str, outer: &str| {
                inner
                    .strip_prefix(outer)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            if effect
                .matched
                .iter()
                .any(|each| within(each, pointer) || within(pointer, each))
            {
                found.insert(effect.index);
            }
        }
    }
    found.into_iter().collect()
}

/// The name that the bindings give to a member or an operation.
pub(super) fn snake(name: &str) -> String {
    let name = name.to_snake_case();
    match syn::parse_str::<syn::Ident>(&name) {
        Ok(_) => name,
        // A word of the language.
        Err(_) => format!("{name}_"),
    }
}

/// The name that they give to a type.
pub(super) fn pascal(name: &str) -> String {
    name.to_pascal_case()
}
