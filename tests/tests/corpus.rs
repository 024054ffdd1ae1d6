//! Real documents of Swagger 2.0, from many generators: each is read, what comes out is OpenAPI 3.0 by the official
//! schema, and says what at least one of two other converters says.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "corpus/documents.rs"]
mod documents;
#[path = "corpus/exceptions.rs"]
mod exceptions;
#[path = "corpus/facts.rs"]
mod facts;

use std::collections::{BTreeMap, BTreeSet};

use recharge_spec::{Format, normalise, read};
use serde_json::Value;

use documents::Document;
use exceptions::{FACTS, INVALID};

fn converted() -> impl Iterator<Item = (Document, Value)> {
    documents::all().into_iter().map(|document| {
        let read =
            read(&document.text).unwrap_or_else(|error| panic!("{}: {error}", document.name));
        assert_eq!(read.format(), Format::Swagger2, "{}", document.name);
        let converted = read.into_openapi();
        let converted = converted.unwrap_or_else(|error| panic!("{}: {error}", document.name));
        (document, converted)
    })
}

#[test]
fn every_document_becomes_openapi_3_0_by_the_official_schema() {
    let schema = include_str!("../corpus/schemas/openapi-3.0.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft4)
        .build(&schema)
        .unwrap();
    let mut used = BTreeSet::new();
    let mut failures = Vec::new();
    let mut count = 0;
    for (document, converted) in converted() {
        count += 1;
        for error in validator.iter_errors(&converted) {
            let place = error.instance_path().to_string();
            let excepted = INVALID.iter().position(|(name, start, _)| {
                document.name.starts_with(name) && place.starts_with(start)
            });
            let Some(index) = excepted else {
                let text: String = error.to_string().chars().take(200).collect();
                failures.push(format!("{}: {place}: {text}", document.name));
                continue;
            };
            used.insert(index);
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    eprintln!(
        "{count} documents are valid, with {} exceptions",
        used.len()
    );
}

#[test]
fn every_document_can_be_made_ready_for_the_generator() {
    for (document, converted) in converted() {
        let normalised = normalise::normalise(&converted).unwrap();
        let again = normalise::normalise(&normalised.document).unwrap();
        assert_eq!(again.document["openapi"], "3.0.3", "{}", document.name);
    }
}

#[test]
fn every_fact_is_what_one_of_two_other_converters_says() {
    let mut compared = 0;
    let mut excepted: BTreeMap<&str, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for (document, converted) in converted() {
        let others: Vec<&Value> = document.expected.iter().flatten().collect();
        if others.is_empty() {
            continue;
        }
        let original = read(&document.text).unwrap().value().clone();
        let names = original["definitions"].as_object().into_iter().flatten();
        let names: BTreeSet<String> = names.map(|(name, _)| facts::plain(name)).collect();
        let ours = facts::facts(&converted, &names);
        let others: Vec<facts::Facts> = others
            .iter()
            .map(|other| facts::facts(other, &names))
            .collect();
        let places: BTreeSet<&String> = ours
            .keys()
            .chain(others.iter().flat_map(|facts| facts.keys()))
            .collect();
        for place in places {
            compared += 1;
            if others
                .iter()
                .any(|other| other.get(place) == ours.get(place))
            {
                continue;
            }
            let say = |facts: &facts::Facts| facts.get(place).cloned().unwrap_or("-".to_owned());
            let theirs: Vec<String> = others.iter().map(say).collect();
            match FACTS
                .iter()
                .find(|exception| exception.covers(&document.name, place, &say(&ours), &theirs))
            {
                Some(exception) => *excepted.entry(exception.reason).or_default() += 1,
                None => failures.push(format!(
                    "{}: {place}: {} but {}",
                    document.name,
                    say(&ours),
                    theirs.join(" / ")
                )),
            }
        }
    }
    eprintln!("{compared} facts compared");
    for (reason, count) in &excepted {
        eprintln!("{count:5} excepted: {reason}");
    }
    let shown: Vec<&String> = failures.iter().take(60).collect();
    assert!(
        failures.is_empty(),
        "{} facts are nobody else's: {shown:#?}",
        failures.len()
    );
}
