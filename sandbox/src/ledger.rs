//! The truth behind the service: who paid what, and which subscriber got it.
//!
//! Rules it keeps:
//! * the balance of an account plus everything debited from it and not refunded is what the account was opened with;
//! * a *sale* is an entry that was debited and delivered to the subscriber; a pending entry is debited but becomes a sale only
//!   when it ends well, and is refunded when it does not;
//! * the ledger never refuses to sell twice. Whether a request may be sold is decided before (see [`crate::rules`]); a client
//!   that gets a second request past those rules has a second sale here, and that is what a test counts.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use crate::hot::view::HotView;
use crate::rules::meter;
use crate::view::{Attempt, Entry, LedgerView, Status};

/// What is to be entered.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) account: String,
    pub(crate) reference: String,
    /// The number that is recharged, or the meter with its limit id, as it was sent.
    pub(crate) target: String,
    /// The number that the enquiry shows.
    pub(crate) recipient: String,
    pub(crate) product: i64,
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
    /// Debited now; final at `due_ms`.
    Pending {
        due_ms: i64,
        succeeds: bool,
    },
}

/// The account cannot pay; nothing was debited and the entry has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Insufficient;

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
    attempts: Vec<Attempt>,
    first_smartload_reference: u64,
    sales: u64,
}

impl Ledger {
    pub(crate) fn new(
        accounts: impl IntoIterator<Item = (String, Decimal)>,
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
    ) -> Result<(), Insufficient> {
        if ending == Ending::Failed {
            self.entries[index].becomes(Status::Failed, now_ms);
            return Ok(());
        }
        if !self.debit(index) {
            self.entries[index].becomes(Status::Failed, now_ms);
            return Err(Insufficient);
        }
        match ending {
            Ending::Pending { due_ms, succeeds } => {
                self.entries[index].becomes(Status::Pending, now_ms);
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
                self.refund(index, due_ms);
            }
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
        let index = usize::try_from(reference.checked_sub(self.first_smartload_reference)?).ok()?;
        self.entries
            .get(index)
            .filter(|entry| entry.account == account)
    }

    /// Whether the same target got, or may yet get, the same amount since `since_ms`.
    pub(crate) fn like_since(&self, target: &str, amount: Decimal, since_ms: i64) -> bool {
        let rows = self.by_target.get(&(meter(target).to_owned(), amount));
        let latest = rows
            .into_iter()
            .flatten()
            .rev()
            .map(|index| &self.entries[*index]);
        latest
            .take_while(|entry| entry.recorded_at_ms > since_ms)
            .any(|entry| entry.status != Status::Failed)
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

    fn debit(&mut self, index: usize) -> bool {
        let entry = &mut self.entries[index];
        let Some(account) = self.accounts.get_mut(&entry.account) else {
            return false;
        };
        if account.balance < entry.charged {
            return false;
        }
        account.balance -= entry.charged;
        entry.debited = true;
        true
    }

    fn refund(&mut self, index: usize, at_ms: i64) {
        let entry = &mut self.entries[index];
        entry.becomes(Status::Failed, at_ms);
        entry.debited = false;
        if let Some(account) = self.accounts.get_mut(&entry.account) {
            account.balance += entry.charged;
        }
    }

    fn deliver(&mut self, index: usize, at_ms: i64) {
        let entry = &mut self.entries[index];
        entry.becomes(Status::Successful, at_ms);
        entry.sold_at_ms = Some(at_ms);
        entry.sale_order = Some(self.sales);
        self.sales += 1;
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
            debug_assert_eq!(
                account.balance + debits,
                account.opened_with,
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
mod tests {
    use super::*;

    fn order(reference: &str) -> Order {
        Order {
            account: "27810000001".to_owned(),
            reference: reference.to_owned(),
            target: "27831234567".to_owned(),
            recipient: "27831234567".to_owned(),
            product: 62,
            product_name: "Vodacom Airtime",
            discount: Decimal::new(55, 1),
            amount: Decimal::from(20),
            charged: Decimal::new(1890, 2),
            host: 0,
            lag_ms: 0,
        }
    }

    fn ledger(balance: i64) -> Ledger {
        Ledger::new(
            [("27810000001".to_owned(), Decimal::from(balance))],
            130_000_000,
        )
    }

    fn balance(ledger: &Ledger) -> Decimal {
        ledger.balance("27810000001").unwrap_or_default()
    }

    #[test]
    fn a_success_is_debited_and_sold() {
        let mut ledger = ledger(100);
        let row = ledger.open(order("a"), 5);
        assert_eq!(balance(&ledger), Decimal::from(100));
        assert_eq!(ledger.finish(row, Ending::Successful, 9), Ok(()));
        assert_eq!(balance(&ledger), Decimal::new(8110, 2));
        assert_eq!(ledger.entry(row).sold_at_ms, Some(9));
    }

    #[test]
    fn a_pending_order_is_debited_at_once_and_sold_when_it_ends_well() {
        let mut ledger = ledger(100);
        let row = ledger.open(order("a"), 0);
        let ending = Ending::Pending {
            due_ms: 90,
            succeeds: true,
        };
        assert_eq!(ledger.finish(row, ending, 0), Ok(()));
        ledger.settle(89);
        assert_eq!(
            (balance(&ledger), ledger.entry(row).sold_at_ms),
            (Decimal::new(8110, 2), None)
        );
        ledger.settle(200);
        assert_eq!(ledger.entry(row).sold_at_ms, Some(90));
    }

    #[test]
    fn a_pending_order_that_fails_is_refunded() {
        let mut ledger = ledger(100);
        let row = ledger.open(order("a"), 0);
        assert_eq!(
            ledger.finish(
                row,
                Ending::Pending {
                    due_ms: 90,
                    succeeds: false
                },
                0
            ),
            Ok(())
        );
        ledger.settle(90);
        assert_eq!(balance(&ledger), Decimal::from(100));
        assert_eq!(ledger.entry(row).status, Status::Failed);
        assert_eq!(
            ledger
                .view("27810000001", 0, HotView::default())
                .sales()
                .count(),
            0
        );
    }

    #[test]
    fn the_ledger_itself_sells_twice_when_asked_twice() {
        let mut ledger = ledger(100);
        for _ in 0..2 {
            let row = ledger.open(order("a"), 0);
            assert_eq!(ledger.finish(row, Ending::Successful, 0), Ok(()));
        }
        let view = ledger.view("27810000001", 0, HotView::default());
        assert_eq!(view.sales_of("a"), 2);
        assert_eq!(view.sales_to("27831234567", Decimal::from(20)), 2);
    }

    #[test]
    fn an_empty_account_sells_nothing() {
        let mut ledger = ledger(10);
        let row = ledger.open(order("a"), 0);
        assert_eq!(ledger.finish(row, Ending::Successful, 0), Err(Insufficient));
        assert_eq!(balance(&ledger), Decimal::from(10));
    }

    #[test]
    fn a_failed_order_does_not_count_as_alike() {
        let mut ledger = ledger(100);
        let row = ledger.open(order("a"), 10);
        let alike =
            |ledger: &Ledger, since| ledger.like_since("27831234567", Decimal::from(20), since);
        assert!(alike(&ledger, 9));
        assert!(!alike(&ledger, 10));
        assert_eq!(ledger.finish(row, Ending::Failed, 10), Ok(()));
        assert!(!alike(&ledger, 9));
    }
}
