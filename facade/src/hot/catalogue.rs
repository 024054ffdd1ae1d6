//! **The rule: the catalogue is asked seldom, and its silence never stops a sale.** Products are discovered, never hard-coded (docs).
//!
//! An order is checked against its product's metadata before it is sent. Where that cannot be read, the order goes as it is, and an
//! [`Event::Unchecked`] says so. A till waits for one glance at the catalogue, of a few seconds at most, and never for a read that somebody else
//! makes. **An order that the journal holds already is not checked**: it may have been sold, and that the catalogue has changed since is no word on it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use recharge_bindings::hot::{Client as Bindings, types};
use recharge_bindings::{Answer as Answering, Operation, Prepared, Wire};
use reqwest::{Client as Http, Request};
use tokio::sync::Mutex as Turn;

use super::client::Client;
use super::login::Login;
use super::order::RechargeOrder;
use super::product::Product;
use super::reading::elements;
use super::sales::HOST;
use crate::domain::{ProductId, Timestamp};
use crate::error::{Invalid, ReadError};
use crate::journal::{Ending, Entry};
use crate::observe::Event;
use crate::recovery::{Class, Delivery};
use crate::transport::delivery::{Answer, Body};
use crate::transport::line::Line;

/// The catalogue.
pub(super) const CLASSES: &[(&str, Class)] =
    &[("listProducts", Class::Read), ("getProduct", Class::Read)];

/// How long products are believed: they change by the vendor's hand, and a limit that is out of date costs a refusal at the worst.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// After a catalogue that did not answer, orders go unchecked for so long.
const SILENT: Duration = Duration::from_secs(60);

/// How long one glance may take, from the first byte to the last.
const GLANCE: Duration = Duration::from_secs(5);

/// The catalogue, as far as it is known here.
pub(super) struct Catalogue {
    /// Held for moments only.
    shelf: Mutex<Shelf>,
    /// Whoever reads the catalogue holds it, so that others wait instead of reading too.
    reading: Turn<()>,
    /// The same for those who only glance at it: they never wait for a read.
    glancing: Turn<()>,
    glances: Bindings,
}

/// The line of a glance.
#[derive(Debug)]
pub(super) struct Glance(pub(super) Line<Login>);

/// The products that were read last.
#[derive(Debug, Default)]
struct Shelf {
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
        let _turn = self.catalogue().reading.lock().await;
        let fresh = self.catalogue().shelf().fresh(self.now());
        match fresh {
            Some(products) => Ok(products),
            None => self.stock_up().await,
        }
    }

    /// All products, read anew.
    ///
    /// # Errors
    /// As [`products`](Self::products); what was read before is kept.
    pub async fn refresh_products(&self) -> Result<Arc<[Product]>, ReadError> {
        let _turn = self.catalogue().reading.lock().await;
        self.stock_up().await
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

    async fn stock_up(&self) -> Result<Arc<[Product]>, ReadError> {
        let found = self.read(self.raw().list_products()).await?;
        Ok(self.catalogue().shelf().fill(read(&found), self.now()))
    }

    /// Checks an order against its product, if that can be read at once and the order may still be sent.
    pub(super) async fn checked(&self, order: &RechargeOrder) -> Result<(), Invalid> {
        let unsent = |entry: &Entry| {
            let ending = entry.end.as_ref().map(|end| end.ending);
            ending == Some(Ending::NotSent)
        };
        match self.journal().read(self.key(order.reference())).await {
            Ok(Some(entry)) if !unsent(&entry) => return Ok(()),
            Ok(_) => {}
            // Whether it was sold before cannot be told, and the sale will say so.
            Err(_) => return Ok(()),
        }
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
        let catalogue = self.catalogue();
        let due = || self.now() >= catalogue.shelf().until;
        if due() {
            // The sale waits for its token as well.
            self.lines().tokens.get(HOST).await.ok()?;
            let _turn = catalogue.glancing.lock().await;
            if due() {
                self.glance().await;
            }
        }
        let products = catalogue.shelf().products.clone()?;
        products.iter().find(|product| product.id == id).cloned()
    }

    async fn glance(&self) {
        let catalogue = self.catalogue();
        let counter = self.driver().provider.counter();
        let found = counter.deliver(catalogue.glances.list_products()).await;
        let now = self.now();
        match found {
            Delivery::Answered(Answer {
                body: Body::Typed(found),
                ..
            }) => drop(catalogue.shelf().fill(read(&found), now)),
            _ => catalogue.shelf().give_up(now),
        }
    }
}

impl Catalogue {
    /// An empty one; `glances` go over a [`Glance`].
    pub(super) fn new(glances: Bindings) -> Self {
        Self {
            shelf: Mutex::default(),
            reading: Turn::default(),
            glancing: Turn::default(),
            glances,
        }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wire for Glance {
    fn prepare<'a>(
        &'a self,
        request: &'a mut Request,
        operation: &'static Operation,
    ) -> Prepared<'a> {
        self.0.prepare(request, operation)
    }

    fn send<'a>(
        &'a self,
        client: &'a Http,
        mut request: Request,
        operation: &'static Operation,
    ) -> Answering<'a> {
        let limit = request.timeout_mut();
        *limit = Some(limit.map_or(GLANCE, |limit| limit.min(GLANCE)));
        self.0.send(client, request, operation)
    }
}

impl Shelf {
    /// The catalogue did not answer: it is not asked again at once, unless somebody else has filled the shelf meanwhile.
    fn give_up(&mut self, now: Timestamp) {
        self.until = self.until.max(now + SILENT);
    }

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
