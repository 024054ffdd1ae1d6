//! The ledger as it is shown to the outside: by `GET /ledger` and to a test in the same process.

use rust_decimal::Decimal;
use serde::Serialize;

use crate::hot::view::HotView;
use crate::money::as_text;

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// The request is still being worked on; nothing was debited.
    Processing,
    /// Debited, not yet delivered.
    Pending,
    /// Debited and delivered.
    Successful,
    /// Not debited, or refunded.
    Failed,
    /// Cancelled before it was submitted to the network, and refunded.
    Cancelled,
}

/// What was sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EntryKind {
    /// A recharge, by either endpoint.
    Recharge,
    /// One recharge of a batch.
    BatchItem,
    /// Vouchers whose PINs came with the answer.
    Vouchers,
    /// Vouchers that are fetched as a file.
    BatchOrder,
    /// A MoNice bundle.
    Monice,
    /// Money for another account.
    FundsTransfer,
    /// A payment to EasyPay or DSTV.
    Payment,
}

/// One row of the ledger.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What was sold.
    pub kind: EntryKind,
    /// The client's reference; empty for a transfer, which has none.
    pub reference: String,
    /// The account that pays.
    pub account: String,
    /// Who gets it: the number, the meter with its limit id as it was sent, the account that is paid. Empty for vouchers.
    pub msisdn: String,
    /// The product sold; after auto-correction, if there was any. 0 for a transfer.
    pub product: i64,
    /// How many: more than 1 for vouchers only.
    pub quantity: u32,
    /// The face value of all of it in rand.
    pub amount: Decimal,
    /// The face value less the discount, in rand.
    pub charged: Decimal,
    /// Where it stands.
    pub status: Status,
    /// The service's own reference.
    pub smartload_reference: u64,
    /// The host that took the request, counted from 0.
    pub host: usize,
    /// When the row was written.
    pub recorded_at_ms: i64,
    /// When the status last changed.
    pub status_at_ms: i64,
    /// When the subscriber got it; `None` as long as this is no sale.
    pub sold_at_ms: Option<i64>,
    /// The position of this sale among all sales of the sandbox, counted from 0.
    pub sale_order: Option<u64>,
    pub(crate) recipient: String,
    pub(crate) product_name: &'static str,
    pub(crate) discount: Decimal,
    pub(crate) debited: bool,
    pub(crate) elsewhere_from_ms: i64,
    /// When it is submitted to the network, for an order that waits for that.
    pub(crate) submitted_at_ms: i64,
    /// When it becomes final, while it is pending.
    pub(crate) due_ms: Option<i64>,
}

impl Entry {
    pub(crate) fn becomes(&mut self, status: Status, at_ms: i64) {
        self.status = status;
        self.status_at_ms = at_ms;
    }

    /// Whether it is paid for, and was not refunded.
    #[must_use]
    pub const fn is_debited(&self) -> bool {
        self.debited
    }

    /// Whether the subscriber got it or may yet get it.
    pub(crate) const fn is_alive(&self) -> bool {
        !matches!(self.status, Status::Failed | Status::Cancelled)
    }

    /// Whether a host shows this row yet.
    pub(crate) fn is_visible(&self, host: usize, now_ms: i64) -> bool {
        self.host == host || now_ms >= self.elsewhere_from_ms
    }
}

/// One submission of a recharge, or of anything else that moves money, as it reached a host, with what was done to it.
#[derive(Debug, Clone, Serialize)]
pub struct Attempt {
    /// The client's reference, of a batch that of its first item; of a transfer the recipient and the amount; the path if the
    /// body could not be read.
    pub reference: String,
    /// Which submission of this reference this is, counted from 1.
    pub nth: u64,
    /// The host that took it, counted from 0.
    pub host: usize,
    /// When its last byte had arrived.
    pub at_ms: i64,
    /// The path it was sent to.
    pub path: String,
    /// The fault that was applied, by its name in the fault specification.
    pub fault: Option<&'static str>,
    /// Whether the other hosts were kept from showing its row for a while.
    pub lags: bool,
    /// The HTTP status the service gave to it, whether or not the client ever saw it. `None` while it is being processed, and
    /// for good if a fault kept it from the service.
    pub answer: Option<u16>,
}

/// A copy of the ledger at one moment.
#[derive(Debug, Clone)]
pub struct LedgerView {
    /// The balance of the sandbox's own account in rand.
    pub balance: Decimal,
    /// Every row, in the order in which they were written.
    pub entries: Vec<Entry>,
    /// Every submission of a recharge, in the order of arrival.
    pub attempts: Vec<Attempt>,
    /// How many tokens were issued.
    pub logins: u64,
    /// The ledger of HOT Recharge; everything else here is Smartcall's.
    pub hot: HotView,
}

impl LedgerView {
    /// The rows that were debited and delivered, in the order of delivery.
    pub fn sales(&self) -> impl Iterator<Item = &Entry> {
        let mut sales: Vec<&Entry> = self.sold().collect();
        sales.sort_by_key(|entry| entry.sale_order);
        sales.into_iter()
    }

    /// How many times this reference was sold.
    #[must_use]
    pub fn sales_of(&self, reference: &str) -> usize {
        self.sold()
            .filter(|sale| sale.reference == reference)
            .count()
    }

    /// How many times this subscriber got this amount.
    #[must_use]
    pub fn sales_to(&self, msisdn: &str, amount: Decimal) -> usize {
        self.sold()
            .filter(|sale| sale.msisdn == msisdn && sale.amount == amount)
            .count()
    }

    /// How many sales of a kind there are.
    #[must_use]
    pub fn sales_of_kind(&self, kind: EntryKind) -> usize {
        self.sold().filter(|sale| sale.kind == kind).count()
    }

    /// How many sales each reference has, for those that have any.
    #[must_use]
    pub fn sales_by_reference(&self) -> std::collections::BTreeMap<&str, usize> {
        let mut counts = std::collections::BTreeMap::new();
        for entry in self.sold() {
            *counts.entry(entry.reference.as_str()).or_default() += 1;
        }
        counts
    }

    fn sold(&self) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(|entry| entry.sold_at_ms.is_some())
    }

    /// The JSON of `GET /ledger`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let page = Page {
            sales: self.sales().map(Row::from).collect(),
            entries: self.entries.iter().map(Row::from).collect(),
            attempts: &self.attempts,
            logins: self.logins,
            balance: self.balance,
            hot: &self.hot,
        };
        serde_json::to_string(&page).unwrap_or_default()
    }
}

#[derive(Serialize)]
struct Page<'a> {
    sales: Vec<Row<'a>>,
    entries: Vec<Row<'a>>,
    attempts: &'a [Attempt],
    logins: u64,
    #[serde(serialize_with = "as_text")]
    balance: Decimal,
    hot: &'a HotView,
}

#[derive(Serialize)]
struct Row<'a> {
    kind: EntryKind,
    reference: &'a str,
    provider_reference: String,
    account: &'a str,
    msisdn: &'a str,
    product: i64,
    quantity: u32,
    #[serde(serialize_with = "as_text")]
    amount: Decimal,
    #[serde(serialize_with = "as_text")]
    charged: Decimal,
    status: Status,
    host: usize,
    at_ms: i64,
}

impl<'a> From<&'a Entry> for Row<'a> {
    fn from(entry: &'a Entry) -> Self {
        Self {
            kind: entry.kind,
            reference: &entry.reference,
            provider_reference: entry.smartload_reference.to_string(),
            account: &entry.account,
            msisdn: &entry.msisdn,
            product: entry.product,
            quantity: entry.quantity,
            amount: entry.amount,
            charged: entry.charged,
            status: entry.status,
            host: entry.host,
            at_ms: entry.sold_at_ms.unwrap_or(entry.status_at_ms),
        }
    }
}
