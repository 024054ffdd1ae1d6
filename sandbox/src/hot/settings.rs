//! What can be set about HOT Recharge before a sandbox starts.

use std::collections::BTreeMap;
use std::time::Duration;

use rust_decimal::Decimal;

use crate::builder::Builder;

/// Where and how the stock says what a bundle costs. The vendor's pages and packages disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StockPrice {
    /// In `value`, in the unit that a recharge is sent in.
    #[default]
    Value,
    /// In `amount`, in the unit that a recharge is sent in: the vendor's client packages.
    Amount,
    /// In `value`, in hundredths: the vendor's page has 28400 for what is recharged with 284.
    Hundredths,
}

/// How a purchase of electricity that comes with several tokens says so. Nothing is documented but one `Token`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SeveralTokens {
    /// In members of their own, in the order of entry: `Token`, `Token2`, `Token3`.
    #[default]
    Members,
    /// In the one member `Token`, separated by commas.
    OneText,
}

/// What does not change while a sandbox runs, and what it starts with.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) access_code: String,
    pub(crate) password: String,
    pub(crate) wallets: BTreeMap<i32, Decimal>,
    pub(crate) token_lifetime: Duration,
    pub(crate) reservation_lifetime: Duration,
    pub(crate) pending: Duration,
    pub(crate) deduplicate: bool,
    pub(crate) stock_price: StockPrice,
    pub(crate) several_tokens: SeveralTokens,
}

impl Default for Settings {
    fn default() -> Self {
        let wallets = [(1, 10_000_000), (2, 10_000_000), (3, 100_000), (4, 100_000)];
        Self {
            access_code: "sandbox".to_owned(),
            password: "sandbox".to_owned(),
            wallets: wallets
                .map(|(wallet, balance)| (wallet, Decimal::from(balance)))
                .into(),
            token_lifetime: Duration::from_secs(300),
            reservation_lifetime: Duration::from_secs(30 * 60),
            pending: Duration::from_secs(90),
            deduplicate: false,
            stock_price: StockPrice::default(),
            several_tokens: SeveralTokens::default(),
        }
    }
}

/// HOT Recharge. [`Builder::processing`], [`Builder::row_visible`] and [`Builder::cross_host_lag`] hold for it too.
impl Builder {
    /// Who logs in to HOT. Default `sandbox`, `sandbox`.
    pub fn hot_credentials(
        mut self,
        access_code: impl Into<String>,
        password: impl Into<String>,
    ) -> Self {
        (self.hot.access_code, self.hot.password) = (access_code.into(), password.into());
        self
    }

    /// What a wallet of HOT holds, in its currency: 1 ZiG, 2 ZiG for utilities, 3 USD, 4 USD for utilities. Default 10000000
    /// ZiG and 100000 USD in each. Other wallets do not pay for anything, but are shown.
    pub fn hot_wallet(mut self, account_type_id: i32, balance: Decimal) -> Self {
        self.hot.wallets.insert(account_type_id, balance);
        self
    }

    /// How long a token of HOT lives, to the second. Default 300 s.
    pub fn hot_token_lifetime(mut self, lifetime: Duration) -> Self {
        self.hot.token_lifetime = lifetime;
        self
    }

    /// How long a reservation waits for its completion. Default 30 min.
    pub fn hot_reservation_lifetime(mut self, lifetime: Duration) -> Self {
        self.hot.reservation_lifetime = lifetime;
        self
    }

    /// How long electricity of HOT stays pending, if it does. Default 90 s.
    pub fn hot_pending_after(mut self, delay: Duration) -> Self {
        self.hot.pending = delay;
        self
    }

    /// Whether HOT refuses an `agentReference` that was used before, with 429 as its version 1 did. Default off, since
    /// nothing promises it: the same reference twice is sold twice.
    pub fn hot_deduplicate(mut self, on: bool) -> Self {
        self.hot.deduplicate = on;
        self
    }

    /// How HOT's stock is priced.
    pub fn hot_stock_price(mut self, how: StockPrice) -> Self {
        self.hot.stock_price = how;
        self
    }

    /// How HOT writes several tokens of one purchase of electricity.
    pub fn hot_several_tokens(mut self, how: SeveralTokens) -> Self {
        self.hot.several_tokens = how;
        self
    }
}
