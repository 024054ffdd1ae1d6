//! One product, made of its rows.

use std::collections::BTreeSet;
use std::fmt;

use recharge_bindings::Field;
use recharge_bindings::smartcall::types;
use rust_decimal::Decimal;

use crate::domain::ProductId;
use crate::smartcall::reading::text;
use crate::smartcall::rows::UnreadRow;

/// `retailValue` of a product whose price the customer names.
const VARIABLE: Decimal = Decimal::from_parts(9_999_999, 0, 0, false, 2);

/// What a product costs, in rand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Price {
    /// This, whatever an order says.
    Fixed(Decimal),
    /// What an order says, within these limits.
    Variable {
        /// The least.
        min: Decimal,
        /// The most.
        max: Decimal,
    },
    /// The row does not say, or contradicts itself.
    Unclear,
}

impl Price {
    fn read(row: &types::Product, fixed_by_type: Option<bool>) -> Self {
        let (Some(min), Some(max)) = (row.min_amount.copied(), row.max_amount.copied()) else {
            return Self::Unclear;
        };
        let retail = match &row.retail_value {
            Field::Value(retail) => Some(*retail),
            Field::Absent | Field::Null => None,
            Field::Other(_) => return Self::Unclear,
        };
        let named = retail.is_some_and(|retail| retail != VARIABLE);
        match fixed_by_type {
            Some(true) if min == max && (retail == Some(min) || retail.is_none()) => {
                Self::Fixed(min)
            }
            Some(true) => Self::Unclear,
            // What the two limits leave no choice of, and the retail value repeats, is fixed whatever its type says.
            _ if min == max && retail == Some(min) => Self::Fixed(min),
            _ if min > max || named => Self::Unclear,
            _ => Self::Variable { min, max },
        }
    }

    /// Whether it can be sold for this amount. A fixed price can be sold for its own only, since it is charged whatever is asked for;
    /// `None` where the price is unclear.
    #[must_use]
    pub fn allows(&self, amount: Decimal) -> Option<bool> {
        match *self {
            Self::Fixed(price) => Some(amount == price),
            Self::Variable { min, max } => Some((min..=max).contains(&amount)),
            Self::Unclear => None,
        }
    }
}

/// How a product reaches the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// It is loaded onto the number or meter.
    Pinless,
    /// It is a voucher with a PIN.
    Voucher,
    /// The row does not say.
    Unsaid,
}

/// Which endpoints sell a product (chapter 10 b). Both can be unsaid: the indicators came with version 1.2.0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct SoldBy {
    /// The recharge endpoints.
    pub recharge: Option<bool>,
    /// The payment endpoints of its provider.
    pub payment: Option<bool>,
}

/// The discount of the dealer on one product, in percent. It may be another when the service sends the customer an SMS (FAQ 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Discount {
    /// Without an SMS.
    pub without_sms: Option<Decimal>,
    /// With one.
    pub with_sms: Option<Decimal>,
}

/// A product. The service lists it once without and once with an SMS; here it is one.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Product {
    /// Its id, which orders name.
    pub id: ProductId,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// The code of its type, without blanks: `A` airtime, `S` SMS, `X` data … The service may have none.
    pub type_code: Option<String>,
    /// The description of its type: `Airtime`. Known where the product came with its network.
    pub type_name: Option<String>,
    /// The name of its network, or of what stands for one (`Electricity-Eskom`).
    pub network: Option<String>,
    /// What it costs.
    pub price: Price,
    /// How it reaches the customer.
    pub form: Form,
    /// Which endpoints sell it.
    pub sold_by: SoldBy,
    /// The dealer's discount.
    pub discount: Discount,
}

impl Product {
    /// Whether its type has this code, as the service writes it or without the blanks.
    #[must_use]
    pub fn is_of_type(&self, code: &str) -> bool {
        self.type_code.as_deref() == Some(code.trim())
    }
}

impl fmt::Debug for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?}", self.id, self.name, self.price)
    }
}

/// Where a row stood: what it need not say itself.
#[derive(Clone, Copy, Default)]
pub(super) struct Place<'a> {
    pub(super) network: Option<&'a str>,
    pub(super) product_type: Option<&'a types::ProductType>,
}

/// Makes products of rows: those of one id are one product.
#[derive(Default)]
pub(super) struct Folder {
    pub(super) products: Vec<Product>,
    pub(super) unread: Vec<UnreadRow>,
    /// The products that already have their row without (`false`) or with (`true`) an SMS.
    seen: BTreeSet<(ProductId, bool)>,
}

impl Folder {
    /// Takes a row in. `known` is the place of its product among [`Self::products`], if it has one.
    pub(super) fn take(
        &mut self,
        row: Result<types::Product, UnreadRow>,
        place: Place<'_>,
        known: impl FnOnce(ProductId) -> Option<usize>,
    ) -> Option<(ProductId, usize)> {
        let row = match row {
            Ok(row) => row,
            Err(unread) => {
                self.unread.push(unread);
                return None;
            }
        };
        let Some(id) = product_id(&row.id) else {
            self.refuse(&row, "has no product id");
            return None;
        };
        let sms = row.sms_indicator.copied().unwrap_or(false);
        let product = read(id, sms, &row, place);
        match known(id).and_then(|at| Some((at, self.products.get_mut(at)?))) {
            None => {
                self.seen.insert((id, sms));
                self.products.push(product);
                Some((id, self.products.len() - 1))
            }
            Some((at, first)) => {
                let twin = Product {
                    discount: first.discount,
                    ..product.clone()
                } == *first;
                if !twin {
                    self.refuse(&row, "differs from another row of its product");
                } else if self.seen.insert((id, sms)) {
                    let (ours, theirs) = (&mut first.discount, product.discount);
                    ours.without_sms = ours.without_sms.or(theirs.without_sms);
                    ours.with_sms = ours.with_sms.or(theirs.with_sms);
                }
                Some((id, at))
            }
        }
    }

    fn refuse(&mut self, row: &types::Product, reason: &'static str) {
        self.unread.push(UnreadRow::of(row, reason));
    }
}

fn read(id: ProductId, sms: bool, row: &types::Product, place: Place<'_>) -> Product {
    let of_type = place.product_type;
    let discount = row.discount_percentage.copied();
    Product {
        id,
        name: text(&row.name).unwrap_or_default(),
        description: text(&row.description).unwrap_or_default(),
        type_code: text(&row.type_code).or_else(|| text(&of_type?.code)),
        type_name: of_type.and_then(|of_type| text(&of_type.description)),
        network: place
            .network
            .map(str::to_owned)
            .or_else(|| text(&row.network)),
        price: Price::read(
            row,
            of_type.and_then(|of_type| of_type.fixed_amount.copied()),
        ),
        form: match row.pin_indicator.copied() {
            Some(true) => Form::Voucher,
            Some(false) => Form::Pinless,
            None => Form::Unsaid,
        },
        sold_by: SoldBy {
            recharge: row.recharge_indicator.copied(),
            payment: row.payment_indicator.copied(),
        },
        discount: Discount {
            without_sms: discount.filter(|_| !sms),
            with_sms: discount.filter(|_| sms),
        },
    }
}

/// An id: a whole number above zero, also where it is written as a text.
fn product_id(field: &Field<i64>) -> Option<ProductId> {
    whole(field).and_then(|id| ProductId::new(id).ok())
}

/// A whole number, also where it is written as a text.
pub(super) fn whole(field: &Field<i64>) -> Option<u32> {
    match field {
        Field::Value(number) => u32::try_from(*number).ok(),
        Field::Other(raw) => serde_json::from_str::<String>(raw.get())
            .ok()?
            .trim()
            .parse()
            .ok(),
        Field::Absent | Field::Null => None,
    }
}
