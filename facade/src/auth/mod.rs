//! **Rule T: one token for each account and host, however many tasks ask; renewed before it ends, replaced once when it is refused, and
//! never flushed by itself** (a flush would cut off every other process of the same user).

mod cache;
mod store;

pub(crate) use cache::{Issued, Issuer, Life, NoToken, Token, TokenCache};
pub use store::{StoredToken, TokenStore};

/// As many tokens as the service allows are in use (HTTP 429). Tokens end by themselves after 4 hours without use; a process that is done
/// should [`close`](crate::smartcall::Client::close) its client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the limit of tokens is reached{}: {message}", .in_use.map(|n| format!(" ({n} in use)")).unwrap_or_default())]
pub struct TokenLimit {
    /// How many are in use, as the service counts them, if it said so.
    pub in_use: Option<u32>,
    /// How many there may be, if the service's text says so.
    pub limit: Option<u32>,
    /// The service's text.
    pub message: String,
}
