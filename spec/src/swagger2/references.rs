//! A reference leads to the same thing as before, under the name that it has now. One that leads nowhere is an error,
//! unless a schema was meant: then the name stands for any value, and says that it was not defined.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::section;
use crate::error::{Error, Place, Problem, unescape};

/// What a reference may lead to: the section of Swagger 2.0, and the one of OpenAPI 3.0 that takes its place.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Kind {
    Schema,
    Parameter,
    Response,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Schema, Self::Parameter, Self::Response];

    pub(super) fn section(self) -> &'static str {
        match self {
            Self::Schema => "definitions",
            Self::Parameter => "parameters",
            Self::Response => "responses",
        }
    }

    fn components(self) -> &'static str {
        match self {
            Self::Schema => "schemas",
            Self::Parameter => "parameters",
            Self::Response => "responses",
        }
    }
}

/// Every named part of a document: what it is, and what it is called in OpenAPI 3.0.
pub(super) struct References<'a> {
    named: HashMap<(Kind, &'a str), Named<'a>>,
    /// What schemas are called now.
    schemas: HashSet<String>,
    /// The names of schemas that were referred to in vain, and where first.
    undefined: RefCell<BTreeMap<String, String>>,
}

/// What a name stands for that was not defined.
static NOTHING: Value = Value::Null;

/// A named part of the document.
#[derive(Clone)]
pub(super) struct Named<'a> {
    pub(super) value: &'a Value,
    pub(super) old_name: &'a str,
    pub(super) name: String,
    kind: Kind,
}

impl Named<'_> {
    /// The reference to this part in OpenAPI 3.0.
    pub(super) fn reference(&self) -> String {
        format!("#/components/{}/{}", self.kind.components(), self.name)
    }
}

impl<'a> References<'a> {
    pub(super) fn of(document: &'a Value) -> Result<Self, Error> {
        let mut named = HashMap::new();
        let mut schemas = HashSet::new();
        for kind in Kind::ALL {
            let mut numbers = HashMap::new();
            let members = section(document, kind.section())?;
            // A name that needs no respelling keeps it, whatever comes before it.
            let mut taken: HashSet<String> = members
                .iter()
                .filter(|(name, _)| spelled(name) == **name)
                .map(|(name, _)| (*name).clone())
                .collect();
            for (old_name, value) in members {
                let name = match spelled(old_name) {
                    same if same == *old_name => same,
                    other => unused(other, &taken, &mut numbers),
                };
                taken.insert(name.clone());
                if kind == Kind::Schema {
                    schemas.insert(name.clone());
                }
                let part = Named {
                    value,
                    old_name,
                    name,
                    kind,
                };
                named.insert((kind, old_name.as_str()), part);
            }
        }
        let undefined = RefCell::default();
        Ok(Self {
            named,
            schemas,
            undefined,
        })
    }

    /// What `name` has become.
    pub(super) fn name(&self, kind: Kind, name: &'a str) -> String {
        match self.named.get(&(kind, name)) {
            Some(part) => part.name.clone(),
            None => name.to_owned(),
        }
    }

    /// What the `$ref` of `value` leads to; nothing when it has none.
    pub(super) fn follow(
        &self,
        kind: Kind,
        value: &Value,
        place: &Place<'_>,
    ) -> Result<Option<Named<'a>>, Error> {
        let Some(reference) = value.get("$ref") else {
            return Ok(None);
        };
        let place = place.name("$ref");
        let Some(reference) = reference.as_str() else {
            return Err(Error::malformed(&place, "a reference is text"));
        };
        let name = target(kind, reference, &place)?;
        match self.named.get(&(kind, name.as_str())) {
            Some(part) => Ok(Some(part.clone())),
            None if kind == Kind::Schema => Ok(Some(self.undefined(&name, &place))),
            None => Err(Error::new(&place, Problem::Dangling(reference.to_owned()))),
        }
    }

    /// The schema `name`, which is not in the document. Generators write such references for types of their language.
    fn undefined(&self, name: &str, place: &Place<'_>) -> Named<'a> {
        let mut name = spelled(name);
        if self.schemas.contains(&name) {
            name.push_str("_undefined");
        }
        let mut undefined = self.undefined.borrow_mut();
        undefined
            .entry(name.clone())
            .or_insert_with(|| place.to_string());
        Named {
            value: &NOTHING,
            old_name: "",
            name,
            kind: Kind::Schema,
        }
    }

    /// The names of schemas that were referred to in vain so far, each with the place where first.
    pub(super) fn all_undefined(&self) -> Vec<(String, String)> {
        self.undefined.take().into_iter().collect()
    }
}

/// The name that a reference speaks of. Besides `#/definitions/Name`, generators write `/definitions/Name` and `Name`.
fn target(kind: Kind, reference: &str, place: &Place<'_>) -> Result<String, Error> {
    let section = kind.section();
    let bare = !reference.contains(['/', '#', ':']) && !is_file(reference);
    if bare {
        return Ok(reference.to_owned());
    }
    let local = reference.strip_prefix('#').unwrap_or(reference);
    let Some(local) = local.strip_prefix('/') else {
        return Err(Error::unsupported(
            place,
            format!("a reference to another document, {reference}"),
        ));
    };
    match local.split_once('/') {
        Some((first, name)) if first == section && !name.contains('/') => {
            Ok(unescape(&percent_decoded(name)))
        }
        _ => Err(Error::unsupported(
            place,
            format!("a reference to something other than an entry of {section}, {reference}"),
        )),
    }
}

fn is_file(reference: &str) -> bool {
    [".json", ".yaml", ".yml"]
        .iter()
        .any(|end| reference.ends_with(end))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = (first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// `name` in the characters that OpenAPI 3.0 allows for a component; a run of others becomes one underscore.
fn spelled(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let mut spelled = String::with_capacity(name.len());
    let mut in_run = false;
    for c in name.chars() {
        if allowed(c) {
            spelled.push(c);
        } else if !in_run {
            spelled.push('_');
        }
        in_run = !allowed(c);
    }
    if spelled.is_empty() {
        spelled.push('_');
    }
    spelled
}

/// `name` with the first number that makes it unused. `numbers` holds the last one that each name was given, so that many
/// names that are spelled alike are no work for each other.
fn unused(name: String, taken: &HashSet<String>, numbers: &mut HashMap<String, usize>) -> String {
    if !taken.contains(&name) {
        return name;
    }
    let last = numbers.entry(name.clone()).or_insert(1);
    loop {
        *last += 1;
        let numbered = format!("{name}_{last}");
        if !taken.contains(&numbered) {
            return numbered;
        }
    }
}
