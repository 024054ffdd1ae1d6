//! **The rule: an order that breaks its product's rules is refused here; what the metadata does not say is for the service to say.**
//!
//! `metaData` is an open map of texts (docs). Its keys are discovered at run time; the known ones are read into types.

use std::collections::{BTreeMap, BTreeSet};

use recharge_bindings::hot::types;
use rust_decimal::Decimal;

use super::numbers::{Amount, MeterNumber, Msisdn};
use super::order::{Kind, Options, Target};
use super::reading::{elements, text, texts_of};
use super::sms;
use super::wallet::Wallet;
use crate::domain::ProductId;
use crate::error::Invalid;

/// One product of the service.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Its name, for people.
    pub name: String,
    /// The wallet that pays.
    pub wallet: Option<Wallet>,
    /// What it can be sold for.
    pub limits: Limits,
    /// The options that an order of it needs.
    pub required_options: Vec<RequiredOption>,
    /// What is recharged, in the service's words (`Mobile Number`, `Meter Number`).
    pub target_type: Option<String>,
    /// The currency, as the metadata writes it; see also [`Wallet::currency`].
    pub currency: Option<String>,
    /// The network.
    pub network: Option<String>,
    /// Whether [`Client::stock`](super::Client::stock) works.
    pub has_stock: bool,
    /// Whether [`Client::customer`](super::Client::customer) works.
    pub knows_customers: bool,
    /// All metadata, by the service's names.
    pub metadata: BTreeMap<String, String>,
}

/// What a product can be sold for, in the currency of its wallet. A limit that is not said, or not readably, is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// The least.
    pub minimum: Option<Decimal>,
    /// The most.
    pub maximum: Option<Decimal>,
    /// Every amount is a multiple of this, or that much above the least.
    pub step: Option<Decimal>,
}

/// An option that an order needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredOption {
    /// Its name, such as `ProductCode` or `NotifyNumber`.
    pub name: String,
    /// Its type, such as `string`.
    pub parameter_type: Option<String>,
    /// What it is, for people.
    pub description: Option<String>,
}

impl Product {
    /// Reads a product; `None` if it has no id to order it by.
    pub(super) fn read(product: &types::Product) -> Option<Self> {
        let id = u32::try_from(product.product_id.copied()?).ok()?;
        let metadata: BTreeMap<String, String> = texts_of(&product.meta_data)
            .map(|(name, text)| (name.to_owned(), text.trim().to_owned()))
            .collect();
        let said = |name: &str| {
            let found = metadata
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name));
            found
                .map(|(_, text)| text.clone())
                .filter(|it| !it.is_empty())
        };
        let number = |name: &str| said(name).and_then(|text| Decimal::from_str_exact(&text).ok());
        let option = |option: &types::RequiredOption| {
            Some(RequiredOption {
                name: text(&option.name)?,
                parameter_type: text(&option.parameter_type),
                description: text(&option.description),
            })
        };
        Some(Self {
            id: ProductId::new(id).ok()?,
            name: text(&product.name).unwrap_or_default(),
            wallet: product.account_type_id.copied().map(Wallet::of),
            limits: Limits {
                minimum: number("MinimumRecharge"),
                maximum: number("MaxRecharge"),
                step: number("RechargeAmountIncrement").filter(|step| *step > Decimal::ZERO),
            },
            required_options: elements(&product.required_options)
                .iter()
                .filter_map(option)
                .collect(),
            target_type: said("TargetType"),
            currency: said("Currency"),
            network: said("Network"),
            has_stock: said("StockQuery").is_some(),
            knows_customers: said("AccountQuery").is_some(),
            metadata,
        })
    }

    /// The tags of its messages that its metadata names, beside those of every message. (The page says that they are there; where, nobody knows. So
    /// all metadata is searched: for `%TAGS%`, and under keys that speak of tags for bare words too.)
    #[must_use]
    pub fn sms_tags(&self) -> Vec<String> {
        let mut found = BTreeSet::new();
        for (key, value) in &self.metadata {
            found.extend(sms::tags(key).chain(sms::tags(value)).map(str::to_owned));
            if key.to_ascii_lowercase().contains("tag") {
                let words = value.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let is_tag = |word: &&str| {
                    !word.is_empty() && !word.bytes().any(|byte| byte.is_ascii_lowercase())
                };
                found.extend(words.filter(is_tag).map(str::to_owned));
            }
        }
        found.into_iter().collect()
    }

    pub(super) fn check(
        &self,
        target: &Target,
        amount: Amount,
        options: &Options,
    ) -> Result<(), Invalid> {
        self.check_target(target)?;
        self.check_options(options)?;
        self.limits.check(amount)?;
        let electricity = options.kind == Kind::Electricity;
        match &options.sms {
            Some(text) if !sms::fits(text, self, electricity) => {
                let rule = "must hold no tag that the product's messages do not have";
                Err(Invalid::new("sms", rule))
            }
            _ => Ok(()),
        }
    }

    fn check_target(&self, target: &Target) -> Result<(), Invalid> {
        let kind = self.target_type.as_deref().unwrap_or_default();
        let wants = |word: &str| kind.to_ascii_lowercase().contains(word);
        let text = target.to_string();
        if wants("meter") && text.parse::<MeterNumber>().is_err() {
            return Err(Invalid::new(
                "target",
                "must be a meter number for this product",
            ));
        }
        if wants("mobile") && text.parse::<Msisdn>().is_err() {
            return Err(Invalid::new(
                "target",
                "must be a mobile number for this product",
            ));
        }
        Ok(())
    }

    fn check_options(&self, options: &Options) -> Result<(), Invalid> {
        for required in &self.required_options {
            let given = |name: &str| name.eq_ignore_ascii_case(&required.name);
            if options.options.iter().any(|choice| given(&choice.name)) {
                continue;
            }
            return Err(if given("ProductCode") {
                Invalid::new(
                    "product_code",
                    "must be given: the product is sold by its stock",
                )
            } else if given("NotifyNumber") {
                Invalid::new(
                    "notify",
                    "must be given: the product sends its tokens there",
                )
            } else {
                Invalid::new("option", "must be given as far as the product requires it")
            });
        }
        Ok(())
    }
}

impl Limits {
    fn check(&self, amount: Amount) -> Result<(), Invalid> {
        let amount = amount.decimal();
        if self.minimum.is_some_and(|minimum| amount < minimum) {
            return Err(Invalid::new(
                "amount",
                "must be at least the product's minimum",
            ));
        }
        if self.maximum.is_some_and(|maximum| amount > maximum) {
            return Err(Invalid::new(
                "amount",
                "must be at most the product's maximum",
            ));
        }
        let from = [Decimal::ZERO, self.minimum.unwrap_or_default()];
        let in_steps = |step: Decimal| {
            from.iter().any(|from| {
                // A limit that cannot be counted with is none.
                let above = amount.checked_sub(*from);
                above
                    .and_then(|above| above.checked_rem(step))
                    .is_none_or(|rest| rest.is_zero())
            })
        };
        if !self.step.is_none_or(in_steps) {
            return Err(Invalid::new(
                "amount",
                "must be in steps of the product's increment",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
