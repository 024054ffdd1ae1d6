//! **The rule: what the service lists is listed; what has not changed is not read again.**
//!
//! Products and networks (chapters 10 b, c and d). Each is kept with its `Etag`, a bare number that is echoed exactly as it came; as long
//! as the service answers 304 to it, the very same value is given back, and nothing is decoded. A row that cannot be understood is in the
//! `unread` of what it came with.

mod cache;
mod product;

use std::collections::HashMap;
use std::sync::Arc;

use recharge_bindings::Field;
use recharge_bindings::smartcall::types;

pub use product::{Discount, Form, Price, Product, SoldBy};

pub(super) use cache::Caches;
use product::{Folder, Place, whole};

use super::accounts::missing;
use super::client::Client;
use super::reading::text;
use super::rows::{UnreadRow, rows};
use super::utilities::SimNetwork;
use crate::domain::{Msisdn, ProductId};
use crate::error::ReadError;
use crate::recovery::Class;

/// Reads of chapters 10 b to 10 d.
pub(super) const CLASSES: &[(&str, Class)] = &[
    ("getProduct", Class::Read),
    ("getNetwork", Class::Read),
    ("getNetworks", Class::Read),
];

/// A network, or what stands for one in the catalogue (`Electricity-Eskom`), with its products.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Network {
    /// Its id: 1 Vodacom, 2 MTN, 3 Cell C, 4 Telkom, 9 Telkom Mobile …
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Its products, in the service's order.
    pub products: Vec<Product>,
    /// Its rows that cannot be understood.
    pub unread: Vec<UnreadRow>,
}

impl Network {
    fn read(network: types::Network) -> Result<Self, UnreadRow> {
        let Some(id) = whole(&network.id) else {
            return Err(UnreadRow::of(&network, "has no network id"));
        };
        let name = text(&network.description).unwrap_or_default();
        let Some(product_types) = rows(network.product_types.clone()) else {
            return Err(UnreadRow::of(&network, "has no list of types"));
        };
        let mut folder = Folder::default();
        let mut places = HashMap::new();
        for product_type in product_types {
            match product_type {
                Ok(product_type) => Self::take(&mut folder, &mut places, &name, product_type),
                Err(unread) => folder.unread.push(unread),
            }
        }
        Ok(Self {
            id,
            name,
            products: folder.products,
            unread: folder.unread,
        })
    }

    fn take(
        folder: &mut Folder,
        places: &mut HashMap<ProductId, usize>,
        name: &str,
        mut product_type: types::ProductType,
    ) {
        let listed = std::mem::take(&mut product_type.products);
        let place = Place {
            network: Some(name).filter(|name| !name.is_empty()),
            product_type: Some(&product_type),
        };
        let Some(listed) = rows(listed) else {
            let unread = UnreadRow::of(&product_type, "is a type without a list of products");
            folder.unread.push(unread);
            return;
        };
        for row in listed {
            if let Some((id, at)) = folder.take(row, place, |id| places.get(&id).copied()) {
                places.insert(id, at);
            }
        }
    }

    /// Its products of a type, by the type's code (`A` airtime, `S` SMS, `X` data …), with or without the service's blanks.
    pub fn of_type<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Product> {
        self.products
            .iter()
            .filter(move |product| product.is_of_type(code))
    }
}

/// All networks with their products.
#[derive(Debug, PartialEq)]
pub struct Catalogue {
    networks: Vec<Network>,
    unread: Vec<UnreadRow>,
    networks_by_id: HashMap<u32, usize>,
    networks_by_name: HashMap<String, usize>,
    /// Network and place in it.
    products: HashMap<ProductId, (usize, usize)>,
}

impl Catalogue {
    pub(super) fn read(body: types::NetworksResponse) -> Result<Self, ReadError> {
        let Some(listed) = rows(body.networks.clone()) else {
            return Err(missing(&body, "a list of networks"));
        };
        let mut catalogue = Self {
            networks: Vec::new(),
            unread: Vec::new(),
            networks_by_id: HashMap::new(),
            networks_by_name: HashMap::new(),
            products: HashMap::new(),
        };
        for network in listed {
            match network.and_then(Network::read) {
                Ok(network) => catalogue.take(network),
                Err(unread) => catalogue.unread.push(unread),
            }
        }
        Ok(catalogue)
    }

    fn take(&mut self, network: Network) {
        let at = self.networks.len();
        self.networks_by_id.entry(network.id).or_insert(at);
        self.networks_by_name
            .entry(plain(&network.name))
            .or_insert(at);
        for (place, product) in network.products.iter().enumerate() {
            self.products.entry(product.id).or_insert((at, place));
        }
        self.networks.push(network);
    }

    /// The networks, in the service's order.
    #[must_use]
    pub fn networks(&self) -> &[Network] {
        &self.networks
    }

    /// Every product, network by network.
    pub fn products(&self) -> impl Iterator<Item = &Product> {
        self.networks.iter().flat_map(|network| &network.products)
    }

    /// The network with an id.
    #[must_use]
    pub fn network(&self, id: u32) -> Option<&Network> {
        self.networks.get(*self.networks_by_id.get(&id)?)
    }

    /// The network with a name, however its words are written: `Cell C`, `CELLC`.
    #[must_use]
    pub fn network_named(&self, name: &str) -> Option<&Network> {
        self.networks.get(*self.networks_by_name.get(&plain(name))?)
    }

    /// The product with an id.
    #[must_use]
    pub fn product(&self, id: ProductId) -> Option<&Product> {
        let (network, place) = *self.products.get(&id)?;
        self.networks.get(network)?.products.get(place)
    }

    /// Networks that cannot be understood. Products that cannot are with their network.
    #[must_use]
    pub fn unread(&self) -> &[UnreadRow] {
        &self.unread
    }
}

/// A name by its letters and digits alone: the services write `Cell C`, `CELLC` and `cellc`.
pub(super) fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// What can be sold to one subscriber.
#[derive(Clone, Debug)]
pub struct Offer {
    sim: SimNetwork,
    catalogue: Arc<Catalogue>,
}

impl Offer {
    /// On which network the subscriber is.
    #[must_use]
    pub fn sim(&self) -> &SimNetwork {
        &self.sim
    }

    /// The network in the catalogue; `None` if it has none of that name.
    #[must_use]
    pub fn network(&self) -> Option<&Network> {
        self.catalogue.network_named(&self.sim.network)
    }

    /// The products of a type, by the type's code (`A` airtime, `S` SMS, `X` data …).
    pub fn of_type<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Product> {
        self.network()
            .into_iter()
            .flat_map(move |network| network.of_type(code))
    }
}

/// The answer to a question about one product.
pub(super) type Found = Option<Product>;

fn one_product(
    id: ProductId,
    body: types::ProductsResponse,
) -> Result<(Found, Vec<UnreadRow>), ReadError> {
    let Some(listed) = rows(body.products.clone()) else {
        return Err(missing(&body, "a list of products"));
    };
    let mut folder = Folder::default();
    let mut places = HashMap::new();
    for row in listed {
        if let Some((id, at)) = folder.take(row, Place::default(), |id| places.get(&id).copied()) {
            places.insert(id, at);
        }
    }
    let found = folder.products.into_iter().find(|product| product.id == id);
    Ok((found, folder.unread))
}

impl Client {
    /// All networks with their products (`GET /smartload/networks`, chapter 10 d). Asks the service whether its list has changed; if not,
    /// the list that was read before is given back.
    ///
    /// # Errors
    /// When the service does not let us in, or does not answer.
    pub async fn catalogue(&self) -> Result<Arc<Catalogue>, ReadError> {
        self.let_in().await?;
        let kept = self.caches().networks.get(&());
        let tag = kept.as_ref().map(|kept| kept.tag.clone());
        let answer = self.raw().get_networks(tag.as_deref()).await;
        let networks = &self.caches().networks;
        networks.renew((), kept, answer, Catalogue::read).await
    }

    /// The catalogue that was read last, without asking anybody.
    #[must_use]
    pub fn catalogue_as_read(&self) -> Option<Arc<Catalogue>> {
        self.caches().networks.get(&()).map(|kept| kept.value)
    }

    /// One network with its products (`GET /smartload/networks/{networkId}`, chapter 10 c): 1 Vodacom, 2 MTN, 3 Cell C … Kept as
    /// [`catalogue`](Self::catalogue) is.
    ///
    /// # Errors
    /// When the service does not let us in, does not know the network, or does not answer.
    pub async fn network(&self, id: u32) -> Result<Arc<Network>, ReadError> {
        self.let_in().await?;
        let kept = self.caches().network.get(&id);
        let tag = kept.as_ref().map(|kept| kept.tag.clone());
        let answer = self.raw().get_network(id.into(), tag.as_deref()).await;
        let read = |body: types::Network| {
            if matches!(body.product_types, Field::Absent | Field::Null) {
                return Err(missing(&body, "a network"));
            }
            Network::read(body).map_err(|unread| ReadError::Unreadable(unread.reason.into()))
        };
        self.caches().network.renew(id, kept, answer, read).await
    }

    /// One product (`GET /smartload/products/{productId}`, chapter 10 b); `None` if the service answers without it. Kept as
    /// [`catalogue`](Self::catalogue) is.
    ///
    /// # Errors
    /// When the service does not let us in, answers with an error or with rows that cannot be understood, or does not answer.
    pub async fn product(&self, id: ProductId) -> Result<Arc<Option<Product>>, ReadError> {
        self.let_in().await?;
        let kept = self.caches().product.get(&id);
        let tag = kept.as_ref().map(|kept| kept.tag.clone());
        let answer = self
            .raw()
            .get_product(id.get().into(), tag.as_deref())
            .await;
        let read = |body| match one_product(id, body)? {
            (None, unread) if !unread.is_empty() => {
                Err(ReadError::Unreadable(format!("a row {}", unread[0].reason)))
            }
            (found, _) => Ok(found),
        };
        self.caches().product.renew(id, kept, answer, read).await
    }

    /// What can be sold to a subscriber: the products of the network that the number is on now, ported or not. Asks for the SIM's network
    /// (chapter 13 a) and for the catalogue.
    ///
    /// # Errors
    /// When the service does not let us in, or does not answer either question.
    pub async fn offer(&self, msisdn: Msisdn) -> Result<Offer, ReadError> {
        let sim = self.sim_network(msisdn).await?;
        let catalogue = self.catalogue().await?;
        Ok(Offer { sim, catalogue })
    }
}

#[cfg(test)]
mod tests;
