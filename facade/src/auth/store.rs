//! Where tokens outlive a process, so that one that is started again does not take up another of the few that a service allows.

use std::fmt;

use crate::domain::{Secret, Timestamp};
use crate::journal::Answer;

/// A token at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// The token.
    pub token: Secret,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A place for tokens. [`Sqlite`](crate::journal::Sqlite) is one; without one, tokens live and end with the process.
pub trait TokenStore: Send + Sync + fmt::Debug {
    /// Reads a token. The name says for which user and host it is, and holds no secret.
    fn load(&self, name: String) -> Answer<'_, Option<StoredToken>>;
    /// Writes a token, or forgets it.
    fn save(&self, name: String, token: Option<StoredToken>) -> Answer<'_, ()>;
}
