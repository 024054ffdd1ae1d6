//! **The rule: a reference says where a sale was made, or nothing at all; and no two are alike.**

use std::fmt;
use std::str::FromStr;

use crate::domain::Reference;
use crate::error::Invalid;

/// The most parts of the vendor's scheme.
const PARTS: [&str; 6] = ["division", "shop", "till", "teller", "receipt", "line"];

/// An `agentReference`: up to 50 characters of `A-Z a-z 0-9 . _ -`. (Version 1 of the service allowed 50; version 3 says nothing.)
///
/// The vendor advises references that mean something, by the scheme `Division-Shop-Till-Teller-Receipt-Line`:
///
/// ```
/// use recharge::hot::AgentReference;
/// let reference = AgentReference::of("HRE", "CBD01", "01", "KUDA01", "100001", "01")?;
/// assert_eq!(reference.as_str(), "HRE-CBD01-01-KUDA01-100001-01");
/// # Ok::<(), recharge::Invalid>(())
/// ```
///
/// Such a reference is only as unique as receipt and line are. [`AgentReference::random`] needs no counter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgentReference(Reference);

impl AgentReference {
    /// The longest reference.
    pub const MAX_LENGTH: usize = Reference::STORED_LENGTH_MAX;

    /// By the vendor's scheme.
    ///
    /// # Errors
    /// When a part is empty or holds anything but letters and digits, or all of them are longer than 50 characters with their hyphens. A part
    /// holds no hyphen: then it could be read as two.
    pub fn of(
        division: &str,
        shop: &str,
        till: &str,
        teller: &str,
        receipt: &str,
        line: &str,
    ) -> Result<Self, Invalid> {
        let parts = [division, shop, till, teller, receipt, line];
        for (part, name) in parts.into_iter().zip(PARTS) {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                return Err(Invalid::new(name, "must be letters and digits"));
            }
        }
        parts.join("-").parse()
    }

    /// A random one, in the form of a UUID with 122 random bits.
    #[must_use]
    pub fn random() -> Self {
        Self(Reference::random())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The reference as outcomes and the journal have it.
    #[must_use]
    pub fn into_reference(self) -> Reference {
        self.0
    }
}

impl FromStr for AgentReference {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Reference::within(text, Self::MAX_LENGTH)
            .map(Self)
            .ok_or(Invalid::new(
                "reference",
                "must be 1 to 50 characters of A-Z a-z 0-9 . _ - with at least one letter or digit",
            ))
    }
}

impl From<Reference> for AgentReference {
    fn from(reference: Reference) -> Self {
        Self(reference)
    }
}

impl From<AgentReference> for Reference {
    fn from(reference: AgentReference) -> Self {
        reference.0
    }
}

impl fmt::Display for AgentReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for AgentReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: [&str; 6]) -> Result<AgentReference, Invalid> {
        let [division, shop, till, teller, receipt, line] = parts;
        AgentReference::of(division, shop, till, teller, receipt, line)
    }

    #[test]
    fn the_vendors_scheme_is_joined_by_hyphens() {
        let reference = of(["HRE", "CBD01", "01", "KUDA01", "100001", "01"]).expect("a reference");
        assert_eq!(reference.to_string(), "HRE-CBD01-01-KUDA01-100001-01");
        // 45 characters and 5 hyphens.
        let nines = "9".repeat(25);
        assert_eq!(
            of(["9999", "9999", "9999", "9999", &nines, "9999"]).map(|it| it.as_str().len()),
            Ok(50)
        );
    }

    #[test]
    fn a_part_that_is_empty_or_could_be_two_is_refused_by_its_name() {
        let good = ["HRE", "CBD01", "01", "KUDA01", "100001", "01"];
        for (place, name) in PARTS.into_iter().enumerate() {
            for bad in ["", "a-b", "a b", "a/b", "é", "a.b", "a_b"] {
                let mut parts = good;
                parts[place] = bad;
                assert_eq!(of(parts).map_err(|it| it.field()), Err(name), "{bad:?}");
            }
        }
        let long = "9".repeat(26);
        let refused = of(["9999", "9999", "9999", "9999", &long, "9999"]);
        assert_eq!(refused.map_err(|it| it.field()), Err("reference"));
    }

    #[test]
    fn up_to_fifty_characters_that_change_no_path() {
        for text in ["1", "a.b_c-d", &"x".repeat(50)] {
            assert!(text.parse::<AgentReference>().is_ok(), "{text}");
        }
        for text in [
            "",
            ".",
            "..",
            "-",
            "a/b",
            "a b",
            "é",
            "a%2F",
            &"x".repeat(51),
        ] {
            let refused = text.parse::<AgentReference>();
            assert_eq!(refused.map_err(|it| it.field()), Err("reference"), "{text}");
        }
        assert_ne!(AgentReference::random(), AgentReference::random());
    }
}
