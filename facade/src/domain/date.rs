//! **The rule: a date is a day of the calendar, and a day is South Africa's.** The service writes local time without a zone; it is UTC+2,
//! all year round.

use std::fmt;
use std::str::FromStr;

use super::Timestamp;
use crate::error::Invalid;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// South Africa's distance from UTC.
const SOUTH_AFRICA_MS: u64 = 2 * 60 * 60 * 1000;

/// A day, written `2026-11-30`. From 1900 to 9999.
///
/// ```
/// use recharge::Date;
/// let date: Date = "2028-02-29".parse()?;
/// assert_eq!(date.to_string(), "2028-02-29");
/// assert!("2027-02-29".parse::<Date>().is_err());
/// # Ok::<(), recharge::Invalid>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Checks a day.
    ///
    /// # Errors
    /// When the calendar has no such day, or its year is not one of 1900 to 9999.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, Invalid> {
        let real = (1900..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day);
        if !real {
            return Err(invalid());
        }
        Ok(Self { year, month, day })
    }

    /// The day that it is in South Africa at a moment.
    #[must_use]
    pub fn in_south_africa(at: Timestamp) -> Self {
        Self::of_day_number(at.0.saturating_add(SOUTH_AFRICA_MS) / DAY_MS)
    }

    /// When the day begins in South Africa. Days before 1970 begin at the start of it.
    #[must_use]
    pub fn begins(self) -> Timestamp {
        let days = self.day_number();
        Timestamp((days * DAY_MS).saturating_sub(SOUTH_AFRICA_MS))
    }

    /// The same day so many months later; the last day of that month if it has no such day.
    #[must_use]
    pub(crate) fn months_later(self, months: u16) -> Self {
        let months = u32::from(self.year) * 12 + u32::from(self.month) - 1 + u32::from(months);
        let year = u16::try_from(months / 12).unwrap_or(u16::MAX);
        let month = u8::try_from(months % 12).map_or(1, |month| month + 1);
        Self {
            year,
            month,
            day: self.day.min(days_in(year, month)),
        }
    }

    /// Days since the start of 1970; zero for days before.
    fn day_number(self) -> u64 {
        let years = (1970..self.year).map(|year| u64::from(days_in_year(year)));
        let months = (1..self.month).map(|month| u64::from(days_in(self.year, month)));
        if self.year < 1970 {
            return 0;
        }
        years.sum::<u64>() + months.sum::<u64>() + u64::from(self.day) - 1
    }

    /// The day with a number; the last of 9999 if it is beyond.
    fn of_day_number(mut days: u64) -> Self {
        for year in 1970..=9999 {
            let length = u64::from(days_in_year(year));
            if days >= length {
                days -= length;
                continue;
            }
            for month in 1..=12 {
                let length = u64::from(days_in(year, month));
                if days < length {
                    let day = u8::try_from(days).unwrap_or_default() + 1;
                    return Self { year, month, day };
                }
                days -= length;
            }
        }
        Self {
            year: 9999,
            month: 12,
            day: 31,
        }
    }
}

const fn invalid() -> Invalid {
    Invalid::new(
        "date",
        "must be a day of the calendar, written as 2026-11-30",
    )
}

const fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_in_year(year: u16) -> u16 {
    if is_leap(year) { 366 } else { 365 }
}

const fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// So many digits and nothing else.
fn number<T: FromStr>(text: &str, digits: usize) -> Option<T> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

impl FromStr for Date {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let mut parts = text.split('-');
        let (Some(year), Some(month), Some(day), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(invalid());
        };
        match (number(year, 4), number(month, 2), number(day, 2)) {
            (Some(year), Some(month), Some(day)) => Self::new(year, month, day),
            _ => Err(invalid()),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A moment in South African local time, as the service writes it: `2018-10-27 09:46:51`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalTime {
    date: Date,
    hour: u8,
    minute: u8,
    second: u8,
}

impl LocalTime {
    /// The day.
    #[must_use]
    pub fn date(self) -> Date {
        self.date
    }

    /// The moment.
    #[must_use]
    pub fn moment(self) -> Timestamp {
        let seconds =
            (u64::from(self.hour) * 60 + u64::from(self.minute)) * 60 + u64::from(self.second);
        Timestamp(
            (self.date.day_number() * DAY_MS + seconds * 1000).saturating_sub(SOUTH_AFRICA_MS),
        )
    }
}

impl FromStr for LocalTime {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let refused = Invalid::new(
            "local_time",
            "must be a day and a time, written as 2026-11-30 09:46:51",
        );
        let (date, time) = text.split_once(' ').ok_or(refused.clone())?;
        let date = date.parse().map_err(|_| refused.clone())?;
        let mut parts = time.split(':').map(|part| number::<u8>(part, 2));
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(hour)), Some(Some(minute)), Some(Some(second)), None)
                if hour < 24 && minute < 60 && second < 60 =>
            {
                Ok(Self {
                    date,
                    hour,
                    minute,
                    second,
                })
            }
            _ => Err(refused),
        }
    }
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            date,
            hour,
            minute,
            second,
        } = self;
        write!(f, "{date} {hour:02}:{minute:02}:{second:02}")
    }
}

impl fmt::Debug for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().expect(text)
    }

    #[test]
    fn days_of_the_calendar_are_accepted_and_written_as_they_came() {
        for text in [
            "1900-01-01",
            "1970-01-01",
            "2018-01-31",
            "2000-02-29",
            "2028-02-29",
            "9999-12-31",
        ] {
            assert_eq!(date(text).to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_no_date() {
        for text in [
            "",
            "2018",
            "2018-01",
            "2018-1-31",
            "18-01-31",
            "2018-01-31 ",
            " 2018-01-31",
            "2018/01/31",
            "31-01-2018",
            "2018-01-00",
            "2018-01-32",
            "2018-00-01",
            "2018-13-01",
            "2018-04-31",
            "2018-02-29",
            "1900-02-29",
            "1899-12-31",
            "0000-01-01",
            "+018-01-01",
            "2018-01-31-",
            "2018-01-31T00:00:00",
            "२०१८-०१-३१",
        ] {
            let refused = text.parse::<Date>().expect_err(text);
            assert_eq!(refused.field(), "date", "{text}");
            assert!(refused.rule().contains("day of the calendar"));
        }
    }

    #[test]
    fn a_day_begins_at_22_o_clock_utc_of_the_day_before() {
        // 2018-10-27T07:46:51Z is 09:46:51 in South Africa.
        let at = Timestamp(1_540_626_411_000);
        assert_eq!(Date::in_south_africa(at), date("2018-10-27"));
        let begins = date("2018-10-27").begins();
        assert_eq!(begins, Timestamp(1_540_591_200_000));
        assert_eq!(Date::in_south_africa(begins), date("2018-10-27"));
        assert_eq!(
            Date::in_south_africa(Timestamp(begins.0 - 1)),
            date("2018-10-26")
        );
    }

    #[test]
    fn every_day_of_four_centuries_is_found_again_by_its_beginning() {
        let mut days = 0;
        for year in 1970..2370 {
            for month in 1..=12 {
                for day in 1..=days_in(year, month) {
                    let date = Date::new(year, month, day).expect("a day");
                    assert_eq!(date.day_number(), days);
                    assert_eq!(Date::of_day_number(days), date);
                    days += 1;
                }
            }
        }
        assert_eq!(days, 146_097);
        assert_eq!(Date::of_day_number(u64::MAX), date("9999-12-31"));
        assert_eq!(date("1969-12-31").begins(), Timestamp(0));
    }

    #[test]
    fn months_later_is_the_same_day_or_the_last_of_the_month() {
        for (from, months, to) in [
            ("2026-11-22", 3, "2027-02-22"),
            ("2026-11-30", 3, "2027-02-28"),
            ("2027-11-30", 3, "2028-02-29"),
            ("2026-01-31", 3, "2026-04-30"),
            ("2026-12-01", 1, "2027-01-01"),
        ] {
            assert_eq!(date(from).months_later(months), date(to), "{from}");
        }
    }

    #[test]
    fn local_time_is_two_hours_before_utc() {
        let time: LocalTime = "2018-10-27 09:46:51".parse().expect("a time");
        assert_eq!(time.to_string(), "2018-10-27 09:46:51");
        assert_eq!(time.date(), date("2018-10-27"));
        assert_eq!(time.moment(), Timestamp(1_540_626_411_000));
        for text in [
            "",
            "2018-10-27",
            "2018-10-27T09:46:51",
            "2018-10-27 24:00:00",
            "2018-10-27 09:60:51",
            "2018-10-27 09:46:60",
            "2018-10-27 9:46:51",
            "2018-10-27 09:46",
            "2018-10-27 09:46:51.0",
            "2018-02-30 09:46:51",
        ] {
            assert_eq!(
                text.parse::<LocalTime>().map_err(|refused| refused.field()),
                Err("local_time"),
                "{text}"
            );
        }
    }
}
