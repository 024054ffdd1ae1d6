//! Payments through other providers (chapter 12): **one attempt; what is in doubt stays so until a person has looked.**
//!
//! Nothing says that an enquiry finds a payment by our reference, or that the service refuses one that it has seen. So only what never left
//! goes to another host, and everything else that is not a plain success or a plain refusal (HTTP 400 or an `error`, with a failure of Table 3)
//! is [`Outcome::Unresolved`](crate::Outcome::Unresolved): see [`Client::clues`](super::Client::clues).
//!
//! Each provider has a file: the account types, the payment, and the query of an account, which only reads.

mod dstv;
mod easypay;

use std::fmt;
use std::sync::Arc;

use recharge_bindings::Field;
use recharge_bindings::smartcall::types;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::accounts::{checked, missing};
use super::reading::text;
use crate::domain::{Msisdn, ProductId, Rand, Reference, Timestamp};
use crate::error::{Invalid, ReadError};
use crate::journal::{Intent, Service};

pub(super) use dstv::{DSTV, send as send_dstv};
pub use dstv::{DstvAccountType, DstvPayment};
pub(super) use easypay::{EASYPAY, send as send_easypay};
pub use easypay::{EasypayAccountType, EasypayPayment};

/// The payments and the queries of both providers.
pub(super) const CLASSES: &[&[(&str, crate::recovery::Class)]] = &[easypay::CLASSES, dstv::CLASSES];

/// The longest account. No document gives a limit; a traffic fine's notice has about twenty characters.
const ACCOUNT_LENGTH_MAX: usize = 50;

/// What both providers' payments have.
#[derive(Clone, PartialEq)]
struct Payment {
    reference: Reference,
    product: ProductId,
    account: String,
    amount: Rand,
    options: Options,
}

/// As the journal keeps them.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Options {
    account_type: String,
    payer: String,
}

impl Payment {
    fn new(
        product: ProductId,
        account_type: &str,
        account: &str,
        amount: Rand,
        payer: Msisdn,
    ) -> Result<Self, Invalid> {
        check("account_type", account_type)?;
        check("account", account)?;
        Ok(Self {
            reference: Reference::random(),
            product,
            account: account.to_owned(),
            amount,
            options: Options {
                account_type: account_type.to_owned(),
                payer: payer.to_string(),
            },
        })
    }

    fn intent(&self, operation: &'static str, account: Arc<str>, now: Timestamp) -> Intent {
        Intent {
            service: Service::Smartcall,
            account,
            reference: self.reference.clone(),
            operation: operation.into(),
            target: self.account.as_str().into(),
            product: self.product.get(),
            amount: self.amount.decimal(),
            // Two texts and no map: they always serialise.
            options: serde_json::to_string(&self.options)
                .unwrap_or_default()
                .into(),
            created_at: now,
        }
    }
}

/// Accounts and payers are people's: the debug form leaves them out.
impl fmt::Debug for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payment")
            .field("reference", &self.reference)
            .field("product", &self.product)
            .field("amount", &self.amount)
            .field("account_type", &self.options.account_type)
            .finish_non_exhaustive()
    }
}

/// Refuses what the path of a query cannot carry, or what names nothing. Everything else goes as it was written, dashes and slashes too.
fn check(field: &'static str, text: &str) -> Result<(), Invalid> {
    let length = text.chars().count();
    let readable = !text.contains('\\')
        && !text.chars().any(char::is_control)
        && text.trim() == text
        && text.chars().any(char::is_alphanumeric);
    if length > ACCOUNT_LENGTH_MAX || !readable {
        return Err(Invalid::new(
            field,
            "must be 1 to 50 printable characters, one of them a letter or a digit, without a backslash and blanks around it",
        ));
    }
    Ok(())
}

/// What a provider knows of an account. **Every member of this answer is a guess** of the document's: one that is missing says nothing.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct PaymentAccount {
    /// The type of the account, as the service wrote it.
    pub account_type: Option<String>,
    /// The account, as the service wrote it.
    pub account: Option<String>,
    /// Whose it is.
    pub name: Option<String>,
    /// What is to be paid, in rand.
    pub due: Option<Decimal>,
}

impl PaymentAccount {
    fn of(
        account_type: &Field<String>,
        account: &Field<String>,
        name: &Field<String>,
        due: &Field<Decimal>,
    ) -> Self {
        Self {
            account_type: text(account_type),
            account: text(account),
            name: text(name),
            due: due.copied(),
        }
    }

    fn is_empty(&self) -> bool {
        (&self.account_type, &self.account, &self.name) == (&None, &None, &None)
            && self.due.is_none()
    }
}

/// Names and accounts are people's: the debug form leaves them out.
impl fmt::Debug for PaymentAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentAccount")
            .field("account_type", &self.account_type)
            .field("due", &self.due)
            .finish_non_exhaustive()
    }
}

/// The account of an answer that does not say otherwise.
fn account<T: Serialize>(
    body: T,
    error: impl Fn(&T) -> &Field<types::Error>,
    read: impl Fn(&T) -> PaymentAccount,
) -> Result<PaymentAccount, ReadError> {
    let body = checked(body, error)?;
    let account = read(&body);
    // An error in another form has none of these members.
    if account.is_empty() {
        return Err(missing(&body, "an account"));
    }
    Ok(account)
}

#[cfg(test)]
mod tests;
