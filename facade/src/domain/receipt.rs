//! **The rule: what a customer paid for is given out in the order in which it must be used, and shown to nobody else.**

use std::collections::BTreeMap;
use std::fmt;

use super::secret::Secret;

/// What a sale gives the customer beside the recharge itself, and what the service says for the receipt.
#[derive(Clone, Default, PartialEq)]
pub struct Receipt {
    /// PINs and tokens, **in the order in which they must be entered**: the two key change tokens of a meter come first.
    pub pins: Vec<Pin>,
    /// How many PINs of this sale are not in `pins`, though they were paid for: the service did not give them this time, or not readably. Ask
    /// for them again before the others are handed out: one that is missing may have to be entered first. (Of a sale that is told again, from
    /// the journal, nothing is known of PINs, and this is 0: enquire about it.)
    pub missing: usize,
    /// The service's words for the customer or the till, as it wrote them. For people: never branch on it.
    pub message: Option<String>,
    /// What else the service says of the sale, by its own names (HOT's `rechargeData`); without the tokens, which are in `pins`.
    pub details: BTreeMap<String, String>,
}

/// One PIN or token.
#[derive(Clone, Debug, PartialEq)]
pub struct Pin {
    /// What it is.
    pub kind: PinKind,
    /// The digits, as the service wrote them.
    pub code: Secret,
    /// The serial number by which the service knows it, where it has one.
    pub serial: Option<String>,
    /// When it ends, as the service wrote it.
    pub expires: Option<String>,
    /// The service's name for it.
    pub description: Option<String>,
}

/// What a PIN is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PinKind {
    /// The first key change token of a meter: entered before all others.
    KeyChangeFirst,
    /// The second key change token of a meter: entered after the first, before all others.
    KeyChangeSecond,
    /// A token that gives electricity.
    Electricity,
    /// The PIN of a voucher.
    Voucher,
    /// The password of a file of vouchers.
    FilePassword,
    /// A PIN of a kind that is not known: [`Pin::description`] holds the service's name for it.
    Other,
}

impl Pin {
    /// A PIN of which only the digits are known.
    #[must_use]
    pub fn new(kind: PinKind, code: Secret) -> Self {
        Self {
            kind,
            code,
            serial: None,
            expires: None,
            description: None,
        }
    }
}

impl Receipt {
    /// A receipt with these PINs and nothing else.
    #[must_use]
    pub fn of(pins: Vec<Pin>) -> Self {
        Self {
            pins,
            ..Self::default()
        }
    }

    /// Takes over what another answer says and this one does not.
    pub(crate) fn complete(&mut self, other: Self) {
        if self.pins.is_empty() {
            (self.pins, self.missing) = (other.pins, other.missing);
        }
        self.message = self.message.take().or(other.message);
        for (name, value) in other.details {
            self.details.entry(name).or_insert(value);
        }
    }
}

/// Names, addresses and numbers stand in the details: the debug form gives their names only.
impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("pins", &self.pins)
            .field("missing", &self.missing)
            .field("details", &self.details.keys())
            .finish_non_exhaustive()
    }
}
