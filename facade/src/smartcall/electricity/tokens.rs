//! **The rule: every PIN that can be read is given out, in the order of entry; what cannot be read is counted, and costs no other its place.**
//!
//! The PINs of an electricity sale (chapter 10 s). Key Change PIN #1, then #2, then the others by the number that the service gives their
//! place; one without a number stays behind its neighbour. That the key change comes first is the document's word: no number changes it.

use recharge_bindings::Field;
use recharge_bindings::smartcall::types;
use serde_json::value::RawValue;

use super::super::reading::text;
use crate::domain::{Pin, PinKind, Receipt, Secret};

/// A token of the standard; one that arrives as a number is whole only with as many.
const TOKEN_DIGITS: usize = 20;

/// One PIN, and where it belongs.
struct Entry {
    pin: Pin,
    /// 0 and 1 for the two key change PINs, 2 for further ones of a key change, 3 for all others.
    rank: u8,
    order: i32,
}

/// What the service calls a PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Called {
    /// The key change PIN of this number, if a number is given.
    KeyChange(Option<u32>),
    /// Purchase or free units.
    Electricity,
    Other,
}

/// The PINs of a transaction.
pub(super) fn receipt(transaction: &types::ElectricityTransaction) -> Receipt {
    let rows = rows(transaction);
    // Without the list nobody knows whether the meter changes its key.
    let mut missing = usize::from(rows.is_empty());
    let mut entries = Vec::with_capacity(rows.len());
    let mut order = i32::MIN;
    for row in rows {
        match entry(&row, order) {
            Some(entry) => {
                order = entry.order;
                entries.push(entry);
            }
            None => missing += 1,
        }
    }
    name_key_changes(&mut entries);
    entries.sort_by_key(|entry| (entry.rank, entry.order));
    let mut pins: Vec<Pin> = entries.into_iter().map(|entry| entry.pin).collect();
    // The ordinary members name the same PINs again. One that the list does not have is the customer's all the same.
    let further = [
        (&transaction.voucher_pin, "Purchase PIN"),
        (&transaction.additional_voucher_pin, "Free Units PIN"),
    ];
    for (field, name) in further {
        let Some(code) = text(field) else { continue };
        if !pins.iter().any(|pin| same_digits(pin.code.expose(), &code)) {
            pins.push(Pin {
                description: Some(name.into()),
                ..Pin::new(PinKind::Electricity, Secret::new(code))
            });
        }
    }
    let has = |kind| pins.iter().any(|pin| pin.kind == kind);
    if has(PinKind::KeyChangeFirst) != has(PinKind::KeyChangeSecond) && missing == 0 {
        // Half a key change.
        missing = 1;
    }
    Receipt {
        missing,
        ..Receipt::of(pins)
    }
}

/// Whether there is a list of PINs with anything in it.
pub(super) fn are_listed(transaction: &types::ElectricityTransaction) -> bool {
    !rows(transaction).is_empty()
}

/// The rows of the list as they came. The document spells its name with a capital letter, no other member's.
fn rows(transaction: &types::ElectricityTransaction) -> Vec<Row> {
    let raw = match &transaction.pin_data {
        Field::Value(rows) => return rows.iter().cloned().map(Row::Known).collect(),
        Field::Other(raw) => raw.get(),
        Field::Absent | Field::Null => match transaction.extra.get("PinData") {
            Some(raw) if raw.get() != "null" => raw.get(),
            _ => return Vec::new(),
        },
    };
    match serde_json::from_str::<Vec<&RawValue>>(raw) {
        Ok(rows) => rows.into_iter().map(|row| Row::read(row.get())).collect(),
        // One PIN that is not in a list.
        Err(_) => vec![Row::read(raw)],
    }
}

enum Row {
    Known(types::PinData),
    /// A PIN without anything about it.
    Bare(String),
    Unreadable,
}

impl Row {
    fn read(raw: &str) -> Self {
        match serde_json::from_str(raw) {
            Ok(row) => Self::Known(row),
            Err(_) => code(raw).map_or(Self::Unreadable, Self::Bare),
        }
    }
}

/// The digits of a PIN that is a text, or a number with as many digits as a token has: one with fewer has lost its zeros.
fn code(raw: &str) -> Option<String> {
    let whole = |digits: &str| {
        digits.len() == TOKEN_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    match serde_json::from_str::<String>(raw) {
        Ok(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Err(_) => whole(raw).then(|| raw.to_owned()),
    }
}

/// Reads a row; `before` is the place of the one before it.
fn entry(row: &Row, before: i32) -> Option<Entry> {
    let (code, description, order) = match row {
        Row::Unreadable => return None,
        Row::Bare(code) => (code.clone(), None, before),
        Row::Known(row) => {
            let code = match &row.pin {
                Field::Other(raw) => code(raw.get()),
                pin => text(pin),
            };
            (
                code?,
                text(&row.description),
                place(&row.order).unwrap_or(before),
            )
        }
    };
    let called = description.as_deref().map_or(Called::Other, called);
    let (kind, rank) = match called {
        Called::KeyChange(Some(1)) => (PinKind::KeyChangeFirst, 0),
        Called::KeyChange(Some(2)) => (PinKind::KeyChangeSecond, 1),
        Called::KeyChange(_) => (PinKind::Other, 2),
        Called::Electricity => (PinKind::Electricity, 3),
        Called::Other => (PinKind::Other, 3),
    };
    let pin = Pin {
        description,
        ..Pin::new(kind, Secret::new(code))
    };
    Some(Entry { pin, rank, order })
}

/// The number of a place, also as a text.
fn place(order: &Field<i32>) -> Option<i32> {
    let written = |raw: &RawValue| raw.get().trim_matches('"').trim().parse().ok();
    order.copied().or_else(|| order.other().and_then(written))
}

/// Reads a name such as "Key Change PIN #1".
fn called(description: &str) -> Called {
    let letters: String = description
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect::<String>()
        .to_ascii_lowercase();
    if letters.contains("keychange") || letters.starts_with("kct") {
        let digits: String = letters.chars().filter(char::is_ascii_digit).collect();
        return Called::KeyChange(digits.parse().ok());
    }
    let names = ["purchase", "free", "units", "electricity"];
    if names.iter().any(|name| letters.contains(name)) {
        Called::Electricity
    } else {
        Called::Other
    }
}

/// Key change PINs without a number are the first and the second in their order, as far as nobody else is.
fn name_key_changes(entries: &mut [Entry]) {
    let unnumbered = |entry: &Entry| {
        let name = entry.pin.description.as_deref();
        name.map(called) == Some(Called::KeyChange(None))
    };
    let mut places: Vec<usize> = (0..entries.len())
        .filter(|at| unnumbered(&entries[*at]))
        .collect();
    places.sort_by_key(|at| entries[*at].order);
    let mut places = places.into_iter();
    for (kind, rank) in [(PinKind::KeyChangeFirst, 0), (PinKind::KeyChangeSecond, 1)] {
        if entries.iter().any(|entry| entry.pin.kind == kind) {
            continue;
        }
        let Some(at) = places.next() else { return };
        (entries[at].pin.kind, entries[at].rank) = (kind, rank);
    }
}

fn same_digits(one: &str, other: &str) -> bool {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let (one, other) = (digits(one), digits(other));
    !one.is_empty() && one == other
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "1111 1111 1111 1111 1111";
    const SECOND: &str = "2222 2222 2222 2222 2222";
    const PURCHASE: &str = "3333 3333 3333 3333 3333";
    const FREE: &str = "4444 4444 4444 4444 4444";

    fn read(members: &str) -> Receipt {
        receipt(&serde_json::from_str(&format!("{{{members}}}")).expect("an object"))
    }

    fn list(rows: &[String]) -> Receipt {
        read(&format!(r#""pinData":[{}]"#, rows.join(",")))
    }

    fn row(order: &str, description: &str, pin: &str) -> String {
        format!(r#"{{"order":{order},"description":"{description}","pin":"{pin}"}}"#)
    }

    fn codes(receipt: &Receipt) -> Vec<&str> {
        receipt.pins.iter().map(|pin| pin.code.expose()).collect()
    }

    fn kinds(receipt: &Receipt) -> Vec<PinKind> {
        receipt.pins.iter().map(|pin| pin.kind).collect()
    }

    fn all() -> Vec<String> {
        vec![
            row("1", "Key Change PIN #1", FIRST),
            row("2", "Key Change PIN #2", SECOND),
            row("3", "Purchase PIN", PURCHASE),
            row("4", "Free Units PIN", FREE),
        ]
    }

    #[test]
    fn the_key_change_pins_come_first_in_every_order_of_the_list() {
        let mut rows = all();
        for turn in 0..24 {
            // Every permutation of four: rotations and exchanges.
            rows.rotate_left(1);
            if turn % 4 == 3 {
                rows.swap(0, 1 + (turn / 4) % 3);
            }
            let receipt = list(&rows);
            assert_eq!(codes(&receipt), [FIRST, SECOND, PURCHASE, FREE], "{rows:?}");
            assert_eq!(
                kinds(&receipt),
                [
                    PinKind::KeyChangeFirst,
                    PinKind::KeyChangeSecond,
                    PinKind::Electricity,
                    PinKind::Electricity
                ]
            );
            assert_eq!(receipt.missing, 0);
        }
    }

    #[test]
    fn no_number_puts_anything_before_the_key_change() {
        let receipt = list(&[
            row("1", "Purchase PIN", PURCHASE),
            row("9", "Key Change PIN #2", SECOND),
            row("10", "KEY CHANGE PIN # 1", FIRST),
        ]);
        assert_eq!(codes(&receipt), [FIRST, SECOND, PURCHASE]);
    }

    #[test]
    fn a_null_or_foreign_row_costs_no_other_pin_and_is_counted() {
        for foreign in [
            "null",
            "7",
            "[]",
            "{}",
            "true",
            r#"{"pin":null}"#,
            r#"{"pin":" "}"#,
            r#"{"pin":5}"#,
            "\"\"",
        ] {
            let mut rows = all();
            rows.insert(1, foreign.into());
            let receipt = list(&rows);
            assert_eq!(
                codes(&receipt),
                [FIRST, SECOND, PURCHASE, FREE],
                "{foreign}"
            );
            assert_eq!(receipt.missing, 1, "{foreign}");
        }
    }

    #[test]
    fn a_row_without_a_place_stays_behind_its_neighbour() {
        let receipt = list(&[
            row("2", "Purchase PIN", PURCHASE),
            format!(r#"{{"description":"Arrears PIN","pin":"{FREE}"}}"#),
            row("\"1\"", "Something else", SECOND),
            row("null", "More of it", FIRST),
        ]);
        assert_eq!(codes(&receipt), [SECOND, FIRST, PURCHASE, FREE]);
        assert_eq!(receipt.pins[0].kind, PinKind::Other);
        assert_eq!(
            receipt.pins[0].description.as_deref(),
            Some("Something else")
        );
    }

    #[test]
    fn key_change_pins_without_a_number_are_named_in_their_order() {
        let receipt = list(&[
            row("3", "Purchase PIN", PURCHASE),
            row("2", "Key Change PIN", SECOND),
            row("1", "Key Change PIN", FIRST),
        ]);
        assert_eq!(codes(&receipt), [FIRST, SECOND, PURCHASE]);
        assert_eq!(
            kinds(&receipt)[..2],
            [PinKind::KeyChangeFirst, PinKind::KeyChangeSecond]
        );
        let receipt = list(&[
            row("1", "Key Change PIN", SECOND),
            row("2", "Key Change PIN #1", FIRST),
            row("3", "Key Change PIN #3", FREE),
            row("0", "Purchase PIN", PURCHASE),
        ]);
        assert_eq!(codes(&receipt), [FIRST, SECOND, FREE, PURCHASE]);
    }

    #[test]
    fn half_a_key_change_is_not_complete() {
        let receipt = list(&all()[1..]);
        assert_eq!(codes(&receipt), [SECOND, PURCHASE, FREE]);
        assert_eq!(receipt.missing, 1);
    }

    #[test]
    fn pins_that_are_no_objects_or_no_list_are_given_out_too() {
        let digits = PURCHASE.replace(' ', "");
        for members in [
            format!(r#""pinData":["{PURCHASE}",null]"#),
            format!(r#""pinData":"{PURCHASE}""#),
            format!(r#""pinData":[{digits}]"#),
            format!(r#""pinData":[{{"order":1,"pin":{digits}}}]"#),
            format!(r#""pinData":{{"order":1,"pin":"{PURCHASE}"}}"#),
        ] {
            let receipt = read(&members);
            assert_eq!(receipt.pins.len(), 1, "{members}");
            assert_eq!(receipt.pins[0].kind, PinKind::Other);
            assert!(same_digits(receipt.pins[0].code.expose(), PURCHASE));
        }
    }

    #[test]
    fn a_pin_that_only_the_ordinary_members_have_is_added_behind_the_others() {
        let receipt = read(&format!(
            r#""voucherPin":"{PURCHASE} ","additionalVoucherPin":"{FREE}","pinData":[{},{},{}]"#,
            row("1", "Key Change PIN #1", FIRST),
            row("2", "Key Change PIN #2", SECOND),
            row("3", "Purchase PIN", &PURCHASE.replace(' ', "")),
        ));
        assert_eq!(codes(&receipt)[3], FREE);
        assert_eq!((receipt.pins.len(), receipt.missing), (4, 0));
        // Without the list it cannot be known whether the meter changes its key.
        let receipt = read(&format!(r#""voucherPin":"{PURCHASE}","pinData":null"#));
        assert_eq!(
            (kinds(&receipt), receipt.missing),
            (vec![PinKind::Electricity], 1)
        );
        assert_eq!(read(r#""pinData":[]"#).missing, 1);
        let receipt = read(&format!(
            r#""PinData":[{}]"#,
            row("1", "Purchase PIN", PURCHASE)
        ));
        assert_eq!(
            (kinds(&receipt), receipt.missing),
            (vec![PinKind::Electricity], 0)
        );
    }
}
