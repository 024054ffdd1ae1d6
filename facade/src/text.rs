//! **The rule: a service's text that goes into errors and logs names nobody.**

/// A text of a service's for people, with numbers of nine digits and more masked: they are subscribers, accounts and meters.
pub(crate) fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = rest[start..].bytes().take_while(u8::is_ascii_digit).count();
        let (before, number) = (&rest[..start], &rest[start..start + digits]);
        out.push_str(before);
        if digits < 9 {
            out.push_str(number);
        } else {
            out.push_str("***");
            out.push_str(&number[digits - 3..]);
        }
        rest = &rest[start + digits..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_masked_and_short_ones_stay() {
        assert_eq!(
            masked("Recharge to 0772123456 of 10.23: code 12345678, meter 37123456789é"),
            "Recharge to ***456 of 10.23: code 12345678, meter ***789é"
        );
        assert_eq!(masked(""), "");
    }
}
