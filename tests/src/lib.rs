//! Helpers of the tests that span the crates.

pub mod digits;
pub mod surface;
