//! EasyPay: `POST /payments/easypay` and `GET /payments/easypay/{paymentIdentifierType}/{paymentIdentifierValue}` (chapter 12.1).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use recharge_bindings::smartcall::types;

use super::{Options, Payment, PaymentAccount, account, check};
use crate::domain::{Msisdn, ProductId, Rand, Reference, Timestamp};
use crate::error::{Error, Invalid, ReadError};
use crate::journal::Intent;
use crate::outcome::Outcome;
use crate::recovery::{Class, Verdict};
use crate::smartcall::accounts::success;
use crate::smartcall::classify::Success;
use crate::smartcall::client::Client;
use crate::smartcall::reading;
use crate::smartcall::recharges::answered;
use crate::smartcall::sales::{Counter, not_sent};
use crate::transport::delivery::delivery;

/// The operation, by its name in the document.
pub(in crate::smartcall) const EASYPAY: &str = "createEasypayPayment";

/// What may be done about a lost answer.
pub(super) const CLASSES: &[(&str, Class)] = &[
    (EASYPAY, Class::Blind),
    ("queryEasypayPayment", Class::Read),
];

/// How an account is named at EasyPay. Others may come: they are sent as they are written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EasypayAccountType {
    /// `epNo`: an EasyPay number. It begins with a 9, usually after a number of `>`.
    EasypayNumber,
    /// `noticeNo`: the notice of a traffic fine, with all of its dashes and slashes.
    Notice,
    /// Another, as it goes on the wire.
    Other(String),
}

impl EasypayAccountType {
    /// As it goes on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::EasypayNumber => "epNo",
            Self::Notice => "noticeNo",
            Self::Other(text) => text,
        }
    }
}

impl FromStr for EasypayAccountType {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        check("account_type", text)?;
        Ok(match text {
            "epNo" => Self::EasypayNumber,
            "noticeNo" => Self::Notice,
            _ => Self::Other(text.to_owned()),
        })
    }
}

impl fmt::Display for EasypayAccountType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A payment for one of the products listed under EasyPay, such as 450 (SABC) or 451 (traffic fines).
#[derive(Clone, PartialEq)]
pub struct EasypayPayment(Payment);

impl EasypayPayment {
    /// Pays `amount` rand into an account; `payer` is the customer who does. A new random reference is made.
    ///
    /// # Errors
    /// When account or account type are empty, longer than 50 characters, or hold what cannot be sent.
    pub fn new(
        product: ProductId,
        account_type: &EasypayAccountType,
        account: &str,
        amount: Rand,
        payer: Msisdn,
    ) -> Result<Self, Invalid> {
        Payment::new(product, account_type.as_str(), account, amount, payer).map(Self)
    }

    /// With a reference of the caller's own.
    #[must_use]
    pub fn with_reference(mut self, reference: Reference) -> Self {
        self.0.reference = reference;
        self
    }

    /// The reference: keep it before the payment is made.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.0.reference
    }

    pub(super) fn intent(&self, account: Arc<str>, now: Timestamp) -> Intent {
        self.0.intent(EASYPAY, account, now)
    }

    /// How much is paid.
    #[must_use]
    pub fn amount(&self) -> Rand {
        self.0.amount
    }
}

impl fmt::Debug for EasypayPayment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Client {
    /// Pays (`POST /payments/easypay`, chapter 12.1): journaled first, sent **once**. A payment whose reference is in the journal is not made
    /// again, whatever became of it.
    ///
    /// [`Outcome::Unresolved`] is for a person to settle: [`clues`](Self::clues) helps, [`decide`](Self::decide) ends it.
    ///
    /// # Errors
    /// An error means that **no money moved**.
    pub async fn pay_easypay(&self, payment: &EasypayPayment) -> Result<Outcome, Error> {
        let intent = payment.intent(self.payer(), self.wall());
        self.sell(intent).await
    }

    /// What EasyPay knows of an account (`GET /payments/easypay/{paymentIdentifierType}/{paymentIdentifierValue}`, chapter 12.1). Asks only.
    ///
    /// # Errors
    /// When the account or its type cannot be asked about, the service does not let us in, does not know it, or does not answer.
    pub async fn easypay_account(
        &self,
        account_type: &EasypayAccountType,
        number: &str,
    ) -> Result<PaymentAccount, ReadError> {
        check("account_type", account_type.as_str())?;
        check("account", number)?;
        self.let_in().await?;
        let raw = self.raw();
        let answer = raw.query_easypay_payment(account_type.as_str(), number);
        let body = success(delivery(answer.await).await)?;
        account(
            body,
            |body| &body.error,
            |body: &types::EasypayQueryResponse| {
                PaymentAccount::of(
                    &body.account_type,
                    &body.account_reference,
                    &body.account_name,
                    &body.amount_due,
                )
            },
        )
    }
}

/// Sends a payment once.
pub(in crate::smartcall) async fn send(counter: Counter<'_>, intent: &Intent) -> Verdict {
    let Ok(request) = request(intent) else {
        return not_sent("the journal's row cannot be sent");
    };
    let answer = counter.deliver(counter.bindings.create_easypay_payment(&request));
    counter.judge(answered(answer.await, reading::coded), Success::CodeSold)
}

fn request(intent: &Intent) -> Result<types::EasypayPaymentRequest, serde_json::Error> {
    let options: Options = serde_json::from_str(&intent.options)?;
    Ok(types::EasypayPaymentRequest::new(
        intent.target.to_string(),
        options.account_type,
        intent.reference.to_string(),
        intent.amount,
        options.payer,
        intent.product.into(),
        intent.account.to_string(),
    ))
}
