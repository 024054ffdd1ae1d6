//! Funds transfer, `POST /smartload/fundstransfer` (chapter 10 k): **one attempt; what is in doubt stays so until a person has looked.**
//!
//! The request carries no reference of ours, so that no enquiry can find it and nothing keeps a second one from moving the money again: the
//! reference is the journal's alone. Only what never left goes to another host. Everything else that is not a plain success or a plain
//! refusal is [`Outcome::Unresolved`], and stays that: see [`Client::clues`] for what helps to decide it.

use std::sync::Arc;

use recharge_bindings::smartcall::types;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::classify::Success;
use super::client::Client;
use super::reading;
use super::recharges::answered;
use super::sales::{Counter, not_sent};
use crate::domain::{Msisdn, Rand, Reference, Timestamp};
use crate::error::{Error, Invalid};
use crate::journal::{Intent, Service};
use crate::outcome::Outcome;
use crate::recovery::{Class, Verdict};

/// The operation, by its name in the document.
pub(super) const TRANSFER: &str = "createFundsTransfer";

/// What may be done about a lost answer.
pub(super) const CLASSES: &[(&str, Class)] = &[(TRANSFER, Class::Blind)];

/// The least that the service transfers, in rand; the most is [`Rand::MAX`]. (Of the document of the version before; this one says nothing.)
const LEAST: Decimal = Decimal::from_parts(5, 0, 0, false, 0);

/// A transfer of funds from this account to another.
///
/// **A recipient who is no dealer yet becomes one by this** (it was seen in the version before): there is no refusal that saves a
/// mistyped number. [`Client::is_registered`] says whether it is a dealer.
#[derive(Clone, Debug, PartialEq)]
pub struct FundsTransfer {
    reference: Reference,
    recipient: Msisdn,
    amount: Rand,
    options: Options,
}

/// As the journal keeps them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Options {
    /// Lets the service tell the recipient by SMS.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sms: bool,
}

impl FundsTransfer {
    /// A transfer with a new random reference.
    ///
    /// # Errors
    /// When the amount is not in whole rand, or below R5.
    pub fn new(recipient: Msisdn, amount: Rand) -> Result<Self, Invalid> {
        if !amount.decimal().fract().is_zero() {
            return Err(Invalid::new("amount", "must be in whole rand"));
        }
        if amount.decimal() < LEAST {
            return Err(Invalid::new("amount", "must be at least 5 rand"));
        }
        Ok(Self {
            reference: Reference::random(),
            recipient,
            amount,
            options: Options::default(),
        })
    }

    /// With a reference of the caller's own. The service never sees it: it keeps this client from transferring twice, and nobody else.
    #[must_use]
    pub fn with_reference(mut self, reference: Reference) -> Self {
        self.reference = reference;
        self
    }

    /// Lets the service tell the recipient by SMS.
    #[must_use]
    pub fn with_sms(mut self) -> Self {
        self.options.sms = true;
        self
    }

    /// The reference: keep it before the transfer is made.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Who is given the funds.
    #[must_use]
    pub fn recipient(&self) -> Msisdn {
        self.recipient
    }

    /// How much.
    #[must_use]
    pub fn amount(&self) -> Rand {
        self.amount
    }

    fn intent(&self, account: Arc<str>, now: Timestamp) -> Intent {
        Intent {
            service: Service::Smartcall,
            account,
            reference: self.reference.clone(),
            operation: TRANSFER.into(),
            target: self.recipient.to_string().into(),
            product: 0,
            amount: self.amount.decimal(),
            // One option and no map: it always serialises.
            options: serde_json::to_string(&self.options)
                .unwrap_or_default()
                .into(),
            created_at: now,
        }
    }
}

impl Client {
    /// Transfers funds from this account to another (`POST /smartload/fundstransfer`, chapter 10 k): journaled first, sent **once**.
    /// A transfer whose reference is in the journal is not made again, whatever became of it.
    ///
    /// [`Outcome::Unresolved`] is for a person to settle: [`clues`](Self::clues) helps, [`decide`](Self::decide) ends it.
    ///
    /// # Errors
    /// An error means that **no money moved**. A transfer to this account itself is [`Invalid`].
    pub async fn transfer(&self, transfer: &FundsTransfer) -> Result<Outcome, Error> {
        if transfer.recipient == self.account() {
            return Err(Invalid::new("recipient", "must be another account").into());
        }
        let intent = transfer.intent(self.payer(), self.wall());
        self.sell(intent).await
    }
}

/// Sends a transfer once.
pub(super) async fn send(counter: Counter<'_>, intent: &Intent) -> Verdict {
    let Some(request) = request(intent) else {
        return not_sent("the journal's row cannot be sent");
    };
    let answer = counter.deliver(counter.bindings.create_funds_transfer(&request));
    counter.judge(answered(answer.await, reading::coded), Success::Transferred)
}

fn request(intent: &Intent) -> Option<types::FundsTransferRequest> {
    let options: Options = serde_json::from_str(&intent.options).ok()?;
    let whole = intent.amount.fract().is_zero();
    let amount = intent.amount.to_i32().filter(|_| whole)?;
    let (recipient, source) = (intent.target.to_string(), intent.account.to_string());
    let mut request = types::FundsTransferRequest::new(amount, recipient, source);
    request.send_sms = options.sms.into();
    Some(request)
}
