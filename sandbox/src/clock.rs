//! The one place where the sandbox asks what time it is and where it waits.
//!
//! Everything that depends on the date (token expiry, the five-minute rule, history windows, the moment a pending recharge
//! becomes final) reads a [`Clock`], so a test can move time without sleeping. Everything that has to keep a socket waiting
//! (a late answer, a closed listener) really waits, through [`pause`], because the client on the other side does too.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

/// What the sandbox takes for the present.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> i64;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // This file is where the ambient clock may be read.
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        ms(since)
    }
}

/// A clock that moves only when it is told to.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at `now_ms`.
    #[must_use]
    pub const fn new(now_ms: i64) -> Self {
        Self(AtomicI64::new(now_ms))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(ms(by), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now_ms(&self) -> i64 {
        (**self).now_ms()
    }
}

/// A duration in the unit of the wire.
pub(crate) fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The waits that a test may end: a slow answer, a port that stays closed. How long they last shall not decide whether a test passes.
#[derive(Debug, Default)]
pub(crate) struct Waits(Arc<Notify>);

impl Waits {
    /// Waits in real time, or until all waits are ended; counts from this call.
    pub(crate) fn pause(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static {
        let ended = Arc::clone(&self.0).notified_owned();
        async move {
            tokio::select! {
                () = pause(duration) => {}
                () = ended => {}
            }
        }
    }

    /// Ends every wait that is under way.
    pub(crate) fn end(&self) {
        self.0.notify_waiters();
    }
}

/// Waits in real time.
#[allow(clippy::disallowed_methods)] // As above.
pub(crate) async fn pause(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}

/// `yyyy-MM-dd HH:mm:ss` in South Africa (UTC+2, no daylight saving), the form of `queryDate`.
pub(crate) fn south_african_time(now_ms: i64) -> String {
    let seconds = now_ms.div_euclid(1000) + 2 * 3600;
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil_from_days(days);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!(
        "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{:02}",
        second % 60
    )
}

/// The day in South Africa, counted from 1970-01-01.
pub(crate) fn day_of(now_ms: i64) -> i64 {
    (now_ms.div_euclid(1000) + 2 * 3600).div_euclid(86_400)
}

/// The day that `yyyy-MM-dd` names, if there is one.
pub(crate) fn parse_day(text: &str) -> Option<i64> {
    let is_date = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    if text.len() != 10 || !text.bytes().enumerate().all(is_date) {
        return None;
    }
    let number = |part: std::ops::Range<usize>| text.get(part)?.parse::<i64>().ok();
    let date = (number(0..4)?, number(5..7)?, number(8..10)?);
    let day = days_from_civil(date);
    // A day that the month does not have is one of the next month.
    (civil_from_days(day) == date).then_some(day)
}

/// The same day some months later; where that month is too short, as many days into the next.
pub(crate) fn months_after(day: i64, months: i64) -> i64 {
    let (year, month, day) = civil_from_days(day);
    let month = month - 1 + months;
    days_from_civil((year + month.div_euclid(12), month.rem_euclid(12) + 1, day))
}

/// The inverse of [`civil_from_days`]; a month runs on into the next.
fn days_from_civil((year, month, day): (i64, i64, i64)) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    era * 146_097 + of_era - 719_468
}

/// Days since the epoch to a Gregorian date, counting years from March so that the leap day comes last.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_time_is_two_hours_ahead_of_greenwich() {
        assert_eq!(south_african_time(0), "1970-01-01 02:00:00");
        assert_eq!(south_african_time(1_540_626_411_000), "2018-10-27 09:46:51");
        assert_eq!(south_african_time(1_709_157_600_000), "2024-02-29 00:00:00");
    }

    #[test]
    fn a_date_is_a_day_and_nothing_else_is_a_date() {
        assert_eq!(parse_day("1970-01-01"), Some(0));
        assert_eq!(parse_day("2024-02-29"), Some(19_782));
        assert_eq!(day_of(1_709_157_600_000), 19_782);
        for text in [
            "",
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-04-31",
            "2024-1-01",
            "24-01-01",
            "+024-01-01",
            "2024-01-0é",
        ] {
            assert_eq!(parse_day(text), None, "{text}");
        }
        let day = |text| parse_day(text).unwrap_or_default();
        assert_eq!(months_after(day("2024-11-30"), 3), day("2025-03-02"));
        assert_eq!(months_after(day("2024-01-15"), 3), day("2024-04-15"));
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::new(5);
        assert_eq!(clock.now_ms(), 5);
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.now_ms(), 1005);
    }
}
