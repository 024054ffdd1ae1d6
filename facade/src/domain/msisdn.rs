//! **The rule: a South African MSISDN is `27` and nine digits on the wire.**

use std::fmt;
use std::str::FromStr;

use crate::error::Invalid;

const NATIONAL_DIGITS: usize = 9;

/// A South African MSISDN: a subscriber's number, or a dealer's account.
///
/// Written as `27821234567`, `+27821234567` or `0821234567`; always printed as it goes on the wire, `27821234567`.
///
/// ```
/// use recharge::Msisdn;
/// let msisdn: Msisdn = "0821234567".parse()?;
/// assert_eq!(msisdn.to_string(), "27821234567");
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
            "must be a South African number: 27 and nine digits, or 0 and nine digits",
        );
        let digits = text.strip_prefix('+').unwrap_or(text);
        let national = match (digits.strip_prefix("27"), digits.strip_prefix('0')) {
            (Some(national), _) if national.len() == NATIONAL_DIGITS => national,
            (_, Some(national)) if national.len() == NATIONAL_DIGITS && !text.starts_with('+') => {
                national
            }
            _ => return Err(refused),
        };
        if national.starts_with('0') || !national.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refused);
        }
        national
            .parse()
            .map(|national| Self { national })
            .map_err(|_| refused)
    }
}

impl fmt::Display for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "27{:09}", self.national)
    }
}

/// A subscriber's number is personal: the debug form shows its last three digits only.
impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "27******{:03}", self.national % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_writing_a_number_means_the_same_on_the_wire() {
        for text in ["27821234567", "+27821234567", "0821234567"] {
            assert_eq!(
                text.parse::<Msisdn>().map(|msisdn| msisdn.to_string()),
                Ok("27821234567".to_owned())
            );
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "27",
            "2782123456",
            "278212345678",
            "821234567",
            "+0821234567",
            "00821234567",
            "27021234567",
            "27 821234567",
            "082-123-4567",
            "2782123456x",
            "२७८२१२३४५६७",
            "263772929223",
            "++27821234567",
        ] {
            assert_eq!(
                text.parse::<Msisdn>().map_err(|refused| refused.field()),
                Err("msisdn"),
                "{text}"
            );
        }
    }

    #[test]
    fn the_debug_form_hides_the_subscriber() {
        let msisdn: Msisdn = "27821234567".parse().expect("a number");
        assert_eq!(format!("{msisdn:?}"), "27******567");
    }
}
