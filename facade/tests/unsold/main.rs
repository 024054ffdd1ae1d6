//! The operations that sell nothing: each sends what the vendor documents, reads each documented answer, and tells each error by its type.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod cashup;
mod catalogue;
mod desk;
mod errors;
mod reconcile;
mod rica;
mod utilities;
