//! **The rule: whoever waits for a balance sees the latest, and nothing twice.**
//!
//! Every answer that carries a balance feeds a [`Board`]; a [`Balances`] watches one account, or one wallet of it. Answers that were on
//! their way at the same time are taken in the order in which they came back: between two sales the balance can be one sale behind.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use rust_decimal::Decimal;
use tokio::sync::watch;

use crate::domain::Timestamp;

/// What an account held, and when that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Balance {
    /// In the account's currency: rand for Smartcall, the wallet's for HOT.
    pub amount: Decimal,
    /// When the answer arrived.
    pub at: Timestamp,
}

/// Watches the balance of one account. Clones watch for themselves.
#[derive(Clone)]
pub struct Balances {
    seen: watch::Receiver<Option<Balance>>,
}

impl Balances {
    /// The latest balance that any answer carried; `None` if none has yet. Asks nobody.
    #[must_use]
    pub fn latest(&self) -> Option<Balance> {
        *self.seen.borrow()
    }

    /// The next balance that this watch has not seen. Of several that came meanwhile, the last; one that was there before the watch was
    /// taken counts as seen. `None` when the client is gone.
    pub async fn changed(&mut self) -> Option<Balance> {
        self.seen.changed().await.ok()?;
        *self.seen.borrow_and_update()
    }

    /// Waits until the balance is below `threshold`: at once if it is, and for ever while no answer says so. `None` when the client is
    /// gone.
    pub async fn below(&mut self, threshold: Decimal) -> Option<Balance> {
        let low =
            |balance: &Option<Balance>| balance.is_some_and(|balance| balance.amount < threshold);
        let found = self.seen.wait_for(low).await.ok()?;
        *found
    }
}

impl fmt::Debug for Balances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Balances")
            .field("latest", &self.latest())
            .finish()
    }
}

/// The latest balance of each wallet of a client. A service without wallets has one, `()`.
pub(crate) struct Board<K> {
    wallets: Mutex<BTreeMap<K, watch::Sender<Option<Balance>>>>,
}

impl<K: Ord + Clone> Board<K> {
    pub(crate) fn new() -> Self {
        Self {
            wallets: Mutex::default(),
        }
    }

    /// An answer carried a balance.
    pub(crate) fn feed(&self, wallet: &K, amount: Decimal, at: Timestamp) {
        self.with(wallet, |sender| {
            sender.send_replace(Some(Balance { amount, at }));
        });
    }

    /// Watches a wallet, whether or not anything is known of it yet.
    pub(crate) fn watch(&self, wallet: &K) -> Balances {
        self.with(wallet, |sender| Balances {
            seen: sender.subscribe(),
        })
    }

    fn with<T>(&self, wallet: &K, act: impl FnOnce(&watch::Sender<Option<Balance>>) -> T) -> T {
        // Nothing in here panics half-way.
        let mut wallets = self.wallets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = wallets.get(wallet) {
            return act(sender);
        }
        act(wallets
            .entry(wallet.clone())
            .or_insert_with(|| watch::Sender::new(None)))
    }
}

impl<K> fmt::Debug for Board<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Board").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balance(amount: i64, at: u64) -> Balance {
        Balance {
            amount: amount.into(),
            at: Timestamp(at),
        }
    }

    fn feed(board: &Board<&'static str>, wallet: &'static str, amount: i64, at: u64) {
        board.feed(&wallet, amount.into(), Timestamp(at));
    }

    #[tokio::test]
    async fn a_watch_sees_the_latest_and_nothing_twice() {
        let board = Board::new();
        feed(&board, "usd", 100, 1);
        let mut watch = board.watch(&"usd");
        assert_eq!(watch.latest(), Some(balance(100, 1)));
        feed(&board, "usd", 90, 2);
        feed(&board, "usd", 80, 3);
        assert_eq!(watch.changed().await, Some(balance(80, 3)));
        feed(&board, "usd", 70, 4);
        assert_eq!(watch.changed().await, Some(balance(70, 4)));
        drop(board);
        assert_eq!(watch.changed().await, None);
        assert_eq!(watch.latest(), Some(balance(70, 4)));
    }

    #[tokio::test]
    async fn who_waits_for_a_low_balance_is_woken_by_the_first_below() {
        let board = Board::new();
        let mut early = board.watch(&"zwg");
        assert_eq!(early.latest(), None);
        let waits = tokio::spawn(async move { early.below(50.into()).await });
        feed(&board, "zwg", 50, 1);
        feed(&board, "usd", 1, 2);
        feed(&board, "zwg", 49, 3);
        assert_eq!(waits.await.expect("no panic"), Some(balance(49, 3)));

        let mut even = board.watch(&"even");
        feed(&board, "even", 50, 4);
        tokio::select! {
            biased;
            low = even.below(50.into()) => panic!("50 is not below 50: {low:?}"),
            () = std::future::ready(()) => {}
        }

        let mut late = board.watch(&"zwg");
        assert_eq!(late.below(50.into()).await, Some(balance(49, 3)));
        drop(board);
        assert_eq!(late.below(10.into()).await, None);
    }

    #[test]
    fn wallets_are_told_apart() {
        let board = Board::new();
        feed(&board, "usd", 1, 1);
        assert_eq!(board.watch(&"zwg").latest(), None);
        assert_eq!(board.watch(&"usd").latest(), Some(balance(1, 1)));
    }
}
