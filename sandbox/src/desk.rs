//! What the service remembers beside the ledger. None of it is money: whatever moves money is a row of the ledger first.

use std::collections::HashMap;

use bytes::Bytes;

/// A client's reference, together with the account that used it.
pub(crate) type Reference = (String, String);

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    /// When each prevend was made.
    pub(crate) prevends: HashMap<Reference, i64>,
    /// When each number was told of its MoNice bundles, until it buys one.
    pub(crate) offers: HashMap<String, i64>,
    pub(crate) files: HashMap<Reference, VoucherFile>,
    /// How many files were made anew.
    pub(crate) recreated: u64,
    pub(crate) registrations: Vec<Registration>,
    /// The numbers of the agents to be, with the moments at which they asked.
    pub(crate) agents: Vec<(String, i64)>,
}

/// The file of an order, once somebody has asked for it.
#[derive(Debug, Clone)]
pub(crate) struct VoucherFile {
    /// The number under which it was made last.
    pub(crate) reference: u64,
    pub(crate) password: String,
    /// Empty until it is downloaded.
    pub(crate) archive: Bytes,
}

/// A SIM that is being registered.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    pub(crate) subscriber: String,
    pub(crate) id_number: String,
    pub(crate) at_ms: i64,
}
