//! Who an account belongs to: `GET /query/customer/{ProductId}/{AccountNumber}` (the vendor's package). Works for products whose metadata says so.
//!
//! **The rule: personal data is given to who asked, and printed nowhere.**

use std::collections::BTreeMap;
use std::fmt;

use super::client::Client;
use super::reading::{text, texts_of};
use super::stock::wire_id;
use crate::domain::ProductId;
use crate::error::{Invalid, ReadError};
use crate::recovery::Class;

/// The query.
pub(super) const CLASSES: &[(&str, Class)] = &[("queryCustomer", Class::Read)];

/// The longest account number: no document gives a limit.
const ACCOUNT_LENGTH_MAX: usize = 50;

/// A customer: personal data.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Customer {
    /// The meter, account or mobile number, as the service wrote it.
    pub account_number: Option<String>,
    /// The name. Of electricity the first line of `AccountName`.
    pub name: Option<String>,
    /// What follows the name on further lines: the address.
    pub address: Vec<String>,
    /// All details, by the service's names.
    pub details: BTreeMap<String, String>,
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Customer")
            .field("details", &self.details.keys())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Who an account (meter, mobile number) of a product belongs to.
    ///
    /// # Errors
    /// When the number is not one, the product knows no customers, the service does not let us in, or does not answer.
    pub async fn customer(
        &self,
        product: ProductId,
        account_number: &str,
    ) -> Result<Customer, ReadError> {
        let id = wire_id(product)?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let digits = account_number.bytes().any(|byte| byte.is_ascii_digit());
        let fits = account_number.len() <= ACCOUNT_LENGTH_MAX;
        if !digits || !fits || !account_number.bytes().all(allowed) {
            let rule = "must be up to 50 digits, letters and hyphens, with a digit";
            return Err(Invalid::new("account_number", rule).into());
        }
        let found = self
            .read(self.raw().query_customer(id, account_number))
            .await?;
        let details: BTreeMap<String, String> = texts_of(&found.details)
            .map(|(name, text)| (name.to_owned(), text))
            .collect();
        let lines = details.get("AccountName").map(String::as_str);
        let mut lines = lines.unwrap_or_default().lines().map(str::trim);
        let name = lines.next().filter(|name| !name.is_empty());
        Ok(Customer {
            account_number: text(&found.account_number),
            name: name.map(str::to_owned),
            address: lines
                .filter(|line| !line.is_empty())
                .map(str::to_owned)
                .collect(),
            details,
        })
    }
}
