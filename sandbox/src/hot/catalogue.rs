//! What HOT sells here: the products whose numbers are known, in the shape of the vendor's list.
//!
//! Products 100 to 103 carry the vendor's own metadata. The limits of the ZiG products, the discounts and the stock but for
//! the codes of the data bundles are invented.

use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::settings::StockPrice;
use super::wire::number;
use crate::money::Exact;

/// What is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Airtime,
    Bundle,
    Zesa,
}

/// One product.
#[derive(Debug, Clone)]
pub(crate) struct Product {
    pub(crate) id: i32,
    pub(crate) name: &'static str,
    /// The account type that pays.
    pub(crate) wallet: i32,
    pub(crate) family: Family,
    pub(crate) network: &'static str,
    /// How a mobile number of the network begins, after the leading 0; any of them for several networks.
    pub(crate) prefixes: &'static [&'static str],
    pub(crate) min: Decimal,
    pub(crate) max: Decimal,
    /// In percent.
    pub(crate) discount: Decimal,
    pub(crate) account_query: bool,
    pub(crate) stock: Vec<Item>,
}

/// One row of the stock.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    /// What a recharge must be sent with.
    pub(crate) price: Decimal,
}

/// All that is for sale.
#[derive(Debug)]
pub(crate) struct Catalogue(Vec<Product>);

impl Catalogue {
    pub(crate) fn small() -> Self {
        let mut products = vec![
            Product {
                account_query: true,
                stock: netone_denominations(),
                min: Decimal::new(50, 2),
                ..airtime(102, "NetOne USD Airtime", "NetOne", &["71"], 3, 6)
            },
            Product {
                family: Family::Bundle,
                stock: bundles(),
                ..airtime(16, "Econet Data Bundle", "Econet", ECONET, 1, 5)
            },
            airtime(7, "Econet Airtime", "Econet", ECONET, 1, 5),
            airtime(100, "Airtime USD", "UndefinedCellular", ANY, 3, 4),
            airtime(101, "Econet USD Airtime", "Econet", ECONET, 3, 5),
            airtime(103, "Telecel USD Airtime", "Telecel", &["73"], 3, 6),
            zesa(24, "ZESA", 2),
            zesa(41, "ZESA USD", 4),
        ];
        products.sort_by_key(|product| product.id);
        Self(products)
    }

    pub(crate) fn product(&self, id: i32) -> Option<&Product> {
        self.0.iter().find(|product| product.id == id)
    }

    pub(crate) fn products(&self) -> impl Iterator<Item = &Product> {
        self.0.iter()
    }
}

const ECONET: &[&str] = &["77", "78"];
const ANY: &[&str] = &["71", "73", "77", "78"];

fn airtime(
    id: i32,
    name: &'static str,
    network: &'static str,
    prefixes: &'static [&'static str],
    wallet: i32,
    discount: i64,
) -> Product {
    let most = if wallet == 3 { 300 } else { 100_000 };
    Product {
        id,
        name,
        wallet,
        family: Family::Airtime,
        network,
        prefixes,
        min: Decimal::new(10, 2),
        max: Decimal::from(most),
        discount: Decimal::from(discount),
        account_query: false,
        stock: Vec::new(),
    }
}

fn zesa(id: i32, name: &'static str, wallet: i32) -> Product {
    let most = if wallet == 4 { 1_000 } else { 1_000_000 };
    Product {
        family: Family::Zesa,
        network: "ZESA",
        prefixes: &[],
        min: Decimal::ONE,
        max: Decimal::from(most),
        account_query: true,
        ..airtime(id, name, "ZESA", &[], wallet, 1)
    }
}

fn bundles() -> Vec<Item> {
    let item = |code, name, price| Item {
        code,
        name,
        price: Decimal::from(price),
    };
    vec![
        item("DDB20", "Daily Data Bundle (20MB)", 284),
        item("DDB50", "Daily Data Bundle (40MB)", 568),
        item("DDB80", "Daily Data Bundle (80MB)", 1130),
    ]
}

fn netone_denominations() -> Vec<Item> {
    let item = |code, name, cents| Item {
        code,
        name,
        price: Decimal::new(cents, 2),
    };
    vec![
        item("NU050", "NetOne 0.50", 50),
        item("NU100", "NetOne 1.00", 100),
        item("NU500", "NetOne 5.00", 500),
    ]
}

impl Product {
    pub(crate) fn currency(&self) -> &'static str {
        if self.wallet > 2 { "USD" } else { "ZiG" }
    }

    pub(crate) fn item(&self, code: &str) -> Option<&Item> {
        self.stock.iter().find(|item| item.code == code)
    }

    /// As `listProducts` has it.
    pub(crate) fn describe(&self) -> Value {
        json!({
            "productId": self.id,
            "name": self.name,
            "accountTypeId": self.wallet,
            "requiredOptions": self.options(),
            "metaData": self.meta_data(),
        })
    }

    fn options(&self) -> Vec<Value> {
        let option = |name: &str, description: &str| json!({ "name": name, "parameterType": "string", "description": description });
        match self.family {
            Family::Airtime => vec![],
            Family::Bundle => vec![option(
                "ProductCode",
                "The code of the bundle, from the stock",
            )],
            Family::Zesa => vec![option(
                "NotifyNumber",
                "The mobile number that gets the token",
            )],
        }
    }

    fn meta_data(&self) -> Map<String, Value> {
        let mut data = Map::new();
        let mut put = |key: &str, value: String| data.insert(key.to_owned(), value.into());
        let (kind, about) = match self.family {
            Family::Zesa => ("Meter Number".to_owned(), "Electricity"),
            _ if self.id == 100 => ("Mobile Number".to_owned(), "Airtime"),
            Family::Bundle => (format!("{} Mobile Number", self.network), "Data"),
            Family::Airtime => (format!("{} Mobile Number", self.network), "Airtime"),
        };
        put(
            "TargetInfo",
            format!("The Target is the {kind} to recharge"),
        );
        put("TargetType", kind);
        put("RechargeTypeInformation", about.to_owned());
        put("Currency", self.currency().to_owned());
        put("Network", self.network.to_owned());
        if self.id != 100 && !self.prefixes.is_empty() {
            put("NetworkPrefix", self.prefixes[0].to_owned());
        }
        let partial = self.family == Family::Airtime && !self.stock.is_empty();
        let way = if partial {
            "Partial Pinless"
        } else {
            "Pinless"
        };
        put("RechargeType", way.to_owned());
        if self.family != Family::Bundle {
            let least = super::sms::plain(self.min);
            put("MinimumRecharge", least);
            put("MaxRecharge", self.max.normalize().to_string());
            put("RechargeAmountIncrement", "0.01".to_owned());
        }
        if self.account_query {
            put(
                "AccountQuery",
                "Can query end user account balances".to_owned(),
            );
        }
        if !self.stock.is_empty() {
            put("StockQuery", "Can query available denominations".to_owned());
        }
        if self.family == Family::Zesa {
            put("CustomSMSTags", super::sms::ZESA_TAGS.join(","));
        }
        data
    }

    /// As `queryStock` has it.
    pub(crate) fn describe_stock(&self, how: StockPrice) -> Vec<StockRow> {
        let row = |item: &Item| {
            let (value, amount) = match how {
                StockPrice::Value => (Some(item.price), None),
                StockPrice::Amount => (None, Some(item.price)),
                StockPrice::Hundredths => (Some(item.price * Decimal::ONE_HUNDRED), None),
            };
            StockRow {
                product_id: self.id,
                name: item.name,
                product_code: item.code,
                description: item.name,
                value: value.map(number),
                amount: amount.map(number),
                currency: self.currency(),
                wallet_type_id: self.wallet,
            }
        };
        self.stock.iter().map(row).collect()
    }
}

/// See [`Product::describe_stock`].
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StockRow {
    product_id: i32,
    name: &'static str,
    product_code: &'static str,
    description: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Exact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<Exact>,
    currency: &'static str,
    wallet_type_id: i32,
}
