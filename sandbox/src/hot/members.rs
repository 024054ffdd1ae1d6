//! The members of a request, found by their names without regard to case, as the vendor's own examples need it.
//!
//! Values are taken strictly: a number is no text and a text is no number. What does not fit is a validation problem under the
//! name of its member. `null` counts as absent.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::wire::Problem;
use crate::money;

/// A JSON object by the lower-case names of its members. Of two members of one name the last counts.
#[derive(Debug, Default)]
pub(super) struct Members(BTreeMap<String, Box<RawValue>>);

impl Members {
    /// Reads the body of a request.
    pub(super) fn of(headers: &HeaderMap, body: &[u8]) -> Result<Self, Problem> {
        let given = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let essence = given.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(Problem::invalid(
                "$",
                "The content type of the request is not application/json.",
            ));
        }
        let text = std::str::from_utf8(body).unwrap_or_default();
        Self::read(text).ok_or_else(|| {
            Problem::invalid(
                "$",
                "The body of the request could not be read as an object.",
            )
        })
    }

    /// The `agentReference` of a body, as far as it can be read: the name under which its submissions are counted.
    pub(super) fn reference_in(body: &[u8]) -> String {
        let members = std::str::from_utf8(body).ok().and_then(Self::read);
        let reference = members.and_then(|members| members.text("AgentReference").ok().flatten());
        reference.unwrap_or_default()
    }

    fn read(json: &str) -> Option<Self> {
        let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).ok()?;
        let lower = members
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value));
        Some(Self(lower.collect()))
    }

    fn raw(&self, name: &str) -> Option<&str> {
        let raw = self.0.get(&name.to_ascii_lowercase())?.get().trim();
        Some(raw).filter(|raw| *raw != "null")
    }

    fn value<T: DeserializeOwned>(&self, name: &str, kind: &str) -> Result<Option<T>, Problem> {
        let Some(raw) = self.raw(name) else {
            return Ok(None);
        };
        serde_json::from_str(raw)
            .map(Some)
            .map_err(|_| mismatch(name, kind))
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Problem> {
        self.value(name, "a string")
    }

    pub(super) fn integer(&self, name: &str) -> Result<Option<i32>, Problem> {
        self.value(name, "an integer of 32 bits")
    }

    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, Problem> {
        self.value(name, "a boolean")
    }

    /// A number, without a detour through a float.
    pub(super) fn decimal(&self, name: &str) -> Result<Option<Decimal>, Problem> {
        let Some(raw) = self.raw(name) else {
            return Ok(None);
        };
        let number = Some(raw).filter(|raw| !raw.starts_with('"'));
        let number = number.and_then(money::parse);
        number
            .map(Some)
            .ok_or_else(|| mismatch(name, "a decimal number"))
    }

    /// A list of objects.
    pub(super) fn objects(&self, name: &str) -> Result<Vec<Self>, Problem> {
        let items: Vec<Box<RawValue>> = self.value(name, "an array")?.unwrap_or_default();
        let read = |item: Box<RawValue>| Self::read(item.get());
        let objects: Option<Vec<Self>> = items.into_iter().map(read).collect();
        objects.ok_or_else(|| mismatch(name, "an array of objects"))
    }

    /// A text that is there and not empty.
    pub(super) fn required(&self, name: &str) -> Result<String, Problem> {
        let text = self.text(name)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| missing(name))
    }
}

pub(super) fn missing(name: &str) -> Problem {
    Problem::invalid(name, format!("The {name} field is required."))
}

fn mismatch(name: &str, kind: &str) -> Problem {
    Problem::invalid(name, format!("The {name} field is not {kind}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(json: &str) -> Members {
        Members::read(json).unwrap_or_else(|| panic!("{json}"))
    }

    #[test]
    fn names_are_matched_without_case_and_the_last_counts() {
        let read = members(r#"{"CustomsSMS":"a","AGENTREFERENCE":"b","agentReference":"c"}"#);
        assert_eq!(read.text("customsSms"), Ok(Some("a".to_owned())));
        assert_eq!(read.text("AgentReference"), Ok(Some("c".to_owned())));
        assert_eq!(read.text("target"), Ok(None));
    }

    #[test]
    fn a_number_is_no_text_and_a_text_is_no_number() {
        let read =
            members(r#"{"a":"10","b":10,"c":true,"d":null,"e":1.5,"f":1e999,"g":99999999999}"#);
        assert!(
            read.decimal("a").is_err() && read.text("b").is_err() && read.boolean("b").is_err()
        );
        assert_eq!(read.decimal("b"), Ok(Some(Decimal::from(10))));
        assert_eq!(
            (read.boolean("c"), read.text("d")),
            (Ok(Some(true)), Ok(None))
        );
        assert!(
            read.integer("e").is_err() && read.decimal("f").is_err() && read.integer("g").is_err()
        );
    }

    #[test]
    fn only_an_object_is_a_body() {
        for json in ["", "[]", "1", "\"a\"", "null", "{", "{}x", "\u{0}"] {
            assert!(Members::read(json).is_none(), "{json:?}");
        }
        assert!(
            members(r#"{"a":[{"Name":"x"}]}"#)
                .objects("a")
                .is_ok_and(|list| list.len() == 1)
        );
        assert!(members(r#"{"a":[1]}"#).objects("a").is_err());
    }
}
