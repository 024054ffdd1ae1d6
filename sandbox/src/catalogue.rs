//! What is for sale: a small catalogue in the shape of the real one.
//!
//! Each product appears twice, once for each value of `smsIndicator`, as the vendor's list does (FAQ 1). Codes are padded with
//! blanks to two characters. A retail value of 99999.99 marks a product whose amount the buyer chooses.

use rust_decimal::Decimal;

/// Whose network a product is recharged on; decides which rules of the simulator apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Airtime or a bundle for a phone number.
    Mobile,
    /// Electricity for a meter.
    Electricity,
    /// A PIN on paper or in a message.
    Voucher,
    /// Somebody's account at EasyPay or DSTV; not sold by the recharge endpoints.
    Payment,
}

/// The product that extended limits are for.
pub(crate) const MUNICIPAL: i64 = 23;

/// Free basic electricity.
pub(crate) const FREE_BASIC: i64 = 220;

/// The bundles of MoNice, which no list shows: they are sold by an endpoint of their own.
pub(crate) const MONICE: Product = Product {
    id: 901,
    name: "Telkom MoNice",
    min: Decimal::ONE,
    max: Decimal::ONE_THOUSAND,
    discount: Decimal::from_parts(4, 0, 0, false, 0),
    fixed: None,
    family: Family::Mobile,
};

/// The municipalities that sell more than the default R1000 at a time: the id of the limit, the name, and the limit in rand.
/// Number 7 is the specification's; the others and all amounts are invented.
pub(crate) const LIMITS: [(i32, &str, i64); 3] = [
    (3, "City of Ekurhuleni", 2000),
    (5, "City of Johannesburg", 3000),
    (7, "City of Tshwane", 5000),
];

/// One product; the list shows it as two rows.
#[derive(Debug, Clone)]
pub(crate) struct Product {
    pub(crate) id: i64,
    pub(crate) name: &'static str,
    pub(crate) min: Decimal,
    pub(crate) max: Decimal,
    pub(crate) discount: Decimal,
    /// `None` when the buyer chooses the amount.
    pub(crate) fixed: Option<Decimal>,
    pub(crate) family: Family,
}

impl Product {
    /// What the list calls the retail value.
    pub(crate) fn retail_value(&self) -> Decimal {
        self.fixed.unwrap_or_else(|| Decimal::new(9_999_999, 2))
    }
}

/// A kind of product within a network.
#[derive(Debug, Clone)]
pub(crate) struct ProductType {
    pub(crate) id: i64,
    pub(crate) code: &'static str,
    pub(crate) description: &'static str,
    pub(crate) fixed: bool,
    pub(crate) products: Vec<Product>,
}

/// A network and what it sells.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub(crate) id: i64,
    pub(crate) description: &'static str,
    /// What a cashup calls it.
    pub(crate) short: &'static str,
    pub(crate) types: Vec<ProductType>,
}

/// All that is for sale.
#[derive(Debug, Clone)]
pub(crate) struct Catalogue {
    pub(crate) networks: Vec<Network>,
}

impl Catalogue {
    /// The catalogue of the sandbox.
    pub(crate) fn small() -> Self {
        Self {
            networks: vec![
                vodacom(),
                mtn(),
                cell_c(),
                municipal(),
                telkom_mobile(),
                eskom(),
                free_basic(),
                easypay(),
                dstv(),
            ],
        }
    }

    pub(crate) fn network(&self, id: i64) -> Option<&Network> {
        self.networks.iter().find(|network| network.id == id)
    }

    /// The network of a product.
    pub(crate) fn network_of(&self, product: i64) -> Option<&Network> {
        let sells = |network: &&Network| {
            let mut products = network.types.iter().flat_map(|kind| &kind.products);
            products.any(|sold| sold.id == product)
        };
        self.networks.iter().find(sells)
    }

    /// The products that are sold from stock.
    pub(crate) fn vouchers(&self) -> impl Iterator<Item = i64> {
        let types = self.networks.iter().flat_map(|network| &network.types);
        types
            .flat_map(|kind| &kind.products)
            .filter(|product| product.family == Family::Voucher)
            .map(|product| product.id)
    }

    /// A product and the type that holds it.
    pub(crate) fn product(&self, id: i64) -> Option<(&ProductType, &Product)> {
        let types = self.networks.iter().flat_map(|network| &network.types);
        types
            .flat_map(|kind| kind.products.iter().map(move |product| (kind, product)))
            .find(|(_, product)| product.id == id)
    }
}

/// The variable airtime product of the network that a number's prefix belongs to, for `airtimeNetworkAutoCorrect`.
pub(crate) fn airtime_for(msisdn: &str) -> (i64, &'static str) {
    match msisdn.as_bytes().get(3) {
        Some(b'2' | b'6') => (62, "Vodacom"),
        Some(b'3' | b'8') => (63, "MTN"),
        Some(b'4') => (189, "Cell C"),
        _ => (24, "Telkom Mobile"),
    }
}

/// Whether auto-correction may replace this product: it is variable airtime of a mobile network.
pub(crate) fn is_variable_airtime(product: &Product) -> bool {
    matches!(product.id, 62 | 63 | 189 | 24)
}

fn vodacom() -> Network {
    let bundles = vec![
        fixed(13, "20 SMS-R10", 1000),
        fixed(22, "2000 SMS-R450", 45_000),
    ];
    let vouchers = vec![
        voucher(65, "Vodacom R2 voucher", 200),
        voucher(66, "Vodacom R5 voucher", 500),
    ];
    let types = vec![
        airtime(62, "Vodacom Airtime", 1000, 55),
        kind(2, "S ", "SMS Bundle", true, bundles),
        kind(13, "V ", "Airtime Voucher", true, vouchers),
    ];
    Network {
        id: 1,
        description: "Vodacom",
        short: "VOD",
        types,
    }
}

fn mtn() -> Network {
    Network {
        id: 2,
        description: "MTN",
        short: "MTN",
        types: vec![
            airtime(63, "MTN Airtime", 999, 50),
            kind(
                13,
                "V ",
                "Airtime Voucher",
                true,
                vec![voucher(80, "MTN R10 voucher", 1000)],
            ),
        ],
    }
}

fn cell_c() -> Network {
    Network {
        id: 3,
        description: "Cell C",
        short: "CELLC",
        types: vec![airtime(189, "Cell C Airtime", 999, 55)],
    }
}

fn telkom_mobile() -> Network {
    Network {
        id: 9,
        description: "Telkom Mobile",
        short: "Telkom Mobile",
        types: vec![airtime(24, "Telkom Mobile Airtime", 999, 55)],
    }
}

fn municipal() -> Network {
    let types = vec![electricity(MUNICIPAL, "Municipal Electricity", 25, 1000)];
    Network {
        id: 8,
        description: "Electricity-Municipalities",
        short: "Electricity-Municipalities",
        types,
    }
}

fn eskom() -> Network {
    Network {
        id: 13,
        description: "Electricity-Eskom",
        short: "Electricity-Eskom",
        types: vec![electricity(47, "Eskom Electricity", 10, 500)],
    }
}

fn free_basic() -> Network {
    let product = Product {
        discount: Decimal::ZERO,
        family: Family::Electricity,
        ..fixed(FREE_BASIC, "Free Basic Electricity", 0)
    };
    Network {
        id: 15,
        description: "Electricity-Free Basic",
        short: "Electricity-Free Basic",
        types: vec![kind(7, "E ", "Electricity", true, vec![product])],
    }
}

/// What is paid through EasyPay. The numbers of the products are the vendor's, those of the network and type invented.
fn easypay() -> Network {
    let products = vec![
        payment(450, "SABC TV Licence"),
        payment(451, "Traffic Fines"),
    ];
    Network {
        id: 17,
        description: "EasyPay",
        short: "EasyPay",
        types: vec![kind(30, "EP", "Payment", false, products)],
    }
}

/// All numbers are invented.
fn dstv() -> Network {
    let products = vec![payment(460, "DSTV Payment")];
    Network {
        id: 18,
        description: "DSTV",
        short: "DSTV",
        types: vec![kind(31, "DS", "Payment", false, products)],
    }
}

fn payment(id: i64, name: &'static str) -> Product {
    variable(id, name, 1, 5000, 0, Family::Payment)
}

fn voucher(id: i64, name: &'static str, cents: i64) -> Product {
    Product {
        family: Family::Voucher,
        ..fixed(id, name, cents)
    }
}

fn kind(
    id: i64,
    code: &'static str,
    description: &'static str,
    fixed: bool,
    products: Vec<Product>,
) -> ProductType {
    ProductType {
        id,
        code,
        description,
        fixed,
        products,
    }
}

fn airtime(id: i64, name: &'static str, max: i64, discount_tenths: i64) -> ProductType {
    kind(
        1,
        "A ",
        "Airtime",
        false,
        vec![variable(id, name, 2, max, discount_tenths, Family::Mobile)],
    )
}

fn electricity(id: i64, name: &'static str, min: i64, max: i64) -> ProductType {
    kind(
        7,
        "E ",
        "Electricity",
        false,
        vec![variable(id, name, min, max, 15, Family::Electricity)],
    )
}

fn variable(
    id: i64,
    name: &'static str,
    min: i64,
    max: i64,
    discount_tenths: i64,
    family: Family,
) -> Product {
    let (min, max) = (Decimal::from(min), Decimal::from(max));
    Product {
        id,
        name,
        min,
        max,
        discount: Decimal::new(discount_tenths, 1),
        fixed: None,
        family,
    }
}

fn fixed(id: i64, name: &'static str, cents: i64) -> Product {
    let price = Decimal::new(cents, 2);
    let discount = Decimal::new(55, 1);
    Product {
        id,
        name,
        min: price,
        max: price,
        discount,
        fixed: Some(price),
        family: Family::Mobile,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_products_of_note_are_there_once() {
        let catalogue = Catalogue::small();
        for id in [62, 63, 189, 24, 22, 23, 47, 220, 65, 66, 450, 451, 460] {
            assert!(catalogue.product(id).is_some(), "{id}");
        }
        let mut ids: Vec<_> = catalogue
            .networks
            .iter()
            .flat_map(|n| &n.types)
            .flat_map(|t| &t.products)
            .map(|p| p.id)
            .collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn a_prefix_names_its_network() {
        assert_eq!(airtime_for("27821234567").0, 62);
        assert_eq!(airtime_for("27831234567").0, 63);
        assert_eq!(airtime_for("27841234567").0, 189);
        assert_eq!(airtime_for("27811234567").0, 24);
    }
}
