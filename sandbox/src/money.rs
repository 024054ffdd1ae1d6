//! Rand on the wire: exact digits, in the four spellings the service has for them.
//!
//! Inside, money is a [`Decimal`]. It becomes text only here, because `100000.0000` written through a binary float would lose
//! its four decimals, and a client that compares texts would notice.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// `450.00`: the number of decimals is fixed, whatever the value carries.
pub(crate) fn digits(value: Decimal, decimals: u32) -> String {
    let mut value = value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    value.rescale(decimals);
    value.to_string()
}

/// `R450.00`.
pub(crate) fn rand(value: Decimal) -> String {
    format!("R{}", digits(value, 2))
}

/// What the dealer pays: the amount less the discount, to the cent.
pub(crate) fn after_discount(amount: Decimal, discount_percent: Decimal) -> Decimal {
    let charged = amount - amount * discount_percent / Decimal::ONE_HUNDRED;
    charged.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// A JSON number with exactly these digits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exact(pub(crate) Decimal, pub(crate) u32);

impl Exact {
    /// Four decimals, as the database column has them.
    pub(crate) const fn four(value: Decimal) -> Self {
        Self(value, 4)
    }

    /// Two decimals, as in the balance of a recharge answer.
    pub(crate) const fn two(value: Decimal) -> Self {
        Self(value, 2)
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw =
            RawValue::from_string(digits(self.0, self.1)).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// Money as the ledger's own JSON has it: text with two decimals.
pub(crate) fn as_text<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&digits(*value, 2))
}

/// Reads a number that a client sent as `100`, `10.50`, `1e2` or `"10.0"`, without a detour through a float.
pub(crate) fn parse(raw: &str) -> Option<Decimal> {
    let text = raw.trim().trim_matches('"').trim();
    text.parse()
        .ok()
        .or_else(|| Decimal::from_scientific(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap_or_default()
    }

    #[test]
    fn numbers_keep_their_decimals_on_the_wire() {
        let json = |number: Exact| serde_json::to_string(&number).unwrap_or_default();
        assert_eq!(json(Exact::four(dec("100000"))), "100000.0000");
        assert_eq!(json(Exact::two(dec("99574.75"))), "99574.75");
        assert_eq!(json(Exact::four(dec("-42.75"))), "-42.7500");
        assert_eq!(rand(dec("450")), "R450.00");
    }

    #[test]
    fn the_discount_is_taken_to_the_cent() {
        assert_eq!(after_discount(dec("450"), dec("5.5")), dec("425.25"));
        assert_eq!(after_discount(dec("2.37"), dec("5.5")), dec("2.24"));
    }

    #[test]
    fn amounts_are_read_as_numbers_and_as_texts() {
        for (raw, value) in [
            ("100", "100"),
            ("10.50", "10.50"),
            ("\"10.0\"", "10.0"),
            ("1e2", "100"),
        ] {
            assert_eq!(parse(raw), Some(dec(value)), "{raw}");
        }
        assert_eq!(parse("\"ten\""), None);
    }
}
