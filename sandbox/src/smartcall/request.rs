//! Bodies as clients send them: numbers may come as texts, members nobody knows are ignored, and one that is missing counts
//! as empty. Whatever cannot be read is refused in the words of the operation, never with a page.

use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::money;
use crate::rules::{Refusal, invalid};

/// A member as it was written.
pub(super) type Member = Option<Box<RawValue>>;

/// The members of a JSON object.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let unreadable = || invalid("the request could not be read");
    // An array would be taken for the members in their order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(unreadable());
    }
    serde_json::from_slice(body).map_err(|_| unreadable())
}

/// What a member says, be it text, number or truth value.
pub(super) fn text(member: &Member) -> String {
    let raw = member.as_deref().map(RawValue::get);
    let Some(raw) = raw.filter(|raw| *raw != "null") else {
        return String::new();
    };
    serde_json::from_str::<String>(raw)
        .unwrap_or_else(|_| raw.to_owned())
        .trim()
        .to_owned()
}

/// A whole number, if it is one.
pub(super) fn integer(member: &Member) -> Option<i64> {
    text(member).parse().ok()
}

/// An amount with all its digits.
pub(super) fn decimal(member: &Member) -> Option<Decimal> {
    member.as_deref().and_then(|raw| money::parse(raw.get()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Default)]
    #[serde(default)]
    struct Body {
        a: Member,
    }

    fn a(body: &str) -> Result<String, i32> {
        let body: Result<Body, _> = read(body.as_bytes());
        body.map(|body| text(&body.a))
            .map_err(|refusal| refusal.code)
    }

    #[test]
    fn a_member_is_read_whatever_it_is() {
        for (body, said) in [
            (r#"{"a":" x "}"#, "x"),
            (r#"{"a":12.50,"b":[]}"#, "12.50"),
            (r#"{"a":true}"#, "true"),
            (r#"{"a":null}"#, ""),
            ("{}", ""),
            (r#" {"a":[1]}"#, "[1]"),
        ] {
            assert_eq!(a(body), Ok(said.to_owned()), "{body}");
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for body in ["", "[1]", "7", "null", "{", r#"{"a":1,"a":2}"#, "\u{1}"] {
            assert_eq!(a(body), Err(1007), "{body}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        let member = |text: &str| RawValue::from_string(text.to_owned()).ok();
        assert_eq!(integer(&member("\"62\"")), Some(62));
        for text in ["6.2", "\"\"", "1e99", "99999999999999999999", "{}"] {
            assert_eq!(integer(&member(text)), None, "{text}");
        }
        assert_eq!(decimal(&member("1e2")), Some(Decimal::from(100)));
        assert_eq!(decimal(&member("1e99")), None);
    }
}
