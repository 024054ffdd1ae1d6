//! HOT's part of the ledger as it is shown to the outside.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use crate::view::Attempt;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HotKind {
    /// A recharge at once.
    Recharge,
    /// A recharge with `MakeReservation`.
    Reserve,
    /// The completion of a reservation.
    Complete,
    /// The cancellation of a reservation.
    Cancel,
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HotStatus {
    /// Still being worked on; nothing was debited.
    Processing,
    /// Debited, not yet delivered: electricity only.
    Pending,
    /// A reservation that waits.
    Reserved,
    /// A sale: debited and delivered. Of a cancellation: done.
    Successful,
    /// Answered with `successful: false`, and not debited or refunded.
    Failed,
    /// Answered with an error.
    Refused,
    /// A reservation whose completion was taken, however that ended.
    Completed,
    /// A reservation that was cancelled.
    Cancelled,
    /// A reservation that nobody came back for.
    Lapsed,
}

/// One row of HOT's ledger.
#[derive(Debug, Clone, Serialize)]
pub struct HotEntry {
    /// The client's `agentReference`.
    pub reference: String,
    /// Of a completion or a cancellation: the reference of the reservation.
    pub original: Option<String>,
    /// What was asked for.
    pub kind: HotKind,
    /// Where it stands.
    pub status: HotStatus,
    /// The product; 0 if none could be read.
    pub product: i32,
    /// The mobile number or meter.
    pub target: String,
    /// The face value in the currency of the wallet.
    #[serde(serialize_with = "as_text")]
    pub amount: Decimal,
    /// The face value less the discount.
    #[serde(serialize_with = "as_text")]
    pub charged: Decimal,
    /// The account type of the wallet that pays; 0 if the product is not known.
    pub wallet: i32,
    /// The service's own number.
    pub recharge_id: u64,
    /// The host that took the request, counted from 0.
    pub host: usize,
    /// When the row was written.
    pub recorded_at_ms: i64,
    /// When the status last changed.
    pub status_at_ms: i64,
    /// When the customer got it; `None` as long as this is no sale.
    pub sold_at_ms: Option<i64>,
    /// The position of this sale among all sales of HOT, counted from 0.
    pub sale_order: Option<u64>,
    #[serde(skip)]
    pub(crate) wants: Wants,
    #[serde(skip)]
    pub(crate) debited: bool,
    /// When the transaction query begins to show the row.
    #[serde(skip)]
    pub(crate) shown_from_ms: i64,
    /// What was answered, as text; `None` while it is processed.
    #[serde(skip)]
    pub(crate) answer: Option<String>,
}

/// What a request carries that matters when it is delivered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wants {
    /// Who gets the message.
    pub(crate) notify: String,
    /// The custom message, with its tags.
    pub(crate) sms: Option<String>,
}

/// A message to a customer.
#[derive(Debug, Clone, Serialize)]
pub struct HotMessage {
    /// The `agentReference` that it belongs to.
    pub reference: String,
    /// The mobile number.
    pub to: String,
    /// The text, with the tags filled in.
    pub text: String,
}

/// A copy of HOT's ledger at one moment.
#[derive(Debug, Clone, Default, Serialize)]
pub struct HotView {
    /// What is in the wallets, by account type.
    #[serde(serialize_with = "as_texts")]
    pub wallets: BTreeMap<i32, Decimal>,
    /// Every row, in the order in which they were written.
    pub entries: Vec<HotEntry>,
    /// Every submission of a recharge, a completion or a cancellation, in the order of arrival.
    pub attempts: Vec<Attempt>,
    /// Every message to a customer, in the order of sending.
    pub messages: Vec<HotMessage>,
    /// How many pairs of tokens were issued by logins.
    pub logins: u64,
    /// How many pairs of tokens were issued by refreshing.
    pub refreshes: u64,
}

impl HotView {
    /// The rows that were debited and delivered, in the order of delivery: recharges and completions.
    pub fn sales(&self) -> impl Iterator<Item = &HotEntry> {
        let mut sales: Vec<&HotEntry> = self.sold().collect();
        sales.sort_by_key(|entry| entry.sale_order);
        sales.into_iter()
    }

    /// How many times this reference was sold, be it that of a recharge, of a reservation or of its completion.
    #[must_use]
    pub fn sales_of(&self, reference: &str) -> usize {
        self.sold()
            .filter(|sale| {
                sale.reference == reference || sale.original.as_deref() == Some(reference)
            })
            .count()
    }

    /// How many times this mobile number or meter got this amount.
    #[must_use]
    pub fn sales_to(&self, target: &str, amount: Decimal) -> usize {
        self.sold()
            .filter(|sale| sale.target == target && sale.amount == amount)
            .count()
    }

    /// How many sales each order has, for those that have any: by the reference of the recharge or of the reservation.
    #[must_use]
    pub fn sales_by_reference(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for entry in self.sold() {
            let order = entry.original.as_ref().unwrap_or(&entry.reference);
            *counts.entry(order.as_str()).or_default() += 1;
        }
        counts
    }

    fn sold(&self) -> impl Iterator<Item = &HotEntry> {
        self.entries
            .iter()
            .filter(|entry| entry.sold_at_ms.is_some())
    }
}

fn as_text<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&value.normalize())
}

fn as_texts<S: Serializer>(
    values: &BTreeMap<i32, Decimal>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        values
            .iter()
            .map(|(wallet, value)| (wallet, value.normalize().to_string())),
    )
}
