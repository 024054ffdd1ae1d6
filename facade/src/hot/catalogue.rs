//! **The rule: the catalogue is asked seldom, and its silence never stops a sale.** Products are discovered, never hard-coded (docs).
//!
//! An order is checked against its product's metadata before it is sent. Where that cannot be read, the order goes as it is, and an
//! [`Event::Unchecked`] says so.

use std::sync::Arc;
use std::time::Duration;

use recharge_bindings::hot::types;

use super::client::Client;
use super::order::RechargeOrder;
use super::product::Product;
use super::reading::elements;
use super::sales::HOST;
use crate::domain::{ProductId, Timestamp};
use crate::error::{Invalid, ReadError};
use crate::observe::Event;
use crate::recovery::{Class, Delivery};
use crate::transport::delivery::{Answer, Body};

/// The catalogue.
pub(super) const CLASSES: &[(&str, Class)] =
    &[("listProducts", Class::Read), ("getProduct", Class::Read)];

/// How long products are believed: they change by the vendor's hand, and a limit that is out of date costs a refusal at the worst.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// After a catalogue that did not answer, orders go unchecked for so long.
const SILENT: Duration = Duration::from_secs(60);

/// The products that were read last. Whoever reads them holds it, so that others wait instead of reading too.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    products: Option<Arc<[Product]>>,
    /// Until then they are believed, or it is not asked again.
    until: Timestamp,
}

impl Client {
    /// All products with their metadata. Kept for an hour; [`refresh_products`](Self::refresh_products) reads them anew.
    ///
    /// # Errors
    /// When the service does not let us in, or does not answer.
    pub async fn products(&self) -> Result<Arc<[Product]>, ReadError> {
        let mut shelf = self.shelf().lock().await;
        if let Some(products) = shelf.fresh(self.now()) {
            return Ok(products);
        }
        self.stock_up(&mut shelf).await
    }

    /// All products, read anew.
    ///
    /// # Errors
    /// As [`products`](Self::products); what was read before is kept.
    pub async fn refresh_products(&self) -> Result<Arc<[Product]>, ReadError> {
        let mut shelf = self.shelf().lock().await;
        self.stock_up(&mut shelf).await
    }

    /// One product: from the products that are kept, or else asked for; `None` if the service does not list it.
    ///
    /// # Errors
    /// As [`products`](Self::products).
    pub async fn product(&self, id: ProductId) -> Result<Option<Product>, ReadError> {
        let listed = self.products().await?;
        if let Some(product) = listed.iter().find(|product| product.id == id) {
            return Ok(Some(product.clone()));
        }
        let Ok(number) = i32::try_from(id.get()) else {
            return Ok(None);
        };
        let found = match self.read(self.raw().get_product(number)).await {
            Ok(found) => found,
            Err(ReadError::Service { status: 404, .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(read(&found).into_iter().find(|product| product.id == id))
    }

    async fn stock_up(&self, shelf: &mut Shelf) -> Result<Arc<[Product]>, ReadError> {
        let found = self.read(self.raw().list_products()).await?;
        Ok(shelf.fill(read(&found), self.now()))
    }

    /// Checks an order against its product, if that can be read at once.
    pub(super) async fn checked(&self, order: &RechargeOrder) -> Result<(), Invalid> {
        let product = self.at_hand(order.product()).await;
        if let Some(product) = product {
            return order.check(&product);
        }
        let (reference, product) = (order.reference(), order.product().get());
        tracing::warn!(%reference, product, "the product's metadata cannot be read: the order is not checked against it");
        self.driver()
            .observe(&Event::Unchecked { reference, product });
        Ok(())
    }

    /// A product that is kept, or that one quick look into the catalogue finds. A till does not wait for reads that are tried again.
    async fn at_hand(&self, id: ProductId) -> Option<Product> {
        let mut shelf = self.shelf().lock().await;
        let now = self.now();
        if now >= shelf.until {
            self.lines().tokens.get(HOST).await.ok()?;
            let counter = self.driver().provider.counter();
            match counter.deliver(counter.bindings.list_products()).await {
                Delivery::Answered(Answer {
                    body: Body::Typed(found),
                    ..
                }) => drop(shelf.fill(read(&found), now)),
                _ => shelf.until = now + SILENT,
            }
        }
        let products = shelf.products.as_deref()?;
        products.iter().find(|product| product.id == id).cloned()
    }
}

impl Shelf {
    fn fresh(&self, now: Timestamp) -> Option<Arc<[Product]>> {
        self.products.clone().filter(|_| now < self.until)
    }

    fn fill(&mut self, products: Vec<Product>, now: Timestamp) -> Arc<[Product]> {
        let products: Arc<[Product]> = products.into();
        self.products = Some(Arc::clone(&products));
        self.until = now + FRESH;
        products
    }
}

fn read(found: &types::ProductsResponse) -> Vec<Product> {
    let products = elements(&found.products);
    products.iter().filter_map(Product::read).collect()
}
