//! **The rule: a meter is digits, and goes on the wire as it was written.** No document gives its length or a check digit.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::error::Invalid;

/// Meters of the standard (STS) have 11 or 13 digits, the vendor's example 9. A token has 20, and is no meter.
const DIGITS: std::ops::RangeInclusive<usize> = 6..=18;

/// A prepaid electricity meter: its number, and for municipal electricity the extended limit that is wanted.
///
/// Written as on the wire: the number, or the number, a comma and the id of the limit (chapter 10 f).
///
/// ```
/// use recharge::Meter;
/// let meter: Meter = "123456789".parse()?;
/// assert_eq!(meter.with_limit(7)?.to_string(), "123456789,7");
/// # Ok::<(), recharge::Invalid>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Meter {
    number: Box<str>,
    limit: Option<NonZeroU32>,
}

impl Meter {
    /// The same meter, to be sold more than the default limit of R1000: by the id of a municipality's own limit
    /// ([`electricity_limits`](crate::smartcall::Client::electricity_limits)).
    ///
    /// # Errors
    /// When the id is zero.
    pub fn with_limit(mut self, id: u32) -> Result<Self, Invalid> {
        let limit = NonZeroU32::new(id);
        self.limit = Some(limit.ok_or(Invalid::new("limit", "must be a limit id above zero"))?);
        Ok(self)
    }

    /// The number.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The id of the extended limit, if one is wanted.
    #[must_use]
    pub fn limit(&self) -> Option<u32> {
        self.limit.map(NonZeroU32::get)
    }
}

impl FromStr for Meter {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (number, limit) = match text.split_once(',') {
            Some((number, limit)) => (number, Some(limit)),
            None => (text, None),
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !DIGITS.contains(&number.len()) || !digits(number) {
            return Err(Invalid::new("meter", "must be a number of 6 to 18 digits"));
        }
        let meter = Self {
            number: number.into(),
            limit: None,
        };
        let Some(limit) = limit else {
            return Ok(meter);
        };
        let id = if digits(limit) {
            limit.parse().ok()
        } else {
            None
        };
        meter.with_limit(id.ok_or(Invalid::new("limit", "must be a limit id: a whole number"))?)
    }
}

impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.number)?;
        self.limit.map_or(Ok(()), |limit| write!(f, ",{limit}"))
    }
}

/// A meter is a household's: the debug form shows its last three digits only.
impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.number.len().saturating_sub(3);
        write!(f, "***{}", &self.number[shown..])?;
        self.limit.map_or(Ok(()), |limit| write!(f, ",{limit}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_is_printed_as_it_goes_on_the_wire() {
        for text in ["123456789", "01234567890", "123456789,7", "123456"] {
            let meter: Meter = text.parse().expect(text);
            assert_eq!(meter.to_string(), text);
        }
        let meter: Meter = "123456789,7".parse().expect("a meter");
        assert_eq!((meter.number(), meter.limit()), ("123456789", Some(7)));
        assert_eq!(format!("{meter:?}"), "***789,7");
    }

    #[test]
    fn anything_else_is_refused_by_field_and_rule() {
        for (text, field) in [
            ("", "meter"),
            ("12345", "meter"),
            ("1234567890123456789", "meter"),
            ("65590769817133403636", "meter"),
            ("6559 0769 8171", "meter"),
            ("12345678x", "meter"),
            ("-123456789", "meter"),
            ("١٢٣٤٥٦٧٨٩", "meter"),
            (",7", "meter"),
            ("123456789,", "limit"),
            ("123456789,0", "limit"),
            ("123456789,+7", "limit"),
            ("123456789,7,8", "limit"),
            ("123456789, 7", "limit"),
            ("123456789,4294967296", "limit"),
        ] {
            let refused = text.parse::<Meter>().expect_err(text);
            assert_eq!(refused.field(), field, "{text}");
            assert!(refused.rule().starts_with("must be"), "{text}: {refused}");
        }
    }
}
