//! **The rule: an enquiry counts only when it is about this very sale, and "does not exist" only when the service says just that.**
//!
//! Transaction enquiries by client reference (chapter 10 o, one week) and by Smartload reference (10 p, one month).
//!
//! | answer | finding |
//! |---|---|
//! | `statusId` SUCCESSFUL (3), also in its old spelling SUCESSFUL | vended, if MSISDN and amount agree |
//! | FAILED (4) | failed |
//! | CANCELLED (5) | cancelled |
//! | REQUESTED (1), PENDING (2), any other | pending |
//! | code 1005, 1008 | not seen |
//! | code 1002, 1004, 1006 | pending |
//! | MSISDN or amount of another sale | differs |
//! | everything else | inconclusive |

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use recharge_bindings::Field;
use recharge_bindings::smartcall::{Client as Bindings, types};
use rust_decimal::Decimal;

use super::goods;
use super::reading::{self, ErrorMember, text};
use super::sales::Counter;
use crate::domain::{Msisdn, Receipt};
use crate::error::ReadError;
use crate::journal::Intent;
use crate::recovery::{Advice, Class, Delivery, Finding, Refusal, Vend};
use crate::transport::delivery::{Answer, Body, delivery};

/// The two enquiries.
pub(super) const CLASSES: &[(&str, Class)] = &[
    ("getTransactionByClientReference", Class::Read),
    ("getTransactionBySmartloadReference", Class::Read),
];

/// How long the service finds a transaction by our reference (chapter 10 o: a week), less half a day for clocks and queues.
pub(super) const HISTORY: Duration = Duration::from_secs((7 * 24 - 12) * 60 * 60);
/// How long it finds one by the Smartload reference (chapter 10 p: a month), less as much.
pub(super) const HISTORY_BY_SMARTLOAD_REFERENCE: Duration =
    Duration::from_secs((28 * 24 - 12) * 60 * 60);

/// Table 5, for the JSON enquiry, which gives the name where the table gives the number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransactionStatus {
    /// 1: taken in, not yet given to the network.
    Requested,
    /// 2: given to the network, no final status yet.
    Pending,
    /// 3: processed by the network.
    Successful,
    /// 4: not processed.
    Failed,
    /// 5: cancelled by the client.
    Cancelled,
    /// In no table.
    Other(String),
}

impl TransactionStatus {
    /// Reads a `statusId`: a name, in the spelling of any version, or the number of Table 5.
    fn read(status_id: &Field<String>) -> Self {
        let raw = status_id
            .value()
            .cloned()
            .or_else(|| status_id.other().map(|raw| raw.get().to_owned()))
            .unwrap_or_default();
        match raw.trim().to_ascii_uppercase().as_str() {
            "1" | "REQUESTED" => Self::Requested,
            "2" | "PENDING" => Self::Pending,
            "3" | "SUCCESSFUL" | "SUCESSFUL" | "SUCCESS" => Self::Successful,
            "4" | "FAILED" | "FAILURE" => Self::Failed,
            "5" | "CANCELLED" | "CANCELED" => Self::Cancelled,
            _ => Self::Other(raw),
        }
    }
}

/// What the service knows of one transaction.
#[derive(Clone, PartialEq)]
pub struct Transaction {
    /// The Smartload reference.
    pub smartload_reference: Option<String>,
    /// Where it stands.
    pub status: TransactionStatus,
    /// The service's words for that.
    pub status_text: String,
    /// Who was recharged, as the service wrote it.
    pub recipient: Option<String>,
    /// The product's description.
    pub product: Option<String>,
    /// The retail amount in rand.
    pub amount: Option<Decimal>,
    /// What the account paid, in rand.
    pub cost: Option<Decimal>,
    /// The voucher's PIN, if it is one. For electricity this enquiry has the purchase PIN and that of free units, and **no key change
    /// PINs**: all of them, in the order of entry, are given by [`electricity_tokens`](super::Client::electricity_tokens).
    pub receipt: Receipt,
}

impl Transaction {
    pub(super) fn read(transaction: &types::Transaction) -> Self {
        Self {
            smartload_reference: text(&transaction.reference),
            status: TransactionStatus::read(&transaction.status_id),
            status_text: text(&transaction.status).unwrap_or_default(),
            recipient: text(&transaction.recipient_msisdn),
            product: text(&transaction.network),
            amount: text(&transaction.amount).and_then(|amount| rand(&amount)),
            cost: text(&transaction.cost).and_then(|cost| rand(&cost)),
            receipt: reading::pins(
                &transaction.voucher_pin,
                &transaction.additional_voucher_pin,
            ),
        }
    }

    /// A transaction of which only that is known that the service works on it.
    pub(super) fn pending() -> Self {
        Self {
            smartload_reference: None,
            status: TransactionStatus::Pending,
            status_text: String::new(),
            recipient: None,
            product: None,
            amount: None,
            cost: None,
            receipt: Receipt::default(),
        }
    }

    /// What differs from the order. A detail that the answer does not give, or not readably, agrees.
    fn differs(&self, intent: &Intent) -> Option<Difference> {
        let recipient = self
            .recipient
            .as_ref()
            .and_then(|recipient| Msisdn::from_str(recipient).ok());
        let shown = goods::shown(intent);
        if shown.recipient
            && recipient.is_some_and(|recipient| *recipient.to_string() != *intent.target)
        {
            return Some(Difference::Recipient);
        }
        self.amount
            .filter(|amount| shown.amount && *amount != intent.amount)
            .map(Difference::Amount)
    }

    fn finding(self) -> Finding {
        match self.status {
            TransactionStatus::Successful => Finding::Vended(Vend {
                provider_reference: self.smartload_reference,
                balance: None,
                receipt: self.receipt,
            }),
            TransactionStatus::Failed => Finding::Failed(Refusal {
                code: None,
                message: self.status_text,
                advice: Advice::NewReference,
            }),
            TransactionStatus::Cancelled => Finding::Cancelled,
            TransactionStatus::Requested
            | TransactionStatus::Pending
            | TransactionStatus::Other(_) => Finding::Pending {
                provider_reference: self.smartload_reference,
            },
        }
    }
}

/// A subscriber's number is personal: the debug form leaves it out, and the service's text, in which it may stand.
impl fmt::Debug for Transaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction")
            .field("smartload_reference", &self.smartload_reference)
            .field("status", &self.status)
            .field("product", &self.product)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}

enum Difference {
    Recipient,
    Amount(Decimal),
}

/// Asks one host about a sale.
pub(super) async fn enquire(
    counter: Counter<'_>,
    intent: &Intent,
    smartload_reference: Option<&str>,
) -> Finding {
    let Counter {
        lines,
        bindings,
        host,
        ..
    } = counter;
    let token = match lines.tokens.get(host).await {
        Ok(token) => token,
        Err(error) => return Finding::Inconclusive(error.to_string()),
    };
    let old = lines.ambient.wall() >= intent.created_at + HISTORY;
    let result = match smartload_reference {
        Some(reference) if old => {
            bindings
                .get_transaction_by_smartload_reference(&intent.account, reference)
                .await
        }
        _ => {
            bindings
                .get_transaction_by_client_reference(&intent.account, intent.reference.as_str())
                .await
        }
    };
    let answer = match delivery(result).await {
        Delivery::Answered(answer) => answer,
        Delivery::NotSent(obstacle) => return Finding::Inconclusive(obstacle.to_string()),
        Delivery::MaybeSent(loss) => return Finding::Inconclusive(loss.to_string()),
    };
    if let (401, Body::Raw(body)) = (answer.status, &answer.body) {
        // A refused token says nothing about the sale; the next enquiry brings a new one.
        lines.tokens.unauthorised(host, token.expose(), body).await;
        return Finding::Inconclusive("HTTP 401".into());
    }
    token.worked();
    match read(answer) {
        Read::Finding(finding) => finding,
        Read::Transaction(transaction) => match transaction.differs(intent) {
            None => transaction.finding(),
            Some(Difference::Recipient) => Finding::Differs("another MSISDN".into()),
            // A MoNice bundle is no product, and has no other price.
            Some(Difference::Amount(found)) if intent.product == 0 => {
                Finding::Differs(format!("the amount R{found}"))
            }
            Some(Difference::Amount(found)) => {
                match costs_always(bindings, intent.product, found).await {
                    Some(true) => transaction.finding(),
                    Some(false) => Finding::Differs(format!("the amount R{found}")),
                    None => Finding::Inconclusive(
                        "the amount differs, and the catalogue did not answer".into(),
                    ),
                }
            }
        },
    }
}

/// What a public enquiry gives for an answer without a transaction.
pub(super) fn unfound<T>(status: u16, finding: Finding) -> Result<Option<T>, ReadError> {
    match finding {
        Finding::NotSeen => Ok(None),
        Finding::Inconclusive(message) => Err(ReadError::Service {
            status,
            code: None,
            message,
        }),
        other => Err(ReadError::Unreadable(other.word().into())),
    }
}

pub(super) enum Read {
    Finding(Finding),
    Transaction(Transaction),
}

/// What the body of an enquiry says.
#[derive(Default)]
struct Said {
    code: Option<i64>,
    transaction: Option<Transaction>,
    /// Nothing in it speaks of a transaction or of a success, beside which "does not exist" says nothing.
    nothing: bool,
}

/// Reads the answer to an enquiry. An error may be bare or wrapped, with either status.
pub(super) fn read(answer: Answer<types::TransactionResponse>) -> Read {
    let status = answer.status;
    let said = match answer.body {
        Body::Typed(body) if is_bare(&body) => serde_json::to_vec(&body)
            .ok()
            .and_then(|bytes| bare(&bytes)),
        Body::Typed(body) => Some(wrapped(&body)),
        Body::Raw(bytes) => {
            bare(&bytes).or_else(|| serde_json::from_slice(&bytes).ok().as_ref().map(wrapped))
        }
    };
    let said = said.unwrap_or_default();
    Read::Finding(match (status, said.code, said.transaction) {
        (200, None, Some(transaction)) => return Read::Transaction(transaction),
        (200 | 400, Some(1005 | 1008), None) if said.nothing => Finding::NotSeen,
        (200 | 400, Some(1002 | 1004 | 1006), None) => Finding::Pending {
            provider_reference: None,
        },
        (_, code, _) => Finding::Inconclusive(format!(
            "HTTP {status}{}",
            code.map(|code| format!(" with code {code}"))
                .unwrap_or_default()
        )),
    })
}

/// None of the members by which the shape of this answer is known.
fn is_bare(body: &types::TransactionResponse) -> bool {
    body.error.is_absent() && body.response_code.is_absent() && body.transaction.is_absent()
}

fn bare(bytes: &[u8]) -> Option<Said> {
    let code = reading::bare(bytes)?.code;
    Some(Said {
        code,
        transaction: None,
        nothing: true,
    })
}

fn wrapped(body: &types::TransactionResponse) -> Said {
    let (error, code, _) = reading::error_member(&body.error);
    let response = text(&body.response_code);
    let well =
        error == ErrorMember::Null && response.as_deref().is_none_or(|code| code == "SUCCESS");
    Said {
        code,
        transaction: body
            .transaction
            .value()
            .filter(|_| well)
            .map(Transaction::read),
        nothing: (body.transaction.is_absent() || body.transaction.is_null())
            && response.as_deref() != Some("SUCCESS"),
    }
}

/// Whether a product costs this much whatever the order says: for fixed prices the service ignores the amount that was asked for.
/// `None` if the catalogue cannot be read.
async fn costs_always(bindings: &Bindings, product: u32, amount: Decimal) -> Option<bool> {
    let rows = match delivery(bindings.get_product(i64::from(product), None).await).await {
        Delivery::Answered(Answer {
            body: Body::Typed(answer),
            ..
        }) => answer.products.into_value()?,
        _ => return None,
    };
    let fixed = |row: &types::Product| {
        row.min_amount.copied() == row.max_amount.copied()
            && row.retail_value.copied() == Some(amount)
    };
    Some(rows.iter().any(fixed))
}

/// Reads an amount such as `R450.00` or `R1,000.00`. A comma that does not part thousands could be a decimal one: then it is not readable.
fn rand(text: &str) -> Option<Decimal> {
    let digits: String = text
        .trim()
        .trim_start_matches('R')
        .chars()
        .filter(|c| !matches!(c, ' ' | '\u{a0}'))
        .collect();
    let (whole, _) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let thousands =
        !whole.contains(',') || first.len() <= 3 && groups.all(|group| group.len() == 3);
    thousands
        .then(|| Decimal::from_str_exact(&digits.replace(',', "")).ok())
        .flatten()
}

#[cfg(test)]
mod tests;
