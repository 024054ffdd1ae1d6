//! HOT Recharge v3 (Zimbabwe): airtime, data bundles and electricity (ZESA), sold at once or reserved first.
//!
//! **Nothing is ever sent twice.** No document of this service promises that a repeated `agentReference` is refused, so after anything that may
//! have reached it a sale is enquired about, and what cannot be settled is handed over as unresolved.
//!
//! One recharge, file by file: `order` is what a caller orders, `recharges` makes the request, `reading` and `classify` say what the answer
//! means, `enquiries` what is found later; [`crate::recovery`] decides, the driver journals and sends, and the [`journal`](crate::journal)
//! keeps it. `reservations` are recharges in two steps.
//!
//! "The page" in these modules is the vendor's API reference, "the docs" its sibling pages; "assumed" is what nothing says, and what the
//! client must be safe with if it is wrong.

mod accounts;
mod builder;
mod catalogue;
mod classify;
mod client;
mod customers;
mod enquiries;
mod login;
mod numbers;
mod order;
mod product;
mod reading;
mod receipts;
mod recharges;
mod reference;
mod reservations;
mod sales;
mod sms;
mod stock;
mod wallet;

use crate::recovery::Class;

pub use accounts::WalletBalance;
pub use builder::{Builder, PRODUCTION};
pub use client::Client;
pub use customers::Customer;
pub use enquiries::{Standing, Transaction};
pub use numbers::{Amount, MeterNumber, Msisdn};
pub use order::RechargeOrder;
pub use product::{Limits, Product, RequiredOption};
pub use reference::AgentReference;
pub use reservations::{LostReservation, Reservation, Reserved};
pub use sms::SmsTemplate;
pub use stock::StockItem;
pub use wallet::{Currency, Wallet};

/// Each operation of the service, by its name in the document, with what may be done when its answer is lost.
pub fn classes() -> impl Iterator<Item = (&'static str, Class)> {
    [
        login::CLASSES,
        accounts::CLASSES,
        catalogue::CLASSES,
        recharges::CLASSES,
        stock::CLASSES,
        customers::CLASSES,
        enquiries::CLASSES,
    ]
    .into_iter()
    .flatten()
    .copied()
}
