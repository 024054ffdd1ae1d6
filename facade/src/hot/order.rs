//! What a caller orders.

use serde::{Deserialize, Serialize};

use super::numbers::{Amount, MeterNumber, Msisdn};
use super::product::Product;
use super::recharges::RECHARGE;
use super::reference::AgentReference;
use super::sms::SmsTemplate;
use crate::domain::{ProductId, Reference, Timestamp};
use crate::error::Invalid;
use crate::journal::{Intent, Service};

/// The longest value of an option, and the longest target: no document gives a limit, and either is a number or a code.
const TEXT_LENGTH_MAX: usize = 100;

/// A recharge of a customer.
///
/// ```
/// use recharge::hot::RechargeOrder;
/// let airtime = RechargeOrder::airtime("100".parse()?, "0772123456".parse()?, "10".parse()?);
/// let electricity = RechargeOrder::electricity("41".parse()?, "37123456789".parse()?, "0772123456".parse()?, "5".parse()?);
/// println!("kept before it is sent: {}", airtime.reference());
/// # Ok::<(), recharge::Invalid>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct RechargeOrder {
    reference: Reference,
    target: Target,
    product: ProductId,
    amount: Amount,
    options: Options,
}

/// Who or what is recharged.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    Msisdn(Msisdn),
    Meter(MeterNumber),
    Other(Box<str>),
}

/// What the journal keeps beside target, product and amount.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Options {
    #[serde(default)]
    pub(super) kind: Kind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) options: Vec<Choice>,
    /// The text for the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sms: Option<String>,
    /// It is only reserved.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) reserve: bool,
    /// The customer is told of the reservation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) announce: bool,
}

/// What is sold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Airtime,
    Bundle,
    Electricity,
    /// Not known here: treated with the same care as electricity.
    #[default]
    #[serde(other)]
    Other,
}

/// An option of the request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Choice {
    pub(super) name: String,
    pub(super) value: String,
}

/// What must be known of an operation to say what its answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Manner {
    /// It sells: a reservation and a cancellation do not.
    pub(super) sells: bool,
    pub(super) kind: Kind,
}

impl RechargeOrder {
    /// Airtime for a mobile number, with a new random reference.
    #[must_use]
    pub fn airtime(product: ProductId, subscriber: Msisdn, amount: Amount) -> Self {
        Self::new(Target::Msisdn(subscriber), product, amount, Kind::Airtime)
    }

    /// A data bundle, by its code in the product's stock. **The price must be the one in stock**; the service says it in a unit that its
    /// documents do not agree on, so it is the caller's to give ([`StockItem::order`](super::StockItem::order) checks what can be checked).
    ///
    /// # Errors
    /// When the code is empty, longer than 100 characters, or holds blanks or control characters.
    pub fn bundle(
        product: ProductId,
        subscriber: Msisdn,
        product_code: &str,
        price: Amount,
    ) -> Result<Self, Invalid> {
        let code = word("product_code", product_code)?;
        let order = Self::new(Target::Msisdn(subscriber), product, price, Kind::Bundle);
        Ok(order.choose("ProductCode", code))
    }

    /// Electricity (ZESA) for a meter; the tokens are in the receipt, and the service sends them to `notify` too.
    #[must_use]
    pub fn electricity(
        product: ProductId,
        meter: MeterNumber,
        notify: Msisdn,
        amount: Amount,
    ) -> Self {
        Self::new(Target::Meter(meter), product, amount, Kind::Electricity)
            .choose("NotifyNumber", notify.to_string())
    }

    /// A product of another kind, whose target is what its metadata says. A failure of such a sale is believed as late as that of electricity.
    ///
    /// # Errors
    /// When the target is empty, longer than 100 characters, or holds blanks or control characters.
    pub fn other(product: ProductId, target: &str, amount: Amount) -> Result<Self, Invalid> {
        let target = Target::Other(word("target", target)?.into());
        Ok(Self::new(target, product, amount, Kind::Other))
    }

    fn new(target: Target, product: ProductId, amount: Amount, kind: Kind) -> Self {
        Self {
            reference: Reference::random(),
            target,
            product,
            amount,
            options: Options {
                kind,
                ..Options::default()
            },
        }
    }

    fn choose(mut self, name: &str, value: String) -> Self {
        let (name, value) = (name.to_owned(), value);
        self.options.options.push(Choice { name, value });
        self
    }

    /// Orders with a reference of the caller's own. **One reference is one sale**: as long as the journal keeps it, the same order with the same
    /// reference is carried on, not sold again.
    #[must_use]
    pub fn with_reference(mut self, reference: impl Into<AgentReference>) -> Self {
        self.reference = reference.into().into_reference();
        self
    }

    /// Adds an option that the product requires and that is not one of those above.
    ///
    /// # Errors
    /// When name or value is not a word of up to 100 characters, when the option is there already, or when it is one that makes a reservation.
    pub fn with_option(self, name: &str, value: &str) -> Result<Self, Invalid> {
        let (name, value) = (word("option", name)?, word("option", value)?);
        let same = |each: &str| each.eq_ignore_ascii_case(&name);
        if ["MakeReservation", "SendReservationSMSToCustomer"]
            .into_iter()
            .any(same)
        {
            let rule = "must not be a reservation's: reserve the order instead";
            return Err(Invalid::new("option", rule));
        }
        if self.options.options.iter().any(|each| same(&each.name)) {
            return Err(Invalid::new("option", "must be given once"));
        }
        Ok(self.choose(&name, value))
    }

    /// Sends the customer this text instead of the service's own.
    #[must_use]
    pub fn with_sms(mut self, sms: &SmsTemplate) -> Self {
        self.options.sms = Some(sms.as_str().to_owned());
        self
    }

    /// The reference: keep it before the order is sent.
    #[must_use]
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// The product.
    #[must_use]
    pub fn product(&self) -> ProductId {
        self.product
    }

    /// How much, in the currency of the product's wallet.
    #[must_use]
    pub fn amount(&self) -> Amount {
        self.amount
    }

    /// Whether it keeps the rules of its product: limits, needed options, the kind of target, the tags of the text.
    ///
    /// # Errors
    /// Names the field and the rule that it breaks.
    pub fn check(&self, product: &Product) -> Result<(), Invalid> {
        product.check(&self.target, self.amount, &self.options)
    }

    pub(super) fn intent(&self, account: &str, now: Timestamp) -> Intent {
        self.to_intent(account, now, &self.options)
    }

    /// The reservation of this order.
    pub(super) fn reservation(&self, account: &str, now: Timestamp, announce: bool) -> Intent {
        let options = Options {
            reserve: true,
            announce,
            ..self.options.clone()
        };
        self.to_intent(account, now, &options)
    }

    fn to_intent(&self, account: &str, now: Timestamp, options: &Options) -> Intent {
        Intent {
            service: Service::Hot,
            account: account.into(),
            reference: self.reference.clone(),
            operation: RECHARGE.into(),
            target: self.target.to_string().into(),
            product: self.product.get(),
            amount: self.amount.decimal(),
            // Texts and no map: they always serialise.
            options: serde_json::to_string(options).unwrap_or_default().into(),
            created_at: now,
        }
    }
}

impl Kind {
    /// A failure is no pending sale.
    pub(super) fn is_final_at_once(self) -> bool {
        matches!(self, Self::Airtime | Self::Bundle)
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Msisdn(msisdn) => msisdn.fmt(f),
            Self::Meter(meter) => meter.fmt(f),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// Numbers and texts for the customer are personal: the debug form leaves them out.
impl std::fmt::Debug for RechargeOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RechargeOrder")
            .field("reference", &self.reference)
            .field("product", &self.product)
            .field("amount", &self.amount)
            .field("kind", &self.options.kind)
            .finish_non_exhaustive()
    }
}

/// One word: no blanks, no control characters.
fn word(field: &'static str, text: &str) -> Result<String, Invalid> {
    let length = text.chars().count();
    let odd = |c: char| c.is_whitespace() || c.is_control();
    if length == 0 || length > TEXT_LENGTH_MAX || text.chars().any(odd) {
        let rule = "must be 1 to 100 characters without blanks and control characters";
        return Err(Invalid::new(field, rule));
    }
    Ok(text.to_owned())
}
