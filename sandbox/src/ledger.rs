//! The truth behind the service: who paid what, and which subscriber got it.
//!
//! Rules it keeps:
//! * the balance of an account plus everything debited from it and not refunded, less what was transferred to it, is what the
//!   account was opened with;
//! * a *sale* is an entry that was debited and delivered to the subscriber; a pending entry is debited but becomes a sale only
//!   when it ends well, and is refunded when it does not;
//! * a transfer to another account of the ledger is credited there when it is delivered;
//! * vouchers come from a stock, which is taken together with the money;
//! * the ledger never refuses to sell twice. Whether a request may be sold is decided before (see [`crate::rules`]); a client
//!   that gets a second request past those rules has a second sale here, and that is what a test counts.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use crate::hot::view::HotView;
use crate::rules::meter;
use crate::view::{Attempt, Entry, EntryKind, LedgerView, Status};

/// What is to be entered.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) kind: EntryKind,
    pub(crate) account: String,
    pub(crate) reference: String,
    /// The number that is recharged, or the meter with its limit id, as it was sent.
    pub(crate) target: String,
    /// The number that the enquiry shows.
    pub(crate) recipient: String,
    pub(crate) product: i64,
    pub(crate) quantity: u32,
    pub(crate) product_name: &'static str,
    pub(crate) discount: Decimal,
    pub(crate) amount: Decimal,
    pub(crate) charged: Decimal,
    pub(crate) host: usize,
    /// How long the other hosts do not show the row.
    pub(crate) lag_ms: i64,
}

/// How the processing of an order ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Successful,
    Failed,
    /// Debited now; final at `due_ms`. Until `submitted_ms` it can be cancelled.
    Pending {
        submitted_ms: i64,
        due_ms: i64,
        succeeds: bool,
    },
}

/// Why nothing was debited, so that the entry has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsold {
    /// The account cannot pay.
    Insufficient,
    /// There are not that many vouchers.
    NoStock,
}

#[derive(Debug)]
struct Account {
    opened_with: Decimal,
    balance: Decimal,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Ledger {
    accounts: BTreeMap<String, Account>,
    entries: Vec<Entry>,
    by_reference: HashMap<(String, String), Vec<usize>>,
    /// Without limit ids.
    by_target: HashMap<(String, Decimal), Vec<usize>>,
    /// Pending entries by the moment they become final.
    due: BTreeMap<(i64, usize), bool>,
    /// How many vouchers there are of each product that is sold from stock.
    stock: BTreeMap<i64, u32>,
    attempts: Vec<Attempt>,
    first_smartload_reference: u64,
    sales: u64,
}

impl Ledger {
    pub(crate) fn new(
        accounts: impl IntoIterator<Item = (String, Decimal)>,
        stock: impl IntoIterator<Item = (i64, u32)>,
        first_smartload_reference: u64,
    ) -> Self {
        let open = |(id, balance)| {
            (
                id,
                Account {
                    opened_with: balance,
                    balance,
                },
            )
        };
        Self {
            accounts: accounts.into_iter().map(open).collect(),
            entries: Vec::new(),
            by_reference: HashMap::new(),
            by_target: HashMap::new(),
            due: BTreeMap::new(),
            stock: stock.into_iter().collect(),
            attempts: Vec::new(),
            first_smartload_reference,
            sales: 0,
        }
    }

    pub(crate) fn has_account(&self, account: &str) -> bool {
        self.accounts.contains_key(account)
    }

    pub(crate) fn balance(&self, account: &str) -> Option<Decimal> {
        self.accounts.get(account).map(|account| account.balance)
    }

    /// How many vouchers are left of a product that is sold from stock.
    pub(crate) fn stock(&self, product: i64) -> Option<u32> {
        self.stock.get(&product).copied()
    }

    /// What an account held before anything was sold.
    pub(crate) fn opened_with(&self, account: &str) -> Decimal {
        self.accounts
            .get(account)
            .map(|account| account.opened_with)
            .unwrap_or_default()
    }

    /// Every row, in the order in which they were written.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Writes the row of an order that is being processed. Moves no money.
    pub(crate) fn open(&mut self, order: Order, now_ms: i64) -> usize {
        let index = self.entries.len();
        self.by_reference
            .entry((order.account.clone(), order.reference.clone()))
            .or_default()
            .push(index);
        self.by_target
            .entry((meter(&order.target).to_owned(), order.amount))
            .or_default()
            .push(index);
        self.entries.push(Entry {
            smartload_reference: self.first_smartload_reference + index as u64,
            status: Status::Processing,
            recorded_at_ms: now_ms,
            status_at_ms: now_ms,
            sold_at_ms: None,
            sale_order: None,
            debited: false,
            elsewhere_from_ms: now_ms.saturating_add(order.lag_ms),
            submitted_at_ms: now_ms,
            due_ms: None,
            kind: order.kind,
            quantity: order.quantity,
            reference: order.reference,
            account: order.account,
            msisdn: order.target,
            recipient: order.recipient,
            product: order.product,
            product_name: order.product_name,
            discount: order.discount,
            amount: order.amount,
            charged: order.charged,
            host: order.host,
        });
        index
    }

    /// Ends the processing of an order and moves its money.
    pub(crate) fn finish(
        &mut self,
        index: usize,
        ending: Ending,
        now_ms: i64,
    ) -> Result<(), Unsold> {
        if ending == Ending::Failed {
            self.entries[index].becomes(Status::Failed, now_ms);
            return Ok(());
        }
        if let Err(unsold) = self.debit(index) {
            self.entries[index].becomes(Status::Failed, now_ms);
            return Err(unsold);
        }
        match ending {
            Ending::Pending {
                submitted_ms,
                due_ms,
                succeeds,
            } => {
                let entry = &mut self.entries[index];
                entry.becomes(Status::Pending, now_ms);
                (entry.submitted_at_ms, entry.due_ms) = (submitted_ms, Some(due_ms));
                self.due.insert((due_ms, index), succeeds);
            }
            Ending::Successful | Ending::Failed => self.deliver(index, now_ms),
        }
        self.check();
        Ok(())
    }

    /// Makes final what has become final by now. Every reader calls this first.
    pub(crate) fn settle(&mut self, now_ms: i64) {
        while let Some(entry) = self.due.first_entry() {
            let (due_ms, index) = *entry.key();
            if due_ms > now_ms {
                break;
            }
            if entry.remove() {
                self.deliver(index, due_ms);
            } else {
                self.refund(index, Status::Failed, due_ms);
            }
        }
        self.check();
    }

    /// Takes back an order that is still pending. Whether it may be is decided before.
    pub(crate) fn cancel(&mut self, smartload_reference: u64, now_ms: i64) {
        let Some(index) = self.index_of(smartload_reference) else {
            return;
        };
        if let Some(due_ms) = self.entries[index].due_ms {
            self.due.remove(&(due_ms, index));
            self.refund(index, Status::Cancelled, now_ms);
        }
        self.check();
    }

    pub(crate) fn entry(&self, index: usize) -> &Entry {
        &self.entries[index]
    }

    /// The rows of a reference, oldest first.
    pub(crate) fn by_reference(
        &self,
        account: &str,
        reference: &str,
    ) -> impl DoubleEndedIterator<Item = &Entry> {
        let rows = self
            .by_reference
            .get(&(account.to_owned(), reference.to_owned()));
        rows.into_iter()
            .flatten()
            .map(|index| &self.entries[*index])
    }

    /// The row that carries the service's own reference.
    pub(crate) fn by_smartload_reference(&self, account: &str, reference: u64) -> Option<&Entry> {
        let entry = &self.entries[self.index_of(reference)?];
        (entry.account == account).then_some(entry)
    }

    fn index_of(&self, smartload_reference: u64) -> Option<usize> {
        let index = smartload_reference.checked_sub(self.first_smartload_reference)?;
        usize::try_from(index)
            .ok()
            .filter(|index| *index < self.entries.len())
    }

    /// Whether the same target got, or may yet get, the same amount since `since_ms`, among the rows that count.
    pub(crate) fn like_since(
        &self,
        target: &str,
        amount: Decimal,
        since_ms: i64,
        counts: impl Fn(&Entry) -> bool,
    ) -> bool {
        let rows = self.by_target.get(&(meter(target).to_owned(), amount));
        let latest = rows
            .into_iter()
            .flatten()
            .rev()
            .map(|index| &self.entries[*index]);
        latest
            .take_while(|entry| entry.recorded_at_ms > since_ms)
            .any(|entry| entry.is_alive() && counts(entry))
    }

    /// Notes a submission as it arrives; the answer is filled in by [`Ledger::answered`].
    pub(crate) fn attempted(&mut self, attempt: Attempt) -> usize {
        self.attempts.push(attempt);
        self.attempts.len() - 1
    }

    /// Notes what the service made of an attempt, whether or not the client ever hears of it.
    pub(crate) fn answered(&mut self, attempt: usize, status: u16) {
        self.attempts[attempt].answer = Some(status);
    }

    /// A copy for the outside.
    pub(crate) fn view(&self, account: &str, logins: u64, hot: HotView) -> LedgerView {
        LedgerView {
            balance: self.balance(account).unwrap_or_default(),
            entries: self.entries.clone(),
            attempts: self.attempts.clone(),
            logins,
            hot,
        }
    }

    fn debit(&mut self, index: usize) -> Result<(), Unsold> {
        let entry = &mut self.entries[index];
        let account = self.accounts.get_mut(&entry.account);
        let account = account.filter(|account| account.balance >= entry.charged);
        let account = account.ok_or(Unsold::Insufficient)?;
        if let Some(stock) = self.stock.get_mut(&entry.product) {
            *stock = stock.checked_sub(entry.quantity).ok_or(Unsold::NoStock)?;
        }
        account.balance -= entry.charged;
        entry.debited = true;
        Ok(())
    }

    fn refund(&mut self, index: usize, status: Status, at_ms: i64) {
        let entry = &mut self.entries[index];
        entry.becomes(status, at_ms);
        entry.due_ms = None;
        entry.debited = false;
        if let Some(account) = self.accounts.get_mut(&entry.account) {
            account.balance += entry.charged;
        }
    }

    fn deliver(&mut self, index: usize, at_ms: i64) {
        let entry = &mut self.entries[index];
        entry.becomes(Status::Successful, at_ms);
        entry.due_ms = None;
        entry.sold_at_ms = Some(at_ms);
        entry.sale_order = Some(self.sales);
        self.sales += 1;
        if entry.kind == EntryKind::FundsTransfer
            && let Some(recipient) = self.accounts.get_mut(&entry.msisdn)
        {
            recipient.balance += entry.amount;
        }
    }

    /// The books balance. Walks all entries, so only a debug build of a small ledger pays for it.
    fn check(&self) {
        if !cfg!(debug_assertions) || self.entries.len() > 2_000 {
            return;
        }
        for (id, account) in &self.accounts {
            let debits: Decimal = self
                .entries
                .iter()
                .filter(|entry| entry.debited && entry.account == *id)
                .map(|entry| entry.charged)
                .sum();
            let is_credit = |entry: &&Entry| {
                entry.kind == EntryKind::FundsTransfer
                    && entry.sold_at_ms.is_some()
                    && entry.msisdn == *id
            };
            let credits: Decimal = self
                .entries
                .iter()
                .filter(is_credit)
                .map(|entry| entry.amount)
                .sum();
            debug_assert_eq!(
                account.balance + debits,
                account.opened_with + credits,
                "the books of {id} do not balance"
            );
        }
        let sold = |entry: &&Entry| entry.sold_at_ms.is_some();
        debug_assert!(
            self.entries.iter().filter(sold).all(|entry| entry.debited),
            "delivered without a debit"
        );
    }
}

#[cfg(test)]
mod tests;
