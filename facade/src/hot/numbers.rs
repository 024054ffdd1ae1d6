//! **The rule: what goes on the wire is written one way, whichever way it was read.**

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

use crate::error::Invalid;

const NATIONAL_DIGITS: usize = 9;

/// A Zimbabwean mobile number.
///
/// Written as `0772123456`, `263772123456` or `+263772123456`; always printed as it goes on the wire, `0772123456`, as in the page's examples.
///
/// ```
/// use recharge::hot::Msisdn;
/// let msisdn: Msisdn = "+263772123456".parse()?;
/// assert_eq!(msisdn.to_string(), "0772123456");
/// # Ok::<(), recharge::Invalid>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Msisdn {
    national: u32,
}

impl FromStr for Msisdn {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = Invalid::new(
            "msisdn",
            "must be a Zimbabwean mobile number: 263 or 0, then 7 and eight digits",
        );
        let national = match (text.strip_prefix('+'), text.strip_prefix('0')) {
            (Some(digits), _) => digits.strip_prefix("263"),
            (None, Some(national)) => Some(national),
            (None, None) => text.strip_prefix("263"),
        };
        national
            .filter(|national| national.len() == NATIONAL_DIGITS && national.starts_with('7'))
            .filter(|national| national.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|national| national.parse().ok())
            .map(|national| Self { national })
            .ok_or(refused)
    }
}

impl fmt::Display for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0{:09}", self.national)
    }
}

/// A subscriber's number is personal: the debug form shows its last three digits only.
impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "07*****{:03}", self.national % 1000)
    }
}

/// The number of a prepaid electricity meter (ZETDC): 11 digits, as every meter by the STS standard has; 13 with the two digits that tell the
/// maker of newer ones.
///
/// ```
/// use recharge::hot::MeterNumber;
/// let meter: MeterNumber = "37123456789".parse()?;
/// assert_eq!(meter.to_string(), "37123456789");
/// # Ok::<(), recharge::Invalid>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeterNumber(Box<str>);

impl FromStr for MeterNumber {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || !matches!(text.len(), 11 | 13) {
            return Err(Invalid::new("meter", "must be 11 or 13 digits"));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for MeterNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A meter leads to a household: the debug form shows its last three digits only.
impl fmt::Debug for MeterNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.get(self.0.len().saturating_sub(3)..);
        write!(f, "********{}", shown.unwrap_or_default())
    }
}

/// An amount to sell, **in the currency of the product's wallet** (ZiG or USD), from one cent to [`Amount::MAX`], in whole cents.
///
/// ```
/// use recharge::hot::Amount;
/// let amount: Amount = "10.50".parse()?;
/// assert_eq!(amount.decimal().to_string(), "10.50");
/// assert!("10.505".parse::<Amount>().is_err());
/// # Ok::<(), recharge::Invalid>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(Decimal);

impl Amount {
    /// The most that one sale may cost: ten times the largest amount on the page. It keeps a slip of the finger small; each product has limits
    /// of its own.
    pub const MAX: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

    /// Checks an amount.
    ///
    /// # Errors
    /// When it is not above zero, above [`Amount::MAX`], or has fractions of a cent.
    pub fn new(amount: Decimal) -> Result<Self, Invalid> {
        if amount <= Decimal::ZERO {
            return Err(Invalid::new("amount", "must be above zero"));
        }
        if amount > Self::MAX {
            return Err(Invalid::new("amount", "must be at most 1000000"));
        }
        if amount.normalize().scale() > 2 {
            return Err(Invalid::new("amount", "must be in whole cents"));
        }
        Ok(Self(amount.round_dp(2)))
    }

    /// The amount, in the currency of the product's wallet.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0
    }
}

impl FromStr for Amount {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
            && !text.is_empty()
            && !text.starts_with('.')
            && !text.ends_with('.');
        let amount = plain.then(|| Decimal::from_str_exact(text).ok()).flatten();
        Self::new(amount.ok_or(Invalid::new(
            "amount",
            "must be a plain decimal number, such as 10 or 29.50",
        ))?)
    }
}

impl TryFrom<Decimal> for Amount {
    type Error = Invalid;

    fn try_from(amount: Decimal) -> Result<Self, Invalid> {
        Self::new(amount)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_writing_a_number_means_the_same_on_the_wire() {
        for text in ["0772123456", "263772123456", "+263772123456"] {
            let msisdn = text.parse::<Msisdn>().expect(text);
            assert_eq!(msisdn.to_string(), "0772123456");
            assert_eq!(format!("{msisdn:?}"), "07*****456");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "263",
            "772123456",
            "+0772123456",
            "00772123456",
            "00263772123456",
            "2630772123456",
            "077212345",
            "07721234567",
            "0242123456",
            "0821234567",
            "27821234567",
            "077 2123456",
            "077212345x",
            "०७७२१२३४५६",
        ] {
            let refused = text.parse::<Msisdn>().expect_err(text);
            assert_eq!(refused.field(), "msisdn", "{text}");
        }
    }

    #[test]
    fn a_meter_is_eleven_or_thirteen_digits() {
        for text in ["37123456789", "0137123456789"] {
            assert_eq!(text.parse::<MeterNumber>().expect(text).to_string(), text);
        }
        assert_eq!(
            format!("{:?}", "37123456789".parse::<MeterNumber>().expect("meter")),
            "********789"
        );
        for text in ["", "1", "371234567890", "3712345678x", "37123456789,7"] {
            let refused = text.parse::<MeterNumber>().expect_err(text);
            assert_eq!(refused.field(), "meter", "{text}");
        }
    }

    #[test]
    fn amounts_are_plain_above_zero_and_in_whole_cents() {
        for text in ["10", "0.01", "100000", "1000000", "7.500"] {
            assert!(text.parse::<Amount>().is_ok(), "{text}");
        }
        for (text, rule) in [
            ("0", "above zero"),
            ("1000000.01", "at most"),
            ("1.005", "whole cents"),
            ("-5", "plain decimal"),
            ("$5", "plain decimal"),
            ("5.", "plain decimal"),
            ("", "plain decimal"),
            ("1e3", "plain decimal"),
        ] {
            let refused = text.parse::<Amount>().expect_err(text);
            assert_eq!(refused.field(), "amount");
            assert!(refused.rule().contains(rule), "{text}: {refused}");
        }
    }
}
