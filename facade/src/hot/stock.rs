//! What a product is sold in: `GET /query/stock/{ProductId}` (docs). Works for products whose metadata says so ([`Product::has_stock`](super::Product)).
//!
//! **The rule: neither price is converted into the other.** The docs name it `value`, the vendor's package `amount`; the docs' sample has 28400 for a
//! bundle that the page recharges with 284.

use recharge_bindings::hot::types;
use rust_decimal::Decimal;

use super::client::Client;
use super::numbers::{Amount, Msisdn};
use super::order::RechargeOrder;
use super::reading::{elements, text};
use super::wallet::Wallet;
use crate::domain::ProductId;
use crate::error::{Invalid, ReadError};
use crate::recovery::Class;

/// The query.
pub(super) const CLASSES: &[(&str, Class)] = &[("queryStock", Class::Read)];

/// One row of a product's stock: a bundle, or a denomination.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StockItem {
    /// The product.
    pub product: ProductId,
    /// What an order names it by.
    pub product_code: String,
    /// Its name, for people.
    pub name: String,
    /// What it is, for people.
    pub description: Option<String>,
    /// The member `value`, in a unit that no document says.
    pub value: Option<Decimal>,
    /// The member `amount`, in a unit that no document says.
    pub amount: Option<Decimal>,
    /// The currency, as the service writes it.
    pub currency: Option<String>,
    /// The wallet that pays.
    pub wallet: Option<Wallet>,
}

impl StockItem {
    fn read(item: &types::StockItem, asked: ProductId) -> Option<Self> {
        let product = item.product_id.copied();
        let product = product.and_then(|id| u32::try_from(id).ok());
        Some(Self {
            product: product.map_or(Some(asked), |id| ProductId::new(id).ok())?,
            product_code: text(&item.product_code)?,
            name: text(&item.name).unwrap_or_default(),
            description: text(&item.description),
            value: item.value.copied(),
            amount: item.amount.copied(),
            currency: text(&item.currency),
            wallet: item.wallet_type_id.copied().map(Wallet::of),
        })
    }

    /// Orders it for a mobile number. The price is the caller's to give, in units of the currency; it must be one of the prices in stock, or the
    /// hundredth of one, since no document says which unit those are in.
    ///
    /// # Errors
    /// When it is neither, or the code is not one that can be ordered.
    pub fn order(&self, subscriber: Msisdn, price: Amount) -> Result<RechargeOrder, Invalid> {
        let mut prices = [self.value, self.amount].into_iter().flatten().peekable();
        let given = price.decimal();
        let fits = |stock: Decimal| stock == given || stock == given * Decimal::ONE_HUNDRED;
        if prices.peek().is_some() && !prices.any(fits) {
            return Err(Invalid::new("amount", "must be the price in stock"));
        }
        RechargeOrder::bundle(self.product, subscriber, &self.product_code, price)
    }
}

impl Client {
    /// What a product is sold in.
    ///
    /// # Errors
    /// When the product has no stock, the service does not let us in, or does not answer.
    pub async fn stock(&self, product: ProductId) -> Result<Vec<StockItem>, ReadError> {
        let id = wire_id(product)?;
        let found = self.read(self.raw().query_stock(id)).await?;
        let items = elements(&found.stock);
        let read = |item| StockItem::read(item, product);
        Ok(items.iter().filter_map(read).collect())
    }
}

/// The id as the service's integers are.
pub(super) fn wire_id(product: ProductId) -> Result<i32, Invalid> {
    i32::try_from(product.get()).map_err(|_| Invalid::new("product", "must be at most 2147483647"))
}
