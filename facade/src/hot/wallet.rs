//! **The rule: a wallet is known by its account type, never by its name,** which is text for people (`ZiG`, `ZWG` and `Utility USD` were seen).

use std::fmt;

/// One of an account's wallets, by its account type. Airtime wallets do not pay for electricity, nor the reverse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Wallet {
    /// 1: ZiG, for airtime and data.
    Zig,
    /// 2: ZiG, for utilities.
    ZigUtilities,
    /// 3: US dollars, for airtime and data.
    Usd,
    /// 4: US dollars, for utilities.
    UsdUtilities,
    /// An account type that is not known here.
    Other(i32),
}

/// What a wallet is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Currency {
    /// Zimbabwe Gold.
    Zig,
    /// US dollars.
    Usd,
}

impl Wallet {
    /// The wallet of an account type.
    #[must_use]
    pub fn of(account_type_id: i32) -> Self {
        match account_type_id {
            1 => Self::Zig,
            2 => Self::ZigUtilities,
            3 => Self::Usd,
            4 => Self::UsdUtilities,
            other => Self::Other(other),
        }
    }

    /// The account type.
    #[must_use]
    pub fn account_type_id(self) -> i32 {
        match self {
            Self::Zig => 1,
            Self::ZigUtilities => 2,
            Self::Usd => 3,
            Self::UsdUtilities => 4,
            Self::Other(id) => id,
        }
    }

    /// What it is counted in, if that is known.
    #[must_use]
    pub fn currency(self) -> Option<Currency> {
        match self {
            Self::Zig | Self::ZigUtilities => Some(Currency::Zig),
            Self::Usd | Self::UsdUtilities => Some(Currency::Usd),
            Self::Other(_) => None,
        }
    }

    /// Whether it pays for utilities, such as electricity.
    #[must_use]
    pub fn pays_for_utilities(self) -> bool {
        matches!(self, Self::ZigUtilities | Self::UsdUtilities)
    }
}

impl Currency {
    /// The code: `ZWG` (ISO 4217, for what people call ZiG) or `USD`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Zig => "ZWG",
            Self::Usd => "USD",
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wallets_are_known_by_their_account_type_and_others_stay_open() {
        let told: Vec<_> = (0..6)
            .map(|id| {
                (
                    Wallet::of(id),
                    Wallet::of(id).currency().map(Currency::code),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (Wallet::Other(0), None),
                (Wallet::Zig, Some("ZWG")),
                (Wallet::ZigUtilities, Some("ZWG")),
                (Wallet::Usd, Some("USD")),
                (Wallet::UsdUtilities, Some("USD")),
                (Wallet::Other(5), None),
            ]
        );
        for id in [-1, 0, 1, 2, 3, 4, 5, 99] {
            assert_eq!(Wallet::of(id).account_type_id(), id);
        }
    }
}
