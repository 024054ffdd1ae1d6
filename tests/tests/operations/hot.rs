//! HOT: which function and which command use each operation.

use crate::table::Claim::Not;
use crate::table::{Claim, Row, row};

/// Of a function that is being written.
const NOT_YET: &str = "not yet";

/// In the order of the document.
pub(crate) const TABLE: &[Row] = &[
    row!("login", not NOT_YET, Not(NOT_YET)),
    row!("refreshToken", not NOT_YET, Not(NOT_YET)),
    row!("getBalances", not NOT_YET, Not(NOT_YET)),
    row!("getBalance", not NOT_YET, Not(NOT_YET)),
    row!("listProducts", not NOT_YET, Not(NOT_YET)),
    row!("getProduct", not NOT_YET, Not(NOT_YET)),
    row!("recharge", not NOT_YET, Not(NOT_YET)),
    row!("completeReservedRecharge", not NOT_YET, Not(NOT_YET)),
    row!("queryStock", not NOT_YET, Not(NOT_YET)),
    row!("queryCustomer", not NOT_YET, Not(NOT_YET)),
    row!("queryTransaction", not NOT_YET, Not(NOT_YET)),
];
