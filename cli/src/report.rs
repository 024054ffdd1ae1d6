//! **The rule: one object for each recharge, with every key, whoever asks.** What an outcome is called is decided here and nowhere else.

use recharge::journal::{Ending, Entry, Intent};
use recharge::smartcall::{RechargeOrder, Transaction, TransactionStatus};
use recharge::{Error, Msisdn, Outcome, Reference};
use serde::Serialize;

use crate::exit::Exit;

/// The service's code for a reference that it does not know (Table 3).
const UNKNOWN_REFERENCE: i64 = 1005;

/// What to do with a sale whose end is not known.
fn carry_on(intent: &Intent) -> String {
    format!(
        "carry on with `recharge {} recover`; do not sell it again",
        intent.service.name()
    )
}

/// What became of a recharge, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    Succeeded,
    /// Carried out, and nothing sold by it: a reservation, or its cancellation.
    Done,
    Failed,
    Cancelled,
    Pending,
    Unresolved,
    NotSent,
}

impl Told {
    pub(crate) const ALL: [Self; 7] = [
        Self::Succeeded,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
        Self::Pending,
        Self::Unresolved,
        Self::NotSent,
    ];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Pending => "pending",
            Self::Unresolved => "unresolved",
            Self::NotSent => "not_sent",
        }
    }

    /// What the service says of a transaction.
    pub(crate) fn of_status(status: &TransactionStatus) -> Self {
        match status {
            TransactionStatus::Successful => Self::Succeeded,
            TransactionStatus::Failed => Self::Failed,
            TransactionStatus::Cancelled => Self::Cancelled,
            // Requested, pending, and words in no table: the end is still to come.
            _ => Self::Pending,
        }
    }

    pub(crate) fn exit(self) -> Exit {
        match self {
            Self::Succeeded | Self::Done => Exit::Success,
            Self::Failed | Self::Cancelled => Exit::Refused,
            Self::Pending | Self::Unresolved => Exit::Open,
            Self::NotSent => Exit::Other,
        }
    }
}

/// One line of the output.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Report {
    pub(crate) reference: String,
    pub(crate) outcome: Told,
    pub(crate) provider_reference: Option<String>,
    /// The number, meter or account, as on the wire. `None` only if neither the service nor the journal knows it.
    pub(crate) msisdn: Option<String>,
    pub(crate) product: Option<u32>,
    pub(crate) amount: Option<String>,
    pub(crate) code: Option<i64>,
    pub(crate) message: Option<String>,
    /// How many requests were sent for it.
    pub(crate) attempts: usize,
}

/// What was ordered, as far as a report says it.
#[derive(Clone, Debug)]
pub(crate) struct Ordered {
    pub(crate) reference: Reference,
    /// The number, meter or account, as on the wire; `None` where nobody in particular gets it.
    pub(crate) target: Option<String>,
    pub(crate) product: Option<u32>,
    /// `None` where the service decides what it costs.
    pub(crate) amount: Option<String>,
}

impl From<&RechargeOrder> for Ordered {
    fn from(order: &RechargeOrder) -> Self {
        Self {
            reference: order.reference().clone(),
            target: Some(order.msisdn().to_string()),
            product: Some(order.product().get()),
            amount: Some(order.amount().to_string()),
        }
    }
}

impl Report {
    /// An order, and what came of it. `entry` is the journal's row of the reference, if there is one.
    pub(crate) fn of_order(
        order: &Ordered,
        result: &Result<Outcome, Error>,
        entry: Option<&Entry>,
    ) -> Self {
        // The row of another order says nothing about this one.
        let entry = entry.filter(|_| !matches!(result, Err(Error::ReferenceTaken { .. })));
        let report = Self::of_result(result, entry);
        Self {
            reference: order.reference.to_string(),
            msisdn: order.target.clone().or(report.msisdn),
            product: order.product.or(report.product),
            amount: order.amount.clone().or(report.amount),
            ..report
        }
    }

    /// A row of the journal that was carried on, and what came of it.
    pub(crate) fn of_recovery(entry: &Entry, result: &Result<Outcome, Error>) -> Self {
        Self {
            ..Self::of_result(result, Some(entry))
        }
    }

    /// A row of the journal as it stands.
    pub(crate) fn of_entry(entry: &Entry) -> Self {
        let (outcome, code, message) = match &entry.end {
            None if entry.pending => (Told::Pending, None, Some(carry_on(&entry.intent))),
            None => (Told::Unresolved, None, Some(carry_on(&entry.intent))),
            Some(end) => (
                ending(end.ending),
                end.code,
                Some(end.message.clone()).filter(|text| !text.is_empty()),
            ),
        };
        Self {
            reference: entry.intent.reference.to_string(),
            outcome,
            provider_reference: entry.provider_reference.clone(),
            // Vouchers are for nobody, and cost what the catalogue says; a transfer has no product.
            msisdn: Some(entry.intent.target.to_string()).filter(|target| !target.is_empty()),
            product: Some(entry.intent.product).filter(|product| *product != 0),
            amount: Some(entry.intent.amount.to_string())
                .filter(|_| !entry.intent.amount.is_zero()),
            code,
            message,
            attempts: entry.attempts.len(),
        }
    }

    /// What the service knows of a reference; the product and the attempts are from the journal, if it was at hand.
    pub(crate) fn of_enquiry(
        reference: &Reference,
        found: Option<Transaction>,
        entry: Option<&Entry>,
    ) -> Self {
        let known = entry.map(Self::of_entry);
        let blank = Self {
            reference: reference.to_string(),
            outcome: Told::Unresolved,
            provider_reference: None,
            msisdn: known.as_ref().and_then(|known| known.msisdn.clone()),
            product: known.as_ref().and_then(|known| known.product),
            amount: known.as_ref().and_then(|known| known.amount.clone()),
            code: None,
            message: None,
            attempts: known.as_ref().map_or(0, |known| known.attempts),
        };
        let Some(found) = found else {
            let message = "not known to the service, which is no proof that it was not sold: `recharge smartcall recover` finds out";
            return Self {
                code: Some(UNKNOWN_REFERENCE),
                message: Some(message.to_owned()),
                ..blank
            };
        };
        let outcome = Told::of_status(&found.status);
        let on_the_wire = |text: String| {
            text.parse::<Msisdn>()
                .map_or(text, |msisdn| msisdn.to_string())
        };
        Self {
            outcome,
            provider_reference: found.smartload_reference,
            msisdn: found.recipient.map(on_the_wire).or(blank.msisdn),
            amount: found
                .amount
                .map(|amount| amount.to_string())
                .or(blank.amount),
            message: Some(found.status_text)
                .filter(|text| outcome != Told::Succeeded && !text.is_empty()),
            ..blank
        }
    }

    fn of_result(result: &Result<Outcome, Error>, entry: Option<&Entry>) -> Self {
        let mut report = entry.map_or_else(Self::blank, Self::of_entry);
        let journaled = report.provider_reference.take();
        let (outcome, provider_reference, code, message) = match result {
            Ok(Outcome::Vended(sale)) => (
                Told::Succeeded,
                sale.provider_reference.clone().or(journaled),
                None,
                None,
            ),
            Ok(Outcome::Done(step)) => (
                Told::Done,
                step.provider_reference.clone().or(journaled),
                None,
                None,
            ),
            Ok(Outcome::Pending(handle)) => (
                Told::Pending,
                handle.provider_reference.clone().or(journaled),
                None,
                Some(carry_on(&handle.intent)),
            ),
            Ok(Outcome::Unresolved(handle, doubt)) => (
                Told::Unresolved,
                handle.provider_reference.clone().or(journaled),
                None,
                Some(format!("{doubt}: {}", carry_on(&handle.intent))),
            ),
            Err(Error::Refused { refusal, .. }) => (
                Told::Failed,
                journaled,
                refusal.code,
                Some(refusal.message.clone()),
            ),
            Err(Error::Cancelled { .. }) => (Told::Cancelled, journaled, None, None),
            Err(error) => (Told::NotSent, None, None, Some(error.to_string())),
        };
        Self {
            outcome,
            provider_reference,
            code,
            message,
            ..report
        }
    }

    fn blank() -> Self {
        Self {
            reference: String::new(),
            outcome: Told::NotSent,
            provider_reference: None,
            msisdn: None,
            product: None,
            amount: None,
            code: None,
            message: None,
            attempts: 0,
        }
    }
}

fn ending(ending: Ending) -> Told {
    match ending {
        Ending::Vended => Told::Succeeded,
        Ending::Done => Told::Done,
        Ending::Refused => Told::Failed,
        Ending::Cancelled => Told::Cancelled,
        Ending::NotSent => Told::NotSent,
    }
}

/// How many recharges came to which end.
#[derive(Debug, Default)]
pub(crate) struct Tally([usize; Told::ALL.len()]);

impl Tally {
    pub(crate) fn add(&mut self, told: Told) {
        self.0[told as usize] += 1;
    }

    pub(crate) fn total(&self) -> usize {
        self.0.iter().sum()
    }

    pub(crate) fn exit(&self) -> Exit {
        Told::ALL
            .into_iter()
            .filter(|told| self.0[*told as usize] > 0)
            .map(Told::exit)
            .fold(Exit::Success, Exit::and)
    }
}

/// Such as `3 succeeded, 1 failed`.
impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counted = Told::ALL
            .into_iter()
            .filter(|told| self.0[*told as usize] > 0);
        let words: Vec<String> = counted
            .map(|told| format!("{} {}", self.0[told as usize], told.word()))
            .collect();
        f.write_str(if words.is_empty() { "none" } else { "" })?;
        f.write_str(&words.join(", "))
    }
}
