//! Every operation of both services, from the document to the command.
//!
//! Rule: **what is claimed of an operation is tried here.** One table names for each operation the function of the facade and
//! the command that use it, or why there is none. The functions are driven against a server that keeps what it is sent, and
//! all of that must be what the document says; the commands are asked for their help; the sandbox is sent a request.
//!
//! Who adds a function adds a line to [`smartcall::TABLE`] or [`hot::TABLE`].
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "operations/check.rs"]
mod check;
#[path = "operations/hot.rs"]
mod hot;
#[path = "operations/matrix.rs"]
mod matrix;
#[path = "operations/requests.rs"]
mod requests;
#[path = "operations/sandbox.rs"]
mod sandbox;
#[path = "operations/schema.rs"]
mod schema;
#[path = "operations/shop.rs"]
mod shop;
#[path = "operations/smartcall.rs"]
mod smartcall;
#[path = "operations/table.rs"]
mod table;
