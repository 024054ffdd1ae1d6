//! **The rule: money is a decimal with a unit, never a float.**

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

use crate::error::Invalid;

/// An amount of South African rand to sell, from one cent to [`Rand::MAX`], in whole cents.
///
/// ```
/// use recharge::Rand;
/// let amount: Rand = "29.50".parse()?;
/// assert_eq!(amount.to_string(), "29.50");
/// assert!("29.505".parse::<Rand>().is_err());
/// # Ok::<(), recharge::Invalid>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rand(Decimal);

impl Rand {
    /// The most that one sale may cost: the largest amount that the vendor names anywhere (the limit of a funds transfer).
    pub const MAX: Decimal = Decimal::from_parts(100_000, 0, 0, false, 0);

    /// Checks an amount.
    ///
    /// # Errors
    /// When it is not above zero, above [`Rand::MAX`], or has fractions of a cent.
    pub fn new(amount: Decimal) -> Result<Self, Invalid> {
        if amount <= Decimal::ZERO {
            return Err(Invalid::new("amount", "must be above zero"));
        }
        if amount > Self::MAX {
            return Err(Invalid::new("amount", "must be at most 100000 rand"));
        }
        if amount.normalize().scale() > 2 {
            return Err(Invalid::new("amount", "must be in whole cents"));
        }
        // "7.500" is whole cents, and goes on the wire as such.
        Ok(Self(amount.round_dp(2)))
    }

    /// The amount in rand.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0
    }
}

impl FromStr for Rand {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let plain = !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
            && !text.starts_with('.')
            && !text.ends_with('.');
        let amount = if plain {
            Decimal::from_str_exact(text).ok()
        } else {
            None
        };
        Self::new(amount.ok_or(Invalid::new(
            "amount",
            "must be a plain decimal number of rand, such as 10 or 29.50",
        ))?)
    }
}

impl TryFrom<Decimal> for Rand {
    type Error = Invalid;

    fn try_from(amount: Decimal) -> Result<Self, Invalid> {
        Self::new(amount)
    }
}

impl fmt::Display for Rand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Rand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "R{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_in_whole_cents_are_accepted_with_their_digits() {
        for text in ["10", "10.00", "0.01", "29.5", "100000", "100000.00"] {
            assert_eq!(
                text.parse::<Rand>().map(|amount| amount.to_string()),
                Ok(text.to_owned())
            );
        }
        assert_eq!(
            "7.500".parse::<Rand>().map(Rand::decimal),
            Ok(Decimal::new(75, 1))
        );
    }

    #[test]
    fn anything_else_is_refused_by_the_rule_that_it_breaks() {
        for (text, rule) in [
            ("0", "above zero"),
            ("0.00", "above zero"),
            ("100000.01", "at most 100000"),
            ("1.005", "whole cents"),
            ("-5", "plain decimal"),
            ("+5", "plain decimal"),
            ("5,00", "plain decimal"),
            ("R5", "plain decimal"),
            ("1e3", "plain decimal"),
            ("5.", "plain decimal"),
            (".5", "plain decimal"),
            ("1.2.3", "plain decimal"),
            ("", "plain decimal"),
            (" 5", "plain decimal"),
            ("99999999999999999999999999999999", "plain decimal"),
        ] {
            let refused = text.parse::<Rand>().expect_err(text);
            assert_eq!(refused.field(), "amount");
            assert!(refused.rule().contains(rule), "{text}: {refused}");
        }
    }
}
