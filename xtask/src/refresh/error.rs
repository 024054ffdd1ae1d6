//! Why a document was not taken. All but [`Error::Half`] leave all files as they were.

use std::path::Path;

/// Why a document was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The document cannot be pulled.
    #[error("{url}: {reason}")]
    Pull {
        /// From where.
        url: String,
        /// Why not.
        reason: String,
    },
    /// There is no address to pull from.
    #[error("{0}")]
    NoAddress(&'static str),
    /// What was served is no document that can be read.
    #[error("{from}: refused: {reason}")]
    Refused {
        /// From where.
        from: String,
        /// Why.
        reason: String,
    },
    /// What is saved cannot be read.
    #[error("{what} cannot be used: {reason}")]
    Saved {
        /// Which part.
        what: String,
        /// Why.
        reason: String,
    },
    /// No bindings can be made of it.
    #[error("the document can be read, but no bindings can be made of it: {0}")]
    Bindings(String),
    /// Some files were replaced and this one could not be. The lock was not, so the next run starts from the beginning.
    #[error("{path}: {source}; files before it are replaced already: run the command again")]
    Half {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

impl Error {
    pub(super) fn file(path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().display().to_string();
        move |source| Self::File { path, source }
    }

    pub(super) fn saved(what: impl Into<String>, reason: impl ToString) -> Self {
        Self::Saved {
            what: what.into(),
            reason: reason.to_string(),
        }
    }
}
