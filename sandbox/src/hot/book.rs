//! The truth behind HOT: what was paid from which wallet, and what the customer got.
//!
//! Rules it keeps:
//! * the balance of a wallet plus everything debited from it and not refunded is what it was opened with;
//! * a *sale* is a row that was debited and delivered; a reservation is none, its completion is;
//! * the book never refuses to sell twice. A client that sends a reference twice has two sales here.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use super::view::{HotEntry, HotKind, HotMessage, HotStatus, HotView, Wants};
use crate::faults::hash_of;
use crate::view::Attempt;

/// The number of the first recharge.
const FIRST_ID: u64 = 182_000_000;

/// What is to be entered.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) reference: String,
    pub(super) original: Option<String>,
    pub(super) kind: HotKind,
    pub(super) product: i32,
    pub(super) target: String,
    pub(super) amount: Decimal,
    pub(super) charged: Decimal,
    pub(super) wallet: i32,
    pub(super) wants: Wants,
    pub(super) host: usize,
    /// How long the transaction query does not show the row.
    pub(super) lag_ms: i64,
}

/// The wallet cannot pay; nothing was debited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Insufficient;

/// What becomes of a row without anybody asking.
#[derive(Debug)]
enum Due {
    /// A reservation has waited long enough.
    Lapse,
    /// Electricity becomes final: the answer that the query gives from then on, and the message, if it was delivered.
    Final {
        answer: String,
        delivered: Option<Option<String>>,
    },
}

#[derive(Debug)]
struct Wallet {
    opened_with: Decimal,
    balance: Decimal,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Book {
    wallets: BTreeMap<i32, Wallet>,
    entries: Vec<HotEntry>,
    by_reference: HashMap<String, Vec<usize>>,
    due: BTreeMap<(i64, usize), Due>,
    attempts: Vec<Attempt>,
    messages: Vec<HotMessage>,
    /// What the sandbox delivered to each target.
    delivered: HashMap<String, Decimal>,
    sales: u64,
}

impl Book {
    pub(super) fn new(wallets: &BTreeMap<i32, Decimal>) -> Self {
        let open = |(id, balance): (&i32, &Decimal)| {
            let wallet = Wallet {
                opened_with: *balance,
                balance: *balance,
            };
            (*id, wallet)
        };
        Self {
            wallets: wallets.iter().map(open).collect(),
            entries: Vec::new(),
            by_reference: HashMap::new(),
            due: BTreeMap::new(),
            attempts: Vec::new(),
            messages: Vec::new(),
            delivered: HashMap::new(),
            sales: 0,
        }
    }

    pub(super) fn balance(&self, wallet: i32) -> Option<Decimal> {
        self.wallets.get(&wallet).map(|wallet| wallet.balance)
    }

    pub(super) fn balances(&self) -> impl Iterator<Item = (i32, Decimal)> {
        self.wallets
            .iter()
            .map(|(id, wallet)| (*id, wallet.balance))
    }

    /// What the customer has: something, and all that was delivered.
    pub(super) fn of_customer(&self, target: &str) -> Decimal {
        let had = Decimal::new(
            i64::from(hash_of(&["customer", target]) as u32 % 10_000_000),
            6,
        );
        had + self.delivered.get(target).copied().unwrap_or_default()
    }

    /// Writes the row of an order that is being processed. Moves no money.
    pub(super) fn open(&mut self, order: Order, now_ms: i64) -> usize {
        let index = self.entries.len();
        self.by_reference
            .entry(order.reference.clone())
            .or_default()
            .push(index);
        self.entries.push(HotEntry {
            recharge_id: FIRST_ID + index as u64,
            status: HotStatus::Processing,
            recorded_at_ms: now_ms,
            status_at_ms: now_ms,
            sold_at_ms: None,
            sale_order: None,
            debited: false,
            shown_from_ms: now_ms.saturating_add(order.lag_ms),
            answer: None,
            reference: order.reference,
            original: order.original,
            kind: order.kind,
            product: order.product,
            target: order.target,
            amount: order.amount,
            charged: order.charged,
            wallet: order.wallet,
            wants: order.wants,
            host: order.host,
        });
        index
    }

    pub(super) fn entry(&self, row: usize) -> &HotEntry {
        &self.entries[row]
    }

    /// The rows of a reference, oldest first.
    pub(super) fn by_reference(&self, reference: &str) -> &[usize] {
        self.by_reference.get(reference).map_or(&[], Vec::as_slice)
    }

    pub(super) fn set_status(&mut self, row: usize, status: HotStatus, now_ms: i64) {
        let entry = &mut self.entries[row];
        entry.status = status;
        entry.status_at_ms = now_ms;
    }

    /// Keeps what was answered, for the transaction query.
    pub(super) fn answered_with(&mut self, row: usize, answer: &str) {
        self.entries[row].answer = Some(answer.to_owned());
    }

    pub(super) fn debit(&mut self, row: usize) -> Result<(), Insufficient> {
        let entry = &mut self.entries[row];
        let wallet = self.wallets.get_mut(&entry.wallet).ok_or(Insufficient)?;
        if wallet.balance < entry.charged {
            return Err(Insufficient);
        }
        wallet.balance -= entry.charged;
        entry.debited = true;
        Ok(())
    }

    /// Hands over what was debited.
    pub(super) fn deliver(&mut self, row: usize, message: Option<String>, now_ms: i64) {
        self.set_status(row, HotStatus::Successful, now_ms);
        let entry = &mut self.entries[row];
        entry.sold_at_ms = Some(now_ms);
        entry.sale_order = Some(self.sales);
        self.sales += 1;
        *self.delivered.entry(entry.target.clone()).or_default() += entry.amount;
        if let Some(text) = message {
            self.send(row, text);
        }
        self.check();
    }

    /// Sends a message to the customer.
    pub(super) fn send(&mut self, row: usize, text: String) {
        let entry = &self.entries[row];
        self.messages.push(HotMessage {
            reference: entry.reference.clone(),
            to: entry.wants.notify.clone(),
            text,
        });
    }

    /// Lets a reservation lapse at `due_ms` unless it is completed or cancelled before.
    pub(super) fn reserved_until(&mut self, row: usize, due_ms: i64, now_ms: i64) {
        self.set_status(row, HotStatus::Reserved, now_ms);
        self.due.insert((due_ms, row), Due::Lapse);
    }

    /// What was debited becomes final at `due_ms`: delivered with a message, or refunded.
    pub(super) fn pending_until(
        &mut self,
        row: usize,
        due_ms: i64,
        answer: String,
        delivered: Option<Option<String>>,
    ) {
        self.due
            .insert((due_ms, row), Due::Final { answer, delivered });
    }

    /// Makes final what has become final by now. Every reader calls this first.
    pub(super) fn settle(&mut self, now_ms: i64) {
        while let Some(entry) = self.due.first_entry() {
            let (due_ms, row) = *entry.key();
            if due_ms > now_ms {
                break;
            }
            match entry.remove() {
                Due::Lapse if self.entries[row].status == HotStatus::Reserved => {
                    self.set_status(row, HotStatus::Lapsed, due_ms);
                }
                Due::Lapse => {}
                Due::Final { answer, delivered } => {
                    self.answered_with(row, &answer);
                    match delivered {
                        Some(message) => self.deliver(row, message, due_ms),
                        None => self.refund(row, due_ms),
                    }
                }
            }
        }
    }

    fn refund(&mut self, row: usize, now_ms: i64) {
        self.set_status(row, HotStatus::Failed, now_ms);
        let entry = &mut self.entries[row];
        entry.debited = false;
        if let Some(wallet) = self.wallets.get_mut(&entry.wallet) {
            wallet.balance += entry.charged;
        }
        self.check();
    }

    /// Notes a submission as it arrives.
    pub(super) fn attempted(&mut self, attempt: Attempt) -> usize {
        self.attempts.push(attempt);
        self.attempts.len() - 1
    }

    /// Notes what the service made of it.
    pub(super) fn answered(&mut self, attempt: usize, status: u16) {
        self.attempts[attempt].answer = Some(status);
    }

    /// A copy for the outside.
    pub(super) fn view(&self, logins: u64, refreshes: u64) -> HotView {
        HotView {
            wallets: self.balances().collect(),
            entries: self.entries.clone(),
            attempts: self.attempts.clone(),
            messages: self.messages.clone(),
            logins,
            refreshes,
        }
    }

    /// The wallets balance. Walks all rows, so only a debug build of a small book pays for it.
    fn check(&self) {
        if !cfg!(debug_assertions) || self.entries.len() > 2_000 {
            return;
        }
        for (id, wallet) in &self.wallets {
            let debited = |entry: &&HotEntry| entry.debited && entry.wallet == *id;
            let debits: Decimal = self
                .entries
                .iter()
                .filter(debited)
                .map(|entry| entry.charged)
                .sum();
            debug_assert_eq!(
                wallet.balance + debits,
                wallet.opened_with,
                "wallet {id} does not balance"
            );
        }
        let sold = |entry: &&HotEntry| entry.sold_at_ms.is_some();
        debug_assert!(
            self.entries.iter().filter(sold).all(|entry| entry.debited),
            "delivered without a debit"
        );
    }
}
