//! What a caller orders.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::classify::ELECTRICITY;
use crate::domain::{Msisdn, ProductId, Rand, Reference, Timestamp};
use crate::error::Invalid;
use crate::journal::{Intent, Service};

/// The longest name of an SMS provider. No document gives a limit; a name is a word, not a text.
const BRAND_LENGTH_MAX: usize = 50;

/// A recharge of a subscriber with a mobile product (chapter 10 g).
///
/// For a product with a fixed price the service charges the catalogue's price, whatever the amount says.
///
/// ```
/// use recharge::smartcall::RechargeOrder;
/// let order = RechargeOrder::new("0821234567".parse()?, "62".parse()?, "29.50".parse()?);
/// println!("kept before it is sent: {}", order.reference());
/// # Ok::<(), recharge::Invalid>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RechargeOrder {
    reference: Reference,
    msisdn: Msisdn,
    product: ProductId,
    amount: Rand,
    options: Options,
}

/// The parts of an order that are rarely used, as the journal keeps them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Options {
    /// Sends the subscriber an SMS in the name of this provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sms_provider: Option<String>,
    /// Who gets the SMS, where that is not who is recharged: a meter has no number to send it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sms_recipient: Option<String>,
    /// Lets the service choose the product of the network that the subscriber is on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) network_auto_correct: bool,
    /// Asks for a PIN instead of a recharge.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) voucher: bool,
}

/// The name of an SMS provider.
pub(super) fn branded(provider: &str) -> Result<String, Invalid> {
    let length = provider.chars().count();
    if length == 0 || length > BRAND_LENGTH_MAX || provider.chars().any(char::is_control) {
        return Err(Invalid::new(
            "sms_provider",
            "must be 1 to 50 characters without control characters",
        ));
    }
    Ok(provider.to_owned())
}

impl RechargeOrder {
    /// Orders with a new random reference.
    #[must_use]
    pub fn new(msisdn: Msisdn, product: ProductId, amount: Rand) -> Self {
        Self {
            reference: Reference::random(),
            msisdn,
            product,
            amount,
            options: Options::default(),
        }
    }

    /// Orders with a reference of the caller's own. **One reference is one sale**: as long as the journal keeps it (30 days after
    /// its end, unless set otherwise), the same order with the same reference is
    /// carried on, not sold again.
    #[must_use]
    pub fn with_reference(mut self, reference: Reference) -> Self {
        self.reference = reference;
        self
    }

    /// The same order with a new random reference: for a reference that is used up, of a sale **that is known not to have happened** or of a
    /// prevend.
    #[must_use]
    pub fn renewed(&self) -> Self {
        self.clone().with_reference(Reference::random())
    }

    /// Sends the subscriber an SMS branded by `provider`. Without this none is asked for (networks send their own).
    ///
    /// # Errors
    /// When the name is empty, longer than 50 characters, or holds control characters.
    pub fn with_branded_sms(mut self, provider: &str) -> Result<Self, Invalid> {
        self.options.sms_provider = Some(branded(provider)?);
        Ok(self)
    }

    /// Lets the service correct the product when the subscriber is on another network. Works for variable airtime only.
    #[must_use]
    pub fn with_network_auto_correct(mut self) -> Self {
        self.options.network_auto_correct = true;
        self
    }

    /// Asks for a voucher's PIN instead of a recharge, where the product is one ([`Client::submit`](super::Client::submit) and batches only).
    #[must_use]
    pub fn with_voucher(mut self) -> Self {
        self.options.voucher = true;
        self
    }

    /// The reference: keep it before the order is sent.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Who is recharged.
    #[must_use]
    pub fn msisdn(&self) -> Msisdn {
        self.msisdn
    }

    /// With what.
    #[must_use]
    pub fn product(&self) -> ProductId {
        self.product
    }

    /// With how much.
    #[must_use]
    pub fn amount(&self) -> Rand {
        self.amount
    }

    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    /// Refuses electricity: its meter number would be taken from the subscriber's number, which can be a stranger's meter.
    pub(super) fn mobile(&self) -> Result<(), Invalid> {
        if ELECTRICITY.contains(&self.product.get()) {
            return Err(Invalid::new(
                "product",
                "must not be electricity, which is sold to a meter",
            ));
        }
        Ok(())
    }

    /// What is journaled of it, when it is sold by this operation.
    pub(super) fn intent(
        &self,
        operation: &'static str,
        account: Arc<str>,
        now: Timestamp,
    ) -> Intent {
        Intent {
            service: Service::Smartcall,
            account,
            reference: self.reference.clone(),
            operation: operation.into(),
            target: self.msisdn.to_string().into(),
            product: self.product.get(),
            amount: self.amount.decimal(),
            // Two options and no map: they always serialise.
            options: serde_json::to_string(&self.options)
                .unwrap_or_default()
                .into(),
            created_at: now,
        }
    }
}
