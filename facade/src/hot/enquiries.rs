//! **The rule: an enquiry counts only when it is about this very sale; that the service does not know it proves nothing.**
//!
//! `GET /query/transaction/{AgentReference}` (docs). `rawData` is a text that holds the JSON of the original answer, without its HTTP status.
//!
//! | answer | finding |
//! |---|---|
//! | 200, `rawData` of a success, target and amount as ordered | vended |
//! | 200, `rawData` of a failure, as `classify` has it | failed |
//! | target or amount of another sale | differs |
//! | 404 or 400 with one of the service's errors, whose own status is the same if it gives one, and whose words speak neither of a duplicate nor of something unfinished | not seen: evidence, and nothing is sent again on it (assumed) |
//! | `rawData` empty or unreadable, another reference (in another case too), everything else | inconclusive |
//!
//! A completion that is not known is looked for under the reference of its reservation too. What stands there is the answer to the reservation,
//! which looks like a sale and is none: only tokens in it prove that it was completed.

use std::fmt;
use std::time::Duration;

use recharge_bindings::hot::types;
use rust_decimal::Decimal;

use super::classify;
use super::client::Client;
use super::order::Manner;
use super::reading::{self, Told, text};
use super::recharges::{self, COMPLETE};
use super::reservations::Completion;
use super::sales::Counter;
use super::wallet::Wallet;
use crate::domain::{Receipt, Reference};
use crate::error::ReadError;
use crate::journal::Intent;
use crate::recovery::{Class, Delivery, Finding};
use crate::transport::delivery::{Answer, Body, delivery};

/// The enquiry.
pub(super) const CLASSES: &[(&str, Class)] = &[("queryTransaction", Class::Read)];

/// How long the service finds a transaction (assumed: 30 days), less half a day for clocks and queues.
pub(super) const HISTORY: Duration = Duration::from_secs((30 * 24 - 12) * 60 * 60);

/// Where a transaction stands, by the service's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// `successful` was true. **Of a reservation that means that it was made, not that it was sold.**
    Successful,
    /// It was refused, or `successful` was false. Of electricity that may mean pending.
    Failed,
    /// The service knows the reference, and what it says of it cannot be read.
    Unclear,
}

/// What the service knows of one reference: what it answered to it.
#[derive(Clone, PartialEq)]
pub struct Transaction {
    /// Where it stands.
    pub standing: Standing,
    /// The service's `rechargeId`.
    pub recharge_id: Option<String>,
    /// The mobile number, meter or account, where it is said.
    pub target: Option<String>,
    /// The amount, in the currency of the wallet.
    pub amount: Option<Decimal>,
    /// In percent.
    pub discount: Option<Decimal>,
    /// The wallet that paid.
    pub wallet: Option<Wallet>,
    /// What it held afterwards.
    pub balance: Option<Decimal>,
    /// The service's text, fit for errors and logs.
    pub message: String,
    /// Tokens and the rest of `rechargeData`.
    pub receipt: Receipt,
}

impl Transaction {
    fn read(body: reading::Body) -> Self {
        let unclear = Self {
            standing: Standing::Unclear,
            recharge_id: None,
            target: None,
            amount: None,
            discount: None,
            wallet: None,
            balance: None,
            message: String::new(),
            receipt: Receipt::default(),
        };
        match body {
            reading::Body::Told(told) => Self {
                standing: match told.successful {
                    Some(true) if !told.contradicted => Standing::Successful,
                    Some(false) if !told.contradicted => Standing::Failed,
                    _ => Standing::Unclear,
                },
                recharge_id: told.vend.provider_reference,
                target: told.target,
                amount: told.amount,
                discount: told.discount,
                wallet: told.wallet,
                balance: told.vend.balance,
                message: told.message,
                receipt: told.vend.receipt,
            },
            reading::Body::Errors(errors) => Self {
                standing: if errors.doubt.is_none() {
                    Standing::Failed
                } else {
                    Standing::Unclear
                },
                message: errors.message,
                ..unclear
            },
            reading::Body::Foreign => unclear,
        }
    }
}

/// A subscriber's number is personal, and may stand in the text: the debug form leaves both out.
impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("standing", &self.standing)
            .field("recharge_id", &self.recharge_id)
            .field("amount", &self.amount)
            .field("wallet", &self.wallet)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// What the service answered to a reference; `None` if it does not know it. **That is no proof that it was not sold**, and nothing is sold
    /// again on it: for what became of a sale, [`resume`](Self::resume) or [`recover`](Self::recover).
    ///
    /// # Errors
    /// When the service does not let us in, or does not answer.
    pub async fn enquire(&self, reference: &Reference) -> Result<Option<Transaction>, ReadError> {
        self.lines().let_in().await?;
        let answer = self.raw().query_transaction(reference.as_str()).await;
        let answer = match delivery(answer).await {
            Delivery::Answered(answer) => answer,
            Delivery::NotSent(obstacle) => return Err(ReadError::Unreachable(obstacle.0)),
            Delivery::MaybeSent(loss) => return Err(ReadError::Unreachable(loss.to_string())),
        };
        match known(answer, reference.as_str()) {
            Known::Answer(body) => Ok(Some(Transaction::read(body))),
            Known::Nothing => Ok(None),
            Known::Unclear { status, why } => Err(ReadError::Service {
                status,
                code: None,
                message: why,
            }),
        }
    }
}

/// Asks about a sale.
pub(super) async fn enquire(counter: Counter<'_>, intent: &Intent) -> Finding {
    let manner = recharges::manner(intent);
    let finding = ask(counter, intent, intent.reference.as_str(), manner).await;
    if !matches!(finding, Finding::NotSeen) || *intent.operation != *COMPLETE {
        return finding;
    }
    let Ok(completion) = serde_json::from_str::<Completion>(&intent.options) else {
        return finding;
    };
    match ask(counter, intent, completion.original.as_str(), manner).await {
        Finding::Vended(vend) if manner.sells && !vend.receipt.pins.is_empty() => {
            Finding::Vended(vend)
        }
        _ => finding,
    }
}

/// Asks once under one reference.
async fn ask(counter: Counter<'_>, intent: &Intent, reference: &str, manner: Manner) -> Finding {
    let asked_at = counter.lines.ambient.now();
    let sending = counter.bindings.query_transaction(reference);
    let answer = match counter.deliver(sending).await {
        Delivery::Answered(answer) => answer,
        Delivery::NotSent(obstacle) => return Finding::Inconclusive(obstacle.to_string()),
        Delivery::MaybeSent(loss) => return Finding::Inconclusive(loss.to_string()),
    };
    let body = match known(answer, reference) {
        Known::Answer(body) => body,
        Known::Nothing => return Finding::NotSeen,
        Known::Unclear { why, .. } => return Finding::Inconclusive(why),
    };
    if let reading::Body::Told(told) = &body
        && let Some(what) = difference(told, intent)
    {
        return Finding::Differs(what);
    }
    let settle = counter.lines.policy.settle;
    classify::finding(&body, manner, || {
        asked_at >= counter.seen_failed(&intent.reference) + settle
    })
}

/// What an enquiry brought.
enum Known {
    /// The answer of that time.
    Answer(reading::Body),
    /// The service does not know the reference.
    Nothing,
    /// Neither.
    Unclear { status: u16, why: String },
}

fn known(answer: Answer<types::TransactionResponse>, reference: &str) -> Known {
    let status = answer.status;
    let unclear = |why: &str| Known::Unclear {
        status,
        why: format!("HTTP {status}{why}"),
    };
    let transaction = match answer.body {
        Body::Typed(transaction) => transaction,
        Body::Raw(bytes) if matches!(status, 400 | 404) => {
            return match reading::errors(&bytes) {
                Some(errors) if denies(&errors, status) => Known::Nothing,
                Some(_) => unclear(", which does not say that it is not known"),
                None => unclear(" with a foreign body"),
            };
        }
        Body::Raw(_) => return unclear(""),
    };
    let names = [
        &transaction.agent_reference,
        &transaction.transaction_reference,
    ];
    // No document says that the service does not tell cases apart.
    let another = |name: String| name != reference;
    if names.into_iter().filter_map(text).any(another) {
        return unclear(", about another reference");
    }
    match text(&transaction.raw_data) {
        Some(raw) => Known::Answer(reading::body(raw.as_bytes())),
        None => unclear(" without the answer of that time"),
    }
}

/// Whether an error says that a reference is not known: one that speaks of something unfinished knows it.
fn denies(errors: &reading::Errors, status: u16) -> bool {
    errors.doubt.is_none() && errors.status.is_none_or(|told| told == i64::from(status))
}

/// What differs from the order. A detail that the answer does not give agrees.
fn difference(told: &Told, intent: &Intent) -> Option<String> {
    let target = told.target.as_deref().map(digits);
    if target.is_some_and(|target| !same_number(&target, &digits(&intent.target))) {
        return Some("another target".into());
    }
    told.amount
        .filter(|amount| *amount != intent.amount)
        .map(|amount| format!("the amount {amount}"))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Mobile numbers are written with 263 or with 0; an account without digits says nothing.
fn same_number(one: &str, other: &str) -> bool {
    let national = |text: &str| {
        let number = text.strip_prefix("263").or(text.strip_prefix('0'));
        number.filter(|it| it.len() == 9).map(str::to_owned)
    };
    one.is_empty()
        || other.is_empty()
        || one == other
        || national(one).is_some_and(|it| national(other) == Some(it))
}

#[cfg(test)]
mod tests;
