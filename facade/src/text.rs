//! **The rule: a service's text that goes into errors and logs names nobody, and sells nothing.**

/// From so many digits on, a number is somebody's, or a token.
const LONG: usize = 9;

/// A text of a service's for people, with numbers of nine digits and more masked: they are subscribers, accounts, meters and tokens. Groups of digits
/// with one blank or one hyphen between them are one number, as tokens and mobile numbers are written; amounts, times and dates are none of its groups.
pub(crate) fn masked(text: &str) -> String {
    if text.bytes().filter(u8::is_ascii_digit).count() < LONG {
        return text.to_owned();
    }
    let groups = groups(text);
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for number in numbers(text, &groups) {
        let digits: usize = number.iter().map(Group::len).sum();
        let (Some(first), Some(last)) = (number.first(), number.last()) else {
            continue;
        };
        if digits < LONG {
            continue;
        }
        let tail: Vec<u8> = text[first.start..last.end]
            .bytes()
            .filter(u8::is_ascii_digit)
            .collect();
        out.push_str(&text[copied..first.start]);
        out.push_str("***");
        out.extend(tail[digits - 3..].iter().map(|digit| char::from(*digit)));
        copied = last.end;
    }
    out.push_str(&text[copied..]);
    out
}

/// Digits without anything between them.
#[derive(Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
}

impl Group {
    fn len(&self) -> usize {
        self.end - self.start
    }

    fn text<'a>(&self, of: &'a str) -> &'a str {
        &of[self.start..self.end]
    }
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut from = 0;
    while let Some(found) = text[from..].find(|c: char| c.is_ascii_digit()) {
        let start = from + found;
        let digits = text[start..].bytes().take_while(u8::is_ascii_digit).count();
        from = start + digits;
        groups.push(Group { start, end: from });
    }
    groups
}

/// The groups that are one number each.
fn numbers<'a>(text: &str, groups: &'a [Group]) -> Vec<&'a [Group]> {
    let mut numbers = Vec::new();
    let mut from = 0;
    while from < groups.len() {
        let length = match date(text, &groups[from..]) {
            0 => number(text, &groups[from..]),
            date => {
                from += date;
                continue;
            }
        };
        numbers.push(&groups[from..from + length]);
        from += length;
    }
    numbers
}

/// How many groups, from the first on, are one number: at least that one.
fn number(text: &str, groups: &[Group]) -> usize {
    let mut length = 1;
    while let [before, after, ..] = &groups[length - 1..] {
        let joined = matches!(between(text, before, after), " " | "-");
        let apart = is_part(text, before) || is_part(text, after);
        if !joined || apart || date(text, &groups[length..]) > 0 {
            break;
        }
        length += 1;
    }
    length
}

fn between<'a>(text: &'a str, before: &Group, after: &Group) -> &'a str {
    &text[before.end..after.start]
}

/// Whether a group is one side of an amount (`10.23`) or of a time (`10:30`).
fn is_part(text: &str, group: &Group) -> bool {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let parts = |mark: Option<&u8>| match mark {
        Some(b'.') => true,
        Some(b':') => group.len() <= 2,
        _ => false,
    };
    let before = group.start.checked_sub(2);
    let follows = before.is_some_and(|at| parts(bytes.get(at + 1)) && digit(bytes.get(at)));
    follows || parts(bytes.get(group.end)) && digit(bytes.get(group.end + 1))
}

/// How many groups, from the first on, are a date with hyphens: three (`2026-11-22`, `22-11-2026`), or none.
fn date(text: &str, groups: &[Group]) -> usize {
    let [one, two, three, rest @ ..] = groups else {
        return 0;
    };
    let goes_on = rest
        .first()
        .is_some_and(|next| between(text, three, next) == "-");
    if between(text, one, two) != "-" || between(text, two, three) != "-" || goes_on {
        return 0;
    }
    let below = |group: &Group, most: u32| {
        let number = group.text(text).parse::<u32>();
        group.len() == 2 && number.is_ok_and(|number| (1..=most).contains(&number))
    };
    let year = |group: &Group| {
        let digits = group.text(text);
        digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"))
    };
    let day = |group: &Group| below(group, 31);
    let is_date = below(two, 12) && (year(one) && day(three) || day(one) && year(three));
    if is_date { 3 } else { 0 }
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

    #[test]
    fn digits_in_groups_are_one_number() {
        for (text, told) in [
            ("1234 5678 9012 3456 7890", "***890"),
            ("Token 1234-5678-9012-3456-7890.", "Token ***890."),
            (
                "Token: 1234 5678 9012 3456 7890,1234 5678 9012 3456 7891",
                "Token: ***890,***891",
            ),
            (
                "Could not notify 077 212 3456 today",
                "Could not notify ***456 today",
            ),
            ("to +263 77-212-3456", "to +***456"),
            ("to 07 72 12 34 56", "to ***456"),
            ("0772 123456 of 10.23", "***456 of 10.23"),
            ("1234 5678 9012 3456 7890 10.00 kWh", "***890 10.00 kWh"),
            ("on 2026-11-22 0772123456", "on 2026-11-22 ***456"),
            ("on 2026-11-22 077 212 3456", "on 2026-11-22 ***456"),
            ("077 212 3456 2026-11-22", "***456 2026-11-22"),
            ("2026-11-22-1234-5678", "***678"),
        ] {
            assert_eq!(masked(text), told, "{text}");
        }
    }

    #[test]
    fn amounts_dates_times_and_lists_stay_as_they_are() {
        for text in [
            "Recharge of $10.00 5.50 3.25 was successful",
            "between 0.10 and 300 in steps of 0.01",
            "12345.67 12345.67",
            "2026-11-22 10:30:00",
            "22-11-2026 10:30",
            "2026-11-22 2026-11-23",
            "from 2026-11-22 to 2026-11-23",
            "at 2026-11-22T10:30:00.123 HTTP 400",
            "22/11/2026 10:30",
            "codes 1001, 1002, 1004, 1006",
            "1234  5678  9012",
            "1234 - 5678 - 9012",
            "1,000,000 of 2,000,000",
            "ProductId is currently not supported. ProductID 0",
            "12345678",
            "1234 5678",
            "-",
            "1-",
            "é1 2é",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
