//! Smartcall V3 (South Africa): airtime, data and more for Vodacom, MTN, Cell C and Telkom.
//!
//! One recharge, file by file: [`recharges`](Client::recharge) makes the request and reads the answer, [`crate::recovery`] decides what it
//! means, the driver journals and sends, and the [`journal`](crate::journal) keeps it.
//!
//! Chapters named in these modules are those of the vendor's Technical Interface Specification 1.2.15.

mod accounts;
#[cfg(test)]
mod answers;
mod builder;
mod classify;
mod client;
mod enquiries;
mod login;
mod order;
mod reading;
mod recharges;

pub use builder::{Builder, PRODUCTION};
pub use client::Client;
pub use enquiries::{Transaction, TransactionStatus};
pub use order::RechargeOrder;
