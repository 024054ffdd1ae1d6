//! **The rule: one reference, one sale. A reference is made before anything is sent, and holds more randomness than chance can match.**

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::error::Invalid;

/// A client reference: the name of one sale, ours to choose, and the key to every enquiry about it.
///
/// Unique for an account for ever, and never longer than its service takes: 36 characters for Smartcall, 50 for HOT
/// ([`hot::AgentReference`](crate::hot::AgentReference)). [`Reference::random`] makes one with 122 random bits in the form of a UUID, which the service is known to
/// accept. One of your own making is up to 36 characters of `A-Z a-z 0-9 . _ -`: longer ones were never seen to be stored whole, and a
/// reference that is cut short can never be found again.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(Arc<str>);

impl Reference {
    /// The longest reference that is read from a text, and that Smartcall takes.
    pub const MAX_LENGTH: usize = 36;

    /// The longest reference of any service.
    pub(crate) const STORED_LENGTH_MAX: usize = 50;

    /// Makes a reference from 128 random bits (a version 4 UUID).
    #[must_use]
    pub fn from_random_bits(bits: u128) -> Self {
        let bits = (bits & !(0xF000_u128 << 64) & !(0xC000_u128 << 48))
            | (0x4000_u128 << 64)
            | (0x8000_u128 << 48);
        let mut text = String::with_capacity(Self::MAX_LENGTH);
        for digit in (0..32_u8).rev() {
            let value = (bits >> (4 * digit)) as u8 & 0xF;
            text.push(char::from(b"0123456789abcdef"[usize::from(value)]));
            if matches!(digit, 24 | 20 | 16 | 12) {
                text.push('-');
            }
        }
        Self(text.into())
    }

    /// Makes a reference with the operating system's randomness.
    #[must_use]
    pub fn random() -> Self {
        Self::from_random_bits(crate::ambient::random_bits())
    }

    /// A reference of up to `length_max` characters; `None` if it is not one.
    pub(crate) fn within(text: &str, length_max: usize) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        // "." and ".." would be another path; a reference of dots names nothing.
        let names_something = text.bytes().any(|byte| byte.is_ascii_alphanumeric());
        let fits = text.len() <= length_max && names_something && text.bytes().all(allowed);
        fits.then(|| Self(text.into()))
    }

    /// The reference that follows from this one, always the same: where a refused sale is sold again, whoever comes after a crash finds the
    /// second sale by the first one's name. As random as this one is.
    pub(crate) fn successor(&self) -> Self {
        // FNV-1a of 128 bits. Nobody chooses references against us; they must differ, and no more.
        const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        let mix = |hash: u128, byte: u8| (hash ^ u128::from(byte)).wrapping_mul(PRIME);
        Self::from_random_bits(self.0.bytes().chain(*b" again").fold(BASIS, mix))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reference {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::within(text, Self::MAX_LENGTH).ok_or(Invalid::new(
            "reference",
            "must be 1 to 36 characters of A-Z a-z 0-9 . _ - with at least one letter or digit",
        ))
    }
}

/// From where it was kept: of any service's length.
impl TryFrom<String> for Reference {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::within(&text, Self::STORED_LENGTH_MAX).ok_or(Invalid::new(
            "reference",
            "must be 1 to 50 characters of A-Z a-z 0-9 . _ - with at least one letter or digit",
        ))
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.0.as_ref().into()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_references_are_version_4_uuids_and_differ() {
        assert_eq!(
            Reference::from_random_bits(0).as_str(),
            "00000000-0000-4000-8000-000000000000"
        );
        assert_eq!(
            Reference::from_random_bits(u128::MAX).as_str(),
            "ffffffff-ffff-4fff-bfff-ffffffffffff"
        );
        assert_ne!(Reference::random(), Reference::random());
        assert!(Reference::random().as_str().parse::<Reference>().is_ok());
    }

    #[test]
    fn a_successor_is_always_the_same_and_never_one_that_was_there() {
        let mut seen = std::collections::HashSet::new();
        for number in 0..2000_u128 {
            let mut reference = Reference::from_random_bits(number << 64 | number);
            for _ in 0..3 {
                assert!(seen.insert(reference.clone()), "{reference}");
                assert_eq!(reference.successor(), reference.clone().successor());
                reference = reference.successor();
            }
        }
        let own = "till-7.4711"
            .parse::<Reference>()
            .map(|own| own.successor());
        let written = own.map(|next| next.as_str().parse::<Reference>().is_ok());
        assert_eq!(written, Ok(true));
    }

    #[test]
    fn references_that_could_change_a_path_or_be_cut_short_are_refused() {
        for text in [
            "",
            ".",
            "..",
            "a/b",
            "a\\b",
            "a b",
            "a%2Fb",
            "é",
            "a?b",
            "a#b",
            &"x".repeat(37),
        ] {
            assert_eq!(
                text.parse::<Reference>().map_err(|refused| refused.field()),
                Err("reference"),
                "{text}"
            );
        }
        for text in [
            "1",
            "HRE-CBD01-01-KUDA01-100001-01",
            "a.b_c",
            &"x".repeat(36),
        ] {
            assert!(text.parse::<Reference>().is_ok(), "{text}");
        }
    }
}
