//! **The rule: reading loses nothing and assumes nothing.** A body is an answer to a recharge, one of the service's errors, or foreign. Which of
//! them follows from its members, not from the status, because the same bodies come back without their status in a transaction query.
//!
//! `errors` has three shapes, and each is accepted wherever another is expected:
//!
//! | | body | grade |
//! |---|---|---|
//! | E1 | `{type, title, status, errors: {<free text>: [text, …]}}` (RFC 7807) | page |
//! | E2 | `{errors: [{name, message}]}` | page |
//! | E3 | `{errors: [text]}` | docs |
//! | E4 | `{type, title, status, detail}`: says nothing of a sale | assumed |
//!
//! Texts are for people. They are read in one direction only: one that speaks of a duplicate, or of something that is not over yet, takes a
//! refusal back into doubt.

use std::collections::BTreeMap;

use recharge_bindings::Field;
use recharge_bindings::hot::types;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::receipts::{self, Given};
use super::wallet::Wallet;
use crate::domain::Receipt;
use crate::recovery::Vend;
use crate::text::masked;

/// Words that speak of a sale like this one that the service knows.
const TWICE: [&str; 4] = ["duplicate", "already", "repeated", "unique"];
/// How an error names the reference.
const REFERENCE: [&str; 2] = ["agentreference", "agent reference"];
/// Words that speak of a sale that is not over.
const UNFINISHED: [&str; 12] = [
    "pending",
    "process",
    "progress",
    "timeout",
    "timed out",
    "time out",
    "await",
    "queued",
    "request submitted",
    "confirm",
    "no response",
    "unknown error",
];

/// The members of E1 and E4, and one that the framework adds.
const PROBLEM: [&str; 7] = [
    "errors", "type", "title", "status", "detail", "instance", "traceId",
];

/// What a body is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Body {
    /// An answer to a recharge, a reservation, a completion or a cancellation.
    Told(Box<Told>),
    /// An error in one of the service's shapes.
    Errors(Errors),
    /// Anything else.
    Foreign,
}

/// What an answer to a recharge says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    /// The only test of success; `None` if it is something else than true or false.
    pub(super) successful: Option<bool>,
    /// Another member contradicts it.
    pub(super) contradicted: bool,
    pub(super) doubt: Option<Hint>,
    pub(super) wallet: Option<Wallet>,
    pub(super) target: Option<String>,
    pub(super) amount: Option<Decimal>,
    /// In percent.
    pub(super) discount: Option<Decimal>,
    /// The text, fit for errors and logs.
    pub(super) message: String,
    pub(super) vend: Vend,
}

/// What an error says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Errors {
    /// The texts, fit for errors and logs.
    pub(super) message: String,
    pub(super) doubt: Option<Hint>,
    /// They name the reference: as what they are about, or as what is wrong.
    pub(super) names_reference: bool,
    /// The status that the body itself gives.
    pub(super) status: Option<i64>,
}

/// What the words of a refusal hint at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// A sale like this one is known.
    Twice,
    /// It is not over.
    Unfinished,
}

impl Body {
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Told(_) => "an answer to a recharge",
            Self::Errors(_) => "an error",
            Self::Foreign => "a foreign body",
        }
    }
}

/// Reads a body.
pub(super) fn body(bytes: &[u8]) -> Body {
    if let Some(errors) = errors(bytes) {
        return Body::Errors(errors);
    }
    let Some(answer) = camel(bytes).and_then(|json| parsed::<types::RechargeResponse>(&json))
    else {
        return Body::Foreign;
    };
    if answer.successful.is_absent() {
        return Body::Foreign;
    }
    Body::Told(Box::new(told(&answer)))
}

fn told(answer: &types::RechargeResponse) -> Told {
    let Given {
        pins,
        missing,
        mut details,
    } = receipts::given(&answer.recharge_data);
    let wallet = answer.balance.value();
    for (name, value) in wallet.iter().flat_map(|wallet| receipts::wallet(wallet)) {
        details.insert(name.to_owned(), value);
    }
    let message = text(&answer.message);
    let successful = answer.successful.copied();
    let id = answer.recharge_id.copied().filter(|id| *id > 0);
    let has_errors = answer
        .extra
        .get("errors")
        .is_some_and(|errors| !matches!(errors.get(), "null" | "[]" | "{}"));
    Told {
        successful,
        contradicted: has_errors
            || successful == Some(false)
                && (!receipts::is_empty(&answer.recharge_data) || id.is_none()),
        doubt: message.as_deref().and_then(hint),
        wallet: wallet
            .and_then(|wallet| wallet.account_type_id.copied())
            .map(Wallet::of),
        target: details.get("Target").cloned(),
        amount: answer.amount.copied(),
        discount: answer.discount.copied(),
        message: message.as_deref().map(masked).unwrap_or_default(),
        vend: Vend {
            provider_reference: id.map(|id| id.to_string()),
            balance: wallet.and_then(|wallet| wallet.balance.copied()),
            receipt: Receipt {
                pins,
                missing,
                message,
                details,
            },
        },
    }
}

/// Reads an error: E1, E2 or E3, with nothing beside it that the service does not write there.
pub(super) fn errors(bytes: &[u8]) -> Option<Errors> {
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(&camel(bytes)?).ok()?;
    if !members.keys().all(|name| PROBLEM.contains(&name.as_str())) {
        return None;
    }
    let errors = members.get("errors")?;
    let texts = texts(errors)?;
    let message = texts.join("; ");
    let status = members.get("status").filter(|raw| raw.get() != "null");
    Some(Errors {
        doubt: hint(&message),
        names_reference: {
            let errors = errors.get().to_lowercase();
            REFERENCE.iter().any(|name| errors.contains(name))
        },
        message: masked(&message),
        // A status that is no number is none of the service's.
        status: status.map(|raw| parsed(raw.get().as_bytes()).unwrap_or(-1)),
    })
}

/// The texts of `errors`, if it is there in one of its shapes and says anything.
fn texts(errors: &RawValue) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Shape {
        Fields(BTreeMap<String, Vec<String>>),
        Items(Vec<Item>),
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Item {
        Text(String),
        Problem {
            #[serde(alias = "Name")]
            name: String,
            #[serde(alias = "Message")]
            message: String,
        },
    }
    let texts: Vec<String> = match serde_json::from_str(errors.get()).ok()? {
        Shape::Fields(fields) => fields.into_values().flatten().collect(),
        Shape::Items(items) => items
            .into_iter()
            .map(|item| match item {
                Item::Text(text) => text,
                Item::Problem { name, message } => format!("{name}: {message}"),
            })
            .collect(),
    };
    (!texts.is_empty()).then_some(texts)
}

fn hint(text: &str) -> Option<Hint> {
    let text = text.to_lowercase();
    let speaks_of = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if speaks_of(&TWICE) {
        return Some(Hint::Twice);
    }
    speaks_of(&UNFINISHED).then_some(Hint::Unfinished)
}

/// The same object, its members and those of `balance` in camelCase: the text of a past answer may have been written by other rules than the
/// answer itself. Two members that would become one are no answer of the service's.
fn camel(bytes: &[u8]) -> Option<Vec<u8>> {
    let members: types::Problem = serde_json::from_slice(bytes).ok()?;
    let written = serde_json::to_vec(&members).ok()?;
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(&written).ok()?;
    let count = members.len();
    let mut renamed = BTreeMap::new();
    for (name, value) in members {
        let value = match name.to_ascii_lowercase().as_str() {
            "balance" if value.get().starts_with('{') => {
                let inner = camel(value.get().as_bytes())?;
                RawValue::from_string(String::from_utf8(inner).ok()?).ok()?
            }
            _ => value,
        };
        renamed.insert(lower_first(&name), value);
    }
    (renamed.len() == count)
        .then(|| serde_json::to_vec(&renamed).ok())
        .flatten()
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_ascii_lowercase().to_string() + letters.as_str()
    })
}

fn parsed<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    serde_json::from_slice(json).ok()
}

/// A text with something in it.
pub(super) fn text(field: &Field<String>) -> Option<String> {
    field
        .value()
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// The elements of a list that can be read, each by itself: one that is odd must not hide the others.
pub(super) fn elements<T: DeserializeOwned + Clone>(list: &Field<Vec<T>>) -> Vec<T> {
    match list {
        Field::Value(list) => list.clone(),
        Field::Other(raw) => each(raw),
        Field::Absent | Field::Null => Vec::new(),
    }
}

fn each<T: DeserializeOwned>(list: &RawValue) -> Vec<T> {
    let list: Vec<Box<RawValue>> = serde_json::from_str(list.get()).unwrap_or_default();
    list.iter()
        .filter_map(|element| serde_json::from_str(element.get()).ok())
        .collect()
}

/// A map whose values are texts; a value of another kind is its JSON text.
pub(super) fn texts_of(
    map: &Field<BTreeMap<String, Field<String>>>,
) -> impl Iterator<Item = (&str, String)> {
    map.value()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| {
            let text = match value {
                Field::Value(text) => text.clone(),
                Field::Other(raw) => raw.get().to_owned(),
                Field::Absent | Field::Null => return None,
            };
            Some((name.as_str(), text))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shape_of_errors_gives_its_texts() {
        for (json, message) in [
            (
                r#"{"type":"t","title":"x","status":400,"errors":{"ProductId":["not supported","at all"]}}"#,
                "not supported; at all",
            ),
            (
                r#"{"errors":[{"name":"Product","message":"\"Invalid Product Code\" DDB2"}]}"#,
                "Product: \"Invalid Product Code\" DDB2",
            ),
            (
                r#"{"errors":["User/password combination is wrong."]}"#,
                "User/password combination is wrong.",
            ),
            (r#"{"errors":["a",{"name":"b","message":"c"}]}"#, "a; b: c"),
            (
                r#"{"Errors":[{"Name":"b","Message":"0772123456"}],"TraceId":"1"}"#,
                "b: ***456",
            ),
        ] {
            let told = errors(json.as_bytes());
            assert_eq!(
                told.map(|told| told.message).as_deref(),
                Some(message),
                "{json}"
            );
        }
    }

    #[test]
    fn what_is_no_error_of_the_services_is_none() {
        for json in [
            "",
            "null",
            "\"text\"",
            "[]",
            "{}",
            "<html>",
            r#"{"errors":[]}"#,
            r#"{"errors":{}}"#,
            r#"{"errors":null}"#,
            r#"{"errors":"text"}"#,
            r#"{"errors":[1]}"#,
            r#"{"errors":{"a":"b"}}"#,
            r#"{"errors":[{"title":"somebody else's"}]}"#,
            r#"{"errors":["a"],"successful":true}"#,
            r#"{"errors":["a"],"rechargeId":1}"#,
            r#"{"errors":["a"],"errors":["b"]}"#,
            r#"{"title":"x","status":500,"detail":"y"}"#,
        ] {
            assert_eq!(errors(json.as_bytes()), None, "{json}");
        }
    }

    #[test]
    fn words_take_a_refusal_into_doubt_and_never_out_of_it() {
        for (text, doubt) in [
            ("Duplicate AgentReference", Some(Hint::Twice)),
            (
                "A recharge with this reference was already made",
                Some(Hint::Twice),
            ),
            ("Transaction is being processed", Some(Hint::Unfinished)),
            ("The network timed out", Some(Hint::Unfinished)),
            ("Still PENDING", Some(Hint::Unfinished)),
            ("Work in progress", Some(Hint::Unfinished)),
            ("Network timeout", Some(Hint::Unfinished)),
            ("Awaiting the network", Some(Hint::Unfinished)),
            ("It was queued", Some(Hint::Unfinished)),
            ("Request submitted", Some(Hint::Unfinished)),
            ("Could not confirm the sale", Some(Hint::Unfinished)),
            ("No response from ZESA", Some(Hint::Unfinished)),
            ("Unknown error", Some(Hint::Unfinished)),
            ("Mobile Number not a prepaid subscriber", None),
            ("", None),
        ] {
            assert_eq!(hint(text), doubt, "{text}");
        }
    }

    #[test]
    fn members_are_read_in_either_case_unless_two_become_one() {
        let json = r#"{"Successful":true,"RechargeId":7,"Amount":1.50,"Balance":{"AccountTypeId":3,"Name":"USD","Balance":9.9900},"RechargeData":{"Target":"0772"}}"#;
        let Body::Told(told) = body(json.as_bytes()) else {
            panic!("not read")
        };
        assert_eq!(told.successful, Some(true));
        assert_eq!(told.vend.provider_reference.as_deref(), Some("7"));
        assert_eq!(told.vend.balance, Some(Decimal::new(99900, 4)));
        assert_eq!(
            (told.wallet, told.target.as_deref()),
            (Some(Wallet::Usd), Some("0772"))
        );
        let both = r#"{"Successful":true,"successful":false,"rechargeId":7}"#;
        assert_eq!(body(both.as_bytes()), Body::Foreign);
    }

    #[test]
    fn a_list_with_an_odd_element_gives_the_others() {
        let list: Field<Vec<types::Balance>> =
            serde_json::from_str(r#"[{"accountTypeId":1},null,7,{"accountTypeId":3}]"#)
                .expect("JSON");
        let told: Vec<_> = elements(&list)
            .iter()
            .map(|balance| balance.account_type_id.copied())
            .collect();
        assert_eq!(told, [Some(1), Some(3)]);
    }
}
