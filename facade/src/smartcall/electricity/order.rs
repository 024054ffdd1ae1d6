//! What is ordered for a meter.

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::super::order::{Options, branded};
use super::super::recharges::SYNC;
use crate::domain::{Meter, Msisdn, Rand, Reference, Timestamp};
use crate::error::Invalid;
use crate::journal::{Intent, Service};

/// Municipal electricity.
pub(in super::super) const MUNICIPAL: u32 = 23;
/// Eskom.
pub(in super::super) const ESKOM: u32 = 47;
/// Free basic electricity: a household's free units, for which nothing is paid.
pub(in super::super) const FREE_BASIC: u32 = 220;

/// The most that a municipality's meter is sold without an extended limit (chapter 10 t), in rand.
const DEFAULT_LIMIT: Decimal = Decimal::from_parts(1000, 0, 0, false, 0);

/// Electricity for a meter (chapters 10 f, 10 g): [`Client::sell_electricity`](crate::smartcall::Client::sell_electricity).
///
/// ```
/// use recharge::smartcall::ElectricityOrder;
/// let order = ElectricityOrder::municipal("123456789,7".parse()?, "2500".parse()?)?;
/// println!("kept before it is sent: {}", order.reference());
/// # Ok::<(), recharge::Invalid>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct ElectricityOrder {
    reference: Reference,
    meter: Meter,
    product: u32,
    amount: Decimal,
    options: Options,
}

impl ElectricityOrder {
    /// Municipal electricity (product 23).
    ///
    /// # Errors
    /// When the amount is above R1000 and the meter names no extended limit.
    pub fn municipal(meter: Meter, amount: Rand) -> Result<Self, Invalid> {
        if meter.limit().is_none() && amount.decimal() > DEFAULT_LIMIT {
            return Err(Invalid::new(
                "amount",
                "must be at most 1000 rand for a meter without the id of an extended limit",
            ));
        }
        Ok(Self::new(meter, MUNICIPAL, amount.decimal()))
    }

    /// Eskom's electricity (product 47), in whole rand.
    ///
    /// # Errors
    /// When the amount has cents, or the meter names an extended limit, which only municipalities have.
    pub fn eskom(meter: Meter, amount: Rand) -> Result<Self, Invalid> {
        if amount.decimal().normalize().scale() > 0 {
            return Err(Invalid::new("amount", "must be in whole rand for Eskom"));
        }
        Ok(Self::new(unlimited(meter)?, ESKOM, amount.decimal()))
    }

    /// Free basic electricity (product 220), for an amount of nothing.
    ///
    /// # Errors
    /// When the meter names an extended limit, which only municipalities have.
    pub fn free_basic(meter: Meter) -> Result<Self, Invalid> {
        Ok(Self::new(unlimited(meter)?, FREE_BASIC, Decimal::ZERO))
    }

    fn new(meter: Meter, product: u32, amount: Decimal) -> Self {
        Self {
            reference: Reference::random(),
            meter,
            product,
            amount,
            options: Options::default(),
        }
    }

    /// Orders with a reference of the caller's own. **One reference is one sale**: the same order with the same reference is carried on, not
    /// sold again.
    #[must_use]
    pub fn with_reference(mut self, reference: Reference) -> Self {
        self.reference = reference;
        self
    }

    /// Lets the service send the PINs to a subscriber by SMS.
    #[must_use]
    pub fn with_sms(mut self, recipient: Msisdn) -> Self {
        self.options.sms_recipient = Some(recipient.to_string());
        self
    }

    /// The same, branded by `provider`.
    ///
    /// # Errors
    /// When the name is empty, longer than 50 characters, or holds control characters.
    pub fn with_branded_sms(mut self, recipient: Msisdn, provider: &str) -> Result<Self, Invalid> {
        self.options.sms_provider = Some(branded(provider)?);
        Ok(self.with_sms(recipient))
    }

    /// The reference: keep it before the order is sent.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Whose meter is charged.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The product: 23, 47 or 220.
    #[must_use]
    pub fn product(&self) -> u32 {
        self.product
    }

    /// With how much, in rand; zero for free basic electricity.
    #[must_use]
    pub fn amount(&self) -> Decimal {
        self.amount
    }

    pub(in super::super) fn intent(&self, account: Arc<str>, now: Timestamp) -> Intent {
        Intent {
            service: Service::Smartcall,
            account,
            reference: self.reference.clone(),
            operation: SYNC.into(),
            target: self.meter.to_string().into(),
            product: self.product,
            amount: self.amount,
            // A few options and no map: they always serialise.
            options: serde_json::to_string(&self.options)
                .unwrap_or_default()
                .into(),
            created_at: now,
        }
    }
}

/// The debug form leaves out who gets the SMS.
impl fmt::Debug for ElectricityOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ElectricityOrder")
            .field("reference", &self.reference)
            .field("meter", &self.meter)
            .field("product", &self.product)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}

fn unlimited(meter: Meter) -> Result<Meter, Invalid> {
    match meter.limit() {
        None => Ok(meter),
        Some(_) => Err(Invalid::new(
            "limit",
            "must be left out: only municipal electricity has extended limits",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(text: &str) -> Meter {
        text.parse().expect("a meter")
    }

    fn rand(text: &str) -> Rand {
        text.parse().expect("an amount")
    }

    #[test]
    fn each_rule_of_an_order_refuses_by_its_field() {
        let plain = || meter("123456789");
        let limited = || meter("123456789,7");
        for (order, field, rule) in [
            (
                ElectricityOrder::municipal(plain(), rand("1000.01")),
                "amount",
                "at most 1000",
            ),
            (
                ElectricityOrder::eskom(plain(), rand("10.50")),
                "amount",
                "whole rand",
            ),
            (
                ElectricityOrder::eskom(limited(), rand("10")),
                "limit",
                "left out",
            ),
            (ElectricityOrder::free_basic(limited()), "limit", "left out"),
        ] {
            let refused = order.expect_err(rule);
            assert_eq!(refused.field(), field);
            assert!(refused.rule().contains(rule), "{refused}");
        }
        let msisdn: Msisdn = "0821234567".parse().expect("a number");
        for provider in ["", "a\nb", &"x".repeat(51)] {
            let order = ElectricityOrder::free_basic(plain()).expect("an order");
            let refused = order
                .with_branded_sms(msisdn, provider)
                .expect_err("refused");
            assert_eq!(refused.field(), "sms_provider");
        }
    }

    #[test]
    fn what_keeps_the_rules_is_ordered() {
        for (order, product, amount) in [
            (
                ElectricityOrder::municipal(meter("123456789"), rand("1000")),
                MUNICIPAL,
                "1000",
            ),
            (
                ElectricityOrder::municipal(meter("123456789,7"), rand("1000.01")),
                MUNICIPAL,
                "1000.01",
            ),
            (
                ElectricityOrder::eskom(meter("123456789"), rand("10.00")),
                ESKOM,
                "10.00",
            ),
            (
                ElectricityOrder::free_basic(meter("123456789")),
                FREE_BASIC,
                "0",
            ),
        ] {
            let order = order.expect("an order");
            assert_eq!(
                (order.product(), &*order.amount().to_string()),
                (product, amount)
            );
        }
    }
}
