//! What the wallets hold: `GET /account/balance/` and `/account/balance/{AccountTypeId}` (docs). Both answer with a list.

use recharge_bindings::hot::types;
use rust_decimal::Decimal;

use super::client::Client;
use super::reading::text;
use super::wallet::Wallet;
use crate::balance::{Balances, Board};
use crate::error::ReadError;
use crate::recovery::Class;

/// Both reads.
pub(super) const CLASSES: &[(&str, Class)] =
    &[("getBalances", Class::Read), ("getBalance", Class::Read)];

/// What one wallet holds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WalletBalance {
    /// The wallet; it knows its currency ([`Wallet::currency`]).
    pub wallet: Wallet,
    /// How much, in that currency.
    pub amount: Decimal,
    /// The service's name for it, for people.
    pub name: Option<String>,
}

impl WalletBalance {
    fn read(balance: &types::Balance) -> Option<Self> {
        Some(Self {
            wallet: Wallet::of(balance.account_type_id.copied()?),
            amount: balance.balance.copied()?,
            name: text(&balance.name),
        })
    }
}

impl Client {
    /// What each wallet of the account holds.
    ///
    /// # Errors
    /// When the service does not let us in, or does not answer.
    pub async fn balances(&self) -> Result<Vec<WalletBalance>, ReadError> {
        let found = self.read(self.raw().get_balances()).await?;
        Ok(self.told(&found))
    }

    /// What one wallet holds; `None` if the account has no such wallet.
    ///
    /// # Errors
    /// As [`balances`](Self::balances).
    pub async fn balance(&self, wallet: Wallet) -> Result<Option<WalletBalance>, ReadError> {
        let asked = self.raw().get_balance(wallet.account_type_id());
        let found = self.read(asked).await?;
        let mut found = self.told(&found).into_iter();
        Ok(found.find(|balance| balance.wallet == wallet))
    }

    /// Watches a wallet: every answer that carries its balance feeds the watch, those of recharges among them. Asks nobody.
    #[must_use]
    pub fn watch_balance(&self, wallet: Wallet) -> Balances {
        self.board().watch(&wallet)
    }

    fn told(&self, found: &[types::Balance]) -> Vec<WalletBalance> {
        let told: Vec<_> = found.iter().filter_map(WalletBalance::read).collect();
        for balance in &told {
            self.board()
                .feed(&balance.wallet, balance.amount, self.now());
        }
        told
    }

    fn board(&self) -> &Board<Wallet> {
        &self.driver().provider.board
    }
}
