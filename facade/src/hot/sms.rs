//! **The rule: a tag that the service does not fill in would reach the customer as it is,** so a text with an unknown one is refused.
//!
//! The page gives five tags for every message; a product's metadata may name more. The page's examples for electricity use three that stand in no
//! table.

use super::product::Product;
use crate::error::Invalid;

/// The tags of every message (page).
const STANDARD: [&str; 5] = [
    "AMOUNT",
    "INITIALBALANCE",
    "BALANCE",
    "COMPANYNAME",
    "ACCESSNAME",
];
/// The tags of electricity, from the page's examples. The last is the page's own spelling, and nobody knows which one the service goes by.
const ELECTRICITY: [&str; 4] = ["METERNUMBER", "KWH", "ACCOUNTNAME", "ACOUNTNAME"];
/// Version 1 allowed this many characters; version 3 says nothing.
const LENGTH_MAX: usize = 300;

/// A text for the customer, with tags that the service fills in: `%AMOUNT%`, `%INITIALBALANCE%`, `%BALANCE%` (all `$XXX.XX`), `%COMPANYNAME%`,
/// `%ACCESSNAME%`, and those of the product.
///
/// ```
/// use recharge::hot::SmsTemplate;
/// let sms = SmsTemplate::new("%COMPANYNAME% topped you up with %AMOUNT%.")?;
/// assert!(SmsTemplate::new("You have %BALLANCE%").is_err());
/// # Ok::<(), recharge::Invalid>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmsTemplate(String);

impl SmsTemplate {
    /// A text with the tags of every message.
    ///
    /// # Errors
    /// When it is empty, longer than 300 characters, holds control characters other than line breaks, or a tag that is not known. Tags are in capitals.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        Self::with_tags(text, &[])
    }

    /// A text about electricity: also `%METERNUMBER%`, `%KWH%` and `%ACCOUNTNAME%`.
    ///
    /// # Errors
    /// As [`SmsTemplate::new`].
    pub fn for_electricity(text: &str) -> Result<Self, Invalid> {
        Self::with_tags(text, &ELECTRICITY.map(str::to_owned))
    }

    /// A text with the tags that a product's metadata names as well.
    ///
    /// # Errors
    /// As [`SmsTemplate::new`].
    pub fn for_product(text: &str, product: &Product) -> Result<Self, Invalid> {
        Self::with_tags(text, &product.sms_tags())
    }

    fn with_tags(text: &str, more: &[String]) -> Result<Self, Invalid> {
        let odd = |c: char| c.is_control() && c != '\n';
        let length = text.chars().count();
        if text.trim().is_empty() || length > LENGTH_MAX || text.chars().any(odd) {
            let rule = "must be 1 to 300 characters without control characters";
            return Err(Invalid::new("sms", rule));
        }
        let known = |tag: &str| STANDARD.contains(&tag) || more.iter().any(|each| each == tag);
        if !tags(text).all(known) {
            return Err(Invalid::new("sms", "must hold no tag that is not known"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text, with its tags.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether every tag of a text is one that the product's messages have.
pub(super) fn fits(text: &str, product: &Product, electricity: bool) -> bool {
    let more = product.sms_tags();
    tags(text).all(|tag| {
        STANDARD.contains(&tag)
            || electricity && ELECTRICITY.contains(&tag)
            || more.iter().any(|each| each == tag)
    })
}

/// What stands between two percent signs and looks like a tag: letters, digits and underscores. "5% and 10%" holds none.
pub(super) fn tags(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (_, from) = rest.split_once('%')?;
            let end = from.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let (tag, after) = from.split_at(end?);
            match after.strip_prefix('%') {
                Some(after) if !tag.is_empty() => {
                    rest = after;
                    return Some(tag);
                }
                // The second sign may begin a tag.
                _ => rest = from,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tags_of_the_page_are_known() {
        for text in [
            "%COMPANYNAME% topped up your account with $%AMOUNT%. Your new balance is $%BALANCE%.",
            "%INITIALBALANCE%%ACCESSNAME%",
            "No tags, 100% true",
            "5% and 10% off\nin two lines",
            "50%",
            "%",
            "%%",
            "%%AMOUNT%%",
        ] {
            assert!(SmsTemplate::new(text).is_ok(), "{text}");
        }
        let of_the_page = "A ZETDC token was purchased for %ACOUNTNAME% (%METERNUMBER%) valued %AMOUNT% that resulted in %KWH% units.";
        assert!(SmsTemplate::for_electricity(of_the_page).is_ok());
        assert!(SmsTemplate::new(of_the_page).is_err());
    }

    #[test]
    fn anything_else_is_refused_by_its_rule() {
        for (text, rule) in [
            ("", "1 to 300"),
            (" \n", "1 to 300"),
            (&*"x".repeat(301), "1 to 300"),
            ("a\u{7}b", "1 to 300"),
            ("%BALLANCE%", "no tag"),
            ("%amount%", "no tag"),
            ("5%5%", "no tag"),
            ("%AMOUNT%KWH%", ""),
            ("100%%KWH%", "no tag"),
        ] {
            match SmsTemplate::new(text) {
                Ok(_) => assert!(rule.is_empty(), "{text}"),
                Err(refused) => {
                    assert_eq!(refused.field(), "sms");
                    assert!(
                        !rule.is_empty() && refused.rule().contains(rule),
                        "{text}: {refused}"
                    );
                }
            }
        }
        assert!(SmsTemplate::new(&"ü".repeat(300)).is_ok());
    }
}
