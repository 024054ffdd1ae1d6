//! Comparing JSON digit by digit.
//!
//! Rule: **two texts are equal when only order of members, white space and the spelling of strings differ.** `450.00` is
//! not `450.0`: money has been through a float then.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// The same JSON in one spelling: no white space, members by name, strings escaped one way, numbers as they are.
///
/// # Errors
/// When it is not JSON, or an object has a member twice.
pub fn canonical(json: &str) -> Result<String, String> {
    let raw: &RawValue = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'{') => object(text),
        Some(b'[') => {
            let items: Vec<&RawValue> =
                serde_json::from_str(text).map_err(|error| error.to_string())?;
            let items: Result<Vec<String>, String> =
                items.iter().map(|item| canonical(item.get())).collect();
            Ok(format!("[{}]", items?.join(",")))
        }
        Some(b'"') => {
            let string: String = serde_json::from_str(text).map_err(|error| error.to_string())?;
            serde_json::to_string(&string).map_err(|error| error.to_string())
        }
        _ => Ok(text.to_owned()),
    }
}

fn object(text: &str) -> Result<String, String> {
    let Members(members) = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut sorted = BTreeMap::new();
    for (name, value) in members {
        let value = canonical(value.get())?;
        if sorted.insert(name.clone(), value).is_some() {
            return Err(format!("member {name} is there twice"));
        }
    }
    let spelled = sorted
        .iter()
        .map(|(name, value)| Ok(format!("{}:{value}", serde_json::to_string(name)?)));
    let spelled: Result<Vec<String>, serde_json::Error> = spelled.collect();
    Ok(format!(
        "{{{}}}",
        spelled.map_err(|error| error.to_string())?.join(",")
    ))
}

/// All members, also those that are there twice.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn order_and_white_space_do_not_count() {
        assert_eq!(
            canonical(r#"{"b": [1, 2], "a": null}"#),
            canonical(r#"{"a":null,"b":[1,2]}"#)
        );
    }

    #[test]
    fn every_digit_counts() {
        assert_ne!(canonical("450.00"), canonical("450.0"));
        assert_ne!(
            canonical(r#"{"a":100000.0000}"#),
            canonical(r#"{"a":100000.0}"#)
        );
        assert_eq!(
            canonical("12345678901234567890.123456789").as_deref(),
            Ok("12345678901234567890.123456789")
        );
    }

    #[test]
    fn the_spelling_of_a_string_does_not_count() {
        assert_eq!(canonical(r#""caf\u00e9\/x""#), canonical("\"café/x\""));
        assert_ne!(canonical("\"1\""), canonical("1"));
    }

    #[test]
    fn a_member_that_is_there_twice_is_an_error() {
        assert!(canonical(r#"{"a":1,"a":1}"#).is_err());
    }
}
