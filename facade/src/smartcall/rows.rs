//! **The rule: a row that cannot be understood is shown, not dropped, and costs no other row its place.**

use std::fmt;

use recharge_bindings::Field;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// A row of an answer that cannot be understood.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnreadRow {
    /// The row, as it came (JSON).
    pub json: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl UnreadRow {
    pub(super) fn new(json: impl Into<String>, reason: &'static str) -> Self {
        Self {
            json: json.into(),
            reason,
        }
    }

    /// A row that was read as an object, and means nothing as such.
    pub(super) fn of(row: &impl serde::Serialize, reason: &'static str) -> Self {
        Self::new(serde_json::to_string(row).unwrap_or_default(), reason)
    }
}

/// Nobody knows what is in it, so it is not printed.
impl fmt::Debug for UnreadRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.reason, self.json.len())
    }
}

/// The rows of a list, one by one: a `null` or a number among them costs no other row its place. `None` if it is no list.
pub(super) fn rows<T: DeserializeOwned>(list: Field<Vec<T>>) -> Option<Vec<Result<T, UnreadRow>>> {
    match list {
        Field::Value(rows) => Some(rows.into_iter().map(Ok).collect()),
        Field::Other(raw) => {
            let rows: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
            let read = |raw: &&RawValue| {
                serde_json::from_str(raw.get())
                    .map_err(|_| UnreadRow::new(raw.get(), "is no object"))
            };
            Some(rows.iter().map(read).collect())
        }
        Field::Absent | Field::Null => None,
    }
}

#[cfg(test)]
mod tests {
    use recharge_bindings::smartcall::types::{CashupResponse, CashupResponseItem};

    use super::*;

    fn read(items: &str) -> Option<Vec<Result<CashupResponseItem, UnreadRow>>> {
        let body = format!(r#"{{"cashupResponseItems":{items}}}"#);
        let body: CashupResponse = serde_json::from_str(&body).expect("an object");
        rows(body.cashup_response_items)
    }

    #[test]
    fn a_foreign_row_costs_no_other_row_its_place() {
        let rows = read(r#"[{"itemCount":1},null,7,"x",[1],{"itemCount":2}]"#).expect("a list");
        let counts: Vec<_> = rows
            .iter()
            .map(|row| match row {
                Ok(row) => row.item_count.copied().ok_or(""),
                Err(unread) => Err(unread.json.as_str()),
            })
            .collect();
        assert_eq!(
            counts,
            [
                Ok(1),
                Err("null"),
                Err("7"),
                Err("\"x\""),
                Err("[1]"),
                Ok(2)
            ]
        );
        assert_eq!(read("[]").map(|rows| rows.len()), Some(0));
    }

    #[test]
    fn what_is_no_list_has_no_rows() {
        for items in ["null", "{}", "7", r#""[]""#] {
            assert!(read(items).is_none(), "{items}");
        }
    }

    #[test]
    fn the_debug_form_shows_no_content() {
        let unread = UnreadRow::new("27821234567", "is no object");
        assert_eq!(format!("{unread:?}"), "is no object (11 bytes)");
    }
}
