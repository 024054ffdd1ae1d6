//! Raw bindings to Smartcall V3 and HOT Recharge v3, generated from their specifications.
//!
//! Rule: **every operation is here exactly as it is specified, and no answer is refused for being odd.**
//!
//! * [`smartcall`] and [`hot`] are generated: a `Client` with one method for each operation, the types of all bodies,
//!   and the table `OPERATIONS`, which says for each operation what any status means.
//! * A method returns `Ok` only for a documented success. Every other answer arrives whole, with its status, headers
//!   and unread body, as [`progenitor_client::Error::UnexpectedResponse`]; the table names the type to read it by.
//! * Every member of an answer is a [`Field`], which tells absent, null and present apart and keeps what is of another
//!   type as it came. Members that the specification does not name are in `extra`. So an answer that is a JSON object
//!   can always be read, and written again without loss.
//! * Money is [`rust_decimal::Decimal`], digit by digit; it never passes through a float.
//! * Secrets (passwords, tokens, PINs) are not printed by `Debug`.
//! * The feature `mock` adds `mock`: servers for tests of what is built upon this, in the same types.
//!
//! Nothing here is safe for money by itself: no authentication, no time limit, no recovery. The facade, crate
//! `recharge`, plugs them in by [`Wire`]. Build the [`reqwest::Client`] that is passed in without redirects and
//! without retries of its own.
#![forbid(unsafe_code)]

mod body;
mod codec;
mod field;
mod json;
#[cfg(feature = "mock")]
pub mod mock;
mod object;
mod operation;
mod path;
mod wire;

pub use field::Field;
pub use json::{Extra, Json};
pub use operation::Operation;
pub use wire::{Answer, Direct, Prepared, Wire};

pub use progenitor_client;
pub use reqwest;
pub use rust_decimal;

/// Smartcall V3 (South Africa).
#[allow(
    missing_docs,
    unreachable_pub,
    unused_imports,
    clippy::all,
    rustdoc::all
)]
pub mod smartcall {
    include!(concat!(env!("OUT_DIR"), "/smartcall.rs"));
}

/// HOT Recharge v3 (Zimbabwe).
#[allow(
    missing_docs,
    unreachable_pub,
    unused_imports,
    clippy::all,
    rustdoc::all
)]
pub mod hot {
    include!(concat!(env!("OUT_DIR"), "/hot.rs"));
}

/// The source of the generated modules, as it was compiled; for the test that holds it equal to what is checked in.
#[doc(hidden)]
pub mod source {
    /// Whether it was generated in this build.
    pub const GENERATED: bool = cfg!(feature = "regenerate");
    /// [`crate::smartcall`].
    pub const SMARTCALL: &str = include_str!(concat!(env!("OUT_DIR"), "/smartcall.rs"));
    /// [`crate::hot`].
    pub const HOT: &str = include_str!(concat!(env!("OUT_DIR"), "/hot.rs"));
    /// [`crate::mock::smartcall`].
    #[cfg(feature = "mock")]
    pub const SMARTCALL_MOCK: &str = include_str!(concat!(env!("OUT_DIR"), "/smartcall_mock.rs"));
    /// [`crate::mock::hot`].
    #[cfg(feature = "mock")]
    pub const HOT_MOCK: &str = include_str!(concat!(env!("OUT_DIR"), "/hot_mock.rs"));
}
