//! Every error names the place in the document, so that whoever reads it can go there.

use std::fmt;

/// What is wrong with a document, and where.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{}: {problem}", Shown(.pointer))]
pub struct Error {
    pointer: String,
    problem: Problem,
}

/// What is wrong.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The text is longer than this crate reads.
    #[error("the text has {len} bytes, and {limit} are the limit")]
    TooLarge {
        /// The length of the text.
        len: usize,
        /// The longest that is read.
        limit: usize,
    },
    /// The values are nested deeper than this crate follows.
    #[error("nested deeper than {limit} levels")]
    TooDeep {
        /// The deepest that is followed.
        limit: usize,
    },
    /// What is said once and used often would become more than this crate writes.
    #[error("unfolds to more than {limit} values")]
    Unfolds {
        /// The most that are written.
        limit: usize,
    },
    /// The text is neither JSON nor YAML.
    #[error("cannot be read: {0}")]
    Syntax(String),
    /// Well formed, but of a kind that this crate does not handle.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// Against the rules of its own format.
    #[error("malformed: {0}")]
    Malformed(String),
    /// A reference to something that is not there.
    #[error("refers to {0}, which is not in the document")]
    Dangling(String),
}

impl Error {
    pub(crate) fn new(place: &Place<'_>, problem: Problem) -> Self {
        Self {
            pointer: place.to_string(),
            problem,
        }
    }

    pub(crate) fn unsupported(place: &Place<'_>, what: impl Into<String>) -> Self {
        Self::new(place, Problem::Unsupported(what.into()))
    }

    pub(crate) fn malformed(place: &Place<'_>, what: impl Into<String>) -> Self {
        Self::new(place, Problem::Malformed(what.into()))
    }

    /// The place as a JSON pointer (RFC 6901); empty for the whole document.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What is wrong there.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() {
            "the document"
        } else {
            self.0
        })
    }
}

/// A place in a document. It is kept as a chain of borrowed steps, since it is spelled out only when something is wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Name(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    pub(crate) const ROOT: Place<'static> = Place {
        parent: None,
        step: Step::Root,
    };

    pub(crate) fn name<'b>(&'b self, name: &'b str) -> Place<'b> {
        Place {
            parent: Some(self),
            step: Step::Name(name),
        }
    }

    pub(crate) fn index(&self, index: usize) -> Place<'_> {
        Place {
            parent: Some(self),
            step: Step::Index(index),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Name(name) => write!(f, "/{}", escape(name)),
            Step::Index(index) => write!(f, "/{index}"),
        }
    }
}

/// One step of a JSON pointer, as RFC 6901 writes it.
pub(crate) fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// The name that one step of a JSON pointer stands for.
pub(crate) fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_as_place_and_problem() {
        let paths = Place::ROOT.name("paths");
        let path = paths.name("/a~b");
        let error = Error::malformed(&path.index(3), "no");
        assert_eq!(error.to_string(), "/paths/~1a~0b/3: malformed: no");
        assert_eq!(error.pointer(), "/paths/~1a~0b/3");
    }

    #[test]
    fn the_whole_document_is_a_place_too() {
        let error = Error::unsupported(&Place::ROOT, "HTML");
        assert_eq!(error.to_string(), "the document: not supported: HTML");
        assert_eq!(error.pointer(), "");
    }
}
