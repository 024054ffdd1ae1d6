//! **The rule: cents are cents by their type.** Everything else here is rand.

use std::fmt;

use rust_decimal::Decimal;

/// An amount in cents, above zero. Telkom's MoNice bundles are priced so, and nothing else is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cents(u32);

impl Cents {
    /// An amount; `None` if it is zero, or beyond what the wire's type holds.
    pub(crate) fn new(cents: u32) -> Option<Self> {
        (cents > 0 && i32::try_from(cents).is_ok()).then_some(Self(cents))
    }

    /// The number of cents.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// The same in rand.
    #[must_use]
    pub fn rand(self) -> Decimal {
        Decimal::new(self.0.into(), 2)
    }
}

/// With the unit, so that nobody takes it for rand.
impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cents", self.0)
    }
}

impl fmt::Debug for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_hundred_cents_are_five_rand() {
        let cents = Cents::new(500).expect("an amount");
        assert_eq!(
            (cents.rand().to_string(), cents.get()),
            ("5.00".into(), 500)
        );
        assert_eq!(format!("{cents} {cents:?}"), "500 cents 500 cents");
        assert_eq!(Cents::new(1).map(Cents::rand), Some(Decimal::new(1, 2)));
    }

    #[test]
    fn nothing_and_too_much_are_no_amounts() {
        assert_eq!((Cents::new(0), Cents::new(u32::MAX)), (None, None));
    }
}
