//! **The rule: no default is relied on where money depends on it.** Redirects are off, the HTTP library sends nothing a second time by
//! itself, writes are HTTP/1.1, a connect ends before an attempt does, TLS is always verified, and plain HTTP goes to this machine only.
//!
//! - [`hosts`]: the service's hosts, live beside each other.
//! - [`health`]: which of them answer, so that one that is down costs little.
//! - [`http`]: the one place where an HTTP client is built.
//! - [`delivery`]: how far a request got, read from what the bindings return.
//! - [`fixed`]: what the calls about tokens pass through.
//! - [`line`]: what every other request passes through: tokens and time limits.
//! - [`reads`]: how a read goes on with whichever host answers.

pub(crate) mod delivery;
pub(crate) mod fixed;
pub(crate) mod health;
pub(crate) mod hosts;
pub(crate) mod http;
pub(crate) mod line;
mod reads;
