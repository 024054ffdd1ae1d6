//! **The rule: what both services share is said once; what only one of them has stays with its client.**
//!
//! A till that is written against a [`Front`] sells in both countries: it sells to a phone, enquires, carries on, recovers, reads balances and the
//! catalogue. Which front a phone belongs to is the till's to say; here it is by the number's country:
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use recharge::front::{Front, Order, Phone};
//! use recharge::journal::Sqlite;
//! use recharge::{hot, smartcall};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let journal = Arc::new(Sqlite::open("recharge.journal")?);
//! let south_africa = smartcall::Client::builder("user", "password", "0821234567".parse()?, journal.clone()).build()?;
//! let zimbabwe = hot::Client::builder("till@dealer.example", "password", journal).build()?;
//! let fronts: [Front; 2] = [south_africa.into(), zimbabwe.into()];
//!
//! let phone: Phone = "+263772123456".parse()?;
//! let front = fronts.iter().find(|front| front.country() == phone.country()).ok_or("nobody sells there")?;
//! let outcome = front.sell(&Order::new(phone, "101".parse()?, "10".parse()?)).await?;
//! # drop(outcome);
//! # Ok(()) }
//! ```
//!
//! It is an enum and not a trait: there are two services, their clients are the only implementations, and a till that matches on it for what only one
//! of them has is told by the compiler when a third comes.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

use crate::domain::{Msisdn, ProductId, Rand, Receipt, Reference};
use crate::error::{Error, Invalid, ReadError};
use crate::journal::{Decision, Entry, JournalError, Service};
use crate::outcome::{Handle, Outcome};
use crate::{hot, smartcall};

/// A service to sell through.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Front {
    /// Smartcall, in South Africa.
    Smartcall(smartcall::Client),
    /// HOT Recharge, in Zimbabwe.
    Hot(hot::Client),
}

/// Where a service sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Country {
    /// +27.
    SouthAfrica,
    /// +263.
    Zimbabwe,
}

/// A mobile number with its country.
///
/// Read with its country code only (`27821234567`, `+263772123456`): `0772123456` is a number of either country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phone {
    /// Of South Africa.
    SouthAfrica(Msisdn),
    /// Of Zimbabwe.
    Zimbabwe(hot::Msisdn),
}

/// Airtime, or another product that is loaded onto a phone and needs nothing but an amount.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    reference: Reference,
    phone: Phone,
    product: ProductId,
    amount: Decimal,
}

/// A product, as far as both services describe one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Article {
    /// Its id, which orders name.
    pub product: ProductId,
    /// Its name, for people.
    pub name: String,
    /// Its network.
    pub network: Option<String>,
    /// The currency of its price (ISO 4217), if that is known.
    pub currency: Option<&'static str>,
    /// The least that it is sold for, if that is known.
    pub minimum: Option<Decimal>,
    /// The most.
    pub maximum: Option<Decimal>,
}

/// What an account, or one wallet of it, holds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Purse {
    /// The wallet, where the service has several.
    pub wallet: Option<hot::Wallet>,
    /// The currency (ISO 4217), if that is known.
    pub currency: Option<&'static str>,
    /// How much, in that currency.
    pub amount: Decimal,
}

/// What a service knows of a reference.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Seen {
    /// Where it stands.
    pub standing: Standing,
    /// The service's own reference.
    pub provider_reference: Option<String>,
    /// PINs and texts, as far as the answer gave them.
    pub receipt: Receipt,
}

/// Where a transaction stands, by the service's own words. **For what became of a sale, [`Front::resume`] and [`Front::recover`] know more.**
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// The service says that it succeeded. Of a reservation (HOT) that means that it was made, not that it was sold.
    Succeeded,
    /// It says that it failed.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// It is being worked on.
    Pending,
    /// It is known, and what is said of it cannot be read.
    Unclear,
}

impl Front {
    /// The service.
    #[must_use]
    pub fn service(&self) -> Service {
        match self {
            Self::Smartcall(_) => Service::Smartcall,
            Self::Hot(_) => Service::Hot,
        }
    }

    /// Where it sells.
    #[must_use]
    pub fn country(&self) -> Country {
        match self {
            Self::Smartcall(_) => Country::SouthAfrica,
            Self::Hot(_) => Country::Zimbabwe,
        }
    }

    /// Sells to a phone: [`smartcall::Client::recharge`], [`hot::Client::recharge`].
    ///
    /// # Errors
    /// An error means that **no money moved**. The order is refused before anything is sent if its phone is of another country, or its amount is none
    /// of the service's.
    pub async fn sell(&self, order: &Order) -> Result<Outcome, Error> {
        let (product, reference) = (order.product, order.reference.clone());
        match (self, order.phone) {
            (Self::Smartcall(client), Phone::SouthAfrica(msisdn)) => {
                let amount = Rand::new(order.amount)?;
                let order = smartcall::RechargeOrder::new(msisdn, product, amount);
                client.recharge(&order.with_reference(reference)).await
            }
            (Self::Hot(client), Phone::Zimbabwe(msisdn)) => {
                let amount = hot::Amount::new(order.amount)?;
                let order = hot::RechargeOrder::airtime(product, msisdn, amount);
                client.recharge(&order.with_reference(reference)).await
            }
            _ => Err(
                Invalid::new("phone", "must be of the country that the service sells in").into(),
            ),
        }
    }

    /// What the service knows of a reference; `None` if it does not know it, **which proves nothing**.
    ///
    /// # Errors
    /// When the service does not let us in, or does not answer.
    pub async fn enquire(&self, reference: &Reference) -> Result<Option<Seen>, ReadError> {
        Ok(match self {
            Self::Smartcall(client) => client.enquire(reference).await?.map(Seen::from),
            Self::Hot(client) => client.enquire(reference).await?.map(Seen::from),
        })
    }

    /// Carries on with a sale that was handed over as pending or unresolved.
    ///
    /// # Errors
    /// As [`sell`](Self::sell): no money moved.
    pub async fn resume(&self, handle: Handle) -> Result<Outcome, Error> {
        match self {
            Self::Smartcall(client) => client.resume(handle).await,
            Self::Hot(client) => client.resume(handle).await,
        }
    }

    /// Works on every open row of the journal that is this account's; tells each as it comes, and gives back how many it left alone.
    ///
    /// # Errors
    /// When the journal cannot be read. What was told before stands.
    pub async fn recover(
        &self,
        each: impl FnMut(&Entry, Result<Outcome, Error>),
    ) -> Result<usize, JournalError> {
        match self {
            Self::Smartcall(client) => client.recover(each).await,
            Self::Hot(client) => client.recover(each).await,
        }
    }

    /// The journal's row of a reference.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn journaled(&self, reference: &Reference) -> Result<Option<Entry>, JournalError> {
        match self {
            Self::Smartcall(client) => client.journaled(reference).await,
            Self::Hot(client) => client.journaled(reference).await,
        }
    }

    /// Ends an open row by what a person found out. **Only for what no enquiry can tell.**
    ///
    /// # Errors
    /// When there is no open row of this reference, or the journal cannot be written.
    pub async fn decide(
        &self,
        reference: &Reference,
        decision: Decision,
    ) -> Result<(), JournalError> {
        match self {
            Self::Smartcall(client) => client.decide(reference, decision).await,
            Self::Hot(client) => client.decide(reference, decision).await,
        }
    }

    /// What the account holds: one purse in South Africa, one for each wallet in Zimbabwe.
    ///
    /// # Errors
    /// When the service does not let us in, or does not answer.
    pub async fn balances(&self) -> Result<Vec<Purse>, ReadError> {
        Ok(match self {
            Self::Smartcall(client) => vec![Purse {
                wallet: None,
                currency: Some(RAND),
                amount: client.balance().await?,
            }],
            Self::Hot(client) => {
                let found = client.balances().await?.into_iter();
                let purse = |balance: hot::WalletBalance| Purse {
                    wallet: Some(balance.wallet),
                    currency: balance.wallet.currency().map(hot::Currency::code),
                    amount: balance.amount,
                };
                found.map(purse).collect()
            }
        })
    }

    /// What can be sold, as far as both services describe it. Not every article is sold to a phone for nothing but an amount: what else it needs is
    /// said by the service's own catalogue.
    ///
    /// # Errors
    /// When the service does not let us in, or does not answer.
    pub async fn catalogue(&self) -> Result<Vec<Article>, ReadError> {
        Ok(match self {
            Self::Smartcall(client) => client
                .catalogue()
                .await?
                .products()
                .map(Article::from)
                .collect(),
            Self::Hot(client) => client.products().await?.iter().map(Article::from).collect(),
        })
    }

    /// Gives tokens back, or forgets them.
    pub async fn close(&self) {
        match self {
            Self::Smartcall(client) => client.close().await,
            Self::Hot(client) => client.close().await,
        }
    }
}

const RAND: &str = "ZAR";

impl Phone {
    /// The country.
    #[must_use]
    pub fn country(self) -> Country {
        match self {
            Self::SouthAfrica(_) => Country::SouthAfrica,
            Self::Zimbabwe(_) => Country::Zimbabwe,
        }
    }
}

impl FromStr for Phone {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text.strip_prefix('+').unwrap_or(text);
        if digits.starts_with("263") {
            return text.parse().map(Self::Zimbabwe);
        }
        if digits.starts_with("27") {
            return text.parse().map(Self::SouthAfrica);
        }
        Err(Invalid::new(
            "phone",
            "must begin with the country code, 27 or 263",
        ))
    }
}

/// With the country code.
impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SouthAfrica(msisdn) => msisdn.fmt(f),
            Self::Zimbabwe(msisdn) => write!(f, "263{}", &msisdn.to_string()[1..]),
        }
    }
}

impl Order {
    /// Orders with a new random reference. The amount is in the currency of the product.
    #[must_use]
    pub fn new(phone: Phone, product: ProductId, amount: Decimal) -> Self {
        Self {
            reference: Reference::random(),
            phone,
            product,
            amount,
        }
    }

    /// Orders with a reference of the caller's own. **One reference is one sale.**
    #[must_use]
    pub fn with_reference(mut self, reference: Reference) -> Self {
        self.reference = reference;
        self
    }

    /// The reference: keep it before the order is sent.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Who is recharged.
    #[must_use]
    pub fn phone(&self) -> Phone {
        self.phone
    }
}

impl From<smartcall::Client> for Front {
    fn from(client: smartcall::Client) -> Self {
        Self::Smartcall(client)
    }
}

impl From<hot::Client> for Front {
    fn from(client: hot::Client) -> Self {
        Self::Hot(client)
    }
}

impl From<&smartcall::Product> for Article {
    fn from(product: &smartcall::Product) -> Self {
        let (minimum, maximum) = match product.price {
            smartcall::Price::Fixed(price) => (Some(price), Some(price)),
            smartcall::Price::Variable { min, max } => (Some(min), Some(max)),
            smartcall::Price::Unclear => (None, None),
        };
        Self {
            product: product.id,
            name: product.name.clone(),
            network: product.network.clone(),
            currency: Some(RAND),
            minimum,
            maximum,
        }
    }
}

impl From<&hot::Product> for Article {
    fn from(product: &hot::Product) -> Self {
        let currency = product.wallet.and_then(hot::Wallet::currency);
        Self {
            product: product.id,
            name: product.name.clone(),
            network: product.network.clone(),
            currency: currency.map(hot::Currency::code),
            minimum: product.limits.minimum,
            maximum: product.limits.maximum,
        }
    }
}

impl From<smartcall::Transaction> for Seen {
    fn from(found: smartcall::Transaction) -> Self {
        use smartcall::TransactionStatus as Status;
        Self {
            standing: match found.status {
                Status::Successful => Standing::Succeeded,
                Status::Failed => Standing::Failed,
                Status::Cancelled => Standing::Cancelled,
                Status::Requested | Status::Pending => Standing::Pending,
                Status::Other(_) => Standing::Unclear,
            },
            provider_reference: found.smartload_reference,
            receipt: found.receipt,
        }
    }
}

impl From<hot::Transaction> for Seen {
    fn from(found: hot::Transaction) -> Self {
        Self {
            standing: match found.standing {
                hot::Standing::Successful => Standing::Succeeded,
                hot::Standing::Failed => Standing::Failed,
                hot::Standing::Unclear => Standing::Unclear,
            },
            provider_reference: found.recharge_id,
            receipt: found.receipt,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_read_with_its_country_code_only_and_written_with_it() {
        for (text, country, written) in [
            ("27821234567", Country::SouthAfrica, "27821234567"),
            ("+27821234567", Country::SouthAfrica, "27821234567"),
            ("263772123456", Country::Zimbabwe, "263772123456"),
            ("+263772123456", Country::Zimbabwe, "263772123456"),
        ] {
            let phone: Phone = text.parse().expect(text);
            assert_eq!(
                (phone.country(), phone.to_string().as_str()),
                (country, written)
            );
        }
        for (text, field) in [
            ("0772123456", "phone"),
            ("0821234567", "phone"),
            ("", "phone"),
            ("+", "phone"),
            ("258821234567", "phone"),
            ("2782123456", "msisdn"),
            ("26377212345", "msisdn"),
            ("++27821234567", "phone"),
        ] {
            assert_eq!(
                text.parse::<Phone>().map_err(|it| it.field()),
                Err(field),
                "{text}"
            );
        }
    }

    #[test]
    fn the_debug_form_hides_the_subscriber() {
        let phone: Phone = "263772123456".parse().expect("a phone");
        let order = Order::new(phone, "101".parse().expect("id"), Decimal::TEN);
        assert!(!format!("{order:?}").contains("77212"), "{order:?}");
    }
}
