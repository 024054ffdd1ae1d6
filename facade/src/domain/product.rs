//! **The rule: a product is named by the service's own id.**

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use crate::error::Invalid;

/// A product of the service's catalogue, such as 62 for Vodacom airtime at Smartcall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductId(NonZeroU32);

impl ProductId {
    /// Checks an id.
    ///
    /// # Errors
    /// When it is zero.
    pub fn new(id: u32) -> Result<Self, Invalid> {
        NonZeroU32::new(id)
            .map(Self)
            .ok_or(Invalid::new("product", "must be a product id above zero"))
    }

    /// The id as a number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0.get()
    }
}

impl FromStr for ProductId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let id = if digits { text.parse().ok() } else { None };
        Self::new(id.ok_or(Invalid::new(
            "product",
            "must be a product id: a whole number",
        ))?)
    }
}

impl fmt::Display for ProductId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_whole_numbers_above_zero() {
        assert_eq!("62".parse::<ProductId>().map(ProductId::get), Ok(62));
        for text in ["", "0", "-1", "+1", "1.0", "62 ", "A", "4294967296"] {
            assert_eq!(
                text.parse::<ProductId>().map_err(|refused| refused.field()),
                Err("product"),
                "{text}"
            );
        }
    }
}
