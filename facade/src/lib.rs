//! Sells prepaid airtime, data, electricity and vouchers through Smartcall V3 (South Africa) and HOT Recharge v3 (Zimbabwe): **never sold
//! twice, never lost**, through lost answers, HTTP 500s, dead hosts and `kill -9`.
//!
//! - [`smartcall::Client`] and [`hot::Client`] sell; [`front`] is what they share. Every sale is journaled before its first byte leaves, and
//!   what became of it is found out by enquiry when the answer does not say.
//! - An [`Error`] means that no money moved. What may have moved money is an [`Outcome`]; not knowing is one of its values.
//! - [`journal`] is where sales survive a crash: [`journal::Sqlite`], or one of your own.
//! - [`recovery`] holds the words of outcomes and errors, and the policy. How it decides, pure functions without I/O, is there to be read.
//!
//! The guarantee, and its limits, are in the README.
#![deny(missing_docs)]
// The journal in a file is spoken of where it is not built, too.
#![cfg_attr(not(feature = "sqlite"), allow(rustdoc::broken_intra_doc_links))]

pub mod ambient;
pub mod auth;
mod balance;
mod domain;
mod driver;
mod error;
pub mod front;
pub mod hot;
pub mod journal;
pub mod observe;
mod outcome;
mod parts;
pub mod recovery;
pub mod smartcall;
mod text;
mod transport;

pub use balance::{Balance, Balances};
pub use domain::{
    Cents, Date, LocalTime, Meter, Msisdn, Pin, PinKind, ProductId, Rand, Receipt, Reference,
    Secret, Slip, Timestamp,
};
pub use error::{Error, Invalid, ReadError};
pub use outcome::{Handle, Outcome, Sale};
pub use recharge_bindings as bindings;
pub use recovery::Policy;

/// The example of the README is compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
