//! **The rule: a token that was paid for is found, however it is written, in the order in which the service gives it; and it stands nowhere else.**
//!
//! `rechargeData` is an open map (page). Electricity brings `Token` (seen by a client in 2026). That several can come is assumed, and so is how:
//! members `Token`, `Token2` …, a list, or one text with separators are all read.

use std::collections::BTreeMap;

use recharge_bindings::Field;
use recharge_bindings::hot::types;
use serde_json::Value;

use crate::domain::{Pin, PinKind, Secret};

/// The digits of one token, by the STS standard.
const TOKEN_DIGITS: usize = 20;

type Data = Field<BTreeMap<String, Field<String>>>;

/// What `rechargeData` gives.
pub(super) struct Given {
    pub(super) pins: Vec<Pin>,
    /// How many of a list could not be read.
    pub(super) missing: usize,
    /// The rest.
    pub(super) details: BTreeMap<String, String>,
}

/// Whether there is nothing in it, whatever its kind is.
pub(super) fn is_empty(data: &Data) -> bool {
    match data {
        Field::Absent | Field::Null => true,
        Field::Value(map) => map
            .values()
            .all(|value| matches!(value, Field::Absent | Field::Null)),
        Field::Other(raw) => matches!(raw.get(), "[]" | "\"\""),
    }
}

/// Reads `rechargeData`.
pub(super) fn given(data: &Data) -> Given {
    let mut pins: Vec<(u32, Pin)> = Vec::new();
    let mut details = BTreeMap::new();
    let mut missing = 0;
    for (name, value) in data.value().into_iter().flatten() {
        let (texts, holes) = texts(value);
        match kind(name) {
            Some(kind) => {
                missing += holes;
                let codes = texts.iter().flat_map(|text| codes(text));
                pins.extend(codes.map(|code| (number(name), Pin::new(kind, Secret::new(code)))));
            }
            None => {
                if let Some(text) = texts.into_iter().next() {
                    details.insert(name.clone(), text);
                }
            }
        }
    }
    pins.sort_by_key(|(number, _)| *number);
    Given {
        pins: pins.into_iter().map(|(_, pin)| pin).collect(),
        missing,
        details,
    }
}

/// The wallet that paid, by the names that the answer has for it.
pub(super) fn wallet(balance: &types::Balance) -> impl Iterator<Item = (&'static str, String)> {
    let id = balance.account_type_id.copied().map(|id| id.to_string());
    let id = id.map(|id| ("balance.accountTypeId", id));
    let name = super::reading::text(&balance.name).map(|name| ("balance.name", name));
    id.into_iter().chain(name)
}

/// Whether a member holds something that was paid for.
fn kind(name: &str) -> Option<PinKind> {
    let name = name.to_ascii_lowercase();
    if name.contains("token") {
        return Some(PinKind::Electricity);
    }
    let pin = name.starts_with("pin") || name.ends_with("pin") || name.contains("voucher");
    pin.then_some(PinKind::Voucher)
}

/// The number at the end of a member's name; those without one come first.
fn number(name: &str) -> u32 {
    let digits = name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    name[digits..].parse().unwrap_or_default()
}

/// A member's texts: one, or those of a list; and how many of the list are none.
fn texts(value: &Field<String>) -> (Vec<String>, usize) {
    match value {
        Field::Value(text) => (vec![text.clone()], 0),
        Field::Other(raw) => match serde_json::from_str(raw.get()) {
            Ok(Value::Array(list)) => {
                let texts: Vec<String> = list.iter().filter_map(scalar).collect();
                let holes = list.len() - texts.len();
                (texts, holes)
            }
            // A number with all its digits: it may be a token.
            _ => (vec![raw.get().to_owned()], 0),
        },
        Field::Absent | Field::Null => (Vec::new(), 0),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The codes in a text. Digits in groups are one code, and several twenties of digits are several.
fn codes(text: &str) -> Vec<String> {
    text.split([',', ';', '|', '/', '#', '\n', '\r', '\t'])
        .map(str::trim)
        .filter(|code| !code.is_empty())
        .flat_map(twenties)
        .collect()
}

/// Parts a text of digits, blanks and hyphens that holds a whole number of tokens, and more than one.
fn twenties(text: &str) -> Vec<String> {
    let grouped = text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-'));
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if !grouped || digits <= TOKEN_DIGITS || !digits.is_multiple_of(TOKEN_DIGITS) {
        return vec![text.to_owned()];
    }
    let mut tokens = vec![String::new()];
    let mut seen = 0;
    for c in text.chars() {
        if c.is_ascii_digit() && seen == TOKEN_DIGITS {
            tokens.push(String::new());
            seen = 0;
        }
        seen += usize::from(c.is_ascii_digit());
        if let Some(token) = tokens.last_mut() {
            token.push(c);
        }
    }
    let trimmed = |token: String| token.trim_matches([' ', '-']).to_owned();
    tokens.into_iter().map(trimmed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "1111 1111 1111 1111 1111";
    const TWO: &str = "2222 2222 2222 2222 2222";
    const THREE: &str = "3333 3333 3333 3333 3333";

    fn read(json: &str) -> Given {
        given(&serde_json::from_str(json).expect("JSON"))
    }

    fn tokens(json: &str) -> Vec<String> {
        let Given { pins, missing, .. } = read(json);
        assert_eq!(missing, json.matches("null,\"").count(), "{json}");
        assert!(pins.iter().all(|pin| pin.kind == PinKind::Electricity));
        pins.iter()
            .map(|pin| pin.code.expose().to_owned())
            .collect()
    }

    #[test]
    fn several_tokens_come_in_order_however_they_are_written() {
        for json in [
            format!(r#"{{"Token":"{ONE}","Token2":"{TWO}","Token10":"{THREE}"}}"#),
            format!(r#"{{"Token3":"{THREE}","token1":"{ONE}","TOKEN2":"{TWO}"}}"#),
            format!(r#"{{"Token":"{ONE},{TWO}, {THREE}"}}"#),
            format!(r#"{{"Tokens":"{ONE}\n{TWO}\r\n{THREE}\n"}}"#),
            format!(r#"{{"Token":"{ONE} {TWO} {THREE}"}}"#),
            format!(r#"{{"Token":"{ONE} - {TWO}|{THREE}"}}"#),
            format!(r#"{{"Token":["{ONE}",null,"{TWO}","{THREE}"]}}"#),
            format!(
                r#"{{"Token":"{ONE}","Token2":null, "Token3":["{TWO}"],"Token4":"","Token5":"{THREE}"}}"#
            ),
        ] {
            assert_eq!(tokens(&json), [ONE, TWO, THREE], "{json}");
        }
    }

    #[test]
    fn a_token_stays_as_it_is_written_and_a_number_keeps_its_digits() {
        assert_eq!(
            tokens(r#"{"Token":"12345678901234567890"}"#),
            ["12345678901234567890"]
        );
        assert_eq!(
            tokens(r#"{"Token":12345678901234567890123}"#),
            ["12345678901234567890123"]
        );
        assert_eq!(tokens(r#"{"Token":"abc 1"}"#), ["abc 1"]);
    }

    #[test]
    fn the_rest_is_details_and_holds_no_token() {
        let given = read(&format!(
            r#"{{"Token":"{ONE}","Units":"23.7","Levy":7.60,"Arrears":null,"VoucherPin":"99","PinNumber":"88"}}"#
        ));
        let details: Vec<_> = given
            .details
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        assert_eq!(details, [("Levy", "7.60"), ("Units", "23.7")]);
        let vouchers = given
            .pins
            .iter()
            .filter(|pin| pin.kind == PinKind::Voucher)
            .count();
        assert_eq!((given.pins.len(), vouchers), (3, 2));
    }

    #[test]
    fn an_empty_or_odd_map_gives_nothing() {
        for json in ["{}", "null", "[]", "\"text\"", r#"{"Token":""}"#] {
            let given = read(json);
            assert!(given.pins.is_empty() && given.details.is_empty(), "{json}");
        }
    }

    #[test]
    fn only_a_map_with_nothing_in_it_is_empty() {
        let empty = |json: &str| is_empty(&serde_json::from_str(json).expect("JSON"));
        for json in ["{}", "null", "[]", "\"\"", r#"{"Token":null}"#] {
            assert!(empty(json), "{json}");
        }
        for json in [
            r#"{"FinalBalance":"11.2"}"#,
            r#"{"Network":"Econet","Target":null}"#,
            r#"{"Token":""}"#,
            r#"{"Tokens":[null]}"#,
            r#"{"Cost":1.5}"#,
            "\"text\"",
            "[1]",
            "7",
        ] {
            assert!(!empty(json), "{json}");
        }
    }
}
