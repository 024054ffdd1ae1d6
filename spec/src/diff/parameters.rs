//! A parameter is known by where it is sent and by its name; the name of a path parameter is nobody's business but the
//! document's, so there its position counts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::class::Shift;
use super::likeness::{UNLIKE_IN_NEED, likeness, pairs};
use super::names::Operation;
use super::places::At;
use super::{Diff, Kind, Source, Thing, shape};

/// Follows a reference to a parameter, a body or an answer.
pub(super) fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let mut value = value;
    for _ in 0..8 {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
            return value;
        };
        let target = reference
            .strip_prefix('#')
            .and_then(|pointer| document.pointer(pointer));
        match target {
            Some(target) => value = target,
            None => return value,
        }
    }
    value
}

/// A parameter of an operation.
#[derive(Clone)]
struct Parameter<'a> {
    within: String,
    name: String,
    value: &'a Value,
    pointer: String,
}

impl Parameter<'_> {
    fn is_required(&self) -> bool {
        self.value["required"] == Value::Bool(true)
    }

    fn label(&self) -> String {
        format!("{} {}", self.within, self.name)
    }
}

/// The parameters of an operation, by what they are known by.
fn parameters<'a>(
    document: &'a Value,
    operation: &Operation<'a>,
) -> BTreeMap<(String, String), Parameter<'a>> {
    let path = format!("/paths/{}", crate::error::escape(operation.path));
    let lists = [
        (&operation.item["parameters"], path),
        (&operation.value["parameters"], operation.pointer()),
    ];
    let mut found = BTreeMap::new();
    for (list, pointer) in lists {
        for (index, value) in list.as_array().into_iter().flatten().enumerate() {
            let parameter = resolved(document, value);
            let within = parameter["in"].as_str().unwrap_or_default().to_owned();
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            let known_by = match within.as_str() {
                "header" => name.to_lowercase(),
                "path" => position(operation.path, &name),
                _ => name.clone(),
            };
            let parameter = Parameter {
                within: within.clone(),
                name,
                value: parameter,
                pointer: format!("{pointer}/parameters/{index}"),
            };
            found.insert((within, known_by), parameter);
        }
    }
    found
}

/// Where a parameter stands in the path; its name if it does not.
fn position(path: &str, name: &str) -> String {
    let mut names = path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next());
    let index = names.position(|each| each == name);
    index.map_or(name.to_owned(), |index| format!("{index:04}"))
}

impl Diff<'_> {
    pub(super) fn parameters(&mut self, at: &At, old: &Operation<'_>, new: &Operation<'_>) {
        let (documents, both) = ((self.old, self.new), (old, new));
        let before = parameters(documents.0, both.0);
        let after = parameters(documents.1, both.1);
        for (key, was) in &before {
            if let Some(is) = after.get(key) {
                let at = at.part(
                    is.label(),
                    Some(was.pointer.clone()),
                    Some(is.pointer.clone()),
                );
                if was.name != is.name && was.within == "path" {
                    self.renamed(&at, was, is, Source::Never);
                }
                self.parameter(&at, was, is);
            }
        }
        let gone: Vec<&Parameter<'_>> = before
            .iter()
            .filter(|(key, _)| !after.contains_key(*key))
            .map(|(_, parameter)| parameter)
            .collect();
        let come: Vec<&Parameter<'_>> = after
            .iter()
            .filter(|(key, _)| !before.contains_key(*key))
            .map(|(_, parameter)| parameter)
            .collect();
        self.come_and_gone_parameters(at, &gone, &come);
    }

    fn come_and_gone_parameters(
        &mut self,
        at: &At,
        gone: &[&Parameter<'_>],
        come: &[&Parameter<'_>],
    ) {
        let renamed = pairs(gone, come, |a, b| {
            let types = (
                shape::words(&a.value["schema"]),
                shape::words(&b.value["schema"]),
            );
            let alike = a.within == b.within && types.0 == types.1;
            let likeness = likeness(&a.name, &b.name);
            match (alike, a.is_required() == b.is_required()) {
                (true, true) => likeness,
                (true, false) => likeness * UNLIKE_IN_NEED,
                (false, _) => 0.0,
            }
        });
        for (i, j) in &renamed {
            let (was, is) = (gone[*i], come[*j]);
            let at = at.part(
                is.label(),
                Some(was.pointer.clone()),
                Some(is.pointer.clone()),
            );
            self.renamed(&at, was, is, Source::Always);
            self.parameter(&at, was, is);
        }
        for (i, was) in gone.iter().enumerate() {
            if !renamed.iter().any(|pair| pair.0 == i) {
                let at = at.part(was.label(), Some(was.pointer.clone()), None);
                let values = (Some(required(was.is_required())), None);
                self.push_values(
                    &at,
                    Thing::Parameter,
                    Kind::Removed,
                    values,
                    Shift::Vanished,
                    Source::Always,
                );
            }
        }
        for (j, is) in come.iter().enumerate() {
            if !renamed.iter().any(|pair| pair.1 == j) {
                let at = at.part(is.label(), None, Some(is.pointer.clone()));
                let values = (None, Some(required(is.is_required())));
                let shift = Shift::Appeared {
                    required: is.is_required(),
                };
                // Arguments have their positions, so one more is always felt.
                self.push_values(
                    &at,
                    Thing::Parameter,
                    Kind::Added,
                    values,
                    shift,
                    Source::Always,
                );
            }
        }
    }

    fn renamed(&mut self, at: &At, was: &Parameter<'_>, is: &Parameter<'_>, source: Source) {
        let values = (Some(was.name.clone()), Some(is.name.clone()));
        // Of a path only the value is sent.
        let shift = Shift::Renamed {
            required: is.is_required() && is.within != "path",
        };
        self.push_values(at, Thing::Parameter, Kind::Renamed, values, shift, source);
    }

    fn parameter(&mut self, at: &At, was: &Parameter<'_>, is: &Parameter<'_>) {
        if was.is_required() != is.is_required() {
            let shift = match is.is_required() {
                true => Shift::Narrowed,
                false => Shift::Widened,
            };
            let values = (
                Some(required(was.is_required())),
                Some(required(is.is_required())),
            );
            self.push_values(
                at,
                Thing::Parameter,
                Kind::Required,
                values,
                shift,
                Source::Always,
            );
        }
        let (before, after) = (style(was), style(is));
        if before != after {
            let values = (Some(before), Some(after));
            self.push_values(
                at,
                Thing::Parameter,
                Kind::Style,
                values,
                Shift::Changed,
                Source::Never,
            );
        }
        let at = at.at_schema("/schema");
        self.schema(
            &at,
            Thing::Parameter,
            &was.value["schema"],
            &is.value["schema"],
            0,
        );
    }
}

fn required(required: bool) -> String {
    if required { "required" } else { "optional" }.to_owned()
}

/// How a list is written; nothing for what is no list.
fn style(parameter: &Parameter<'_>) -> String {
    if shape::type_of(&parameter.value["schema"]) != "array" {
        return String::new();
    }
    let usual = match parameter.within.as_str() {
        "query" | "cookie" => "form",
        _ => "simple",
    };
    let style = parameter.value["style"].as_str().unwrap_or(usual);
    let explode = parameter.value["explode"]
        .as_bool()
        .unwrap_or(style == "form");
    format!("{style}{}", if explode { ", name repeated" } else { "" })
}
