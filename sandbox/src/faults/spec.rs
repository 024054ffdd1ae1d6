//! Faults as text.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Faults, Kind};

/// Why a specification of faults could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultsError {
    /// A word that is neither a fault nor a setting.
    #[error("`{word}` is no fault; known are {}", known())]
    Unknown {
        /// The word.
        word: String,
    },
    /// A rate that is no number from 0 to 1.
    #[error("the rate `{value}` of `{word}` is not a number from 0 to 1")]
    Rate {
        /// The fault.
        word: String,
        /// What stood where its rate belongs.
        value: String,
    },
    /// A setting that is no number of milliseconds.
    #[error("`{value}` for `{word}` is not a number of milliseconds")]
    Milliseconds {
        /// The setting.
        word: String,
        /// What stood where its value belongs.
        value: String,
    },
    /// The rates add up to more than one.
    #[error("the rates add up to more than 1")]
    TooMuch,
}

fn known() -> String {
    let names: Vec<_> = Kind::ALL
        .iter()
        .map(|kind| kind.name())
        .chain(SETTINGS)
        .collect();
    names.join(", ")
}

const SETTINGS: [&str; 4] = ["refuse-ms", "late-answer-ms", "late-sale-ms", "lag-ms"];

impl Faults {
    fn setting(&mut self, word: &str) -> Option<&mut Duration> {
        match word {
            "refuse-ms" => Some(&mut self.refuse),
            "late-answer-ms" => Some(&mut self.late_answer),
            "late-sale-ms" => Some(&mut self.late_sale),
            "lag-ms" => Some(&mut self.lag),
            _ => None,
        }
    }

    fn read(&mut self, word: &str, value: &str) -> Result<(), FaultsError> {
        let (word, value) = (word.trim(), value.trim());
        if let Some(setting) = self.setting(word) {
            let milliseconds = value.parse().map_err(|_| FaultsError::Milliseconds {
                word: word.to_owned(),
                value: value.to_owned(),
            })?;
            *setting = Duration::from_millis(milliseconds);
            return Ok(());
        }
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == word);
        let kind = kind.ok_or_else(|| FaultsError::Unknown {
            word: word.to_owned(),
        })?;
        self.rates[kind as usize] = rate(word, value)?;
        Ok(())
    }

    fn spread(&mut self, overall: f64) {
        for kind in Kind::ALL {
            self.rates[kind as usize] = overall / Kind::ALL.len() as f64;
        }
    }
}

fn rate(word: &str, value: &str) -> Result<f64, FaultsError> {
    let rate = value.parse().ok().filter(|rate| (0.0..=1.0).contains(rate));
    rate.ok_or_else(|| FaultsError::Rate {
        word: word.to_owned(),
        value: value.to_owned(),
    })
}

impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(spec: &str) -> Result<Self, FaultsError> {
        let mut faults = Self::none();
        let spec = spec.trim();
        if spec.is_empty() || spec == "none" {
            return Ok(faults);
        }
        for (position, item) in spec.split(',').map(str::trim).enumerate() {
            match item.split_once('=') {
                Some((word, value)) => faults.read(word, value)?,
                None if position == 0
                    && item.starts_with(|first: char| first.is_ascii_digit() || first == '.') =>
                {
                    faults.spread(rate("all faults", item)?);
                }
                None => {
                    return Err(FaultsError::Unknown {
                        word: item.to_owned(),
                    });
                }
            }
        }
        // The lag is drawn by itself, so it does not share the one throw of the dice with the others.
        let total: f64 = Kind::ALL
            .into_iter()
            .filter(|kind| *kind != Kind::Lag)
            .map(|kind| faults.rate(kind))
            .sum();
        if total > 1.0 + 1e-9 {
            Err(FaultsError::TooMuch)
        } else {
            Ok(faults)
        }
    }
}

impl fmt::Display for Faults {
    /// A specification that reads back as the same faults.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let none = Self::none();
        let rates = Kind::ALL.into_iter().filter(|kind| self.rate(*kind) > 0.0);
        let mut items: Vec<String> = rates
            .map(|kind| format!("{}={}", kind.name(), self.rate(kind)))
            .collect();
        let settings = [
            (self.refuse, none.refuse),
            (self.late_answer, none.late_answer),
            (self.late_sale, none.late_sale),
            (self.lag, none.lag),
        ];
        for (name, (value, default)) in SETTINGS.into_iter().zip(settings) {
            if value != default {
                items.push(format!("{name}={}", value.as_millis()));
            }
        }
        if items.is_empty() {
            f.write_str("none")
        } else {
            f.write_str(&items.join(","))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(spec: &str) -> Faults {
        spec.parse()
            .unwrap_or_else(|error| panic!("{spec}: {error}"))
    }

    #[test]
    fn a_single_rate_is_spread_over_all_kinds() {
        let faults = read("0.3");
        assert!(
            Kind::ALL
                .into_iter()
                .all(|kind| (faults.rate(kind) - 0.02).abs() < 1e-12)
        );
    }

    #[test]
    fn kinds_and_settings_are_read_and_written() {
        for spec in [
            "none",
            "reset-after=0.5",
            "refuse=0.1,500-before=0.25,late-answer-ms=50",
            "lag=1,lag-ms=90",
        ] {
            assert_eq!(read(spec).to_string(), spec);
        }
        assert_eq!(read("0.15,lag-ms=7,lag=0").rate(Kind::Lag), 0.0);
        assert_eq!(read(""), Faults::none());
        let faults = read("0.35");
        assert_eq!(read(&faults.to_string()), faults);
    }

    #[test]
    fn an_unknown_word_is_named() {
        let error = |spec: &str| {
            spec.parse::<Faults>()
                .map_or_else(|error| error.to_string(), |_| String::new())
        };
        assert!(
            error("reset-often=0.1")
                .starts_with("`reset-often` is no fault; known are refuse, reset-before")
        );
        assert!(error("reset-after=lots").contains("`lots`"));
        assert!(error("lag-ms=soon").contains("`lag-ms`"));
        assert!(error("1.5").contains("1.5"));
        assert!(error("reset-after=0.6,500-after=0.6").contains("more than 1"));
    }
}
