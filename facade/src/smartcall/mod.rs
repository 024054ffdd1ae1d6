//! Smartcall V3 (South Africa): airtime, data and more for Vodacom, MTN, Cell C and Telkom.
//!
//! One recharge, file by file: [`recharges`](Client::recharge) makes the request and reads the answer, [`crate::recovery`] decides what it
//! means, the driver journals and sends, and the [`journal`](crate::journal) keeps it.
//!
//! Chapters named in these modules are those of the vendor's Technical Interface Specification 1.2.15.

mod accounts;
#[cfg(test)]
mod answers;
mod asynchronous;
mod batches;
mod builder;
mod cancel;
mod cashup;
mod catalogue;
mod classify;
mod client;
mod clues;
mod codes;
mod electricity;
mod enquiries;
mod errands;
mod goods;
mod login;
mod monice;
mod order;
mod orders;
mod payments;
mod prevend;
mod reading;
mod recharges;
mod reconcile;
mod rica;
mod rows;
mod sales;
mod transfers;
mod utilities;
mod vouchers;

use crate::recovery::Class;

pub use builder::{Builder, PRODUCTION};
pub use cancel::{CancelRefusal, Cancellation};
pub use cashup::{Cashup, CashupGroup, CashupLine, Period};
pub use catalogue::{Catalogue, Discount, Form, Network, Offer, Price, Product, SoldBy};
pub use client::Client;
pub use clues::Clues;
pub use codes::{Code, Standing, Table};
pub use electricity::{
    ElectricityLimit, ElectricityLimits, ElectricityOrder, ElectricityTransaction,
};
pub use enquiries::{Transaction, TransactionStatus};
pub use monice::{MoniceBundle, MoniceOffers, MoniceOrder};
pub use order::RechargeOrder;
pub use orders::{Downloaded, FileError, RecreatedFile};
#[cfg(feature = "voucher-files")]
pub use orders::{FileVoucher, FileVouchers, VoucherFileError};
pub use payments::{
    DstvAccountType, DstvPayment, EasypayAccountType, EasypayPayment, PaymentAccount,
};
pub use prevend::{PrevendError, Prevended};
pub use reconcile::{Agreement, ReconcileError, ReconciledLine, Reconciliation, Suspects, Total};
pub use rica::{
    Address, AgentRegistration, Iccid, Identity, Image, NotKnown, Person, Registration, RicaAgent,
    RicaCode, RicaReference, RicaRefusal, RicaStatus, Sim, SubmitError, Submitted,
};
pub use rows::UnreadRow;
pub use transfers::FundsTransfer;
pub use utilities::{Health, MobileNetwork, SimNetwork};
pub use vouchers::VoucherOrder;

/// Each operation that this client uses, by its name in the document, with what may be done when its answer is lost.
pub fn classes() -> impl Iterator<Item = (&'static str, Class)> {
    [
        accounts::CLASSES,
        asynchronous::CLASSES,
        batches::CLASSES,
        cancel::CLASSES,
        cashup::CLASSES,
        catalogue::CLASSES,
        electricity::CLASSES,
        enquiries::CLASSES,
        login::CLASSES,
        prevend::CLASSES,
        monice::CLASSES,
        orders::CLASSES,
        recharges::CLASSES,
        rica::CLASSES,
        transfers::CLASSES,
        utilities::CLASSES,
        vouchers::CLASSES,
    ]
    .into_iter()
    .chain(payments::CLASSES.iter().copied())
    .flatten()
    .copied()
}
