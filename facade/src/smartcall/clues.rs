//! Clues about a sale that no enquiry can find: **they help a person to decide, and decide nothing.**
//!
//! What was read just before the sale is held against what the service says now: the balance, the cashup of the days since; beside them, what
//! the journal says was sold in between. Other journals, deposits and discounts move the balance as well.

use rust_decimal::Decimal;

use super::cashup::{Cashup, Period};
use super::client::Client;
use super::reconcile::{ReconcileError, Total};
use crate::domain::{Date, Timestamp};
use crate::journal::{Ending, Entry, Which};
use crate::outcome::Handle;

/// How many rows of the journal are read at once.
const PAGE: usize = 1000;

/// What is known of the account since just before a sale. Amounts are rand.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Clues {
    /// The amount of the sale in doubt.
    pub amount: Decimal,
    /// From when on things count: the attempt in doubt, or else when the sale was ordered.
    pub since: Timestamp,
    /// The balance just before, if it could be read.
    pub balance_before: Option<Decimal>,
    /// The balance now.
    pub balance_now: Decimal,
    /// What the journal says was sold since by this account, for the amounts that were ordered (the account pays less: the discount). A sale
    /// that was on its way at that moment counts.
    pub sold: Total,
    /// Other sales of the journal that are open, and may have been sold since.
    pub open: Total,
    /// The cashup of the days since, to look for a line that is not among the sales: see [`Client::reconcile`].
    pub cashup: Cashup,
}

impl Clues {
    /// What the account lost since and the journal does not account for; below zero if it lost less, as it does by discounts and deposits.
    /// About [`amount`](Self::amount) speaks for the sale, about zero against it, **if nothing else sells or deposits on this account**.
    /// `None` if the balance before is not known.
    #[must_use]
    pub fn unaccounted(&self) -> Option<Decimal> {
        let lost = self.balance_before?.checked_sub(self.balance_now)?;
        lost.checked_sub(self.sold.amount)
    }
}

impl Client {
    /// What may help a person to decide about a sale that stays unresolved, for funds transfers and payments above all: reads the balance and
    /// the cashup now, and the journal. Changes nothing; [`decide`](Self::decide) ends the sale.
    ///
    /// # Errors
    /// When the balance, the cashup or the journal cannot be read.
    pub async fn clues(&self, handle: &Handle) -> Result<Clues, ReconcileError> {
        let row = self.journal().read(handle.intent.key()).await?;
        let attempt = row.as_ref().and_then(Entry::in_doubt);
        let since = attempt.map_or(handle.intent.created_at, |attempt| attempt.started_at);
        let balance_before = attempt.and_then(|attempt| attempt.balance_before);
        let days = (
            Date::in_south_africa(since),
            Date::in_south_africa(self.wall()),
        );
        let period = Period::new(days.0.min(days.1), days.1).map_err(crate::ReadError::from)?;
        let mut clues = Clues {
            amount: handle.intent.amount,
            since,
            balance_before: balance_before.or(handle.balance_before),
            balance_now: self.balance().await?,
            sold: Total::default(),
            open: Total::default(),
            cashup: self.cashup(period).await?,
        };
        let mut after = None;
        loop {
            let page = self.journal().list(Which::All, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.intent.key());
            let others = page
                .iter()
                .filter(|entry| self.owns(entry) && entry.intent.reference != *handle.reference());
            others.for_each(|entry| clues.take(entry));
        }
        Ok(clues)
    }
}

impl Clues {
    /// A row of the journal that is not the sale in doubt.
    fn take(&mut self, entry: &Entry) {
        let amount = entry.intent.amount;
        match &entry.end {
            None => self.open.add(amount),
            Some(end) if end.ending == Ending::Vended && end.at >= self.since => {
                self.sold.add(amount);
            }
            Some(_) => {}
        }
    }
}
