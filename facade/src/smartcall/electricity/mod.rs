//! **The rule: a meter that changes its key gets its PINs in the order of entry, or the till is told that they are not complete.**
//!
//! Electricity is sold by the synchronous recharge ([`super::recharges`]), where it stays asynchronous (chapter 10 g): taken in, and final
//! by enquiry. The ordinary enquiry shows one PIN of several, so that the PINs come from the electricity enquiry (chapter 10 s), by the
//! Smartload reference. Limits: chapter 10 t.

mod order;
mod tokens;

use std::fmt;

use recharge_bindings::Field;
use recharge_bindings::smartcall::types;
use rust_decimal::Decimal;
use zeroize::Zeroizing;

pub use order::ElectricityOrder;
pub(super) use order::FREE_BASIC;

use super::accounts::success;
use super::client::Client;
use super::enquiries::{self, Read, Transaction, TransactionStatus};
use super::goods::{self, each, number};
use super::reading::text;
use super::sales::Counter;
use crate::domain::{Receipt, Reference};
use crate::error::{Error, ReadError};
use crate::journal::Intent;
use crate::outcome::Outcome;
use crate::recovery::{Class, Delivery, Finding};
use crate::transport::delivery::{Answer, Body, delivery};

/// What electricity has beside the recharge.
pub(super) const CLASSES: &[(&str, Class)] = &[
    ("getElectricityTransaction", Class::Read),
    ("getElectricityLimits", Class::Read),
];

/// What the service knows of one sale of electricity.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct ElectricityTransaction {
    /// The transaction. Its receipt holds all PINs **in the order of entry**, and in its details the units and what is specific to the meter,
    /// by the service's names; [`Receipt::expose_for_print`] is for the customer.
    pub transaction: Transaction,
    /// The meter, as the service wrote it.
    pub meter: Option<String>,
    /// The units that were bought, in kilowatt hours, as the service wrote them.
    pub units: Option<String>,
    /// Whether the list of PINs is there, without which nobody knows whether they are all.
    listed: bool,
}

/// The debug form leaves the meter out.
impl fmt::Debug for ElectricityTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ElectricityTransaction")
            .field("transaction", &self.transaction)
            .field("units", &self.units)
            .finish_non_exhaustive()
    }
}

/// The extended limits that municipalities allow (chapter 10 t).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ElectricityLimits {
    /// The limits, as far as they can be read.
    pub limits: Vec<ElectricityLimit>,
    /// How many rows of the answer cannot be read.
    pub unreadable: usize,
}

/// A municipality that sells more than R1000 at a time.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ElectricityLimit {
    /// For [`Meter::with_limit`](crate::Meter::with_limit).
    pub id: u32,
    /// The municipality's name.
    pub municipality: String,
    /// The most that is sold at a time, in rand, where the service says so.
    pub max_amount: Option<Decimal>,
}

impl Client {
    /// Sells electricity (`POST /smartload/v2/recharges`, chapter 10 g): journaled first, sold at most once, waited for by enquiry until it
    /// is final, and then its PINs are fetched. An order whose reference is in the journal is carried on, not sold again. The work goes on
    /// when the future is dropped.
    ///
    /// [`Outcome::Vended`] stands whatever becomes of the PINs: where [`Receipt::missing`] is not zero, or the receipt is empty because the
    /// sale had ended before, ask for them by [`electricity_tokens`](Self::electricity_tokens). Print them by
    /// [`Receipt::expose_for_print`].
    ///
    /// # Errors
    /// An error means that **no money moved**. Its variant says whether to sell again, and with which reference.
    pub async fn sell_electricity(&self, order: &ElectricityOrder) -> Result<Outcome, Error> {
        let now = self.lines().ambient.wall();
        self.sell(order.intent(self.payer(), now)).await
    }

    /// The PINs of a sale again, with what the service knows of it, by our reference (chapter 10 s; a month). The Smartload reference is
    /// taken from the journal, or else asked for. `None` if the service does not know it, **which is no proof that it was not sold**.
    ///
    /// # Errors
    /// When the service does not let us in, or does not answer.
    pub async fn electricity_tokens(
        &self,
        reference: &Reference,
    ) -> Result<Option<ElectricityTransaction>, ReadError> {
        match self.smartload_reference(reference).await? {
            Some(known) => self.electricity_transaction(&known).await,
            None => Ok(None),
        }
    }

    /// The same by the Smartload reference.
    ///
    /// # Errors
    /// When the reference cannot be one, or as above.
    pub async fn electricity_transaction(
        &self,
        smartload_reference: &str,
    ) -> Result<Option<ElectricityTransaction>, ReadError> {
        goods::check_smartload_reference(smartload_reference)?;
        self.let_in().await?;
        let account = self.payer();
        let answer = self
            .raw()
            .get_electricity_transaction(&account, smartload_reference);
        let answer = match delivery(answer.await).await {
            Delivery::Answered(answer) => answer,
            Delivery::NotSent(obstacle) => return Err(ReadError::Unreachable(obstacle.0)),
            Delivery::MaybeSent(loss) => return Err(ReadError::Unreachable(loss.to_string())),
        };
        let status = answer.status;
        match transaction(answer) {
            Ok(found) => Ok(Some(found)),
            Err(finding) => enquiries::unfound(status, *finding),
        }
    }

    /// The extended limits of municipalities (`GET /electricity/limits`, chapter 10 t).
    ///
    /// # Errors
    /// When the service does not let us in, does not list them, or does not answer.
    pub async fn electricity_limits(&self) -> Result<ElectricityLimits, ReadError> {
        self.let_in().await?;
        let answer = self.raw().get_electricity_limits().await;
        let body = success(delivery(answer).await)?;
        goods::well(&body, &body.error, &body.response_code)?;
        let rows = each(&body.limits)
            .ok_or_else(|| ReadError::Unreadable("answered without a list of limits".into()))?;
        let all = rows.len();
        let limits: Vec<_> = rows.iter().flatten().filter_map(limit).collect();
        let unreadable = all - limits.len();
        Ok(ElectricityLimits { limits, unreadable })
    }
}

fn limit(row: &types::ElectricityLimit) -> Option<ElectricityLimit> {
    Some(ElectricityLimit {
        id: number(&row.limit_id)?,
        municipality: text(&row.municipality)?,
        max_amount: row.max_amount.copied(),
    })
}

/// What became of the PINs of a sale.
pub(super) enum Tokens {
    Of(Receipt),
    /// The service's own reference leads to another meter: nothing of it may be given out.
    AnotherMeter,
    /// Not now.
    Unknown,
}

/// Asks one host for the PINs of a sale that was found to have happened.
pub(super) async fn fetch(
    counter: Counter<'_>,
    intent: &Intent,
    smartload_reference: &str,
) -> Tokens {
    let asking = counter
        .bindings
        .get_electricity_transaction(&intent.account, smartload_reference);
    let Delivery::Answered(answer) = counter.deliver(asking).await else {
        return Tokens::Unknown;
    };
    let Ok(found) = transaction(answer) else {
        return Tokens::Unknown;
    };
    if found
        .meter
        .as_deref()
        .is_some_and(|meter| is_another(meter, &intent.target))
    {
        return Tokens::AnotherMeter;
    }
    let Transaction {
        status, receipt, ..
    } = found.transaction;
    if status != TransactionStatus::Successful || !found.listed {
        return Tokens::Unknown;
    }
    Tokens::Of(receipt)
}

/// Whether the service speaks of another meter than the order. It may write the same one with more digits before or behind it, and with
/// other zeros.
fn is_another(found: &str, target: &str) -> bool {
    let digits = |text: &str| -> String {
        let number = text.split(',').next().unwrap_or_default();
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        digits.trim_start_matches('0').to_owned()
    };
    let (found, target) = (digits(found), digits(target));
    !found.is_empty() && !found.contains(&target) && !target.contains(&found)
}

/// Reads an answer as the ordinary enquiry's is read, and then what it has beyond that.
fn transaction(
    answer: Answer<types::ElectricityTransactionResponse>,
) -> Result<ElectricityTransaction, Box<Finding>> {
    let details = match &answer.body {
        Body::Typed(body) => body.transaction.value().cloned(),
        Body::Raw(_) => None,
    };
    let unreadable = || Box::new(Finding::Inconclusive(format!("HTTP {}", answer.status)));
    let body = match answer.body {
        Body::Typed(body) => ordinary(&body).map(Body::Typed).ok_or_else(unreadable)?,
        Body::Raw(bytes) => Body::Raw(bytes),
    };
    let answer = Answer {
        status: answer.status,
        retry_after: answer.retry_after,
        body,
    };
    match (enquiries::read(answer), details) {
        (Read::Transaction(transaction), Some(details)) => Ok(described(transaction, &details)),
        (Read::Transaction(_), None) => {
            Err(Box::new(Finding::Inconclusive("no transaction".into())))
        }
        (Read::Finding(finding), _) => Err(Box::new(finding)),
    }
}

/// The same as an answer to the ordinary enquiry, which has the same members and fewer.
fn ordinary(body: &types::ElectricityTransactionResponse) -> Option<types::TransactionResponse> {
    let bytes = Zeroizing::new(serde_json::to_vec(body).ok()?);
    serde_json::from_slice(&bytes).ok()
}

fn described(
    mut transaction: Transaction,
    details: &types::ElectricityTransaction,
) -> ElectricityTransaction {
    transaction.receipt = tokens::receipt(details);
    let named = [
        ("meterNumber", &details.meter_number),
        ("units", &details.units),
        ("supplyGroupCode", &details.supply_group_code),
        ("keyRevisionNumber", &details.key_revision_number),
        ("tariffIndex", &details.tariff_index),
        ("tokenTechnology", &details.token_technology),
        ("algorithmCode", &details.algorithm_code),
    ];
    for (name, field) in named {
        if let Some(value) = written(field) {
            transaction.receipt.details.insert(name.into(), value);
        }
    }
    ElectricityTransaction {
        transaction,
        meter: written(&details.meter_number),
        units: written(&details.units),
        listed: tokens::are_listed(details),
    }
}

/// A text, also where it came as a number.
fn written(field: &Field<String>) -> Option<String> {
    let number = || {
        let raw = field.other()?.get();
        raw.starts_with(|c: char| c.is_ascii_digit())
            .then(|| raw.to_owned())
    };
    text(field).or_else(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_meter_in_another_form_is_the_same() {
        for found in [
            "123456789",
            "0123456789",
            "123456789,7",
            "600727123456789",
            " 1234 56789 ",
            "",
            "-",
        ] {
            assert!(!is_another(found, "123456789,7"), "{found}");
        }
        for found in ["123456788", "987654321"] {
            assert!(is_another(found, "123456789,7"), "{found}");
        }
    }

    #[test]
    fn the_debug_form_shows_no_pin_and_no_meter() {
        let details = r#"{"meterNumber":"04123456789","units":16.4,"pinData":[{"order":1,"description":"Purchase PIN","pin":"65590769817133403636"}]}"#;
        let details: types::ElectricityTransaction = serde_json::from_str(details).expect("JSON");
        let found = described(Transaction::pending(), &details);
        assert_eq!(found.units.as_deref(), Some("16.4"));
        assert_eq!(
            found.transaction.receipt.details["meterNumber"],
            "04123456789"
        );
        let printed = format!("{found:?} {:?} {details:?}", found.transaction.receipt);
        assert!(!printed.contains("6559076981"), "{printed}");
        assert!(!format!("{found:?}").contains("04123456789"));
    }
}
