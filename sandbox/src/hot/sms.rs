//! The message to the customer: the tags of a custom text, and how money is written in it.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::money::digits;

/// What electricity has beside the tags of every message. The third is the vendor's page's own spelling.
pub(crate) const ZESA_TAGS: [&str; 4] = ["%METERNUMBER%", "%KWH%", "%ACCOUNTNAME%", "%ACOUNTNAME%"];

/// The name that the vendor knows the company by.
pub(crate) const COMPANY: &str = "Sandbox Retail";

/// The name of the user that sends.
pub(crate) const ACCESS: &str = "Sandbox Till";

/// Fills in the tags. What is no tag stays as it is.
pub(crate) fn fill(template: &str, tags: &[(&str, String)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('%') {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let tag = tags.iter().find(|(tag, _)| from.starts_with(tag));
        let taken = if let Some((tag, value)) = tag {
            text.push_str(value);
            tag.len()
        } else {
            text.push('%');
            1
        };
        rest = &from[taken..];
    }
    text + rest
}

/// `$XXX.XX`.
pub(crate) fn dollars(value: Decimal) -> String {
    format!("${}", digits(value, 2))
}

/// `$32,451.22`, as the text of an answer has it.
pub(crate) fn grouped(value: Decimal) -> String {
    let text = digits(value, 2);
    let (whole, cents) = text.split_once('.').unwrap_or((text.as_str(), "00"));
    let mut grouped = String::new();
    for (position, digit) in whole.char_indices() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("${grouped}.{cents}")
}

/// `0.10`, but `300`.
pub(crate) fn plain(value: Decimal) -> String {
    if value.is_integer() {
        value.normalize().to_string()
    } else {
        digits(value, 2)
    }
}

/// Half away from zero.
pub(crate) fn rounded(value: Decimal, decimals: u32) -> Decimal {
    value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_filled_in_and_everything_else_stays() {
        let tags = [
            ("%AMOUNT%", "$10.00".to_owned()),
            ("%BALANCE%", "%AMOUNT%".to_owned()),
        ];
        let filled = fill("100% of %AMOUNT%: %BALANCE% %NONSENSE% %AMOUNT%%", &tags);
        assert_eq!(filled, "100% of $10.00: %AMOUNT% %NONSENSE% $10.00%");
        assert_eq!(fill("", &tags), "");
        assert_eq!(fill("ü%ü", &tags), "ü%ü");
    }

    #[test]
    fn thousands_are_grouped() {
        for (value, text) in [
            ("7", "$7.00"),
            ("32451.219236", "$32,451.22"),
            ("1234567.5", "$1,234,567.50"),
            ("123", "$123.00"),
        ] {
            assert_eq!(grouped(value.parse().unwrap_or_default()), text);
        }
    }
}
